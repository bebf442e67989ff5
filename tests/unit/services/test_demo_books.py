"""The engine against a broker's own books, to the cent, over seeded variations of a history with every kind of thing in it.

The reports come in overlapping pieces, shuffled, one of them twice, with and without the sections that not every query has. The
books are the demo broker's: kept by code that imports nothing of the journal.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ibjournal.analytics.reconciliation import CheckStatus
from ibjournal.demo.variety import build_variety
from tests.unit.services.demo_journal import DemoJournal

QUICK, ALL = 20, 500
WHOLE_EVERY = 5
"""Every fifth variation has all chapters, the others about a third of them."""


def differences(seed: int, folder: Path) -> list[str]:
    broker = build_variety(seed, whole=seed % WHOLE_EVERY == 0)
    journal = DemoJournal(broker, folder / "journal", seed=seed, tell_basis=seed % 2 == 0)
    return [f"seed {seed}: {words}" for words in journal.differences()]


def _in_a_process(seed: int) -> list[str]:
    with TemporaryDirectory() as folder:
        return differences(seed, Path(folder))


@pytest.mark.parametrize("seed", range(QUICK))
def test_the_engine_agrees_with_the_brokers_books(seed: int, tmp_path: Path) -> None:
    assert differences(seed, tmp_path) == []


@pytest.mark.parametrize("seed", range(4))
def test_reconciliation_finds_no_difference_without_a_reason(seed: int, tmp_path: Path) -> None:
    broker = build_variety(seed, whole=True)
    journal = DemoJournal(broker, tmp_path / "journal", seed=seed, tell_basis=seed % 2 == 0, whole=True)
    checks = journal.journal.services.reconciliation.checks()
    assert {check.account for check in checks} == set(broker.desks)
    assert sum(check.status is CheckStatus.OK for check in checks) > 300
    assert [check for check in checks if check.status is CheckStatus.DIFFERS] == []


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_engine_agrees_with_the_brokers_books_in_five_hundred_variations() -> None:
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        found = [words for each in pool.map(_in_a_process, range(ALL), chunksize=10) for words in each]
    assert found == []
