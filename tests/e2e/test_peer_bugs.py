"""Where other journals break on IBKR's reports: 22 defects that their users told of, each by its number.

Every test takes reports in as a user does, and looks where the other program failed. The numbers are those of the project's list.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ibjournal import bootstrap
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.campaign import StepKind
from ibjournal.domain.depot import AccountId
from ibjournal.domain.filters import TradeFilter
from ibjournal.domain.trade import TradeStatus
from ibjournal.flex.client import QUICK
from ibjournal.flex.pacing import Limits
from ibjournal.paths import Paths
from ibjournal.services.credentials import MemoryCredentials
from ibjournal.services.depots import DepotDraft
from tests.fakes.account_reports import (
    CALL,
    OTHER,
    PUT,
    balance,
    booked,
    checked,
    conversion,
    information,
    on,
    only,
    take,
    told,
    trades,
)
from tests.fakes.flex_reports import ACCOUNT, activity, cash, confirm, confirmation, equity, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder
from tests.unit.flex.flex_source import AS_OF, FIRST_DAY, PLAIN_TOKEN, PlainSource, plain_depots

pytestmark = pytest.mark.e2e
D = Decimal


@pytest.fixture
def journal(tmp_path: Path) -> JournalFolder:
    return JournalFolder(tmp_path / "data")


# --- what is imported ---------------------------------------------------------------------------------------------


def test_01_futures_commodities_cfds_and_bonds_are_trades(journal: JournalFolder) -> None:
    """Portfolio Performance #3742, #5232."""
    kinds = (
        ("FUT", "50", 2, 5000, 5010),
        ("CMDTY", "1", 10, 2000, 2005),
        ("CFD", "1", 100, 10, 11),
        ("BOND", "1", 10_000, 99, 101),
    )
    rows = []
    for at, (kind, multiplier, quantity, bought, sold) in enumerate(kinds):
        terms = {"assetCategory": kind, "conid": f"{at}1", "symbol": kind, "multiplier": multiplier}
        rows += [trade(2 * at, quantity, bought, **terms), trade(2 * at + 1, -quantity, sold, **terms)]
    take(journal, section("Trades", *rows))
    assert {each.instrument: each.net for each in journal.trades()} == {"01": 998, "11": 48, "21": 98, "31": 198}


def test_02_a_query_with_trades_alone_is_read_whatever_their_type(journal: JournalFolder) -> None:
    """Portfolio Performance #5831."""
    kinds = ("ExchTrade", "BookTrade", "DvpTrade", "FracShare", "NextYearsTrade", "")
    rows = [trade(number, 10, transactionType=kind, conid=f"{number}1") for number, kind in enumerate(kinds)]
    file = journal.take(activity(*rows))
    assert (file.error, file.new) == (None, len(kinds))
    assert [told(each, "open_quantity", "entry_price") for each in journal.trades()] == [(10, 10)] * len(kinds)


def test_03_a_file_of_two_accounts_keeps_them_apart(journal: JournalFolder) -> None:
    """Portfolio Performance #5348, #5473: one account's conversion must not move the other's cash."""
    mine = [trade(1, conid="111"), conversion(2, 1000, "1.1")]
    theirs = [trade(3, 30, 10, accountId=OTHER), trade(4, -30, 11, accountId=OTHER)]
    journal.take(report(
        statement(information(), section("Trades", *mine),
                  section("CashReport", balance("USD", 5000, 2897), balance("EUR", 0, 1000))),
        statement(information(account=OTHER), section("Trades", *theirs),
                  section("CashReport", balance("USD", 700, 728, OTHER), balance("EUR", 5, 5, OTHER)), account=OTHER),
    ))  # fmt: skip
    assert [told(each, "account", "open_quantity", "net") for each in journal.trades()] == [(ACCOUNT, 100, 0), (OTHER, 0, 28)]
    assert {currency: each.ours for currency, each in checked(journal, "cash").items()} == {"USD": 2897, "EUR": 1000}
    assert {currency: each.ours for currency, each in checked(journal, "cash", OTHER).items()} == {"USD": 728, "EUR": 5}
    assert [each.account for each in journal.services.events.conversions()] == [ACCOUNT]


