from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import keyring.errors
import pytest

from ibjournal.demo.flex_answers import code_answer, html_answer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import FlexError, StoreError, UsageError
from ibjournal.flex.pacing import Cancel
from ibjournal.flex.secret import Secret
from ibjournal.services.credentials import KeyringCredentials, MemoryCredentials
from ibjournal.services.fetch_plan import FetchedDays, Window, write_fetched
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.services.keyring_calls import nobody
from ibjournal.services.sync import SyncReport
from ibjournal.store.reports import insert_report
from tests.fakes.credentials import RaisingKeyring
from tests.fakes.patience import FOREVER, SECONDS
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots, report
from tests.unit.services.flex_desk import Desk, LookingImporter

HISTORY = [
    ("1001", "20260101", "20260925"),
    ("1001", "20250101", "20251231"),
    ("1001", "20240701", "20241231"),  # a leap year has one day too many
    ("1001", "20240101", "20240630"),
    ("1001", "20230101", "20231231"),  # before the account's first day: 1003
    ("1001", "20230101", "20231229"),  # asked once more, a report day shorter
]
TODAYS_FILLS = ("1002", "20260926", "20260928")


@pytest.fixture
def service() -> Iterator[FlexService]:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        yield service


@pytest.fixture
def desk(service: FlexService, tmp_path: Path) -> Desk:
    return Desk(service, tmp_path)


def _codes(sync: SyncReport) -> list[str | None]:
    return [query.error.code if query.error else None for query in sync.queries]


def test_the_first_sync_goes_back_to_the_beginning(desk: Desk) -> None:
    sync = desk.sync(desk.add())
    assert desk.asked() == [*HISTORY, TODAYS_FILLS]
    assert sync.error is None
    assert not sync.cancelled
    assert [(query.slot, len(query.files)) for query in sync.queries] == [("activity", 4), ("confirmation", 1)]
    assert sync.changes.trades
    assert sync.changes.reports
    assert sync.queries[0].files[0].to_date == date(2026, 9, 25), "the present comes first"
    assert not [file.warnings for query in sync.queries for file in query.files if file.warnings]


def test_progress_tells_query_days_attempt_and_what_is_left(desk: Desk) -> None:
    desk.sync(desk.add())
    first = desk.steps[0]
    assert (first.step, first.subject, first.slot, first.days) == (
        "requesting", "Plain", "activity", (date(2026, 1, 1), date(2026, 9, 25)),
    )  # fmt: skip
    assert [step.left for step in desk.steps if step.done == 0 and step.slot == "activity"][-1] is None, "nothing is known yet"
    waits = [step for step in desk.steps if step.step == "generating" and step.wait]
    assert (waits[0].attempt, waits[0].wait) == (1, 5)
    second = next(step for step in desk.steps if step.done == 1)
    took = desk.clock.waits[0]
    assert second.left == pytest.approx(took * (second.total - 1), rel=0.5)
    assert [step.slot for step in desk.steps][-1] == "confirmation"
    assert {step.left is None for step in desk.steps if step.done > 0} == {False}


def test_later_syncs_overlap_by_two_weeks(desk: Desk) -> None:
    depot = desk.add()
    desk.sync(depot)
    before = len(desk.asked())
    desk.clock.advance(24 * 3600)
    assert desk.sync(depot).error is None
    assert desk.asked()[before:] == [("1001", "20260912", "20260928"), ("1002", "20260926", "20260929")]


def test_once_a_month_a_sync_looks_further_back(desk: Desk) -> None:
    depot = desk.add()
    desk.sync(depot)
    before = len(desk.asked())
    desk.clock.advance(31 * 24 * 3600)
    desk.service.script(code_answer(1003, "SendRequest"), code_answer(1003, "SendRequest"))
    assert desk.sync(depot).error is None, "nothing is published yet"
    assert desk.sync(depot).error is None
    assert desk.sync(depot).error is None
    asked = [each for each in desk.asked()[before:] if each[0] == "1001" and each[1] > "2026"]
    assert asked == [
        ("1001", "20260529", "20261028"),
        ("1001", "20260529", "20261027"),
        ("1001", "20260529", "20261028"),
        ("1001", "20260912", "20261028"),
    ]


def test_another_activity_query_starts_anew(desk: Desk) -> None:
    depot = desk.add()
    desk.sync(depot)
    draft = desk.depots.list_depots()[0]
    with desk.database.transaction() as db:
        db.execute("UPDATE depots SET activity_query='1001 ' WHERE id=?", (draft.id,))
    before = len(desk.asked())
    desk.sync(depot)
    assert desk.asked()[before][1:] == ("20260101", "20260925")


