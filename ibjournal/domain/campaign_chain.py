"""From links to campaigns: what is linked, by evidence or by the user, and not taken apart by him, is one story."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

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
from ibjournal.domain.campaign_fills import Family, FillKey
from ibjournal.domain.campaign_rolls import ROLL_WINDOW, roll_links
from ibjournal.domain.campaign_shares import cover_links, exercised
from ibjournal.domain.trade import Role, Side, Trade, TradeKey

_Pair = frozenset[TradeKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaigns:
    """What was found in one account and underlying."""

    chains: tuple[Chain, ...] = ()
    """In order of their beginning."""
    suggestions: tuple[Link, ...] = ()
    """Links that are not certain, between trades that are not in one campaign; they wait for the user."""


def find_campaigns(
    family: Family,
    choices: Sequence[CampaignChoice] = (),
    *,
    window: timedelta = ROLL_WINDOW,
) -> Campaigns:
    """Find the campaigns of one account and underlying.

    Args:
        family: the trades with their fills, in any order.
        choices: what the user said, the oldest first; executions of other underlyings are passed over.
        window: how far apart the two sides of a roll may be to be certain.
    """
    links = [*exercised(family), *roll_links(family, window=window), *cover_links(family, window=window)]
    decided = _Decisions(family, choices)
    allowed = [link for link in links if not decided.cuts(link)]
    certain = _merged([link for link in allowed if link.certain] + decided.links())
    groups = _connected(certain)
    chains = [_chain(family, keys, certain, decided) for keys in groups]
    place = {key: index for index, keys in enumerate(groups) for key in keys}
    suggestions = tuple(
        link
        for link in _merged([link for link in allowed if not link.certain])
        if place.get(link.earlier, -1) != place.get(link.later, -2)
    )
    return Campaigns(chains=tuple(sorted(chains, key=lambda chain: (chain.opened_at, chain.key))), suggestions=suggestions)


class _Decisions:
    """The user's choices, in the trades of today."""

    def __init__(self, family: Family, choices: Sequence[CampaignChoice]) -> None:
        self._family = family
        self._owners: dict[FillKey, list[Trade]] = {}
        for trade in family.trades:
            for piece in trade.pieces:
                self._owners.setdefault((piece.instrument or trade.instrument, piece.execution), []).append(trade)
        self._alone: set[TradeKey] = set()
        self._cut: set[_Pair] = set()
        self._told: dict[_Pair, Link] = {}
        self._names: dict[TradeKey, str] = {}
        for choice in choices:
            self._take(choice)

    def _take(self, choice: CampaignChoice) -> None:
        keys = self._trades_of(choice.executions)
        if choice.kind is ChoiceKind.NAMED:
            for key in keys:
                self._names.pop(key, None)
                self._names[key] = choice.name  # the last one stands last
        elif choice.kind is ChoiceKind.TOGETHER:
            self._alone.difference_update(keys)
            for pair in _pairs(keys):
                self._cut.discard(frozenset(pair))
            for one, other in pairwise(keys):
                if self._family.by_key[one].currency == self._family.by_key[other].currency:
                    self._told[frozenset((one, other))] = Link(earlier=one, later=other, kind=LinkKind.TOLD, reason=LinkReason.TOLD)
        elif len(keys) == 1:
            self._alone.update(keys)
            self._told = {pair: link for pair, link in self._told.items() if keys[0] not in pair}
        else:
            for pair in _pairs(keys):
                self._cut.add(frozenset(pair))
                self._told.pop(frozenset(pair), None)

    def _trades_of(self, executions: Iterable[FillKey]) -> list[TradeKey]:
        """Return the trades of some executions, the first opened first; a fill that flips a position belongs to what it opens."""
        found: dict[TradeKey, Trade] = {}
        for place in executions:
            owners = self._owners.get(place, ())
            opened = [
                trade
                for trade in owners
                if any(piece.execution == place[1] and piece.role is Role.OPENING for piece in trade.pieces)
            ]
            found.update((trade.key, trade) for trade in opened or owners)
        return [trade.key for trade in sorted(found.values(), key=_order)]

    def cuts(self, link: Link) -> bool:
        """Return whether the user does not want a link."""
        return not self._alone.isdisjoint((link.earlier, link.later)) or frozenset((link.earlier, link.later)) in self._cut

    def links(self) -> list[Link]:
        """Return the links that the user made."""
        return list(self._told.values())

    def name_of(self, keys: Iterable[TradeKey]) -> str:
        """Return the name that was given last to one of some trades' campaigns."""
        mine = set(keys)
        return next((name for key, name in reversed(self._names.items()) if key in mine), "")


