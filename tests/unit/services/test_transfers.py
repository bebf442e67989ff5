"""Transfers, accounts with new numbers, and what the user says of them, through real reports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ibjournal.domain.depot import AccountId
from ibjournal.domain.errors import UsageError
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import EventKind, Place
from ibjournal.domain.trade import TradeStatus
from ibjournal.services.events import EventState
from tests.fakes.flex_reports import ACCOUNT, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

OTHER = "U7000002"
SHARE = InstrumentId("111")


def transfer(quantity: object, *, account: str = ACCOUNT, peer: str = "99-1", tag: str = "Transfer", **attributes: object) -> str:
    """Return a transfer of ACME on 5 March 2026."""
    values: dict[str, object] = {
        "accountId": account,
        "currency": "USD",
        "assetCategory": "STK",
        "symbol": "ACME",
        "conid": SHARE,
        "date": "20260305",
        "type": "ACATS" if peer == "99-1" else "INTERNAL",
        "direction": "OUT" if str(quantity).startswith("-") else "IN",
        "account": peer,
        "quantity": quantity,
        "positionAmount": "1234",
    }
    return row(tag, **(values | attributes))


def fill(
    number: int, quantity: object, price: object, *, account: str = ACCOUNT, day: str = "20260302", **attributes: object
) -> str:
    """Return a fill without commission on a day."""
    values: dict[str, object] = {
        "accountId": account,
        "ibCommission": "0",
        "fxRateToBase": "1",
        "dateTime": f"{day};11{number:02d}00",
        "tradeDate": day,
        "reportDate": day,
    }
    return trade(number, quantity, price, **(values | attributes))


def take(journal: JournalFolder, *sections: str, account: str = ACCOUNT, name: str = "report.xml", generated: str = "11") -> None:
    """Take in a report of one account, whose base currency is the dollar."""
    information = row("AccountInformation", accountId=account, currency="USD")
    content = report(statement(information, *sections, account=account, generated=f"202603{generated};050000"))
    file = journal.take(content, name)
    assert file.error is None, file.error


def lots(journal: JournalFolder) -> list[tuple[str, str, Decimal]]:
    """Return account, quantity and cost of each open lot."""
    rows = journal.services.export.rows("positions")
    return [(str(each["account"]), str(each["quantity"]), Decimal(str(each["cost"]))) for each in rows]


def test_units_from_another_broker_ask_for_their_basis(journal: JournalFolder) -> None:
    take(journal, section("Transfers", transfer(100)), section("Trades", fill(1, -100, 15, day="20260309")))
    (event,) = journal.services.events.list_events()
    assert (event.kind, event.type, event.state) == (EventKind.TRANSFER_IN, "ACATS", EventState.BASIS_ASKED)
    (unknown,) = journal.trades()
    assert (unknown.entry_known, unknown.net) == (False, None)
    place = event.legs[0].place
    journal.services.events.tell_basis(event.id, place, Decimal(1000), "USD", opened_on=date(2024, 5, 6))
    (known,) = journal.trades()
    assert (known.net, known.key) == (Decimal(500), unknown.key)
    journal.services.maintenance.rebuild_from_archive()
    assert journal.trades() == [known]
    assert journal.services.events.list_events()[0].legs[0].told is not None


def test_ibkrs_cost_of_a_later_day_is_suggested(journal: JournalFolder) -> None:
    position = row(
        "OpenPosition", accountId=ACCOUNT, conid=SHARE, currency="USD", position="140", costBasisMoney="1520.5", side="Long"
    )
    fills = section("Trades", fill(1, 40, 12, day="20260306"))
    take(journal, section("Transfers", transfer(100)), fills, section("OpenPositions", position))
    (event,) = journal.services.events.list_events()
    suggestion = event.legs[0].suggestion
    assert suggestion is not None
    assert (suggestion.cost, suggestion.currency, suggestion.day) == (Decimal("1040.5"), "USD", date(2026, 3, 10))
    journal.services.events.tell_basis(event.id, event.legs[0].place, suggestion.cost, suggestion.currency)
    assert sum(cost for _account, _quantity, cost in lots(journal)) == Decimal("1520.5")


def test_units_that_leave_end_the_trade_without_a_result(journal: JournalFolder) -> None:
    take(journal, section("Trades", fill(1, 100, 10)), section("Transfers", transfer(-100)))
    (event,) = journal.services.events.list_events()
    assert (event.kind, event.state) == (EventKind.TRANSFER_OUT, EventState.APPLIED)
    (only,) = journal.trades()
    assert (only.status, only.ended_by, only.net) == (TradeStatus.CLOSED, "transferred", Decimal(0))


@pytest.mark.parametrize("told_by", ["both", "old", "new"])
def test_between_own_accounts_lots_move_with_basis_and_date(journal: JournalFolder, told_by: str) -> None:
    out = [section("Transfers", transfer(-100, peer=OTHER))] if told_by != "new" else []
    into = [section("Transfers", transfer(100, account=OTHER, peer=ACCOUNT))] if told_by != "old" else []
    take(journal, section("Trades", fill(1, 100, 10)), *out)
    take(journal, section("Trades", fill(2, -100, 12, account=OTHER, day="20260309")), *into, account=OTHER)
    (event,) = journal.services.events.list_events()
    assert (event.kind, event.state, event.accounts) == (EventKind.EXCHANGE, EventState.APPLIED, (ACCOUNT, OTHER))
    (only,) = journal.trades()
    assert (only.account, only.net, only.opened_on, only.entry_known) == (OTHER, Decimal(200), date(2026, 3, 2), True)


def test_a_short_position_moves_too(journal: JournalFolder) -> None:
    take(journal, section("Trades", fill(1, -50, 10, openCloseIndicator="O")),
         section("Transfers", transfer(50, peer=OTHER, direction="OUT")))  # fmt: skip
    take(journal, section("Transfers", transfer(-50, account=OTHER, peer=ACCOUNT, direction="IN")), account=OTHER)
    (only,) = journal.trades()
    assert (only.account, only.side.value, only.open_quantity) == (OTHER, "short", Decimal(50))


def test_lots_beside_their_transfer_and_other_reports_of_it_count_once(journal: JournalFolder) -> None:
    pieces = (transfer(quantity, tag="TransferLot") for quantity in (60, 40))
    take(journal, section("Transfers", transfer(100)), section("TransferLots", *pieces))
    take(journal, section("Transfers", transfer(100, pnlAmount="3")), name="again.xml", generated="12")
    (event,) = journal.services.events.list_events()
    assert event.legs[0].leg.quantity == 100
    assert [quantity for _account, quantity, _cost in lots(journal)] == ["100"]


def test_lots_alone_are_a_transfer(journal: JournalFolder) -> None:
    pieces = (transfer(quantity, tag="TransferLot", type="FOP") for quantity in (60, 40))
    take(journal, section("Transfers", *pieces))
    (event,) = journal.services.events.list_events()
    assert (event.kind, event.legs[0].leg.quantity) == (EventKind.TRANSFER_IN, Decimal(100))


def test_a_trade_made_elsewhere_states_its_cost(journal: JournalFolder) -> None:
    bought = row("TradeTransfer", accountId=ACCOUNT, conid=SHARE, assetCategory="STK", symbol="ACME", currency="USD", tradeID="5",
                 tradeDate="20260303", direction="From", deliveredReceived="Received", quantity="100", cost="1011",
                 transactionType="DvpTrade")  # fmt: skip
    sold = row("TradeTransfer", accountId=ACCOUNT, conid=SHARE, assetCategory="STK", symbol="ACME", currency="USD", tradeID="6",
               tradeDate="20260306", direction="To", deliveredReceived="Delivered", quantity="-100", netCash="1189",
               transactionType="DvpTrade")  # fmt: skip
    take(journal, section("TradeTransfers", bought, sold))
    assert {event.state for event in journal.services.events.list_events()} == {EventState.APPLIED}
    (only,) = journal.trades()
    assert (only.net, only.status) == (Decimal(178), TradeStatus.CLOSED)


def test_cash_that_moves_is_no_event_of_positions(journal: JournalFolder) -> None:
    cash = transfer(5, peer=OTHER, conid="12087792", assetCategory="CASH", symbol="EUR.USD")
    take(journal, section("Transfers", cash, transfer(0, cashTransfer="500")))
    assert journal.services.events.list_events() == ()


# --- an account that got a new number -----------------------------------------------------------------------------


def renumbered(journal: JournalFolder) -> None:
    """Take in an account that stops with open lots, and one that begins by closing them."""
    take(journal, section("Trades", fill(1, 100, 10), fill(2, -20, 11)))
    take(journal, section("Trades", fill(3, -80, 12, account=OTHER, day="20260309", fifoPnlRealized="160")), account=OTHER)


def test_an_account_with_a_new_number_is_suggested_and_linked(journal: JournalFolder) -> None:
    renumbered(journal)
    events = journal.services.events
    (suggestion,) = events.link_suggestions()
    assert (suggestion.old, suggestion.new, suggestion.instruments) == (ACCOUNT, OTHER, (SHARE,))
    before = journal.trades()
    assert events.link_accounts(suggestion.old, suggestion.new).trades
    (only,) = journal.trades()
    assert (only.account, only.net, only.entry_known, only.status) == (OTHER, Decimal(180), True, TradeStatus.CLOSED)
    assert [(link.old, link.new) for link in events.links()] == [(ACCOUNT, OTHER)]
    assert events.link_suggestions() == ()
    journal.services.maintenance.rebuild_from_archive()
    assert journal.trades() == [only]
    assert events.unlink(AccountId(ACCOUNT)).trades
    assert not events.unlink(AccountId(ACCOUNT))
    assert journal.trades() == before


def test_nothing_is_suggested_where_positions_do_not_fit(journal: JournalFolder) -> None:
    take(journal, section("Trades", fill(1, 100, 10)))
    take(journal, section("Trades", fill(3, -80, 12, account=OTHER, day="20260309", fifoPnlRealized="160")), account=OTHER)
    assert journal.services.events.link_suggestions() == ()


def test_what_transfers_tell_is_not_moved_twice(journal: JournalFolder) -> None:
    take(journal, section("Trades", fill(1, 100, 10)), section("Transfers", transfer(-100, peer=OTHER)))
    take(journal, section("Trades", fill(3, -100, 12, account=OTHER, day="20260309")), account=OTHER)
    before = journal.trades()
    journal.services.events.link_accounts(AccountId(ACCOUNT), AccountId(OTHER))
    assert journal.trades() == before


def test_links_that_make_no_sense_are_refused(journal: JournalFolder) -> None:
    renumbered(journal)
    events = journal.services.events
    for old, new, code in ((ACCOUNT, ACCOUNT, "account_link_circular"), (ACCOUNT, "U1", "unknown_account")):
        with pytest.raises(UsageError) as caught:
            events.link_accounts(AccountId(old), AccountId(new))
        assert caught.value.code == code
    events.link_accounts(AccountId(ACCOUNT), AccountId(OTHER))
    with pytest.raises(UsageError, match="account_link_circular"):
        events.link_accounts(AccountId(OTHER), AccountId(ACCOUNT))
    with pytest.raises(UsageError, match="event_missing"):
        events.tell_basis("nothing", Place(AccountId(ACCOUNT), SHARE), Decimal(1), "USD")


# --- conversions that are trading ---------------------------------------------------------------------------------


def conversion(number: int, quantity: object, price: object, notes: str = "") -> str:
    """Return a conversion of euros into dollars; its commission is in the base currency."""
    return fill(number, quantity, price, assetCategory="CASH", symbol="EUR.USD", conid="12087792", ibCommission="-2", notes=notes,
                openCloseIndicator="")  # fmt: skip


def test_conversions_are_trades_only_where_the_user_says_so(journal: JournalFolder) -> None:
    take(journal, section("Trades", conversion(1, 1000, "1.10"), conversion(2, 500, "1.20", "AFx"), conversion(3, -1000, "1.15")))
    events = journal.services.events
    (pair,) = events.conversions()
    assert (pair.symbol, pair.count, pair.automatic, pair.trading) == ("EUR.USD", 3, 1, False)
    assert journal.trades() == []
    assert events.call_trading(pair.account, pair.instrument, True).trades
    (only,) = journal.trades()
    assert (only.net, only.quantity) == (Decimal(46), Decimal(1000))
    journal.services.maintenance.rebuild_from_archive()
    assert journal.trades() == [only]
    assert events.conversions()[0].trading
    events.call_trading(pair.account, pair.instrument, False)
    assert journal.trades() == []
    assert not events.call_trading(pair.account, pair.instrument, False)


# --- rates, base currencies, engines ------------------------------------------------------------------------------


def test_rates_that_come_later_complete_the_trades_that_lacked_them(journal: JournalFolder) -> None:
    information = row("AccountInformation", accountId=ACCOUNT, currency="EUR")
    fills = section("Trades", fill(1, 100, 10, fxRateToBase=None), fill(2, -100, 12, day="20260309", fxRateToBase=None))
    journal.take(report(statement(information, fills)))
    (before,) = journal.trades()
    assert (before.net, before.net_base, before.currency_effect) == (Decimal(200), None, None)
    rates = [row("ConversionRate", reportDate=day, fromCurrency="USD", toCurrency="EUR", rate=rate)
             for day, rate in (("20260302", "0.9"), ("20260309", "0.8"))]  # fmt: skip
    journal.take(report(statement(section("ConversionRates", *rates), generated="20260312;050000")), "rates.xml")
    (after,) = journal.trades()
    assert (after.net_base, after.currency_effect) == (Decimal(160), Decimal(-100))
    assert journal.query("SELECT count(*) FROM missing_rates") == [(0,)]


def _rates(**days: str) -> bytes:
    """Return a report of USD in EUR on days of March 2026, and of nothing else."""
    rows = [row("ConversionRate", reportDate=f"202603{day[1:]}", fromCurrency="USD", toCurrency="EUR", rate=rate)
            for day, rate in days.items()]  # fmt: skip
    return report(statement(section("ConversionRates", *rows), generated="20260312;050000"))


@pytest.mark.parametrize(
    ("day", "later", "net_base"),
    [
        ("20260309", {"_09": "0.8"}, "160"),
        ("20260309", {"_05": "0.85", "_06": "0.8"}, "160"),
        ("20260308", {"_06": "0.8"}, "160"),
        ("20260309", {"_04": "0.85", "_10": "0.7"}, "170"),
    ],
    ids=["the day's own", "nearer", "a weekend's", "of another day"],
)
def test_the_rate_of_a_nearer_day_replaces_that_of_an_earlier_one(
    journal: JournalFolder, day: str, later: dict[str, str], net_base: str
) -> None:
    """The order in which reports come must not show in any figure: a rebuild would find the nearer rate."""
    information = row("AccountInformation", accountId=ACCOUNT, currency="EUR")
    fills = section("Trades", fill(1, 100, 10, fxRateToBase=None), fill(2, -100, 12, day=day, fxRateToBase=None))
    journal.take(_rates(_02="0.9", _03="0.95"), "early.xml")
    journal.take(report(statement(information, fills)))
    (before,) = journal.trades()
    assert before.net_base == Decimal(190), "of the nearest day in the week before"
    journal.take(_rates(**later), "later.xml")
    (after,) = journal.trades()
    assert after.net_base == Decimal(net_base)
    journal.services.maintenance.rebuild()
    assert journal.trades() == [after]


def test_what_has_the_rate_of_its_day_is_not_matched_again_for_rates(journal: JournalFolder) -> None:
    information = row("AccountInformation", accountId=ACCOUNT, currency="EUR")
    fills = section("Trades", fill(1, 100, 10, fxRateToBase=None), fill(2, -100, 12, day="20260307", fxRateToBase=None))
    journal.take(_rates(_02="0.9", _06="0.95"), "early.xml")
    journal.take(report(statement(information, fills)))
    assert journal.query("SELECT count(*) FROM missing_rates") == [(0,)], "a Saturday has no rate but that of Friday"


def test_a_base_currency_that_comes_later_completes_them_too(journal: JournalFolder) -> None:
    fills = section("Trades", fill(1, 100, 10, fxRateToBase=None), fill(2, -100, 12, day="20260309", fxRateToBase=None))
    journal.take(report(statement(fills)))
    assert journal.trades()[0].net_base is None
    journal.take(
        report(statement(row("AccountInformation", accountId=ACCOUNT, currency="USD"), generated="20260312;050000")), "b.xml"
    )
    assert (journal.trades()[0].net_base, journal.trades()[0].currency_effect) == (Decimal(200), Decimal(0))


def test_a_journal_of_an_older_engine_is_rebuilt_once_at_its_next_start(journal: JournalFolder, tmp_path: Path) -> None:
    take(journal, section("Trades", fill(1, 100, 10), fill(2, -100, 12)))
    (trade_,) = journal.trades()
    journal.services.journal.write_note(trade_.key, "kept")
    journal.change("UPDATE settings SET value='1' WHERE name='engine_version'")
    journal.change("UPDATE trades SET net='1', booked=NULL")
    again = JournalFolder(tmp_path / "data")
    assert again.trades() == [trade_]
    detail = again.services.journal.trade_detail(trade_.key)
    assert detail is not None
    assert detail.note is not None
    again.change("UPDATE trades SET net='1'")
    assert JournalFolder(tmp_path / "data").trades()[0].net == Decimal(1)


def test_an_account_ends_where_its_report_says_that_nothing_is_open(journal: JournalFolder) -> None:
    take(journal, section("Trades", fill(1, 100, 10)), section("OpenPositions"))
    take(journal, section("Trades", fill(2, -100, 12, account=OTHER, day="20260316")), account=OTHER, generated="17")
    journal.services.events.link_accounts(AccountId(ACCOUNT), AccountId(OTHER))
    (event,) = journal.services.events.list_events()
    assert (event.type, event.day) == ("ACCOUNT_LINK", date(2026, 3, 10))
    assert not [each for each in journal.services.reconciliation.checks() if each.check == "positions" and each.difference]
