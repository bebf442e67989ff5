"""Campaigns: who belongs together, derived; what the user says of it, kept; and what they are found in."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ibjournal.domain.campaign import (
    CampaignChoice,
    CampaignKey,
    CampaignKind,
    Chain,
    ChoiceKind,
    Link,
    LinkKind,
    LinkReason,
)
from ibjournal.domain.campaign_chain import Campaigns
from ibjournal.domain.campaign_fills import CampaignFill, FillKey, PositionChange
from ibjournal.domain.cash import CashEntry
from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import EventKind, Place, PositionEvent
from ibjournal.domain.trade import Trade, TradeKey
from ibjournal.store.executions import day_of
from ibjournal.store.reported import reported_rows
from ibjournal.store.trades import get_trade

_ONE = Decimal(1)


# --- derived -----------------------------------------------------------------------------------------------------


def replace_campaigns(db: sqlite3.Connection, account: AccountId, underlying: str, found: Campaigns) -> None:
    """Replace everything that was found in one account and underlying."""
    db.execute("DELETE FROM campaigns WHERE account=? AND underlying=?", (account, underlying))
    db.execute("DELETE FROM campaign_suggestions WHERE account=? AND underlying=?", (account, underlying))
    for chain in found.chains:
        data = {"trades": list(chain.trades), "links": [_link_data(link) for link in chain.links], "name": chain.name}
        db.execute(
            "INSERT INTO campaigns (key, account, underlying, kind, opened_at, closed_at, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                chain.key,
                account,
                underlying,
                chain.kind.value,
                int(chain.opened_at.timestamp()),
                None if chain.closed_at is None else int(chain.closed_at.timestamp()),
                json.dumps(data, ensure_ascii=False),
            ),
        )
    db.executemany(
        "INSERT INTO campaign_suggestions (account, underlying, earlier, later, data) VALUES (?, ?, ?, ?, ?)",
        [
            (account, underlying, link.earlier, link.later, json.dumps(_link_data(link), ensure_ascii=False))
            for link in {frozenset((each.earlier, each.later)): each for each in reversed(found.suggestions)}.values()
        ],
    )


def kept_underlyings(db: sqlite3.Connection, account: AccountId) -> set[str]:
    """Return the underlyings of an account in which something was found."""
    rows = db.execute(
        "SELECT underlying FROM campaigns WHERE account=? UNION SELECT underlying FROM campaign_suggestions WHERE account=?",
        (account, account),
    )
    return {underlying for (underlying,) in rows}


def list_chains(db: sqlite3.Connection, accounts: Iterable[AccountId]) -> tuple[Chain, ...]:
    """Return the campaigns of some accounts, the latest to begin first."""
    found = [
        _chain(row)
        for account in accounts
        for row in db.execute(
            "SELECT key, account, underlying, kind, opened_at, closed_at, data FROM campaigns WHERE account=?", (account,)
        )
    ]
    return tuple(sorted(found, key=lambda chain: (chain.opened_at, chain.key), reverse=True))


def list_suggestions(db: sqlite3.Connection, accounts: Iterable[AccountId]) -> tuple[tuple[AccountId, str, Link], ...]:
    """Return account, underlying and link of what waits for the user."""
    return tuple(
        (account, underlying, _link(json.loads(data)))
        for account in accounts
        for underlying, data in db.execute(
            "SELECT underlying, data FROM campaign_suggestions WHERE account=? ORDER BY earlier, later", (account,)
        )
    )


def _chain(row: tuple[Any, ...]) -> Chain:
    data = json.loads(row[6])
    return Chain(
        key=CampaignKey(row[0]),
        account=AccountId(row[1]),
        underlying=row[2],
        kind=CampaignKind(row[3]),
        opened_at=datetime.fromtimestamp(row[4], UTC),
        closed_at=None if row[5] is None else datetime.fromtimestamp(row[5], UTC),
        trades=tuple(TradeKey(key) for key in data["trades"]),
        links=tuple(_link(link) for link in data["links"]),
        name=data["name"],
    )


def _link_data(link: Link) -> dict[str, Any]:
    return {
        "earlier": link.earlier,
        "later": link.later,
        "kind": link.kind.value,
        "reason": link.reason.value,
        "certain": link.certain,
        "quantity": format(link.quantity, "f"),
        "closing": list(link.closing),
        "opening": list(link.opening),
        "values": dict(link.values),
    }


def _link(data: Mapping[str, Any]) -> Link:
    return Link(
        earlier=TradeKey(data["earlier"]),
        later=TradeKey(data["later"]),
        kind=LinkKind(data["kind"]),
        reason=LinkReason(data["reason"]),
        certain=data["certain"],
        quantity=Decimal(data["quantity"]),
        closing=tuple(ExecutionId(each) for each in data["closing"]),
        opening=tuple(ExecutionId(each) for each in data["opening"]),
        values=tuple(data["values"].items()),
    )


# --- what the user says ------------------------------------------------------------------------------------------


def write_choice(db: sqlite3.Connection, account: AccountId, underlying: str, choice: CampaignChoice, changed_at: datetime) -> None:
    """Keep a decision; later ones hold before earlier ones."""
    db.execute(
        "INSERT INTO campaign_choices (account, underlying, kind, name, executions, changed_at) VALUES (?, ?, ?, ?, ?, ?)",
        (account, underlying, choice.kind.value, choice.name, json.dumps(choice.executions), int(changed_at.timestamp())),
    )


def choices_of(db: sqlite3.Connection, account: AccountId) -> tuple[CampaignChoice, ...]:
    """Return what the user said of an account's campaigns, the oldest first; of all underlyings, since their keys can change."""
    return tuple(
        CampaignChoice(
            kind=ChoiceKind(kind),
            name=name,
            executions=tuple((InstrumentId(instrument), ExecutionId(uid)) for instrument, uid in json.loads(executions)),
        )
        for kind, name, executions in db.execute(
            "SELECT kind, name, executions FROM campaign_choices WHERE account=? ORDER BY id", (account,)
        )
    )


