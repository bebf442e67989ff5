"""Strategies: option legs that belong together, what they are called, how sure that is and why.

A leg holds opening executions whole: one execution belongs to one strategy at most, and results follow the lots that it opened.
Shares that were held already cover an option without belonging to it (`Strategy.referenced`); shares bought in the same order do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, NewType

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.trade import TradeKey

StrategyKey = NewType("StrategyKey", str)
"""``account/instrument/execution`` of the first opening execution: survives re-import and every rebuild."""


class Structure(str, Enum):
    """What traders call a set of legs. The value is stored and never changes; the words for it are the window's."""

    LONG_CALL = "long_call"
    SHORT_CALL = "short_call"
    LONG_PUT = "long_put"
    SHORT_PUT = "short_put"
    CASH_SECURED_PUT = "cash_secured_put"
    BULL_CALL_SPREAD = "bull_call_spread"
    BEAR_CALL_SPREAD = "bear_call_spread"
    BULL_PUT_SPREAD = "bull_put_spread"
    BEAR_PUT_SPREAD = "bear_put_spread"
    CALL_RATIO_SPREAD = "call_ratio_spread"
    PUT_RATIO_SPREAD = "put_ratio_spread"
    CALL_BACKSPREAD = "call_backspread"
    PUT_BACKSPREAD = "put_backspread"
    LONG_STRADDLE = "long_straddle"
    SHORT_STRADDLE = "short_straddle"
    LONG_STRANGLE = "long_strangle"
    SHORT_STRANGLE = "short_strangle"
    LONG_GUTS = "long_guts"
    SHORT_GUTS = "short_guts"
    STRAP = "strap"
    STRIP = "strip"
    LONG_BUTTERFLY = "long_butterfly"
    SHORT_BUTTERFLY = "short_butterfly"
    LONG_BROKEN_WING = "long_broken_wing_butterfly"
    SHORT_BROKEN_WING = "short_broken_wing_butterfly"
    IRON_BUTTERFLY = "iron_butterfly"
    REVERSE_IRON_BUTTERFLY = "reverse_iron_butterfly"
    IRON_CONDOR = "iron_condor"
    REVERSE_IRON_CONDOR = "reverse_iron_condor"
    LONG_CONDOR = "long_condor"
    SHORT_CONDOR = "short_condor"
    LONG_BOX = "long_box"
    SHORT_BOX = "short_box"
    JADE_LIZARD = "jade_lizard"
    REVERSE_JADE_LIZARD = "reverse_jade_lizard"
    LONG_CALENDAR = "long_calendar"
    SHORT_CALENDAR = "short_calendar"
    LONG_DIAGONAL = "long_diagonal"
    SHORT_DIAGONAL = "short_diagonal"
    PMCC = "poor_mans_covered_call"
    PMCP = "poor_mans_covered_put"
    LONG_DOUBLE_CALENDAR = "long_double_calendar"
    SHORT_DOUBLE_CALENDAR = "short_double_calendar"
    LONG_DOUBLE_DIAGONAL = "long_double_diagonal"
    SHORT_DOUBLE_DIAGONAL = "short_double_diagonal"
    SYNTHETIC_LONG = "synthetic_long"
    SYNTHETIC_SHORT = "synthetic_short"
    RISK_REVERSAL = "risk_reversal"
    COVERED_CALL = "covered_call"
    COVERED_PUT = "covered_put"
    PROTECTIVE_PUT = "protective_put"
    PROTECTIVE_CALL = "protective_call"
    COVERED_STRADDLE = "covered_straddle"
    COVERED_STRANGLE = "covered_strangle"
    COLLAR = "collar"
    CONVERSION = "conversion"
    REVERSAL = "reversal"
    CUSTOM = "custom"


class Outlook(str, Enum):
    """Where the underlying must go for a profit; `NONE` where the structure does not say."""

    BULLISH = "bullish"
    BEARISH = "bearish"
    NEUTRAL = "neutral"
    NONE = ""


class Premium(str, Enum):
    """Whether opening the options brought money or cost it."""

    CREDIT = "credit"
    DEBIT = "debit"
    EVEN = "even"


