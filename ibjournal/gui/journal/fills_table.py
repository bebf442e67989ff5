"""The tables of the detail pane: a trade's fills, and the lots that were matched first in, first out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from ibjournal.domain.lots import LotMatch
from ibjournal.gui.provenance.asked import OfExecution
from ibjournal.gui.reports.change_tables import field_name, kind_name, value_text
from ibjournal.gui.theme import Space
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.delegates import MoneyDelegate
from ibjournal.gui.widgets.labels import hairline
from ibjournal.gui.widgets.pairs import Pair, PairGrid
from ibjournal.gui.widgets.table_model import Column, RowsModel
from ibjournal.gui.widgets.table_view import TableView
from ibjournal.services.journal import Fill
from ibjournal.store.fill_changes import FillChange

_FEES = 3
_MONEY = frozenset({"proceeds", "commission", "taxes", "net_cash"})
_FILL_WIDTHS = {0: 126, 1: 46, 2: 66, 3: 60}
_LOT_WIDTHS = {1: 38, 2: 58, 3: 58, 4: 72}


class DetailTable(TableView):
    """A table as tall as its rows: the pane scrolls, not the table."""

    def fit_height(self) -> None:
        """Take the height of head and rows."""
        rows = self.model().rowCount() * self.verticalHeader().defaultSectionSize() if self.model() else 0
        self.setFixedHeight(self.horizontalHeader().height() + rows + 1)


class FillsPage(QWidget):
    """The executions of a trade; below them what there is to say of the chosen one, and the report that told of it."""

    origin_wanted = Signal(object)
    """Where does this fill come from? An `OfExecution`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fills = RowsModel(fill_columns(), self)
        self.table = TableView()
        self.table.setAccessibleName(QCoreApplication.translate("FillsTable", "Fills"))
        self.table.setModel(self.fills)
        self.table.setSelectionMode(TableView.SelectionMode.SingleSelection)
        self.table.set_delegate(_FEES, MoneyDelegate())
        self.table.horizontalHeader().setStretchLastSection(True)
        for position, column in enumerate(self.fills.columns):
            self.table.setColumnWidth(position, column.width)
        self.facts = PairGrid(1)
        self._masked = False
        self._changes: tuple[FillChange, ...] = ()
        below = QVBoxLayout()
        below.setContentsMargins(Space.PADDING, Space.CELL, Space.PADDING, Space.CELL)
        below.addWidget(self.facts)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(0)
        column_layout.addWidget(self.table, 1)
        column_layout.addWidget(hairline())
        column_layout.addLayout(below)
        self.table.selection_changed.connect(self._show_facts)
        self.table.opened.connect(lambda _index: self.ask_origin())
        ask = QAction(QCoreApplication.translate("FillsTable", "Where does this fill come from?"), self.table)
        ask.triggered.connect(self.ask_origin)
        self.table.addAction(ask)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def show_fills(self, fills: tuple[Fill, ...], *, masked: bool) -> None:
        """Show these fills, in order of time; the chosen one stays chosen."""
        chosen = self._chosen()
        self._masked = masked
        self.table.set_masked(masked)
        if not chosen or all(fill.piece != chosen.piece for fill in fills):
            self._changes = ()
        self.fills.set_rows(fills)
        self.table.grow_columns(_FILL_WIDTHS)
        wanted = chosen.piece if chosen else None
        row = max(0, self.fills.row_of(lambda fill: fill.piece == wanted))
        if fills:
            self.table.selectRow(row)
        self._show_facts()

    def show_changes(self, changes: tuple[FillChange, ...]) -> None:
        """Show with each fill what changed in it when a later report told it otherwise."""
        self._changes = changes
        self._show_facts()

    def ask_origin(self) -> None:
        """Ask where the chosen fill comes from."""
        fill = self._chosen()
        if fill is not None:
            execution = fill.execution
            self.origin_wanted.emit(OfExecution(execution.account, execution.instrument, execution.id))

    def _chosen(self) -> Fill | None:
        objects = self.table.selected_objects()
        return objects[0] if objects and isinstance(objects[0], Fill) else None

    def _show_facts(self) -> None:
        fill = self._chosen()
        facts = (*fill_facts(fill, masked=self._masked), *fill_changes(fill, self._changes, masked=self._masked)) if fill else ()
        self.facts.set_pairs(facts)


