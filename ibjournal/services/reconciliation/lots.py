"""What IBKR's rows of closed lots and wash sales, and its own costs, prove of a result."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from ibjournal.analytics.reconciliation import HALF_A_CENT, Check, Part
from ibjournal.analytics.reconciliation_explain import Question, part
from ibjournal.analytics.reconciliation_realized import Closing
from ibjournal.analytics.reconciliation_reasons import Line, Reason
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import AssetClass, InstrumentId, point_value
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.position_event import EVENT
from ibjournal.domain.provenance import RowRef
from ibjournal.services.reconciliation.books import Books
from ibjournal.store.fill_figures import FillFigures
from ibjournal.store.positions import ReportedPosition, positions_at
from ibjournal.store.reported import ReportedRow

_ZERO = Decimal(0)
_METHODS = frozenset({"LI", "HC", "ML", "MLG", "MLL", "MSG", "MSL", "SL"})
"""IBKR's codes of tax lot-matching methods that are not first in, first out."""
_OPTIONS = frozenset({AssetClass.OPT, AssetClass.FOP, AssetClass.WAR, AssetClass.IOPT})
_DAILY_SETTLED = frozenset({AssetClass.FUT, AssetClass.CFD})
_EXERCISES = frozenset({"A", "Ex", "AEx", "MEx", "GEA"})
_Moment = tuple[InstrumentId, datetime]


