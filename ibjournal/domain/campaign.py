"""Campaigns: trades in one account and underlying that are one story: rolls, assignments, covered calls, the wheel.

A campaign links whole trades and never melts them into one: a roll stays two trades. A trade serves one campaign at most, so the
results of campaigns are sums over trades (as earned, not as booked) and over the dividends of their shares: nothing is lost and
nothing counts twice. A lone trade is no campaign.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import NewType

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.trade import Role, TradeKey

CampaignKey = NewType("CampaignKey", str)
"""``account/underlying/first opening execution``."""

_ZERO = Decimal(0)


class CampaignKind(str, Enum):
    """What kind of story it is."""

    WHEEL = "wheel"
    """Short puts that brought shares, with the calls written on them."""
    COVERED = "covered"
    """Options written on shares that were there: covered calls, or covered puts on shares sold short."""
    ROLL = "roll"
    """Options rolled, without shares."""
    FUTURES_ROLL = "futures_roll"
    EXERCISE = "exercise"
    """Shares or futures that came or went by exercise or assignment, and none of the above."""
    CUSTOM = "custom"
    """Put together by the user."""


class CampaignState(str, Enum):
    """Where a campaign stands: the wheel goes put, shares, call, flat."""

    PUT = "put"
    """A short put is open, no shares."""
    SHARES = "shares"
    """Shares (long or short) without an option written on them."""
    CALL = "call"
    """Shares, and an option is written on them."""
    OPEN = "open"
    """Something else is open: long options, futures, calls without shares."""
    FLAT = "flat"


class StepKind(str, Enum):
    """What happened in a step."""

    OPENED = "opened"
    ROLLED = "rolled"
    ASSIGNED = "assigned"
    EXERCISED = "exercised"
    CALLED_AWAY = "called_away"
    EXPIRED = "expired"
    SETTLED = "settled"
    """Exercised or assigned for cash."""
    CLOSED = "closed"
    BOUGHT = "bought"
    SOLD = "sold"
    DIVIDEND = "dividend"
    WITHHOLDING_TAX = "withholding_tax"
    EVENT = "event"
    """Shares came or went by a corporate action or a transfer."""


class LinkKind(str, Enum):
    """Why two trades belong together."""

    ROLL = "roll"
    EXERCISE = "exercise"
    """An option became shares or a future, or took them away."""
    COVER = "cover"
    """An option written on shares that were held."""
    TOLD = "told"
    """The user says so."""


class LinkReason(str, Enum):
    """The evidence for a link."""

    SAME_COMBO = "same_combo"
    SAME_ORDER = "same_order"
    SAME_BROKERAGE_ORDER = "same_brokerage_order"
    WITHIN_SECONDS = "within_seconds"
    """Values: ``seconds``."""
    SAME_DAY = "same_day"
    """The same quantity was closed and opened on one day; values: ``minutes``. Not certain."""
    POSITION_ACTION = "position_action"
    """IBKR's id of the exercise is the same on both fills."""
    TRADE_IDS = "trade_ids"
    """IBKR's trade ids follow each other."""
    STRIKE = "strike"
    """The underlying was booked at the strike on the day of the exercise."""
    COVERED = "covered"
    """Values: ``shares`` that were free, ``needed``."""
    PARTLY_COVERED = "partly_covered"
    """As `COVERED`, with too few shares. Not certain."""
    COVERED_LATER = "covered_later"
    """The shares came while the option was open. Not certain."""
    TOLD = "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Two trades of one campaign, and why. What is not certain waits for the user and links nothing by itself."""

    earlier: TradeKey
    """The trade that was closed by a roll; the option of an exercise; the shares of a cover."""
    later: TradeKey
    kind: LinkKind
    reason: LinkReason
    certain: bool = True
    quantity: Decimal = _ZERO
    """Contracts that were rolled, exercised or covered; 0 where the user says."""
    closing: tuple[ExecutionId, ...] = ()
    """Fills of ``earlier``."""
    opening: tuple[ExecutionId, ...] = ()
    """Fills of ``later``."""
    values: tuple[tuple[str, str], ...] = ()
    """What the reason names, as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Who belongs to a campaign: what is kept of it. Its figures are made of the trades whenever they are asked for."""

    key: CampaignKey
    account: AccountId
    underlying: str
    kind: CampaignKind
    opened_at: datetime
    closed_at: datetime | None
    trades: tuple[TradeKey, ...]
    """In order of their opening."""
    links: tuple[Link, ...]
    name: str = ""
    """The user's."""


