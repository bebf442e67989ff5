"""The Flex Web Service, version 3: ask for a statement, wait for it, get it.

SendRequest answers with a reference code, GetStatement with the statement or with how far it is. Both count against
one pace per token (`ibjournal.flex.pacing`); what to do about each failure stands in `ibjournal.flex.errors`.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import requests

from ibjournal.domain.errors import FlexError
from ibjournal.domain.file_errors import file_error
from ibjournal.flex.answers import Statement, Status, check_complete, fallback_url, is_broker, is_loopback, recognise
from ibjournal.flex.errors import TRANSIENT_CODES, Action, action_for, flex_error
from ibjournal.flex.pacing import Cancel, Clock, Pacing, SystemClock, TokenPace
from ibjournal.flex.secret import Secret
from ibjournal.flex.transport import Timeouts, get, new_session

BASE_URL = "https://ndcdyn.interactivebrokers.com/AccountManagement/FlexWebService"
LONGEST_WINDOW = timedelta(days=364)
"""IBKR's 365 days a request, both ends included."""

_LARGEST_STATUS = 1_000_000
_PREFIX = "flex-"
_LEFT_BEHIND_AFTER = 86400.0
_TRANSIENT_FAILURES = 4
_WAY_FAILED = TRANSIENT_CODES | {"name_lookup_failed", "http_status", "redirected"}
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for what. Seconds.

    Attributes:
        polls: before each GetStatement; the last one is repeated.
        total: after which a statement is given up.
        throttled: after IBKR said that there were too many requests (1018).
        retries: before each new SendRequest after a failure that may pass (1001, 1004 to 1008).
        busy: the same after a heavy load (1009), which each request adds to.
        not_taken: before the same SendRequest once more, where IBKR took none on but is at work (1019, 1021).
        renewal: before the one new SendRequest after 1017 and 1020.
    """

    polls: tuple[float, ...] = (5.0, 7.0, 10.0, 15.0, 20.0, 30.0)
    total: float = 300.0
    throttled: float = 60.0
    retries: tuple[float, ...] = (60.0, 120.0)
    busy: tuple[float, ...] = (120.0, 240.0)
    not_taken: float = 70.0
    renewal: float = 15.0


QUICK = Patience(
    polls=(0.1, 0.2, 0.5, 1.0, 2.0), total=120.0, throttled=2.0, retries=(1.0, 2.0), busy=(2.0, 4.0), not_taken=2.0, renewal=1.0
)
"""For a service on this computer, such as the demo's."""


@dataclass(frozen=True, slots=True)
class FetchStep:
    """What a fetch is doing right now.

    Attributes:
        name: ``waiting_for_token``, ``pacing``, ``requesting``, ``generating``, ``downloading``; while it waits before it tries
            again: ``throttled``, ``way_failed``, ``retrying``.
        size: bytes that have come.
        attempt: how often IBKR was asked for this, 1 for the first time.
        wait: seconds until the next attempt.
    """

    name: str
    size: int = 0
    attempt: int = 0
    wait: float = 0.0


