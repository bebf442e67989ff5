"""How long a test waits for what comes in a moment, on a machine however slow or busy: reached only where something is wrong."""

from __future__ import annotations

from ibjournal.flex.transport import Timeouts

SECONDS = 60.0
"""For an event, a thread, a process or a window. A test proves by what happened, and in what order, that nothing waited in vain:
what must not be waited for lasts longer than this."""

FOREVER = 600.0
"""Seconds that something goes on which a test ends, or has given up: longer than any test may take."""

TIMEOUTS = Timeouts(connect=SECONDS, read=SECONDS, whole=FOREVER)
"""For a service that answers."""