def test_history_goes_on_where_it_was_cancelled(desk: Desk) -> None:
    depot = desk.add()
    desk.importer.cancel_after = 2
    sync = desk.sync(depot)
    assert sync.cancelled
    assert sync.error is None
    assert len(sync.queries[0].files) == 2
    assert sync.queries[1].skipped
    assert sync.changes.trades
    before = len(desk.asked())
    desk.importer.cancel_after = None
    assert not desk.sync(depot).cancelled
    assert desk.asked()[before:] == [("1001", "20260912", "20260925"), *HISTORY[2:], TODAYS_FILLS]


def test_cancelled_before_it_began(desk: Desk) -> None:
    cancel = CancelToken()
    cancel.cancel()
    sync = desk.sync(desk.add(), cancel=cancel)
    assert sync.cancelled
    assert not sync.changes
    assert desk.asked() == []


@pytest.mark.parametrize(
    ("number", "code"), [(1012, "token_expired"), (1015, "token_invalid"), (1013, "ip_restricted"), (1025, "locked_out")]
)
def test_a_token_that_is_refused_ends_it_for_both_queries(desk: Desk, number: int, code: str) -> None:
    desk.service.script(code_answer(number))
    sync = desk.sync(desk.add())
    assert sync.error is not None
    assert sync.error.code == code
    known = next(each for each in desk.depots.list_depots() if each.id == sync.depot)
    assert (sync.error.values["depot"], sync.error.values["query"]) == (known.name, known.activity_query)
    assert _codes(sync) == [code, None]
    assert sync.queries[1].skipped
    assert len(desk.service.requests) == 1
    assert not sync.changes


def test_after_a_renewal_the_failed_sync_goes_on(desk: Desk) -> None:
    depot = desk.add()
    desk.service.expire_token(PLAIN_TOKEN)
    assert _codes(desk.sync(depot)) == ["token_expired", None]
    new = "577215664901532860606512"
    desk.service.issue_token("plain", new)
    desk.depots.renew((depot,), new, date(2027, 9, 28))
    assert desk.sync(depot).error is None


def test_a_token_that_was_replaced_in_the_midst_is_taken_up(desk: Desk) -> None:
    depot = desk.add()
    new = "577215664901532860606512"

    class Renewing(LookingImporter):
        """The user gives the new token while the first report is taken in; IBKR lets the old one die."""

        def import_report(self, *args: Any, **kwargs: Any) -> ImportedFile:
            if not self.taken:
                desk.service.expire_token(PLAIN_TOKEN)
                desk.service.issue_token("plain", new)
                desk.credentials.set(depot, Secret(new))
            return super().import_report(*args, **kwargs)

    desk.sync_service._importer = Renewing()
    assert desk.sync(depot).error is None
    tokens = [request.params["t"] for request in desk.service.requests if request.action == "SendRequest"]
    assert tokens.count(PLAIN_TOKEN) == 2, "once well, once refused"
    assert set(tokens[2:]) == {new}
    assert [each for each in desk.asked() if each == HISTORY[1]] == [HISTORY[1]] * 2, "what failed is asked for with the new one"


@pytest.mark.parametrize("trouble", ["", "get"])
def test_without_another_token_a_refusal_is_the_end(service: FlexService, tmp_path: Path, trouble: str) -> None:
    ring = RaisingKeyring(keyring.errors.KeyringLocked, when=())
    desk = Desk(service, tmp_path, credentials=KeyringCredentials("j", backend=ring))
    depot = desk.add()

    def refused(step: Progress) -> None:
        if step.step == "requesting":
            ring.when = (trouble,)

    service.expire_token(PLAIN_TOKEN)
    sync = desk.sync_service.sync_depot(depot, progress=refused)
    assert _codes(sync) == ["token_expired", None]
    assert len(service.requests) == 1


@pytest.mark.parametrize("slot", [0, 1])
def test_one_failing_query_does_not_lose_the_others_report(desk: Desk, slot: int) -> None:
    depot = desk.add(activity="9999" if slot == 0 else "1001", confirmation="9999" if slot == 1 else "1002")
    sync = desk.sync(depot)
    assert sync.error is not None
    assert sync.error.code == "query_invalid"
    assert _codes(sync)[slot] == "query_invalid"
    assert _codes(sync)[1 - slot] is None
    assert sync.queries[1 - slot].files


