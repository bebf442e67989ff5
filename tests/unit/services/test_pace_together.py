"""One pace for several processes that wake in the same moment."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ibjournal.domain.errors import FlexError
from ibjournal.flex.pacing import Limits, Pacing
from ibjournal.flex.secret import Secret
from ibjournal.services.pace_memory import PaceMemory
from tests.fakes.clock import FakeClock
from tests.fakes.patience import SECONDS

ROOT = Path(__file__).resolve().parents[3]
_PROCESS = """
import sys
from pathlib import Path
from ibjournal.flex.pacing import Limits, Pacing
from ibjournal.flex.secret import Secret
from ibjournal.services.jobs import CancelToken
from ibjournal.services.pace_memory import PaceMemory
memory = PaceMemory(Path(sys.argv[1]), key="k")
known = {"changed": memory.remember, "recall": memory.recall, "news": memory.news, "together": memory.together}
pacing = Pacing(limits=Limits(spacing=0.25), **known)
pace = pacing.of(Secret("1" * 24))
for _ in range(3):
    pace.turn(CancelToken())
"""


def test_what_both_count_in_the_same_moment_is_counted_twice(tmp_path: Path) -> None:
    """Each was let through before the other failed."""
    clock = FakeClock()
    paces = []
    for _ in range(2):
        memory = PaceMemory(tmp_path / "pace.json", key="k")
        known = Pacing(
            clock=clock,
            limits=Limits(failures=2),
            changed=memory.remember,
            recall=memory.recall,
            news=memory.news,
            together=memory.together,
        )
        paces.append(known.of(Secret("1" * 24)))
    for pace in paces:
        pace.may_request()
    for pace in paces:
        pace.request_failed("heavy_load", for_user=False)
    for pace in paces:
        with pytest.raises(FlexError, match="too_many_troubles"):
            pace.may_request()


def test_processes_that_wake_together_keep_one_pace(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PROCESS, str(tmp_path / "pace.json")]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [each.wait(SECONDS) for each in running] == [0, 0, 0]
    known = PaceMemory(tmp_path / "pace.json", key="k").recall(Secret("1" * 24))
    assert known is not None
    assert len(known.sent) == 9, "none was forgotten by another"
    assert min(later - earlier for earlier, later in pairwise(known.sent)) >= timedelta(seconds=0.25), known.sent
