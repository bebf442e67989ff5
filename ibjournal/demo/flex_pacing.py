"""IBKR's limit on requests of one token: one a second and ten a minute."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingRule:
    """How often a token may ask. ``scale`` shortens both windows, so that a test does not have to wait."""

    per_minute: int = 10
    scale: float = 1.0

    @property
    def spacing(self) -> float:
        """Seconds that must lie between two requests."""
        return 1.0 * self.scale

    @property
    def minute(self) -> float:
        """Seconds of the longer window."""
        return 60.0 * self.scale


class RequestLimiter:
    """Counts the requests of each token, both kinds and all queries together. Thread-safe."""

    def __init__(self, rule: PacingRule | None, clock: Callable[[], float]) -> None:
        self._rule = rule
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: dict[str, deque[float]] = defaultdict(deque)

    def take(self, token: str) -> bool:
        """Count a request; return False when it comes too soon. A refused request is not counted."""
        if self._rule is None:
            return True
        now = self._clock()
        with self._lock:
            taken = self._taken[token]
            while taken and now - taken[0] >= self._rule.minute:
                taken.popleft()
            if taken and now - taken[-1] < self._rule.spacing:
                return False
            if len(taken) >= self._rule.per_minute:
                return False
            taken.append(now)
            return True
