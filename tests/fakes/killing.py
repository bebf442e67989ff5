"""Kills a command at moments spread over its work, and looks whether anything is lost."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from ibjournal.demo.flex_service import FlexService
from tests.fakes.planted_token import leaks
from tests.fakes.warm_start import Ended, WarmStart
from tests.fakes.whole_state import (
    BY_REPORT,
    State,
    archived,
    damaged,
    differences,
    digest_of,
    grow_old,
    state_of,
    strays,
    written_in,
)
from tests.fakes.written_journal import DEPOTS, Until, services_of

_RANDOM_NAME = re.compile(r"(\.report-|\.backup-|\.ibjournal-|flex-)\w+")
_EARLY, _LATE = 0.04, 0.9


def nothing_else(_data: Path) -> list[str]:
    """Find nothing."""
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A command, on a journal that was prepared for it.

    Attributes:
        name: for messages.
        journal: the data folder as it is before; copied for each trial.
        arguments: of the command; ``DATA`` stands for the folder.
        fetches: whether it asks the broker: the Flex service is given to it.
        status: what it ends with when nobody disturbs it.
        steps: what may stand in the journal, from before the work to its end: all that a commit may leave behind; None where it
            does not matter.
        written: tells what the user wrote.
        also: tells what else is wrong with a folder, after the kill and at rest.
    """

    name: str
    journal: Path
    arguments: tuple[str, ...]
    fetches: bool = False
    status: int = 0
    steps: int | None = None
    written: Callable[[Path], State] = written_in
    also: Callable[[Path], list[str]] = nothing_else


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisturbed:
    """What a work comes to when nobody disturbs it."""

    state: State
    moments: tuple[str, ...]
    seconds: float
    commits: frozenset[str]
    """Digests of what stood in the journal before, and after each commit: a process that dies leaves one of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When to kill: before the so-manieth event, or after so many seconds."""

    event: int | None = None
    after: float | None = None


