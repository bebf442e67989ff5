"""Corporate actions as events: grouping, classification, and that neither order nor repetition matters."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibjournal.domain.corporate_action import CorporateAction
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import EventKind, Place, PositionEvent
from ibjournal.domain.provenance import RowRef
from ibjournal.domain.reorganisation import position_events, quiet_actions, type_of
from tests.fakes.builders import ACCOUNT, make_action

OTHER, THIRD = InstrumentId("9001"), InstrumentId("9002")
ZERO = Decimal(0)


def only(*actions: CorporateAction) -> PositionEvent:
    (event,) = position_events(actions)
    return event


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("ACME(US1) SPLIT 2 FOR 1 (ACME, ACME CORP, US1)", "FS"),
        ("ACME(US1) SPLIT 1 FOR 25 (ACME, ACME CORP, US1)", "RS"),
        ("ACME(US1) MERGED(Voluntary Offer Allocation)  FOR CAD 2.86 PER SHARE", "TC"),
        ("ACME(US1) TENDERED TO US2 1 FOR 1", "TO"),
        ("ACME(US1) SPINOFF  1 FOR 5", "SO"),
        ("ACME(US1) CUSIP/ISIN CHANGE TO (US2)", "IC"),
        ("ACME(US1) STOCK DIVIDEND US1 1 FOR 10", "SD"),
        ("ACME(US1) DELISTED", "DW"),
        ("ACME(US1) SUBSCRIBABLE RIGHTS ISSUE  1 FOR 1", "RI"),
        ("(US1) BOND MATURITY FOR USD 1.00", "BM"),
        ("ACME(US1) DOES SOMETHING NEW", ""),
    ],
)
def test_words_of_old_reports(words: str, code: str) -> None:
    assert type_of(make_action("", 1, description=words)) == code
    assert type_of(make_action("XX", 1, description=words)) == "XX"  # IBKR's type goes before all words


def test_two_events_of_one_evening_without_ids_stay_apart() -> None:
    rows = [
        make_action("TC", -100, description="A(US1) MERGED(Acquisition) WITH US2 1 FOR 2 (A, A CORP, US1)"),
        make_action("TC", 50, instrument=OTHER, description="A(US1) MERGED(Acquisition) WITH US2 1 FOR 2 (B, B CORP, US2)"),
        make_action(
            "TC", -7, instrument=THIRD, description="C(US3) MERGED(Acquisition) FOR USD 3 (C, C CORP, US3)", proceeds=Decimal(21)
        ),
    ]
    assert sorted(event.kind.value for event in position_events(rows)) == ["exchange", "removal"]


def test_three_halves_of_one_family_are_not_guessed() -> None:
    rows = [make_action("TC", q, instrument=InstrumentId(i), description=i) for q, i in ((-100, "1"), (50, "2"), (25, "3"))]
    assert {event.kind for event in position_events(rows)} == {EventKind.UNKNOWN}


def test_halves_of_one_action_on_two_days_are_one_event_of_the_later_day() -> None:
    event = only(make_action("TC", -100, action_id="5"), make_action("TC", 50, instrument=OTHER, action_id="5", minutes=3000))
    assert (event.kind, event.effective_at) == (EventKind.EXCHANGE, make_action("TC", 1, minutes=3000).effective_at)


def test_whole_events_of_one_action_on_two_days_are_two() -> None:
    rows = [make_action("SD", 5, action_id="5"), make_action("SD", 6, action_id="5", minutes=3000)]
    first, second = position_events(rows)
    assert (first.legs[0].quantity, second.legs[0].quantity, first.id != second.id) == (Decimal(5), Decimal(6), True)
    assert only(rows[0]).id == first.id  # what the user says of it is found again when the second one comes


@pytest.mark.parametrize("money", [Decimal(-500), Decimal(300)])
def test_cash_stands_with_what_leaves(money: Decimal) -> None:
    kind = "SR" if money < 0 else "TC"
    event = only(make_action(kind, -100, action_id="5"), make_action(kind, 50, instrument=OTHER, action_id="5", proceeds=money))
    by_place = {leg.place.instrument: leg.proceeds for leg in event.legs}
    assert by_place == {make_action("", 1).instrument: money, OTHER: ZERO}


def test_cash_that_a_short_position_pays_stays_where_it_is() -> None:
    event = only(
        make_action("TC", 100, action_id="5", proceeds=Decimal(-300)), make_action("TC", -50, instrument=OTHER, action_id="5")
    )
    assert [leg.proceeds for leg in event.legs if leg.quantity > 0] == [Decimal(-300)]


def test_a_removal_that_pays_for_what_comes_is_not_believed() -> None:
    assert only(make_action("TC", 100, proceeds=Decimal(500))).kind is EventKind.UNKNOWN
    assert only(make_action("TC", 100, proceeds=Decimal(-500))).kind is EventKind.REMOVAL  # a short position pays


def test_the_parent_of_a_spin_off_is_asked_for_by_its_name() -> None:
    asked: list[tuple[str, str, str]] = []

    def find(account: str, symbol: str, isin: str) -> InstrumentId | None:
        asked.append((account, symbol, isin))
        return OTHER

    (event,) = position_events(
        [make_action("SO", 20, description="ACME(US1234567890) SPINOFF  1 FOR 5 (NEW, NEW, US2)")], find=find
    )
    assert asked == [(ACCOUNT, "ACME", "US1234567890")]
    assert (event.legs[0].place, event.legs[0].quantity) == (Place(ACCOUNT, OTHER), ZERO)


def test_what_makes_no_event_is_quiet() -> None:
    rows = [make_action("CD", 0, proceeds=Decimal(5), action_id="1"), make_action("FS", 100, action_id="2")]
    taken_back = [make_action("RI", 7, action_id="3"), make_action("RI", -7, action_id="3", minutes=200, codes=("Ca",))]
    quiet = quiet_actions([*rows, *taken_back])
    assert [[row.type for row in rows] for _id, rows in quiet] == [["CD"], ["RI", "RI"]]
    assert not {number for number, _rows in quiet} & {event.id for event in position_events([*rows, *taken_back])}


ACTIONS = st.lists(
    st.builds(
        lambda kind, quantity, conid, minutes, action, number: make_action(
            kind,
            quantity,
            instrument=InstrumentId(conid),
            minutes=minutes,
            action_id=action,
            transaction_id=number,
            id=f"{kind}{quantity}{conid}{minutes}{action}{number}",
            description=f"WORDS {minutes}",
            proceeds=Decimal(quantity),
        ),
        st.sampled_from(["FS", "TC", "TO", "TI", "SO", "RI", "SR", "DW", "IC", "CD", "XX", ""]),
        st.integers(-3, 3),
        st.sampled_from(["1", "2", "3"]),
        st.sampled_from([100, 200]),
        st.sampled_from(["", "A", "B"]),
        st.sampled_from(["", "7", "8"]),
    ),
    max_size=6,
    unique_by=lambda each: each.id,
)


@given(ACTIONS, st.randoms(use_true_random=False))
def test_order_changes_nothing(actions: list[CorporateAction], random: object) -> None:
    mixed = list(actions)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert position_events(mixed) == position_events(actions)


@given(ACTIONS)
def test_a_second_report_of_the_same_rows_changes_nothing(actions: list[CorporateAction]) -> None:
    first = [replace(each, row=RowRef(1, number)) for number, each in enumerate(actions)]
    second = [
        replace(each, row=RowRef(2, number), id=f"{each.id}+") for number, each in enumerate(actions) if not each.transaction_id
    ]
    assert position_events([*first, *second]) == position_events(first)


@given(ACTIONS)
def test_no_change_of_a_position_is_lost(actions: list[CorporateAction]) -> None:
    """Each unit that a row moves stands in an event, or was taken back by another row of its action."""
    rows = [replace(each, transaction_id=each.id) for each in actions]
    told: dict[Place, Decimal] = {}
    for event in position_events(rows):
        for leg in event.legs:
            told[leg.place] = told.get(leg.place, ZERO) + leg.quantity
    asked: dict[Place, Decimal] = {}
    for row in rows:
        place = Place(row.account, row.instrument)
        asked[place] = asked.get(place, ZERO) + row.quantity
    assert {place: units for place, units in told.items() if units} == {place: units for place, units in asked.items() if units}
