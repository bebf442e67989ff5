"""The table of strategies: one row each, with its legs folded under it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from ibjournal.domain.strategy import Confidence, Strategy, StrategyKey, StrategyLeg
from ibjournal.gui.journal.keyed_table import KeyedTable
from ibjournal.gui.journal.strategy_words import (
    confidence_word,
    contract_words,
    premium_word,
    reason_sentences,
    short_reasons,
    terms_of,
    title_of,
)
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.delegates import MoneyDelegate, ProfitDelegate, StateIconDelegate
from ibjournal.gui.widgets.roles import Role
from ibjournal.gui.widgets.table_model import Column, RowsModel
from ibjournal.services.strategies import StrategyRow


class Place(IntEnum):
    """The columns."""

    STATE = 0
    OPENED = 1
    SYMBOL = 2
    WHAT = 3
    LEGS = 4
    CASH = 5
    CLOSED = 6
    SURE = 7
    NET_TRADE = 8
    NET = 9


_WIDTHS = {
    Place.STATE: 32, Place.OPENED: 78, Place.SYMBOL: 58, Place.WHAT: 200, Place.LEGS: 48, Place.CASH: 84, Place.CLOSED: 70,
    Place.SURE: 92, Place.NET_TRADE: 84, Place.NET: 118,
}  # fmt: skip
_DATES = {int(Place.OPENED): 66, int(Place.CLOSED): 66, int(Place.CASH): 84}
"""As wide as their text, and no narrower than this."""
_ROOMY = 1000
"""Width of the table from which evidence and the result in the trade's currency are shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """A strategy, or (``leg`` set) one of its legs below it."""

    row: StrategyRow
    leg: StrategyLeg | None = None

    @property
    def strategy(self) -> Strategy:
        """The strategy that the line belongs to."""
        return self.row.strategy


@dataclass(frozen=True, slots=True)
class Mark:
    """Icon, colour and sentence of the first column."""

    icon: str
    tone: str
    text: str


def result_of(row: StrategyRow) -> tuple[Decimal | None, str]:
    """Return the result in base currency, or in its own where no rate is known; none while nothing was closed."""
    strategy = row.strategy
    if strategy.is_open and not strategy.net:
        return None, row.base_currency or strategy.currency
    if strategy.net_base is not None and row.base_currency:
        return strategy.net_base, row.base_currency
    return strategy.net, strategy.currency


def mark_of(strategy: Strategy) -> Mark | None:
    """Return the state of a strategy: to be reviewed, said by the user, or nothing."""
    if not strategy.certain:
        words = QCoreApplication.translate("Strategies", "To review: {reasons}")
        return Mark("flag", "warning", words.format(reasons=" ".join(reason_sentences(strategy))))
    if strategy.confidence is Confidence.USER:
        return Mark("check", "text_muted", QCoreApplication.translate("Strategies", "By you"))
    return None