def test_04_conversions_and_reversed_dividends_have_the_right_sign(journal: JournalFolder) -> None:
    """Portfolio Performance #4831, #4136, #5930."""
    entries = section("CashTransactions", cash(1, 100), cash(2, -100), cash(3, 85))
    balances = section("CashReport", balance("USD", 5000, 3983, dividends=85), balance("EUR", 0, 1000))
    take(journal, section("Trades", conversion(1, 1000, "1.1")), entries, balances, base="EUR")
    assert {currency: each.ours for currency, each in checked(journal, "cash").items()} == {"USD": 3983, "EUR": 1000}
    assert checked(journal, "dividends")["USD"].ours == 85
    assert journal.trades() == [], "a conversion is no trade"


def test_05_options_count_in_contracts_at_their_instant_beside_their_underlying(journal: JournalFolder) -> None:
    """Portfolio Performance: shares times multiplier as the quantity, the zone dropped, no premium by underlying."""
    take(journal, section("Trades", trade(1, -2, "1.5", **PUT, openCloseIndicator="O"), trade(2, 2, "0.5", **PUT)))
    found = only(journal)
    assert told(found, "quantity", "entry_price", "net") == (2, D("1.5"), 198)
    assert found.opened_at == datetime(2026, 3, 2, 15, 1, tzinfo=UTC)
    (strategy,) = journal.services.strategies.list(TradeFilter())
    assert told(strategy, "strategy.underlying", "strategy.symbol", "strategy.net") == ("111", "ACME", 198)


def test_06_one_account_holds_cash_in_many_currencies(journal: JournalFolder) -> None:
    """Portfolio Performance: one reference account, currencies told apart by what the user puts before a name."""
    bought = [trade(number, 10, 50, currency=currency, ibCommissionCurrency=currency, conid=number, proceeds=-500)
              for number, currency in enumerate(("USD", "EUR", "CHF"), 1)]  # fmt: skip
    balances = [balance(currency, 1000, 499) for currency in ("USD", "EUR", "CHF")]
    take(journal, section("Trades", *bought), section("CashReport", *balances))
    assert [told(each, "currency", "entry_price") for each in journal.trades()] == [("USD", 50), ("EUR", 50), ("CHF", 50)]
    assert {currency: each.ours for currency, each in checked(journal, "cash").items()} == {"USD": 499, "EUR": 499, "CHF": 499}


CLASSES = "STK OPT FUT FOP WAR IOPT CFD BOND BILL FUND CMDTY CRYPTO NEXT".split()


@pytest.mark.parametrize("category", CLASSES)
def test_07_no_asset_class_is_skipped(journal: JournalFolder, category: str) -> None:
    """TradeTally: shares, options and futures alone; the last one is a class that IBKR has not invented yet."""
    terms = {"assetCategory": category, "symbol": category}
    take(journal, section("Trades", trade(1, 100, 20, **terms), trade(2, -60, 30, **terms)))
    point = D("0.01") if category in {"BOND", "BILL"} else 1
    found = only(journal)
    assert told(found, "open_quantity", "gross", "fees") == (40, 600 * point, D("-1.6"))
    ((kept,),) = journal.query("SELECT category FROM instruments")
    assert kept == category


# --- what becomes a trade -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["C;O", "O", ""])
def test_08_a_flip_through_zero_closes_and_opens(journal: JournalFolder, code: str) -> None:
    """TradeTally: a long trade with a negative quantity."""
    take(journal, section("Trades", trade(1, 100, 10), trade(2, -150, 12, ibCommission="-3", openCloseIndicator=code)))
    first, second = journal.trades()
    assert told(first, "side.value", "status", "quantity", "net") == ("long", TradeStatus.CLOSED, 100, 197)
    assert told(second, "side.value", "status", "open_quantity", "entry_price") == ("short", TradeStatus.OPEN, 50, 12)
    assert first.fees == -3, "two thirds of the second commission"


