"""Matching by hand-computed examples: signs, fees, flips, closes without a known open, splits."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionStatus, ReportType
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.matching import Matching, match_instrument
from ibjournal.domain.trade import Role, Side, TradeStatus
from tests.fakes.builders import ACCOUNT, INSTRUMENT, at, make_action, make_execution

D = Decimal


def codes(matching: Matching) -> list[str]:
    return [problem.code for problem in matching.problems]


def test_nothing_gives_nothing() -> None:
    assert match_instrument([]) == Matching()


def test_long_round_trip() -> None:
    result = match_instrument(
        [make_execution(1, 100, 10, commission=-1), make_execution(2, -100, 12, commission="-1.5", taxes="-0.5")]
    )
    (trade,) = result.trades
    assert (trade.side, trade.status) == (Side.LONG, TradeStatus.CLOSED)
    assert (trade.gross, trade.fees, trade.net) == (D(200), D(-3), D(197))
    assert (trade.entry_price, trade.exit_price, trade.quantity, trade.open_quantity) == (D(10), D(12), D(100), D(0))
    assert trade.key == f"{ACCOUNT}/{INSTRUMENT}/E1"
    assert (trade.opened_at, trade.closed_at) == (at(1), at(2))
    assert result.open_lots == ()
    (match,) = result.matches
    assert (match.opening, match.closing, match.direction, match.trade) == ("E1", "E2", 1, trade.key)


def test_short_round_trip_earns_when_the_price_falls() -> None:
    result = match_instrument([make_execution(1, -100, 12, commission=-1), make_execution(2, 100, 10, commission=-1)])
    (trade,) = result.trades
    assert trade.side is Side.SHORT
    assert (trade.gross, trade.fees, trade.net) == (D(200), D(-2), D(198))
    assert result.matches[0].direction == -1
    assert [piece.quantity for piece in trade.pieces] == [D(-100), D(100)]


def test_short_loses_when_the_price_rises() -> None:
    (trade,) = match_instrument([make_execution(1, -2, "1.5", multiplier=100), make_execution(2, 2, 4, multiplier=100)]).trades
    assert trade.gross == D(-500)


def test_scaling_in_and_out_is_first_in_first_out() -> None:
    result = match_instrument(
        [
            make_execution(1, 100, 10),
            make_execution(2, 100, 20),
            make_execution(3, -150, 30),
            make_execution(4, -50, 40),
        ]
    )
    (trade,) = result.trades
    assert [(m.opening, m.closing, m.quantity, m.gross) for m in result.matches] == [
        ("E1", "E3", D(100), D(2000)),
        ("E2", "E3", D(50), D(500)),
        ("E2", "E4", D(50), D(1000)),
    ]
    assert (trade.quantity, trade.entry_price, trade.exit_price, trade.gross) == (D(200), D(15), D("32.5"), D(3500))
    assert [piece.role for piece in trade.pieces] == [Role.OPENING, Role.OPENING, Role.CLOSING, Role.CLOSING]


def test_fees_are_split_by_quantity_and_the_last_piece_takes_the_remainder() -> None:
    rows = [make_execution(1, 3, 10, commission=-1), *(make_execution(n, -1, 11, commission="-0.1") for n in (2, 3, 4))]
    result = match_instrument(rows)
    shares = [match.fees for match in result.matches]
    assert shares == [D("-0.4333333333"), D("-0.4333333334"), D("-0.4333333333")]
    assert sum(shares) == D("-1.3")
    assert result.trades[0].net == D(3) - D("1.3")


def test_open_trade_keeps_its_lots_and_realises_only_what_closed() -> None:
    result = match_instrument([make_execution(1, 100, 10, commission=-2), make_execution(2, -40, 15, commission=-1)])
    (trade,) = result.trades
    assert (trade.status, trade.open_quantity, trade.closed_on) == (TradeStatus.OPEN, D(60), None)
    assert (trade.gross, trade.fees, trade.net) == (D(200), D("-1.8"), D("198.2"))
    (lot,) = result.open_lots
    assert (lot.opening, lot.quantity, lot.cost) == ("E1", D(60), D("601.2"))


def test_cost_of_an_open_short_lot_is_negative_like_ibkrs() -> None:
    (lot,) = match_instrument([make_execution(1, -1, 5, multiplier=100, commission=-1)]).open_lots
    assert (lot.quantity, lot.cost) == (D(-1), D(-499))


def test_flip_through_zero_ends_one_trade_and_starts_another() -> None:
    """Peer defect 8: a trade that closes only when the position is exactly 0 stays long with a negative quantity."""
    result = match_instrument(
        [
            make_execution(1, 100, 10, commission=-1),
            make_execution(2, -150, 12, commission=-3, taxes="-0.75", open_close="C;O"),
            make_execution(3, 50, 11, commission=-1),
        ]
    )
    long, short = result.trades
    assert (long.side, long.status, long.gross, long.fees, long.net) == (
        Side.LONG,
        TradeStatus.CLOSED,
        D(200),
        D("-3.5"),
        D("196.5"),
    )
    assert (short.side, short.status, short.gross, short.fees, short.net) == (
        Side.SHORT,
        TradeStatus.CLOSED,
        D(50),
        D("-2.25"),
        D("47.75"),
    )
    assert short.key.endswith("/E2")
    assert [(p.execution, p.role, p.quantity, p.fees) for p in (*long.pieces[1:], *short.pieces[:1])] == [
        ("E2", Role.CLOSING, D(-100), D("-2.5")),
        ("E2", Role.OPENING, D(-50), D("-1.25")),
    ]


@pytest.mark.parametrize("flag", ["", "O", "C;O"])
def test_flip_does_not_depend_on_the_flag(flag: str) -> None:
    result = match_instrument([make_execution(1, 100, 10), make_execution(2, -150, 12, open_close=flag)])
    assert [trade.status for trade in result.trades] == [TradeStatus.CLOSED, TradeStatus.OPEN]
    assert result.open_lots[0].quantity == D(-50)


def test_close_without_known_open_takes_ibkrs_figure() -> None:
    """Peer defect 9: rows that only close were booked as a loss of their commission."""
    sold = make_execution(1, -100, 12, commission=-1, proceeds=1200, cost=-1000, realized=199, open_close="C")
    result = match_instrument([sold])
    (trade,) = result.trades
    assert not trade.entry_known
    assert (trade.side, trade.status, trade.open_quantity) == (Side.LONG, TradeStatus.CLOSED, D(0))
    assert (trade.gross, trade.fees, trade.net) == (D(200), D(-1), D(199))
    assert (trade.entry_price, trade.exit_price) == (D(10), D(12))
    assert result.matches[0].opening is None
    assert result.open_lots == ()
    assert codes(result) == ["entry_unknown"]


def test_short_close_without_known_open() -> None:
    bought = make_execution(1, 2, 1, multiplier=100, commission=-2, proceeds=-200, cost=498, realized=296, open_close="C")
    (trade,) = match_instrument([bought]).trades
    assert trade.side is Side.SHORT
    assert (trade.gross, trade.net, trade.entry_price) == (D(298), D(296), D("2.49"))


def test_close_without_known_open_and_without_figure_is_not_minus_the_commission() -> None:
    result = match_instrument([make_execution(1, -100, 12, commission=-1, open_close="C")])
    (trade,) = result.trades
    assert (trade.gross, trade.net, trade.net_base, trade.fees) == (None, None, None, D(-1))
    assert codes(result) == ["basis_unknown"]


def test_a_close_never_opens_the_opposite_position() -> None:
    rows = [
        make_execution(1, 50, 10, commission=-1),
        make_execution(2, -80, 12, commission=-8, realized=400, open_close="C"),
        make_execution(3, 10, 9),
    ]
    result = match_instrument(rows)
    first, second = result.trades
    assert [piece.fees for piece in first.pieces] == [D(-1), D(-8)]
    assert (first.status, first.entry_known, first.quantity, first.net) == (TradeStatus.CLOSED, False, D(80), D(400))
    assert first.entry_price is None
    assert [(m.opening, m.quantity, m.net) for m in result.matches] == [(None, D(30), D(306)), ("E1", D(50), D(94))]
    assert [piece.quantity for piece in first.pieces] == [D(50), D(-80)]
    assert (second.side, second.open_quantity) == (Side.LONG, D(10))


def test_a_close_that_is_known_in_part_and_without_figure_has_no_result() -> None:
    result = match_instrument([make_execution(1, 50, 10), make_execution(2, -80, 12, open_close="C")])
    assert [(m.opening, m.net) for m in result.matches] == [(None, None), ("E1", D(100))]
    assert (result.trades[0].net, result.trades[0].net_base, result.trades[0].status) == (None, None, TradeStatus.CLOSED)
    assert codes(result) == ["basis_unknown"]


def test_closes_without_known_open_that_follow_each_other_are_one_trade() -> None:
    rows = [make_execution(n, -10, 12, realized=5, open_close="C") for n in (1, 2)]
    rows += [
        make_execution(3, 10, 9, open_close="O"),
        make_execution(4, -10, 10, realized=10),
        make_execution(5, -10, 1, realized=7, open_close="C"),
    ]
    result = match_instrument(rows)
    assert [(t.entry_known, t.net) for t in result.trades] == [(False, D(10)), (True, D(10)), (False, D(7))]
    assert result.trades[0].closed_at == at(2)


def test_a_closing_buy_while_long_is_kept_apart() -> None:
    rows = [make_execution(1, 50, 10), make_execution(2, 20, 8, realized=33, open_close="C"), make_execution(3, -50, 11)]
    result = match_instrument(rows)
    assert [(t.side, t.net) for t in result.trades] == [(Side.LONG, D(50)), (Side.SHORT, D(33))]


def test_flip_with_unknown_closing_part_is_told() -> None:
    result = match_instrument([make_execution(1, -150, 12, realized=100, open_close="C;O")])
    assert codes(result) == ["flip_without_position"]
    assert result.open_lots[0].quantity == D(-150)


def test_expiry_closes_at_zero() -> None:
    rows = [
        make_execution(1, -2, "1.5", asset_class=AssetClass.OPT, multiplier=100, commission=-2),
        make_execution(2, 2, 0, asset_class=AssetClass.OPT, multiplier=100, kind="BookTrade", codes=("Ep",), open_close="C"),
    ]
    (trade,) = match_instrument(rows).trades
    assert (trade.net, trade.exit_price, trade.ended_by) == (D(298), D(0), "expired")


def test_assigned_option_keeps_its_premium_and_stock_counts_at_strike() -> None:
    """Peer defect 19: IBKR moves the premium into the stock and shows 0 on the option; both views add up to the same."""
    option = {"asset_class": AssetClass.OPT, "multiplier": 100}
    put = match_instrument(
        [
            make_execution(1, -1, 3, commission=-1, **option),
            make_execution(2, 1, 0, codes=("A",), kind="BookTrade", open_close="C", realized=0, cost=299, **option),
        ]
    ).trades[0]
    stock = match_instrument(
        [
            make_execution(2, 100, 50, codes=("A",), kind="BookTrade", open_close="O"),
            make_execution(3, -100, 48, commission=-1, open_close="C", realized=98),
        ]
    ).trades[0]
    assert (put.net, put.ended_by) == (D(299), "assigned")
    assert stock.net == D(-201)
    assert put.net is not None
    assert put.net + stock.net == D(98)  # what IBKR booked: 0 on the option and 98 on the stock


def test_assigned_option_of_unknown_open_earns_the_cost_ibkr_removed() -> None:
    row = make_execution(
        1, 1, 0, asset_class=AssetClass.OPT, multiplier=100, codes=("A",), open_close="C", realized=0, cost="8504.59"
    )
    (trade,) = match_instrument([row]).trades
    assert (trade.side, trade.net, trade.ended_by) == (Side.SHORT, D("8504.59"), "assigned")


@pytest.mark.parametrize(
    ("kind", "codes_", "expected"),
    [
        (AssetClass.OPT, ("A",), D(299)),
        (AssetClass.OPT, ("Ex", "P"), D(299)),
        (AssetClass.OPT, (), D(0)),
        (AssetClass.OPT, ("Ep",), D(0)),
        (AssetClass.STK, ("A",), D(299)),  # its result holds the premium, its cost does not
        (AssetClass.STK, (), D(0)),
    ],
)
def test_only_an_exercised_options_zero_is_not_its_result(kind: AssetClass, codes_: tuple[str, ...], expected: Decimal) -> None:
    row = make_execution(1, 1, 0, asset_class=kind, multiplier=100, codes=codes_, open_close="C", realized=0, cost=299)
    assert match_instrument([row]).trades[0].net == expected


def test_without_ibkrs_figure_its_cost_tells_the_result() -> None:
    sold = make_execution(1, -100, 12, commission=-1, taxes=-2, cost=-1000, open_close="C")
    bought = make_execution(1, 100, 12, commission=-1, taxes=-2, cost=1500, open_close="C")
    assert [match_instrument([row]).trades[0].net for row in (sold, bought)] == [D(197), D(297)]


def test_stock_called_away_ends_by_assignment() -> None:
    rows = [make_execution(1, 100, 40), make_execution(2, -100, 45, codes=("A",), kind="BookTrade")]
    assert match_instrument(rows).trades[0].ended_by == "assigned"


def test_forward_split_changes_quantity_and_price_only() -> None:
    result = match_instrument(
        [make_execution(1, 100, 30, commission=-1), make_execution(200, -300, 12, commission=-1)], [make_action("FS", 200)]
    )
    (trade,) = result.trades
    assert (trade.quantity, trade.entry_price, trade.gross, trade.net) == (D(300), D(10), D(600), D(598))
    assert (result.matches[0].quantity, result.matches[0].open_price) == (D(300), D(10))


def test_split_of_uneven_price_loses_nothing() -> None:
    rows = [make_execution(1, 100, 100), *(make_execution(n, -100, 40) for n in (201, 202, 203))]
    result = match_instrument(rows, [make_action("FS", 200)])
    assert result.trades[0].gross == D(2000)


def test_split_after_a_partial_close_keeps_both_averages_in_new_units() -> None:
    rows = [make_execution(1, 100, 30), make_execution(2, -50, 36), make_execution(200, -100, 21)]
    result = match_instrument(rows, [make_action("FS", 50)])
    (trade,) = result.trades
    assert (trade.quantity, trade.entry_price, trade.exit_price, trade.gross) == (D(200), D(15), D("19.5"), D(900))


def test_reverse_split_of_a_short_position_over_several_lots() -> None:
    rows = [make_execution(1, -70, 1), make_execution(2, -30, 2)]
    result = match_instrument(rows, [make_action("RS", 90)])
    assert [(lot.quantity, lot.price, lot.cost) for lot in result.open_lots] == [(D(-7), D(10), D(-70)), (D(-3), D(20), D(-60))]


def test_split_with_stated_ratio_only() -> None:
    result = match_instrument([make_execution(1, 10, 30)], [make_action("FS", 0, ratio=D(3))])
    assert result.open_lots[0].quantity == D(30)


def test_split_before_a_fill_of_the_same_instant() -> None:
    """Cash for a fraction is booked in the instant of the split that made it."""
    rows = [make_execution(1, 10, 3), make_execution(100, "-0.3333", 9, kind="FracShare")]
    result = match_instrument(rows, [make_action("RS", "-6.6667", minutes=100)])
    assert result.open_lots[0].quantity == D(3)
    assert result.matches[0].open_price == D("9.0000900009")


def test_a_split_loses_no_unit_to_rounding() -> None:
    rows = [make_execution(n, 1, 7) for n in (1, 2, 3)]
    lots = match_instrument(rows, [make_action("FS", 7)]).open_lots
    assert [lot.quantity for lot in lots] == [D("3.3333333333"), D("3.3333333333"), D("3.3333333334")]


def test_ibkrs_change_decides_over_a_stated_ratio() -> None:
    result = match_instrument([make_execution(1, 7, 30)], [make_action("RS", "-4.67", ratio=D(1) / 3)])
    assert result.open_lots[0].quantity == D("2.33")


def test_the_last_piece_takes_what_finer_amounts_leave() -> None:
    rows = [make_execution(1, 3, 10, commission="-1.000000000001"), make_execution(2, -1, 10), make_execution(3, -2, 10)]
    result = match_instrument(rows)
    assert result.trades[0].fees == D("-1.000000000001")
    assert match_instrument([rows[0], make_execution(4, -3, 10)]).matches[0].net == D("-1.000000000001")


@pytest.mark.parametrize(
    ("kind", "change", "expected"), [("TC", -100, "unknown_event"), ("RS", -100, "unknown_event"), ("", 5, "unknown_event")]
)
def test_unknown_event_is_told_and_bends_nothing(kind: str, change: int, expected: str) -> None:
    result = match_instrument([make_execution(1, 100, 30)], [make_action(kind, change)])
    assert codes(result) == [expected]
    assert result.open_lots[0].quantity == D(100)


def test_split_without_position_is_told() -> None:
    assert codes(match_instrument([], [make_action("FS", 100)])) == ["split_without_position"]


def test_event_without_change_is_silent() -> None:
    assert codes(match_instrument([make_execution(1)], [make_action("PV", 0)])) == []


def test_only_active_executions_count() -> None:
    """A cancelled fill, its cancel row and the older revision are no fills."""
    rows = [make_execution(1, 100, 10), make_execution(2, -100, 20), make_execution(3, -100, 12)]
    statuses = [ExecutionStatus.CANCELLED, ExecutionStatus.CANCEL, ExecutionStatus.SUPERSEDED, ExecutionStatus.VANISHED]
    rows += [make_execution(10 + n, 5, 1, status=status) for n, status in enumerate(statuses)]
    rows[1] = make_execution(2, -100, 20, status=ExecutionStatus.CANCELLED)
    (trade,) = match_instrument(rows).trades
    assert trade.gross == D(200)


def test_same_second_is_ordered_by_id_as_a_number() -> None:
    moment = at(5)
    rows = [
        make_execution(1, 10, 1, executed_at=moment, trade_id="99"),
        make_execution(2, 10, 2, executed_at=moment, trade_id="100"),
        make_execution(3, -10, 3, executed_at=moment + timedelta(seconds=1)),
    ]
    for order in permutations(rows):
        assert match_instrument(list(order)).matches[0].opening == "E1"


def test_key_does_not_change_when_activity_confirms() -> None:
    moment = at(5)
    told = [make_execution(n, 10, 1, executed_at=moment, source=ReportType.CONFIRMATION, transaction_id="") for n in (1, 2)]
    final = [make_execution(n, 10, 1, executed_at=moment) for n in (2, 1)]
    assert match_instrument(told).trades[0].key == match_instrument(final).trades[0].key
    assert match_instrument([told[1], final[0]]).trades[0].provisional
    assert not match_instrument(final).trades[0].provisional


def test_bond_is_quoted_in_percent_of_par() -> None:
    rows = [
        make_execution(1, 10_000, "98.5", asset_class=AssetClass.BOND),
        make_execution(2, -10_000, 100, asset_class=AssetClass.BOND),
    ]
    result = match_instrument(rows)
    assert result.trades[0].gross == D(150)
    assert result.trades[0].entry_price == D("98.5")


def test_future_counts_by_difference_of_price_and_multiplier() -> None:
    future = {"asset_class": AssetClass.FUT, "multiplier": 50}
    (trade,) = match_instrument([make_execution(1, 2, "4500.25", **future), make_execution(2, -2, 4490, **future)]).trades
    assert trade.gross == D(-1025)


def test_negative_price() -> None:
    """Crude oil closed at -37.63 once."""
    future = {"asset_class": AssetClass.FUT, "multiplier": 1000}
    rows = [make_execution(1, 1, 10, proceeds=-10_000, **future), make_execution(2, -1, "-37.63", proceeds=-37_630, **future)]
    result = match_instrument(rows)
    assert result.trades[0].gross == D(-47_630)
    assert codes(result) == []


def test_ibkrs_rounded_proceeds_are_taken() -> None:
    rows = [make_execution(1, 3, "3.333333333", proceeds="-10"), make_execution(2, -3, 4, proceeds=12)]
    result = match_instrument(rows)
    assert result.trades[0].gross == D(2)
    assert codes(result) == []


def test_proceeds_that_contradict_the_price_are_told() -> None:
    rows = [make_execution(1, 3, 10, proceeds="-31"), make_execution(2, -3, 10, proceeds=-30)]
    result = match_instrument(rows)
    assert codes(result) == ["proceeds_differ", "proceeds_differ"]
    assert result.trades[0].gross == D(-1)


@pytest.mark.parametrize(
    ("price", "size", "proceeds", "gross", "told"),
    [
        ("10", 100, "-1000.01", "-1000.01", False),  # a cent of rounding
        ("10", 100, "-1000.02", "-1000.02", True),
        ("10", 1_000_000, "-10000009", "-10000009", False),  # a millionth of rounding
        ("10", 1_000_000, "-10000011", "-10000011", True),
        ("10", 100, "1000", "-1000", True),  # a sign that cannot be
        ("-10", 100, "-1000", "1000", True),
        ("0", 100, "-5", "0", True),
        ("10", 100, "0", "-1000", False),  # futures in some templates
    ],
)
def test_when_ibkrs_proceeds_are_taken(price: str, size: int, proceeds: str, gross: str, *, told: bool) -> None:
    result = match_instrument([make_execution(1, size, price, proceeds=proceeds), make_execution(2, -size, 0)])
    assert result.trades[0].gross == D(gross)
    assert codes(result) == (["proceeds_differ"] if told else [])


def test_rates_are_asked_for_the_day_of_the_report() -> None:
    """A trade of Friday evening is booked at Monday's rate."""
    asked: list[tuple[str, date]] = []

    def rate(currency: str, day: date) -> Decimal:
        asked.append((currency, day))
        return D(2)

    friday, monday = date(2026, 3, 6), date(2026, 3, 9)
    row = make_execution(1, 100, 10, commission=-1, commission_currency="CHF", trade_date=friday, report_date=monday)
    match_instrument([row], base_currency="EUR", rate_to_base=rate)
    assert set(asked) == {("USD", monday), ("CHF", monday)}


