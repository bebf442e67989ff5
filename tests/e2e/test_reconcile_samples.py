"""Every real report in a journal of its own: how many figures agree, how many are explained, and which differ.

What differs stands below line by line, with our figure and IBKR's: there the file contradicts itself. They are excerpts, files that
were cut by hand, and made-up ones; each says how. Everything that a file itself makes decidable agrees or is explained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from ibjournal.services.reconciliation.service import Check, CheckStatus
from tests.e2e.program import Program
from tests.fakes.journal_folder import JournalFolder

pytestmark = pytest.mark.e2e

HALF_A_CENT = Decimal("0.005")
MALFORMED = "activity_simple.xml"

TABLE = """
file                                                                     checks   ok expl diff
GOforce64__trading-journal/activity.xml                                      14    0    0    0
GOforce64__trading-journal/today.xml                                         15    0    0    0
GeneBO98__tradetally/ibkr-flex-report.xml                                    15    0    1    1
cquillen__ibkr-conduit/cash-transactions-consolidated.xml                    14    0    0    0
cquillen__ibkr-conduit/cash-transactions.xml                                 14    0    0    0
cquillen__ibkr-conduit/trade-confirmations.xml                               15    0    0    0
csingley__ibflex/fragments.xml                                               52    1    6    5
gabbersepp__ib-flex-reader/StatementOfFunds.xml                              14    0    0    0
gabbersepp__ib-flex-reader/TestForCoding.xml                                 55   33    0    0
gabbersepp__ib-flex-reader/tcf_hiiq_2018.xml                                 15    0    0    0
henk789__ib-flex/activity_backfill.xml                                       43   11    4   20
henk789__ib-flex/activity_bonds.xml                                          19    3    5    0
henk789__ib-flex/activity_cancelled_trades.xml                               13    0    0    0
henk789__ib-flex/activity_cash.xml                                           13    0    0    0
henk789__ib-flex/activity_cfds.xml                                           14    0    3    0
henk789__ib-flex/activity_complex_corporate_actions.xml                      14    0    0    2
henk789__ib-flex/activity_corporate_actions.xml                              18    0    4    3
henk789__ib-flex/activity_daily_portfolio.xml                                48    6   11   20
henk789__ib-flex/activity_extended.xml                                       28    5    1   14
henk789__ib-flex/activity_forex.xml                                          13    0    0    0
henk789__ib-flex/activity_fractional_shares.xml                              15    0    4    0
henk789__ib-flex/activity_futures.xml                                        16    3    2    0
henk789__ib-flex/activity_minimal.xml                                        14    0    0    0
henk789__ib-flex/activity_options.xml                                        19    4    4    0
henk789__ib-flex/activity_tbills.xml                                         14    2    0    0
henk789__ib-flex/activity_warrants.xml                                       15    0    4    0
portfolio-performance__portfolio/testIBFlexStatementFile01.xml               15    2    0    0
portfolio-performance__portfolio/testIBFlexStatementFile02.xml               15    2    0    0
portfolio-performance__portfolio/testIBFlexStatementFile03.xml               29    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile04.xml               14    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile05.xml               29    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile06.xml               29    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile07.xml               14    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile08.xml               14    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile09.xml               14    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile10.xml               14    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile11.xml               14    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile12.xml               29    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile13.xml               28    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile14.xml               26   19    0    0
portfolio-performance__portfolio/testIBFlexStatementFile15.xml               14    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile16.xml               14    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile17.xml               48   20   26    0
portfolio-performance__portfolio/testIBFlexStatementFile20.xml               38   20    0   10
portfolio-performance__portfolio/testIBFlexStatementFile21.xml               40   11    0   21
portfolio-performance__portfolio/testIBFlexStatementFile23.xml               14    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile24.xml               15    8    0    0
portfolio-performance__portfolio/testIBFlexStatementFile26.xml               28    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile27.xml               14    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile28.xml               14    0    0    0
portfolio-performance__portfolio/testIBFlexStatementFile29.xml               14    0    0    0
vortex__ibkr-flex-doc/tcf_excerpt.xml                                        15    0    0    0
vroonhof__opensteuerauszug/eTax_report_anonymised_2025.xml                  273  257   12    0
"""


@dataclass(frozen=True)
class Altered:
    """A file that contradicts itself: how, and each figure: check, subject, currency, last day, ours, IBKR's."""

    how: str
    figures: str


