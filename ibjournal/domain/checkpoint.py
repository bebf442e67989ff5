"""Where long computations may be ended: they pass a checkpoint now and then, and whoever started them says what happens there.

A sync that is cancelled shall end within a second, also while the trades of a hundred thousand fills are found. The engine knows
neither threads nor buttons; so what is asked at a checkpoint stands in a context variable, and by default nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


def _go_on() -> None:
    """Let the work go on."""


_check: ContextVar[Callable[[], None]] = ContextVar("check", default=_go_on)


def checkpoint() -> None:
    """Let the work be ended here: raises what the callable of `ended_by` raises, if there is one."""
    _check.get()()


@contextmanager
def ended_by(check: Callable[[], None] | None) -> Iterator[None]:
    """Have ``check`` called at each checkpoint of this thread's work; it raises to end it. None changes nothing."""
    if check is None:
        yield
        return
    before = _check.set(check)
    try:
        yield
    finally:
        _check.reset(before)
