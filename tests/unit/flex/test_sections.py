"""Rows of each section as typed rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

import pytest

from ibjournal.domain.errors import ReportError
from ibjournal.flex.fills import is_fill
from ibjournal.flex.reader import ReportReader
from ibjournal.flex.sections import instrument_key
from ibjournal.flex.statement import (
    AccountRow,
    ActionRow,
    CashRow,
    EquityRow,
    FillRow,
    InstrumentRow,
    OtherRow,
    PositionRow,
    RateRow,
    Row,
)
from ibjournal.flex.values import to_datetime
from tests.fakes.flex_reports import ACCOUNT, cash, confirm, report, row, section, statement, trade

R = TypeVar("R")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def rows_of(folder: Path, *sections: str, kind: str = "AF") -> list[Row]:
    path = folder / "report.xml"
    path.write_bytes(report(statement(*sections), kind=kind))
    return [typed for _raw, typed in ReportReader(path).rows() if typed is not None]


def only(rows: list[Row], kind: type[R]) -> R:
    found = [each for each in rows if isinstance(each, kind)]
    assert len(found) == 1, rows
    return found[0]


def test_a_trade_of_activity(folder: Path) -> None:
    text = trade(
        1,
        "-2",
        "1.37",
        assetCategory="OPT",
        multiplier="100",
        proceeds="274",
        netCash="273.2",
        cost="-200",
        fifoPnlRealized="73.2",
        taxes="-0.1",
        openCloseIndicator="C;O",
        notes="P;",
        settleDateTarget="20260303",
        orderTime="20260302;095959",
        exchange="CBOE",
        orderType="LMT",
        brokerageOrderID="002f",
        positionActionID="44",
        closePrice="1.4",
        mtmPnl="-6",
        orderReference="wheel",
    )
    fill = only(rows_of(folder, section("Trades", text)), FillRow)
    assert fill.source == "AF"
    assert (fill.account, fill.instrument, fill.category, fill.symbol) == (ACCOUNT, "111", "OPT", "ACME")
    assert (fill.quantity, fill.price, fill.multiplier, fill.currency) == ("-2", "1.37", "100", "USD")
    assert (fill.proceeds, fill.net_cash, fill.cost, fill.realized, fill.taxes) == ("274", "273.2", "-200", "73.2", "-0.1")
    assert (fill.commission, fill.commission_currency, fill.fx_rate_to_base) == ("-1", "USD", "0.9")
    assert (fill.open_close, fill.codes, fill.kind, fill.buy_sell) == ("C;O", "P", "ExchTrade", "SELL")
    assert (fill.trade_id, fill.transaction_id, fill.exec_id, fill.order_id) == ("501", "9001", "0000aaaa.00000001.01.01", "71")
    assert (fill.trade_date, fill.report_date, fill.settle_date) == ("2026-03-02", "2026-03-02", "2026-03-03")
    assert to_datetime(fill.executed_at).isoformat() == "2026-03-02T15:01:00+00:00"
    assert fill.ordered_at == fill.executed_at - 61
    assert (fill.exchange, fill.order_type, fill.brokerage_order_id, fill.position_action_id) == ("CBOE", "LMT", "002f", "44")
    assert (fill.close_price, fill.mtm, fill.order_reference, fill.extra) == ("1.4", "-6", "wheel", None)


@pytest.mark.parametrize("tag", ["TradeConfirm", "TradeConfirmation"])
def test_a_fill_of_a_confirmation(folder: Path, tag: str) -> None:
    text = confirm(1, 2, "1.06", code="O;P", tax="-0.2", settleDate="20260303", amount="212").replace("TradeConfirm", tag)
    fill = only(rows_of(folder, section("TradeConfirms", text), kind="TCF"), FillRow)
    assert fill.source == "TCF"
    assert (fill.quantity, fill.price, fill.commission, fill.taxes) == ("2", "1.06", "-0.95", "-0.2")
    assert (fill.trade_id, fill.transaction_id, fill.exec_id, fill.order_id) == ("501", "", "0000aaaa.00000001.01.01", "71")
    assert (fill.open_close, fill.codes, fill.settle_date) == ("O", "O;P", "2026-03-03")
    assert (fill.realized, fill.cost, fill.fx_rate_to_base, fill.close_price) == (None, None, None, None)


@pytest.mark.parametrize(
    ("code", "open_close"), [("D;O", "O"), ("C;Ep", "C"), ("A;C", "C"), ("C;O", "C;O"), ("O;C;P", "C;O"), ("P", ""), ("Co", "")]
)
def test_a_confirmation_tells_open_and_close_in_its_codes(folder: Path, code: str, open_close: str) -> None:
    fill = only(rows_of(folder, section("TradeConfirms", confirm(1, code=code)), kind="TCF"), FillRow)
    assert fill.open_close == open_close


def test_what_a_template_leaves_out_is_none_and_not_zero(folder: Path) -> None:
    bare = confirm(1, commission=None, commissionCurrency=None, tax=None)
    fill = only(rows_of(folder, section("TradeConfirms", bare), kind="TCF"), FillRow)
    assert (fill.commission, fill.taxes, fill.proceeds, fill.net_cash) == (None, None, None, None)


@pytest.mark.parametrize("level", ["ORDER", "SYMBOL_SUMMARY", "ASSET_SUMMARY", "CLOSED_LOT", "WASH_SALE"])
def test_other_views_of_a_fill_are_no_fills(folder: Path, level: str) -> None:
    rows = rows_of(folder, section("Trades", trade(1, levelOfDetail=level)))
    assert only(rows, OtherRow).section == "Trades"
    assert not [each for each in rows if isinstance(each, FillRow)]


@pytest.mark.parametrize("tag", ["Order", "SymbolSummary", "AssetSummary", "Lot", "WashSale"])
def test_other_elements_beside_trades_are_no_fills(tag: str) -> None:
    assert not is_fill(tag, {"levelOfDetail": "EXECUTION"})
    assert is_fill("Trade", {})
    assert is_fill("Trade", {"levelOfDetail": "execution"})


def test_a_day_and_a_time_in_two_attributes(folder: Path) -> None:
    fill = only(rows_of(folder, section("Trades", trade(1, dateTime=None, tradeTime="093015"))), FillRow)
    assert to_datetime(fill.executed_at).isoformat() == "2026-03-02T14:30:15+00:00"


def test_a_booking_without_a_time_is_of_twenty_past_four(folder: Path) -> None:
    text = trade(1, -1, 0, dateTime="20260302", transactionType="BookTrade", notes="Ep")
    fill = only(rows_of(folder, section("Trades", text)), FillRow)
    assert to_datetime(fill.executed_at).isoformat() == "2026-03-02T21:20:00+00:00"


def test_the_trading_day_is_ibkrs_and_not_the_clocks(folder: Path) -> None:
    text = trade(1, dateTime="20260302;180500", tradeDate="20260303", assetCategory="CASH", symbol="EUR.USD")
    fill = only(rows_of(folder, section("Trades", text)), FillRow)
    assert (fill.trade_date, to_datetime(fill.executed_at).isoformat()) == ("2026-03-03", "2026-03-02T23:05:00+00:00")


@pytest.mark.parametrize(
    ("attributes", "price"),
    [
        ({"tradePrice": None, "tradeMoney": "250", "quantity": "100"}, "2.5"),
        ({"tradePrice": "--", "tradeMoney": "250", "quantity": "1", "multiplier": "100"}, "2.5"),
        ({"tradePrice": None, "proceeds": "-250", "quantity": "100"}, "2.5"),
        ({"tradePrice": None, "tradeMoney": "995", "quantity": "1000", "assetCategory": "BOND"}, "99.5"),
    ],
)
def test_a_price_that_is_left_out_follows_from_the_money(folder: Path, attributes: dict[str, object], price: str) -> None:
    fill = only(rows_of(folder, section("Trades", trade(1, **attributes))), FillRow)
    assert (fill.price, fill.extra) == (price, None)


@pytest.mark.parametrize(
    ("attributes", "missing"),
    [
        ({"quantity": None}, ["quantity"]),
        ({"tradePrice": None}, ["tradePrice"]),
        ({"dateTime": None, "tradeDate": None}, ["dateTime"]),
    ],
)
def test_a_fill_that_cannot_be_matched_is_kept_and_says_why(
    folder: Path, attributes: dict[str, object], missing: list[str]
) -> None:
    fill = only(rows_of(folder, section("Trades", trade(1, **attributes))), FillRow)
    assert json.loads(fill.extra or "{}") == {"missing": missing}


def test_an_expiry_at_zero_is_whole(folder: Path) -> None:
    fill = only(rows_of(folder, section("Trades", trade(1, -2, 0, notes="Ep"))), FillRow)
    assert (fill.price, fill.extra) == ("0", None)


def test_unknown_attributes_of_a_fill_are_kept(folder: Path) -> None:
    fill = only(rows_of(folder, section("Trades", trade(1, quantumState="up", empty=""))), FillRow)
    assert json.loads(fill.extra or "") == {"quantumState": "up"}


@pytest.mark.parametrize("word", ["0", "", "--", "N/A"])
def test_ids_of_an_original_that_does_not_exist_are_empty(folder: Path, word: str) -> None:
    fill = only(rows_of(folder, section("Trades", trade(1, origTradeID=word, origTransactionID=word))), FillRow)
    assert (fill.orig_trade_id, fill.orig_transaction_id) == ("", "")


def test_a_contract_is_its_conid_or_its_terms() -> None:
    assert instrument_key({"conid": " 265598 ", "symbol": "AAPL"}) == "265598"
    first = {
        "conid": "",
        "assetCategory": "OPT",
        "symbol": "X",
        "currency": "USD",
        "expiry": "20260320",
        "strike": "5",
        "putCall": "C",
    }
    assert instrument_key(first) != instrument_key(first | {"putCall": "P"})
    assert instrument_key(first) != instrument_key(first | {"currency": "EUR"})
    assert instrument_key({"conid": "0", "symbol": ""}) == ""


def test_a_contract_is_described_once(folder: Path) -> None:
    path = folder / "report.xml"
    option = {"assetCategory": "OPT", "expiry": "20260320", "strike": "47.00", "putCall": "C", "isin": "", "multiplier": "100"}
    path.write_bytes(report(statement(section("Trades", trade(1, **option), trade(2, **option)))))
    reader = ReportReader(path)
    contracts: list[InstrumentRow] = []
    for _row in reader.rows():
        contracts += reader.fresh_instruments()
    assert len(contracts) == 1
    assert (contracts[0].expiry, contracts[0].strike, contracts[0].put_call, contracts[0].multiplier) == (
        "2026-03-20",
        "47",
        "C",
        "100",
    )


def test_security_information_knows_a_contract_better(folder: Path) -> None:
    path = folder / "report.xml"
    info = row("SecurityInfo", assetCategory="STK", symbol="ACME", conid="111", isin="US0000000001", currency="USD", multiplier="1")
    path.write_bytes(report(statement(section("Trades", trade(1)), section("SecuritiesInfo", info))))
    reader = ReportReader(path)
    contracts: list[InstrumentRow] = []
    for _row in reader.rows():
        contracts += reader.fresh_instruments()
    assert [each.isin for each in contracts] == ["", "US0000000001"]


def test_cash(folder: Path) -> None:
    booked = only(rows_of(folder, section("CashTransactions", cash(1, "-12.340", type="Withholding Tax", actionID="77"))), CashRow)
    assert (booked.type, booked.amount, booked.currency, booked.fx_rate_to_base) == ("Withholding Tax", "-12.34", "USD", "0.9")
    assert (booked.value_date, booked.report_date) == ("2026-03-03", "2026-03-03")
    assert to_datetime(booked.booked_at).isoformat() == "2026-03-04T01:20:00+00:00"
    assert (booked.transaction_id, booked.action_id, booked.instrument) == ("801", "77", None)


def test_a_booking_of_a_day_alone(folder: Path) -> None:
    booked = only(rows_of(folder, section("CashTransactions", cash(1, dateTime="20260303", conid="111"))), CashRow)
    assert (booked.value_date, booked.instrument) == ("2026-03-03", "111")


@pytest.mark.parametrize(
    "twin",
    [
        {"levelOfDetail": "SUMMARY", "transactionID": ""},
        {"levelOfDetail": "SUMMARY", "transactionID": None},
        {"levelOfDetail": None, "transactionID": ""},
    ],
)
def test_the_summary_twin_of_a_booking_is_no_booking(folder: Path, twin: dict[str, object]) -> None:
    rows = rows_of(folder, section("CashTransactions", cash(1), cash(1, dateTime="20260303", **twin)))
    assert only(rows, CashRow).transaction_id == "801"
    assert only(rows, OtherRow).section == "CashTransactions"


def test_bookings_of_a_template_without_ids_are_bookings(folder: Path) -> None:
    bare = {"levelOfDetail": None, "transactionID": None}
    rows = rows_of(folder, section("CashTransactions", cash(1, **bare), cash(2, 5, **bare)))
    assert [each.amount for each in rows if isinstance(each, CashRow)] == ["100", "5"]


def test_a_corporate_action(folder: Path) -> None:
    text = row(
        "CorporateAction", accountId=ACCOUNT, conid="111", symbol="ACME", assetCategory="STK", currency="USD", type="FS",
        dateTime="20260305;202500", reportDate="20260306", quantity="300", proceeds="0", value="0", fifoPnlRealized="0",
        actionID="99", transactionID="4711", actionDescription="ACME SPLIT 4 FOR 1",
    )  # fmt: skip
    action = only(rows_of(folder, section("CorporateActions", text)), ActionRow)
    assert (action.type, action.quantity, action.instrument, action.action_id) == ("FS", "300", "111", "99")
    assert to_datetime(action.effective_at).isoformat() == "2026-03-06T01:25:00+00:00"


def test_the_other_sections_that_have_tables_of_their_own(folder: Path) -> None:
    rows = rows_of(
        folder,
        row("AccountInformation", accountId=ACCOUNT, currency="EUR", accountType="Individual"),
        section(
            "EquitySummaryInBase", row("EquitySummaryByReportDateInBase", accountId=ACCOUNT, reportDate="20260302", total="1000.5")
        ),
        section(
            "OpenPositions",
            row(
                "OpenPosition",
                accountId=ACCOUNT,
                conid="111",
                symbol="ACME",
                currency="USD",
                position="-5",
                markPrice="2",
                side="Short",
            ),
        ),
        section(
            "ConversionRates", row("ConversionRate", reportDate="20260302", fromCurrency="USD", toCurrency="EUR", rate="0.92000")
        ),
    )
    assert only(rows, AccountRow).base_currency == "EUR"
    day = only(rows, EquityRow)
    assert (day.day, day.total, day.cash) == ("2026-03-02", "1000.5", None)
    position = only(rows, PositionRow)
    assert (position.day, position.quantity, position.level, position.mark_price) == ("2026-03-10", "-5", "SUMMARY", "2")
    rate = only(rows, RateRow)
    assert (rate.from_currency, rate.to_currency, rate.rate, rate.day) == ("USD", "EUR", "0.92", "2026-03-02")


@pytest.mark.parametrize(
    ("container", "tag"),
    [
        ("OptionEAE", "OptionEAE"),
        ("Transfers", "Transfer"),
        ("CashReport", "CashReportCurrency"),
        ("SecuritiesInfo", "SecurityInfo"),
        ("ChangeInDividendAccruals", "ChangeInDividendAccrual"),
        ("InterestAccruals", "InterestAccrualsCurrency"),
        ("FIFOPerformanceSummaryInBase", "FIFOPerformanceSummaryUnderlying"),
        ("BrandNewSection", "BrandNewRow"),
    ],
)
def test_every_other_row_is_kept_as_ibkr_wrote_it(folder: Path, container: str, tag: str) -> None:
    text = row(tag, accountId=ACCOUNT, conid="111", symbol="ACME", date="20260302", quantity="21,792.73", weird="a & b", empty="")
    other = only(rows_of(folder, section(container, text)), OtherRow)
    assert (other.section, other.tag, other.instrument) == (container, tag, "111")
    assert (other.from_date, other.to_date) == ("2026-03-01", "2026-03-10")
    kept = json.loads(other.data)
    assert kept == {
        "accountId": ACCOUNT, "conid": "111", "symbol": "ACME", "date": "20260302", "quantity": "21,792.73", "weird": "a & b",
    }  # fmt: skip


def test_a_leaf_section_is_a_row(folder: Path) -> None:
    other = only(
        rows_of(folder, row("ChangeInNAV", accountId=ACCOUNT, fromDate="20260305", toDate="20260306", twr="0.05")), OtherRow
    )
    assert (other.section, other.tag, other.from_date, other.to_date) == ("ChangeInNAV", "ChangeInNAV", "2026-03-05", "2026-03-06")


def test_a_value_that_cannot_be_read_names_its_place(folder: Path) -> None:
    with pytest.raises(ReportError) as caught:
        rows_of(folder, section("Trades", trade(1), trade(2, quantity="ten")))
    assert caught.value.code == "bad_value"
    assert caught.value.values == {"kind": "number", "text": "ten", "section": "Trades", "row": 2}
