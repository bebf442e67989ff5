"""A journal with everything a user can lose, and what is asked of it after something went wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from ibjournal.services.depots import DepotDraft
from tests.e2e.program import Answer, Program
from tests.fakes import environment_keyring, planted_token
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder, Rows
from tests.fakes.planted_token import PLANTED

LATER = ("20260311", "20260331")
NOTE = "Gekauft nach dem Rückgang; Größe halbiert"
_WRITTEN = (
    "SELECT account, instrument, execution, text FROM notes",
    "SELECT name, activity_query, confirmation_query FROM depots",
    "SELECT account, kind, name, executions FROM strategy_choices",
    "SELECT account, kind, name, executions FROM campaign_choices",
    "SELECT old_account, new_account FROM account_links",
)
_UNFINISHED = ("*.new", ".report-*", ".backup-*", ".ibjournal-*", "*-journal")


class SafeJournal(JournalFolder):
    """Two reports, two notes, a depot with a token, a decision, and a backup."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.program = Program(folder, {environment_keyring.VARIABLE: PLANTED})
        draft = DepotDraft(name="Income", activity_query="1001", confirmation_query="1002", color="series_2")
        self.services.depots.add(draft)
        self.take(activity(trade(1), trade(2, -40, 11)))
        self.take(activity(trade(3, conid="222", symbol="BETA"), days=("20260311", "20260311")))
        for one in self.trades():
            self.services.journal.write_note(one.key, f"{NOTE} {one.instrument}")
        self.change(
            "INSERT INTO campaign_choices (account, underlying, kind, name, executions, changed_at) VALUES (?, ?, ?, ?, ?, ?)",
            *("U7000001", "ACME", "apart", "", "[]", 5),
        )
        self.backup = self.services.backups.make().path
        self.services.maintenance.close()

    def written(self) -> list[Rows]:
        """Return what the user wrote and set up."""
        return [sorted(self.query(sql)) for sql in _WRITTEN]

    def archived(self) -> dict[str, str]:
        """Return the archived files with what they hold."""
        files = [path for path in self.paths.archive.rglob("*") if path.is_file()]
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def unfinished(self) -> list[str]:
        """Return pieces of files that something left behind."""
        found = {path for pattern in _UNFINISHED for path in self.paths.data.rglob(pattern)}
        return sorted(path.name for path in found)

    def leaks(self, answers: Iterable[Answer]) -> list[str]:
        """Return where the planted token stands: in the folder, in what was said, in the report for others."""
        texts = [text for answer in answers for text in (answer.out, answer.err)]
        return planted_token.leaks(self.paths.data, *texts, self.program.run("diagnose").out)

    def more(self, fills: int = 400) -> Path:
        """Return a file with so many fills that came later."""
        rows = (
            trade(n % 60, tradeID=20000 + n, transactionID=30000 + n, ibExecID=f"a.b.{n}.01", conid=str(400 + n % 7))
            for n in range(1, fills + 1)
        )
        return self.file(activity(*rows, days=LATER), "more.xml")


def clear(answer: Answer) -> str:
    """Return the one sentence of a command that failed; it is whole and names what it is about."""
    assert answer.status == 1, answer
    sentence = answer.sentence
    assert sentence.endswith((".", "!")), sentence
    assert "{" not in sentence
    assert "–" not in sentence.split(), "a fact is missing in the sentence"
    assert "disk I/O" not in sentence
    assert "Errno" not in sentence
    return sentence
