from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import keyring.errors
import pytest

from ibjournal.demo.flex_answers import ScriptedAnswer, code_answer, html_answer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.errors import Cancelled, CredentialError, FlexError, UsageError
from ibjournal.flex.secret import Secret
from ibjournal.services.credentials import KeyringCredentials, SessionFallback
from ibjournal.services.depots import DepotDraft
from ibjournal.services.fetch_plan import FetchedDays, Window, read_fetched, write_fetched
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.store.depots import assign_account
from tests.fakes.credentials import DictKeyring, RaisingKeyring, no_keyring
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots, report
from tests.unit.services.flex_desk import Desk

NEW = "577215664901532860606512"
DRAFT = DepotDraft(
    name="Income", activity_query="1001", confirmation_query="1002", token=PLAIN_TOKEN, token_expires=date(2027, 1, 1)
)


@pytest.fixture
def service() -> Iterator[FlexService]:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as service:
        yield service


@pytest.fixture
def desk(service: FlexService, tmp_path: Path) -> Desk:
    return Desk(service, tmp_path)


def _draft(name: str = "Income", *, activity: str = "1001", confirmation: str = "1002", token: str = "") -> DepotDraft:
    return DepotDraft(name=name, activity_query=activity, confirmation_query=confirmation, token=token)


def test_a_depot_is_added(desk: Desk) -> None:
    depot, changes = desk.depots.add(DRAFT)
    assert changes.depots
    (known,) = desk.depots.list_depots()
    assert (known.id, known.name, known.activity_query, known.confirmation_query) == (depot, "Income", "1001", "1002")
    assert known.token_expires == date(2027, 1, 1)
    assert desk.credentials.get(depot) == Secret(PLAIN_TOKEN)


def test_what_was_pasted_is_cleaned(desk: Desk) -> None:
    pasted = f" {PLAIN_TOKEN[:6]} {PLAIN_TOKEN[6:]}\n"
    depot, _ = desk.depots.add(
        DepotDraft(
            name="  My\n Depot ",
            activity_query=" 10 01\n",
            confirmation_query="\u200b1002",
            token=pasted,
        )
    )
    (known,) = desk.depots.list_depots()
    assert (known.name, known.activity_query, known.confirmation_query) == ("My Depot", "1001", "1002")
    assert desk.credentials.get(depot) == Secret(PLAIN_TOKEN)


NAMES = [
    ("", "name_missing"),
    ("  \n", "name_missing"),
    ("INCOME ", "name_taken"),
    (f"my {PLAIN_TOKEN[:8]} {PLAIN_TOKEN[8:]}", "name_is_token"),
]


@pytest.mark.parametrize(("name", "code"), NAMES)
def test_names_are_there_and_different(desk: Desk, name: str, code: str) -> None:
    depot, _ = desk.depots.add(DRAFT)
    other, _ = desk.depots.add(_draft("Other"))
    for ask in (lambda: desk.depots.add(_draft(name)), lambda: desk.depots.edit(other, _draft(name))):
        with pytest.raises(UsageError) as caught:
            ask()
        assert caught.value.code == code
    desk.depots.edit(depot, _draft("income"))


def test_a_token_that_cannot_be_kept_makes_no_depot(service: FlexService, tmp_path: Path) -> None:
    ring = RaisingKeyring(keyring.errors.KeyringLocked)
    desk = Desk(service, tmp_path, credentials=SessionFallback(KeyringCredentials("j", backend=ring)))
    with pytest.raises(CredentialError) as caught:
        desk.depots.add(DRAFT)
    assert caught.value.code == "keyring_locked"
    assert desk.depots.list_depots() == ()
    printed = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert PLAIN_TOKEN not in printed


