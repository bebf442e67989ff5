"""Campaigns: list them, show one as it went, and let the user put trades together or take them apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ibjournal.domain.campaign import Campaign, CampaignChoice, CampaignKey, Chain, ChoiceKind, Link
from ibjournal.domain.campaign_fills import FillKey
from ibjournal.domain.campaign_steps import steps_of
from ibjournal.domain.campaign_underlying import Underlyings
from ibjournal.domain.depot import AccountId
from ibjournal.domain.errors import UsageError
from ibjournal.domain.filters import TradeFilter, TradeState
from ibjournal.domain.instrument import Instrument, InstrumentId
from ibjournal.domain.trade import Piece, Role, Trade, TradeKey
from ibjournal.services.campaign_rebuild import rebuild_campaigns
from ibjournal.services.campaign_view import CampaignRow, CampaignView
from ibjournal.services.changes import Changes
from ibjournal.store.campaigns import list_chains, list_suggestions, places_of, trades_by_key, write_choice
from ibjournal.store.database import Connection, Database
from ibjournal.store.depots import accounts_of
from ibjournal.store.instruments import all_instruments
from ibjournal.store.trades import get_trade, matches_of

__all__ = ["CampaignDetail", "CampaignRow", "CampaignService", "CampaignSuggestion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDetail:
    """A campaign as it went: ``row.campaign`` has its steps; trades and contracts are by key and id."""

    row: CampaignRow
    trades: Mapping[TradeKey, Trade]
    instruments: Mapping[InstrumentId, Instrument]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSuggestion:
    """Two trades that may belong together. `CampaignService.link` says yes, `CampaignService.keep_apart` no."""

    account: AccountId
    link: Link
    earlier: Trade
    later: Trade
    instruments: tuple[Instrument, Instrument]
    """Of the earlier and of the later trade."""


class CampaignService:
    """Lists campaigns and keeps what the user says of them. Thread-safe.

    What the user says hangs on executions: it is found again after every rebuild, and when older history comes.
    """

    def __init__(self, *, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    def list(self, where: TradeFilter) -> tuple[CampaignRow, ...]:
        """Return the campaigns that pass ``where``, without their steps: open ones first, then the last that ended.

        The period holds a campaign as it holds a trade: by the day it ended, an open one by its beginning. The text is looked
        for in the symbol of the underlying and in the campaign's name.
        """
        with self._database.reading() as db:
            accounts = _accounts(db, where)
            chains = list_chains(db, accounts)
            if not chains:
                return ()
            accounts = sorted({chain.account for chain in chains})
            view = CampaignView(db, accounts, with_fills=False)
            rows = [view.row(view.campaign(chain)) for chain in chains]
        words = where.text.casefold().split()
        found = [row for row in rows if _passes(row.campaign, where) and _has(words, row)]
        return tuple(sorted(found, key=_newest_first, reverse=True))

    def detail(self, key: CampaignKey) -> CampaignDetail | None:
        """Return one campaign with its steps, None when there is none of that key (any more)."""
        with self._database.reading() as db:
            account = AccountId(key.split("/", 1)[0])
            chain = next((each for each in list_chains(db, [account]) if each.key == key), None)
            return None if chain is None else _detail(db, chain)

    def of_trade(self, key: TradeKey) -> CampaignDetail | None:
        """Return the campaign that a trade belongs to, with its steps; None when it belongs to none."""
        with self._database.reading() as db:
            trade = get_trade(db, key)
            chain = None if trade is None else _chain_of(db, trade)
            return None if chain is None else _detail(db, chain)

    def suggestions(self, where: TradeFilter) -> tuple[CampaignSuggestion, ...]:
        """Return the links that wait for the user, of the accounts of ``where``; the latest first."""
        with self._database.reading() as db:
            found = []
            instruments = all_instruments(db)
            for account, _underlying, link in list_suggestions(db, _accounts(db, where)):
                earlier, later = get_trade(db, link.earlier), get_trade(db, link.later)
                if earlier is not None and later is not None:
                    contracts = (instruments[earlier.instrument], instruments[later.instrument])
                    found.append(
                        CampaignSuggestion(account=account, link=link, earlier=earlier, later=later, instruments=contracts)
                    )
        return tuple(sorted(found, key=lambda each: (each.later.opened_at, each.later.key), reverse=True))

    def link(self, keys: Sequence[TradeKey], name: str | None = None) -> Changes:
        """Make trades one campaign, with all that is linked to them.

        Raises:
            UsageError: ``unknown_trade``; ``not_one_underlying`` where they are of several accounts, underlyings or currencies.
        """
        with self._database.transaction() as db:
            trades = [_known(db, key) for key in dict.fromkeys(keys)]
            underlyings = Underlyings(all_instruments(db))
            if len({(each.account, underlyings.key_of(each.instrument), each.currency) for each in trades}) != 1:
                raise UsageError("not_one_underlying", n=len(trades))
            self._choose(db, ChoiceKind.TOGETHER, trades)
            if name is not None:
                self._choose(db, ChoiceKind.NAMED, trades, name)
        return Changes(trades=True)

    def unlink(self, key: TradeKey) -> Changes:
        """Let a trade stand alone; what it held together falls apart (UsageError ``unknown_trade``)."""
        with self._database.transaction() as db:
            self._choose(db, ChoiceKind.APART, [_known(db, key)])
        return Changes(trades=True)

    def keep_apart(self, earlier: TradeKey, later: TradeKey) -> Changes:
        """Say that two trades are no roll and no cover; each may still be linked to others (UsageError ``unknown_trade``)."""
        with self._database.transaction() as db:
            self._choose(db, ChoiceKind.APART, [_known(db, earlier), _known(db, later)])
        return Changes(trades=True)

    def rename(self, key: CampaignKey, name: str) -> Changes:
        """Name a campaign; an empty name takes it back (UsageError ``unknown_campaign``)."""
        with self._database.transaction() as db:
            account = AccountId(key.split("/", 1)[0])
            chain = next((each for each in list_chains(db, [account]) if each.key == key), None)
            if chain is None:
                raise UsageError("unknown_campaign")
            self._choose(db, ChoiceKind.NAMED, trades_by_key(db, chain.trades), name.strip())
        return Changes(trades=True)

    def _choose(self, db: Connection, kind: ChoiceKind, trades: Sequence[Trade], name: str = "") -> None:
        account = trades[0].account
        underlying = Underlyings(all_instruments(db)).key_of(trades[0].instrument)
        choice = CampaignChoice(kind=kind, executions=tuple(_anchor(trade) for trade in trades), name=name)
        write_choice(db, account, underlying, choice, self._now())
        rebuild_campaigns(db, {(trade.account, trade.instrument) for trade in trades})


def _anchor(trade: Trade) -> FillKey:
    """Return the execution that a choice hangs on: the first that opened the trade."""
    first: Piece | None = next((piece for piece in trade.pieces if piece.role is Role.OPENING), None)
    piece = first or trade.pieces[0]
    return piece.instrument or trade.instrument, piece.execution


def _known(db: Connection, key: TradeKey) -> Trade:
    trade = get_trade(db, key)
    if trade is None:
        raise UsageError("unknown_trade")
    return trade


def _accounts(db: Connection, where: TradeFilter) -> list[AccountId]:
    return [where.account] if where.account is not None else list(accounts_of(db, where.depot))


def _chain_of(db: Connection, trade: Trade) -> Chain | None:
    return next((chain for chain in list_chains(db, [trade.account]) if trade.key in chain.trades), None)


def _detail(db: Connection, chain: Chain) -> CampaignDetail:
    view = CampaignView(db, [chain.account], with_fills=True, only=chain)
    family = view.family(chain)
    matches = [match for account, instrument in sorted(places_of(family.trades)) for match in matches_of(db, account, instrument)]
    steps = steps_of(chain, family, matches=matches, bookings=view.bookings[chain.account], rate_to_base=view.rates(chain.account))
    instruments = {leg.instrument for step in steps for leg in step.legs} | {trade.instrument for trade in family.trades}
    return CampaignDetail(
        row=view.row(replace(view.campaign(chain, family), steps=steps)),
        trades=family.by_key,
        instruments={each: view.instruments[each] for each in instruments if each in view.instruments},
    )


def _passes(campaign: Campaign, where: TradeFilter) -> bool:
    is_open = campaign.closed_on is None
    if where.state is not TradeState.ALL and is_open != (where.state is TradeState.OPEN):
        return False
    if campaign.closed_on is None:
        return where.period.end is None or campaign.opened_on <= where.period.end
    return campaign.closed_on in where.period


def _has(words: Sequence[str], row: CampaignRow) -> bool:
    text = f"{row.symbol} {row.campaign.chain.name}".casefold()
    return all(word in text for word in words)


def _newest_first(row: CampaignRow) -> tuple[bool, datetime, str]:
    chain = row.campaign.chain
    return chain.closed_at is None, chain.closed_at or chain.opened_at, chain.key
