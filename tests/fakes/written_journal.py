"""A journal of the broker of variety in which the user has written everything that a user can write."""

from __future__ import annotations

import gzip
import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path

from ibjournal import bootstrap
from ibjournal.bootstrap import Services
from ibjournal.demo.broker import Broker
from ibjournal.demo.depots import INCOME, DemoDepot
from ibjournal.demo.variety import AMERICAN, MAIN, RENUMBERED, SECOND, build_variety
from ibjournal.domain.depot import AccountId
from ibjournal.domain.filters import TradeFilter
from ibjournal.domain.position_event import EventKind
from ibjournal.paths import Paths
from ibjournal.services.autosync import Schedule
from ibjournal.services.credentials import MemoryCredentials
from ibjournal.services.depots import DepotDraft
from ibjournal.services.schedule import NEW_YORK
from tests.fakes.planted_token import PLANTED
from tests.fakes.still_clock import StillClock

__all__ = ["AMERICAN", "MAIN", "RENUMBERED", "SECOND"]

FIRST, MIDDLE, LAST = date(2026, 3, 2), date(2026, 4, 24), date(2026, 5, 19)
"""The first day of history, the day up to which the journal knows it at first, and the last day of Activity."""
TODAY = date(2026, 5, 20)
NOW = datetime.combine(TODAY, time(16, 5), NEW_YORK)
EVERYTHING = TradeFilter()

DEPOTS: tuple[DemoDepot, ...] = tuple(
    replace(
        INCOME,
        key=key,
        name=name,
        login="planted",
        token=PLANTED,
        account=account,
        activity_query=ids[0],
        confirmation_query=ids[1],
    )
    for key, name, account, ids in (("main", "Main", MAIN, ("2001", "2002")), ("american", "American", AMERICAN, ("2003", "2004")))
)
"""Two depots that share the planted token."""


@cache
def broker() -> Broker:
    """Return the broker: every chapter of variety, the same each time."""
    return build_variety(3, whole=True)


@cache
def _activity(accounts: tuple[str, ...], first: date, last: date, generated_at: datetime) -> bytes | None:
    return broker().activity_xml(accounts, first, last, generated_at=generated_at)


@dataclass(frozen=True, slots=True)
class Until:
    """The broker's history as it is known on `TODAY`: Activity up to the day before, confirmations of the day."""

    as_of: date = TODAY

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        if from_date > LAST:
            return None
        return _activity(tuple(accounts), from_date, min(to_date, LAST), generated_at)

    def confirmation_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        return broker().confirmation_xml(accounts, from_date, min(to_date, TODAY), generated_at=generated_at)


def activity(account: str, first: date, last: date) -> bytes:
    """Return an Activity report, made in the night after its last day."""
    made = datetime.combine(last, time(23), NEW_YORK)
    report = broker().activity_xml([account], first, last, generated_at=made)
    assert report is not None
    return report


def confirmation(account: str, first: date, last: date) -> bytes:
    """Return a confirmation of some days, made on the last of them."""
    report = broker().confirmation_xml([account], first, last, generated_at=datetime.combine(last, time(16, 30), NEW_YORK))
    assert report is not None
    return report


def services_of(data: Path) -> Services:
    """Return the services of a journal, at `NOW`; tokens are in memory."""
    return bootstrap.build(Paths(data), credentials=MemoryCredentials(kept=True), clock=StillClock(NOW))


