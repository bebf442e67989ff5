"""Chapters of variety about what happens to positions: corporate actions, transfers, an account with a new number."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from ibjournal.demo.contracts import Contract
from ibjournal.demo.variety_contracts import after_split, asset, option_on, renamed
from ibjournal.demo.variety_plan import Investor, Plan

NEW_NUMBER_DAYS = 12
"""How many days before the end the account gets a new number."""


def _named(contract: Contract) -> str:
    return f"{contract.symbol}({contract.isin})"


def _gather(
    plan: Plan, who: Investor, contract: Contract, random: Random, *, until: int, unit: int = 20, short: bool = False
) -> None:
    """Buy (or sell short) in two or three orders, and give a little back."""
    sign = -1 if short else 1
    days = sorted(random.sample(range(1, until - 1), 3))
    for day in days[:2]:
        size = sign * unit * random.randrange(2, 9)
        plan.at(day, who.desk.trade, contract, size)
    if random.random() < 0.6:  # noqa: PLR2004
        plan.at(days[2], lambda: who.desk.trade(contract, -sign * unit))


def _part_with(plan: Plan, who: Investor, contract: Contract, random: Random, *, since: int) -> None:
    """Sell a part later, and sometimes all."""
    plan.at(since + 3, who.part_with, contract, 4)
    if random.random() < 0.6:  # noqa: PLR2004
        plan.at(since + 7, lambda: who.close(contract))


def forward_split(plan: Plan, who: Investor) -> None:
    """A split that options follow: the same contracts with another strike and symbol."""
    random = plan.chance("forward split")
    share = plan.market.open(asset("SPLITO"), random.uniform(200, 320))
    day = random.randrange(14, plan.last - 16)
    new, old = random.choice(((2, 1), (3, 1), (3, 2), (10, 1)))
    _gather(plan, who, share, random, until=day, short=random.random() < 0.3)  # noqa: PLR2004
    strike = Decimal(round(plan.market.spot(share.symbol, plan.market.days[day - 3]) / 6) * 6)
    plan.market.rescale(share, plan.market.days[day], old / new)
    before = option_on(share, plan.market.days[day + 9], strike, random.choice("CP"))
    size = random.choice((-4, -2, 2, 4))
    after = after_split(before, new, old)
    plan.at(day - 3, lambda: who.desk.trade(before, size))

    def split() -> None:
        words = f"{_named(share)} SPLIT {new} FOR {old}"
        action = who.registrar.split(share, new, old, type_="FS", words=words)
        alike = (who.held(share) > 0) == (who.held(before) > 0)
        who.registrar.split(before, new, old, type_="FS", words=words, becomes=after, action=action if alike else "")

    plan.at(day, split)
    plan.at(day + 2, lambda: who.trade(after, -1 if size > 0 else 1))
    _part_with(plan, who, share, random, since=day)


def reverse_split(plan: Plan, who: Investor) -> None:
    """A reverse split that leaves the contract as it is, or one that gives it another number and ISIN."""
    random = plan.chance("reverse split")
    share = plan.market.open(asset("RISO"), random.uniform(1, 4))
    day = random.randrange(10, plan.last - 10)
    _gather(plan, who, share, random, until=day, unit=100)
    old = random.choice((4, 5, 10, 25))
    plan.market.rescale(share, plan.market.days[day], old)
    words = f"{_named(share)} SPLIT 1 FOR {old}"
    if random.random() < 0.5:  # noqa: PLR2004
        plan.at(day, lambda: who.registrar.split(share, 1, old, type_="RS", words=words))
        _part_with(plan, who, share, random, since=day)
    else:
        other = renamed(share, "RISONEW")
        plan.market.follow(other, share)
        plan.at(day, lambda: who.registrar.exchange(share, other, who.held(share) / old, type_="RS", words=words))
        _part_with(plan, who, other, random, since=day)


def renaming(plan: Plan, who: Investor) -> None:
    """Another symbol, ISIN and contract number for the same shares."""
    random = plan.chance("renaming")
    share = plan.market.open(asset("NAMO"), random.uniform(20, 50))
    other = renamed(share, "NUNAMO")
    plan.market.follow(other, share)
    day = random.randrange(8, plan.last - 10)
    _gather(plan, who, share, random, until=day, short=random.random() < 0.3)  # noqa: PLR2004
    words = f"{_named(share)} CUSIP/ISIN CHANGE TO ({other.isin})"
    plan.at(day, lambda: who.registrar.exchange(share, other, who.held(share), type_="IC", words=words))
    _part_with(plan, who, other, random, since=day)


def merger(plan: Plan, who: Investor) -> None:
    """A merger for shares of a company that may be held already, for cash, or for both."""
    random = plan.chance("merger")
    share = plan.market.open(asset("FUSO"), random.uniform(30, 70))
    other = plan.market.open(asset("BIGO"), random.uniform(60, 140))
    day = random.randrange(8, plan.last - 10)
    kind = random.choice(("shares", "cash", "both"))
    if kind == "both":
        # how cash is divided among lots, no report says: here there is one
        plan.at(random.randrange(1, day), who.desk.trade, share, 140)
    else:
        _gather(plan, who, share, random, until=day)
    if kind == "cash":
        price = plan.market.mark(share, plan.market.days[day])
        words = f"{_named(share)} MERGED(Acquisition) FOR USD {price} PER SHARE"
        plan.at(day, lambda: who.registrar.remove(share, type_="TC", words=words, price=price))
        return
    if kind == "shares" and random.random() < 0.5:  # noqa: PLR2004 - some of the other are there already
        plan.at(2, lambda: who.desk.trade(other, 40))
    ratio = Decimal(random.choice((1, 2, 5))) / 4

    def merge() -> None:
        held = who.held(share)
        if kind == "shares":
            words = f"{_named(share)} MERGED(Acquisition) WITH {other.isin} {int(ratio * 4)} FOR 4"
            who.registrar.exchange(share, other, held * ratio, type_="TC", words=words)
            return
        cash = held * Decimal("12.5")
        worth = held * ratio * plan.market.mark(other, who.desk.day)
        gain = min(max(cash + worth - who.desk.books.cost_of(share), Decimal(0)), cash)
        words = f"{_named(share)} CASH AND STOCK MERGER (Acquisition) {other.isin} {int(ratio * 4)} FOR 4 AND USD 12.50"
        who.registrar.exchange(
            share, other, held * ratio, type_="TC", words=words, proceeds=cash, realized=gain.quantize(Decimal("0.000001"))
        )

    plan.at(day, merge)
    _part_with(plan, who, other, random, since=day)


def spin_off(plan: Plan, who: Investor) -> None:
    """A part of a company becomes one of its own and takes a part of the basis with it."""
    random = plan.chance("spin-off")
    parent = plan.market.open(asset("PARO"), random.uniform(50, 90))
    child = plan.market.open(asset("KIDO"), random.uniform(10, 30))
    day = random.randrange(8, plan.last - 10)
    _gather(plan, who, parent, random, until=day)
    part = Decimal(random.randrange(8, 35)) / 100
    words = f"{_named(parent)} SPINOFF 1 FOR 4"
    plan.at(day, lambda: who.registrar.spin_off(parent, child, who.held(parent) / 4, part, words=words))
    _part_with(plan, who, parent, random, since=day)
    _part_with(plan, who, child, random, since=day + 1)


def rights(plan: Plan, who: Investor) -> None:
    """Rights that are used to buy shares, sold, or left to expire."""
    random = plan.chance("rights")
    share = plan.market.open(asset("RECHTO", currency="EUR", country="DE"), random.uniform(20, 40))
    right = plan.market.open(asset("RECHTO.RTS", currency="EUR", country="DE", kind="RIGHT"), random.uniform(0.5, 2))
    day = random.randrange(8, plan.last - 14)
    _gather(plan, who, share, random, until=day)
    words = f"{_named(share)} SUBSCRIBABLE RIGHTS ISSUE 1 FOR 1"
    plan.at(day, lambda: who.registrar.issue(right, who.held(share), type_="RI", words=words))
    end = random.choice(("used", "sold", "expired"))
    if end == "used":

        def subscribe() -> None:
            count = who.held(right) / 4
            words = f"{_named(right)} SUBSCRIBES TO {share.isin} 1 FOR 4"
            who.registrar.exchange(right, share, count, type_="SR", words=words, proceeds=-count * Decimal("11.5"))

        plan.at(day + 4, subscribe)
    elif end == "sold":
        plan.at(day + 4, lambda: who.close(right))
    else:
        gone = f"{_named(right)} EXPIRE DIVIDEND RIGHT"
        plan.at(day + 6, lambda: who.registrar.remove(right, type_="ED", words=gone))
    _part_with(plan, who, share, random, since=day + 5)


def stock_dividend(plan: Plan, who: Investor) -> None:
    """A dividend in shares, a removal without value."""
    random = plan.chance("stock dividend")
    share = plan.market.open(asset("STODO"), random.uniform(12, 25))
    day = random.randrange(8, plan.last - 10)
    _gather(plan, who, share, random, until=day)
    words = f"{_named(share)} STOCK DIVIDEND {_named(share)} 1 FOR 20"
    plan.at(day, lambda: who.registrar.split(share, 21, 20, type_="SD", words=words))
    plan.at(day + 3, lambda: who.desk.trade(share, -20))
    if random.random() < 0.5:  # noqa: PLR2004
        gone = f"{_named(share)} DELISTED"
        plan.at(day + 6, lambda: who.registrar.remove(share, type_="DW", words=gone))


def tender(plan: Plan, who: Investor) -> None:
    """Shares are tendered, wait under another number, and are paid for."""
    random = plan.chance("tender")
    share = plan.market.open(asset("OFFERO"), random.uniform(15, 45))
    waiting = renamed(share, "OFFERO.TEN")
    plan.market.follow(waiting, share)
    day = random.randrange(8, plan.last - 10)
    _gather(plan, who, share, random, until=day)
    words = f"{_named(share)} TENDERED TO {waiting.isin} 1 FOR 1"
    plan.at(day, lambda: who.registrar.exchange(share, waiting, who.held(share), type_="TO", words=words))
    price = Decimal("30.6")
    paid = f"{_named(waiting)} MERGED(Voluntary Offer Allocation)  FOR USD 30.60000000 PER SHARE"
    plan.at(day + 5, lambda: who.registrar.remove(waiting, type_="TC", words=paid, price=price))


def from_outside(plan: Plan, who: Investor) -> None:
    """Shares come from another broker without their basis, and others leave."""
    random = plan.chance("from outside")
    coming = plan.market.open(asset("ALIENO"), random.uniform(20, 60))
    leaving = plan.market.open(asset("GOODBYO"), random.uniform(20, 60))
    day = random.randrange(4, plan.last - 12)
    plan.at(day, lambda: who.registrar.come_from_outside(coming, Decimal(120), Decimal(4321)))
    plan.at(day + 5, lambda: who.desk.trade(coming, -random.choice((50, 120))))
    plan.at(2, lambda: who.desk.trade(leaving, 80))
    plan.at(3, lambda: who.desk.trade(leaving, -20))
    plan.at(day + 4, lambda: who.registrar.leave(leaving))


def between(plan: Plan, who: Investor, other: Investor) -> None:
    """Shares and cash move from one account of the owner to another, with basis and date."""
    random = plan.chance("between")
    share = plan.market.open(asset("MOVO"), random.uniform(20, 60))
    day = random.randrange(8, plan.last - 24)
    short = random.random() < 0.2  # noqa: PLR2004
    _gather(plan, who, share, random, until=day, short=short)
    if random.random() < 0.4:  # noqa: PLR2004 - the other has some already
        plan.at(3, other.desk.trade, share, -40 if short else 40)
    plan.at(day, lambda: who.registrar.hand_over(share, other.registrar))
    plan.at(day, lambda: who.registrar.hand_over_cash(Decimal("1234.56"), "USD", other.registrar))
    plan.at(day + 4, other.part_with, share, 4)


def new_number(plan: Plan, old: Investor, new: Investor) -> None:
    """The account gets a new number: what was open there is open here, and no row says so."""
    day = plan.last - NEW_NUMBER_DAYS

    def renumber() -> None:
        new.active = True
        new.desk.start_day(old.desk.day)
        old.registrar.renumber(new.registrar)

    plan.at(day, renumber)
    plan.at(day + 1, lambda: setattr(old, "active", False))
    random = plan.chance("new number")

    def sell() -> None:
        for contract in new.desk.books.open_contracts():
            held = new.held(contract)
            if not contract.is_option:
                new.trade(contract, -held if random.random() < 0.5 else -(held / 2).to_integral_value())  # noqa: PLR2004

    plan.at(day + 3, sell)
