"""Results by closing fill, by instrument and in total: what agrees, and what explains a difference."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ibjournal.services.reconciliation.service import Check, CheckStatus
from tests.fakes.flex_reports import ACCOUNT, activity, confirm, confirmation, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

D = Decimal
BUY = {"proceeds": "-1000", "cost": "1001", "fifoPnlRealized": "0"}
SELL: dict[str, Any] = {"proceeds": "1100", "cost": "-1001", "fifoPnlRealized": "98"}


def made(journal: JournalFolder, name: str = "realized") -> list[Check]:
    return [each for each in journal.services.reconciliation.checks() if each.check == name]


def of_fill(journal: JournalFolder) -> Check:
    (check,) = (each for each in made(journal) if each.ours is not None)
    return check


def lot(tag: str, number: int, quantity: object, result: object, **attributes: object) -> str:
    """Return a closed lot, or a wash sale, of the fill of that number."""
    values: dict[str, object] = {
        "accountId": ACCOUNT, "currency": "USD", "assetCategory": "STK", "symbol": "ACME", "conid": "111",
        "dateTime": f"20260302;10{number:02d}00", "reportDate": "20260302", "quantity": quantity, "fifoPnlRealized": result,
        "levelOfDetail": {"Lot": "CLOSED_LOT", "WashSale": "WASH_SALE"}[tag],
    }  # fmt: skip
    return row(tag, **(values | attributes))


def test_a_close_agrees(journal: JournalFolder) -> None:
    journal.take(activity(trade(1, **BUY), trade(2, -100, 11, **SELL)))
    check = of_fill(journal)
    assert (check.status, check.ours, check.ibkr, check.reason) == (CheckStatus.OK, D(98), D(98), "")
    assert (check.subject, check.currency, check.execution) == ("ACME", "USD", "0000aaaa.00000002.01")
    assert len(check.rows) == 1
    (total,) = (each for each in made(journal, "realized_instrument"))
    assert (total.status, total.ours) == (CheckStatus.OK, D(98))


@pytest.mark.parametrize(("ibkr", "status"), [("98.005", "ok"), ("98.006", "differs"), ("-98", "differs")])
def test_a_cent_is_a_cent(journal: JournalFolder, ibkr: str, status: str) -> None:
    journal.take(activity(trade(1, **BUY), trade(2, -100, 11, **(SELL | {"fifoPnlRealized": ibkr, "cost": None}))))
    assert of_fill(journal).status.value == status


def test_a_close_of_what_was_bought_before_the_reports_is_ibkrs_figure_and_says_so(journal: JournalFolder) -> None:
    journal.take(activity(trade(2, -100, 11, **SELL)))
    check = of_fill(journal)
    assert (check.status, check.reason, check.difference) == (CheckStatus.EXPLAINED, "history_starts_later", D(0))
    assert dict(check.values)["quantity"] == 100
    assert [part.amount for part in check.parts] == [0]


def test_a_round_trip_whose_cost_was_restated(journal: JournalFolder) -> None:
    """IBKR's own rows put in 1001 and take out 1000.99."""
    journal.take(activity(trade(1, **BUY), trade(2, -100, 11, **(SELL | {"cost": "-1000.99", "fifoPnlRealized": "98.01"}))))
    check = of_fill(journal)
    assert (check.status, check.reason) == (CheckStatus.EXPLAINED, "cost_restated")
    values = dict(check.values)
    assert (values["opened"], values["closed"]) == (D(1001), D("1000.99"))
    assert len(check.parts[0].rows) == 2


def test_a_cost_that_does_not_close_the_gap_explains_nothing(journal: JournalFolder) -> None:
    journal.take(activity(trade(1, **BUY), trade(2, -100, 11, **(SELL | {"cost": "-1000.99", "fifoPnlRealized": "98.02"}))))
    assert of_fill(journal).status is CheckStatus.DIFFERS


def test_a_position_that_is_not_flat_restates_nothing(journal: JournalFolder) -> None:
    """Which lots IBKR took is then open: another cost may be another lot."""
    journal.take(activity(trade(1, 200, **BUY), trade(2, -100, 11, **(SELL | {"cost": "-400", "fifoPnlRealized": "699"}))))
    assert of_fill(journal).status is CheckStatus.DIFFERS


LOSS = {"proceeds": "900", "cost": "-1001", "fifoPnlRealized": "0"}


def test_a_wash_sale_by_its_row(journal: JournalFolder) -> None:
    rows = (trade(1, **BUY), trade(2, -100, 9, **LOSS), lot("Lot", 2, 100, "-102"), lot("WashSale", 2, 100, "102"))
    journal.take(activity(*rows))
    check = of_fill(journal)
    assert (check.ours, check.ibkr, check.status, check.reason) == (D(-102), D(0), CheckStatus.EXPLAINED, "wash_sale")
    (sums,) = (each for each in made(journal, "realized_total") if each.subject == "lotsAndWashSales")
    assert (sums.status, sums.ours, sums.ibkr) == (CheckStatus.OK, D(0), D(0))


