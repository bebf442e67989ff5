"""What removing a depot means, where the keyring does not say whether there is a token."""

from __future__ import annotations

from pathlib import Path

import keyring.errors

from ibjournal.flex.secret import Secret
from ibjournal.services.credentials import KeyringCredentials
from ibjournal.services.removal import RemovalService
from ibjournal.store.database import Database
from ibjournal.store.depots import insert_depot
from tests.fakes.credentials import RaisingKeyring

TOKEN = Secret("271828182845904523536028")


def test_a_keyring_that_is_locked_leaves_it_open_whether_there_is_a_token(tmp_path: Path) -> None:
    database = Database(tmp_path / "journal.db")
    ring = RaisingKeyring(keyring.errors.KeyringLocked, when=())
    credentials = KeyringCredentials("j", backend=ring)
    with database.transaction() as db:
        one = insert_depot(db, name="One", activity_query="11", confirmation_query="22")
        two = insert_depot(db, name="Two", confirmation_query="33")
        three = insert_depot(db, name="Three")
    for depot in (one, two):
        credentials.set(depot, TOKEN)
    removal = RemovalService(database=database, credentials=credentials)
    plan = removal.plan(one)
    assert (plan.depot, plan.name, plan.queries, plan.others) == (one, "One", ("11", "22"), 2)
    assert (plan.token, plan.shared_with) == (True, ("Two",))
    assert (removal.plan(two).queries, removal.plan(three).token, removal.plan(three).shared_with) == (("33",), False, ())
    ring.when = ("get",)
    plan = removal.plan(one)
    assert (plan.token, plan.shared_with, plan.queries, plan.others) == (None, (), ("11", "22"), 2)
