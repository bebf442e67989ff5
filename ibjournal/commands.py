"""What the headless commands do and how they print it."""

from __future__ import annotations

import argparse
import csv
import getpass
import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from ibjournal.bootstrap import Services
from ibjournal.domain.depot import AccountId, Depot
from ibjournal.domain.errors import CredentialError, JournalError, UsageError
from ibjournal.domain.period import Period
from ibjournal.flex.query_doctor import diagnose
from ibjournal.services.depots import DepotDraft
from ibjournal.services.importing import ImportedFile, ReportWarning
from ibjournal.services.jobs import Progress
from ibjournal.services.performance import Convention
from ibjournal.services.sync import SyncReport
from ibjournal.store.archive import file_error

_BAR = 24


class Output:
    """Standard output for data, standard error for everything else; words in the user's language."""

    def __init__(self, *, language: str | None, json: bool) -> None:
        self.json = json
        self._language = language
        self._spoken = False
        self._bar = False

    def write_json(self, value: object) -> None:
        """Print a value as JSON: money as decimal text, dates as ISO 8601."""
        json.dump(plain(value), sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")

    def line(self, text: str) -> None:
        """Print a line of data."""
        sys.stdout.write(f"{text}\n")

    def note(self, text: str) -> None:
        """Print a line that is no data."""
        self._end_bar()
        sys.stderr.write(f"{text}\n")

    def error(self, error: JournalError) -> None:
        """Print what happened and what to do, in one line."""
        self.note(f"ibjournal: {self.sentence(error)}")

    def sentence(self, error: JournalError) -> str:
        """Return an error in the user's language."""
        self._speak()
        from ibjournal.gui.errors import describe  # noqa: PLC0415 - Qt is loaded when there is something to say

        return describe(error).sentence

    def warning(self, warning: ReportWarning) -> dict[str, object]:
        """Return a warning as JSON shows it: code, text, and its values."""
        self._speak()
        from ibjournal.gui.errors import describe_warning  # noqa: PLC0415 - Qt is loaded when there is something to say

        values = {name: plain(value) for name, value in warning.values if name not in {"code", "text"}}
        return {"code": warning.code, "text": describe_warning(warning.code, warning.values), **values}

    def failure(self, error: JournalError | None) -> dict[str, object] | None:
        """Return an error as JSON shows it."""
        return None if error is None else {"code": error.code, "text": self.sentence(error)}

    def progress(self, progress: Progress) -> None:
        """Draw a bar on a terminal; elsewhere say nothing."""
        if not sys.stderr.isatty():
            return
        filled = int(_BAR * (progress.fraction or 0))
        bar = "█" * filled + "·" * (_BAR - filled)
        sys.stderr.write(f"\r\x1b[K{bar} {progress.subject} {progress.step.replace('_', ' ')}")
        sys.stderr.flush()
        self._bar = True

    def _end_bar(self) -> None:
        if self._bar:
            sys.stderr.write("\r\x1b[K")
            self._bar = False

    def _speak(self) -> None:
        if self._spoken:
            return
        from ibjournal.gui import i18n  # noqa: PLC0415 - Qt is loaded when there is something to say

        self._application = i18n.speak(self._language)
        self._spoken = True


def plain(value: object) -> Any:
    """Return a value as JSON holds it: decimals as text, dates as ISO 8601, dataclasses as objects."""
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Sequence | set | frozenset):
        return [plain(each) for each in value]
    return str(value)


def import_files(services: Services, paths: Sequence[Path], output: Output) -> int:
    """``import``: the shape of its JSON is part of the contract."""
    files = services.importing.import_paths(paths, progress=output.progress)
    if output.json:
        output.write_json({"files": [_file(each, output) for each in files]})
    for each in files:
        if each.error is not None:
            output.error(each.error)
        elif not output.json:
            output.line(f"{Path(each.file).name}: +{each.new} ~{each.updated} ={each.unchanged}")
    return 1 if any(each.error for each in files) else 0