@dataclass(slots=True)
class Tally:
    """What the kills of a work hit."""

    work: str
    kills: int = 0
    too_late: int = 0
    """The process had ended by itself."""
    unfinished: int = 0
    """Something was still to be done after the kill."""
    problems: list[str] = field(default_factory=list)
    where: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Killer:
    """Runs works undisturbed and disturbed."""

    warm: WarmStart
    folder: Path
    _undisturbed: dict[str, Undisturbed] = field(default_factory=dict)

    def undisturbed(self, work: Work) -> Undisturbed:
        """Return what comes of a work, done once."""
        known = self._undisturbed.get(work.name)
        if known is None:
            data = self.copy(work)
            quiet = self.run(work, data)
            assert quiet.status == work.status, (quiet.status, quiet.err)
            end = state_of(data, whichever_report=work.fetches)
            state = self.settled(work, data)
            assert self.problems(work, data) == []
            kept = self.folder / f"commits-{work.name}"
            kept.mkdir()
            told = self.run(work, self.copy(work), commits=kept)
            states = [end, state_of(work.journal, whichever_report=work.fetches)]
            states += [state_of(kept, whichever_report=work.fetches, database=each.name) for each in kept.iterdir()]
            steps = frozenset(map(digest_of, states))
            assert work.steps in {None, len(steps)}, f"{work.name}: what belongs together is committed in {len(steps)} steps"
            known = self._undisturbed[work.name] = Undisturbed(
                state=state, moments=told.moments, seconds=quiet.seconds, commits=steps
            )
        return known

    def trial(self, work: Work, seed: int, tally: Tally) -> None:
        """Kill a work at the moment that ``seed`` chooses, every fifth twice."""
        quiet = self.undisturbed(work)
        random = Random(f"{work.name} {seed}")
        moments = [choose(quiet, seed, random)]
        if seed % 5 == 0:
            moments.append(choose(quiet, seed + 1, random))
        self.attempt(work, moments, tally, name=f"{work.name}, seed {seed}")

    def attempt(self, work: Work, moments: Sequence[Moment], tally: Tally, *, name: str) -> None:
        """Kill a work at each of some moments, do it again to its end, and compare with what comes of it undisturbed."""
        quiet = self.undisturbed(work)
        data = self.copy(work)
        before = work.written(data)
        said: list[Ended] = []
        problems: list[str] = []
        for moment in moments:
            ended = self.run(work, data, moment)
            said.append(ended)
            if len(said) == 1:  # there is less to do for a second one, so it may come too late
                tally.kills += 1
                tally.too_late += not ended.killed
            name += f", {moment} {ended.moment or f'{ended.seconds:.3f} s'}"
            label = plain(ended.moment) if ended.moment else "by time"
            tally.where[label] = tally.where.get(label, 0) + 1
            problems += [f"after the kill: {each}" for each in self._after_kill(work, data, before, ended)]
            loose = state_of(data, whichever_report=work.fetches)
            if len(said) == 1 and digest_of(loose) not in quiet.commits:
                problems.append("after the kill: neither as before a commit nor as after it")
        tally.unfinished += bool(differences(loose, quiet.state))
        grow_old(data)
        again = self.run(work, data)
        if again.status != work.status:
            problems.append(f"the next one ends with {again.status}: {again.err}")
        more = BY_REPORT if work.fetches else ()
        for when in ("the next one", "the next start"):
            state = state_of(data, whichever_report=work.fetches) if when == "the next one" else self.settled(work, data)
            problems += [f"{when}: {each}" for each in differences(state, quiet.state, may_have_more=more)]
        problems += [f"at rest: {each}" for each in self.problems(work, data)]
        told = [text for each in (*said, again) for text in (each.out, each.err)]
        problems += [f"leak: {each}" for each in leaks(data, *told)]
        tally.problems += [f"{name}: {each}" for each in problems]

    def copy(self, work: Work) -> Path:
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(work.journal, data)
        return data

    def run(self, work: Work, data: Path, moment: Moment | None = None, *, commits: Path | None = None) -> Ended:
        """Do a work, until ``moment``; all moments are told where ``commits`` are to be kept."""
        with contextlib.ExitStack() as stack:
            arguments = list(work.arguments)
            if work.fetches:
                service = stack.enter_context(FlexService(Until(), depots=DEPOTS, pacing=None))
                arguments += ["--flex-url", service.url]
            when = moment or Moment()
            return self.warm.run(data, *arguments, event=when.event, after=when.after, record=commits is not None, commits=commits)

    def _after_kill(self, work: Work, data: Path, before: State, ended: Ended) -> list[str]:
        """Return what is wrong with what a killed process left behind; nothing is mended here."""
        found = [] if ended.killed or ended.status == work.status else [f"ended with {ended.status}: {ended.err}"]
        found += [*self._check(data), *damaged(data), *work.also(data)]
        # a file makes a depot for an account that nobody has
        lost = differences(work.written(data), before, may_have_more=("depots",))
        return found + [f"the user's words: {each}" for each in lost]

    def settled(self, work: Work, data: Path) -> State:
        """Do what the next start of the window does after an end by force, and return the state then."""
        services = services_of(data)
        services.maintenance.begin()
        services.recovery.take_in()
        assert {run.result for run in services.reports.list_runs()} <= {"ok", "failed", "interrupted"}
        services.maintenance.close()
        return state_of(data, whichever_report=work.fetches)

    def _check(self, data: Path) -> list[str]:
        checked = self.warm.run(data, "check", "--json")
        if checked.status != 0:
            return [f"check: {checked.out} {checked.err}"]
        return [f"check: {each}" for each in json.loads(checked.out)["issues"]]

    def problems(self, work: Work, data: Path) -> list[str]:
        """Return what is wrong with a journal that is at rest."""
        return [*self._check(data), *work.also(data), *archived(data), *(f"stray: {each}" for each in strays(data))]


def choose(quiet: Undisturbed, seed: int, random: Random) -> Moment:
    """Return a moment: any event, an event of a rare kind, or a part of the time that the undisturbed work took."""
    if seed % 3 == 0:
        return Moment(after=quiet.seconds * random.uniform(_EARLY, _LATE))
    if seed % 3 == 1:
        return Moment(event=random.randrange(1, len(quiet.moments) + 1))
    kinds: dict[str, list[int]] = {}
    for number, label in enumerate(quiet.moments, start=1):
        kinds.setdefault(plain(label), []).append(number)
    return Moment(event=random.choice(kinds[random.choice(sorted(kinds))]))


def plain(label: str) -> str:
    """Return a moment's name without what is different each time."""
    return re.sub(r"\d{8}T\d{6}Z?(-\w{8}\.xml\.gz)?", "…", _RANDOM_NAME.sub(r"\1…", label))
