"""What the user wrote after a backup was made comes over when it is put back, also from a damaged database."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import StoreError, UsageError
from ibjournal.domain.filters import TradeFilter
from ibjournal.flex.secret import Secret
from ibjournal.services.credentials import KeyringCredentials, journal_id
from ibjournal.services.depots import DepotDraft
from ibjournal.services.journal import JournalService
from ibjournal.services.rescue import rescue
from ibjournal.services.salvage import BroughtOver, bring_over
from ibjournal.store import database as database_module
from ibjournal.store.database import Database
from tests.fakes.credentials import DictKeyring
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder

PAGE = 16384
LATER = ("20260311", "20260311")


def write(journal: JournalFolder, place: int, text: str, *, minutes: int = 0) -> None:
    """Write a note on a trade, so many minutes after the last ones."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    JournalService(database=Database(journal.paths.database), now=lambda: at).write_note(journal.trades()[place].key, text)


def texts(journal: JournalFolder) -> set[str]:
    return {row[0] for row in journal.query("SELECT text FROM notes")}


def damage(path: Path, table: str, *, whole: bool = True) -> None:
    """Overwrite the first page of a table, as a dying disk does."""
    with closing(sqlite3.connect(path)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name=?", (table,)).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xa5" * (PAGE if whole else 8))


@pytest.fixture
def two(journal: JournalFolder) -> JournalFolder:
    """Return a journal with two trades, a note on the first, and a backup; then another note and another trade came."""
    journal.take(activity(trade(1), trade(2, conid="222", symbol="BETA")))
    write(journal, 0, "first")
    journal.services.maintenance.backup(journal.paths.backups / "copy.db")
    write(journal, 1, "later", minutes=1)
    return journal


def test_notes_written_since_come_over_and_are_counted(two: JournalFolder) -> None:
    before, brought = two.services.maintenance.put_back(two.paths.backups / "copy.db")
    assert brought == BroughtOver(notes=1)
    assert texts(two) == {"first", "later"}
    assert two.services.maintenance.put_back(before)[1] == BroughtOver(), "there is nothing else to take over"
    two.services.maintenance.restore(two.paths.backups / "copy.db")
    assert texts(two) == {"first"}, "as it was"


def test_of_two_versions_the_later_stays_and_nothing_that_was_cleared_is_cleared_again(two: JournalFolder) -> None:
    write(two, 0, "first, in better words", minutes=2)
    two.services.maintenance.put_back(two.paths.backups / "copy.db")
    assert texts(two) == {"first, in better words", "later"}
    write(two, 0, "", minutes=3)
    assert texts(two) == {"later"}
    two.services.maintenance.put_back(two.paths.backups / "copy.db")
    assert texts(two) == {"first", "later"}, "what the backup is put back for is there"


def test_an_older_version_does_not_win(two: JournalFolder) -> None:
    write(two, 0, "newest", minutes=9)
    two.services.maintenance.backup(two.paths.backups / "newest.db")
    two.services.maintenance.restore(two.paths.backups / "copy.db")
    _before, brought = two.services.maintenance.put_back(two.paths.backups / "newest.db")
    assert brought == BroughtOver()
    assert texts(two) == {"newest", "later"}


def test_a_note_whose_trade_is_not_there_is_kept_and_listed(two: JournalFolder) -> None:
    two.take(activity(trade(3, conid="333", symbol="GAMMA"), days=LATER))
    write(two, 2, "on gamma", minutes=1)
    _before, brought = two.services.maintenance.put_back(two.paths.backups / "copy.db")
    assert brought.notes == 2
    (lost,) = two.services.maintenance.notes_without_trade()
    assert (lost.text, lost.anchor[1]) == ("on gamma", "333")
    two.services.recovery.take_in()
    assert two.services.maintenance.notes_without_trade() == ()
    details = [two.services.journal.trade_detail(each.key) for each in two.trades()]
    assert [each.note.text for each in details if each is not None and each.note is not None] == ["first", "later", "on gamma"]


def test_what_was_decided_comes_over_too(two: JournalFolder) -> None:
    account, instrument = two.query("SELECT account, instrument FROM notes LIMIT 1")[0]
    two.change("INSERT INTO told_basis VALUES (?, ?, 'event', '12.5', 'USD', NULL, 5)", account, instrument)
    two.change("INSERT INTO account_links VALUES ('U1', 'U2', 5)")
    two.change("INSERT INTO traded_currencies VALUES (?, ?, 5)", account, instrument)
    for table, more in (("strategy_choices", ", structure"), ("campaign_choices", "")):
        two.change(
            f"INSERT INTO {table} (account, underlying, kind, name{more}, executions, changed_at)"
            f" VALUES (?, 'ACME', 'apart', ''{', ' + repr('') if more else ''}, '[]', 5)",
            account,
        )
    _before, brought = two.services.maintenance.put_back(two.paths.backups / "copy.db")
    assert brought == BroughtOver(notes=1, decisions=5)
    for table in ("told_basis", "account_links", "traded_currencies", "strategy_choices", "campaign_choices"):
        assert two.query(f"SELECT count(*) FROM {table}") == [(1,)], table