def test_without_a_keyring_the_token_lives_for_this_session(service: FlexService, tmp_path: Path) -> None:
    desk = Desk(service, tmp_path, credentials=SessionFallback(KeyringCredentials("j", backend=no_keyring())))
    desk.depots.add(DRAFT)
    (state,) = desk.depots.depot_states()
    assert state.has_token
    assert not state.token_kept
    assert state.token_digits == 24


def test_a_depot_fed_by_files_needs_no_token(desk: Desk) -> None:
    desk.depots.add(DepotDraft(name="Old files"))
    (state,) = desk.depots.depot_states()
    assert not state.has_token
    assert not state.token_kept
    assert state.token_digits == 0


def test_editing_without_a_token_keeps_the_one_that_is_there(desk: Desk) -> None:
    depot, _ = desk.depots.add(DRAFT)
    assert desk.depots.edit(depot, _draft("Renamed", activity="2001")).depots
    (known,) = desk.depots.list_depots()
    assert (known.name, known.activity_query, known.token_expires) == ("Renamed", "2001", None)
    assert desk.credentials.get(depot) == Secret(PLAIN_TOKEN)
    desk.depots.edit(depot, _draft("Renamed", token=NEW))
    assert desk.credentials.get(depot) == Secret(NEW)


def test_mending_a_depot_lets_requests_through_again(desk: Desk) -> None:
    depot, _ = desk.depots.add(_draft(activity="9999", confirmation="", token=PLAIN_TOKEN))
    for _ in range(7):
        desk.sync(depot)
    assert len(desk.asked()) == 5
    desk.depots.edit(depot, _draft(confirmation=""))
    assert desk.sync(depot).error is None


def test_a_keyring_that_locks_itself_does_not_undo_an_edit(service: FlexService, tmp_path: Path) -> None:
    ring = RaisingKeyring(keyring.errors.KeyringLocked, when=())
    desk = Desk(service, tmp_path, credentials=KeyringCredentials("j", backend=ring))
    depot, _ = desk.depots.add(_draft())
    desk.depots.edit(depot, _draft("Without a token"))
    ring.when = ("get",)
    desk.depots.edit(depot, _draft("Renamed"))
    assert desk.depots.list_depots()[0].name == "Renamed"


def test_a_locked_keyring_does_not_stop_a_depot_without_a_token(service: FlexService, tmp_path: Path) -> None:
    ring = RaisingKeyring(keyring.errors.KeyringLocked)
    desk = Desk(service, tmp_path, credentials=KeyringCredentials("j", backend=ring))
    desk.depots.add(_draft())
    assert len(desk.depots.list_depots()) == 1


def test_removing_takes_the_token_along(desk: Desk) -> None:
    depot, _ = desk.depots.add(DRAFT)
    write_fetched(
        desk.database, depot, "activity", FetchedDays(query="1001", windows=(Window(date(2026, 1, 1), date(2026, 1, 2)),))
    )
    desk.depots.remove(depot)
    assert desk.depots.list_depots() == ()
    assert desk.credentials.get(depot) is None
    assert read_fetched(desk.database, depot, "activity", "1001").windows == ()


def test_what_a_removed_depot_brought_stays_as_a_depot_fed_by_files(desk: Desk) -> None:
    depot, _ = desk.depots.add(DRAFT)
    with desk.database.transaction() as db:
        assign_account(db, AccountId("U1234567"), depot)
    desk.depots.remove(depot)
    (known,) = desk.depots.list_depots()
    assert known.from_files
    assert (known.name, known.activity_query, known.confirmation_query, known.token_expires) == ("Income", "", "", None)
    assert known.accounts == ("U1234567",)
    assert desk.credentials.get(depot) is None
    desk.depots.edit(depot, DRAFT)
    assert not desk.depots.list_depots()[0].from_files, "with queries it is a depot like any other again"


