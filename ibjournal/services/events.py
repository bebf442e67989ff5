"""Events that change positions without a fill: what happened, how far it was applied, and what the user says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from ibjournal.domain.depot import AccountId
from ibjournal.domain.errors import UsageError
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import Place, ToldBasis
from ibjournal.services.changes import Changes
from ibjournal.services.event_rows import BasisSuggestion, EventLegRow, EventRow, EventState, event_rows
from ibjournal.services.rebuild import rebuild_trades
from ibjournal.services.renumbering import LinkSuggestion, link_suggestions
from ibjournal.store.conversions import conversion_pairs
from ibjournal.store.database import Database
from ibjournal.store.depots import accounts_of
from ibjournal.store.position_facts import all_events
from ibjournal.store.user_events import (
    account_links,
    remove_account_link,
    remove_told_basis,
    remove_traded_currency,
    traded_currencies,
    write_account_link,
    write_told_basis,
    write_traded_currency,
)

__all__ = [
    "AccountLink",
    "BasisSuggestion",
    "ConversionPair",
    "EventLegRow",
    "EventRow",
    "EventState",
    "EventsService",
    "LinkSuggestion",
]

_TRADES = Changes(trades=True, positions=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLink:
    """What the user said: an old account goes on under a new number."""

    old: AccountId
    new: AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionPair:
    """A currency pair that an account converted; ``automatic`` of its ``count`` fills were IBKR's own and never make trades."""

    account: AccountId
    instrument: InstrumentId
    symbol: str
    count: int
    automatic: int
    first_day: date
    last_day: date
    trading: bool
    """Whether the user calls its conversions trades."""


class EventsService:
    """Lists events and keeps what the user says of them. Thread-safe.

    What the user says stands in tables of its own and survives every rebuild; each change rebuilds what it concerns at once.
    """

    def __init__(self, *, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    def list_events(self, account: AccountId | None = None) -> tuple[EventRow, ...]:
        """Return the events of one account or of all, the newest first; those that change nothing, too."""
        with self._database.reading() as db:
            return event_rows(db, account)

    def tell_basis(self, event: str, place: Place, cost: Decimal, currency: str, *, opened_on: date | None = None) -> Changes:
        """Keep what units had cost that came from elsewhere, and match again.

        Args:
            event: id of the event that brought them.
            place: which of its legs.
            cost: in all, in ``currency``, fees included; positive for a long position, negative for a short one.
            currency: three letters.
            opened_on: the day on which they were bought, None where the event's own day must do.

        Raises:
            UsageError: ``event_missing`` when no event of that id touches the place.
        """
        told = ToldBasis(event=event, place=place, cost=cost, currency=currency, opened_on=opened_on)
        with self._database.transaction() as db:
            if not any(each.id == event and place in {leg.place for leg in each.legs} for each in all_events(db)):
                raise UsageError("event_missing", event=event)
            write_told_basis(db, told, self._now())
            rebuild_trades(db, [place])
        return _TRADES

    def forget_basis(self, event: str, place: Place) -> Changes:
        """Forget what the user said of a basis; nothing happens where nothing was said."""
        with self._database.transaction() as db:
            if not remove_told_basis(db, event, place):
                return Changes()
            rebuild_trades(db, [place])
        return _TRADES

    def links(self) -> tuple[AccountLink, ...]:
        """Return which accounts go on under which numbers."""
        with self._database.reading() as db:
            return tuple(AccountLink(old=old, new=new) for old, new in sorted(account_links(db).items()))

    def link_suggestions(self) -> tuple[LinkSuggestion, ...]:
        """Return accounts that look like older ones under a new number; nothing is done by itself."""
        with self._database.reading() as db:
            return link_suggestions(db)

    def link_accounts(self, old: AccountId, new: AccountId) -> Changes:
        """Let the open lots of an account go on in another, with their basis and dates.

        Raises:
            UsageError: ``unknown_account``; ``account_link_circular`` when that would lead back to the old account.
        """
        with self._database.transaction() as db:
            known = accounts_of(db, None)
            for account in (old, new):
                if account not in known:
                    raise UsageError("unknown_account", account=account)
            links = account_links(db)
            at: AccountId | None = new
            while at is not None:
                if at == old:
                    raise UsageError("account_link_circular", account=new)
                at = links.get(at)
            write_account_link(db, old, new, self._now())
            rebuild_trades(db, ())
        return _TRADES

    def unlink(self, old: AccountId) -> Changes:
        """Take an account's new number back; nothing happens where there is none."""
        with self._database.transaction() as db:
            if not remove_account_link(db, old):
                return Changes()
            rebuild_trades(db, ())
        return _TRADES

    def conversions(self) -> tuple[ConversionPair, ...]:
        """Return the currency pairs that were converted, by account and symbol."""
        with self._database.reading() as db:
            trading = traded_currencies(db)
            return tuple(
                ConversionPair(
                    account=pair.place.account,
                    instrument=pair.place.instrument,
                    symbol=pair.symbol,
                    count=pair.count,
                    automatic=pair.automatic,
                    first_day=pair.first_day,
                    last_day=pair.last_day,
                    trading=pair.place in trading,
                )
                for pair in conversion_pairs(db)
            )

    def call_trading(self, account: AccountId, instrument: InstrumentId, trading: bool) -> Changes:  # noqa: FBT001 - the answer to a question
        """Let the conversions of a currency pair make trades, or no longer."""
        place = Place(account, instrument)
        with self._database.transaction() as db:
            if trading:
                write_traded_currency(db, place, self._now())
            elif not remove_traded_currency(db, place):
                return Changes()
            rebuild_trades(db, [place])
        return _TRADES
