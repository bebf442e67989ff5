"""The table of campaigns, and of the links between trades that wait for the user."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Any, TypeAlias

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from ibjournal.domain.campaign import Campaign, CampaignKind, CampaignState
from ibjournal.gui.journal.campaign_words import contract_words, kind_word, state_word
from ibjournal.gui.journal.keyed_table import KeyedTable
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.delegates import MoneyDelegate, ProfitDelegate, StateIconDelegate
from ibjournal.gui.widgets.table_model import Column, RowsModel
from ibjournal.services.campaigns import CampaignRow, CampaignSuggestion

Item: TypeAlias = CampaignRow | CampaignSuggestion


class Place(IntEnum):
    """The columns."""

    STATE = 0
    SINCE = 1
    SYMBOL = 2
    WHAT = 3
    TRADES = 4
    PREMIUM = 5
    STOCK = 6
    INCOME = 7
    FEES = 8
    NET = 9
    BASIS = 10
    NET_BASE = 11


_WIDTHS = {
    Place.STATE: 32, Place.SINCE: 78, Place.SYMBOL: 58, Place.WHAT: 160, Place.TRADES: 50, Place.PREMIUM: 78, Place.STOCK: 78,
    Place.INCOME: 74, Place.FEES: 60, Place.NET: 134, Place.BASIS: 56, Place.NET_BASE: 90,
}  # fmt: skip
_GROWING: dict[int, int] = {Place.SINCE: 66, Place.PREMIUM: 74, Place.STOCK: 74, Place.INCOME: 66, Place.FEES: 56, Place.BASIS: 56}
"""As wide as their text, and no narrower than this: no number is cut."""
_ROOMY = 1000
"""Width from which the number of trades and the result in base currency are shown."""


class CampaignModel(RowsModel[Item]):
    """Campaigns; heads of money name the currency where all are in one."""

    currency = ""

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words of a head; that of the result names its currency."""
        words = super().headerData(section, orientation, role)
        if role == Qt.ItemDataRole.DisplayRole and section == Place.NET and self.currency and words:
            return f"{words}, {self.currency}"
        return words


