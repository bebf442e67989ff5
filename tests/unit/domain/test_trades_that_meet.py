"""Two trades that come to stand in one place are one: everything that was done and earned in both counts, once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from ibjournal.domain.execution import Execution
from ibjournal.domain.position_event import Place
from ibjournal.domain.round_trip import RoundTrip
from ibjournal.domain.trade import Role, TradeStatus
from tests.fakes.builders import ACCOUNT, INSTRUMENT, make_execution

D = Decimal


def trip(number: int, **fields: Any) -> RoundTrip:
    """Return a trade of ``number`` × 10 units opened at 10 × ``number``, half of them closed 5 higher."""
    first = make_execution(number, 10 * number, 10 * number, commission=-1, **fields)
    found = RoundTrip(first, 1)
    found.add_opening(first, quantity=D(10 * number), price=first.price, fees=D(-1))
    close(found, make_execution(number + 10, -5 * number, 10 * number + 5), number)
    return found


def close(found: RoundTrip, row: Execution, number: int) -> None:
    found.add_closing(row, quantity=D(5 * number), fees=D(0))
    found.add_result(D(25 * number), D(-1), D(25 * number - 1), D(2))
    found.add_currency_effect(D(number))
    found.premium += number


@pytest.mark.parametrize("into", [1, 2])
def test_sums_and_averages_are_of_both(into: int) -> None:
    one, other = trip(into), trip(3 - into)
    one.merge(other)
    both = one.to_trade()
    assert (both.key.rsplit("/")[-1], both.opened_at) == ("E1", trip(1).opened_at)
    assert [piece.execution for piece in both.pieces] == ["E1", "E11", "E2", "E12"]
    assert [both.quantity, both.open_quantity] == [D(30), D(15)]
    assert [both.entry_price, both.exit_price] == [D("16.6666666667"), D("21.6666666667")]
    assert [both.gross, both.fees, both.net, both.booked] == [D(75), D(-2), D(73), D(76)]
    assert [both.net_base, both.currency_effect] == [D(146), D(3)]


def test_of_one_instant_the_key_decides() -> None:
    one, other = trip(1), trip(2)
    other.opened_at = one.opened_at
    other.merge(one)
    assert other.key.rsplit("/")[-1] == "E1"


@pytest.mark.parametrize("first", [True, False])
def test_what_is_not_known_of_one_is_not_known_of_both(*, first: bool) -> None:
    def merged(change: Any) -> RoundTrip:
        one, other = trip(1), trip(2)
        change(one if first else other)
        one.merge(other)
        return one

    assert merged(lambda each: each.add_unseen(D(5))).to_trade().entry_known is False
    assert merged(lambda each: each.price_unseen(D(5), None)).to_trade().entry_price is None
    unpriced = merged(lambda each: each.add_result(None, D(0), None, None)).to_trade()
    assert (unpriced.gross, unpriced.net, unpriced.net_base) == (None, None, None)
    assert merged(lambda each: each.add_currency_effect(None)).to_trade().currency_effect is None
    assert merged(lambda each: setattr(each, "provisional", True)).to_trade().provisional is True
    assert merged(lambda _each: None).to_trade().provisional is False


def test_units_that_leave_are_no_longer_open_and_earn_nothing() -> None:
    found = trip(2)
    row = make_execution(30, 0, 0)
    found.add_leaving(row, D(4))
    found.add_leaving(replace(row, id=make_execution(31).id), D(2))
    left = found.to_trade()
    assert [left.quantity, left.open_quantity, left.net] == [D(20), D(4), D(49)]
    last = left.pieces[-1]
    assert (last.role, last.quantity, last.fees) == (Role.CLOSING, D(-2), D(0))
    found.split(D(4), D(8))
    split = found.to_trade()
    assert [split.quantity, split.open_quantity] == [D(40), D(8)]


def test_parts_that_were_opened_unseen_add_up() -> None:
    found = trip(1)
    found.add_unseen(D(5))
    found.add_unseen(D(7))
    assert found.to_trade().quantity == 22


def test_it_ends_when_its_last_fill_says() -> None:
    found, last = trip(1), make_execution(20, codes=("P",))
    found.close(last)
    ended = found.to_trade()
    assert (ended.status, ended.closed_at, ended.closed_on, ended.ended_by) == (
        TradeStatus.CLOSED, last.executed_at, last.trade_date, "",
    )  # fmt: skip
    found.end(make_execution(21), "transferred")
    assert found.to_trade().closed_on == make_execution(21).trade_date
    assert found.to_trade().ended_by == "transferred"


def test_a_result_in_another_base_currency_is_forgotten_only_where_there_is_one() -> None:
    fresh = RoundTrip(make_execution(1), 1)
    fresh.change_base()
    assert [fresh.net_base, fresh.currency_effect] == [D(0), D(0)]
    earned = trip(1)
    earned.change_base()
    assert [earned.net_base, earned.currency_effect] == [None, None]
    paid = RoundTrip(make_execution(1), 1)
    paid.add_result(D(1), D(-1), D(0), D(2))
    paid.gross = D(0)
    paid.change_base()
    assert paid.net_base is None


def test_a_trade_that_goes_on_elsewhere_names_where_its_fills_stand() -> None:
    found, there = trip(1), Place(ACCOUNT, type(INSTRUMENT)("NEW"))
    found.move(there)
    assert {(piece.account, piece.instrument) for piece in found.pieces} == {(ACCOUNT, INSTRUMENT)}
    found.move(Place(ACCOUNT, INSTRUMENT))
    assert {(piece.account, piece.instrument) for piece in found.pieces} == {(None, None)}
