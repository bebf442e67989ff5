"""The tour: every screen and dialog as a picture, with or without a display.

It drives the real window: a sync if asked for, then each stop of `STOPS`, in each language and look. It waits for work to
end by its signals, never by the clock.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from ibjournal.analytics.reconciliation import CheckStatus
from ibjournal.domain.campaign import CampaignKind
from ibjournal.domain.errors import FlexError
from ibjournal.domain.period import Preset
from ibjournal.gui import i18n, theme
from ibjournal.gui import tour_states as states
from ibjournal.gui.app import make_application
from ibjournal.gui.bundle import Services
from ibjournal.gui.check.view import EVENTS, FIGURES, CheckScreen
from ibjournal.gui.journal.part import CAMPAIGNS, STRATEGIES, TRADES
from ibjournal.gui.journal.view import JournalScreen
from ibjournal.gui.main_window import MainWindow
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.screens import make_screens
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.roles import Role
from ibjournal.gui.wizard import tour_stops as wizard
from ibjournal.services.journal import TradeRow

SIZE = (1440, 900)
SMALL = (1280, 800)
_PATIENCE_MS = 300_000


@dataclass(frozen=True, slots=True)
class Stop:
    """One picture: ``prepare`` brings the window into a state and returns what to photograph, None when there is nothing."""

    name: str
    prepare: Callable[[MainWindow, TaskRunner], QWidget | None]


def run_tour(
    out_dir: Path,
    services: Services,
    *,
    language: str | None = None,
    mode: str | None = None,
    today: Callable[[], date] = date.today,
    sync: bool = False,
) -> list[Path]:
    """Write pictures named ``STOP-MODE-LANGUAGE.png``, such as ``journal-light-en.png``.

    Args:
        out_dir: the folder, made if it is missing.
        services: the services to show.
        language: ``en`` or ``de``; both when None.
        mode: ``light`` or ``dark``; both when None.
        today: the day it is.
        sync: fetch all depots through the window first, and photograph that, too.

    Returns:
        The files that were written.
    """
    make_application()
    out_dir.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with tempfile.TemporaryDirectory() as folder:
        preferences = Preferences(Path(folder) / "preferences.ini")
        for speech in [language] if language else list(i18n.LANGUAGES):
            for look in [mode] if mode else ["light", "dark"]:
                preferences.language, preferences.mode = speech, theme.Mode(look)
                i18n.install(speech)
                theme.apply(preferences.look())
                camera = _Camera(out_dir, f"{look}-{speech}")
                _walk(services, preferences, camera, today, sync=sync and not written)
                _walk_first_start(preferences, camera, today)
                written += camera.written
    return written


def _walk(services: Services, preferences: Preferences, camera: _Camera, today: Callable[[], date], *, sync: bool) -> None:
    tasks = TaskRunner()
    window = MainWindow(services, tasks, preferences, make_screens(services, tasks, today=today), today=today)
    try:
        window.resize(*SIZE)
        window.show()
        settle(tasks)
        if sync:
            _sync(window, tasks, camera)
        _choose_first_depot(window, tasks)
        for stop in STOPS:
            shown = stop.prepare(window, tasks)
            settle(tasks)
            if shown is not None:
                camera.take(stop.name, shown)
        window.wizards.close()
        window.resize(*SMALL)
        for screen in window.screens.values():
            window.show_screen(screen.name)
            settle(tasks)
            camera.take(f"{screen.name}-small", window)
    finally:
        for other in [*window.renewals.values(), window.settings_dialog, window.origins.window]:
            if other is not None:
                other.close()
        window.close()
        tasks.shutdown()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _walk_first_start(preferences: Preferences, camera: _Camera, today: Callable[[], date]) -> None:
    tasks = TaskRunner()

    def make_window(services: Services) -> MainWindow:
        window = MainWindow(services, tasks, preferences, make_screens(services, tasks, today=today), today=today)
        window.resize(*SIZE)
        window.show()
        settle(tasks)
        return window

    def photograph(name: str, window: MainWindow) -> None:
        settle(tasks)
        camera.take(name, window)

    try:
        states.first_start(make_window, photograph)
    finally:
        tasks.shutdown()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


class _Camera:
    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder, self._suffix = folder, suffix
        self.written: list[Path] = []

    def take(self, name: str, widget: QWidget) -> None:
        path = self._folder / f"{name}-{self._suffix}.png"
        if widget.grab().save(str(path)):
            self.written.append(path)


def settle(tasks: TaskRunner) -> None:
    """Wait until no work is under way and everything is laid out and painted.

    Raises:
        TimeoutError: work did not end in five minutes.
    """
    _flush()
    while tasks.busy:
        loop = QEventLoop()
        timer = QTimer()
        timer.setSingleShot(True)
        timer.timeout.connect(lambda loop=loop: loop.exit(1))
        tasks.busy_changed.connect(loop.quit)
        timer.start(_PATIENCE_MS)
        status = loop.exec() if tasks.busy else 0
        tasks.busy_changed.disconnect(loop.quit)
        if status:
            raise TimeoutError
        _flush()
    _flush()


def _flush() -> None:
    for _ in range(3):  # a layout may ask for another one
        QCoreApplication.sendPostedEvents()
        QCoreApplication.processEvents()


def _sync(window: MainWindow, tasks: TaskRunner, camera: _Camera) -> None:
    """Fetch all depots, and take a picture once two of them are under way."""
    seen: set[object] = set()

    def photograph(depot: object, _progress: object) -> None:
        seen.add(depot)
        if len(seen) == 2:  # noqa: PLR2004 - two depots at once
            window.sync.progressed.disconnect(photograph)
            _flush()
            camera.take("syncing", window)

    window.sync.progressed.connect(photograph)
    window.start_sync()
    settle(tasks)


def _choose_first_depot(window: MainWindow, tasks: TaskRunner) -> None:
    """One depot has one base currency, so that every figure is there; the year so far, as most people look at it."""
    depots = window.depots
    if depots:
        window.top.depots.choose(depots[0].id)
        settle(tasks)


# --- the stops


def _journal(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    screen = window.screens.get("journal")
    window.show_screen("journal")
    settle(tasks)
    if isinstance(screen, JournalScreen):
        screen.bar.states.button("closed").click()
        settle(tasks)
        model = screen.table.model()
        found = (model.index(row, 0).data(Role.OBJECT) for row in range(model.rowCount()))
        trade = next((row for row in found if isinstance(row, TradeRow) and row.trade.closed_on is not None), None)
        if trade is not None:
            screen.open_trade(trade.trade.key)
    return window


def _part(name: str) -> Callable[[MainWindow, TaskRunner], QWidget | None]:
    """Show the journal as strategies that are to be reviewed, or as campaigns: a wheel where there is one."""

    def prepare(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
        screen = window.screens.get("journal")
        if not isinstance(screen, JournalScreen) or name not in screen.parts:
            return None
        window.top.periods.choose_preset(Preset.ALL)
        window.show_screen("journal", name)
        settle(tasks)
        screen.bar.states.button("review" if name == STRATEGIES else "all").click()
        settle(tasks)
        if name == STRATEGIES:
            screen.part.first()
        else:
            rows = screen.campaigns.list.rows()
            wheels = (row for row in rows if row.campaign.chain.kind is CampaignKind.WHEEL)
            row = next(wheels, rows[0] if rows else None)
            if row is not None:
                screen.part.select(row.campaign.chain.key)
        return window

    return prepare


def _reports(window: MainWindow, _tasks: TaskRunner) -> QWidget | None:
    window.origins.close()
    window.show_screen("reports")
    return window


def _performance(window: MainWindow, _tasks: TaskRunner) -> QWidget | None:
    window.show_screen("performance")
    window.top.periods.choose_preset(Preset.ALL)
    return window


def _check(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    window.top.periods.choose_preset(Preset.THIS_YEAR)
    window.show_screen("check")
    settle(tasks)
    return window


def _check_explained(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    """Open the first line with something to explain: one that is explained, else an instrument's fills."""
    screen = window.screens.get("check")
    if not isinstance(screen, CheckScreen):
        return None
    window.top.periods.choose_preset(Preset.ALL)
    settle(tasks)
    counts = screen.strip.counts
    for status in (CheckStatus.EXPLAINED, CheckStatus.OK):
        if counts[status].count:
            counts[status].click()
            break
    settle(tasks)
    wanted = [line for line in screen.table.checks.lines if line.check is not None and (line.check.parts or line.check.execution)]
    wanted.sort(key=lambda line: not (line.check is not None and line.check.values))  # an exercise has more to tell
    if wanted:
        screen.table.choose(wanted[0].key)
    settle(tasks)
    return window


