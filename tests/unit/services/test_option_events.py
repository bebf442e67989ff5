"""Exercise, assignment, expiry and settlement in cash, through real reports; and what the first positions prove."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ibjournal.domain.filters import TradeFilter
from ibjournal.domain.trade import Trade
from tests.fakes.flex_reports import ACCOUNT, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

PUT: dict[str, Any] = {
    "assetCategory": "OPT", "symbol": "ACME  260320P00010000", "description": "ACME 20MAR26 10.0 P", "conid": "900",
    "underlyingConid": "111", "underlyingSymbol": "ACME", "multiplier": "100", "strike": "10", "expiry": "20260320", "putCall": "P",
    "fxRateToBase": "1",
}  # fmt: skip
_ENDED: dict[str, Any] = {
    "dateTime": "20260320;162000", "tradeDate": "20260320", "reportDate": "20260320", "transactionType": "BookTrade",
    "ibExecID": None, "ibCommission": "0", "fxRateToBase": "1",
}  # fmt: skip
_INDEX: dict[str, Any] = {**PUT, "symbol": "XSP   260320P00010000", "description": "XSP 20MAR26 10 P", "underlyingSymbol": "XSP"}


def assigned(**attributes: Any) -> tuple[str, str, str]:
    """Return a put sold for 150, its assignment, and the shares that came."""
    sold = trade(1, -1, "1.5", **{**PUT, "ibCommission": "-1", "openCloseIndicator": "O"})
    option = trade(20, 1, 0, **{**PUT, **_ENDED, "notes": "A", "openCloseIndicator": "C", **attributes})
    shares = trade(21, 100, 10, **{**_ENDED, "notes": "A", "openCloseIndicator": "O", **attributes})
    return sold, option, shares


def take(journal: JournalFolder, *fills: str, others: tuple[str, ...] = (), base: str = "USD") -> dict[str, Trade]:
    """Take in fills and other sections; return the trades by instrument."""
    information = row("AccountInformation", accountId=ACCOUNT, currency=base)
    content = statement(information, section("Trades", *fills), *others, days=("20260301", "20260331"), generated="20260401;050000")
    file = journal.take(report(content))
    assert file.error is None, file.error
    return {each.instrument: each for each in journal.trades()}


def links(journal: JournalFolder) -> int:
    """Return how many exercises are linked."""
    ((count,),) = journal.query("SELECT count(DISTINCT id) FROM position_facts WHERE kind='link'")
    return int(count)


@pytest.mark.parametrize("tied", [{"positionActionID": "4711"}, {}])
def test_both_views_of_an_assignment_add_up_to_the_same(journal: JournalFolder, tied: dict[str, str]) -> None:
    later = trade(30, -100, 11, **{**_ENDED, "dateTime": "20260325;110000", "tradeDate": "20260325", "reportDate": "20260325",
                                   "transactionType": "ExchTrade"})  # fmt: skip
    found = take(journal, *assigned(**tied), later)
    option, shares = found["900"], found["111"]
    assert links(journal) == 1
    assert (option.net, option.booked, option.ended_by) == (Decimal(149), Decimal(0), "assigned")
    assert (shares.net, shares.booked) == (Decimal(100), Decimal(249))


def test_several_contracts_in_one_delivery(journal: JournalFolder) -> None:
    options = [trade(n, 1, 0, **{**PUT, **_ENDED, "notes": "A", "openCloseIndicator": "C"}) for n in (20, 21)]
    sold = trade(1, -2, "1.5", **{**PUT, "ibCommission": "0", "openCloseIndicator": "O"})
    found = take(journal, sold, *options, trade(22, 200, 10, **{**_ENDED, "notes": "A", "openCloseIndicator": "O"}))
    assert links(journal) == 2
    ((cost,),) = [(each["cost"],) for each in journal.services.export.rows("positions") if each["instrument"] == "111"]
    assert (found["900"].net, found["900"].booked, Decimal(str(cost))) == (Decimal(300), Decimal(0), Decimal(2000))


@pytest.mark.parametrize("wrong", [{"tradePrice": "9"}, {"dateTime": "20260320;162001"}, {"conid": "112", "symbol": "OTHER"}])
def test_what_does_not_fit_is_not_linked(journal: JournalFolder, wrong: dict[str, str]) -> None:
    sold, option, _shares = assigned()
    take(journal, sold, option, trade(21, 100, 10, **{**_ENDED, "notes": "A", "openCloseIndicator": "O", **wrong}))
    assert links(journal) == 0


def eae(kind: str, quantity: object, *, option: dict[str, Any] = PUT, **attributes: object) -> str:
    """Return a row of IBKR's exercises, assignments and expirations on 20 March."""
    names = ("assetCategory", "symbol", "description", "conid", "underlyingSymbol", "multiplier", "strike", "expiry", "putCall")
    values: dict[str, object] = {"accountId": ACCOUNT, "currency": "USD", "date": "20260320", "transactionType": kind}
    return row("OptionEAE", **(values | {name: option[name] for name in names} | {"quantity": quantity} | attributes))