class ChoiceKind(str, Enum):
    """What the user can say of campaigns."""

    TOGETHER = "together"
    """The trades of these executions are one campaign."""
    APART = "apart"
    """One trade: it stands alone. Several: none of them is linked to another."""
    NAMED = "named"
    """The campaign of these executions has this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignChoice:
    """A decision of the user, anchored to executions, so that every rebuild finds it again. The later of two holds."""

    kind: ChoiceKind
    executions: tuple[tuple[InstrumentId, ExecutionId], ...]
    name: str = ""


def _sum(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return None if left is None or right is None else left + right


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Money by where it comes from, in one currency, signed from the account's view. None where it is not known."""

    premium: Decimal | None = _ZERO
    """Options, before fees."""
    stock: Decimal | None = _ZERO
    """Shares and futures, before fees."""
    dividends: Decimal | None = _ZERO
    """Gross, with payments in lieu."""
    withholding_tax: Decimal | None = _ZERO
    fees: Decimal | None = _ZERO
    """Commissions and taxes of trading."""

    @property
    def total(self) -> Decimal | None:
        """The sum, None where a part is not known."""
        total: Decimal | None = _ZERO
        for part in (self.premium, self.stock, self.dividends, self.withholding_tax, self.fees):
            total = _sum(total, part)
        return total

    def __add__(self, other: Parts) -> Parts:
        return Parts(
            premium=_sum(self.premium, other.premium),
            stock=_sum(self.stock, other.stock),
            dividends=_sum(self.dividends, other.dividends),
            withholding_tax=_sum(self.withholding_tax, other.withholding_tax),
            fees=_sum(self.fees, other.fees),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLeg:
    """What a step did to one trade. ``quantity`` is signed (bought positive); ``price`` is the average, None for an event."""

    trade: TradeKey
    instrument: InstrumentId
    role: Role
    quantity: Decimal
    price: Decimal | None
    executions: tuple[ExecutionId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStep:
    """One thing that happened, on a trading day (of a dividend: its value date). Money is in the campaign's currency.

    What a step realised counts on its own day: a premium on the day its option was closed, rolled, assigned or expired.
    """

    at: datetime
    day: date
    kind: StepKind
    legs: tuple[StepLeg, ...] = ()
    """Closings first; none for a dividend."""
    cash: Parts = field(default_factory=Parts)
    """What was paid and received."""
    realized: Parts = field(default_factory=Parts)
    """What it added to the campaign's result; the sum over all steps is the campaign's ``net``."""
    realized_base: Decimal | None = None
    """The same in the account's base currency at the day's rate: the price effect."""
    credit: Decimal = _ZERO
    """Premium received so far, less what was paid for options and their fees, this step included."""
    links: tuple[Link, ...] = ()
    entry: str = ""
    """Of a dividend or tax: the id of its cash entry."""
    ex_date: date | None = None
    """Of a dividend or tax, where a report tells it; where not, it was put to the shares by its day of payment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign with its figures, all as earned.

    Money is in ``currency``; ``net_base`` and ``currency_effect`` are in the account's base currency.
    """

    chain: Chain
    state: CampaignState
    currency: str
    opened_on: date
    closed_on: date | None
    parts: Parts
    """What was realised so far; the total is ``net``."""
    net_base: Decimal | None
    """Price effect: each trade at the rates of its closings, each dividend at its own rate. None where a rate is not known."""
    currency_effect: Decimal | None
    credit: Decimal | None
    """Premium received so far less what options and their fees had cost, of closed and of open options."""
    open_premium: Decimal | None
    """The part of ``credit`` that belongs to options still open."""
    shares: Decimal = _ZERO
    """Shares (or futures) that are open, signed."""
    share_cost: Decimal | None = None
    """What they had cost (fees included), signed as IBKR's ``costBasisMoney``; None where it is not known."""
    basis: Decimal | None = None
    """Adjusted basis a share: cost less ``credit``."""
    basis_with_dividends: Decimal | None = None
    """The same less the dividends after tax."""
    break_even: Decimal | None = None
    """Price of the underlying at which the whole campaign comes out even, open options expiring worthless; without shares where the
    open options are short, of one right and one strike. None elsewhere."""
    provisional: bool = False
    entry_known: bool = True
    steps: tuple[CampaignStep, ...] = ()
    """In order of time; filled where the whole story is asked for."""

    @property
    def net(self) -> Decimal | None:
        """The one result: the sum of its parts, and of the ``net`` of its trades and the dividends of its shares."""
        return self.parts.total

    def days(self, today: date) -> int:
        """Return how many calendar days it has lasted: until its end, or until ``today``."""
        return ((self.closed_on or today) - self.opened_on).days
