"""The check screen: our figures beside IBKR's, and what changed positions without a fill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QComboBox, QFrame, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from ibjournal.analytics.reconciliation import Check, CheckStatus
from ibjournal.domain.depot import AccountId, Depot, DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.period import Period
from ibjournal.domain.position_event import EVENT
from ibjournal.domain.provenance import RowRef
from ibjournal.gui.bundle import Services
from ibjournal.gui.check.check_export import checks_as_csv
from ibjournal.gui.check.check_table import CheckTable
from ibjournal.gui.check.events_part import EventsPart, LoadedEvents, load_events
from ibjournal.gui.check.explanation import MOST_ROWS, ExplanationPane
from ibjournal.gui.check.lines import Line, build_lines
from ibjournal.gui.check.strip import CountStrip
from ibjournal.gui.check.walk import WalkPanel
from ibjournal.gui.check_texts import describe_check
from ibjournal.gui.errors import describe
from ibjournal.gui.event_words import type_word
from ibjournal.gui.provenance.asked import OfCheck, OfExecution, OfRow
from ibjournal.gui.screen import Screen, StatusPart
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Space
from ibjournal.gui.widgets.panel import EmptyState
from ibjournal.gui.widgets.segmented import SegmentedControl
from ibjournal.gui.widgets.table_export import ask_where_to_save, csv_pattern, write_text
from ibjournal.services.changes import Changes
from ibjournal.services.events import EventRow
from ibjournal.services.origins import SourceRow

FIGURES, EVENTS = "figures", "events"
_SIDE, _SIDE_WIDE, _SIDE_BELOW = 372, 480, 300
_TWO_COLUMNS, _WIDE = 1000, 1900
"""Widths from which the explanation stands beside the table, and from which it is wider."""


@dataclass(frozen=True, slots=True)
class AccountChecks:
    """The checks of one account; ``depot`` is named where several are shown."""

    account: AccountId
    depot: str
    checks: tuple[Check, ...]
    sections: tuple[Line, ...]

    @property
    def differing(self) -> int:
        """How many differ without an explanation."""
        return sum(check.status is CheckStatus.DIFFERS for check in self.checks)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The checks of each account of the depot, and the events of all of them."""

    accounts: tuple[AccountChecks, ...] = ()
    events: LoadedEvents = field(default_factory=LoadedEvents)


