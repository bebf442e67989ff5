"""One pace for several processes that wake in the same moment."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_PROCESS = """
import sys, time
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
    print(time.time(), flush=True)
"""


def test_processes_that_wake_together_keep_one_pace(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PROCESS, str(tmp_path / "pace.json")]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    times = sorted(float(line) for each in running for line in each.communicate(timeout=60)[0].split())
    assert [each.returncode for each in running] == [0, 0, 0]
    assert len(times) == 9
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.15, times
