"""Seeded chance: the same name gives the same draws on every machine."""

from __future__ import annotations

from random import Random


def seeded(seed: int, name: str) -> Random:
    """Return a generator of its own for ``name`` within the history of ``seed``."""
    return Random(f"{seed}:{name}")  # noqa: S311 - prices of a story, not secrets