def test_a_token_that_cannot_be_forgotten_keeps_the_depot(service: FlexService, tmp_path: Path) -> None:
    ring = RaisingKeyring(keyring.errors.KeyringLocked, when=())
    desk = Desk(service, tmp_path, credentials=KeyringCredentials("j", backend=ring))
    depot, _ = desk.depots.add(DRAFT)
    ring.when = ("delete",)
    with pytest.raises(CredentialError):
        desk.depots.remove(depot)
    assert desk.depots.list_depots()[0].activity_query == "1001"


def test_a_new_depot_does_not_inherit_the_token_of_an_old_one(service: FlexService, tmp_path: Path) -> None:
    ring = DictKeyring()
    desk = Desk(service, tmp_path, credentials=KeyringCredentials("j", backend=ring))
    ring.kept["ibjournal", "j/1"] = "left over"
    depot, _ = desk.depots.add(_draft())
    assert depot == 1
    assert desk.credentials.get(depot) is None


@pytest.mark.parametrize("call", ["edit", "remove", "pause", "renew"])
def test_unknown_depots_are_refused(desk: Desk, call: str) -> None:
    nobody = DepotId(99)
    calls = {
        "edit": lambda: desk.depots.edit(nobody, DRAFT),
        "remove": lambda: desk.depots.remove(nobody),
        "pause": lambda: desk.depots.pause(nobody, paused=True),
        "renew": lambda: desk.depots.renew((nobody,), NEW, None),
    }
    with pytest.raises(UsageError) as caught:
        calls[call]()
    assert caught.value.code == "unknown_depot"


def test_order_and_pause(desk: Desk) -> None:
    one, two, three = (desk.depots.add(_draft(name))[0] for name in ("One", "Two", "Three"))
    desk.depots.reorder((three, one))
    assert [depot.id for depot in desk.depots.list_depots()] == [three, one, two]
    desk.depots.pause(one, paused=True)
    assert [depot.paused for depot in desk.depots.list_depots()] == [False, True, False]
    desk.depots.pause(one, paused=False)
    assert not any(depot.paused for depot in desk.depots.list_depots())


def test_depots_that_share_a_token_are_told(desk: Desk) -> None:
    one, _ = desk.depots.add(DRAFT)
    two, _ = desk.depots.add(_draft("Two", token=PLAIN_TOKEN))
    three, _ = desk.depots.add(_draft("Three", token=NEW))
    four, _ = desk.depots.add(_draft("Four"))
    assert desk.depots.sharing_token(one) == (two,)
    assert desk.depots.sharing_token(three) == ()
    assert desk.depots.sharing_token(four) == ()
    assert [state.shares_token_with for state in desk.depots.depot_states()] == [(two,), (one,), (), ()]


def test_a_keyring_that_cannot_be_asked_does_not_hide_the_depots(service: FlexService, tmp_path: Path) -> None:
    ring = RaisingKeyring(keyring.errors.KeyringLocked, when=())
    desk = Desk(service, tmp_path, credentials=KeyringCredentials("j", backend=ring))
    desk.depots.add(DRAFT)
    ring.when = ("get",)
    (state,) = desk.depots.depot_states()
    assert not state.has_token
    assert state.credential_error is not None
    assert state.credential_error.code == "keyring_locked"


def test_the_last_syncs_error_is_remembered(desk: Desk) -> None:
    depot, _ = desk.depots.add(DRAFT)
    assert desk.depots.depot_states()[0].last_error == ""
    desk.service.script(code_answer(1013))
    desk.sync(depot)
    assert desk.depots.depot_states()[0].last_error == "ip_restricted"
    desk.sync(depot)
    assert desk.depots.depot_states()[0].last_error == ""


# --- test --------------------------------------------------------------------------------------------------------