# --- what campaigns are found in ---------------------------------------------------------------------------------


def trade_keys(db: sqlite3.Connection, account: AccountId) -> dict[InstrumentId, list[TradeKey]]:
    """Return the keys of an account's trades by instrument."""
    found: dict[InstrumentId, list[TradeKey]] = {}
    for key, instrument in db.execute("SELECT key, instrument FROM trades WHERE account=? ORDER BY key", (account,)):
        found.setdefault(InstrumentId(instrument), []).append(TradeKey(key))
    return found


def trades_by_key(db: sqlite3.Connection, keys: Iterable[TradeKey]) -> tuple[Trade, ...]:
    """Return trades by their keys, without those that are gone."""
    return tuple(trade for key in keys if (trade := get_trade(db, key)) is not None)


def fills_of_trades(db: sqlite3.Connection, trades: Sequence[Trade]) -> dict[FillKey, CampaignFill]:
    """Return the active fills of all places that some trades have been at."""
    found: dict[FillKey, CampaignFill] = {}
    for account, instrument in sorted(places_of(trades)):
        seen: dict[str, int] = {}
        told = dict(
            db.execute(
                "SELECT id, data FROM position_facts WHERE account=? AND instrument=? AND kind='code'", (account, instrument)
            )
        )
        for row in db.execute(
            "SELECT uid, executed_at, trade_date, quantity, price, multiplier, proceeds, codes, kind, order_id,"
            " brokerage_order_id, exec_id, trade_id, position_action_id FROM executions"
            " WHERE account=? AND instrument=? AND status='active' ORDER BY id",
            (account, instrument),
        ):
            count = seen[row[0]] = seen.get(row[0], 0) + 1
            name = row[0] if count == 1 else f"{row[0]}~{count}"  # as `executions.distinct` names them
            fill = _fill(instrument, row, name)
            if name in told:  # what the row leaves out and IBKR's section of option events tells
                fill = replace(fill, codes=(*fill.codes, json.loads(told[name])))
            found[instrument, fill.id] = fill
    return found


def _fill(instrument: InstrumentId, row: tuple[Any, ...], name: str) -> CampaignFill:
    (
        _uid, executed_at, trade_date, quantity, price, multiplier, proceeds, codes, kind, order_id, brokerage_order_id, exec_id,
        trade_id, position_action_id,
    ) = row  # fmt: skip
    return CampaignFill(
        instrument=instrument,
        id=ExecutionId(name),
        executed_at=datetime.fromtimestamp(executed_at, UTC),
        trade_date=day_of(trade_date),
        quantity=Decimal(quantity),
        price=Decimal(price),
        multiplier=Decimal(multiplier) or _ONE,
        proceeds=None if proceeds is None else Decimal(proceeds),
        codes=tuple(codes.split(";")) if codes else (),
        kind=kind,
        order_id=order_id,
        brokerage_order_id=brokerage_order_id,
        exec_id=exec_id,
        trade_id=trade_id,
        position_action_id=position_action_id,
    )


def places_of(trades: Sequence[Trade]) -> set[Place]:
    """Return where some trades are and have been: lots can move to another contract or account."""
    found = {Place(trade.account, trade.instrument) for trade in trades}
    return found | {
        Place(piece.account or trade.account, piece.instrument or trade.instrument) for trade in trades for piece in trade.pieces
    }


def moves_of(events: Iterable[PositionEvent], places: Container[Place]) -> tuple[PositionChange, ...]:
    """Return how splits and exchanges changed the positions at some places; other events are pieces of trades themselves."""
    return tuple(
        PositionChange(instrument=leg.place.instrument, at=event.effective_at, quantity=leg.quantity)
        for event in events
        if event.kind in {EventKind.SPLIT, EventKind.EXCHANGE}
        for leg in event.legs
        if leg.place in places and leg.quantity
    )


# --- dividends ---------------------------------------------------------------------------------------------------


def ex_dates(db: sqlite3.Connection, account: AccountId, entries: Iterable[CashEntry]) -> dict[str, date]:
    """Return the ex dates of dividends by the ids of their entries, as far as a report tells them.

    From the booking itself, from another of the same corporate action, or from the accrual that was paid on the same day.
    """
    own: dict[str, date] = {}
    for row_key, extra in db.execute("SELECT row_key, extra FROM cash_entries WHERE account=? AND extra IS NOT NULL", (account,)):
        day = _day(json.loads(extra).get("exDate", ""))
        if day is not None:
            own[row_key] = day
    accrued: dict[tuple[InstrumentId | None, date], date] = {}
    actions: dict[tuple[InstrumentId | None, str], date] = {}
    for row in reported_rows(db, account, "ChangeInDividendAccruals"):
        ex_date, paid = row.day("exDate"), row.day("payDate")
        if ex_date is not None and paid is not None:
            accrued[row.instrument, paid] = ex_date
        if ex_date is not None and row.word("actionID"):
            actions[row.instrument, row.word("actionID")] = ex_date
    wanted = list(entries)
    for entry in wanted:
        if entry.id in own and entry.action_id:
            actions[entry.instrument, entry.action_id] = own[entry.id]
    found = {}
    for entry in wanted:
        day = (
            own.get(entry.id)
            or actions.get((entry.instrument, entry.action_id))
            or accrued.get((entry.instrument, entry.value_date))
        )
        if day is not None:
            found[entry.id] = day
    return found


def _day(text: str) -> date | None:
    digits = text.partition(";")[0].replace("-", "")
    try:
        return datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
