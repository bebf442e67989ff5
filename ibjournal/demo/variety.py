"""The depots of variety: every kind of instrument and event, in short histories that no user sees.

Tests compare the journal's engine with the books kept here. They are made anew from every seed: which chapters there are, what
is bought and when, which way an event goes. Nothing of it is shown in the program's demo, whose story is a calm one.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ibjournal.demo import variety_events as events
from ibjournal.demo import variety_trades as trades
from ibjournal.demo.back_office import BackOffice
from ibjournal.demo.broker import Broker
from ibjournal.demo.business_days import next_report_day, report_days
from ibjournal.demo.desk import Desk
from ibjournal.demo.variety_market import VarietyMarket
from ibjournal.demo.variety_plan import Investor, Plan

MAIN, SECOND, RENUMBERED, AMERICAN = "U8800001", "U8800002", "U8800003", "U8800004"
"""The accounts: the first three in euros, where the third is the second's new number; the last in dollars, with wash sales."""
FIRST_DAY = date(2026, 3, 2)
LAST_DAY = date(2026, 5, 29)
_CHAPTERS = (
    trades.fractions,
    trades.corrections,
    trades.options,
    trades.combos,
    trades.index_options,
    trades.futures,
    trades.differences,
    trades.funds_and_coins,
    trades.warrants,
    trades.bonds,
    trades.conversions,
    events.forward_split,
    events.reverse_split,
    events.renaming,
    events.merger,
    events.spin_off,
    events.rights,
    events.stock_dividend,
    events.tender,
    events.from_outside,
)


def build_variety(seed: int, *, whole: bool = False) -> Broker:
    """Tell one variation; ``whole`` has every chapter, otherwise about a third of them."""
    days = report_days(FIRST_DAY, LAST_DAY)
    market = VarietyMarket(days, seed)
    plan = Plan(market, seed)
    main, second, renumbered, american = (
        _investor(market, account, base, seed, number)
        for number, (account, base) in enumerate(((MAIN, "EUR"), (SECOND, "EUR"), (RENUMBERED, "EUR"), (AMERICAN, "USD")))
    )
    renumbered.active = False
    people = (main, second, renumbered, american)
    random = plan.chance("chapters")
    for who, currency in ((main, "EUR"), (second, "EUR"), (american, "USD")):
        plan.at(0, who.office.deposit, Decimal(250_000), currency)
    plan.at(1, lambda: main.desk.convert(Decimal(-100_000)))
    plan.at(1, lambda: second.desk.convert(Decimal(-90_000)))
    trades.shares(plan, main)
    trades.shares(plan, main, name="EUROFO", currency="EUR", country="FR")
    chosen = _CHAPTERS if whole else tuple(chapter for chapter in _CHAPTERS if random.random() < 0.35)  # noqa: PLR2004
    for chapter in chosen:
        chapter(plan, main)
    if whole or random.random() < 0.5:  # noqa: PLR2004
        trades.shares(plan, second, name="ZWEITO", last=plan.last - events.NEW_NUMBER_DAYS)
        events.between(plan, main, second)
        events.new_number(plan, second, renumbered)
    if whole or random.random() < 0.5:  # noqa: PLR2004
        trades.shares(plan, american, name="USO")
        trades.wash_sales(plan, american)
    for number, day in enumerate(days):
        for who in people:
            if who.active:
                who.desk.start_day(day)
                who.office.open_day()
        plan.play(number)
        for who in people:
            if who.active:
                who.office.expire_options()
                who.desk.books.close_day(day)
    return Broker(
        as_of=next_report_day(LAST_DAY),
        seed=seed,
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        market=market,
        desks={who.desk.account: who.desk for who in people if who.desk.books.closes},
    )


def _investor(market: VarietyMarket, account: str, base: str, seed: int, number: int) -> Investor:
    desk = Desk(account, base, market, seed=seed, number=number, wash_sales=account == AMERICAN)
    return Investor(desk, BackOffice(desk))
