"""Backup, restore, check."""

from __future__ import annotations

from pathlib import Path

import pytest

from ibjournal.domain.errors import StoreError
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder


def test_a_restore_keeps_what_was_there(journal: JournalFolder, tmp_path: Path) -> None:
    journal.take(activity(trade(1)))
    first = journal.state()
    journal.services.maintenance.backup(tmp_path / "first.db")
    journal.take(activity(trade(2), days=("20260311", "20260311")))
    second = journal.state()
    before, changes = journal.services.maintenance.restore(tmp_path / "first.db")
    assert changes.trades
    assert changes.journal
    assert journal.state() == first
    assert before.parent == journal.paths.backups
    again, _changes = journal.services.maintenance.restore(before)
    assert journal.state() == second
    assert again != before, "also within one second"
    assert len(list(journal.paths.backups.iterdir())) == 2


def test_a_restore_that_is_refused_changes_nothing_and_leaves_nothing(journal: JournalFolder, tmp_path: Path) -> None:
    journal.take(activity(trade(1)))
    before = journal.state()
    (tmp_path / "no.db").write_bytes(b"no database " * 500)
    for name, code in (("no.db", "backup_invalid"), ("nothing.db", "backup_missing")):
        with pytest.raises(StoreError) as caught:
            journal.services.maintenance.restore(tmp_path / name)
        assert caught.value.code == code
    assert journal.state() == before
    assert list(journal.paths.backups.iterdir()) == []


def test_a_sound_journal_has_no_issues(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    assert journal.services.maintenance.check() == ()


def test_an_archived_report_that_is_gone_is_an_issue(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    (name,) = journal.files()
    next(journal.paths.archive.rglob(name)).unlink()
    (issue,) = journal.services.maintenance.check()
    assert (issue.code, issue.detail) == ("archive_file_missing", f"files/{name}")


@pytest.mark.parametrize("content", [None, b"", b"no archive"])
def test_a_report_that_was_lost_is_put_back_when_it_comes_again(journal: JournalFolder, content: bytes | None) -> None:
    journal.take(activity(trade(1)))
    (name,) = journal.files()
    file = next(journal.paths.archive.rglob(name))
    before, state = file.read_bytes(), journal.state()
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert len(journal.services.maintenance.check()) == 1
    assert journal.take(activity(trade(1))).error is None
    assert file.read_bytes() == before
    assert journal.services.maintenance.check() == ()
    journal.services.maintenance.rebuild()
    assert journal.state() == state


def test_after_the_end_the_database_is_one_file(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    journal.services.maintenance.close()
    wal = journal.paths.database.with_name("journal.db-wal")
    assert not wal.exists() or wal.stat().st_size == 0


def test_a_log_that_cannot_be_folded_in_at_the_end_is_left_for_the_next_start(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    before = journal.state()
    journal.paths.database.rename(journal.paths.data / "away.db")
    journal.paths.database.mkdir()  # nothing can be opened in its place
    journal.services.maintenance.close()
    journal.paths.database.rmdir()
    (journal.paths.data / "away.db").rename(journal.paths.database)
    assert journal.state() == before
