"""Strategies: list them, review what is not certain, group, split and name them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ibjournal.domain.depot import AccountId
from ibjournal.domain.errors import UsageError
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.filters import TradeFilter, TradeState
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.strategy import Choice, ChoiceKind, Chosen, Roll, Strategy, StrategyKey, Structure
from ibjournal.domain.strategy_payoff import Payoff, payoff_of
from ibjournal.domain.trade import Role, Trade, TradeKey
from ibjournal.services.changes import Changes
from ibjournal.services.strategy_rebuild import found_in, rebuild_strategies
from ibjournal.store.database import Connection, Database
from ibjournal.store.depots import accounts_of, base_currencies, list_depots
from ibjournal.store.strategies import add_choice, choices_of, get_strategy, last_choice, list_strategies, remove_choice
from ibjournal.store.trades import get_trade

Anchor = tuple[InstrumentId, ExecutionId]
"""An opening execution, as `Strategy.openings` gives it."""

_CHANGES = Changes(trades=True, journal=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyRow:
    """One line of a table of strategies."""

    strategy: Strategy
    depot_name: str
    base_currency: str
    """The account's base currency, empty where no report names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostChoice:
    """Something that the user said of executions that are gone, or that open nothing any more: kept, and not applied."""

    account: AccountId
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyDetail:
    """Everything a detail pane shows of one strategy."""

    row: StrategyRow
    trades: tuple[Trade, ...]
    """The trades that its legs are in, and those that cover it; a trade may hold more than this strategy's fills."""
    payoff: Payoff | None
    """None where it has no single value at expiry: several expiries, or cover whose cost belongs elsewhere."""
    rolls: tuple[Roll, ...]
    """Rolls that opened or closed it."""


