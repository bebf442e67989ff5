"""The demo broker's reports reconcile without a difference: its calm depots, and those with every kind of instrument and event."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ibjournal.demo import variety
from ibjournal.demo.broker import Broker, build
from ibjournal.demo.depots import DEMO_DEPOTS
from ibjournal.services.reconciliation.service import CHECKS, Check, CheckStatus
from tests.fakes.journal_folder import JournalFolder

NEW_YORK = ZoneInfo("America/New_York")
HALF_A_CENT = Decimal("0.005")


def sound(checks: tuple[Check, ...]) -> None:
    """What agrees does so to half a cent, and what is explained is so by its parts."""
    for each in checks:
        if each.ours is None or each.ibkr is None or each.status is CheckStatus.NOT_IN_REPORT:
            continue
        gap = each.ibkr - each.ours - sum((part.amount for part in each.parts), Decimal(0))
        assert abs(gap) <= HALF_A_CENT, each


def differing(checks: tuple[Check, ...]) -> list[tuple[str, str, str, Decimal | None, Decimal | None]]:
    return [(each.account, each.check, each.subject, each.ours, each.ibkr) for each in checks if each.status is CheckStatus.DIFFERS]


def take(journal: JournalFolder, broker: Broker, account: str, first: date, last: date, *, all_levels: bool = False) -> None:
    made = datetime(last.year, last.month, last.day, 23, tzinfo=NEW_YORK)
    report = broker.activity_xml(
        [account], first, last, generated_at=made, lots=all_levels, position_lots=all_levels, funds=all_levels
    )
    assert report is not None
    assert journal.take(report, f"{account}-{first}.xml").error is None


def test_three_years_of_the_demo(tmp_path: Path) -> None:
    broker = build(as_of=date(2026, 8, 20))
    journal = JournalFolder(tmp_path / "journal")
    for account in (depot.account for depot in DEMO_DEPOTS):
        for year in range(broker.first_day.year, broker.last_day.year + 1):
            take(journal, broker, account, max(date(year, 1, 1), broker.first_day), min(date(year, 12, 31), broker.last_day))
    checks = journal.services.reconciliation.checks()
    assert differing(checks) == []
    sound(checks)
    counts = Counter(each.check for each in checks if each.status is CheckStatus.OK)
    assert set(counts) == set(CHECKS)
    assert counts["twr"] == sum(each.check == "twr" for each in checks)
    told = {each.reason for each in checks if each.status is CheckStatus.NOT_IN_REPORT}
    assert told <= {"told_only", "nothing_to_compare"}


@pytest.mark.parametrize(("seed", "all_levels"), [(1, True), (2, False), (5, True), (25, False)])
def test_every_instrument_and_event(tmp_path: Path, seed: int, *, all_levels: bool) -> None:
    broker = variety.build_variety(seed, whole=True)
    journal = JournalFolder(tmp_path / "journal")
    for account in sorted(broker.desks):
        take(journal, broker, account, variety.FIRST_DAY, variety.LAST_DAY, all_levels=all_levels)
    checks = journal.services.reconciliation.checks()
    assert differing(checks) == []
    sound(checks)
    assert {each.reason for each in checks if each.status is CheckStatus.EXPLAINED} <= {
        "wash_sale", "basis_asked", "history_starts_later", "told_only", "renumbered", "rate_rounded", "rounding", "several",
        "commission_currency", "rows_missing",
    }  # fmt: skip