StepSink = Callable[[FetchStep], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A report on disk, complete from root to root. ``type`` as IBKR wrote it: ``AF`` or ``TCF``; the caller owns the file."""

    path: Path
    size: int
    type: str
    query_name: str
    requests: int


@dataclass(slots=True, kw_only=True)
class _Job:
    """One fetch: what is asked for and how far it is."""

    token: Secret = field(repr=False)
    query: str
    period: tuple[date, date] | None
    cancel: Cancel
    tell: StepSink
    pace: TokenPace
    folder: Path
    started: float
    until: float
    calls: int = 0


class FlexClient:
    """Fetches statements. Thread-safe; fetches with one token come after one another, with different tokens side by side.

    Args:
        base_url: IBKR's service, or one on this computer; any other is refused (FlexError ``hostile_url``).
        pacing: the paces of this process; shared by all clients.
        clock: where the time comes from.
        patience: how long to wait for a statement.
        timeouts: how long to wait for the network.
        largest: bytes of a report that are accepted, unpacked.
        session: makes the HTTP session.
    """

    def __init__(
        self,
        *,
        base_url: str = BASE_URL,
        pacing: Pacing | None = None,
        clock: Clock | None = None,
        patience: Patience | None = None,
        timeouts: Timeouts | None = None,
        largest: int = 512 * 1024 * 1024,
        session: Callable[[], requests.Session] = new_session,
    ) -> None:
        if not (is_broker(base_url) or is_loopback(base_url)):
            raise FlexError("hostile_url")
        self._base = base_url.rstrip("/")
        self._clock = clock or SystemClock()
        self._pacing = pacing or Pacing(clock=self._clock)
        self._patience = patience or Patience()
        self._timeouts = timeouts or Timeouts()
        self._largest = largest
        self._session = session
        self._swept: set[Path] = set()

    @property
    def pacing(self) -> Pacing:
        """The paces this client keeps."""
        return self._pacing

    def fetch(
        self,
        token: Secret,
        query: str,
        *,
        folder: Path,
        cancel: Cancel,
        period: tuple[date, date] | None = None,
        step: StepSink = lambda _step: None,
    ) -> Fetched:
        """Ask for a statement and wait until it is on disk.

        Args:
            token: the Flex Web Service token.
            query: the query's id.
            folder: where the report is put; nothing stays there when this fails.
            cancel: ends it within a moment.
            period: first and last day, both included, at most 365 days; None takes the query's own period.
            step: told what is going on.

        Raises:
            FlexError: see `ibjournal.flex.errors`.
            StoreError: the report cannot be written.
            Cancelled: somebody cancelled.
        """
        if period is not None and not timedelta(0) <= period[1] - period[0] <= LONGEST_WINDOW:
            raise ValueError("a window of 1 to 365 days is asked for")
        with self._job(token, query, period=period, folder=folder, cancel=cancel, step=step) as job:
            return self._fetch(job)

    def probe(self, token: Secret, query: str, *, folder: Path, cancel: Cancel) -> None:
        """Prove a token with one SendRequest: a reference code, or 1018 and 1019, come only to a valid token.

        Raises:
            FlexError: IBKR refuses the token or the query, or cannot be reached.
            StoreError: its answer cannot be written.
            Cancelled: somebody cancelled.
        """
        with self._job(token, query, period=None, folder=folder, cancel=cancel, step=lambda _step: None) as job:
            status = self._send_once(job)
            shutil.rmtree(job.folder, ignore_errors=True)
            if not status.success:
                error = self._failure(job, status, "SendRequest")
                if action_for(error) is not Action.WAIT:
                    raise error

    @contextlib.contextmanager
    def _job(
        self, token: Secret, query: str, *, period: tuple[date, date] | None, folder: Path, cancel: Cancel, step: StepSink
    ) -> Iterator[_Job]:
        """Hold the token and a folder; what is in the folder goes when the work fails."""
        pace = self._pacing.of(token)
        with pace.alone(cancel, lambda: step(FetchStep("waiting_for_token"))):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self._sweep(folder)
                work = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
            except OSError as error:
                raise file_error(error, folder) from error
            started = self._clock.monotonic()
            try:
                yield _Job(
                    token=token,
                    query=query,
                    period=period,
                    cancel=cancel,
                    tell=step,
                    pace=pace,
                    folder=work,
                    started=started,
                    until=started + self._patience.total,
                )
            except BaseException:
                shutil.rmtree(work, ignore_errors=True)
                raise

    def _sweep(self, folder: Path) -> None:
        """Remove what a program that was ended in the midst of a fetch left behind.

        Once, before the first fetch: later a clock that jumps would make a fetch that is under way look old.
        """
        if folder in self._swept:
            return
        self._swept.add(folder)
        now = time.time()
        for left in folder.glob(f"{_PREFIX}*"):
            with contextlib.suppress(OSError):
                if abs(now - left.stat().st_mtime) > _LEFT_BEHIND_AFTER:
                    shutil.rmtree(left, ignore_errors=True)

    def _fetch(self, job: _Job) -> Fetched:
        retries = iter(self._patience.retries)
        renewals = iter((self._patience.renewal,))
        busy = iter(self._patience.busy)
        attempt = 1
        while True:
            try:
                status = self._send(job)
                return self._collect(job, status)
            except FlexError as error:
                pauses = busy if error.code == "heavy_load" else retries
                pause = self._pause_before_new_request(error, pauses if job.pace.may_retry(job.cancel) else iter(()), renewals)
                if pause is None:
                    _tell_if_that_was_the_last(job, error)
                    raise
                _logger.info("asking anew in %.0f s after %s", pause, error.code)
            attempt += 1
            job.tell(FetchStep("retrying", attempt=attempt, wait=pause))
            self._clock.sleep(pause, job.cancel)
            job.until = self._clock.monotonic() + self._patience.total  # what is promised anew is waited for as long

    def _pause_before_new_request(self, error: FlexError, retries: Iterator[float], renewals: Iterator[float]) -> float | None:
        """Return how long to wait before a new SendRequest, None when there shall be none."""
        action = action_for(error)
        if action is Action.RETRY:
            return next(retries, None)
        if action is Action.NEW_REQUEST:
            return next(renewals, None)
        return None

    def _time_for(self, job: _Job, pause: float) -> bool:
        return self._clock.monotonic() + pause <= job.until

    def _send(self, job: _Job) -> Status:
        """Send SendRequest until there is a reference code; only 1018, 1019 and 1021 are waited out here."""
        attempt = 0
        while True:
            attempt += 1
            job.tell(FetchStep("requesting", attempt=attempt))
            status = self._send_once(job)
            if status.success:
                return status
            error = self._failure(job, status, "SendRequest")
            if action_for(error) is not Action.WAIT:
                raise error
            # Without a reference there is nothing to poll: each further request may put one more job into IBKR's queue.
            try:
                self._wait(job, error, self._patience.not_taken, attempt + 1)
            except FlexError as last:
                if last.code == "not_retrieved":  # a failure, other than 1018 and 1019: counted once a run
                    job.pace.request_failed(last.code, for_user=False)
                raise

    def _send_once(self, job: _Job) -> Status:
        job.pace.may_request(job.cancel)
        query = {"q": job.query}
        if job.period is not None:
            query |= {"fd": f"{job.period[0]:%Y%m%d}", "td": f"{job.period[1]:%Y%m%d}"}
        answer, path, _size = self._call(job, f"{self._base}/SendRequest", query, limit=_LARGEST_STATUS)
        path.unlink(missing_ok=True)
        if isinstance(answer, Status):
            return answer
        raise FlexError("unexpected_answer", excerpt="FlexQueryResponse", call="SendRequest")

    def _failure(self, job: _Job, status: Status, call: str) -> FlexError:
        error = flex_error(status.number, status.text, call=call)
        action = action_for(error)
        _logger.info("%s: %s %s", call, status.number, error.code)
        if action is Action.LOCKED_OUT:
            job.pace.lock_out()
        elif error.code == "throttled":
            job.pace.rest(self._patience.throttled)
        elif action is not Action.WAIT and error.code != "not_available":
            # Both calls count. 1003 is how IBKR says that a window holds nothing: no mistake of anybody's.
            job.pace.request_failed(error.code, for_user=action is Action.ASK_USER)
        return error

    def _collect(self, job: _Job, status: Status) -> Fetched:
        """Poll with GetStatement until the statement is there."""
        waits = self._waits()
        ours = f"{self._base}/GetStatement"
        url = ours
        failures = attempt = 0
        pause = next(waits)
        job.tell(FetchStep("generating", attempt=1, wait=pause))
        self._clock.sleep(pause, job.cancel)
        while True:
            attempt += 1
            job.tell(FetchStep("generating", attempt=attempt))
            try:
                answer, path, size = self._call(job, url, {"q": status.reference}, limit=self._largest)
                if isinstance(answer, Statement):
                    check_complete(path)
                    return Fetched(path=path, size=size, type=answer.type, query_name=answer.query_name, requests=job.calls)
                _refuse_promise(answer)
            except FlexError as error:
                failures += 1
                if error.code not in _WAY_FAILED or failures > _TRANSIENT_FAILURES:
                    raise
                # The way failed, not the statement. IBKR's own address for it is the second way, and no other ever is.
                fallback = fallback_url(status.url, base=self._base)
                url = fallback if fallback is not None and url == ours else ours
                self._wait(job, error, next(waits), attempt + 1)
                continue
            path.unlink(missing_ok=True)
            failure = self._failure(job, answer, "GetStatement")
            if action_for(failure) is not Action.WAIT:
                raise failure
            self._wait(job, failure, next(waits), attempt + 1)

    def _waits(self) -> Iterator[float]:
        yield from self._patience.polls
        while True:
            yield self._patience.polls[-1]

    def _wait(self, job: _Job, error: FlexError, pause: float, attempt: int) -> None:
        """Wait before the same is asked again for the ``attempt``-th time, or raise when there is no time left."""
        if error.code == "throttled":
            pause = self._patience.throttled
        if not self._time_for(job, pause):
            if error.code == "in_progress":
                raise FlexError("not_ready", seconds=round(self._clock.monotonic() - job.started))
            raise error
        name = "throttled" if error.code == "throttled" else "way_failed" if error.code in _WAY_FAILED else "generating"
        job.tell(FetchStep(name, attempt=attempt, wait=pause))
        self._clock.sleep(pause, job.cancel)

    def _call(self, job: _Job, url: str, query: dict[str, str], *, limit: int) -> tuple[Status | Statement, Path, int]:
        job.pace.turn(job.cancel, lambda wait: job.tell(FetchStep("pacing", wait=wait)))
        job.calls += 1
        path = job.folder / f"{job.calls}.xml"
        body = get(
            url,
            job.token,
            query,
            to=path,
            limit=limit,
            cancel=job.cancel,
            timeouts=self._timeouts,
            session=self._session,
            received=lambda size: job.tell(FetchStep("downloading", size=size)),
        )
        return recognise(body.head, whole=body.whole), path, body.size


def _tell_if_that_was_the_last(job: _Job, error: FlexError) -> None:
    """Raise the guard's error where a trouble of IBKR's filled the guard: to try again in some minutes would be of no use.

    Raises:
        FlexError: ``too_many_failures`` or ``too_many_troubles``, with ``retry_at`` (UTC).
        Cancelled: somebody cancelled meanwhile.
    """
    if action_for(error) is not Action.RETRY:
        return
    try:
        job.pace.may_request(job.cancel)
    except FlexError as full:
        full.values.pop("asked", None)  # IBKR was asked this time
        raise full from error


def _refuse_promise(status: Status) -> None:
    """A statement was due: one more promise of it is neither that nor a reason."""
    if status.success:
        raise FlexError("unexpected_answer", excerpt="FlexStatementResponse", call="GetStatement")
