"""Rolls, assignments and the wheel as one story, with figures reckoned by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ibjournal.domain.campaign import CampaignChoice, CampaignKind, CampaignState, ChoiceKind, StepKind
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.trade import Side
from tests.unit.domain.campaign_story import SHARES, Story, legs, moment, names, text, told


def wheel() -> Story:
    """A wheel over two assignments with three rolls and dividends; every fill on an exchange costs 1.

    Put 50 sold at 1.20, rolled to 49 (bought back at 2.00, sold at 2.30), rolled to 48 (2.50, 2.60), assigned: 100 shares at 48.
    Put 45 sold against more cash and assigned too: 200 shares. Two calls 52 sold at 0.80, rolled to 53 (1.50, 1.75), called away.
    """
    story = Story()
    story.fill("P50", -1, "1.20", 0)
    story.roll("P50", "P49", ("2.00", "2.30"), 7)
    story.roll("P49", "P48", ("2.50", "2.60"), 14)
    story.exercise("P48", 1, 21)
    story.fill("P45", -1, "0.90", 22)
    story.exercise("P45", 1, 28)
    story.dividend("100", 40, ex=30, tax="-15")
    story.fill("C52", -2, "0.80", 31)
    story.roll("C52", "C53", ("1.50", "1.75"), 38, quantities=(2, 2))
    story.exercise("C53", 2, 45)
    return story


def test_a_wheel_over_two_assignments_with_three_rolls_and_dividends() -> None:
    campaign = wheel().campaign()
    chain = campaign.chain
    assert (chain.kind, campaign.state, len(chain.trades)) == (CampaignKind.WHEEL, CampaignState.FLAT, 7)
    assert campaign.parts.premium == Decimal(120 - 200 + 230 - 250 + 260 + 90 + 160 - 300 + 350)
    assert campaign.parts.stock == Decimal(2 * 5300 - 4800 - 4500)
    assert (campaign.parts.dividends, campaign.parts.withholding_tax) == (Decimal(100), Decimal(-15))
    assert campaign.parts.fees == Decimal(-9)
    assert campaign.net == Decimal(1836)
    assert campaign.net_base == Decimal(1836) * Decimal("0.9")
    assert (campaign.credit, campaign.open_premium, campaign.shares) == (Decimal(451), Decimal(0), Decimal(0))
    assert (campaign.basis, campaign.break_even) == (None, None)
    assert campaign.days(campaign.opened_on) == 45
    assert told(campaign.steps) == [
        ("opened", "0"),
        ("rolled", "-82"),
        ("rolled", "-22"),
        ("assigned", "259"),
        ("opened", "0"),
        ("assigned", "89"),
        ("opened", "0"),
        ("rolled", "-142"),
        ("dividend", "100"),
        ("withholding_tax", "-15"),
        ("called_away", "1649"),
    ]


def test_what_a_wheel_looks_like_while_it_holds_shares() -> None:
    story = Story()
    story.fill("P50", -1, "1.20", 0)
    story.exercise("P50", 1, 10)
    story.dividend(30, 20, ex=12)
    story.fill("C52", -1, "0.80", 11)
    campaign = story.campaign()
    assert campaign.state is CampaignState.CALL
    assert (campaign.shares, campaign.share_cost) == (Decimal(100), Decimal(5000))
    assert (campaign.credit, campaign.open_premium) == (Decimal(198), Decimal(79))
    assert campaign.basis == Decimal("48.02")
    assert campaign.basis_with_dividends == Decimal("47.72")
    assert campaign.break_even == Decimal("47.72")
    assert campaign.net == Decimal(149)  # the put's premium and the dividend; the call is open
    assert campaign.closed_on is None


def test_the_premium_of_an_assigned_put_belongs_to_the_day_of_the_assignment() -> None:
    story = Story()
    story.fill("P50", -1, "1.20", 0)
    story.exercise("P50", 1, 33)
    (opened, assigned) = story.campaign().steps
    assert told([opened, assigned]) == [("opened", "0"), ("assigned", "119")]
    assert [text(opened.cash.premium), text(opened.credit)] == ["120", "119"]
    assert [text(assigned.cash.premium), text(assigned.credit)] == ["0", "119"]
    assert assigned.day == moment(33, 0).date()
    assert legs(assigned) == ["P50 +1 @ 0", "111 +100 @ 50"]


def test_a_part_is_assigned_and_the_rest_expires() -> None:
    story = Story()
    story.fill("P50", -3, 1, 0)
    story.exercise("P50", 1, 10)
    story.expire("P50", 2, 10)
    campaign = story.campaign()
    assert campaign.chain.kind is CampaignKind.WHEEL
    assert told(campaign.steps) == [("opened", "0"), ("assigned", "99.6666666667"), ("expired", "199.3333333333")]
    assert (campaign.shares, campaign.basis) == (Decimal(100), Decimal("47.01"))


def test_shares_are_called_away_in_part() -> None:
    story = Story()
    story.fill(SHARES, 300, 50, 0)
    story.fill("C55", -2, 1, 1)
    story.exercise("C55", 2, 10)
    campaign = story.campaign()
    assert (campaign.chain.kind, campaign.state) == (CampaignKind.COVERED, CampaignState.SHARES)
    assert (campaign.shares, campaign.share_cost) == (Decimal(100), Decimal("5000.3333333333"))
    assert campaign.parts.stock == Decimal(1000)
    assert campaign.net == Decimal(1200) - Decimal(1) - Decimal("0.6666666667")
    assert campaign.steps[-1].kind is StepKind.CALLED_AWAY
    # what is left comes out even where the gain on the shares that went is counted too
    assert campaign.basis == Decimal("48.0133333333")
    assert campaign.break_even == Decimal("38.02")


def test_a_roll_for_a_debit_lowers_the_credit() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.roll("P50", "P48", (3, 2), 5)
    campaign = story.campaign()
    assert (campaign.chain.kind, campaign.state) == (CampaignKind.ROLL, CampaignState.PUT)
    assert campaign.credit == Decimal(-3)  # 100 - 300 + 200, three fills
    assert (campaign.net, campaign.open_premium) == (Decimal(-202), Decimal(199))
    assert campaign.break_even == Decimal("48.03")
    assert [str(step.credit) for step in campaign.steps] == ["99", "-3"]


def test_a_roll_is_two_trades_and_one_link() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.roll("P50", "P48", (3, 2), 5)
    chain = story.only()
    assert chain.trades == (story.trade("P50").key, story.trade("P48").key)
    (link,) = chain.links
    assert (link.certain, link.reason.value, text(link.quantity)) == (True, "same_order", "1")
    assert chain.key == f"U1000001/{SHARES}/E1"


def test_a_roll_with_another_quantity() -> None:
    story = Story()
    story.fill("P50", -2, 1, 0)
    story.roll("P50", "P45", (3, 2), 5, quantities=(2, 3))
    (step,) = (each for each in story.campaign().steps if each.kind is StepKind.ROLLED)
    assert legs(step) == ["P50 +2 @ 3", "P45 -3 @ 2"]
    assert [text(link.quantity) for link in step.links] == ["2"]


def test_a_part_is_rolled_and_the_rest_stays() -> None:
    story = Story()
    story.fill("P50", -5, 1, 0)
    story.roll("P50", "P45", (3, 2), 5, quantities=(2, 2))
    campaign = story.campaign()
    assert len(campaign.chain.trades) == 2
    assert story.trade("P50").open_quantity == 3
    assert campaign.break_even is None  # two strikes


def test_a_spread_is_rolled_leg_by_leg() -> None:
    story = Story()
    story.fill("P50", -1, 2, 0, order_id="open")
    story.fill("P45", 1, 1, 0, order_id="open")
    for name, quantity in (("P50", 1), ("P45", -1), ("P48", -1), ("P43", 1)):
        story.fill(name, quantity, 1, 5, order_id="roll")
    found = story.found()
    assert [names(chain.links) for chain in found.chains] == [
        [("P50", "P48", "same_order")],
        [("P45", "P43", "same_order")],
    ]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"exec_id": "aa.bb.0{leg}.01"}, "same_combo"),
        ({"brokerage_order_id": "b7"}, "same_brokerage_order"),
    ],
)
def test_the_legs_of_a_combination_are_one_roll_whatever_their_order_ids(fields: dict[str, Any], reason: str) -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.fill("P50", 1, 3, 5, **{name: value.format(leg=2) for name, value in fields.items()})
    story.fill("P48", -1, 2, 5, minute=300, **{name: value.format(leg=3) for name, value in fields.items()})
    assert names(story.only().links) == [("P50", "P48", reason)]


@pytest.mark.parametrize(("seconds", "linked"), [(0, True), (60, True), (61, False)])
def test_a_minute_is_a_roll_and_more_is_a_question(seconds: int, linked: bool) -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.fill("P50", 1, 3, 5, at=moment(5, 10))
    story.fill("P48", -1, 2, 5, at=moment(5, 10) + timedelta(seconds=seconds))
    found = story.found()
    assert (len(found.chains), len(found.suggestions)) == ((1, 0) if linked else (0, 1))


def test_what_is_closed_and_opened_later_on_the_day_waits_for_the_user() -> None:
    story = Story()
    story.fill("P50", -2, 1, 0)
    story.fill("P50", 2, 3, 5, minute=10)
    story.fill("P48", -2, 2, 5, minute=130)
    found = story.found()
    assert found.chains == ()
    (link,) = found.suggestions
    assert (link.certain, link.reason.value, link.values) == (False, "same_day", (("minutes", "120"),))
    together = CampaignChoice(kind=ChoiceKind.TOGETHER, executions=(("P50", "E1"), ("P48", "E3")))  # type: ignore[arg-type]
    assert [each.kind for each in story.found(together).chains] == [CampaignKind.CUSTOM]
    assert story.found(together).suggestions == ()
    apart = CampaignChoice(kind=ChoiceKind.APART, executions=(("P50", "E1"), ("P48", "E3")))  # type: ignore[arg-type]
    assert story.found(apart).suggestions == ()


def test_a_day_trade_asks_no_questions() -> None:
    story = Story()
    story.fill("P50", -1, 1, 5, minute=0)
    story.fill("P50", 1, 3, 5, minute=10)
    story.fill("P48", -1, 2, 5, minute=100)
    assert story.found().suggestions == ()


def test_another_right_or_the_other_side_is_no_roll() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.fill("P50", 1, 1, 5, order_id="one")
    story.fill("C55", -1, 1, 5, order_id="one")
    story.fill("P45", 1, 1, 5, order_id="one")
    assert story.found().chains == ()


def test_a_lone_trade_is_no_campaign() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.expire("P50", 1, 10)
    story.fill(SHARES, 100, 50, 20)
    assert story.found().chains == ()


def test_two_campaigns_of_one_underlying_with_nothing_open_between_them() -> None:
    story = Story()
    for day, strike in ((0, "50"), (40, "60")):
        story.fill(f"P{strike}", -1, 1, day)
        story.exercise(f"P{strike}", 1, day + 5)
        story.fill(f"C{strike}", -1, 1, day + 6)
        story.exercise(f"C{strike}", 1, day + 12)
    story.dividend(25, 15, ex=8)
    story.dividend(35, 65, ex=50)
    first, second = (story.figures(chain) for chain in story.found().chains)
    assert (first.chain.kind, second.chain.kind) == (CampaignKind.WHEEL, CampaignKind.WHEEL)
    assert (first.parts.dividends, second.parts.dividends) == (Decimal(25), Decimal(35))
    assert first.chain.key != second.chain.key


def test_a_call_rolled_on_a_future() -> None:
    story = Story()
    story.contract("ESM6", AssetClass.FUT, multiplier=Decimal(50))
    for strike in (5000, 5100):
        story.contract(
            f"E{strike}", AssetClass.FOP, multiplier=Decimal(50), right="C", strike=Decimal(strike), underlying_id="ESM6"
        )
    story.fill("E5000", -1, 20, 0)
    story.roll("E5000", "E5100", (35, 30), 3)
    campaign = story.campaign()
    assert (campaign.chain.kind, campaign.state) == (CampaignKind.ROLL, CampaignState.OPEN)
    assert campaign.credit == Decimal(1000 - 1750 + 1500 - 3)
    assert campaign.break_even == Decimal("5114.94")


def test_an_option_on_a_future_becomes_the_future() -> None:
    story = Story()
    story.contract("ESM6", AssetClass.FUT, multiplier=Decimal(50))
    story.contract("EP", AssetClass.FOP, multiplier=Decimal(50), right="P", strike=Decimal(5000), underlying_id="ESM6")
    story.fill("EP", -1, 20, 0)
    story.exercise("EP", 1, 3)
    story.fill("ESM6", -1, 5010, 4)
    campaign = story.campaign()
    assert campaign.chain.kind is CampaignKind.WHEEL
    assert (campaign.parts.premium, campaign.parts.stock, campaign.net) == (Decimal(1000), Decimal(500), Decimal(1498))


def test_a_future_is_rolled_into_the_next_month() -> None:
    story = Story()
    for name in ("ESH6", "ESM6"):
        story.contract(name, AssetClass.FUT, multiplier=Decimal(50))
    story.fill("ESH6", 2, 5000, 0)
    story.fill("ESH6", -2, 5020, 10, at=moment(10, 0))
    story.fill("ESM6", 2, 5060, 10, at=moment(10, 0) + timedelta(seconds=20))
    campaign = story.campaign()
    assert (campaign.chain.kind, campaign.state) == (CampaignKind.FUTURES_ROLL, CampaignState.OPEN)
    assert names(campaign.chain.links) == [("ESH6", "ESM6", "within_seconds")]
    assert (campaign.net, campaign.shares) == (Decimal(1998), Decimal(2))
    assert campaign.break_even == Decimal("5040.03")  # 5060 less the 20 points that were earned before, and fees


def test_a_campaign_over_a_split_of_its_shares() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.exercise("P50", 1, 5)
    story.split(100, 8)
    story.fill("C30", -2, "0.5", 9)
    campaign = story.campaign()
    assert names(campaign.chain.links) == [(SHARES, "C30", "covered"), ("P50", SHARES, "trade_ids")]
    assert (campaign.shares, campaign.share_cost) == (Decimal(200), Decimal(5000))
    assert campaign.basis == Decimal("24.01")
    story.exercise("C30", 2, 15)
    assert story.campaign().net == Decimal(100 + 100 + 1000 - 2)


def test_calls_are_covered_once() -> None:
    story = Story()
    story.fill(SHARES, 100, 50, 0)
    story.fill("C55", -1, 1, 1)
    story.fill("C60", -1, 1, 2)
    assert names(story.only().links) == [(SHARES, "C55", "covered")]


def test_too_few_shares_are_a_question() -> None:
    story = Story()
    story.fill(SHARES, 150, 50, 0)
    story.fill("C55", -2, 1, 1)
    found = story.found()
    assert (found.chains, names(found.suggestions)) == ((), [(SHARES, "C55", "partly_covered")])
    assert found.suggestions[0].values == (("shares", "150"), ("needed", "200"))


def test_shares_that_come_while_a_call_is_open_are_a_question() -> None:
    story = Story()
    story.fill("C55", -1, 1, 0)
    story.fill(SHARES, 100, 50, 1)
    assert names(story.found().suggestions) == [(SHARES, "C55", "covered_later")]


def test_a_buy_write_may_sell_the_call_first() -> None:
    story = Story()
    story.fill("C55", -1, 1, 0, at=moment(0, 0))
    story.fill(SHARES, 100, 50, 0, at=moment(0, 0) + timedelta(seconds=3))
    assert names(story.only().links) == [(SHARES, "C55", "covered")]


def test_the_short_leg_of_a_call_spread_needs_no_shares() -> None:
    story = Story()
    story.fill(SHARES, 100, 50, 0)
    story.fill("C60", 1, 1, 1, order_id="spread")
    story.fill("C55", -1, 2, 1, order_id="spread")
    assert story.found() == type(story.found())()


def test_a_put_on_shares_sold_short_is_covered() -> None:
    story = Story()
    story.fill(SHARES, -100, 50, 0)
    story.fill("P45", -1, 1, 1)
    story.exercise("P45", 1, 9)
    campaign = story.campaign()
    assert (campaign.chain.kind, campaign.state) == (CampaignKind.COVERED, CampaignState.FLAT)
    assert campaign.net == Decimal(500 + 100 - 2)


def test_a_long_option_that_is_exercised() -> None:
    story = Story()
    story.fill("C50", 1, 2, 0)
    story.exercise("C50", -1, 5, code="Ex")
    campaign = story.campaign()
    assert (campaign.chain.kind, campaign.state) == (CampaignKind.EXERCISE, CampaignState.SHARES)
    assert campaign.steps[-1].kind is StepKind.EXERCISED
    assert campaign.basis == Decimal("52.01")


def test_shares_that_are_called_away_leave_a_short_position() -> None:
    story = Story()
    story.fill(SHARES, 100, 50, 0)
    story.fill("C55", -2, 1, 1)
    story.exercise("C55", 2, 9)
    assert [story.trade(SHARES, number).side for number in (0, 1)] == [Side.LONG, Side.SHORT]
    assert set(story.only().trades) == {story.trade(SHARES, 0).key, story.trade(SHARES, 1).key, story.trade("C55").key}


# --- what the user says ------------------------------------------------------------------------------------------


def choice(kind: ChoiceKind, *fills: tuple[str, str], name: str = "") -> CampaignChoice:
    return CampaignChoice(kind=kind, executions=fills, name=name)  # type: ignore[arg-type]


def test_a_trade_that_the_user_takes_out_stands_alone() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.roll("P50", "P49", (2, 2), 5)
    story.roll("P49", "P48", (2, 2), 10)
    story.roll("P48", "P47", (2, 2), 15)
    apart = choice(ChoiceKind.APART, ("P49", "E3"))
    assert [len(chain.trades) for chain in story.found(apart).chains] == [2]
    assert len(story.only(apart, choice(ChoiceKind.TOGETHER, ("P50", "E1"), ("P49", "E3"))).trades) == 4


def test_the_user_bridges_a_time_with_nothing_open() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.expire("P50", 1, 5)
    story.fill("P49", -1, 1, 6)
    together = choice(ChoiceKind.TOGETHER, ("P50", "E1"), ("P49", "E3"))
    chain = story.only(together, choice(ChoiceKind.NAMED, ("P50", "E1"), name="My wheel"))
    assert (chain.kind, chain.name, [link.reason.value for link in chain.links]) == (CampaignKind.CUSTOM, "My wheel", ["told"])
    assert story.found(together, choice(ChoiceKind.APART, ("P49", "E3"))).chains == ()


def test_a_choice_of_executions_that_are_not_there_changes_nothing() -> None:
    story = wheel()
    gone = choice(ChoiceKind.TOGETHER, ("P50", "E1"), ("nowhere", "E9"))
    assert story.only(gone) == story.only()


def test_the_last_name_holds() -> None:
    story = wheel()
    first, last = (choice(ChoiceKind.NAMED, (name, number), name=name) for name, number in (("P50", "E1"), ("P49", "E3")))
    assert story.only(first, last).name == "P49"
    assert story.only(last, first).name == "P50"
    assert story.only(last, choice(ChoiceKind.NAMED, ("P49", "E3"), name="")).name == ""
