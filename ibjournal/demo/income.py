"""The script of the depot "Income": an options seller in a margin account with euros as base currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ibjournal.demo.back_office import BackOffice
from ibjournal.demo.contracts import Contract, micro_future, option
from ibjournal.demo.desk import Desk
from ibjournal.demo.listings import share
from ibjournal.demo.structures import (
    Structure,
    away,
    calendar_spread,
    close_when_due,
    friday,
    iron_condor,
    last_spot,
    put_spread,
)
from ibjournal.demo.wheel import Wheel

_MONDAY, _TUESDAY, _WEDNESDAY, _THURSDAY, _FRIDAY = range(5)
_SPREADS = (("SPY", "5"), ("QQQ", "5"), ("AAPL", "5"), ("NVDA", "5"), ("PLTR", "5"), ("AMD", "5"), ("MSFT", "5"))
_CONDORS = (("SPY", "5"), ("IWM", "5"), ("NVDA", "5"), ("SPY", "5"), ("TSLA", "10"))
_SWINGS = (("AAPL", 60), ("ASML", 10), ("NVDA", 60), ("SAP", 40), ("MSFT", 20), ("PLTR", 60), ("TSLA", 20), ("AMD", 50))
_TRANSFERS = {(0, 10): 4_000, (1, 9): 3_000, (2, 2): 6_000, (2, 7): -4_000, (3, 2): 3_000}
"""(years since the beginning, month) -> euros paid in or out on the month's first report day."""
_FUTURE_ROLL_DAYS = 8


@dataclass(slots=True, kw_only=True)
class _Swing:
    contract: Contract
    quantity: int
    entry: float
    leave: date


