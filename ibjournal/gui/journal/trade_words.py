"""What a trade is called: symbol, description and muted terms, and the state its icon stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from PySide6.QtCore import QCoreApplication

from ibjournal.domain.instrument import AssetClass, Instrument
from ibjournal.domain.trade import Side, Trade, TradeStatus
from ibjournal.gui.widgets import figures, formats
from ibjournal.services.journal import TradeRow

_BONDS = frozenset({AssetClass.BOND, AssetClass.BILL})
_OPTIONS = frozenset({AssetClass.OPT, AssetClass.FOP, AssetClass.WAR, AssetClass.IOPT})


@dataclass(frozen=True, slots=True)
class Mark:
    """A state: icon, colour token, and the sentence that says it."""

    icon: str
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """A trade's realised result and its currency; ``value`` None where there is none yet or none is known."""

    value: Decimal | None
    currency: str


def result_of(row: TradeRow) -> Result:
    """Return the net result in base currency, or in the trade's own where no rate is known; none while nothing was closed."""
    trade = row.trade
    if trade.status is TradeStatus.OPEN and trade.open_quantity == trade.quantity:
        return Result(None, row.base_currency or trade.currency)
    if trade.net_base is not None and row.base_currency:
        return Result(trade.net_base, row.base_currency)
    return Result(trade.net, trade.currency)


def symbol_of(instrument: Instrument) -> str:
    """Return the symbol a trader looks for: the underlying's for derivatives."""
    return instrument.underlying_symbol or instrument.symbol


def title_of(row: TradeRow) -> str:
    """Say what was traded, and which way: Short put, Shares, Futures, long."""
    instrument, short = row.instrument, row.trade.side is Side.SHORT
    if instrument.asset_class in _OPTIONS:
        return _option_title(instrument.right, short=short)
    return _titles(short=short).get(instrument.asset_class) or instrument.category or instrument.asset_class.value


def terms_of(row: TradeRow, today: date) -> str:
    """Return the muted tail: expiry, strike and right of a derivative, else the exchange; then how it ended."""
    instrument = row.instrument
    parts: list[str] = []
    if instrument.asset_class in _OPTIONS:
        if instrument.expiry:
            parts.append(figures.day(instrument.expiry, today))
        if instrument.strike is not None:
            parts.append(f"{formats.quantity(instrument.strike)} {instrument.right}".strip())
    elif instrument.asset_class in _BONDS:
        parts.append(instrument.description if instrument.description != instrument.symbol else instrument.exchange)
    elif instrument.expiry:
        parts.append(f"{figures.short_month(instrument.expiry.month)} {instrument.expiry.year % 100:02}")
    elif instrument.exchange:
        parts.append(instrument.exchange)
    ended = ended_word(row.trade)
    if ended:
        parts.append(ended)
    return " · ".join(part for part in parts if part)


def ended_word(trade: Trade) -> str:
    """Say how a trade ended where that was not by a fill."""
    return {
        "expired": QCoreApplication.translate("TradeWords", "expired"),
        "assigned": QCoreApplication.translate("TradeWords", "assigned"),
        "exercised": QCoreApplication.translate("TradeWords", "exercised"),
        "settled": QCoreApplication.translate("TradeWords", "settled in cash"),
        "merged": QCoreApplication.translate("TradeWords", "merged"),
        "tendered": QCoreApplication.translate("TradeWords", "tendered"),
        "matured": QCoreApplication.translate("TradeWords", "matured"),
        "worthless": QCoreApplication.translate("TradeWords", "worthless"),
        "removed": QCoreApplication.translate("TradeWords", "taken out"),
        "transferred": QCoreApplication.translate("TradeWords", "transferred"),
    }.get(trade.ended_by, "")


def side_word(side: Side) -> str:
    """Return the word for a side."""
    return (
        QCoreApplication.translate("TradeWords", "short")
        if side is Side.SHORT
        else QCoreApplication.translate("TradeWords", "long")
    )


def mark_of(row: TradeRow, *, to_review: bool = False) -> Mark | None:
    """Return the one state that the first column shows, None for an ordinary trade.

    Args:
        row: the trade.
        to_review: whether the strategy that it was opened in waits for the user.
    """
    if row.trade.provisional:
        text = QCoreApplication.translate("TradeWords", "Provisional: Activity has not confirmed every fill yet.")
        return Mark("circle-dashed", "info", text)
    if to_review:
        return Mark("flag", "warning", QCoreApplication.translate("TradeWords", "To review: is its strategy right?"))
    if not row.trade.entry_known:
        text = QCoreApplication.translate(
            "TradeWords", "Opened before the reports here begin. The entry is not known; the result is IBKR’s own."
        )
        return Mark("info", "info", text)
    if row.has_note:
        return Mark("sticky-note", "text_muted", QCoreApplication.translate("TradeWords", "There is a note."))
    return None


def holding_days(trade: Trade, today: date) -> int | None:
    """Return the calendar days from opening to closing, or to ``today`` while open; None where the entry is not known."""
    return ((trade.closed_on or today) - trade.opened_on).days if trade.entry_known else None


def _option_title(right: str, *, short: bool) -> str:
    if right == "C":
        return (
            QCoreApplication.translate("TradeWords", "Short call")
            if short
            else QCoreApplication.translate("TradeWords", "Long call")
        )
    if right == "P":
        return (
            QCoreApplication.translate("TradeWords", "Short put") if short else QCoreApplication.translate("TradeWords", "Long put")
        )
    return (
        QCoreApplication.translate("TradeWords", "Short option")
        if short
        else QCoreApplication.translate("TradeWords", "Long option")
    )


def _titles(*, short: bool) -> dict[AssetClass, str]:
    if short:
        return {
            AssetClass.STK: QCoreApplication.translate("TradeWords", "Shares, short"),
            AssetClass.FUT: QCoreApplication.translate("TradeWords", "Futures, short"),
            AssetClass.CFD: QCoreApplication.translate("TradeWords", "CFD, short"),
            AssetClass.CASH: QCoreApplication.translate("TradeWords", "Currency, short"),
            AssetClass.BOND: QCoreApplication.translate("TradeWords", "Bond, short"),
            AssetClass.FUND: QCoreApplication.translate("TradeWords", "Fund, short"),
            AssetClass.CRYPTO: QCoreApplication.translate("TradeWords", "Crypto, short"),
            AssetClass.CMDTY: QCoreApplication.translate("TradeWords", "Commodity, short"),
        }
    return {
        AssetClass.STK: QCoreApplication.translate("TradeWords", "Shares"),
        AssetClass.FUT: QCoreApplication.translate("TradeWords", "Futures, long"),
        AssetClass.CFD: QCoreApplication.translate("TradeWords", "CFD, long"),
        AssetClass.CASH: QCoreApplication.translate("TradeWords", "Currency"),
        AssetClass.BOND: QCoreApplication.translate("TradeWords", "Bond"),
        AssetClass.BILL: QCoreApplication.translate("TradeWords", "Treasury bill"),
        AssetClass.FUND: QCoreApplication.translate("TradeWords", "Fund"),
        AssetClass.CRYPTO: QCoreApplication.translate("TradeWords", "Crypto"),
        AssetClass.CMDTY: QCoreApplication.translate("TradeWords", "Commodity"),
    }