def test_commission_in_a_third_currency_goes_through_both_rates() -> None:
    rates = {"CHF": D("1.2"), "USD": D("0.8")}
    row = make_execution(1, 100, 10, commission=-2, taxes=-1, commission_currency="CHF")
    lot = match_instrument([row], base_currency="EUR", rate_to_base=lambda currency, _day: rates[currency]).open_lots[0]
    assert lot.cost == D(1004)


def test_net_in_base_uses_the_rates_of_the_closing_fills() -> None:
    rows = [
        make_execution(1, 100, 10, fx_rate_to_base="0.9"),
        make_execution(2, -50, 12, fx_rate_to_base="0.8"),
        make_execution(3, -50, 14, fx_rate_to_base="0.7"),
    ]
    assert match_instrument(rows).trades[0].net_base == D(80) + D(140)


def test_net_in_base_without_a_rate() -> None:
    rows = [make_execution(1, 100, 10), make_execution(2, -100, 12)]
    assert match_instrument(rows).trades[0].net_base is None
    assert match_instrument(rows, base_currency="USD").trades[0].net_base == D(200)
    assert match_instrument(rows, base_currency="EUR", rate_to_base=lambda _c, _d: D("0.5")).trades[0].net_base == D(100)


def test_commission_in_base_currency_is_converted() -> None:
    rows = [make_execution(1, 100, 10, commission=-2, commission_currency="EUR", fx_rate_to_base="0.8")]
    assert match_instrument(rows, base_currency="EUR").open_lots[0].cost == D("1002.5")


