"""Cash from start to end, line by line beside IBKR's cash report."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ibjournal.services.reconciliation.service import Check, CheckStatus
from tests.fakes.flex_reports import ACCOUNT, cash, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

D = Decimal
BUY = trade(1, 100, 10, proceeds="-1000")
SELL = trade(2, -40, 11, proceeds="440")
DIVIDEND = cash(1, 100)
DEPOSIT = cash(2, 5000, type="Deposits/Withdrawals")


def told(currency: str = "USD", /, **lines: object) -> str:
    values: dict[str, object] = {
        "accountId": ACCOUNT, "currency": currency, "levelOfDetail": "BaseCurrency" if currency == "BASE_SUMMARY" else "Currency",
        "fromDate": "20260301", "toDate": "20260310",
    }  # fmt: skip
    return row("CashReportCurrency", **(values | lines))


WHOLE = {
    "startingCash": "50", "commissions": "-2", "commissionsSec": "-2", "deposits": "5000", "withdrawals": "0",
    "depositWithdrawals": "5000", "dividends": "100", "netTradesSales": "440", "netTradesPurchases": "-1000",
    "endingCash": "4588", "endingSettledCash": "4588",
}  # fmt: skip


def take(journal: JournalFolder, *reported: str, trades: tuple[str, ...] = (BUY, SELL), bookings: str | None = "") -> None:
    sections = [section("Trades", *trades), section("CashReport", *reported)]
    if bookings is not None:
        sections.append(section("CashTransactions", *([bookings] if bookings else [DIVIDEND, DEPOSIT])))
    journal.take(report(statement(*sections)))


def of(journal: JournalFolder, name: str) -> dict[str, Check]:
    return {each.subject: each for each in journal.services.reconciliation.checks() if each.check == name}


def end(journal: JournalFolder) -> Check:
    (check,) = (each for each in journal.services.reconciliation.checks() if each.check == "cash")
    return check


def test_every_line_and_the_end_agree(journal: JournalFolder) -> None:
    take(journal, told(**WHOLE))
    assert (end(journal).ours, end(journal).status) == (D(4588), CheckStatus.OK)
    lines = of(journal, "cash_walk")
    assert set(lines) == {"commissions", "deposits", "dividends", "netTradesSales", "netTradesPurchases"}
    assert {each.status for each in lines.values()} == {CheckStatus.OK}
    assert {each.ours for each in lines.values()} == {D(-2), D(5000), D(100), D(440), D(-1000)}


@pytest.mark.parametrize(("name", "amount"), [("dividends", "101"), ("commissions", "-2.01"), ("netTradesSales", "441")])
def test_a_line_that_is_not_the_sum_of_its_rows(journal: JournalFolder, name: str, amount: str) -> None:
    ending = D(4588) + D(amount) - D(str(WHOLE[name]))
    take(journal, told(**(WHOLE | {name: amount, "endingCash": ending})))
    assert (of(journal, "cash_walk")[name].status, of(journal, "cash_walk")[name].reason) == (
        CheckStatus.DIFFERS,
        "report_not_consistent",
    )
    assert end(journal).status is CheckStatus.DIFFERS


def test_a_section_that_is_not_in_the_report(journal: JournalFolder) -> None:
    """IBKR's own lines lead from our figure to the end, and say which section would tell."""
    take(journal, told(**WHOLE), bookings=None)
    check = end(journal)
    assert (check.status, check.reason, check.difference) == (CheckStatus.EXPLAINED, "rows_missing", D(-5100))
    assert dict(check.values)["sections"] == ("CashTransactions",)
    line = of(journal, "cash_walk")["dividends"]
    assert (line.status, line.reason, line.ours, line.ibkr) == (CheckStatus.NOT_IN_REPORT, "section_missing", None, D(100))


def test_a_line_that_only_ibkr_knows(journal: JournalFolder) -> None:
    take(journal, told(**(WHOLE | {"paxosTransfers": "-88", "endingCash": "4500"})))
    assert (end(journal).status, end(journal).reason) == (CheckStatus.EXPLAINED, "told_only")
    assert of(journal, "cash_walk")["paxosTransfers"].status is CheckStatus.NOT_IN_REPORT


