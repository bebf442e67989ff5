"""A window's surroundings: a look, preferences in a folder of the test's own, services that answer from what a test gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ibjournal.analytics.series import EquitySeries, ReturnSeries
from ibjournal.domain.depot import AccountId, Depot, DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.gui import i18n, theme
from ibjournal.gui.bundle import Services
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets import formats
from ibjournal.services.autosync import Schedule
from ibjournal.services.changes import Changes
from ibjournal.services.depots import DepotDraft, DepotState, QueryTest
from ibjournal.services.freshness import DepotFreshness
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import Arrival, CancelToken, Progress, ProgressSink, no_progress
from ibjournal.services.performance import Convention, PerformanceReport
from ibjournal.services.query_test import TestSink, tell_nobody
from ibjournal.services.reports import Run
from ibjournal.services.sync import SyncReport
from ibjournal.services.token_log import TokenUse
from tests.fakes.check_services import FakeEvents, FakeProvenance, FakeReconciliation
from tests.fakes.screen_services import FakeJournal, InlineExecutor
from tests.fakes.story_services import FakeCampaigns, FakeStrategies
from tests.fakes.token_services import FakeDoctor, FakeReminders, FakeRemoval, FakeTokens

TODAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 19, 15, 5, tzinfo=UTC)
TOKEN = "123456789012345678901234"


def make_depot(number: int, name: str, **fields: Any) -> Depot:
    """Return a depot with one account and both queries."""
    values: dict[str, Any] = {
        "id": DepotId(number),
        "name": name,
        "activity_query": f"{number}01",
        "confirmation_query": f"{number}02",
        "token_expires": date(2026, 11, 25),
        "accounts": (AccountId(f"U100000{number}"),),
        "position": number,
    }
    return Depot(**(values | fields))


def make_report(depot: Depot, error: JournalError | None = None, changes: Changes | None = None) -> SyncReport:
    """Return what a sync came to."""
    return SyncReport(
        depot=depot.id,
        depot_name=depot.name,
        started_at=NOW,
        ended_at=NOW,
        queries=(),
        changes=changes or Changes(trades=True, reports=True),
        error=error,
    )


@dataclass
class FakeDepots:
    """Depots in memory; remembers what was asked. Set ``refuse`` to have `renew`, `add`, `edit`, `test` fail."""

    states: list[DepotState] = field(default_factory=list)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    refuse: JournalError | None = None
    tests: tuple[QueryTest, ...] = ()
    uses: tuple[TokenUse, ...] = ()
    checked: list[bool] = field(default_factory=list)
    """Of each token that was given, whether IBKR was to be asked first."""

    def set(self, *depots: Depot, shared: bool = False, error: str = "") -> None:
        ids = tuple(depot.id for depot in depots)
        self.states = [
            DepotState(
                depot=depot,
                has_token=True,
                token_digits=24,
                token_kept=True,
                shares_token_with=tuple(other for other in ids if other != depot.id) if shared else (),
                last_error=error,
            )
            for depot in depots
        ]

    def list_depots(self) -> tuple[Depot, ...]:
        return tuple(state.depot for state in self.states)

    def depot_states(self) -> tuple[DepotState, ...]:
        return tuple(self.states)

    def add(self, draft: DepotDraft) -> tuple[DepotId, Changes]:
        self._note("add", draft)
        number = len(self.states) + 1
        depot = make_depot(number, draft.name)
        self.states.append(DepotState(depot=depot, has_token=bool(draft.token), token_digits=24, token_kept=True))
        return depot.id, Changes(depots=True)

    def edit(self, depot: DepotId, draft: DepotDraft) -> Changes:
        self._note("edit", depot, draft)
        return Changes(depots=True)

    def remove(self, depot: DepotId) -> Changes:
        self._note("remove", depot)
        self.states = [state for state in self.states if state.depot.id != depot]
        return Changes(depots=True)

    def reorder(self, order: tuple[DepotId, ...]) -> Changes:
        self._note("reorder", order)
        self.states.sort(key=lambda state: order.index(state.depot.id))
        return Changes(depots=True)

    def pause(self, depot: DepotId, *, paused: bool) -> Changes:
        self._note("pause", depot, paused)
        self.states = [
            replace(state, depot=replace(state.depot, paused=paused)) if state.depot.id == depot else state for state in self.states
        ]
        return Changes(depots=True)

    def test(
        self,
        draft: DepotDraft,
        *,
        depot: DepotId | None = None,
        cancel: CancelToken | None = None,
        progress: ProgressSink = no_progress,
        told: TestSink = tell_nobody,
    ) -> tuple[QueryTest, ...]:
        self._note("test", depot, draft)
        progress(Progress("generating"))
        for each in self.tests:
            told(each)
        return self.tests

    def renew(
        self,
        depots: tuple[DepotId, ...],
        token: str,
        expires: date | None,
        *,
        ends: datetime | None = None,
        check: bool = True,
        cancel: CancelToken | None = None,
    ) -> Changes:
        self.checked.append(check)
        self._note("renew", depots, token, expires, *([ends] if ends is not None else []))
        return Changes(depots=True)

    def token_uses(self, depot: DepotId | None = None, *, limit: int = 200) -> tuple[TokenUse, ...]:
        self._note("token_uses", depot)
        return tuple(use for use in self.uses if depot in (None, use.depot))

    def named(self, name: str) -> list[tuple[Any, ...]]:
        """Return the calls of one method."""
        return [call[1:] for call in self.calls if call[0] == name]

    def _note(self, *call: Any) -> None:
        self.calls.append(call)
        if self.refuse is not None:
            raise self.refuse


@dataclass
class FakeSync:
    """Answers with the report a test set for a depot; remembers the order."""

    reports: dict[DepotId, SyncReport] = field(default_factory=dict)
    asked: list[DepotId] = field(default_factory=list)
    steps: tuple[Progress, ...] = ()
    before: Callable[[DepotId, CancelToken | None], None] = lambda _depot, _cancel: None
    passed_over: list[tuple[DepotId, str]] = field(default_factory=list)

    def sync_depot(self, depot: DepotId, *, cancel: CancelToken | None = None, progress: ProgressSink = no_progress) -> SyncReport:
        self.asked.append(depot)
        for step in self.steps:
            progress(step)
        self.before(depot, cancel)
        return self.reports[depot]

    def not_asked(self, depot: DepotId, error: JournalError) -> None:
        self.passed_over.append((depot, error.code))


@dataclass
class FakeImporting:
    """Takes every file; remembers which."""

    result: tuple[ImportedFile, ...] = ()
    asked: list[tuple[Path, ...]] = field(default_factory=list)

    def import_paths(
        self,
        paths: tuple[Path, ...],
        *,
        home: DepotId | None = None,
        cancel: CancelToken | None = None,
        progress: ProgressSink = no_progress,
    ) -> tuple[ImportedFile, ...]:
        self.asked.append(paths)
        return self.result


class FakePerformance:
    """Nothing to measure."""

    def report(self, **_asked: Any) -> PerformanceReport:
        return PerformanceReport(
            currency="EUR",
            convention=Convention.IBKR,
            first_day=None,
            last_day=None,
            equity=EquitySeries(currency="EUR"),
            returns=ReturnSeries(convention="ibkr"),
            problems=("no_equity",),
        )


@dataclass
class FakeReports:
    """A log of runs."""

    runs: tuple[Run, ...] = ()
    fresh: tuple[DepotFreshness, ...] = ()
    arrived: dict[DepotId, tuple[Arrival, ...]] = field(default_factory=dict)

    def list_runs(self, *, depot: DepotId | None = None, limit: int = 500) -> tuple[Run, ...]:
        return self.runs

    def arrivals(self, depot: DepotId) -> tuple[Arrival, ...]:
        return self.arrived.get(depot, ())

    def depot_freshness(self) -> tuple[DepotFreshness, ...]:
        return self.fresh

    def fill_changes(self, run: Run) -> tuple[()]:
        return ()

    def vanished(self, depot: DepotId | None = None) -> tuple[()]:
        return ()


@dataclass
class FakeAutosync:
    """Says what a test says is due, once; remembers the schedule."""

    kept: Schedule = field(default_factory=Schedule)
    next: tuple[DepotId, ...] = ()
    waiting: tuple[DepotId, ...] = ()
    asked: list[bool] = field(default_factory=list)
    refuse: JournalError | None = None

    def schedule(self) -> Schedule:
        return self.kept

    def set_schedule(self, schedule: Schedule) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.kept = schedule

    def due(self, *, starting: bool = False) -> tuple[DepotId, ...]:
        self.asked.append(starting)
        if self.refuse is not None:
            raise self.refuse
        due, self.next = self.next, ()
        return due

    def needing_user(self) -> tuple[DepotId, ...]:
        return self.waiting


@dataclass
class FakeBackups:
    """No backup yet; counts how often one was due."""

    asked: int = 0

    def list_backups(self) -> tuple[()]:
        return ()

    def make_if_due(self) -> None:
        self.asked += 1


class FakeMoving:
    """A journal in a folder that was given."""

    folder = Path("journal")
    movable = False

    def former(self) -> None:
        return None


class FakeDiagnosis:
    """A short report."""

    def report(self, more: Mapping[str, str] | None = None) -> str:
        return "\n".join(f"{name}: {value}" for name, value in (more or {}).items())


@dataclass
class FakeServices:
    """The bundle; hand `bundle` to what wants `Services`."""

    depots: FakeDepots = field(default_factory=FakeDepots)
    removal: FakeRemoval = field(default_factory=FakeRemoval)
    tokens: FakeTokens = field(default_factory=FakeTokens)
    reminders: FakeReminders = field(default_factory=FakeReminders)
    doctor: FakeDoctor = field(default_factory=FakeDoctor)
    sync: FakeSync = field(default_factory=FakeSync)
    autosync: FakeAutosync = field(default_factory=FakeAutosync)
    importing: FakeImporting = field(default_factory=FakeImporting)
    journal: FakeJournal = field(default_factory=FakeJournal)
    reports: FakeReports = field(default_factory=FakeReports)
    performance: FakePerformance = field(default_factory=FakePerformance)
    reconciliation: FakeReconciliation = field(default_factory=FakeReconciliation)
    events: FakeEvents = field(default_factory=FakeEvents)
    provenance: FakeProvenance = field(default_factory=FakeProvenance)
    strategies: FakeStrategies = field(default_factory=FakeStrategies)
    campaigns: FakeCampaigns = field(default_factory=FakeCampaigns)
    backups: FakeBackups = field(default_factory=FakeBackups)
    moving: FakeMoving = field(default_factory=FakeMoving)
    diagnosis: FakeDiagnosis = field(default_factory=FakeDiagnosis)

    @property
    def bundle(self) -> Services:
        return cast("Services", self)


class _Calendar(date):
    """A calendar that is open at `TODAY`."""

    @classmethod
    def today(cls) -> _Calendar:
        return cls(TODAY.year, TODAY.month, TODAY.day)


@pytest.fixture(autouse=True)
def _this_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let days be written as in the tests' own year: the year of another one stands beside them."""
    monkeypatch.setattr(formats, "date", _Calendar)


