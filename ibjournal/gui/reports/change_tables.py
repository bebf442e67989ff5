"""What a run made of provisional fills, and the fills that later reports leave out."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHeaderView, QWidget

from ibjournal.gui.reports.run_tables import FittedTable
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.table_model import Column, RowsModel
from ibjournal.store.fill_changes import ChangeKind, FillChange
from ibjournal.store.status import MissingFill

_MONEY = frozenset({"proceeds", "commission", "taxes", "net_cash"})


def field_name(field: str) -> str:
    """Return the words for a field of a fill that changed."""
    translate = QCoreApplication.translate
    return {
        "price": translate("Reports", "Price"),
        "quantity": translate("Reports", "Quantity"),
        "proceeds": translate("Reports", "Proceeds"),
        "commission": translate("Reports", "Commission"),
        "taxes": translate("Reports", "Taxes"),
        "net_cash": translate("Reports", "Net cash"),
        "commission_currency": translate("Reports", "Currency of the commission"),
        "open_close": translate("Reports", "Opens or closes"),
        "codes": translate("Reports", "Codes"),
        "trade_date": translate("Reports", "Trade date"),
        "executed_at": translate("Reports", "Time"),
    }.get(field, field)


def kind_name(kind: ChangeKind) -> str:
    """Return why a fill reads otherwise, in words."""
    translate = QCoreApplication.translate
    return {
        ChangeKind.FINAL: translate("Reports", "Activity replaced the confirmation"),
        ChangeKind.LATER: translate("Reports", "A later report tells it otherwise"),
        ChangeKind.CORRECTED: translate("Reports", "IBKR corrected the fill"),
    }[kind]


def value_text(field: str, value: str | None) -> str:
    """Write a value of a field as stored."""
    if not value:
        return formats.DASH
    if field == "executed_at":
        return formats.moment(datetime.fromtimestamp(int(value), UTC))
    if field == "price":
        return formats.price(Decimal(value))
    if field == "quantity":
        return formats.quantity(Decimal(value), signed=True)
    return formats.price(Decimal(value)) if field in _MONEY else value


class ChangesTable(FittedTable):
    """Symbol, fill, field, before and after."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(10, parent)
        translate = QCoreApplication.translate
        self.setAccessibleName(translate("Reports", "What changed in fills"))
        self.changes: RowsModel[FillChange] = RowsModel(
            (
                Column(
                    key="symbol",
                    title=translate("Reports", "Symbol"),
                    text=lambda each: each.symbol,
                    tooltip=lambda each: each.account,
                ),
                Column(
                    key="fill",
                    title=translate("Reports", "Fill"),
                    text=lambda each: each.execution,
                    tooltip=lambda each: each.execution,
                    tone=lambda _each: "text_muted",
                ),
                Column(
                    key="field",
                    title=translate("Reports", "Field"),
                    text=lambda each: field_name(each.field),
                    tooltip=lambda each: kind_name(each.kind),
                ),
                Column(
                    key="before", title=translate("Reports", "Before"), text=lambda each: self._told(each, each.before), right=True
                ),
                Column(
                    key="after", title=translate("Reports", "After"), text=lambda each: self._told(each, each.after), right=True
                ),
            ),
            self,
        )
        self.setModel(self.changes)
        self.setSelectionMode(FittedTable.SelectionMode.NoSelection)
        head = self.horizontalHeader()
        head.setSectionsClickable(False)
        for position, width in enumerate((120, 160, 140, 130, 130)):
            head.resizeSection(position, width)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)

    def show_changes(self, changes: tuple[FillChange, ...]) -> None:
        """Show these changes."""
        self.changes.set_rows(changes)
        self.fit()

    def _told(self, change: FillChange, value: str | None) -> str:
        return formats.MASK if self.masked and change.field in _MONEY else value_text(change.field, value)


class MissingTable(FittedTable):
    """Fills that a later report over their days leaves out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(10, parent)
        translate = QCoreApplication.translate
        self.setAccessibleName(translate("Reports", "Missing fills"))
        self.fills: RowsModel[MissingFill] = RowsModel(
            (
                Column(
                    key="symbol",
                    title=translate("Reports", "Symbol"),
                    text=lambda each: each.symbol,
                    tooltip=lambda each: each.account,
                ),
                Column(key="day", title=translate("Reports", "Trade date"), text=lambda each: formats.day(each.trade_date)),
                Column(
                    key="source",
                    title=translate("Reports", "Known from"),
                    text=lambda each: (
                        translate("Reports", "Trade Confirmation") if each.provisional else translate("Reports", "Activity")
                    ),
                ),
                Column(
                    key="quantity",
                    title=translate("Reports", "Quantity"),
                    text=lambda each: formats.quantity(each.quantity, signed=True),
                    right=True,
                ),
                Column(key="price", title=translate("Reports", "Price"), text=lambda each: formats.price(each.price), right=True),
            ),
            self,
        )
        self.setModel(self.fills)
        self.setSelectionMode(FittedTable.SelectionMode.NoSelection)
        head = self.horizontalHeader()
        head.setSectionsClickable(False)
        for position, width in enumerate((120, 130, 160, 110, 110)):
            head.resizeSection(position, width)
        head.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)

    def show_fills(self, fills: tuple[MissingFill, ...]) -> None:
        """Show these fills."""
        self.fills.set_rows(fills)
        self.fit()