ALTERED = {
    "GeneBO98__tradetally/ibkr-flex-report.xml": Altered(
        "An excerpt: its one position is another instrument than the one whose trades leave 591 units.",
        """
        positions | GOLD |  | 2026-07-14 | 591 | 0
        """,
    ),
    "csingley__ibflex/fragments.xml": Altered(
        "Single elements of several statements in one: components that are not their total, events without positions.",
        """
        positions | ADGI |  | 2011-12-30 | 10000 | 0
        cost | ADGI | USD | 2011-12-30 | 31011 | 0
        positions | FMTIF |  | 2011-12-30 | 226702 | 0
        nav_day | total | USD | 2011-12-30 | 2280.150909701 | 40.1509097
        nav_day | stock | USD | 2011-12-30 | -3553 | 39.68
        """,
    ),
    "henk789__ib-flex/activity_backfill.xml": Altered(
        "Made up: costs without commissions, bookings of 200 beside a line of 50, accruals outside a total, 2.58 % as 0.025806.",
        """
        realized | NVDA | USD | 2025-01-03 | -5 | 75
        realized_instrument | NVDA | USD | 2025-01-03 | -5 | 75
        cost | AAPL | USD | 2025-01-03 | 29150 | 29040
        cost | NVDA | USD | 2025-01-03 | 2000 | 1950
        cash |  | USD | 2025-01-03 | 88365 | 95000
        cash_walk | dividends | USD | 2025-01-03 | 200 | 50
        cash_walk | brokerInterest | USD | 2025-01-03 | 20 | 10
        cash_walk | netTradesSales | USD | 2025-01-03 | 9825 | 5200
        cash_walk | netTradesPurchases | USD | 2025-01-03 | -21420 | -10000
        nav_walk | total | USD | 2025-01-03 | 161150 | 162500
        nav_walk | dividends | USD | 2025-01-03 | 200 | 50
        nav_walk | interest | USD | 2025-01-03 | 20 | 10
        dividends |  | USD | 2025-01-03 | 200 | 50
        interest |  | USD | 2025-01-03 | 20 | 10
        twr |  |  | 2025-01-02 | 2.5806451612903225806451613 | 0.025806
        twr |  |  | 2025-01-03 | 2.2012578616352201257861635 | 0.022013
        nav_day | total | USD | 2025-01-01 | 155100 | 155000
        nav_day | total | USD | 2025-01-02 | 159110 | 159000
        nav_day | total | USD | 2025-01-03 | 162670 | 162500
        nav_day | stock | USD | 2025-01-03 | 58760 | 60000
        """,
    ),
    "henk789__ib-flex/activity_complex_corporate_actions.xml": Altered(
        "Made up: actions bring 250 and 20 units, and the section of open positions is empty.",
        """
        positions | DEF |  | 2025-01-15 | 250 | 0
        positions | MNO |  | 2025-01-15 | 20 | 0
        """,
    ),
    "henk789__ib-flex/activity_corporate_actions.xml": Altered(
        "Made up: actions bring units, and the section of open positions is empty.",
        """
        positions | GOOG |  | 2025-01-15 | 50 | 0
        positions | AAPL |  | 2025-01-15 | 400 | 0
        positions | MSFT |  | 2025-01-15 | 20 | 0
        """,
    ),
    "henk789__ib-flex/activity_daily_portfolio.xml": Altered(
        "Made up: what is bought that day is not among the positions, and no sum is that of its rows.",
        """
        positions | GOOGL |  | 2025-01-15 | 100 | 0
        cost | GOOGL | USD | 2025-01-15 | 17551.25 | 0
        positions | SPY   250221C00600000 |  | 2025-01-15 | 10 | 0
        cost | SPY   250221C00600000 | USD | 2025-01-15 | 2506.5 | 0
        cash |  | USD | 2025-01-15 | 146047.75 | 150000.5
        nav_walk | total | USD | 2025-01-15 | 425676 | 425526
        nav_walk | dividends | USD | 2025-01-15 | 125 | 75
        nav_walk | withholdingTax | USD | 2025-01-15 | -18.75 | -11.25
        nav_walk | changeInDividendAccruals | USD | 2025-01-15 | 0 | 50
        nav_walk | interest | USD | 2025-01-15 | -12.5 | 12.5
        nav_walk | advisorFees | USD | 2025-01-15 | 0 | -25
        nav_walk | otherFees | USD | 2025-01-15 | 0 | -5.5
        nav_walk | commissions | USD | 2025-01-15 | -8.5 | -25
        dividends |  | USD | 2025-01-15 | 125 | 75
        withholding_tax |  | USD | 2025-01-15 | -18.75 | -11.25
        interest |  | USD | 2025-01-15 | -12.5 | 12.5
        fees |  | USD | 2025-01-15 | 0 | -30.5
        commissions |  | USD | 2025-01-15 | -8.5 | -25
        nav_day | options | USD | 2025-01-15 | 16250 | 25000
        nav_day | stock | USD | 2025-01-15 | 147460 | 250000
        """,
    ),
    "henk789__ib-flex/activity_extended.xml": Altered(
        "Made up: one trade, and sums that no row makes up; the change in net asset value misses its end by the commission of 50.",
        """
        positions | AAPL |  | 2025-01-31 | 100 | 0
        cash |  | USD | 2025-01-31 | 29999 | 50050
        cash_walk | commissions | USD | 2025-01-31 | -1 | -50
        cash_walk | deposits | USD | 2025-01-31 | 0 | 5000
        cash_walk | dividends | USD | 2025-01-31 | 0 | 100
        nav_walk | total | USD | 2025-01-31 | 107550 | 107500
        nav_walk | depositsWithdrawals | USD | 2025-01-31 | 0 | 5000
        nav_walk | dividends | USD | 2025-01-31 | 0 | 100
        nav_walk | commissions | USD | 2025-01-31 | -1 | -50
        dividends |  | USD | 2025-01-31 | 0 | 100
        commissions |  | USD | 2025-01-31 | -1 | -50
        nav_day | bonds | USD | 2025-01-31 | 0 | 2500
        nav_day | options | USD | 2025-01-31 | 0 | 15000
        nav_day | stock | USD | 2025-01-31 | 0 | 40000
        """,
    ),
    "portfolio-performance__portfolio/testIBFlexStatementFile20.xml": Altered(
        "Cut by hand: of the cash bookings two are left, which cancel out; the cash report still has all of them.",
        """
        cash |  | CAD | 2023-05-24 | 1700.13195851 | 4806.66195851
        cash_walk | dividends | CAD | 2023-05-24 | 0 | 3654.87
        cash_walk | withholdingTax | CAD | 2023-05-24 | 0 | -548.34
        dividends |  | CAD | 2023-05-24 | 0 | 3654.87
        withholding_tax |  | CAD | 2023-05-24 | 0 | -548.34
        cash |  | USD | 2023-05-24 | -1521.953048 | 1544.296952
        cash_walk | dividends | USD | 2023-05-24 | 0 | 3257.97
        cash_walk | withholdingTax | USD | 2023-05-24 | 0 | -191.72
        dividends |  | USD | 2023-05-24 | 0 | 3257.97
        withholding_tax |  | USD | 2023-05-24 | 0 | -191.72
        """,
    ),
    "portfolio-performance__portfolio/testIBFlexStatementFile21.xml": Altered(
        "Cut by hand: one trade and one booking are left of a year; the cash report still has all of them.",
        """
        cash_walk | commissions | CHF | 2023-05-23 | 0 | -20
        cash_walk | netTradesSales | CHF | 2023-05-23 | 0 | 4942.8000279
        cash_walk | netTradesPurchases | CHF | 2023-05-23 | 0 | -4922.8
        commissions |  | CHF | 2023-05-23 | 0 | -20
        cash |  | EUR | 2023-05-23 | 15292.565 | 5437.44562
        cash_walk | commissions | EUR | 2023-05-23 | -7.435 | -20.65778
        cash_walk | deposits | EUR | 2023-05-23 | 0 | 10000
        cash_walk | netTradesSales | EUR | 2023-05-23 | 0 | 10.8507
        cash_walk | netTradesPurchases | EUR | 2023-05-23 | -4800 | -24652.7454
        commissions |  | EUR | 2023-05-23 | -7.435 | -20.65778
        cash |  | USD | 2023-05-23 | -1.58 | -0.00000882
        cash_walk | commissions | USD | 2023-05-23 | 0 | -8
        cash_walk | dividends | USD | 2023-05-23 | 0 | 23.86
        cash_walk | brokerInterest | USD | 2023-05-23 | 0 | -7.28
        cash_walk | netTradesSales | USD | 2023-05-23 | 0 | 15055.36000868
        cash_walk | netTradesPurchases | USD | 2023-05-23 | 0 | -15056.79001752
        cash_walk | withholdingTax | USD | 2023-05-23 | -1.58 | -7.15
        dividends |  | USD | 2023-05-23 | 0 | 23.86
        withholding_tax |  | USD | 2023-05-23 | -1.58 | -7.15
        interest |  | USD | 2023-05-23 | 0 | -7.28
        commissions |  | USD | 2023-05-23 | 0 | -8
        """,
    ),
}