def test_a_conversion_moves_both_currencies_and_its_commission_a_third(journal: JournalFolder) -> None:
    fx = trade(
        3, -1200, "1.1", assetCategory="CASH", symbol="CHF.USD", conid="99", proceeds="1320", ibCommission="-1.8",
        ibCommissionCurrency="EUR", openCloseIndicator="",
    )  # fmt: skip
    rows = (
        told("USD", startingCash="0", netTradesSales="1320", endingCash="1320"),
        told("CHF", startingCash="2000", netTradesPurchases="-1200", endingCash="800"),
        told("EUR", startingCash="10", commissions="-1.8", endingCash="8.2"),
    )
    journal.take(report(statement(section("Trades", fx), section("CashTransactions"), section("CashReport", *rows))))
    checks = [each for each in journal.services.reconciliation.checks() if each.check in {"cash", "cash_walk"}]
    assert {(each.check, each.currency, each.status) for each in checks} == {
        (check, currency, CheckStatus.OK) for check in ("cash", "cash_walk") for currency in ("USD", "CHF", "EUR")
    }


def future(number: int, quantity: object, price: object, close: object) -> str:
    return trade(
        number, quantity, price, assetCategory="FUT", symbol="ZZH6", conid="333", multiplier="50", proceeds="0", closePrice=close
    )


def position(mark: object, quantity: object = 1) -> str:
    return row(
        "OpenPosition", accountId=ACCOUNT, conid="333", symbol="ZZH6", assetCategory="FUT", currency="USD", multiplier="50",
        position=quantity, markPrice=mark, levelOfDetail="SUMMARY", reportDate="20260310",
    )  # fmt: skip


def test_a_future_that_was_closed_moved_its_result(journal: JournalFolder) -> None:
    lines = {"startingCash": "0", "commissions": "-2", "cashSettlingMtm": "500", "endingCash": "498"}
    take(journal, told(**lines), trades=(future(1, 1, 4000, 4005), future(2, -1, 4010, 4005)), bookings="")
    assert of(journal, "cash_walk")["cashSettlingMtm"].status is CheckStatus.OK


def test_a_future_that_is_open_needs_its_settlement_price(journal: JournalFolder) -> None:
    lines = {"startingCash": "0", "commissions": "-1", "cashSettlingMtm": "600", "endingCash": "599"}
    sections = (section("Trades", future(1, 1, 4000, 4005)), section("CashTransactions"), section("CashReport", told(**lines)))
    journal.take(report(statement(*sections)))
    assert (end(journal).status, end(journal).reason) == (CheckStatus.EXPLAINED, "mark_missing")
    journal.take(report(statement(*sections, section("OpenPositions", position("4012"))), query="Positions"))
    assert (end(journal).status, of(journal, "cash_walk")["cashSettlingMtm"].status) == (CheckStatus.OK, CheckStatus.OK)


def test_sales_taxes_and_transfers_of_cash(journal: JournalFolder) -> None:
    tax = row("SalesTax", accountId=ACCOUNT, currency="USD", salesTax="-0.3", date="20260304", transactionID="71")
    moved = row(
        "Transfer", accountId=ACCOUNT, currency="USD", type="INTERNAL", direction="OUT", cashTransfer="-250", date="20260305",
        account="U7000002", transactionID="72", assetCategory="CASH",
    )  # fmt: skip
    lines = {"startingCash": "300", "salesTax": "-0.3", "internalTransfers": "-250", "endingCash": "49.7"}
    sections = (section("Trades"), section("CashTransactions"), section("SalesTaxes", tax), section("Transfers", moved))
    journal.take(report(statement(*sections, section("CashReport", told(**lines)))))
    assert end(journal).status is CheckStatus.OK
    assert {each.status for each in of(journal, "cash_walk").values()} == {CheckStatus.OK}


def test_single_days_that_follow_each_other_are_one_walk(journal: JournalFolder) -> None:
    days = []
    for day, start, paid in (("20260302", "0", "10"), ("20260303", "10", "20"), ("20260304", "30", "30")):
        booking = cash(int(day[-1]), paid, reportDate=day, dateTime=f"{day};202000")
        line = told(fromDate=day, toDate=day, startingCash=start, dividends=paid, endingCash=D(start) + D(paid))
        sections = (section("Trades"), section("CashTransactions", booking), section("CashReport", line))
        days.append(statement(*sections, days=(day, day)))
    journal.take(report(*days))
    check = end(journal)
    assert (check.ours, check.ibkr, check.status) == (D(60), D(60), CheckStatus.OK)
    assert (str(check.period.start), str(check.period.end)) == ("2026-03-02", "2026-03-04")
    assert len(check.rows) == 3


def test_of_overlapping_ranges_the_longest_of_the_latest_day_counts(journal: JournalFolder) -> None:
    take(journal, told(**WHOLE))
    shorter = told(**(WHOLE | {"fromDate": "20260309", "startingCash": "4588", "dividends": "0"}))
    journal.take(report(statement(section("CashReport", shorter), days=("20260309", "20260310")), query="Short"))
    assert str(end(journal).period.start) == "2026-03-01"
