"""Only evidence explains a difference, and it must close the gap."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ibjournal.analytics.reconciliation import Check, CheckStatus, Part
from ibjournal.analytics.reconciliation_explain import Absorber, Question, closing_parts, part
from ibjournal.analytics.reconciliation_reasons import Reason
from ibjournal.domain.depot import AccountId
from ibjournal.domain.period import ALL_TIME

D = Decimal
QUESTION = Question(account=AccountId("U1"), check="realized", period=ALL_TIME)
WASH = part(Reason.WASH_SALE, D("40"), n=1)
COST = part(Reason.COST_RESTATED, D("2.5"))
OTHER = part(Reason.LOT_METHOD, D("7"))


def labels(parts: tuple[Part, ...] | None) -> list[str] | None:
    return None if parts is None else [each.label for each in parts]


@pytest.mark.parametrize(
    ("ours", "ibkr", "status"),
    [
        ("10", "10", "ok"),
        ("10", "10.005", "ok"),
        ("10", "9.995", "ok"),
        ("10", "10.0051", "differs"),
        ("10", "-10", "differs"),
    ],
)
def test_half_a_cent_is_the_most(ours: str, ibkr: str, status: str) -> None:
    check = QUESTION.compare(D(ours), D(ibkr))
    assert check.status.value == status
    assert check.reason == ("" if status == "ok" else "no_reason_found")


def test_parts_that_do_not_close_the_gap_explain_nothing() -> None:
    assert QUESTION.compare(D(0), D(41), candidates=(WASH,)).status is CheckStatus.DIFFERS
    assert QUESTION.compare(D(0), D("40.004"), candidates=(WASH,)).status is CheckStatus.EXPLAINED


def test_as_few_parts_as_possible() -> None:
    assert labels(closing_parts(D("40"), (COST, OTHER, WASH))) == ["wash_sale"]
    assert labels(closing_parts(D("42.5"), (COST, OTHER, WASH))) == ["cost_restated", "wash_sale"]
    assert labels(closing_parts(D("49.5"), (COST, OTHER, WASH))) == ["cost_restated", "lot_method", "wash_sale"]
    assert closing_parts(D("33"), (COST, OTHER, WASH)) is None


def test_the_reason_of_one_kind_is_the_check_s_own() -> None:
    check = QUESTION.compare(D(0), D(40), candidates=(WASH,))
    assert (check.reason, check.values) == ("wash_sale", (("n", 1),))
    twice = QUESTION.compare(D(0), D(80), candidates=(WASH, WASH))
    assert (twice.reason, twice.values) == ("wash_sale", (("n", 2),))


def test_several_reasons_are_told_as_such() -> None:
    check = QUESTION.compare(D(0), D("42.5"), candidates=(WASH, COST))
    assert check.reason == "several"
    assert sum(each.amount for each in check.parts) == D("42.5")


@pytest.mark.parametrize(("gap", "taken"), [("0.03", True), ("-0.03", True), ("0.031", False)])
def test_digits_take_no_more_than_their_bound(gap: str, taken: bool) -> None:
    digits = Absorber(reason=Reason.ROUNDING, bound=D("0.03"), values=(("n", 6),))
    check = QUESTION.compare(D(0), D(gap), absorbers=(digits,))
    assert (check.status is CheckStatus.EXPLAINED) is taken
    if taken:
        assert (check.reason, check.values) == ("rounding", (("n", 6), ("bound", D("0.03"))))


def test_evidence_comes_before_what_cannot_be_known() -> None:
    unknown = Absorber(reason=Reason.BASIS_ASKED)
    assert labels(closing_parts(D(40), (WASH,), (unknown,))) == ["wash_sale"]
    assert labels(closing_parts(D(41), (WASH,), (unknown,))) == ["basis_asked"]


def test_a_figure_that_rests_on_the_other_is_never_simply_ok() -> None:
    resting = part(Reason.HISTORY_STARTS_LATER, D(0), quantity=D(5))
    check = QUESTION.compare(D(7), D(7), resting=resting)
    assert (check.status, check.reason, check.parts) == (CheckStatus.EXPLAINED, "history_starts_later", (resting,))
    assert QUESTION.compare(D(7), D(9), resting=resting).status is CheckStatus.DIFFERS


def test_quantities_have_no_tolerance() -> None:
    assert QUESTION.compare(D(100), D("100.001"), tolerance=D(0)).status is CheckStatus.DIFFERS


def test_many_candidates_are_tried_one_by_one_and_all_together() -> None:
    many = [part(Reason.WASH_SALE, D(number)) for number in range(1, 15)]
    assert labels(closing_parts(D(13), many)) == ["wash_sale"]
    assert len(closing_parts(D(105), many) or ()) == 14


def test_a_check_without_figures() -> None:
    check: Check = QUESTION.not_in_report(Reason.SECTION_MISSING, sections=("Trades",))
    assert (check.status, check.reason, check.difference) == (CheckStatus.NOT_IN_REPORT, "section_missing", None)
    assert check.values == (("sections", ("Trades",)),)
