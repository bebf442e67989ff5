"""Both views of an exercise: as earned (the premium on the option) and as IBKR books it (in the shares). The sums are equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibjournal.domain.execution import Execution
from ibjournal.domain.fill import FillFacts
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.lots import LotMatch
from ibjournal.domain.matching import Matching, match_group
from ibjournal.domain.position_event import ExerciseLink, Place
from tests.fakes.builders import ACCOUNT, at, make_execution
from tests.fakes.positions import all_lots, all_matches, codes, in_place
from tests.unit.domain.test_rebooking import facts

D = Decimal
OPTION, SHARES = (Place(ACCOUNT, InstrumentId(name)) for name in ("OPTION", "SHARES"))


def option(number: int, quantity: int, price: str | int, **fields: object) -> Execution:
    return make_execution(number, quantity, price, **({"asset_class": AssetClass.OPT, "multiplier": 100} | fields))


def matched(
    rows: Mapping[Place, Sequence[Execution]], *pairs: tuple[int, int], option_at: Place = OPTION, stored: bool = False
) -> dict[Place, Matching]:
    """Match, each pair a link from an option's fill to one of the shares, by their numbers."""
    links = [
        ExerciseLink(option=(option_at, make_execution(first).id), underlying=(SHARES, make_execution(second).id))
        for first, second in pairs
    ]
    fills = {place: in_place(place, each) for place, each in rows.items()}
    if stored:
        return match_group({place: [facts(row) for row in each] for place, each in fills.items()}, links=links)
    return match_group(fills, links=links)


def booked(match: LotMatch) -> Decimal | None:
    return match.net if match.booked is None else match.booked


@pytest.mark.parametrize("stored", [False, True])
def test_a_put_assigned(*, stored: bool) -> None:
    rows = {
        OPTION: [option(1, -1, 4, commission=-1), option(10, 1, 0, codes=("A",))],
        SHARES: [make_execution(10, 100, 50), make_execution(20, -100, 49, commission=-1)],
    }
    found = matched(rows, (10, 10), stored=stored)
    (put,), (shares,) = found[OPTION].trades, found[SHARES].trades
    assert (put.net, put.booked, put.ended_by) == (D(399), D(0), "assigned")
    assert (shares.net, shares.booked) == (D(-101), D(298))
    assert [(match.net, match.booked) for match in found[OPTION].matches] == [(D(399), D(0))]
    assert [(match.net, match.booked) for match in found[SHARES].matches] == [(D(-101), D(298))]


def test_peer_defect_19_a_premium_counts_once_in_either_view() -> None:
    """It was counted on the option and again in the shares, whose cost IBKR had lowered by it."""
    rows = {
        OPTION: [option(1, -1, 4), option(10, 1, 0, codes=("A",), realized=0, cost=400)],
        SHARES: [make_execution(10, 100, 50, codes=("A",)), make_execution(20, -100, 55, cost=-4600, realized=900)],
    }
    found = matched(rows, (10, 10))
    trades = [trade for each in found.values() for trade in each.trades]
    assert sum(trade.net or 0 for trade in trades) == D(900)
    assert sum(trade.booked or 0 for trade in trades) == D(900)
    assert found[SHARES].trades[0].booked == D(900), "as IBKR's row says"


def test_the_premium_stands_in_the_cost_of_what_is_still_open() -> None:
    rows = {
        OPTION: [option(1, -2, 4, commission=-1), option(10, 2, 0, codes=("A",))],
        SHARES: [make_execution(10, 200, 50), make_execution(20, -50, 49)],
    }
    found = matched(rows, (10, 10))
    (lot,) = found[SHARES].open_lots
    assert (lot.cost, lot.booked_cost) == (D(7500), D(7500) - D("599.25"))
    assert found[SHARES].trades[0].booked == D(-50) + D("199.75")
    assert found[OPTION].trades[0].booked == 0


