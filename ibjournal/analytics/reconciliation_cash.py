"""Cash: what our movements make of a starting balance, line by line beside IBKR's cash report.

A movement knows on which lines of a statement it can stand. Mostly that is one. Where IBKR's choice is not documented it may be
several: then it is put where it closes the gap, else on the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from ibjournal.analytics.reconciliation import HALF_A_CENT, Check, Part
from ibjournal.analytics.reconciliation_explain import Absorber, Question
from ibjournal.analytics.reconciliation_reasons import Reason
from ibjournal.domain.provenance import RowRef

_ZERO = Decimal(0)
_THEIR_OWN = Reason.REPORT_NOT_CONSISTENT
"""Our side of a statement is the sum of IBKR's own rows: where it is not IBKR's sum, the report contradicts itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One amount that moved cash, signed from the account's view.

    ``lines`` are the lines of the cash report where it can stand, ``nav_lines`` those of the change in net asset value; ``section``
    is where it was told. ``rate`` is units of the base currency for one of ``currency``.
    """

    lines: tuple[str, ...]
    nav_lines: tuple[str, ...]
    section: str
    currency: str
    day: date
    amount: Decimal
    rate: Decimal | None = None
    row: RowRef | None = None
    group: str = ""
    """Movements of one group stand on one line together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What IBKR tells of a range: where it started, where it ended, and its lines by name."""

    start: Decimal
    end: Decimal
    lines: Mapping[str, Decimal]
    rows: tuple[RowRef, ...] = ()


@dataclass(slots=True)
class Placed:
    """Our movements on the lines of a statement."""

    amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, line: str, amount: Decimal, n: int = 1) -> None:
        """Put an amount on a line."""
        self.amounts[line] += amount
        self.counts[line] += n


def place(movements: Iterable[tuple[tuple[str, ...], str, Decimal]], told: Mapping[str, Decimal]) -> Placed:
    """Put amounts on lines.

    Args:
        movements: the lines where an amount can stand, its group, the amount.
        told: IBKR's lines.
    """
    placed = Placed()
    floating: dict[tuple[tuple[str, ...], str], list[Decimal]] = defaultdict(list)
    for lines, group, amount in movements:
        if len(lines) == 1:
            placed.add(lines[0], amount)
        else:
            floating[lines, group].append(amount)
    waiting = {key: (sum(amounts, _ZERO), len(amounts)) for key, amounts in floating.items()}
    for key in list(waiting):
        line = _fitting(key[0], waiting[key][0], placed, told)
        if line is not None:
            placed.add(line, *waiting.pop(key))
    # what fits on no line by itself may do so together
    for line in dict.fromkeys(line for lines, _group in waiting for line in lines):
        together = {key: each for key, each in waiting.items() if line in key[0]}
        if together and _fitting((line,), sum((each[0] for each in together.values()), _ZERO), placed, told):
            for key in together:
                placed.add(line, *waiting.pop(key))
    for (lines, _group), (whole, n) in waiting.items():
        placed.add(next((line for line in lines if line in told), lines[0]), whole, n)
    return placed


def _fitting(lines: Sequence[str], amount: Decimal, placed: Placed, told: Mapping[str, Decimal]) -> str | None:
    """Return the first line that an amount makes whole."""
    for line in lines:
        if line in told and abs(told[line] - placed.amounts[line] - amount) <= HALF_A_CENT:
            return line
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known beside the movements of one statement.

    ``untold`` names, for lines whose rows the reports do not hold, the sections that would. ``exact`` is False where amounts
    were converted: then ``bound`` is the most that the digits of the rates can make, by line and (empty) for all.
    """

    untold: Mapping[str, tuple[str, ...]]
    known: frozenset[str]
    """Lines that we know how to fill."""
    candidates: tuple[Part, ...] = ()
    of_lines: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    """Parts between our figure and IBKR's of one line."""
    absorbers: tuple[Absorber, ...] = ()
    bounds: Mapping[str, Decimal] = field(default_factory=dict)
    not_computed: Mapping[str, tuple[tuple[str, object], ...]] = field(default_factory=dict)
    """Lines that miss something else than a section, with the values of `Reason.MARK_MISSING`."""


