"""A desk for tests of strategies: orders in options and shares of one underlying, matched by the real engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ibjournal.domain.execution import Execution, ExecutionId
from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId
from ibjournal.domain.matching import Matching, match_instrument
from ibjournal.domain.strategy import Choice, ChoiceKind, Chosen, LegFill, Strategy, Structure
from ibjournal.domain.strategy_results import Lots
from ibjournal.domain.strategy_search import WINDOW, Found, Position, find_strategies
from ibjournal.domain.trade import Role, Trade, TradeKey
from tests.fakes.builders import ACCOUNT, START, make_execution

EXPIRIES = {"": date(2026, 3, 20), "f": date(2026, 4, 17), "L": date(2027, 1, 15)}
"""What may follow a strike: nothing is March, ``f`` the next month, ``L`` a year later."""
UNDERLYING = "100"


class Desk:
    """Takes orders; ``C100`` is the March call at 100, ``P90f`` the April put, ``S`` the underlying.

    Args:
        options: the class of the options; futures options stand on a future of the same multiplier.
    """

    def __init__(self, options: AssetClass = AssetClass.OPT) -> None:
        self._class = options
        self._future = options is AssetClass.FOP
        self.contracts: dict[InstrumentId, Instrument] = {}
        self.executions: list[Execution] = []
        self._brokerage: dict[ExecutionId, str] = {}

    def instrument(self, word: str) -> Instrument:
        """Return the contract of a word."""
        if word.startswith("S"):
            number = InstrumentId(UNDERLYING + word[1:])
            future = Instrument(
                id=number, asset_class=AssetClass.FUT, category="FUT", symbol="ESH6", multiplier=Decimal(50), currency="USD"
            )
            share = Instrument(id=number, asset_class=AssetClass.STK, category="STK", symbol="ACME", currency="USD")
            return self.contracts.setdefault(number, future if self._future else share)
        suffix = word[1:].lstrip("0123456789.")
        option = Instrument(
            id=InstrumentId(word),
            asset_class=self._class,
            category=self._class.value,
            symbol=f"ACME {word}",
            multiplier=Decimal(50 if self._future else 100),
            currency="USD",
            underlying_id=InstrumentId(UNDERLYING),
            underlying_symbol="ESH6" if self._future else "ACME",
            expiry=EXPIRIES[suffix],
            strike=Decimal(word[1:].removesuffix(suffix)),
            right=word[0],
        )
        return self.contracts.setdefault(option.id, option)

    def fill(
        self,
        word: str,
        quantity: int,
        price: str | int = 1,
        *,
        seconds: float = 0,
        days: float = 0,
        order: str = "",
        brokerage: str = "",
        exec_id: str = "",
        kind: str = "ExchTrade",
        **fields: Any,
    ) -> ExecutionId:
        """Add a fill, some time after the builders' first instant; ids that are not named are its own."""
        contract = self.instrument(word)
        number = len(self.executions) + 1
        values: dict[str, Any] = {
            "instrument": contract.id,
            "asset_class": contract.asset_class,
            "symbol": contract.symbol,
            "multiplier": contract.multiplier,
            "executed_at": START + timedelta(seconds=seconds, days=days),
            "commission": Decimal("-0.65") * abs(quantity),
            "fx_rate_to_base": "0.9",
            "order_id": order or f"O{number}",
            "exec_id": exec_id or f"0000aaaa.{number:08d}.01.01",
            "kind": kind,
        }
        execution = make_execution(number, quantity, price, **(values | fields))
        self._brokerage[execution.id] = brokerage
        self.executions.append(execution)
        return execution.id

    def combo(self, legs: str, *, seconds: float = 0, days: float = 0, times: int = 1, price: str | int = 1) -> list[ExecutionId]:
        """Fill a combination as IBKR reports it: ``+1P90 -1P95``; each leg has an order id, each fill of all legs a pair of ids."""
        made = []
        start = len(self.executions)
        for part in range(times):
            for number, leg in enumerate(legs.split(), start=2):
                sign, size, word = (-1 if leg[0] == "-" else 1), int(leg[1]), leg[2:]
                exec_id = f"0000c0b0.{start + part:08d}.{number:02d}.01"
                order = f"L{start}.{number}"
                made.append(self.fill(word, sign * size, price, seconds=seconds + part, days=days, order=order, exec_id=exec_id))
        return made

    def matchings(self) -> dict[InstrumentId, Matching]:
        """Match every contract."""
        return {
            contract: match_instrument([each for each in self.executions if each.instrument == contract], base_currency="EUR")
            for contract in self.contracts
        }

    def trades(self) -> dict[TradeKey, Trade]:
        """Return the trades of everything that was filled."""
        return {trade.key: trade for matching in self.matchings().values() for trade in matching.trades}

    def position(self) -> Position:
        """Return what strategies are found in."""
        trades = self.trades()
        executions = {(each.instrument, each.id): each for each in self.executions}
        fills = []
        for trade in trades.values():
            for piece in trade.pieces:
                execution = executions[trade.instrument, piece.execution]
                fills.append(
                    LegFill(
                        instrument=trade.instrument,
                        execution=piece.execution,
                        quantity=piece.quantity,
                        opening=piece.role is Role.OPENING,
                        price=execution.price,
                        executed_at=execution.executed_at,
                        trade_date=execution.trade_date,
                        trade=trade.key,
                        order_id=execution.order_id,
                        brokerage_order_id=self._brokerage.get(execution.id, ""),
                        exec_id=execution.exec_id,
                        trade_id=execution.trade_id,
                        on_exchange=execution.kind != "BookTrade",
                    )
                )
        return Position(account=ACCOUNT, underlying=UNDERLYING, symbol="ACME", contracts=self.contracts, fills=fills, trades=trades)

    def found(self, *choices: Choice, window: timedelta = WINDOW) -> Found:
        """Return what is found."""
        matchings = self.matchings()

        def lots(trade: Trade) -> Lots:
            matching = matchings[trade.instrument]
            mine = [match for match in matching.matches if match.trade == trade.key]
            return Lots(mine, frozenset(lot.opening for lot in matching.open_lots if lot.trade == trade.key))

        return find_strategies(self.position(), choices=choices, lots=lots, window=window)

    def strategies(self, *choices: Choice, window: timedelta = WINDOW) -> list[Strategy]:
        """Return the strategies in order of time."""
        return list(self.found(*choices, window=window).strategies)

    def told(self, *choices: Choice, window: timedelta = WINDOW) -> list[tuple[str, str, str]]:
        """Return structure, confidence and legs (``-2 C100``) of each strategy."""
        return [
            (each.structure.value, each.confidence.value, " ".join(_leg(leg.quantity, leg.instrument) for leg in each.legs))
            for each in self.strategies(*choices, window=window)
        ]

    def choice(
        self,
        number: int,
        kind: ChoiceKind,
        executions: Sequence[ExecutionId],
        *,
        parts: Sequence[int] = (),
        name: str = "",
        structure: Structure | None = None,
    ) -> Choice:
        """Return what a user may say of some fills."""
        instruments = {each.id: each.instrument for each in self.executions}
        chosen = tuple(
            Chosen(instruments.get(each, InstrumentId("gone")), each, parts[index] if parts else 0)
            for index, each in enumerate(executions)
        )
        return Choice(id=number, kind=kind, executions=chosen, name=name, structure=structure)


def _leg(quantity: Decimal, instrument: str) -> str:
    return f"{quantity:+}{'S' if instrument.startswith(UNDERLYING) else instrument}"
