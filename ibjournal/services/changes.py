"""Changes: which kinds of data a call altered; screens decide for themselves what to reload."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Kinds of data that were altered. Falsy when nothing was."""

    trades: bool = False
    cash: bool = False
    equity: bool = False
    positions: bool = False
    reports: bool = False
    depots: bool = False
    journal: bool = False
    settings: bool = False

    def __bool__(self) -> bool:
        return any((self.trades, self.cash, self.equity, self.positions, self.reports, self.depots, self.journal, self.settings))

    def __or__(self, other: Changes) -> Changes:
        return Changes(
            trades=self.trades or other.trades,
            cash=self.cash or other.cash,
            equity=self.equity or other.equity,
            positions=self.positions or other.positions,
            reports=self.reports or other.reports,
            depots=self.depots or other.depots,
            journal=self.journal or other.journal,
            settings=self.settings or other.settings,
        )


EVERYTHING = Changes(trades=True, cash=True, equity=True, positions=True, reports=True, depots=True, journal=True, settings=True)