def _file(file: ImportedFile, output: Output) -> dict[str, object]:
    return {
        "file": file.file,
        "sha256": file.sha256,
        "type": file.type.value if file.type else None,
        "accounts": list(file.accounts),
        "from": file.from_date,
        "to": file.to_date,
        "sections": dict(file.sections),
        "executions": {"new": file.new, "updated": file.updated, "unchanged": file.unchanged},
        "warnings": [output.warning(each) for each in file.warnings],
        "error": output.failure(file.error),
    }


def sync(services: Services, name: str | None, output: Output) -> int:
    """``sync``: each depot that is not paused and has a query, or the one that is named."""
    depots = services.depots.list_depots()
    chosen = [_named(depots, name)] if name else [each for each in depots if not each.paused and _has_query(each)]
    reports = [services.sync.sync_depot(each.id, progress=output.progress) for each in chosen]
    if output.json:
        output.write_json({"depots": [_synced(each, output) for each in reports]})
    failed = False
    for report in reports:
        for query in report.queries:
            if not output.json:
                for file in query.files:
                    days = f"{file.from_date} – {file.to_date}"
                    output.line(f"{report.depot_name} {query.slot} {days}: +{file.new} ~{file.updated} ={file.unchanged}")
        if report.error is not None:
            failed = True
            output.note(f"ibjournal: {report.depot_name}: {output.sentence(report.error)}")
    return 1 if failed else 0


def _has_query(depot: Depot) -> bool:
    return bool(depot.activity_query or depot.confirmation_query)


def _synced(report: SyncReport, output: Output) -> dict[str, object]:
    return {
        "depot": report.depot_name,
        "cancelled": report.cancelled,
        "error": output.failure(report.error),
        "queries": [
            {
                "slot": query.slot,
                "skipped": query.skipped,
                "error": output.failure(query.error),
                "files": [_file(each, output) for each in query.files],
            }
            for query in report.queries
        ],
    }


def depot(services: Services, options: argparse.Namespace, output: Output) -> int:
    """``depot list|add|edit|renew|test|remove``."""
    depots = services.depots.list_depots()
    if options.action == "list":
        return _list_depots(depots, output)
    if not options.name:
        raise UsageError("name_missing")
    if options.action == "add":
        draft = DepotDraft(
            name=options.name,
            activity_query=options.activity_query or "",
            confirmation_query=options.confirmation_query or "",
            token=_read_token(),
            token_expires=options.expires,
        )
        number, _changes = services.depots.add(draft)
        _tell_if_not_kept(services, number, output)
        return _list_depots([each for each in services.depots.list_depots() if each.id == number], output)
    chosen = _named(depots, options.name)
    match options.action:
        case "edit":
            services.depots.edit(
                chosen.id,
                DepotDraft(
                    name=chosen.name,
                    activity_query=chosen.activity_query if options.activity_query is None else options.activity_query,
                    confirmation_query=(
                        chosen.confirmation_query if options.confirmation_query is None else options.confirmation_query
                    ),
                    token_expires=options.expires or chosen.token_expires,
                ),
            )
        case "renew":
            shared = services.depots.sharing_token(chosen.id)
            services.depots.renew((chosen.id, *shared), _read_token(), options.expires)
            _tell_if_not_kept(services, chosen.id, output)
        case "test":
            return _test(services, chosen, output)
        case "remove":
            services.depots.remove(chosen.id)
            return 0
    return _list_depots([each for each in services.depots.list_depots() if each.id == chosen.id], output)


