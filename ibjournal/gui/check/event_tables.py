"""The tables of the events part: what happened, accounts with new numbers, converted currency pairs."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHeaderView, QWidget

from ibjournal.gui.event_words import state_of, type_word
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.table_model import Column, RowsModel
from ibjournal.gui.widgets.table_view import TableView
from ibjournal.services.events import ConversionPair, EventRow

_WIDTHS = {0: 96, 2: 150, 3: 120}
_PAIR_WIDTHS = {0: 90, 2: 150, 3: 104}


class EventsTable(TableView):
    """Events, the newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(QCoreApplication.translate("Events", "Events"))
        self.events: RowsModel[EventRow] = RowsModel(_event_columns(), self)
        self.setModel(self.events)
        self.setSelectionMode(TableView.SelectionMode.SingleSelection)
        head = self.horizontalHeader()
        head.setSortIndicatorShown(True)
        head.setSortIndicator(-1, head.sortIndicatorOrder())
        self.setSortingEnabled(True)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)

    def show_events(self, rows: tuple[EventRow, ...]) -> None:
        """Show these; the chosen one stays chosen, else the first that needs the user is."""
        chosen = self.current_event()
        self.events.set_rows(rows)
        self.grow_columns(_WIDTHS)
        self.setColumnWidth(2, min(220, self.columnWidth(2)))
        row = self.events.row_of(lambda each: chosen is not None and each.id == chosen.id)
        if row < 0:
            row = self.events.row_of(lambda each: each.state.value in {"basis_asked", "not_applied"})
        if rows:
            self.selectRow(max(0, row))

    def current_event(self) -> EventRow | None:
        """Return the chosen event."""
        objects = self.selected_objects()
        return objects[0] if objects and isinstance(objects[0], EventRow) else None


class PairsTable(TableView):
    """Currency pairs that were converted, and whether they are trading."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(QCoreApplication.translate("Events", "Currency conversions"))
        self.pairs: RowsModel[ConversionPair] = RowsModel(_pair_columns(), self)
        self.setModel(self.pairs)
        self.setSelectionMode(TableView.SelectionMode.SingleSelection)
        head = self.horizontalHeader()
        head.setSectionsClickable(False)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)

    def show_pairs(self, rows: tuple[ConversionPair, ...]) -> None:
        """Show these; the chosen one stays chosen."""
        chosen = self.current_pair()
        self.pairs.set_rows(rows)
        self.grow_columns(_PAIR_WIDTHS)
        place = None if chosen is None else (chosen.account, chosen.instrument)
        row = self.pairs.row_of(lambda pair: (pair.account, pair.instrument) == place)
        if row >= 0:
            self.selectRow(row)

    def current_pair(self) -> ConversionPair | None:
        """Return the chosen pair."""
        objects = self.selected_objects()
        return objects[0] if objects and isinstance(objects[0], ConversionPair) else None


def _event_columns() -> tuple[Column[EventRow], ...]:
    translate = QCoreApplication.translate
    return (
        Column(
            key="day",
            title=translate("Events", "Day"),
            text=lambda row: formats.full_day(row.day),
            sort=lambda row: row.day,
            tone=lambda _row: "text_muted",
        ),
        Column(
            key="what",
            title=translate("Events", "Event"),
            text=lambda row: type_word(row.type),
            tail=lambda row: row.description,
            tooltip=lambda row: row.description,
            sort=lambda row: type_word(row.type).casefold(),
        ),
        Column(
            key="symbols",
            title=translate("Events", "Symbols"),
            text=lambda row: " → ".join(row.symbols),
            tooltip=lambda row: ", ".join(row.symbols),
            weight="symbol",
        ),
        Column(
            key="state",
            title=translate("Events", "State"),
            text=lambda row: state_of(row.state.value).word,
            icon=lambda row: (state_of(row.state.value).icon, state_of(row.state.value).tone),
            tone=lambda row: state_of(row.state.value).tone,
            sort=lambda row: row.state.value,
        ),
    )


def _pair_columns() -> tuple[Column[ConversionPair], ...]:
    translate = QCoreApplication.translate
    return (
        Column(key="symbol", title=translate("Events", "Pair"), text=lambda pair: pair.symbol, weight="symbol"),
        Column(
            key="days",
            title=translate("Events", "Days"),
            text=lambda pair: formats.day_range(pair.first_day, pair.last_day),
            tail=lambda pair: pair.account,
        ),
        Column(key="count", title=translate("Events", "Conversions"), text=_count, right=True),
        Column(
            key="trading",
            title=translate("Events", "Counts as"),
            text=lambda pair: translate("Events", "trades") if pair.trading else translate("Events", "conversions"),
            tone=lambda pair: "accent" if pair.trading else "text_muted",
            icon=lambda pair: ("check", "accent") if pair.trading else None,
        ),
    )


def _count(pair: ConversionPair) -> str:
    words = formats.quantity(Decimal(pair.count))
    if not pair.automatic:
        return words
    return QCoreApplication.translate("Events", "{count}, {automatic} automatic").format(count=words, automatic=pair.automatic)