def test_both_queries_are_tested_and_nothing_is_kept(desk: Desk) -> None:
    steps: list[Progress] = []
    activity, confirmation = desk.depots.test(DRAFT, progress=steps.append)
    assert (activity.slot, activity.query, activity.error, activity.type) == ("activity", "1001", None, "AF")
    assert activity.accounts == ("U1234567",)
    assert (activity.from_date, activity.to_date) == (date(2026, 9, 19), date(2026, 9, 25))
    assert activity.sections == (("Trades", 0),)
    assert (confirmation.slot, confirmation.error, confirmation.type) == ("confirmation", None, "TCF")
    assert confirmation.to_date == date(2026, 9, 28)
    assert desk.depots.list_depots() == ()
    assert not list((desk.folder / "fetching").iterdir())
    assert {step.subject for step in steps} == {"Income"}


class _TodaySource(PlainSource):
    """Answers with one day, whatever was asked for."""

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        return report("AF", accounts, to_date, to_date, generated_at)


def test_a_query_that_falls_to_a_day_is_noticed(tmp_path: Path) -> None:
    with FlexService(_TodaySource(), depots=plain_depots(), pacing=None) as service:
        activity, confirmation = Desk(service, tmp_path).depots.test(DRAFT)
    assert [warning.code for warning in activity.warnings] == ["range_not_honoured"]
    assert confirmation.warnings == ()


def test_a_depot_is_tested_with_the_token_it_holds(desk: Desk) -> None:
    depot, _ = desk.depots.add(DRAFT)
    assert [each.error for each in desk.depots.test(_draft(), depot=depot)] == [None, None]


def test_without_a_token_there_is_nothing_to_test(desk: Desk) -> None:
    for depot in (None, desk.depots.add(_draft())[0]):
        with pytest.raises(CredentialError) as caught:
            desk.depots.test(_draft(), depot=depot)
        assert caught.value.code == "token_missing"


def test_swapped_ids_are_recognised(desk: Desk) -> None:
    results = desk.depots.test(_draft(activity="1002", confirmation="1001", token=PLAIN_TOKEN))
    assert [each.error.code if each.error else None for each in results] == 2 * ["wrong_report_type"]
    assert [each.type for each in results] == ["TCF", "AF"]
    assert results[0].error is not None
    assert results[0].error.values == {"expected": "AF", "found": "TCF"}


def test_a_wrong_id_is_told_apart_from_the_right_one(desk: Desk) -> None:
    activity, confirmation = desk.depots.test(_draft(activity="9999", token=PLAIN_TOKEN))
    assert activity.error is not None
    assert activity.error.code == "query_invalid"
    assert (activity.error.values["depot"], activity.error.values["query"]) == ("Income", "9999")
    assert confirmation.error is None


def test_a_refused_token_is_asked_for_once(desk: Desk) -> None:
    activity, confirmation = desk.depots.test(_draft(token=NEW))
    assert activity.error is not None
    assert activity.error.code == "token_invalid"
    assert confirmation.error is activity.error
    assert confirmation.skipped
    assert len(desk.service.requests) == 1


def test_a_missing_id_is_left_out(desk: Desk) -> None:
    activity, confirmation = desk.depots.test(_draft(activity="", token=PLAIN_TOKEN))
    assert activity.skipped
    assert activity.error is None
    assert not confirmation.skipped


def test_a_quiet_week_is_looked_past(desk: Desk) -> None:
    desk.service.script(code_answer(1003, "GetStatement"))
    activity, _ = desk.depots.test(_draft(confirmation="", token=PLAIN_TOKEN))
    assert activity.error is None
    assert desk.asked() == [("1001", "20260919", "20260925"), ("1001", "20260822", "20260918")]


def test_nothing_there_at_all_is_told(desk: Desk) -> None:
    desk.service.script(*[code_answer(1003) for _ in range(9)])
    activity, _ = desk.depots.test(_draft(confirmation="", token=PLAIN_TOKEN))
    assert activity.error is not None
    assert activity.error.code == "not_available"


def test_a_test_can_be_cancelled(desk: Desk) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        desk.depots.test(DRAFT, cancel=cancel)


# --- renew -------------------------------------------------------------------------------------------------------


