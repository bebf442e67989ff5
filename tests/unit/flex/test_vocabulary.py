"""The words we know, and what becomes of the others."""

from __future__ import annotations

from ibjournal.flex.vocabulary import (
    ACTION_TYPES,
    ATTRIBUTE_ENDINGS,
    ATTRIBUTES,
    CODES,
    SECTIONS,
    unknown_attributes,
    unknown_codes,
)


def test_every_section_that_the_journal_lives_on_is_known() -> None:
    wanted = """AccountInformation Trades TradeConfirms OptionEAE CashTransactions CorporateActions Transfers OpenPositions
        CashReport EquitySummaryInBase ChangeInNAV ConversionRates SecuritiesInfo ChangeInDividendAccruals OpenDividendAccruals
        InterestAccruals FIFOPerformanceSummaryInBase"""
    assert set(wanted.split()) <= SECTIONS


def test_the_case_of_a_code_matters() -> None:
    assert {"RI", "Ri", "R", "Re", "Rb", "ML", "MLL", "Ca", "Co", "IM", "AFx"} <= CODES
    assert unknown_codes("P;p;RI;Ri;zz") == ["p", "zz"]
    assert unknown_codes("") == []


def test_figures_broken_down_are_known_by_their_figure() -> None:
    assert "commissions" in ATTRIBUTES
    assert unknown_attributes({f"commissions{ending}": "1" for ending in ATTRIBUTE_ENDINGS}) == []
    assert unknown_attributes({"commissionsMoon": "1", "Long": "1"}) == ["commissionsMoon", "Long"]


def test_attributes_that_came_after_the_parsers_of_others_are_known() -> None:
    fresh = "netCashWithBillable salesTax tradeCharge otherTax rfqID blockID positionActionID dividendType"
    assert {*fresh.split(), "accountAlias", "orderPlacementTime"} <= ATTRIBUTES


def test_types_of_corporate_actions() -> None:
    assert {"FS", "RS", "SO", "TC", "SD", "DW", "IC", "RI", "CD", "BM"} <= ACTION_TYPES
