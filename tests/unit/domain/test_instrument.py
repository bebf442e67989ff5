from __future__ import annotations

from decimal import Decimal

import pytest

from ibjournal.domain.instrument import AssetClass, is_trade_instrument, point_value


def test_classes_ibkr_invents_next_are_kept() -> None:
    assert AssetClass.of("OPT") is AssetClass.OPT
    assert AssetClass.of("FXCFD") is AssetClass.OTHER
    assert AssetClass.of("") is AssetClass.OTHER
    assert is_trade_instrument(AssetClass.OTHER)


def test_currency_conversions_make_no_trades() -> None:
    assert [each for each in AssetClass if not is_trade_instrument(each)] == [AssetClass.CASH, AssetClass.IND]


@pytest.mark.parametrize(
    ("kind", "multiplier", "value"),
    [(AssetClass.STK, 1, "1"), (AssetClass.OPT, 100, "100"), (AssetClass.BOND, 1, "0.01"), (AssetClass.BILL, 1, "0.01")],
)
def test_value_of_a_point(kind: AssetClass, multiplier: int, value: str) -> None:
    assert point_value(kind, Decimal(multiplier)) == Decimal(value)