class Confidence(str, Enum):
    """How sure it is that the legs belong together. `HIGH` and `USER` are certain; the others wait for the user."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    USER = "user"


class Reason(NamedTuple):
    """Evidence: a code, and what it needs to be said in words.

    Codes: ``same_combo`` (execution ids of one combination; ``legs``), ``same_order`` (``legs``), ``alone``, ``same_window``
    (``seconds``, ``limit``), ``named`` (``structure``), ``ratio`` (``ratio``), ``scaled_in`` (``times``), ``shares_held``
    (``quantity``, ``symbol``), ``option_held`` (``symbol``), ``same_day``, ``rolled`` (opened by the order that closed ``symbol``),
    ``user_grouped``, ``user_split``, ``user_confirmed``, ``user_named``.
    """

    code: str
    values: tuple[tuple[str, str], ...] = ()


class Opening(NamedTuple):
    """An execution, or the opening part of one: ``quantity`` is signed, ``price`` of one unit."""

    execution: ExecutionId
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyLeg:
    """One contract of a strategy.

    ``quantity`` is what was opened in all, signed; ``ratio`` is the leg's share in the structure, signed, options and shares alike
    counted by what they control. ``price`` is the average paid or received for one unit, in the instrument's currency.
    """

    instrument: InstrumentId
    asset_class: AssetClass
    symbol: str
    right: str
    """``C``, ``P``; empty for shares and futures."""
    strike: Decimal | None
    expiry: date | None
    multiplier: Decimal
    quantity: Decimal
    ratio: int
    price: Decimal
    openings: tuple[Opening, ...]
    trades: tuple[TradeKey, ...]
    """The trades that its executions opened or added to."""
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A position that covers a strategy without belonging to it. ``quantity`` is signed: how much of it is needed."""

    instrument: InstrumentId
    quantity: Decimal
    trades: tuple[TradeKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """Legs that belong together.

    ``net``, ``fees``, ``booked`` are the realised results of its lots in ``currency``; ``net_base`` and ``currency_effect`` in the
    account's base currency, as on `Trade`. None where one of them is not known. ``opened_on`` and ``closed_on`` are trading days.
    """

    key: StrategyKey
    account: AccountId
    underlying: str
    """Key of the underlying (`ibjournal.domain.campaign_underlying`)."""
    symbol: str
    """The underlying's symbol."""
    structure: Structure
    name: str = ""
    """What the user calls it."""
    outlook: Outlook
    premium: Premium
    opening_cash: Decimal
    """What opening the legs brought (positive) or cost, without fees."""
    currency: str
    legs: tuple[StrategyLeg, ...]
    opened_at: datetime
    opened_on: date
    closed_at: datetime | None
    closed_on: date | None
    confidence: Confidence
    reasons: tuple[Reason, ...]
    """The weightiest first."""
    alternatives: tuple[Structure, ...] = ()
    """What else the same legs may be called."""
    referenced: tuple[Reference, ...] = ()
    net: Decimal | None
    fees: Decimal
    booked: Decimal | None
    net_base: Decimal | None
    currency_effect: Decimal | None

    @property
    def certain(self) -> bool:
        """Whether nobody has to look at it again."""
        return self.confidence in {Confidence.HIGH, Confidence.USER}

    @property
    def is_open(self) -> bool:
        """Whether a leg is left."""
        return self.closed_at is None

    @property
    def openings(self) -> tuple[tuple[InstrumentId, ExecutionId], ...]:
        """All opening executions, leg by leg: what the user's choices are anchored to."""
        return tuple((leg.instrument, opening.execution) for leg in self.legs for opening in leg.openings)


class ChoiceKind(str, Enum):
    """What the user said of executions."""

    TOGETHER = "together"
    """They are one strategy."""
    APART = "apart"
    """They are several: those with the same part belong together."""
    NAMED = "named"
    """The strategy that holds them is called so, or has that structure."""
    CONFIRMED = "confirmed"
    """The guess is right."""


class Chosen(NamedTuple):
    """An opening execution that a choice speaks of; ``part`` tells the parts of a split."""

    instrument: InstrumentId
    execution: ExecutionId
    part: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the user said; a later one wins."""

    id: int
    kind: ChoiceKind
    executions: tuple[Chosen, ...]
    name: str = ""
    structure: Structure | None = None


class LegFill(NamedTuple):
    """An execution, or its opening or closing part, as the engine attributed it to a trade."""

    instrument: InstrumentId
    execution: ExecutionId
    quantity: Decimal
    """Of this part, signed."""
    opening: bool
    price: Decimal
    executed_at: datetime
    trade_date: date
    trade: TradeKey
    order_id: str = ""
    brokerage_order_id: str = ""
    exec_id: str = ""
    trade_id: str = ""
    on_exchange: bool = True
    """False for exercise, assignment, expiry and other bookings, which are no decision of that moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """Executions that closed contracts and those that opened others in the same order: two trades, linked and never one."""

    account: AccountId
    underlying: str
    at: datetime
    closed: tuple[tuple[InstrumentId, ExecutionId], ...]
    opened: tuple[tuple[InstrumentId, ExecutionId], ...]
    confidence: Confidence
    reason: Reason
