"""The scripts of the depots "Long term" (euros) and "Retirement" (dollars): few orders, dividends, savings plans."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from ibjournal.demo.back_office import BackOffice
from ibjournal.demo.contracts import option
from ibjournal.demo.desk import Desk
from ibjournal.demo.listings import share
from ibjournal.demo.structures import Structure, away, close_when_due, friday, last_spot, put_spread
from ibjournal.demo.wheel import Wheel

CENT = Decimal("0.01")


def _buy_with_conversion(desk: Desk, symbol: str, quantity: int, *, parts: tuple[int, ...] = ()) -> None:
    """Buy a share in the currency that is not the base; the broker converts what is missing (AFx)."""
    contract = share(symbol)
    desk.trade(contract, quantity, parts=parts)
    missing = -desk.books.cash(contract.currency)
    if missing <= 0:
        return
    if contract.currency == "EUR":
        desk.convert(missing.quantize(CENT, ROUND_CEILING), automatic=True)
    else:
        euro = desk.market.euro_in_dollars(desk.books.closes[-1].day)
        desk.convert(-(missing / euro * Decimal("1.004")).quantize(CENT, ROUND_CEILING), automatic=True)


class LongTerm:
    """Buys a world fund every month and a few companies for years; sells seldom."""

    _PLAN = (
        (4, "ASML", 10), (9, "MUV2", 18), (14, "BRK B", 22), (20, "ANET", 12), (30, "SAP", 25), (41, "IB01", 90),
        (120, "MC", 6), (170, "BRK B", 8), (215, "ASML", 4), (260, "IB01", 40), (330, "MC", -6), (395, "SAP", -10),
        (430, "ANET", -8), (470, "SAP", 12), (520, "IB01", 30), (575, "MUV2", 4), (610, "ANET", 6), (660, "SAP", -15),
        (700, "MUV2", -4), (735, "ASML", -2), (770, "MC", 5), (810, "BRK B", -6),
    )  # fmt: skip
    """(report days since the beginning, symbol, shares). A day on which the exchange is shut moves the order on."""

    def __init__(self, desk: Desk, office: BackOffice) -> None:
        self._desk = desk
        self._office = office
        self._month = 0
        self._plan = list(self._PLAN)
        self._saving = False

    def trade_day(self) -> None:
        """Trade for one day."""
        desk = self._desk
        if not desk.books.closes:
            self._office.deposit(Decimal(71_000), "EUR")
            return
        if desk.day.month != self._month:
            self._month = desk.day.month
            self._office.deposit(Decimal(400), "EUR")
            self._saving = True
        number = len(desk.books.closes)
        if desk.europe_open and number == 3:  # noqa: PLR2004 - the basic holding
            desk.trade(share("VWCE"), 210, parts=(120, 60, 30))
        if desk.europe_open and self._saving and number > 3:  # noqa: PLR2004
            self._saving = False
            desk.trade(share("VWCE"), 3)
        due = [entry for entry in self._plan if entry[0] <= number]
        for entry in sorted(due, key=lambda entry: share(entry[1]).currency):
            _, symbol, quantity = entry
            european = share(symbol).currency == "EUR"
            if not (desk.europe_open if european else desk.america_open):
                continue
            self._plan.remove(entry)
            if quantity < 0 or european:
                desk.trade(share(symbol), quantity)
            else:
                _buy_with_conversion(desk, symbol, quantity)


class Retirement:
    """Holds American shares and funds, writes calls on one and puts on another, and buys a European share now and then."""

    def __init__(self, desk: Desk, office: BackOffice) -> None:
        self._desk = desk
        self._office = office
        self._covered = Wheel(desk, "AAPL", keep_shares=True)
        self._puts = Wheel(desk, "KO", lots=2)
        self._structures: list[Structure] = []
        self._year = desk.market.first.year
        self._exercise_year = 0

    def trade_day(self) -> None:
        """Trade for one day."""
        desk = self._desk
        number = len(desk.books.closes)
        if not number:
            self._office.deposit(Decimal(92_000), "USD")
            return
        if desk.day.year != self._year and desk.day.month == 2:  # noqa: PLR2004 - the yearly contribution
            self._year = desk.day.year
            self._office.deposit(Decimal(7_000), "USD")
        if desk.europe_open and number in {60, 61} and not desk.books.position(share("SAP")):
            self._buy_sap()
        if desk.america_open:
            self._trade_in_america(number)

    def _buy_sap(self) -> None:
        """Euros are bought beforehand, with an order of their own."""
        desk = self._desk
        price = Decimal(repr(last_spot(desk, "SAP")))
        desk.trade(share("SAP"), 20)
        desk.convert((price * 20 * Decimal("1.02")).quantize(CENT, ROUND_CEILING))

    def _trade_in_america(self, number: int) -> None:
        desk, week, weekday = self._desk, self._desk.day.isocalendar().week, self._desk.day.weekday()
        self._structures = [structure for structure in self._structures if not close_when_due(desk, structure)]
        self._covered.look_after()
        self._puts.look_after()
        if number == 2:  # noqa: PLR2004 - the basic holdings
            desk.trade(share("SPY"), 40)
            desk.trade(share("AAPL"), 100, parts=(40, 60))
        elif number == 6:  # noqa: PLR2004
            desk.trade(share("MSFT"), 20)
        elif number % 130 == 90:  # noqa: PLR2004 - every half year
            desk.trade(share("QQQ"), 8 if number % 260 == 90 else -6)  # noqa: PLR2004
        if weekday == 0 and week % 4 == 1:
            self._covered.sell_call(weeks=3)
        if weekday == 2 and week % 3 == 0:  # noqa: PLR2004
            self._puts.sell_put(weeks=2)
        if weekday == 1 and week % 6 == 2:  # noqa: PLR2004
            self._structures.append(put_spread(desk, "SPY", 3, 1, widths=0.8, span=Decimal(10)))
        self._exercise_once_a_year()

    def _exercise_once_a_year(self) -> None:
        """A call deep in the money is bought to be exercised; the shares are sold a week later."""
        desk = self._desk
        iwm = share("IWM")
        if desk.day.month in {9, 10} and self._exercise_year != desk.day.year and desk.day.weekday() == 1:
            self._exercise_year = desk.day.year
            expiry = friday(desk.day, 1)
            desk.trade(option(iwm, expiry, away(desk, "IWM", expiry, -2.5), "C"), 1)
        held = desk.books.position(iwm)
        if held > 0 and desk.day.weekday() == 4:  # noqa: PLR2004 - Friday
            desk.trade(iwm, -int(held))
