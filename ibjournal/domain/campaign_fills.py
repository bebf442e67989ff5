"""What campaigns are found in: the trades of one account and underlying, with their fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from ibjournal.domain.campaign_underlying import OPTIONS, SHARES
from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId
from ibjournal.domain.position_event import EVENT
from ibjournal.domain.trade import Piece, Role, Trade, TradeKey

EXERCISE_CODES = frozenset({"A", "Ex", "AEx", "MEx", "GEA"})
_ENDING_CODES = EXERCISE_CODES | {"Ep"}
_SINGLE = "01"
_LEG_GROUP = 2

FillKey = tuple[InstrumentId, ExecutionId]
_GroupKey = tuple[TradeKey, str, date, str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFill:
    """What campaigns need of an execution: when, how much, and which ids tie it to others. ``proceeds`` as IBKR wrote it."""

    instrument: InstrumentId
    id: ExecutionId
    executed_at: datetime
    trade_date: date
    quantity: Decimal
    price: Decimal
    multiplier: Decimal = Decimal(1)
    proceeds: Decimal | None = None
    codes: tuple[str, ...] = ()
    kind: str = ""
    order_id: str = ""
    brokerage_order_id: str = ""
    exec_id: str = ""
    trade_id: str = ""
    position_action_id: str = ""

    @property
    def combo(self) -> str:
        """What the legs of one combination share of their execution ids; empty for a fill that is no leg."""
        groups = self.exec_id.split(".")
        if len(groups) <= _LEG_GROUP or groups[_LEG_GROUP] == _SINGLE:
            return ""
        return ".".join(groups[:_LEG_GROUP])

    @property
    def ends_an_option(self) -> bool:
        """Whether it is an expiry, exercise or assignment and no trade on an exchange."""
        return not _ENDING_CODES.isdisjoint(self.codes) or (self.kind == "BookTrade" and not self.price)


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionChange:
    """A split, or an exchange of one contract for another: a position changes without a fill."""

    instrument: InstrumentId
    at: datetime
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FillGroup:
    """What one order did to one trade: its fills on one day, in one role. ``quantity`` is signed as the fills'."""

    trade: Trade
    instrument: Instrument
    role: Role
    fills: tuple[CampaignFill, ...]
    pieces: tuple[Piece, ...]

    @property
    def quantity(self) -> Decimal:
        """The signed sum."""
        return sum((piece.quantity for piece in self.pieces), Decimal(0))

    @property
    def size(self) -> Decimal:
        """How much, positive."""
        return abs(self.quantity)

    @property
    def first(self) -> datetime:
        """The first fill's instant."""
        return min(fill.executed_at for fill in self.fills)

    @property
    def last(self) -> datetime:
        """The last fill's instant."""
        return max(fill.executed_at for fill in self.fills)

    @property
    def day(self) -> date:
        """The trading day."""
        return self.fills[0].trade_date

    @property
    def executions(self) -> tuple[ExecutionId, ...]:
        """The ids of its fills."""
        return tuple(fill.id for fill in self.fills)

    @property
    def is_option(self) -> bool:
        """Whether it is of an option."""
        return self.instrument.asset_class in OPTIONS

    @property
    def ends_an_option(self) -> bool:
        """Whether an expiry, exercise or assignment did it."""
        return self.is_option and self.role is Role.CLOSING and any(fill.ends_an_option for fill in self.fills)


@dataclass(frozen=True, kw_only=True)
class Family:
    """The trades of one account and underlying, in whatever order, with the fills of their pieces."""

    account: AccountId
    underlying: str
    trades: tuple[Trade, ...]
    instruments: Mapping[InstrumentId, Instrument]
    fills: Mapping[FillKey, CampaignFill]
    changes: tuple[PositionChange, ...] = field(default=())

    @cached_property
    def by_key(self) -> dict[TradeKey, Trade]:
        """The trades by their keys."""
        return {trade.key: trade for trade in self.trades}

    @cached_property
    def groups(self) -> tuple[FillGroup, ...]:
        """All fills by trade, role, day and order, in order of time."""
        found: dict[_GroupKey, list[tuple[CampaignFill, Piece]]] = {}
        owners: dict[_GroupKey, tuple[Trade, Instrument, Role]] = {}
        for trade in self.trades:
            instrument = self.instruments.get(trade.instrument)
            if instrument is None:
                continue
            for piece in trade.pieces:
                fill = self.fill_of(trade, piece)
                if fill is None:
                    continue
                order = fill.order_id or fill.brokerage_order_id or fill.combo or fill.id
                place = (trade.key, piece.role.value, fill.trade_date, order, fill.ends_an_option)
                found.setdefault(place, []).append((fill, piece))
                owners[place] = (trade, instrument, piece.role)
        made = []
        for place, both in found.items():
            trade, instrument, role = owners[place]
            fills, pieces = zip(*both, strict=True)
            made.append(FillGroup(trade=trade, instrument=instrument, role=role, fills=fills, pieces=pieces))
        return tuple(sorted(made, key=lambda group: (group.first, group.trade.key, group.role.value, group.executions)))

    def fill_of(self, trade: Trade, piece: Piece) -> CampaignFill | None:
        """Return the fill of a piece; None for an event, and for a fill that is not known."""
        if piece.execution.startswith(EVENT):
            return None
        return self.fills.get((piece.instrument or trade.instrument, piece.execution))

    def is_option(self, trade: Trade) -> bool:
        """Return whether a trade is of an option."""
        return self._class(trade) in OPTIONS

    def is_share(self, trade: Trade) -> bool:
        """Return whether a trade is of what options are written on: shares or futures."""
        return self._class(trade) in SHARES

    def is_future(self, trade: Trade) -> bool:
        """Return whether a trade is of a future."""
        return self._class(trade) is AssetClass.FUT

    def instrument_of(self, trade: Trade) -> Instrument:
        """Return the contract of a trade."""
        return self.instruments[trade.instrument]

    def _class(self, trade: Trade) -> AssetClass:
        instrument = self.instruments.get(trade.instrument)
        return AssetClass.OTHER if instrument is None else instrument.asset_class
