"""Finds campaigns anew whenever the trades of their underlying were rebuilt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ibjournal.domain.campaign_chain import find_campaigns
from ibjournal.domain.campaign_fills import Family
from ibjournal.domain.campaign_underlying import DERIVATIVES, Underlyings
from ibjournal.domain.checkpoint import checkpoint
from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import PositionEvent
from ibjournal.store.campaigns import (
    choices_of,
    fills_of_trades,
    kept_underlyings,
    moves_of,
    places_of,
    replace_campaigns,
    trade_keys,
    trades_by_key,
)
from ibjournal.store.database import Connection
from ibjournal.store.instruments import all_instruments
from ibjournal.store.position_facts import all_events


def rebuild_campaigns(db: Connection, touched: Iterable[tuple[AccountId, InstrumentId]]) -> None:
    """Find the campaigns of the underlyings of some instruments anew, inside a transaction, after their trades were rebuilt.

    Underlyings without options or futures are passed over, unless the user made a campaign of them. Choices are not touched.
    """
    by_account: dict[AccountId, set[InstrumentId]] = {}
    for account, instrument in touched:
        by_account.setdefault(account, set()).add(instrument)
    if not by_account:
        return
    events = all_events(db)
    underlyings = Underlyings(all_instruments(db))
    for account, changed in by_account.items():
        _rebuild_account(db, account, changed, events, underlyings)


def _rebuild_account(
    db: Connection,
    account: AccountId,
    changed: set[InstrumentId],
    events: Sequence[PositionEvent],
    underlyings: Underlyings,
) -> None:
    kept = kept_underlyings(db, account)
    choices = choices_of(db, account)
    chosen = {underlyings.key_of(instrument) for choice in choices for instrument, _execution in choice.executions}
    todo = {underlyings.key_of(instrument) for instrument in changed} & (underlyings.with_derivatives | kept | chosen) - {""}
    if not todo and not kept:
        return
    keys = trade_keys(db, account)
    members: dict[str, list[InstrumentId]] = {}
    for instrument in keys:
        members.setdefault(underlyings.key_of(instrument), []).append(instrument)
    instruments = underlyings.instruments
    todo |= kept - members.keys()  # what was kept under a key that later reports made another
    for underlying in sorted(todo):
        checkpoint()
        mine = members.get(underlying, [])
        derivative = any(instruments[each].asset_class in DERIVATIVES for each in mine if each in instruments)
        if not derivative and underlying not in kept | chosen:
            continue
        trades = trades_by_key(db, (key for instrument in mine for key in keys[instrument]))
        family = Family(
            account=account,
            underlying=underlying,
            trades=trades,
            instruments=instruments,
            fills=fills_of_trades(db, trades),
            changes=moves_of(events, places_of(trades)),
        )
        replace_campaigns(db, account, underlying, find_campaigns(family, choices))
