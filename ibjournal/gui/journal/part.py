"""One way to look at the journal: a list at the left and, for what is chosen, a pane of its own at the right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from ibjournal.domain.filters import TradeFilter, TradeState
from ibjournal.domain.period import ALL_TIME, Period
from ibjournal.gui.screen import Known
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.panel import EmptyState
from ibjournal.gui.widgets.table_export import ask_where_to_save, csv_pattern, table_as_csv, write_text
from ibjournal.gui.widgets.table_view import TableView

TRADES, STRATEGIES, CAMPAIGNS = "trades", "strategies", "campaigns"
REVIEW = "review"
"""Beside the states of trades, a choice of the filter bar: what waits for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the window's pickers and the filter bar ask for. ``review``: only what waits for the user."""

    where: TradeFilter
    review: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether the filter bar hides anything."""
        return self.review or bool(self.where.text) or self.where.state is not TradeState.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What an empty list says, and what its button does."""

    title: str
    text: str = ""
    action: str = ""
    then: Callable[[], object] | None = None


class JournalPart(QWidget):
    """Base of trades, strategies and campaigns. The screen says what is wanted; the part asks its service and shows it."""

    status_changed = Signal(list, str)
    loaded = Signal()
    counted = Signal(object)
    """How many there are of each state, for the filter bar: a dict of state and count."""
    changed = Signal(object)
    """The user altered something: `Changes`."""
    origin_wanted = Signal(object)
    pane_wanted = Signal(bool)
    """Show or hide the pane."""
    goto_wanted = Signal(str, object)
    """Show something in another part: its name and the key."""
    screen_wanted = Signal(str, str)
    """Show another screen, and a part of it."""
    clear_wanted = Signal()
    sync_wanted = Signal()
    all_time_wanted = Signal()
    settings_wanted = Signal(str)

    name = ""
    file_name = ""
    """Proposed for the CSV file."""
    fixed_columns: frozenset[int] = frozenset()
    """Columns that cannot be hidden: without them a row says nothing."""

    def __init__(self, table: TableView, pane: QWidget, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = table
        self.pane = pane
        self.tasks = tasks
        self.masked = False
        self.known = Known()
        self.period: Period = ALL_TIME
        self.wanted = Wanted(where=TradeFilter())
        self._asked = 0
        self._empty = EmptyState()
        self._empty_action: Callable[[], object] | None = None
        self._stack = QStackedWidget()
        self._stack.setObjectName("surface")
        self._stack.addWidget(table)
        self._stack.addWidget(self._empty)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(self._stack, 1)
        self._empty.clicked.connect(self._on_empty_action)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._on_menu)

    def load(self, wanted: Wanted) -> None:
        """Ask for what is wanted in the background."""
        self.wanted, self.period = wanted, wanted.where.period
        self._asked += 1
        self.ask(self._asked)

    def ask(self, number: int) -> None:
        """Ask the service; hand the answer to `settle` with ``number``. Each part has its own question."""

    def answered(self, number: int) -> bool:
        """Return whether an answer is to the last question; an older one is let go."""
        return number == self._asked

    def set_masked(self, *, masked: bool) -> None:
        """Hide or show money."""
        self.masked = masked
        self.table.set_masked(masked)

    def set_known(self, known: Known) -> None:
        """Take note of what there is, for what an empty list says."""
        self.known = known

    def select(self, key: object) -> bool:
        """Choose what has this key; return whether it is shown. Here nothing is."""
        del key
        return False

    def first(self) -> None:
        """Choose the first of the list where nothing is chosen."""

    def ask_origin(self) -> None:
        """Ask where the chosen figure comes from."""

    def leave(self) -> None:
        """Save what was typed: another screen or part is shown."""

    def show_status(self) -> None:
        """Tell the status bar what is shown and selected."""
        self.status_changed.emit([], "")

    def context_menu(self) -> QMenu:
        """Return the menu for what is under the cursor."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def column_menu(self, parent: QWidget) -> QMenu:
        """Return a menu that shows and hides columns; those without a head always stay."""
        menu = QMenu(parent)
        model = self.table.model()
        for column in range(model.columnCount()):
            words = str(model.headerData(column, Qt.Orientation.Horizontal) or "")
            if words and column not in self.fixed_columns:
                action = menu.addAction(words)
                action.setCheckable(True)
                action.setChecked(not self.table.isColumnHidden(column))
                action.toggled.connect(lambda on, column=column: self.table.setColumnHidden(column, not on))
        return menu

    def export(self) -> None:
        """Ask where to, and save the table as CSV."""
        text = table_as_csv(self.table)

        def save(path: Path) -> None:
            self.tasks.run(write_text, path, text, owner=self)

        ask_where_to_save(self, title=self.tr("Save the table as CSV"), name=self.file_name, patterns=csv_pattern(), then=save)

    def run(self, work: Callable[..., object], *args: object, then: Callable[[], object] | None = None) -> None:
        """Let a service alter something in the background, and tell what it changed."""
        self.tasks.run(partial(work, *args), owner=self, done=partial(self._on_changed, then))

    def show_hint(self, hint: Hint | None) -> None:
        """Show the list, or where there is nothing in it what to do next."""
        self._stack.setCurrentIndex(0 if hint is None else 1)
        if hint is not None:
            self._empty.set_words(hint.title, hint.text, hint.action)
            self._empty_action = hint.then

    def hint_of_empty(self, *, hidden: str, nothing: Hint) -> Hint:
        """Return what an empty list says: ``hidden`` by filters, not fetched, not in this period, or ``nothing`` at all."""
        if hidden and self.wanted.narrowed:
            return Hint(
                title=self.tr("Nothing matches"),
                text=hidden,
                action=self.tr("Clear filters"),
                then=self.clear_wanted.emit,
            )
        if self.known.depots and not self.known.reports:
            return Hint(
                title=self.tr("Nothing fetched yet"),
                text=self.tr("Your trades will stand here once the first reports have come from IBKR."),
                action=self.tr("Fetch reports"),
                then=self.sync_wanted.emit,
            )
        if self.period != ALL_TIME and self.known.depots:
            return Hint(title=nothing.title, text=nothing.text, action=self.tr("Show all periods"), then=self.all_time_wanted.emit)
        return nothing

    def _on_changed(self, then: Callable[[], object] | None, changes: object) -> None:
        if then is not None:
            then()
        self.changed.emit(changes)

    def _on_empty_action(self) -> None:
        if self._empty_action is not None:
            self._empty_action()

    def _on_menu(self, place: QPoint) -> None:
        self.context_menu().popup(self.table.viewport().mapToGlobal(place))
