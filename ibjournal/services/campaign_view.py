"""Campaigns with their figures: made of the trades, lots and dividends as they stand when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ibjournal.domain.campaign import Campaign, Chain
from ibjournal.domain.campaign_dividends import Booking, book_dividends, is_income
from ibjournal.domain.campaign_figures import campaign_of
from ibjournal.domain.campaign_fills import Family
from ibjournal.domain.campaign_underlying import FUTURES, Underlyings
from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.lots import OpenLot
from ibjournal.domain.trade import Trade, TradeKey
from ibjournal.store.campaigns import ex_dates, fills_of_trades, trade_keys, trades_by_key
from ibjournal.store.cash import list_cash
from ibjournal.store.database import Connection
from ibjournal.store.depots import base_currencies, list_depots
from ibjournal.store.instruments import all_instruments
from ibjournal.store.rates import RateTable
from ibjournal.store.trades import list_trades, open_lots_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRow:
    """One line of a list of campaigns."""

    campaign: Campaign
    symbol: str
    """Of the underlying."""
    depot_name: str
    base_currency: str
    """The account's, empty where no report names it."""


class CampaignView:
    """What campaigns are made of, read once for some accounts."""

    def __init__(self, db: Connection, accounts: Sequence[AccountId], *, with_fills: bool, only: Chain | None = None) -> None:
        self._db = db
        self._with_fills = with_fills
        self.instruments = all_instruments(db)
        self._underlyings = Underlyings(self.instruments)
        self._bases = base_currencies(db)
        self._rates: dict[AccountId, RateTable] = {}
        self._names = {account: depot.name for depot in list_depots(db) for account in depot.accounts}
        trades: dict[AccountId, tuple[Trade, ...]] = {}
        for account in accounts:
            trades[account] = list_trades(db, [account]) if only is None else self._near(only)
        self._trades = trades
        self._lots = _lots_by_trade(db, accounts, trades)
        self.bookings: dict[AccountId, tuple[Booking, ...]] = {
            account: self._dividends(account, mine) for account, mine in trades.items()
        }

    def _near(self, chain: Chain) -> tuple[Trade, ...]:
        """Return a campaign's trades, and all others of its underlying, since they may have got a dividend."""
        keys = trade_keys(self._db, chain.account)
        mine = [key for instrument in keys if self._underlyings.key_of(instrument) == chain.underlying for key in keys[instrument]]
        return trades_by_key(self._db, dict.fromkeys([*chain.trades, *mine]))

    def _dividends(self, account: AccountId, trades: Sequence[Trade]) -> tuple[Booking, ...]:
        entries = [entry for entry in list_cash(self._db, [account]) if is_income(entry)]
        return book_dividends(entries, trades, ex_dates(self._db, account, entries)) if entries else ()

    def family(self, chain: Chain) -> Family:
        """Return a campaign's trades with what is known of them."""
        by_key = {trade.key: trade for trade in self._trades[chain.account]}
        mine = tuple(by_key[key] for key in chain.trades if key in by_key)
        fills = fills_of_trades(self._db, mine) if self._with_fills else {}
        return Family(account=chain.account, underlying=chain.underlying, trades=mine, instruments=self.instruments, fills=fills)

    def rates(self, account: AccountId) -> RateTable:
        """Return the rates into an account's base currency."""
        if account not in self._rates:
            self._rates[account] = RateTable(self._db, account, self._bases.get(account, ""))
        return self._rates[account]

    def campaign(self, chain: Chain, family: Family | None = None) -> Campaign:
        """Return a campaign with its figures."""
        return campaign_of(
            chain,
            family or self.family(chain),
            lots=self._lots,
            bookings=self.bookings[chain.account],
            rate_to_base=self.rates(chain.account),
        )

    def row(self, campaign: Campaign) -> CampaignRow:
        """Return a line of the list."""
        account = campaign.chain.account
        return CampaignRow(
            campaign=campaign,
            symbol=self._symbol(campaign.chain),
            depot_name=self._names.get(account, ""),
            base_currency=self._bases.get(account, ""),
        )

    def _symbol(self, chain: Chain) -> str:
        own = self.instruments.get(InstrumentId(chain.underlying))
        if own is not None:
            return own.symbol
        if chain.underlying.startswith(FUTURES):
            return chain.underlying.removeprefix(FUTURES)
        named = (self.instruments[each].underlying_symbol for each in self._contracts(chain) if each in self.instruments)
        return next((symbol for symbol in named if symbol), chain.underlying)

    def _contracts(self, chain: Chain) -> list[InstrumentId]:
        mine = set(chain.trades)
        return [trade.instrument for trade in self._trades[chain.account] if trade.key in mine]


def _lots_by_trade(
    db: Connection, accounts: Sequence[AccountId], trades: Mapping[AccountId, Sequence[Trade]]
) -> dict[TradeKey, list[OpenLot]]:
    """Return the open lots by trade: an instrument of an account has one open trade at most."""
    open_trades = {
        (account, trade.instrument): trade.key for account, mine in trades.items() for trade in mine if trade.closed_at is None
    }
    found: dict[TradeKey, list[OpenLot]] = {}
    for account, instrument, lot in open_lots_of(db, accounts):
        key = lot.trade or open_trades.get((account, instrument))
        if key is not None:
            found.setdefault(key, []).append(lot)
    return found
