"""Cash of one account: from IBKR's starting balance by our movements to its ending balance, currency by currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ibjournal.analytics.reconciliation import HALF_A_CENT, Check, Part
from ibjournal.analytics.reconciliation_cash import Evidence, Movement, end_check, income_checks, line_checks, place
from ibjournal.analytics.reconciliation_explain import Absorber, Question, part
from ibjournal.analytics.reconciliation_reasons import Reason
from ibjournal.domain.period import Period
from ibjournal.services.reconciliation.books import Books
from ibjournal.services.reconciliation.commissions import commissions_elsewhere
from ibjournal.services.reconciliation.movements import COMMISSION_LINES, KNOWN_LINES, movements, untold_lines
from ibjournal.services.reconciliation.settled import DailySettled, Variation
from ibjournal.services.reconciliation.statements import Told, told_statements

_ZERO = Decimal(0)
SECTION = "CashReport"
_FUNDS = "StmtFunds"
_BASE = "BASE_SUMMARY"
_MTM = "cashSettlingMtm"
_SUMS = frozenset({"depositWithdrawals"})
"""Lines that others of the same row make up."""
_INCOME = {
    "dividends": ("dividends", "paymentInLieu"),
    "withholding_tax": ("withholdingTax", "withholding871m"),
    "interest": ("brokerInterest", "bondInterest"),
    "fees": ("otherFees", "brokerFees", "advisorFees", "clientFees", "salesTax"),
    "commissions": ("commissions",),
}
_SKIPPED = frozenset({
    "endingSettledCash", "slbNetCash", "slbNetSettledCash", "slbStartingCashCollateral", "slbEndingCashCollateral",
    "slbNetSecuritiesLentActivity", "slbCollateral", "avgCreditBalance", "avgDebitBalance", "fxRateToBase", "currency",
})  # fmt: skip
"""Numbers of a cash report that are no movements."""


def cash_checks(books: Books) -> Iterator[Check]:
    """Yield, for each currency and range that cash reports tell of, the end and every line."""
    statements = told_statements(books, SECTION, start="startingCash", end="endingCash", skipped=_SKIPPED, keyed="currency")
    if not statements:
        yield from (
            Question(account=books.account, check=check, period=books.range).not_in_report(
                Reason.SECTION_MISSING, sections=(SECTION,)
            )
            for check in ("cash", "cash_walk")
        )
        return
    moved = list(movements(books))
    settled = DailySettled(books)
    elsewhere = _elsewhere(books, statements, moved)
    with_currencies = {(each.start, each.end) for each in statements if each.currency != _BASE}
    for told in statements:
        books.breathe()
        if told.currency != _BASE:
            yield from _in_currency(books, told, moved, settled, elsewhere.get((told.period, told.currency)))
        elif (told.start, told.end) in with_currencies:
            currencies = [each for each in statements if each.currency != _BASE and each.period == told.period]
            yield _base_of_currencies(books, told, currencies)
            if all(each.currency == books.base for each in currencies):
                yield from _lines_in_base(books, told, currencies)
        else:
            yield from _in_base(books, told, moved, settled)


def _elsewhere(books: Books, statements: Sequence[Told], moved: Sequence[Movement]) -> dict[tuple[Period, str], Part]:
    """Return, by range and currency, commissions that were taken in another currency than their rows state."""
    gaps: dict[Period, dict[str, Decimal]] = defaultdict(dict)
    for told in statements:
        if told.currency == _BASE:
            continue
        mine = [
            each.amount
            for each in moved
            if each.lines == COMMISSION_LINES and each.currency == told.currency and each.day in told.period
        ]
        gaps[told.period][told.currency] = told.statement.lines.get("commissions", _ZERO) - sum(mine, _ZERO)
    return {
        (period, currency): found
        for period, by_currency in gaps.items()
        for currency, found in commissions_elsewhere(books, period, by_currency).items()
    }


def _in_currency(
    books: Books, told: Told, moved: Sequence[Movement], settled: DailySettled, elsewhere: Part | None
) -> Iterator[Check]:
    mine = [each for each in moved if each.currency == told.currency and each.day in told.period]
    amounts = [(each.lines, each.group, each.amount) for each in mine]
    variation = settled.variation(told.period, told.currency)
    yield from _walk(books, told, told.currency, _Ours(amounts=amounts, variation=variation, elsewhere=elsewhere))


def _in_base(books: Books, told: Told, moved: Sequence[Movement], settled: DailySettled) -> Iterator[Check]:
    """Compare a report that has the summary in the base currency alone: every amount at the rate of its own row."""
    mine = [each for each in moved if each.day in told.period and each.amount]
    without = next((each for each in mine if each.rate is None), None)
    currency = books.base or _BASE
    if without is not None:
        question = Question(account=books.account, check="cash", period=told.period, currency=currency, rows=told.statement.rows)
        yield question.not_in_report(Reason.RATE_MISSING, ibkr=told.statement.end, currency=without.currency)
        return
    amounts = [(each.lines, each.group, each.amount * (each.rate or _ZERO)) for each in mine]
    by_line: dict[str, list[Movement]] = defaultdict(list)
    for each in mine:
        by_line[each.lines[0]].append(each)
    bounds = {line: books.rate_bound((each.amount, each.rate) for each in found) for line, found in by_line.items()}
    variation = settled.variation_in_base(told.period)
    yield from _walk(books, told, currency, _Ours(amounts=amounts, variation=variation, bounds=bounds))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ours:
    """What moved in one currency: amounts with their lines and groups, the daily settlement, the digits of rates by line."""

    amounts: list[tuple[tuple[str, ...], str, Decimal]]
    variation: Variation
    bounds: Mapping[str, Decimal] = field(default_factory=dict)
    elsewhere: Part | None = None
    """Commissions that were taken in another currency."""


def _walk(books: Books, told: Told, currency: str, ours: _Ours) -> Iterator[Check]:
    lines = {name: amount for name, amount in told.statement.lines.items() if name not in _left_out(told)}
    statement = replace(told.statement, lines=lines)
    amounts = ours.amounts
    if ours.variation.amount:
        amounts = [*amounts, ((_MTM,), "", ours.variation.amount)]
    if "deposits" not in lines and "withdrawals" not in lines:
        amounts = [(_whole(names), group, amount) for names, group, amount in amounts]
    placed = place(amounts, lines)
    question = Question(account=books.account, check="cash", period=told.period, currency=currency, rows=statement.rows)
    evidence = Evidence(
        untold=untold_lines(books, told),
        known=KNOWN_LINES,
        candidates=tuple(_candidates(books, told, currency)),
        of_lines={"commissions": (ours.elsewhere,)} if ours.elsewhere is not None else {},
        absorbers=tuple(books.contradictions.absorbers(told.start, told.end)),
        bounds={**ours.bounds, "": sum(ours.bounds.values(), _ZERO)},
        not_computed={_MTM: ours.variation.missing} if ours.variation.missing else {},
    )
    yield end_check(question, statement, placed, evidence)
    walk = replace(question, check="cash_walk", rows=())
    yield from line_checks(walk, statement, placed, evidence)
    if not books.rows("ChangeInNAV"):
        yield from income_checks(question, statement, placed, evidence, _INCOME)


def _left_out(told: Told) -> frozenset[str]:
    detailed = {"deposits", "withdrawals"} & told.statement.lines.keys()
    return _SUMS if detailed else frozenset()


def _whole(names: tuple[str, ...]) -> tuple[str, ...]:
    return ("depositWithdrawals",) if names in {("deposits",), ("withdrawals",)} else names


def _candidates(books: Books, told: Told, currency: str) -> Iterator[Part]:
    """Yield lines of the statement of funds that no other section tells of."""
    level = "BASECURRENCY" if told.currency == _BASE else "CURRENCY"
    known = {fill.transaction_id for fill in books.all_fills} | {entry.transaction_id for entry, _row in books.cash}
    known |= {row.word("transactionID") for name in ("SalesTaxes", "CFDCharges", "Transfers") for row in books.rows(name)}
    found = [
        row
        for row in books.rows(_FUNDS)
        if (row.word("levelOfDetail").upper() or level) == level
        and (row.word("currency") == currency or told.currency == _BASE)
        and (row.day("reportDate") or row.day("date") or row.end) in told.period
        and row.word("transactionID") not in known
        and row.number("amount")
        and "balance" not in row.word("activityDescription").lower()
    ]
    if found:
        amount = sum((row.number("amount") or _ZERO for row in found), _ZERO)
        yield part(Reason.FUNDS_TELL, amount, rows=[row.row for row in found], n=len(found))


def _lines_in_base(books: Books, told: Told, currencies: Sequence[Told]) -> Iterator[Check]:
    """Yield what differs between the summary and the only currency, which is the base: there the report contradicts itself."""
    question = Question(account=books.account, check="cash_walk", period=told.period, currency=books.base, rows=told.statement.rows)
    for name, theirs in told.statement.lines.items():
        own = [each.statement.lines[name] for each in currencies if name in each.statement.lines]
        if own and abs(sum(own, _ZERO) - theirs) > HALF_A_CENT:
            yield replace(question, subject=name).compare(sum(own, _ZERO), theirs, otherwise=Reason.REPORT_NOT_CONSISTENT)


def _base_of_currencies(books: Books, told: Told, currencies: Sequence[Told]) -> Check:
    """Compare the summary in the base currency with the ends of all currencies at the rates of that day."""
    question = Question(
        account=books.account, check="cash", period=told.period, subject=_BASE, currency=books.base, rows=told.statement.rows
    )
    ours, amounts = _ZERO, []
    for each in currencies:
        rate = books.rate_on(each.currency, told.end) if each.statement.end else Decimal(1)
        if rate is None:
            return question.not_in_report(Reason.RATE_MISSING, ibkr=told.statement.end, currency=each.currency)
        ours += each.statement.end * rate
        amounts.append((each.statement.end, None if each.currency != books.base else Decimal(1)))
    bound = books.rate_bound(amounts)
    absorbers = [Absorber(reason=Reason.RATE_ROUNDED, bound=bound, values=(("n", len(amounts)),))]
    return question.compare(ours, told.statement.end, absorbers=(*absorbers, *books.contradictions.absorbers(told.start, told.end)))
