"""Which legs belong together, how sure that is, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.strategy import ChoiceKind, Confidence, Outlook, Premium, Strategy, Structure
from tests.fakes.strategy_desk import Desk


@pytest.fixture
def desk() -> Desk:
    """Return a desk for options on a share."""
    return Desk()


def reasons(strategy: Strategy) -> list[str]:
    return [reason.code for reason in strategy.reasons]


# --- by ids ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [AssetClass.OPT, AssetClass.FOP])
@pytest.mark.parametrize(
    ("legs", "structure", "premium"),
    [
        ("+1P90 -1P95", "bull_put_spread", Premium.CREDIT),
        ("-1P90 +1P95", "bear_put_spread", Premium.DEBIT),
        ("+1P90 -1P95 -1C105 +1C110", "iron_condor", Premium.EVEN),
        ("-1C100 +1C100f", "long_calendar", Premium.EVEN),
        ("+1C90 -2C100 +1C110", "long_butterfly", Premium.EVEN),
        ("-1C105 -1P95", "short_strangle", Premium.CREDIT),
        ("-1P90 -1C105 +1C110", "jade_lizard", Premium.CREDIT),
        ("+1C100 +1C105", "custom", Premium.DEBIT),
    ],
)
def test_the_legs_of_a_combination(options: AssetClass, legs: str, structure: str, premium: Premium) -> None:
    desk = Desk(options)
    prices = {"P90": 1, "P95": 2, "C105": 2, "C110": 1}
    for number, leg in enumerate(legs.split(), start=2):
        word = leg[2:]
        price = prices.get(word, 1) if structure not in {"iron_condor", "long_butterfly"} else 1
        desk.fill(word, int(leg[:2]), price, exec_id=f"0000aa.0001.{number:02d}.01")
    (only,) = desk.strategies()
    assert (only.structure.value, only.confidence, only.premium) == (structure, Confidence.HIGH, premium)
    assert reasons(only) == ["same_combo"]
    assert only.certain


def test_partial_fills_of_a_combination_are_one(desk: Desk) -> None:
    desk.combo("+1P90 -1P95 -1C105 +1C110", times=7)
    assert desk.told() == [("iron_condor", "high", "+7P90 -7P95 -7C105 +7C110")]


def test_partial_fills_hang_together_by_the_order_of_each_leg(desk: Desk) -> None:
    """Two partial fills of one combination have two pairs of execution ids; the legs' order ids tie them together."""
    desk.fill("P95", -2, order="A", exec_id="00aa.01.02.01")
    desk.fill("P90", 2, order="B", exec_id="00aa.01.03.01")
    desk.fill("P95", -1, order="A", exec_id="00bb.07.02.01", days=1)
    desk.fill("P90", 1, order="B", exec_id="00bb.07.03.01", days=1)
    (only,) = desk.strategies()
    assert [leg.quantity for leg in only.legs] == [3, -3]
    assert reasons(only) == ["same_combo"]


@pytest.mark.parametrize("ids", [{"order": "7"}, {"brokerage": "0001.5be5"}])
def test_one_order_with_several_contracts(desk: Desk, ids: dict[str, Any]) -> None:
    desk.fill("C100", 1, **ids)
    desk.fill("C110", -1, seconds=3000, **ids)
    (only,) = desk.strategies()
    assert (only.structure, only.confidence, reasons(only)) == (Structure.BULL_CALL_SPREAD, Confidence.HIGH, ["same_order"])


def test_fills_by_themselves_have_the_leg_number_of_no_combination(desk: Desk) -> None:
    desk.fill("C100", 1, exec_id="0000aa.0001.01.01")
    desk.fill("P100", -1, exec_id="0000aa.0001.01.02", seconds=7200, days=1)
    assert [each for each, _confidence, _legs in desk.told()] == ["long_call", "short_put"]


def test_two_condors_in_one_minute_stay_two(desk: Desk) -> None:
    desk.combo("+1P90 -1P95 -1C105 +1C110")
    desk.combo("+1P85 -1P91 -1C106 +1C112", seconds=20)
    assert [each for each, _confidence, _legs in desk.told()] == ["iron_condor", "iron_condor"]


