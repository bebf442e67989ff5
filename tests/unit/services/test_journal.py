"""The journal: which trades are shown, what a trade's detail holds, and notes that nothing can take away."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ibjournal.domain.depot import AccountId
from ibjournal.domain.filters import TradeFilter, TradeState
from ibjournal.domain.period import Period
from ibjournal.domain.trade import Trade, TradeKey, TradeStatus
from tests.fakes.flex_reports import ACCOUNT, activity, confirm, confirmation, report, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

LATER = "20260320;050000"


def day(number: int, **attributes: object) -> dict[str, object]:
    """Return the attributes of a fill on a day of March 2026."""
    text = f"202603{number:02d}"
    return {"dateTime": f"{text};100000", "tradeDate": text, "reportDate": text, **attributes}


def note_of(journal: JournalFolder, key: TradeKey) -> str:
    detail = journal.services.journal.trade_detail(key)
    assert detail is not None
    assert detail.row.has_note is (detail.note is not None)
    return detail.note.text if detail.note else ""


def notes(journal: JournalFolder) -> list[str]:
    """Return the note of each trade in order of opening, as table and detail tell it."""
    rows = {row.trade.key: row.has_note for row in journal.services.journal.list_trades(TradeFilter()).rows}
    found = [(each.key, note_of(journal, each.key)) for each in journal.trades()]
    assert {key: bool(text) for key, text in found} == rows
    return [text for _key, text in found]


# --- the list ----------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(journal: JournalFolder) -> JournalFolder:
    other = {"accountId": "U7000002", "conid": "222", "symbol": "BETA", "description": "BETA AG", "isin": "DE0000000002"}
    mine = section(
        "Trades",
        trade(1, 100, 10, **day(2)),
        trade(2, -100, 11, **day(3)),
        trade(3, 50, 12, **day(4)),
        trade(4, 7, 5, conid="333", symbol="GAMMA  260320C00005000", underlyingSymbol="GAM", description="", **day(5)),
        trade(5, -7, 6, conid="333", symbol="GAMMA  260320C00005000", underlyingSymbol="GAM", description="", **day(9)),
    )
    theirs = section("Trades", trade(6, -30, 20, openCloseIndicator="O", **other, **day(6)), trade(7, 30, 19, **other, **day(8)))
    journal.take(report(statement(mine), statement(theirs, account="U7000002")))
    return journal


def shown(journal: JournalFolder, **where: object) -> list[str]:
    return [row.instrument.symbol.split()[0] for row in journal.services.journal.list_trades(TradeFilter(**where)).rows]  # type: ignore[arg-type]


def test_open_trades_come_first_then_the_newest(filled: JournalFolder) -> None:
    listed = filled.services.journal.list_trades(TradeFilter())
    assert [row.trade.status for row in listed.rows] == [TradeStatus.OPEN] + [TradeStatus.CLOSED] * 3
    assert shown(filled) == ["ACME", "GAMMA", "BETA", "ACME"]
    assert (listed.total, listed.open, listed.closed) == (4, 1, 3)


def test_filters(filled: JournalFolder) -> None:
    assert shown(filled, state=TradeState.OPEN) == ["ACME"]
    assert shown(filled, state=TradeState.CLOSED) == ["GAMMA", "BETA", "ACME"]
    assert shown(filled, account=AccountId("U7000002")) == ["BETA"]
    assert shown(filled, period=Period(date(2026, 3, 8), date(2026, 3, 9))) == ["ACME", "GAMMA", "BETA"]
    assert shown(filled, period=Period(None, date(2026, 3, 3))) == ["ACME"]
    own = {depot.name: depot.id for depot in filled.services.depots.list_depots()}
    assert shown(filled, depot=own["U7000002"]) == ["BETA"]


@pytest.mark.parametrize(
    ("text", "found"), [("acme", 2), ("beta ag", 1), ("AG beta", 1), ("gam", 1), ("DE0000000002", 1), ("zz", 0)]
)
def test_words_are_found_in_what_a_contract_is_called(filled: JournalFolder, text: str, found: int) -> None:
    assert len(shown(filled, text=text)) == found


def test_words_are_found_in_notes(filled: JournalFolder) -> None:
    filled.services.journal.write_note(filled.trades()[0].key, "Revenge trade, zu früh")
    assert len(shown(filled, text="FRÜH revenge")) == 1
    assert shown(filled, text="früh gamma") == []


def test_counts_are_of_the_period_and_not_of_the_words(filled: JournalFolder) -> None:
    listed = filled.services.journal.list_trades(TradeFilter(text="zz", state=TradeState.OPEN))
    assert (listed.rows, listed.total, listed.open, listed.closed) == ((), 4, 1, 3)


def test_filters_by_state_share_out_the_whole(filled: JournalFolder) -> None:
    assert sorted(shown(filled, state=TradeState.OPEN) + shown(filled, state=TradeState.CLOSED)) == sorted(shown(filled))


# --- the detail --------------------------------------------------------------------------------------------------


def test_the_detail_of_a_trade(journal: JournalFolder) -> None:
    file = journal.take(
        activity(
            trade(1, 100, 10),
            trade(2, 50, 12),
            trade(3, -120, 13, fifoPnlRealized="319"),
            trade(4, -30, 14, fifoPnlRealized="58.5"),
        )
    )
    (only,) = journal.trades()
    detail = journal.services.journal.trade_detail(only.key)
    assert detail is not None
    assert [str(fill.piece.quantity) for fill in detail.fills] == ["100", "50", "-120", "-30"]
    assert [str(match.quantity) for match in detail.matches] == ["100", "20", "30"]
    assert (only.gross, only.fees, only.net) == (Decimal(380), Decimal(-4), Decimal(376))
    assert detail.ibkr_realized == Decimal("377.5")
    assert {fill.report_file for fill in detail.fills} == {f"files/{name}" for name in journal.files()}
    assert (detail.note, file.report_id) == (None, 1)


def test_a_trade_that_is_gone_has_no_detail(journal: JournalFolder) -> None:
    assert journal.services.journal.trade_detail(TradeKey("U1/2/3")) is None


def test_a_fill_that_flips_belongs_to_two_trades(journal: JournalFolder) -> None:
    journal.take(activity(trade(1, 100, 10), trade(2, -150, 11, openCloseIndicator="C;O"), trade(3, 50, 9)))
    first, second = journal.trades()
    assert [[str(piece.quantity) for piece in each.pieces] for each in (first, second)] == [["100", "-100"], ["-50", "50"]]
    journal.services.journal.write_note(first.key, "one")
    journal.services.journal.write_note(second.key, "two")
    assert notes(journal) == ["one", "two"]


# --- notes -------------------------------------------------------------------------------------------------------


def only_trade(journal: JournalFolder) -> Trade:
    (only,) = journal.trades()
    return only


def test_a_note_is_written_changed_and_removed(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    key = only_trade(journal).key
    assert journal.services.journal.write_note(key, "first\nsecond line").journal
    assert note_of(journal, key) == "first\nsecond line"
    journal.services.journal.write_note(key, "other")
    assert note_of(journal, key) == "other"
    journal.services.journal.write_note(key, "  \n")
    assert note_of(journal, key) == ""


def test_a_note_survives_the_same_report_another_report_and_a_rebuild(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    journal.services.journal.write_note(only_trade(journal).key, "mine")
    for content in (activity(trade(1)), activity(trade(1), trade(2, -40, 11), generated=LATER)):
        journal.take(content)
        assert notes(journal) == ["mine"]
    journal.services.maintenance.rebuild()
    assert notes(journal) == ["mine"]


@pytest.mark.parametrize("ids", [{}, {"execID": ""}])
def test_a_note_on_a_provisional_trade_survives_activity(journal: JournalFolder, ids: dict[str, object]) -> None:
    journal.take(confirmation(confirm(1, **ids), confirm(2, -100, 11, **ids)))
    journal.services.journal.write_note(only_trade(journal).key, "mine")
    journal.take(activity(trade(1), trade(2, -100, 11)))
    assert notes(journal) == ["mine"]
    assert not only_trade(journal).provisional


def test_a_note_survives_a_correction(journal: JournalFolder) -> None:
    journal.take(confirmation(confirm(1)))
    journal.services.journal.write_note(only_trade(journal).key, "mine")
    journal.take(confirmation(confirm(1, 80, execID="0000aaaa.00000001.01.02"), generated="20260302;190000"))
    assert notes(journal) == ["mine"]


def test_a_note_survives_history_that_comes_later(journal: JournalFolder) -> None:
    journal.take(activity(trade(5, 50, 12, **day(6)), trade(6, -150, 13, **day(9)), days=("20260305", "20260310")))
    assert not only_trade(journal).entry_known
    journal.services.journal.write_note(only_trade(journal).key, "mine")
    journal.take(activity(trade(1, 100, 10, **day(2)), days=("20260301", "20260304")))
    assert notes(journal) == ["mine"]
    assert only_trade(journal).entry_known


def test_notes_that_meet_in_one_trade_are_all_kept(journal: JournalFolder) -> None:
    journal.take(activity(trade(3, 10, 12, **day(5)), trade(4, -10, 13, **day(6)), days=("20260305", "20260306")))
    journal.take(activity(trade(5, 10, 12, **day(9)), days=("20260309", "20260310")))
    for each, text in zip(journal.trades(), ("one", "two"), strict=True):
        journal.services.journal.write_note(each.key, text)
    journal.take(activity(trade(1, 100, 10, **day(2)), days=("20260301", "20260304")))
    (text,) = notes(journal)
    assert sorted(text.split("\n\n")) == ["one", "two"]
    journal.services.journal.write_note(only_trade(journal).key, "both, in my words")
    assert notes(journal) == ["both, in my words"]


def test_a_note_waits_for_its_trade_when_the_fill_vanished(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2, conid="222")))
    key = journal.trades()[0].key
    journal.services.journal.write_note(key, "mine")
    journal.take(activity(trade(2, conid="222"), generated=LATER))
    assert len(journal.trades()) == 1
    journal.services.journal.write_note(key, "mine, later")
    journal.take(activity(trade(1), trade(2, conid="222"), generated="20260321;050000"))
    assert sorted(notes(journal)) == ["", "mine, later"]


def test_a_note_survives_backup_and_restore(journal: JournalFolder, tmp_path: Path) -> None:
    journal.take(activity(trade(1)))
    journal.services.journal.write_note(only_trade(journal).key, "mine")
    journal.services.maintenance.backup(tmp_path / "copy.db")
    journal.services.journal.write_note(only_trade(journal).key, "")
    before, _changes = journal.services.maintenance.restore(tmp_path / "copy.db")
    assert notes(journal) == ["mine"]
    journal.services.maintenance.restore(before)
    assert notes(journal) == [""]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_note_written_at_any_time_is_found_after_all_files(journal: JournalFolder, order: tuple[int, ...]) -> None:
    pieces = [
        activity(trade(1, 100, 10, **day(2)), days=("20260301", "20260303"), generated="20260304;050000"),
        activity(trade(2, 50, 11, **day(4)), days=("20260304", "20260305"), generated="20260306;050000"),
        confirmation(confirm(3, -150, 12, **day(6)), day="20260306", generated="20260306;180000"),
    ]
    for number, piece in enumerate(order):
        journal.take(pieces[piece])
        if number == 0:
            journal.services.journal.write_note(journal.trades()[0].key, "mine")
    assert [text for text in notes(journal) if text] == ["mine"]


class NotesAreNeverLost(RuleBasedStateMachine):
    """Import pieces in any order, write notes, rebuild: every text ever written stays in the journal until it is changed."""

    pieces = (
        confirmation(confirm(1, 100), confirm(2, -40, 11)),
        activity(trade(1, 100), trade(2, -40, 11), trade(3, -60, 12), days=("20260302", "20260302"), generated="20260303;050000"),
        activity(trade(9, 30, 9, **day(1)), days=("20260226", "20260301"), generated="20260302;050000"),
        activity(
            trade(12, -30, 13, **day(5)), trade(13, 20, 14, **day(6)), days=("20260304", "20260306"), generated="20260307;050000"
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        import tempfile  # noqa: PLC0415 - this machine alone

        self._folder = tempfile.TemporaryDirectory()
        self.journal = JournalFolder(Path(self._folder.name) / "data")
        self.words: set[str] = set()
        self.count = 0

    @rule(piece=st.integers(0, 3))
    def take(self, piece: int) -> None:
        assert self.journal.take(self.pieces[piece]).error is None

    @rule(which=st.integers(0, 5))
    def write(self, which: int) -> None:
        trades = self.journal.trades()
        if not trades:
            return
        key = trades[which % len(trades)].key
        self.count += 1
        word = f"w{self.count}"
        before = note_of(self.journal, key)
        self.journal.services.journal.write_note(key, f"{before} {word}".strip())
        self.words.add(word)

    @rule()
    def rebuild(self) -> None:
        self.journal.services.maintenance.rebuild()

    @invariant()
    def every_word_is_there(self) -> None:
        there = " ".join(notes(self.journal)).split()
        assert sorted(there) == sorted(self.words)

    def teardown(self) -> None:
        self._folder.cleanup()


NotesAreNeverLost.TestCase.settings = settings(max_examples=15, stateful_step_count=12, deadline=None)
TestNotesAreNeverLost = NotesAreNeverLost.TestCase


def test_a_note_names_account_and_contract(journal: JournalFolder) -> None:
    journal.take(activity(trade(1)))
    assert only_trade(journal).key == f"{ACCOUNT}/111/0000aaaa.00000001.01"


def test_a_symbol_with_a_slash_and_no_contract_id_keeps_its_note(journal: JournalFolder) -> None:
    journal.take(activity(trade(1, conid=None, symbol="BRK/B"), trade(2, -100, 12, conid=None, symbol="BRK/B")))
    (before,) = journal.trades()
    journal.services.journal.write_note(before.key, "class B")
    detail = journal.services.journal.trade_detail(before.key)
    assert detail is not None
    assert detail.note is not None
    assert (detail.note.text, detail.row.instrument.symbol, len(detail.fills)) == ("class B", "BRK/B", 2)
    assert journal.services.journal.list_trades(TradeFilter()).rows[0].has_note
