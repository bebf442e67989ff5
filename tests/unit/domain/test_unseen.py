"""What was held before the history starts: proved by closes, closed first, and with IBKR's own figures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibjournal.domain.execution import Execution
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.matching import Matching, match_instrument
from ibjournal.domain.trade import Side, TradeStatus
from tests.fakes.builders import make_action, make_execution

D = Decimal


def codes(matching: Matching) -> list[str]:
    return [problem.code for problem in matching.problems]


def results(matching: Matching) -> dict[str, Decimal | None]:
    """Return what each closing fill earned."""
    found: dict[str, Decimal | None] = {}
    for match in matching.matches:
        before = found.get(match.closing, D(0))
        found[match.closing] = None if before is None or match.net is None else before + match.net
    return found


# --- first in, first out -----------------------------------------------------------------------------------------


def test_the_first_close_takes_what_was_held_before() -> None:
    """10 were held at 50; the shortage shows at the last close only, yet the first one sold them."""
    rows = [
        make_execution(1, 10, 20, open_close="O", realized=0),
        make_execution(2, -10, 22, open_close="C", realized=-280, cost=-500),
        make_execution(3, -10, 23, open_close="C", realized=30, cost=-200),
    ]
    result = match_instrument(rows)
    (trade,) = result.trades
    assert results(result) == {"E2": D(-280), "E3": D(30)}
    assert [(match.opening, match.closing, match.quantity) for match in result.matches] == [
        (None, "E2", D(10)),
        ("E1", "E3", D(10)),
    ]
    assert (trade.side, trade.status, trade.entry_known, trade.quantity) == (Side.LONG, TradeStatus.CLOSED, False, D(20))
    assert (trade.entry_price, trade.net, trade.key.rsplit("/")[-1]) == (D(35), D(-250), "E1")
    assert codes(result) == ["entry_unknown"]


def test_a_short_position_held_before_is_closed_first_too() -> None:
    rows = [
        make_execution(1, -10, 20, open_close="O", realized=0),
        make_execution(2, 10, 22, open_close="C", realized=280, cost=500),
        make_execution(3, 10, 23, open_close="C", realized=-30, cost=200),
    ]
    result = match_instrument(rows)
    assert results(result) == {"E2": D(280), "E3": D(-30)}
    assert (result.trades[0].side, result.trades[0].entry_price) == (Side.SHORT, D(35))


def test_a_close_of_both_gives_the_unseen_part_what_our_lots_do_not_explain() -> None:
    rows = [
        make_execution(1, 100, 10, commission=-1, open_close="O"),
        make_execution(2, -150, 12, commission=-3, open_close="C", realized=396, cost=-1401),
    ]
    result = match_instrument(rows)
    assert [(m.opening, m.quantity, m.fees, m.net) for m in result.matches] == [
        (None, D(50), D(-1), D(199)),
        ("E1", D(100), D(-3), D(197)),
    ]
    assert result.matches[0].open_price == D(8)  # of the cost of 1401 our lot explains 1001
    assert result.trades[0].entry_price == D("9.3333333333")


def test_a_flip_by_an_opening_shows_that_nothing_was_held_before() -> None:
    """Flat, then a short that IBKR flags as an opening: the shortage that shows later began after it."""
    rows = [
        make_execution(1, 10, 10, open_close="O"),
        make_execution(2, -10, 11, open_close="C"),
        make_execution(3, -10, 12, open_close="O"),
        make_execution(4, 15, 9, open_close="C", realized=100),
    ]
    result = match_instrument(rows)
    assert [(trade.side, trade.entry_known, trade.net) for trade in result.trades] == [
        (Side.LONG, True, D(10)),
        (Side.SHORT, False, D(100)),
    ]


def test_a_flip_in_one_fill_shows_it_too() -> None:
    rows = [
        make_execution(1, 10, 10, open_close="O"),
        make_execution(2, -20, 11, open_close="C;O", realized=10),
        make_execution(3, 15, 9, open_close="C", realized=100),
    ]
    result = match_instrument(rows)
    assert [(trade.side, trade.entry_known, trade.net) for trade in result.trades] == [
        (Side.LONG, True, D(10)),
        (Side.SHORT, False, D(100)),
    ]
    assert sum(match.quantity for match in result.matches if match.opening is None) == 5


def test_where_ibkrs_figure_is_ours_nothing_unseen_was_there() -> None:
    """A gap in the middle of the reports is no position at their start."""
    rows = [
        make_execution(1, 10, 10, open_close="O"),
        make_execution(2, -10, 12, open_close="C", realized=20),
        make_execution(3, -10, 13, open_close="C", realized=5),
    ]
    result = match_instrument(rows)
    assert [(t.entry_known, t.net, t.key.rsplit("/")[-1]) for t in result.trades] == [(True, D(20), "E1"), (False, D(5), "E3")]


def test_units_of_one_lot_that_agree_by_chance_prove_nothing() -> None:
    """The first close took the unit held before; the second took one of our two, and ours are alike."""
    rows = [
        make_execution(1, 2, 10, open_close="O"),
        make_execution(2, -1, 12, open_close="C", realized=7),
        make_execution(3, -1, 13, open_close="C", realized=3),
        make_execution(4, -1, 14, open_close="C", realized=4),
    ]
    result = match_instrument(rows)
    assert results(result) == {"E2": D(7), "E3": D(3), "E4": D(4)}
    assert len(result.trades) == 1


def test_a_short_sale_is_a_short() -> None:
    result = match_instrument([make_execution(1, 10, 10), make_execution(2, -30, 12, open_close="O")])
    assert result.open_lots[0].quantity == D(-20)
    assert all(trade.entry_known for trade in result.trades)


def test_unseen_on_both_sides_one_after_the_other() -> None:
    rows = [
        make_execution(1, -10, 12, open_close="C", realized=1),
        make_execution(2, 7, 12, open_close="C", realized=2),
        make_execution(3, -4, 12, open_close="C", realized=3),
    ]
    result = match_instrument(rows)
    assert [(t.side, t.quantity, t.net) for t in result.trades] == [
        (Side.LONG, D(10), D(1)),
        (Side.SHORT, D(7), D(2)),
        (Side.LONG, D(4), D(3)),
    ]


def test_without_ibkrs_figure_the_part_held_before_has_no_result() -> None:
    rows = [make_execution(1, 10, 10), make_execution(2, -10, 12), make_execution(3, -10, 13, open_close="C")]
    result = match_instrument(rows)
    assert results(result) == {"E2": None, "E3": D(30)}
    assert (result.trades[0].net, result.trades[0].entry_price) == (None, None)
    assert codes(result) == ["basis_unknown"]


# --- splits ------------------------------------------------------------------------------------------------------


def test_a_forward_split_of_what_was_held_before() -> None:
    """100 were held; the split gives 100 more, and all of them are sold."""
    rows = [make_execution(200, -200, 6, open_close="C", realized=700, cost=-500)]
    (trade,) = match_instrument(rows, [make_action("FS", 100)]).trades
    assert (trade.quantity, trade.net, trade.entry_price) == (D(200), D(700), D("2.5"))


def test_a_forward_split_of_both_parts() -> None:
    """100 held before and 100 bought at 30, two for one; sold in two halves."""
    rows = [
        make_execution(1, 100, 30, open_close="O"),
        make_execution(200, -200, 16, open_close="C", realized=1400, cost=-1800),
        make_execution(201, -200, 17, open_close="C", realized=400, cost=-3000),
    ]
    result = match_instrument(rows, [make_action("FS", 200)])
    assert results(result) == {"E200": D(1400), "E201": D(400)}
    assert [(m.opening, m.quantity, m.open_price) for m in result.matches] == [(None, D(200), D(9)), ("E1", D(200), D(15))]
    assert (result.trades[0].quantity, result.trades[0].entry_price) == (D(400), D(12))
    assert codes(result) == ["entry_unknown"]


def test_a_reverse_split_of_what_was_held_before() -> None:
    rows = [make_execution(200, -10, 60, open_close="C", realized=100, cost=-500)]
    result = match_instrument(rows, [make_action("RS", -90)])
    assert (result.trades[0].net, codes(result)) == (D(100), ["entry_unknown"])


def test_a_reverse_split_of_both_parts() -> None:
    rows = [
        make_execution(1, 50, 3, open_close="O"),
        make_execution(200, -15, 40, open_close="C", realized=100, cost=-500),
    ]
    result = match_instrument(rows, [make_action("RS", -135)])
    assert [(m.opening, m.quantity) for m in result.matches] == [(None, D(10)), ("E1", D(5))]
    assert result.open_lots == ()


def test_a_split_alone_proves_nothing() -> None:
    result = match_instrument([], [make_action("RS", -90)])
    assert codes(result) == ["split_without_position"]
    assert result.open_lots == ()


def test_a_split_by_its_ratio() -> None:
    rows = [
        make_execution(1, 10, 30, open_close="O"),
        make_execution(200, -30, 11, open_close="C", realized=1, cost=-329),
        make_execution(201, -30, 11, open_close="C", realized=30),
    ]
    result = match_instrument(rows, [make_action("FS", 0, ratio=D(3))])
    assert [(m.opening, m.quantity, m.net) for m in result.matches] == [(None, D(30), D(1)), ("E1", D(30), D(30))]


# --- closes without a flag ---------------------------------------------------------------------------------------


def test_a_result_proves_a_close_where_no_flag_does() -> None:
    """An old template without flags: sold 10 at 110 that had cost 501."""
    row = make_execution(1, -10, 110, commission=-1, realized=598, cost=-501)
    result = match_instrument([row])
    (trade,) = result.trades
    assert (trade.side, trade.status, trade.net, trade.entry_price) == (Side.LONG, TradeStatus.CLOSED, D(598), D("50.1"))
    assert result.open_lots == ()


@pytest.mark.parametrize(
    ("fields", "closes"),
    [
        ({"cost": -501}, True),
        ({"cost": "-1099"}, False),  # what it brought in: an opening
        ({"cost": "-1099.01"}, False),  # a cent of rounding
        ({"cost": "-1099.02"}, True),
        ({"cost": 0}, False),
        ({"cost": 501}, False),  # some write what was received
        ({"cost": -501, "realized": 0}, False),
        ({"realized": "0.004"}, False),
        ({"realized": 598}, True),
        ({"realized": 598, "open_close": "O"}, False),
        ({"cost": -501, "commission": None}, False),
        ({"cost": -501, "codes": ("A",)}, False),  # the cost of an assigned share holds the premium
        ({"cost": -501, "asset_class": AssetClass.FUT}, False),
        ({"cost": "-1120", "asset_class": AssetClass.BOND, "multiplier": 100}, False),  # with accrued interest
        ({"cost": "-1098.5", "commission_currency": "EUR", "fx_rate_to_base": "0.5"}, False),  # converted at another rate
    ],
)
def test_what_proves_a_close(fields: dict[str, object], *, closes: bool) -> None:
    row = make_execution(1, -10, 110, **({"commission": -1} | fields))
    result = match_instrument([row], base_currency="EUR")
    assert [trade.status for trade in result.trades] == [TradeStatus.CLOSED if closes else TradeStatus.OPEN]


def test_without_flags_a_flip_is_one_where_our_lots_explain_ibkrs_figure() -> None:
    rows = [make_execution(1, 100, 10), make_execution(2, -150, 12, realized=200)]
    assert match_instrument(rows).open_lots[0].quantity == D(-50)
    rows[1] = replace(rows[1], realized=D(300))
    result = match_instrument(rows)
    assert result.open_lots == ()
    assert result.trades[0].net == D(300)


def test_an_opening_that_contradicts_the_position_closes_it_and_is_told() -> None:
    rows = [make_execution(1, 100, 10, open_close="O"), make_execution(2, -40, 12, open_close="O")]
    result = match_instrument(rows)
    assert result.open_lots[0].quantity == D(60)
    assert [(p.code, p.execution, p.values) for p in result.problems] == [
        ("flag_contradicts_position", "E2", (("position", D(100)),))
    ]
    assert codes(match_instrument([rows[0], replace(rows[1], realized=D(80))])) == []  # IBKR agrees that it closed something


def test_an_expired_option_of_unknown_open_without_figures_has_no_result() -> None:
    row = make_execution(1, 1, 0, asset_class=AssetClass.OPT, multiplier=100, codes=("Ep",), open_close="C")
    (trade,) = match_instrument([row]).trades
    assert (trade.side, trade.net, trade.ended_by) == (Side.SHORT, None, "expired")


def test_shares_called_away_that_were_held_before_earn_the_strike_less_their_cost() -> None:
    """IBKR's result of the shares holds the option's premium of 8504.59, which the option's trade already has."""
    row = make_execution(
        1, -3400, 290, commission="-0.5644", codes=("A",), open_close="C", realized="-64508.91", cost="-1059012.94"
    )
    assert match_instrument([row]).trades[0].net == D("-73013.5044")


