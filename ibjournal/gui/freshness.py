"""How fresh the data is, in words: in the top bar for the depot that is picked, in its tooltip for each depot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from PySide6.QtCore import QCoreApplication, QObject, Signal

from ibjournal.domain.depot import DepotId
from ibjournal.gui.bundle import Services
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets import formats
from ibjournal.services.freshness import DepotFreshness

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Freshness:
    """Activity goes through ``through``; today's fills are known as of ``fills`` (an aware instant)."""

    through: date | None = None
    fills: datetime | None = None

    def text(self, today: date, *, fills: bool = True) -> str:
        """Return the words for the top bar; empty when there is no report at all. Without ``fills`` they are shorter."""
        translate = QCoreApplication.translate
        parts = []
        if self.through is not None:
            parts.append(translate("Freshness", "Through {day}").format(day=formats.day(self.through, today=today)))
        if fills and self.fills is not None and self.fills.astimezone().date() == today:
            parts.append(translate("Freshness", "fills {time}").format(time=formats.clock(self.fills)))
        return " · ".join(parts)

    def stale(self, today: date) -> bool:
        """Whether a business day is missing: Activity should reach the business day before ``today``, less one."""
        return self.through is not None and self.through < _business_day_before(_business_day_before(today))


def measure(depots: Iterable[DepotFreshness], picked: DepotId | None = None) -> Freshness:
    """Return how far the data of a depot goes, or that of all: then the depot decides that is furthest behind.

    Depots that nobody fetches decide only where there are no others.
    """
    chosen = [depot for depot in depots if picked in (None, depot.depot)]
    told = [depot for depot in chosen if depot.fetched] or chosen
    through = [depot.activity_through for depot in told if depot.activity_through is not None]
    fills = [depot.confirmation_generated_at for depot in told if depot.confirmation_generated_at is not None]
    return Freshness(min(through, default=None), max(fills, default=None))


def details(depots: Iterable[DepotFreshness], today: date, picked: DepotId | None = None) -> str:
    """Return for each depot when IBKR was asked, how far the data goes, and when IBKR made it; a paragraph each."""
    translate = QCoreApplication.translate
    paragraphs = []
    for depot in depots:
        if picked not in (None, depot.depot):
            continue
        lines = [depot.name]
        if depot.asked_at is not None:
            lines.append(translate("Freshness", "asked {moment}").format(moment=formats.moment(depot.asked_at, today=today)))
        activity = translate("Freshness", "Activity through {day}, made by IBKR {moment}")
        confirmation = translate("Freshness", "Trade Confirmations through {day}, made by IBKR {moment}")
        for words, through, made in (
            (activity, depot.activity_through, depot.activity_generated_at),
            (confirmation, depot.confirmation_through, depot.confirmation_generated_at),
        ):
            if through is not None:
                day = formats.day(through, today=today)
                lines.append(words.format(day=day, moment=formats.moment(made, today=today)))
        if len(lines) == 1:
            lines.append(translate("Freshness", "nothing fetched yet"))
        elif depot.fetched and Freshness(depot.activity_through).stale(today):
            lines.append(translate("Freshness", "not up to date"))
        paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs)


class FreshnessTeller(QObject):
    """Asks how fresh the data is and tells the top bar and the tray."""

    told = Signal(str, str, str, bool)
    """Words, shorter words, the details, and whether the figures are stale: for the depot that is picked."""
    overall = Signal(str, bool)
    """Words and whether any depot is stale: for all depots."""

    def __init__(self, services: Services, tasks: TaskRunner, today: Callable[[], date], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services, self._tasks, self._today = services, tasks, today
        self._depots: tuple[DepotFreshness, ...] = ()
        self._picked: DepotId | None = None

    @property
    def reports(self) -> bool:
        """Whether there is any report of the depot that is picked."""
        known = measure(self._depots, self._picked)
        return known.through is not None or known.fills is not None

    def load(self, picked: DepotId | None) -> None:
        """Ask again; ``picked`` is the depot whose words are wanted, None for all."""
        self._picked = picked
        self._tasks.run(self._services.reports.depot_freshness, owner=self, done=self._take)

    def tell(self) -> None:
        """Say again what is known."""
        today = self._today()
        known, every = measure(self._depots, self._picked), measure(self._depots)
        self.told.emit(
            known.text(today), known.text(today, fills=False), details(self._depots, today, self._picked), known.stale(today)
        )
        self.overall.emit(every.text(today), every.stale(today))

    def _take(self, depots: tuple[DepotFreshness, ...]) -> None:
        self._depots = depots
        self.tell()


def _business_day_before(day: date) -> date:
    day -= timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day -= timedelta(days=1)
    return day
