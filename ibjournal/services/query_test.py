"""Ask IBKR for one query of a depot and say what it found; nothing is kept."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from ibjournal.domain.errors import FlexError, JournalError, ReportError
from ibjournal.domain.execution import ReportType
from ibjournal.flex.client import FlexClient
from ibjournal.flex.errors import RUN_CODES
from ibjournal.flex.fills import is_fill
from ibjournal.flex.query_doctor import Finding, diagnose
from ibjournal.flex.reader import ReportReader
from ibjournal.flex.secret import Secret
from ibjournal.services.fetch_plan import Window, range_warnings
from ibjournal.services.importing import ReportWarning
from ibjournal.services.jobs import CancelToken, Progress, ProgressSink
from ibjournal.services.schedule import report_day_before
from ibjournal.services.token_log import TokenLog, TokenUser

_WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTest:
    """What IBKR said to one query of a test. ``slot``: ``activity`` or ``confirmation``; ``error`` None means that it works.

    ``skipped``: it was not asked for, because there is no id or because the other query's error holds for both.
    """

    slot: str
    query: str
    error: JournalError | None
    type: str | None = None
    accounts: tuple[str, ...] = ()
    from_date: date | None = None
    to_date: date | None = None
    sections: tuple[tuple[str, int], ...] = ()
    seconds: float = 0.0
    skipped: bool = False
    warnings: tuple[ReportWarning, ...] = ()
    """``range_not_honoured`` when the answer is not of the days that were asked for."""
    fills: int = 0
    """Fills of the days that were asked for, a week."""
    findings: tuple[Finding, ...] = ()
    """What the query should have otherwise, the worst first."""


TestSink = Callable[[QueryTest], None]


def tell_nobody(_test: QueryTest) -> None:
    """Take a result and tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTester:
    """Tests the queries of one token. ``today`` is the day in New York."""

    client: FlexClient
    token: Secret
    folder: Path
    today: date
    cancel: CancelToken
    progress: ProgressSink
    subject: str
    log: TokenLog
    user: TokenUser
    told: TestSink = tell_nobody
    """Told of each query's result as soon as it is there."""

    def test(self, *, activity: str, confirmation: str) -> tuple[QueryTest, ...]:
        """Ask for both queries, one after the other.

        Raises:
            Cancelled: somebody cancelled.
        """
        found: list[QueryTest] = []
        for slot, query, expected in (
            ("activity", activity, ReportType.ACTIVITY),
            ("confirmation", confirmation, ReportType.CONFIRMATION),
        ):
            stopping = next((each.error for each in found if each.error is not None and each.error.code in RUN_CODES), None)
            if not query or stopping is not None:
                found.append(QueryTest(slot=slot, query=query, error=stopping, skipped=True))
                self.told(found[-1])
                continue
            began = time.monotonic()
            result = self._ask(slot, query, expected)
            found.append(replace(result, seconds=time.monotonic() - began))
            self.told(found[-1])
        return tuple(found)

    def _ask(self, slot: str, query: str, expected: ReportType) -> QueryTest:
        last = report_day_before(self.today) if expected is ReportType.ACTIVITY else self.today
        week = Window(last - _WEEK, last)
        # A quiet week, or a statement that is not out yet, is answered with 1003 as well: so a second, older one is asked for.
        error: JournalError | None = None
        for window in (week, Window(week.start - timedelta(days=28), week.start - timedelta(days=1))):
            try:
                with self.log.use(self.user, slot, query, (window.start, window.end)):
                    return self._look(slot, query, expected, window)
            except FlexError as failure:
                error = failure
                if failure.code != "not_available":
                    break
            except JournalError as failure:
                error = failure
                break
        return QueryTest(slot=slot, query=query, error=error)

    def _look(self, slot: str, query: str, expected: ReportType, window: Window) -> QueryTest:
        fetched = self.client.fetch(
            self.token,
            query,
            folder=self.folder,
            cancel=self.cancel,
            period=(window.start, window.end),
            step=lambda step: self.progress(
                Progress(step.name, self.subject, slot=slot, attempt=step.attempt, wait=step.wait, size=step.size)
            ),
        )
        try:
            reader = ReportReader(fetched.path)
            fills = 0
            for raw, _statement in reader.raw_rows():
                fills += is_fill(raw.place.tag, raw.attributes)
                self.cancel.check()
            findings = diagnose(fetched.path, slot=expected.value).findings
        finally:
            shutil.rmtree(fetched.path.parent, ignore_errors=True)
        head = reader.head
        error: JournalError | None = None
        if fetched.type != expected.value:
            error = ReportError("wrong_report_type", expected=expected.value, found=fetched.type)
        start = date.fromisoformat(head.from_date) if head.from_date else None
        end = date.fromisoformat(head.to_date) if head.to_date else None
        return QueryTest(
            slot=slot,
            query=query,
            error=error,
            type=fetched.type,
            accounts=head.accounts(),
            from_date=start,
            to_date=end,
            sections=tuple(head.sections.items()),
            warnings=range_warnings(slot, window, start, end),
            fills=fills,
            findings=findings if error is None else (),
        )