def test_09_a_close_without_its_opening_takes_ibkrs_result(journal: JournalFolder) -> None:
    """TradeTally #360: a loss of the commission."""
    take(journal, section("Trades", trade(1, -100, 12, fifoPnlRealized="187.5", cost="-1011.5", proceeds="1200")))
    found = only(journal)
    assert (found.net, found.status, found.entry_known) == (D("187.5"), TradeStatus.CLOSED, False)


def test_10_a_late_trade_stays_on_its_trading_day(journal: JournalFolder) -> None:
    """TradeTally #57: half past seven in New York is the next day in UTC and in Berlin."""
    take(journal, section("Trades", trade(1, 100, 10, **on("20260302", "193000")), trade(2, -100, 11, **on("20260303", "195900"))))
    assert (only(journal).opened_on, only(journal).closed_on) == (date(2026, 3, 2), date(2026, 3, 3))


def test_10_a_commission_counts_once(journal: JournalFolder) -> None:
    """TradeTally #153: the confirmation tells it, Activity tells it, and so do the lines of the order and of the symbol."""
    journal.take(confirmation(confirm(1), confirm(1, levelOfDetail="ORDER")))
    no_ids = dict.fromkeys(("transactionID", "tradeID", "ibExecID"), "")
    levels = [trade(1, levelOfDetail=level, **no_ids) for level in ("ORDER", "CLOSED_LOT", "SYMBOL_SUMMARY", "ASSET_SUMMARY")]
    lot = row("Lot", accountId=ACCOUNT, conid="111", quantity="100", tradePrice="10", dateTime="20260302;100100")
    journal.take(activity(*levels, row("Order", accountId=ACCOUNT, conid="111", quantity=100), lot, trade(1)))
    assert only(journal).open_quantity == 100
    ((piece,),) = [each.pieces for each in journal.trades()]
    assert piece.fees == -1


def test_10_options_are_not_merged_under_their_share(journal: JournalFolder) -> None:
    """TradeTally #153: a query of ours may even write the share's symbol for the option."""
    put, call = ({**terms, "symbol": "ACME", "openCloseIndicator": "O"} for terms in (PUT, CALL))
    take(journal, section("Trades", trade(1, 100, 50), trade(2, -1, 2, **put), trade(3, -1, 3, **call), trade(4, -100, 51)))
    assert {name: each.net for name, each in trades(journal).items()} == {"111": 98, "501": 0, "502": 0}
    assert [trades(journal)[name].open_quantity for name in ("111", "501", "502")] == [0, 1, 1]


def test_10_partial_exits_are_there(journal: JournalFolder) -> None:
    """TradeTally #318."""
    exits = [trade(number, -quantity, price) for number, quantity, price in ((2, 30, 11), (3, 30, 12), (4, 40, 9))]
    take(journal, section("Trades", trade(1, 100, 10), *exits))
    found = only(journal)
    detail = journal.services.journal.trade_detail(found.key)
    assert detail is not None
    assert [told(each, "quantity", "gross") for each in detail.matches] == [(30, 30), (30, 60), (40, -40)]
    assert found.net == 46
    assert len(detail.fills) == 4


def test_10_every_screen_shows_the_same_profit(journal: JournalFolder) -> None:
    """TradeTally #377: one sum in the dashboard, another in the calendar. Trades over the turn of months, in another currency."""
    rows = [trade(2 * at, 10, 50, **on(f"20260{month}28"), conid=at) + trade(2 * at + 1, -10, price,
            **on(f"20260{month + 1}03"), conid=at) for at, (month, price) in enumerate(((3, 55), (4, 45), (5, 70)))]  # fmt: skip
    take(journal, section("Trades", *rows), base="EUR")
    listed = journal.services.journal.list_trades(TradeFilter())
    shown = sum((each.trade.net_base or D(0) for each in listed.rows), D(0))
    assert shown == (48 - 52 + 198) * D("0.9")
    for by in ("month", "symbol", "weekday", "side", "asset_class"):
        measured = journal.services.performance.report(group_by=by)
        assert sum(each.net for each in measured.groups) == shown
        assert measured.profit[-1][1] == shown


