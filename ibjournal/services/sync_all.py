"""Sync several depots without a window: side by side where their tokens differ, in turn where they share one."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Protocol

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.errors import FlexError
from ibjournal.services.jobs import CancelToken, Progress, ProgressSink
from ibjournal.services.sync_order import PARALLEL
from ibjournal.services.sync_report import SyncReport, ends_token


class DepotSync(Protocol):
    """What syncs one depot (`ibjournal.services.sync.SyncService`)."""

    def sync_depot(self, depot: DepotId, *, cancel: CancelToken | None, progress: ProgressSink) -> SyncReport:
        """Fetch a depot; failures are told in the report."""

    def not_asked(self, depot: DepotId, error: FlexError) -> SyncReport:
        """Put on record that a depot was passed over, since its token was refused for another."""


def sync_depots(
    sync: DepotSync, groups: Sequence[Sequence[Depot]], *, cancel: CancelToken, progress: ProgressSink
) -> list[SyncReport]:
    """Sync depots, and return their reports in the order of the groups.

    Args:
        sync: syncs one depot.
        groups: depots that share a token stand in one group (`ibjournal.services.sync_order.chains`).
        cancel: ends all within a moment; depots that were not begun by then have no report.
        progress: told of every depot's steps, and of ``done`` when it ends; from several threads.
    """
    with ThreadPoolExecutor(max_workers=PARALLEL, thread_name_prefix="sync") as pool:
        running = [pool.submit(_sync_group, sync, group, cancel, progress) for group in groups]
    return list(chain.from_iterable(each.result() for each in running))


def _sync_group(sync: DepotSync, group: Sequence[Depot], cancel: CancelToken, progress: ProgressSink) -> list[SyncReport]:
    reports: list[SyncReport] = []
    refused: FlexError | None = None
    for depot in group:
        if cancel.cancelled:
            break
        if refused is not None:  # they hold the same token: asking again would only count as failures
            reports.append(sync.not_asked(depot.id, refused))
            continue
        report = sync.sync_depot(depot.id, cancel=cancel, progress=progress)
        reports.append(report)
        progress(Progress("done", depot.name))
        refused = ends_token(report)
    return reports