@pytest.mark.parametrize(
    ("bought", "stock", "booked_cost"),
    [(1, 100, D(5401)), (-1, 100, D(4601)), (1, -100, D(-4599)), (-1, -100, D(-5399))],
    ids=["long call", "short put", "long put", "short call"],
)
def test_what_an_exercise_opens_costs_the_premium_too(bought: int, stock: int, booked_cost: Decimal) -> None:
    rows = {
        OPTION: [option(1, bought, 4, commission=-1), option(10, -bought, 0, codes=("Ex",))],
        SHARES: [make_execution(10, stock, 50)],
    }
    (lot,) = matched(rows, (10, 10))[SHARES].open_lots
    assert lot.cost == stock * 50
    assert lot.booked_cost == booked_cost


def test_a_call_assigned_against_shares_that_were_held() -> None:
    """The figures are like those of a real report: the shares' result holds the premium, their cost does not."""
    rows = {
        SHARES: [
            make_execution(1, 100, 52),
            make_execution(10, -100, 50, codes=("A",), open_close="C", cost=-5200, realized="198.5"),
        ],
        OPTION: [
            option(2, -1, 4, commission="-1.5"),
            option(10, 1, 0, codes=("A",), open_close="C", cost="398.5", realized=0),
        ],
    }
    found = matched(rows, (10, 10))
    (shares,) = found[SHARES].trades
    assert (shares.net, shares.booked) == (D(-200), D("198.5"))
    whole = matched({SHARES: rows[SHARES][1:], OPTION: rows[OPTION][1:]}, (10, 10))
    assert [(each.trades[0].net, each.trades[0].booked) for each in (whole[OPTION], whole[SHARES])] == [
        (D("398.5"), D(0)),
        (D(-200), D("198.5")),
    ]


def test_a_part_of_the_shares_was_held_before() -> None:
    """IBKR's figures hold both: what our lots explain is told from what they do not, in either view."""
    rows = {
        SHARES: [make_execution(2, 100, 51), make_execution(10, -200, 50, codes=("A",), open_close="C", cost=-9900, realized=900)],
        OPTION: [option(3, -2, 4), option(10, 2, 0, codes=("A",), realized=0, cost=800)],
    }
    found = matched(rows, (10, 10))
    assert [(match.opening, match.net, match.booked) for match in found[SHARES].matches] == [
        (None, D(200), D(600)),
        ("E2", D(-100), D(300)),
    ]
    assert (found[SHARES].trades[0].net, found[SHARES].trades[0].booked) == (D(100), D(900))


def test_ibkrs_figure_of_shares_holds_the_premium_of_those_that_we_saw_assigned() -> None:
    """The part that was held before earned what is left of it, without that premium."""
    rows = {
        OPTION: [option(1, -1, 4), option(10, 1, 0, codes=("A",))],
        SHARES: [
            make_execution(10, 100, 50),
            make_execution(20, -150, 52, open_close="C", realized=700, cost=-7100),
        ],
    }
    found = matched(rows, (10, 10))
    assert [(match.opening, match.net, match.booked, match.open_price) for match in found[SHARES].matches] == [
        (None, D(100), None, D(50)),
        ("E10", D(200), D(600), D(50)),
    ]
    assert (found[SHARES].trades[0].net, found[SHARES].trades[0].booked) == (D(300), D(700))


def test_the_fill_of_the_shares_may_come_first() -> None:
    rows = {
        OPTION: [option(1, -1, 4), option(20, 1, 0, codes=("A",))],
        SHARES: [make_execution(10, 100, 50, executed_at=at(20)), make_execution(30, -100, 50)],
    }
    assert matched(rows, (20, 10))[SHARES].trades[0].booked == D(400)
    late = {**rows, OPTION: [rows[OPTION][0], replace(rows[OPTION][1], executed_at=at(25))]}
    assert matched(late, (20, 10))[SHARES].trades[0].booked == D(400)


