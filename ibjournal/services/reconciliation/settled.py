"""What is settled in cash day by day (futures, CFDs): how much that moved over a range.

Over any range it is the value of what was open at its end, less the value of what was open before it, less what the fills between
paid: at settlement prices, which IBKR reports with its open positions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.period import Period
from ibjournal.services.reconciliation.books import Books
from ibjournal.store.fill_figures import FillFigures
from ibjournal.store.positions import positions_at

_ZERO = Decimal(0)
_CLASSES = frozenset({AssetClass.FUT, AssetClass.CFD})
_LONG_WEEKEND = timedelta(days=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """What daily settlement moved; ``missing`` says of which price that cannot be known, empty where it is."""

    amount: Decimal = _ZERO
    missing: tuple[tuple[str, object], ...] = ()


class DailySettled:
    """Computes the variation of an account's futures and CFDs."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._fills: dict[InstrumentId, list[FillFigures]] = defaultdict(list)
        for fill in books.all_fills:
            if fill.active and not fill.provisional and fill.asset_class in _CLASSES:
                self._fills[fill.instrument].append(fill)
        self._marks: dict[date, dict[InstrumentId, Decimal]] = {}

    def variation(self, period: Period, currency: str) -> Variation:
        """Return what moved in a currency over a range."""
        total = _ZERO
        for instrument, fills in self._fills.items():
            if fills[0].currency == currency:
                found = self._of(instrument, fills, period)
                if found.missing:
                    return found
                total += found.amount
        return Variation(amount=total)

    def variation_in_base(self, period: Period) -> Variation:
        """Return the same in the base currency, at the rates of the last day."""
        total = _ZERO
        for currency in sorted({fills[0].currency for fills in self._fills.values()}):
            found = self.variation(period, currency)
            rate = self._books.rates(currency, period.end or date.max)
            if found.missing:
                return found
            if found.amount and rate is None:
                return Variation(missing=(("symbol", currency), ("day", period.end)))
            total += found.amount * (rate or _ZERO)
        return Variation(amount=total)

    def _of(self, instrument: InstrumentId, fills: Sequence[FillFigures], period: Period) -> Variation:
        start, end = period.start or date.min, period.end or date.max
        inside = [fill for fill in fills if fill.day in period]
        before = sum((fill.quantity for fill in fills if fill.day < start), _ZERO) + self._unseen(instrument, fills)
        after = before + sum((fill.quantity for fill in inside), _ZERO)
        amount = -sum((fill.quantity * fill.price * self._books.points(fill) for fill in inside), _ZERO)
        points = self._books.points(fills[0])
        if after:
            mark = self._mark(instrument, end, end) or self._last_price(inside, end)
            if mark is None:
                return Variation(missing=(("symbol", self._books.symbol(instrument)), ("day", end)))
            amount += after * mark * points
        if before:
            day = start - timedelta(days=1)
            mark = self._mark(instrument, start - _LONG_WEEKEND, day) or self._prior_price(instrument, start)
            if mark is None:
                return Variation(missing=(("symbol", self._books.symbol(instrument)), ("day", day)))
            amount -= before * mark * points
        return Variation(amount=amount)

    def _unseen(self, instrument: InstrumentId, fills: Sequence[FillFigures]) -> Decimal:
        """Return what was held before all fills: what is open now less what they add up to."""
        now = sum((lot.quantity for lot in self._books.open_lots.get(instrument, ())), _ZERO)
        return now - sum((fill.quantity for fill in fills), _ZERO) if instrument in self._books.fills_by_instrument else _ZERO

    def _mark(self, instrument: InstrumentId, first: date, last: date) -> Decimal | None:
        day = last
        while day >= first:
            if day not in self._marks:
                rows = positions_at(self._books.db, self._books.account, day)
                self._marks[day] = {each.instrument: each.mark_price for each in rows if each.mark_price is not None}
            if instrument in self._marks[day]:
                return self._marks[day][instrument]
            day -= timedelta(days=1)
        return None

    def _last_price(self, fills: Sequence[FillFigures], end: date) -> Decimal | None:
        prices = [fill.close_price for fill in fills if fill.day == end and fill.close_price is not None]
        return prices[-1] if prices else None

    def _prior_price(self, instrument: InstrumentId, start: date) -> Decimal | None:
        for row in self._books.rows("PriorPeriodPositions"):
            day = row.day("date")
            if row.instrument == instrument and day is not None and day < start <= day + _LONG_WEEKEND:
                return row.number("price")
        return None