def test_a_wash_sale_by_the_cost_of_its_own_row(journal: JournalFolder) -> None:
    """Without rows of wash sales: the cost that the row takes out makes a loss, and the row states none."""
    journal.take(activity(trade(1, **BUY), trade(2, -100, 9, **LOSS)))
    assert (of_fill(journal).status, of_fill(journal).reason) == (CheckStatus.EXPLAINED, "wash_sale")


def test_lots_that_do_not_add_up_are_ibkrs_own_contradiction(journal: JournalFolder) -> None:
    journal.take(activity(trade(1, **BUY), trade(2, -100, 11, **SELL), lot("Lot", 2, 100, "97")))
    (sums,) = (each for each in made(journal, "realized_total") if each.subject == "lotsAndWashSales")
    assert (sums.status, sums.reason) == (CheckStatus.DIFFERS, "report_not_consistent")


@pytest.mark.parametrize(
    ("with_lots", "status", "reason"), [(True, "explained", "lot_method"), (False, "differs", "no_reason_found")]
)
def test_another_lot_method_needs_the_lots(journal: JournalFolder, with_lots: bool, status: str, reason: str) -> None:
    """The last units bought are closed first: at 12, not at 10."""
    last = {"proceeds": "-1200", "cost": "1201", "fifoPnlRealized": "0"}
    sold = {"proceeds": "1100", "cost": "-1201", "fifoPnlRealized": "-102", "notes": "LI"}
    rows = [trade(1, **BUY), trade(2, 100, 12, **last), trade(3, -100, 11, **sold)]
    if with_lots:
        rows.append(lot("Lot", 3, 100, "-102", openDateTime="20260302;100200", transactionID="9002"))
    journal.take(activity(*rows))
    check = of_fill(journal)
    assert (check.ours, check.status.value, check.reason) == (D(98), status, reason)
    if with_lots:
        assert dict(check.values)["code"] == "LI"


def test_fills_without_a_result_are_told_and_not_compared(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2, -100, 11)))
    (check,) = made(journal)
    assert (check.status, check.reason, dict(check.values)["n"]) == (CheckStatus.NOT_IN_REPORT, "field_missing", 1)


def test_a_template_that_blanks_results_is_recognised(journal: JournalFolder) -> None:
    """Every close has the cost of an opening, and no result."""
    blank = {"proceeds": "1100", "cost": "-1099", "fifoPnlRealized": "0"}
    journal.take(activity(trade(1, **BUY), trade(2, -100, 11, **blank)))
    (check,) = made(journal)
    assert (check.status, check.reason) == (CheckStatus.NOT_IN_REPORT, "field_missing")


def test_what_only_a_confirmation_tells_is_counted_apart(journal: JournalFolder) -> None:
    journal.take(activity(trade(1, **BUY)))
    later = {"tradeDate": "20260312", "reportDate": "20260312", "dateTime": "20260312;100000"}
    journal.take(confirmation(confirm(2, -100, 11, **later), day="20260312", generated="20260312;180000"))
    (check,) = made(journal)
    assert (check.status, check.reason, dict(check.values)["n"]) == (CheckStatus.NOT_IN_REPORT, "provisional", 1)


def summary(result: object, **attributes: object) -> str:
    values: dict[str, object] = {
        "accountId": ACCOUNT, "assetCategory": "STK", "symbol": "ACME", "conid": "111", "totalRealizedPnl": result,
        "description": "ACME CORP",
    }  # fmt: skip
    return row("FIFOPerformanceSummaryUnderlying", **(values | attributes))


def with_summary(*rows: str) -> bytes:
    information = section("AccountInformation") + row("AccountInformation", accountId=ACCOUNT, currency="EUR")
    fills = section("Trades", trade(1, **BUY), trade(2, -100, 11, **SELL))
    return report(statement(information, fills, section("FIFOPerformanceSummaryInBase", *rows)))


TOTAL = {"assetCategory": "", "symbol": "", "conid": "", "description": "Total (All Assets)"}


def test_the_total_in_the_base_currency(journal: JournalFolder) -> None:
    """98 dollars at 0.9."""
    journal.take(with_summary(summary("88.2"), summary("88.2", **TOTAL)))
    (total,) = made(journal, "realized_total")
    assert (total.status, total.ours, total.ibkr, total.currency) == (CheckStatus.OK, D("88.2"), D("88.2"), "EUR")
    assert {each.currency for each in made(journal, "realized_instrument")} == {"USD", "EUR"}


def test_results_of_currencies_are_ibkrs_alone(journal: JournalFolder) -> None:
    cash = {"assetCategory": "CASH", "symbol": "USD", "conid": "", "description": "USD"}
    journal.take(with_summary(summary("88.2"), summary("-3.1", **cash), summary("85.1", **TOTAL)))
    (total,) = made(journal, "realized_total")
    assert (total.status, total.reason) == (CheckStatus.EXPLAINED, "told_only")
    assert [part.amount for part in total.parts] == [D("-3.1")]


def test_a_total_that_nothing_explains(journal: JournalFolder) -> None:
    journal.take(with_summary(summary("88.2"), summary("90", **TOTAL)))
    (total,) = made(journal, "realized_total")
    assert total.status is CheckStatus.DIFFERS
