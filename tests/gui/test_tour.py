"""The tour: every stop becomes a picture, in each language and look; work is waited for, not slept through."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from ibjournal.domain.errors import FlexError
from ibjournal.gui import theme
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.tour import STOPS, run_tour, settle
from ibjournal.services.jobs import Progress
from tests.fakes.check_services import make_check
from tests.fakes.screen_services import make_row
from tests.gui.conftest import TODAY, FakeServices, make_depot, make_report

SMALL = ("journal-small", "performance-small", "check-small", "reports-small")
EMPTY = ("empty-journal", "empty-performance", "empty-check", "empty-reports")


@pytest.fixture
def demo(services: FakeServices) -> FakeServices:
    income, anna = make_depot(1, "Income"), make_depot(2, "Anna")
    services.depots.set(income, anna)
    services.reconciliation.found = (make_check(instrument="1", execution="E1"), make_check("twr"))
    services.journal.rows = (make_row(1),)
    services.sync.steps = (Progress("requesting"),)
    services.sync.reports = {income.id: make_report(income, FlexError("token_expired")), anna.id: make_report(anna)}
    return services


def test_every_stop_leaves_a_picture_in_the_language_and_look_asked_for(
    demo: FakeServices, tmp_path: Path, qapp: QApplication, look: None
) -> None:
    written = run_tour(tmp_path / "tour", demo.bundle, language="de", mode="dark", today=lambda: TODAY, sync=True)
    names = {path.name.removesuffix("-dark-de.png") for path in written}
    assert names == {stop.name for stop in STOPS} | {"syncing", *SMALL, *EMPTY}
    window = QImage(str(tmp_path / "tour" / "journal-dark-de.png"))
    assert (window.width(), window.height()) == (1440, 900)
    assert window.pixelColor(700, 5).name().upper() == theme.make_theme(dark=True).hex("window")
    assert sorted(demo.sync.asked) == [1, 2]
    assert [one for one in QApplication.topLevelWidgets() if one.isVisible()] == []


class Flashes(QObject):
    """Notes what was a window of its own before it got its place in another: it flashes on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.alone: set[QObject] = set()
        self.found: set[str] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.alone.add(watched)
        elif event.type() == QEvent.Type.ParentChange and watched in self.alone:
            self.found.add(type(watched).__name__)
        return False


def test_nothing_is_shown_before_it_has_its_place(demo: FakeServices, tmp_path: Path, qapp: QApplication, look: None) -> None:
    flashes = Flashes()
    qapp.installEventFilter(flashes)
    try:
        run_tour(tmp_path, demo.bundle, language="de", mode="dark", today=lambda: TODAY, sync=True)
    finally:
        qapp.removeEventFilter(flashes)
    assert flashes.alone, "no window was seen at all"
    assert flashes.found == set()


def test_without_depots_there_is_no_renewal_to_show(services: FakeServices, tmp_path: Path, look: None) -> None:
    written = run_tour(tmp_path, services.bundle, language="en", mode="light", today=lambda: TODAY)
    assert "renewal-light-en.png" not in {path.name for path in written}
    assert len(written) == len(STOPS) - 7 + len(SMALL) + len(EMPTY)  # no trade to ask about, no depot


def test_settling_waits_for_work_on_another_thread(qapp: QApplication) -> None:
    tasks = TaskRunner()
    done: list[int] = []
    gate = threading.Event()
    tasks.run(gate.wait, 5, done=lambda _: done.append(1))
    threading.Timer(0.05, gate.set).start()
    settle(tasks)
    assert done == [1]
    tasks.shutdown()