def test_commission_in_an_unknown_currency_is_never_added_blindly() -> None:
    rows = [make_execution(1, 100, 10, commission=-2, commission_currency="CHF", taxes=-1, fx_rate_to_base="0.8")]
    result = match_instrument(rows, base_currency="EUR")
    assert codes(result) == ["commission_currency"]
    assert result.open_lots[0].cost == D(1001)


def test_missing_commission_is_told_once() -> None:
    result = match_instrument([make_execution(1, 100, 10, commission=None), make_execution(2, -100, 12, commission=None)])
    assert [(p.code, p.execution, p.values) for p in result.problems] == [("commission_missing", "E1", (("n", 2),))]


def test_zero_quantity_is_told() -> None:
    result = match_instrument([make_execution(1, 0, 10)])
    assert codes(result) == ["zero_quantity"]
    assert result.trades == ()


def test_rows_of_two_accounts_are_refused() -> None:
    with pytest.raises(ValueError, match="one account"):
        match_instrument([make_execution(1), make_execution(2, account=AccountId("U2"))])


def test_peer_defect_13_a_close_consumes_as_many_lots_as_it_needs() -> None:
    """A close that met only its first opposite lot pushed the rest as a new position, with the whole commission on one piece."""
    rows = [make_execution(n, 10, n, commission=-1) for n in (1, 2, 3)] + [make_execution(4, -30, 5, commission=-3)]
    result = match_instrument(rows)
    assert len(result.matches) == 3
    assert [match.fees for match in result.matches] == [D(-2)] * 3
    assert result.trades[0].net == D(90 - 6)
    assert result.open_lots == ()


