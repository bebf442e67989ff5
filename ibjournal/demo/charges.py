"""What trading costs in the demo: invented tariffs with the shape of real ones, costs negative."""

from __future__ import annotations

from decimal import Decimal

from ibjournal.demo.contracts import Contract

_MICRO = Decimal("0.000001")
_FRENCH_TAX = Decimal("0.004")
_CENT = Decimal("0.01")


def commission(contract: Contract, quantity: Decimal, price: Decimal, *, order_so_far: Decimal, paid_so_far: Decimal) -> Decimal:
    """Return the commission of a fill in the contract's currency.

    ``order_so_far`` is the quantity of the order that was filled before and ``paid_so_far`` what was charged for it, as an
    order's minimum is charged with its first part. ``quantity`` is signed; sales carry the regulators' small fees.
    """
    size, done = abs(quantity), abs(order_so_far) + abs(quantity)
    value = size * price * contract.point_value
    if contract.is_future:
        return -(Decimal("0.62") * size)
    if contract.is_option:
        rate = Decimal("0.65") if price >= Decimal("0.10") else Decimal("0.5")
        fee = -(rate * size) if paid_so_far else -max(rate * size, Decimal(1))
        fee -= Decimal("0.0365") * size
        if quantity < 0:
            fee -= Decimal("0.0000206") * value + Decimal("0.00329") * size
        return min(fee, Decimal(0)).quantize(_MICRO)
    if contract.category == "CRYPTO":
        return -max(Decimal("0.0018") * value, Decimal("1.75")).quantize(_MICRO)
    if contract.category == "CFD":
        return -max(Decimal("0.0005") * value, Decimal(1)).quantize(_MICRO)
    if contract.currency == "EUR":
        due = max(Decimal("0.0005") * done * price, Decimal(3))
        return -max(due + paid_so_far, Decimal(0)).quantize(_CENT)
    due = max(Decimal("0.005") * done, Decimal(1))
    fee = -(due + paid_so_far) if due + paid_so_far > 0 else Decimal(0)
    if quantity < 0:
        fee -= Decimal("0.0000206") * value + Decimal("0.000195") * size
    return fee.quantize(_MICRO)


def transaction_tax(contract: Contract, quantity: Decimal, price: Decimal) -> Decimal:
    """Return the tax on buying French shares, nothing otherwise; in the contract's currency."""
    if contract.country == "FR" and quantity > 0:
        return -(quantity * price * _FRENCH_TAX).quantize(_CENT)
    return Decimal(0)


def conversion_commission(base: str, euro_in_dollars: Decimal) -> Decimal:
    """Return the commission of a conversion, charged in base: two dollars' worth."""
    return Decimal(-2) if base == "USD" else -(Decimal(2) / euro_in_dollars).quantize(_MICRO)