def _check_origin(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    screen = window.screens.get("check")
    if isinstance(screen, CheckScreen):
        screen.ask_origin()
        settle(tasks)
    return window.origins.window


def _check_events(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    screen = window.screens.get("check")
    window.origins.close()
    if isinstance(screen, CheckScreen):
        if not screen.events.table.events.rows:
            window.top.depots.choose(None)
        screen.show_part(EVENTS)
        settle(tasks)
    return window


def _origin(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    """Show the chain of a trade down to its rows."""
    screen = window.screens.get("check")
    _choose_first_depot(window, tasks)
    if isinstance(screen, CheckScreen):
        screen.show_part(FIGURES)
        screen.strip.filter_wanted.emit(None)
        screen.strip.set_only(None)
    _journal(window, tasks)
    journal = window.screens.get("journal")
    settle(tasks)
    if isinstance(journal, JournalScreen):
        journal.pane.ask_origin()
        settle(tasks)
    return window.origins.window


def _masked(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    _choose_first_depot(window, tasks)
    window.show_screen("journal", TRADES)
    window.top.periods.choose_preset(Preset.THIS_YEAR)
    window.top.privacy.setChecked(True)
    return window


def _settings(page: str) -> Callable[[MainWindow, TaskRunner], QWidget | None]:
    def prepare(window: MainWindow, _tasks: TaskRunner) -> QWidget | None:
        window.top.privacy.setChecked(False)
        window.open_settings(page)
        return window.settings_dialog

    return prepare


def _new_depot(window: MainWindow, _tasks: TaskRunner) -> QWidget | None:
    window.open_settings("depots")
    if window.settings_dialog is not None:
        window.settings_dialog.depots.add()
    return window.settings_dialog


def _renewal(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    if window.settings_dialog is not None:
        window.settings_dialog.close()
    if not window.renewals:
        cards = window.settings_dialog.depots.cards if window.settings_dialog is not None else []
        states = [card.state for card in cards if card.state.has_token]
        states.sort(key=lambda state: state.last_error != "token_expired")
        if not states:
            return None
        window.open_renewal(states[0].depot.id, FlexError("token_expired", number=1012))
        settle(tasks)
    return next(iter(window.renewals.values()))


def _leaked(window: MainWindow, tasks: TaskRunner) -> QWidget | None:
    """Show the same window for a token that somebody else may have."""
    if not window.renewals:
        return None
    depot, opened = next(iter(window.renewals.items()))
    opened.close()
    window.open_renewal(depot, leaked=True)
    settle(tasks)
    return window.renewals[depot]


STOPS: Sequence[Stop] = (
    Stop("journal", _journal),
    Stop("journal-strategies", _part(STRATEGIES)),
    Stop("journal-campaigns", _part(CAMPAIGNS)),
    Stop("performance", _performance),
    Stop("check", _check),
    Stop("check-explained", _check_explained),
    Stop("check-origin", _check_origin),
    Stop("check-events", _check_events),
    Stop("origin", _origin),
    Stop("reports", _reports),
    Stop("journal-stale", states.stale),
    Stop("query-refused", states.refused),
    Stop("sync-steps", states.on_the_way),
    Stop("reports-failed", states.failed_run),
    Stop("reports-findings", states.findings),
    Stop("journal-masked", _masked),
    Stop("settings-depots", _settings("depots")),
    Stop("settings-appearance", _settings("appearance")),
    Stop("settings-data", _settings("data")),
    Stop("settings-diagnosis", _settings("diagnosis")),
    Stop("settings-about", _settings("about")),
    Stop("settings-new-depot", _new_depot),
    Stop("renewal", _renewal),
    Stop("renewal-leaked", _leaked),
    Stop("wizard-welcome", wizard.welcome),
    Stop("wizard-queries", wizard.queries),
    Stop("wizard-access", wizard.access),
    Stop("wizard-tested", wizard.tested),
    Stop("wizard-fetch", wizard.fetch),
    Stop("wizard-done", wizard.done),
)
"""Every picture, in order. A new screen is one more line here."""
