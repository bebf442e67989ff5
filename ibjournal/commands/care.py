"""``backup``, ``restore`` and ``check``: care for the data."""

from __future__ import annotations

from pathlib import Path

from ibjournal.bootstrap import Services
from ibjournal.commands.output import Output


def backup(services: Services, target: Path, output: Output) -> int:
    """``backup``: a checked copy of the database."""
    services.maintenance.backup(target)
    if output.json:
        output.write_json({"backup": str(target)})
    return 0


def restore(services: Services, source: Path, output: Output) -> int:
    """``restore``: prints the file that keeps what was there before."""
    before, _changes = services.maintenance.restore(source)
    if output.json:
        output.write_json({"before": str(before)})
    else:
        output.line(str(before))
    return 0


def check(services: Services, output: Output) -> int:
    """``check``: exit status 1 when something is wrong."""
    issues = services.maintenance.check()
    if output.json:
        output.write_json({"issues": [{"code": each.code, "detail": each.detail} for each in issues]})
    else:
        for each in issues:
            output.line(f"{each.code}\t{each.detail}")
    return 1 if issues else 0