def test_shares_called_away_without_a_cost_keep_ibkrs_figure() -> None:
    row = make_execution(1, -100, 50, codes=("A",), open_close="C", realized=300)
    assert match_instrument([row]).trades[0].net == D(300)


# --- properties --------------------------------------------------------------------------------------------------


@st.composite
def closed_histories(draw: st.DrawFn) -> list[Execution]:
    """Return fills with IBKR's flags and figures, never through zero in one fill, flat at the end.

    No two sums of prices are the same, so that a figure agrees with no other lots than its own, and none is 0, which would prove
    nothing.
    """
    rows: list[Execution] = []
    position = 0
    for number, wanted in enumerate(draw(st.lists(st.integers(-9, 9).filter(bool), min_size=1, max_size=12)), start=1):
        quantity = -position if position and abs(wanted) > abs(position) and (wanted > 0) != (position > 0) else wanted
        rows.append(_flagged(number, quantity, position))
        position += quantity
    if position:
        rows.append(_flagged(len(rows) + 1, -position, position))
    told = results(match_instrument(rows))
    return [replace(row, realized=told.get(row.id, D(0))) for row in rows]


def _flagged(number: int, quantity: int, position: int) -> Execution:
    closes = bool(position) and (quantity > 0) != (position > 0)
    price = D(2**number) / 100
    return make_execution(number, quantity, price, commission=-1, multiplier=1000, open_close="C" if closes else "O")


@given(closed_histories(), st.data())
def test_a_history_that_starts_later_gives_the_same_results(rows: list[Execution], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(rows) - 1))
    whole, rest = match_instrument(rows), match_instrument(rows[cut:])
    kept = {row.id for row in rows[cut:]}
    expected = {closing: net for closing, net in results(whole).items() if closing in kept}
    ours = results(rest)
    assert ours.keys() == expected.keys()
    for closing, net in ours.items():
        assert net is not None
        assert abs(net - (expected[closing] or D(0))) < D("1E-6")
    assert rest.open_lots == ()
    last = {trade.key for trade in whole.trades if trade.opened_at >= rows[cut].executed_at}
    assert last <= {trade.key for trade in rest.trades}
    assert all(trade.entry_known for trade in rest.trades if trade.key in last)


@given(closed_histories(), st.data())
def test_flags_may_be_missing(rows: list[Execution], data: st.DataObject) -> None:
    """IBKR's figures alone prove what closes."""
    cut = data.draw(st.integers(0, len(rows) - 1))
    rest = rows[cut:]
    flagged = match_instrument(rest)
    assert results(match_instrument([replace(row, open_close="") for row in rest])) == results(flagged)
