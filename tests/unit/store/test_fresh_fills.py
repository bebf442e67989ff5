"""A first report is matched from memory: the trades are those that its stored fills give."""

from __future__ import annotations

import pytest

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.store import fresh_fills
from ibjournal.store.fresh_fills import MATCHED, FreshFills
from tests.fakes.flex_reports import ACCOUNT, activity, confirm, report, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

OTHER = "U7000002"
CANCEL = trade(
    4, -50, 12, transactionType="TradeCancel", origTradeID="503", tradeID="", ibExecID="", buySell="SELL (Ca.)", notes="Ca"
)
NO_IDS = {"transactionID": "", "tradeID": "", "ibExecID": ""}
IN_BOTH = section("TradeConfirms", confirm(1, 100, "10.5"), confirm(2, -40)) + section("Trades", trade(1), trade(3, 50, 12))
REPORTS = {
    "fills": activity(trade(1), trade(2, -40, 11), trade(3, -60, 12), trade(5, 10, conid="222", symbol="OTHER")),
    "a cancel": activity(trade(1), trade(3, 50, 12), CANCEL, trade(6, -100, 13)),
    "a correction": activity(
        trade(1), trade(2, -100, 11), trade(2, -100, 12, ibExecID="0000aaaa.00000002.01.02", transactionID="9009")
    ),
    "rows without ids": activity(trade(1, **NO_IDS), trade(1, **NO_IDS), trade(6, -200, 13, **NO_IDS)),
    "one id, other words": activity(trade(1), trade(1, 30), trade(6, -130, 13)),
    "both kinds": report(statement(IN_BOTH)),
    "a row that is not whole": activity(trade(1), trade(2, None, 11), trade(6, -100, 13)),
    "two accounts": report(
        statement(section("Trades", trade(1), trade(6, -100, 13))),
        statement(section("Trades", trade(1, 5, accountId=OTHER), trade(6, -5, 13, accountId=OTHER)), account=OTHER),
    ),
}


@pytest.mark.parametrize("name", REPORTS)
def test_trades_of_a_first_report_are_those_of_its_stored_fills(journal: JournalFolder, name: str) -> None:
    file = journal.take(REPORTS[name])
    assert file.error is None
    derived = [journal.query("SELECT * FROM trades ORDER BY key"), journal.query("SELECT * FROM matchings ORDER BY 1, 2")]
    assert derived[0]
    journal.services.maintenance.rebuild_from_archive()  # which reads every fill back
    assert [journal.query("SELECT * FROM trades ORDER BY key"), journal.query("SELECT * FROM matchings ORDER BY 1, 2")] == derived


def test_a_later_report_is_matched_with_what_was_there(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    journal.take(activity(trade(6, -100, 13)))
    assert [(str(each.quantity), str(each.open_quantity)) for each in journal.trades()] == [("100", "0")]


COLUMNS = ("account", "instrument", *MATCHED)
FILL = (ACCOUNT, "111", *MATCHED)


def test_only_accounts_that_were_empty_are_kept() -> None:
    fresh = FreshFills(COLUMNS)
    fresh.watch(AccountId(ACCOUNT))
    fresh.add(AccountId(ACCOUNT), [FILL])
    fresh.add(AccountId(OTHER), [FILL])
    assert fresh.take(AccountId(OTHER), InstrumentId("111")) is None
    assert fresh.take(AccountId(ACCOUNT), InstrumentId("111")) == [MATCHED]
    assert fresh.take(AccountId(ACCOUNT), InstrumentId("111")) is None  # it may have been changed since


def test_an_account_whose_fills_were_changed_is_read() -> None:
    fresh = FreshFills(COLUMNS)
    fresh.watch(AccountId(ACCOUNT))
    fresh.add(AccountId(ACCOUNT), [FILL])
    fresh.forget(AccountId(ACCOUNT))
    fresh.add(AccountId(ACCOUNT), [FILL])
    assert fresh.take(AccountId(ACCOUNT), InstrumentId("111")) is None


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh_fills, "_MOST", 2)
    fresh = FreshFills(COLUMNS)
    fresh.watch(AccountId(ACCOUNT))
    for _ in range(3):
        fresh.add(AccountId(ACCOUNT), [FILL])
    assert fresh.take(AccountId(ACCOUNT), InstrumentId("111")) is None
