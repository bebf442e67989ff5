"""For which failures the depots of the same token are left for later."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import CredentialError, FlexError, JournalError, ReportError, StoreError
from ibjournal.services.changes import Changes
from ibjournal.services.sync_report import QuerySync, SyncReport, ends_token

NOW = datetime(2026, 9, 28, 16, 0, tzinfo=UTC)
NOT_READY, NO_WAY = FlexError("mtm_not_ready"), FlexError("html_answer")
SKIPPED = QuerySync(slot="confirmation", skipped=True)


def _report(error: JournalError | None, *queries: QuerySync) -> SyncReport:
    return SyncReport(
        depot=DepotId(1), depot_name="D", started_at=NOW, ended_at=NOW, queries=queries, changes=Changes(), error=error
    )


def _query(error: JournalError | None) -> QuerySync:
    return QuerySync(slot="activity", error=error)


@pytest.mark.parametrize(
    "code", ["token_expired", "locked_out", "too_many_failures", "too_many_troubles", "throttled", "heavy_load"]
)
def test_what_holds_for_the_token_holds_for_all_its_depots(code: str) -> None:
    error = FlexError(code)
    assert ends_token(_report(error, _query(error), _query(None))) is error


@pytest.mark.parametrize("queries", [(_query(NOT_READY), SKIPPED), (_query(NOT_READY), _query(FlexError("incomplete")))])
def test_where_ibkr_could_make_nothing_the_next_depot_is_left_for_later(queries: tuple[QuerySync, ...]) -> None:
    assert ends_token(_report(NOT_READY, *queries)) is NOT_READY


@pytest.mark.parametrize(
    ("error", "queries"),
    [
        (None, (_query(None), _query(None))),
        (NOT_READY, (_query(NOT_READY), _query(None))),
        (NOT_READY, (_query(NOT_READY), _query(FlexError("query_invalid")))),
        (NO_WAY, (_query(NO_WAY), _query(NO_WAY))),
        (FlexError("query_invalid"), (_query(FlexError("query_invalid")), SKIPPED)),
        (ReportError("wrong_report_type"), (_query(ReportError("wrong_report_type")), SKIPPED)),
        (StoreError("disk_full"), (_query(StoreError("disk_full")), SKIPPED)),
        (CredentialError("token_missing"), (SKIPPED, SKIPPED)),
        (FlexError("incomplete"), ()),
    ],
)
def test_what_is_a_depots_own_concerns_no_other(error: JournalError | None, queries: tuple[QuerySync, ...]) -> None:
    assert ends_token(_report(error, *queries)) is None
