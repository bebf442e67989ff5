"""Sums, days, returns and holdings where the evidence runs out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ibjournal.analytics.reconciliation import Check, CheckStatus, Part
from ibjournal.analytics.reconciliation_cash import place
from ibjournal.analytics.reconciliation_explain import Absorber, Question, part
from ibjournal.analytics.reconciliation_nav import DayValue, ReturnInput, day_checks, return_check
from ibjournal.analytics.reconciliation_positions import Holding, holding_checks
from ibjournal.analytics.reconciliation_realized import in_base, merged, sum_check
from ibjournal.analytics.reconciliation_reasons import Reason
from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.period import ALL_TIME, Period
from ibjournal.domain.provenance import RowRef

D = Decimal
ACCOUNT = AccountId("U1")
QUESTION = Question(account=ACCOUNT, check="realized", period=ALL_TIME)
WASH = part(Reason.WASH_SALE, D(40), n=1)


def child(ours: str, ibkr: str, *candidates: Part) -> Check:
    return QUESTION.compare(D(ours), D(ibkr), candidates=candidates)


# --- sums --------------------------------------------------------------------------------------------------------


def test_what_the_parts_of_a_sum_leave_passes_for_digits_only_within_their_bound() -> None:
    """Two figures, half a cent each."""
    rough = [child("100.003", "140.003", WASH), child("5.001", "5.001")]
    within = sum_check(QUESTION, rough, ibkr=D("145.012"))
    assert (within.status, within.reason, [each.label for each in within.parts]) == (
        CheckStatus.EXPLAINED,
        "several",
        ["wash_sale", "rounding"],
    )
    beyond = sum_check(QUESTION, rough, ibkr=D("145.02"))
    assert (beyond.status, beyond.reason, [each.label for each in beyond.parts]) == (
        CheckStatus.DIFFERS,
        "no_reason_found",
        ["wash_sale"],
    )


def test_no_digits_hide_what_a_single_figure_could_not_explain() -> None:
    odd = child("10.001", "10.02")
    assert odd.status is CheckStatus.DIFFERS
    found = sum_check(QUESTION, [child("100", "140", WASH), odd], rates=D(1))
    assert (found.status, found.reason) == (CheckStatus.DIFFERS, "no_reason_found")


def test_parts_of_one_kind_become_one_that_says_only_what_all_of_them_say() -> None:
    one = part(Reason.WASH_SALE, D(1), n=1, symbol="A", day="x", rows=[RowRef(1, 1)])
    other = part(Reason.WASH_SALE, D(2), n=2, symbol="B", day="x", rows=[RowRef(1, 1), RowRef(1, 2)])
    assert merged([one, other]) == (
        Part(label="wash_sale", amount=D(3), values=(("n", 3), ("day", "x")), rows=(RowRef(1, 1), RowRef(1, 2))),
    )


def test_without_every_rate_there_is_no_sum_in_the_base_currency() -> None:
    checks = [child("10", "10"), child("100", "140", WASH)]
    assert in_base(checks, [D(1), None]) is None
    converted = in_base(checks, [D(1), D("0.5")])
    assert converted is not None
    assert [(each.ours, each.ibkr, [part.amount for part in each.parts]) for each in converted] == [
        (D(10), D(10), []),
        (D(50), D(70), [D(20)]),
    ]


@pytest.mark.parametrize(("values", "told"), [((2, D(3)), D(5)), ((D(2), 3), D(5)), ((D(2), "x"), D(2)), (("x", 3), "x")])
def test_values_of_parts_of_one_kind_add_up_where_both_are_numbers(values: tuple[Any, Any], told: object) -> None:
    parts = tuple(part(Reason.WASH_SALE, D(20), quantity=value, symbol="A") for value in values)
    check = QUESTION.compare(D(0), D(40), candidates=parts)
    assert dict(check.values) == {"quantity": told, "symbol": "A"}


# --- cash, net asset value, returns ------------------------------------------------------------------------------


def test_an_amount_that_fits_nowhere_stands_on_the_first_line_that_is_told() -> None:
    placed = place([(("other", "fees"), "x", D(7)), (("a", "b"), "y", D(9))], {"fees": D(100)})
    assert dict(placed.amounts) == {"fees": D(7), "a": D(9)}
    assert dict(placed.counts) == {"fees": 1, "a": 1}


def test_a_day_without_components_is_not_compared() -> None:
    days = [
        DayValue(day=date(2026, 3, 2), total=D(10), components={}, row=RowRef(1, 1)),
        DayValue(day=date(2026, 3, 3), total=D(10), components={"cash": D(4), "stock": D(6)}, row=RowRef(1, 2)),
        DayValue(day=date(2026, 3, 4), total=D(10), components={"cash": D(4)}, row=RowRef(1, 3)),
    ]
    assert [(each.period.start, each.status.value, each.reason) for each in day_checks(ACCOUNT, "USD", days, ())] == [
        (date(2026, 3, 3), "ok", ""),
        (date(2026, 3, 4), "differs", "report_not_consistent"),
    ]


def returned(values: dict[int, int], *, period: Period | None = None) -> Check:
    """Compare the return over Tuesday and Wednesday, 3 and 4 March 2026, with IBKR's ten percent."""
    question = Question(account=ACCOUNT, check="twr", period=period or Period(date(2026, 3, 3), date(2026, 3, 4)))
    given = ReturnInput(values={date(2026, 3, day): D(value) for day, value in values.items()}, flows=[])
    return return_check(question, given, D(10), ())


