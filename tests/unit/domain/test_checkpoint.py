"""Long computations can be ended at their checkpoints, and only by whoever started them."""

from __future__ import annotations

import threading

import pytest

from ibjournal.domain.checkpoint import checkpoint, ended_by
from ibjournal.domain.errors import Cancelled


def _cancelled() -> None:
    raise Cancelled


def test_by_default_work_goes_on() -> None:
    checkpoint()
    with ended_by(None):
        checkpoint()


def test_work_is_ended_at_its_next_checkpoint_and_only_there() -> None:
    with pytest.raises(Cancelled), ended_by(_cancelled):
        checkpoint()
    checkpoint()


def test_within_work_that_can_be_ended_more_may_be_added() -> None:
    with ended_by(_cancelled):
        with ended_by(None):
            pass
        with ended_by(lambda: None):
            checkpoint()
        with pytest.raises(Cancelled):
            checkpoint()


def test_other_threads_are_not_concerned() -> None:
    went_on = threading.Event()

    def work() -> None:
        checkpoint()
        went_on.set()

    with ended_by(_cancelled):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert went_on.is_set()
