from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibjournal.domain.money import Money, plain, total

D = Decimal
amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


def usd(amount: Decimal | int | str) -> Money:
    return Money(D(amount), "USD")


@pytest.mark.parametrize("amount", [1.5, 1, "1"])
def test_only_decimals(amount: Any) -> None:
    with pytest.raises(TypeError, match="Decimal"):
        Money(amount, "USD")


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_only_finite_amounts(amount: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        Money(D(amount), "USD")


def test_needs_a_currency() -> None:
    with pytest.raises(ValueError, match="currency"):
        Money(D(1), "")


def test_currencies_do_not_mix() -> None:
    operations: list[Callable[[Money, Money], object]] = [
        operator.add,
        operator.sub,
        operator.lt,
        operator.le,
        operator.gt,
        operator.ge,
    ]
    for operation in operations:
        with pytest.raises(ValueError, match="USD and EUR"):
            operation(usd(1), Money(D(1), "EUR"))
    assert usd(1) != Money(D(1), "EUR")


def test_money_meets_money_only() -> None:
    for other in (1, D(1), 1.0):
        with pytest.raises(TypeError, match="money meets money"):
            usd(1) + other  # type: ignore[operator]
    for factor in (1.5, True):
        with pytest.raises(TypeError, match="multiplied"):
            usd(1) * factor  # type: ignore[operator]


@given(amounts, amounts, amounts)
def test_algebra(a: Decimal, b: Decimal, c: Decimal) -> None:
    assert usd(a) + usd(b) == usd(b) + usd(a)
    assert (usd(a) + usd(b)) + usd(c) == usd(a) + (usd(b) + usd(c))
    assert usd(a) - usd(a) == usd(0)
    assert -usd(a) == usd(0) - usd(a)
    assert usd(a) * 3 == usd(a) + usd(a) + usd(a) == 3 * usd(a)
    assert (usd(a) < usd(b)) == (a < b)
    assert (usd(a) <= usd(b), usd(a) > usd(b), usd(a) >= usd(b)) == (a <= b, a > b, a >= b)
    assert bool(usd(a)) == bool(a)
    assert abs(usd(a)) == usd(abs(a))
    assert total([usd(a), usd(b)], "USD") == usd(a + b)


def test_total_of_nothing() -> None:
    assert total([], "EUR") == Money(D(0), "EUR")


def test_text() -> None:
    assert str(usd("1.50")) == "1.50 USD"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("100", "100"),
        ("1E+2", "100"),
        ("1.500", "1.5"),
        ("0.33333333333333", "0.3333333333"),
        ("0E-12", "0"),
        ("-2.0", "-2"),
        ("-1E-12", "0"),
        ("1E+30", "1" + "0" * 30),
    ],
)
def test_plain(number: str, text: str) -> None:
    assert str(plain(D(number))) == text
