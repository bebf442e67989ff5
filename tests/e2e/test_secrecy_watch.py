"""The watch that looks for tokens at the end of every test here: it finds each of these leaks, and no test can forget it."""

from __future__ import annotations

import base64
import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.fakes import environment_keyring, token_watch
from tests.fakes.journal_folder import JournalFolder
from tests.fakes.planted_token import PLANTED, holds
from tests.fakes.token_watch import Watch, watching

pytestmark = pytest.mark.e2e

FORMS: dict[str, bytes] = {
    "as it is": PLANTED.encode(),
    "its first half": PLANTED[:12].encode(),
    "its last half": PLANTED[12:].encode(),
    "in groups": " ".join(PLANTED[at : at + 4] for at in range(0, 24, 4)).encode(),
    "in lines": "\r\n".join(PLANTED[at : at + 7] for at in range(0, 24, 7)).encode(),
    "in hard spaces": "\u00a0".join(PLANTED).encode(),
    "in lines of a string": (PLANTED[:9] + r"\n" + PLANTED[9:]).encode(),
    "in spaces of an address": (PLANTED[:9] + "%20" + PLANTED[9:]).encode(),
    "in an address, every digit coded": "".join(f"%{ord(each):02x}" for each in PLANTED).encode(),
    "in character references": "".join(f"&#{ord(each)};" for each in PLANTED).encode(),
    "in hexadecimal ones": "".join(f"&#x{ord(each):x};" for each in PLANTED).encode(),
    "in JSON, escaped": "".join(f"\\u{ord(each):04x}" for each in PLANTED).encode(),
    "as hexadecimal numbers": PLANTED.encode().hex().encode(),
    "backwards": PLANTED[::-1].encode(),
    "UTF-16, low byte first": PLANTED.encode("utf-16-le"),
    "UTF-16, high byte first": PLANTED.encode("utf-16-be"),
    "base 64": base64.b64encode(PLANTED.encode()),
    "base 64, one further": base64.b64encode(b"/" + PLANTED.encode() + b"&v=3"),
    "base 64, two further": base64.b64encode(b"t=" + PLANTED.encode() + b"&v=3"),
    "base 64, in lines": base64.encodebytes(b"https://host/SendRequest?t=" + PLANTED.encode() + b"&q=1&v=3" * 9),
}