def write_reports(folder: Path, reports: dict[str, bytes]) -> Path:
    """Write files for an import and return their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in reports.items():
        (folder / name).write_bytes(content)
    return folder


def earlier_reports() -> dict[str, bytes]:
    """What a written journal begins with: the main account up to `MIDDLE`, and the one that got another number."""
    return {
        "1-main.xml": activity(MAIN, FIRST, MIDDLE),
        "2-second.xml": activity(SECOND, FIRST, LAST),
        "3-renumbered.xml": activity(RENUMBERED, date(2026, 5, 1), LAST),
    }


def later_reports() -> dict[str, bytes]:
    """What comes then: fills that are confirmed first and told by Activity later, a new account, a report cut off, none at all."""
    return {
        "4-confirmed.xml": confirmation(MAIN, date(2026, 4, 27), date(2026, 5, 8)),
        "5-main.xml": activity(MAIN, date(2026, 4, 13), LAST),
        "6-american.xml": activity(AMERICAN, FIRST, MIDDLE),
        "7-american.xml": activity(AMERICAN, date(2026, 4, 13), LAST),
        "8-cut.xml": activity(SECOND, FIRST, MIDDLE)[:-300],
        "9-page.xml": b"<!DOCTYPE html><html><body>Please log in</body></html>",
    }


def make_journal(data: Path, *, depots: bool) -> None:
    """Make the journal, take the earlier reports in and write everything.

    Args:
        data: its folder.
        depots: whether the accounts of `DEPOTS` are fetched, or come as files.
    """
    services = services_of(data)
    if depots:
        for depot in DEPOTS:
            draft = DepotDraft(
                name=depot.name, activity_query=depot.activity_query, confirmation_query=depot.confirmation_query, token=PLANTED,
                token_expires=date(2026, 6, 1), color="series_2",
            )  # fmt: skip
            services.depots.add(draft)
    known = services.depots.list_depots()
    inbox = write_reports(data.parent / f"{data.name}-earlier", earlier_reports())
    for path in sorted(inbox.iterdir()):
        mine = known[0] if known and path.name == "1-main.xml" else None
        taken = services.importing.import_report(path, name=path.name, depot=mine)
        assert taken.error is None, taken.error
    _write_everything(services)
    services.maintenance.close()


def spoil(data: Path) -> None:
    """Damage what comes of reports as a bug would, and add a report to the archive of which the journal does not know."""
    with closing(sqlite3.connect(data / "journal.db")) as db, db:
        db.execute("DELETE FROM trades WHERE key LIKE '%1'")
        db.execute("UPDATE executions SET price='1' WHERE id % 4 = 0")
        db.execute("DELETE FROM cash_entries")
        db.execute("UPDATE strategies SET certain=1-certain")
    content = activity(SECOND, MIDDLE, LAST)
    name = f"20260520T200500Z-{hashlib.sha256(content).hexdigest()[:8]}.xml.gz"
    (data / "archive" / "files" / name).write_bytes(gzip.compress(content))


def _write_everything(services: Services) -> None:
    trades = sorted((row.trade for row in services.journal.list_trades(EVERYTHING).rows), key=lambda trade: trade.key)
    for number, trade in enumerate(trades):
        if number % 3 != 2:
            services.journal.write_note(trade.key, f"Gedanke {number}: größer als geplant ☂\nzweite Zeile")
    events = services.events
    events.link_accounts(AccountId(SECOND), AccountId(RENUMBERED))
    (asked,) = (row for row in events.list_events() if row.kind is EventKind.TRANSFER_IN)
    events.tell_basis(asked.id, asked.legs[0].place, Decimal(4321), "USD", opened_on=date(2024, 5, 6))
    for pair in events.conversions():
        events.call_trading(pair.account, pair.instrument, True)
    first, second, third, *_rest = services.strategies.list(EVERYTHING)
    services.strategies.rename(first.strategy.key, "My condor")
    services.strategies.confirm(second.strategy.key)
    services.strategies.split_legs(third.strategy.key)
    for suggestion in services.campaigns.suggestions(EVERYTHING):
        services.campaigns.keep_apart(suggestion.earlier.key, suggestion.later.key)
    campaign = services.campaigns.list(EVERYTHING)[0]
    services.campaigns.rename(campaign.campaign.chain.key, "The wheel of spring")
    services.autosync.set_schedule(Schedule(at_start=False, when_due=False, daily_at=time(7, 30)))
    for depot in services.depots.list_depots():
        services.reminders.take_due(TODAY)
        if not depot.activity_query:
            services.depots.pause(depot.id, paused=True)
    services.depots.reorder(tuple(reversed([depot.id for depot in services.depots.list_depots()])))