def test_one_option_fill_into_several_of_shares() -> None:
    rows = {
        OPTION: [option(1, -3, 4), option(10, 3, 0, codes=("A",))],
        SHARES: [make_execution(10, 100, 50), make_execution(11, 200, 50)],
    }
    found = matched(rows, (10, 10), (10, 11))
    assert [lot.booked_cost for lot in found[SHARES].open_lots] == [D(4600), D(9200)]


def test_several_option_fills_into_one_of_shares() -> None:
    rows = {
        OPTION: [option(1, -3, 4), option(10, 1, 0, codes=("A",)), option(11, 2, 0, codes=("A",))],
        SHARES: [make_execution(12, 300, 50)],
    }
    found = matched(rows, (10, 12), (11, 12))
    assert [lot.booked_cost for lot in found[SHARES].open_lots] == [D(13800)]


def test_shares_that_flip_take_the_premium_on_both_sides() -> None:
    rows = {
        OPTION: [option(1, -3, 4), option(10, 3, 0, codes=("A",))],
        SHARES: [make_execution(2, 100, 52), make_execution(10, -300, 50)],
    }
    found = matched(rows, (10, 10))
    assert found[SHARES].trades[0].booked == D(-200) + D(400)
    (lot,) = found[SHARES].open_lots
    assert (lot.cost, lot.booked_cost) == (D(-10000), D(-10800))


@pytest.mark.parametrize(("realized", "moved"), [(None, False), (-400, False), (0, True)])
def test_a_future_has_no_cost_that_a_premium_could_move_into(realized: int | None, *, moved: bool) -> None:
    """Unless IBKR's own row shows nothing on the option."""
    rows = {
        OPTION: [
            option(1, 1, 4, asset_class=AssetClass.FOP),
            option(10, -1, 0, asset_class=AssetClass.FOP, codes=("Ex",), realized=realized),
        ],
        SHARES: [make_execution(10, 1, 50, asset_class=AssetClass.FUT, multiplier=100)],
    }
    found = matched(rows, (10, 10))
    assert found[OPTION].trades[0].net == D(-400)
    assert found[OPTION].trades[0].booked == (0 if moved else D(-400))
    assert found[SHARES].open_lots[0].booked_cost == (D(5400) if moved else None)


def test_an_option_of_unknown_cost_moves_nothing() -> None:
    rows = {OPTION: [option(10, 1, 0, codes=("A",), open_close="C")], SHARES: [make_execution(10, 100, 50)]}
    found = matched(rows, (10, 10))
    assert (found[OPTION].trades[0].net, found[SHARES].open_lots[0].booked_cost) == (None, None)
    assert codes(found) == ["basis_unknown"]


def test_a_link_to_a_fill_that_is_not_there_moves_nothing() -> None:
    rows = {OPTION: [option(1, -1, 4), option(10, 1, 0, codes=("A",))], SHARES: []}
    assert matched(rows, (10, 10))[OPTION].trades[0].booked == D(400)


@pytest.mark.parametrize(
    ("quantity", "cash", "net"), [(1, "1762.12", D("1361.12")), (-1, "-1585.82", D("-1186.82")), (1, "0", D(-401))]
)
def test_cash_settles_an_option(quantity: int, cash: str, net: Decimal) -> None:
    """IBKR's row shows a price of 0; the money stands elsewhere."""
    rows = [option(1, quantity, 4, commission=-1), option(10, -quantity, 0, codes=("Ex",), proceeds=0)]
    for fills in (in_place(OPTION, rows), [facts(row) for row in in_place(OPTION, rows)]):
        found = match_group({OPTION: fills}, settlements={(OPTION, fills[1].id): D(cash)})[OPTION]
        (trade,) = found.trades
        assert (trade.net, trade.booked) == (net, net)
        assert trade.ended_by == ("settled" if D(cash) else "exercised")
        assert (trade.exit_price or 0) * 100 == abs(D(cash))
        assert found.problems == ()


