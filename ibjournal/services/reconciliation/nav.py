"""Net asset value of one account: IBKR's change in net asset value line by line, its days, and its return."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from ibjournal.analytics.reconciliation import HALF_A_CENT, Check
from ibjournal.analytics.reconciliation_cash import Evidence, Movement, Placed, income_checks, line_checks, own_sum_check, place
from ibjournal.analytics.reconciliation_explain import Absorber, Question
from ibjournal.analytics.reconciliation_nav import DayValue, ReturnInput, counted_lines, day_checks, return_check
from ibjournal.analytics.reconciliation_reasons import Line, Reason
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.period import Period
from ibjournal.services.reconciliation.books import Books
from ibjournal.services.reconciliation.movements import ACTIONS, KNOWN_LINES, movements, untold_lines
from ibjournal.services.reconciliation.statements import Told, told_statements
from ibjournal.store.positions import position_day, positions_at

_ZERO = Decimal(0)
SECTION = "ChangeInNAV"
EQUITY = "EquitySummaryInBase"
_DIVIDENDS, _INTEREST = "ChangeInDividendAccruals", "InterestAccruals"
_SKIPPED = frozenset({"twr", "fxRateToBase", "currency"})

_INCOME = {
    "dividends": ("dividends",),
    "withholding_tax": ("withholdingTax", "withholding871m"),
    "interest": ("interest",),
    "fees": ("otherFees", "brokerFees", "advisorFees", "clientFees", "salesTax"),
    "commissions": ("commissions", "forexCommissions"),
}
_ACCRUALS = {"changeInDividendAccruals": "dividendAccruals", "changeInInterestAccruals": "interestAccruals"}
_OF_POSITIONS: dict[AssetClass, tuple[str, ...]] = {
    AssetClass.STK: ("stock",), AssetClass.OPT: ("options",), AssetClass.FOP: ("options",), AssetClass.WAR: ("options", "stock"),
    AssetClass.IOPT: ("options", "stock"), AssetClass.BOND: ("bonds",), AssetClass.BILL: ("bonds",), AssetClass.FUND: ("funds",),
    AssetClass.CRYPTO: ("crypto",), AssetClass.CMDTY: ("commodities",),
}  # fmt: skip


def nav_checks(books: Books) -> Iterator[Check]:
    """Yield the walk of each range that reports tell of, IBKR's days, the values of positions, and returns."""
    walks = told_statements(books, SECTION, start="startingValue", end="endingValue", skipped=_SKIPPED)
    moved = list(movements(books)) if walks else []
    for told in walks:
        books.breathe()
        yield from _walk(books, told, moved)
    question = Question(account=books.account, check="nav_walk", period=books.range)
    if not walks:
        for check in ("nav_walk", "twr"):
            yield replace(question, check=check).not_in_report(Reason.SECTION_MISSING, sections=(SECTION,))
    days = [each for each in books.equity if each.day in books.period]
    if not days:
        yield replace(question, check="nav_day").not_in_report(Reason.SECTION_MISSING, sections=(EQUITY,))
    for each in days:
        value = DayValue(day=each.day, total=each.total, components=each.components, row=each.row)
        yield from day_checks(books.account, books.base, (value,), tuple(books.contradictions.absorbers(value.day, value.day)))
    yield from _position_values(books)


def _walk(books: Books, told: Told, moved: Sequence[Movement]) -> Iterator[Check]:
    statement = told.statement
    question = Question(
        account=books.account, check="nav_walk", period=told.period, currency=books.base or told.currency, rows=statement.rows
    )
    absorbers = tuple(books.contradictions.absorbers(told.start, told.end))
    counted = counted_lines(statement.lines, gap=statement.end - statement.start)
    yield own_sum_check(replace(question, subject=Line.TOTAL.value), statement, counted)
    ends = (
        (Line.STARTING_VALUE, books.equity_before(told.start), statement.start),
        (Line.ENDING_VALUE, books.equity_at(told.end), statement.end),
    )
    for line, known, value in ends:
        asked = replace(question, subject=line.value)
        if known is None:
            yield asked.not_in_report(Reason.SECTION_MISSING, ibkr=value, sections=(EQUITY,))
        else:
            yield replace(asked, rows=(*asked.rows, known.row)).compare(known.total, value, absorbers=absorbers)
    placed, evidence = _placed(books, told, moved, absorbers)
    yield from line_checks(replace(question, rows=()), statement, placed, evidence)
    yield from income_checks(question, statement, placed, evidence, _INCOME)
    yield from _return(books, told, absorbers)


