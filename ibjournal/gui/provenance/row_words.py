"""A row of a report in a few words: what it is, and the figures that matter."""

from __future__ import annotations

import contextlib
import re
from datetime import date
from decimal import Decimal, InvalidOperation

from PySide6.QtCore import QCoreApplication

from ibjournal.gui.widgets import formats
from ibjournal.services.origins import SourceRow

_FACTS: dict[str, tuple[str, ...]] = {
    "Trade": ("transactionType", "fifoPnlRealized", "quantity", "tradePrice", "dateTime"),
    "TradeConfirm": ("transactionType", "quantity", "price", "commission", "dateTime"),
    "Lot": ("openDateTime", "quantity", "cost", "fifoPnlRealized"),
    "WashSale": ("dateTime", "quantity", "fifoPnlRealized"),
    "CorporateAction": ("type", "dateTime", "quantity", "proceeds", "value"),
    "CashTransaction": ("type", "dateTime", "amount"),
    "OpenPosition": ("reportDate", "position", "costBasisMoney", "fifoPnlUnrealized"),
    "OptionEAE": ("transactionType", "date", "quantity", "realizedPnl"),
    "StatementOfFundsLine": ("activityCode", "date", "activityDescription", "amount"),
    "Transfer": ("type", "direction", "date", "quantity", "positionAmount"),
    "EquitySummaryByReportDateInBase": ("reportDate", "cash", "stock", "total"),
    "CashReportCurrency": ("fromDate", "toDate", "startingCash", "endingCash"),
    "ChangeInNAV": ("fromDate", "toDate", "startingValue", "endingValue", "twr"),
    "FIFOPerformanceSummaryUnderlying": ("description", "totalRealizedPnl", "totalUnrealizedPnl"),
}
"""The attributes worth a line, by tag; other rows show their first few."""

MONEY = frozenset(
    """
    amount proceeds value cost costBasisMoney fifoPnlRealized fifoPnlUnrealized realizedPnl commission ibCommission taxes netCash
    cash stock total startingCash endingCash startingValue endingValue positionAmount positionAmountInBase cashTransfer tradeMoney
    mtmPnl capitalGainsPnl fxPnl options bonds funds balance debit credit positionValue costBasis unrealized totalRealizedPnl
    totalUnrealizedPnl totalFifoPnl mtm realized changeInUnrealized dividends withholdingTax interest brokerInterest otherFees
    commissions depositsWithdrawals deposits withdrawals netTradesSales netTradesPurchases fxTranslation netAmount grossAmount fee
    tax costBasisPrice openPrice
""".split()
)
"""Attributes whose values the mask hides."""

_CODED = frozenset({"Trade", "TradeConfirm", "Lot", "WashSale", "CorporateAction", "CashTransaction", "OpenPosition", "Transfer"})
"""Rows whose ``notes`` or ``code`` are IBKR's codes; elsewhere notes are a kind of security."""
_MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[;, T](\d\d):?(\d\d):?(\d\d))?(?: [A-Z]{3})?")
_MOST = 4
_UNITS = frozenset({"quantity", "position"})
_PRICES = frozenset({"tradePrice", "price"})


def row_title(row: SourceRow) -> str:
    """Return what a row is: its tag, and the instrument or currency it tells of."""
    found = dict(row.attributes)
    asset = found.get("assetCategory", "") if found.get("symbol") else ""
    what = " ".join(part for part in (asset, found.get("symbol") or found.get("currency", "")) if part)
    return f"{row.tag} · {what}" if what else row.tag


def row_facts(row: SourceRow, *, masked: bool = False) -> str:
    """Return the few figures of a row that matter, in the user's way of writing them."""
    found = dict(row.attributes)
    names = _FACTS.get(row.tag) or tuple(name for name, value in row.attributes if value and name != "accountId")[:_MOST]
    parts = [_fact(name, found[name], masked=masked) for name in names if found.get(name)]
    codes = (found.get("notes") or found.get("code")) if row.tag in _CODED else ""
    if codes:
        parts.insert(1, QCoreApplication.translate("Provenance", "code {codes}").format(codes=codes))
    if found.get("currency") and found.get("symbol"):
        parts.append(found["currency"])
    return " · ".join(dict.fromkeys(parts))


def _fact(name: str, value: str, *, masked: bool) -> str:
    """Return a value for a line of facts: money with two decimals, and a word where the figure alone would not say what it is."""
    translate = QCoreApplication.translate
    text = shown(name, value, masked=masked)
    if (moment := _MOMENT.fullmatch(value)) and "date" in name.lower():
        with contextlib.suppress(ValueError):
            day = formats.full_day(date(int(moment[1]), int(moment[2]), int(moment[3])))
            return f"{day} {moment[4]}:{moment[5]}:{moment[6]}" if moment[4] else day
    if text == value:
        with contextlib.suppress(InvalidOperation):
            text = _as_figure(name, value)
    words = {
        "fifoPnlRealized": translate("Provenance", "realised {value}"),
        "realizedPnl": translate("Provenance", "realised {value}"),
        "totalRealizedPnl": translate("Provenance", "realised {value}"),
        "totalUnrealizedPnl": translate("Provenance", "unrealised {value}"),
        "cost": translate("Provenance", "cost {value}"),
        "costBasisMoney": translate("Provenance", "cost {value}"),
        "commission": translate("Provenance", "commission {value}"),
        "startingCash": translate("Provenance", "start {value}"),
        "startingValue": translate("Provenance", "start {value}"),
        "endingCash": translate("Provenance", "end {value}"),
        "endingValue": translate("Provenance", "end {value}"),
        "total": translate("Provenance", "total {value}"),
        "cash": translate("Provenance", "cash {value}"),
        "stock": translate("Provenance", "stocks {value}"),
        "tradePrice": translate("Provenance", "at {value}"),
        "price": translate("Provenance", "at {value}"),
    }.get(name, "{value}")
    return words.format(value=text)


def _as_figure(name: str, value: str) -> str:
    """Return a figure as the user's language writes it; what is no figure stays.

    Raises:
        InvalidOperation: where a figure belongs there is none.
    """
    if is_money_name(name):
        return formats.number(Decimal(value))
    if name in _UNITS:
        return formats.quantity(Decimal(value))
    return formats.price(Decimal(value), most=8) if name in _PRICES else value


def shown(name: str, value: str, *, masked: bool) -> str:
    """Return a value as IBKR wrote it; dots for money while it is masked."""
    return formats.MASK if masked and is_money_name(name) and value else value


def is_money_name(name: str) -> bool:
    """Whether an attribute holds an amount of money."""
    lower = name.lower()
    return name in MONEY or any(part in lower for part in ("pnl", "commission", "cash", "proceeds", "money", "accrual", "value"))