def test_into_another_journal_comes_only_what_belongs_to_its_accounts(two: JournalFolder, tmp_path: Path) -> None:
    other = JournalFolder(tmp_path / "other")
    other.take(activity(trade(1, accountId="U7000099")).replace(b"U7000001", b"U7000099"))
    copy = tmp_path / "other.db"
    other.services.maintenance.backup(copy)
    before, brought = two.services.maintenance.put_back(copy)
    assert brought == BroughtOver()
    assert texts(two) == set()
    two.services.maintenance.restore(before)
    assert texts(two) == {"first", "later"}


# --- a damaged database -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["trades", "executions", "executions_by_instrument", "reports", "depots", "section_rows"])
def test_a_backup_takes_the_place_of_a_damaged_database_and_no_note_is_lost(two: JournalFolder, table: str) -> None:
    two.services.maintenance.close()
    damage(two.paths.database, table)
    damaged = two.paths.database.read_bytes()
    before, brought = two.services.maintenance.put_back(two.paths.backups / "copy.db")
    assert before.name.startswith("damaged-")
    assert before.read_bytes()[PAGE:] == damaged[PAGE:], "it is kept as it was"
    assert brought == BroughtOver(notes=1)
    assert texts(two) == {"first", "later"}
    assert two.services.maintenance.check() == ()


def test_where_the_notes_themselves_are_damaged_it_says_so(two: JournalFolder) -> None:
    two.services.maintenance.close()
    damage(two.paths.database, "notes")
    _before, brought = two.services.maintenance.put_back(two.paths.backups / "copy.db")
    assert brought == BroughtOver(unreadable=True)
    assert texts(two) == {"first"}


def test_a_refused_backup_leaves_a_damaged_database_as_it_is_and_no_copy(two: JournalFolder) -> None:
    two.services.maintenance.close()
    damage(two.paths.database, "trades")
    damaged = two.paths.database.read_bytes()
    (two.paths.backups / "no.db").write_bytes(b"no database " * 500)
    with pytest.raises(Exception, match="backup_invalid"):
        two.services.maintenance.put_back(two.paths.backups / "no.db")
    assert two.paths.database.read_bytes() == damaged
    assert not list(two.paths.backups.glob("damaged-*"))


@pytest.mark.parametrize("with_backup", [True, False])
def test_where_the_first_page_is_gone_that_of_a_backup_leads_to_the_notes(two: JournalFolder, with_backup: bool) -> None:
    made = two.services.backups.make()
    write(two, 0, "newer than any backup", minutes=5)
    two.services.maintenance.close()
    with two.paths.database.open("r+b") as file:
        file.write(b"\xa5" * PAGE)
    rescue(two.paths, made.path if with_backup else None)
    assert texts(two) == {"newer than any backup", "later"}
    assert JournalFolder(two.paths.data).services.maintenance.check() == ()


