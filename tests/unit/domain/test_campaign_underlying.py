"""What belongs to one underlying, however much of it a report tells."""

from __future__ import annotations

from typing import Any

import pytest

from ibjournal.domain.campaign_underlying import Underlyings, futures_root
from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId


def contract(identity: str, asset_class: AssetClass, symbol: str, **terms: Any) -> Instrument:
    values = {"category": asset_class.value, "currency": "USD"} | terms
    return Instrument(id=InstrumentId(identity), asset_class=asset_class, symbol=symbol, **values)


def keys(*contracts: Instrument) -> list[str]:
    named = Underlyings({each.id: each for each in contracts})
    return [named.key_of(each.id) for each in contracts]


@pytest.mark.parametrize(
    ("symbol", "root"),
    [
        ("ESZ6", "ES"),
        ("CLF9", "CL"),
        ("M2KH25", "M2K"),
        ("FDAX DEC 18", "FDAX"),
        ("YM   DEC 18", "YM"),
        ("AAPL", ""),
        ("", ""),
        ("Z6", ""),
    ],
)
def test_the_product_of_a_future(symbol: str, root: str) -> None:
    assert futures_root(symbol) == root


def test_an_option_goes_by_the_contract_of_its_underlying() -> None:
    share = contract("111", AssetClass.STK, "ACME")
    option = contract("501", AssetClass.OPT, "ACME 260320P50", underlying_id="111", underlying_symbol="ACME")
    bare = contract("502", AssetClass.OPT, "ACME 260320P48", underlying_symbol="ACME")
    elsewhere = contract("503", AssetClass.OPT, "ACME 260320P48", underlying_symbol="ACME", currency="EUR")
    assert keys(share, option, bare, elsewhere) == ["111", "111", "111", "ACME"]
    assert keys(bare) == ["ACME"]
    assert keys(option, bare) == ["111", "111"]  # what one report leaves out another one tells


def test_two_shares_of_one_symbol_name_nothing() -> None:
    bare = contract("502", AssetClass.OPT, "ACME 260320P48", underlying_symbol="ACME")
    assert keys(contract("111", AssetClass.STK, "ACME"), contract("112", AssetClass.STK, "ACME"), bare)[2] == "ACME"


def test_the_months_of_a_future_and_its_options_are_one_product() -> None:
    future = contract("1", AssetClass.FUT, "6EZ6", underlying_symbol="EUR")
    later = contract("2", AssetClass.FUT, "6EH7", underlying_symbol="EUR")
    option = contract("3", AssetClass.FOP, "EUUZ6 C1100", underlying_id="1", underlying_symbol="6EZ6")
    stranger = contract("4", AssetClass.FOP, "EUUH7 C1100", underlying_id="9", underlying_symbol="6EH7")
    assert keys(future, later, option, stranger) == ["FUT:6E"] * 4


def test_a_bond_has_no_underlying() -> None:
    bond = contract("7", AssetClass.BOND, "T 4 3/8")
    assert keys(bond) == [""]
    assert Underlyings({}).key_of(InstrumentId("nothing")) == ""


def test_an_option_without_the_symbol_of_its_underlying_lends_its_contract_to_none() -> None:
    named = contract("501", AssetClass.OPT, "ACME 260320P50", underlying_id="111")
    bare = contract("502", AssetClass.OPT, "", underlying_symbol="")
    assert keys(named, bare) == ["111", ""]