def line_checks(question: Question, statement: Statement, placed: Placed, evidence: Evidence) -> list[Check]:
    """Compare line by line; lines of nothing on both sides are left out.

    Args:
        question: account, period, currency and check; the line becomes its subject.
        statement: IBKR's.
        placed: ours.
        evidence: what is known beside.
    """
    found = []
    names = [name for name, amount in statement.lines.items() if amount or placed.amounts.get(name)]
    names += [name for name, amount in placed.amounts.items() if name not in statement.lines and amount]
    for name in names:
        theirs = statement.lines.get(name)
        ours = placed.amounts.get(name, _ZERO)
        asked = replace(question, subject=name, rows=statement.rows)
        sections = evidence.untold.get(name)
        if theirs is None:
            found.append(asked.not_in_report(Reason.FIELD_MISSING, ours=ours, fields=(name,), section=question.check))
        elif name in evidence.not_computed:
            found.append(asked.with_values(evidence.not_computed[name]).not_in_report(Reason.MARK_MISSING, ibkr=theirs))
        elif sections and abs(theirs - ours) > HALF_A_CENT:
            found.append(asked.not_in_report(Reason.SECTION_MISSING, ibkr=theirs, sections=sections))
        elif name not in evidence.known and not ours:
            found.append(asked.not_in_report(Reason.TOLD_ONLY, ibkr=theirs))
        else:
            absorbers = (*_digits(evidence, name, placed.counts.get(name, 0)), *evidence.absorbers)
            candidates = evidence.of_lines.get(name, ())
            found.append(asked.compare(ours, theirs, candidates=candidates, absorbers=absorbers, otherwise=_THEIR_OWN))
    return found


def _digits(evidence: Evidence, name: str, n: int) -> list[Absorber]:
    bound = evidence.bounds.get(name)
    return [Absorber(reason=Reason.RATE_ROUNDED, bound=bound, values=(("n", n),))] if bound else []


def end_check(question: Question, statement: Statement, placed: Placed, evidence: Evidence) -> Check:
    """Compare the end: IBKR's start and our movements beside IBKR's end.

    Lines that no section's rows tell of are parts: IBKR's own figure for them, told as such.
    """
    ours = statement.start + sum(placed.amounts.values(), _ZERO)
    candidates: list[Part] = []
    missing: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for name, theirs in statement.lines.items():
        left = theirs - placed.amounts.get(name, _ZERO)
        if not left:
            continue
        if name in evidence.not_computed:
            values = (("name", name), *evidence.not_computed[name])
            candidates.append(Part(label=Reason.MARK_MISSING.value, amount=left, values=values, rows=statement.rows))
        elif name in evidence.untold and abs(left) > HALF_A_CENT:
            missing[evidence.untold[name]] += left
        elif name not in evidence.known and not placed.amounts.get(name):
            values = (("name", name),)
            candidates.append(Part(label=Reason.TOLD_ONLY.value, amount=left, values=values, rows=statement.rows))
    candidates += [
        Part(label=Reason.ROWS_MISSING.value, amount=amount, values=(("sections", sections),), rows=statement.rows)
        for sections, amount in missing.items()
    ]
    absorbers = (*_digits(evidence, "", sum(placed.counts.values())), *evidence.absorbers)
    candidates += [part for parts in evidence.of_lines.values() for part in parts]
    candidates += evidence.candidates
    return question.compare(ours, statement.end, candidates=candidates, absorbers=absorbers, otherwise=_THEIR_OWN)


def own_sum_check(question: Question, statement: Statement, counted: Sequence[str]) -> Check:
    """Check that IBKR's own lines make its end: ours is its start and the lines that count."""
    ours = statement.start + sum((statement.lines.get(name, _ZERO) for name in counted), _ZERO)
    return question.compare(ours, statement.end, otherwise=Reason.REPORT_NOT_CONSISTENT)


def income_checks(
    question: Question, statement: Statement, placed: Placed, evidence: Evidence, groups: Mapping[str, Sequence[str]]
) -> list[Check]:
    """Compare sums of lines that have a check of their own: dividends, taxes, interest, fees, commissions.

    Args:
        question: account, period and currency.
        statement: IBKR's.
        placed: ours.
        evidence: what is known beside.
        groups: the lines of each check.
    """
    found = []
    for check, lines in groups.items():
        asked = replace(question, check=check, rows=statement.rows)
        ours = sum((placed.amounts.get(line, _ZERO) for line in lines), _ZERO)
        theirs = sum((statement.lines.get(line, _ZERO) for line in lines), _ZERO)
        told = [line for line in lines if line in statement.lines]
        sections = tuple(dict.fromkeys(name for line in lines for name in evidence.untold.get(line, ())))
        if not told and not ours:
            found.append(asked.not_in_report(Reason.NOTHING_TO_COMPARE))
        elif not told:
            fields = tuple(lines)
            found.append(asked.not_in_report(Reason.FIELD_MISSING, ours=ours, section=question.check, fields=fields))
        elif sections and abs(theirs - ours) > HALF_A_CENT:
            found.append(asked.not_in_report(Reason.SECTION_MISSING, ibkr=theirs, sections=sections))
        else:
            bound = sum((evidence.bounds.get(line, _ZERO) for line in lines), _ZERO)
            n = sum(placed.counts.get(line, 0) for line in lines)
            digits = [Absorber(reason=Reason.RATE_ROUNDED, bound=bound, values=(("n", n),))] if bound else []
            candidates = [part for line in lines for part in evidence.of_lines.get(line, ())]
            absorbers = (*digits, *evidence.absorbers)
            found.append(asked.compare(ours, theirs, candidates=candidates, absorbers=absorbers, otherwise=_THEIR_OWN))
    return found
