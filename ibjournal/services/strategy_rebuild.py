"""Finds strategies anew after trades were rebuilt: per account and underlying, and only where there are options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from ibjournal.domain.campaign_underlying import Underlyings
from ibjournal.domain.checkpoint import checkpoint
from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import Instrument, InstrumentId
from ibjournal.domain.lots import LotMatch
from ibjournal.domain.position_event import Place
from ibjournal.domain.strategy_grouping import is_option
from ibjournal.domain.strategy_results import Lots
from ibjournal.domain.strategy_search import WINDOW, Found, Position, find_strategies
from ibjournal.domain.trade import Trade, TradeKey
from ibjournal.store.database import Connection
from ibjournal.store.instruments import all_instruments
from ibjournal.store.matching import Rates
from ibjournal.store.settings import read_setting
from ibjournal.store.strategies import choices_of, leg_fills, replace_strategies
from ibjournal.store.trades import get_trade, matches_by_trade, open_lots_of

WINDOW_SETTING = "strategy_window_seconds"
"""Name of the setting that holds how many seconds the legs of one idea may lie apart; 0 switches that off."""


def rebuild_strategies(db: Connection, touched: Iterable[tuple[AccountId, InstrumentId]]) -> None:
    """Find the strategies of the underlyings of some instruments anew, inside a transaction, after their trades were rebuilt.

    Underlyings without options are passed over. What the user said is applied and never altered.
    """
    changed: dict[AccountId, set[InstrumentId]] = {}
    for account, instrument in touched:
        changed.setdefault(account, set()).add(instrument)
    if not changed:
        return
    market = _Market(all_instruments(db))
    if not market.optioned:
        return
    for account, instruments in changed.items():
        todo = {market.key_of(instrument) for instrument in instruments} & market.optioned
        if not todo:
            continue
        mine = _Account(db, account, market)
        for underlying in sorted(todo):
            checkpoint()
            mine.rebuild(underlying, instruments)


def found_in(db: Connection, account: AccountId, underlying: str) -> Found:
    """Return what is found in one account and underlying, rolls and choices that are not applied too; nothing is written."""
    return _Account(db, account, _Market(all_instruments(db))).find(underlying)


class _Market:
    """All instruments, by underlying."""

    def __init__(self, instruments: Mapping[InstrumentId, Instrument]) -> None:
        self.instruments = instruments
        underlyings = Underlyings(instruments)
        self._keys = {each: underlyings.key_of(each) for each in instruments}
        self.optioned = {self._keys[each.id] for each in instruments.values() if is_option(each)} - {""}

    def key_of(self, instrument: InstrumentId) -> str:
        return self._keys.get(instrument, "")


class _Account:
    """The trades of one account by underlying, and what the user said of them."""

    def __init__(self, db: Connection, account: AccountId, market: _Market) -> None:
        self._db = db
        self._account = account
        self._market = market
        self._choices = choices_of(db, account)
        self._keys: dict[str, list[tuple[InstrumentId, TradeKey]]] = {}
        for instrument, key in db.execute("SELECT instrument, key FROM trades WHERE account=? ORDER BY opened_at, key", (account,)):
            self._keys.setdefault(market.key_of(instrument), []).append((InstrumentId(instrument), TradeKey(key)))
        seconds = read_setting(db, WINDOW_SETTING)
        self._window = timedelta(seconds=int(seconds)) if seconds.isdecimal() else WINDOW

    def rebuild(self, underlying: str, changed: Iterable[InstrumentId]) -> None:
        """Replace the strategies of an underlying, some of whose instruments changed."""
        found = self.find(underlying)
        members = {instrument for instrument, _key in self._keys.get(underlying, ())}
        gone = {instrument for instrument in changed if self._market.key_of(instrument) == underlying}
        replace_strategies(self._db, self._account, underlying, members | gone, found.strategies)

    def find(self, underlying: str) -> Found:
        """Return what is found in an underlying."""
        known = self._market.instruments
        members = self._keys.get(underlying, [])
        if not any(is_option(known[instrument]) for instrument, _key in members):
            return Found()
        stored = (get_trade(self._db, key) for _instrument, key in members)
        trades = {trade.key: trade for trade in stored if trade is not None}
        fills = [fill for fill in leg_fills(self._db, self._account, trades.values()) if fill.instrument in known]
        touched = {instrument for instrument, _key in members} | {fill.instrument for fill in fills}  # lots that have moved too
        contracts = {instrument: known[instrument] for instrument in touched}
        position = Position(
            account=self._account,
            underlying=underlying,
            symbol=_symbol(contracts, underlying),
            contracts=contracts,
            fills=fills,
            trades=trades,
        )
        about = [choice for choice in self._choices if any(each.instrument in contracts for each in choice.executions)]
        return find_strategies(position, choices=about, lots=_StoredLots(self._db, self._account), window=self._window)


class _StoredLots:
    """The lots of one account's trades; read and matched once, and only if somebody asks."""

    def __init__(self, db: Connection, account: AccountId) -> None:
        self._db = db
        self._account = account
        self._rates: Rates | None = None
        self._matches: dict[InstrumentId, dict[TradeKey, tuple[LotMatch, ...]]] = {}
        self._left: dict[TradeKey, set[ExecutionId]] | None = None

    def __call__(self, trade: Trade) -> Lots:
        if self._left is None or self._rates is None:
            self._left, self._rates = {}, Rates(self._db)
            for _account, _instrument, lot in open_lots_of(self._db, [self._account]):
                self._left.setdefault(lot.trade, set()).add(lot.opening)
        matches = self._matches.get(trade.instrument)
        if matches is None:
            place = Place(trade.account, trade.instrument)
            matches = self._matches[trade.instrument] = matches_by_trade(self._db, place, self._rates)
        return Lots(matches.get(trade.key, ()), frozenset(self._left.get(trade.key, ())))


def _symbol(contracts: Mapping[InstrumentId, Instrument], underlying: str) -> str:
    """Return the symbol that a reader knows the underlying by."""
    if underlying.startswith("FUT:"):
        return underlying.removeprefix("FUT:")
    own = contracts.get(InstrumentId(underlying))
    if own is not None:
        return own.symbol
    words = (each.underlying_symbol or each.symbol.split(" ")[0] for each in contracts.values() if is_option(each))
    return next(words, underlying)