def test_the_error_for_the_user_is_told_before_one_that_may_pass(desk: Desk) -> None:
    depot = desk.add(confirmation="9999")
    desk.service.script(html_answer("SendRequest"))
    sync = desk.sync(depot)
    assert _codes(sync) == ["html_answer", "query_invalid"]
    assert sync.error is not None
    assert sync.error.code == "query_invalid"


def test_swapped_queries_are_noticed_after_the_first_report(desk: Desk) -> None:
    sync = desk.sync(desk.add(activity="1002", confirmation="1001"))
    assert _codes(sync) == ["wrong_report_type", "wrong_report_type"]
    assert len(desk.asked()) == 2
    assert sync.changes.reports
    assert not sync.changes.trades


def test_a_quiet_day_is_no_failure(desk: Desk) -> None:
    desk.service.script(*[code_answer(1003, "SendRequest") for _ in range(4)])
    sync = desk.sync(desk.add(activity=""))
    assert sync.error is None
    assert sync.queries[0].skipped
    assert sync.queries[1].files == ()
    assert desk.asked() == [("1002", "20260922", "20260928"), ("1002", "20260922", "20260925")]


def test_a_statement_that_is_not_out_yet_is_asked_for_a_day_shorter(desk: Desk) -> None:
    depot = desk.add()
    desk.sync(depot)
    desk.clock.advance(24 * 3600)
    before = len(desk.asked())
    desk.service.script(code_answer(1003, "GetStatement"))
    assert desk.sync(depot).error is None
    assert desk.asked()[before : before + 2] == [("1001", "20260912", "20260928"), ("1001", "20260912", "20260925")]


def test_a_window_of_today_that_is_empty_is_asked_again_next_time(desk: Desk) -> None:
    depot = desk.add()
    desk.service.script(*[code_answer(1003, "SendRequest") for _ in range(2)])
    desk.sync(depot)
    before = len(desk.asked())
    desk.sync(depot)
    assert desk.asked()[before] == HISTORY[0]


def test_an_empty_year_is_asked_for_again_a_month_later(desk: Desk) -> None:
    depot = desk.add()
    desk.service.script(*[code_answer(1003, "GetStatement") for _ in range(4)])  # nothing this year, nor the year before
    desk.sync(depot)
    assert [window[1] for window in desk.asked() if window[0] == "1001"] == ["20260101", "20260101", "20250101", "20250101"]
    before = len(desk.asked())
    desk.sync(depot)
    assert desk.asked()[before:] == [HISTORY[0], TODAYS_FILLS]
    desk.clock.advance(31 * 86400)
    before = len(desk.asked())
    desk.sync(depot)
    assert desk.asked()[before + 1 : before + 3] == HISTORY[1:3], "it was IBKR's mistake: the history is there"


class NoFillsSource(PlainSource):
    """Has Activity up to yesterday and no confirmation."""

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        return report("AF", accounts, from_date, to_date, generated_at)

    def confirmation_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        return None


def test_a_single_day_without_fills_is_asked_for_once(tmp_path: Path) -> None:
    with FlexService(NoFillsSource(), depots=plain_depots(), pacing=None) as service:
        desk = Desk(service, tmp_path)
        desk.clock.advance(86400)
        sync = desk.sync(desk.add())
        assert sync.error is None
        assert [window for window in desk.asked() if window[0] == "1002"] == [("1002", "20260929", "20260929")]


def _confirmed(desk: Desk, depot: DepotId, start: str, end: str) -> None:
    with desk.database.transaction() as db:
        number = insert_report(db, sha256=end, archive_file="", size=1, received_at=0, depot=depot, reader_version=1)
        db.execute("UPDATE reports SET type='TCF', from_date=?, to_date=? WHERE id=?", (start, end, number))


@pytest.mark.parametrize(
    ("last", "start"),
    [("2026-09-08", "20260908"), ("2026-09-25", "20260922"), ("2024-01-02", "20250929")],
    ids=["three weeks ago", "within the week", "too long ago"],
)
def test_without_activity_confirmations_go_on_from_the_last_one(desk: Desk, last: str, start: str) -> None:
    """A confirmation was made before its last day was over; IBKR takes 365 days."""
    depot = desk.add(activity="")
    _confirmed(desk, depot, "2023-12-01", last)
    assert desk.sync(depot).error is None
    assert desk.asked() == [("1002", start, "20260928")]


def test_without_activity_and_confirmations_a_week_is_asked_for(desk: Desk) -> None:
    desk.sync(desk.add(activity=""))
    assert desk.asked() == [("1002", "20260922", "20260928")]