def test_two_unknown_currencies_are_not_the_same() -> None:
    rows = [make_execution(1, 100, 10, currency=""), make_execution(2, -100, 12, currency="")]
    assert match_instrument(rows).trades[0].net_base is None


def test_peer_defect_8_a_fill_through_zero_is_two_pieces() -> None:
    """A trade that closed only at a position of exactly 0 went on as a long one with a negative quantity."""
    rows = [make_execution(1, 100, 10), make_execution(2, -250, 12, commission=-5), make_execution(3, 150, 11)]
    result = match_instrument(rows)
    assert [(trade.side, trade.quantity, trade.net) for trade in result.trades] == [
        (Side.LONG, D(100), D(198)),
        (Side.SHORT, D(150), D(147)),
    ]
    assert [piece.fees for trade in result.trades for piece in trade.pieces] == [D(0), D(-2), D(-3), D(0)]


def test_peer_defect_9_a_close_alone_earns_ibkrs_figure() -> None:
    """A row that only closes was booked as a loss of its commission."""
    result = match_instrument([make_execution(1, -100, 12, commission=-1, open_close="C", cost=-1000, realized=199)])
    assert (result.trades[0].net, result.trades[0].entry_price) == (D(199), D(10))
    unknown = match_instrument([make_execution(1, -100, 12, commission=-1, open_close="C")])
    assert unknown.trades[0].net is None