def test_the_same_combination_again_is_one_position(desk: Desk) -> None:
    desk.combo("+1P90 -1P95")
    desk.combo("+2P90 -2P95", days=1)
    (only,) = desk.strategies()
    assert (only.confidence, [str(leg.quantity) for leg in only.legs]) == (Confidence.HIGH, ["3", "-3"])
    assert reasons(only) == ["same_combo", "scaled_in"]
    assert dict(only.reasons[-1].values) == {"times": "2"}


def test_after_it_was_closed_it_is_another(desk: Desk) -> None:
    desk.combo("+1P90 -1P95")
    desk.combo("-1P90 +1P95", days=1)
    desk.combo("+1P90 -1P95", days=2)
    first, second = desk.strategies()
    assert first.closed_at is not None
    assert second.is_open


# --- by time -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "wanted"), [(0, "medium"), (59, "medium"), (60, "medium")])
def test_legs_within_the_window_that_have_a_name(desk: Desk, seconds: int, wanted: str) -> None:
    desk.fill("C100", 1)
    desk.fill("C110", -1, seconds=seconds)
    (only,) = desk.strategies()
    assert (only.structure.value, only.confidence.value) == ("bull_call_spread", wanted)
    assert reasons(only) == ["same_window", "named", "ratio"]
    assert dict(only.reasons[0].values) == {"seconds": str(seconds), "limit": "60"}
    assert not only.certain


def test_legs_outside_of_the_window_are_a_weaker_guess(desk: Desk) -> None:
    desk.fill("C100", 1)
    desk.fill("C110", -1, seconds=61)
    (only,) = desk.strategies()
    assert (only.structure.value, only.confidence.value, reasons(only)) == ("bull_call_spread", "low", ["same_day", "named"])
    (wide,) = desk.strategies(window=timedelta(seconds=61))
    assert wide.confidence is Confidence.MEDIUM


def test_legs_that_have_no_name_together_stay_alone(desk: Desk) -> None:
    desk.fill("C100", 1)
    desk.fill("C110", 1, seconds=5)
    assert [(each, sure) for each, sure, _legs in desk.told()] == [("long_call", "high"), ("long_call", "high")]
    assert [reasons(each) for each in desk.strategies()] == [["alone"], ["alone"]]


@pytest.mark.parametrize(("first", "second"), [(5, -3), (1, -7), (7, -5)])
def test_quantities_of_no_small_ratio_prove_nothing(desk: Desk, first: int, second: int) -> None:
    desk.fill("C100", first)
    desk.fill("C110", second, seconds=5)
    assert [each for each, _sure, _legs in desk.told()] == ["long_call", "short_call"]


def test_legs_entered_in_several_orders_each(desk: Desk) -> None:
    desk.fill("C100", 1)
    desk.fill("C100", 1, seconds=4)
    desk.fill("C110", -2, seconds=9)
    assert desk.told() == [("bull_call_spread", "medium", "+2C100 -2C110")]


def test_two_condors_legged_into_within_a_minute_are_told_apart_by_time(desk: Desk) -> None:
    for number, leg in enumerate(("+1P90", "-1P95", "-1C105", "+1C110")):
        desk.fill(leg[2:], int(leg[:2]), seconds=number)
    for number, leg in enumerate(("+1P80", "-1P86", "-1C115", "+1C121")):
        desk.fill(leg[2:], int(leg[:2]), seconds=40 + number)
    assert [(each, legs) for each, _sure, legs in desk.told()] == [
        ("iron_condor", "+1P90 -1P95 -1C105 +1C110"),
        ("iron_condor", "+1P80 -1P86 -1C115 +1C121"),
    ]


def test_a_combination_is_not_mixed_with_what_was_entered_beside_it(desk: Desk) -> None:
    desk.combo("+1P90 -1P95")
    desk.fill("C120", -1, seconds=10)
    assert [(each, sure) for each, sure, _legs in desk.told()] == [("bull_put_spread", "high"), ("short_call", "high")]


def test_a_straddle_whose_legs_are_filled_bit_by_bit(desk: Desk) -> None:
    """As a real paper account did: two calls of one order, two puts of two orders, over four minutes."""
    desk.fill("C30", 1, order="1")
    desk.fill("P30", 1, order="2")
    desk.fill("C30", 1, order="1", seconds=99)
    desk.fill("P30", 1, order="3", seconds=216)
    assert desk.told() == [("long_straddle", "low", "+2C30 +2P30")]


# --- over time ---------------------------------------------------------------------------------------------------