class LotEvidence:
    """Looks for what explains the result of a closing fill."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._losses: dict[InstrumentId, list[tuple[FillFigures, Decimal]]] = {}

    def candidates(
        self, fill: FillFigures, matches: Sequence[LotMatch], by_trade: dict[str, list[LotMatch]], booked: Decimal
    ) -> Iterator[Part]:
        """Yield parts that may lead from our result of a fill to IBKR's, each computed from rows alone."""
        washed = self._washed.get((fill.instrument, fill.executed_at), ())
        for row in washed:
            yield part(Reason.WASH_SALE, row.number("fifoPnlRealized") or _ZERO, rows=(row.row,), n=1)
        yield from self._later_of_wash_sales(fill, matches)
        yield from self._by_lots(fill, booked)
        yield from self._restated(fill, matches, by_trade)
        yield from self._commissions(fill, matches)
        yield from _premium_moved(fill)
        settled = self._books.settlements(fill.instrument).get(fill.id)
        if settled is not None and settled[1]:
            yield part(Reason.FUNDS_TELL, -settled[0], rows=settled[1], n=len(settled[1]))
        if not washed:
            loss = _disallowed_loss(fill)
            if loss:
                yield part(Reason.WASH_SALE, loss, rows=(fill.row,), n=1)

    def disallowed(self, fill: FillFigures) -> Decimal:
        """Return what was disallowed in an instrument up to a fill: the most that the cost of its units was raised by."""
        earlier = (
            loss for each, loss in self._losses_of(fill.instrument) if each.executed_at <= fill.executed_at and each.id != fill.id
        )
        return sum(earlier, _ZERO)

    def disallowed_until(self, instrument: InstrumentId, day: date) -> Decimal:
        """Return what was disallowed in an instrument up to a day."""
        return sum((loss for each, loss in self._losses_of(instrument) if each.day <= day), _ZERO)

    def _losses_of(self, instrument: InstrumentId) -> list[tuple[FillFigures, Decimal]]:
        if instrument not in self._losses:
            fills = self._books.fills_by_instrument.get(instrument, ())
            self._losses[instrument] = [(each, loss) for each in fills if (loss := _disallowed_loss(each))]
        return self._losses[instrument]

    @cached_property
    def _lots(self) -> dict[_Moment, list[ReportedRow]]:
        return self._rows("Lot", "CLOSED_LOT")

    @cached_property
    def _washed(self) -> dict[_Moment, list[ReportedRow]]:
        return self._rows("WashSale", "WASH_SALE")

    def _rows(self, tag: str, level: str) -> dict[_Moment, list[ReportedRow]]:
        found: dict[_Moment, list[ReportedRow]] = defaultdict(list)
        for row in self._books.rows("Trades"):
            if row.tag != tag and row.word("levelOfDetail").upper() != level:
                continue
            moment = row.moment("dateTime") or row.moment("whenRealized")
            if row.instrument is not None and moment is not None:
                found[row.instrument, moment].append(row)
        return dict(found)

    def _later_of_wash_sales(self, fill: FillFigures, matches: Sequence[LotMatch]) -> Iterator[Part]:
        """A disallowed loss is added to the cost of the units that were bought instead: their own close earns less by it."""
        reopened = self._reopened.get(fill.instrument, ())
        amount = _ZERO
        rows: list[RowRef] = []
        for row in reopened:
            bought, units = row.moment("whenReopened"), abs(row.number("quantity") or _ZERO)
            loss = row.number("fifoPnlRealized") or _ZERO
            closed = sum((each.quantity for each in matches if each.opening is not None and each.opened_at == bought), _ZERO)
            if closed and units:
                amount -= loss * min(closed, units) / units
                rows.append(row.row)
        if amount:
            yield part(Reason.WASH_SALE, amount, rows=rows, n=len(rows))

    @cached_property
    def _reopened(self) -> dict[InstrumentId, list[ReportedRow]]:
        found: dict[InstrumentId, list[ReportedRow]] = defaultdict(list)
        for (instrument, _moment), rows in self._washed.items():
            found[instrument] += [row for row in rows if row.moment("whenReopened") is not None]
        return dict(found)

    def _by_lots(self, fill: FillFigures, booked: Decimal) -> Iterator[Part]:
        """The lots that IBKR says it closed, at the cost that our own fills had."""
        rows = self._lots.get((fill.instrument, fill.executed_at), ())
        size = sum((abs(row.number("quantity") or _ZERO) for row in rows), _ZERO)
        received = _money(fill)
        if not rows or received is None or size != abs(fill.quantity):
            return
        cost = _ZERO
        for row in rows:
            opening = self._opening(fill.instrument, row)
            unit = _money(opening) if opening is not None else None
            if opening is None or unit is None:
                return
            cost += unit * abs(row.number("quantity") or _ZERO) / abs(opening.quantity)
        code = next((each for each in fill.codes.split(";") if each in _METHODS), "")
        yield part(Reason.LOT_METHOD, received + cost - booked, rows=[row.row for row in rows], code=code)

    def _opening(self, instrument: InstrumentId, lot: ReportedRow) -> FillFigures | None:
        """Return the fill that opened a lot: IBKR names its transaction, else its time is the only one."""
        opened = lot.moment("openDateTime")
        fills = [each for each in self._books.fills_by_instrument.get(instrument, ()) if each.executed_at == opened]
        named = [each for each in fills if each.transaction_id and each.transaction_id == lot.word("transactionID")]
        return named[0] if named else fills[0] if len(fills) == 1 else None

    def _restated(self, fill: FillFigures, matches: Sequence[LotMatch], by_trade: dict[str, list[LotMatch]]) -> Iterator[Part]:
        """Over a round trip that began and ended flat, IBKR must take out what it put in: its own costs, whatever the lots."""
        open_trades = {lot.trade for lot in self._books.open_lots.get(fill.instrument, ())}
        for trade in dict.fromkeys(each.trade for each in matches if each.trade not in open_trades):
            round_trip = by_trade[trade]
            openings = {each.opening: _ZERO for each in round_trip if each.opening is not None}
            closings = dict.fromkeys((each.closing for each in round_trip), _ZERO)
            for each in round_trip:
                if each.opening is None:
                    return
                openings[each.opening] += each.quantity
                closings[each.closing] += each.quantity
            put_in = self._costs(fill.instrument, openings)
            taken_out = self._costs(fill.instrument, closings)
            if put_in is None or taken_out is None:
                return
            difference = sum(each[0] for each in put_in) + sum(each[0] for each in taken_out)
            rows = [each[1] for each in (*put_in, *taken_out)]
            opened, closed = sum(each[0] for each in put_in), -sum(each[0] for each in taken_out)
            if difference:
                yield part(Reason.COST_RESTATED, Decimal(difference), rows=rows, opened=opened, closed=closed)

    def _costs(self, instrument: InstrumentId, quantities: Mapping[ExecutionId, Decimal]) -> list[tuple[Decimal, RowRef]] | None:
        """Return IBKR's cost of fills that belong to one round trip as a whole, None where one does not or has no cost."""
        found = []
        for execution, quantity in quantities.items():
            fill = self._books.fill(instrument, execution)
            if fill is None or fill.cost is None or abs(fill.quantity) != quantity:
                return None
            found.append((fill.cost, fill.row))
        return found

    def _commissions(self, fill: FillFigures, matches: Sequence[LotMatch]) -> Iterator[Part]:
        """A commission in another currency: IBKR's own cost tells at which rate it took it."""
        if fill.commission_currency not in {"", fill.currency} and fill.cost is not None and fill.realized is not None:
            proceeds, taxes = fill.proceeds or _ZERO, fill.taxes or _ZERO
            theirs = fill.realized - proceeds - taxes - fill.cost
            ours = sum((each.fees for each in matches), _ZERO) - taxes
            opened = sum((self._opening_fees(fill.instrument, each) for each in matches), _ZERO)
            amount = theirs - (ours - opened)
            yield part(Reason.COMMISSION_CURRENCY, amount, rows=(fill.row,), currency=fill.commission_currency)
        for each in matches:
            opening = self._books.fill(fill.instrument, each.opening) if each.opening is not None else None
            if opening is None or opening.cost is None or opening.commission_currency in {"", opening.currency}:
                continue
            share = each.quantity / abs(opening.quantity)
            theirs = -opening.cost - (opening.proceeds or _ZERO)
            amount = theirs * share - self._opening_fees(fill.instrument, each)
            yield part(Reason.COMMISSION_CURRENCY, amount, rows=(opening.row,), currency=opening.commission_currency)

    def _opening_fees(self, instrument: InstrumentId, match: LotMatch) -> Decimal:
        """Return the part of a match's fees that came with the opening: what its own fill's fees leave."""
        closing = self._books.fill(instrument, match.closing)
        if closing is None or not closing.quantity:
            return _ZERO
        rate = self._books.fee_rate(closing)
        fees = (closing.commission or _ZERO) * rate + (closing.taxes or _ZERO)
        return match.fees - fees * match.quantity / abs(closing.quantity)

    def cost_candidates(self, instrument: InstrumentId, day: date, lots: Sequence[OpenLot], our_cost: Decimal) -> Iterator[Part]:
        """Yield parts that may lead from our cost of what is open to IBKR's."""
        reported = [each for each in positions_at(self._books.db, self._books.account, day) if each.instrument == instrument]
        chosen = [each for each in reported if each.level == "LOT"]
        if chosen:
            yield from self._cost_of_lots(instrument, chosen, our_cost)
        yield from self._accrued(instrument, lots)
        amount, rows = _ZERO, []
        for row in self._reopened.get(instrument, ()):
            bought, units = row.moment("whenReopened"), abs(row.number("quantity") or _ZERO)
            still = sum((abs(lot.quantity) for lot in lots if lot.opened_at == bought), _ZERO)
            if still and units:
                amount += (row.number("fifoPnlRealized") or _ZERO) * min(still, units) / units
                rows.append(row.row)
        if amount:
            yield part(Reason.WASH_SALE, amount, rows=rows, n=len(rows))

    def _accrued(self, instrument: InstrumentId, lots: Sequence[OpenLot]) -> Iterator[Part]:
        """Yield the interest that was paid for when the units were bought: some reports count it as cost."""
        openings = [(self._books.fill(instrument, lot.opening), lot.quantity) for lot in lots]
        found = [(each, quantity) for each, quantity in openings if each is not None and each.accrued_interest]
        amount = sum(((each.accrued_interest or _ZERO) * quantity / each.quantity for each, quantity in found), _ZERO)
        if amount:
            yield part(Reason.ACCRUED_INTEREST, amount, rows=[each.row for each, _quantity in found], n=len(found))

    def _cost_of_lots(self, instrument: InstrumentId, chosen: Sequence[ReportedPosition], our_cost: Decimal) -> Iterator[Part]:
        """Yield the cost of the lots that IBKR says are open, at what our own fills had cost."""
        fills = {each.transaction_id: each for each in self._books.fills_by_instrument.get(instrument, ()) if each.transaction_id}
        cost = _ZERO
        for lot in chosen:
            opening = fills.get(lot.opening_transaction)
            money = _money(opening) if opening is not None else None
            if opening is None or money is None:
                return
            cost -= money * lot.quantity / opening.quantity
        rows = [each.row for each in chosen if each.row is not None]
        yield part(Reason.LOT_METHOD, cost - our_cost, rows=rows)

    def totals(self, closings: Sequence[Closing]) -> Iterator[Check]:
        """Compare our sum with that of closed lots and wash sales, by currency, for the closings that have such rows."""
        by_currency: dict[str, list[tuple[Closing, list[ReportedRow]]]] = defaultdict(list)
        seen: set[_Moment] = set()
        days: list[date] = []
        for closing in closings:
            fill = self._books.fill(closing.instrument, closing.execution) if not closing.execution.startswith(EVENT) else None
            if fill is None:
                continue
            moment = (closing.instrument, fill.executed_at)
            lots = self._lots.get(moment, [])
            if not lots:
                continue
            rows = [] if moment in seen else [*lots, *self._washed.get(moment, ())]
            seen.add(moment)
            days.append(closing.day)
            by_currency[closing.currency].append((closing, rows))
        for currency, found in sorted(by_currency.items()):
            rows = [row for _closing, each in found for row in each]
            theirs = sum((row.number("fifoPnlRealized") or _ZERO for row in rows), _ZERO)
            ibkr = sum((closing.ibkr for closing, _rows in found), _ZERO)
            yield Question(
                account=self._books.account,
                check="realized_total",
                period=self._books.range,
                subject=Line.LOTS_AND_WASH_SALES.value,
                currency=currency,
                rows=tuple(row.row for row in rows),
                values=(("n", len(found)),),
            ).compare(ibkr, theirs, otherwise=Reason.REPORT_NOT_CONSISTENT)


