"""A trade while it is being built: collects pieces and results until the position is flat."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from ibjournal.domain.fill import Matchable
from ibjournal.domain.money import plain
from ibjournal.domain.trade import Piece, Role, Side, Trade, TradeKey, TradeStatus

_ZERO = Decimal(0)
_ENDINGS = {"A": "assigned", "Ex": "exercised", "AEx": "exercised", "MEx": "exercised", "Ep": "expired", "GEA": "expired"}
"""IBKR's codes, the one that says most first."""


class RoundTrip:
    """Mutable; `to_trade` makes the frozen value. Quantities follow splits, so that averages are in the units of today."""

    __slots__ = (
        "closed_at",
        "closed_on",
        "closed_points",
        "closed_quantity",
        "direction",
        "ended_by",
        "entry_known",
        "entry_priced",
        "fees",
        "first",
        "gross",
        "key",
        "net_base",
        "opened_points",
        "opened_quantity",
        "pieces",
        "provisional",
        "result_known",
    )

    def __init__(self, first: Matchable, direction: int) -> None:
        self.first = first
        self.key = TradeKey(f"{first.account}/{first.instrument}/{first.id}")
        self.direction = direction
        self.opened_quantity = self.opened_points = self.closed_quantity = self.closed_points = _ZERO
        self.gross = self.fees = _ZERO
        self.net_base: Decimal | None = _ZERO
        self.entry_known = self.entry_priced = self.result_known = True
        self.provisional = False
        self.closed_at: datetime | None = None
        self.closed_on: date | None = None
        self.ended_by = ""
        self.pieces: list[Piece] = []

    def add_opening(self, execution: Matchable, *, quantity: Decimal, price: Decimal, fees: Decimal) -> None:
        """Take the opening piece of a fill; ``quantity`` positive."""
        self.opened_quantity += quantity
        self.opened_points += price * quantity
        self._add_piece(execution, Role.OPENING, quantity=quantity * self.direction, fees=fees)

    def add_closing(self, execution: Matchable, *, quantity: Decimal, fees: Decimal) -> None:
        """Take the closing piece of a fill; ``quantity`` positive. Its results are told one by one with `add_result`."""
        self.closed_quantity += quantity
        self.closed_points += execution.price * quantity
        self._add_piece(execution, Role.CLOSING, quantity=-quantity * self.direction, fees=fees)

    def add_unseen(self, quantity: Decimal) -> None:
        """Take an opening that is not in our history; `price_unseen` tells later what it had cost."""
        self.entry_known = False
        self.opened_quantity += quantity

    def price_unseen(self, quantity: Decimal, price: Decimal | None) -> None:
        """Take the price of a part that was opened unseen; ``price`` is None where nobody knows it."""
        if price is None:
            self.entry_priced = False
        else:
            self.opened_points += price * quantity

    def add_result(self, *, gross: Decimal | None, fees: Decimal, net: Decimal | None, rate: Decimal | None) -> None:
        """Add the result of a match; ``rate`` converts it to the base currency."""
        self.fees += fees
        if gross is None or net is None:
            self.result_known = False
            self.net_base = None
            return
        self.gross += gross
        if self.net_base is not None:
            self.net_base = None if rate is None else self.net_base + net * rate

    def close(self, execution: Matchable) -> None:
        """Mark the fill after which nothing is open."""
        self.closed_at = execution.executed_at
        self.closed_on = execution.trade_date
        codes = execution.codes
        ended = bool(codes) and not _ENDINGS.keys().isdisjoint(codes)
        self.ended_by = next(ending for code, ending in _ENDINGS.items() if code in codes) if ended else ""

    def split(self, before: Decimal, after: Decimal) -> None:
        """Restate the quantities in the units after a split; both are signed positions."""
        self.closed_quantity = plain(self.closed_quantity * after / before)
        self.opened_quantity = self.closed_quantity + abs(after)

    def to_trade(self) -> Trade:
        """Return the trade as it stands."""
        first = self.first
        known = self.result_known
        return Trade(
            key=self.key,
            account=first.account,
            instrument=first.instrument,
            side=Side.LONG if self.direction > 0 else Side.SHORT,
            status=TradeStatus.OPEN if self.closed_at is None else TradeStatus.CLOSED,
            opened_at=first.executed_at,
            closed_at=self.closed_at,
            opened_on=first.trade_date,
            closed_on=self.closed_on,
            quantity=self.opened_quantity,
            open_quantity=self.opened_quantity - self.closed_quantity,
            entry_price=_average(self.opened_points, self.opened_quantity) if self.entry_priced else None,
            exit_price=_average(self.closed_points, self.closed_quantity),
            gross=self.gross if known else None,
            fees=self.fees,
            net=self.gross + self.fees if known else None,
            net_base=self.net_base,
            currency=first.currency,
            entry_known=self.entry_known,
            provisional=self.provisional,
            ended_by=self.ended_by,
            pieces=tuple(self.pieces),
        )

    def _add_piece(self, execution: Matchable, role: Role, *, quantity: Decimal, fees: Decimal) -> None:
        last = self.pieces[-1] if self.pieces else None
        if last is not None and last.execution == execution.id:  # closes what we saw opened and what we did not
            self.pieces.pop()
            quantity += last.quantity
            fees += last.fees
        self.pieces.append(Piece(execution=execution.id, role=role, quantity=quantity, fees=fees))
        if execution.provisional:
            self.provisional = True


def _average(points: Decimal, quantity: Decimal) -> Decimal | None:
    return plain(points / quantity) if quantity else None
