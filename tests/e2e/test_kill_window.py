"""`kill -9` of the window: while it fetches by itself, and moments after something was typed."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from ibjournal.demo.flex_service import FlexService
from ibjournal.services.autosync import Schedule
from tests.fakes import environment_keyring
from tests.fakes.killing import Killer, Work
from tests.fakes.planted_token import PLANTED, leaks
from tests.fakes.warm_start import Ended, warm_start
from tests.fakes.whole_state import BY_REPORT, State, differences, grow_old, written_in
from tests.fakes.written_journal import DEPOTS, NOW, Until, make_journal, services_of

pytestmark = pytest.mark.e2e

MANY = 8
LATEST = 2.0
"""Seconds after which the window is killed, counted from when it has said of some notes that they are saved."""


@pytest.fixture(scope="module")
def killer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    with warm_start() as warm:
        warm.now = NOW
        warm.environment = {environment_keyring.VARIABLE: PLANTED, "QT_QPA_PLATFORM": "offscreen"}
        yield Killer(warm, tmp_path_factory.mktemp("killed"))


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """Return a journal that is fetched at the start of the window."""
    journal = tmp_path_factory.mktemp("journal") / "data"
    make_journal(journal, depots=True)
    services = services_of(journal)
    services.autosync.set_schedule(Schedule(at_start=True, when_due=False))
    services.maintenance.close()
    return Work(name="window", journal=journal, arguments=("sync",), fetches=True)


def kill(killer: Killer, work: Work, **when: float) -> tuple[Path, Ended, int]:
    """Open the window, let it fetch and be typed in, kill it; look whether all is there, and fetch again to the same end.

    Returns:
        The folder, how the window ended, and how many notes it had said to be saved.
    """
    quiet = killer.undisturbed(work)
    data = killer.copy(work)
    before = written_in(data)
    with FlexService(Until(), depots=DEPOTS, pacing=None) as service:
        ended = killer.warm.run(data, "--flex-url", service.url, typing=True, **when)  # type: ignore[arg-type]
        name = f"{when} {ended.moment}"
        marked = (data / "running").exists()
        assert ended.killed, f"{name}: {ended.status} {ended.err}"
        saved = dict(json.loads(line) for line in ended.out.splitlines())
        there = notes_of(data)
        # more may have been typed and saved since
        lost = [text for text in saved.values() if not any(each.startswith(text) for each in there.values())]
        lost += [text for key, text in notes_of(work.journal).items() if not there[key].startswith(text)]
        assert lost == [], name
        assert differences(but_for_the_day(written_in(data)), but_for_the_day(before)) == [], name
        assert json.loads(killer.warm.run(data, "check", "--json").out)["issues"] == [], name
        # the lock of a dead process keeps nobody out
        opened = killer.warm.run(data, "--flex-url", service.url, environment={"IBJOURNAL_QUIT_AFTER_START": "1"})
        assert opened.status == 0, f"{name}: {opened.err}"
        assert marked == ("not ended in order" in (data / "logs" / "ibjournal.log").read_text(encoding="utf-8"))
    grow_old(data)
    again = killer.run(work, data)
    assert again.status == 0, f"{name}: {again.err}"
    state = killer.settled(work, data)
    assert differences(but_for_the_day(state), but_for_the_day(quiet.state), may_have_more=BY_REPORT) == [], name
    assert notes_of(data) == there, name
    assert killer.problems(work, data) == [], name
    assert leaks(data, ended.out, ended.err, opened.out, again.out) == [], name
    return data, ended, len(saved)


def notes_of(data: Path) -> dict[str, str]:
    """Return the notes, by the key of their trade."""
    with closing(sqlite3.connect(data / "journal.db")) as db:
        rows = db.execute("SELECT account, instrument, execution, text FROM notes")
        return {f"{account}/{instrument}/{execution}": text for account, instrument, execution, text in rows}


def but_for_the_day(state: State) -> State:
    """Return a state without notes, and without the reminders of tokens: the window's day is the computer's."""
    settings = Counter({row: number for row, number in state["settings"].items() if "token_reminders" not in row})
    return {name: rows for name, rows in state.items() if name != "notes"} | {"settings": settings}


def test_what_was_said_to_be_saved_is_there_after_a_kill(killer: Killer, work: Work) -> None:
    _data, _ended, saved = kill(killer, work, after=0.0, lines=2)
    assert saved >= 1


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_window_is_killed_while_it_fetches_and_is_typed_in(killer: Killer, work: Work) -> None:
    random = Random("window")
    saved = fetching = 0
    quiet = killer.undisturbed(work)
    for number in range(MANY):
        if number % 2:
            when: dict[str, float | int] = {"after": random.uniform(0, LATEST), "lines": number // 2}
        else:
            when = {"event": random.randrange(1, len(quiet.moments) + 1)}
        _data, ended, count = kill(killer, work, **when)
        saved += count
        fetching += bool(ended.moment)
    assert (saved > 0, fetching) == (True, MANY // 2)
