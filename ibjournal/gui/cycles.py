"""Garbage in cycles is destroyed on the window's thread alone.

Python looks for cycles on whichever thread happens to make one object too many, and destroys there what it finds. A widget that
is destroyed on a background thread takes the whole program with it. So Python's own search is off as long as there are windows,
and the event loop searches as often as Python would.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_PAUSE = 1000
"""Milliseconds between two looks."""


class CycleCollector(QObject):
    """Looks for cycles on the thread it lives on, from now to the end of the process."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self)
        timer.timeout.connect(collect)
        timer.start(_PAUSE)


def collect() -> None:
    """Collect the generations that are due by Python's own thresholds."""
    for generation, (count, threshold) in reversed(list(enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)))):
        if threshold and count > threshold:
            gc.collect(generation)
            return
