"""What the window asks of the program: the services, as the composition root hands them over or a test fakes them."""

from __future__ import annotations

from typing import Protocol

from ibjournal.services.autosync import AutosyncService
from ibjournal.services.depots import DepotService
from ibjournal.services.events import EventsService
from ibjournal.services.importing import ImportService
from ibjournal.services.journal import JournalService
from ibjournal.services.performance import PerformanceService
from ibjournal.services.provenance import ProvenanceService
from ibjournal.services.reconciliation import ReconciliationService
from ibjournal.services.reports import ReportsService
from ibjournal.services.sync import SyncService


class Services(Protocol):
    """The bundle of services (`ibjournal.bootstrap.Services`); every call belongs into the background."""

    @property
    def depots(self) -> DepotService:
        """Add, change, test depots; renew tokens."""

    @property
    def sync(self) -> SyncService:
        """Fetch a depot's reports."""

    @property
    def autosync(self) -> AutosyncService:
        """What to fetch by itself, and when."""

    @property
    def importing(self) -> ImportService:
        """Take in files the user has."""

    @property
    def journal(self) -> JournalService:
        """Trades and notes."""

    @property
    def performance(self) -> PerformanceService:
        """Figures over a period."""

    @property
    def reports(self) -> ReportsService:
        """The log of fetches and imports."""

    @property
    def reconciliation(self) -> ReconciliationService:
        """Our figures beside IBKR's."""

    @property
    def provenance(self) -> ProvenanceService:
        """Where a figure comes from."""

    @property
    def events(self) -> EventsService:
        """What changed positions without a fill."""
