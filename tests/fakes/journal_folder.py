"""A journal on disk with all its services, for tests: take a report in and look at what came of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from ibjournal import bootstrap
from ibjournal.domain.filters import TradeFilter
from ibjournal.domain.trade import Trade
from ibjournal.paths import Paths
from ibjournal.services.credentials import MemoryCredentials
from ibjournal.services.export import KINDS
from ibjournal.services.importing import ImportedFile

_CONTRACTS = (
    "SELECT instrument, category, symbol, description, currency, multiplier, underlying, isin, expiry, strike FROM instruments"
)

Rows = list[tuple[Any, ...]]


class JournalFolder:
    """A real folder with a real database; tokens are in memory."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(folder)
        self.services = bootstrap.build(self.paths, credentials=MemoryCredentials(kept=True))
        self._inbox = folder.parent / f"{folder.name}-inbox"
        self._inbox.mkdir(exist_ok=True)

    def file(self, content: bytes, name: str = "report.xml") -> Path:
        """Write a file beside the journal."""
        path = self._inbox / name
        path.write_bytes(content)
        return path

    def take(self, content: bytes, name: str = "report.xml") -> ImportedFile:
        """Import one report as a user does."""
        (file,) = self.services.importing.import_paths([self.file(content, name)])
        return file

    def counts(self, content: bytes) -> tuple[int, int, int]:
        """Import one report that must be taken; return new, updated, unchanged."""
        file = self.take(content)
        assert file.error is None, file.error
        return file.new, file.updated, file.unchanged

    def query(self, sql: str, *values: object) -> Rows:
        """Read from the database by a way of its own."""
        with closing(sqlite3.connect(f"{self.paths.database.as_uri()}?mode=ro", uri=True)) as db:
            return db.execute(sql, values).fetchall()

    def change(self, sql: str, *values: object) -> None:
        """Change the database by a way of its own, as another program or a bug would."""
        with closing(sqlite3.connect(self.paths.database)) as db, db:
            db.execute(sql, values)

    def fills(self, *columns: str) -> Rows:
        """Return columns of all fills, in order of their ids and times."""
        names = ", ".join(columns or ("transaction_id", "source", "status"))
        return self.query(f"SELECT {names} FROM executions ORDER BY executed_at, transaction_id, exec_id, row_key")

    def trades(self) -> Sequence[Trade]:
        """Return the trades, the first to begin first."""
        rows = self.services.journal.list_trades(TradeFilter()).rows
        return sorted((each.trade for each in rows), key=lambda trade: (trade.opened_at, trade.key))

    def state(self) -> dict[str, list[str]]:
        """Return everything that is derived from reports, however it got there: for comparing journals."""
        kinds = {}
        for kind in KINDS:
            rows = self.services.export.rows(kind)
            kinds[kind] = sorted(json.dumps({k: v for k, v in each.items() if k != "report"}, sort_keys=True) for each in rows)
        sections = self.query("SELECT account, section, tag, scope, data FROM section_rows")
        kinds["sections"] = sorted(repr(each) for each in sections)
        kinds["instruments"] = sorted(repr(each) for each in self.query(_CONTRACTS))
        return kinds

    def files(self) -> list[str]:
        """Return the archived files."""
        return sorted(path.name for path in self.paths.archive.rglob("*") if path.is_file())
