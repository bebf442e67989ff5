"""Background work: run a callable on a thread, deliver its result on the GUI thread.

The GUI thread never opens the database and never calls a service directly; everything goes through a `TaskRunner`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, Generic, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from ibjournal.domain.checkpoint import ended_by
from ibjournal.domain.errors import Cancelled, JournalError
from ibjournal.services.jobs import CancelToken

T = TypeVar("T")

_log = logging.getLogger(__name__)

THREADS = 4
"""Three depots in parallel and one thread for what the user looks at meanwhile."""


@dataclass(slots=True)
class _Outcome:
    result: Any = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class _Caller(Generic[T]):
    """What is called, and who waits for it: kept on the GUI thread, so that no other can be the last to let go of a widget."""

    call: Callable[[], T]
    owner: QObject | None
    done: Callable[[T], object] | None
    failed: Callable[[Exception], object] | None
    token: CancelToken | None


class TaskRunner(QObject):
    """Runs callables in the background and calls back on the thread it lives on.

    ``failed`` hears of expected failures (`JournalError`). Without a ``failed`` they are emitted as `error`.
    What is not a `JournalError` is a bug of ours: ``failed`` is not asked, `bug` is emitted.
    """

    error = Signal(object)
    """A `JournalError` that nobody took."""
    bug = Signal(object)
    """Any other exception."""
    busy_changed = Signal(bool)
    """Whether any work is under way."""
    _arrived = Signal(int)
    _called = Signal(object)

    def __init__(self, executor: Executor | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = executor or ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="ibjournal")
        self._tokens: set[CancelToken] = set()
        self._end = CancelToken()
        self._running = 0
        self._numbers = count()
        self._callers: dict[int, _Caller[Any]] = {}
        self._outcomes: dict[int, _Outcome] = {}
        self._closed = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._called.connect(self._call, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether any work is under way or its result not yet delivered."""
        return self._running > 0

    def run(
        self,
        fn: Callable[..., T],
        *args: Any,
        owner: QObject | None = None,
        done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        token: CancelToken | None = None,
        reads: bool = False,
        **kwargs: Any,
    ) -> None:
        """Run ``fn(*args, **kwargs)`` in the background.

        Args:
            fn: the callable; must not touch widgets.
            args: handed to ``fn``.
            owner: when this object is gone by then, nobody is called.
            done: called with the result, on this object's thread.
            failed: called with a `JournalError`, on this object's thread.
            token: cancelled at `shutdown`; hand it to ``fn`` yourself where ``fn`` takes one.
            reads: ``fn`` writes nothing, so `shutdown` ends it at the next `ibjournal.domain.checkpoint`.
            kwargs: handed to ``fn``.
        """
        if self._closed:
            return
        if token is not None:
            self._tokens.add(token)
        self._running += 1
        if self._running == 1:
            self.busy_changed.emit(True)

        number = next(self._numbers)
        call = partial(fn, *args, **kwargs)
        self._callers[number] = _Caller(call, owner, done, failed, token)
        todo = [call]

        def work() -> None:
            outcome = _Outcome()
            try:
                with ended_by(self._end.check if reads else None):
                    outcome.result = todo.pop()()
            except BaseException as error:  # noqa: BLE001 - carried to the GUI thread, where it is told apart
                outcome.error = error
            self._outcomes[number] = outcome
            del outcome  # its traceback may hold widgets: this thread must not be the last to let go of it
            if shiboken6.isValid(self):
                self._arrived.emit(number)

        self._executor.submit(work)

    def call(self, fn: Callable[..., object], *args: Any) -> None:
        """Call ``fn(*args)`` on this object's thread, soon; for progress, from any thread."""
        if shiboken6.isValid(self) and not self._closed:
            self._called.emit((fn, args))

    def shutdown(self) -> None:
        """Cancel what can be cancelled, wait for what runs, deliver nothing more."""
        self._closed = True
        self._end.cancel()
        for token in self._tokens:
            token.cancel()
        self._executor.shutdown(wait=True, cancel_futures=True)

    @Slot(object)
    def _call(self, job: tuple[Callable[..., object], tuple[Any, ...]]) -> None:
        if not self._closed:
            job[0](*job[1])

    @Slot(int)
    def _deliver(self, number: int) -> None:
        self._running -= 1
        caller, outcome = self._callers.pop(number), self._outcomes.pop(number)
        if caller.token is not None:
            self._tokens.discard(caller.token)
        try:
            if not self._closed:
                self._hand_over(outcome, caller)
        finally:
            if self._running == 0:
                self.busy_changed.emit(False)

    def _hand_over(self, outcome: _Outcome, caller: _Caller[Any]) -> None:
        error = outcome.error
        if isinstance(error, Cancelled):
            return
        gone = caller.owner is not None and not shiboken6.isValid(caller.owner)
        if error is None:
            if caller.done is not None and not gone:
                caller.done(outcome.result)
        elif isinstance(error, JournalError):
            _log.info("a task failed: %s", error.code)
            if caller.failed is not None and not gone:
                caller.failed(error)
            elif caller.failed is None:
                self.error.emit(error)
        else:
            self.bug.emit(error)
