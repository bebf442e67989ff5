"""How fresh the data is, in words: in the top bar for the depot that is picked, in its tooltip for each depot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from ibjournal.domain.depot import DepotId
from ibjournal.gui.bundle import Services
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets import formats
from ibjournal.services.freshness import DepotFreshness
from ibjournal.services.schedule import NEW_YORK

_LOOK_EVERY = timedelta(minutes=10)
_DEMO_TIME = time(16, 5)


def _wall() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Freshness:
    """Activity goes through ``through``; today's fills are known as of ``fills`` (an aware instant)."""

    through: date | None = None
    fills: datetime | None = None
    depots: tuple[DepotFreshness, ...] = ()
    """Those that this is taken from."""

    def text(self, today: date, *, fills: bool = True) -> str:
        """Return the words for the top bar; empty when there is no report at all. Without ``fills`` they are shorter."""
        translate = QCoreApplication.translate
        parts = []
        if self.through is not None:
            parts.append(translate("Freshness", "Through {day}").format(day=formats.day(self.through, today=today)))
        if fills and self.fills is not None and self.fills.astimezone().date() == today:
            parts.append(translate("Freshness", "fills {time}").format(time=formats.clock(self.fills)))
        return " · ".join(parts)

    def stale(self, now: datetime) -> bool:
        """Whether any of the depots lacks days that IBKR should have published by ``now`` (an aware instant)."""
        return any(depot.stale(now) for depot in self.depots)


def measure(depots: Iterable[DepotFreshness], picked: DepotId | None = None) -> Freshness:
    """Return how far the data of a depot goes, or that of all: then the depot decides that is furthest behind.

    Depots that nobody fetches decide only where there are no others.
    """
    chosen = [depot for depot in depots if picked in (None, depot.depot)]
    told = [depot for depot in chosen if depot.fetched] or chosen
    through = [depot.activity_through for depot in told if depot.activity_through is not None]
    fills = [depot.confirmation_generated_at for depot in told if depot.confirmation_generated_at is not None]
    return Freshness(min(through, default=None), max(fills, default=None), tuple(told))


def details(depots: Iterable[DepotFreshness], now: datetime, today: date, picked: DepotId | None = None) -> str:
    """Return for each depot and report how far it goes, when IBKR made it and when it was asked for; a paragraph a depot."""
    paragraphs = []
    for depot in depots:
        if picked not in (None, depot.depot):
            continue
        paragraphs.append("\n".join((depot.name, *_lines(depot, now, today))))
    return "\n\n".join(paragraphs)


def _lines(depot: DepotFreshness, now: datetime, today: date) -> list[str]:
    translate = QCoreApplication.translate
    lines = []
    activity = translate("Freshness", "Activity through {day}, made by IBKR {moment}")
    confirmation = translate("Freshness", "Trade Confirmations through {day}, made by IBKR {moment}")
    for words, name, through, made, asked in (
        (
            activity,
            translate("Freshness", "Activity"),
            depot.activity_through,
            depot.activity_generated_at,
            depot.activity_asked_at,
        ),
        (
            confirmation,
            translate("Freshness", "Trade Confirmations"),
            depot.confirmation_through,
            depot.confirmation_generated_at,
            depot.confirmation_asked_at,
        ),
    ):
        asked_at = translate("Freshness", "asked {moment}").format(moment=formats.moment(asked, today=today)) if asked else ""
        if through is not None:
            told = words.format(day=formats.day(through, today=today), moment=formats.moment(made, today=today))
            lines.append(f"{told}, {asked_at}" if asked_at else told)
        elif asked_at:
            lines.append(f"{name}: {asked_at}")
    if not lines:
        return [translate("Freshness", "nothing fetched yet")]
    if depot.fetched and depot.stale(now):
        lines.append(translate("Freshness", "not up to date"))
    return lines


class FreshnessTeller(QObject):
    """Asks how fresh the data is and tells the top bar and the tray."""

    told = Signal(str, str, str, bool)
    """Words, shorter words, the details, and whether the figures are stale: for the depot that is picked."""
    overall = Signal(str, bool)
    """Words and whether any depot is stale: for all depots."""

    def __init__(
        self,
        services: Services,
        tasks: TaskRunner,
        today: Callable[[], date],
        parent: QObject | None = None,
        *,
        wall: Callable[[], datetime] = _wall,
    ) -> None:
        super().__init__(parent)
        self._wall = wall
        self._services, self._tasks, self._today = services, tasks, today
        self._depots: tuple[DepotFreshness, ...] = ()
        self._picked: DepotId | None = None
        self._again = QTimer(self)  # figures grow stale while nobody does anything
        self._again.setInterval(int(_LOOK_EVERY.total_seconds() * 1000))
        self._again.timeout.connect(self.tell)

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
        today, now = self._today(), self._now()
        known, every = measure(self._depots, self._picked), measure(self._depots)
        self.told.emit(
            known.text(today), known.text(today, fills=False), details(self._depots, now, today, self._picked), known.stale(now)
        )
        self.overall.emit(every.text(today), every.stale(now))

    def _now(self) -> datetime:
        """Return the present instant; on the demo's day it is the end of New York's session."""
        now, today = self._wall(), self._today()
        return now if now.astimezone().date() == today else datetime.combine(today, _DEMO_TIME, NEW_YORK)

    def _take(self, depots: tuple[DepotFreshness, ...]) -> None:
        self._depots = depots
        self._again.start()
        self.tell()