def test_a_call_is_covered_by_shares_bought_years_before(desk: Desk) -> None:
    desk.fill("S", 250, 80, days=-2000)
    desk.fill("C110", -2)
    (only,) = desk.strategies()
    assert (only.structure, only.confidence, only.outlook) == (Structure.COVERED_CALL, Confidence.HIGH, Outlook.BULLISH)
    assert [(each.instrument, each.quantity) for each in only.referenced] == [("100", Decimal(200))]
    assert (reasons(only), only.alternatives) == (["shares_held"], (Structure.SHORT_CALL,))
    assert [leg.instrument for leg in only.legs] == ["C110"]


def test_shares_cover_as_many_calls_as_there_are_hundreds(desk: Desk) -> None:
    desk.fill("S", 250, 80, days=-9)
    for day in range(3):
        desk.fill(f"C{110 + day}", -1, days=day)
    assert [each for each, _sure, _legs in desk.told()] == ["covered_call", "covered_call", "short_call"]


def test_shares_are_free_again_when_the_call_is_closed(desk: Desk) -> None:
    desk.fill("S", 100, 80, days=-9)
    desk.fill("C110", -1)
    desk.fill("C110", 1, days=1, kind="BookTrade", codes=("Ep",))
    desk.fill("C112f", -1, days=2)
    assert [each for each, _sure, _legs in desk.told()] == ["covered_call", "covered_call"]


def test_shares_of_before_the_history_cover_too(desk: Desk) -> None:
    desk.fill("C110", -1)
    desk.fill("S", -100, 110, days=30, open_close="C", realized="500")
    assert [each for each, _sure, _legs in desk.told()] == ["covered_call"]


def test_shares_sold_before_cover_nothing(desk: Desk) -> None:
    desk.fill("S", 100, 80, days=-9)
    desk.fill("S", -100, 90, days=-1)
    desk.fill("C110", -1)
    assert [each for each, _sure, _legs in desk.told()] == ["short_call"]


@pytest.mark.parametrize(
    ("shares", "option", "structure"),
    [
        (-100, "-1P90", "covered_put"),
        (100, "+1P90", "protective_put"),
        (-100, "+1C110", "protective_call"),
        (100, "-1P90", "short_put"),
        (-100, "-1C110", "short_call"),
    ],
)
def test_other_ways_to_cover(desk: Desk, shares: int, option: str, structure: str) -> None:
    desk.fill("S", shares, 100, days=-9)
    desk.fill(option[2:], int(option[:2]))
    assert [each for each, _sure, _legs in desk.told()] == [structure]


def test_a_strangle_on_shares(desk: Desk) -> None:
    desk.fill("S", 100, 100, days=-9)
    desk.combo("-1P90 -1C110")
    assert desk.told() == [("covered_strangle", "low", "-1P90 -1C110")]


@pytest.mark.parametrize("order", ["put_first", "call_first"])
def test_a_collar_over_time(desk: Desk, order: str) -> None:
    desk.fill("S", 100, 100, days=-9)
    legs = [("P90", 1), ("C110", -1)] if order == "put_first" else [("C110", -1), ("P90", 1)]
    for day, (word, quantity) in enumerate(legs):
        desk.fill(word, quantity, days=day)
    _first, second = desk.strategies()
    assert second.structure is Structure.COLLAR
    assert {each.instrument for each in second.referenced} == {"100", legs[0][0]}


def test_shares_bought_with_the_call_in_one_order_are_a_leg(desk: Desk) -> None:
    desk.fill("S", 100, 100, exec_id="00aa.01.02.01")
    desk.fill("C110", -1, 3, exec_id="00aa.01.03.01")
    (only,) = desk.strategies()
    assert (only.structure, only.confidence, only.referenced) == (Structure.COVERED_CALL, Confidence.HIGH, ())
    assert sorted(leg.ratio for leg in only.legs) == [-1, 1]
    assert only.opening_cash == Decimal(-9700)


def test_shares_that_are_a_leg_cover_no_other_call(desk: Desk) -> None:
    desk.fill("S", 100, 100, exec_id="00aa.01.02.01")
    desk.fill("C110", -1, exec_id="00aa.01.03.01")
    desk.fill("C120", -1, days=3)
    assert [each for each, _sure, _legs in desk.told()] == ["covered_call", "short_call"]