def test_10_a_report_of_ibkr_japan_is_read(journal: JournalFolder) -> None:
    """TradeTally #217: names in Japanese, yen without decimals, days with hyphens, no level of detail in the rows."""
    terms = {"currency": "JPY", "ibCommissionCurrency": "JPY", "symbol": "7203.T", "description": "トヨタ", "levelOfDetail": None}
    rows = []
    for number, quantity, price in ((1, 100, 3000), (2, -100, 3100)):
        day = f"2026-03-0{number + 1}"
        when = {"dateTime": f"{day} 09:00:00 JST", "tradeDate": day, "reportDate": day}
        rows.append(trade(number, quantity, price, **terms, **when, ibCommission="-80", fxRateToBase="1"))
    take(journal, section("Trades", *rows), base="JPY")
    found = only(journal)
    assert told(found, "net", "currency", "opened_at") == (9840, "JPY", datetime(2026, 3, 2, tzinfo=UTC))
    assert journal.query("SELECT description FROM instruments") == [("トヨタ",)]


# --- how it comes, and comes again --------------------------------------------------------------------------------


def test_11_years_are_fetched_in_windows_that_ibkr_answers(tmp_path: Path) -> None:
    """TradeTally 2.6.7: a window of 365 days for an account that is younger is an error 1003; no request without a user agent."""
    with FlexService(PlainSource(), as_of=AS_OF, depots=plain_depots(), pacing=None, pending_polls=0) as service:
        services = bootstrap.build(
            Paths(tmp_path / "data"), credentials=MemoryCredentials(kept=True), flex_url=service.url, patience=QUICK,
            limits=Limits(spacing=0, per_minute=100_000),
        )  # fmt: skip
        depot, _changes = services.depots.add(DepotDraft(name="Plain", activity_query="1001", token=PLAIN_TOKEN))
        synced = services.sync.sync_depot(depot)
        requests = list(service.requests)
    assert synced.error is None
    assert all(
        {name.lower(): value for name, value in each.headers.items()}["user-agent"].startswith("ibjournal/") for each in requests
    )
    windows = [(day(each.params["fd"]), day(each.params["td"])) for each in requests if "fd" in each.params]
    assert all((end - start).days < 365 for start, end in windows)
    assert min(start for start, _end in windows) <= FIRST_DAY
    assert 1003 in {each.code for each in requests}, "older years were asked for and are not there"


def day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()


def test_12_swing_trades_and_options_close_days_later(journal: JournalFolder) -> None:
    """TradeNote #139, #164: partials over several days and files, and options."""
    take(journal, section("Trades", trade(1, 100, 10), trade(2, -1, 2, **PUT, openCloseIndicator="O")),
         days=("20260302", "20260302"), name="a.xml")  # fmt: skip
    take(journal, section("Trades", trade(3, -40, 11, **on("20260312"))), days=("20260312", "20260312"), name="b.xml")
    ended = trade(5, 1, 0, **PUT, **booked("20260320", "Ep"))
    take(journal, section("Trades", trade(4, -60, 12, **on("20260325")), ended), days=("20260313", "20260331"), name="c.xml")
    assert {name: (each.net, each.closed_on) for name, each in trades(journal).items()} == {
        "111": (D(157), date(2026, 3, 25)),
        "501": (D(199), date(2026, 3, 20)),
    }


def test_12_a_changed_header_breaks_nothing(journal: JournalFolder) -> None:
    """TradeNote #145: columns that are new, columns that are gone, columns that moved."""
    short = trade(
        2, -100, 11, **dict.fromkeys(("description", "ibOrderID", "multiplier", "reportDate", "notes", "transactionType"))
    )
    moved = trade(1, 100, 10).replace("<Trade ", '<Trade aNewColumn="1" ')
    take(journal, section("Trades", moved, short), section("ANewSection", row("ANewRow", accountId=ACCOUNT, some="thing")))
    assert only(journal).net == 98