def _placed(books: Books, told: Told, moved: Sequence[Movement], absorbers: tuple[Absorber, ...]) -> tuple[Placed, Evidence]:
    """Return our amounts on the lines of a walk, and what is known beside them."""
    accruals = _accruals(books, told)
    # without a line of its own, the cash of corporate actions is in the mark-to-market result
    left_out = () if told.statement.lines.get("corporateActionProceeds") else (ACTIONS,)
    inside = [each for each in moved if each.nav_lines and each.amount and each.day in told.period and each.section not in left_out]
    amounts = [(each.nav_lines, each.group, each.amount * (each.rate or _ZERO)) for each in inside]
    amounts += [((name,), "", amount) for name, amount in accruals.items()]
    amounts += [(("assetTransfers",), "", flow.positions) for flow in books.transfers if flow.day in told.period]
    by_line: dict[str, list[Movement]] = defaultdict(list)
    for each in inside:
        by_line[each.nav_lines[0]].append(each)
    without = sorted({each.currency for each in inside if each.rate is None})
    unknown = [Absorber(reason=Reason.RATE_MISSING, values=(("currency", each),)) for each in without]
    evidence = Evidence(
        untold=untold_lines(books, told),
        known=KNOWN_LINES | frozenset(accruals),
        absorbers=(*unknown, *absorbers),
        bounds={line: books.rate_bound((each.amount, each.rate) for each in found) for line, found in by_line.items()},
    )
    return place(amounts, told.statement.lines), evidence


def _accruals(books: Books, told: Told) -> dict[str, Decimal]:
    """Return how accruals changed over a range.

    Their own sections tell; else the days' components, which hold the change of rates as well, and so only where they agree.
    """
    found = {}
    before, after = books.equity_before(told.start), books.equity_at(told.end)
    if before is not None and after is not None:
        for line, name in _ACCRUALS.items():
            amount = after.components.get(name, _ZERO) - before.components.get(name, _ZERO)
            if name in after.components and abs(amount - told.statement.lines.get(line, _ZERO)) <= HALF_A_CENT:
                found[line] = amount
    if books.holds(_DIVIDENDS, told.start, told.end):
        rows = [row for row in books.rows(_DIVIDENDS) if (row.day("reportDate") or row.day("date") or row.end) in told.period]
        amounts = [
            (row.number("netAmount") or _ZERO) * (row.number("fxRateToBase") or _ZERO)
            for row in rows
            if row.word("levelOfDetail").upper() != "SUMMARY"
        ]
        found["changeInDividendAccruals"] = sum(amounts, _ZERO)
    rows = [row for row in books.rows(_INTEREST) if row.word("currency") == "BASE_SUMMARY"]
    inside = [row for row in rows if told.start <= row.start and row.end <= told.end]
    inside = [row for row in inside if (row.start, row.end) == (told.start, told.end)][:1] or inside
    inside.sort(key=lambda row: row.start)
    overlap = any(before.end >= after.start for before, after in pairwise(inside))
    if inside and not overlap and min(row.start for row in inside) == told.start and max(row.end for row in inside) == told.end:
        found["changeInInterestAccruals"] = sum(
            ((row.number("interestAccrued") or _ZERO) + (row.number("accrualReversal") or _ZERO) for row in inside), _ZERO
        )
    return found


def _return(books: Books, told: Told, absorbers: tuple[Absorber, ...]) -> Iterator[Check]:
    for row in books.rows(SECTION):
        period = Period(row.start, row.end)
        if row.row not in told.statement.rows:
            continue
        question = Question(account=books.account, check="twr", period=period, rows=(row.row,))
        twr = row.number("twr")
        if twr is None:
            yield question.not_in_report(Reason.FIELD_MISSING, section=SECTION, fields=("twr",))
            continue
        values = {each.day: each.total for each in books.equity}
        yield return_check(question, ReturnInput(values=values, flows=books.external_flows), twr, absorbers)


def _position_values(books: Books) -> Iterator[Check]:
    """Yield the value of our open positions at IBKR's prices beside the columns of that day."""
    day = position_day(books.db, books.account, until=books.period.end)
    value = books.equity_at(day) if day is not None else None
    if day is None or value is None or day not in books.period:
        return
    marks: dict[InstrumentId, tuple[Decimal, Decimal | None]] = {}
    for each in positions_at(books.db, books.account, day):
        if each.mark_price is not None:
            rate = each.fx_rate_to_base if each.fx_rate_to_base is not None else books.rates(each.currency, day)
            marks[each.instrument] = (each.mark_price, rate)
    found: list[tuple[tuple[str, ...], str, Decimal]] = []
    amounts: list[tuple[Decimal, Decimal | None]] = []
    for instrument, lots in books.open_lots_at(day).items():
        columns = _OF_POSITIONS.get(books.asset_class(instrument))
        mark, rate = marks.get(instrument, (None, None))
        if columns is None or mark is None or rate is None:
            continue
        amount = sum((lot.quantity for lot in lots), _ZERO) * mark * books.points_of(instrument)
        found.append((columns, books.asset_class(instrument).value, amount * rate))
        amounts.append((amount, rate))
    sums = place(found, value.components)
    told = {column for columns in _OF_POSITIONS.values() for column in columns if value.components.get(column)}
    bound = books.rate_bound(amounts) + HALF_A_CENT * len(amounts)
    digits = Absorber(reason=Reason.RATE_ROUNDED, bound=bound, values=(("n", len(amounts)),))
    for column in sorted(told | {column for column, amount in sums.amounts.items() if amount}):
        question = Question(
            account=books.account, check="nav_day", period=Period(day, day), subject=column, currency=books.base, rows=(value.row,)
        )
        yield question.compare(
            sums.amounts[column],
            value.components.get(column, _ZERO),
            absorbers=(digits, *books.contradictions.absorbers(None, day)),
        )