def test_a_future_covers_an_option_on_it() -> None:
    desk = Desk(AssetClass.FOP)
    desk.fill("S", 1, 5000, days=-3)
    desk.fill("C5100", -1, 20)
    desk.fill("C5200", -1, 20, days=1)
    assert [each for each, _sure, _legs in desk.told()] == ["covered_call", "short_call"]


def test_a_short_call_over_a_long_one_of_another_day(desk: Desk) -> None:
    desk.fill("C80L", 1, 25)
    desk.fill("C110", -1, days=3)
    leap, call = desk.strategies()
    assert (leap.structure, leap.confidence) == (Structure.LONG_CALL, Confidence.HIGH)
    assert (call.structure, call.confidence, reasons(call)) == (Structure.PMCC, Confidence.LOW, ["option_held"])
    assert [(each.instrument, each.quantity) for each in call.referenced] == [("C80L", Decimal(1))]
    assert [leg.instrument for leg in call.legs] == ["C110"]


def test_the_long_call_covers_one_at_a_time(desk: Desk) -> None:
    desk.fill("C80L", 1, 25)
    desk.fill("C110", -1, days=3)
    desk.fill("C115", -1, days=4)
    desk.fill("C110", 1, days=5)
    desk.fill("C115", 1, days=5)
    desk.fill("C112f", -1, days=6)
    assert [each for each, _sure, _legs in desk.told()] == [
        "long_call",
        "poor_mans_covered_call",
        "short_call",
        "poor_mans_covered_call",
    ]


def test_a_calendar_is_preferred_to_a_diagonal(desk: Desk) -> None:
    desk.fill("C105f", 1, 3)
    desk.fill("C110f", 1, 2, days=1)
    desk.fill("C110", -1, days=2)
    *_longs, short = desk.strategies()
    assert (short.structure, [each.instrument for each in short.referenced]) == (Structure.LONG_CALENDAR, ["C110f"])


def test_a_short_put_may_be_secured_by_cash(desk: Desk) -> None:
    desk.fill("P90", -1)
    (only,) = desk.strategies()
    assert (only.structure, only.confidence, only.alternatives) == (
        Structure.SHORT_PUT,
        Confidence.HIGH,
        (Structure.CASH_SECURED_PUT,),
    )


def test_shares_alone_are_no_strategy(desk: Desk) -> None:
    desk.fill("S", 100, 100)
    desk.fill("S", -50, 101, seconds=5)
    assert desk.strategies() == []


# --- rolls -------------------------------------------------------------------------------------------------------


def test_a_roll_is_two_strategies_and_a_link(desk: Desk) -> None:
    desk.fill("S", 100, 100, days=-9)
    desk.fill("C110", -1)
    closing, opening = desk.combo("+1C110 -1C115f", days=5)
    found = desk.found()
    assert [(each.structure.value, each.is_open) for each in found.strategies] == [("covered_call", False), ("covered_call", True)]
    assert "rolled" in reasons(found.strategies[1])
    (roll,) = found.rolls
    assert (roll.closed, roll.opened) == ((("C110", closing),), (("C115f", opening),))
    assert (roll.confidence, roll.reason.code) == (Confidence.HIGH, "same_combo")


def test_a_spread_rolled_in_one_order_is_a_spread_again(desk: Desk) -> None:
    desk.combo("+1P90 -1P95")
    desk.combo("-1P90 +1P95 +1P88f -1P93f", days=5)
    found = desk.found()
    assert [(each.structure.value, each.confidence.value) for each in found.strategies] == [("bull_put_spread", "high")] * 2
    assert len(found.rolls) == 1


@pytest.mark.parametrize(("seconds", "links"), [(59, 1), (61, 0)])
def test_a_roll_by_two_orders(desk: Desk, seconds: int, links: int) -> None:
    desk.fill("P90", -2)
    desk.fill("P90", 2, days=5)
    desk.fill("P85f", -2, days=5, seconds=seconds)
    found = desk.found()
    assert [each.structure.value for each in found.strategies] == ["short_put", "short_put"]
    assert [roll.confidence for roll in found.rolls] == [Confidence.MEDIUM] * links


@pytest.mark.parametrize("word", ["C90f", "P90"])
def test_other_options_are_no_roll(desk: Desk, word: str) -> None:
    desk.fill("P90", -2)
    desk.fill("P90", 2, days=5)
    desk.fill(word, -2, days=5, seconds=10)
    assert desk.found().rolls == ()


