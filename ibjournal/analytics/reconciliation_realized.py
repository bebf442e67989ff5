"""Realised results: our lot matches beside IBKR's ``fifoPnlRealized``, by closing execution, by instrument and in total.

Compared is the result as IBKR books it: where an option was exercised or assigned, with its premium moved into the underlying.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ibjournal.analytics.reconciliation import HALF_A_CENT, Check, CheckStatus, Part
from ibjournal.analytics.reconciliation_explain import Absorber, Question, explained_by
from ibjournal.analytics.reconciliation_reasons import Reason
from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.period import Period
from ibjournal.domain.provenance import RowRef

_ZERO = Decimal(0)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A fill, or an event, that realised something: in our books, in IBKR's, or in both. Money is in ``currency``."""

    execution: str
    instrument: InstrumentId
    symbol: str
    day: date
    currency: str
    booked: Decimal
    """Our result as IBKR would book it."""
    earned: Decimal
    """Our result as it was earned: the same but for exercises and assignments."""
    ibkr: Decimal
    rate: Decimal | None
    """Units of the base currency for one of ``currency``, as the row states it."""
    unseen: Decimal = _ZERO
    """How many units were opened before the reports begin; their result is IBKR's."""
    asked: Decimal = _ZERO
    """How many units came from elsewhere with a basis that nobody told yet; their result is IBKR's too."""
    resting: Part | None = None
    """Other evidence (its amount is 0) that our result rests on IBKR's own."""
    row: RowRef | None = None
    candidates: tuple[Part, ...] = ()
    absorbers: tuple[Absorber, ...] = ()


def closing_check(account: AccountId, closing: Closing, *, since: date | None) -> Check:
    """Compare one closing execution."""
    values: tuple[tuple[str, object], ...] = (("earned", closing.earned),) if closing.earned != closing.booked else ()
    question = Question(
        account=account,
        check="realized",
        period=Period(closing.day, closing.day),
        subject=closing.symbol,
        currency=closing.currency,
        instrument=closing.instrument,
        execution=closing.execution,
        values=values,
        rows=(closing.row,) if closing.row is not None else (),
    )
    resting = closing.resting
    if closing.unseen:
        told = (("quantity", closing.unseen), ("since", since))
        resting = Part(label=Reason.HISTORY_STARTS_LATER.value, amount=_ZERO, values=told)
    elif closing.asked:
        resting = Part(label=Reason.BASIS_ASKED.value, amount=_ZERO, values=(("quantity", closing.asked),))
    return question.compare(
        closing.booked, closing.ibkr, candidates=closing.candidates, absorbers=closing.absorbers, resting=resting
    )


def sum_check(
    question: Question, children: Sequence[Check], *, ibkr: Decimal | None = None, more: Sequence[Part] = (), rates: Decimal = _ZERO
) -> Check:
    """Compare a sum of figures that were compared one by one: what explains them explains it.

    Args:
        question: what the sum is of.
        children: the single comparisons.
        ibkr: IBKR's own sum where it states one, else the children's are added up.
        more: further parts between our sum and IBKR's.
        rates: the most that the digits of rates can make.
    """
    ours = sum((each.ours for each in children if each.ours is not None), _ZERO)
    theirs = ibkr if ibkr is not None else sum((each.ibkr for each in children if each.ibkr is not None), _ZERO)
    parts = (*merged(part for each in children for part in each.parts), *(each for each in more if each.amount))
    reason = Reason.RATE_ROUNDED if rates else Reason.ROUNDING
    rounded = sum(not _is_exact(each) for each in children)
    digits = Absorber(reason=reason, bound=rounded * HALF_A_CENT + rates, values=(("n", rounded),))
    # what differs unexplained in a child must not pass for digits
    sound = not any(each.status is CheckStatus.DIFFERS for each in children)
    check = question.compare(ours, theirs, absorbers=(digits,) if sound and not parts else ())
    if not parts:
        return check
    left = theirs - ours - sum((part.amount for part in parts), _ZERO)
    if abs(left) > HALF_A_CENT:
        if not (sound and digits.takes(left)):
            return replace(check, status=CheckStatus.DIFFERS, reason=Reason.NO_REASON_FOUND.value, parts=parts)
        parts = (*parts, digits.part(left))
    return explained_by(replace(check, status=CheckStatus.OK, reason="", parts=()), parts)


def _is_exact(check: Check) -> bool:
    """Return whether a figure has whole cents on both sides and no difference: then no digit of it was cut off."""
    return not check.difference and check.ours is not None and check.ours == check.ours.quantize(_CENT)


def merged(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return one part for each label: amounts, counts and quantities added up, rows joined."""
    by_label: dict[str, list[Part]] = defaultdict(list)
    for each in parts:
        by_label[each.label].append(each)
    return tuple(_joined(label, same) for label, same in by_label.items())


def _joined(label: str, parts: list[Part]) -> Part:
    if len(parts) == 1:
        return parts[0]
    values: dict[str, object] = {}
    for each in parts:
        for name, value in each.values:
            before = values.get(name)
            if name in _ADDED and isinstance(value, (int, Decimal)):
                values[name] = value + before if isinstance(before, (int, Decimal)) else value
            elif name not in values:
                values[name] = value
            elif before != value:
                values[name] = None
    rows = tuple(dict.fromkeys(row for each in parts for row in each.rows))
    kept = tuple((name, value) for name, value in values.items() if value is not None)
    return Part(label=label, amount=sum((each.amount for each in parts), _ZERO), values=kept, rows=rows)


_ADDED = frozenset({"n", "quantity", "bound", "opened", "closed"})


def in_base(checks: Sequence[Check], rates: Sequence[Decimal | None]) -> list[Check] | None:
    """Return comparisons in the base currency, each at its own rate; None where a rate is missing."""
    found = []
    for check, rate in zip(checks, rates, strict=True):
        if rate is None:
            return None
        parts = tuple(replace(part, amount=part.amount * rate) for part in check.parts)
        found.append(
            replace(
                check,
                ours=None if check.ours is None else check.ours * rate,
                ibkr=None if check.ibkr is None else check.ibkr * rate,
                parts=parts,
            )
        )
    return found
