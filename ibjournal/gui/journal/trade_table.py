"""The journal's table model: trades under the week they were closed in, open trades first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import Any, TypeAlias

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ibjournal.domain.trade import TradeKey
from ibjournal.gui.journal.strategy_words import reason_sentences
from ibjournal.gui.journal.strategy_words import title_of as strategy_title
from ibjournal.gui.journal.trade_totals import Sums, TradeTotals, total
from ibjournal.gui.journal.trade_words import Mark, holding_days, mark_of, result_of, symbol_of, terms_of, title_of
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.roles import Role
from ibjournal.services.journal import TradeRow
from ibjournal.services.strategies import StrategyRow


class Column(IntEnum):
    """The columns, in their first order on screen."""

    STATE = 0
    CLOSED = 1
    OPENED = 2
    SYMBOL = 3
    WHAT = 4
    STRATEGY = 5
    DEPOT = 6
    ACCOUNT = 7
    QUANTITY = 8
    ENTRY = 9
    EXIT = 10
    DAYS = 11
    FEES = 12
    NET_TRADE = 13
    CURRENCY = 14
    NET = 15


HIDDEN = (Column.OPENED, Column.DEPOT, Column.ACCOUNT, Column.FEES, Column.NET_TRADE, Column.CURRENCY)
"""Columns that the chooser offers and that are not shown at first."""
WIDTHS = {
    Column.STATE: 32, Column.CLOSED: 112, Column.OPENED: 96, Column.SYMBOL: 60, Column.WHAT: 160, Column.STRATEGY: 124,
    Column.DEPOT: 100, Column.ACCOUNT: 90, Column.QUANTITY: 54, Column.ENTRY: 76, Column.EXIT: 76, Column.DAYS: 48, Column.FEES: 70,
    Column.NET_TRADE: 90, Column.CURRENCY: 60, Column.NET: 146,
}  # fmt: skip
NARROW_WIDTHS = WIDTHS | {
    Column.CLOSED: 104, Column.SYMBOL: 56, Column.STRATEGY: 112, Column.QUANTITY: 46, Column.ENTRY: 72, Column.EXIT: 72,
    Column.DAYS: 44, Column.NET: 126,
}  # fmt: skip
"""Widths for a table that is narrow, so that the description keeps its terms."""
_LEFT = frozenset(
    {Column.STATE, Column.CLOSED, Column.OPENED, Column.SYMBOL, Column.WHAT, Column.STRATEGY, Column.DEPOT, Column.ACCOUNT}
)
OPEN_GROUP = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A head line over the trades of one week, or over the open ones (key `OPEN_GROUP`)."""

    key: str
    first: date | None
    last: date | None
    totals: TradeTotals
    folded: bool = False


