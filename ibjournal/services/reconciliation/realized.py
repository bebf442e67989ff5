"""Realised results of one account: gathers closings with the evidence that the reports hold, and compares them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ibjournal.analytics.reconciliation import HALF_A_CENT, Check, Part
from ibjournal.analytics.reconciliation_explain import Absorber, Question, part
from ibjournal.analytics.reconciliation_realized import Closing, closing_check, in_base, sum_check
from ibjournal.analytics.reconciliation_reasons import Line, Reason
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.lots import LotMatch
from ibjournal.domain.period import Period
from ibjournal.domain.position_event import EVENT
from ibjournal.services.reconciliation.books import NOT_APPLIED, Books, told
from ibjournal.services.reconciliation.lots import LotEvidence
from ibjournal.store.fill_figures import FillFigures
from ibjournal.store.reported import ReportedRow

_ZERO = Decimal(0)
_TRADES = "Trades"
_UNKNOWN = frozenset({"entry_unknown", "basis_unknown"})
_SUMMARY = "FIFOPerformanceSummaryInBase"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    closing: Closing
    check: Check


def realized_checks(books: Books) -> Iterator[Check]:
    """Yield the checks of realised results: single ones, then by instrument, then in total."""
    compared: dict[InstrumentId, list[_Compared]] = {}
    untold = provisional = 0
    evidence = LotEvidence(books)
    for instrument in books.traded_instruments:
        books.breathe()
        found, missing, early = _closings(books, instrument, evidence)
        untold += missing
        provisional += early
        if found:
            compared[instrument] = [
                _Compared(closing=each, check=closing_check(books.account, each, since=books.since)) for each in found
            ]
    for each in compared.values():
        yield from (one.check for one in each)
    question = Question(account=books.account, check="realized", period=books.range)
    if untold:
        yield question.not_in_report(Reason.FIELD_MISSING, section=_TRADES, fields=("fifoPnlRealized",), n=untold)
    if provisional:
        yield question.not_in_report(Reason.PROVISIONAL, n=provisional)
    if not compared and not untold and not provisional:
        if not books.covered:
            yield question.not_in_report(Reason.NO_ACTIVITY)
        elif not books.sections(_TRADES):
            yield question.not_in_report(Reason.SECTION_MISSING, sections=(_TRADES,))
        else:
            yield question.not_in_report(Reason.NOTHING_TO_COMPARE)
    yield from _by_instrument(books, compared)
    yield from _in_total(books, compared, evidence)


def _closings(books: Books, instrument: InstrumentId, evidence: LotEvidence) -> tuple[list[Closing], int, int]:
    """Return the closings of an instrument, how many of them IBKR's rows do not value, and how many are only confirmed."""
    by_closing: dict[str, list[LotMatch]] = defaultdict(list)
    by_trade: dict[str, list[LotMatch]] = defaultdict(list)
    for match in books.matches(instrument):
        by_closing[match.closing].append(match)
        by_trade[match.trade].append(match)
    found: list[Closing] = []
    missing = early = 0
    for fill in books.fills_by_instrument.get(instrument, ()):
        matches = by_closing.pop(fill.id, [])
        if fill.day not in books.period or (not matches and not fill.realized):
            continue
        if fill.provisional:
            early += 1
            continue
        if fill.realized is None or (not fill.realized and fill.row.report in books.reports_without_results and _as_opening(fill)):
            missing += 1
            continue
        found.append(_closing(books, fill, matches, by_trade, evidence))
    for execution, matches in by_closing.items():
        closing = _event_closing(books, instrument, execution, matches)
        if closing is not None:
            found.append(closing)
    return found, missing, early


def _closing(
    books: Books, fill: FillFigures, matches: Sequence[LotMatch], by_trade: dict[str, list[LotMatch]], evidence: LotEvidence
) -> Closing:
    earned = sum((each.net for each in matches if each.net is not None), _ZERO)
    booked = sum((_booked(each) for each in matches), _ZERO)
    ibkr = fill.realized or _ZERO
    candidates: tuple[Part, ...] = ()
    absorbers: tuple[Absorber, ...] = ()
    if abs(ibkr - booked) > HALF_A_CENT:  # evidence is looked for where there is something to explain
        candidates = tuple(evidence.candidates(fill, matches, by_trade, booked))
        absorbers = tuple(_absorbers(books, fill, matches, evidence))
    unseen = sum((each.quantity for each in matches if each.opening is None), _ZERO)
    return Closing(
        execution=fill.id,
        instrument=fill.instrument,
        symbol=books.symbol(fill.instrument),
        day=fill.day,
        currency=fill.currency,
        booked=booked,
        earned=earned,
        ibkr=ibkr,
        rate=books.rate(fill),
        unseen=unseen,
        asked=max(_of_unknown_cost(books, fill.instrument, fill.id) - unseen, _ZERO),
        row=fill.row,
        candidates=candidates,
        absorbers=absorbers,
        resting=_settled_unseen(books, fill),
    )


def _settled_unseen(books: Books, fill: FillFigures) -> Part | None:
    """Return that the cash of an option stands in no row: then our result has it from IBKR's own, and proves nothing."""
    settled = books.settlements(fill.instrument).get(fill.id)
    if settled is None or settled[1]:
        return None
    return part(Reason.ROWS_MISSING, _ZERO, rows=(fill.row,), sections=("OptionEAE",))


def _as_opening(fill: FillFigures) -> bool:
    """Return whether IBKR's row gives a close the cost of an opening: what it paid, and no result."""
    if fill.cost is None or fill.proceeds is None:
        return True
    return abs(fill.cost + fill.proceeds + (fill.commission or _ZERO) + (fill.taxes or _ZERO)) <= HALF_A_CENT