def test_a_short_leg_rolled_over_a_long_one_stays_covered(desk: Desk) -> None:
    desk.combo("+1C80L -1C110")
    desk.combo("+1C110 -1C115f", days=5)
    _first, second = desk.strategies()
    assert (second.structure, [each.instrument for each in second.referenced]) == (Structure.PMCC, ["C80L"])


# --- ends and results --------------------------------------------------------------------------------------------


def test_a_strategy_ends_when_its_last_leg_does(desk: Desk) -> None:
    desk.combo("+1P90 -1P95", price=2)
    desk.fill("P95", 1, "0.5", days=3)
    (only,) = desk.strategies()
    assert (only.is_open, only.net) == (True, Decimal("148.70"))
    assert [(leg.instrument, leg.is_open) for leg in only.legs] == [("P90", True), ("P95", False)]
    desk.fill("P90", -1, 0, days=18, kind="BookTrade", codes=("Ep",))
    (only,) = desk.strategies()
    assert (only.closed_on, only.net) == (desk.executions[-1].trade_date, Decimal("-52.60"))
    assert (only.fees, only.net_base) == (Decimal("-2.60"), Decimal("-47.340"))


def test_an_assigned_leg_ends_and_its_shares_are_not_mixed_in(desk: Desk) -> None:
    desk.combo("+1P90 -1P95", price=2)
    desk.fill("P95", 1, 0, days=18, kind="BookTrade", codes=("A",))
    desk.fill("S", 100, 95, days=18, kind="BookTrade", codes=("A",))
    desk.fill("P90", -1, 0, days=18, kind="BookTrade", codes=("Ep",))
    (only,) = desk.strategies()
    assert (only.is_open, [leg.instrument for leg in only.legs]) == (False, ["P90", "P95"])
    assert only.net == Decimal("-2.60")


def test_opened_and_closed_on_one_day(desk: Desk) -> None:
    desk.combo("+1C100 -1C110", price=2)
    desk.combo("-1C100 +1C110", price=3, seconds=30)
    (only,) = desk.strategies()
    assert (only.structure.value, only.is_open, only.net) == ("bull_call_spread", False, Decimal("-2.60"))


def test_a_trade_shared_by_two_strategies_is_told_apart_by_its_lots(desk: Desk) -> None:
    desk.fill("C100", 1, 1)
    desk.combo("+1C100 -1C110", days=1, price=2)
    desk.fill("C100", -1, 5, days=2)
    first, second = desk.strategies()
    assert (first.is_open, first.net) == (False, Decimal("398.70"))
    assert (second.is_open, second.net, second.fees) == (True, Decimal(0), Decimal(0))
    desk.fill("C100", -1, 1, days=3)
    desk.fill("C110", 1, 1, days=4)
    first, second = desk.strategies()
    assert (second.net, second.closed_on) == (Decimal("-2.60"), desk.executions[-1].trade_date)


# --- what the user says ------------------------------------------------------------------------------------------


def test_together_makes_one_of_what_time_does_not(desk: Desk) -> None:
    first = desk.fill("C100", 1)
    second = desk.fill("P90", -1, days=4)
    choice = desk.choice(1, ChoiceKind.TOGETHER, [first, second], name="my risk")
    (only,) = desk.strategies(choice)
    assert (only.structure, only.confidence, only.name) == (Structure.RISK_REVERSAL, Confidence.USER, "my risk")
    assert reasons(only) == ["user_grouped"]


def test_apart_takes_a_combination_apart(desk: Desk) -> None:
    made = desk.combo("+1P90 -1P95 -1C105 +1C110")
    choice = desk.choice(1, ChoiceKind.APART, made, parts=[0, 0, 1, 1])
    assert [(each, sure) for each, sure, _legs in desk.told(choice)] == [("bull_put_spread", "user"), ("bear_call_spread", "user")]


def test_the_later_word_wins(desk: Desk) -> None:
    made = desk.combo("+1P90 -1P95")
    apart = desk.choice(1, ChoiceKind.APART, made, parts=[0, 1])
    together = desk.choice(2, ChoiceKind.TOGETHER, made)
    assert len(desk.strategies(apart)) == 2
    assert [sure for _each, sure, _legs in desk.told(apart, together)] == ["user"]


