"""Net asset value: how it came from start to end, day by day, and the return that was made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from ibjournal.analytics.equity import combine
from ibjournal.analytics.reconciliation import Check
from ibjournal.analytics.reconciliation_explain import Absorber, Question
from ibjournal.analytics.reconciliation_reasons import Line, Reason
from ibjournal.analytics.returns import Convention, chain, daily_returns
from ibjournal.analytics.series import DayPoint
from ibjournal.domain.depot import AccountId
from ibjournal.domain.period import Period
from ibjournal.domain.provenance import RowRef

_ZERO = Decimal(0)
_HUNDRED = Decimal(100)
_FRIDAY = 4
_LONGEST_BREAK = timedelta(days=5)
"""Markets are closed for a long weekend with a holiday on each side, not for longer."""

COMPONENTS = (
    "cash", "slbCashCollateral", "stock", "slbDirectSecuritiesBorrowed", "slbDirectSecuritiesLent", "options", "bonds", "notes",
    "commodities", "funds", "softDollars", "dividendAccruals", "interestAccruals", "incentiveCouponAccruals",
    "forexCfdUnrealizedPl", "cfdUnrealizedPl", "fdicInsuredBankSweepAccount", "fdicInsuredAccountInterestAccruals",
    "ipoSubscription", "crypto", "physDel", "liteSurchargeAccruals", "cgtWithholdingAccruals", "eventContractInterestAccruals",
    "marginFinancingChargeAccruals",
)  # fmt: skip
"""Columns of a day that make its total; other columns (``…Long``, ``…Component``) are parts of these."""

_EITHER_MTM = ("realized", "changeInUnrealized")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayValue:
    """One day's net asset value with its components, in the base currency."""

    day: date
    total: Decimal
    components: Mapping[str, Decimal]
    row: RowRef


def day_checks(account: AccountId, currency: str, days: Sequence[DayValue], absorbers: Sequence[Absorber]) -> Iterator[Check]:
    """Check that each day's total is the sum of its components: IBKR's own figures, ours play no part."""
    for each in days:
        question = Question(
            account=account,
            check="nav_day",
            period=Period(each.day, each.day),
            subject=Line.TOTAL.value,
            currency=currency,
            rows=(each.row,),
        )
        told = [each.components[name] for name in COMPONENTS if name in each.components]
        if told:
            yield question.compare(sum(told, _ZERO), each.total, absorbers=absorbers, otherwise=Reason.REPORT_NOT_CONSISTENT)


def counted_lines(lines: Mapping[str, Decimal], *, gap: Decimal) -> list[str]:
    """Return the lines that make the end of a walk.

    IBKR fills either ``mtm``, or ``realized`` and ``changeInUnrealized``, as the template says; where a report has both, each
    of them is the whole, and what fits is taken.

    Args:
        lines: IBKR's.
        gap: end less start.
    """
    without = [name for name in lines if name not in {"mtm", *_EITHER_MTM}]
    both = any(lines.get(name) for name in _EITHER_MTM) and bool(lines.get("mtm"))
    if not both:
        return list(lines)
    by_mtm, by_result = [*without, "mtm"], [*without, *(name for name in _EITHER_MTM if name in lines)]
    return min((by_mtm, by_result), key=lambda names: abs(sum((lines[name] for name in names), _ZERO) - gap))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnInput:
    """What a time-weighted return rests on: values by day, and external flows in the base currency."""

    values: Mapping[date, Decimal]
    flows: Sequence[tuple[date, Decimal]]


def return_check(question: Question, given: ReturnInput, ibkr: Decimal, absorbers: Sequence[Absorber]) -> Check:
    """Compare the return over the question's period, in percent, with IBKR's ``twr``."""
    start, end = question.period.start, question.period.end
    if start is None or end is None:
        return question.not_in_report(Reason.DAYS_MISSING, ibkr=ibkr)
    first = max((day for day in given.values if day < start), default=None)
    inside = sorted(day for day in given.values if start <= day <= end)
    days = [*([first] if first is not None else []), *inside]
    # a flow of a day without a value would fall on the next; a market is rarely closed for longer than a few days
    gaps = [one for one, other in pairwise([_day_before(start), *days, end]) if other - one > _LONGEST_BREAK]
    if first is None or start - first > _LONGEST_BREAK:
        gaps.insert(0, _day_before(start))
    if gaps or not inside:
        return question.not_in_report(Reason.DAYS_MISSING, ibkr=ibkr, n=len(gaps), first=gaps[0] if gaps else start)
    points = combine(
        {question.account: {day: given.values[day] for day in days}}, [(question.account, day, flow) for day, flow in given.flows]
    )
    made = chain(daily_returns([DayPoint(day=each.day, nav=each.nav, flow=each.flow) for each in points], Convention.IBKR))
    if made is None:
        return question.not_in_report(Reason.TOLD_ONLY, ibkr=ibkr)
    return question.compare(made * _HUNDRED, ibkr, absorbers=absorbers)


def _day_before(day: date) -> date:
    earlier = date.fromordinal(day.toordinal() - 1)
    while earlier.weekday() > _FRIDAY:
        earlier = date.fromordinal(earlier.toordinal() - 1)
    return earlier