@pytest.fixture
def look(qapp: QApplication) -> Iterator[None]:
    """Apply the light look in English; leave the application as it was."""
    font, palette, sheet, locale = qapp.font(), qapp.palette(), qapp.styleSheet(), QLocale()
    theme.apply(theme.make_theme(dark=False))
    yield
    i18n.uninstall()
    QLocale.setDefault(locale)
    qapp.setStyleSheet(sheet)
    qapp.setFont(font)
    qapp.setPalette(palette)


@pytest.fixture
def preferences(tmp_path: Path, look: None) -> Preferences:
    """Return preferences in a folder of the test's own."""
    return Preferences(tmp_path / "preferences.ini")


@pytest.fixture
def tasks(qapp: QApplication) -> Iterator[TaskRunner]:
    """Return a runner that works on the spot; results still arrive by the event loop, as they always do."""
    runner = TaskRunner(InlineExecutor())
    yield runner
    runner.shutdown()


@pytest.fixture
def services() -> FakeServices:
    """Return services without any depot."""
    return FakeServices()


@pytest.fixture
def settled(qtbot: QtBot, tasks: TaskRunner) -> Callable[[], None]:
    """Return a function that waits until no work is under way."""
    return lambda: qtbot.waitUntil(lambda: not tasks.busy)
