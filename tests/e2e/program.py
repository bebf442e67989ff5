"""The program as a process: what it prints, what it leaves, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes import environment_keyring, token_watch

ROOT = Path(__file__).resolve().parents[2]
NO_SERVICE = "http://127.0.0.1:9/flex"
"""Nobody listens there. A window fetches by itself seconds after its start: no test may lead it, and a token, to IBKR's own."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a process said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON: nothing else may be there."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line on standard error."""
        (line,) = self.err.splitlines()
        assert line.startswith("ibjournal: "), line
        return line.removeprefix("ibjournal: ")


@dataclass
class Program:
    """Runs ``ibjournal`` on one data folder."""

    data: Path
    environment: dict[str, str] = field(default_factory=dict)
    user: int | None = None

    def command(self, *arguments: object) -> list[str]:
        """Return the command line; what it names another Flex service by comes later, and holds."""
        return [sys.executable, "-m", "ibjournal", "--data-dir", str(self.data), "--flex-url", NO_SERVICE, *map(str, arguments)]

    def variables(self) -> dict[str, str]:
        """Return the environment: no home, no display, no keyring but the tests' own."""
        mine = {
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHON_KEYRING_BACKEND": environment_keyring.NAME,
            "QT_QPA_PLATFORM": "offscreen",
        }
        token_watch.current().know(*self.environment.values())
        return os.environ | token_watch.variables(str(ROOT)) | mine | self.environment

    def run(self, *arguments: object, stdin: str = "", bare: bool = False) -> Answer:
        """Run a command to its end; ``bare`` without the data folder."""
        command = [sys.executable, "-m", "ibjournal", *map(str, arguments)] if bare else self.command(*arguments)
        watch = token_watch.current()
        watch.know(stdin)
        watch.journal(self.data)
        done = subprocess.run(
            command,
            input=stdin,
            cwd=ROOT,
            env=self.variables(),
            user=self.user,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        answer = Answer(done.returncode, done.stdout, done.stderr)
        watch.hear(f"output of {command}", f"{answer.out}\n{answer.err}")
        assert "Traceback" not in answer.err + answer.out, answer.err
        return answer

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        token_watch.current().journal(self.data)
        return token_watch.WatchedProcess(
            self.command(*arguments),
            cwd=ROOT,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