class StrategyModel(RowsModel[Line]):
    """Strategies in the order of a column, the legs of those that are unfolded below them."""

    def __init__(self, columns: Iterable[Column[Line]], parent: QObject | None = None) -> None:
        super().__init__(tuple(columns), parent)
        self.strategies: tuple[StrategyRow, ...] = ()
        self.currency = ""
        self._open: set[StrategyKey] = set()
        self._by = (int(Place.OPENED), Qt.SortOrder.DescendingOrder)

    def set_strategies(self, rows: tuple[StrategyRow, ...]) -> None:
        """Show these strategies."""
        self.strategies = rows
        bases = {row.base_currency for row in rows}
        self.currency = bases.pop() if len(bases) == 1 else ""
        self._open &= {row.strategy.key for row in rows}
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the strategies; legs stay with theirs, and what is not known stays last both ways."""
        self._by = (column, order)
        self._arrange()

    def unfold(self, key: StrategyKey, *, unfolded: bool) -> None:
        """Show or hide the legs of a strategy."""
        if (key in self._open) != unfolded:
            (self._open.add if unfolded else self._open.discard)(key)
            self._arrange()

    def is_unfolded(self, key: StrategyKey) -> bool:
        """Return whether the legs of a strategy are shown."""
        return key in self._open

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a role asks of a cell; legs stand back behind their strategy."""
        if role == Role.KIND and index.isValid():
            return "group" if self.rows[index.row()].leg is not None else None
        if role == Qt.ItemDataRole.AccessibleTextRole and index.isValid() and index.column() == Place.STATE:
            mark = mark_of(self.rows[index.row()].strategy)
            return mark.text if mark else None
        return super().data(index, role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words of a head; that of the result names its currency."""
        if role == Qt.ItemDataRole.DisplayRole and section == Place.NET and orientation == Qt.Orientation.Horizontal:
            words = QCoreApplication.translate("Strategies", "Net P&L")
            return f"{words}, {self.currency}" if self.currency else words
        return super().headerData(section, orientation, role)

    def _arrange(self) -> None:
        column, order = self._by
        spec = self.columns[column]
        key: Callable[[Line], Any] = spec.sort or spec.value or spec.text
        keyed = [(key(Line(row)), row) for row in self.strategies]
        known = [item for item in keyed if item[0] is not None]
        known.sort(key=lambda item: item[0], reverse=order == Qt.SortOrder.DescendingOrder)
        ordered = [row for _key, row in known] + [row for each, row in keyed if each is None]
        lines: list[Line] = []
        for row in ordered:
            lines.append(Line(row))
            if row.strategy.key in self._open:
                lines += [Line(row, leg) for leg in row.strategy.legs]
        self.set_rows(lines)


class StrategyTable(KeyedTable):
    """Shows a `StrategyModel`; Right unfolds the legs, Left folds them."""

    def __init__(self, parent: QWidget | None = None, *, today: Callable[[], date] = date.today) -> None:
        super().__init__(_key, parent)
        self.setAccessibleName(QCoreApplication.translate("Strategies", "Strategies"))
        self.strategies = StrategyModel(strategy_columns(today), self)
        self.setModel(self.strategies)
        self.set_delegate(Place.STATE, StateIconDelegate())
        self.set_delegate(Place.CASH, MoneyDelegate(signed=False))
        self.set_delegate(Place.NET_TRADE, MoneyDelegate())
        self.set_delegate(Place.NET, ProfitDelegate())
        head = self.horizontalHeader()
        for column, width in _WIDTHS.items():
            head.resizeSection(column, width)
        head.setSectionResizeMode(Place.STATE, QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(Place.WHAT, QHeaderView.ResizeMode.Stretch)
        self.sort_head(Place.OPENED, Qt.SortOrder.DescendingOrder)
        head.sortIndicatorChanged.connect(lambda column, order: self.keeping_place(lambda: self.strategies.sort(column, order)))
        self._roomy: bool | None = None

    def show_strategies(self, rows: tuple[StrategyRow, ...]) -> None:
        """Show these strategies; selection, cursor and scroll position stay."""
        self.keeping_place(lambda: self.strategies.set_strategies(rows))
        self.grow_columns(_DATES)
        self._apply_room()

    def current_row(self) -> StrategyRow | None:
        """Return the strategy under the cursor, also where one of its legs is."""
        line = self.current_object()
        return line.row if isinstance(line, Line) else None

    def selected_rows(self) -> tuple[StrategyRow, ...]:
        """Return the strategies that are selected, or of which a leg is, top down."""
        rows = [line.row for line in self.selected_objects() if isinstance(line, Line)]
        return tuple({row.strategy.key: row for row in rows}.values())

    def fold(self, key: StrategyKey, *, unfolded: bool) -> None:
        """Show or hide the legs of a strategy."""
        self.keeping_place(lambda: self.strategies.unfold(key, unfolded=unfolded))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Right unfolds, Left folds and leads from a leg to its strategy."""
        row = self.current_row()
        if row is not None and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            key = row.strategy.key
            self.fold(key, unfolded=event.key() == Qt.Key.Key_Right)
            if event.key() == Qt.Key.Key_Left:
                self.select_key(key)
            event.accept()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the number of legs folds or unfolds them."""
        index = self.indexAt(event.position().toPoint())
        line = index.data(Role.OBJECT) if index.isValid() else None
        super().mousePressEvent(event)
        if isinstance(line, Line) and line.leg is None and index.column() == Place.LEGS:
            key = line.strategy.key
            self.fold(key, unfolded=not self.strategies.is_unfolded(key))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show evidence and the result in the trade's currency where there is room."""
        super().resizeEvent(event)
        self._apply_room()

    def _apply_room(self) -> None:
        roomy = self.width() >= _ROOMY
        if roomy != self._roomy:
            self._roomy = roomy
            self.setColumnHidden(Place.NET_TRADE, not roomy)


def _key(item: object) -> Hashable:
    if not isinstance(item, Line):
        return None
    return item.strategy.key if item.leg is None else (item.strategy.key, item.leg.instrument)


def strategy_columns(today: Callable[[], date]) -> tuple[Column[Line], ...]:
    """Return the columns, each for a strategy and for a leg."""
    translate = QCoreApplication.translate

    def of(strategy: Callable[[StrategyRow], Any], leg: Callable[[StrategyLeg], Any] = lambda _leg: "") -> Callable[[Line], Any]:
        return lambda line: strategy(line.row) if line.leg is None else leg(line.leg)

    return (
        Column(
            key="state",
            title="",
            text=lambda _line: "",
            icon=of(_icon, lambda _leg: None),
            tooltip=of(lambda row: mark.text if (mark := mark_of(row.strategy)) else ""),
            sort=of(lambda row: mark.icon if (mark := mark_of(row.strategy)) else None),
        ),
        Column(
            key="opened",
            title=translate("Strategies", "Opened"),
            text=of(lambda row: figures.day(row.strategy.opened_on, today())),
            sort=of(lambda row: (row.strategy.opened_on, row.strategy.opened_at)),
        ),
        Column(key="symbol", title=translate("Strategies", "Symbol"), text=of(lambda row: row.strategy.symbol), weight="symbol"),
        Column(
            key="what",
            title=translate("Strategies", "Strategy"),
            text=of(lambda row: title_of(row.strategy), _leg_words),
            tail=of(lambda row: terms_of(row.strategy, today()), lambda leg: _leg_tail(leg, today())),
        ),
        Column(
            key="legs",
            title=translate("Strategies", "Legs"),
            hint=translate("Strategies", "Number of legs; a click, or the right arrow key, shows them"),
            text=of(lambda row: str(len(row.strategy.legs))),
            value=of(lambda row: Decimal(len(row.strategy.legs)), lambda _leg: None),
            right=True,
        ),
        Column(
            key="cash",
            title=translate("Strategies", "Credit/debit"),
            hint=translate("Strategies", "What opening it brought (+) or cost (−), without fees, in its own currency"),
            text=of(
                lambda row: formats.change(row.strategy.opening_cash),
                lambda leg: figures.price(leg.price),
            ),
            value=of(lambda row: row.strategy.opening_cash, lambda _leg: None),
            tooltip=of(lambda row: f"{premium_word(row.strategy.premium)}, {row.strategy.currency}"),
            tone=of(lambda _row: "text", lambda _leg: "text_muted"),
            right=True,
        ),
        Column(
            key="closed",
            title=translate("Strategies", "Closed"),
            text=of(
                lambda row: (
                    figures.day(row.strategy.closed_on, today())
                    if row.strategy.closed_on is not None
                    else translate("Strategies", "open")
                ),
                lambda leg: translate("Strategies", "open") if leg.is_open else "",
            ),
            tone=of(lambda row: "text_muted" if row.strategy.is_open else "", lambda _leg: "text_muted"),
            sort=of(lambda row: row.strategy.closed_on),
        ),
        Column(
            key="sure",
            title=translate("Strategies", "Why"),
            hint=translate("Strategies", "How sure it is that the legs belong together, and what speaks for it"),
            text=of(lambda row: short_reasons(row.strategy)),
            tooltip=of(lambda row: "\n".join((confidence_word(row.strategy.confidence), *reason_sentences(row.strategy)))),
            tone=of(lambda row: "" if row.strategy.certain else "warning"),
            sort=of(lambda row: list(Confidence).index(row.strategy.confidence)),
        ),
        Column(
            key="net_trade",
            title=translate("Strategies", "Net, traded"),
            hint=translate("Strategies", "Net result in the currency of the trade"),
            text=of(lambda row: formats.change(None if result_of(row)[0] is None else row.strategy.net)),
            value=of(lambda row: None if result_of(row)[0] is None else row.strategy.net, lambda _leg: None),
            tooltip=of(lambda row: row.strategy.currency),
            right=True,
        ),
        Column(
            key="net",
            title=translate("Strategies", "Net P&L"),
            hint=translate("Strategies", "Realised result after fees, at the rates of the closing fills"),
            text=of(lambda row: formats.change(result_of(row)[0])),
            value=of(lambda row: result_of(row)[0], lambda _leg: None),
            right=True,
        ),
    )


def _icon(row: StrategyRow) -> tuple[str, str] | None:
    mark = mark_of(row.strategy)
    return (mark.icon, mark.tone) if mark else None


def _leg_words(leg: StrategyLeg) -> str:
    return f"{formats.quantity(leg.quantity, signed=True)}\u2002{contract_words(leg)}"


def _leg_tail(leg: StrategyLeg, today: date) -> str:
    return figures.day(leg.expiry, today) if leg.expiry is not None else ""
