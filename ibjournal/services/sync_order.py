"""Which depots to fetch, and which of them one after the other: those that share a token share its pace."""

from __future__ import annotations

from collections.abc import Iterable

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.services.depots import DepotState

PARALLEL = 3
"""Depots with tokens of their own that are fetched at once."""


def can_be_fetched(depot: Depot) -> bool:
    """Tell whether a depot has a query; one without is fed by files."""
    return bool(depot.activity_query or depot.confirmation_query)


def chains(states: Iterable[DepotState], wanted: frozenset[DepotId] | None = None) -> list[list[Depot]]:
    """Return the depots to fetch, grouped so that each group shares one token; paused ones are left out.

    Args:
        states: all depots.
        wanted: only these.
    """
    ready = [
        state
        for state in states
        if can_be_fetched(state.depot) and not state.depot.paused and (wanted is None or state.depot.id in wanted)
    ]
    result: list[list[Depot]] = []
    taken: set[DepotId] = set()
    for state in ready:
        if state.depot.id not in taken:
            family = {state.depot.id, *state.shares_token_with}
            group = [other.depot for other in ready if other.depot.id in family and other.depot.id not in taken]
            taken |= {depot.id for depot in group}
            result.append(group)
    return result