def fill_facts(fill: Fill, *, masked: bool) -> tuple[Pair, ...]:
    """Return what the table has no room for; what the report did not say is left out."""
    translate = QCoreApplication.translate
    execution = fill.execution
    facts = [
        Pair(name=translate("FillsTable", "Your time"), value=_time(execution.executed_at.astimezone())),
        Pair(name=translate("FillsTable", "Trading day"), value=formats.full_day(execution.trade_date)),
    ]
    if execution.realized is not None:
        amount = figures.with_currency(figures.change(execution.realized, masked=masked), execution.currency)
        facts.append(Pair(name=translate("FillsTable", "Realised, as IBKR says"), value=amount))
    if execution.exchange or execution.order_type:
        words = " · ".join(part for part in (execution.exchange, execution.order_type) if part)
        facts.append(Pair(name=translate("FillsTable", "Exchange and order"), value=words))
    if abs(fill.piece.quantity) != abs(execution.quantity):
        whole = formats.quantity(execution.quantity, signed=True)
        facts.append(Pair(name=translate("FillsTable", "Part of a fill of"), value=whole))
    source = translate("FillsTable", "Confirmation") if execution.provisional else translate("FillsTable", "Activity")
    facts.append(Pair(name=translate("FillsTable", "Known from"), value=source, tone="info" if execution.provisional else "strong"))
    facts.append(Pair(name=translate("FillsTable", "Report"), value=fill.report_file or formats.DASH, tip=fill.report_file))
    return tuple(facts)


def fill_changes(fill: Fill, changes: tuple[FillChange, ...], *, masked: bool) -> tuple[Pair, ...]:
    """Return what changed in a fill, before and after; the tooltip says why."""
    own = fill.execution.id.split("~")[0]
    return tuple(
        Pair(
            name=QCoreApplication.translate("FillsTable", "{field}, changed").format(field=field_name(change.field)),
            value=f"{_told(change.field, change.before, masked=masked)} → {_told(change.field, change.after, masked=masked)}",
            tip=kind_name(change.kind),
            tone="info",
        )
        for change in changes
        if change.execution.split("~")[0] == own
    )


def _told(field: str, value: str | None, *, masked: bool) -> str:
    return formats.MASK if masked and field in _MONEY else value_text(field, value)


