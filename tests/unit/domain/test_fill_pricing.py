"""What a fill is worth, what IBKR's own figures prove of it, and what is told where they do not fit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ibjournal.domain.execution import Execution
from ibjournal.domain.fill import Fill, FillFacts, Matchable, MatchingProblem, Pricing, RateLookup, Terms, settled_in_cash
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.matching import match_instrument
from tests.fakes.builders import make_execution

D = Decimal
DAY = date(2026, 3, 2)


def facts(execution: Execution) -> FillFacts:
    return FillFacts._make(getattr(execution, name) for name in FillFacts._fields)


def pricing(lookup: RateLookup | None = None, problems: list[MatchingProblem] | None = None) -> Pricing:
    return Pricing(base_currency="EUR", rate_to_base=lookup, problems=[] if problems is None else problems)


def fill_of(quantity: object = 100, price: object = 10, **fields: Any) -> Fill:
    row = make_execution(1, D(str(quantity)), D(str(price)), **fields)
    return pricing().fill(row)


def test_what_no_report_describes_counts_by_the_unit() -> None:
    assert Terms.unknown("USD") == Terms(AssetClass.OTHER, D(1), "USD")


@pytest.mark.parametrize("stored", [False, True])
def test_cash_of_a_settlement_is_exact_where_its_price_is_not(*, stored: bool) -> None:
    option: dict[str, Any] = {"asset_class": AssetClass.OPT, "multiplier": 100, "codes": ("A",)}
    row: Matchable = make_execution(1, 3, 0, proceeds=D(0), **option)
    settled = settled_in_cash(facts(row) if stored and isinstance(row, Execution) else row, D(-100))
    assert (settled.price, settled.codes) == (D("0.3333333333"), ("settled", "A"))
    assert pricing().fill(settled).value == 100


# --- what IBKR says that a fill earned ----------------------------------------------------------------------------


def test_an_assigned_share_without_its_cost_earned_what_is_left_without_the_premium() -> None:
    assigned = fill_of(-100, 50, codes=("A",), realized=250)
    assert assigned.earned(came_with=D(150)) == 100
    assert fill_of(-100, 50, codes=("A",)).earned(came_with=D(150)) is None


@pytest.mark.parametrize(("realized", "agrees"), [("100.005", True), ("99.995", True), ("100.0051", False)])
def test_half_a_cent_is_agreement(realized: str, agrees: bool) -> None:
    assert fill_of(realized=realized).agrees(D(100)) is agrees


@pytest.mark.parametrize(
    ("quantity", "cost", "closes"),
    [
        (1, "0.5", True),  # a short unit that was sold for 0.5 is bought back for 0.9
        (-1, "-0.5", True),
        (1, "-0.5", False),  # what was removed has the sign of the fill
        (-1, "0.5", False),
        (1, "0.91", False),  # to the cent what it paid: it has opened
        (1, "0.9100009", False),  # just what rounding allows
        (1, "0.910001", True),
        (1, 0, False),
    ],
)
def test_a_cost_that_is_not_what_was_paid_proves_a_close(quantity: int, cost: object, closes: bool) -> None:
    assert fill_of(quantity, "0.9", cost=D(str(cost))).proves_close(D(0)) is closes


@pytest.mark.parametrize(("cost", "closes"), [("1003.01", False), ("1003.02", True)])
def test_a_commission_of_another_currency_leaves_more_room(cost: str, closes: bool) -> None:
    """It costs 1 EUR, which is 1.50 at our rate; IBKR converted at another."""
    problems: list[MatchingProblem] = []
    row = make_execution(1, 100, 10, cost=D(cost), commission=-1, commission_currency="EUR", fx_rate_to_base="0.6666666667")
    fill = pricing(problems=problems).fill(row)
    assert (fill.fees, problems) == (D("-1.4999999999"), [])
    assert fill.proves_close(D(0)) is closes


def test_ibkrs_cost_of_a_bond_is_told_in_percent() -> None:
    bond = {"asset_class": AssetClass.BOND, "open_close": "C"}
    (match,) = match_instrument([make_execution(1, -10_000, 101, cost=D(-9900), realized=200, **bond)]).matches
    assert (match.open_price, match.net) == (D(99), D(200))


# --- rates --------------------------------------------------------------------------------------------------------


def rates(currency: str, day: date) -> Decimal | None:
    return {("USD", DAY): D("0.9"), ("CHF", DAY): D("1.2")}.get((currency, day))


def test_amounts_are_converted_at_the_rates_of_their_day() -> None:
    ours = pricing(rates)
    assert ours.convert(D(30), "CHF", "USD", DAY) == 40
    assert ours.convert(D(30), "CHF", "EUR", DAY) == 36
    assert ours.convert(D(30), "CHF", "GBP", DAY) is None
    assert ours.convert(D(30), "GBP", "USD", DAY) is None
    assert ours.convert(D(30), "CHF", "USD", date(2026, 3, 3)) is None
    assert [ours.convert(*each, DAY) for each in ((D(0), "GBP", "USD"), (D(7), "", "USD"), (D(7), "XXX", "XXX"))] == [0, 7, 7]


# --- what is told -------------------------------------------------------------------------------------------------


def told(*rows: Execution) -> list[tuple[str, str | None, dict[str, object]]]:
    return [(each.code, each.execution, dict(each.values)) for each in match_instrument(list(rows)).problems]


def test_proceeds_that_are_not_quantity_times_price_are_told() -> None:
    assert told(make_execution(1, 100, 10, proceeds=-900)) == [
        ("proceeds_differ", "E1", {"proceeds": D(-900), "at_price": D(1000)})
    ]
    assert told(make_execution(1, 100, 10, proceeds=D("-1000.01"))) == []


def test_a_commission_without_a_rate_is_told() -> None:
    row = make_execution(1, 100, 10, commission=-3, commission_currency="CHF")
    assert told(row) == [("commission_currency", "E1", {"amount": D(-3), "currency": "CHF"})]


# --- fees ---------------------------------------------------------------------------------------------------------


def test_taxes_are_fees_as_commissions_are() -> None:
    assert fill_of(commission=-1, taxes=D(-2)).fees == -3
    assert fill_of(commission=-1, taxes=None).fees == -1
    assert fill_of(commission=0, taxes=D(-2)).fees == -2
    assert told(make_execution(1, commission=None, taxes=D(-2))) == [("commission_missing", "E1", {"n": 1})]
    assert fill_of(commission=None, taxes=D(-2)).fees == -2


@pytest.mark.parametrize("price", ["0.005", "0.02"])
def test_proceeds_of_little_money_are_told_only_where_they_say_something_else(price: str) -> None:
    value = D(price) * 100
    assert told(make_execution(1, 100, price, proceeds=-value)) == []
    assert told(make_execution(1, 100, price, proceeds=value)) == [
        ("proceeds_differ", "E1", {"proceeds": value, "at_price": value})
    ]
