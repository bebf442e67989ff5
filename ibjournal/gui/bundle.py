"""What the window asks of the program: the services, as the composition root hands them over or a test fakes them."""

from __future__ import annotations

from typing import Protocol

from ibjournal.services.autosync import AutosyncService
from ibjournal.services.backups import BackupService
from ibjournal.services.campaigns import CampaignService
from ibjournal.services.depots import DepotService
from ibjournal.services.diagnosis import DiagnosisService
from ibjournal.services.doctor import DoctorService
from ibjournal.services.events import EventsService
from ibjournal.services.importing import ImportService
from ibjournal.services.journal import JournalService
from ibjournal.services.maintenance import MaintenanceService
from ibjournal.services.moving import MovingService
from ibjournal.services.performance import PerformanceService
from ibjournal.services.provenance import ProvenanceService
from ibjournal.services.reconciliation.service import ReconciliationService
from ibjournal.services.recovery import RecoveryService
from ibjournal.services.reminders import ReminderService
from ibjournal.services.removal import RemovalService
from ibjournal.services.reports import ReportsService
from ibjournal.services.strategies import StrategyService
from ibjournal.services.sync import SyncService
from ibjournal.services.tokens import TokenService


class Services(Protocol):
    """The bundle of services (`ibjournal.bootstrap.Services`); every call belongs into the background."""

    @property
    def depots(self) -> DepotService:
        """Add, change, test depots; renew tokens."""

    @property
    def removal(self) -> RemovalService:
        """What removing a depot means."""

    @property
    def tokens(self) -> TokenService:
        """Forget a token; what is wrong with the keyring."""

    @property
    def reminders(self) -> ReminderService:
        """Tokens that are about to expire."""

    @property
    def doctor(self) -> DoctorService:
        """What the queries lack."""

    @property
    def sync(self) -> SyncService:
        """Fetch a depot's reports."""

    @property
    def autosync(self) -> AutosyncService:
        """What to fetch by itself, and when."""

    @property
    def maintenance(self) -> MaintenanceService:
        """Check, restore, build anew."""

    @property
    def backups(self) -> BackupService:
        """The journal's backups."""

    @property
    def recovery(self) -> RecoveryService:
        """Reports that lie in the archive alone."""

    @property
    def diagnosis(self) -> DiagnosisService:
        """A report for others."""

    @property
    def moving(self) -> MovingService:
        """The data folder."""

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

    @property
    def strategies(self) -> StrategyService:
        """Legs that belong together."""

    @property
    def campaigns(self) -> CampaignService:
        """Trades that are one story."""
