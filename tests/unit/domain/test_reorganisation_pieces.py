"""Rows of one corporate action that are several events, and rows whose money stands elsewhere or nowhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ibjournal.domain.corporate_action import CorporateAction
from ibjournal.domain.instrument import AssetClass, InstrumentId
from ibjournal.domain.position_event import EventKind, PositionEvent
from ibjournal.domain.reorganisation import position_events, quiet_actions
from tests.fakes.builders import make_action

D = Decimal
SHARE, NEW, PUT, CALL = (InstrumentId(name) for name in ("265598", "9001", "9002", "9003"))


def told(events: tuple[PositionEvent, ...]) -> set[tuple[EventKind, frozenset[tuple[str, Decimal]]]]:
    """Return what events are: kind and the quantities by instrument."""
    return {(each.kind, frozenset((leg.place.instrument, leg.quantity) for leg in each.legs)) for each in events}


def row(kind: str, quantity: int | str, instrument: InstrumentId = SHARE, **fields: Any) -> CorporateAction:
    return make_action(kind, D(quantity), instrument=instrument, id=f"{kind}{quantity}{instrument}", action_id="7", **fields)


def test_a_reverse_split_into_a_new_contract_leaves_options_that_only_change_their_number_a_split() -> None:
    words = "ACME(US1) SPLIT 1 FOR 10 (ACME, ACME CORP, US1)"
    rows = [
        row("RS", -1000, SHARE, asset_class=AssetClass.STK, description=words),
        row("RS", 100, NEW, asset_class=AssetClass.STK, description=words),
        row("RS", -9, PUT, asset_class=AssetClass.OPT, description=words),
    ]
    events = position_events(rows)
    assert told(events) == {
        (EventKind.EXCHANGE, frozenset({(SHARE, D(-1000)), (NEW, D(100))})),
        (EventKind.SPLIT, frozenset({(PUT, D(-9))})),
    }
    assert sorted(event.id.rpartition(":")[2] for event in events) == ["7", "splits"]


@pytest.mark.parametrize(
    ("words", "quantities", "kind"),
    [
        ("SPLIT 3 FOR 1", (20, -6), EventKind.SPLIT),  # 10 long and 3 short ones, each times three
        ("SPLIT 3 FOR 1", (30, -10), EventKind.EXCHANGE),  # 10 of the old are 30 of the new
        ("SPLIT 3 FOR 2", (20, -6), EventKind.EXCHANGE),  # no whole ratio: options get other terms, and another contract
        ("SPLIT 1 FOR 2", (20, -6), EventKind.EXCHANGE),
        ("SPLIT", (20, -6), EventKind.EXCHANGE),
    ],
)
def test_options_of_both_sides_under_a_split(words: str, quantities: tuple[int, int], kind: EventKind) -> None:
    rows = [
        row("FS", quantity, name, asset_class=AssetClass.OPT, description=f"ACME(US1) {words} (ACME, ACME CORP, US1)")
        for name, quantity in zip((PUT, CALL), quantities, strict=True)
    ]
    (event,) = position_events(rows)
    assert event.kind is kind


def test_cash_for_a_fraction_beside_the_units_that_came_is_an_event_of_its_own() -> None:
    rows = [
        row("SD", 10, description="ACME(US1) STOCK DIVIDEND US1 1 FOR 7 (ACME, ACME CORP, US1)"),
        row("SD", "-0.5", description="ACME(US1) STOCK DIVIDEND US1 1 FOR 7 (ACME, ACME CORP, US1)", proceeds=D(20)),
    ]
    events = position_events(rows)
    assert told(events) == {
        (EventKind.SPLIT, frozenset({(SHARE, D(10))})),
        (EventKind.REMOVAL, frozenset({(SHARE, D("-0.5"))})),
    }
    assert {event.id.rpartition(":")[2] for event in events} == {"7", "fractions"}
    assert next(event for event in events if event.kind is EventKind.REMOVAL).legs[0].proceeds == D(20)


def test_units_paid_out_against_units_that_came_are_a_fraction_whatever_they_are_called() -> None:
    """Three of the hundred and three that came were paid out: more than a unit, and no word says so."""
    rows = [row("SD", 103, description="SOMETHING"), row("SD", -3, description="SOMETHING", proceeds=D(60))]
    assert told(position_events(rows)) == {
        (EventKind.SPLIT, frozenset({(SHARE, D(103))})),
        (EventKind.REMOVAL, frozenset({(SHARE, D(-3))})),
    }


def test_a_fraction_alone_is_removed_for_its_cash() -> None:
    (event,) = position_events([row("FS", "-0.25", description="ACME(US1) CASH IN LIEU OF FRACTION", proceeds=D(5))])
    assert (event.kind, event.legs[0].quantity, event.legs[0].proceeds) == (EventKind.REMOVAL, D("-0.25"), D(5))


@pytest.mark.parametrize("kind", ["DW", "ED"])
def test_what_is_worthless_goes_for_nothing(kind: str) -> None:
    (event,) = position_events([row(kind, -100)])
    assert (event.kind, event.legs[0].proceeds) == (EventKind.REMOVAL, D(0))


@pytest.mark.parametrize(("quantity", "proceeds"), [(-10, D(1000)), (10, D(-1000))])
def test_a_bond_is_repaid_at_the_value_that_the_row_states(quantity: int, proceeds: Decimal) -> None:
    (event,) = position_events([row("BM", quantity, value=D(-1000))])
    assert (event.kind, event.legs[0].proceeds) == (EventKind.REMOVAL, proceeds)


def test_a_bond_without_value_or_proceeds_is_not_guessed() -> None:
    (event,) = position_events([row("BM", -10)])
    assert event.kind is EventKind.UNKNOWN


def test_what_was_paid_for_rights_is_their_cost() -> None:
    rows = [row("RI", 10, proceeds=D(-50)), row("RI", 10, cost=D(7)), row("RI", 10)]
    assert [position_events([each])[0].legs[0].cost for each in rows] == [D(50), D(7), D(0)]


def test_a_cancel_of_a_row_that_no_report_has_cancels_nothing_else() -> None:
    kept, lone = row("RI", 10), row("RI", -4, codes=("Ca",))
    (event,) = position_events([kept, lone])
    assert told((event,)) == {(EventKind.ISSUE, frozenset({(SHARE, D(10))}))}
    assert [len(rows) for _id, rows in quiet_actions([lone])] == [1]


def test_a_spin_off_names_no_parent_that_is_the_child_itself() -> None:
    child = row("SO", 20, NEW, description="ACME(US1234567890) SPINOFF  1 FOR 5 (NEW, NEW, US2)")
    (event,) = position_events([child], find=lambda _account, _symbol, _isin: NEW)
    assert [leg.place.instrument for leg in event.legs] == [NEW]
