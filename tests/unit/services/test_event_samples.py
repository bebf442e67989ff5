"""Events of real reports."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.fakes.journal_folder import JournalFolder

_PP = "portfolio-performance__portfolio/testIBFlexStatementFile"


def take(journal: JournalFolder, file: Path) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Take in one real report; return type, kind, state and symbols of its events, the oldest first."""
    taken = journal.take(file.read_bytes())
    assert taken.error is None, taken.error
    return [
        (each.type, each.kind.value, each.state.value, each.symbols) for each in reversed(journal.services.events.list_events())
    ]


def test_an_old_report_tells_by_words_and_ibkrs_result_is_ours(journal: JournalFolder, samples: Path) -> None:
    """Tendered to another contract and paid out half a year later; a reverse split into a new contract."""
    events = take(journal, samples / f"{_PP}01.xml")
    assert events == [
        ("TO", "exchange", "applied", ("UUU", "UUU.TEN2")),
        ("RS", "exchange", "applied", ("GCM",)),
        ("TC", "removal", "applied", ("UUU.TEN2",)),
    ]
    trades = {str(each.instrument): each for each in journal.trades()}
    assert (trades["123720813"].net, trades["123720813"].ended_by, str(trades["123720813"].opened_on)) == (
        Decimal(2358), "merged", "2013-01-02",
    )  # fmt: skip
    assert (trades["129258970"].open_quantity, trades["129258970"].entry_known) == (Decimal(480), True)


def test_both_views_of_a_real_assignment(journal: JournalFolder, samples: Path) -> None:
    take(journal, samples / f"{_PP}02.xml")
    trades = {str(each.instrument): each for each in journal.trades()}
    option, shares = trades["268828466"], trades["272800"]
    assert (option.net, option.booked, option.ended_by) == (Decimal("49.50"), Decimal(0), "assigned")
    assert shares.net is not None
    assert shares.booked is not None
    assert journal.query("SELECT count(DISTINCT id) FROM position_facts WHERE kind='link'") == [(1,)]


def test_a_liquidation_of_what_was_bought_before(journal: JournalFolder, samples: Path) -> None:
    assert take(journal, samples / f"{_PP}23.xml") == [("TC", "removal", "applied", ("JMLP",))]
    (only,) = journal.trades()
    assert (only.net, only.ended_by, only.entry_known) == (Decimal(0), "merged", False)  # IBKR's own figure


def test_a_real_exercise_is_linked(journal: JournalFolder, samples: Path) -> None:
    take(journal, samples / "GOforce64__trading-journal" / "activity.xml")
    ((link,),) = journal.query("SELECT DISTINCT id FROM position_facts WHERE kind='link'")
    assert link == "1792882249>1792882250"
    ended = {str(each.instrument): each.ended_by for each in journal.trades() if each.ended_by}
    assert (ended["889375205"], sorted(ended.values()).count("expired")) == ("exercised", 3)


def test_fragments(journal: JournalFolder, samples: Path) -> None:
    """Single rows of many reports, which stand in no section: a tender, a transfer with lots, a trade made elsewhere."""
    assert take(journal, samples / "csingley__ibflex" / "fragments.xml") == [
        ("ACATS", "transfer_in", "basis_asked", ("FMTIF",)),
        ("TradeTransfer", "issue", "applied", ("ADGI",)),
        ("TC", "removal", "applied", ("NILSY.TEN",)),
    ]
    trades = {str(each.instrument): each for each in journal.trades()}
    assert (trades["96835898"].net, trades["764451"].open_quantity) == (Decimal(10315), Decimal(10000))


HENK = {
    "corporate_actions": {
        ("DI", "issue", "applied"), ("FS", "split", "not_applied"), ("SO", "spin_off", "basis_asked"), ("TC", "removal", "applied"),
        ("RI", "issue", "applied"), ("SD", "split", "not_applied"), ("RS", "split", "not_applied"), ("DW", "removal", "applied"),
    },
    "complex_corporate_actions": {
        ("CD", "unknown", "not_applied"), ("TO", "removal", "applied"), ("TO", "unknown", "no_effect"),
        ("BC", "exchange", "applied"), ("BM", "removal", "applied"), ("CP", "unknown", "not_applied"),
        ("RI", "issue", "applied"), ("SR", "issue", "applied"),
    },
    # a maturity that adds to the position instead of taking it away
    "tbills": {("TC", "unknown", "not_applied")},
    "bonds": set(),
    "daily_portfolio": {("FS", "split", "not_applied")},
}  # fmt: skip
"""Made by hand, without the fills that the events concern: a split of what was never bought cannot be applied."""


@pytest.mark.parametrize("name", sorted(HENK))
def test_events_without_their_fills(journal: JournalFolder, samples: Path, name: str) -> None:
    events = take(journal, samples / "henk789__ib-flex" / f"activity_{name}.xml")
    assert {each[:3] for each in events} == HENK[name]