class Income:
    """Sells premium every week, swings a few shares, and scalps a micro future on quiet days."""

    def __init__(self, desk: Desk, office: BackOffice) -> None:
        self._desk = desk
        self._office = office
        self._structures: list[Structure] = []
        self._swings: list[_Swing] = []
        self._wheels = [Wheel(desk, symbol) for symbol in ("AMD", "PLTR", "NVDA")]
        self._covered = Wheel(desk, "KO", lots=3, keep_shares=True)
        self._long_call: Contract | None = None
        self._overnight: tuple[Contract, int] | None = None
        self._orders_of_shares = 0
        self._month = 0

    def trade_day(self) -> None:
        """Trade for one day."""
        desk = self._desk
        if not desk.books.closes:
            self._office.deposit(Decimal(76_000), "EUR")
            if desk.america_open:
                desk.convert(Decimal(-48_000))
            return
        self._transfer()
        week = desk.day.isocalendar().week
        if desk.europe_open:
            self._leave_swings("EUR")
            if desk.day.weekday() == _WEDNESDAY and week % 3 == 1:
                self._enter_swing("EUR")
        if desk.america_open:
            self._trade_in_america(week)

    def _transfer(self) -> None:
        day = self._desk.day
        if day.month == self._month:
            return
        self._month = day.month
        amount = _TRANSFERS.get((day.year - self._desk.market.first.year, day.month))
        if amount is not None:
            self._office.deposit(Decimal(amount), "EUR")

    def _trade_in_america(self, week: int) -> None:
        desk, weekday = self._desk, self._desk.day.weekday()
        self._keep_dollars()
        self._structures = [structure for structure in self._structures if not close_when_due(desk, structure)]
        self._leave_swings("USD")
        self._sell_strays()
        self._look_after_long_call(week)
        self._close_overnight_future()
        for wheel in (*self._wheels, self._covered):
            wheel.look_after()
        if weekday == _WEDNESDAY or len(desk.books.closes) == 1:
            self._restore_covered_shares()
        if weekday == _MONDAY and week % 4 == 1:
            self._start_wheel(week)
        elif weekday == _MONDAY:
            self._sell_premium(week)
        elif weekday == _TUESDAY:
            self._covered.sell_call(weeks=2)
        elif weekday == _WEDNESDAY and week % 2 == 0:
            self._start_wheel(week)
        elif weekday == _THURSDAY and week % 8 == 7:  # noqa: PLR2004 - every eighth week
            self._structures.append(calendar_spread(desk, "AAPL" if week % 16 == 7 else "MSFT"))  # noqa: PLR2004
        elif weekday == _THURSDAY and week % 13 == 7:  # noqa: PLR2004 - once a quarter
            self._flip_future()
        elif weekday == _FRIDAY and week % 3 == 1:
            self._enter_swing("USD")
        if not desk.traded_today:
            self._scalp_future()

    # -- premium ---------------------------------------------------------------------------------------------------

    def _sell_premium(self, week: int) -> None:
        desk = self._desk
        if week % 4 == 3:  # noqa: PLR2004 - every fourth week
            symbol, span = _CONDORS[week // 4 % len(_CONDORS)]
            structure = iron_condor(
                desk, symbol, 1 + week % 2, 2 if symbol in {"SPY", "IWM"} else 1, widths=0.95, span=Decimal(span)
            )
        else:
            symbol, span = _SPREADS[week % len(_SPREADS)]
            contracts = 3 if symbol in {"SPY", "QQQ"} else 2
            structure = put_spread(desk, symbol, 1 + week % 2, contracts, widths=0.75, span=Decimal(span))
        structure.patient = desk.random.random() < 0.35  # noqa: PLR2004 - about a third waits for the expiry
        self._structures.append(structure)

    def _start_wheel(self, week: int) -> None:
        if sum(wheel.busy for wheel in self._wheels) < 2:  # noqa: PLR2004 - capital for two
            self._wheels[week // 2 % len(self._wheels)].sell_put(weeks=1 + week % 3)

    def _restore_covered_shares(self) -> None:
        """Buy the shares again that were called away."""
        missing = 300 - int(self._desk.books.position(share("KO")))
        if missing > 0:
            parts = (100, 160, 40) if missing == 300 else ()  # noqa: PLR2004
            self._desk.trade(share("KO"), missing, parts=parts)

    def _sell_strays(self) -> None:
        """Shares from an assigned spread are not wanted."""
        desk = self._desk
        swings = {swing.contract.symbol for swing in self._swings}
        wanted = {wheel.symbol for wheel in (*self._wheels, self._covered) if wheel.holds_shares}
        for contract in desk.books.open_contracts():
            if contract.category == "STK" and contract.currency == "USD" and contract.symbol not in swings | wanted:
                desk.trade(contract, -int(desk.books.position(contract)), order_type="MKT")

    # -- shares ----------------------------------------------------------------------------------------------------

    def _enter_swing(self, currency: str) -> None:
        desk = self._desk
        taken = {swing.contract.symbol for swing in self._swings} | {wheel.symbol for wheel in self._wheels if wheel.busy}
        choices = [(symbol, size) for symbol, size in _SWINGS if share(symbol).currency == currency and symbol not in taken]
        if not choices:
            return
        symbol, size = choices[desk.random.randrange(len(choices))]
        contract = share(symbol)
        self._orders_of_shares += 1
        if self._orders_of_shares % 6 == 2:  # noqa: PLR2004 - now and then in pieces
            parts = (size - size // 5 - size // 2, size // 2, size // 5)
            desk.trade(contract, size, parts=parts, rebook_last=currency == "USD")
        else:
            desk.trade(contract, size)
        days = timedelta(days=desk.random.randrange(4, 30))
        self._swings.append(_Swing(contract=contract, quantity=size, entry=last_spot(desk, symbol), leave=desk.day + days))

    def _leave_swings(self, currency: str) -> None:
        desk = self._desk
        for swing in [swing for swing in self._swings if swing.contract.currency == currency]:
            change = last_spot(desk, swing.contract.symbol) / swing.entry - 1.0
            if desk.day < swing.leave and -0.06 < change < 0.07:  # noqa: PLR2004 - stop and target
                continue
            self._swings.remove(swing)
            held = int(desk.books.position(swing.contract))
            if swing.contract.symbol == "AMD" and held == swing.quantity and swing.quantity > 0:
                # Turned round in one order: it closes the shares and opens a short position.
                desk.trade(swing.contract, -held - 30)
                self._swings.append(
                    _Swing(
                        contract=swing.contract,
                        quantity=-30,
                        entry=swing.entry * (1.0 + change),
                        leave=desk.day + timedelta(days=4),
                    )
                )
            elif held:
                desk.trade(swing.contract, -held)

    # -- a long call, exercised once a year ------------------------------------------------------------------------

    def _look_after_long_call(self, week: int) -> None:
        desk = self._desk
        if self._long_call is not None:
            contract = self._long_call
            if not desk.books.position(contract):
                self._long_call = None
            elif desk.day >= contract.expires_on - timedelta(days=1) and contract.underlying == share("TSLA"):
                if desk.market.mark(contract, desk.books.closes[-1].day) > Decimal("0.05"):
                    desk.trade(contract, -int(desk.books.position(contract)))
                self._long_call = None
            return
        if week % 26 == 10 and desk.day.weekday() == _THURSDAY:  # noqa: PLR2004 - twice a year, deep in the money, to be exercised
            self._buy_call("IWM", -1.6, 3)
        elif week % 13 == 4 and desk.day.weekday() == _THURSDAY:  # noqa: PLR2004 - a bet now and then
            self._buy_call("TSLA", 0.15, 1)

    def _buy_call(self, symbol: str, widths: float, weeks: int) -> None:
        desk = self._desk
        expiry = friday(desk.day, weeks)
        contract = option(share(symbol), expiry, away(desk, symbol, expiry, widths), "C")
        desk.trade(contract, 1)
        self._long_call = contract

    # -- the micro future ------------------------------------------------------------------------------------------

    def _future(self) -> Contract:
        day = self._desk.day
        for year, month in ((year, month) for year in (day.year, day.year + 1) for month in (3, 6, 9, 12)):
            contract = micro_future(share("SPY"), year, month)
            if contract.expires_on - timedelta(days=_FUTURE_ROLL_DAYS) > day:
                return contract
        raise LookupError(day)

    def _scalp_future(self) -> None:
        """Mostly overnight, sometimes in and out within the day."""
        desk = self._desk
        size = 1 if desk.random.random() < 0.62 else -1  # noqa: PLR2004 - rather long than short
        contracts = 2 if desk.random.random() < 0.15 else 1  # noqa: PLR2004
        future = self._future()
        desk.trade(future, size * contracts, evening=desk.random.random() < 0.2)  # noqa: PLR2004
        if desk.random.random() < 0.75:  # noqa: PLR2004
            self._overnight = (future, size * contracts)
        else:
            desk.trade(future, -size * contracts)

    def _flip_future(self) -> None:
        """Long, then turned round in one order, then flat."""
        future = self._future()
        if self._overnight is None:
            for quantity in (1, -2, 1):
                self._desk.trade(future, quantity)

    def _close_overnight_future(self) -> None:
        if self._overnight is not None:
            future, quantity = self._overnight
            self._overnight = None
            self._desk.trade(future, -quantity)

    # -- currency --------------------------------------------------------------------------------------------------

    def _keep_dollars(self) -> None:
        """Convert when dollars run out, or back when there are far too many."""
        desk = self._desk
        dollars, euros = desk.books.cash("USD"), desk.books.cash("EUR")
        if dollars < 2_000 and euros > 9_000:  # noqa: PLR2004
            desk.convert(Decimal(-8_000))
        elif euros < 0 and dollars > 15_000:  # noqa: PLR2004
            desk.convert(Decimal(6_000))
