"""Net asset value from start to end, day by day, and the return; transfers are external flows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ibjournal.services.reconciliation.service import Check, CheckStatus
from tests.fakes.flex_reports import ACCOUNT, cash, equity, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

D = Decimal
DAYS = (("20260227", "1000"), ("20260302", "1010"), ("20260303", "1115"), ("20260304", "1126.15"))
DEPOSIT = cash(1, 100, type="Deposits/Withdrawals", fxRateToBase="1")
WALK = {"startingValue": "1000", "mtm": "26.15", "depositsWithdrawals": "100", "endingValue": "1126.15", "twr": "3.515"}
"""1 % a day before and after, and half a percent on the day of the deposit: its flow counts at the end."""


def walk(**lines: object) -> str:
    values: dict[str, object] = {"accountId": ACCOUNT, "currency": "USD"}
    return row("ChangeInNAV", **(values | lines))


def take(
    journal: JournalFolder, *rows: str, days: tuple[tuple[str, str], ...] = DAYS, bookings: tuple[str, ...] = (DEPOSIT,)
) -> None:
    information = row("AccountInformation", accountId=ACCOUNT, currency="USD")
    values = section("EquitySummaryInBase", *(equity(day, total) for day, total in days))
    sections = (information, values, section("Trades"), section("CashTransactions", *bookings), section("Transfers"), *rows)
    journal.take(report(statement(*sections, days=("20260302", "20260304"))))


def of(journal: JournalFolder, name: str) -> dict[str, Check]:
    return {each.subject: each for each in journal.services.reconciliation.checks() if each.check == name}


def twr(journal: JournalFolder) -> Check:
    (check,) = of(journal, "twr").values()
    return check


def test_the_walk_and_its_lines(journal: JournalFolder) -> None:
    take(journal, walk(**WALK))
    lines = of(journal, "nav_walk")
    for name in ("total", "startingValue", "endingValue", "depositsWithdrawals"):
        assert lines[name].status is CheckStatus.OK, name
    assert (lines["mtm"].status, lines["mtm"].reason, lines["mtm"].ours) == (CheckStatus.NOT_IN_REPORT, "told_only", None)


def test_lines_that_do_not_make_the_end(journal: JournalFolder) -> None:
    take(journal, walk(**(WALK | {"mtm": "26.16"})))
    assert (of(journal, "nav_walk")["total"].status, of(journal, "nav_walk")["total"].reason) == (
        CheckStatus.DIFFERS,
        "report_not_consistent",
    )


def test_a_report_with_both_kinds_of_result_counts_one_of_them(journal: JournalFolder) -> None:
    take(journal, walk(**(WALK | {"realized": "6.15", "changeInUnrealized": "20"})))
    assert of(journal, "nav_walk")["total"].status is CheckStatus.OK


def test_an_end_that_is_not_the_value_of_its_day(journal: JournalFolder) -> None:
    take(journal, walk(**(WALK | {"endingValue": "1127", "mtm": "27"})))
    assert of(journal, "nav_walk")["endingValue"].status is CheckStatus.DIFFERS


@pytest.mark.parametrize(("told", "status"), [("3.515", "ok"), ("3.5099", "differs"), ("0.03515", "differs")])
def test_the_return_in_percent(journal: JournalFolder, told: str, status: str) -> None:
    """1010/1000, (1115 - 100)/1010, 1126.15/1115: 1 %, 0.4950495 %, 1 %, chained 2.51 %."""
    made = (D(1010) / 1000) * (D(1015) / 1010) * (D("1126.15") / 1115) * 100 - 100
    take(journal, walk(**(WALK | {"twr": told if told != "3.515" else f"{made:.6f}"})))
    assert twr(journal).status.value == status


def test_days_without_a_value_are_told(journal: JournalFolder) -> None:
    take(journal, walk(**WALK), days=DAYS[1:])
    assert (twr(journal).status, twr(journal).reason) == (CheckStatus.NOT_IN_REPORT, "days_missing")


def test_a_transfer_is_a_flow_of_the_return(journal: JournalFolder) -> None:
    """On the 3rd shares worth 100 came from elsewhere, and nothing else happened."""
    moved = row(
        "Transfer", accountId=ACCOUNT, currency="USD", fxRateToBase="1", type="ACATS", direction="IN", quantity="10",
        positionAmount="100", positionAmountInBase="100", cashTransfer="0", date="20260303", reportDate="20260303", conid="111",
        symbol="ACME", assetCategory="STK", transactionID="91",
    )  # fmt: skip
    days = (("20260227", "1000"), ("20260302", "1000"), ("20260303", "1100"), ("20260304", "1100"))
    lines = {"startingValue": "1000", "assetTransfers": "100", "endingValue": "1100", "twr": "0"}
    take(journal, section("Transfers", moved), walk(**lines), days=days, bookings=())
    assert (twr(journal).status, twr(journal).ours) == (CheckStatus.OK, D(0))
    assert of(journal, "nav_walk")["assetTransfers"].status is CheckStatus.OK
    figures = {each.name: each.value for each in journal.services.performance.report().figures}
    assert (figures["twr"], figures["profit"]) == (D(0), D(0))


def test_components_of_a_day_that_are_not_its_total(journal: JournalFolder) -> None:
    odd = equity("20260302", "1010", cash="1000", dividendAccruals="9")
    journal.take(report(statement(section("EquitySummaryInBase", odd, equity("20260303", "1115")), days=("20260302", "20260303"))))
    checks = [each for each in journal.services.reconciliation.checks() if each.check == "nav_day"]
    assert [(each.status, each.ours) for each in checks] == [(CheckStatus.DIFFERS, D(1009)), (CheckStatus.OK, D(1115))]


def test_the_value_of_our_positions(journal: JournalFolder) -> None:
    held = row(
        "OpenPosition", accountId=ACCOUNT, conid="111", symbol="ACME", assetCategory="STK", currency="USD", fxRateToBase="0.9",
        position="100", markPrice="12", levelOfDetail="SUMMARY", reportDate="20260310",
    )  # fmt: skip
    day = equity("20260310", "1080", cash="0", stock="1080")
    sections = (section("Trades", trade(1)), section("OpenPositions", held), section("EquitySummaryInBase", day))
    journal.take(report(statement(*sections)))
    assert (of(journal, "nav_day")["stock"].ours, of(journal, "nav_day")["stock"].status) == (D(1080), CheckStatus.OK)


def test_income_and_costs_in_the_base_currency(journal: JournalFolder) -> None:
    """Each booking at the rate of its own row: 100 dollars at 0.9."""
    bookings = (
        cash(1, 100), cash(2, -15, type="Withholding Tax"), cash(3, -10, type="Other Fees"),
        cash(4, 3, type="Broker Interest Received"), cash(5, 20, type="Payment In Lieu Of Dividends"),
    )  # fmt: skip
    lines = {
        "startingValue": "0",
        "dividends": "108",
        "withholdingTax": "-13.5",
        "interest": "2.7",
        "otherFees": "-9",
        "endingValue": "88.2",
    }
    information = row("AccountInformation", accountId=ACCOUNT, currency="EUR")
    journal.take(report(statement(information, section("Trades"), section("CashTransactions", *bookings), walk(**lines))))
    found = {
        each.check: (each.status, each.ours)
        for each in journal.services.reconciliation.checks()
        if each.check in {"dividends", "withholding_tax", "interest", "fees"}
    }
    assert found == {
        "dividends": (CheckStatus.OK, D(108)),
        "withholding_tax": (CheckStatus.OK, D("-13.5")),
        "interest": (CheckStatus.OK, D("2.7")),
        "fees": (CheckStatus.OK, D(-9)),
    }
