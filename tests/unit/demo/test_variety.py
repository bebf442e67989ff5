"""The depots of variety: their statements hold to IBKR's arithmetic, whatever the seed, and every kind of thing occurs in them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from ibjournal.demo.broker import Broker
from ibjournal.demo.variety import AMERICAN, FIRST_DAY, LAST_DAY, MAIN, RENUMBERED, SECOND, build_variety
from tests.unit.demo.reading import number, one, statement

ACCOUNTS = (MAIN, SECOND, RENUMBERED, AMERICAN)
SEEDS = range(12)
ZERO = Decimal(0)


def told(broker: Broker, account: str) -> ET.Element:
    xml = broker.activity_xml(
        [account],
        FIRST_DAY,
        LAST_DAY,
        generated_at=datetime(2026, 6, 1, 9, tzinfo=UTC),
        orders=True,
        lots=True,
        position_lots=True,
        funds=True,
        rates=True,
    )
    assert xml is not None
    return statement(xml)


@pytest.fixture(scope="module", params=SEEDS)
def broker(request: pytest.FixtureRequest) -> Broker:
    return build_variety(request.param, whole=request.param % 3 == 0)


@pytest.fixture(scope="module")
def statements(broker: Broker) -> dict[str, ET.Element]:
    return {account: told(broker, account) for account in broker.desks}


def total(rows: list[ET.Element], name: str) -> Decimal:
    return sum((number(row, name) for row in rows), ZERO)


def test_the_change_in_net_asset_value_adds_up(broker: Broker, statements: dict[str, ET.Element]) -> None:
    for account, found in statements.items():
        walk = one(found, "ChangeInNAV")
        frame = {"accountId", "acctAlias", "model", "currency", "fromDate", "toDate", "startingValue", "endingValue", "twr"}
        moved = sum((Decimal(value) for name, value in walk.attrib.items() if name not in frame), ZERO)
        assert number(walk, "startingValue") + moved == number(walk, "endingValue")
        assert number(walk, "endingValue") == broker.books(account).closes[-1].net_asset_value
        for day in found.findall("EquitySummaryInBase/*"):
            parts = {
                name: Decimal(value)
                for name, value in day.attrib.items()
                if name not in {"accountId", "acctAlias", "model", "reportDate", "total"} and not name.endswith(("Long", "Short"))
            }
            assert sum(parts.values(), ZERO) == number(day, "total")


def test_the_cash_report_and_the_statement_of_funds_walk_to_the_books(broker: Broker, statements: dict[str, ET.Element]) -> None:
    for account, found in statements.items():
        cash = broker.books(account).cash
        for row in found.findall("CashReport/CashReportCurrency"):
            frame = {
                "accountId", "acctAlias", "model", "currency", "levelOfDetail", "fromDate", "toDate", "startingCash", "endingCash",
                "endingSettledCash", "depositWithdrawals",
            }  # fmt: skip
            moved = sum((Decimal(value) for name, value in row.attrib.items() if name not in frame), ZERO)
            assert number(row, "startingCash") + moved == number(row, "endingCash")
            if row.attrib["currency"] in cash:
                assert number(row, "endingCash") == cash[row.attrib["currency"]]
        lines = found.findall("StmtFunds/StatementOfFundsLine")
        for currency in ("EUR", "USD"):
            mine = [line for line in lines if line.attrib["currency"] == currency]
            assert total(mine, "amount") == cash[currency], (account, currency)
            if mine:
                assert number(mine[-1], "balance") == cash[currency]


def test_closed_lots_and_wash_sales_add_up_to_the_trades(statements: dict[str, ET.Element]) -> None:
    for found in statements.values():
        trades, lots = found.findall("Trades/Trade"), found.findall("Trades/Lot")
        assert total(trades, "fifoPnlRealized") == total(lots, "fifoPnlRealized") + total(
            found.findall("Trades/WashSale"), "fifoPnlRealized"
        )
        summary = found.findall("FIFOPerformanceSummaryInBase/*")
        actions = found.findall("CorporateActions/CorporateAction")
        realized = sum(
            (number(row, "fifoPnlRealized") * number(row, "fxRateToBase") for row in [*trades, *actions]),
            ZERO,
        )
        assert number(summary[-1], "totalRealizedPnl") == realized


def test_rows_of_trades_hold_to_ibkrs_arithmetic(statements: dict[str, ET.Element]) -> None:
    for found in statements.values():
        for row in found.findall("Trades/Trade"):
            what = row.attrib["assetCategory"]
            money = number(row, "quantity") * number(row, "tradePrice") * number(row, "multiplier")
            assert (money / 100 if what in {"BOND", "BILL"} else money) == number(row, "tradeMoney") == -number(row, "proceeds")
            if what == "CASH" or row.attrib["transactionType"] in {"TradeCancel", "BookTrade"}:
                continue
            paid = number(row, "proceeds") + number(row, "ibCommission") + number(row, "taxes")
            if row.attrib["openCloseIndicator"] == "O":
                assert (number(row, "cost"), number(row, "fifoPnlRealized")) == (-paid, ZERO)
            elif not found.findall("Trades/WashSale"):
                assert number(row, "fifoPnlRealized") == paid + number(row, "cost")


def test_lots_of_positions_add_up(statements: dict[str, ET.Element]) -> None:
    for found in statements.values():
        sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for row in found.findall("OpenPositions/OpenPosition"):
            for name in ("position", "costBasisMoney", "fifoPnlUnrealized"):
                sign = 1 if row.attrib["levelOfDetail"] == "SUMMARY" else -1
                sums[row.attrib["conid"], name] += sign * number(row, name)
        assert not any(sums.values())


def test_round_trips_are_the_books_again(broker: Broker) -> None:
    for desk in broker.desks.values():
        still_open = [trip.contract.conid for trip in desk.books.trips if trip.closed is None]
        assert sorted(still_open) == [contract.conid for contract in desk.books.open_contracts()]
    booked = sum((trip.booked for desk in broker.desks.values() for trip in desk.books.trips), ZERO)
    earned = sum((trip.earned for desk in broker.desks.values() for trip in desk.books.trips), ZERO)
    assert booked == sum((amount for desk in broker.desks.values() for amount in desk.books.booked.values()), ZERO)
    assert earned == sum((amount for desk in broker.desks.values() for amount in desk.books.earned.values()), ZERO)


def test_every_kind_of_thing_occurs() -> None:
    brokers = [build_variety(seed, whole=True) for seed in range(6)]
    rows = [row.attrib | {"tag": row.tag} for broker in brokers for account in broker.desks for row in told(broker, account).iter()]
    trades = [row for row in rows if row["tag"] == "Trade"]
    classes = "STK OPT FUT FOP WAR IOPT CFD BOND BILL FUND CASH CMDTY CRYPTO"
    assert {row["assetCategory"] for row in trades} == set(classes.split())
    assert {row["transactionType"] for row in trades} == {"ExchTrade", "BookTrade", "TradeCancel", "FracShare"}
    assert {"O", "C", "C;O", ""} == {row["openCloseIndicator"] for row in trades}
    assert {"A", "Ex", "Ep", "P", "AFx", "Ca", "R", "RI"} <= {code for row in trades for code in row["notes"].split(";")}
    assert {row["notes"] for row in trades if row["assetCategory"] == "FOP"} >= {"A", "Ex"}
    actions = {row["type"] for row in rows if row["tag"] == "CorporateAction"}
    assert actions == set("FS RS IC TC SO RI SR ED SD DW TO BM TM".split())
    assert {"INTERNAL", "FOP"} == {row["type"] for row in rows if row["tag"] == "Transfer"}
    assert {"IN", "OUT"} == {row["direction"] for row in rows if row["tag"] == "Transfer"}
    assert {"Assignment", "Exercise", "Expiration", "Buy", "Sell", "Cash Settlement"} == {
        row["transactionType"] for row in rows if row["tag"] == "OptionEAE" and "transactionType" in row
    }
    assert {"WashSale", "Lot", "CFDCharge", "StatementOfFundsLine", "ConversionRate"} <= {row["tag"] for row in rows}
    assert {"Bond Interest Paid", "Bond Interest Received"} <= {row["type"] for row in rows if row["tag"] == "CashTransaction"}


def test_the_same_seed_tells_the_same_story() -> None:
    first, second = (ET.tostring(told(build_variety(7, whole=True), MAIN)) for _ in range(2))
    assert first == second != ET.tostring(told(build_variety(8, whole=True), MAIN))
