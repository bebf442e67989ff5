"""What a fetch is doing, in words: in the window and on a terminal."""

from __future__ import annotations

import io
import sys
from datetime import date

import pytest
from pytestqt.qtbot import QtBot

from ibjournal.commands.output import Output
from ibjournal.gui import i18n
from ibjournal.gui.progress_texts import progress_text
from ibjournal.gui.sync_control import SyncControl
from ibjournal.gui.tasks import TaskRunner
from ibjournal.services.jobs import Arrival, Progress
from tests.gui.conftest import FakeServices, make_depot, make_report

YEAR = (date(2025, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("progress", "text", "short"),
    [
        (Progress("reading"), "reading", "reading"),
        (Progress("reading", "", 2, 5), "reading (2 of 5)", "reading"),
        (Progress("something_new"), "working", "working"),
        (
            Progress("generating", "Income", 1, 6, slot="activity", days=YEAR, attempt=3, wait=10, left=200),
            "Activity 1 Jan 2025 – 31 Dec 2025: IBKR is making the report, attempt 3, next look in 10 s (1 of 6, about 3 min left)",
            "IBKR is making the report",
        ),
        (
            Progress("generating", "Income", slot="confirmation", days=(date(2025, 12, 29), date(2025, 12, 31)), attempt=1, wait=5),
            "Trade Confirmation: IBKR is making the report, next look in 5 s",
            "IBKR is making the report",
        ),
        (
            Progress("throttled", attempt=2, wait=60),
            "IBKR asks for a pause, attempt 2, next attempt in 60 s",
            "IBKR asks for a pause",
        ),
        (Progress("pacing", wait=4.2), "keeping IBKR's pace, goes on in 4 s", "keeping IBKR's pace"),
        (Progress("downloading", size=1_500_000), "downloading 1.4 MB", "downloading 1.4 MB"),
        (Progress("downloading", "", 1, 6, left=20), "downloading (1 of 6)", "downloading"),
        (Progress("arrived", arrival=Arrival(reports=1, fills=3)), "stored", "stored"),
        (Progress("arrived", arrival=Arrival()), "nothing there", "nothing there"),
    ],
)
def test_progress_in_words(progress: Progress, text: str, short: str, look: None) -> None:
    assert progress_text(progress) == text
    assert progress_text(progress, short=True) == short


def test_progress_in_german(look: None) -> None:
    i18n.install("de")
    told = Progress("generating", "Income", 1, 6, slot="activity", days=YEAR, attempt=3, wait=10, left=200)
    assert progress_text(told) == (
        "Kontoumsatz 01.01.2025 – 31.12.2025: IBKR erstellt den Bericht, Versuch 3, nächste Nachfrage in 10 s "
        "(1 von 6, noch etwa 3 min)"
    )


def test_the_seconds_to_wait_are_counted_down(services: FakeServices, tasks: TaskRunner, qtbot: QtBot, look: None) -> None:
    depot = make_depot(1, "Income")
    control = SyncControl(services.bundle, tasks)
    waits: list[float] = []
    control.progressed.connect(lambda _depot, progress: waits.append(progress.wait))
    control._tell(depot.id, Progress("generating", wait=3))
    for _ in range(5):
        control._count_down()
    assert waits == [3, 2, 1]
    control._tell(depot.id, Progress("generating", wait=9))
    control._take(depot, make_report(depot))
    control._count_down()
    assert waits == [3, 2, 1, 9]


class Terminal(io.StringIO):
    """Says that it is one."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_each_depot_has_its_words(monkeypatch: pytest.MonkeyPatch, look: None) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "100")
    output = Output(language="en", json=False)
    output.expect_progress()
    output.progress(Progress("requesting", "One", 1, 2))
    output.progress(Progress("generating", "Two", 0, 2, wait=5))
    assert terminal.getvalue().rpartition("\x1b[K")[2] == (
        "████············ One: asking IBKR (1 of 2) · Two: IBKR is making the report, next look in 5 s"
    )
    output.progress(Progress("done", "One"))
    assert "One" not in terminal.getvalue().rpartition("\x1b[K")[2]
    output.progress(Progress("reading", "Two " * 60))
    assert len(terminal.getvalue().rpartition("\x1b[K")[2]) == 99
    output.line("data")
    assert terminal.getvalue().endswith("\r\x1b[K")
