"""Open positions of one account: our lots at the close of the day that IBKR reports, beside its report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from ibjournal.analytics.reconciliation import HALF_A_CENT, Check, Part
from ibjournal.analytics.reconciliation_explain import Absorber, Question, part
from ibjournal.analytics.reconciliation_positions import Holding, holding_checks
from ibjournal.analytics.reconciliation_reasons import Reason
from ibjournal.domain.execution import ExecutionStatus
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.lots import OpenLot
from ibjournal.domain.position_event import HELD
from ibjournal.services.history_start import history_start
from ibjournal.services.reconciliation.books import NOT_APPLIED, Books, told
from ibjournal.services.reconciliation.lots import LotEvidence
from ibjournal.store.positions import SECTION, ReportedPosition, position_day, positions_at

_ZERO = Decimal(0)
_DAILY_SETTLED = frozenset({AssetClass.FUT, AssetClass.CFD})
_SUMMARY, _LOT = "SUMMARY", "LOT"


def position_checks(books: Books) -> Iterator[Check]:
    """Yield quantity and cost of what was open on the last day that reports tell of, or what is missing."""
    day = position_day(books.db, books.account, until=books.period.end)
    questions = [Question(account=books.account, check=check, period=books.range) for check in ("positions", "cost")]
    if day is None or day not in books.period:
        if books.covered or books.fills:
            yield from (question.not_in_report(Reason.SECTION_MISSING, sections=(SECTION,)) for question in questions)
        return
    reported = _reported(books, positions_at(books.db, books.account, day))
    holdings = list(_holdings(books, day, reported))
    tells_costs = any(each.cost_money for rows in reported.values() for each in rows)
    if not holdings:
        yield questions[0].not_in_report(Reason.NOTHING_TO_COMPARE)
    yield from holding_checks(books.account, books.range.start, day, holdings)
    if reported and not tells_costs:
        yield questions[1].not_in_report(Reason.NOT_TOLD, section=SECTION, field="costBasisMoney")


def _reported(books: Books, rows: Sequence[ReportedPosition]) -> dict[InstrumentId, list[ReportedPosition]]:
    """Return IBKR's rows by instrument, at one level: summaries (one for each model), else lots."""
    by_level: dict[InstrumentId, dict[str, list[ReportedPosition]]] = defaultdict(lambda: defaultdict(list))
    for each in rows:
        if books.is_traded(each.instrument):
            by_level[each.instrument][each.level].append(each)
    return {
        instrument: levels.get(_SUMMARY) or levels.get(_LOT) or next(iter(levels.values()))
        for instrument, levels in by_level.items()
    }


def _holdings(books: Books, day: date, reported: dict[InstrumentId, list[ReportedPosition]]) -> Iterator[Holding]:
    ours = books.open_lots_at(day)
    held_day = min((each.day for rows in reported.values() for each in rows), default=None) == books.first_position_day
    tells_costs = any(each.cost_money for rows in reported.values() for each in rows)
    evidence = LotEvidence(books)
    for instrument in sorted(ours.keys() | reported.keys()):
        if not books.is_traded(instrument):
            continue
        books.breathe()
        lots, rows = ours.get(instrument, []), reported.get(instrument, [])
        asset_class = books.asset_class(instrument)
        costs = [each.cost_money for each in rows if each.cost_money is not None]
        has_cost = asset_class not in _DAILY_SETTLED and tells_costs and len(costs) == len(rows)
        our_cost = sum((lot.booked_cost if lot.booked_cost is not None else lot.cost for lot in lots), _ZERO)
        ibkr_cost = sum(costs, _ZERO) if has_cost else None
        held = sum((lot.quantity for lot in lots if lot.opening == HELD), _ZERO) if held_day else _ZERO
        units = tuple(_units(books, instrument, day))
        yield Holding(
            instrument=instrument,
            symbol=books.symbol(instrument),
            currency=rows[0].currency if rows else books.currency(instrument),
            ours=sum((lot.quantity for lot in lots), _ZERO),
            ibkr=sum((each.quantity for each in rows), _ZERO),
            our_cost=our_cost,
            ibkr_cost=ibkr_cost,
            held=abs(held),
            held_for=tuple(each for each in units if each.label == Reason.EVENT_NOT_APPLIED.value and each.amount == held),
            since=books.since,
            rows=tuple(each.row for each in rows if each.row is not None),
            units=units,
            costs=tuple(evidence.cost_candidates(instrument, day, lots, our_cost)),
            absorbers=tuple(_absorbers(books, instrument, day, lots)),
            cost_absorbers=tuple(_cost_absorbers(books, evidence, instrument, day, lots)),
        )


def _units(books: Books, instrument: InstrumentId, day: date) -> Iterator[Part]:
    """Yield what may explain a quantity: events that are not applied, fills that only a confirmation or no report tells of."""
    for problem in books.problems.get(instrument, ()):
        if problem.get("code") in NOT_APPLIED and problem.get("quantity"):
            amount = Decimal(problem["quantity"])
            yield Part(label=Reason.EVENT_NOT_APPLIED.value, amount=amount, values=told(problem, "event", "type", "quantity"))
    fills = [fill for fill in books.fills_of(instrument) if fill.day <= day]
    provisional = [fill for fill in fills if fill.active and fill.provisional]
    if provisional:
        amount = -sum((fill.quantity for fill in provisional), _ZERO)
        yield part(Reason.PROVISIONAL, amount, rows=[fill.row for fill in provisional], n=len(provisional))
    vanished = [fill for fill in fills if fill.status == ExecutionStatus.VANISHED.value]
    if vanished:
        amount = sum((fill.quantity for fill in vanished), _ZERO)
        yield part(Reason.VANISHED, amount, rows=[fill.row for fill in vanished], n=len(vanished))


def _cost_absorbers(
    books: Books, evidence: LotEvidence, instrument: InstrumentId, day: date, lots: Sequence[OpenLot]
) -> Iterator[Absorber]:
    if any(not lot.basis_known for lot in lots):
        asked = next((problem for problem in books.problems.get(instrument, ()) if problem.get("code") == "basis_asked"), {})
        yield Absorber(reason=Reason.BASIS_ASKED, values=told(asked, "event", "quantity"))
    for event in books.spun_off_unknown(instrument, day):
        yield Absorber(reason=Reason.BASIS_ASKED, values=(("event", event),))
    loss = evidence.disallowed_until(instrument, day)
    if loss:
        yield Absorber(reason=Reason.WASH_SALE, bound=loss + HALF_A_CENT)


def _absorbers(books: Books, instrument: InstrumentId, day: date, lots: Sequence[OpenLot]) -> Iterator[Absorber]:
    problems = books.problems.get(instrument, ())
    if any(left <= day and amount < 0 for left, amount in books.linking_adjustments):
        yield Absorber(reason=Reason.RENUMBERED)
    fills = [fill for fill in books.fills_of(instrument) if fill.active and fill.day <= day]
    if not fills and not lots and not history_start(books.db, books.account, day).empty:
        yield Absorber(reason=Reason.HISTORY_STARTS_LATER, values=(("since", books.since),))
    for problem in problems:
        if problem.get("code") in {"entry_unknown", "basis_unknown"}:
            yield Absorber(reason=Reason.HISTORY_STARTS_LATER, values=(("since", books.since), *told(problem, "quantity")))
    yield from books.contradictions.absorbers(None, day)
