"""Price effect and currency effect: apart, and together the result in the base currency."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import Execution
from ibjournal.domain.fill import RateLookup
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.matching import match_group, match_instrument
from ibjournal.domain.position_event import EventKind
from tests.fakes.builders import ACCOUNT, make_execution
from tests.fakes.positions import ELSEWHERE, NEW, OLD, event, in_place, leg

D = Decimal


@pytest.mark.parametrize(
    ("quantity", "price_effect", "currency_effect"), [(100, D("118.8"), D("-200.2")), (-100, D("-121.2"), D("199.8"))]
)
def test_what_the_rate_did_to_the_invested_cost(quantity: int, price_effect: Decimal, currency_effect: Decimal) -> None:
    rows = [
        make_execution(1, quantity, 10, commission=-1, fx_rate_to_base="0.8"),
        make_execution(2, -quantity, 12, commission=-1, fx_rate_to_base="0.6"),
    ]
    result = match_instrument(rows, base_currency="EUR")
    (trade,) = result.trades
    assert (trade.net_base, trade.currency_effect) == (price_effect, currency_effect)
    (match,) = result.matches
    assert (match.open_rate, match.close_rate, match.currency_effect) == (D("0.8"), D("0.6"), currency_effect)
    paid, received = (D(1001), D(1199)) if quantity > 0 else (D(1201), D(999))
    first, last = (D("0.6"), D("0.8")) if quantity > 0 else (D("0.8"), D("0.6"))
    assert price_effect + currency_effect == received * first - paid * last


@pytest.mark.parametrize("asset_class", [AssetClass.FUT, AssetClass.CFD])
def test_what_is_settled_day_by_day_has_no_invested_cost(asset_class: AssetClass) -> None:
    rows = [
        make_execution(1, 1, 4500, asset_class=asset_class, multiplier=50, fx_rate_to_base="0.8"),
        make_execution(2, -1, 4510, asset_class=asset_class, multiplier=50, fx_rate_to_base="0.6"),
    ]
    result = match_instrument(rows, base_currency="EUR")
    assert (result.trades[0].net_base, result.trades[0].currency_effect) == (D(300), D(0))
    assert result.matches[0].currency_effect == 0


def test_without_a_rate_there_is_no_effect() -> None:
    rows = [make_execution(1, 100, 10), make_execution(2, -100, 12, fx_rate_to_base="0.6")]
    result = match_instrument(rows)
    assert (result.trades[0].net_base, result.trades[0].currency_effect) == (D(120), None)
    assert result.matches[0].currency_effect is None


def test_in_the_base_currency_there_is_no_effect() -> None:
    rows = [make_execution(1, 100, 10), make_execution(2, -100, 12)]
    assert match_instrument(rows, base_currency="USD").trades[0].currency_effect == 0


def test_what_was_opened_unseen_has_a_result_but_no_effect() -> None:
    row = make_execution(2, -100, 12, fx_rate_to_base="0.6", open_close="C", realized=100)
    (trade,) = match_instrument([row]).trades
    assert (trade.net_base, trade.currency_effect) == (D(60), None)


def test_moved_lots_keep_their_rate() -> None:
    rows = {
        OLD: in_place(OLD, [make_execution(1, 100, 10, fx_rate_to_base="0.8")]),
        NEW: in_place(NEW, [make_execution(60, -50, 30, fx_rate_to_base="0.6")]),
    }
    found = match_group(rows, [event(EventKind.EXCHANGE, leg(OLD, -100), leg(NEW, 50))], base_currency={ACCOUNT: "EUR"})
    assert found[NEW].trades[0].currency_effect == D(-200)


def test_in_an_account_with_another_base_currency_the_rate_of_the_opening_day_counts() -> None:
    asked: list[tuple[str, date]] = []

    def in_francs(currency: str, day: date) -> Decimal:
        asked.append((currency, day))
        return D("0.9")

    other = AccountId(ELSEWHERE.account)
    rows = {
        OLD: in_place(OLD, [make_execution(1, 100, 10, fx_rate_to_base="0.8"), make_execution(2, -10, 12, fx_rate_to_base="0.8")]),
        ELSEWHERE: in_place(ELSEWHERE, [make_execution(60, -90, 30, fx_rate_to_base="0.7")]),
    }
    lookups: dict[AccountId, RateLookup] = {other: in_francs}
    move = event(EventKind.EXCHANGE, leg(OLD, -90), leg(ELSEWHERE, 90))
    found = match_group(rows, [move], base_currency={ACCOUNT: "EUR", other: "CHF"}, rate_to_base=lookups)
    (match,) = found[ELSEWHERE].matches
    assert (match.open_rate, match.currency_effect) == (D("0.9"), D(-180))
    assert ("USD", date(2026, 3, 2)) in asked
    (trade,) = found[ELSEWHERE].trades
    assert (trade.net, trade.net_base, trade.currency_effect) == (D(1820), None, None), "francs and euros do not add up"


prices = st.decimals(min_value="0.01", max_value="999.99", places=2)
fees = st.decimals(min_value="-9.99", max_value="0.5", places=2)
rates = st.decimals(min_value="0.5", max_value="1.5", places=5)


@st.composite
def histories(draw: st.DrawFn) -> list[Execution]:
    rows = draw(st.lists(st.tuples(st.integers(-30, 30).filter(bool), prices, fees, rates), max_size=20))
    return [make_execution(n, q, price, commission=fee, fx_rate_to_base=rate) for n, (q, price, fee, rate) in enumerate(rows, 1)]


@given(histories())
def test_both_effects_are_all_that_was_received_less_all_that_was_paid(rows: list[Execution]) -> None:
    """Each amount at the rate of its own day, exactly."""
    result = match_instrument(rows, base_currency="EUR")
    in_base = sum(((-row.quantity * row.price + (row.commission or 0)) * (row.fx_rate_to_base or 0) for row in rows), D(0))
    open_cost = sum((lot.cost * (lot.rate or 0) for lot in result.open_lots), D(0))
    effects = sum(((trade.net_base or 0) + (trade.currency_effect or 0) for trade in result.trades), D(0))
    assert effects == in_base + open_cost
    assert result.trades == match_instrument(rows, base_currency="EUR", with_matches=False).trades