class StrategyService:
    """Lists strategies and keeps what the user says of them. Thread-safe.

    Choices hang on opening executions: every rebuild and re-import finds them again.
    """

    def __init__(self, *, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now

    def list(self, where: TradeFilter) -> tuple[StrategyRow, ...]:
        """Return the strategies that pass ``where``, the latest to begin first.

        The text is looked for in the symbol, the name, the structure's code and the legs' symbols; words in the user's language are
        the caller's business.
        """
        return self._rows(where, to_review=False)

    def to_review(self, where: TradeFilter) -> tuple[StrategyRow, ...]:
        """Return those that are not certain."""
        return self._rows(where, to_review=True)

    def detail(self, key: StrategyKey) -> StrategyDetail | None:
        """Return one strategy whole, None when it no longer exists."""
        with self._database.reading() as db:
            strategy = get_strategy(db, key)
            if strategy is None:
                return None
            keys = [key for leg in strategy.legs for key in leg.trades]
            keys += [key for cover in strategy.referenced for key in cover.trades]
            trades = [get_trade(db, each) for each in dict.fromkeys(keys)]
            row = _Names(db).row(strategy)
            rolls = found_in(db, strategy.account, strategy.underlying).rolls
        mine = set(strategy.openings)
        closing = {
            (trade.instrument, piece.execution)
            for trade in trades
            if trade is not None and any(trade.key in leg.trades for leg in strategy.legs)
            for piece in trade.pieces
            if piece.role is Role.CLOSING
        }
        return StrategyDetail(
            row=row,
            trades=tuple(trade for trade in trades if trade is not None),
            payoff=payoff_of(strategy),
            rolls=tuple(roll for roll in rolls if not mine.isdisjoint(roll.opened) or not closing.isdisjoint(roll.closed)),
        )

    def lost_choices(self, where: TradeFilter) -> tuple[LostChoice, ...]:
        """Return what the user said of executions that are gone."""
        with self._database.reading() as db:
            return tuple(
                LostChoice(account=account, choice=choice)
                for account in _accounts(db, where)
                for choice in choices_of(db, account)
                if not _openings_there(db, account, choice)
            )

    def of_trade(self, trade: TradeKey) -> tuple[StrategyRow, ...]:
        """Return the strategies that a trade's opening fills are in, the first to begin first."""
        with self._database.reading() as db:
            found = get_trade(db, trade)
            names = _Names(db)
            stored = list_strategies(db, [found.account]) if found is not None else ()
        return tuple(names.row(each) for each in reversed(stored) if any(trade in leg.trades for leg in each.legs))

    def confirm(self, *keys: StrategyKey) -> Changes:
        """Keep guesses as they are: legs, structure and name. Each is a word of its own, to be taken back alone.

        Raises:
            UsageError: ``unknown_strategy``; then nothing is kept.
        """
        with self._database.transaction() as db:
            touched: set[tuple[AccountId, InstrumentId]] = set()
            for strategy in [_known(db, key) for key in keys]:
                add_choice(
                    db,
                    strategy.account,
                    strategy.underlying,
                    ChoiceKind.CONFIRMED,
                    [Chosen(*each) for each in strategy.openings],
                    changed_at=self._now(),
                    name=strategy.name,
                    structure=strategy.structure,
                )
                touched.update((strategy.account, instrument) for instrument, _execution in strategy.openings)
            rebuild_strategies(db, touched)
        return _CHANGES if keys else Changes()

    def group(
        self,
        *,
        strategies: Iterable[StrategyKey] = (),
        trades: Iterable[TradeKey] = (),
        executions: Iterable[Anchor] = (),
        account: AccountId | None = None,
        name: str = "",
        structure: Structure | None = None,
    ) -> Changes:
        """Make one strategy of whole strategies, of what trades opened, or of opening executions.

        Args:
            strategies: whose legs belong together.
            trades: whose opening executions do.
            executions: which do; ``account`` says whose they are.
            account: only needed for ``executions``.
            name: what the user calls it.
            structure: what it is; None lets the legs say it.

        Raises:
            UsageError: ``unknown_strategy``, ``unknown_trade``, ``strategy_mixed`` (several accounts or underlyings, or no option).
        """
        with self._database.transaction() as db:
            anchors: dict[Chosen, None] = {}
            accounts = {account} if account is not None else set()
            for key in strategies:
                strategy = _known(db, key)
                accounts.add(strategy.account)
                anchors.update(dict.fromkeys(Chosen(*each) for each in strategy.openings))
            for trade_key in trades:
                trade = get_trade(db, trade_key)
                if trade is None:
                    raise UsageError("unknown_trade")
                accounts.add(trade.account)
                anchors.update(dict.fromkeys(_openings_of(trade)))
            anchors.update(dict.fromkeys(Chosen(*each) for each in executions))
            if len(accounts) != 1 or not anchors:
                raise UsageError("strategy_mixed")
            owner = accounts.pop()
            number = add_choice(db, owner, "", ChoiceKind.TOGETHER, anchors, changed_at=self._now(), name=name, structure=structure)
            _rebuild(db, owner, anchors)
            made = _holding(db, owner, anchors)
            if made is None:
                raise UsageError("strategy_mixed")
            db.execute("UPDATE strategy_choices SET underlying=? WHERE id=?", (made.underlying, number))
        return _CHANGES

    def split(self, key: StrategyKey, parts: Sequence[Iterable[Anchor]]) -> Changes:
        """Take a strategy apart; what is in no part becomes one more.

        Raises:
            UsageError: ``unknown_strategy``.
        """
        with self._database.transaction() as db:
            strategy = _known(db, key)
            part_of = {anchor: number for number, part in enumerate(parts) for anchor in part}
            chosen = [Chosen(*each, part_of.get(each, len(parts))) for each in strategy.openings]
            self._choose(db, strategy, ChoiceKind.APART, chosen)
        return _CHANGES

    def split_legs(self, key: StrategyKey) -> Changes:
        """Take a strategy apart, leg by leg."""
        with self._database.reading() as db:
            strategy = _known(db, key)
        return self.split(key, [[(leg.instrument, each.execution) for each in leg.openings] for leg in strategy.legs])

    def rename(self, key: StrategyKey, name: str, *, structure: Structure | None = None) -> Changes:
        """Call a strategy something; an empty name takes the user's name away.

        Args:
            key: which.
            name: what the user calls it.
            structure: what it is, where the guess is wrong.

        Raises:
            UsageError: ``unknown_strategy``.
        """
        with self._database.transaction() as db:
            strategy = _known(db, key)
            chosen = [Chosen(*each) for each in strategy.openings]
            self._choose(db, strategy, ChoiceKind.NAMED, chosen, name=name.strip(), structure=structure)
        return _CHANGES

    def undo(self) -> Changes:
        """Take back what was said last; falsy where nothing was."""
        with self._database.transaction() as db:
            last = last_choice(db)
            if last is None:
                return Changes()
            account, choice = last
            remove_choice(db, choice.id)
            _rebuild(db, account, choice.executions)
        return _CHANGES

    def forget(self, choice: int) -> Changes:
        """Take back one thing that was said, by its number: `LostChoice` lists those that are of no use."""
        with self._database.transaction() as db:
            remove_choice(db, choice)
        return _CHANGES

    def _choose(
        self,
        db: Connection,
        strategy: Strategy,
        kind: ChoiceKind,
        chosen: Sequence[Chosen],
        *,
        name: str = "",
        structure: Structure | None = None,
    ) -> None:
        add_choice(db, strategy.account, strategy.underlying, kind, chosen, changed_at=self._now(), name=name, structure=structure)
        _rebuild(db, strategy.account, chosen)

    def _rows(self, where: TradeFilter, *, to_review: bool) -> tuple[StrategyRow, ...]:
        words = where.text.casefold().split()
        with self._database.reading() as db:
            names = _Names(db)
            found = list_strategies(db, _accounts(db, where), to_review=to_review)
        return tuple(names.row(each) for each in found if _passes(each, where) and _has(words, each))


class _Names:
    """What rows say of accounts."""

    def __init__(self, db: Connection) -> None:
        self._depots = {account: depot.name for depot in list_depots(db) for account in depot.accounts}
        self._bases = base_currencies(db)

    def row(self, strategy: Strategy) -> StrategyRow:
        return StrategyRow(
            strategy=strategy,
            depot_name=self._depots.get(strategy.account, ""),
            base_currency=self._bases.get(strategy.account, ""),
        )


def _accounts(db: Connection, where: TradeFilter) -> list[AccountId]:
    return [where.account] if where.account is not None else list(accounts_of(db, where.depot))


def _known(db: Connection, key: StrategyKey) -> Strategy:
    strategy = get_strategy(db, key)
    if strategy is None:
        raise UsageError("unknown_strategy")
    return strategy


def _openings_of(trade: Trade) -> list[Chosen]:
    return [Chosen(piece.instrument or trade.instrument, piece.execution) for piece in trade.pieces if piece.role is Role.OPENING]


def _rebuild(db: Connection, account: AccountId, chosen: Iterable[Chosen]) -> None:
    rebuild_strategies(db, {(account, each.instrument) for each in chosen})


def _holding(db: Connection, account: AccountId, chosen: Iterable[Chosen]) -> Strategy | None:
    """Return the strategy that holds all of these executions."""
    wanted = {(each.instrument, each.execution) for each in chosen}
    return next((each for each in list_strategies(db, [account]) if wanted <= set(each.openings)), None)


def _openings_there(db: Connection, account: AccountId, choice: Choice) -> bool:
    for each in choice.executions:
        rows = db.execute("SELECT key FROM trades WHERE account=? AND instrument=?", (account, each.instrument)).fetchall()
        trades = (get_trade(db, TradeKey(key)) for (key,) in rows)
        if not any(trade is not None and (each.instrument, each.execution) in _anchors(trade) for trade in trades):
            return False
    return True


def _anchors(trade: Trade) -> set[Anchor]:
    return {(each.instrument, each.execution) for each in _openings_of(trade)}


def _passes(strategy: Strategy, where: TradeFilter) -> bool:
    if where.state is not TradeState.ALL and strategy.is_open != (where.state is TradeState.OPEN):
        return False
    if strategy.closed_on is None:
        return where.period.end is None or strategy.opened_on <= where.period.end
    return strategy.closed_on in where.period


def _has(words: Sequence[str], strategy: Strategy) -> bool:
    symbols = " ".join(leg.symbol for leg in strategy.legs)
    text = f"{strategy.symbol} {strategy.name} {strategy.structure.value} {symbols}".casefold()
    return all(word in text for word in words)