def _pairs(keys: Sequence[TradeKey]) -> list[tuple[TradeKey, TradeKey]]:
    return [(one, other) for index, one in enumerate(keys) for other in keys[index + 1 :]]


def _merged(links: Iterable[Link]) -> list[Link]:
    """Leave out what the user told where the fills say it too."""
    found = list(dict.fromkeys(links))
    known = {frozenset((link.earlier, link.later)) for link in found if link.kind is not LinkKind.TOLD}
    return [link for link in found if link.kind is not LinkKind.TOLD or frozenset((link.earlier, link.later)) not in known]


def _connected(links: Iterable[Link]) -> list[set[TradeKey]]:
    parent: dict[TradeKey, TradeKey] = {}

    def root(key: TradeKey) -> TradeKey:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for link in links:
        parent[root(link.earlier)] = root(link.later)
    groups: dict[TradeKey, set[TradeKey]] = {}
    for key in list(parent):
        groups.setdefault(root(key), set()).add(key)
    return list(groups.values())


def _chain(family: Family, keys: set[TradeKey], links: Sequence[Link], decided: _Decisions) -> Chain:
    trades = sorted((family.by_key[key] for key in keys), key=_order)
    mine = tuple(link for link in links if link.earlier in keys and link.later in keys)
    first = trades[0]
    closed: list[datetime] = [trade.closed_at for trade in trades if trade.closed_at is not None]
    return Chain(
        key=CampaignKey(f"{family.account}/{family.underlying}/{first.key.split('/', 2)[2]}"),
        account=family.account,
        underlying=family.underlying,
        kind=_kind(family, trades, mine),
        opened_at=first.opened_at,
        closed_at=max(closed) if len(closed) == len(trades) else None,
        trades=tuple(trade.key for trade in trades),
        links=tuple(
            sorted(mine, key=lambda link: (family.by_key[link.later].opened_at, link.kind.value, link.earlier, link.later))
        ),
        name=decided.name_of(keys),
    )


def _kind(family: Family, trades: Sequence[Trade], links: Sequence[Link]) -> CampaignKind:
    kinds = {link.kind for link in links}
    options = any(family.is_option(trade) for trade in trades)
    if any(link.kind is LinkKind.EXERCISE and _brings_shares(family, link) for link in links):
        return CampaignKind.WHEEL
    for kind, found in ((LinkKind.COVER, CampaignKind.COVERED), (LinkKind.EXERCISE, CampaignKind.EXERCISE)):
        if kind in kinds:
            return found
    if LinkKind.ROLL in kinds:
        return CampaignKind.ROLL if options else CampaignKind.FUTURES_ROLL
    return CampaignKind.CUSTOM


def _brings_shares(family: Family, link: Link) -> bool:
    """Return whether a short put brought shares that were kept."""
    option, shares = family.by_key[link.earlier], family.by_key[link.later]
    short_put = option.side is Side.SHORT and family.instrument_of(option).right == "P"
    return (
        short_put
        and shares.side is Side.LONG
        and any(piece.role is Role.OPENING and piece.execution in link.opening for piece in shares.pieces)
    )


def _order(trade: Trade) -> tuple[datetime, str]:
    return trade.opened_at, trade.key