def _disallowed_loss(fill: FillFigures) -> Decimal:
    """Return the loss that IBKR's own row takes back: its result is less of a loss than its cost makes it; 0 for other rows."""
    money = _money(fill)
    if money is None or not fill.cost or fill.realized is None or fill.asset_class in _DAILY_SETTLED:
        return _ZERO
    if not _EXERCISES.isdisjoint(fill.codes.split(";")):
        return _ZERO
    by_cost = money + fill.cost
    taken_back = fill.realized - by_cost
    return taken_back if by_cost < 0 and HALF_A_CENT < taken_back <= -by_cost + HALF_A_CENT else _ZERO


def _premium_moved(fill: FillFigures) -> Iterator[Part]:
    """An option that was exercised or assigned: IBKR's row removes its cost and states no result, so the premium went elsewhere."""
    if (
        fill.asset_class not in _OPTIONS
        or _EXERCISES.isdisjoint(fill.codes.split(";"))
        or fill.cost is None
        or fill.realized is None
        or fill.realized
    ):
        return
    money = _money(fill)
    if money is not None and money + fill.cost:
        yield part(Reason.PREMIUM_MOVED, fill.realized - money - fill.cost, rows=(fill.row,))


def _money(fill: FillFigures) -> Decimal | None:
    """Return what a fill moved, in its currency with all fees; None where the fee is in another one."""
    if fill.commission and fill.commission_currency not in {"", fill.currency}:
        return None
    proceeds = fill.proceeds
    if proceeds is None:
        proceeds = -fill.quantity * fill.price * point_value(fill.asset_class, fill.multiplier)
    return proceeds + (fill.commission or _ZERO) + (fill.taxes or _ZERO)
