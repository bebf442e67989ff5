"""Strategies and choices as rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.strategy import ChoiceKind, Chosen, Confidence, Reason, Reference, Strategy, StrategyKey, Structure
from ibjournal.domain.trade import TradeKey
from ibjournal.store.database import Connection, Database
from ibjournal.store.strategies import (
    add_choice,
    choices_of,
    get_strategy,
    last_choice,
    list_strategies,
    remove_choice,
    replace_strategies,
)
from tests.fakes.builders import ACCOUNT
from tests.fakes.journal_folder import JournalFolder
from tests.fakes.strategy_desk import Desk

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.fixture
def db(journal: JournalFolder) -> Iterator[Connection]:
    """Return a connection that may write."""
    with Database(journal.paths.database).transaction() as connection:
        yield connection


def spread() -> Strategy:
    desk = Desk()
    desk.combo("+1P90 -1P95", price="1.2345")
    (found,) = desk.strategies()
    return found


FULL = replace(
    spread(),
    name="Jürgens „Wette“",
    closed_at=NOW,
    closed_on=date(2026, 3, 5),
    confidence=Confidence.LOW,
    reasons=(Reason("same_window", (("seconds", "3"), ("limit", "60"))), Reason("alone")),
    alternatives=(Structure.CUSTOM, Structure.CASH_SECURED_PUT),
    referenced=(Reference(instrument=InstrumentId("100"), quantity=Decimal("-1E+2"), trades=(TradeKey("a/b/c"),)),),
    net=Decimal("-0.0000001"),
    booked=Decimal(3),
    net_base=None,
    currency_effect=None,
)


@pytest.mark.parametrize("strategy", [spread(), FULL, replace(FULL, net=None, booked=None, closed_at=None, closed_on=None)])
def test_what_is_written_is_read(db: Connection, strategy: Strategy) -> None:
    replace_strategies(db, ACCOUNT, strategy.underlying, [], [strategy])
    assert get_strategy(db, strategy.key) == strategy
    assert list_strategies(db, [ACCOUNT]) == (strategy,)
    assert list_strategies(db, [ACCOUNT], to_review=True) == (() if strategy.certain else (strategy,))


def test_an_underlying_is_replaced_whole_whatever_it_was_called(db: Connection) -> None:
    old = replace(spread(), underlying="ACME")
    other = replace(spread(), key=StrategyKey(f"{ACCOUNT}/P955/x"), underlying="999")
    replace_strategies(db, ACCOUNT, "ACME", [], [old])
    replace_strategies(db, ACCOUNT, "999", [], [other])
    new = replace(spread(), symbol="NEW")
    replace_strategies(db, ACCOUNT, "100", [InstrumentId("P90"), InstrumentId("P95")], [new])
    assert {each.key: each.symbol for each in list_strategies(db, [ACCOUNT])} == {new.key: "NEW", other.key: "ACME"}
    replace_strategies(db, ACCOUNT, "100", [], [])
    assert list_strategies(db, [ACCOUNT]) == (other,)


def test_no_strategy_of_an_unknown_key(db: Connection) -> None:
    assert get_strategy(db, StrategyKey("x/y/z")) is None


def test_choices_come_in_the_order_in_which_they_were_said(db: Connection) -> None:
    chosen = (Chosen(InstrumentId("P90"), ExecutionId("E1")), Chosen(InstrumentId("P95"), ExecutionId("E2~2"), 1))
    first = add_choice(db, ACCOUNT, "100", ChoiceKind.APART, chosen, changed_at=NOW)
    second = add_choice(db, ACCOUNT, "100", ChoiceKind.NAMED, chosen[:1], changed_at=NOW, name="Wette", structure=Structure.CUSTOM)
    apart, named = choices_of(db, ACCOUNT)
    assert (apart.id, apart.kind, apart.executions, apart.structure) == (first, ChoiceKind.APART, chosen, None)
    assert (named.id, named.name, named.structure) == (second, "Wette", Structure.CUSTOM)
    assert last_choice(db) == (ACCOUNT, named)
    remove_choice(db, second)
    assert last_choice(db) == (ACCOUNT, apart)
    remove_choice(db, first)
    assert last_choice(db) is None
