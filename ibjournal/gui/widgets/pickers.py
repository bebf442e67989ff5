"""The two pickers of the top bar that every screen obeys: depot and period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.period import ALL_TIME, Bucket, Period, Preset, bucket_period, next_period, preset_period, previous_period
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.date_field import DateField
from ibjournal.gui.widgets.depot_dot import depot_dot
from ibjournal.gui.widgets.labels import button, icon_label, label, tool_button, with_key

_WIDEST = 200
"""Pixels of a name in the bar: beside it stand the period and how fresh the data is."""
_WIDEST_ENTRY = 420


def short_name(widget: QWidget, name: str, width: int) -> str:
    """Return a name as it fits into ``width`` pixels of a widget's font, with an ellipsis where it is cut."""
    return QFontMetrics(widget.font()).elidedText(name, Qt.TextElideMode.ElideRight, width)


class PickerButton(QToolButton):
    """A framed button with an icon, words and a chevron that opens a menu."""

    def __init__(self, icon: str, tooltip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("framed", True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setToolTip(tooltip)
        self._hint = tooltip
        self._words = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 10, 0)
        row.setSpacing(8)
        self._text = label("", tone="strong")
        self._parts: list[QLabel] = [icon_label(icon), self._text, icon_label("chevron-down", size=14)]
        for part in self._parts:
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            row.addWidget(part)
        row.setStretch(1, 1)

    def set_words(self, text: str, *, accessible: str) -> None:
        """Show what is chosen; ``accessible`` names the picker for screen readers."""
        self._words = text
        shown = short_name(self._text, text, _WIDEST)
        self._text.setText(shown)
        self.setToolTip(self._hint if shown == text else f"{text}\n{self._hint}")
        self.setAccessibleName(f"{accessible}: {text}")
        self._row.invalidate()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the size that shows the words whole."""
        return QSize(self._row.sizeHint().width() + 2, 30)

    def minimumSizeHint(self) -> QSize:
        """Give no way: what is too long for the bar was cut before."""
        return self.sizeHint()

    def words(self) -> str:
        """Return what is chosen, in words."""
        return self._words


class DepotPicker(PickerButton):
    """Chooses one depot, or all together (None)."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("wallet", with_key(QCoreApplication.translate("DepotPicker", "Depot"), "Ctrl+D"), parent)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self.setMenu(self._menu)
        self._depots: tuple[Depot, ...] = ()
        self.current: DepotId | None = None
        self.set_depots(())

    def set_depots(self, depots: Sequence[Depot]) -> None:
        """Offer these depots. A chosen one that is gone becomes "all", and `picked` says so."""
        self._depots = tuple(depots)
        lost = self.current is not None and self.current not in {depot.id for depot in depots}
        if lost:
            self.current = None
        self._rebuild()
        if lost:
            self.picked.emit(None)

    def choose(self, depot: DepotId | None) -> None:
        """Choose and tell, unless it is chosen already."""
        if depot != self.current and (depot is None or depot in {item.id for item in self._depots}):
            self.current = depot
            self._rebuild()
            self.picked.emit(depot)

    def _rebuild(self) -> None:
        self._menu.clear()
        group = QActionGroup(self._menu)
        choices: list[tuple[DepotId | None, str]] = [(None, self.tr("All depots"))]
        choices += [(depot.id, depot.name) for depot in self._depots]
        colors: dict[DepotId | None, str] = {depot.id: depot.color for depot in self._depots}
        for key, name in choices:
            shown = short_name(self._menu, name, _WIDEST_ENTRY)
            action = QAction(shown.replace("&", "&&"), self._menu)
            action.setToolTip(name if shown != name else "")
            action.setIcon(depot_dot(colors.get(key, "")))
            action.setIconVisibleInMenu(True)
            action.setCheckable(True)
            action.setChecked(key == self.current)
            action.triggered.connect(lambda _checked=False, key=key: self.choose(key))
            group.addAction(action)
            self._menu.addAction(action)
            if key is None and self._depots:
                self._menu.addSeparator()
        self.set_words(next(name for key, name in choices if key == self.current), accessible=self.tr("Depot"))


class PeriodPicker(QWidget):
    """Chooses a period: presets, a custom range, and steps back and forth."""

    picked = Signal(object)
    """The new `Period`."""

    def __init__(self, *, today: Callable[[], date] = date.today, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._today = today
        self.preset = Preset.ALL
        self.period = ALL_TIME
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._back = tool_button("chevron-left", with_key(self.tr("Previous period"), "Alt+Left"), size=14)
        self._forth = tool_button("chevron-right", with_key(self.tr("Next period"), "Alt+Right"), size=14)
        self.button = PickerButton("calendar-days", with_key(self.tr("Period"), "Ctrl+P"))
        for part, place in ((self._back, "left"), (self.button, "middle"), (self._forth, "right")):
            part.setProperty("step", place)
            part.setFixedHeight(30)
            row.addWidget(part)
        self.button.setProperty("framed", None)
        self._menu = QMenu(self)
        self.button.setMenu(self._menu)
        self._back.clicked.connect(self.step_back)
        self._forth.clicked.connect(self.step_forth)
        self._rebuild()

    def choose_preset(self, preset: Preset) -> None:
        """Choose a preset and tell."""
        self.preset = preset
        self._set(preset_period(preset, self._today()))

    def choose(self, period: Period) -> None:
        """Choose any range and tell."""
        self.preset = Preset.ALL if period == ALL_TIME else Preset.CUSTOM
        self._set(period)

    def step_back(self) -> None:
        """Go to the period before, of the same length."""
        self._step(previous_period(self.period))

    def step_forth(self) -> None:
        """Go to the period after, of the same length."""
        self._step(next_period(self.period))

    def ask_range(self) -> None:
        """Open the small window for a range of one's own."""
        window = self.make_range()
        window.move(self.button.mapToGlobal(self.button.rect().bottomLeft()))
        window.show()

    def make_range(self) -> CustomRange:
        """Return the small window for a range of one's own, at the dates that are shown now."""
        today = self._today()
        window = CustomRange(self.period.start or today.replace(month=1, day=1), self.period.end or today, self)
        window.chosen.connect(self.choose)
        return window

    def _step(self, period: Period | None) -> None:
        if period is not None:
            self.preset = Preset.CUSTOM
            self._set(period)

    def _set(self, period: Period) -> None:
        changed = period != self.period
        self.period = period
        self._rebuild()
        if changed:
            self.picked.emit(period)

    def _rebuild(self) -> None:
        self._menu.clear()
        names = {
            Preset.THIS_MONTH: self.tr("This month"),
            Preset.LAST_MONTH: self.tr("Last month"),
            Preset.THIS_YEAR: self.tr("This year"),
            Preset.LAST_YEAR: self.tr("Last year"),
            Preset.LAST_30_DAYS: self.tr("Last 30 days"),
            Preset.LAST_90_DAYS: self.tr("Last 90 days"),
            Preset.LAST_365_DAYS: self.tr("Last 365 days"),
            Preset.ALL: self.tr("Since start"),
        }
        for preset, name in names.items():
            action = QAction(name, self._menu)
            action.setCheckable(True)
            action.setChecked(preset is self.preset)
            action.triggered.connect(lambda _checked=False, preset=preset: self.choose_preset(preset))
            self._menu.addAction(action)
            if preset in {Preset.LAST_YEAR, Preset.LAST_365_DAYS}:
                self._menu.addSeparator()
        self._menu.addAction(self.tr("From – to…")).triggered.connect(self.ask_range)
        self.button.set_words(self._words(names), accessible=self.tr("Period"))
        bounded = self.period.start is not None and self.period.end is not None
        self._back.setEnabled(bounded)
        self._forth.setEnabled(bounded)

    def _words(self, names: dict[Preset, str]) -> str:
        start, end = self.period.start, self.period.end
        if start is None or end is None:
            return names[Preset.ALL] if self.period == ALL_TIME else formats.day_range(start, end)
        if self.preset in {Preset.LAST_30_DAYS, Preset.LAST_90_DAYS, Preset.LAST_365_DAYS}:
            return names[self.preset]
        if self.period == bucket_period(start, Bucket.MONTH):
            return formats.month(start)
        if self.period == bucket_period(start, Bucket.YEAR):
            return str(start.year)
        return formats.day_range(start, end)


class CustomRange(QWidget):
    """A small window with two dates."""

    chosen = Signal(object)

    def __init__(self, start: date, end: date, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        row = QHBoxLayout()
        self.start, self.end = DateField(start), DateField(end)
        for words, field in ((self.tr("From"), self.start), (self.tr("to"), self.end)):
            row.addWidget(label(words))
            row.addWidget(field)
        column.addLayout(row)
        done = button(self.tr("Show"), primary=True)
        done.clicked.connect(self._choose)
        column.addWidget(done, 0, Qt.AlignmentFlag.AlignRight)

    def _choose(self) -> None:
        first, last = sorted((self.start.day(), self.end.day()))
        self.chosen.emit(Period(first, last))
        self.close()
