"""`kill -9` at any moment of a sync, an import, a rebuild: nothing is lost, and the next one ends as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes import environment_keyring
from tests.fakes.killing import Killer, Moment, Tally, Work
from tests.fakes.planted_token import PLANTED
from tests.fakes.warm_start import warm_start
from tests.fakes.written_journal import NOW, later_reports, make_journal, services_of, spoil, write_reports

pytestmark = pytest.mark.e2e

FEW = 4
"""Kills of each work in every run of the tests."""
MANY = {"sync": 80, "import": 70, "rebuild": 50}
"""Kills in the long run."""

NAMED = [
    pytest.param("sync", "rename archive", id="sync: a report is archived"),
    pytest.param("sync", "UPDATE reports", id="sync: its trades are built"),
    pytest.param("import", "pack", id="import: a report is being archived"),
    pytest.param("import", "DELETE FROM strategies", id="import: between what is derived"),
    pytest.param("rebuild", "DELETE FROM executions", id="rebuild: half is dropped"),
    pytest.param("rebuild", "COMMIT", id="rebuild: all is done but for the last word"),
]
"""The event before which, and after which, a process dies."""


@pytest.fixture(scope="module")
def killer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    with warm_start() as warm:
        warm.now = NOW
        warm.environment = {environment_keyring.VARIABLE: PLANTED}
        yield Killer(warm, tmp_path_factory.mktemp("killed"))


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Work]:
    """Return what is killed, each with a journal of its own in which everything is written that can be."""
    folder = tmp_path_factory.mktemp("journals")
    inbox = write_reports(folder / "inbox", later_reports())
    for name in ("fetched", "given", "whole"):
        make_journal(folder / name, depots=name == "fetched")
    services = services_of(folder / "whole")
    services.importing.import_paths([inbox])
    services.maintenance.close()
    spoil(folder / "whole")
    return {
        work.name: work
        for work in (
            Work(name="sync", journal=folder / "fetched", arguments=("sync",), fetches=True),
            Work(name="import", journal=folder / "given", arguments=("import", str(inbox)), status=1, steps=6),
            Work(name="rebuild", journal=folder / "whole", arguments=("rebuild",), steps=3),
        )
    }


def judge(tally: Tally) -> None:
    assert not tally.problems, "\n".join(tally.problems)
    # else it would be no proof: most kills must have hit the middle
    assert tally.too_late <= tally.kills // 4 + 1, tally  # some are by time, and a machine is not always as quick
    assert tally.unfinished >= tally.kills // 3, tally


def kill(killer: Killer, work: Work, seeds: range) -> None:
    tally = Tally(work.name)
    for seed in seeds:
        killer.trial(work, seed, tally)
        assert not tally.problems, "\n".join(tally.problems)
    judge(tally)


@pytest.mark.parametrize("name", list(MANY))
def test_a_few_kills(killer: Killer, works: dict[str, Work], name: str) -> None:
    kill(killer, works[name], range(FEW))


@pytest.mark.parametrize(("name", "moment"), NAMED)
def test_at_the_points_where_two_steps_meet(killer: Killer, works: dict[str, Work], name: str, moment: str) -> None:
    work = works[name]
    quiet = killer.undisturbed(work)
    first = next(number for number, label in enumerate(quiet.moments, start=1) if label.startswith(moment))
    # the moment before the event that is named, and the one after it
    for number in (first, first + 1):
        tally = Tally(work.name)
        killer.attempt(work, [Moment(event=number)], tally, name=f"{name}, at {moment}")
        assert not tally.problems, "\n".join(tally.problems)
        assert (tally.too_late, tally.unfinished) == (0, 1), tally


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", list(MANY))
def test_many_kills(killer: Killer, works: dict[str, Work], name: str) -> None:
    kill(killer, works[name], range(FEW, FEW + MANY[name]))