def _list_depots(depots: Sequence[Depot], output: Output) -> int:
    rows = [
        {
            "name": each.name,
            "accounts": list(each.accounts),
            "activity_query": each.activity_query,
            "confirmation_query": each.confirmation_query,
            "token_expires": each.token_expires,
            "paused": each.paused,
            "from_files": each.from_files,
        }
        for each in depots
    ]
    if output.json:
        output.write_json({"depots": rows})
    else:
        for row, each in zip(rows, depots, strict=True):
            ids = " / ".join(part for part in (each.activity_query, each.confirmation_query) if part)
            output.line("  ".join(part for part in (str(row["name"]), ", ".join(each.accounts), ids) if part))
    return 0


def _test(services: Services, chosen: Depot, output: Output) -> int:
    draft = DepotDraft(name=chosen.name, activity_query=chosen.activity_query, confirmation_query=chosen.confirmation_query)
    results = services.depots.test(draft, depot=chosen.id, progress=output.progress)
    if output.json:
        output.write_json(
            {
                "queries": [
                    {
                        "slot": each.slot,
                        "query": each.query,
                        "type": each.type,
                        "accounts": list(each.accounts),
                        "from": each.from_date,
                        "to": each.to_date,
                        "sections": dict(each.sections),
                        "skipped": each.skipped,
                        "error": output.failure(each.error),
                    }
                    for each in results
                ]
            }
        )
    for each in results:
        if each.error is not None:
            output.error(each.error)
        elif not output.json and not each.skipped:
            output.line(f"{each.slot}: {each.type} {', '.join(each.accounts)} {each.from_date} – {each.to_date}")
    return 1 if any(each.error for each in results) else 0


def _read_token() -> str:
    """Return the token from standard input, or asked for without echo."""
    if sys.stdin is not None and not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return getpass.getpass("Token: ").strip()


def _tell_if_not_kept(services: Services, number: int, output: Output) -> None:
    state = next((each for each in services.depots.depot_states() if each.depot.id == number), None)
    if state is not None and state.has_token and not state.token_kept:
        output.error(CredentialError("no_keyring"))


def _named(depots: Sequence[Depot], name: str) -> Depot:
    for each in depots:
        if each.name.casefold() == name.strip().casefold():
            return each
    raise UsageError("unknown_depot", depot=name)


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
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise file_error(error, target) from error
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
    checks = [
        {
            "account": each.account,
            "check": each.check,
            "period": {"from": each.period.start, "to": each.period.end},
            "subject": each.subject,
            "currency": each.currency,
            "ours": each.ours,
            "ibkr": each.ibkr,
            "difference": each.difference,
            "status": each.status,
            "reason": each.reason,
        }
        for each in services.reconciliation.checks(account=account)
    ]
    if output.json:
        output.write_json({"checks": checks})
        return 0
    for check_ in checks:
        output.line(
            "\t".join(str(plain(check_[name])) for name in ("account", "check", "subject", "ours", "ibkr", "status", "reason"))
        )
    return 0


def doctor(paths: Sequence[Path], output: Output) -> int:
    """``doctor``: what these reports lack."""
    diagnoses = [diagnose(path) for path in paths]
    if output.json:
        output.write_json(
            {
                "reports": [
                    {
                        "file": each.file,
                        "type": each.type or None,
                        "findings": [
                            {"code": found.code, "section": found.section, "screen": found.screen} for found in each.findings
                        ],
                        "error": output.failure(each.error),
                    }
                    for each in diagnoses
                ]
            }
        )
    for each in diagnoses:
        if each.error is not None:
            output.error(each.error)
        elif not output.json:
            for found in each.findings:
                output.line(f"{Path(each.file).name}\t{found.code}\t{found.section}\t{found.screen}")
    return 1 if any(each.error for each in diagnoses) else 0


def check(services: Services, output: Output) -> int:
    """``check``: exit status 1 when something is wrong."""
    issues = services.maintenance.check()
    if output.json:
        output.write_json({"issues": [{"code": each.code, "detail": each.detail} for each in issues]})
    else:
        for each in issues:
            output.line(f"{each.code}\t{each.detail}")
    return 1 if issues else 0