class CampaignTable(KeyedTable):
    """Shows campaigns, the open ones first; suggestions stand above them."""

    def __init__(self, parent: QWidget | None = None, *, today: Callable[[], date] = date.today) -> None:
        super().__init__(key_of, parent)
        self.setAccessibleName(QCoreApplication.translate("Campaigns", "Campaigns"))
        self.campaigns = CampaignModel(campaign_columns(today), self)
        self.setModel(self.campaigns)
        self.set_delegate(Place.STATE, StateIconDelegate())
        for column in (Place.PREMIUM, Place.STOCK, Place.INCOME, Place.FEES, Place.BASIS):
            self.set_delegate(column, MoneyDelegate(signed=False))
        self.set_delegate(Place.NET_BASE, MoneyDelegate())
        self.set_delegate(Place.NET, ProfitDelegate())
        head = self.horizontalHeader()
        for place, width in _WIDTHS.items():
            head.resizeSection(place, width)
        head.setSectionResizeMode(Place.STATE, QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(Place.WHAT, QHeaderView.ResizeMode.Stretch)
        head.setSortIndicatorShown(True)
        self.sort_head(-1, Qt.SortOrder.DescendingOrder)
        head.sortIndicatorChanged.connect(lambda column, order: self.keeping_place(lambda: self.campaigns.sort(column, order)))
        self._roomy: bool | None = None

    def show_items(self, items: tuple[Item, ...]) -> None:
        """Show these; selection, cursor and scroll position stay."""
        currencies = {item.campaign.currency for item in items if isinstance(item, CampaignRow)}
        self.campaigns.currency = currencies.pop() if len(currencies) == 1 else ""
        self.keeping_place(lambda: self.campaigns.set_rows(items))
        self.grow_columns(_GROWING)

    def current_item(self) -> Item | None:
        """Return the row under the cursor."""
        item = self.current_object()
        return item if isinstance(item, (CampaignRow, CampaignSuggestion)) else None

    def rows(self) -> tuple[CampaignRow, ...]:
        """Return the campaigns that are shown."""
        return tuple(item for item in self.campaigns.rows if isinstance(item, CampaignRow))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show more where there is room."""
        super().resizeEvent(event)
        roomy = self.width() >= _ROOMY
        if roomy != self._roomy:
            self._roomy = roomy
            self.setColumnHidden(Place.TRADES, not roomy)
            self.setColumnHidden(Place.NET_BASE, not roomy)


def key_of(item: object) -> Hashable:
    """Return what names a row."""
    if isinstance(item, CampaignRow):
        return item.campaign.chain.key
    if isinstance(item, CampaignSuggestion):
        return item.link.earlier, item.link.later
    return None


def title_of(row: CampaignRow) -> str:
    """Return the user's name for a campaign, else what kind of story it is."""
    return row.campaign.chain.name or kind_word(row.campaign.chain.kind)


def income_of(campaign: Campaign) -> Decimal | None:
    """Return dividends after tax."""
    parts = campaign.parts
    return None if parts.dividends is None or parts.withholding_tax is None else parts.dividends + parts.withholding_tax


def suggestion_title(item: CampaignSuggestion) -> str:
    """Return the question that a suggestion asks."""
    translate = QCoreApplication.translate
    if item.link.kind.value == "roll":
        return translate("Campaigns", "Rolled?")
    return translate("Campaigns", "Do they belong together?")


def suggestion_terms(item: CampaignSuggestion, today: date) -> str:
    """Return the two contracts that a suggestion is about."""
    return " → ".join(contract_words(each, today) for each in item.instruments)


def campaign_columns(today: Callable[[], date]) -> tuple[Column[Item], ...]:
    """Return the columns; a suggestion has no figures."""
    translate = QCoreApplication.translate

    def money(of: Callable[[Campaign], Decimal | None]) -> Callable[[Item], Decimal | None]:
        return lambda item: of(item.campaign) if isinstance(item, CampaignRow) else None

    def change(of: Callable[[Campaign], Decimal | None]) -> Callable[[Item], str]:
        return lambda item: formats.change(of(item.campaign)) if isinstance(item, CampaignRow) else ""

    def amount(key: str, title: str, hint: str, of: Callable[[Campaign], Decimal | None]) -> Column[Item]:
        return Column(
            key=key,
            title=title,
            hint=hint,
            text=change(of),
            value=money(of),
            tone=lambda item: "text" if money(of)(item) else "text_muted",
            tooltip=lambda item: item.campaign.currency if isinstance(item, CampaignRow) else "",
            right=True,
        )

    return (
        Column(
            key="state",
            title="",
            text=lambda _item: "",
            icon=_icon,
            tooltip=_icon_words,
            sort=lambda item: _icon_words(item) or None,
        ),
        Column(
            key="since",
            title=translate("Campaigns", "Since"),
            text=lambda item: figures.day(_opened(item), today()),
            sort=_opened,
        ),
        Column(key="symbol", title=translate("Campaigns", "Symbol"), text=_symbol, weight="symbol"),
        Column(
            key="what",
            title=translate("Campaigns", "Campaign"),
            text=lambda item: title_of(item) if isinstance(item, CampaignRow) else suggestion_title(item),
            tail=lambda item: _tail(item, today()),
            tone=lambda item: "" if isinstance(item, CampaignRow) else "warning",
        ),
        Column(
            key="trades",
            title=translate("Campaigns", "Trades"),
            text=lambda item: str(_trades(item)),
            value=lambda item: Decimal(_trades(item)),
            right=True,
        ),
        amount(
            "premium",
            translate("Campaigns", "Premium"),
            translate("Campaigns", "Realised premium of the options, before fees"),
            lambda campaign: campaign.parts.premium,
        ),
        amount(
            "stock",
            translate("Campaigns", "Shares"),
            translate("Campaigns", "Realised result of shares or futures, before fees"),
            lambda campaign: campaign.parts.stock,
        ),
        amount(
            "income",
            translate("Campaigns", "Dividends"),
            translate("Campaigns", "Dividends of the shares, after withholding tax"),
            income_of,
        ),
        amount(
            "fees",
            translate("Campaigns", "Fees"),
            translate("Campaigns", "Commissions and taxes of trading"),
            lambda campaign: campaign.parts.fees,
        ),
        Column(
            key="net",
            title=translate("Campaigns", "P&L"),
            hint=translate("Campaigns", "What was realised so far: premium, shares, dividends and fees"),
            text=_net,
            value=money(lambda campaign: campaign.net),
            right=True,
        ),
        Column(
            key="basis",
            title=translate("Campaigns", "Basis"),
            hint=translate("Campaigns", "Adjusted basis of one share: what it cost less the premium, without dividends"),
            text=lambda item: figures.price(item.campaign.basis) if isinstance(item, CampaignRow) else "",
            value=money(lambda campaign: campaign.basis),
            tone=lambda item: "text" if money(lambda campaign: campaign.basis)(item) else "text_muted",
            right=True,
        ),
        Column(
            key="net_base",
            title=translate("Campaigns", "P&L, base"),
            hint=translate("Campaigns", "The result in the account’s base currency, at the rates of the days it was realised on"),
            text=change(lambda campaign: campaign.net_base),
            value=money(lambda campaign: campaign.net_base),
            tooltip=lambda item: item.base_currency if isinstance(item, CampaignRow) else "",
            right=True,
        ),
    )


def _net(item: Item) -> str:
    if not isinstance(item, CampaignRow):
        return ""
    return formats.change(item.campaign.net)


def _opened(item: Item) -> date:
    return item.campaign.opened_on if isinstance(item, CampaignRow) else item.later.opened_on


def _symbol(item: Item) -> str:
    if isinstance(item, CampaignRow):
        return item.symbol
    return item.instruments[0].underlying_symbol or item.instruments[0].symbol


def _trades(item: Item) -> int:
    return len(item.campaign.chain.trades) if isinstance(item, CampaignRow) else 2


def _tail(item: Item, today: date) -> str:
    if not isinstance(item, CampaignRow):
        return suggestion_terms(item, today)
    campaign = item.campaign
    parts = [kind_word(campaign.chain.kind)] if campaign.chain.name else []
    if campaign.closed_on is None:
        parts.append(state_word(campaign.state))
    else:
        parts.append(QCoreApplication.translate("Campaigns", "to {day}").format(day=figures.day(campaign.closed_on, today)))
    return " · ".join(parts)


def _icon(item: Item) -> tuple[str, str] | None:
    if not isinstance(item, CampaignRow):
        return "flag", "warning"
    if item.campaign.provisional:
        return "circle-dashed", "info"
    if not item.campaign.entry_known:
        return "info", "info"
    if item.campaign.chain.kind is CampaignKind.CUSTOM:
        return "check", "text_muted"
    return ("repeat", "text_muted") if item.campaign.state is not CampaignState.FLAT else None


def _icon_words(item: Item) -> str:
    translate = QCoreApplication.translate
    if not isinstance(item, CampaignRow):
        return translate("Campaigns", "Waits for you: do these trades belong together?")
    if item.campaign.provisional:
        return translate("Campaigns", "Provisional: Activity has not confirmed every fill yet.")
    if not item.campaign.entry_known:
        return translate("Campaigns", "A trade of it was opened before the reports here begin.")
    if item.campaign.chain.kind is CampaignKind.CUSTOM:
        return translate("Campaigns", "Put together by you")
    return translate("Campaigns", "It goes on.") if item.campaign.state is not CampaignState.FLAT else ""