def test_a_guess_that_was_confirmed_is_certain_and_grows(desk: Desk) -> None:
    made = [desk.fill("C100", 1), desk.fill("C110", -1, seconds=30)]
    confirmed = desk.choice(1, ChoiceKind.CONFIRMED, made, structure=Structure.BULL_CALL_SPREAD)
    assert [sure for _each, sure, _legs in desk.told(confirmed)] == ["user"]
    desk.combo("+2C100 -2C110", days=2)
    assert desk.told(confirmed)[0][2] == "+3C100 -3C110"


def test_named_says_what_it_is(desk: Desk) -> None:
    made = [desk.fill("P90", -1)]
    named = desk.choice(1, ChoiceKind.NAMED, made, name="income", structure=Structure.CASH_SECURED_PUT)
    (only,) = desk.strategies(named)
    assert (only.structure, only.name, only.confidence) == (Structure.CASH_SECURED_PUT, "income", Confidence.USER)
    (only,) = desk.strategies(desk.choice(1, ChoiceKind.NAMED, made, name="income"))
    assert (only.structure, only.name, only.confidence) == (Structure.SHORT_PUT, "income", Confidence.HIGH)


def test_a_choice_whose_executions_are_gone_is_told_and_not_applied(desk: Desk) -> None:
    made = desk.combo("+1P90 -1P95")
    lost = desk.choice(7, ChoiceKind.APART, [*made, ExecutionId("gone")], parts=[0, 1, 2])
    found = desk.found(lost)
    assert found.lost == (7,)
    assert [each.confidence for each in found.strategies] == [Confidence.HIGH]


def test_keys_are_those_of_the_first_fill_whatever_is_said(desk: Desk) -> None:
    made = desk.combo("+1P90 -1P95")
    (only,) = desk.strategies()
    assert only.key == f"U1000001/P90/{made[0]}"
    assert only.openings == (("P90", made[0]), ("P95", made[1]))
    (confirmed,) = desk.strategies(desk.choice(1, ChoiceKind.CONFIRMED, made))
    assert confirmed.key == only.key


def test_legs_that_the_user_took_apart_are_not_put_together_by_another_guess(desk: Desk) -> None:
    made = [desk.fill("C100", 1), desk.fill("C110", -1, seconds=300)]
    choice = desk.choice(1, ChoiceKind.APART, made, parts=[0, 1])
    assert [(each, sure) for each, sure, _legs in desk.told(choice)] == [("long_call", "user"), ("short_call", "user")]


def test_what_covers_a_confirmed_strategy_is_still_known_and_taken(desk: Desk) -> None:
    desk.fill("S", 100, 100, days=-9)
    made = [desk.fill("C110", -1)]
    desk.fill("C120", -1, days=1)
    confirmed = desk.choice(1, ChoiceKind.CONFIRMED, made, structure=Structure.COVERED_CALL)
    first, second = desk.strategies(confirmed)
    assert (first.structure, first.confidence, reasons(first)) == (
        Structure.COVERED_CALL,
        Confidence.USER,
        ["user_confirmed", "shares_held"],
    )
    assert [each.instrument for each in first.referenced] == ["100"]
    assert second.structure is Structure.SHORT_CALL


def test_a_confirmed_name_stays_when_older_history_tells_more(desk: Desk) -> None:
    made = [desk.fill("C110", -1)]
    confirmed = desk.choice(1, ChoiceKind.CONFIRMED, made, structure=Structure.SHORT_CALL)
    desk.fill("S", 100, 100, days=-9)
    (only,) = desk.strategies(confirmed)
    assert (only.structure, only.confidence, only.referenced) == (Structure.SHORT_CALL, Confidence.USER, ())


# --- more of each ------------------------------------------------------------------------------------------------


def test_shares_and_a_call_entered_within_the_window_are_one(desk: Desk) -> None:
    desk.fill("S", 200, 100)
    desk.fill("C110", -2, 3, seconds=30)
    (only,) = desk.strategies()
    assert (only.structure, only.confidence, only.referenced) == (Structure.COVERED_CALL, Confidence.MEDIUM, ())
    assert [leg.instrument for leg in only.legs] == ["C110", "100"]


def test_the_trades_that_cover_are_those_that_were_open(desk: Desk) -> None:
    for day in (-30, -20, 5):
        desk.fill("S", 100, 100, days=day)
        if day != -20:
            desk.fill("S", -100, 100, days=day + 3)
    desk.fill("C110", -1, days=-10)
    (only,) = desk.strategies()
    (cover,) = only.referenced
    second = sorted(trade.key for trade in desk.trades().values() if trade.instrument == "100")[1]
    assert cover.trades == (second,)


