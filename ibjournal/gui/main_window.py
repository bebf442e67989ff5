"""The window: navigation, pickers, sync, the bar of errors, the stack of screens. It holds no data of its own.

The window may be built again at any time (a change of language does so); everything that must survive is in the
`Preferences` or in the database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.domain.period import ALL_TIME, Preset
from ibjournal.gui import errors, messages
from ibjournal.gui.bundle import Services
from ibjournal.gui.depots.renewal import RenewalWindow
from ibjournal.gui.file_import import FileImport
from ibjournal.gui.freshness import FreshnessTeller
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.provenance.origins import Origins
from ibjournal.gui.reminders import DOCTOR, DoctorNotice, Reminders
from ibjournal.gui.reports.view import ReportsScreen
from ibjournal.gui.screen import Known, Screen
from ibjournal.gui.settings.dialog import SettingsDialog
from ibjournal.gui.status_line import StatusLine
from ibjournal.gui.sync_control import SyncControl
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Space
from ibjournal.gui.widgets.bars import BusyLine, StatusBar, TopBar
from ibjournal.gui.widgets.error_bar import ErrorBar
from ibjournal.gui.widgets.sidebar import Sidebar
from ibjournal.gui.widgets.table_view import TableView
from ibjournal.gui.windows import bring_forward
from ibjournal.gui.wizard.host import WizardHost
from ibjournal.services.changes import Changes
from ibjournal.services.sync import SyncReport

_BUSY_AFTER_MS = 300
_FRAME = 40
"""Room for the title bar that the system draws around the window."""


class MainWindow(QMainWindow):
    """The program's window. `data_changed` goes to every screen, the visible one loads, the others note it."""

    data_changed = Signal(object)
    """`Changes` after a sync, an import or an edit."""
    rebuild_wanted = Signal()
    """The language changed: build a new window in place of this one."""
    look_changed = Signal()
    """Theme, colours or row height changed."""
    background_changed = Signal()
    """The user chose another way to go on without the window."""

    def __init__(
        self,
        services: Services,
        tasks: TaskRunner,
        preferences: Preferences,
        screens: Sequence[Screen],
        *,
        today: Callable[[], date] = date.today,
    ) -> None:
        super().__init__()
        self._services, self._tasks, self._preferences, self._today = services, tasks, preferences, today
        self.screens = {screen.name: screen for screen in screens}
        self.depots: tuple[Depot, ...] = ()
        self._nothing_yet = False
        """No depot at all: screens are then asked for everything, so that they can say what will stand there."""
        self.settings_dialog: SettingsDialog | None = None
        self.renewals: dict[DepotId, RenewalWindow] = {}
        self.keep_running: Callable[[], bool] = lambda: False
        """Whether the program goes on when the window is closed."""
        self.sync = SyncControl(services, tasks, self)
        self.imports = FileImport(services, tasks, self)
        self.freshness = FreshnessTeller(services, tasks, today, self)
        self.origins = Origins(services.provenance, tasks, self)
        self.wizards = WizardHost(services, tasks, preferences, self.sync, today=today, parent=self)
        self.reminders = Reminders(services, tasks, today=today, parent=self)
        self.doctor = DoctorNotice(services, tasks, preferences, self)
        self._build()
        self._connect()
        self._restore()
        self.reload_depots()
        self.reminders.check()

    # --- construction

    def _build(self) -> None:
        self.setWindowTitle("ibjournal")
        room = self.screen().availableGeometry()
        self.setMinimumSize(1024, min(680, max(480, room.height() - _FRAME)))  # a laptop at 125 % has less than 680
        self.setAcceptDrops(True)
        menu = QMenu(self)
        menu.addAction(self.tr("Fetch reports"), self.start_sync)
        menu.addAction(self.tr("Import reports…"), self.ask_files)
        menu.addSeparator()
        menu.addAction(self.tr("Settings"), self.open_settings)
        menu.addAction(self.tr("About ibjournal"), lambda: self.open_settings("about"))
        menu.addSeparator()
        leave = menu.addAction(self.tr("Quit"), QKeySequence("Ctrl+Q"), self.quit)  # Windows has no standard key for it
        leave.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)  # also from the settings and other windows beside this
        self.addAction(leave)  # the menu's button is hidden while the wizard is in front, and the key with it
        self.sidebar = Sidebar([(screen.name, screen.title, screen.icon) for screen in self.screens.values()], menu)
        self.top = TopBar(today=self._today)
        self.errors = ErrorBar()
        self.busy = BusyLine()
        self.stack = QStackedWidget()
        for screen in self.screens.values():
            self.stack.addWidget(screen)
        self.status = StatusBar()
        self.line = StatusLine(self.status, self.top, self.sync, self)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.top, self.busy, self.errors):
            column.addWidget(part)
        column.addWidget(self.stack, 1)
        column.addWidget(self.status)
        central = QWidget()
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sidebar)
        row.addLayout(column, 1)
        self.setCentralWidget(self.wizards.wrap(central))
        self._busy_timer = QTimer(self)
        self._busy_timer.setSingleShot(True)
        self._busy_timer.setInterval(_BUSY_AFTER_MS)
        self._busy_timer.timeout.connect(self.busy.show)

    def _connect(self) -> None:
        self.sidebar.chosen.connect(self._go_to)
        self.sidebar.settings_wanted.connect(self.open_settings)
        self.top.depots.picked.connect(self._on_filter)
        self.top.periods.picked.connect(self._on_filter)
        self.top.mask_toggled.connect(self._on_mask)
        self.top.sync_wanted.connect(self.start_sync)
        self.top.cancel_wanted.connect(self.sync.cancel)
        self.sync.running_changed.connect(self._on_running)
        self.sync.depot_done.connect(self._on_depot_done)
        self.sync.failed.connect(self.show_error)
        self.sync.nothing_to_do.connect(lambda: self.errors.show_message(messages.nothing_to_fetch()))
        self.imports.changed.connect(self.announce)
        self.freshness.told.connect(self._show_freshness)
        self.freshness.told.connect(self.line.tell_freshness)
        self.imports.told.connect(self.errors.show_message)
        self.reminders.told.connect(self.errors.show_message)
        self.doctor.told.connect(self.errors.show_message)
        self.sync.finished.connect(lambda _reports: self.doctor.check())
        self.errors.acted.connect(self._on_error_button)
        self.origins.report_wanted.connect(self.show_report)
        self.wizards.changed.connect(self.announce)
        self.wizards.language_changed.connect(self.rebuild_wanted)
        self.wizards.look_changed.connect(self.look_changed)
        self.wizards.files_wanted.connect(self.ask_files)
        self.wizards.renewal_wanted.connect(self.open_renewal)
        self.wizards.finished.connect(lambda: self._go_to(next(iter(self.screens), "")))
        self._tasks.error.connect(self.show_error)
        self._tasks.busy_changed.connect(self._on_busy)
        for screen in self.screens.values():
            self.data_changed.connect(screen.refresh)
            screen.status_changed.connect(partial(self.line.keep, screen.name))
            screen.origin_wanted.connect(self.origins.open)
            screen.changed.connect(self.announce)
            screen.badge_changed.connect(partial(self._on_badge, screen.name))
            screen.depot_wanted.connect(self.top.depots.choose)
            screen.renewal_wanted.connect(self.open_renewal)
            screen.import_wanted.connect(lambda files: self.imports.start(files) if files else self.ask_files())
            screen.settings_wanted.connect(self.open_settings)
            screen.sync_wanted.connect(self.start_sync)
            screen.screen_wanted.connect(self.show_screen)
            screen.all_time_wanted.connect(lambda: self.top.periods.choose_preset(Preset.ALL))
        keys: dict[str, Callable[[], object]] = {
            "Ctrl+D": self.top.depots.showMenu,
            "Ctrl+P": self.top.periods.button.showMenu,
            "Alt+Left": self.top.periods.step_back,
            "Alt+Right": self.top.periods.step_forth,
            "Ctrl+R": self.start_sync,
            "Ctrl+Shift+M": self.top.privacy.toggle,
            "Ctrl+F": self._focus_search,
            "F10": self.sidebar.menu_button.showMenu,
        }
        for key, action in keys.items():
            QShortcut(QKeySequence(key), self).activated.connect(action)

    def _restore(self) -> None:
        geometry = self._preferences.blob("window")
        if geometry.isEmpty() or not self.restoreGeometry(geometry):
            room = self.screen().availableGeometry()
            self.resize(min(1440, room.width()), min(900, room.height() - _FRAME))
        for key, table in self._tables():
            table.restore_column_state(self._preferences.blob(key))
        preset = self._preferences.text("period", Preset.THIS_YEAR.value)
        known = {item.value for item in Preset} - {Preset.CUSTOM.value}
        self.top.periods.choose_preset(Preset(preset if preset in known else Preset.THIS_YEAR.value))
        self.top.privacy.setChecked(self._preferences.masked)
        wanted = self._preferences.text("screen")
        self.show_screen(wanted if wanted in self.screens else next(iter(self.screens), ""))
        self._on_filter()

    # --- what the user does

    def show_screen(self, name: str, part: str = "") -> None:
        """Bring a screen, or a part of it, to the front; it loads if it is out of date."""
        screen = self.screens.get(name)
        if screen is None:
            return
        self.stack.setCurrentWidget(screen)
        self.sidebar.set_current(name)
        self.top.set_title(screen.title, uses_period=screen.uses_period)
        self.line.show(name)
        self._preferences.set_text("screen", name)
        if part:
            screen.show_part(part)

    @property
    def current_screen(self) -> Screen | None:
        """The screen in front."""
        current = self.stack.currentWidget()
        return current if isinstance(current, Screen) else None

    def start_sync(self) -> None:
        """Fetch all depots."""
        self.sync.start()

    def ask_files(self) -> None:
        """Ask which files to import, without blocking the window."""
        self.imports.ask(self)

    def open_settings(self, page: str = "depots") -> None:
        """Show the settings beside the window, at a page; a new depot is what the wizard is for."""
        if page == "new_depot":
            self.wizards.open()
            return
        if self.settings_dialog is None:
            self.settings_dialog = SettingsDialog(self._services, self._tasks, self._preferences, today=self._today, parent=self)
            self.settings_dialog.changed.connect(self.announce)
            self.settings_dialog.renewal_wanted.connect(self.open_renewal)
            self.settings_dialog.depots.leak_wanted.connect(partial(self.open_renewal, leaked=True))
            self.settings_dialog.added.connect(self.sync.fetch)  # there is nothing to see of a new depot before
            self.settings_dialog.wizard_wanted.connect(self.wizards.open)
            self.settings_dialog.language_changed.connect(self.rebuild_wanted)
            self.settings_dialog.look_changed.connect(self.look_changed)
            self.settings_dialog.background_changed.connect(self.background_changed)
        self.settings_dialog.show_page(page if isinstance(page, str) and page else "depots")
        bring_forward(self.settings_dialog)

    def open_renewal(self, depot: DepotId, error: JournalError | None = None, *, leaked: bool = False) -> RenewalWindow:
        """Show the window that takes a new token for a depot, one per depot, and return it."""
        window = self.renewals.get(depot)
        if window is None:
            window = RenewalWindow(self._services, self._tasks, depot, error=error, leaked=leaked, today=self._today, parent=self)
            self.renewals[depot] = window
            window.renewed.connect(self._on_renewed)
            window.finished.connect(lambda _result, depot=depot: self.renewals.pop(depot, None))
        bring_forward(window)
        return window

    def announce(self, changes: Changes) -> None:
        """Tell every screen what has changed."""
        if changes:
            if changes.depots or changes.reports:
                self.reload_depots()
            self.data_changed.emit(changes)

    def reload_depots(self) -> None:
        """Ask again for the depots and for how fresh the data is."""
        self._tasks.run(self._services.depots.list_depots, owner=self, done=self._show_depots)
        self.freshness.load(self.top.depots.current)

    def show_error(self, error: JournalError) -> None:
        """Say in the bar what went wrong."""
        self.errors.show_message(messages.of_error(error))

    def show_report(self, report: int) -> None:
        """Show a report among all reports, of whatever depot it is."""
        screen = self.screens.get("reports")
        if isinstance(screen, ReportsScreen):
            self.show_screen("reports")
            screen.open_report(report)

    def _tables(self) -> list[tuple[str, TableView]]:
        """Return the tables whose columns are remembered: the main one of each screen, if it has one."""
        found = [(screen, getattr(screen, "table", None)) for screen in self.screens.values()]
        return [
            (f"columns-{screen.name}-{table.horizontalHeader().count()}", table)
            for screen, table in found
            if isinstance(table, TableView)
        ]

    # --- what happens

    def _show_depots(self, depots: tuple[Depot, ...]) -> None:
        self.depots = depots
        self.top.depots.set_depots(depots)
        self.wizards.note_depots(depots)
        self._tell_screens()
        if self._nothing_yet == bool(depots):
            self._nothing_yet = not depots
            self._on_filter()

    def _tell_screens(self) -> None:
        """Let screens know what there is, for what they say when they are empty."""
        known = Known(depots=tuple((depot.id, depot.name) for depot in self.depots), reports=self.freshness.reports)
        for screen in self.screens.values():
            screen.set_known(known)

    def _show_freshness(self, text: str, short: str, details: str, stale: bool) -> None:  # noqa: FBT001 - a signal's bool
        self._tell_screens()
        if not self.sync.running:
            self.top.set_freshness(text, short=short, details=details, stale=stale)

    def _on_filter(self, _picked: object = None) -> None:
        depot, period = self.top.depots.current, self.top.periods.period
        for screen in self.screens.values():
            screen.set_filter(depot, period if screen.uses_period and not self._nothing_yet else ALL_TIME)
        self._preferences.set_text("period", self.top.periods.preset.value)
        self.freshness.load(depot)

    def _on_mask(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        self._preferences.masked = masked
        self.origins.set_masked(masked)
        for screen in self.screens.values():
            screen.set_masked(masked)

    def _on_badge(self, name: str, text: str, tone: str) -> None:
        self.sidebar.items[name].set_badge(text, tone=tone)

    def _on_busy(self, busy: bool) -> None:  # noqa: FBT001 - a signal's bool
        if busy:
            self._busy_timer.start()
        else:
            self._busy_timer.stop()
            self.busy.hide()

    def _on_running(self, running: bool) -> None:  # noqa: FBT001 - a signal's bool
        if running:
            self.errors.clear(messages.NOTHING_TO_FETCH)
        else:
            self.reload_depots()
            for window in [window for window in self.renewals.values() if window.saved]:  # what was passed over is not waited for
                window.finish()

    def _on_depot_done(self, report: SyncReport) -> None:
        self.announce(report.changes)
        if "reports" in self.screens and not report.changes.reports:
            self.screens["reports"].refresh(Changes(reports=True))  # a fetch that brought nothing stands in its log, too
        self.errors.clear(("sync", report.depot))
        if report.error is not None and report.error.code in errors.RENEWABLE:
            self.errors.clear((errors.Button.RENEW, report.depot))  # a reminder has nothing to add
        if report.error is None:  # what failed before has come through; a reminder of a token's end still stands
            for button in set(errors.Button) - {errors.Button.RENEW}:
                self.errors.clear((button, report.depot))
        renewal = self.renewals.get(report.depot)
        if renewal is not None and renewal.saved:
            renewal.finish(report.error)
        if report.error is None or self.wizards.tells(report.depot):
            return
        self.errors.show_message(messages.of_sync(report, errors.describe(report.error, depot=report.depot_name)))
        asked = any(report.depot == depot or window.covers(report.depot) for depot, window in self.renewals.items())
        asked |= report.error.code == "token_missing" and bool(self.renewals)  # no keyring: one of many; the bar tells of all
        if report.error.code in errors.RENEWABLE and not asked and self.isVisible():
            self.open_renewal(report.depot, report.error)

    def _on_error_button(self, data: object) -> None:
        button, depot = data if isinstance(data, tuple) else (errors.Button.NONE, None)
        if button in ("sync", errors.Button.RENEW) and depot is not None:
            self.open_renewal(depot)
            return
        self.errors.dismiss()
        if button == errors.Button.TRY_AGAIN:
            self.sync.start(None if depot is None else [depot])
        elif button == errors.Button.BACKUPS:
            self.open_settings("data")
        elif button in (errors.Button.EDIT_DEPOT, errors.Button.RENEW):
            self.open_settings("depots")
            if depot is not None and self.settings_dialog is not None:
                self.settings_dialog.depots.edit_when_loaded(depot)
        elif data == DOCTOR:
            self.show_screen("reports")

    def _on_renewed(self, depots: tuple[DepotId, ...], changes: Changes) -> None:
        for told in [(what, depot) for depot in depots for what in ("sync", errors.Button.RENEW)]:
            self.errors.clear(told)
        self.announce(changes)
        going = self.sync.resume(depots, {depot for window in self.renewals.values() for depot in window.stopped})
        for window in [self.renewals[depot] for depot in depots if depot in self.renewals and depot not in going]:
            if window.saved:
                window.finish()

    def _go_to(self, name: str) -> None:
        """Show a screen that was asked for in the navigation, with the cursor in it: its keys work at once."""
        self.show_screen(name)
        if self.current_screen is not None:
            self.sidebar.items[self.current_screen.name].setFocus()  # the cursor waits here while a screen still loads
            self.current_screen.focus_content()

    def _focus_search(self) -> None:
        if self.current_screen is not None:
            self.current_screen.focus_search()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the navigation to icons in small windows."""
        super().resizeEvent(event)
        self.sidebar.set_narrow(narrow=self.width() < Space.NARROW_BELOW)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files that are dropped anywhere on the window."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Import the files."""
        event.acceptProposedAction()
        self.imports.start(url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile())

    def quit(self) -> None:
        """End the program, whatever closing the window does."""
        self.keep_running = lambda: False
        self.close()
        QApplication.quit()

    def let_go(self) -> None:
        """End a running sync; keep geometry and columns for the next window."""
        self.sync.cancel()
        self._preferences.set_blob("window", self.saveGeometry())
        for key, table in self._tables():
            self._preferences.set_blob(key, table.column_state())
        self._preferences.save()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep geometry; end a running sync, or go on with it in the tray."""
        if self.keep_running():
            event.ignore()
            self._preferences.set_blob("window", self.saveGeometry())
            self.hide()
            if self.settings_dialog is not None:
                self.settings_dialog.hide()
            return
        self.let_go()
        super().closeEvent(event)