def test_a_new_token_goes_to_all_depots_that_shared_the_old_one(desk: Desk) -> None:
    one, _ = desk.depots.add(DRAFT)
    two, _ = desk.depots.add(_draft("Two", token=PLAIN_TOKEN))
    three, _ = desk.depots.add(_draft("Three", token="999999999999999999999999"))
    desk.service.issue_token("plain", NEW)
    changes = desk.depots.renew((one, *desk.depots.sharing_token(one)), f" {NEW}\n", date(2027, 9, 1))
    assert changes.depots
    assert [desk.credentials.get(depot) for depot in (one, two)] == 2 * [Secret(NEW)]
    assert desk.credentials.get(three) == Secret("999999999999999999999999")
    assert [depot.token_expires for depot in desk.depots.list_depots()] == [date(2027, 9, 1), date(2027, 9, 1), None]
    assert [request.action for request in desk.service.requests] == ["SendRequest"], "checked with one request"


@pytest.mark.parametrize(("number", "code"), [(1012, "token_expired"), (1015, "token_invalid"), (1013, "ip_restricted")])
def test_a_refused_token_is_not_kept(desk: Desk, number: int, code: str) -> None:
    depot, _ = desk.depots.add(DRAFT)
    desk.service.script(code_answer(number))
    with pytest.raises(FlexError) as caught:
        desk.depots.renew((depot,), NEW, date(2027, 9, 1))
    assert (caught.value.code, caught.value.values["depot"]) == (code, desk.depots.list_depots()[0].name)
    assert desk.credentials.get(depot) == Secret(PLAIN_TOKEN)
    assert desk.depots.list_depots()[0].token_expires == date(2027, 1, 1)


def test_a_check_that_cannot_be_made_keeps_nothing_and_can_be_left_out(desk: Desk) -> None:
    depot, _ = desk.depots.add(DRAFT)
    desk.service.script(html_answer())
    with pytest.raises(FlexError):
        desk.depots.renew((depot,), NEW, None)
    assert desk.credentials.get(depot) == Secret(PLAIN_TOKEN)
    desk.depots.renew((depot,), NEW, None, check=False)
    assert desk.credentials.get(depot) == Secret(NEW)
    assert len(desk.service.requests) == 1


@pytest.mark.parametrize("number", [1014, 1018, 1019, 1003])
def test_what_proves_a_token_is_enough(desk: Desk, number: int) -> None:
    depot, _ = desk.depots.add(DRAFT)
    desk.service.script(code_answer(number))
    desk.depots.renew((depot,), NEW, None)
    assert desk.credentials.get(depot) == Secret(NEW)


def test_an_empty_token_is_no_token(desk: Desk) -> None:
    depot, _ = desk.depots.add(DRAFT)
    with pytest.raises(CredentialError) as caught:
        desk.depots.renew((depot,), " \n", None)
    assert caught.value.code == "token_missing"