class LotsTable(DetailTable):
    """The lot matches of a trade: what was opened when, closed when, and what came of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(QCoreApplication.translate("FillsTable", "Lots"))
        self._currency = ""
        self.lots = RowsModel(lot_columns(""), self)
        self.setModel(self.lots)
        self._prepare()

    def show_lots(self, lots: tuple[LotMatch, ...], currency: str) -> None:
        """Show these matches; money is in ``currency``."""
        if currency != self._currency:
            self._currency = currency
            self.lots = RowsModel(lot_columns(currency), self)
            self.setModel(self.lots)
            self._prepare()
        self.lots.set_rows(lots)
        self.grow_columns(_LOT_WIDTHS)
        self.fit_height()

    def _prepare(self) -> None:
        self.set_delegate(4, MoneyDelegate())
        head = self.horizontalHeader()
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)


def fill_columns() -> tuple[Column[Fill], ...]:
    """Return the columns of the fills table."""
    translate = QCoreApplication.translate
    return (
        Column(
            key="time",
            title=translate("FillsTable", "New York"),
            hint=translate("FillsTable", "Time of the fill in New York; the tooltip names your own time"),
            text=_new_york,
            tooltip=_both_times,
            sort=lambda fill: fill.execution.executed_at.isoformat(),
            tone=lambda fill: "info" if fill.execution.provisional else "",
            icon=lambda fill: ("circle-dashed", "info") if fill.execution.provisional else None,
            width=126,
        ),
        Column(
            key="quantity",
            title=translate("FillsTable", "Qty"),
            text=lambda fill: formats.quantity(fill.piece.quantity, signed=True),
            value=lambda fill: fill.piece.quantity,
            tone=lambda _fill: "text_strong",
            right=True,
            width=52,
        ),
        Column(
            key="price",
            title=translate("FillsTable", "Price"),
            text=lambda fill: figures.price(fill.execution.price),
            value=lambda fill: fill.execution.price,
            tone=lambda fill: "" if fill.execution.price else "text_muted",
            right=True,
            width=70,
        ),
        Column(
            key="fees",
            title=translate("FillsTable", "Fees"),
            hint=translate("FillsTable", "Commission and taxes of this fill, as far as it belongs to the trade"),
            text=lambda fill: formats.change(fill.piece.fees),
            value=lambda fill: fill.piece.fees,
            tone=lambda _fill: "text",
            tooltip=lambda fill: fill.execution.commission_currency or fill.execution.currency,
            right=True,
            width=60,
        ),
        Column(
            key="codes",
            title=translate("FillsTable", "Codes"),
            hint=translate("FillsTable", "Opening or closing, and IBKR’s note codes"),
            text=_codes,
            tone=lambda _fill: "text_muted",
            width=60,
        ),
    )


def lot_columns(currency: str) -> tuple[Column[LotMatch], ...]:
    """Return the columns of the lots table; the head of the result names its currency."""
    translate = QCoreApplication.translate
    net = translate("FillsTable", "Net, {currency}").format(currency=currency) if currency else translate("FillsTable", "Net")
    return (
        Column(key="days", title=translate("FillsTable", "Lots"), text=_lot_days, tooltip=_lot_times, width=86),
        Column(
            key="quantity",
            title=translate("FillsTable", "Qty"),
            text=lambda lot: formats.quantity(abs(lot.quantity)),
            value=lambda lot: abs(lot.quantity),
            tone=lambda _lot: "text_strong",
            right=True,
            width=50,
        ),
        Column(
            key="entry",
            title=translate("FillsTable", "Entry"),
            text=lambda lot: figures.price(lot.open_price),
            value=lambda lot: lot.open_price,
            tone=lambda lot: "" if lot.open_price else "text_muted",
            right=True,
            width=70,
        ),
        Column(
            key="exit",
            title=translate("FillsTable", "Exit"),
            text=lambda lot: figures.price(lot.close_price),
            value=lambda lot: lot.close_price,
            tone=lambda lot: "" if lot.close_price else "text_muted",
            right=True,
            width=70,
        ),
        Column(key="net", title=net, text=lambda lot: formats.change(lot.net), value=_net, right=True, width=84),
    )


def _net(lot: LotMatch) -> Decimal | None:
    return lot.net


def _new_york(fill: Fill) -> str:
    when = fill.execution.executed_at.astimezone(figures.NEW_YORK)
    return f"{figures.day(when.date(), when.date())} {when:%H:%M:%S}"


def _both_times(fill: Fill) -> str:
    execution = fill.execution
    return QCoreApplication.translate("FillsTable", "{here} here, {new_york} in New York; trading day {day}").format(
        here=_time(execution.executed_at.astimezone()),
        new_york=_time(execution.executed_at.astimezone(figures.NEW_YORK)),
        day=formats.full_day(execution.trade_date),
    )


def _time(when: datetime) -> str:
    return f"{formats.full_day(when.date())} {when:%H:%M:%S}"


def _codes(fill: Fill) -> str:
    parts = (fill.execution.open_close, *fill.execution.codes)
    return " ".join(dict.fromkeys(part for part in parts if part)) or formats.DASH


def _lot_days(lot: LotMatch) -> str:
    closed = lot.closed_at.astimezone(figures.NEW_YORK).date()
    opened = lot.opened_at.astimezone(figures.NEW_YORK).date() if lot.opened_at else None
    if opened is None:
        return QCoreApplication.translate("FillsTable", "? – {closed}").format(closed=figures.day(closed, closed))
    if opened == closed:
        return figures.day(closed, closed)
    return f"{figures.day(opened, closed)} – {figures.day(closed, closed)}"


def _lot_times(lot: LotMatch) -> str:
    opened = formats.moment(lot.opened_at) if lot.opened_at else formats.DASH
    return f"{opened} – {formats.moment(lot.closed_at)}"
