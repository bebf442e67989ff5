"""A keyring that does not answer: nobody waits long, nothing piles up, and it is used again once it answers."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ibjournal import bootstrap
from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import Cancelled, CredentialError
from ibjournal.flex.secret import Secret
from ibjournal.paths import Paths
from ibjournal.services.credentials import KeyringCredentials, SessionFallback
from ibjournal.services.jobs import CancelToken
from ibjournal.services.keyring_calls import PATIENCE, KeyringCalls
from ibjournal.store.database import Database
from ibjournal.store.depots import insert_depot
from tests.fakes.credentials import SlowKeyring
from tests.fakes.patience import FOREVER, SECONDS

TOKEN = Secret("314159265358979323846264")
ONE = DepotId(1)


def _code(work: Callable[[], object]) -> str:
    try:
        work()
    except CredentialError as error:
        return error.code
    return ""


def _let_go(ring: SlowKeyring) -> None:
    ring.go.set()
    for thread in threading.enumerate():
        if thread.name == "ibjournal-keyring":
            thread.join(SECONDS)


def test_a_user_gets_ten_seconds_to_unlock_a_keyring() -> None:
    assert PATIENCE == 10


def test_a_keyring_that_does_not_answer_is_told_and_left_in_peace() -> None:
    ring = SlowKeyring()
    store = KeyringCredentials("j", backend=ring, patience=0.1)
    try:
        with pytest.raises(CredentialError) as caught:
            store.get(ONE)
        assert caught.value.code == "keyring_slow"
        store._calls._patience = FOREVER
        for _ in range(50):
            assert _code(lambda: store.get(ONE)) == "keyring_slow", "refused at once, not after 50 times the patience"
        assert ring.most == 1
        assert sum(thread.name == "ibjournal-keyring" for thread in threading.enumerate()) == 1
    finally:
        _let_go(ring)


def test_it_is_used_again_once_it_answers() -> None:
    ring = SlowKeyring()
    store = KeyringCredentials("j", backend=ring, patience=0.1)
    assert _code(lambda: store.get(ONE)) == "keyring_slow"
    _let_go(ring)
    store._calls._patience = SECONDS
    assert store.set(ONE, TOKEN)
    assert store.get(ONE) == TOKEN


def test_those_in_the_queue_are_told_as_soon_as_the_first_call_is_overdue() -> None:
    ring = SlowKeyring()
    store = KeyringCredentials("j", backend=ring, patience=0.3)
    told: list[str] = []
    threads = [threading.Thread(target=lambda: told.append(_code(lambda: store.get(ONE)))) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)
        assert told == ["keyring_slow"] * 4
        assert ring.most == 1
    finally:
        _let_go(ring)


def test_calls_of_several_threads_come_one_after_another() -> None:
    ring = SlowKeyring()
    ring.go.set()
    store = KeyringCredentials("j", backend=ring, patience=SECONDS)
    threads = [threading.Thread(target=store.get, args=(DepotId(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert ring.most == 1


def test_a_keyring_that_does_not_answer_is_not_passed_by() -> None:
    ring = SlowKeyring()
    store = SessionFallback(KeyringCredentials("j", backend=ring, patience=0.05))
    try:
        assert _code(lambda: store.set(ONE, TOKEN)) == "keyring_slow"
        assert store.trouble() == "keyring_slow"
    finally:
        _let_go(ring)


def test_the_state_of_many_depots_waits_for_a_dead_keyring_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = SlowKeyring()
    store = KeyringCredentials("j", backend=ring, patience=0.3)
    asked = ring.get_password

    def ask(service: str, username: str) -> str | None:
        store._calls._patience = FOREVER  # of all who come later
        return asked(service, username)

    monkeypatch.setattr(ring, "get_password", ask)
    credentials = SessionFallback(store)
    services = bootstrap.build(Paths(tmp_path), credentials=credentials)
    with Database(Paths(tmp_path).database).transaction() as db:
        for number in range(6):
            insert_depot(db, name=f"Depot {number}", activity_query="1")
    try:
        states = services.depots.depot_states()
        assert [each.credential_error.code for each in states if each.credential_error] == ["keyring_slow"] * 6
        assert [each.name for each in services.depots.list_depots()] == [each.depot.name for each in states]
    finally:
        _let_go(ring)
    assert not any(each.credential_error for each in services.depots.depot_states())


def test_whoever_cancels_is_let_go_and_the_next_question_waits_its_turn() -> None:
    ring = SlowKeyring()
    store = KeyringCredentials("j", backend=ring, patience=FOREVER)
    cancel = CancelToken()
    told = threading.Event()
    ended: list[str] = []

    def ask() -> None:
        try:
            store.get(ONE, cancel=cancel, waiting=told.set)
        except Cancelled:
            ended.append("cancelled")

    thread = threading.Thread(target=ask)
    try:
        thread.start()
        assert told.wait(SECONDS), "what takes longer than a moment is told"
        cancel.cancel()
        thread.join(SECONDS)
        assert ended == ["cancelled"]
        answers: list[Secret | None] = []
        next_one = threading.Thread(target=lambda: answers.append(store.get(ONE)))
        next_one.start()
        _let_go(ring)
        next_one.join(SECONDS)
        assert answers == [None], "it was not refused for a question that somebody else gave up"
    finally:
        _let_go(ring)


def test_after_a_cancelled_question_nobody_waits_longer_than_for_one() -> None:
    ring = SlowKeyring()
    store = KeyringCredentials("j", backend=ring, patience=0.2)
    cancel = CancelToken()
    cancel.cancel()
    try:
        with pytest.raises(Cancelled):
            store.get(ONE, cancel=cancel)
        assert _code(lambda: store.get(ONE)) == "keyring_slow"
        store._calls._patience = FOREVER
        for _ in range(20):
            assert _code(lambda: store.get(ONE)) == "keyring_slow"
        assert ring.most == 1
    finally:
        _let_go(ring)


def test_at_the_end_of_the_program_nobody_waits() -> None:
    ring = SlowKeyring()
    store = SessionFallback(KeyringCredentials("j", backend=ring, patience=FOREVER))
    ended = threading.Event()

    def ask() -> None:
        with contextlib.suppress(Cancelled):
            store.get(ONE)
        ended.set()

    try:
        threading.Thread(target=ask).start()
        while not ring.waiting:
            ended.wait(0.01)
        store.close()
        assert ended.wait(SECONDS)
        with pytest.raises(Cancelled):
            store.set(ONE, TOKEN)
        assert store.trouble() == ""
    finally:
        _let_go(ring)


def test_a_quick_keyring_is_not_told_of() -> None:
    ring = SlowKeyring()
    ring.go.set()
    told: list[bool] = []
    assert KeyringCredentials("j", backend=ring).get(ONE, cancel=CancelToken(), waiting=lambda: told.append(True)) is None
    assert told == []


class Panic(BaseException):
    """What native libraries raise when they fail in a way of their own; no `Exception` at all."""


@pytest.mark.parametrize("kind", [Panic, SystemExit, KeyboardInterrupt, GeneratorExit, MemoryError, RecursionError])
def test_whatever_a_keyring_raises_ends_nobody_elses_work(kind: type[BaseException]) -> None:
    calls = KeyringCalls(explain=lambda error: CredentialError("keyring_failed", kind=type(error).__name__))

    def work() -> None:
        raise kind

    with pytest.raises(CredentialError) as caught:
        calls.run(work)
    assert caught.value.values == {"kind": kind.__name__}
    assert calls.run(lambda: 7) == 7
