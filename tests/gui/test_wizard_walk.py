"""The wizard walked by keyboard alone against a Flex service on loopback, in both languages: from the first start to a journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibjournal import bootstrap
from ibjournal.demo.depots import DEMO_DEPOTS
from ibjournal.demo.flex_service import FlexService
from ibjournal.flex.client import Patience
from ibjournal.flex.pacing import Limits
from ibjournal.gui import i18n
from ibjournal.gui.app import Program
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.wizard.state import Step
from ibjournal.gui.wizard.view import Wizard
from ibjournal.paths import Paths
from ibjournal.services.credentials import MemoryCredentials
from tests.fakes.clock import clock_of

DEMO = DEMO_DEPOTS[0]
PATIENCE_MS = 60_000
MOST_TABS = 40


class Walker:
    """Presses keys in the program's window, where the focus is; touches nothing otherwise."""

    def __init__(self, program: Program, qtbot: QtBot) -> None:
        self.program, self.qtbot = program, qtbot

    @property
    def wizard(self) -> Wizard:
        wizard = self.program.window.wizards.wizard
        assert wizard is not None
        return wizard

    @property
    def focus(self) -> QWidget:
        return self.program.window.focusWidget() or self.program.window

    def is_at(self, widget: QWidget) -> bool:
        return self.focus is widget

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.focus, key, modifier)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.focus, text)

    def paste(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    def tab_to(self, widget: QWidget) -> None:
        """Press Tab until a widget has the focus; one that cannot be reached fails the test."""
        for _ in range(MOST_TABS):
            if self.focus is widget:
                return
            self.press(Qt.Key.Key_Tab)
        pytest.fail(f"Tab never comes to {widget.accessibleName() or widget}")

    def wait(self, met: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(met, timeout=PATIENCE_MS)

    def wait_for(self, step: Step) -> None:
        with self.qtbot.waitActive(self.program.window):
            self.program.window.activateWindow()
        self.wait(lambda: self.wizard.state.step is step and self.wizard.stack.currentWidget() is self.wizard.page)
        self.wait(lambda: self.wizard.page.isAncestorOf(self.focus) or self.focus is self.wizard.foot.next)


@pytest.fixture
def service() -> Iterator[FlexService]:
    with FlexService(pacing=None) as service:
        yield service


@pytest.fixture
def walker(service: FlexService, preferences: Preferences, tmp_path: Path, qtbot: QtBot) -> Iterator[Walker]:
    preferences.language = "en"
    i18n.install("en")
    services = bootstrap.build(
        Paths.at(tmp_path / "data"),
        credentials=MemoryCredentials(kept=True),
        flex_url=service.url,
        patience=Patience(polls=(0.05, 0.05)),
        limits=Limits(spacing=0.001, per_minute=100_000),
        clock=clock_of(service.source.as_of),
    )
    tasks = TaskRunner()
    program = Program(services, preferences, tasks, today=lambda: service.source.as_of, screens=lambda *_, **__: [])
    program.window.show()
    walker = Walker(program, qtbot)
    walker.wait(lambda: program.window.wizards.wizard is not None)
    yield walker
    walker.wait(lambda: not tasks.busy)
    program.window.close()
    tasks.shutdown()


@pytest.mark.parametrize("language", ["en", "de"])
def test_from_the_first_start_to_a_journal_by_keyboard_alone(
    walker: Walker, service: FlexService, language: str, tmp_path: Path
) -> None:
    # 1: the language; the words change at once
    walker.wait_for(Step.WELCOME)
    if language == "de":
        walker.tab_to(walker.wizard.welcome.language.button("en"))
        before = walker.program.window
        walker.press(Qt.Key.Key_Right)
        walker.wait(lambda: walker.program.window is not before)
    walker.wait_for(Step.WELCOME)
    assert walker.wizard.foot.next.text() == {"en": "&Next", "de": "&Weiter"}[language]
    walker.press(Qt.Key.Key_Return)

    # 2: tick the first section, then look at the other list
    walker.wait_for(Step.QUERIES)
    page = walker.wizard.queries
    walker.tab_to(page.lists["AF"])
    walker.press(Qt.Key.Key_Space)
    assert page.lists["AF"].progress()[0] == 1
    walker.press(Qt.Key.Key_Return)

    # 3: what is missing gets the focus; everything is pasted as it comes from a web page
    walker.wait_for(Step.ACCESS)
    access = walker.wizard.access
    assert walker.is_at(access.name)
    walker.press(Qt.Key.Key_Return)
    assert walker.is_at(access.name)
    assert access.fault.isVisible()
    walker.type("Income")
    walker.press(Qt.Key.Key_Return)
    assert walker.is_at(access.token.line)
    walker.paste(f" {DEMO.token[:8]} {DEMO.token[8:]}\n")
    walker.press(Qt.Key.Key_Return)
    assert walker.is_at(access.ids["activity"])
    walker.paste(f"Query ID: {DEMO.confirmation_query}\n")  # the wrong one
    walker.tab_to(access.ids["confirmation"])
    assert service.requests == ()
    walker.paste(f"  {DEMO.activity_query}")
    walker.wait(lambda: bool(access.state.tests))
    assert [test.error.code for test in access.state.tests if test.error] == 2 * ["wrong_report_type"]
    walker.tab_to(access.notice.button)
    walker.press(Qt.Key.Key_Space)
    assert (access.state.activity, access.state.confirmation) == (DEMO.activity_query, DEMO.confirmation_query)
    walker.wait(lambda: bool(access.state.tests))
    assert [test.error for test in access.state.tests] == [None, None]
    assert DEMO.account in access.result.texts()[1]
    assert walker.program._services.depots.list_depots() == ()  # nothing is saved before Next
    walker.tab_to(walker.wizard.foot.next)
    walker.press(Qt.Key.Key_Return)

    # 4: year after year
    walker.wait_for(Step.FETCH)
    walker.wait(lambda: not walker.wizard.state.fetching)
    texts = walker.wizard.fetch.texts()
    assert texts[0].startswith(str(service.source.as_of.year))
    assert len(texts) > 3
    assert {"en": "new fills", "de": "neue Ausführungen"}[language] in walker.wizard.fetch.sum.text()
    walker.press(Qt.Key.Key_Return)

    # 5: done
    walker.wait_for(Step.DONE)
    assert DEMO.account in walker.wizard.done.lines[2].text()
    walker.press(Qt.Key.Key_Return)
    walker.wait(lambda: walker.program.window.wizards.wizard is None)
    (depot,) = walker.program._services.depots.list_depots()
    assert (depot.name, depot.activity_query, depot.confirmation_query) == ("Income", DEMO.activity_query, DEMO.confirmation_query)
    assert depot.token_expires is not None
    assert (depot.token_expires - service.source.as_of).days == 365
    assert depot.accounts == (DEMO.account,)
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or DEMO.token.encode() not in file.read_bytes(), file
