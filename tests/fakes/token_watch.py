"""Watches a test for tokens: whatever it handled, none may stand anywhere once it has ended.

The helpers that start processes, or that hold a journal, tell what they do; so a new test cannot forget to search. Searched are
every file below the test's folder and below the folders of the journals (packed ones, too), what was written elsewhere, the
temporary folder of the processes, the user's folders for settings, all output, the arguments and the environment of every process
and of what it started; and for each journal what the program gives away of it: exports, a backup, the diagnosis.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ibjournal import bootstrap
from ibjournal.domain.errors import JournalError
from ibjournal.paths import Paths
from ibjournal.services.credentials import MemoryCredentials
from ibjournal.services.export import KINDS
from tests.fakes.planted_token import PLANTED, holds, in_file, process_arguments

VARIABLE = "IBJOURNAL_TESTS_WATCH"
FOLDER = Path(__file__).with_name("watched")
"""Holds the module that each watched process loads at its start."""
_NUMBER = re.compile(r"(?<!\d)\d{18,30}(?!\d)")
_FEWEST_DIGITS = 5
_HOMES = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
_OWN = ("/dev/", "/proc/")


@dataclass
class Watch:
    """What a test did. ``tokens``: what it handled; the planted one is always among them."""

    tokens: set[str] = field(default_factory=lambda: {PLANTED})
    texts: list[tuple[str, str]] = field(default_factory=list)
    folders: set[Path] = field(default_factory=set)
    journals: set[Path] = field(default_factory=set)
    typed: bool = False
    """Whether the user himself typed a token as an argument, which no program can take back."""

    def know(self, *texts: str) -> None:
        """Take every token that stands in these texts for one that may be found nowhere else."""
        for text in texts:
            # one of few different digits is likely to be found by chance
            self.tokens.update(each for each in _NUMBER.findall(text) if len(set(each)) >= _FEWEST_DIGITS)

    def hear(self, where: str, text: str | bytes | None) -> None:
        """Remember something that was said, to be searched."""
        if text:
            self.texts.append((where, text.decode(errors="replace") if isinstance(text, bytes) else text))

    def journal(self, data: Path) -> None:
        """Remember a data folder."""
        self.folders.add(data)
        self.journals.add(data)

    def take(self, other: Watch) -> None:
        """Take over what another one has to look at; its tokens stay known to both."""
        self.tokens |= other.tokens
        self.texts += other.texts
        self.folders |= other.folders
        self.journals |= other.journals
        other.texts.clear()
        other.folders.clear()
        other.journals.clear()

    def found(self) -> list[str]:
        """Return where a token stands."""
        tokens = tuple(sorted(self.tokens))
        for note in notes().glob("*.txt"):
            lines = note.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
            self.hear(f"what {note.stem} did", "\n".join(each for each in lines if not (self.typed and each.startswith("called "))))
        for data in sorted(self.journals):
            for text in given_away(data):
                self.hear(f"given away of {data}", text)
        found = [where for where, text in self.texts if any(holds(text.encode(errors="surrogateescape"), each) for each in tokens)]
        for path in sorted(self._files()):
            if any(holds(str(path).encode(errors="surrogateescape"), each) for each in tokens):
                found.append(f"name of {path}")
            if _stands_in(path, tokens):
                found.append(str(path))
        return found

    def _files(self) -> set[Path]:
        """Return all files that may hold anything of the test, each once."""
        homes = {Path(os.environ[name]) for name in _HOMES if name in os.environ}
        files: set[Path] = set()
        for folder in self.folders | homes | {temporary()}:
            files.update(each for each in _below(folder) if each.is_file() and not each.is_symlink())
        for note in notes().glob("*.txt"):
            lines = note.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
            written = {Path(line.removeprefix("wrote ")) for line in lines if line.startswith("wrote ")}
            files.update(each for each in written if not str(each).startswith(_OWN) and each.is_file())
        return files


def given_away(data: Path) -> list[str]:
    """Return what the program gives away of a journal: the diagnosis, every export; a backup is made in its folder.

    What cannot be read any more, as the test may have wanted it, gives nothing away.
    """
    paths = Paths(data)
    if not paths.database.is_file():
        return []
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # what is wrong with the journal is the test's business, and was judged there
    try:
        texts = [bootstrap.diagnosis(paths).report()]
        with contextlib.suppress(JournalError):
            services = bootstrap.build(paths, credentials=MemoryCredentials())
            try:
                for kind in KINDS:
                    with contextlib.suppress(JournalError):
                        texts.append(json.dumps(services.export.rows(kind), default=str))
                services.backups.make()
            finally:
                services.maintenance.close()
        return texts
    finally:
        logging.disable(level)


def _below(folder: Path) -> Iterator[Path]:
    """Yield what lies below a folder but folders; one that a program removes meanwhile holds nothing any more."""
    for place, _folders, names in os.walk(folder):
        yield from (Path(place, name) for name in names)


def _stands_in(path: Path, tokens: Iterable[str]) -> bool:
    with contextlib.suppress(FileNotFoundError):  # a program that still runs may have removed it
        return in_file(path, tuple(tokens))
    return False


_standing = Watch()
"""What is done outside of any test, such as in a fixture of a module; the next test's end looks at it."""
_watches = [_standing]
_place: list[Path] = []


def current() -> Watch:
    """Return what watches just now."""
    return _watches[-1]


def _session() -> Path:
    """Return a folder of this session, with a short name: sockets are made in it."""
    if not _place:
        _place.append(Path(tempfile.mkdtemp(prefix="ibj-")))
        atexit.register(forget)  # who starts processes outside of the end-to-end tests has no fixture that does
        for name in ("tmp", "notes"):
            (_place[0] / name).mkdir()
    return _place[0]


def temporary() -> Path:
    """Return the temporary folder of every process that is started."""
    return _session() / "tmp"


def notes() -> Path:
    """Return where watched processes write their notes."""
    return _session() / "notes"


def forget() -> None:
    """Remove the folder of the session."""
    while _place:
        shutil.rmtree(_place.pop(), ignore_errors=True)


def variables(search_path: str) -> dict[str, str]:
    """Return the environment in which a process is watched; ``search_path`` is where it finds its modules."""
    return {"PYTHONPATH": os.pathsep.join((str(FOLDER), search_path)), VARIABLE: str(notes()), "TMPDIR": str(temporary())}


class WatchedProcess(subprocess.Popen[str]):
    """A process whose arguments and output are searched."""

    def __init__(self, command: list[str], **options: Any) -> None:
        super().__init__(command, **options)
        current().hear(f"arguments of {command}", process_arguments(self.pid).replace(b"\0", b"\n"))

    def communicate(self, input: str | None = None, timeout: float | None = None) -> tuple[str, str]:  # noqa: A002 - the base's name
        """Wait for the end and return what was said."""
        out, err = super().communicate(input, timeout)
        current().hear(f"output of {self.args!r}", f"{out}\n{err}")
        return out, err


@contextlib.contextmanager
def watching(folder: Path) -> Iterator[Watch]:
    """Watch for a while; fails where a token stands at the end.

    Args:
        folder: of the test; searched as a whole.
    """
    watch = Watch()
    watch.take(_standing)
    watch.folders.add(folder)
    _watches.append(watch)
    try:
        yield watch
        found = watch.found()
    finally:
        _watches.remove(watch)
        for note in notes().glob("*.txt"):
            note.unlink(missing_ok=True)
    assert found == [], "a token stands in:\n" + "\n".join(found)
