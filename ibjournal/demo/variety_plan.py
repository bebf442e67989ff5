"""The frame of the depots of variety: investors, a calendar of what they do, and the day that plays it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from functools import partial
from random import Random
from typing import ParamSpec

from ibjournal.demo.back_office import BackOffice
from ibjournal.demo.chance import seeded
from ibjournal.demo.contracts import Contract
from ibjournal.demo.desk import Desk
from ibjournal.demo.ledger import CfdChargeRow
from ibjournal.demo.registrar import Registrar
from ibjournal.demo.variety_market import VarietyMarket

P = ParamSpec("P")


@dataclass(slots=True)
class Investor:
    """One account with who keeps it. ``active``: an account that is to come, or was renumbered, closes no books."""

    desk: Desk
    office: BackOffice
    active: bool = True

    @property
    def registrar(self) -> Registrar:
        """Who books events."""
        return self.office.registrar

    def held(self, contract: Contract) -> Decimal:
        """Return the open quantity, signed."""
        return self.desk.books.position(contract)

    def trade(self, contract: Contract, quantity: Decimal | int) -> None:
        """Trade; nothing happens for 0."""
        if quantity:
            self.desk.trade(contract, quantity)

    def close(self, contract: Contract) -> None:
        """Trade until nothing is left."""
        self.trade(contract, -self.held(contract))

    def part_with(self, contract: Contract, part: int) -> None:
        """Trade one of so many parts of what is held, in whole units."""
        self.trade(contract, -(self.held(contract) / part).to_integral_value(ROUND_DOWN))

    def finance(self, contract: Contract, amount: Decimal) -> None:
        """Pay (negative) or receive a day's financing of a contract for difference."""
        desk = self.desk
        transaction_id = desk.new_transaction_id()
        rate = desk.market.rate(contract.currency, desk.base, desk.day)
        desk.cfd_charges.append(
            CfdChargeRow(contract=contract, transaction_id=transaction_id, report_date=desk.day, amount=amount, rate=rate)
        )
        desk.books.finance(amount, contract, report_date=desk.day)


class Plan:
    """What happens on which day. Every chapter adds to it before the first day."""

    def __init__(self, market: VarietyMarket, seed: int) -> None:
        self.market = market
        self.seed = seed
        self.last = len(market.days) - 1
        self._acts: defaultdict[int, list[Callable[[], object]]] = defaultdict(list)
        self._evenings: defaultdict[int, list[Callable[[], object]]] = defaultdict(list)

    def chance(self, chapter: str) -> Random:
        """Return a chapter's own chance."""
        return seeded(self.seed, chapter)

    def at(self, day: int, act: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Let something happen on a day, counted from the beginning."""
        if day <= self.last:
            self._acts[day].append(partial(act, *args, **kwargs))

    def after(self, day: int, act: Callable[[], object]) -> None:
        """Let something happen after the trading of a day."""
        if day <= self.last:
            self._evenings[day].append(act)

    def play(self, day: int) -> None:
        """Let happen what is planned for a day, in the order in which it was planned."""
        for act in (*self._acts.pop(day, ()), *self._evenings.pop(day, ())):
            act()
