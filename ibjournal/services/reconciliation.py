"""Reconciliation: our figure, IBKR's figure, the difference, and the reason in a word.

What this version compares is the open quantity per instrument: our lots against OpenPositions. The other checks stand in the list
and say that they are not made yet.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from ibjournal.analytics.reconciliation import Check, CheckStatus
from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionStatus
from ibjournal.domain.instrument import InstrumentId, is_trade_instrument
from ibjournal.domain.period import ALL_TIME, Period
from ibjournal.services.jobs import CancelToken
from ibjournal.store.database import Connection, Database
from ibjournal.store.depots import accounts_of
from ibjournal.store.executions import all_executions
from ibjournal.store.instruments import all_instruments
from ibjournal.store.positions import latest_positions
from ibjournal.store.reports import covered_ranges
from ibjournal.store.trades import open_lots_of

__all__ = ["Check", "CheckStatus", "ReconciliationService"]


_LATER = ("realized", "cost", "cash", "nav_walk", "twr", "dividends", "withholding_tax", "interest", "fees", "commissions")


class ReconciliationService:
    """Compares. Thread-safe."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def checks(
        self,
        *,
        account: AccountId | None = None,
        period: Period | None = None,
        cancel: CancelToken | None = None,
    ) -> tuple[Check, ...]:
        """Return the comparisons of one account, or of all."""
        if cancel is not None:
            cancel.check()
        with self._database.reading() as db:
            accounts = accounts_of(db, None) if account is None else (account,)
            found: list[Check] = []
            for each in accounts:
                ranges = covered_ranges(db, (each,), "AF")
                period = Period(min(start for start, _ in ranges), max(end for _, end in ranges)) if ranges else ALL_TIME
                found.extend(_positions(db, each, period))
                found.extend(_not_in_report(each, name, period, reason="not_compared_yet") for name in _LATER)
        return tuple(found)

    def summary(self) -> dict[CheckStatus, int]:
        """Return how many checks of all accounts came to what."""
        return dict(Counter(check.status for check in self.checks()))


def _not_in_report(account: AccountId, check: str, period: Period, *, reason: str) -> Check:
    return Check(
        account=account,
        check=check,
        period=period,
        subject="",
        currency="",
        ours=None,
        ibkr=None,
        status=CheckStatus.NOT_IN_REPORT,
        reason=reason,
    )


def _positions(db: Connection, account: AccountId, period: Period) -> list[Check]:
    reported = {each.instrument: each for each in latest_positions(db, (account,))}
    if not reported:
        return [_not_in_report(account, "positions", period, reason="no_positions_reported")]
    day = max(each.day for each in reported.values())
    instruments = all_instruments(db)
    ours: dict[InstrumentId, Decimal] = {}
    late: dict[InstrumentId, Decimal] = {}
    for _account, instrument, lot in open_lots_of(db, (account,)):
        ours[instrument] = ours.get(instrument, Decimal(0)) + lot.quantity
    for execution, _report in all_executions(db, (account,)):
        if execution.status is ExecutionStatus.ACTIVE and (execution.report_date or execution.trade_date) > day:
            late[execution.instrument] = late.get(execution.instrument, Decimal(0)) + execution.quantity
    checks = []
    for instrument in sorted(ours.keys() | reported.keys()):
        known = instruments.get(instrument)
        if known is not None and not is_trade_instrument(known.asset_class):
            continue
        mine = ours.get(instrument, Decimal(0))
        theirs = reported[instrument].quantity if instrument in reported else Decimal(0)
        status, reason = _judge_position(mine, theirs, late.get(instrument, Decimal(0)), instrument in ours)
        checks.append(
            Check(
                account=account,
                check="positions",
                period=Period(period.start, day),
                subject=known.symbol if known else instrument,
                currency="",
                ours=mine,
                ibkr=theirs,
                status=status,
                reason=reason,
            )
        )
    return checks


def _judge_position(ours: Decimal, ibkr: Decimal, late: Decimal, seen: bool) -> tuple[CheckStatus, str]:  # noqa: FBT001
    if ours == ibkr:
        return CheckStatus.OK, ""
    if late and ours - late == ibkr:
        return CheckStatus.EXPLAINED, "fills_after_the_report"
    if not seen:
        return CheckStatus.EXPLAINED, "history_starts_later"
    return CheckStatus.DIFFERS, ""
