"""What holds for any history: nothing is lost, order and splitting of rows do not matter, long and short mirror each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ibjournal.domain.execution import Execution, ExecutionId
from ibjournal.domain.matching import Matching, match_instrument
from ibjournal.domain.trade import Side, TradeStatus
from tests.fakes.builders import at, make_action, make_execution

D = Decimal

quantities = st.integers(-30, 30).filter(bool)
prices = st.decimals(min_value="0.01", max_value="999.9999", places=4)
fees = st.decimals(min_value="-9.9999", max_value="0.5", places=4)
fills = st.tuples(quantities, prices, fees)


@st.composite
def histories(draw: st.DrawFn) -> list[Execution]:
    rows = draw(st.lists(fills, max_size=25))
    return [
        make_execution(n, quantity, price, commission=fee, multiplier=100) for n, (quantity, price, fee) in enumerate(rows, start=1)
    ]


def realised(result: Matching) -> Decimal:
    return sum((match.net for match in result.matches if match.net is not None), D(0))


def summary(result: Matching) -> list[object]:
    return [
        (trade.side, trade.status, trade.quantity, trade.open_quantity, trade.gross, trade.opened_at, trade.closed_at)
        for trade in result.trades
    ]


@given(histories())
def test_position_is_conserved(rows: list[Execution]) -> None:
    result = match_instrument(rows)
    assert sum((lot.quantity for lot in result.open_lots), D(0)) == sum((row.quantity for row in rows), D(0))
    assert len({lot.quantity > 0 for lot in result.open_lots}) <= 1
    for row in rows:
        pieces = [piece for trade in result.trades for piece in trade.pieces if piece.execution == row.id]
        assert sum((piece.quantity for piece in pieces), D(0)) == row.quantity
        assert sum((piece.fees for piece in pieces), D(0)) == row.commission


@given(histories())
def test_cash_plus_open_cost_is_realised(rows: list[Execution]) -> None:
    result = match_instrument(rows)
    cash = sum((-row.quantity * row.price * 100 + (row.commission or 0) for row in rows), D(0))
    assert cash + sum((lot.cost for lot in result.open_lots), D(0)) == realised(result)


@given(histories())
def test_trades_add_up_to_their_matches(rows: list[Execution]) -> None:
    result = match_instrument(rows)
    for match in result.matches:
        assert match.gross is not None
        assert match.gross + match.fees == match.net
        assert match.quantity > 0
    for trade in result.trades:
        own = [match for match in result.matches if match.trade == trade.key]
        assert trade.gross == sum((match.gross or 0 for match in own), D(0))
        assert trade.net == trade.gross + trade.fees
        assert (trade.open_quantity == 0) == (trade.status is TradeStatus.CLOSED)
    assert [trade.status for trade in result.trades[:-1]] == [TradeStatus.CLOSED] * max(0, len(result.trades) - 1)


@given(st.data())
def test_order_of_rows_does_not_matter(data: st.DataObject) -> None:
    rows = data.draw(histories())
    same_instant = [replace(row, executed_at=at(0)) for row in rows]
    for history in (rows, same_instant):
        assert match_instrument(data.draw(st.permutations(history))) == match_instrument(history)


@given(histories())
def test_short_mirrors_long(rows: list[Execution]) -> None:
    """With mirrored quantities and no costs every result turns its sign."""
    free = [replace(row, commission=D(0)) for row in rows]
    mirrored = [replace(row, quantity=-row.quantity) for row in free]
    ours, theirs = match_instrument(free), match_instrument(mirrored)
    assert [-(match.gross or 0) for match in ours.matches] == [match.gross for match in theirs.matches]
    assert [trade.side is Side.LONG for trade in ours.trades] == [trade.side is Side.SHORT for trade in theirs.trades]
    assert [(-lot.quantity, -lot.cost) for lot in ours.open_lots] == [(lot.quantity, lot.cost) for lot in theirs.open_lots]


@given(st.data())
def test_splitting_a_fill_changes_no_trade(data: st.DataObject) -> None:
    rows = data.draw(histories().filter(bool))
    index = data.draw(st.integers(0, len(rows) - 1))
    whole = rows[index]
    part = D(data.draw(st.integers(1, max(1, abs(int(whole.quantity)) - 1)))).copy_sign(whole.quantity)
    if part == whole.quantity:
        return
    commission = whole.commission or D(0)
    first = replace(whole, quantity=part, commission=commission)
    second = replace(whole, id=ExecutionId(f"{whole.id}b"), quantity=whole.quantity - part, commission=D(0))
    before = match_instrument(rows)
    after = match_instrument([*rows[:index], first, second, *rows[index + 1 :]])
    assert summary(after) == summary(before)
    assert [trade.key for trade in after.trades if trade.key.endswith("b")] == [
        trade.key + "b" for trade in before.trades if trade.key.endswith(whole.id) and abs(part) <= _closed_by(before, whole.id)
    ]


def _closed_by(result: Matching, execution: ExecutionId) -> Decimal:
    return sum((match.quantity for match in result.matches if match.closing == execution), D(0))


@given(histories(), st.integers(2, 7))
def test_a_split_changes_no_result(rows: list[Execution], ratio: int) -> None:
    """Splitting before every fill, or trading in new units from the start: the same money."""
    half = len(rows) // 2
    first, rest = rows[:half], [replace(row, quantity=row.quantity * ratio, price=row.price) for row in rows[half:]]
    position = sum((row.quantity for row in first), D(0))
    action = make_action("FS", position * (ratio - 1), effective_at=at(half) if half else at(0))
    action = replace(action, effective_at=rows[half].executed_at) if half < len(rows) else action
    split = match_instrument([*first, *rest], [action])
    restated = [replace(row, quantity=row.quantity * ratio, multiplier=row.multiplier / ratio) for row in first]
    assert sum((lot.quantity for lot in split.open_lots), D(0)) == position * ratio + sum((row.quantity for row in rest), D(0))
    assert _near(realised(split), _result_of([*restated, *rest]))


def _result_of(rows: Sequence[Execution]) -> Decimal:
    return realised(match_instrument(rows))


def _near(ours: Decimal, theirs: Decimal) -> bool:
    return abs(ours - theirs) < D("1E-6")


@given(histories())
def test_flags_that_only_close_never_open(rows: list[Execution]) -> None:
    result = match_instrument([replace(row, open_close="C", realized=D(1)) for row in rows])
    assert result.open_lots == ()
    assert all(not trade.entry_known for trade in result.trades)
    assert realised(result) == len(rows)
