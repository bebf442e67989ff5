"""A close of what was opened before history starts: IBKR's figure, whole in the match, in its trade and in what is told of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.lots import LotMatch
from ibjournal.domain.matching import Matching, match_instrument
from tests.fakes.builders import at, make_execution

D = Decimal
SOLD: dict[str, Any] = {"open_close": "C", "realized": 30, "cost": -189, "commission": -1, "fx_rate_to_base": 2}


def told(matching: Matching) -> list[tuple[str, str | None, dict[str, object]]]:
    return [(each.code, each.execution, dict(each.values)) for each in matching.problems]


def test_the_match_is_whole() -> None:
    result = match_instrument([make_execution(1, -10, 22, **SOLD)], base_currency="EUR")
    (trade,) = result.trades
    assert result.matches == (
        LotMatch(
            opening=None, closing=ExecutionId("E1"), direction=1, quantity=D(10), open_price=D("18.9"), close_price=D(22),
            opened_at=None, closed_at=at(1), gross=D(31), fees=D(-1), net=D(30), trade=trade.key, close_rate=D(2),
        ),
    )  # fmt: skip
    assert [trade.gross, trade.fees, trade.net, trade.net_base, trade.currency_effect] == [D(31), D(-1), D(30), D(60), None]
    assert told(result) == [("entry_unknown", "E1", {"quantity": D(10)})]


def test_what_is_settled_daily_has_no_currency_effect_even_then() -> None:
    result = match_instrument([make_execution(1, 10, 22, asset_class=AssetClass.FUT, **SOLD)], base_currency="EUR")
    assert [match.currency_effect for match in result.matches] == [0]
    assert [match.direction for match in result.matches] == [-1]
    assert result.trades[0].currency_effect == 0


def test_without_any_figure_nothing_is_invented() -> None:
    result = match_instrument([make_execution(1, -10, 22, open_close="C", commission=-1)])
    (match,) = result.matches
    assert [match.open_price, match.gross, match.net, match.fees] == [None, None, None, D(-1)]
    assert told(result) == [("basis_unknown", "E1", {"quantity": D(10)})]
    assert [result.trades[0].net, result.trades[0].entry_price, result.trades[0].fees] == [None, None, D(-1)]


def test_closes_of_one_position_held_before_are_one_trade() -> None:
    rows = [make_execution(number, -10, 22, **SOLD) for number in (1, 2, 3)]
    (trade,) = match_instrument(rows).trades
    assert [trade.quantity, trade.open_quantity, trade.net, trade.entry_price] == [D(30), D(0), D(90), D("18.9")]
    assert [piece.execution for piece in trade.pieces] == ["E1", "E2", "E3"]


def test_a_close_of_both_divides_ibkrs_figure_between_them() -> None:
    """10 were held at 18, 10 were bought at 20 for 1: the sale of 20 at 22 for 2 earned 57 in all."""
    rows = [
        make_execution(1, 10, 20, commission=-1, realized=0, open_close="O"),
        make_execution(2, -20, 22, commission=-2, realized=57, cost=-381, open_close="C"),
    ]
    result = match_instrument(rows)
    before, bought = result.matches
    assert [before.opening, before.open_price, before.gross, before.fees, before.net] == [None, D(18), D(40), D(-1), D(39)]
    assert [bought.opening, bought.gross, bought.fees, bought.net] == ["E1", D(20), D(-2), D(18)]
    (trade,) = result.trades
    assert [trade.gross, trade.fees, trade.net, trade.entry_price] == [D(60), D(-3), D(57), D(19)]
    assert told(result) == [("entry_unknown", "E2", {"quantity": D(10)})]


def test_one_fill_is_one_piece_of_a_trade_however_its_lots_were_opened() -> None:
    """15 are closed: 5 that were seen opened, and 10 that were not and show only there."""
    rows = [
        make_execution(1, 5, 20, commission=0, realized=0, open_close="O"),
        make_execution(2, -15, 22, commission=-3, open_close="C"),
    ]
    pieces = [(piece.execution, piece.quantity, piece.fees) for trade in match_instrument(rows).trades for piece in trade.pieces]
    assert pieces == [("E1", D(5), D(0)), ("E2", D(-15), D(-3))]
