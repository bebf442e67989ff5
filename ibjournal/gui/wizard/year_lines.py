"""The first fetch line by line: each year, and today's fills, with what came as soon as it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ibjournal.gui import errors, icons
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import hairline, icon_label, label
from ibjournal.gui.wizard.came import came, came_words
from ibjournal.services.jobs import Arrival

_ACTIVITY = "activity"
_TITLE = 96

Key = tuple[bool, int]
"""Orders the lines: the years, newest first, then today's fills. Whether it is no year; the year, negative."""


@dataclass(slots=True, kw_only=True)
class _Year:
    """What is known of one line.

    Attributes:
        came: the reports that tell of it.
        open: days of it are asked for and not answered yet.
        again: these days were answered before: they are asked for once more, as what is late comes with them.
        failed: days of it were asked for and did not come.
    """

    came: list[Arrival] = field(default_factory=list)
    open: bool = False
    again: bool = False
    failed: bool = False

    def covers(self, days: tuple[date, date]) -> bool:
        """Whether the reports tell of these days."""
        known = [(each.start, each.end) for each in self.came if each.reports and each.start and each.end]
        return bool(known) and min(start for start, _ in known) <= days[0] and days[1] <= max(end for _, end in known)

    def missing(self) -> bool:
        """Whether it is to be fetched still, all of it or a part."""
        return self.failed or self.open or any(each.error is not None for each in self.came)


class YearLines(QWidget):
    """The years in order, newest first, whichever was asked for first; what earlier fetches brought stands there from the start."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._years: dict[Key, _Year] = {}
        self._lines: dict[Key, _Line] = {}
        self._now: Key | None = None

    @property
    def any(self) -> bool:
        """Whether there is any line."""
        return bool(self._lines)

    def begin(self, earlier: Sequence[Arrival], *, whole: bool = False) -> None:
        """Begin a fetch, with what those before it brought, and what they did not; ``whole``: nothing is missing any more."""
        missing = [key for key, year in self._years.items() if year.missing() and not whole]
        for line in self._lines.values():
            line.hide()
            self._column.removeWidget(line)
            line.deleteLater()
        self._lines, self._years, self._now = {}, {}, None
        for each in earlier:
            if each.end is not None:
                self._year(_key(each.slot, each.end)).came.append(each)
        for key in missing:
            self._year(key).failed = True
        for key in sorted(self._years):
            self._show(key)

    def ask(self, slot: str, days: tuple[date, date]) -> None:
        """Say that these days are asked for; what was asked for before and is not there has failed."""
        key = _key(slot, days[0])
        if self._now is not None and self._now != key:
            self._give_up(self._now)
        self._now = key
        year = self._year(key)
        if year.open:
            return
        year.open, year.again, year.failed = True, not year.failed and year.covers(days), False
        self._show(key)

    def arrive(self, days: tuple[date, date], arrival: Arrival) -> None:
        """Say what came of the days that were asked for. A report of another year stands with the year it tells of."""
        asked = _key(arrival.slot, days[0])
        self._year(asked).open = False
        if arrival.reports or arrival.error is not None:
            key = asked if arrival.error is not None or arrival.end is None else _key(arrival.slot, arrival.end)
            self._year(key).came.append(arrival)
            self._show(key)
        self._show(asked)

    def end(self) -> None:
        """Say of what was asked for and did not come that it is missing."""
        for key in sorted(self._years):
            self._give_up(key)
        self._now = None

    def texts(self) -> list[str]:
        """Return the lines in words."""
        return [self._lines[key].words() for key in sorted(self._lines)]

    def _give_up(self, key: Key) -> None:
        year = self._years[key]
        if year.open:
            year.open, year.failed = False, not year.again
            self._show(key)

    def _year(self, key: Key) -> _Year:
        return self._years.setdefault(key, _Year())

    def _show(self, key: Key) -> None:
        year, line = self._years[key], self._line(key)
        bad = next((each.error for each in year.came if each.error is not None), None)
        words = came_words(came(year.came), short=True) if any(each.reports for each in year.came) else ""
        if year.open:
            told = self.tr("{came} · asked for once more") if year.again else self.tr("{came} · more on its way")
            line.show_state(told.format(came=words) if words else self.tr("on its way"), "hourglass", "accent")
        elif bad is not None:
            line.show_state(errors.describe(bad).title, "triangle-alert", "warning")
        elif year.failed:
            missing = self.tr("not fetched yet")
            line.show_state(
                self.tr("{came} · not complete yet").format(came=words) if words else missing, "circle-dashed", "text_muted"
            )
        elif words:
            line.show_state(words, "circle-check", "positive")
        else:
            line.show_state(self.tr("nothing there"), "minus", "text_muted")

    def _line(self, key: Key) -> _Line:
        line = self._lines.get(key)
        if line is None:
            line = _Line(self.tr("Today's fills") if key[0] else str(-key[1]), self)
            self._lines[key] = line
            self._column.insertWidget(sorted(self._lines).index(key), line)
        return line


def _key(slot: str, day: date) -> Key:
    return (False, -day.year) if slot == _ACTIVITY else (True, 0)


class _Line(QWidget):
    """What came of one year."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(hairline())
        row = QHBoxLayout()
        row.setContentsMargins(Space.PADDING - 1, 7, Space.PADDING - 1, 7)  # in line with the panel's title
        row.setSpacing(12)
        self._icon = icon_label("hourglass", size=16)
        self._title = label(title, role=Type.SYMBOL, tone="strong")
        self._title.setMinimumWidth(_TITLE)
        self._text = label("", role=Type.SECONDARY, tone="muted", wrap=True)
        row.addWidget(self._icon)
        row.addWidget(self._title)
        row.addWidget(self._text, 1)
        outer.addLayout(row)

    def show_state(self, text: str, icon: str, color: str) -> None:
        """Say how it stands."""
        icons.set_icon(self._icon, icon, color=color)
        self._text.setText(text)
        self.setAccessibleName(self.words())

    def words(self) -> str:
        """Return the line in words."""
        return f"{self._title.text()}: {self._text.text()}"