def test_a_return_that_can_be_reckoned_is_compared() -> None:
    check = returned({2: 100, 3: 105, 4: 110})
    assert (check.ours, check.status) == (D(10), CheckStatus.OK)


@pytest.mark.parametrize("period", [Period(None, date(2026, 3, 4)), Period(date(2026, 3, 3), None)])
def test_a_return_needs_a_first_and_a_last_day(period: Period) -> None:
    check = returned({2: 100, 3: 105, 4: 110}, period=period)
    assert (check.status, check.reason, check.ours, check.ibkr) == (CheckStatus.NOT_IN_REPORT, "days_missing", None, D(10))


def test_a_day_below_nothing_has_no_return_and_ibkrs_stands_alone() -> None:
    check = returned({2: 100, 3: -5, 4: 110})
    assert (check.status, check.reason, check.ibkr) == (CheckStatus.NOT_IN_REPORT, Reason.TOLD_ONLY.value, D(10))


# --- holdings ----------------------------------------------------------------------------------------------------


def holding(ours: int, ibkr: int, costs: tuple[int, int | None], **fields: Any) -> Sequence[Check]:
    each = Holding(
        instrument=InstrumentId("1"),
        symbol="ACME",
        currency="USD",
        ours=D(ours),
        ibkr=D(ibkr),
        our_cost=D(costs[0]),
        ibkr_cost=None if costs[1] is None else D(costs[1]),
        **fields,
    )
    return list(holding_checks(ACCOUNT, None, date(2026, 3, 4), [each]))


def test_units_that_are_missing_take_their_cost_with_them() -> None:
    units = (part(Reason.EVENT_NOT_APPLIED, D(-10), type="TC"),)
    position, cost = holding(110, 100, (1100, 1000), units=units)
    assert (position.status, position.reason) == (CheckStatus.EXPLAINED, "event_not_applied")
    assert (cost.status, cost.reason, dict(cost.values)["type"]) == (CheckStatus.EXPLAINED, "event_not_applied", "TC")


def test_units_that_nothing_explains_explain_no_cost() -> None:
    position, cost = holding(110, 100, (1100, 1000))
    assert (position.status, cost.status) == (CheckStatus.DIFFERS, CheckStatus.DIFFERS)


def test_a_cost_that_the_report_does_not_state_is_not_compared() -> None:
    assert [each.check for each in holding(100, 100, (1000, None))] == ["positions"]
    assert [each.check for each in holding(0, 0, (0, 0))] == ["positions"]
    (_position, cost) = holding(100, 100, (1000, 900), absorbers=(Absorber(reason=Reason.HISTORY_STARTS_LATER),))
    assert (cost.status, cost.reason) == (CheckStatus.EXPLAINED, "history_starts_later")
