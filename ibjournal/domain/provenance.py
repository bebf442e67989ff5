"""Where a figure comes from: the rows of reports behind it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class RowRef:
    """One row as IBKR wrote it: a report of the archive, and the number of the row among all rows of it, from 0."""

    report: int
    ordinal: int
