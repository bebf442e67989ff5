"""Lines of the table: what needs the user stands first, what agrees is folded away where there is much of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ibjournal.analytics.reconciliation import Check, CheckStatus
from ibjournal.domain.period import Period
from ibjournal.gui.check.lines import Line, build_lines, is_open, shown_lines, worst
from tests.fakes.check_services import make_check

LAST_YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))


def titles(lines: tuple[Line, ...]) -> list[str]:
    return ["  " * line.level + line.title for line in lines]


def shown(*checks: Check, only: CheckStatus | None = None, **folding: bool) -> list[str]:
    return titles(shown_lines(build_lines(checks), folding, only))


def instrument(symbol: str, ours: object = 1, ibkr: object = 1) -> Check:
    return make_check(subject=symbol, ours=ours, ibkr=ibkr, instrument=symbol)


def fill(symbol: str, number: int, ours: object = 1, ibkr: object = 1) -> Check:
    day = date(2026, 3, number)
    return make_check(
        "realized", ours, ibkr, subject=symbol, instrument=symbol, execution=f"{symbol}{number}", period=Period(day, day)
    )


def test_fills_stand_folded_below_their_instrument(qapp: object) -> None:
    checks = (instrument("KO"), fill("KO", 2), fill("KO", 3), make_check("realized_total", subject="total"))
    sections = build_lines(checks)
    assert titles(shown_lines(sections, {})) == ["Realised profit and loss", "  KO", "  Together"]
    ko = sections[0].parts[0]
    assert not is_open(ko, {})
    assert titles(shown_lines(sections, {ko.key: True}))[2:4] == ["    3 Mar 2026", "    2 Mar 2026"]
    assert sections[0].counts[CheckStatus.OK] == 4


def test_what_differs_stands_first_and_what_agrees_is_one_line_where_there_is_much(qapp: object) -> None:
    many = [instrument(f"S{number}") for number in range(12)]
    lines = shown(*many, instrument("BAD", 2, 1))
    assert lines == ["Realised profit and loss", "  BAD", "  12 more that agree"]
    assert shown(*many) == ["Realised profit and loss", "  12 that agree"]
    assert len(shown(*many[:5])) == 6
    (section,) = build_lines(many)
    (group,) = section.parts
    assert (group.ours, group.ibkr, group.difference) == (Decimal(12), Decimal(12), Decimal(0))
    assert [line.level for line in shown_lines((section,), {group.key: True})] == [0, 1, *[2] * 12]


def test_fills_without_their_instrument_are_held_by_a_line_of_their_own(qapp: object) -> None:
    assert shown(fill("KO", 2, 5, 1)) == ["Realised profit and loss", "  KO", "    2 Mar 2026"]


def test_what_belongs_to_no_instrument_has_a_name_and_stands_by_itself(qapp: object) -> None:
    provisional = make_check("realized", None, None, currency="")
    assert shown(provisional) == ["Realised profit and loss", "  Realised"]


def test_a_filter_shows_its_checks_wherever_they_stand(qapp: object) -> None:
    checks = (
        instrument("KO"), fill("KO", 2), fill("KO", 3, 5, 1), instrument("PEP"), make_check("twr", 8, 8, currency=""),
        make_check("fees", None, None),
    )  # fmt: skip
    assert shown(*checks, only=CheckStatus.DIFFERS) == ["Realised profit and loss", "  KO", "    3 Mar 2026"]
    assert shown(*checks, only=CheckStatus.NOT_IN_REPORT) == ["Income and costs", "  Fees"]
    assert "  PEP" in shown(*checks, only=CheckStatus.OK)
    assert shown(*checks, only=CheckStatus.EXPLAINED) == []


def test_positions_are_counted_and_costs_added_up_by_currency(qapp: object) -> None:
    checks = [
        *(make_check("positions", 10, 10, subject=name, currency="", instrument=name) for name in ("A", "B")),
        *(make_check("cost", 100, 100, subject=name, currency="USD", instrument=name) for name in ("A", "B")),
        make_check("cost", 7, 9, subject="C", currency="EUR", instrument="C"),
    ]
    (section,) = build_lines(checks)
    quantities, dollars, euros = section.parts
    assert (quantities.title, quantities.ours, quantities.quantity) == ("Quantities, 2 instruments", Decimal(2), True)
    assert (dollars.title, dollars.ours, dollars.signed, dollars.open) == ("Cost, USD", Decimal(200), False, False)
    assert (euros.status, euros.difference, euros.open) == (CheckStatus.DIFFERS, Decimal(-2), True)


def test_a_count_of_quantities_says_nothing_while_one_differs(qapp: object) -> None:
    checks = [make_check("positions", n, 1, subject=str(n), currency="", instrument=str(n)) for n in (1, 2)]
    (section,) = build_lines(checks)
    assert (section.parts[0].ours, section.parts[0].status) == (None, CheckStatus.DIFFERS)
    assert section.parts[0].parts[0].status is CheckStatus.DIFFERS


def test_the_lines_of_a_cash_report_stand_below_its_currency(qapp: object) -> None:
    checks = (
        make_check("cash", 9, 9, subject="BASE_SUMMARY"),
        make_check("cash", 5, 5, subject="USD", currency="USD"),
        make_check("cash_walk", 1, 2, subject="commissions", currency="USD"),
        make_check("cash_walk", 1, 1, subject="dividends", currency="EUR"),
    )
    assert shown(*checks) == ["Cash", "  USD", "    Commissions", "  All currencies, in base", "  EUR"]


def test_several_periods_stand_apart_the_newest_open(qapp: object) -> None:
    walk = [make_check("nav_walk", subject=name) for name in ("endingValue", "mtm", "startingValue", "total")]
    old = make_check("nav_walk", subject="mtm", period=LAST_YEAR)
    assert shown(*walk) == [
        "Net asset value", "  Value at the start", "  Mark to market", "  Value at the end", "  Sum of the lines",
    ]  # fmt: skip
    assert shown(*walk, old)[:3] == ["Net asset value", "  1 Jan 2026 – 18 Nov 2026", "    Value at the start"]
    assert shown(*walk, old)[-1] == "  1 Jan 2025 – 31 Dec 2025"
    totals = [make_check("realized_total", subject="total", period=period) for period in (LAST_YEAR, walk[0].period)]
    (section,) = build_lines(totals)
    assert [(line.title, line.tail) for line in section.parts] == [
        ("Together", "1 Jan 2026 – 18 Nov 2026"), ("Together", "1 Jan 2025 – 31 Dec 2025"),
    ]  # fmt: skip


def test_days_are_one_line_unless_one_differs(qapp: object) -> None:
    days = [make_check("nav_day", n, n, subject="total", period=Period(date(2026, 1, n), date(2026, 1, n))) for n in range(1, 20)]
    assert shown(*days) == ["Net asset value", "  Day by day, 19 values"]
    bad = make_check("nav_day", 5, 6, subject="cash", period=Period(date(2026, 2, 1), date(2026, 2, 1)))
    assert shown(*days, bad) == [
        "Net asset value", "  Day by day, 20 values", "    1 Feb 2026 · Cash", "    19 more that agree",
    ]  # fmt: skip


def test_a_section_names_its_days_and_currency_and_unknown_checks_are_not_lost(qapp: object) -> None:
    twr, other = build_lines((make_check("twr"), make_check("something_new", subject="x")))
    assert (twr.title, twr.tail) == ("Return", "1 Jan 2026 – 18 Nov 2026, EUR")
    assert [line.title for line in other.parts] == ["x"]
    assert worst([]) is CheckStatus.OK
