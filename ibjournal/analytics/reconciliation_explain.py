"""Compares two figures, and lets only evidence explain a difference.

Evidence is a part whose amount was computed without looking at the difference. The fewest parts that close the gap to half a cent
explain it. Where evidence says that a figure cannot be known (a basis that nobody told, the digits of a file), an `Absorber`
takes what is left: all of it, or as much as its bound allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from ibjournal.analytics.reconciliation import HALF_A_CENT, Check, CheckStatus, Part
from ibjournal.analytics.reconciliation_reasons import Reason
from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.period import Period
from ibjournal.domain.provenance import RowRef

_ZERO = Decimal(0)
_MOST_CANDIDATES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Absorber:
    """Evidence that a part of a figure cannot be known, or not to the last digit.

    ``bound`` is the most that it can be responsible for; None where nothing limits it.
    """

    reason: Reason
    bound: Decimal | None = None
    values: tuple[tuple[str, object], ...] = ()
    rows: tuple[RowRef, ...] = ()

    def takes(self, amount: Decimal) -> bool:
        """Return whether it can be responsible for an amount."""
        return self.bound is None or abs(amount) <= self.bound

    def part(self, amount: Decimal) -> Part:
        """Return the part that it makes."""
        values = self.values if self.bound is None else (*self.values, ("bound", self.bound))
        return Part(label=self.reason.value, amount=amount, values=values, rows=self.rows)


def part(reason: Reason, amount: Decimal, *, rows: Iterable[RowRef] = (), **values: object) -> Part:
    """Return a part that carries a reason."""
    return Part(label=reason.value, amount=amount, values=tuple(values.items()), rows=tuple(rows))


def closing_parts(
    gap: Decimal, candidates: Sequence[Part], absorbers: Sequence[Absorber] = (), *, tolerance: Decimal = HALF_A_CENT
) -> tuple[Part, ...] | None:
    """Return the parts that lead from our figure to IBKR's, None where the evidence does not.

    Args:
        gap: IBKR's figure less ours.
        candidates: computed parts; as few as possible are taken, the first ones first.
        absorbers: tried in order once no candidates close the gap alone; the narrow ones first.
        tolerance: what may be left.
    """
    useful = [each for each in candidates if each.amount]
    choices = [
        chosen
        for n in range(len(useful) + 1)
        for chosen in combinations(useful, n)
        if len(useful) <= _MOST_CANDIDATES or n in {1, len(useful)}
    ]
    for chosen in choices:
        if chosen and abs(gap - _sum(chosen)) <= tolerance:
            return chosen
    for absorber in absorbers:
        for chosen in choices:
            left = gap - _sum(chosen)
            if absorber.takes(left):
                return (*chosen, absorber.part(left))
    return None


def _sum(parts: Iterable[Part]) -> Decimal:
    return sum((each.amount for each in parts), _ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is compared: the fields of a `Check` that are known before its figures are."""

    account: AccountId
    check: str
    period: Period
    subject: str = ""
    currency: str = ""
    instrument: InstrumentId | None = None
    execution: str = ""
    values: tuple[tuple[str, object], ...] = ()
    rows: tuple[RowRef, ...] = ()

    def with_values(self, values: tuple[tuple[str, object], ...]) -> Question:
        """Return the same question with more values."""
        return replace(self, values=(*self.values, *values))

    def compare(
        self,
        ours: Decimal,
        ibkr: Decimal,
        *,
        candidates: Sequence[Part] = (),
        absorbers: Sequence[Absorber] = (),
        resting: Part | None = None,
        tolerance: Decimal = HALF_A_CENT,
        otherwise: Reason = Reason.NO_REASON_FOUND,
    ) -> Check:
        """Compare our figure with IBKR's.

        Args:
            ours: our figure.
            ibkr: IBKR's.
            candidates: see `closing_parts`.
            absorbers: see `closing_parts`.
            resting: evidence (its amount is 0) that our figure rests on IBKR's own; then it is explained and never simply ok.
            tolerance: the most that may differ.
            otherwise: the reason of what nothing explains.
        """
        gap = ibkr - ours
        check = self._check(ours, ibkr, CheckStatus.OK)
        if abs(gap) <= tolerance:
            return check if resting is None else explained_by(check, (resting,))
        parts = closing_parts(gap, candidates, absorbers, tolerance=tolerance)
        if parts is None:
            return replace(check, status=CheckStatus.DIFFERS, reason=otherwise.value)
        return explained_by(check, parts if resting is None else (resting, *parts))

    def not_in_report(self, reason: Reason, *, ours: Decimal | None = None, ibkr: Decimal | None = None, **values: object) -> Check:
        """Return the check of a figure that cannot be compared, with what is missing."""
        check = self._check(ours, ibkr, CheckStatus.NOT_IN_REPORT)
        return replace(check, reason=reason.value, values=(*self.values, *values.items()))

    def _check(self, ours: Decimal | None, ibkr: Decimal | None, status: CheckStatus) -> Check:
        return Check(
            account=self.account,
            check=self.check,
            period=self.period,
            subject=self.subject,
            currency=self.currency,
            ours=ours,
            ibkr=ibkr,
            status=status,
            instrument=self.instrument,
            execution=self.execution,
            values=self.values,
            rows=self.rows,
        )


def explained_by(check: Check, parts: tuple[Part, ...]) -> Check:
    """Return a check as explained by parts; their words and values become its own where they are of one kind."""
    labels = {each.label for each in parts}
    if len(labels) == 1:
        return replace(
            check, status=CheckStatus.EXPLAINED, reason=parts[0].label, parts=parts, values=(*check.values, *_told_once(parts))
        )
    return replace(check, status=CheckStatus.EXPLAINED, reason=Reason.SEVERAL.value, parts=parts)


def _told_once(parts: tuple[Part, ...]) -> tuple[tuple[str, object], ...]:
    """Return values of parts of one kind: counts and quantities added up, other values of the first."""
    values = dict(parts[0].values)
    for each in parts[1:]:
        for name, value in each.values:
            before = values.get(name)
            if name in {"n", "quantity", "bound"} and isinstance(value, (int, Decimal)) and isinstance(before, (int, Decimal)):
                values[name] = (
                    Decimal(before) + value if isinstance(before, Decimal) or isinstance(value, Decimal) else before + value
                )
    return tuple(values.items())
