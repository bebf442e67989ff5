"""The figures of a campaign: sums over its trades and the dividends of its shares, and what the shares really cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from ibjournal.domain.campaign import Campaign, CampaignState, Chain, Parts
from ibjournal.domain.campaign_dividends import Booking
from ibjournal.domain.campaign_fills import Family
from ibjournal.domain.cash import CashKind
from ibjournal.domain.fill import RateLookup
from ibjournal.domain.lots import OpenLot
from ibjournal.domain.money import plain, rounded
from ibjournal.domain.trade import Side, Trade, TradeKey, TradeStatus

_ZERO = Decimal(0)


def campaign_of(
    chain: Chain,
    family: Family,
    *,
    lots: Mapping[TradeKey, Sequence[OpenLot]],
    bookings: Sequence[Booking] = (),
    rate_to_base: RateLookup | None = None,
) -> Campaign:
    """Return a campaign with its figures, without its steps.

    Args:
        chain: who belongs to it.
        family: the trades of its account and underlying; their fills are not needed.
        lots: open lots by trade.
        bookings: dividends and taxes of the shares, of this and other campaigns.
        rate_to_base: asked for dividends that carry no rate, and for those in another currency than the trades'.
    """
    trades = [family.by_key[key] for key in chain.trades]
    options = [trade for trade in trades if family.is_option(trade)]
    shares = [trade for trade in trades if not family.is_option(trade)]
    currency = trades[0].currency
    mine = [each for each in bookings if each.trade in chain.trades]
    paid = [booked_part(each, currency, rate_to_base) for each in mine]
    income = sum(paid, Parts())
    realized = Parts(
        premium=_total(trade.gross for trade in options),
        stock=_total(trade.gross for trade in shares),
        fees=_total(trade.fees for trade in trades),
    )
    open_premium = _negated(_cost(options, lots))
    credit = _total([_total(trade.net for trade in options), open_premium])
    open_shares = [trade for trade in shares if trade.open_quantity]
    position = sum((_signed(trade) for trade in open_shares), _ZERO)
    share_cost = _cost(open_shares, lots) if open_shares else None
    points = sum((_signed(trade) * family.instrument_of(trade).multiplier for trade in open_shares), _ZERO)
    parts = realized + income
    so_far = _total([parts.total, open_premium])
    return Campaign(
        chain=chain,
        state=_state(family, trades),
        currency=currency,
        opened_on=trades[0].opened_on,
        closed_on=max(trade.closed_on or trade.opened_on for trade in trades) if chain.closed_at is not None else None,
        parts=parts,
        net_base=_total([*(trade.net_base for trade in trades), *(in_base(each, rate_to_base) for each in mine)]),
        currency_effect=_total(trade.currency_effect for trade in trades),
        credit=credit,
        open_premium=open_premium,
        shares=position,
        share_cost=share_cost,
        basis=_per_unit(share_cost, credit, points),
        basis_with_dividends=_per_unit(share_cost, _total([credit, income.total]), points),
        break_even=_per_unit(share_cost, so_far, points) if open_shares else _break_even(family, options, so_far),
        provisional=any(trade.provisional for trade in trades),
        entry_known=all(trade.entry_known for trade in trades),
    )


def booked_part(booking: Booking, currency: str, rate_to_base: RateLookup | None) -> Parts:
    """Return a dividend or tax as a part of a result in ``currency``."""
    entry = booking.entry
    other = rate_to_base(currency, entry.value_date) if rate_to_base is not None and entry.currency != currency else None
    amount = booking.amount_in(currency, (_rate(booking, rate_to_base), other))
    if amount is not None and entry.currency != currency:
        amount = rounded(amount)
    return Parts(withholding_tax=amount) if entry.kind is CashKind.WITHHOLDING_TAX else Parts(dividends=amount)


def in_base(booking: Booking, rate_to_base: RateLookup | None) -> Decimal | None:
    """Return a dividend or tax in the account's base currency, None where the rate is not known."""
    rate = _rate(booking, rate_to_base)
    return None if rate is None else booking.entry.amount * rate


def _rate(booking: Booking, rate_to_base: RateLookup | None) -> Decimal | None:
    entry = booking.entry
    if entry.fx_rate_to_base is not None:
        return entry.fx_rate_to_base
    day: date = entry.report_date or entry.value_date
    return rate_to_base(entry.currency, day) if rate_to_base is not None else None


def _total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    total = _ZERO
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def _negated(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else -amount + 0


def _signed(trade: Trade) -> Decimal:
    return trade.open_quantity if trade.side is Side.LONG else -trade.open_quantity


def _cost(trades: Iterable[Trade], lots: Mapping[TradeKey, Sequence[OpenLot]]) -> Decimal | None:
    """Return what is open had cost, None where a part of it is not known."""
    cost = _ZERO
    for trade in trades:
        mine = lots.get(trade.key, ())
        if sum((lot.quantity for lot in mine), _ZERO) != _signed(trade) or not all(lot.basis_known for lot in mine):
            return None
        cost += sum((lot.cost for lot in mine), _ZERO)
    return cost


def _per_unit(cost: Decimal | None, received: Decimal | None, units: Decimal) -> Decimal | None:
    return plain((cost - received) / units) if cost is not None and received is not None and units else None


def _break_even(family: Family, options: Iterable[Trade], so_far: Decimal | None) -> Decimal | None:
    """Return where the short options that are open bring back what was earned; None unless they are of one right and strike."""
    open_options = [trade for trade in options if trade.open_quantity]
    terms = {(family.instrument_of(trade).right, family.instrument_of(trade).strike, trade.side) for trade in open_options}
    if so_far is None or len(terms) != 1:
        return None
    right, strike, side = terms.pop()
    if side is Side.LONG or strike is None:
        return None
    units = sum((trade.open_quantity * family.instrument_of(trade).multiplier for trade in open_options), _ZERO)
    return plain(strike + so_far / units * (1 if right == "C" else -1))


def _state(family: Family, trades: Sequence[Trade]) -> CampaignState:
    now = [trade for trade in trades if trade.status is TradeStatus.OPEN]
    if not now:
        return CampaignState.FLAT
    written = {family.instrument_of(trade).right for trade in now if family.is_option(trade) and trade.side is Side.SHORT}
    shares = [trade for trade in now if not family.is_option(trade)]
    if shares:
        if ("C" if shares[0].side is Side.LONG else "P") in written:
            return CampaignState.CALL
        return CampaignState.OPEN if family.is_future(shares[0]) else CampaignState.SHARES
    return CampaignState.PUT if "P" in written else CampaignState.OPEN
