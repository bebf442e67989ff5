"""The wizard over the real services and a Flex service on loopback: put off at any page, refused, and mended where it stands."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ibjournal import bootstrap
from ibjournal.demo.depots import INCOME, LONG_TERM, SPARE_TOKEN
from ibjournal.demo.flex_service import FlexService
from ibjournal.flex.client import Patience
from ibjournal.flex.pacing import Limits
from ibjournal.gui import i18n
from ibjournal.gui.app import Program
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.depot_dot import COLORS
from ibjournal.gui.wizard.state import Feed, Step, WizardState
from ibjournal.gui.wizard.view import Wizard
from ibjournal.paths import Paths
from ibjournal.services.credentials import MemoryCredentials
from ibjournal.services.depots import DepotDraft
from tests.fakes.clock import clock_of
from tests.fakes.flex_reports import activity, trade
from tests.fakes.planted_token import leaks

PATIENCE_MS = 60_000


class Desk:
    """The program with everything real but the keyring and IBKR."""

    def __init__(self, service: FlexService, preferences: Preferences, folder: Path, qtbot: QtBot) -> None:
        self.service, self.preferences, self.folder, self._qtbot = service, preferences, folder, qtbot
        self.credentials = MemoryCredentials(kept=True)
        self.paths = Paths.at(folder)
        self.services = bootstrap.build(
            self.paths,
            credentials=self.credentials,
            flex_url=service.url,
            patience=Patience(polls=(0.05, 0.05)),
            limits=Limits(spacing=0.001, per_minute=100_000),
            clock=clock_of(service.source.as_of),
        )
        self.tasks = TaskRunner()
        self.program = Program(
            self.services, preferences, self.tasks, today=lambda: service.source.as_of, screens=lambda *_, **__: []
        )
        self.program.window.show()

    def wait(self, met: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(met, timeout=PATIENCE_MS)

    def idle(self) -> None:
        self.wait(lambda: not self.tasks.busy)

    def wizard(self, state: WizardState | None = None) -> Wizard:
        made = self.program.window.wizards.open(state or WizardState())
        self.idle()
        return made

    def journal(self) -> list[str]:
        """Return everything in the database but the log of the token's uses."""
        with closing(sqlite3.connect(self.paths.database)) as db:
            return [line for line in db.iterdump() if '"token_uses"' not in line and "sqlite_sequence" not in line]

    def looks(self) -> list[str]:
        """Return the preferences but for what the wizard notes of itself."""
        self.preferences.save()
        text = (self.preferences.folder / "preferences.ini").read_text(encoding="utf-8")
        return [line for line in text.splitlines() if not line.startswith("wizard")]


