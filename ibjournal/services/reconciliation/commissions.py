"""Commissions of conversions that IBKR's rows state in one currency and its cash report takes in another.

The rows of conversions name the base currency. When an account had another base currency for a while, its cash moved in that one.
Two balances tell: what is missing in the first currency and what is too much in the second must be the same conversions, one after
the other in time, to half a cent in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import permutations

from ibjournal.analytics.reconciliation import HALF_A_CENT, Part
from ibjournal.analytics.reconciliation_explain import part
from ibjournal.analytics.reconciliation_reasons import Reason
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.period import Period
from ibjournal.services.reconciliation.books import Books
from ibjournal.store.fill_figures import FillFigures

_ZERO = Decimal(0)


def commissions_elsewhere(books: Books, period: Period, gaps: Mapping[str, Decimal]) -> dict[str, Part]:
    """Return by currency the part of conversions whose commission was taken in another one.

    Args:
        books: whose.
        period: of the cash report.
        gaps: IBKR's commissions less ours, by currency.
    """
    open_gaps = [currency for currency, gap in gaps.items() if abs(gap) > HALF_A_CENT]
    for stated, taken in permutations(open_gaps, 2):
        run = _run(books, period, (stated, taken), (gaps[stated], gaps[taken]))
        if run:
            rows = [fill.row for fill, _own, _other in run]
            told = {"n": len(run), "from": run[0][0].day, "to": run[-1][0].day}
            own = sum((each for _fill, each, _other in run), _ZERO)
            other = sum((each for _fill, _own, each in run), _ZERO)
            return {
                stated: part(Reason.COMMISSION_CURRENCY, -own, rows=rows, currency=taken, **told),
                taken: part(Reason.COMMISSION_CURRENCY, other, rows=rows, currency=stated, **told),
            }
    return {}


def _run(
    books: Books, period: Period, currencies: tuple[str, str], gaps: tuple[Decimal, Decimal]
) -> list[tuple[FillFigures, Decimal, Decimal]]:
    """Return the conversions, one after the other, that close both gaps, each with its commission in both currencies."""
    stated, taken = currencies
    found: list[tuple[FillFigures, Decimal, Decimal]] = []
    for fill in sorted(books.fills, key=lambda each: (each.executed_at, each.row)):
        if fill.asset_class is not AssetClass.CASH or not fill.active or not fill.commission or fill.day not in period:
            continue
        own = books.rate(fill) if fill.currency == stated else books.rates(stated, fill.day)
        other = books.rate(fill) if fill.currency == taken else books.rates(taken, fill.day)
        if fill.commission_currency == stated and own and other:
            found.append((fill, fill.commission, fill.commission * own / other))
    sums: list[tuple[Decimal, Decimal]] = [(_ZERO, _ZERO)]
    for _fill, in_stated, in_taken in found:
        sums.append((sums[-1][0] + in_stated, sums[-1][1] + in_taken))
    for start in range(len(found)):
        for end in range(start + 1, len(found) + 1):
            missing, too_much = sums[end][0] - sums[start][0] + gaps[0], sums[end][1] - sums[start][1] - gaps[1]
            if abs(missing) <= HALF_A_CENT and abs(too_much) <= HALF_A_CENT:
                return found[start:end]
    return []
