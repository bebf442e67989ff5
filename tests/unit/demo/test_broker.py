"""The demo broker's statements agree with themselves to the last digit, whatever the day and the seed."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from ibjournal.demo.broker import DEFAULT_AS_OF, DEFAULT_SEED, Broker, build, first_history_day
from ibjournal.demo.business_days import is_american_session, is_report_day, previous_report_day
from ibjournal.demo.depots import DEMO_DEPOTS, INCOME, LONG_TERM, RETIREMENT
from ibjournal.demo.flex_answers import EASTERN
from tests.unit.demo.reading import activity, confirmation, number, one

ACCOUNTS = [depot.account for depot in DEMO_DEPOTS]
NAV_SKIPPED = {
    "accountId", "acctAlias", "model", "currency", "fromDate", "toDate", "startingValue", "endingValue", "twr",
}  # fmt: skip
CASH_SKIPPED = NAV_SKIPPED | {
    "levelOfDetail", "startingCash", "endingCash", "endingSettledCash", "deposits", "withdrawals",
}  # fmt: skip
CENT = Decimal("0.01")


@pytest.fixture(scope="module", params=[DEFAULT_SEED, 3])
def broker(request: pytest.FixtureRequest) -> Broker:
    return build(as_of=DEFAULT_AS_OF, seed=request.param)


@pytest.fixture(scope="module", params=ACCOUNTS)
def whole(broker: Broker, request: pytest.FixtureRequest) -> ET.Element:
    return activity(broker, request.param)


def sums(rows: list[ET.Element], key: str, *names: str) -> dict[str, Decimal]:
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        totals[row.attrib[key]] += sum((number(row, name) for name in names), Decimal(0))
    return dict(totals)


def test_the_same_day_and_seed_give_the_same_bytes() -> None:
    moment = datetime.combine(DEFAULT_AS_OF, time(5, 6, 22), EASTERN)
    reports = []
    for _ in range(2):
        build.cache_clear()
        told = build(as_of=DEFAULT_AS_OF, seed=5)
        reports.append(told.activity_xml(ACCOUNTS, date(2024, 1, 1), DEFAULT_AS_OF, generated_at=moment))
        reports.append(told.confirmation_xml(ACCOUNTS, DEFAULT_AS_OF, DEFAULT_AS_OF, generated_at=moment))
    assert reports[:2] == reports[2:]
    assert reports[0] != build(seed=6).activity_xml(ACCOUNTS, date(2024, 1, 1), DEFAULT_AS_OF, generated_at=moment)


def test_a_later_day_only_adds_to_the_history() -> None:
    today, earlier = build(as_of=date(2026, 11, 20)), build(as_of=date(2026, 11, 4))
    for account in ACCOUNTS:
        known = len(earlier.desks[account].fills)
        assert today.desks[account].fills[:known] == earlier.desks[account].fills
        assert today.books(account).closes[: len(earlier.books(account).closes)] == earlier.books(account).closes


def test_change_in_nav_adds_up_exactly(whole: ET.Element) -> None:
    walk = one(whole, "ChangeInNAV")
    parts = sum((Decimal(value) for name, value in walk.attrib.items() if name not in NAV_SKIPPED), Decimal(0))
    assert number(walk, "startingValue") + parts == number(walk, "endingValue")
    assert number(walk, "startingValue") == 0
    days = whole.findall("EquitySummaryInBase/EquitySummaryByReportDateInBase")
    assert number(walk, "endingValue") == number(days[-1], "total")


def test_every_day_of_net_asset_value_is_the_sum_of_its_parts(broker: Broker, whole: ET.Element) -> None:
    days = whole.findall("EquitySummaryInBase/EquitySummaryByReportDateInBase")
    books = broker.books(whole.attrib["accountId"])
    assert [day.attrib["reportDate"] for day in days[1:]] == [f"{day:%Y%m%d}" for day in books.nav]
    for day, value in zip(days[1:], books.nav.values(), strict=True):
        parts = ("cash", "stock", "options", "dividendAccruals", "interestAccruals")
        assert sum((number(day, name) for name in parts), Decimal(0)) == number(day, "total") == value
        assert number(day, "totalLong") + number(day, "totalShort") == number(day, "total")


def test_cash_walks_from_start_to_end_in_every_currency(broker: Broker, whole: ET.Element) -> None:
    rows = {row.attrib["currency"]: row for row in whole.findall("CashReport/CashReportCurrency")}
    assert set(rows) == {"BASE_SUMMARY", "EUR", "USD"}
    for row in rows.values():
        moved = sum((Decimal(value) for name, value in row.attrib.items() if name not in CASH_SKIPPED), Decimal(0))
        assert number(row, "startingCash") + moved == number(row, "endingCash")
        assert number(row, "deposits") + number(row, "withdrawals") == number(row, "depositWithdrawals")
    cash = broker.books(whole.attrib["accountId"]).cash
    assert {currency: number(rows[currency], "endingCash") for currency in cash} == dict(cash)
    days = whole.findall("EquitySummaryInBase/EquitySummaryByReportDateInBase")
    assert number(rows["BASE_SUMMARY"], "endingCash") == number(days[-1], "cash")


def test_cash_follows_from_the_rows_of_trades_and_cash_transactions(broker: Broker, whole: ET.Element) -> None:
    cash: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in whole.findall("Trades/Trade"):
        currency = row.attrib["currency"]
        if row.attrib["assetCategory"] == "CASH":
            cash[row.attrib["symbol"].split(".")[0]] += number(row, "quantity")
            cash[currency] += number(row, "proceeds")
        elif row.attrib["assetCategory"] == "FUT":
            cash[currency] += number(row, "fifoPnlRealized")
            continue
        else:
            cash[currency] += number(row, "proceeds") + number(row, "taxes")
        cash[row.attrib["ibCommissionCurrency"]] += number(row, "ibCommission")
    for row in whole.findall("CashTransactions/CashTransaction"):
        cash[row.attrib["currency"]] += number(row, "amount")
    books = broker.books(whole.attrib["accountId"])
    for holding in books.holdings:
        if holding.contract.is_future:  # what an open future gained was paid already
            cash["USD"] += holding.unrealized
    assert dict(cash) == dict(books.cash)


def test_rows_of_trades_hold_to_ibkrs_arithmetic(broker: Broker, whole: ET.Element) -> None:
    rows = whole.findall("Trades/Trade")
    ids = [row.attrib["transactionID"] for row in rows]
    assert len(set(ids)) == len(ids)
    books = broker.books(whole.attrib["accountId"])
    assert {row.attrib["transactionID"]: number(row, "fifoPnlRealized") for row in rows} == dict(books.realized)
    for row in rows:
        money = number(row, "quantity") * number(row, "tradePrice") * number(row, "multiplier")
        assert money == number(row, "tradeMoney") == -number(row, "proceeds")
        kind = row.attrib["transactionType"]
        assert row.attrib["buySell"] == {"TradeCancel": "BUY (Ca.)"}.get(kind, "BUY" if number(row, "quantity") > 0 else "SELL")
        if row.attrib["assetCategory"] == "CASH":
            assert number(row, "netCash") == number(row, "cost") == number(row, "fifoPnlRealized") == 0
            continue
        delivered = kind == "BookTrade" and row.attrib["notes"] in {"A", "Ex"}
        if not delivered and kind != "TradeCancel":
            paid = number(row, "proceeds") + number(row, "ibCommission") + number(row, "taxes")
            assert number(row, "fifoPnlRealized") == paid + number(row, "cost")
        if row.attrib["openCloseIndicator"] == "O":
            assert number(row, "fifoPnlRealized") == 0


def test_positions_follow_from_trades_and_splits(whole: ET.Element) -> None:
    trades = [row for row in whole.findall("Trades/Trade") if row.attrib["assetCategory"] != "CASH"]
    held = sums([*trades, *whole.findall("CorporateActions/CorporateAction")], "conid", "quantity")
    positions = {row.attrib["conid"]: number(row, "position") for row in whole.findall("OpenPositions/OpenPosition")}
    assert {conid: quantity for conid, quantity in held.items() if quantity} == positions


def test_cost_of_positions_follows_from_the_rows(whole: ET.Element) -> None:
    trades = [row for row in whole.findall("Trades/Trade") if row.attrib["assetCategory"] != "CASH"]
    costs = sums(trades, "conid", "cost")
    positions = whole.findall("OpenPositions/OpenPosition")
    for row in positions:
        assert costs[row.attrib["conid"]] == number(row, "costBasisMoney")
        worth = number(row, "position") * number(row, "markPrice") * number(row, "multiplier")
        assert worth == number(row, "positionValue")
        assert worth - number(row, "costBasisMoney") == number(row, "fifoPnlUnrealized")
    held = {row.attrib["conid"] for row in positions}
    assert all(cost == 0 for conid, cost in costs.items() if conid not in held)


def test_performance_summary_is_the_sum_of_the_rows(whole: ET.Element) -> None:
    rows = whole.findall("FIFOPerformanceSummaryInBase/FIFOPerformanceSummaryUnderlying")
    *instruments, total = rows
    realized: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in whole.findall("Trades/Trade"):
        realized[row.attrib["conid"]] += number(row, "fifoPnlRealized") * number(row, "fxRateToBase")
    for row in instruments:
        assert number(row, "totalRealizedPnl") == realized[row.attrib["conid"]]
    assert total.attrib["symbol"] == ""
    for name in ("totalRealizedPnl", "totalUnrealizedPnl", "totalFifoPnl"):
        assert number(total, name) == sum((number(row, name) for row in instruments), Decimal(0))


def test_sums_of_cash_transactions_stand_in_change_in_nav(whole: ET.Element) -> None:
    base: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in whole.findall("CashTransactions/CashTransaction"):
        base[row.attrib["type"]] += number(row, "amount") * number(row, "fxRateToBase")
    walk = one(whole, "ChangeInNAV")
    assert base["Dividends"] == number(walk, "dividends")
    assert base["Withholding Tax"] == number(walk, "withholdingTax")
    assert base["Broker Interest Received"] + base["Broker Interest Paid"] == number(walk, "interest")
    assert base["Deposits/Withdrawals"] == number(walk, "depositsWithdrawals")
    assert base["Other Fees"] == number(walk, "otherFees")


def test_accruals_walk_from_start_to_end(whole: ET.Element) -> None:
    for row in whole.findall("InterestAccruals/InterestAccrualsCurrency"):
        moved = sum((number(row, name) for name in ("interestAccrued", "accrualReversal", "fxTranslation")), Decimal(0))
        assert number(row, "startingAccrualBalance") + moved == number(row, "endingAccrualBalance")
    changes = whole.findall("ChangeInDividendAccruals/ChangeInDividendAccrual")
    still_open = whole.findall("OpenDividendAccruals/OpenDividendAccrual")
    assert sums(changes, "accountId", "netAmount").get(whole.attrib["accountId"], 0) == sum(
        (number(row, "netAmount") for row in still_open), Decimal(0)
    )


def test_return_is_chained_from_the_days_with_flows_at_their_end(whole: ET.Element) -> None:
    flows: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in whole.findall("CashTransactions/CashTransaction[@type='Deposits/Withdrawals']"):
        flows[row.attrib["reportDate"]] += number(row, "amount") * number(row, "fxRateToBase")
    product, before = Decimal(1), Decimal(0)
    for day in whole.findall("EquitySummaryInBase/EquitySummaryByReportDateInBase"):
        total, flow = number(day, "total"), flows[day.attrib["reportDate"]]
        if before:
            product *= (total - flow) / before
        elif flow:
            product *= total / flow
        before = total
    twr = number(one(whole, "ChangeInNAV"), "twr")
    assert abs((product - 1) * 100 - twr) < Decimal("0.00000001")


def test_two_halves_join(broker: Broker) -> None:
    for account in ACCOUNTS:
        first, second = activity(broker, account, None, date(2025, 6, 30)), activity(broker, account, date(2025, 7, 1))
        assert number(one(first, "ChangeInNAV"), "endingValue") == number(one(second, "ChangeInNAV"), "startingValue")
        for path in ("Trades/Trade", "CashTransactions/CashTransaction", "OptionEAE/OptionEAE", "CorporateActions/CorporateAction"):
            rows = len(first.findall(path)) + len(second.findall(path))
            assert rows == len(activity(broker, account).findall(path))
        days = second.findall("EquitySummaryInBase/EquitySummaryByReportDateInBase")
        assert days[0].attrib["reportDate"] == "20250630"


def test_figures_are_those_of_a_moderately_successful_trader(whole: ET.Element) -> None:
    walk = one(whole, "ChangeInNAV")
    assert 75_000 < number(walk, "endingValue") < 165_000
    assert 10 < number(walk, "twr") < 60
    totals = [number(day, "total") for day in whole.findall("EquitySummaryInBase/EquitySummaryByReportDateInBase")[2:]]
    assert min(totals) > 55_000


def test_income_has_several_hundred_round_trips(broker: Broker) -> None:
    rows = activity(broker, INCOME.account).findall("Trades/Trade")
    assert 1_200 < len(rows) < 2_400


AS_OF_DAYS = [
    date(2026, 11, 19),  # Thursday
    date(2026, 11, 21),  # Saturday
    date(2026, 11, 23),  # Monday
    date(2026, 11, 26),  # Thanksgiving: the American exchanges are shut
    date(2026, 12, 25),  # shut everywhere
    date(2027, 2, 15),  # Presidents' Day, in the first half of a year
]


@pytest.fixture(scope="module", params=AS_OF_DAYS, ids=str)
def told(request: pytest.FixtureRequest) -> Broker:
    return build(as_of=request.param)


def test_every_kind_of_event_occurs(told: Broker) -> None:
    rows = [row for account in ACCOUNTS for row in activity(told, account).iter()]
    trades = [row.attrib for row in rows if row.tag == "Trade"]
    assert {row["assetCategory"] for row in trades} == {"STK", "OPT", "FUT", "CASH"}
    assert {row["transactionType"] for row in trades} == {"ExchTrade", "BookTrade", "TradeCancel"}
    assert {"A", "Ex", "Ep", "P", "AFx", "Ca", ""} <= {row["notes"] for row in trades}
    assert {"O", "C", "C;O", ""} == {row["openCloseIndicator"] for row in trades}
    assert any(Decimal(row["taxes"]) < 0 for row in trades)
    assert {row["currency"] for row in trades if row["assetCategory"] == "STK"} == {"EUR", "USD"}
    expired = [Decimal(row["quantity"]) for row in trades if row["notes"] == "Ep"]
    assert min(expired) < 0 < max(expired), "long and short options expire"
    assert {"Assignment", "Exercise", "Expiration", "Buy", "Sell"} == {
        row.attrib["transactionType"] for row in rows if row.tag == "OptionEAE" and row.attrib
    }
    assert {"FS"} == {row.attrib["type"] for row in rows if row.tag == "CorporateAction"}
    kinds = {row.attrib["type"] for row in rows if row.tag == "CashTransaction"}
    assert {"Dividends", "Withholding Tax", "Deposits/Withdrawals", "Broker Interest Received", "Other Fees"} <= kinds
    assert {"Po", "Re"} == {row.attrib["code"] for row in rows if row.tag == "ChangeInDividendAccrual"}
    deposits = [number(row, "amount") for row in rows if row.attrib.get("type") == "Deposits/Withdrawals"]
    assert min(deposits) < 0 < max(deposits)


def test_activity_ends_with_the_last_report_day_and_confirmations_tell_of_today(told: Broker) -> None:
    as_of = told.as_of
    past, today = activity(told, INCOME.account), confirmation(told, INCOME.account)
    assert past.attrib["toDate"] == f"{previous_report_day(as_of):%Y%m%d}"
    assert past.attrib["fromDate"] == f"{first_history_day(as_of):%Y%m%d}"
    assert (today.attrib["fromDate"], today.attrib["toDate"]) == (f"{as_of:%Y%m%d}", f"{as_of:%Y%m%d}")
    fills = today.findall("TradeConfirms/TradeConfirm")
    if as_of.weekday() >= 5 or not is_report_day(as_of):
        assert fills == []
    if as_of in {date(2026, 11, 19), date(2026, 11, 23)}:
        assert fills
    assert all(row.attrib["tradeDate"] == f"{as_of:%Y%m%d}" and row.attrib["transactionType"] == "ExchTrade" for row in fills)


def test_every_session_brings_a_fill_that_a_confirmation_can_tell(broker: Broker) -> None:
    days = {
        row.attrib["tradeDate"] for row in activity(broker, INCOME.account).findall("Trades/Trade[@transactionType='ExchTrade']")
    }
    quiet = [day for day in broker.market.days[2:-1] if f"{day:%Y%m%d}" not in days]
    assert quiet
    assert not any(is_american_session(day) for day in quiet)


def test_confirmed_fills_stand_in_the_next_activity_with_the_same_ids(broker: Broker) -> None:
    tomorrow = build(as_of=date(2026, 11, 20), seed=broker.seed)
    final = {row.attrib["tradeID"]: row.attrib for row in activity(tomorrow, INCOME.account).findall("Trades/Trade")}
    rows = confirmation(broker, INCOME.account).findall("TradeConfirms/TradeConfirm")
    assert rows
    for row in rows:
        booked = final[row.attrib["tradeID"]]
        for name, other in (("execID", "ibExecID"), ("orderID", "ibOrderID"), ("price", "tradePrice"), ("amount", "tradeMoney")):
            assert row.attrib[name] == booked[other]
        for name in ("conid", "quantity", "proceeds", "dateTime", "buySell", "brokerageOrderID"):
            assert row.attrib[name] == booked[name]
        assert abs(number(row, "commission") - Decimal(booked["ibCommission"])) < CENT
        assert not {"transactionID", "fxRateToBase", "openCloseIndicator", "fifoPnlRealized", "cost"} & set(row.attrib)


def test_the_order_of_booking_is_that_of_time_and_trade_ids(broker: Broker) -> None:
    """Whoever matches first in first out by time, and by trade id within an instant, finds the same lots."""
    for desk in broker.desks.values():
        last: dict[str, tuple[datetime, int]] = {}
        for fill in desk.fills:
            order = fill.order
            key = (order.moment, int(order.trade_id or order.original_trade_id))
            assert last.get(order.contract.conid, key) <= key
            last[order.contract.conid] = key


def test_closed_lots_tell_the_realised_results_piece_by_piece(broker: Broker) -> None:
    for account in ACCOUNTS:
        books = broker.books(account)
        pieces: defaultdict[str, Decimal] = defaultdict(Decimal)
        for lot in books.closed_lots:
            pieces[lot.closing] += lot.realized
        assert {key: amount for key, amount in books.realized.items() if amount} == {
            key: amount for key, amount in pieces.items() if amount
        }


def test_a_confirmation_knows_only_what_was_filled_by_then(broker: Broker) -> None:
    all_day = confirmation(broker, INCOME.account).findall("TradeConfirms/TradeConfirm")
    early = confirmation(broker, INCOME.account, at=time(2, 0)).findall("TradeConfirms/TradeConfirm")
    assert (len(early), len(all_day) > 0) == (0, True)


def test_confirmations_of_past_days_hold_bookings_too(broker: Broker) -> None:
    rows = confirmation(broker, INCOME.account, date(2026, 9, 1)).findall("TradeConfirms/TradeConfirm")
    codes = {row.attrib["code"] for row in rows}
    assert "C;Ep" in codes
    assert all(row.attrib["execID"] == "" for row in rows if row.attrib["transactionType"] == "BookTrade")
    assert not [row for row in rows if row.attrib["transactionType"] == "BookTrade" and row.attrib["tradeDate"] >= "20261119"]


def test_nothing_is_published_for_today_and_later(broker: Broker) -> None:
    moment = datetime.combine(broker.as_of, time(5, 6), EASTERN)
    assert broker.activity_xml([INCOME.account], broker.as_of, broker.as_of, generated_at=moment) is None
    assert broker.activity_xml([INCOME.account], date(2026, 11, 14), date(2026, 11, 15), generated_at=moment) is None, "a weekend"
    assert broker.confirmation_xml([INCOME.account], date(2026, 11, 20), date(2026, 11, 21), generated_at=moment) is None


def test_bases_and_several_accounts_in_one_report(broker: Broker) -> None:
    moment = datetime.combine(broker.as_of, time(5, 6), EASTERN)
    xml = broker.activity_xml(ACCOUNTS, date(2026, 10, 3), date(2026, 11, 1), generated_at=moment)
    assert xml is not None
    found = ET.fromstring(xml).findall("FlexStatements/FlexStatement")
    assert [row.attrib["accountId"] for row in found] == ACCOUNTS
    assert {row.attrib["fromDate"] for row in found} == {"20261005"}
    assert {row.attrib["toDate"] for row in found} == {"20261030"}
    bases = [one(row, "AccountInformation").attrib["currency"] for row in found]
    assert bases == [INCOME.currency, LONG_TERM.currency, RETIREMENT.currency] == ["EUR", "EUR", "USD"]