@pytest.mark.parametrize("form", FORMS)
def test_it_is_known_in_every_form(form: str) -> None:
    assert holds(b'<a b="12.5">' + FORMS[form] + b"</a>\n")
    assert not holds(b'<a b="12.5">' + FORMS[form][: len(FORMS[form]) // 3] + b"</a>\n")


def in_a_file(folder: Path, _watch: Watch) -> None:
    (folder / "fetching").mkdir()
    (folder / "fetching" / "1.xml").write_text(f"<a>{PLANTED}</a>", encoding="utf-8")


def in_a_name(folder: Path, _watch: Watch) -> None:
    (folder / f"t={PLANTED}").touch()


def packed(folder: Path, _watch: Watch) -> None:
    (folder / "a.xml.gz").write_bytes(gzip.compress(f"<a>{PLANTED}</a>".encode()))


def packed_and_cut(folder: Path, _watch: Watch) -> None:
    (folder / "a.xml.gz").write_bytes(gzip.compress(f"<a>{PLANTED}</a>{os.urandom(999).hex()}".encode())[:-99])


def in_the_write_ahead_log(folder: Path, watch: Watch) -> None:
    """Copy a database with its log as they are while it is open."""
    with closing(sqlite3.connect(folder.parent / "open.db")) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE t (x)")
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("INSERT INTO t VALUES (?)", (PLANTED,))
        db.commit()
        (folder / "journal.db-wal").write_bytes((folder.parent / "open.db-wal").read_bytes())


def in_settings_of_the_user(_folder: Path, _watch: Watch) -> None:
    (Path(os.environ["XDG_CONFIG_HOME"]) / "autostart").mkdir(parents=True)
    (Path(os.environ["XDG_CONFIG_HOME"]) / "autostart" / "ibjournal.desktop").write_text(f"Exec=ibjournal {PLANTED}")


def in_the_temporary_folder(_folder: Path, _watch: Watch) -> None:
    (token_watch.temporary() / "left").write_text(PLANTED, encoding="utf-8")


def in_the_output(folder: Path, _watch: Watch) -> None:
    _start(folder, f"print('t={PLANTED[:8]} {PLANTED[8:]}')")


def in_the_arguments(folder: Path, _watch: Watch) -> None:
    _start(folder, "import sys", PLANTED)


def in_the_arguments_of_what_it_starts(folder: Path, _watch: Watch) -> None:
    _start(folder, "import os, subprocess; subprocess.run(['true', os.environ['IBJOURNAL_TESTS_TOKEN']])")


def in_the_environment_of_what_it_starts(folder: Path, _watch: Watch) -> None:
    _start(folder, "import os, subprocess; os.environ['T'] = os.environ['IBJOURNAL_TESTS_TOKEN']; subprocess.run(['true'])")


def in_a_file_elsewhere(folder: Path, _watch: Watch) -> None:
    elsewhere = folder.parent / "elsewhere"
    _start(folder, f"import os; open({str(elsewhere)!r}, 'w').write(os.environ['IBJOURNAL_TESTS_TOKEN'])")


def another_token(folder: Path, watch: Watch) -> None:
    watch.know("t=314159265358979323846264&v=3")
    (folder / "a").write_text("3141 5926 5358 9793 2384 6264", encoding="utf-8")


def _start(folder: Path, code: str, *arguments: str) -> None:
    program = Program(folder / "data", {environment_keyring.VARIABLE: PLANTED})
    command = [sys.executable, "-c", code, *arguments]
    process = token_watch.WatchedProcess(
        command, env=program.variables(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.communicate() is not None
    assert process.returncode == 0


LEAKS = (
    in_a_file,
    in_a_name,
    packed,
    packed_and_cut,
    in_the_write_ahead_log,
    in_settings_of_the_user,
    in_the_temporary_folder,
    in_the_output,
    in_the_arguments,
    in_the_arguments_of_what_it_starts,
    in_the_environment_of_what_it_starts,
    in_a_file_elsewhere,
    another_token,
)


@pytest.fixture
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder beside that of the test, and let all else that is searched lie in it; the leaks go with it."""
    apart = tmp_path_factory.mktemp("apart")
    for name in ("session/notes", "session/tmp", "folder"):
        (apart / name).mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_watch, "_place", [apart / "session"])
        patch.setenv("XDG_CONFIG_HOME", str(apart / "config"))
        yield apart / "folder"
    shutil.rmtree(apart)


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__)
def test_it_finds(leak: Callable[[Path, Watch], None], apart: Path) -> None:
    with pytest.raises(AssertionError, match="a token stands in"), watching(apart) as watch:
        leak(apart, watch)


def test_what_a_journal_gives_away_is_made_and_searched(apart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = JournalFolder(apart / "data")
    journal.services.maintenance.close()
    said = token_watch.given_away(apart / "data")
    assert "[runs]" in said[0]
    assert len(said) > 3
    assert list((apart / "data" / "backups").iterdir())
    monkeypatch.setattr(token_watch, "given_away", lambda _data: [*said, f"{PLANTED} "])
    with pytest.raises(AssertionError, match="given away of"), watching(apart) as watch:
        watch.journal(apart / "data")


def test_whatever_was_done_without_a_token_is_quiet(apart: Path) -> None:
    with watching(apart):
        _start(apart, "import os, subprocess; subprocess.run(['true']); open(os.devnull, 'w').write('x')")


def test_no_test_here_can_forget_it(request: pytest.FixtureRequest, watch: Watch, tmp_path: Path) -> None:
    assert "watch" in request.fixturenames
    assert token_watch.current() is watch
    assert tmp_path in watch.folders
    program = Program(tmp_path / "data", {environment_keyring.VARIABLE: "314159265358979323846264"})
    told = program.run("depot", "add", "Plain", "--activity-query", "1001", stdin="161803398874989484820458\n")
    assert told.status == 0
    assert watch.tokens >= {PLANTED, "314159265358979323846264", "161803398874989484820458"}
    assert tmp_path / "data" in watch.journals
    assert any("depot" in where for where, _text in watch.texts)
    (note,) = token_watch.notes().glob("*.txt")
    lines = note.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("called ")
    assert any(line.startswith("wrote ") and line.endswith("ibjournal.log") for line in lines)
