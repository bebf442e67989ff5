"""The chain below a trade: lot matches with both their ends, fills and events, and the rows that told of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import Execution, ExecutionId, ExecutionStatus
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.lots import LotMatch
from ibjournal.domain.position_event import EVENT, HELD, PositionEvent
from ibjournal.domain.provenance import RowRef
from ibjournal.domain.trade import Piece, Role, Trade
from ibjournal.services.origins import Origin, OriginKind
from ibjournal.store.database import Connection
from ibjournal.store.executions import distinct, executions_of
from ibjournal.store.fill_changes import changes_of
from ibjournal.store.instruments import get_instrument
from ibjournal.store.provenance import rows_of_actions, rows_of_fill, rows_of_first_position, section_rows_of
from ibjournal.store.trades import matches_of

Spot = tuple[AccountId, InstrumentId]
OF_IBKR = "ibkr"
"""What a row is of in which IBKR's own figure of a check stands."""


class TradeOrigins:
    """Looks up the chain of fills and trades on one connection; remembers what it read. Use for one answer."""

    def __init__(self, db: Connection, events: Iterable[PositionEvent] = ()) -> None:
        self._db = db
        self._events: Mapping[str, PositionEvent] = {event.id: event for event in events}
        self._executions: dict[Spot, dict[ExecutionId, Execution]] = {}
        self._symbols: dict[InstrumentId, str] = {}
        self._matches: dict[Spot, tuple[LotMatch, ...]] = {}

    def trade(self, trade: Trade) -> Origin:
        """Return a trade with everything below it."""
        places = {piece.execution: spot_of(trade, piece) for piece in trade.pieces}
        matches = [match for match in self.matches(trade.account, trade.instrument) if belongs(match, trade)]
        parts = [self.match(match, places, trade) for match in matches]
        matched = {match.opening for match in matches} | {match.closing for match in matches}
        parts += [self.end(piece.execution, places, trade) for piece in trade.pieces if piece.execution not in matched]
        # what was settled in cash, and how an option ended, stands in a section of its own
        parts += [
            Origin(kind=OriginKind.ROW, of=tag, account=trade.account, symbol=self.symbol(trade.instrument), row=row)
            for tag, row in section_rows_of(self._db, trade.account, "OptionEAE", trade.instrument)
        ]
        return Origin(
            kind=OriginKind.TRADE,
            of=trade,
            account=trade.account,
            symbol=self.symbol(trade.instrument),
            amount=trade.net,
            currency=trade.currency,
            parts=tuple(parts),
        )

    def match(self, match: LotMatch, places: Mapping[ExecutionId, Spot], trade: Trade) -> Origin:
        """Return a lot match between its opening and its closing fill."""
        ends = [match.closing] if match.opening is None else [match.opening, match.closing]
        return Origin(
            kind=OriginKind.MATCH,
            of=match,
            account=trade.account,
            symbol=self.symbol(trade.instrument),
            amount=match.net,
            currency=trade.currency,
            parts=tuple(self.end(end, places, trade) for end in ends),
        )

    def end(self, execution: ExecutionId, places: Mapping[ExecutionId, Spot], trade: Trade) -> Origin:
        """Return one end of a match: a fill, or an event that stands in its place."""
        spot = places.get(execution, (trade.account, trade.instrument))
        if execution.startswith(EVENT):
            return self.event(execution.removeprefix(EVENT), spot)
        return self.execution(*spot, execution)

    def execution(self, account: AccountId, instrument: InstrumentId, uid: ExecutionId) -> Origin:
        """Return a fill with its rows and what later reports changed in it."""
        execution = self._known(account, instrument).get(uid)
        base, _, number = uid.partition("~")
        told = rows_of_fill(self._db, account, instrument, ExecutionId(base))
        active = [each for each in told if each.status is ExecutionStatus.ACTIVE] or list(told)
        position = int(number) - 1 if number.isdigit() else 0
        mine = active[position] if position < len(active) else None
        parts = [
            Origin(kind=OriginKind.CHANGE, of=change, account=account)
            for change in changes_of(self._db, account, instrument)
            if change.execution in {uid, base}
        ]
        parts += [
            Origin(kind=OriginKind.ROW, of=each.status.value, account=account, row=each.row)
            for each in told
            if each is not mine and each.status is not ExecutionStatus.ACTIVE
        ]
        return Origin(
            kind=OriginKind.EXECUTION,
            of=execution if execution is not None else uid,
            account=account,
            symbol=self.symbol(instrument),
            currency=execution.currency if execution else "",
            row=mine.row if mine else None,
            parts=tuple(parts),
        )

    def event(self, number: str, spot: Spot) -> Origin:
        """Return an event, with the rows that told of its legs."""
        event = self._events.get(number)
        if EVENT + number == HELD:
            rows = dict.fromkeys(rows_of_first_position(self._db, *spot))
        elif event is not None:
            rows = dict.fromkeys(leg.row for leg in event.legs if leg.row is not None)
        else:
            rows = dict.fromkeys(row for key, action, row in rows_of_actions(self._db, *spot) if number in {key, action})
        first = next(iter(rows), None)
        more = tuple(Origin(kind=OriginKind.ROW, account=spot[0], row=row) for row in rows if row != first)
        return Origin(
            kind=OriginKind.EVENT, of=event or number, account=spot[0], symbol=self.symbol(spot[1]), row=first, parts=more
        )

    def matches(self, account: AccountId, instrument: InstrumentId) -> tuple[LotMatch, ...]:
        """Return the lot matches of an instrument."""
        if (account, instrument) not in self._matches:
            self._matches[account, instrument] = matches_of(self._db, account, instrument)
        return self._matches[account, instrument]

    def symbol(self, instrument: InstrumentId) -> str:
        """Return the symbol of an instrument, or its id where no report names it."""
        if instrument not in self._symbols:
            known = get_instrument(self._db, instrument)
            self._symbols[instrument] = known.symbol if known is not None and known.symbol else str(instrument)
        return self._symbols[instrument]

    def _known(self, account: AccountId, instrument: InstrumentId) -> dict[ExecutionId, Execution]:
        if (account, instrument) not in self._executions:
            found: dict[ExecutionId, Execution] = {}
            for execution in distinct(executions_of(self._db, account, instrument)):
                if execution.id not in found or execution.status is ExecutionStatus.ACTIVE:
                    found[execution.id] = execution
            self._executions[account, instrument] = found
        return self._executions[account, instrument]


def spot_of(trade: Trade, piece: Piece) -> Spot:
    """Return where the execution of a piece stands: lots can move between instruments and accounts."""
    return piece.account or trade.account, piece.instrument or trade.instrument


def belongs(match: LotMatch, trade: Trade) -> bool:
    """Whether a match is one of a trade's."""
    if match.trade:
        return match.trade == trade.key
    closing = {piece.execution for piece in trade.pieces if piece.role is Role.CLOSING}
    opening = {piece.execution for piece in trade.pieces if piece.role is Role.OPENING}
    return match.closing in closing and (match.opening is None or match.opening in opening)


def plain_rows(rows: Iterable[RowRef], account: AccountId, *, of: str | None = None) -> tuple[Origin, ...]:
    """Return rows as links without anything below."""
    return tuple(Origin(kind=OriginKind.ROW, of=of, account=account, row=row) for row in rows)
