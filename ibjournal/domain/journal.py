"""What the user writes: never derived, never deleted by a rebuild."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ibjournal.domain.trade import TradeKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note on a trade; ``changed_at`` is an aware UTC instant."""

    trade: TradeKey
    text: str
    changed_at: datetime
