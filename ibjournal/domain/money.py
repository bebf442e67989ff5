"""Money: an exact amount in one currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal

PLACES = Decimal("1E-10")
"""What has to be divided is rounded to ten places: finer than anything a report says, and it fits a context of 28 digits."""

_ONE = Decimal(1)
_WIDE = Context(prec=80)
"""So that an absurd number in a damaged file is rounded too, and never an exception."""


def rounded(number: Decimal) -> Decimal:
    """Round to `PLACES`, half to even."""
    return number.quantize(PLACES, context=_WIDE)


def plain(number: Decimal) -> Decimal:
    """Round to `PLACES`, without trailing zeros and never in exponent form."""
    short = rounded(number).normalize(_WIDE) + 0
    return short.quantize(_ONE, context=_WIDE) if short == short.to_integral_value() else short


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency. Refuses floats (TypeError) and mixing currencies (ValueError).

    There is no conversion here: a rate has a day and a source, and belongs to who knows them.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"money needs a Decimal, not {type(self.amount).__name__}")
        if not self.amount.is_finite():
            raise ValueError("money must be finite")
        if not self.currency:
            raise ValueError("money needs a currency")

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.amount), self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        if isinstance(factor, bool) or not isinstance(factor, Decimal | int):
            raise TypeError(f"money is multiplied by a Decimal or int, not {type(factor).__name__}")
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same(self, other: object) -> Decimal:
        if not isinstance(other, Money):
            raise TypeError(f"money meets money, not {type(other).__name__}")
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
        return other.amount


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Return the exact sum in ``currency`` (0 for no amounts); ValueError where one is in another."""
    result = Money(Decimal(0), currency)
    for amount in amounts:
        result += amount
    return result