def expected() -> dict[str, tuple[int, ...]]:
    rows = [line.split() for line in TABLE.strip().splitlines()[1:]]
    return {name: tuple(map(int, counts)) for name, *counts in rows}


def figures_of(altered: Altered) -> set[tuple[str, ...]]:
    return {tuple(cell.strip() for cell in line.split("|")) for line in altered.figures.strip().splitlines()}


def plain(value: Decimal | None) -> str:
    text = format(value or Decimal(0), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def differing(checks: Iterable[Check]) -> set[tuple[str, ...]]:
    return {
        (each.check, each.subject, each.currency, str(each.period.end), plain(each.ours), plain(each.ibkr))
        for each in checks
        if each.status is CheckStatus.DIFFERS
    }


@pytest.fixture(scope="module")
def reconciled(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Check, ...]]:
    """Import each report into a journal of its own."""
    found = {}
    for number, path in enumerate(sorted(samples.rglob("*.xml"))):
        if path.parent.name == "responses" or path.name == MALFORMED:
            continue
        journal = JournalFolder(tmp_path_factory.mktemp(f"journal{number}") / "data")
        assert journal.take(path.read_bytes(), path.name).error is None
        found[f"{path.parent.name}/{path.name}"] = journal.services.reconciliation.checks()
    return found


