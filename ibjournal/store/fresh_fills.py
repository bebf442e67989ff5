"""Fills that were just written and need not be read back: those of accounts that had none before the report.

A first report holds years of trading, and matching asks for each of its fills moments after it was stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId

MATCHED = (
    "uid", "category", "currency", "quantity", "price", "multiplier", "executed_at", "trade_date", "report_date", "source",
    "proceeds", "commission", "commission_currency", "taxes", "cost", "realized", "fx_rate_to_base", "open_close", "codes",
    "trade_id", "transaction_id", "exec_id", "status",
)  # fmt: skip
"""The columns of a fill that matching needs."""

MatchedRow = tuple[Any, ...]
"""The values of `MATCHED`."""

_MOST = 250_000
"""Fills that are kept in memory; each takes about a kilobyte."""


class FreshFills:
    """The fills of some accounts as they stand in the database, all of them with the status of a fill that counts.

    Args:
        columns: the names of the values that `add` takes.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._matched = itemgetter(*(columns.index(name) for name in MATCHED))
        self._instrument = columns.index("instrument")
        self._rows: dict[AccountId, dict[InstrumentId, list[MatchedRow]]] = {}
        self._left = _MOST

    def watch(self, account: AccountId) -> None:
        """Begin with an account of which nothing is stored yet; fills of others are not kept."""
        self._rows[account] = {}

    def add(self, account: AccountId, fills: Sequence[tuple[Any, ...]]) -> None:
        """Take fills as they were stored, and in that order."""
        mine = self._rows.get(account)
        if mine is None:
            return
        matched, instrument = self._matched, self._instrument
        for fill in fills:
            there = mine.get(fill[instrument])
            if there is None:
                there = mine[fill[instrument]] = []
            there.append(matched(fill))
        self._left -= len(fills)
        if self._left < 0:
            self._rows.clear()

    def forget(self, account: AccountId) -> None:
        """Let an account be read from the database: a fill of it was changed."""
        self._rows.pop(account, None)

    def take(self, account: AccountId, instrument: InstrumentId) -> list[MatchedRow] | None:
        """Return all fills of an instrument, in the order in which they were stored, and keep them no longer.

        None where they are not known.
        """
        mine = self._rows.get(account)
        return None if mine is None else mine.pop(instrument, None)
