"""Depots: what the user sets up to have reports fetched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NewType

DepotId = NewType("DepotId", int)
AccountId = NewType("AccountId", str)
"""An IBKR account number (U…, DU…)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """A name and what is needed to fetch its reports. The token itself lives in the keyring, never here.

    ``token_expires`` is the date the user told us (IBKR does not tell it). A depot without queries is fed by files.
    """

    id: DepotId
    name: str
    activity_query: str = ""
    confirmation_query: str = ""
    token_expires: date | None = None
    paused: bool = False
    position: int = 0
    accounts: tuple[AccountId, ...] = ()
    from_files: bool = False
    """Fed by files alone: the user wants it so, or a file of an unknown account made it."""
    color: str = ""
    """Name of its colour among the series of the charts, ``series_1`` … ``series_8``; empty where none was chosen."""
