"""The program with a window: application, language, look, one process per data folder, and what happens to bugs."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication

import ibjournal
from ibjournal import assets
from ibjournal.domain.errors import StoreError
from ibjournal.gui import i18n, icons, theme
from ibjournal.gui.background import Background
from ibjournal.gui.bundle import Services
from ibjournal.gui.crash import CrashReporter
from ibjournal.gui.cycles import CycleCollector
from ibjournal.gui.data_care import DataCare
from ibjournal.gui.ending import Ending
from ibjournal.gui.main_window import MainWindow
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.screen import Screen
from ibjournal.gui.screens import make_screens
from ibjournal.gui.single_instance import SingleInstance
from ibjournal.gui.sync_control import SyncControl
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Mode
from ibjournal.gui.widgets.focus_ring import FocusRing
from ibjournal.gui.windows import bring_forward
from ibjournal.paths import Paths
from ibjournal.services.changes import EVERYTHING

DESKTOP_ID = "io.github.ibjournal.IBJournal"
"""Equals the name of the desktop file, so that the window has its icon in the task bar."""

_UNTIL_THE_OTHER_ENDS = 5.0
"""Seconds that a start waits for a program that has closed its window and finishes what it was doing."""

_SOON_ON_VIEW = 1000
"""Milliseconds that a window waits for the one in its place to be on view."""

_log = logging.getLogger(__name__)


def make_application(arguments: list[str] | None = None) -> QApplication:
    """Return the one `QApplication`, named and with its icon; the one that is there if there is one."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(arguments if arguments is not None else sys.argv[:1])
    app.setApplicationName("ibjournal")
    app.setApplicationDisplayName("ibjournal")
    app.setApplicationVersion(ibjournal.__version__)
    app.setDesktopFileName(DESKTOP_ID)
    CycleCollector(app)
    path = assets.asset("icons", "ibjournal.svg")
    if path.exists():
        icon = QIcon()
        for size in (16, 24, 32, 48, 64, 128, 256):
            icon.addPixmap(QPixmap.fromImage(icons.render_svg(path.read_bytes(), size)))
        app.setWindowIcon(icon)
    return app


class Program(QObject):
    """Holds the window and builds it again when the language changes."""

    def __init__(
        self,
        services: Services,
        preferences: Preferences,
        tasks: TaskRunner,
        *,
        today: Callable[[], date] = date.today,
        screens: Callable[..., list[Screen]] = make_screens,
    ) -> None:
        super().__init__()
        self._screens = screens
        self._services, self._preferences, self._today = services, preferences, today
        self.tasks = tasks
        self._catch_up = False
        tasks.busy_changed.connect(self._on_busy)
        self.care = DataCare(services, tasks, lambda: self.window)
        self.window = self._make_window()
        self.care.adopt(self.window)
        self.background = Background(services, tasks, preferences, lambda: self.window)
        hints = QApplication.styleHints()
        hints.colorSchemeChanged.connect(self._on_system_colours)

    def end(self) -> None:
        """End the program, whatever stands open: nobody may be there to answer a question."""
        self.window.quit()
        QApplication.exit(0)

    def rebuild(self) -> None:
        """Build a new window in the language of the preferences, over the old one, which goes when the new one is on view."""
        old = self.window
        at_once = old.sync.running or old.imports.running or not old.isVisible()
        settings_open = old.settings_dialog is not None and old.settings_dialog.isVisible()
        wizard = old.wizards.hand_over()
        renewals = [window for window in old.renewals.values() if not window.saved]
        if old.sync.running and (wizard is None or not wizard.fetching):  # the wizard goes on with its own
            self._fetch_on(old.sync)
        old.keep_running = lambda: False
        old.let_go()
        if at_once:
            old.close()
        elif wizard is not None:
            wizard = replace(wizard, ticked=set(wizard.ticked))  # the old window keeps its own as long as it stands
        i18n.install(self._preferences.language)
        self.window = self._make_window()
        self.care.adopt(self.window)
        self.background.adopt(self.window)
        self.background.remind()
        self.window.show()
        for renewal in renewals:
            self.window.open_renewal(renewal.depot, renewal.error, leaked=renewal.leaked).go_on_from(renewal)
        if settings_open:  # in front of all: the language was chosen there
            self.window.open_settings("appearance")
        self.window.wizards.take_over(wizard)
        if old.imports.running:  # its message is for the window that is there by then
            old.imports.setParent(self.window)
            old.imports.changed.connect(self.window.announce)
            old.imports.told.connect(self.window.errors.show_message)
        self._catch_up = self.tasks.busy
        if at_once:
            old.deleteLater()
        else:
            _WhenExposed(old, self.window)

    def _fetch_on(self, sync: SyncControl) -> None:
        """Go on with a fetch in the window to come, once it has ended in the one that closes."""
        todo = sync.unfinished
        sync.setParent(self)

        def go_on() -> None:
            sync.deleteLater()
            control = self.window.sync
            if (
                not control.start(todo) and todo is not None and control.unfinished is not None
            ):  # the clock, or the user, was faster
                for depot in todo - control.unfinished:
                    control.fetch(depot)

        sync.finished.connect(lambda _reports: QTimer.singleShot(0, self, go_on))

    def _on_busy(self, busy: bool) -> None:  # noqa: FBT001 - a signal's bool
        """Let the window hear of what was begun in the one before it, which nobody else would tell it of."""
        if self._catch_up and not busy:
            self._catch_up = False
            self.window.announce(EVERYTHING)

    def _make_window(self) -> MainWindow:
        screens = self._screens(self._services, self.tasks, today=self._today)
        window = MainWindow(self._services, self.tasks, self._preferences, screens, today=self._today)
        window.rebuild_wanted.connect(self.rebuild, Qt.ConnectionType.QueuedConnection)
        window.wizards.starts_by_itself = True
        return window

    def _on_system_colours(self) -> None:
        if self._preferences.mode is Mode.SYSTEM:
            theme.apply(self._preferences.look())


