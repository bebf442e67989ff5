"""A disk that is full, too small or write-protected, at every work that writes: words, and nothing is lost."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ibjournal.domain.errors import StoreError
from tests.e2e.program import Program
from tests.fakes.flex_reports import activity, trade
from tests.fakes.safe_journal import SafeJournal, clear

pytestmark = pytest.mark.e2e

A_PART, HARDLY_ANYTHING = 400, 48
"""Kilobytes that are left: enough to begin with, and not even that."""


@dataclass
class _Limited(Program):
    """The program with a bound on the size of each file that it writes, as a quota sets it; works for every user."""

    kilobytes: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *arguments: object) -> list[str]:
        limit = f'ulimit -f {self.kilobytes * 2}; exec "$@"'  # in blocks of 512 bytes, as POSIX has it
        return ["/bin/sh", "-c", limit, "sh", *super().command(*arguments)]


@contextmanager
def quota(journal_program: Program, kilobytes: int) -> Iterator[Program]:
    """Give a program that cannot write beyond so many kilobytes of any file."""
    yield _Limited(journal_program.data, environment=journal_program.environment, kilobytes=kilobytes)


@contextmanager
def filled(journal_program: Program, kilobytes: int) -> Iterator[Program]:
    """Fill the disk that the journal lies on until so many kilobytes are left."""
    filler = journal_program.data.parent / "filler"
    fill(filler, kilobytes)
    try:
        yield journal_program
    finally:
        filler.unlink()


def fill(filler: Path, kilobytes: int) -> None:
    """Write until the disk is full, and give so many kilobytes back."""
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    os.truncate(filler, max(0, filler.stat().st_size - kilobytes * 1024))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can make a small disk")
    if os.system(f"mount -t tmpfs -o size=24m tmpfs {folder} 2>/dev/null") != 0:
        pytest.skip("this machine does not let root mount a small disk")
    yield folder
    os.system(f"umount {folder}")


WORKS: dict[str, Callable[[SafeJournal], tuple[object, ...]]] = {
    "import": lambda journal: ("import", journal.more()),
    "backup": lambda _journal: ("backup",),
    "rebuild": lambda _journal: ("rebuild",),
    "restore": lambda journal: ("restore", journal.backup),
    "from archive": lambda _journal: ("restore", "--from-archive"),
}


Disk = Callable[[Program, int], AbstractContextManager[Program]]


def at_its_limit(journal: SafeJournal, work: str, disk: Disk, room: int) -> None:
    """Do a work where there is no room for it, then where there is; nothing is lost, and it comes to the same."""
    arguments = WORKS[work](journal)
    state, written, archived = journal.state(), journal.written(), journal.archived()
    answers = []
    with disk(journal.program, room) as program:
        answers.append(program.run(*arguments, "--lang", "en"))
        english = answers[0]
        assert english.status == 1, "there must be too little room, or nothing is proved"
        answers.append(program.run(*arguments, "--lang", "de"))
        assert clear(answers[1]) != clear(english)
    assert journal.written() == written, "what the user wrote"
    assert journal.state() == state, "nothing by halves"
    for name, content in archived.items():
        assert journal.archived()[name] == content, "the archive is never touched"
    assert not journal.unfinished()
    assert journal.services.maintenance.check() == ()
    again = journal.program.run(*arguments)
    assert again.status == 0, again
    assert journal.written() == written
    assert journal.leaks([*answers, again]) == []


@pytest.mark.parametrize("work", WORKS)
def test_files_that_may_not_grow(tmp_path: Path, work: str) -> None:
    at_its_limit(SafeJournal(tmp_path / "data"), work, quota, A_PART)


@pytest.mark.parametrize(("work", "room"), [(work, A_PART if work in {"import", "rebuild"} else HARDLY_ANYTHING) for work in WORKS])
def test_a_disk_that_is_full(small_disk: Path, work: str, room: int) -> None:
    at_its_limit(SafeJournal(small_disk / "data"), work, filled, room)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_an_export_that_finds_no_room_is_told(tmp_path: Path) -> None:
    journal = SafeJournal(tmp_path / "data")
    full = tmp_path / "full.csv"
    full.symlink_to("/dev/full")
    english, german = (journal.program.run("export", "executions", "-o", full, "--lang", each) for each in ("en", "de"))
    assert "disk is full" in clear(english)
    assert clear(german) != clear(english)
    assert journal.leaks([english, german]) == []


@pytest.mark.parametrize("room", [0, 40, 700])
def test_the_very_first_import(tmp_path: Path, room: int) -> None:
    program = Program(tmp_path / "data")
    (tmp_path / "a.xml").write_bytes(activity(trade(1), trade(2, -40, 11)))
    limited = _Limited(program.data, kilobytes=room)
    first = limited.run("import", tmp_path / "a.xml", "--lang", "en")
    if first.status:
        assert clear(limited.run("import", tmp_path / "a.xml", "--lang", "de")) != clear(first)
    assert program.run("import", tmp_path / "a.xml").status == 0
    assert program.run("check", "--json").json == {"issues": []}
    assert len(program.run("export", "executions", "--format", "json").json["executions"]) == 2


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Let this process write no file beyond a size; the limit is soft, so that it can be taken back."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_note_that_finds_no_room_leaves_the_one_that_was_there(tmp_path: Path) -> None:
    journal = SafeJournal(tmp_path / "data")
    key = journal.trades()[0].key
    before = journal.written()
    with no_file_beyond(50_000), pytest.raises(StoreError) as caught:
        journal.services.journal.write_note(key, "long " * 20_000)
    assert caught.value.code in {"disk_full", "disk_failed"}
    assert journal.written() == before
    journal.services.journal.write_note(key, "long " * 20_000)
    assert ("long " * 20_000,) in journal.query("SELECT text FROM notes")
    assert journal.services.maintenance.check() == ()


def test_the_log_that_cannot_be_written_stops_nobodys_work(tmp_path: Path) -> None:
    journal = SafeJournal(tmp_path / "data")
    shutil.rmtree(journal.paths.logs)
    journal.paths.logs.write_text("in the way")
    answer = Program(journal.paths.data).run("export", "executions", "--format", "json")
    # the folder cannot be made: that is said, and nothing is changed
    assert answer.status in {0, 1}
    if answer.status:
        clear(answer)
    journal.paths.logs.unlink()
    assert Program(journal.paths.data).run("check").status == 0


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can write-protect a disk")
def test_a_write_protected_disk_is_told_for_every_work(small_disk: Path) -> None:
    journal = SafeJournal(small_disk / "data")
    content = journal.paths.database.read_bytes()
    assert os.system(f"mount -o remount,ro {small_disk}") == 0
    for work, given in WORKS.items():
        arguments = given(journal) if work != "import" else ("import", journal.paths.data / "nothing.xml")
        english = journal.program.run(*arguments, "--lang", "en")
        assert clear(english)
    assert journal.paths.database.read_bytes() == content
