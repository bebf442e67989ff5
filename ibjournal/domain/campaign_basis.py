"""What the shares of a campaign really cost, step by step: their price less the premium so far, and less the dividends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ibjournal.domain.campaign import Campaign, CampaignStep, StepKind, StepLeg
from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId
from ibjournal.domain.money import plain
from ibjournal.domain.trade import Role, Trade, TradeKey

_ZERO = Decimal(0)
_OPTIONS = frozenset({AssetClass.OPT, AssetClass.FOP, AssetClass.WAR, AssetClass.IOPT})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBasis:
    """How a campaign stands after a step. Money is in its currency; ``shares`` is signed."""

    shares: Decimal = _ZERO
    basis: Decimal | None = None
    """Adjusted basis a share, as `Campaign.basis`; None without shares, and where what they had cost is not known."""
    basis_with_dividends: Decimal | None = None


def running_basis(
    campaign: Campaign, trades: Mapping[TradeKey, Trade], instruments: Mapping[InstrumentId, Instrument]
) -> tuple[StepBasis, ...]:
    """Return the adjusted basis after each step of a campaign; that after the last one is the campaign's own.

    Shares leave first in, first out, so what is left had cost what all had cost less what the result of the closing ones was
    measured against. Futures have no invested cost and get none.

    Args:
        campaign: with its steps.
        trades: its trades by key, for the fees of each fill.
        instruments: of its legs.
    """
    running = _Running(trades, instruments)
    return tuple(running.after(step) for step in campaign.steps)


class _Running:
    def __init__(self, trades: Mapping[TradeKey, Trade], instruments: Mapping[InstrumentId, Instrument]) -> None:
        self._trades, self._instruments = trades, instruments
        self._shares = _ZERO
        self._cost: Decimal | None = _ZERO
        self._fees = _ZERO
        """Of the fills that opened what is open."""
        self._income: Decimal | None = _ZERO

    def after(self, step: CampaignStep) -> StepBasis:
        legs = [leg for leg in step.legs if self._is_share(leg)]
        if legs:
            self._move(step, legs)
        paid = (step.realized.dividends, step.realized.withholding_tax)
        if step.kind in {StepKind.DIVIDEND, StepKind.WITHHOLDING_TAX}:
            self._income = (
                None if self._income is None or None in paid else self._income + sum((each or _ZERO for each in paid), _ZERO)
            )
        if not self._shares or self._cost is None:
            return StepBasis(shares=self._shares)
        cost = self._cost - self._fees - step.credit
        return StepBasis(
            shares=self._shares,
            basis=plain(cost / self._shares),
            basis_with_dividends=None if self._income is None else plain((cost - self._income) / self._shares),
        )

    def _move(self, step: CampaignStep, legs: list[StepLeg]) -> None:
        opened = [leg for leg in legs if leg.role is Role.OPENING]
        closed = sum((leg.quantity for leg in legs if leg.role is Role.CLOSING), _ZERO)
        before = self._shares
        known = step.kind is not StepKind.EVENT and step.cash.stock is not None and step.realized.stock is not None
        if self._cost is not None and known:
            self._cost += (step.realized.stock or _ZERO) - (step.cash.stock or _ZERO)
        else:
            self._cost = None
        if before and closed:
            self._fees += self._fees * closed / before  # the signs differ: a part goes
        self._fees += sum((self._fees_of(leg) for leg in opened), _ZERO)
        self._shares += sum((leg.quantity for leg in legs), _ZERO)
        if not self._shares:
            self._cost, self._fees = _ZERO, _ZERO

    def _fees_of(self, leg: StepLeg) -> Decimal:
        trade = self._trades.get(leg.trade)
        pieces = trade.pieces if trade is not None else ()
        return sum((each.fees for each in pieces if each.role is leg.role and each.execution in leg.executions), _ZERO)

    def _is_share(self, leg: StepLeg) -> bool:
        instrument = self._instruments.get(leg.instrument)
        return instrument is None or instrument.asset_class not in _OPTIONS | {AssetClass.FUT}
