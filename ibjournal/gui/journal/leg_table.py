"""The legs of a strategy in its pane; a double click leads to the trade."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QWidget

from ibjournal.domain.strategy import Strategy, StrategyLeg
from ibjournal.gui.journal.fills_table import DetailTable
from ibjournal.gui.journal.strategy_words import contract_words
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.roles import Role
from ibjournal.gui.widgets.table_model import Column, RowsModel

_LEAST = {0: 48, 2: 68, 3: 74, 4: 58}


class LegTable(DetailTable):
    """Quantity, contract, expiry, price and how it stands."""

    trade_wanted = Signal(object)
    """Show the trade of this key."""

    def __init__(self, parent: QWidget | None = None, *, today: Callable[[], date] = date.today) -> None:
        super().__init__(parent)
        translate = QCoreApplication.translate
        self.setAccessibleName(translate("Strategies", "Legs"))
        self.setToolTip(translate("Strategies", "A double click shows the trade"))
        self.legs: RowsModel[StrategyLeg] = RowsModel(
            (
                Column(
                    key="quantity",
                    title=translate("Strategies", "Qty"),
                    text=lambda leg: formats.quantity(leg.quantity, signed=True),
                    tone=lambda _leg: "text_strong",
                    right=True,
                ),
                Column(
                    key="contract",
                    title=translate("Strategies", "Leg"),
                    text=contract_words,
                    tooltip=lambda leg: " ".join(leg.symbol.split()),
                ),
                Column(
                    key="expiry",
                    title=translate("Strategies", "Expiry"),
                    text=lambda leg: figures.day(leg.expiry, today()) if leg.expiry else formats.DASH,
                ),
                Column(key="price", title=translate("Strategies", "Price"), text=lambda leg: figures.price(leg.price), right=True),
                Column(
                    key="state",
                    title="",
                    text=lambda leg: translate("Strategies", "open") if leg.is_open else translate("Strategies", "closed"),
                    tone=lambda _leg: "text_muted",
                ),
            ),
            self,
        )
        self.setModel(self.legs)
        self.setSelectionMode(DetailTable.SelectionMode.SingleSelection)
        head = self.horizontalHeader()
        head.setSectionsClickable(False)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.opened.connect(self._on_opened)

    def show_legs(self, strategy: Strategy) -> None:
        """Show the legs of a strategy."""
        if self.legs.rows != strategy.legs:
            self.legs.set_rows(strategy.legs)
            self.grow_columns(_LEAST)
        self.fit_height()

    def _on_opened(self, index: QModelIndex) -> None:
        leg = index.siblingAtColumn(0).data(Role.OBJECT)
        if isinstance(leg, StrategyLeg) and leg.trades:
            self.trade_wanted.emit(leg.trades[0])
