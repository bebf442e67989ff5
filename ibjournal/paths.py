"""Where data, archive, backups and logs live. The only module that asks appdirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import appdirs

APPLICATION = "ibjournal"


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders and files of one journal; everything it keeps is below ``data``.

    Two journals never share a folder: the demo has its own, and so has every ``--data-dir``.
    """

    data: Path
    moved: bool = field(default=False, compare=False)
    """Whether the user has moved the journal to this folder: where it is not there, a disk is missing, and no new one is begun."""

    @classmethod
    def of_user(cls) -> Paths:
        """Return the place that this system keeps for the user's own journal."""
        return cls(Path(appdirs.user_data_dir(APPLICATION, appauthor=False)))

    @classmethod
    def of_demo(cls) -> Paths:
        """Return the place of the demo, beside the user's journal and never inside it."""
        return cls(Path(appdirs.user_data_dir(f"{APPLICATION}-demo", appauthor=False)))

    @classmethod
    def at(cls, data_dir: Path | None) -> Paths:
        """Return the journal in ``data_dir`` as an absolute path; where None is given the user's own, wherever it was moved to."""
        if data_dir is not None:
            return cls(data_dir.expanduser().absolute())
        home = cls.of_user()
        moved = home.places()
        return cls(moved[0], moved=True) if moved and moved[0] != home.data else home

    @property
    def pointer(self) -> Path:
        """In the user's own place: the file that says where the journal was moved to, and from where."""
        return self.data / "moved.txt"

    def moved_from(self) -> Path | None:
        """In the user's own place: return the folder that the journal was last moved from."""
        places = self.places()
        return places[1] if len(places) > 1 else None

    def remember(self, old: Path, new: Path, write: Callable[[Path, str], None]) -> None:
        """In the user's own place: note where the journal lies from now on; ``write`` must write the file whole or not at all."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(self.pointer, f"{new}\n{old}\n")

    def places(self) -> list[Path]:
        """In the user's own place: return where the journal lies, and where it lay before; nothing where it was never moved."""
        try:
            return [Path(line) for line in self.pointer.read_text(encoding="utf-8").splitlines() if line]
        except (OSError, UnicodeDecodeError):
            return []

    @property
    def database(self) -> Path:
        """The SQLite database."""
        return self.data / "journal.db"

    @property
    def archive(self) -> Path:
        """The raw reports as IBKR sent them."""
        return self.data / "archive"

    @property
    def backups(self) -> Path:
        """Copies of the database."""
        return self.data / "backups"

    @property
    def logs(self) -> Path:
        """The rotating log files."""
        return self.data / "logs"

    @property
    def preferences(self) -> Path:
        """How the window looks (an INI file for QSettings); beside the data, so that the demo keeps its looks apart."""
        return self.data / "preferences.ini"

    @property
    def pace(self) -> Path:
        """When IBKR was last asked, and what it refused, so that a restart does not ask too often."""
        return self.data / "pace.json"

    @property
    def late_notes(self) -> Path:
        """Notes that the database could not take when the window closed; normally not there."""
        return self.data / "unsaved-notes.json"

    @property
    def lock(self) -> Path:
        """The file that says that a process has this folder open."""
        return self.data / "ibjournal.lock"

    @property
    def running(self) -> Path:
        """The mark of a program that has not ended yet: where it is found at a start, the last one was not ended in order."""
        return self.data / "running"

    def create(self) -> None:
        """Make the folders that are missing, readable by their owner alone.

        A folder that is there keeps its permissions: who chose them had a reason.

        Raises:
            OSError: a folder cannot be made, or something that is no folder stands in its place.
        """
        self.data.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self.data, self.archive, self.backups, self.logs):
            folder.mkdir(mode=0o700, exist_ok=True)
