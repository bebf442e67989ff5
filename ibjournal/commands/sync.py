"""``sync``: fetch what is new."""

from __future__ import annotations

from ibjournal.bootstrap import Services
from ibjournal.commands.depots import depot_named
from ibjournal.commands.interrupt import interruptible
from ibjournal.commands.output import Output
from ibjournal.commands.reports import file_as_json
from ibjournal.domain.errors import FlexError
from ibjournal.services.jobs import CancelToken
from ibjournal.services.sync import QuerySync, SyncReport
from ibjournal.services.sync_all import sync_depots
from ibjournal.services.sync_order import chains


def sync(services: Services, name: str | None, output: Output) -> int:
    """``sync``: each depot that is not paused and has a query, or the one that is named; in parallel where tokens differ."""
    groups = [[depot_named(services.depots.list_depots(), name)]] if name else chains(services.depots.depot_states())
    output.expect_progress()

    def fetch(cancel: CancelToken) -> list[SyncReport]:
        reports = sync_depots(services.sync, groups, cancel=cancel, progress=output.progress)
        cancel.check()
        return reports

    reports = interruptible(fetch)
    if output.json:
        output.write_json({"depots": [_synced(each, output) for each in reports]})
    failed = False
    for report in reports:
        for query in report.queries:
            if not output.json:
                if _nothing_there(query):
                    output.note(f"ibjournal: {report.depot_name} {query.slot}: {output.sentence(FlexError('not_available'))}")
                for file in query.files:
                    days = f"{file.from_date} – {file.to_date}"
                    output.line(f"{report.depot_name} {query.slot} {days}: +{file.new} ~{file.updated} ={file.unchanged}")
                    for warning in file.warnings:
                        output.note(f"ibjournal: {report.depot_name} {query.slot} {days}: {output.warning(warning)['text']}")
        if report.error is not None:
            failed = True
            output.note(f"ibjournal: {report.depot_name}: {output.sentence(report.error)}")
    return 1 if failed else 0


def _nothing_there(query: QuerySync) -> bool:
    """Tell whether IBKR had no statement for any of the days (1003): no failure, and yet whoever looks for fills wants to know."""
    return not (query.files or query.error or query.skipped)


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
                "files": [file_as_json(each, output) for each in query.files],
            }
            for query in report.queries
        ],
    }
