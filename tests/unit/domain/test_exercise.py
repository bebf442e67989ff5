"""Exercise links and settlements: which fill came of which option, whatever the order of the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.exercise import (
    BookedFill,
    OptionEvent,
    SettlementLine,
    exercise_links,
    named_by,
    named_by_delivery,
    settlements,
)
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.position_event import ExerciseLink, Place

AT = datetime(2026, 3, 20, 20, 20, tzinfo=UTC)
DAY = date(2026, 3, 20)
ACCOUNT = AccountId("U1")


def option(number: int, quantity: int, **terms: Any) -> BookedFill:
    """Return the end of an option on the share 1, strike 50, a call unless told otherwise."""
    values: dict[str, Any] = {
        "place": Place(ACCOUNT, InstrumentId("900")), "id": ExecutionId(str(number)), "asset_class": AssetClass.OPT,
        "quantity": Decimal(quantity), "price": Decimal(0), "currency": "USD", "multiplier": Decimal(100), "executed_at": AT,
        "trade_date": DAY, "trade_id": str(number), "codes": ("A",), "underlying": InstrumentId("1"), "underlying_symbol": "ACME",
        "strike": Decimal(50), "right": "C",
    }  # fmt: skip
    return BookedFill(**(values | terms))


def share(number: int, quantity: int, **terms: Any) -> BookedFill:
    """Return shares that came at 50."""
    values: dict[str, Any] = {
        "place": Place(ACCOUNT, InstrumentId("1")), "id": ExecutionId(str(number)), "asset_class": AssetClass.STK,
        "quantity": Decimal(quantity), "price": Decimal(50), "currency": "USD", "multiplier": Decimal(1), "executed_at": AT,
        "trade_date": DAY, "trade_id": str(number), "codes": ("A",), "symbol": "ACME",
    }  # fmt: skip
    return BookedFill(**(values | terms))


def pairs(*fills: BookedFill) -> list[tuple[str, str]]:
    return sorted((link.option[1], link.underlying[1]) for link in exercise_links(fills))


@pytest.mark.parametrize(
    ("right", "quantity", "shares"),
    [("C", -1, 100), ("C", 1, -100), ("P", -1, -100), ("P", 1, 100)],
    ids=["long call", "short call", "long put", "short put"],
)
def test_the_direction_decides(right: str, quantity: int, shares: int) -> None:
    end = option(1, quantity, right=right)
    assert pairs(end, share(2, shares)) == [("1", "2")]
    assert pairs(end, share(2, -shares)) == []


def test_one_option_fill_into_several_and_several_into_one() -> None:
    assert pairs(option(1, -3), share(2, 100), share(3, 200)) == [("1", "2"), ("1", "3")]
    assert pairs(option(1, -1), option(2, -2), share(3, 300)) == [("1", "3"), ("2", "3")]
    assert pairs(option(1, -1), option(2, -2), share(3, 200), share(4, 100)) == [("1", "3"), ("2", "3"), ("2", "4")]


def test_units_that_do_not_add_up_are_linked_only_one_to_one() -> None:
    assert pairs(option(1, -1), option(2, -2), share(3, 200)) == [("2", "3")]
    assert pairs(option(1, -1), share(3, 150)) == []


def test_an_action_id_ties_what_terms_would_not() -> None:
    assert pairs(option(1, -1, position_action="7", strike=None), share(2, 100, position_action="7", price=Decimal(49))) == [
        ("1", "2")
    ]
    other = share(3, 100)
    assert pairs(option(1, -1, position_action="7"), share(2, 100, position_action="7"), other) == [("1", "2")]


def test_options_on_futures_deliver_one_future_each() -> None:
    end = option(1, -2, asset_class=AssetClass.FOP, multiplier=Decimal(50))
    assert pairs(end, share(2, 2, asset_class=AssetClass.FUT, multiplier=Decimal(50))) == [("1", "2")]


@pytest.mark.parametrize("terms", [{"codes": ("Ep",)}, {"price": Decimal(1)}, {"executed_at": AT.replace(second=1)}])
def test_what_expired_or_was_sold_delivers_nothing(terms: dict[str, Any]) -> None:
    assert pairs(option(1, -1, **terms), share(2, 100)) == []


@given(st.permutations([option(1, -1), option(2, -2), share(3, 200), share(4, 100), option(5, 1, right="P", strike=Decimal(60))]))
def test_the_order_of_rows_changes_nothing(fills: list[BookedFill]) -> None:
    assert pairs(*fills) == [("1", "3"), ("2", "3"), ("2", "4")]


def event(kind: str, quantity: int, **values: Any) -> OptionEvent:
    """Return a row of IBKR's option events."""
    return OptionEvent(
        place=Place(ACCOUNT, InstrumentId("900")), type=kind, day=values.pop("day", DAY), quantity=Decimal(quantity), **values
    )


