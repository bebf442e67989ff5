"""What the summary of a trade says: its figures, the sum that makes its result, and IBKR's own result beside it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from PySide6.QtCore import QCoreApplication

from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.trade import TradeStatus
from ibjournal.gui.journal.section import Amount
from ibjournal.gui.journal.trade_words import ended_word, holding_days
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.pairs import Pair
from ibjournal.services.journal import TradeDetail

_TONES = {1: "positive", -1: "negative", 0: "muted"}
_HALF_A_CENT = Decimal("0.005")
_PERCENT_OF_PAR = frozenset({AssetClass.BOND, AssetClass.BILL})
_SETTLED_DAILY = frozenset({AssetClass.FUT, AssetClass.CFD})


def summary_pairs(detail: TradeDetail, *, today: date) -> tuple[Pair | None, ...]:
    """Return the summary's names and values, two to a line."""
    translate = QCoreApplication.translate
    row, trade = detail.row, detail.row.trade
    days = holding_days(trade, today)
    closing = ended_word(trade)
    closed = _moment(trade.closed_at, today) if trade.closed_at else translate("TradeSummary", "still open")
    opened = _moment(trade.opened_at, today) if trade.entry_known else formats.DASH
    entry, exit_ = translate("TradeSummary", "Entry"), translate("TradeSummary", "Exit")
    if row.instrument.asset_class in _PERCENT_OF_PAR:
        entry, exit_ = translate("TradeSummary", "Entry, % of par"), translate("TradeSummary", "Exit, % of par")
    still_open = trade.status is TradeStatus.OPEN and trade.open_quantity
    return (
        Pair(name=translate("TradeSummary", "Opened"), value=opened, tip=formats.moment(trade.opened_at)),
        Pair(
            name=_capital(closing) or translate("TradeSummary", "Closed"),
            value=closed,
            tip=formats.moment(trade.closed_at) if trade.closed_at else "",
        ),
        Pair(name=entry, value=figures.price(trade.entry_price)),
        Pair(name=exit_, value=figures.price(trade.exit_price)),
        Pair(name=translate("TradeSummary", "Quantity"), value=formats.quantity(trade.quantity)),
        Pair(name=translate("TradeSummary", "Still open"), value=formats.quantity(trade.open_quantity))
        if still_open
        else Pair(name=translate("TradeSummary", "Days held"), value=formats.DASH if days is None else str(days)),
    )


def result_amounts(detail: TradeDetail, *, masked: bool) -> tuple[Amount, ...]:
    """Return how the result comes about: gross and fees; in another base currency price effect and currency effect.

    Nothing before anything was closed.
    """
    translate = QCoreApplication.translate
    row, trade = detail.row, detail.row.trade
    currency, base = trade.currency, row.base_currency
    if trade.status is TradeStatus.OPEN and trade.open_quantity == trade.quantity and not trade.net:
        return ()
    foreign = bool(base) and base != currency

    def line(name: str, value: Decimal | None, *, total: bool = False, coloured: bool = False, tip: str = "") -> Amount:
        tone = "muted" if masked else _TONES[formats.sign_of(value)] if coloured else "strong"
        return Amount(name=name, values=(figures.change(value, masked=masked),), tones=(tone,), total=total, tip=tip)

    net = translate("TradeSummary", "Net, {currency}").format(currency=currency)
    lines = [
        line(translate("TradeSummary", "Gross, {currency}").format(currency=currency), trade.gross),
        line(translate("TradeSummary", "Fees, {currency}").format(currency=currency), trade.fees),
        line(net, trade.net, total=True, coloured=not foreign),
    ]
    if foreign:
        unknown = translate("TradeSummary", "No exchange rate is known for the day of closing.")
        price, effect = trade.net_base, trade.currency_effect
        both = None if price is None or effect is None else price + effect
        lines += [
            line(
                translate("TradeSummary", "Price effect, {currency}").format(currency=base),
                price,
                tip=unknown
                if price is None
                else translate("TradeSummary", "The net result at the rates of the closing fills, as IBKR counts it"),
            ),
            line(
                translate("TradeSummary", "Currency effect, {currency}").format(currency=base),
                effect,
                tip=translate("TradeSummary", "What the change of the rate since opening did to the money that was invested"),
            ),
            line(
                translate("TradeSummary", "Result, {currency}").format(currency=base),
                both,
                total=True,
                coloured=True,
                tip=unknown if both is None else "",
            ),
        ]
    return tuple(lines)


def notes_on_kind(detail: TradeDetail) -> str:
    """Return what is particular about this class of asset, empty where nothing is."""
    translate = QCoreApplication.translate
    asset_class = detail.row.instrument.asset_class
    if asset_class in _SETTLED_DAILY:
        return translate("TradeSummary", "Settled day by day: no money is invested, so there is no currency effect.")
    if asset_class in _PERCENT_OF_PAR:
        return translate("TradeSummary", "Prices are in percent of par; accrued interest is counted apart from the result.")
    return ""


def ibkr_words(detail: TradeDetail, *, masked: bool) -> tuple[str, str]:
    """Say what IBKR gives as realised beside our figure, and the tone to say it in; nothing before anything was closed.

    IBKR's figure is compared with our result as IBKR books it, which differs from what was earned only around an exercise.
    """
    translate = QCoreApplication.translate
    trade, theirs = detail.row.trade, detail.ibkr_realized
    if trade.net is None and theirs is None:
        return "", "muted"
    if not detail.matches and theirs is None:
        return "", "muted"
    if theirs is None:
        return translate("TradeSummary", "IBKR gives no realised figure for these fills yet."), "muted"
    amount = figures.with_currency(figures.change(theirs, masked=masked), trade.currency)
    if not trade.entry_known:
        return translate("TradeSummary", "The entry is older than the reports here; {amount} is IBKR’s own result.").format(
            amount=amount
        ), "info"
    booked = trade.net if trade.booked is None else trade.booked
    difference = (booked or Decimal(0)) - theirs
    if abs(difference) >= _HALF_A_CENT:
        return translate("TradeSummary", "IBKR’s realised result is {amount}; ours differs by {difference}.").format(
            amount=amount, difference=figures.with_currency(figures.change(difference, masked=masked), trade.currency)
        ), "warning"
    if booked == trade.net:
        return translate("TradeSummary", "IBKR’s realised result is the same: {amount}.").format(amount=amount), "muted"
    return translate(
        "TradeSummary", "IBKR books {amount} here, because it moves the premium into the shares. So do we in its view."
    ).format(amount=amount), "info"


def _moment(when: datetime, today: date) -> str:
    """Return day and time; the day alone where its year takes the room."""
    local = when.astimezone().date()
    return formats.moment(when, today=today) if local.year == today.year else figures.day(local, today)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