class _FullAfter(DictKeyring):
    """Takes so many passwords and then fails."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def set_password(self, service: str, username: str, password: str) -> None:
        if password == NEW:
            if not self.room:
                raise keyring.errors.PasswordSetError(password)
            self.room -= 1
        super().set_password(service, username, password)


def test_all_depots_get_the_new_token_or_none_does(service: FlexService, tmp_path: Path) -> None:
    desk = Desk(service, tmp_path, credentials=KeyringCredentials("j", backend=_FullAfter(1)))
    depots = tuple(desk.depots.add(_draft(name, token=PLAIN_TOKEN))[0] for name in ("One", "Two"))
    with pytest.raises(CredentialError):
        desk.depots.renew(depots, NEW, None, check=False)
    assert [desk.credentials.get(depot) for depot in depots] == 2 * [Secret(PLAIN_TOKEN)]


def test_the_first_failure_is_the_one_to_tell(service: FlexService, tmp_path: Path) -> None:
    ring = RaisingKeyring(keyring.errors.PasswordSetError, when=())
    desk = Desk(service, tmp_path, credentials=KeyringCredentials("j", backend=ring))
    depot, _ = desk.depots.add(_draft(token=PLAIN_TOKEN))
    bare, _ = desk.depots.add(_draft("Bare"))
    ring.when = ("set",)
    for asked in ((depot,), (bare,)):
        with pytest.raises(CredentialError) as caught:
            desk.depots.renew(asked, NEW, None, check=False)
        assert caught.value.code == "keyring_failed"


def test_a_report_that_cannot_be_read_is_told(desk: Desk) -> None:
    desk.service.script(ScriptedAnswer(action="GetStatement", body=b"<FlexQueryResponse type='AF'><broken></FlexQueryResponse>"))
    activity, confirmation = desk.depots.test(_draft(token=PLAIN_TOKEN))
    assert activity.error is not None
    assert activity.error.code == "malformed_xml"
    assert confirmation.error is None


def test_a_draft_does_not_show_its_token() -> None:
    assert PLAIN_TOKEN not in repr(DRAFT)


def test_a_depot_of_the_same_login_takes_the_token_that_is_there(desk: Desk) -> None:
    first, _ = desk.depots.add(DRAFT)
    second, _ = desk.depots.add(DepotDraft(name="Anna", activity_query="1003", token_of=first, color="series_2"))
    assert desk.credentials.get(second) == Secret(PLAIN_TOKEN)
    known = desk.depots.list_depots()[1]
    assert (known.token_expires, known.color) == (date(2027, 1, 1), "series_2")
    assert desk.depots.sharing_token(first) == (second,)
    with pytest.raises(CredentialError) as caught:
        desk.depots.add(DepotDraft(name="Third", token_of=desk.depots.add(DepotDraft(name="Files", from_files=True))[0]))
    assert caught.value.code == "token_missing"
    assert [depot.name for depot in desk.depots.list_depots()] == ["Income", "Anna", "Files"]
    assert desk.depots.list_depots()[2].from_files


def test_an_edit_keeps_the_colour_unless_another_is_chosen(desk: Desk) -> None:
    depot, _ = desk.depots.add(DepotDraft(name="Income", color="series_3"))
    desk.depots.edit(depot, DepotDraft(name="Income"))
    assert desk.depots.list_depots()[0].color == "series_3"
    desk.depots.edit(depot, DepotDraft(name="Income", color="series_5"))
    assert desk.depots.list_depots()[0].color == "series_5"


def test_each_result_of_a_test_is_told_at_once_with_what_the_query_lacks(desk: Desk) -> None:
    told: list[str] = []
    results = desk.depots.test(DRAFT, told=lambda each: told.append(each.slot))
    assert told == ["activity", "confirmation"]
    assert "section_missing" in {finding.code for finding in results[0].findings}


@pytest.mark.parametrize("doing", ["add", "edit", "renew", "test"])
def test_a_token_that_was_called_dead_is_asked_about_again_when_the_user_enters_it_again(desk: Desk, doing: str) -> None:
    depot, _ = desk.depots.add(DRAFT)
    desk.service.script(code_answer(1015))
    desk.sync(depot)
    before = len(desk.service.requests)
    assert desk.sync(depot).error is not None
    assert len(desk.service.requests) == before, "it is not asked about again by itself"
    match doing:
        case "add":
            depot, _ = desk.depots.add(replace(DRAFT, name="Anew"))
        case "edit":
            desk.depots.edit(depot, DRAFT)
        case "renew":
            desk.depots.renew((depot,), DRAFT.token, None)
        case _:
            desk.depots.test(DRAFT)
    assert desk.sync(depot).error is None


def test_a_depot_whose_name_is_its_token_is_not_tested(desk: Desk) -> None:
    with pytest.raises(UsageError) as caught:
        desk.depots.test(_draft(PLAIN_TOKEN))
    assert (caught.value.code, caught.value.values) == ("name_is_token", {})
