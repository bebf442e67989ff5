"""Writes down what tokens are used for, and tells it. What cannot be written down is not missed: it never stops a fetch."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import Cancelled, JournalError, StoreError
from ibjournal.flex.pacing import Clock
from ibjournal.store.database import Database
from ibjournal.store.token_uses import TokenUse, add_use, list_uses

__all__ = ["TokenLog", "TokenUse", "TokenUser"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUser:
    """Whose token is used, and what for: ``sync``, ``test`` or ``renewal``."""

    depot: DepotId | None
    name: str
    purpose: str


class TokenLog:
    """The log of the uses of tokens. Thread-safe.

    Args:
        database: the journal.
        clock: where the time comes from.
    """

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @contextlib.contextmanager
    def use(self, user: TokenUser, slot: str, query: str, period: tuple[date, date] | None = None) -> Iterator[None]:
        """Write down how asking for a statement, which happens inside, ends; errors go on to the caller."""
        at = self._clock.now()
        result, asked = "ok", True
        try:
            yield
        except Cancelled:
            result = "cancelled"
            raise
        except JournalError as error:
            result = error.code
            asked = error.values.get("asked") is not False
            raise
        finally:
            start, end = period or (None, None)
            self._write(
                TokenUse(
                    depot=user.depot,
                    depot_name=user.name,
                    at=at,
                    purpose=user.purpose,
                    slot=slot,
                    query=query,
                    from_date=start,
                    to_date=end,
                    result=result,
                    asked=asked,
                )
            )

    def _write(self, use: TokenUse) -> None:
        try:
            with self._database.transaction() as db:
                add_use(db, use)
        except StoreError as error:
            _logger.info("a token's use could not be written down: %s", error.code)

    def uses(self, depot: DepotId | None = None, *, limit: int = 200) -> tuple[TokenUse, ...]:
        """Return the latest uses, newest first; of all depots without ``depot``."""
        with self._database.reading() as db:
            return list_uses(db, depot=depot, limit=limit)
