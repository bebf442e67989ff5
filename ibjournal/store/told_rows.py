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


def told_rows(db: sqlite3.Connection, tag: str, *sections: str, containing: str = "") -> Iterator[ToldRow]:
    """Yield rows of one kind by account, report and place.

    Args:
        db: a connection.
        tag: of the rows.
        sections: where they can stand; rows that stand in no section have their tag for one, and are found as well.
        containing: words that the row must hold somewhere.
    """
    rows = db.execute(
        "SELECT s.account, s.tag, s.instrument, s.to_date, s.generated_at, s.report, s.ordinal, s.data FROM accounts a"
        " JOIN section_rows s ON s.account=a.account AND s.section IN (SELECT value FROM json_each(?))"
        " WHERE s.tag=? AND (?='' OR instr(s.data, ?)) ORDER BY s.account, s.report, s.ordinal",
        (json.dumps([tag, *sections]), tag, containing, containing),
    )
    for account, name, instrument, to_day, generated_at, report, ordinal, data in rows:
        yield ToldRow(
            account=AccountId(account),
            tag=name,
            instrument=InstrumentId(instrument) if instrument else None,
            to_day=to_day,
            generated_at=generated_at,
            row=RowRef(report, ordinal),
            data=data,
        )