def test_12_a_day_can_be_imported_again_with_what_was_missing(journal: JournalFolder) -> None:
    """TradeNote #71, #107: here a day can come any number of times.

    There is no manual entry: what was forgotten is in IBKR's next report of that day, and meets what is there.
    """
    first = activity(trade(1), generated="20260303;050000")
    assert journal.counts(first)[0] == 1
    assert journal.counts(first)[0] == 0
    assert journal.counts(activity(trade(1), trade(2, -100, 11), generated="20260304;050000"))[0] == 1
    assert only(journal).net == 98


def test_13_a_closing_fill_closes_as_many_lots_as_it_needs(journal: JournalFolder) -> None:
    """Deltalytix: one lot for each close, commissions whole, open positions dropped."""
    bought = [trade(number, 10, 10 * number) for number in (1, 2, 3)]
    take(journal, section("Trades", *bought, trade(4, -25, 40, ibCommission="-5")))
    found = only(journal)
    detail = journal.services.journal.trade_detail(found.key)
    assert detail is not None
    assert [told(each, "quantity", "gross", "fees") for each in detail.matches] == [
        (10, 300, -3),
        (10, 200, -3),
        (5, 50, D("-1.5")),
    ]
    assert told(found, "open_quantity", "net") == (5, D("542.5"))
    ((quantity, cost),) = [(each["quantity"], each["cost"]) for each in journal.services.export.rows("positions")]
    assert (quantity, D(str(cost))) == ("5", D("150.5"))


def test_14_nobody_guesses_the_zone_of_a_statement(journal: JournalFolder) -> None:
    """LuxAlgo: times without a zone are New York's; the same fills with their zone written are the same, and notes stay."""
    take(journal, section("Trades", trade(1), trade(2, -100, 11)))
    journal.services.journal.write_note(only(journal).key, "mine")
    zoned = [trade(1, dateTime="2026-03-02;16:01:00 CET"), trade(2, -100, 11, dateTime="2026-03-02;10:02:00 EST")]
    take(journal, section("Trades", *zoned), name="zoned.xml", generated="20260702;050000")
    found = only(journal)
    assert told(found, "opened_at", "net") == (datetime(2026, 3, 2, 15, 1, tzinfo=UTC), 98)
    detail = journal.services.journal.trade_detail(found.key)
    assert detail is not None
    assert detail.note is not None
    assert detail.note.text == "mine"


def test_15_results_by_month_and_year_over_options_and_futures_of_several_accounts(journal: JournalFolder) -> None:
    """Wealthfolio #435, #1780, #576, #819. Lots leave first in, first out, as IBKR books them unless told otherwise."""
    future = {"assetCategory": "FUT", "conid": "601", "symbol": "ESM6", "multiplier": "50"}
    mine = section("Trades", trade(1, 1, 5000, **future), trade(2, -1, 5010, **future, **on("20260420")))
    fills = ((1, -1, 2, "O"), (2, -1, 3, "O"), (3, 1, 1, "C"))
    puts = [
        trade(number, contracts, price, **PUT, accountId=OTHER, openCloseIndicator=code) for number, contracts, price, code in fills
    ]
    theirs = section("Trades", *puts)
    journal.take(report(statement(information(), mine), statement(information(account=OTHER), theirs, account=OTHER)))
    assert {each.account: each.net for each in journal.trades()} == {ACCOUNT: 498, OTHER: 98}
    months = journal.services.performance.report(group_by="month").groups
    assert [told(each, "label", "net") for each in months] == [("2026-04", 498)], "a trade counts when it is closed"
    assert journal.services.performance.report(account=AccountId(OTHER), group_by="month").groups == ()


