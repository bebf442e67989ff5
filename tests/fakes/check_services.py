"""Checks and origins for screens under test, from what a test gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ibjournal.analytics.reconciliation import Check, CheckStatus
from ibjournal.domain.depot import AccountId
from ibjournal.domain.errors import JournalError
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.period import Period
from ibjournal.domain.position_event import Place
from ibjournal.domain.provenance import RowRef
from ibjournal.services.changes import Changes
from ibjournal.services.events import AccountLink, ConversionPair, EventRow, EventsService, LinkSuggestion
from ibjournal.services.origins import Origin, OriginKind, SourceReport, SourceRow
from ibjournal.services.provenance import ProvenanceService
from ibjournal.services.reconciliation.service import ReconciliationService

YEAR = Period(date(2026, 1, 1), date(2026, 11, 18))


def make_check(check: str = "realized_instrument", ours: object = "100", ibkr: object = "100", **fields: Any) -> Check:
    """Return a check of account U1000001 in EUR; its result follows from the figures unless ``status`` says otherwise."""
    mine, theirs = (None if value is None else Decimal(str(value)) for value in (ours, ibkr))
    differs = mine is None or theirs is None or abs(mine - theirs) > Decimal("0.005")
    status = CheckStatus.DIFFERS if differs else CheckStatus.OK
    if mine is None or theirs is None:
        status = CheckStatus.NOT_IN_REPORT
    values: dict[str, Any] = {
        "account": AccountId("U1000001"),
        "check": check,
        "period": YEAR,
        "subject": "",
        "currency": "EUR",
        "ours": mine,
        "ibkr": theirs,
        "status": status,
    }
    return Check(**(values | fields))


def make_source_row(ref: RowRef = RowRef(1, 0), **attributes: str) -> SourceRow:  # noqa: B008 - a frozen value
    """Return a row of a report; ``attributes`` are those of a Trade."""
    values = {"accountId": "U1000001", "symbol": "PLTR", "assetCategory": "OPT", "fifoPnlRealized": "412.85"} | attributes
    text = " ".join(f'{name}="{value}"' for name, value in values.items())
    report = SourceReport(
        id=ref.report,
        name=f"activity-{ref.report}.xml",
        archive_file=f"1/20261119T120300Z-0000000{ref.report}.xml.gz",
        type="AF",
        query_name="ibjournal Activity",
        accounts=("U1000001",),
        from_date=date(2026, 1, 1),
        to_date=date(2026, 11, 18),
        generated_at=datetime(2026, 11, 19, 10, 6, tzinfo=UTC),
        received_at=datetime(2026, 11, 19, 12, 3, tzinfo=UTC),
    )
    return SourceRow(
        ref=ref, report=report, section="Trades", tag="Trade", account="U1000001", text=f"<Trade {text}/>",
        attributes=tuple(values.items()),
    )  # fmt: skip


class FakeReconciliation(ReconciliationService):
    """Answers with the checks a test gave; remembers what it was asked."""

    def __init__(self, *checks: Check) -> None:
        self.found = checks
        self.asked: list[tuple[AccountId | None, Period | None]] = []
        self.counted = 0

    def checks(
        self, *, account: AccountId | None = None, period: Period | None = None, cancel: object = None, **_more: Any
    ) -> tuple[Check, ...]:
        self.asked.append((account, period))
        return tuple(check for check in self.found if account in (None, check.account))

    def summary(self, **_more: Any) -> dict[CheckStatus, int]:
        self.counted += 1
        return dict(Counter(check.status for check in self.found))


class FakeProvenance(ProvenanceService):
    """Answers with rows made up on the spot, and with one chain; fails with ``failure`` where that is set."""

    def __init__(self, origin: Origin | None = None) -> None:
        self.origin = origin or Origin(kind=OriginKind.ROW, row=RowRef(1, 0))
        self.failure: JournalError | None = None
        self.asked: list[object] = []

    def rows(self, refs: Iterable[RowRef]) -> dict[RowRef, SourceRow]:
        if self.failure is not None:
            raise self.failure
        return {ref: make_source_row(ref, transactionID=str(ref.ordinal)) for ref in refs}

    def of_trade(self, key: Any) -> Origin | None:
        self.asked.append(key)
        return self.origin

    def of_execution(self, account: Any, instrument: Any, uid: Any) -> Origin:
        self.asked.append(uid)
        return self.origin

    def of_check(self, check: Check) -> Origin:
        self.asked.append(check)
        return self.origin

    def of_results(self, name: str, **_asked: Any) -> Origin:
        self.asked.append(name)
        return self.origin

    def of_values(self, name: str, **_asked: Any) -> Origin:
        self.asked.append(name)
        return self.origin


class FakeEvents(EventsService):
    """Lists what a test gave; remembers what it was told."""

    def __init__(self, *rows: EventRow) -> None:
        self.rows = rows
        self.linked: tuple[AccountLink, ...] = ()
        self.guesses: tuple[LinkSuggestion, ...] = ()
        self.pairs: tuple[ConversionPair, ...] = ()
        self.told: list[tuple[Any, ...]] = []

    def list_events(self, account: AccountId | None = None) -> tuple[EventRow, ...]:
        return self.rows

    def links(self) -> tuple[AccountLink, ...]:
        return self.linked

    def link_suggestions(self) -> tuple[LinkSuggestion, ...]:
        return self.guesses

    def conversions(self) -> tuple[ConversionPair, ...]:
        return self.pairs

    def tell_basis(self, event: str, place: Place, cost: Decimal, currency: str, *, opened_on: date | None = None) -> Changes:
        return self._note("tell_basis", event, place, cost, currency, opened_on)

    def forget_basis(self, event: str, place: Place) -> Changes:
        return self._note("forget_basis", event, place)

    def link_accounts(self, old: AccountId, new: AccountId) -> Changes:
        return self._note("link", old, new)

    def unlink(self, old: AccountId) -> Changes:
        return self._note("unlink", old)

    def call_trading(self, account: AccountId, instrument: InstrumentId, trading: bool) -> Changes:
        return self._note("call_trading", account, instrument, trading)

    def _note(self, *call: Any) -> Changes:
        self.told.append(call)
        return Changes(trades=True, positions=True)