@pytest.mark.parametrize(
    ("kind", "multiplier", "quantity", "bought", "sold", "gross"),
    [
        (AssetClass.STK, "1", "0.00927925", "431.07", "440", "0.0828637025"),
        (AssetClass.WAR, "1", "1000", "0.52", "0.61", "90"),
        (AssetClass.IOPT, "0.01", "500", "12", "15", "15"),
        (AssetClass.CFD, "1", "10", "15001.5", "15000", "-15"),
        (AssetClass.FUT, "0.1", "3", "65000", "65010", "3"),
        (AssetClass.FOP, "125000", "1", "0.0059", "0.0061", "25"),
        (AssetClass.BILL, "1", "10000", "98.765", "100", "123.5"),
        (AssetClass.FUND, "1", "12.345", "101.2345", "102", "9.45009750"),
        (AssetClass.CMDTY, "1", "5", "2000", "2010", "50"),
        (AssetClass.CRYPTO, "1", "0.00012345", "64000", "65000", "0.12345"),
        (AssetClass.OTHER, "7", "3", "0", "2", "42"),
    ],
)
def test_each_class_counts_by_quantity_price_and_multiplier(  # noqa: PLR0917
    kind: AssetClass, multiplier: str, quantity: str, bought: str, sold: str, gross: str
) -> None:
    terms = {"asset_class": kind, "multiplier": D(multiplier)}
    for direction in (1, -1):
        rows = [
            make_execution(1, D(quantity) * direction, bought, **terms),
            make_execution(2, -D(quantity) * direction, sold, **terms),
        ]
        (trade,) = match_instrument(rows).trades
        assert trade.gross == D(gross) * direction
        assert (trade.entry_price, trade.exit_price) == (D(bought), D(sold))
        assert trade.booked == trade.net
