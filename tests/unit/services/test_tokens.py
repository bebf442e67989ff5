"""Forgetting a token takes it from every depot that holds it, and from nothing else."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from ibjournal import bootstrap
from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import Cancelled, CredentialError, FlexError, UsageError
from ibjournal.flex.client import FlexClient
from ibjournal.flex.errors import ALL_CODES
from ibjournal.flex.pacing import SystemClock
from ibjournal.flex.secret import Secret
from ibjournal.paths import Paths
from ibjournal.services.credentials import CredentialStore, KeyringCredentials, MemoryCredentials
from ibjournal.services.depots import DepotDraft
from ibjournal.services.tokens import TokenService, leaves_open
from ibjournal.store.database import Database
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.credentials import RaisingKeyring, SlowKeyring, no_keyring

TOKEN, OTHER = "271828182845904523536028", "141421356237309504880168"
LAST = date(2027, 6, 1)


class Desk:
    """A journal with three depots, two of which share a token."""

    def __init__(self, folder: Path, credentials: CredentialStore | None = None) -> None:
        self.credentials = credentials or MemoryCredentials(kept=True)
        self.client = FlexClient()
        services = bootstrap.build(Paths(folder), credentials=self.credentials)
        self.depots = services.depots
        drafts = [("Income", TOKEN), ("Long term", TOKEN), ("Anna", OTHER)]
        self.ids = [
            self.depots.add(DepotDraft(name=name, activity_query="1", token=token, token_expires=LAST))[0] for name, token in drafts
        ]
        database = Database(Paths(folder).database)
        self.tokens = TokenService(database=database, credentials=self.credentials, client=self.client, clock=SystemClock())


def test_all_that_share_the_token_lose_it_and_keep_their_queries(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.tokens.forget(desk.ids[0]).depots
    states = desk.depots.depot_states()
    assert [state.has_token for state in states] == [False, False, True]
    assert [state.depot.token_expires for state in states] == [None, None, LAST]
    assert [state.depot.activity_query for state in states] == ["1", "1", "1"]


def test_forgetting_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.tokens.forget(desk.ids[0])
    desk.tokens.forget(desk.ids[0])
    assert desk.credentials.get(desk.ids[2]) == Secret(OTHER)


def test_a_depot_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        Desk(tmp_path).tokens.forget(DepotId(99))
    assert caught.value.code == "unknown_depot"


def test_a_keyring_that_fails_is_told_and_the_date_stays(tmp_path: Path) -> None:
    ring = RaisingKeyring(OSError, when=())
    desk = Desk(tmp_path, KeyringCredentials("j", backend=ring))
    ring.when = ("delete",)
    with pytest.raises(CredentialError) as caught:
        desk.tokens.forget(desk.ids[0])
    assert caught.value.code == "keyring_failed"
    assert [depot.token_expires for depot in desk.depots.list_depots()] == [LAST] * 3


def test_it_tells_how_long_ibkrs_lock_holds(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.tokens.locked_until(desk.ids[0]) is None
    desk.client.pacing.of(Secret(TOKEN)).lock_out()
    until = desk.tokens.locked_until(desk.ids[0])
    assert until is not None
    assert desk.tokens.locked_until(desk.ids[1]) == until
    assert desk.tokens.locked_until(desk.ids[2]) is None


def test_a_lock_is_not_told_of_a_token_that_cannot_be_read(tmp_path: Path) -> None:
    ring = RaisingKeyring(OSError, when=())
    desk = Desk(tmp_path, KeyringCredentials("j", backend=ring))
    ring.when = ("get",)
    assert desk.tokens.locked_until(desk.ids[0]) is None


def test_it_tells_what_is_wrong_with_the_keyring(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.tokens.trouble() == ""
    database = Database(Paths(tmp_path).database)
    without = KeyringCredentials("j", backend=no_keyring())
    assert TokenService(database=database, credentials=without, client=desk.client, clock=SystemClock()).trouble() == "no_keyring"


def test_a_date_without_a_token_goes_too_and_nobody_elses(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for depot in desk.ids[:2]:
        desk.credentials.delete(depot)
    desk.tokens.forget(desk.ids[0])
    assert [depot.token_expires for depot in desk.depots.list_depots()] == [None, LAST, LAST]


def test_a_lock_that_is_over_is_none(tmp_path: Path) -> None:
    clock = FakeClock()
    desk = Desk(tmp_path)
    client = FlexClient(clock=clock)
    tokens = TokenService(database=Database(Paths(tmp_path).database), credentials=desk.credentials, client=client, clock=clock)
    client.pacing.of(Secret(TOKEN)).lock_out()
    assert tokens.locked_until(desk.ids[0]) == NOON + timedelta(days=1)
    clock.advance(86400 - 1)
    assert tokens.locked_until(desk.ids[0]) == NOON + timedelta(days=1)
    clock.advance(1)
    assert tokens.locked_until(desk.ids[0]) is None
    client.pacing.of(Secret("")).lock_out()
    desk.credentials.delete(desk.ids[0])
    assert tokens.locked_until(desk.ids[0]) is None, "no token, no lock"


def test_at_the_end_of_the_program_nobody_waits_for_a_keyring(tmp_path: Path) -> None:
    ring = SlowKeyring()
    credentials = KeyringCredentials("j", backend=ring, patience=60)
    tokens = TokenService(
        database=Database(tmp_path / "journal.db"), credentials=credentials, client=FlexClient(), clock=SystemClock()
    )
    told: list[type[BaseException]] = []
    asked = threading.Event()

    def ask() -> None:
        try:
            credentials.get(DepotId(1), waiting=asked.set)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
            told.append(type(error))

    waiter = threading.Thread(target=ask)
    waiter.start()
    assert asked.wait(20)
    tokens.let_go()
    waiter.join(20)
    ring.go.set()
    assert told == [Cancelled]


def test_a_check_that_came_to_nothing_and_a_token_that_was_refused_are_told_apart() -> None:
    refused = {code for code in ALL_CODES if not leaves_open(FlexError(code))}
    assert refused == {
        "token_expired", "token_invalid", "ip_restricted", "service_inactive",
        "legacy_query", "query_invalid", "account_invalid",
    }  # fmt: skip
