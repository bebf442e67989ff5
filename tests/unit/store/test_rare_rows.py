"""Rows that are seldom: of damaged databases, of templates without ids, of folders that cannot be read."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId, ExecutionStatus
from ibjournal.domain.instrument import InstrumentId
from ibjournal.store import executions as executions_module
from ibjournal.store.archive import Archive
from ibjournal.store.contradictions import told_ends
from ibjournal.store.database import Database
from ibjournal.store.executions import distinct, executions_of
from ibjournal.store.fill_figures import fill_figures
from ibjournal.store.positions import position_day
from ibjournal.store.provenance import place_of_fill, rows_of_actions
from ibjournal.store.salvage import Salvaged, bring_set_up, bring_words, salvage
from ibjournal.store.statistics import names_known
from tests.fakes.builders import make_execution
from tests.fakes.flex_reports import ACCOUNT, activity, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

MINE = AccountId(ACCOUNT)


@pytest.fixture
def database(journal: JournalFolder) -> Database:
    return Database(journal.paths.database)


# --- what comes out of a damaged database ------------------------------------------------------------------------

NOTE: dict[str, Any] = {"account": ACCOUNT, "instrument": "111", "execution": "E1", "text": "mine", "changed_at": 100}
CHOICE: dict[str, Any] = {
    "id": 1, "account": ACCOUNT, "underlying": "111", "kind": "named", "name": "x", "executions": "[]", "changed_at": 100,
}  # fmt: skip


def texts(database: Database) -> list[str]:
    with database.reading() as db:
        return [text for (text,) in db.execute("SELECT text FROM notes")]


@pytest.mark.parametrize("damage", [{"changed_at": None}, {"changed_at": b"\xff"}, {"changed_at": "soon"}, {"text": None}])
def test_a_note_that_lost_a_part_of_itself_takes_the_place_of_none(database: Database, damage: dict[str, Any]) -> None:
    with database.transaction() as db:
        assert bring_words(db, Salvaged(rows={"notes": [NOTE]})).notes == ((ACCOUNT, "111", "E1"),)
    broken = NOTE | {"text": "later", "changed_at": 200} | damage
    with database.transaction() as db:
        assert bring_words(db, Salvaged(rows={"notes": [broken, broken | {"execution": "E2"}]})).notes == ()
    assert texts(database) == ["mine"]


def test_what_was_said_comes_once_and_only_whole(database: Database) -> None:
    told = Salvaged(rows={"campaign_choices": [CHOICE, CHOICE | {"id": 2, "kind": None}]})
    with database.transaction() as db:
        assert bring_words(db, told).decisions == 1
        assert bring_words(db, told).decisions == 0


def test_what_points_to_a_lost_depot_points_to_none(database: Database) -> None:
    rows: dict[str, list[dict[str, object]]] = {
        "accounts": [{"account": ACCOUNT, "depot": "gone", "information": "{}"}, {"account": None, "depot": None}]
    }
    with database.transaction() as db:
        bring_set_up(db, Salvaged(rows=rows))
        assert db.execute("SELECT account, depot FROM accounts").fetchall() == [(ACCOUNT, None)]


def test_a_model_that_is_not_there_lends_no_first_page(tmp_path: Path) -> None:
    """What could be read without it stays what was found."""
    source = tmp_path / "journal.db"
    source.write_bytes(b"\xff" * 5000)
    found = salvage(source, ["notes"], model=tmp_path / "nowhere" / "copy.db")
    assert (dict(found.rows), found.incomplete) == ({"notes": []}, ("notes",))


# --- fills of templates without ids ------------------------------------------------------------------------------


def test_fills_of_one_id_are_told_apart_and_those_that_do_not_count_keep_theirs() -> None:
    fills = [make_execution(1), make_execution(1, 50), make_execution(1, status=ExecutionStatus.CANCELLED), make_execution(2)]
    assert [each.id for each in distinct(fills)] == ["E1", "E1~2", "E1", "E2"]


def test_figures_of_fills_of_one_id_are_told_apart(journal: JournalFolder, database: Database) -> None:
    journal.take(activity(trade(1), trade(2)))
    journal.change("UPDATE executions SET uid=(SELECT min(uid) FROM executions)")
    with database.reading() as db:
        ids = [each.id for each in fill_figures(db, MINE)]
    assert [each.partition("~")[2] for each in ids] == ["", "2"]


def test_how_many_amounts_are_remembered_changes_none(
    journal: JournalFolder, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.take(activity(*(trade(number, number, 10 + number) for number in range(1, 5))))
    with database.reading() as db:
        before = executions_of(db, MINE, InstrumentId("111"))
        monkeypatch.setattr(executions_module, "_MOST_DECIMALS", 2)
        assert executions_of(db, MINE, InstrumentId("111")) == before


def test_an_execution_is_found_by_its_account_and_id(journal: JournalFolder, database: Database) -> None:
    journal.take(activity(trade(1), trade(2, conid="222", symbol="BETA")))
    journal.change("UPDATE executions SET uid='same'")
    with database.reading() as db:
        uid = ExecutionId("same")
        assert place_of_fill(db, MINE, uid, InstrumentId("222")) == "222"
        assert place_of_fill(db, MINE, uid, InstrumentId("111")) == "111"
        assert place_of_fill(db, MINE, uid) in {"111", "222"}
        assert place_of_fill(db, MINE, ExecutionId("nobody's")) is None


# --- sections ----------------------------------------------------------------------------------------------------


def test_corporate_actions_are_found_with_their_rows(journal: JournalFolder, database: Database) -> None:
    told = {"accountId": ACCOUNT, "conid": "111", "symbol": "ACME", "assetCategory": "STK", "currency": "USD", "quantity": 5}
    actions = [
        row("CorporateAction", **told, type="RI", actionID=number, transactionID=number, dateTime=f"2026030{day};202500")
        for number, day in (("77", 5), ("78", 4))
    ]
    journal.take(report(statement(section("CorporateActions", *actions))))
    with database.reading() as db:
        assert [action for _key, action, _row in rows_of_actions(db, MINE, InstrumentId("111"))] == ["78", "77"]
        assert rows_of_actions(db, MINE, InstrumentId("222")) == ()


def test_a_balance_without_both_ends_is_no_end(journal: JournalFolder, database: Database) -> None:
    values = [
        row("CashReportCurrency", accountId=ACCOUNT, currency="USD", startingCash="10"),
        row("CashReportCurrency", accountId=ACCOUNT, currency="EUR", startingCash="10", endingCash="20"),
    ]
    journal.take(report(statement(section("CashReport", *values))))
    with database.reading() as db:
        assert [(each.first, each.last) for each in told_ends(db, MINE)] == [("10", "20")]


HELD = row("OpenPosition", accountId=ACCOUNT, conid="111", symbol="ACME", currency="USD", position="5")


@pytest.mark.parametrize(("empty_made", "day"), [("20260312;050000", date(2026, 3, 10)), ("20260310;050000", date(2026, 3, 9))])
def test_an_empty_section_counts_unless_a_later_report_of_those_days_has_rows(
    journal: JournalFolder, database: Database, empty_made: str, day: date
) -> None:
    rows = statement(section("OpenPositions", HELD), days=("20260301", "20260309"), generated="20260311;050000")
    empty = statement(section("OpenPositions"), days=("20260301", "20260310"), generated=empty_made)
    journal.take(report(rows), "rows.xml")
    journal.take(report(empty), "empty.xml")
    with database.reading() as db:
        assert position_day(db, MINE) == day


def test_names_are_known_also_where_an_account_tells_none(journal: JournalFolder, database: Database) -> None:
    journal.take(report(statement(row("AccountInformation", accountId=ACCOUNT, currency="USD", name="Erika Mustermann"))))
    with database.reading() as db:
        assert "Erika Mustermann" in names_known(db)
    journal.change("UPDATE accounts SET information='[]'")
    with database.reading() as db:
        assert "Erika Mustermann" not in names_known(db)


def test_a_folder_that_cannot_be_looked_into_holds_no_reports(tmp_path: Path) -> None:
    assert Archive(tmp_path / ("x" * 300)).names() == ()
    assert Archive(tmp_path / "nowhere").names() == ()
