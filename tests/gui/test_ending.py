"""A signal, and the end of the user's session, end the program through Qt's loop; afterwards signals are whose they were."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from ibjournal.gui.ending import Ending


@pytest.fixture
def ending(qtbot: QtBot) -> Iterator[Ending]:
    before = signal.getsignal(signal.SIGTERM)
    ending = Ending()
    ending.install()
    yield ending
    ending.remove()
    assert signal.getsignal(signal.SIGTERM) is before
    assert signal.set_wakeup_fd(-1) == -1


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="a system with signals of its own")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_is_told(ending: Ending, qtbot: QtBot, name: str) -> None:
    with qtbot.waitSignal(ending.wanted):
        os.kill(os.getpid(), getattr(signal, name))


def test_a_signal_that_came_before_anybody_listened_is_not_lost(ending: Ending, qtbot: QtBot) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    with qtbot.waitSignal(ending.wanted):
        pass


def test_the_end_of_the_session_is_told(ending: Ending) -> None:
    told: list[bool] = []
    ending.session_ends.connect(lambda: told.append(True))
    ending._on_session(None)  # type: ignore[arg-type]  # only Qt itself can make a session manager
    assert told == [True]