def test_a_copy_of_the_journal_is_never_made_outside_its_folder(
    two: JournalFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = two.services.backups.make()
    write(two, 0, "newer than any backup", minutes=5)
    two.services.maintenance.close()
    with two.paths.database.open("r+b") as file:
        file.write(b"\xa5" * PAGE)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    rescue(two.paths, made.path)
    assert texts(two) == {"newer than any backup", "later"}


def test_what_is_no_database_at_all_gives_nothing_back(two: JournalFolder) -> None:
    two.services.backups.make()
    two.services.maintenance.close()
    two.paths.database.write_bytes(b"no database " * 5000)
    rescue(two.paths, None)
    assert texts(two) == set()
    assert JournalFolder(two.paths.data).services.maintenance.check() == ()


@pytest.mark.parametrize("table", ["trades", "executions", "reports", "run_files"])
def test_without_a_backup_the_archive_and_what_can_be_read_make_it_anew(journal: JournalFolder, table: str) -> None:
    journal.services.depots.add(DepotDraft(name="Income", activity_query="1001", confirmation_query="1002", color="series_2"))
    journal.take(activity(trade(1), trade(2, conid="222", symbol="BETA")))
    journal.take(activity(trade(3), days=LATER))
    write(journal, 0, "mine")
    state, name = journal.state(), journal.query("SELECT value FROM settings WHERE name='journal_id'")
    depots = journal.services.depots.list_depots()
    journal.services.maintenance.close()
    damage(journal.paths.database, table)
    before, _changes = journal.services.maintenance.begin_anew()
    assert before.name.startswith("damaged-")
    assert len(journal.services.recovery.take_in()) == 2
    assert journal.state() == state
    assert texts(journal) == {"mine"}
    assert journal.services.maintenance.notes_without_trade() == ()
    assert journal.query("SELECT value FROM settings WHERE name='journal_id'") == name, "tokens are found again"
    assert journal.services.depots.list_depots() == depots
    assert journal.services.maintenance.check() == ()
    assert [path.name for path in journal.paths.backups.iterdir()] == [before.name], "nothing else stays behind"


def test_a_table_is_read_from_both_ends(journal: JournalFolder) -> None:
    journal.take(activity(*(trade(number, conid=str(1000 + number)) for number in range(1, 50))))
    long = "x" * 3000
    for place in range(len(journal.trades())):
        write(journal, place, f"{place} {long}")
    journal.services.maintenance.close()
    content = journal.paths.database.read_bytes()
    pages = [place // PAGE for place in (content.find(f"{number} {long}".encode()) for number in range(49)) if place > 0]
    with journal.paths.database.open("r+b") as file:
        file.seek(sorted(set(pages))[len(set(pages)) // 2] * PAGE)
        file.write(b"\xa5" * PAGE)
    journal.services.maintenance.begin_anew()
    kept = len(texts(journal))
    assert 20 < kept < 49, "one page of many is gone, and the rest is there"


def test_after_the_backup_of_another_journal_tokens_are_found_by_its_name_at_once(journal: JournalFolder, tmp_path: Path) -> None:
    ring = DictKeyring()
    other = JournalFolder(tmp_path / "other")
    database, elsewhere = Database(journal.paths.database), Database(other.paths.database)
    KeyringCredentials(lambda: journal_id(elsewhere), backend=ring).set(DepotId(1), Secret("577215664901532860606512"))
    credentials = KeyringCredentials(lambda: journal_id(database), backend=ring)
    credentials.set(DepotId(1), Secret("271828182845904523536028"))
    other.services.maintenance.backup(tmp_path / "other.db")
    before, _changes = journal.services.maintenance.restore(tmp_path / "other.db")
    assert credentials.get(DepotId(1)) == Secret("577215664901532860606512")
    journal.services.maintenance.restore(before)
    assert credentials.get(DepotId(1)) == Secret("271828182845904523536028")
    journal.services.maintenance.close()
    journal.paths.database.write_bytes(b"no database " * 5000)
    assert credentials.get(DepotId(1)) == Secret("271828182845904523536028"), "one that cannot be read has the name it had"


def test_what_removing_a_depot_means_is_counted(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2, -40, 11)))
    journal.take(activity(trade(3, conid="222"), days=LATER))
    write(journal, 0, "mine")
    (depot,) = journal.services.depots.list_depots()
    token = "271828182845904523536028"
    first, _changes = journal.services.depots.add(DepotDraft(name="Income", activity_query="77", token=token))
    second, _changes = journal.services.depots.add(DepotDraft(name="Anna", activity_query="88", token=token))
    plan = journal.services.removal.plan(depot.id)
    assert (plan.reports, plan.fills, plan.trades, plan.notes, plan.others) == (2, 3, 2, 1, 2)
    assert (plan.token, plan.queries, plan.shared_with) == (False, (), ())
    plan = journal.services.removal.plan(first)
    assert (plan.reports, plan.fills, plan.accounts) == (0, 0, ())
    assert (plan.token, plan.queries, plan.shared_with) == (True, ("77",), ("Anna",))
    journal.services.depots.remove(first)
    assert journal.services.removal.plan(second).shared_with == ()
    with pytest.raises(UsageError, match="unknown_depot"):
        journal.services.removal.plan(DepotId(99))


def test_a_database_that_another_program_holds_is_not_waited_for_for_ever(
    two: JournalFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_BUSY_MILLISECONDS", 50)
    state = two.state()
    with closing(sqlite3.connect(two.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="database_locked"):
            two.services.maintenance.restore(two.paths.backups / "copy.db")
        with pytest.raises(StoreError, match="database_locked"):
            two.services.maintenance.begin_anew()
        other.execute("ROLLBACK")
    assert (two.state(), texts(two)) == (state, {"first", "later"})
    assert [path.name for path in two.paths.backups.iterdir()] == ["copy.db"], "no copy that nobody needs"
    two.services.maintenance.restore(two.paths.backups / "copy.db")
    assert texts(two) == {"first"}


def test_a_note_written_while_a_backup_is_put_back_comes_after_it(two: JournalFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    maintenance, written = two.services.maintenance, threading.Event()
    key = two.trades()[0].key

    def write_one() -> None:
        two.services.journal.write_note(key, "meanwhile")
        written.set()

    writer = threading.Thread(target=write_one)

    def while_notes_come_over(*arguments: Any) -> BroughtOver:
        writer.start()
        assert not written.wait(0.3), "it would stand in the copy alone"
        return bring_over(*arguments)

    monkeypatch.setattr("ibjournal.services.maintenance.bring_over", while_notes_come_over)
    maintenance.put_back(two.paths.backups / "copy.db")
    writer.join()
    assert texts(two) == {"meanwhile", "later"}


def test_what_was_decided_since_is_followed_at_once(journal: JournalFolder) -> None:
    journal.take(activity(trade(1, 100), trade(2, -100, 11), trade(3, 50, 12)))
    journal.services.maintenance.backup(journal.paths.backups / "copy.db")
    journal.services.campaigns.link([each.key for each in journal.trades()], "The wheel")
    before = journal.services.campaigns.list(TradeFilter())
    assert [row.campaign.chain.name for row in before] == ["The wheel"]
    journal.services.maintenance.put_back(journal.paths.backups / "copy.db")
    assert journal.services.campaigns.list(TradeFilter()) == before
