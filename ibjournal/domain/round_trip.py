"""A trade while it is being built: collects pieces and results until the position is flat."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from ibjournal.domain.fill import Matchable
from ibjournal.domain.money import plain
from ibjournal.domain.position_event import Place
from ibjournal.domain.trade import Piece, Role, Side, Trade, TradeKey, TradeStatus

_ZERO = Decimal(0)
_ENDINGS = {
    "settled": "settled",
    "A": "assigned",
    "Ex": "exercised",
    "AEx": "exercised",
    "MEx": "exercised",
    "Ep": "expired",
    "GEA": "expired",
    **{word: word for word in ("merged", "tendered", "matured", "worthless", "removed")},
}
"""By IBKR's codes, and by words of our own for what has none; the one that says most first."""
_ENDING_CODES = frozenset(_ENDINGS)


class RoundTrip:
    """Mutable; `to_trade` makes the frozen value. Quantities follow splits, so that averages are in the units of today."""

    __slots__ = (
        "account",
        "closed_at",
        "closed_on",
        "closed_points",
        "closed_quantity",
        "currency",
        "currency_effect",
        "direction",
        "ended_by",
        "entry_known",
        "entry_priced",
        "fees",
        "gross",
        "instrument",
        "key",
        "left_quantity",
        "net_base",
        "opened_at",
        "opened_on",
        "opened_points",
        "opened_quantity",
        "pieces",
        "premium",
        "provisional",
        "result_known",
    )

    def __init__(self, first: Matchable, direction: int) -> None:
        account, instrument = self.account, self.instrument = first.account, first.instrument
        self.key = TradeKey(f"{account}/{instrument}/{first.id}")
        self.opened_at = first.executed_at
        self.opened_on = first.trade_date
        self.currency = first.currency
        self.direction = direction
        self.opened_quantity = self.opened_points = self.closed_quantity = self.closed_points = self.left_quantity = _ZERO
        self.gross = self.fees = self.premium = _ZERO
        self.net_base: Decimal | None = _ZERO
        self.currency_effect: Decimal | None = _ZERO
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
        self._add_piece(execution, Role.OPENING, quantity * self.direction, fees)

    def add_closing(self, execution: Matchable, *, quantity: Decimal, fees: Decimal) -> None:
        """Take the closing piece of a fill; ``quantity`` positive. Its results are told one by one with `add_result`."""
        self.closed_quantity += quantity
        self.closed_points += execution.price * quantity
        self._add_piece(execution, Role.CLOSING, -quantity * self.direction, fees)

    def add_leaving(self, event: Matchable, quantity: Decimal) -> None:
        """Take units that leave for elsewhere with their basis: they earn nothing here."""
        self.left_quantity += quantity
        self._add_piece(event, Role.CLOSING, -quantity * self.direction, _ZERO)

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

    def add_result(self, gross: Decimal | None, fees: Decimal, net: Decimal | None, rate: Decimal | None) -> None:
        """Add the result of a match; ``rate`` converts it to the base currency."""
        self.fees += fees
        if gross is None or net is None:
            self.result_known = False
            self.net_base = None
            return
        self.gross += gross
        if self.net_base is not None:
            self.net_base = None if rate is None else self.net_base + net * rate

    def add_currency_effect(self, amount: Decimal | None) -> None:
        """Add what the rate did to a cost; None where a rate is not known."""
        if self.currency_effect is not None:
            self.currency_effect = None if amount is None else self.currency_effect + amount

    def close(self, execution: Matchable) -> None:
        """Mark the fill after which nothing is open."""
        self.closed_at = execution.executed_at
        self.closed_on = execution.trade_date
        codes = execution.codes
        ended = codes and not _ENDING_CODES.isdisjoint(codes)
        self.ended_by = next(ending for code, ending in _ENDINGS.items() if code in codes) if ended else ""

    def end(self, last: Matchable, ended_by: str) -> None:
        """Mark what ended it: a fill, or an event."""
        self.closed_at = last.executed_at
        self.closed_on = last.trade_date
        self.ended_by = ended_by

    def split(self, before: Decimal, after: Decimal) -> None:
        """Restate the quantities in the units after a split; both are signed positions."""
        self.closed_quantity = plain(self.closed_quantity * after / before)
        if self.left_quantity:
            self.left_quantity = plain(self.left_quantity * after / before)
        self.opened_quantity = self.closed_quantity + self.left_quantity + abs(after)

    def move(self, place: Place) -> None:
        """Go on in another place: what was done so far names the place where it was done."""
        pieces = [
            piece if piece.account is not None else piece._replace(account=self.account, instrument=self.instrument)
            for piece in self.pieces
        ]
        self.pieces = [
            piece._replace(account=None, instrument=None) if (piece.account, piece.instrument) == place else piece
            for piece in pieces
        ]
        self.account, self.instrument = place

    def change_base(self) -> None:
        """Forget what was earned in another base currency: amounts in two currencies do not add up."""
        if self.gross or self.fees or self.net_base is None:
            self.net_base = self.currency_effect = None

    def merge(self, other: RoundTrip) -> None:
        """Take in another trade of the same place and direction: one position, one trade. The earlier opening gives the key."""
        if (other.opened_at, other.key) < (self.opened_at, self.key):
            self.key, self.opened_at, self.opened_on = other.key, other.opened_at, other.opened_on
            self.pieces = [*other.pieces, *self.pieces]
        else:
            self.pieces = [*self.pieces, *other.pieces]
        self.opened_quantity += other.opened_quantity
        self.opened_points += other.opened_points
        self.closed_quantity += other.closed_quantity
        self.closed_points += other.closed_points
        self.left_quantity += other.left_quantity
        self.gross += other.gross
        self.fees += other.fees
        self.premium += other.premium
        self.net_base = None if self.net_base is None or other.net_base is None else self.net_base + other.net_base
        self.add_currency_effect(other.currency_effect)
        self.entry_known &= other.entry_known
        self.entry_priced &= other.entry_priced
        self.result_known &= other.result_known
        self.provisional |= other.provisional

    def to_trade(self) -> Trade:
        """Return the trade as it stands."""
        gross: Decimal | None = None
        net: Decimal | None = None
        booked: Decimal | None = None
        if self.result_known:
            gross = self.gross
            net = booked = gross + self.fees
            if self.premium:
                booked = net + self.premium
        opened, closed = self.opened_quantity, self.closed_quantity
        return Trade(
            key=self.key,
            account=self.account,
            instrument=self.instrument,
            side=Side.LONG if self.direction > 0 else Side.SHORT,
            status=TradeStatus.OPEN if self.closed_at is None else TradeStatus.CLOSED,
            opened_at=self.opened_at,
            closed_at=self.closed_at,
            opened_on=self.opened_on,
            closed_on=self.closed_on,
            quantity=opened,
            open_quantity=opened - closed - self.left_quantity,
            entry_price=plain(self.opened_points / opened) if self.entry_priced and opened else None,
            exit_price=plain(self.closed_points / closed) if closed else None,
            gross=gross,
            fees=self.fees,
            net=net,
            net_base=self.net_base,
            currency=self.currency,
            entry_known=self.entry_known,
            provisional=self.provisional,
            ended_by=self.ended_by,
            booked=booked,
            currency_effect=self.currency_effect if self.net_base is not None else None,
            pieces=tuple(self.pieces),
        )

    def _add_piece(self, execution: Matchable, role: Role, quantity: Decimal, fees: Decimal) -> None:
        pieces, number = self.pieces, execution.id
        if pieces:
            last = pieces[-1]
            if last.execution == number and last.account is None:  # closes what we saw opened and what we did not
                pieces.pop()
                quantity += last.quantity
                fees += last.fees
        pieces.append(Piece(number, role, quantity, fees))
        if execution.provisional:
            self.provisional = True
