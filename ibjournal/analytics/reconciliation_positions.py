"""Open positions: quantity and cost in our books beside IBKR's report of open positions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ibjournal.analytics.reconciliation import Check, CheckStatus, Part
from ibjournal.analytics.reconciliation_explain import Absorber, Question
from ibjournal.analytics.reconciliation_reasons import Reason
from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.period import Period
from ibjournal.domain.provenance import RowRef

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One instrument at the close of a day. Costs are signed as IBKR's ``costBasisMoney``, in ``currency``."""

    instrument: InstrumentId
    symbol: str
    currency: str
    ours: Decimal
    ibkr: Decimal
    our_cost: Decimal
    ibkr_cost: Decimal | None
    """None where the report does not say, or where the cost of what is settled day by day means nothing."""
    held_for: tuple[Part, ...] = ()
    """An event that is not applied and brought just the units that we know from this very report alone."""
    held: Decimal = _ZERO
    """How many of our units we know from this very report: then the quantity proves nothing."""
    since: date | None = None
    rows: tuple[RowRef, ...] = ()
    units: tuple[Part, ...] = ()
    """Evidence for a difference of the quantity; amounts are units."""
    costs: tuple[Part, ...] = ()
    """Evidence for a difference of the cost."""
    absorbers: tuple[Absorber, ...] = ()
    """Evidence that either cannot be known."""
    cost_absorbers: tuple[Absorber, ...] = ()
    """Evidence that the cost cannot be known, or not whole."""


def holding_checks(account: AccountId, start: date | None, day: date, holdings: Sequence[Holding]) -> Iterator[Check]:
    """Yield quantity and cost of each instrument; the cost only where both have some."""
    for each in holdings:
        question = Question(
            account=account,
            check="positions",
            period=Period(min(start, day) if start is not None else None, day),
            subject=each.symbol,
            instrument=each.instrument,
            rows=each.rows,
        )
        position = _position(question, each)
        yield position
        if each.ibkr_cost is not None and (each.ours or each.ibkr):
            yield _cost(replace(question, check="cost", currency=each.currency), each, position)


def _resting(holding: Holding) -> Part | None:
    if not holding.held:
        return None
    if holding.held_for:
        return replace(holding.held_for[0], amount=_ZERO)
    told = (("quantity", holding.held), ("since", holding.since))
    return Part(label=Reason.HISTORY_STARTS_LATER.value, amount=_ZERO, values=told)


def _position(question: Question, holding: Holding) -> Check:
    return question.compare(
        holding.ours,
        holding.ibkr,
        candidates=holding.units,
        absorbers=holding.absorbers,
        resting=_resting(holding),
        tolerance=_ZERO,
    )


def _cost(question: Question, holding: Holding, position: Check) -> Check:
    absorbers = [*holding.cost_absorbers, *holding.absorbers]
    if position.status is CheckStatus.EXPLAINED and position.parts and position.difference:
        # units that are missing, or too many, take their cost with them
        absorbers.insert(0, Absorber(reason=Reason(position.parts[0].label), values=position.parts[0].values))
    return question.compare(
        holding.our_cost, holding.ibkr_cost or _ZERO, candidates=holding.costs, absorbers=absorbers, resting=_resting(holding)
    )