@pytest.mark.parametrize(("kind", "ended_by"), [("Expiration", "expired"), ("Assignment", "assigned"), ("Exercise", "exercised")])
@pytest.mark.parametrize("number", ["520", None])
def test_without_codes_the_option_events_say_how_it_ended(
    journal: JournalFolder, kind: str, ended_by: str, number: str | None
) -> None:
    bare: dict[str, Any] = {
        **PUT,
        **_ENDED,
        "notes": None,
        "transactionType": None,
        "openCloseIndicator": None,
        "levelOfDetail": None,
    }
    sold = trade(1, -1, "1.5", **{**PUT, "ibCommission": "0", "openCloseIndicator": "O"})
    found = take(journal, sold, trade(20, 1, 0, **bare), others=(section("OptionEAE", eae(kind, 1, tradeID=number)),))
    assert (found["900"].ended_by, found["900"].net) == (ended_by, Decimal(150))


def settled(*, notes: str = "A") -> tuple[str, str]:
    """Return an index put sold for 150 and its assignment, which IBKR shows at 0."""
    sold = trade(1, -1, "1.5", **{**_INDEX, "ibCommission": "0", "openCloseIndicator": "O"})
    return sold, trade(20, 1, 0, **{**_INDEX, **_ENDED, "notes": notes, "openCloseIndicator": "C"})


def line(amount: object, *, level: str = "Currency", currency: str = "USD", **attributes: object) -> str:
    """Return a line of the statement of funds that pays the put."""
    values: dict[str, object] = {
        "accountId": ACCOUNT, "currency": currency, "date": "20260320", "activityCode": "ADJ", "amount": amount,
        "activityDescription": "Option Cash Settlement for: Assignment ( XSP 20MAR26 10.0 P )", "levelOfDetail": level,
        "conid": "900", "symbol": _INDEX["symbol"], "assetCategory": "OPT",
    }  # fmt: skip
    return row("StatementOfFundsLine", **(values | attributes))


def test_cash_of_the_option_events_is_the_result(journal: JournalFolder) -> None:
    rows = section("OptionEAE", eae("Assignment", 1, option=_INDEX), eae("Cash Settlement", 0, option=_INDEX, proceeds="-420"))
    found = take(journal, *settled(), others=(rows, section("StmtFunds", line("-420"))))
    assert (found["900"].net, found["900"].ended_by) == (Decimal(-270), "settled")
    assert journal.query("SELECT json_extract(data, '$.source') FROM position_facts WHERE kind='settlement'") == [("OptionEAE",)]


@pytest.mark.parametrize(
    "lines",
    [
        (line("-420"),),
        (line("-420"), line("-378", level="BaseCurrency", currency="EUR")),
        (line("-378", level="BaseCurrency", currency="EUR"),),
        (line("-420", conid=None, symbol=None, assetCategory=None),),
    ],
    ids=["own currency", "both levels", "base currency", "by its words"],
)
def test_cash_of_the_statement_of_funds_is_the_result(journal: JournalFolder, lines: tuple[str, ...]) -> None:
    fills = [each.replace('fxRateToBase="1"', 'fxRateToBase="0.9"') for each in settled()]
    found = take(journal, *fills, others=(section("StmtFunds", *lines),), base="EUR")
    assert found["900"].net == Decimal(-270)


def test_a_settlement_that_two_reports_tell_counts_once(journal: JournalFolder) -> None:
    take(journal, *settled(), others=(section("StmtFunds", line("-420", balance="1")),))
    again = statement(section("StmtFunds", line("-420", balance="2")), days=("20260301", "20260402"), generated="20260403;050000")
    journal.take(report(again), "again.xml")
    assert journal.trades()[0].net == Decimal(-270)


def test_a_settlement_that_comes_later_is_found(journal: JournalFolder) -> None:
    (only,) = take(journal, *settled()).values()
    assert only.net == Decimal(150)
    later = statement(section("StmtFunds", line("-420")), days=("20260301", "20260402"), generated="20260403;050000")
    assert journal.take(report(later), "later.xml").error is None
    assert journal.trades()[0].net == Decimal(-270)


def test_a_delivery_is_never_settled_in_cash(journal: JournalFolder) -> None:
    found = take(journal, *assigned(), others=(section("StmtFunds", line("-420", conid="900")),))
    assert found["900"].net == Decimal(149)
    assert journal.query("SELECT 1 FROM position_facts WHERE kind='settlement'") == []


