"""What the program gives away of a journal: nobody's token may be in any of it."""

from __future__ import annotations

import json

from ibjournal.bootstrap import Services
from ibjournal.paths import Paths
from ibjournal.services.export import KINDS
from tests.fakes import token_watch


def handed_out(services: Services, paths: Paths) -> list[str]:
    """Make a backup, which stays in the data folder, and return every export and the diagnosis; there is a log by then."""
    services.backups.make()
    exports = [json.dumps(services.export.rows(kind), default=str) for kind in KINDS]
    diagnosis = services.diagnosis.report()
    assert "[runs]" in diagnosis
    assert (paths.logs / "ibjournal.log").stat().st_size, "a log without a line proves nothing"
    watch = token_watch.current()
    watch.journals.discard(paths.data)  # all of it was given away already
    for text in (diagnosis, *exports):
        watch.hear(f"given away of {paths.data}", text)
    return [diagnosis, *exports]
