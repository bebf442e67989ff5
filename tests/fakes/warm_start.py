"""Commands of the program as processes that start in no time, and that are killed in the midst of their work."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.e2e.program import ROOT, Program
from tests.fakes import token_watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended. ``status`` is negative for a signal; ``moment`` is where it was told to die, empty elsewhere."""

    pid: int
    status: int
    seconds: float
    out: str
    err: str
    moment: str = ""
    moments: tuple[str, ...] = ()

    @property
    def killed(self) -> bool:
        """Whether it ended by SIGKILL."""
        return self.status == -9


@dataclass(slots=True)
class WarmStart:
    """Starts processes; one at a time."""

    _process: subprocess.Popen[str]
    _folder: Path
    now: datetime | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        data: Path,
        *arguments: object,
        event: int | None = None,
        after: float | None = None,
        lines: int = 0,
        record: bool = False,
        commits: Path | None = None,
        bare: bool = False,
        typing: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> Ended:
        """Run a command on a data folder until it ends, or is killed.

        Args:
            data: the folder whose files count.
            arguments: of the command.
            event: kill it before the so-manieth moment (`tests.fakes.moments`).
            after: kill it after so many seconds,
            lines: counted from when it has said so many lines.
            record: tell all its moments.
            commits: keep here what the database was after each commit.
            bare: leave the folder out of the arguments.
            typing: let a hand type in its window (`tests.fakes.typing_hand`).
            environment: variables beside those of all.
        """
        files = {name: self._folder / name for name in ("out", "err", "last", "record")}
        for file in files.values():
            file.unlink(missing_ok=True)
        order = {
            "arguments": [*([] if bare else ["--data-dir", str(data)]), *map(str, arguments)],
            "data": str(data),
            "event": event,
            "after": after,
            "lines": lines,
            "typing": typing,
            "commits": str(commits) if commits else None,
            "now": self.now.isoformat() if self.now else None,
            "environment": dict(self.environment) | dict(environment or {}),
            "out": str(files["out"]),
            "err": str(files["err"]),
            "last": str(files["last"]),
            "record": str(files["record"]) if record else None,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        said = {name: file.read_text(encoding="utf-8") if file.exists() else "" for name, file in files.items()}
        watch = token_watch.current()
        watch.know(*self.environment.values(), *(environment or {}).values())
        watch.journal(data)
        watch.hear(f"output of {order['arguments']}", f"{said['out']}\n{said['err']}")
        assert "Traceback" not in said["out"] + said["err"], said["err"]
        return Ended(
            pid=answer["pid"],
            status=answer["status"],
            seconds=answer["seconds"],
            out=said["out"],
            err=said["err"],
            moment=said["last"],
            moments=tuple(said["record"].splitlines()),
        )


@contextmanager
def warm_start() -> Iterator[WarmStart]:
    """Load the program once, and start processes from it."""
    with TemporaryDirectory(prefix="ibjournal-warm-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.warm_program"],
            cwd=ROOT,
            env=Program(Path(folder)).variables(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield WarmStart(process, Path(folder))
        finally:
            process.communicate(timeout=90)