def test_a_real_settlement_in_the_base_currency(journal: JournalFolder, samples: Path) -> None:
    """Index puts whose lines stand in euros: at the day's rate they are whole dollars."""
    journal.take((samples / "gabbersepp__ib-flex-reader" / "StatementOfFunds.xml").read_bytes(), "funds.xml")
    account = "DU231262"
    own = {"accountId": account, "underlyingConid": "137851301", "underlyingSymbol": "XSP", "expiry": "20181205"}
    when = {"dateTime": "20181205;162000", "tradeDate": "20181205", "reportDate": "20181205", "fxRateToBase": "0.8815"}
    fills = []
    for number, (conid, right, strike, quantity, code) in enumerate(
        (("340452288", "C", "270", -1, "Ex"), ("340452613", "P", "288", 1, "A"), ("340452623", "P", "290", -1, "Ex"))
    ):
        terms = {**_INDEX, **own, "conid": conid, "putCall": right, "strike": strike, "symbol": f"XSP   181205{right}00{strike}000"}
        opened = {**when, "dateTime": "20181203;110000", "tradeDate": "20181203", "reportDate": "20181203", "ibCommission": "0"}
        fills.append(trade(number, -quantity, 5, **{**terms, **opened, "openCloseIndicator": "O"}))
        fills.append(trade(10 + number, quantity, 0, **{**terms, **_ENDED, **when, "notes": code, "openCloseIndicator": "C"}))
    information = row("AccountInformation", accountId=account, currency="EUR")
    content = statement(information, section("Trades", *fills), account=account, days=("20181201", "20181231"))
    assert journal.take(report(content)).error is None
    assert {each.instrument: each.net for each in journal.trades()} == {
        "340452288": Decimal(-499),
        "340452613": Decimal(500 - 1799),
        "340452623": Decimal(-500 + 1999),
    }


# --- what the first report of positions proves ------------------------------------------------------------------------


def held(position: object, cost: object, *, conid: str = "111", level: str = "SUMMARY", **attributes: object) -> str:
    """Return an open position of ACME."""
    values: dict[str, object] = {
        "accountId": ACCOUNT, "conid": conid, "symbol": "ACME", "assetCategory": "STK", "currency": "USD", "position": position,
        "costBasisMoney": cost, "levelOfDetail": level, "fxRateToBase": "1",
    }  # fmt: skip
    return row("OpenPosition", **(values | attributes))


def test_what_was_held_before_history_starts_is_open_with_ibkrs_cost(journal: JournalFolder) -> None:
    bought = trade(1, 50, 12, fxRateToBase="1", ibCommission="0")
    found = take(journal, bought, others=(section("OpenPositions", held(150, "1600"), held(-2, "-400", conid="900")),))
    assert (found["111"].open_quantity, found["111"].entry_known) == (Decimal(150), False)
    rows = journal.services.export.rows("positions")
    assert sum(Decimal(str(each["cost"])) for each in rows if each["instrument"] == "111") == Decimal(1600)
    assert found["900"].side.value == "short"
    assert not [each for each in journal.services.reconciliation.checks() if each.check == "positions" and each.difference]


def test_lots_are_not_counted_beside_their_sum(journal: JournalFolder) -> None:
    lots = (
        held(60, "500", level="LOT", openDateTime="20240102;100000"),
        held(40, "450", level="LOT", openDateTime="20250303;100000"),
    )
    take(journal, others=(section("OpenPositions", held(100, "950"), *lots),))
    rows = journal.services.export.rows("positions")
    assert sum(Decimal(str(each["quantity"])) for each in rows) == Decimal(100)
    assert sum(Decimal(str(each["cost"])) for each in rows) == Decimal(950)


def test_an_earlier_report_without_positions_proves_that_nothing_was_held(journal: JournalFolder) -> None:
    take(journal, others=(section("OpenPositions", held(100, "950")),))
    earlier = statement(section("OpenPositions"), days=("20260101", "20260131"), generated="20260202;050000")
    journal.take(report(earlier), "earlier.xml")
    assert journal.trades() == []


def test_older_history_replaces_what_positions_proved(journal: JournalFolder) -> None:
    take(journal, others=(section("OpenPositions", held(100, "1001")),))
    (proved,) = journal.trades()
    journal.services.journal.write_note(proved.key, "kept")
    older = section(
        "Trades", trade(1, 100, 10, fxRateToBase="1", dateTime="20250105;110000", tradeDate="20250105", reportDate="20250105")
    )
    journal.take(report(statement(older, days=("20250101", "20251231"))), "older.xml")
    (known,) = journal.trades()
    assert (known.entry_known, known.open_quantity) == (True, Decimal(100))
    detail = journal.services.journal.trade_detail(known.key)
    assert detail is not None
    assert detail.note is not None
    assert (detail.note.text, detail.row.has_note) == ("kept", True)
    (listed,) = journal.services.journal.list_trades(TradeFilter(text="kept")).rows
    assert listed.has_note
    journal.services.journal.write_note(known.key, "rewritten")
    assert journal.query("SELECT text FROM notes") == [("rewritten",)]