def _of_unknown_cost(books: Books, instrument: InstrumentId, execution: str) -> Decimal:
    """Return how many units of unknown cost an execution closed: what they earned is IBKR's figure."""
    told = [
        each for each in books.problems.get(instrument, ()) if each.get("code") in _UNKNOWN and each.get("execution") == execution
    ]
    return sum((Decimal(each.get("quantity") or 0) for each in told), _ZERO)


def _booked(match: LotMatch) -> Decimal:
    return match.booked if match.booked is not None else match.net or _ZERO


def _absorbers(books: Books, fill: FillFigures, matches: Sequence[LotMatch], evidence: LotEvidence) -> Iterator[Absorber]:
    problems = books.problems.get(fill.instrument, ())
    for problem in problems:
        code = problem.get("code", "")
        if code == "basis_asked":
            yield Absorber(reason=Reason.BASIS_ASKED, values=told(problem, "event", "quantity"))
        elif code in NOT_APPLIED:
            yield Absorber(reason=Reason.EVENT_NOT_APPLIED, values=told(problem, "event", "type"))
    for event in books.spun_off_unknown(fill.instrument, fill.day):
        yield Absorber(reason=Reason.BASIS_ASKED, values=(("event", event),))
    loss = evidence.disallowed(fill)
    if loss:
        yield Absorber(reason=Reason.WASH_SALE, bound=loss + HALF_A_CENT)
    if any(each.net is None for each in matches):
        yield Absorber(reason=Reason.BASIS_ASKED)
    yield from books.contradictions.absorbers(fill.day, fill.day)


def _event_closing(books: Books, instrument: InstrumentId, execution: str, matches: Sequence[LotMatch]) -> Closing | None:
    """Return what an event realised, where IBKR's row of the event states a result."""
    if not execution.startswith(EVENT):
        return None
    told = books.event_results.get((execution.removeprefix(EVENT), instrument))
    if told is None or told.day not in books.period:
        return None
    rates = {each.close_rate for each in matches}
    return Closing(
        execution=execution,
        instrument=instrument,
        symbol=books.symbol(instrument),
        day=told.day,
        currency=told.currency,
        booked=sum((_booked(each) for each in matches), _ZERO),
        earned=sum((each.net or _ZERO for each in matches), _ZERO),
        ibkr=told.realized,
        rate=rates.pop() if len(rates) == 1 else None,
        unseen=(unseen := sum((each.quantity for each in matches if each.opening is None), _ZERO)),
        asked=max(_of_unknown_cost(books, instrument, execution) - unseen, _ZERO),
        row=told.row,
        absorbers=tuple(books.contradictions.absorbers(told.day, told.day)),
    )


def _by_instrument(books: Books, compared: dict[InstrumentId, list[_Compared]]) -> Iterator[Check]:
    for instrument, each in compared.items():
        question = Question(
            account=books.account,
            check="realized_instrument",
            period=books.range,
            subject=books.symbol(instrument),
            currency=each[0].closing.currency,
            instrument=instrument,
        )
        yield sum_check(question, [one.check for one in each])


def _in_total(books: Books, compared: dict[InstrumentId, list[_Compared]], evidence: LotEvidence) -> Iterator[Check]:
    summaries = list(books.ranges(_SUMMARY))
    if not summaries:
        yield Question(account=books.account, check="realized_total", period=books.range, currency=books.base).not_in_report(
            Reason.SECTION_MISSING, sections=(_SUMMARY,)
        )
    for period, rows in summaries:
        yield from _against_summary(books, compared, period, rows)
    yield from evidence.totals([each.closing for found in compared.values() for each in found])


def _against_summary(
    books: Books, compared: dict[InstrumentId, list[_Compared]], period: Period, rows: Sequence[ReportedRow]
) -> Iterator[Check]:
    """Compare with IBKR's own sums in the base currency: by instrument, and the total."""
    inside: list[_Compared] = []
    left_out = []
    for row in rows:
        theirs = row.number("totalRealizedPnl")
        category = row.word("assetCategory")
        if theirs is None:
            continue
        if category and row.instrument is not None and row.instrument in books.traded_instruments:
            mine = [each for each in compared.get(row.instrument, ()) if each.closing.day in period]
            inside += mine
            if mine or theirs:
                yield _in_base(books, row, mine)
        elif category and theirs:
            left_out.append(part(Reason.TOLD_ONLY, theirs, rows=(row.row,), category=category, symbol=row.word("symbol")))
    for row in [row for row in rows if not row.word("assetCategory") and "total" in row.word("description").lower()][:1]:
        yield _in_base(books, row, inside, more=left_out)


def _in_base(books: Books, row: ReportedRow, compared: Sequence[_Compared], more: Sequence[Part] = ()) -> Check:
    """Compare results in the base currency with a row of IBKR's summary."""
    ibkr = row.number("totalRealizedPnl")
    question = Question(
        account=books.account,
        check="realized_instrument" if row.instrument is not None else "realized_total",
        period=Period(row.start, row.end),
        subject=books.symbol(row.instrument) if row.instrument is not None else Line.TOTAL.value,
        currency=books.base,
        instrument=row.instrument,
        rows=(row.row,),
    )
    if ibkr is None:
        return question.not_in_report(Reason.FIELD_MISSING, section=_SUMMARY, fields=("totalRealizedPnl",))
    children = in_base([each.check for each in compared], [each.closing.rate for each in compared])
    if children is None:
        return question.not_in_report(Reason.RATE_MISSING, ibkr=ibkr)
    bound = books.rate_bound((each.closing.booked, each.closing.rate) for each in compared)
    return sum_check(question, children, ibkr=ibkr, more=more, rates=bound)
