"""Rows of sections without a table, of all accounts: as IBKR wrote them, and where they stand."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.provenance import RowRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """One row. ``to_day`` is the last day of its statement (ISO); ``generated_at`` is when IBKR made it, seconds since 1970 UTC."""

    account: AccountId
    tag: str
    instrument: InstrumentId | None
    to_day: str
    generated_at: int
    row: RowRef
    data: str
    """JSON, as it is stored."""

    @property
    def attributes(self) -> dict[str, str]:
        """Attributes as IBKR wrote them; those without a value are left out."""
        found: dict[str, str] = json.loads(self.data)
        return found


def told_rows(db: sqlite3.Connection, section: str, *, containing: str = "") -> Iterator[ToldRow]:
    """Yield the rows of a section by account, report and place.

    Args:
        db: a connection.
        section: as IBKR names it.
        containing: words that the row must hold somewhere.
    """
    rows = db.execute(
        "SELECT s.account, s.tag, s.instrument, s.to_date, s.generated_at, s.report, s.ordinal, s.data FROM accounts a"
        " JOIN section_rows s ON s.account=a.account AND s.section=? WHERE ?='' OR instr(s.data, ?)"
        " ORDER BY s.account, s.report, s.ordinal",
        (section, containing, containing),
    )
    for account, tag, instrument, to_day, generated_at, report, ordinal, data in rows:
        yield ToldRow(
            account=AccountId(account),
            tag=tag,
            instrument=InstrumentId(instrument) if instrument else None,
            to_day=to_day,
            generated_at=generated_at,
            row=RowRef(report, ordinal),
            data=data,
        )
