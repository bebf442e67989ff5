"""`kill -9` while the data is cared for: a backup, an update of an old journal, a restore, moving the folder."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.program import ROOT
from tests.fakes import environment_keyring
from tests.fakes.killing import Killer, Moment, Tally, Work
from tests.fakes.planted_token import PLANTED, leaks
from tests.fakes.warm_start import WarmStart, warm_start
from tests.fakes.whole_state import State, differences, state_of, written_in
from tests.fakes.written_journal import EVERYTHING, NOW, make_journal, services_of

pytestmark = pytest.mark.e2e

MOST = 6
"""Kills of each kind of care."""


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmStart]:
    with warm_start() as started:
        started.now = NOW
        started.environment = {environment_keyring.VARIABLE: PLANTED}
        yield started


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a journal in which everything is written that can be; it is read only."""
    folder = tmp_path_factory.mktemp("written")
    make_journal(folder / "data", depots=True)
    return folder / "data"


def kill_everywhere(killer: Killer, work: Work) -> Tally:
    """Kill a work at moments spread over all of it, and return what was hit."""
    tally = Tally(work.name)
    last = len(killer.undisturbed(work).moments)
    for number in sorted({1 + step * (last - 1) // (MOST - 1) for step in range(MOST)}):
        killer.attempt(work, [Moment(event=number)], tally, name=work.name)
        assert not tally.problems, "\n".join(tally.problems)
    assert tally.too_late == 0, tally
    return tally


def copies(data: Path) -> list[Path]:
    return sorted((data / "backups").glob("[!.]*.db"))


def unsound(data: Path) -> list[str]:
    """Return the backups that bear a name and are not whole."""
    found = []
    for path in copies(data):
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            whole = db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            if not (whole and db.execute("PRAGMA user_version").fetchone()[0] and db.execute("SELECT 1 FROM notes").fetchone()):
                found.append(f"backup: {path.name} is not whole")
    return found


def test_a_backup_is_there_whole_or_not_at_all(warm: WarmStart, written: Path, tmp_path: Path) -> None:
    killer = Killer(warm, tmp_path)
    tally = kill_everywhere(killer, Work(name="backup", journal=written, arguments=("backup",), also=unsound))
    assert len(tally.where) > MOST // 2, tally


def notes_of(data: Path) -> State:
    with closing(sqlite3.connect(data / "journal.db")) as db:
        return {"notes": Counter(map(repr, db.execute("SELECT account, instrument, execution, text FROM notes")))}


def test_an_old_journal_is_updated_whole_or_not_at_all(warm: WarmStart, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    with closing(sqlite3.connect(old / "journal.db", isolation_level=None)) as db:
        db.executescript((ROOT / "tests" / "data" / "databases" / "v0001.sql").read_text(encoding="utf-8"))
        for table in ("coverage", "run_files", "reports"):  # whose files are not there
            db.execute(f"DELETE FROM {table}")
        db.execute("INSERT INTO settings VALUES ('journal_id', 'the same in every copy')")
    killer = Killer(warm, tmp_path)
    work = Work(name="update", journal=old, arguments=("check",), written=notes_of, also=unsound)
    kill_everywhere(killer, work)
    assert notes_of(old)["notes"].total() == 1


def test_a_restore_loses_nothing_that_was_written_since(warm: WarmStart, written: Path, tmp_path: Path) -> None:
    journal, backup = tmp_path / "journal", tmp_path / "backup.db"
    shutil.copytree(written, journal)
    services = services_of(journal)
    services.maintenance.backup(backup)
    row = services.journal.list_trades(EVERYTHING).rows[0]
    services.journal.write_note(row.trade.key, "written after the backup")
    services.maintenance.close()
    newest = written_in(journal)
    data = tmp_path / "data"

    def fresh() -> Path:
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(journal, data)
        return data

    quiet = warm.run(fresh(), "restore", backup, record=True)
    assert quiet.status == 0, quiet.err
    end, last = state_of(data), len(quiet.moments)
    for number in sorted({1 + step * (last - 1) // (MOST - 1) for step in range(MOST)}):
        killed = warm.run(fresh(), "restore", backup, event=number)
        assert killed.killed
        assert warm.run(data, "check").status == 0, killed.moment
        assert differences(written_in(data), newest) == [], f"{number}: {killed.moment}"
        again = warm.run(data, "restore", backup)
        assert again.status == 0, again.err
        assert unsound(data) == []
        assert differences(state_of(data), end) == [], f"{number}: {killed.moment}"
        assert leaks(data, killed.out, killed.err) == []


def test_a_journal_that_is_moved_is_at_one_place_or_the_other(warm: WarmStart, written: Path, tmp_path: Path) -> None:
    share, stick = tmp_path / "share", tmp_path / "stick"
    home, before = share / "ibjournal", written_in(written)
    variables = {"XDG_DATA_HOME": str(share)}

    def move(**when: int | bool) -> tuple[str, tuple[str, ...]]:
        for folder in (share, stick):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(written, home)
        ended = warm.run(tmp_path, "data-folder", stick, bare=True, environment=variables, **when)  # type: ignore[arg-type]
        assert ended.killed or "event" not in when
        return ended.moment, ended.moments

    _moment, moments = move(record=True)
    moved = 0
    for number in sorted({1 + step * (len(moments) - 1) // (MOST - 1) for step in range(MOST)}):
        moment, _moments = move(event=number)
        checked = warm.run(tmp_path, "check", "--json", bare=True, environment=variables)
        assert (checked.status, '"issues": []' in checked.out) == (0, True), f"{moment}: {checked.out}{checked.err}"
        told = warm.run(tmp_path, "data-folder", bare=True, environment=variables).out.strip()
        assert told in {str(home), str(stick)}
        assert differences(written_in(Path(told)), before) == [], moment
        moved += told == str(stick)
        if told == str(home):
            shutil.rmtree(stick, ignore_errors=True)  # as the words about a folder that is not empty ask
            again = warm.run(tmp_path, "data-folder", stick, bare=True, environment=variables)
            assert again.status == 0, f"{moment}: {again.err}"
            assert differences(written_in(stick), before) == []
        assert leaks(tmp_path) == []
    assert 0 < moved < MOST
