"""A depot over months of use, with every trouble on the way: each day is asked for that IBKR has, and none that it has not.

The service is a real one on loopback that publishes by the test's clock; each request is held against IBKR's rules.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ibjournal.demo.flex_answers import ScriptedAnswer, code_answer, html_answer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.depot import DepotId
from ibjournal.services.fetch_plan import history_start
from ibjournal.services.jobs import CancelToken
from ibjournal.services.schedule import is_report_day, last_published, new_york_day
from tests.fakes.clock import FakeClock
from tests.fakes.planted_token import leaks
from tests.unit.flex.flex_source import PLAIN_TOKEN, plain_depots, report
from tests.unit.services.flex_desk import Desk

pytestmark = pytest.mark.e2e

MORNING = datetime(2026, 9, 1, 11, 0, tzinfo=UTC)
"""Seven o'clock in New York, when yesterday's statement is out."""
_FIRST_DAY = date(2023, 5, 15)
_DAY = timedelta(days=1)


class PublishingSource:
    """Statements from the account's first day to what is published by now; ``collapsed`` answers with one day only."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.collapsed = False
        self.answered: list[tuple[date, date]] = []

    @property
    def as_of(self) -> date:
        return new_york_day(self._clock.now())

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        first, last = max(from_date, _FIRST_DAY), min(to_date, last_published(self._clock.now()))
        if self.collapsed:
            first = last
        if last < first:
            return None
        self.answered.append((first, last))
        return report("AF", accounts, first, last, generated_at)

    def confirmation_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        return report("TCF", accounts, from_date, to_date, generated_at)


@dataclass
class Use:
    """A depot that is used day by day."""

    desk: Desk
    source: PublishingSource
    depot: DepotId
    looked_at: int = 0

    def sync(self, *, cancel: CancelToken | None = None) -> str:
        """Sync, hold every request against the rules, and return the error's code."""
        result = self.desk.sync(self.depot, cancel=cancel)
        today = new_york_day(self.desk.clock.now())
        for query, first, last in self.asked():
            start, end = (datetime.strptime(each, "%Y%m%d").replace(tzinfo=UTC).date() for each in (first, last))
            assert history_start(today) <= start <= end, "no day that IBKR no longer has, and none before the first"
            assert end - start <= timedelta(days=364), "IBKR takes 365 days at the most"
            assert end < today if query == "1001" else end <= today, "no day that is still to come"
        self.looked_at = len(self.desk.asked())
        return result.error.code if result.error is not None else "cancelled" if result.cancelled else ""

    def asked(self) -> list[tuple[str, str, str]]:
        """Return what was asked since the last look: query, first and last day."""
        return self.desk.asked()[self.looked_at :]

    def missing(self) -> list[date]:
        """Return the report days from the account's first to what is published of which no statement ever came."""
        last = last_published(self.desk.clock.now())
        days = (_FIRST_DAY + n * _DAY for n in range((last - _FIRST_DAY).days + 1))
        return [day for day in days if is_report_day(day) and not any(a <= day <= b for a, b in self.source.answered)]


@pytest.fixture
def use(tmp_path: Path) -> Iterator[Use]:
    clock = FakeClock(MORNING)
    source = PublishingSource(clock)
    with FlexService(source, depots=plain_depots(), pacing=None, now=clock.now) as service:
        desk = Desk(service, tmp_path, clock=clock)
        yield Use(desk, source, desk.add())


def test_a_month_that_failed_amid_the_history_is_the_only_thing_asked_for_again(use: Use) -> None:
    use.desk.service.script(
        ScriptedAnswer(action="SendRequest"), ScriptedAnswer(action="SendRequest"), code_answer(1016, "SendRequest")
    )
    assert use.sync() == "account_invalid"
    assert use.missing()
    assert use.sync() == ""
    assert use.missing() == []
    again = [each for each in use.desk.asked() if each[0] == "1001"]
    assert [each[1] for each in again].count("20250101") == 1, "what came is not asked for again, beyond the overlap"


def test_a_period_that_collapses_is_asked_for_until_it_does_not(use: Use) -> None:
    use.source.collapsed = True
    assert use.sync() == ""
    assert len(use.missing()) > 500
    use.source.collapsed = False
    assert use.sync() == ""
    assert use.missing() == []


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_no_day_is_missing_in_the_end(use: Use, seed: int) -> None:
    dice = random.Random(seed)
    for _day in range(25):
        use.source.collapsed = dice.random() < 0.1
        trouble = dice.random()
        if trouble < 0.15:
            use.desk.service.script(code_answer(dice.choice((1003, 1014, 1016)), "SendRequest"))
        elif trouble < 0.25:
            use.desk.service.script(html_answer(action="SendRequest"))
        elif trouble < 0.35:
            use.desk.importer.cancel_after = len(use.desk.importer.taken) + dice.randint(1, 3)
        elif trouble < 0.4:
            use.desk.clock.advance(dice.choice((9, 40)) * 86400)  # holidays, without the computer
        use.sync()
        use.desk.importer.cancel_after = None
        use.desk.clock.advance(dice.choice((1, 1, 1, 2)) * 86400 + dice.randint(-7200, 7200))
    use.source.collapsed = False
    use.desk.clock.advance(31 * 86400)  # what IBKR said it had nothing for is believed for a month
    assert use.sync() == ""
    assert use.missing() == []
    (use.desk.folder / "told.txt").write_text(repr(use.desk.steps))
    assert leaks(use.desk.folder, token=PLAIN_TOKEN) == []


def test_each_day_two_weeks_again_and_once_a_month_four_months(use: Use) -> None:
    use.sync()
    reach: list[int] = []
    for _day in range(33):
        use.desk.clock.advance(86400)
        assert use.sync() == ""
        covered = last_published(use.desk.clock.now())
        reach.append((covered - use.source.answered[-1][0]).days + 1)
    assert min(reach) >= 14
    assert [day for day, days in enumerate(reach, start=1) if days >= 100] == [30]
