"""The journal as strategies: the list with what is to be reviewed, and what the user says of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from ibjournal.domain.filters import TradeFilter, TradeState
from ibjournal.domain.period import ALL_TIME
from ibjournal.domain.strategy import StrategyKey, Structure
from ibjournal.gui.journal.action_strip import ActionStrip
from ibjournal.gui.journal.name_dialog import NameDialog
from ibjournal.gui.journal.part import REVIEW, STRATEGIES, TRADES, Hint, JournalPart
from ibjournal.gui.journal.strategy_pane import StrategyPane
from ibjournal.gui.journal.strategy_table import Line, Place, StrategyTable, result_of
from ibjournal.gui.journal.strategy_words import structure_word
from ibjournal.gui.provenance.asked import OfTrade
from ibjournal.gui.screen import StatusPart
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets import figures
from ibjournal.gui.widgets.table_view import SumRow
from ibjournal.services.changes import Changes
from ibjournal.services.strategies import StrategyDetail, StrategyRow, StrategyService


class StrategiesPart(JournalPart):
    """Lists strategies; confirms, splits, merges and names them, one or many, and takes that back."""

    name = STRATEGIES
    file_name = "strategies.csv"
    fixed_columns = frozenset({int(Place.STATE), int(Place.WHAT), int(Place.NET)})

    def __init__(
        self, service: StrategyService, tasks: TaskRunner, parent: QWidget | None = None, *, today: Callable[[], date] = date.today
    ) -> None:
        self.list = StrategyTable(today=today)
        self.detail = StrategyPane(today=today)
        super().__init__(self.list, self.detail, tasks, parent)
        self._service = service
        self._done: list[int] = []
        """How many choices each action of this session has written, the last at the end: what undo takes back."""
        self._count = 0
        self.strip = ActionStrip()
        self._build_strip()
        self.sums = SumRow(self.list)
        self.column.insertWidget(0, self.strip)
        self.column.addWidget(self.sums)
        self.list.installEventFilter(self)
        self.list.chosen.connect(self._on_chosen)
        self.list.selection_changed.connect(self._on_selection)
        self.list.opened.connect(lambda _index: self._open())
        pane = self.detail
        pane.close_wanted.connect(lambda: self.pane_wanted.emit(False))
        pane.step_wanted.connect(self.list.step)
        pane.goto_wanted.connect(self.goto_wanted)
        pane.origin_wanted.connect(self.ask_origin)
        pane.action_wanted.connect(self.strip.trigger)
        pane.structure_wanted.connect(self._name_structure)

    # what the screen asks

    def ask(self, number: int) -> None:
        """Read the strategies of the depot and period, and the pane's strategy again."""
        where = self.wanted.where
        everything = TradeFilter(depot=where.depot, account=where.account, period=where.period, text=where.text)
        self.tasks.run(self._service.list, everything, owner=self, done=partial(self._on_list, number))
        if self.detail.key is not None:
            self._read_detail(self.detail.key)

    def show_list(self, rows: tuple[StrategyRow, ...]) -> None:
        """Show what the filter bar asks for of these strategies."""
        waiting = sum(not row.strategy.certain for row in rows)
        opened = sum(row.strategy.is_open for row in rows)
        self._count = len(rows)
        self.counted.emit({"all": len(rows), "open": opened, "closed": len(rows) - opened, REVIEW: waiting})
        shown = tuple(row for row in rows if self._passes(row))
        self.list.show_strategies(shown)
        self.sums.setVisible(bool(shown))
        self.strip.words.setText(self._waiting_words(waiting))
        self.show_hint(None if shown else self._hint())
        self._show_sums()
        self._on_selection()

    def set_masked(self, *, masked: bool) -> None:
        """Hide or show money."""
        super().set_masked(masked=masked)
        self.detail.set_masked(masked=masked)
        self._show_sums()
        self.show_status()

    def select(self, key: object) -> bool:
        """Choose a strategy."""
        return self.list.select_key(StrategyKey(str(key)))

    def first(self) -> None:
        """Choose the first row where none is chosen."""
        if self.list.current_row() is None:
            self.list.step(1)

    def ask_origin(self) -> None:
        """Ask where the result comes from: the trade of the chosen leg, or of the first."""
        line = self.list.current_object()
        if isinstance(line, Line):
            legs = [line.leg] if line.leg is not None else list(line.strategy.legs)
            trade = next((key for leg in legs for key in leg.trades), None)
            if trade is not None:
                self.origin_wanted.emit(OfTrade(trade, f"{line.strategy.symbol} · {legs[0].symbol}"))

    def context_menu(self) -> QMenu:
        """Return the menu for the selected strategies."""
        menu = super().context_menu()
        row = self.list.current_row()
        if row is not None:
            for name, made in self.strip.buttons.items():
                action = menu.addAction(made.text())
                action.setEnabled(made.isEnabled())
                action.triggered.connect(partial(self.strip.trigger, name))
            if row.strategy.alternatives:
                others = menu.addMenu(self.tr("It is a…"))
                for each in row.strategy.alternatives:
                    others.addAction(structure_word(each)).triggered.connect(partial(self._name_structure, each))
            menu.addSeparator()
            for key in dict.fromkeys(key for leg in row.strategy.legs for key in leg.trades):
                symbol = next(leg.symbol for leg in row.strategy.legs if key in leg.trades)
                words = self.tr("Show the trade {symbol}").format(symbol=" ".join(symbol.split()))
                menu.addAction(words).triggered.connect(partial(self.goto_wanted.emit, TRADES, key))
            menu.addAction(self.tr("Where does this number come from?"), QKeySequence("Ctrl+E"), self.ask_origin)
            menu.addSeparator()
        menu.addAction(self.tr("Save as CSV…")).triggered.connect(self.export)
        return menu

    def show_status(self) -> None:
        """Tell the status bar what is shown and selected."""
        shown = self.list.strategies.strategies
        waiting = sum(not row.strategy.certain for row in shown)
        parts = []
        if waiting:
            parts.append(StatusPart(self.tr("{count} to review").format(count=waiting), "flag", "warning"))
        chosen = self.list.selected_rows()
        right = ""
        if chosen:
            words = [self.tr("{count} selected").format(count=len(chosen))]
            right = " · ".join([*words, *self._sums_of(chosen)])
        self.status_changed.emit(parts, right)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Return in the list confirms what is to be reviewed; where there is nothing to confirm it opens the pane."""
        if (
            watched is self.list
            and event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            return self.strip.trigger("confirm")
        return super().eventFilter(watched, event)

    # what the user says

    def confirm(self) -> None:
        """Keep the selected guesses as they are."""
        keys = [row.strategy.key for row in self.list.selected_rows() if not row.strategy.certain]
        if keys:
            self._say(partial(self._service.confirm, *keys), choices=len(keys))

    def split(self) -> None:
        """Take the selected strategy apart, leg by leg."""
        row = self.list.current_row()
        if row is not None:
            self._say(partial(self._service.split_legs, row.strategy.key))

    def merge(self) -> None:
        """Make one strategy of the selected ones."""
        keys = [row.strategy.key for row in self.list.selected_rows()]
        if len(keys) > 1:
            self._say(partial(self._service.group, strategies=keys))

    def rename(self) -> None:
        """Ask for a name, and what it is."""
        row = self.list.current_row()
        if row is None:
            return
        strategy = row.strategy
        first = [Structure(strategy.structure), *strategy.alternatives]
        ordered: Sequence[Structure] = [*first, *(each for each in Structure if each not in first)]
        key = strategy.key

        def save(name: str, structure: str) -> None:
            self._say(partial(self._service.rename, key, name, structure=Structure(structure)))

        dialog = NameDialog(
            title=self.tr("Name the strategy"),
            name=strategy.name,
            then=save,
            choices=[(each.value, structure_word(each)) for each in ordered],
            parent=self,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def undo(self) -> None:
        """Take back what was done last."""
        if self._done:
            self.run(self._undo, self._done.pop())
            self._on_selection()

    def _undo(self, choices: int) -> Changes:
        changes = Changes()
        for _ in range(choices):
            changes |= self._service.undo()
        return changes

    def _name_structure(self, structure: Structure) -> None:
        row = self.list.current_row()
        if row is not None:
            self._say(partial(self._service.rename, row.strategy.key, row.strategy.name, structure=structure))

    def _say(self, work: Callable[[], Changes], *, choices: int = 1) -> None:
        self.run(work, then=partial(self._on_said, choices))

    def _on_said(self, choices: int) -> None:
        self._done.append(choices)
        self._on_selection()

    # inside

    def _build_strip(self) -> None:
        actions: tuple[tuple[str, str, str, str, Callable[[], None], str], ...] = (
            ("confirm", self.tr("Confirm"), self.tr("The guess is right"), "Return", self.confirm, "check"),
            ("split", self.tr("Split"), self.tr("Each leg by itself"), "Ctrl+Shift+G", self.split, ""),
            ("merge", self.tr("Merge"), self.tr("Make one strategy of the selected ones"), "Ctrl+G", self.merge, ""),
            ("rename", self.tr("Rename…"), self.tr("Name it, or say what it is"), "F2", self.rename, ""),
            ("undo", self.tr("Undo"), self.tr("Take back what you did last"), "Ctrl+Z", self.undo, ""),
        )
        for name, words, tip, keys, action, icon in actions:
            self.strip.add(name, words, tip, keys, action, icon=icon)
            if name != "confirm":  # Return belongs to the list alone
                self.strip.bind(name, keys, self)

    def _passes(self, row: StrategyRow) -> bool:
        if self.wanted.review and row.strategy.certain:
            return False
        state = self.wanted.where.state
        return state is TradeState.ALL or row.strategy.is_open == (state is TradeState.OPEN)

    def _on_list(self, number: int, rows: tuple[StrategyRow, ...]) -> None:
        if self.answered(number):
            self.show_list(rows)
            self.loaded.emit()

    def _on_selection(self) -> None:
        chosen = self.list.selected_rows()
        one = len(chosen) == 1
        self.strip.enable(
            confirm=any(not row.strategy.certain for row in chosen),
            split=one and len(chosen[0].strategy.legs) > 1,
            merge=len(chosen) > 1 and len({(row.strategy.account, row.strategy.underlying) for row in chosen}) == 1,
            rename=one,
            undo=bool(self._done),
        )
        self.show_status()

    def _on_chosen(self, item: object) -> None:
        row = item.row if isinstance(item, Line) else None
        known = self.detail.key
        self.detail.show_row(row)
        if row is not None and row.strategy.key != known:
            self._read_detail(row.strategy.key)

    def _read_detail(self, key: StrategyKey) -> None:
        self.tasks.run(self._service.detail, key, owner=self, done=self._on_detail)

    def _on_detail(self, detail: StrategyDetail | None) -> None:
        if detail is not None:
            self.detail.show_detail(detail)

    def _open(self) -> None:
        self.pane_wanted.emit(True)

    def _waiting_words(self, waiting: int) -> str:
        if not waiting:
            return self.tr("Nothing to review")
        if waiting == 1:
            return self.tr("1 to review: Enter confirms it")
        return self.tr("%Ln to review: select them, Enter confirms", "", waiting)

    def _hint(self) -> Hint:
        nothing = Hint(title=self.tr("No strategies"), text=self.tr("Options and what covers them stand here, leg by leg."))
        if self.wanted.review and self._count:
            return Hint(
                title=self.tr("Nothing to review"),
                text=self.tr("Every strategy of this period is certain, or was confirmed by you."),
                action=self.tr("Show all"),
                then=self.clear_wanted.emit,
            )
        if self.period != ALL_TIME:
            nothing = Hint(title=self.tr("No strategies in this period"), text=nothing.text)
        hidden = (
            self.tr("1 strategy in this period.")
            if self._count == 1
            else self.tr("%Ln strategies in this period.", "", self._count)
        )
        if not self._count:  # the search alone has left nothing
            hidden = self.tr("No strategy of this period fits the search.")
        return self.hint_of_empty(hidden=hidden, nothing=nothing)

    def _show_sums(self) -> None:
        rows = self.list.strategies.strategies
        count = self.tr("1 strategy") if len(rows) == 1 else self.tr("%Ln strategies", "", len(rows))
        sums = self._sums_of(rows, bare=self.list.strategies.currency)
        self.sums.set_content(count, "", {int(Place.NET): " · ".join(sums)}, first_column=Place.OPENED)

    def _sums_of(self, rows: Sequence[StrategyRow], *, bare: str = "") -> list[str]:
        """Return the results in each currency; that of the table's own head without its code."""
        sums: dict[str, Decimal] = {}
        for row in rows:
            value, currency = result_of(row)
            if value is not None:
                sums[currency] = sums.get(currency, Decimal(0)) + value
        return [
            figures.with_currency(figures.change(value, masked=self.masked), "" if currency == bare else currency)
            for currency, value in sums.items()
        ]