def test_cash_settles_an_option_that_was_bought_before_history() -> None:
    row = in_place(OPTION, [option(10, -1, 0, codes=("Ex",), proceeds=0, realized=0, cost=-401, open_close="C")])
    found = match_group({OPTION: row}, settlements={(OPTION, row[0].id): D(1762)})[OPTION]
    assert found.trades[0].net == D(1361)


prices = st.decimals(min_value="0.01", max_value="90", places=2)
fees = st.decimals(min_value="-3", max_value="0", places=2)


@st.composite
def exercises(draw: st.DrawFn) -> tuple[dict[Place, list[Execution]], list[tuple[int, int]]]:
    """Return a history of options, some exercised or assigned, into shares that are traded as well."""
    rows: dict[Place, list[Execution]] = {OPTION: [], SHARES: []}
    links = []
    held = 0
    for number in range(1, draw(st.integers(2, 16))):
        what = draw(st.sampled_from(("trade", "shares", "exercise", "exercise")))
        if what == "shares":
            row = make_execution(number, draw(st.integers(-300, 300).filter(bool)), draw(prices), commission=draw(fees))
            rows[SHARES].append(row)
        elif what == "trade" or not held:
            quantity = draw(st.integers(-5, 5).filter(bool))
            held += quantity
            rows[OPTION].append(option(number, quantity, str(draw(prices)), commission=draw(fees)))
        else:
            part = draw(st.integers(1, abs(held))) * (1 if held > 0 else -1)
            held -= part
            rows[OPTION].append(option(number, -part, 0, commission=draw(fees), codes=("Ex" if part > 0 else "A",)))
            direction = draw(st.sampled_from((1, -1)))
            whole = abs(part) * 100 * direction
            first = draw(st.integers(1, abs(part))) * 100 * direction
            for place, quantity in enumerate((first, whole - first)):
                if quantity:
                    share_fill = make_execution(1000 + 2 * number + place, quantity, draw(prices), commission=draw(fees))
                    rows[SHARES].append(replace(share_fill, executed_at=at(number)))
                    links.append((number, 1000 + 2 * number + place))
    return rows, links


@given(exercises())
def test_both_views_have_the_same_sum(history: tuple[dict[Place, list[Execution]], list[tuple[int, int]]]) -> None:
    rows, links = history
    found = matched(rows, *links)
    cash = sum((-row.quantity * row.price * row.multiplier + (row.commission or 0) for each in rows.values() for row in each), D(0))
    lots, matches = all_lots(found), all_matches(found)
    assert cash + sum(lot.cost for lot in lots) == sum(match.net or 0 for match in matches)
    open_cost = sum(lot.cost if lot.booked_cost is None else lot.booked_cost for lot in lots)
    assert cash + open_cost == sum(booked(match) or 0 for match in matches)
    for each in found.values():
        for trade in each.trades:
            own = [match for match in each.matches if match.trade == trade.key]
            assert trade.booked == sum(booked(match) or 0 for match in own)
    exercised = {f"E{first}" for first, _second in links}
    assert all(booked(match) == 0 for match in matches if match.closing in exercised)
    assert all(trade.booked == trade.net for trade in matched(rows)[OPTION].trades)


@given(exercises())
def test_what_was_earned_does_not_depend_on_the_links(
    history: tuple[dict[Place, list[Execution]], list[tuple[int, int]]],
) -> None:
    """They move nothing but the order of what happened in one instant."""
    rows, links = history
    spread = {
        place: [replace(row, executed_at=at(int(row.id[1:]) if place == OPTION else 5000 + at_)) for at_, row in enumerate(each)]
        for place, each in rows.items()
    }
    linked, apart = matched(spread, *links), matched(spread)
    for place in rows:
        assert [trade.net for trade in linked[place].trades] == [trade.net for trade in apart[place].trades]
        assert [match.net for match in linked[place].matches] == [match.net for match in apart[place].matches]


def test_facts_stand_for_executions() -> None:
    assert isinstance(facts(make_execution(1)), FillFacts)
