"""Chapters of variety about trading: every class of assets, fills of every shape, options to their end."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_FLOOR, Decimal
from random import Random

from ibjournal.demo.contracts import Contract
from ibjournal.demo.variety_contracts import asset, difference_on, future_on, option_on
from ibjournal.demo.variety_plan import Investor, Plan

CENT = Decimal("0.01")


def _days(plan: Plan, random: Random, count: int, *, first: int = 1, last: int | None = None) -> list[int]:
    end = plan.last if last is None else last
    return sorted(random.sample(range(first, end), min(count, end - first)))


def shares(
    plan: Plan, who: Investor, *, name: str = "AVDO", currency: str = "USD", country: str = "US", last: int | None = None
) -> Contract:
    """Buy and sell as it comes, until day ``last``: in pieces, in one second, through zero, long and short."""
    random = plan.chance(f"shares {who.desk.account} {name}")
    contract = plan.market.open(asset(name, currency=currency, country=country), random.uniform(8, 180))
    for day in _days(plan, random, random.randrange(5, 11), last=last):
        size = random.choice((-180, -120, -60, -35, 40, 60, 75, 100, 150))
        style = random.random()
        if style < 0.25:  # noqa: PLR2004 - in pieces, a second apart or in the same one
            parts = (size // 2, size - size // 2 - size // 5, size // 5)
            pause = random.choice((0, 1))
            plan.at(day, who.desk.trade, contract, size, parts=parts, pause=pause)
        else:
            plan.at(day, who.desk.trade, contract, size)
        if style > 0.85:  # noqa: PLR2004 - twice on a day
            plan.at(day, who.desk.trade, contract, -size // 3)
    return contract


def fractions(plan: Plan, who: Investor) -> None:
    """Buy parts of shares, reinvest dividends, and sell the fraction at the end."""
    random = plan.chance("fractions")
    contract = plan.market.open(asset("DRIPO"), random.uniform(30, 90))
    start = random.randrange(1, 6)
    plan.at(start, lambda: who.desk.trade(contract, Decimal("100.5")))
    plan.at(start + 2, lambda: who.desk.trade(contract, Decimal(random.randrange(1, 9999)) / 10000, codes=("RI",)))
    for day in range(start + 6, plan.last - 4, 14):

        def reinvest() -> None:
            held = who.held(contract)
            if held <= 0:
                return
            words = f"{contract.symbol}({contract.isin}) CASH DIVIDEND USD 0.31 PER SHARE"
            gross = (held * Decimal("0.31")).quantize(CENT)
            tax = (gross * Decimal("0.15")).quantize(CENT)
            who.office.book_cash(
                gross, "USD", "Dividends", f"{words} (Ordinary Dividend)", "dividends", "dividends", contract=contract
            )
            who.office.book_cash(
                -tax, "USD", "Withholding Tax", f"{words} - US TAX", "withholdingTax", "withholdingTax", contract=contract
            )
            price = plan.market.mark(contract, who.desk.day)
            who.desk.trade(contract, ((gross - tax) / price).quantize(Decimal("0.0001")), codes=("R",))

        plan.at(day, reinvest)

    def sell_out() -> None:
        held = who.held(contract)
        whole = held.to_integral_value(ROUND_FLOOR)
        who.trade(contract, -whole)
        if held != whole:
            who.desk.sell_fraction(contract, whole - held, plan.market.mark(contract, who.desk.day))

    plan.after(plan.last - random.randrange(1, 6), sell_out)


def corrections(plan: Plan, who: Investor) -> None:
    """Fills that are taken back at once, and one that is corrected days later."""
    random = plan.chance("corrections")
    contract = plan.market.open(asset("ERRO"), random.uniform(20, 60))
    start = random.randrange(1, 20)
    plan.at(start, lambda: who.desk.trade(contract, 90, rebook_last=True))
    late: list[int] = []

    def buy() -> None:
        late.append(len(who.desk.fills))
        who.desk.trade(contract, 70)

    plan.at(start + 2, buy)
    plan.at(start + 3, lambda: who.desk.trade(contract, -random.choice((30, 90))))
    plan.at(start + 5, lambda: who.desk.correct(who.desk.fills[late[0]]))
    plan.at(start + 9, lambda: who.desk.trade(contract, -random.choice((60, 70, 100))))


def options(plan: Plan, who: Investor) -> None:
    """Sell and buy options on one share until they expire, are assigned (early, in part) or exercised."""
    random = plan.chance("options")
    contract = plan.market.open(asset("OPTO"), random.uniform(40, 120))
    for start in range(random.randrange(1, 5), plan.last - 12, random.randrange(7, 12)):
        expiry = plan.market.days[start + random.randrange(3, 10)]
        spot = plan.market.spot(contract.symbol, plan.market.days[start])
        strike = Decimal(round(spot * random.uniform(0.93, 1.07)))
        right = random.choice("CP")
        size = random.choice((-3, -2, -1, 1, 2))
        chosen = option_on(contract, expiry, strike, right)
        parts = (size - size // 2, size // 2) if abs(size) > 1 else ()
        plan.at(start, who.desk.trade, chosen, size, parts=parts)
        end = random.random()
        if end < 0.3:  # noqa: PLR2004 - ahead of its expiry, a part or all of it

            def early(chosen: Contract = chosen) -> None:
                held = who.held(chosen)
                if held:
                    who.office.deliver(chosen, held / abs(held) * max(abs(held) - 1, Decimal(1)))

            plan.after(start + 2, early)
        elif end < 0.5:  # noqa: PLR2004 - closed in part
            plan.at(start + 2, who.desk.trade, chosen, -1 if size > 0 else 1)

    def trim() -> None:
        held = who.held(contract)
        if abs(held) >= 100:  # noqa: PLR2004 - a contract's shares
            who.trade(contract, -(held / 100 / 2).to_integral_value() * 100 - (50 if held > 0 else -50))

    for day in range(10, plan.last, 11):
        plan.at(day, trim)


def combos(plan: Plan, who: Investor) -> None:
    """Verticals, condors and calendars in one order, a roll, and legs left to expire."""
    random = plan.chance("combos")
    contract = plan.market.open(asset("LEGO"), random.uniform(90, 150))
    for start in range(random.randrange(1, 6), plan.last - 14, 13):
        near = plan.market.days[start + random.randrange(4, 8)]
        far = plan.market.days[min(start + 13, plan.last)]
        middle = Decimal(round(plan.market.spot(contract.symbol, plan.market.days[start])))
        shape = random.choice(("vertical", "condor", "calendar", "roll"))
        if shape == "vertical":
            legs = [(option_on(contract, near, middle - 2, "P"), -2), (option_on(contract, near, middle - 7, "P"), 2)]
        elif shape == "condor":
            legs = [
                (option_on(contract, near, middle - 4, "P"), -1),
                (option_on(contract, near, middle - 9, "P"), 1),
                (option_on(contract, near, middle + 4, "C"), -1),
                (option_on(contract, near, middle + 9, "C"), 1),
            ]
        else:
            legs = [(option_on(contract, near, middle, "C"), -1), (option_on(contract, far, middle, "C"), 1)]
        plan.at(start, who.desk.combo, legs)
        if shape == "roll":
            later = option_on(contract, far, middle + 2, "C")
            plan.at(start + 2, who.desk.combo, [(legs[0][0], 1), (later, -1)])
        elif random.random() < 0.4:  # noqa: PLR2004 - closed as it was opened
            plan.at(start + 2, who.desk.combo, [(leg, -size) for leg, size in legs])
    plan.at(plan.last - 1, lambda: who.close(contract))


def index_options(plan: Plan, who: Investor) -> None:
    """European options on an index: what is in the money at the end is paid in cash."""
    random = plan.chance("index options")
    index = plan.market.open(asset("NOIX", "IND"), random.uniform(300, 500))
    for start in range(2, plan.last - 8, 9):
        expiry = plan.market.days[start + 5]
        middle = Decimal(round(plan.market.spot(index.symbol, plan.market.days[start])))
        for right, offset, size in (("P", -5, -1), ("P", -15, 1), ("C", 5, -2), ("C", 12, 2)):
            strike = middle + offset + random.randrange(-9, 9)
            chosen = option_on(index, expiry, strike, right, cash_settled=True)
            plan.at(start, who.desk.trade, chosen, size)


def futures(plan: Plan, who: Investor) -> None:
    """Futures long, short and through zero, a roll, and options that turn into them."""
    random = plan.chance("futures")
    index = plan.market.open(asset("FUTX", "IND"), random.uniform(1500, 2500))
    first = plan.market.days[0]
    near = future_on(index, date(first.year + 1, 3, 19), multiplier=5)
    far = future_on(index, date(first.year + 1, 6, 18), multiplier=5)
    for day in _days(plan, random, 7, last=plan.last - 9):
        size = random.choice((-3, -2, -1, 1, 2, 3))
        plan.at(day, who.desk.trade, near, size)
    for start in (4, 12, 20):
        expiry = plan.market.days[start + random.randrange(4, 9)]
        middle = Decimal(round(plan.market.spot(index.symbol, plan.market.days[start]) / 25) * 25)
        right = random.choice("CP")
        for size in (random.choice((1, 2)), random.choice((-2, -1))):
            strike = middle + random.choice((-75, -25, 0, 25, 75))
            plan.at(start, who.desk.trade, option_on(near, expiry, strike, right, multiplier=5), size)

    def roll() -> None:
        held = int(who.held(near))
        if held:
            who.desk.combo([(near, -held), (far, held)])

    plan.at(plan.last - 6, roll)


def differences(plan: Plan, who: Investor) -> None:
    """Contracts for difference: no value of their own, a financing every evening."""
    random = plan.chance("differences")
    share = plan.market.open(asset("DIFO", currency="EUR", country="DE"), random.uniform(25, 80))
    contract = difference_on(share)
    for day in _days(plan, random, 6):
        size = random.choice((-200, -120, 80, 150))
        plan.at(day, who.desk.trade, contract, size)

    def charge() -> None:
        held = who.held(contract)
        if held:
            value = held * plan.market.mark(contract, who.desk.day)
            who.finance(contract, (-abs(value) * Decimal("0.00016")).quantize(CENT))

    for day in range(2, plan.last, 3):
        plan.at(day, charge)


def funds_and_coins(plan: Plan, who: Investor) -> None:
    """What is traded in fractions: a fund, a coin, gold."""
    random = plan.chance("funds and coins")
    fund = plan.market.open(asset("FONDO", "FUND", currency="EUR", country="LU"), random.uniform(90, 450))
    coin = plan.market.open(asset("DUKAT", "CRYPTO"), random.uniform(2000, 60000))
    metal = plan.market.open(asset("XAUUSD", "CMDTY"), random.uniform(1800, 2600))
    for contract, digits, most in ((fund, 3, 60), (coin, 8, 2), (metal, 0, 9)):
        for number, day in enumerate(_days(plan, random, 5)):
            size = round(Decimal(repr(random.uniform(most / 9, most))), digits)

            def act(contract: Contract = contract, size: Decimal = size, buy: bool = number % 2 == 0) -> None:  # noqa: FBT001
                who.trade(contract, size if buy else -min(size, who.held(contract)))

            plan.at(day, act)
        if random.random() < 0.5:  # noqa: PLR2004
            plan.at(plan.last - 1, who.close, contract)


def warrants(plan: Plan, who: Investor) -> None:
    """A warrant that is traded and a structured product that is knocked out."""
    random = plan.chance("warrants")
    warrant = plan.market.open(asset("WARRO", "WAR", currency="EUR", country="DE"), random.uniform(0.6, 6))
    product = plan.market.open(asset("BONUX", "IOPT", currency="EUR", country="DE"), random.uniform(20, 60))
    for contract in (warrant, product):
        for day in _days(plan, random, 4, last=plan.last - 6):
            size = random.choice((150, 400, 900))
            plan.at(day, who.desk.trade, contract, size)
        plan.at(plan.last - 5, who.part_with, contract, 3)
    words = f"{product.symbol}({product.isin}) DELISTED"
    plan.at(plan.last - 3, lambda: who.registrar.remove(product, type_="DW", words=words))


def bonds(plan: Plan, who: Investor) -> None:
    """A bond with accrued interest and coupons, a bill; one of them to its maturity."""
    random = plan.chance("bonds")
    bond = plan.market.open(asset("BONDO 4 03/15/31", "BOND"), random.uniform(92, 104))
    bill = plan.market.open(asset("BILLO 0 02/26/27", "BILL"), random.uniform(97, 99.4))

    def interest(amount: Decimal, words: str) -> None:
        kind = "Bond Interest Received" if amount > 0 else "Bond Interest Paid"
        who.office.book_cash(amount, "USD", kind, f"{words} {bond.symbol}", "interest", "bondInterest", contract=bond)

    def buy() -> None:
        who.desk.trade(bond, 20_000)
        interest(Decimal("-131.11"), "PURCHASE ACCRUED INT")

    start = random.randrange(1, 12)
    plan.at(start, buy)
    plan.at(start, lambda: who.desk.trade(bill, 30_000))
    plan.at(start + 4, lambda: who.desk.trade(bond, 7_000))
    plan.at(start + 15, lambda: interest((who.held(bond) * Decimal("0.02")).quantize(CENT), "BOND COUPON PAYMENT"))
    plan.at(start + 20, lambda: who.trade(bond, -9_000))
    if random.random() < 0.6:  # noqa: PLR2004
        words = f"{bond.symbol}({bond.isin}) BOND MATURITY FOR USD 1.00 PER BOND"
        plan.at(plan.last - 4, lambda: who.registrar.remove(bond, type_="BM", words=words, price=Decimal(100)))
    due = f"{bill.symbol}({bill.isin}) TBILL MATURITY"
    plan.at(plan.last - 6, lambda: who.registrar.remove(bill, type_="TM", words=due, price=Decimal(100)))


def conversions(plan: Plan, who: Investor) -> None:
    """Euros into dollars and back, by hand and automatically."""
    random = plan.chance("conversions")
    for day in _days(plan, random, 5):
        amount = Decimal(random.randrange(-5000, 5000))
        automatic = random.random() < 0.4  # noqa: PLR2004
        plan.at(day, who.desk.convert, amount, automatic=automatic)


def wash_sales(plan: Plan, who: Investor) -> None:
    """Sell at a loss while shares bought shortly before are kept; sell those later."""
    random = plan.chance("wash sales")
    contract = plan.market.open(asset("WASHO"), random.uniform(50, 90))
    start = random.randrange(2, 15)
    plan.market.rescale(contract, plan.market.days[start + 2], 0.8)
    plan.at(start, lambda: who.desk.trade(contract, 100))
    plan.at(start + 4, lambda: who.desk.trade(contract, random.choice((40, 100, 130))))
    plan.at(start + 6, lambda: who.desk.trade(contract, -100))
    plan.at(start + 20, who.part_with, contract, 2)
