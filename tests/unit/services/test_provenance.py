"""Every figure leads to the row of the report, as IBKR wrote it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ibjournal.analytics.reconciliation import Check, CheckStatus, Part
from ibjournal.domain.depot import AccountId
from ibjournal.domain.errors import StoreError
from ibjournal.domain.execution import Execution, ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.period import Period
from ibjournal.domain.position_event import HELD
from ibjournal.domain.provenance import RowRef
from ibjournal.domain.trade import TradeKey
from ibjournal.services.origins import Origin, OriginKind, rows_in
from ibjournal.store.fill_changes import FillChange
from tests.fakes import flex_reports as fx
from tests.fakes.journal_folder import JournalFolder

ACCOUNT = AccountId(fx.ACCOUNT)
ACME = InstrumentId("111")
DAYS = Period(date(2026, 3, 1), date(2026, 3, 10))


def two_buys_one_sale(journal: JournalFolder) -> TradeKey:
    journal.take(fx.activity(fx.trade(1), fx.trade(2, 50, 11), fx.trade(3, -120, 12)), "march.xml")
    (trade,) = journal.trades()
    return trade.key


def found(origin: Origin | None) -> Origin:
    assert origin is not None
    return origin


def test_a_trade_leads_over_its_lot_matches_to_the_rows_of_its_fills(journal: JournalFolder) -> None:
    key = two_buys_one_sale(journal)
    origin = found(journal.services.provenance.of_trade(key))
    matches = [part for part in origin.parts if part.kind is OriginKind.MATCH]
    assert [match.of.quantity for match in matches if isinstance(match.of, LotMatch)] == [Decimal(100), Decimal(20)]
    assert sum((match.amount or Decimal(0) for match in matches), Decimal(0)) == origin.amount
    opening, closing_ = matches[0].parts
    assert isinstance(opening.of, Execution)
    rows = journal.services.provenance.rows(rows_in(origin))
    assert {dict(row.attributes)["transactionID"] for row in rows.values()} == {"9001", "9002", "9003"}
    assert closing_.row is not None
    row = rows[closing_.row]
    assert row.text == fx.trade(3, -120, 12)
    assert (row.tag, row.section, row.account) == ("Trade", "Trades", fx.ACCOUNT)
    assert (row.report.name, row.report.type, row.report.query_name) == ("march.xml", "AF", "Journal")
    assert (row.report.from_date, row.report.to_date) == (date(2026, 3, 1), date(2026, 3, 10))


def test_a_trade_that_is_gone_has_no_origin(journal: JournalFolder) -> None:
    assert journal.services.provenance.of_trade(TradeKey("U1/2/3")) is None


def test_the_part_that_is_still_open_is_shown_too(journal: JournalFolder) -> None:
    journal.take(fx.activity(fx.trade(1)))
    (trade,) = journal.trades()
    origin = found(journal.services.provenance.of_trade(trade.key))
    assert [part.kind for part in origin.parts] == [OriginKind.EXECUTION]


def test_several_rows_of_several_reports_come_at_once_and_what_is_not_there_does_not(journal: JournalFolder) -> None:
    two_buys_one_sale(journal)
    journal.take(fx.activity(fx.trade(9), days=("20260311", "20260312"), generated="20260313;050000"), "later.xml")
    service = journal.services.provenance
    rows = service.rows((RowRef(2, 0), RowRef(1, 1), RowRef(1, 77), RowRef(9, 0), RowRef(1, 1)))
    assert [(ref, row.report.name) for ref, row in rows.items()] == [(RowRef(2, 0), "later.xml"), (RowRef(1, 1), "march.xml")]
    assert service.row(RowRef(1, 77)) is None


@pytest.mark.parametrize("damage", ["gone", "cut off"])
def test_a_missing_archive_file_is_an_error_in_words(journal: JournalFolder, damage: str) -> None:
    two_buys_one_sale(journal)
    (path,) = journal.paths.archive.rglob("*.gz")
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(StoreError) as failure:
        journal.services.provenance.row(RowRef(1, 2))
    assert failure.value.code == "archive_missing"


def test_a_row_that_was_read_is_kept_in_memory(journal: JournalFolder) -> None:
    two_buys_one_sale(journal)
    row = journal.services.provenance.row(RowRef(1, 2))
    (path,) = journal.paths.archive.rglob("*.gz")
    path.unlink()
    assert journal.services.provenance.row(RowRef(1, 2)) == row


def test_a_fill_tells_what_activity_changed_in_it(journal: JournalFolder) -> None:
    journal.take(fx.confirmation(fx.confirm(1)), "today.xml")
    journal.take(fx.activity(fx.trade(1)), "march.xml")
    (trade,) = journal.trades()
    fill = journal.services.provenance.of_execution(ACCOUNT, ACME, trade.pieces[0].execution)
    changes = {part.of.field: (part.of.before, part.of.after) for part in fill.parts if isinstance(part.of, FillChange)}
    assert changes == {"commission": ("-0.95", "-1")}
    assert fill.row is not None
    row = journal.services.provenance.row(fill.row)
    assert row is not None
    assert row.report.name == "march.xml"


def test_what_was_held_before_leads_to_the_report_of_positions(journal: JournalFolder) -> None:
    position = fx.row(
        "OpenPosition", accountId=ACCOUNT, currency="USD", assetCategory="STK", symbol="ACME", conid="111", multiplier="1",
        reportDate="20260310", position="40", markPrice="12", positionValue="480", costBasisMoney="400", levelOfDetail="SUMMARY",
    )  # fmt: skip
    journal.take(fx.report(fx.statement(fx.section("OpenPositions", position))))
    held = journal.services.provenance.of_execution(ACCOUNT, ACME, ExecutionId(HELD))
    assert held.kind is OriginKind.EVENT
    assert held.row is not None
    row = journal.services.provenance.row(held.row)
    assert row is not None
    assert row.text == position


def test_a_cancelled_fill_keeps_its_rows(journal: JournalFolder) -> None:
    cancelled = fx.trade(1, -100, transactionType="TradeCancel", transactionID="9900", notes="Ca", buySell="BUY (Ca.)")
    journal.take(fx.activity(fx.trade(1), cancelled))
    uid = ExecutionId(str(journal.query("SELECT uid FROM executions WHERE transaction_id='9001'")[0][0]))
    fill = journal.services.provenance.of_execution(ACCOUNT, ACME, uid)
    rows = journal.services.provenance.rows(rows_in(fill))
    assert any('transactionID="9001"' in row.text for row in rows.values())


def test_an_unknown_execution_is_named_and_has_no_row(journal: JournalFolder) -> None:
    fill = journal.services.provenance.of_execution(ACCOUNT, ACME, ExecutionId("nobody"))
    assert (fill.of, fill.row, fill.parts) == ("nobody", None, ())


def test_bookings_and_days_of_net_asset_value_lead_to_their_rows(journal: JournalFolder) -> None:
    sections = fx.section("CashTransactions", fx.cash(1)), fx.section("EquitySummaryInBase", fx.equity("20260303", "1234.5"))
    journal.take(fx.report(fx.statement(*sections)))
    (entry,) = journal.services.provenance.entries((ACCOUNT,))
    cash = journal.services.provenance.of_cash(entry)
    assert cash.row is not None
    row = journal.services.provenance.row(cash.row)
    assert row is not None
    assert row.text == fx.cash(1)
    value = journal.services.provenance.of_equity(ACCOUNT, date(2026, 3, 3))
    assert (value.amount, value.row is not None) == (Decimal("1234.5"), True)
    assert journal.services.provenance.of_equity(ACCOUNT, date(2020, 1, 1)).row is None
    (day,) = journal.services.provenance.of_values("twr", period=DAYS).parts
    assert day.row == value.row
    assert journal.services.provenance.of_values("twr", period=Period(date(2026, 3, 4), None)).parts == ()


def test_a_figure_of_closed_trades_lists_them_and_each_can_be_looked_up(journal: JournalFolder) -> None:
    journal.take(fx.activity(fx.trade(1), fx.trade(2, -100, 12), fx.trade(3, 10, 20, conid="222", symbol="BETA")))
    figure = journal.services.provenance.of_results("win_rate", period=DAYS)
    (short,) = figure.parts
    assert (short.symbol, short.more, short.parts) == ("ACME", True, ())
    assert short.amount == Decimal(198)
    assert journal.services.provenance.of_results("win_rate", period=Period(date(2026, 4, 1), None)).parts == ()


def make_check(**fields: object) -> Check:
    values: dict[str, object] = {
        "account": ACCOUNT, "check": "realized", "period": DAYS, "subject": "ACME", "currency": "USD", "ours": Decimal(198),
        "ibkr": Decimal(190), "status": CheckStatus.EXPLAINED, "instrument": ACME,
    }  # fmt: skip
    return Check(**(values | fields))  # type: ignore[arg-type]


def test_a_check_leads_to_our_lots_the_sum_and_the_rows_of_ibkr(journal: JournalFolder) -> None:
    journal.take(fx.activity(fx.trade(1), fx.trade(2, -60, 12), fx.trade(3, 10, 20)))
    sale = ExecutionId(str(journal.query("SELECT uid FROM executions WHERE transaction_id='9002'")[0][0]))
    part = Part(label="wash_sale", amount=Decimal(-8), rows=(RowRef(1, 0),))
    origin = journal.services.provenance.of_check(make_check(execution=sale, parts=(part,), rows=(RowRef(1, 1),)))
    assert [link.kind for link in origin.parts] == [OriginKind.MATCH, OriginKind.PART, OriginKind.ROW]
    match, of_sum, row = origin.parts
    assert len(match.parts) == 2
    assert (of_sum.amount, [each.row for each in of_sum.parts], row.row) == (Decimal(-8), [RowRef(1, 0)], RowRef(1, 1))
    lots = journal.services.provenance.of_check(make_check(check="positions", currency="")).parts
    assert [lot.amount for lot in lots if isinstance(lot.of, OpenLot)] == [Decimal(40), Decimal(10)]
    by_instrument = journal.services.provenance.of_check(make_check(check="realized_instrument")).parts
    assert [link.kind for link in by_instrument] == [OriginKind.TRADE]
    assert journal.services.provenance.of_check(make_check(check="cash", instrument=None)).parts == ()