def test_the_table(reconciled: dict[str, tuple[Check, ...]]) -> None:
    made = {}
    for name, checks in reconciled.items():
        counts = Counter(each.status for each in checks)
        made[name] = (len(checks), *(counts[status] for status in (CheckStatus.OK, CheckStatus.EXPLAINED, CheckStatus.DIFFERS)))
    assert made == expected()


def test_what_differs_is_listed_with_its_numbers(reconciled: dict[str, tuple[Check, ...]]) -> None:
    made = {name: differing(checks) for name, checks in reconciled.items()}
    assert {name: rows for name, rows in made.items() if rows} == {name: figures_of(each) for name, each in ALTERED.items()}


def test_nothing_agrees_beyond_half_a_cent_and_every_explanation_closes_its_gap(
    reconciled: dict[str, tuple[Check, ...]],
) -> None:
    for checks in reconciled.values():
        for each in checks:
            if each.status is CheckStatus.NOT_IN_REPORT:
                assert each.reason
                continue
            assert each.ours is not None
            assert each.ibkr is not None
            gap = each.ibkr - each.ours
            if each.status is CheckStatus.OK:
                assert abs(gap) <= HALF_A_CENT, each
                assert not each.reason
            elif each.status is CheckStatus.EXPLAINED:
                assert each.parts, each
                assert abs(gap - sum((part.amount for part in each.parts), Decimal(0))) <= HALF_A_CENT, each
            assert each.rows or each.check in {"realized_instrument", "positions", "cost", "cash_walk", "nav_walk"}, each


def test_the_largest_real_file_row_by_row(reconciled: dict[str, tuple[Check, ...]]) -> None:
    """Of its 185 closes, 181 agree; an expiry whose cost was restated, and three closes of shares from before the year."""
    checks = reconciled["vroonhof__opensteuerauszug/eTax_report_anonymised_2025.xml"]
    realized = [each for each in checks if each.check == "realized"]
    assert Counter(each.status for each in realized) == {CheckStatus.OK: 181, CheckStatus.EXPLAINED: 4}
    assert Counter(each.reason for each in realized if each.reason) == {"history_starts_later": 3, "cost_restated": 1}
    (shares,) = (each for each in realized if each.ibkr == Decimal("-64508.910176"))
    assert dict(shares.values)["earned"] == Decimal("-73013.504713")
    taken = [each for each in checks if each.reason == "commission_currency"]
    assert {each.check for each in taken} == {"cash", "cash_walk", "commissions"}


def test_all_files_in_one_journal(samples: Path, tmp_path: Path) -> None:
    program = Program(tmp_path / "data")
    program.run("import", samples, "--json")
    answer = program.run("reconcile", "--json")
    assert answer.status == 0
    checks = answer.json["checks"]
    differ = {(each["check"], each["subject"]) for each in checks if each["status"] == "differs"}
    assert differ <= {figure[:2] for altered in ALTERED.values() for figure in figures_of(altered)}
    contradicted = [each for each in checks if each["reason_code"] == "reports_contradict"]
    assert contradicted
    for each in contradicted:
        told = next(part["values"] for part in each["parts"] if part["label"] == "reports_contradict")
        assert told["first"] != told["second"]
        assert each["reason"]