class CheckScreen(Screen):
    """Shows the checks of one account at a time, for the depot and period of the window."""

    name = "check"
    icon = "scale"
    reload_on = Changes(trades=True, cash=True, equity=True, positions=True, depots=True, reports=True)

    def __init__(self, services: Services, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self.title = self.tr("Check")
        self._services = services
        self._asked = 0
        self._loaded = Loaded()
        self._account = ""
        self._columns = 0
        self.strip = CountStrip()
        self.accounts = QComboBox()
        self.accounts.setAccessibleName(self.tr("Account"))
        self.table = CheckTable()
        self.walk = WalkPanel(tasks)
        self.pane = ExplanationPane()
        self.part = SegmentedControl(
            ((FIGURES, self.tr("Figures")), (EVENTS, self.tr("Events"))), name=self.tr("Part of the screen"), small=True
        )
        self.events = EventsPart(services.events, tasks)
        self._empty = EmptyState()
        self._build()
        self._connect()
        self.paint_known()

    def load(self) -> None:
        """Have the checks made in the background."""
        self._asked += 1
        self.tasks.run(
            load_checks,
            self._services,
            depot=self.depot,
            period=self.period,
            owner=self,
            done=partial(self._on_loaded, self._asked),
            reads=True,
        )

    def show_checks(self, loaded: Loaded) -> None:
        """Show the checks of the chosen account, of the first that needs the user where none is chosen."""
        self._loaded = loaded
        found = [each.account for each in loaded.accounts if each.checks]
        self._stack.setCurrentIndex(0 if found else 1)
        differing = [each.account for each in loaded.accounts if each.differing]
        if self._account not in found:
            self._account = (differing or found or [AccountId("")])[0]
        self.events.show_events(loaded.events)
        self.part.set_count(EVENTS, loaded.events.waiting or None)
        self._show_accounts()
        self._show_account()

    def show_part(self, part: str) -> None:
        """Show the `FIGURES` or the `EVENTS`."""
        self.part.set_current(part)
        self._parts.setCurrentIndex(1 if part == EVENTS else 0)
        self.strip.show_tools(shown=part == FIGURES)
        self.accounts.setVisible(part == FIGURES and len(self._loaded.accounts) > 1)
        self._show_status()

    def paint_mask(self) -> None:
        """Hide or show money."""
        self.table.set_masked(self.masked)
        self.walk.set_masked(self.masked)
        self.pane.set_masked(self.masked)
        self.events.set_masked(self.masked)
        self._on_chosen(self.table.current_line())

    def refresh(self, changes: Changes) -> None:
        """Load again, now or when shown; the count beside the screen's name is right even while it is hidden."""
        super().refresh(changes)
        if any(getattr(changes, name) and getattr(self.reload_on, name) for name in Changes.__slots__):
            self.count_differences()

    def count_differences(self) -> None:
        """Ask how many checks differ, for the navigation."""
        self.tasks.run(self._services.reconciliation.summary, owner=self, done=self._on_counted, reads=True)

    def paint_known(self) -> None:
        """Say in an empty screen what to do next."""
        if self.known.reports:
            self.count_differences()
        if self.known.depots and not self.known.reports:
            self._empty.set_words(
                self.tr("Nothing fetched yet"),
                self.tr("Once the first reports have come, our figures stand here beside IBKR’s."),
                self.tr("Fetch reports"),
            )
        elif self.known.depots:
            self._empty.set_words(
                self.tr("Nothing to check in this period"),
                self.tr("No report covers it."),
                self.tr("Show all periods"),
            )
        else:
            self._empty.set_words(
                self.tr("Our figures will stand here beside IBKR’s"),
                self.tr("Set up a depot and its reports are fetched from IBKR, or import Flex files you already have."),
                self.tr("Set up a depot"),
            )

    def export(self) -> None:
        """Ask where to, and save all checks of the account as CSV."""
        text = checks_as_csv(self._checks(), masked=self.masked)

        def save(path: Path) -> None:
            self.tasks.run(write_text, path, text, owner=self)

        ask_where_to_save(self, title=self.tr("Save the checks as CSV"), name="checks.csv", patterns=csv_pattern(), then=save)

    def ask_origin(self) -> None:
        """Ask where the figure of the chosen line comes from."""
        line = self.table.current_line()
        if line is not None and line.check is not None:
            self.origin_wanted.emit(OfCheck(line.check))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the explanation beside the table, or below it."""
        super().resizeEvent(event)
        self._arrange()

    def _build(self) -> None:
        self.strip.row.insertWidget(0, self.part)
        self.strip.row.insertSpacing(1, 6)
        self.strip.row.insertWidget(self.strip.row.indexOf(self.strip.about) + 1, self.accounts)
        holder = QFrame()
        holder.setObjectName("panel")
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(1, 7, 1, 7)
        inside.addWidget(self.table)
        self._side = QWidget()
        self._side_box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._side)
        self._side_box.setContentsMargins(0, 0, 0, 0)
        self._side_box.setSpacing(Space.GAP)
        self._side_box.addWidget(self.walk)
        self._side_box.addWidget(self.pane, 1)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(Space.GAP)
        self._body.addWidget(holder, 1)
        self._body.addWidget(self._side)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(Space.EDGE_X, Space.EDGE_Y, Space.EDGE_X, Space.EDGE_Y)
        column.setSpacing(Space.GAP)
        column.addWidget(self.strip)
        figures = QWidget()
        figures.setLayout(self._body)
        self._parts = QStackedWidget()
        self._parts.addWidget(figures)
        self._parts.addWidget(self.events)
        column.addWidget(self._parts, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(page)
        self._stack.addWidget(self._empty)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._arrange()

    def _connect(self) -> None:
        for keys, action in (("Ctrl+Shift+E", self.export), ("Ctrl+E", self.ask_origin)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)
        self.strip.filter_wanted.connect(self.table.set_only)
        self.strip.export_wanted.connect(self.export)
        self.part.changed.connect(self.show_part)
        self.events.changed.connect(self.changed)
        self.events.rows_wanted.connect(self._on_event_rows)
        self.accounts.activated.connect(self._on_account)
        self.table.chosen.connect(self._on_chosen)
        self.table.customContextMenuRequested.connect(
            lambda place: self.context_menu().popup(self.table.viewport().mapToGlobal(place))
        )
        self.pane.origin_wanted.connect(lambda check: self.origin_wanted.emit(OfCheck(check)))
        self.pane.row_wanted.connect(self._on_row)
        self._empty.clicked.connect(self._on_empty)

    def context_menu(self) -> QMenu:
        """Return the menu for the line under the cursor."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        line = self.table.current_line()
        if line is not None and line.check is not None:
            menu.addAction(self.tr("Where does this number come from?"), QKeySequence("Ctrl+E"), self.ask_origin)
            menu.addSeparator()
        menu.addAction(self.tr("Copy")).triggered.connect(self.table.copy_selection)
        menu.addAction(self.tr("Save as CSV…")).triggered.connect(self.export)
        return menu

    def _arrange(self) -> None:
        self.events.set_width(self.width())
        columns = 1 if self.width() < _TWO_COLUMNS else 2
        self._side.setFixedWidth(_SIDE_WIDE if self.width() >= _WIDE else _SIDE) if columns > 1 else self._side.setMaximumWidth(
            16_000
        )
        if columns == self._columns:
            return
        self._columns = columns
        beside = columns > 1
        self._body.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self._side_box.setDirection(QBoxLayout.Direction.TopToBottom if beside else QBoxLayout.Direction.RightToLeft)
        if beside:
            self._side.setMaximumHeight(16_000)
            self.walk.setMaximumWidth(16_000)
        else:
            self._side.setMinimumWidth(0)
            self._fit_below()

    def _fit_below(self) -> None:
        """Below the table, give the walk the height that its bars need; the table scrolls."""
        if self._columns == 1:
            self._side.setMaximumHeight(max(_SIDE_BELOW, self.walk.sizeHint().height()))

    def _shown(self) -> AccountChecks:
        mine = (each for each in self._loaded.accounts if each.account == self._account)
        return next(mine, AccountChecks(AccountId(""), "", (), ()))

    def _checks(self) -> tuple[Check, ...]:
        return self._shown().checks

    def _show_accounts(self) -> None:
        entries = self._loaded.accounts
        self.accounts.setVisible(len(entries) > 1 and self.part.current == FIGURES)
        self.accounts.clear()
        for each in entries:
            words = " · ".join(part for part in (each.depot, each.account) if part)
            self.accounts.addItem(f"{words} ({each.differing} ≠)" if each.differing else words, each.account)
        self.accounts.setCurrentIndex(max(0, self.accounts.findData(self._account)))

    def _show_account(self) -> None:
        checks = self._checks()
        counts = Counter(check.status for check in checks)
        several = self.tr("%Ln checks against IBKR’s reports", "", len(checks))
        self.strip.show_counts(counts, self.tr("1 check against IBKR’s reports") if len(checks) == 1 else several)
        if self.table.checks.only is not None and not counts[self.table.checks.only]:
            self.strip.set_only(None)
            self.table.checks.only = None
        self.table.show_sections(self._shown().sections)
        self.walk.show_checks(checks)
        self._fit_below()
        self._show_status()

    def _show_status(self) -> None:
        count = len(self._checks())
        if self.part.current == EVENTS:
            events = len(self._loaded.events.rows)
            self.status_changed.emit([], self.tr("1 event") if events == 1 else self.tr("%Ln events", "", events))
            return
        parts = [StatusPart(self.tr("Half a cent counts"), "circle-check", "positive")] if count else []
        words = self.tr("%Ln checks", "", count) if count != 1 else self.tr("1 check")
        self.status_changed.emit(parts, words if count else "")

    def _on_counted(self, counts: Mapping[CheckStatus, int]) -> None:
        differing = counts.get(CheckStatus.DIFFERS, 0)
        self.badge_changed.emit(str(differing) if differing else "", "warning" if differing else "")

    def _on_loaded(self, asked: int, loaded: Loaded) -> None:
        if asked == self._asked:
            self.show_checks(loaded)
            self.loaded.emit()

    def _on_account(self, _index: int) -> None:
        self._account = str(self.accounts.currentData() or "")
        self._show_account()

    def _on_chosen(self, line: Line | None) -> None:
        self.pane.show_line(line)
        check = line.check if line is not None else None
        if check is None:
            return
        if check.check == "nav_walk":
            self.walk.show_checks(self._checks(), check.period)
        refs = list(dict.fromkeys([*check.rows, *(ref for part in check.parts for ref in part.rows)]))[:MOST_ROWS]
        if refs:
            self.tasks.run(
                self._services.provenance.rows,
                refs,
                owner=self,
                done=partial(self._on_rows, check),
                failed=partial(self._on_no_rows, check),
            )

    def _on_rows(self, check: Check, rows: dict[RowRef, SourceRow]) -> None:
        self.pane.show_rows(check, rows)

    def _on_no_rows(self, check: Check, error: Exception) -> None:
        if isinstance(error, JournalError):
            self.pane.say_missing(check, describe(error).sentence)

    def _on_row(self, ref: RowRef) -> None:
        check = self.pane.check
        self.origin_wanted.emit(OfRow(ref, describe_check(check) if check is not None else ""))

    def _on_event_rows(self, row: EventRow) -> None:
        place = row.legs[0].place
        self.origin_wanted.emit(
            OfExecution(
                place.account, place.instrument, ExecutionId(EVENT + row.id), f"{type_word(row.type)} · {', '.join(row.symbols)}"
            )
        )

    def _on_empty(self) -> None:
        if not self.known.depots:
            self.settings_wanted.emit("new_depot")
        elif self.known.reports:
            self.all_time_wanted.emit()
        else:
            self.sync_wanted.emit()


def load_checks(services: Services, *, depot: DepotId | None, period: Period) -> Loaded:
    """Make the checks of each account of a depot, or of all, and read their events; for a background task."""
    chosen = [each for each in services.depots.list_depots() if depot is None or each.id == depot]
    found: list[AccountChecks] = []
    for account, name in _accounts(chosen, named=depot is None):
        checks = services.reconciliation.checks(account=account, period=period)
        found.append(AccountChecks(account, name, checks, build_lines(checks)))
    return Loaded(tuple(found), load_events(services.events, [each.account for each in found], period))


def _accounts(depots: Iterable[Depot], *, named: bool) -> Iterable[tuple[AccountId, str]]:
    for depot in depots:
        for account in depot.accounts:
            yield account, depot.name if named else ""