def test_names_come_by_trade_id_and_else_by_day_and_quantity() -> None:
    bare = [option(1, 1, codes=()), option(2, 2, codes=()), option(3, 3, codes=("Ep",)), option(4, 4, codes=(), price=Decimal(1))]
    events = [event("Assignment", 9, trade_id="1"), event("Expiration", 2), event("Exercise", 3), event("Exercise", 4)]
    assert {key[1]: code for key, code in named_by(bare, events).items()} == {"1": "A", "2": "Ep"}


def line(amount: str, *, in_base: bool = False, currency: str = "USD") -> SettlementLine:
    """Return a line of the statement of funds."""
    return SettlementLine(
        account=ACCOUNT,
        instrument=InstrumentId("900"),
        day=DAY,
        description="",
        amount=Decimal(amount),
        currency=currency,
        in_base=in_base,
    )


def test_partial_fills_share_a_settlement_to_the_cent() -> None:
    found = settlements([option(n, 1) for n in (1, 2, 3)], [], [line("100")])
    assert [each.amount for each in found] == [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]


def test_base_currency_is_turned_back_into_whole_cents_only_where_it_fits() -> None:
    (exact,) = settlements([option(1, 1, rate=Decimal("0.8815"))], [], [line("1762.118499118", in_base=True, currency="EUR")])
    assert exact.amount == Decimal(1999)
    assert settlements([option(1, 1, rate=None)], [], [line("10", in_base=True, currency="EUR")]) == ()


def test_the_option_events_go_before_the_statement_of_funds() -> None:
    (found,) = settlements([option(1, 1)], [event("Cash Settlement", 0, cash=Decimal(-5))], [line("-7")])
    assert (found.amount, found.source) == (Decimal(-5), "OptionEAE")


def test_another_day_is_another_settlement() -> None:
    assert settlements([option(1, 1)], [event("Cash Settlement", 0, cash=Decimal(-5), day=date(2026, 3, 19))], []) == ()
    (late,) = settlements([option(1, 1, report_date=date(2026, 3, 23))], [event("Cash Settlement", 0, cash=Decimal(-5),
                          day=date(2026, 3, 23))], [])  # fmt: skip
    assert late.amount == Decimal(-5)


def test_what_was_delivered_names_the_end_of_an_option_whose_row_has_no_code() -> None:
    bare = [option(1, 1, codes=()), option(2, -1, codes=()), option(3, 1, codes=("A",)), option(4, 1, codes=())]
    links = [ExerciseLink(option=(each.place, each.id), underlying=(each.place, each.id)) for each in bare[:3]]
    assert {key[1]: code for key, code in named_by_delivery(bare, links).items()} == {"1": "A", "2": "Ex"}


def test_rows_of_other_events_name_nothing() -> None:
    assert named_by([option(1, 1, codes=())], [event("Cash Settlement", 1, trade_id="1"), event("Buy", 1)]) == {}


@pytest.mark.parametrize(
    ("terms", "amount"),
    [
        ({"realized": "350", "cost": "200", "fees": "-1"}, "151"),
        ({"realized": "350.0000001", "cost": "200", "fees": "0"}, "150"),  # IBKR's own rounding is no part of it
        ({"realized": "350.004", "cost": "200", "fees": "0"}, "150"),
        ({"realized": "350.005", "cost": "200", "fees": "0"}, "150.005"),
        ({"realized": "199", "cost": "200", "fees": "-1"}, None),
        ({"realized": "350", "cost": "0", "fees": "0"}, None),
        ({"realized": "350", "cost": "200", "fees": None}, None),
        ({"realized": "350", "cost": "200", "fees": "0", "codes": ("Ep",)}, None),
    ],
)
def test_the_last_that_tells_of_cash_is_the_fills_own_result(terms: dict[str, Any], amount: str | None) -> None:
    values = {name: value if isinstance(value, tuple | None) else Decimal(value) for name, value in terms.items()}
    found = settlements([option(1, -1, codes=values.pop("codes", ("Ex",)), **values)], [], [])
    assert [(each.amount, each.source) for each in found] == ([] if amount is None else [(Decimal(amount), "Trades")])


@pytest.mark.parametrize(
    ("description", "meant"),
    [
        ("Option Cash Settlement for: SPX (SPX 15JAN26 4000 C)", True),
        ("Option Cash Settlement for: SPX ( SPX  15JAN26 4000.0 c )", True),
        ("Option Cash Settlement for: SPX (SPX 15JAN26 4100 C)", False),
        ("Something else: SPX (SPX 15JAN26 4000 C)", False),
    ],
)
def test_a_line_of_funds_without_a_contract_names_it_in_words(description: str, *, meant: bool) -> None:
    told = replace(line("1500"), instrument=None, description=description)
    found = settlements([option(1, -1, description="SPX 15JAN26 4000 C")], [], [told])
    assert [each.amount for each in found] == ([Decimal(1500)] if meant else [])