class _WhenExposed(QObject):
    """Closes a window once another one is on view, so that nobody sees what lies below both."""

    def __init__(self, old: MainWindow, new: MainWindow) -> None:
        super().__init__(old)
        self._old = old
        handle = new.windowHandle()
        self._handle = handle
        handle.installEventFilter(self)
        QTimer.singleShot(_SOON_ON_VIEW, self, self._close)  # a window that is put away at once is never on view

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look for what the system sends when a window can be seen; it is painted on the way."""
        if event.type() is QEvent.Type.Expose and self._handle.isExposed():
            QTimer.singleShot(0, self, self._close)
        return super().eventFilter(watched, event)

    def _close(self) -> None:
        self._old.close()
        self._old.deleteLater()


def main(
    services: Services,
    paths: Paths,
    *,
    language: str | None = None,
    mode: str | None = None,
    today: Callable[[], date] = date.today,
    close: Callable[[], None] | None = None,
    hidden: bool = False,
) -> int:
    """Show the window and stay until it is closed.

    Args:
        services: what the window may ask of the program.
        paths: the data folder; a second process on the same folder raises the window of the first and ends.
        language: ``en`` or ``de`` for this start only; the user's choice when None.
        mode: ``light`` or ``dark`` for this start only.
        today: the day it is, for the demo.
        close: called after the window is gone and all work has ended, to close the database.
        hidden: begin in the tray, where there is one.

    Returns:
        The exit status.

    Raises:
        StoreError: ``database_locked`` when another process has the folder open and does not answer; where the database cannot be
            written. The folder is free then, and signals are whose they were: the start may be tried again.
    """
    app = make_application()
    preferences = Preferences(paths.preferences)
    i18n.install(language or preferences.language)
    instance = SingleInstance(paths.lock)
    if not instance.acquire():
        _log.info("another process has this folder open")
        if instance.raise_other():
            return 0
        if not instance.acquire(_UNTIL_THE_OTHER_ENDS):
            if instance.raise_other():  # two starts in one moment: the other had the folder, and did not listen yet
                return 0
            raise StoreError("database_locked", file=str(paths.database))
    with contextlib.ExitStack() as taken:  # given back where the start fails: the box that tells of it offers another try
        taken.callback(instance.release)
        ending = Ending()
        ending.install()
        taken.callback(ending.remove)
        unclean = services.maintenance.begin()
        taken.pop_all()
    theme.apply(theme.make_theme(dark=mode == "dark") if mode in ("light", "dark") else preferences.look())
    tasks = TaskRunner()
    crashes = CrashReporter(names=services.diagnosis.names)
    crashes.install()
    tasks.bug.connect(crashes.report)
    ring = FocusRing()
    ring.install()
    program = Program(services, preferences, tasks, today=today)
    ending.wanted.connect(program.end)  # also for a signal that came before
    ending.session_ends.connect(program.background.let_end)
    instance.raised.connect(lambda: bring_forward(program.window))
    program.background.start()
    if not (hidden and program.background.tray.shown):
        program.window.show()
    program.care.start(unclean=unclean)
    if os.environ.get("IBJOURNAL_QUIT_AFTER_START"):
        QTimer.singleShot(0, app.quit)  # the self-test opens and closes the real window
    try:
        return app.exec()
    finally:
        instance.stop_listening()
        ending.remove()
        ring.remove()
        program.background.stop()
        services.tokens.let_go()
        tasks.shutdown()
        program.care.end()
        crashes.uninstall()
        instance.release()
        preferences.save()
        if close is not None:
            close()