def test_a_position_taken_in_two_goes_is_covered_as_it_was_at_the_end(desk: Desk) -> None:
    desk.fill("S", 100, 100, days=-9)
    desk.fill("C110", -1)
    desk.fill("S", 100, 100, days=1)
    desk.fill("C110", -1, days=2)
    (only,) = desk.strategies()
    assert (only.structure, [str(each.quantity) for each in only.referenced]) == (Structure.COVERED_CALL, ["200"])


def test_goes_that_the_user_took_apart_stay_apart(desk: Desk) -> None:
    made = [desk.fill("C100", 1, days=day) for day in (0, 1)]
    desk.fill("C100", 3, days=2)
    choice = desk.choice(1, ChoiceKind.APART, made, parts=[0, 1])
    assert [legs for _each, _sure, legs in desk.told(choice)] == ["+1C100", "+1C100", "+3C100"]


def test_a_name_is_for_the_whole_strategy(desk: Desk) -> None:
    made = desk.combo("+1P90 -1P95")
    other = desk.combo("+1C100 -1C110", days=1)
    first, second = desk.strategies(desk.choice(1, ChoiceKind.NAMED, made, name="one"))
    assert (first.name, second.name) == ("one", "")
    first, second = desk.strategies(desk.choice(1, ChoiceKind.NAMED, other, name="two"))
    assert (first.name, second.name) == ("", "two")


def test_a_long_option_over_a_short_one_of_another_day(desk: Desk) -> None:
    desk.fill("C110", -1, 2)
    desk.fill("C105f", 1, 4, days=2)
    _short, long = desk.strategies()
    assert (long.structure, [str(each.quantity) for each in long.referenced]) == (Structure.LONG_DIAGONAL, ["-1"])


def test_of_two_partners_the_one_that_ends_sooner_after_is_taken(desk: Desk) -> None:
    desk.fill("C112L", 1, 9)  # farther, and no poor man's covered call: its strike is higher
    desk.fill("C106f", 1, 4, days=1)
    desk.fill("C110", -1, days=2)
    *_longs, short = desk.strategies()
    assert [each.instrument for each in short.referenced] == ["C106f"]


def test_a_partner_of_another_size_is_none(desk: Desk) -> None:
    desk.fill("C105f", 2, 4)
    desk.fill("C110", -1, days=2)
    assert [each for each, _sure, _legs in desk.told()] == ["long_call", "short_call"]


def test_a_partner_that_was_closed_is_none(desk: Desk) -> None:
    desk.fill("C105f", 1, 4)
    desk.fill("C105f", -1, 4, days=1)
    desk.fill("C110", -1, days=2)
    assert [each for each, _sure, _legs in desk.told()] == ["long_call", "short_call"]


def test_legs_stand_in_order_of_expiry_and_strike_and_shares_last(desk: Desk) -> None:
    desk.fill("S", 100, 100, exec_id="00aa.01.02.01")
    desk.fill("P95f", 1, exec_id="00aa.01.03.01")
    desk.fill("C110", -1, exec_id="00aa.01.04.01")
    (only,) = desk.strategies()
    assert [leg.instrument for leg in only.legs] == ["C110", "P95f", "100"]


def test_options_without_terms_are_kept_and_have_no_name(desk: Desk) -> None:
    """A query that leaves out strike or expiry: nothing is guessed."""
    desk.combo("+1P90 -1P95")
    desk.fill("C100", 1, days=1)
    for word in ("P90", "C100"):
        number = desk.instrument(word).id
        desk.contracts[number] = replace(desk.contracts[number], strike=None)
    assert [(each, sure) for each, sure, _legs in desk.told()] == [("custom", "high"), ("custom", "high")]


def test_legs_without_an_order_id_hang_together_by_the_order_at_the_broker(desk: Desk) -> None:
    for word, quantity in (("P90", 1), ("P95", -1)):
        desk.fill(word, quantity, brokerage="0001.5be5", order_id="", days=3 * (quantity > 0))
    (only,) = desk.strategies()
    assert (only.structure, reasons(only)) == (Structure.BULL_PUT_SPREAD, ["same_order"])
