"""IBKR's statements of a range (cash report, change in net asset value): which ranges there are, and their lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ibjournal.analytics.reconciliation import HALF_A_CENT
from ibjournal.analytics.reconciliation_cash import Statement
from ibjournal.domain.period import Period
from ibjournal.services.reconciliation.books import Books
from ibjournal.store.reported import ReportedRow

_ZERO = Decimal(0)
_WEEKEND = timedelta(days=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One statement with its range and currency."""

    period: Period
    currency: str
    statement: Statement

    @property
    def start(self) -> date:
        """The first day."""
        return self.period.start or date.min

    @property
    def end(self) -> date:
        """The last day."""
        return self.period.end or date.max


def told_statements(books: Books, section: str, *, start: str, end: str, skipped: frozenset[str], keyed: str = "") -> list[Told]:
    """Return the statements of a section; those of single days that follow each other are one.

    Args:
        books: whose.
        section: its name.
        start: the attribute that holds what was there at the beginning.
        end: the one for the end.
        skipped: attributes that are numbers and no lines.
        keyed: the attribute that tells rows of one range apart (currency), empty where a range has one row.
    """
    chains: dict[str, list[Told]] = {}
    for period, rows in books.ranges(section):
        for row in _last_of_each(rows, keyed):
            opened, closed = row.number(start), row.number(end)
            if opened is None or closed is None:
                continue
            statement = Statement(start=opened, end=closed, lines=_lines(row, {start, end} | skipped), rows=(row.row,))
            found = Told(period=period, currency=row.word(keyed) if keyed else row.word("currency"), statement=statement)
            chain = chains.setdefault(found.currency, [])
            if chain and _follows(chain[-1], found):
                chain[-1] = _joined(chain[-1], found)
            else:
                chain.append(found)
    return sorted((each for chain in chains.values() for each in chain), key=lambda each: (each.start, each.end, each.currency))


def _last_of_each(rows: Sequence[ReportedRow], keyed: str) -> Iterable[ReportedRow]:
    """Return one row for each key: two statements of one range in one file tell the same."""
    return {row.word(keyed) if keyed else "": row for row in rows}.values()


def _lines(row: ReportedRow, skipped: set[str] | frozenset[str]) -> dict[str, Decimal]:
    found = {}
    for name in row.values:
        if name in skipped or name in _NO_LINES or name.endswith(_SUFFIXES):
            continue
        amount = row.number(name)
        if amount is not None:
            found[name] = amount
    return found


_NO_LINES = frozenset({"accountId", "acctAlias", "fromDate", "toDate", "reportDate", "model", "currency"})
_SUFFIXES = ("Sec", "Com", "Paxos", "IBUKL", "MTD", "YTD")
"""Parts of a figure that are in its total already."""


def _follows(before: Told, after: Told) -> bool:
    one_day = after.start == after.end
    near = before.end < after.start <= before.end + _WEEKEND
    return one_day and near and abs(after.statement.start - before.statement.end) <= HALF_A_CENT


def _joined(before: Told, after: Told) -> Told:
    first, second = before.statement, after.statement
    names = dict.fromkeys((*first.lines, *second.lines))
    lines = {name: first.lines.get(name, _ZERO) + second.lines.get(name, _ZERO) for name in names}
    statement = Statement(start=first.start, end=second.end, lines=lines, rows=(*first.rows, *second.rows))
    return Told(period=Period(before.start, after.end), currency=before.currency, statement=statement)