def test_16_balances_in_several_currencies_are_not_added_up_as_they_stand(journal: JournalFolder) -> None:
    """SnapTrade: a balance for each currency, each with IBKR's; the whole only in the base currency, at its rates."""
    balances = [balance("USD", 1000, 1100), balance("JPY", 50_000, 50_000), balance("BASE_SUMMARY", 1300, 1390)]
    entries = section("CashTransactions", cash(1, 100, currency="USD", type="Broker Interest Received"))
    days = section("EquitySummaryInBase", equity("20260302", 1300), equity("20260303", 1390))
    take(journal, section("CashReport", *balances), entries, days, base="EUR")
    in_currency = {each.currency: each.ours for each in journal.services.reconciliation.checks() if each.check == "cash"}
    assert in_currency == {"USD": 1100, "JPY": 50_000, "EUR": in_currency["EUR"]}
    measured = journal.services.performance.report()
    assert measured.currency == "EUR"
    assert [each.nav for each in measured.equity.points] == [1300, 1390]


def test_17_history_goes_back_beyond_a_year_and_new_columns_are_no_error(journal: JournalFolder) -> None:
    """Ghostfolio: no options and futures; ibkr-sync: 365 days (#40), and a crash on ``positionActionID`` (#37)."""
    for year in (2026, 2024, 2025):
        ids = {"tradeID": year, "transactionID": year, "ibExecID": f"a.{year}.01.01", "positionActionID": "17", "neverSeen": "x"}
        fill = trade(1, 10 if year < 2026 else -20, year - 2000, **on(f"{year}0302"), **ids)
        days = f"{year}0101", f"{year}1231"
        take(journal, section("Trades", fill), name=f"{year}.xml", days=days, generated=f"{year + 1}0102;050000")
    found = only(journal)
    assert told(found, "opened_on", "closed_on", "net") == (date(2024, 3, 2), date(2026, 3, 2), 10 * 2 + 10 * 1 - 3)


# --- options ------------------------------------------------------------------------------------------------------


def test_18_a_short_option_is_a_position_and_no_error(journal: JournalFolder) -> None:
    """opensteuerauszug #218: a negative balance."""
    position = row("OpenPosition", accountId=ACCOUNT, conid="501", symbol=PUT["symbol"], assetCategory="OPT", currency="USD",
                   position="-1", costBasisMoney="-199", side="Short", reportDate="20260630", multiplier="100")  # fmt: skip
    take(journal, section("Trades", trade(1, -3, 2, **PUT, openCloseIndicator="O", ibCommission="-3"), trade(2, 2, 1, **PUT)),
         section("OpenPositions", position))  # fmt: skip
    found = only(journal)
    assert told(found, "side.value", "open_quantity", "net") == ("short", 1, 197)
    assert [each.ours for each in checked(journal, "positions").values()] == [-1]
    assert [each.ours for each in checked(journal, "cost").values()] == [-199]


def test_19_a_premium_counts_once_when_an_option_is_assigned(journal: JournalFolder) -> None:
    """ibkr-report-parser #1191: IBKR shows 0 on the option and moves the premium into the shares; both views add up."""
    ended = booked("20260320", "A", "77")
    rows = [trade(1, -1, "1.5", **PUT, openCloseIndicator="O"), trade(2, 1, 0, **PUT, **ended), trade(3, 100, 50, **ended),
            trade(4, -100, 51, **on("20260401"), fifoPnlRealized="248", cost="-4851")]  # fmt: skip
    take(journal, section("Trades", *rows))
    found = trades(journal)
    assert told(found["501"], "net", "booked") == (149, 0)
    assert told(found["111"], "net", "booked") == (99, 248)
    assert sum(each.net or 0 for each in found.values()) == sum(each.booked or 0 for each in found.values()) == 248
    assert checked(journal, "realized")["USD"].ours == 248


