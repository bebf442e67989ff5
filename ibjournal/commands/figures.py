"""``export``, ``performance`` and ``reconcile``: what the journal knows."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date
from pathlib import Path

from ibjournal.bootstrap import Services
from ibjournal.commands.output import Output, plain
from ibjournal.domain.depot import AccountId
from ibjournal.domain.period import Period
from ibjournal.services.performance import Convention
from ibjournal.store.whole_file import write_whole


def export(services: Services, kind: str, *, format_: str, account: AccountId | None, target: Path | None, output: Output) -> int:
    """``export``: CSV or JSON, to standard output or a file."""
    rows = services.export.rows(kind, account=account)
    if format_ == "json":
        text = json.dumps({kind: rows}, ensure_ascii=False, indent=1) + "\n"
    else:
        buffer = io.StringIO()
        names = list(rows[0]) if rows else []
        writer = csv.DictWriter(buffer, names, lineterminator="\n")
        if names:
            writer.writeheader()
        writer.writerows(rows)
        text = buffer.getvalue()
    if target is None:
        sys.stdout.write(text)
        return 0
    write_whole(target, text)
    output.note(f"{target}: {len(rows)}")
    return 0


def performance(
    services: Services, output: Output, *, account: AccountId | None, start: date | None, end: date | None, convention: str
) -> int:
    """``performance``."""
    report = services.performance.report(account=account, period=Period(start, end), convention=Convention(convention))
    if output.json:
        output.write_json(report)
        return 0
    for figure in (*report.figures, *report.statistics):
        value = "–" if figure.value is None else format(round(figure.value, 6), "f")
        output.line(f"{figure.name}\t{value}\t{figure.n if figure.n is not None else ''}")
    return 0


def reconcile(services: Services, account: AccountId | None, output: Output) -> int:
    """``reconcile``: the shape of its JSON is part of the contract."""
    checks = [output.check(each) for each in services.reconciliation.checks(account=account)]
    if output.json:
        output.write_json({"checks": checks})
        return 0
    for check_ in checks:
        output.line(
            "\t".join(str(plain(check_[name])) for name in ("account", "check", "subject", "ours", "ibkr", "status", "reason"))
        )
    return 0