Line: TypeAlias = TradeRow | Group
Raw: TypeAlias = Decimal | date | int | str | None
Index: TypeAlias = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one cell shows, before it is handed out role by role."""

    text: str = ""
    tail: str = ""
    tone: str = ""
    weight: str = ""
    icon: tuple[str, str] | None = None
    value: Decimal | None = None
    tip: str = ""


_EMPTY = Cell()


class TradeTableModel(QAbstractTableModel):
    """Trades as lines. Grouped by week while sorted by closing day, flat under any other sort; sums are of what is shown."""

    def __init__(self, parent: QObject | None = None, *, today: Callable[[], date] = date.today) -> None:
        super().__init__(parent)
        self._today = today
        self._trades: tuple[TradeRow, ...] = ()
        self._strategies: Mapping[TradeKey, StrategyRow] = {}
        self._currency = ""
        self._folded: set[str] = set()
        self._cells: dict[tuple[int, int], Cell] = {}
        self.lines: tuple[Line, ...] = ()
        self.sorted_by = Column.CLOSED
        self.order = Qt.SortOrder.DescendingOrder
        self.totals = TradeTotals()

    # what the screen sets

    def set_trades(
        self, trades: tuple[TradeRow, ...], currency: str, strategies: Mapping[TradeKey, StrategyRow] | None = None
    ) -> None:
        """Show these trades.

        Args:
            trades: in any order.
            currency: the one base currency they share, or empty.
            strategies: those that they were opened in.
        """
        self._trades = trades
        self._strategies = strategies or {}
        self._currency = currency
        self.totals = total(trades)
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; what is not known stays last both ways."""
        if 0 <= column < len(Column):
            self.sorted_by, self.order = Column(column), order
            self._arrange()

    def fold(self, row: int, *, folded: bool) -> None:
        """Fold the group in this row, or open it."""
        line = self.lines[row]
        if isinstance(line, Group) and line.folded != folded:
            (self._folded.add if folded else self._folded.discard)(line.key)
            self._arrange()

    def row_of(self, key: TradeKey) -> int | None:
        """Return where a trade stands now, None when it is not shown."""
        return next((i for i, line in enumerate(self.lines) if isinstance(line, TradeRow) and line.trade.key == key), None)

    # what the view asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a role asks of a cell."""
        if not index.isValid() or index.row() >= len(self.lines):
            return None
        line, column = self.lines[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Role.OBJECT:
            return line if isinstance(line, TradeRow) else None
        if role == Role.KIND:
            return "group" if isinstance(line, Group) else None
        if role == Role.SORT:
            return None if isinstance(line, Group) else self.raw(line, column)
        if role not in _CELL_ROLES:
            return None
        cell = self._cell(index.row(), column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return " ".join(part for part in (cell.text, cell.tail) if part) or cell.tip
        return getattr(cell, _CELL_ROLES[role]) or None if role != Role.VALUE else cell.value

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words, the hint or the alignment of a head."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.heads()[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.head_tip(section) or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(Column(section))
        return None

    def heads(self) -> tuple[str, ...]:
        """Return the heads; the net column names its currency."""
        net = self.tr("Net P&L, {currency}").format(currency=self._currency) if self._currency else self.tr("Net P&L")
        names = {
            Column.STATE: "",
            Column.CLOSED: self.tr("Closed"),
            Column.OPENED: self.tr("Opened"),
            Column.SYMBOL: self.tr("Symbol"),
            Column.WHAT: self.tr("Description"),
            Column.STRATEGY: self.tr("Strategy"),
            Column.DEPOT: self.tr("Depot"),
            Column.ACCOUNT: self.tr("Account"),
            Column.QUANTITY: self.tr("Qty"),
            Column.ENTRY: self.tr("Entry"),
            Column.EXIT: self.tr("Exit"),
            Column.DAYS: self.tr("Days"),
            Column.FEES: self.tr("Fees"),
            Column.NET_TRADE: self.tr("Net, traded"),
            Column.CURRENCY: self.tr("Currency"),
            Column.NET: net,
        }
        return tuple(names[column] for column in Column)

    def head_tip(self, column: int) -> str:
        """Say what short heads mean."""
        return {
            Column.QUANTITY: self.tr("Quantity that was opened in all"),
            Column.ENTRY: self.tr("Average price of entry, in the currency of the trade"),
            Column.EXIT: self.tr("Average price of exit, in the currency of the trade"),
            Column.DAYS: self.tr("Days from opening to closing, or to today"),
            Column.FEES: self.tr("Commissions and taxes, in the currency of the trade"),
            Column.NET_TRADE: self.tr("Net result in the currency of the trade"),
            Column.NET: self.tr("Realised result after fees, at the rates of the closing fills"),
        }.get(Column(column), "")

    def raw(self, row: TradeRow, column: Column) -> Raw:
        """Return the exact value of a cell, for sorting and export."""
        trade = row.trade
        result = result_of(row)
        values: dict[Column, Raw] = {
            Column.CLOSED: trade.closed_on,
            Column.OPENED: trade.opened_on,
            Column.SYMBOL: symbol_of(row.instrument),
            Column.WHAT: " ".join(part for part in (title_of(row), terms_of(row, self._today())) if part),
            Column.STRATEGY: self._strategy_word(row) or None,
            Column.DEPOT: row.depot_name,
            Column.ACCOUNT: trade.account,
            Column.QUANTITY: trade.quantity,
            Column.ENTRY: trade.entry_price,
            Column.EXIT: trade.exit_price,
            Column.DAYS: holding_days(trade, self._today()),
            Column.FEES: trade.fees,
            Column.NET_TRADE: trade.net,
            Column.CURRENCY: trade.currency,
            Column.NET: result.value if result.currency == row.base_currency else None,
        }
        return values.get(column)

    def mark(self, row: TradeRow) -> Mark | None:
        """Return the one state of a trade that the first column shows."""
        strategy = self._strategies.get(row.trade.key)
        return mark_of(row, to_review=strategy is not None and not strategy.strategy.certain)

    # lines

    def _arrange(self) -> None:
        ordered = self._sorted()
        lines: Iterable[Line] = ordered if self.sorted_by is not Column.CLOSED else self._grouped(ordered)
        self.beginResetModel()
        self._cells.clear()
        self.lines = tuple(lines)
        self.endResetModel()

    def _sorted(self) -> list[TradeRow]:
        keyed = [(self._key(row), row) for row in self._trades]
        known = [(key, row) for key, row in keyed if key is not None]
        unknown = [row for key, row in keyed if key is None]
        backwards = self.order is Qt.SortOrder.DescendingOrder
        known.sort(key=lambda item: (item[0], item[1].trade.closed_at or item[1].trade.opened_at), reverse=backwards)
        unknown.sort(key=lambda row: row.trade.opened_at, reverse=True)
        return [row for _, row in known] + unknown

    def _key(self, row: TradeRow) -> tuple[int, Decimal | str] | None:
        """Return the sort key of a row under the sorted column; tuples, so that kinds of value never meet."""
        raw: Raw
        if self.sorted_by is Column.STATE:
            mark = self.mark(row)
            raw = mark.icon if mark else None
        elif self.sorted_by is Column.NET:
            raw = result_of(row).value
        else:
            raw = self.raw(row, self.sorted_by)
        if raw is None:
            return None
        if isinstance(raw, (Decimal, int)):
            return (0, Decimal(raw))
        return (1, raw.casefold() if isinstance(raw, str) else raw.isoformat())

    def _grouped(self, rows: list[TradeRow]) -> list[Line]:
        weeks: dict[str, list[TradeRow]] = {OPEN_GROUP: [row for row in rows if row.trade.closed_on is None]}
        for row in rows:
            if row.trade.closed_on is not None:
                year, week, _ = row.trade.closed_on.isocalendar()
                weeks.setdefault(f"{year}-{week:02}", []).append(row)
        lines: list[Line] = []
        for key, members in weeks.items():
            if members:
                group = _group(key, members)
                folded = key in self._folded
                lines += [replace(group, folded=folded), *(() if folded else members)]
        return lines

    # cells

    def _cell(self, row: int, column: Column) -> Cell:
        """Return a cell, made once: a delegate asks for it role by role."""
        cell = self._cells.get((row, column))
        if cell is None:
            line = self.lines[row]
            cell = self._group_cell(line, column) if isinstance(line, Group) else self._trade_cell(line, column)
            self._cells[row, column] = cell
        return cell

    def _group_cell(self, group: Group, column: Column) -> Cell:
        if column is Column.STATE:
            return Cell(icon=("chevron-right" if group.folded else "chevron-down", "text_muted"))
        if column is Column.CLOSED:
            return self._group_head(group)
        if column is Column.NET and len(group.totals.net) == 1:
            return Cell(text=self.sums(group.totals.net), weight="strong", value=group.totals.net[0][1])
        return _EMPTY

    def _group_head(self, group: Group) -> Cell:
        count = formats.quantity(Decimal(group.totals.count))
        if group.first is None or group.last is None:
            return Cell(text=self.tr("Open"), tail=" ".join([f"· {count}", *self._many_sums(group)]), weight="strong")
        range_of_days = figures.week(group.first, group.last, self._today())
        closed = self.tr("{count} closed").format(count=count)
        name = self.tr("Week {number}").format(number=group.first.isocalendar().week)
        tail = " ".join([f"· {range_of_days} · {closed}", *self._many_sums(group)])
        return Cell(text=name, tail=tail, weight="strong")

    def _many_sums(self, group: Group) -> list[str]:
        """Return the sums in several currencies, which the column at the right has no room for."""
        return [f"· {self.sums(group.totals.net)}"] if len(group.totals.net) > 1 else []

    def sums(self, amounts: Sums, *, masked: bool = False) -> str:
        """Write sums: bare in the table's own currency, with their codes where there are several."""
        if len(amounts) == 1 and amounts[0][0] == self._currency:
            return figures.change(amounts[0][1], masked=masked)
        return " · ".join(figures.with_currency(figures.change(v, masked=masked), c) for c, v in amounts)

    def _trade_cell(self, row: TradeRow, column: Column) -> Cell:
        trade, today = row.trade, self._today()
        match column:
            case Column.STATE:
                mark = self.mark(row)
                return Cell(icon=(mark.icon, mark.tone), tip=mark.text) if mark else _EMPTY
            case Column.CLOSED:
                if trade.closed_on is not None:
                    return Cell(text=formats.day(trade.closed_on, today=today))
                return Cell(text=self.tr("since {day}").format(day=figures.day(trade.opened_on, today)), tone="text_muted")
            case Column.OPENED:
                return Cell(text=formats.day(trade.opened_on, today=today))
            case Column.SYMBOL:
                return Cell(text=symbol_of(row.instrument), weight="symbol", tip=row.instrument.description)
            case Column.WHAT:
                return Cell(text=title_of(row), tail=terms_of(row, today))
            case Column.STRATEGY:
                return self._strategy_cell(row)
            case Column.DEPOT:
                return Cell(text=row.depot_name)
            case Column.ACCOUNT:
                return Cell(text=trade.account)
            case Column.CURRENCY:
                return Cell(text=trade.currency)
            case _:
                return self._number_cell(row, column)

    def _strategy_word(self, row: TradeRow) -> str:
        """Return what the trade was opened in, where that says more than the trade itself."""
        found = self._strategies.get(row.trade.key)
        if found is None or not (len(found.strategy.legs) > 1 or found.strategy.referenced or found.strategy.name):
            return ""
        return strategy_title(found.strategy)

    def _strategy_cell(self, row: TradeRow) -> Cell:
        words = self._strategy_word(row)
        if not words:
            return _EMPTY
        strategy = self._strategies[row.trade.key].strategy
        return Cell(text=words, tone="warning" if not strategy.certain else "", tip="\n".join(reason_sentences(strategy)))

    def _number_cell(self, row: TradeRow, column: Column) -> Cell:
        trade = row.trade
        match column:
            case Column.QUANTITY:
                return Cell(text=formats.quantity(trade.quantity), tip=self._still_open(row))
            case Column.ENTRY | Column.EXIT:
                value = trade.entry_price if column is Column.ENTRY else trade.exit_price
                tip = figures.with_currency(formats.price(value, most=8), trade.currency) if value is not None else ""
                return Cell(text=figures.price(value), tone="" if value else "text_muted", tip=tip)
            case Column.DAYS:
                days = holding_days(trade, self._today())
                return Cell(text=figures.count(days), tone="" if days else "text_muted")
            case Column.FEES:
                return Cell(text=formats.change(trade.fees), value=trade.fees, tone="text", tip=trade.currency)
            case Column.NET_TRADE:
                return Cell(text=formats.change(trade.net), value=trade.net)
            case _:
                return self._net_cell(row)

    def _net_cell(self, row: TradeRow) -> Cell:
        result = result_of(row)
        if result.value is None:
            return Cell(text=formats.DASH)
        text = formats.change(result.value)
        if result.currency != self._currency:
            text = figures.with_currency(text, result.currency)
        return Cell(text=text, value=result.value)

    def _still_open(self, row: TradeRow) -> str:
        trade = row.trade
        if not 0 < trade.open_quantity < trade.quantity:
            return ""
        return self.tr("{open} of {all} still open").format(
            open=formats.quantity(trade.open_quantity), all=formats.quantity(trade.quantity)
        )


_CELL_ROLES: dict[int, str] = {
    int(Qt.ItemDataRole.DisplayRole): "text",
    int(Qt.ItemDataRole.ToolTipRole): "tip",
    int(Qt.ItemDataRole.AccessibleTextRole): "text",
    int(Role.VALUE): "value",
    int(Role.TAIL): "tail",
    int(Role.TONE): "tone",
    int(Role.ICON): "icon",
    int(Role.WEIGHT): "weight",
}


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignLeft if column in _LEFT else Qt.AlignmentFlag.AlignRight
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _group(key: str, members: list[TradeRow]) -> Group:
    if key == OPEN_GROUP:
        return Group(key=key, first=None, last=None, totals=total(members))
    day = members[0].trade.closed_on
    if day is None:  # pragma: no cover - a week's members are closed
        raise ValueError(key)
    monday = day - timedelta(days=day.weekday())
    last = max(monday + timedelta(days=4), *(row.trade.closed_on or day for row in members), day)
    return Group(key=key, first=monday, last=last, totals=total(members))