class HoleSource(PlainSource):
    """Has nothing for one year amid the history."""

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        if from_date.year == 2025:
            return None
        return super().activity_xml(accounts, from_date, to_date, generated_at=generated_at)


def test_a_year_without_statements_amid_the_history_is_passed(tmp_path: Path) -> None:
    with FlexService(HoleSource(), depots=plain_depots(), pacing=None) as service:
        desk = Desk(service, tmp_path)
        depot = desk.add()
        older = FetchedDays(query="1001", windows=(Window(date(2024, 6, 1), date(2024, 12, 31)),), looked_back=date(2026, 9, 28))
        write_fetched(desk.database, depot, "activity", older)
        assert desk.sync(depot).error is None
        starts = [start for query, start, _end in desk.asked() if query == "1001"]
        assert starts == ["20260101", "20250101", "20250101", "20241218", "20240101", "20230101", "20230101"]


def test_a_report_without_days_is_taken_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in = desk.importer.import_report

    def without_days(*args: Any, **kwargs: Any) -> ImportedFile:
        return replace(take_in(*args, **kwargs), from_date=None, to_date=None)

    monkeypatch.setattr(desk.importer, "import_report", without_days)
    depot = desk.add()
    assert desk.sync(depot).error is None
    before = len(desk.asked())
    desk.sync(depot)
    assert desk.asked()[before:][0] == HISTORY[0], "what was not told is asked for again, but for the years that are past"
    assert len(desk.asked()) - before < len(HISTORY) + 1


@pytest.mark.parametrize("call", ["start_run", "end_run"])
def test_a_database_that_cannot_be_written_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def locked(*_args: object, **_values: object) -> None:
        raise StoreError("database_locked", file="journal.db")

    depot = desk.add()
    monkeypatch.setattr(f"ibjournal.services.sync.{call}", locked)
    sync = desk.sync(depot)
    assert sync.error is not None
    assert sync.error.code == "database_locked"
    assert bool(sync.queries) is (call == "end_run")


class OneDaySource(PlainSource):
    """Answers with the last day alone, whatever was asked for."""

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        last = min(to_date, date(2026, 9, 25))
        return report("AF", accounts, last, last, generated_at)


def test_a_range_that_fell_to_a_day_is_warned_of_and_asked_for_again(tmp_path: Path) -> None:
    with FlexService(OneDaySource(), depots=plain_depots(), pacing=None) as service:
        desk = Desk(service, tmp_path)
        depot = desk.add()
        sync = desk.sync(depot)
        assert [warning.code for file in sync.queries[0].files for warning in file.warnings] == 6 * ["range_not_honoured"]
        values = dict(sync.queries[0].files[0].warnings[0].values)
        assert values["asked_from"] == date(2026, 1, 1)
        assert values["from"] == date(2026, 9, 25)
        before = len(desk.asked())
        desk.sync(depot)
        assert ("1001", "20260101", "20260925") in desk.asked()[before:]


def test_a_depot_fed_by_files_has_nothing_to_fetch(desk: Desk) -> None:
    sync = desk.sync(desk.add(activity="", confirmation="", token=""))
    assert sync.error is None
    assert all(query.skipped for query in sync.queries)


def test_a_depot_without_its_token_says_so(desk: Desk) -> None:
    sync = desk.sync(desk.add(token=""))
    assert sync.error is not None
    assert sync.error.code == "token_missing"
    assert desk.asked() == []


def test_a_locked_keyring_is_told(service: FlexService, tmp_path: Path) -> None:
    locked = KeyringCredentials("j", backend=RaisingKeyring(keyring.errors.KeyringLocked))
    desk = Desk(service, tmp_path, credentials=locked)
    sync = desk.sync(desk.add(token=""))
    assert sync.error is not None
    assert sync.error.code == "keyring_locked"


def test_an_unknown_depot_is_refused(desk: Desk) -> None:
    with pytest.raises(UsageError) as caught:
        desk.sync(DepotId(77))
    assert caught.value.code == "unknown_depot"


def test_a_full_disk_ends_it(desk: Desk) -> None:
    desk.importer.raises = StoreError("disk_full", file="x")
    sync = desk.sync(desk.add())
    assert sync.error is not None
    assert sync.error.code == "disk_full"
    assert sync.queries[1].skipped
    assert len(desk.asked()) == 1


def test_progress_is_told_with_the_depots_name(desk: Desk) -> None:
    desk.sync(desk.add("Income"))
    assert {step.subject for step in desk.steps} == {"Income"}
    names = [step.step for step in desk.steps if step.step not in {"downloading", "pacing"}]  # told where an answer takes its time
    assert names[:2] == ["requesting", "generating"]
    assert {"archiving", "reading", "storing", "matching"} <= set(names)
    fractions = [step.fraction for step in desk.steps if step.fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] < 1


