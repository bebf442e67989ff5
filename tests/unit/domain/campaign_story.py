"""A story told fill by fill, matched by the engine itself: what campaigns are found in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ibjournal.domain.campaign import Campaign, CampaignChoice, CampaignStep, Chain, Link
from ibjournal.domain.campaign_chain import Campaigns, find_campaigns
from ibjournal.domain.campaign_dividends import Booking, book_dividends
from ibjournal.domain.campaign_figures import campaign_of
from ibjournal.domain.campaign_fills import CampaignFill, Family, PositionChange
from ibjournal.domain.campaign_steps import steps_of
from ibjournal.domain.cash import CashEntry, CashKind
from ibjournal.domain.corporate_action import CorporateAction
from ibjournal.domain.execution import Execution, ExecutionId
from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.matching import Matching, match_instrument
from ibjournal.domain.trade import Trade, TradeKey
from tests.fakes.builders import ACCOUNT, dec, make_execution

SHARES = InstrumentId("111")
Number = Decimal | int | str


class Story:
    """Fills of one underlying in one account, in USD; days count from 2 March 2026, each fill comes at its own minute."""

    def __init__(self, rate: Number = "0.9") -> None:
        self.rate = dec(rate)
        self.instruments: dict[InstrumentId, Instrument] = {}
        self._executions: dict[InstrumentId, list[Execution]] = {}
        self._fills: dict[tuple[InstrumentId, ExecutionId], CampaignFill] = {}
        self._actions: dict[InstrumentId, list[CorporateAction]] = {}
        self._entries: list[CashEntry] = []
        self._ex_dates: dict[str, date] = {}
        self._number = 0
        self._matched: dict[InstrumentId, Matching] | None = None
        self.contract(SHARES, AssetClass.STK, symbol="ACME")

    # -- telling ---------------------------------------------------------------------------------------------------

    def contract(self, name: str, asset_class: AssetClass = AssetClass.OPT, **terms: Any) -> InstrumentId:
        """Name a contract; an option's terms are read off a name such as ``P50`` or ``C55-june``."""
        identity = InstrumentId(name)
        values: dict[str, Any] = {
            "id": identity,
            "asset_class": asset_class,
            "category": asset_class.value,
            "symbol": name,
            "currency": "USD",
        }
        if asset_class is AssetClass.OPT:
            strike = name[1:].split("-", maxsplit=1)[0]
            values |= {"multiplier": Decimal(100), "right": name[0], "strike": Decimal(strike), "underlying_id": SHARES}
        self.instruments[identity] = Instrument(**(values | terms))
        return identity

    def fill(
        self, name: str, quantity: Number, price: Number, day: int, *, minute: int | None = None, **fields: Any
    ) -> ExecutionId:
        """Add a fill with a commission of 1; fields are the execution's, and ``brokerage_order_id`` and ``position_action_id``."""
        self._matched = None
        self._number += 1
        instrument = self.instruments.get(InstrumentId(name)) or self.instruments[self.contract(name)]
        when = fields.pop("at", None) or moment(day, self._number if minute is None else minute)
        own = {each: fields.pop(each, "") for each in ("brokerage_order_id", "position_action_id")}
        execution = make_execution(
            self._number,
            quantity,
            price,
            **(
                {
                    "instrument": instrument.id,
                    "asset_class": instrument.asset_class,
                    "symbol": instrument.symbol,
                    "multiplier": instrument.multiplier,
                    "executed_at": when,
                    "commission": Decimal(-1),
                    "commission_currency": "USD",
                    "fx_rate_to_base": self.rate,
                    "order_id": f"order{self._number}",
                    "kind": "ExchTrade",
                }
                | fields
            ),
        )
        self._executions.setdefault(instrument.id, []).append(execution)
        self._fills[instrument.id, execution.id] = CampaignFill(
            instrument=instrument.id,
            id=execution.id,
            executed_at=execution.executed_at,
            trade_date=execution.trade_date,
            quantity=execution.quantity,
            price=execution.price,
            multiplier=execution.multiplier,
            proceeds=execution.proceeds,
            codes=execution.codes,
            kind=execution.kind,
            order_id=execution.order_id,
            exec_id=execution.exec_id,
            trade_id=execution.trade_id,
            **own,
        )
        return execution.id

    def roll(self, old: str, new: str, prices: tuple[Number, Number], day: int, *, quantities: tuple[int, int] = (1, 1)) -> None:
        """Buy short options back and sell others in one order."""
        order = f"roll{self._number}"
        self.fill(old, quantities[0], prices[0], day, order_id=order)
        self.fill(new, -quantities[1], prices[1], day, order_id=order)

    def exercise(self, name: str, contracts: int, day: int, *, code: str = "A", action: str = "", fee: int = 0) -> None:
        """End an option and book what comes of it at the strike; ``contracts`` is the closing fill's signed quantity."""
        option = self.instruments[InstrumentId(name)]
        at = datetime.combine(moment(day, 0).date(), time(20, 20), UTC)
        fields: dict[str, Any] = {
            "at": at,
            "codes": (code,),
            "kind": "BookTrade",
            "commission": Decimal(0),
            "position_action_id": action,
        }
        self.fill(name, contracts, 0, day, **fields)
        sign = 1 if option.right == "P" else -1
        assert option.strike is not None
        underlying = option.underlying_id or SHARES
        units = contracts * option.multiplier / self.instruments[underlying].multiplier
        self.fill(underlying, units * sign, option.strike, day, **(fields | {"commission": Decimal(fee)}))

    def expire(self, name: str, contracts: int, day: int) -> None:
        """Let an option expire."""
        at = datetime.combine(moment(day, 0).date(), time(20, 20), UTC)
        self.fill(name, contracts, 0, day, at=at, codes=("Ep",), kind="BookTrade", commission=Decimal(0))

    def split(self, quantity: Number, day: int, name: str = SHARES) -> None:
        """Split: ``quantity`` is what is added to the position."""
        self._matched = None
        self._actions.setdefault(InstrumentId(name), []).append(
            CorporateAction(
                id=f"split{day}{name}",
                account=ACCOUNT,
                instrument=InstrumentId(name),
                type="FS",
                effective_at=moment(day, 700),
                quantity=dec(quantity),
            )
        )

    def dividend(self, amount: Number, paid: int, *, ex: int | None = None, tax: Number = 0, **fields: Any) -> None:
        """Pay a dividend, with its tax."""
        values: dict[str, Any] = {"currency": "USD", "fx_rate_to_base": self.rate, "instrument": SHARES}
        for kind, each in ((CashKind.DIVIDEND, amount), (CashKind.WITHHOLDING_TAX, tax)):
            if not dec(each):
                continue
            self._number += 1
            entry = CashEntry(
                id=f"cash{self._number}",
                account=ACCOUNT,
                kind=kind,
                type=kind.value,
                amount=dec(each),
                booked_at=moment(paid, 600),
                value_date=moment(paid, 0).date(),
                **(values | fields),
            )
            self._entries.append(entry)
            if ex is not None:
                self._ex_dates[entry.id] = moment(ex, 0).date()

    # -- looking ---------------------------------------------------------------------------------------------------

    def matched(self) -> dict[InstrumentId, Matching]:
        """Return what the engine makes of it."""
        if self._matched is None:
            self._matched = {name: match_instrument(fills, self._actions.get(name, ())) for name, fills in self._executions.items()}
        return self._matched

    def family(self) -> Family:
        """Return the trades with their fills."""
        return Family(
            account=ACCOUNT,
            underlying=str(SHARES),
            trades=tuple(trade for each in self.matched().values() for trade in each.trades),
            instruments=self.instruments,
            fills=self._fills,
            changes=tuple(
                PositionChange(instrument=name, at=action.effective_at, quantity=action.quantity)
                for name, actions in self._actions.items()
                for action in actions
            ),
        )

    def found(self, *choices: CampaignChoice) -> Campaigns:
        """Return the campaigns and what waits."""
        return find_campaigns(self.family(), choices)

    def only(self, *choices: CampaignChoice) -> Chain:
        """Return the one campaign that there is."""
        (chain,) = self.found(*choices).chains
        return chain

    def figures(self, chain: Chain) -> Campaign:
        """Return a campaign with its figures and steps."""
        family = self.family()
        campaign = campaign_of(chain, family, lots=self.lots(), bookings=self.bookings())
        steps = steps_of(chain, family, matches=self.matches(), bookings=self.bookings())
        return Campaign(**{name: getattr(campaign, name) for name in Campaign.__slots__} | {"steps": steps})

    def campaign(self, *choices: CampaignChoice) -> Campaign:
        """Return the one campaign that there is, with figures and steps."""
        return self.figures(self.only(*choices))

    def matches(self) -> list[LotMatch]:
        """Return all lot matches."""
        return [match for each in self.matched().values() for match in each.matches]

    def lots(self) -> dict[TradeKey, list[OpenLot]]:
        """Return the open lots by trade."""
        found: dict[TradeKey, list[OpenLot]] = {}
        for each in self.matched().values():
            for lot in each.open_lots:
                found.setdefault(lot.trade, []).append(lot)
        return found

    def bookings(self) -> tuple[Booking, ...]:
        """Return the dividends with the trades they belong to."""
        return book_dividends(self._entries, self.family().trades, self._ex_dates)

    def trade(self, name: str, number: int = 0) -> Trade:
        """Return the ``number``-th trade of an instrument."""
        return self.matched()[InstrumentId(name)].trades[number]


def moment(day: int, minute: int) -> datetime:
    """Return an instant of the ``day``-th day: minutes after 13:00 UTC."""
    return datetime(2026, 3, 2, 13, 0, tzinfo=UTC) + timedelta(days=day, minutes=minute)


def names(links: Sequence[Link]) -> list[tuple[str, str, str]]:
    """Return instrument, instrument and reason of links, sorted."""
    return sorted((link.earlier.split("/")[1], link.later.split("/")[1], link.reason.value) for link in links)


def told(steps: Sequence[CampaignStep]) -> list[tuple[str, str]]:
    """Return what each step was, and what it realised."""
    return [(step.kind.value, text(step.realized.total)) for step in steps]


def text(number: Decimal | None) -> str:
    """Return a number without trailing zeros, ``-`` for None."""
    return "-" if number is None else format(number.normalize() + 0, "f")


def legs(step: CampaignStep) -> list[str]:
    """Return what a step did, as ``P50 +1 @ 0``."""
    return [f"{leg.instrument} {leg.quantity:+f} @ {text(leg.price)}" for leg in step.legs]