@pytest.fixture
def desk(preferences: Preferences, tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    preferences.language = "en"
    i18n.install("en")
    with FlexService(pacing=None) as service:
        desk = Desk(service, preferences, tmp_path / "data", qtbot)
        desk.idle()
        yield desk
        desk.idle()
        desk.program.window.close()
        desk.tasks.shutdown()


def type_in(wizard: Wizard) -> None:
    access = wizard.access
    access.name.setText("Income")
    access.colors.button(COLORS[3]).click()
    access.token.line.set_token(INCOME.token)
    access.expiry.choose("6h")
    access.ids["activity"].set_id(INCOME.activity_query)
    access.ids["confirmation"].set_id(INCOME.confirmation_query)


@pytest.mark.parametrize("step", [Step.WELCOME, Step.QUERIES, Step.ACCESS])
@pytest.mark.parametrize("way", ["later", "escape"])
def test_putting_it_off_leaves_journal_keyring_and_settings_as_they_were(desk: Desk, step: Step, way: str) -> None:
    wizard = desk.wizard()
    before, looks = desk.journal(), desk.looks()
    wizard.go_to(Step.QUERIES)
    first = wizard.queries.lists["AF"].topLevelItem(0)
    assert first is not None
    first.setCheckState(0, Qt.CheckState.Checked)
    wizard.go_to(Step.ACCESS)
    type_in(wizard)
    desk.wait(lambda: bool(wizard.state.tests))
    assert [test.error for test in wizard.state.tests] == [None, None]
    wizard.go_to(step)
    if way == "later":
        wizard.foot.later.click()
    else:
        QTest.keyClick(wizard, Qt.Key.Key_Escape)
    desk.idle()
    assert desk.program.window.wizards.wizard is None
    assert desk.services.depots.list_depots() == ()
    assert desk.credentials._tokens == {}
    assert desk.journal() == before
    assert desk.looks() == looks
    assert leaks(desk.folder.parent, token=INCOME.token) == []


def test_putting_it_off_ends_a_test_that_is_under_way(desk: Desk) -> None:
    wizard = desk.wizard(WizardState(step=Step.ACCESS))
    before = desk.journal()
    type_in(wizard)
    assert wizard.access.testing
    wizard.later()
    desk.idle()
    assert desk.journal() == before
    assert [path for path in desk.folder.rglob("*.xml*") if path.is_file()] == []
    assert leaks(desk.folder.parent, token=INCOME.token) == []


def test_a_token_that_ibkr_refuses_is_replaced_on_the_very_page(desk: Desk) -> None:
    desk.service.expire_token(INCOME.token)
    wizard = desk.wizard(WizardState(step=Step.ACCESS))
    type_in(wizard)
    desk.wait(lambda: bool(wizard.state.tests))
    access = wizard.access
    assert "(code 1012)" in access.result.texts()[0]
    asked = len(desk.service.requests)
    assert asked == 1  # the second query was not asked for
    access.result.lines["token"].way_out.click()
    assert desk.program.window.focusWidget() is access.token.line
    desk.service.issue_token(INCOME.login, SPARE_TOKEN)
    access.token.line.set_token(SPARE_TOKEN)
    desk.wait(lambda: bool(wizard.state.tests))
    assert [test.error for test in wizard.state.tests] == [None, None]
    assert desk.services.depots.list_depots() == ()


def test_a_sub_account_takes_the_token_that_is_there_and_renews_it_for_both(desk: Desk) -> None:
    first, changes = desk.services.depots.add(
        DepotDraft(
            name="Income",
            activity_query=INCOME.activity_query,
            confirmation_query=INCOME.confirmation_query,
            token=INCOME.token,
            token_expires=desk.service.source.as_of,
        )
    )
    desk.service.expire_token(INCOME.token)
    desk.program.window.announce(changes)
    desk.idle()
    state = WizardState(step=Step.ACCESS, name="Long term", token_of=first)
    state.activity, state.confirmation = LONG_TERM.activity_query, LONG_TERM.confirmation_query
    wizard = desk.wizard(state)
    desk.wait(lambda: bool(wizard.state.tests))
    wizard.access.result.lines["token"].way_out.click()
    desk.wait(lambda: first in desk.program.window.renewals)
    renewal = desk.program.window.renewals[first]
    desk.idle()
    desk.service.issue_token(INCOME.login, SPARE_TOKEN)
    renewal.token.line.set_token(SPARE_TOKEN)
    renewal.entry.setChecked(False)
    renewal.check_and_save()
    desk.wait(lambda: [test.error for test in wizard.state.tests] == [None, None])  # tested again by itself
    wizard.access.save()
    desk.wait(lambda: len(desk.services.depots.list_depots()) == 2)
    desk.idle()
    states = desk.services.depots.depot_states()
    assert [len(state.shares_token_with) for state in states] == [1, 1]
    assert states[0].depot.token_expires == states[1].depot.token_expires
    assert leaks(desk.folder.parent, token=SPARE_TOKEN) == []


def test_files_dropped_anywhere_on_the_page_feed_this_depot_and_wrong_ones_are_told(desk: Desk, tmp_path: Path) -> None:
    depot, changes = desk.services.depots.add(DepotDraft(name="Old years", from_files=True))
    desk.program.window.announce(changes)
    desk.idle()
    wizard = desk.wizard(WizardState(step=Step.FETCH, feed=Feed.FILES, name="Old years", depot=depot))
    wizard.go_to(Step.FETCH)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "2019.xml").write_bytes(activity(trade(1)))
    with zipfile.ZipFile(inbox / "2020.zip", "w") as packed:
        packed.writestr("2020.xml", activity(trade(2)))
    (inbox / "2021.csv").write_bytes(b'"ClientAccountID","Symbol"\n')
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in sorted(inbox.iterdir())])
    place, action = QPointF(5, wizard.fetch.height() - 5), Qt.DropAction.CopyAction
    event = QDropEvent(place, action, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(place.toPoint(), action, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    assert QApplication.sendEvent(wizard.fetch, enter)
    assert enter.isAccepted()
    wizard.fetch.dropEvent(event)
    desk.wait(lambda: bool(wizard.state.files))
    assert wizard.fetch.files.line.text().startswith("1 report · 1 new fill")
    words = wizard.fetch.files.refused.text().split("\n")
    assert "2020.zip is a ZIP archive" in words[0]
    assert "2021.csv was made with the format CSV" in words[1]
    (known,) = desk.services.depots.list_depots()
    assert (known.id, len(known.accounts)) == (depot, 1)
    assert wizard.fetch.files.stop.isHidden()