def _runs(desk: Desk) -> list[tuple[str, str, dict[str, object] | None, list[dict[str, object]]]]:
    with desk.database.reading() as db:
        rows = db.execute("SELECT kind, result, error, steps FROM sync_runs ORDER BY id").fetchall()
    return [(kind, result, json.loads(error) if error else None, json.loads(steps)) for kind, result, error, steps in rows]


def test_every_sync_is_on_record(desk: Desk) -> None:
    depot = desk.add()
    desk.sync(depot)
    desk.service.script(code_answer(1013))
    desk.sync(depot)
    desk.importer.cancel_after = len(desk.importer.taken) + 1
    desk.sync(depot)
    ok, failed, cancelled = _runs(desk)
    assert ok[:3] == ("sync", "ok", None)
    assert [(step["name"], step["result"]) for step in ok[3]] == [("activity", "ok"), ("confirmation", "ok")]
    assert failed[1] == "failed"
    assert failed[2] is not None
    assert failed[2]["code"] == "ip_restricted"
    assert [(step["name"], step["result"]) for step in failed[3]] == [("activity", "failed"), ("confirmation", "skipped")]
    assert cancelled[1] == "cancelled"
    assert [(step["name"], step["result"]) for step in cancelled[3]] == [("activity", "ok"), ("confirmation", "cancelled")]


def test_depots_that_share_a_token_come_after_one_another(desk: Desk) -> None:
    first, second = desk.add("One"), desk.add("Two")
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(desk.sync_service.sync_depot, (first, second)))
    assert [each.error for each in reports] == [None, None]
    calls = [request.action for request in desk.service.requests if request.code is None]
    assert calls.count("SendRequest") == 2 * (len(HISTORY) + 1)
    order = [request.action for request in desk.service.requests]
    assert order == ["SendRequest", "GetStatement"] * (len(order) // 2), "one statement at a time"


def test_the_day_is_new_yorks(desk: Desk) -> None:
    desk.clock.set_wall_clock(datetime(2026, 9, 29, 3, 30, tzinfo=UTC))
    desk.sync(desk.add())
    assert desk.asked()[0] == HISTORY[0], "in New York it is still Monday"


def test_a_planted_token_is_in_no_file(desk: Desk) -> None:
    depot = desk.add()
    desk.sync(depot)
    desk.service.script(*[code_answer(1015) for _ in range(3)])
    desk.sync(depot)
    desk.clock.advance(timedelta(days=2).total_seconds())
    files = [path for path in desk.folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if PLAIN_TOKEN.encode() in path.read_bytes()]


class WaitingCredentials(MemoryCredentials):
    """A keyring that asks its user for a password, and tells so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()

    def get(self, depot: DepotId, *, cancel: Cancel | None = None, waiting: Callable[[], None] = nobody) -> Secret | None:
        waiting()
        self.asked.set()
        assert cancel is not None
        cancel.sleep(FOREVER)
        return super().get(depot)


def test_waiting_for_the_keyring_is_told_and_can_be_cancelled(service: FlexService, tmp_path: Path) -> None:
    credentials = WaitingCredentials()
    desk = Desk(service, tmp_path, credentials=credentials)
    depot = desk.add()
    cancel = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(desk.sync, depot, cancel=cancel)
        assert credentials.asked.wait(SECONDS)
        cancel.cancel()
        report = running.result(SECONDS)
    assert (report.cancelled, report.error) == (True, None)
    assert [(step.step, step.subject) for step in desk.steps] == [("asking_keyring", "Plain")]
    assert desk.asked() == []
    assert [run[1] for run in _runs(desk)] == ["cancelled"]


def test_a_depot_that_is_passed_over_is_on_record(desk: Desk) -> None:
    depot = desk.add("Other")
    report = desk.sync_service.not_asked(depot, FlexError("token_expired", depot="Plain", number=1012))
    assert report.error is not None
    assert report.error.values == {"depot": "Other", "number": 1012, "asked": False}
    ((_kind, result, error, steps),) = _runs(desk)
    assert (result, error) == ("failed", {"code": "token_expired", "values": report.error.values})
    assert [(step["name"], step["result"]) for step in steps] == [("activity", "skipped"), ("confirmation", "skipped")]
    assert desk.asked() == []
    with pytest.raises(UsageError):
        desk.sync_service.not_asked(DepotId(99), FlexError("token_expired"))
