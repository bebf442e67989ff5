"""Everything that comes of reports can be dropped and made again from the archive; what the user wrote stays."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, time

import pytest

from ibjournal.demo.broker import build
from ibjournal.demo.depots import DEMO_DEPOTS
from ibjournal.domain.errors import Cancelled, StoreError
from ibjournal.domain.execution import ReportType
from ibjournal.services.depots import DepotDraft
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.services.schedule import NEW_YORK
from ibjournal.store.derived import DERIVED, KEPT
from tests.fakes.flex_reports import ACCOUNT, activity, cash, confirm, confirmation, equity, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder, Rows

OTHER = "U7000002"
AS_OF = date(2026, 9, 28)

# Derived tables that the rows of these tests do not fill.
NOT_HERE = {"strategies", "campaigns", "campaign_suggestions", "position_facts", "missing_rates"}
# Whose row numbers tell nothing but the order of writing.
NUMBERED = {"executions", "section_rows", "fill_changes"}
# How often and when a row was met again is a matter of the imports, not of the reports.
LOG = {"reports": ("reader_version",)}


def dump(journal: JournalFolder, tables: tuple[str, ...] = (*DERIVED, *KEPT)) -> dict[str, Rows]:
    """Return all rows of all tables, without what only tells in which order they were written."""
    found = {}
    for table in tables:
        names = [name for _number, name, *_rest in journal.query(f"PRAGMA table_info({table})")]
        wanted = [name for name in names if not (name == "id" and table in NUMBERED) and name not in LOG.get(table, ())]
        found[table] = sorted(journal.query(f"SELECT {', '.join(wanted)} FROM {table}"), key=repr)
    return found


def spoil(journal: JournalFolder) -> None:
    """Damage what is derived, as a bug of ours would."""
    with closing(sqlite3.connect(journal.paths.database)) as db, db:
        db.execute("DELETE FROM executions WHERE id % 3 = 0")
        db.execute("UPDATE executions SET price = '1', status = 'cancelled'")
        for table in ("cash_entries", "equity_days", "trades", "coverage", "section_rows", "rates", "matchings", "fill_changes"):
            db.execute(f"DELETE FROM {table}")
        db.execute("UPDATE accounts SET base_currency = 'XXX', information = '{}'")


def fill(journal: JournalFolder) -> None:
    """Take in what differs by order: confirmed before and after, corrected, overlapping, vanished, cancelled, refused."""
    journal.take(confirmation(confirm(1), confirm(2, -40, "11.1"), confirm(3)))
    journal.take(
        report(
            statement(
                row("AccountInformation", accountId=ACCOUNT, currency="EUR"),
                section("Trades", trade(1), trade(2, -40, 11), trade(4), trade(8, 7, conid="222")),
                section("CashTransactions", cash(1), cash(2, -15, type="Withholding Tax")),
                section("EquitySummaryInBase", equity("20260302", "1000"), equity("20260303", "1010")),
                section("OpenPositions", row("OpenPosition", accountId=ACCOUNT, conid="111", currency="USD", position="160")),
                section("ChangeInNAV", row("ChangeInNAV", accountId=ACCOUNT, twr="1.5")),
                section(
                    "ConversionRates",
                    row("ConversionRate", reportDate="20260302", fromCurrency="USD", toCurrency="EUR", rate="0.9"),
                ),
                section(
                    "CorporateActions",
                    row(
                        "CorporateAction",
                        accountId=ACCOUNT,
                        conid="222",
                        type="FS",
                        quantity="7",
                        currency="USD",
                        dateTime="20260305;202500",
                        reportDate="20260305",
                        actionDescription="ACTION 2 FOR 1",
                        transactionID="7100",
                    ),
                ),
                section("Novelties", row("Novelty", accountId=ACCOUNT, surprise="1")),
            )
        )
    )
    journal.take(b"<FlexQueryResponse queryName='cut' type='AF'><FlexStatements count='1'>")
    journal.take(activity(trade(1), trade(2, -40, "11.5"), trade(5, -60), trade(8, 7, conid="222"), generated="20260312;050000"))
    journal.take(
        report(
            statement(
                section("Trades", trade(6, account=OTHER, accountId=OTHER), trade(7, -100, 12, accountId=OTHER)), account=OTHER
            )
        )
    )
    for number, trade_ in enumerate(journal.trades()):
        journal.services.journal.write_note(trade_.key, f"note {number}")


def test_every_table_either_comes_of_reports_or_is_kept(journal: JournalFolder) -> None:
    tables = journal.query("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'")
    assert sorted(name for (name,) in tables) == sorted((*DERIVED, *KEPT))


def test_what_was_spoilt_is_as_before_and_notes_are_untouched(journal: JournalFolder) -> None:
    fill(journal)
    before, exported = dump(journal), journal.state()
    assert {name for name in DERIVED if not before[name]} <= NOT_HERE
    assert len(before["notes"]) > 1
    spoil(journal)
    assert journal.state() != exported
    changes = journal.services.maintenance.rebuild_from_archive()
    assert (changes.trades, changes.cash, changes.equity, changes.positions, changes.journal) == (True, True, True, True, False)
    assert journal.state() == exported
    assert dump(journal) == before


def test_the_history_of_a_broker_comes_back_whole(journal: JournalFolder) -> None:
    broker = build(as_of=AS_OF)
    account = DEMO_DEPOTS[0].account
    for start, end in ((date(2026, 3, 1), date(2026, 9, 10)), (date(2026, 8, 15), date(2026, 9, 25))):
        content = broker.activity_xml([account], start, end, generated_at=datetime.combine(end, time(23), NEW_YORK))
        assert content is not None
        journal.take(content)
    today = broker.confirmation_xml([account], AS_OF, AS_OF, generated_at=datetime.combine(AS_OF, time(16, 5), NEW_YORK))
    if today is not None:
        journal.take(today)
    before, exported = dump(journal), journal.state()
    assert {name for name in DERIVED if not before[name]} <= NOT_HERE | {"corporate_actions", "rates", "fill_changes"}
    spoil(journal)
    journal.services.maintenance.rebuild_from_archive()
    assert journal.state() == exported
    assert dump(journal) == before


def test_accounts_of_another_depot_stay_left_out(journal: JournalFolder) -> None:
    services = journal.services
    for name, query in (("First", "1"), ("Second", "2")):
        services.depots.add(DepotDraft(name=name, activity_query=query))
    first, second = services.depots.list_depots()
    both = report(statement(section("Trades", trade(1))), statement(section("Trades", trade(2, accountId=OTHER)), account=OTHER))
    alone = report(statement(section("Trades", trade(3, accountId=OTHER)), account=OTHER))
    for content, depot in ((alone, second), (both, first)):
        taken = services.importing.import_report(journal.file(content), name="x.xml", depot=depot, expected=ReportType.ACTIVITY)
        assert taken.error is None
    before = dump(journal)
    assert [row[0] for row in journal.query("SELECT transaction_id FROM executions ORDER BY 1")] == ["9001", "9003"]
    services.maintenance.rebuild_from_archive()
    assert dump(journal) == before


@pytest.mark.parametrize("damage", ["missing", "cut", "altered"])
def test_an_archive_that_is_not_whole_changes_nothing(journal: JournalFolder, damage: str) -> None:
    fill(journal)
    spoil(journal)
    before = dump(journal)
    file = journal.paths.archive / journal.query("SELECT archive_file FROM reports ORDER BY id DESC LIMIT 1")[0][0]
    if damage == "missing":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:-60])
    else:  # a whole report, and not the one that came
        file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).replace(b'currency="USD"', b'currency="CHF"')))
    with pytest.raises(StoreError) as caught:
        journal.services.maintenance.rebuild_from_archive()
    assert (caught.value.code, file.name in str(caught.value.values["file"])) == (
        "archive_missing" if damage == "missing" else "archive_damaged",
        True,
    )
    assert dump(journal) == before


def test_a_rebuild_that_is_cancelled_changes_nothing(journal: JournalFolder) -> None:
    fill(journal)
    before = dump(journal)
    cancel = CancelToken()

    def stop(step: Progress) -> None:
        if step.step == "matching":
            cancel.cancel()

    with pytest.raises(Cancelled):
        journal.services.maintenance.rebuild_from_archive(cancel=cancel, progress=stop)
    assert dump(journal) == before


def test_rows_remember_when_they_were_first_received(journal: JournalFolder) -> None:
    fill(journal)
    with closing(sqlite3.connect(journal.paths.database)) as db, db:
        db.execute("UPDATE reports SET received_at = received_at - 86400 * 30")
    journal.services.maintenance.rebuild_from_archive()
    (first,) = journal.query("SELECT max(first_seen_at) FROM executions")[0]
    assert datetime.fromtimestamp(first, UTC) < datetime.now(UTC).replace(microsecond=0)
    assert first == journal.query("SELECT max(received_at) FROM reports")[0][0]
