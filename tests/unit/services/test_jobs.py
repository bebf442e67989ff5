from __future__ import annotations

import threading

import pytest

from ibjournal.domain.errors import Cancelled
from ibjournal.services.jobs import CancelToken, Progress, no_progress
from tests.fakes.patience import FOREVER


def test_nobody_cancelled() -> None:
    token = CancelToken()
    token.check()
    token.sleep(0)
    token.sleep(-1)
    assert not token.cancelled


def test_cancelling_ends_every_wait() -> None:
    token = CancelToken()
    threading.Timer(0.02, token.cancel).start()
    with pytest.raises(Cancelled):
        token.sleep(FOREVER)
    assert token.cancelled
    with pytest.raises(Cancelled):
        token.check()


def test_progress_knows_how_much_is_done() -> None:
    assert Progress("reading", "x", 1, 4).fraction == 0.25
    assert Progress("reading").fraction is None
    no_progress(Progress("reading"))