def test_20_a_wheel_has_its_covered_calls_and_its_premium_in_its_month(journal: JournalFolder) -> None:
    """GammaLedger #10, #20: an assigned put, a call that expired, a call by which the shares were called away."""
    early = CALL | {"symbol": "ACME  260327C00056000", "conid": "503", "strike": "56", "expiry": "20260327"}
    put_ended, call_ended = booked("20260320", "A", "77"), booked("20260417", "A", "78")
    rows = [trade(1, -1, "1.5", **PUT, openCloseIndicator="O"), trade(2, 1, 0, **PUT, **put_ended), trade(3, 100, 50, **put_ended),
            trade(7, -1, 1, **early, **on("20260323"), openCloseIndicator="O"), trade(8, 1, 0, **early, **booked("20260327", "Ep")),
            trade(4, -1, 2, **CALL, **on("20260330"), openCloseIndicator="O"), trade(5, 1, 0, **CALL, **call_ended),
            trade(6, -100, 55, **call_ended)]  # fmt: skip
    take(journal, section("Trades", *rows))
    (found,) = journal.services.campaigns.list(TradeFilter())
    assert told(found.campaign, "chain.kind.value", "net") == ("wheel", 149 + 99 + 199 + 500)
    assert len(found.campaign.chain.trades) == 4
    detail = journal.services.campaigns.detail(found.campaign.chain.key)
    assert detail is not None
    steps = {step.kind: told(step, "day", "realized.premium") for step in detail.row.campaign.steps}
    assert steps[StepKind.ASSIGNED] == (date(2026, 3, 20), 150)
    assert steps[StepKind.EXPIRED] == (date(2026, 3, 27), 100)
    assert steps[StepKind.CALLED_AWAY] == (date(2026, 4, 17), 200)
    by_month = {each.label: each.net for each in journal.services.performance.report(group_by="month").groups}
    assert by_month == {"2026-03": 149 + 99, "2026-04": 199 + 500}


# --- settings and accounts ----------------------------------------------------------------------------------------


WRITTEN = "20260302;100100"


@pytest.mark.parametrize(
    ("symbol", "written"),
    [
        *((symbol, WRITTEN) for symbol in ("BRK B", "1COV", "005930", "Ωm&ga <5%>", "", "ESM6", "-", "NaN")),
        *(("ACME", written) for written in ("2026-03-02, 10:01:00", "02-MAR-26 10:01:00", "2026-03-0210:01:00", "03/02/26;100100")),
    ],
)
def test_21_odd_symbols_and_dates_are_read(journal: JournalFolder, symbol: str, written: str) -> None:
    """investments #42: unusual tickers and dates; and no futures, options or short positions."""
    decided = {"dateTime": "03/31/26;100100"} if "/" in written else {}
    rows = [trade(1, -5, 10, symbol=symbol, dateTime=written, openCloseIndicator="O"), trade(2, 5, 9, symbol=symbol, **decided)]
    take(journal, section("Trades", *rows))
    found = only(journal)
    assert told(found, "opened_at", "net") == (datetime(2026, 3, 2, 15, 1, tzinfo=UTC), 3)
    assert journal.query("SELECT symbol FROM instruments") == [(symbol,)]


def test_22_an_account_with_a_new_number_goes_on(journal: JournalFolder) -> None:
    """TradingDiary Pro: surgery in the database. Here the user says it once, and it holds after every rebuild."""
    take(journal, section("Trades", trade(1, 100, 10)), days=("20260301", "20260310"), generated="20260311;050000")
    sold = trade(2, -100, 12, accountId=OTHER, **on("20260316"))
    take(
        journal, section("Trades", sold), account=OTHER, days=("20260311", "20260331"), generated="20260401;050000", name="new.xml"
    )
    journal.services.events.link_accounts(AccountId(ACCOUNT), AccountId(OTHER))
    found = only(journal)
    assert told(found, "account", "opened_on", "net") == (OTHER, date(2026, 3, 2), 198)
    journal.services.journal.write_note(found.key, "mine")
    journal.services.maintenance.rebuild_from_archive()
    assert only(journal) == found
    detail = journal.services.journal.trade_detail(found.key)
    assert detail is not None
    assert detail.note is not None
