"""Until when a token is valid: IBKR's own spans to choose from, a date, and the time of day for those that live some hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from PySide6.QtCore import QLocale, Qt, QTime, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QTimeEdit, QVBoxLayout, QWidget

from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.date_field import DateField
from ibjournal.gui.widgets.labels import label

_HOURS = {"6h": 6, "12h": 12, "day": 24}
"""Spans whose end is a time of day."""
_DAYS = {"week": 7, "month": 30, "2months": 61, "quarter": 91, "half": 182, "year": 365}
_YEAR = "year"
_OTHER = ""
_SOON = timedelta(days=1)
_SHORT = timedelta(days=7)
"""Up to here a token is hardly worth its clicks."""


def _local_now() -> datetime:
    return datetime.now(UTC).astimezone()


class ExpiryField(QWidget):
    """IBKR's spans, a date, a time. One year is chosen at first, as it is the most that IBKR allows.

    Args:
        today: the user's day.
        now: the time, aware and local; spans of some hours are counted from it.
    """

    edited = Signal()
    """The user chose another end."""

    def __init__(
        self,
        *,
        today: Callable[[], date] = date.today,
        now: Callable[[], datetime] = _local_now,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._today, self._now = today, now
        self.spans = QComboBox()
        for key, words in (
            ("6h", self.tr("6 hours")),
            ("12h", self.tr("12 hours")),
            ("day", self.tr("1 day")),
            ("week", self.tr("1 week")),
            ("month", self.tr("1 month")),
            ("2months", self.tr("2 months")),
            ("quarter", self.tr("3 months")),
            ("half", self.tr("6 months")),
            (_YEAR, self.tr("1 year")),
            (_OTHER, self.tr("until another day")),
        ):
            self.spans.addItem(words, key)
        self.spans.setAccessibleName(self.tr("Chosen at IBKR"))
        self.spans.setToolTip(self.tr("What you chose at IBKR under Should Expire After"))
        self.field = DateField(today() + timedelta(days=_DAYS[_YEAR]))
        self.time = QTimeEdit()
        self.time.setDisplayFormat("HH:mm" if QLocale().language() == QLocale.Language.German else "h:mm AP")
        self.time.setAccessibleName(self.tr("Time of day"))
        self.time.setFixedWidth(96 if QLocale().language() == QLocale.Language.German else 112)
        self.time.hide()
        self.hint = label("", role=Type.SECONDARY, tone="warning", wrap=True)
        self.hint.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.hint)
        row.addWidget(self.spans)
        row.addWidget(self.field)
        row.addWidget(self.time)
        row.addStretch(1)
        self.setFocusProxy(self.spans)
        self._choose(_YEAR)
        self.spans.activated.connect(self._on_span)
        self.field.day_changed.connect(self._on_day)
        self.time.timeChanged.connect(lambda _: self.edited.emit())

    @property
    def span(self) -> str:
        """The key of the span that is chosen, empty for another day."""
        return str(self.spans.currentData())

    def choose(self, span: str) -> None:
        """Choose a span as the user does."""
        self._choose(span)
        self._on_span()

    def day(self) -> date:
        """Return the last day on which the token is valid."""
        return self.field.day()

    def ends(self) -> datetime | None:
        """Return the minute at which the token ends, aware and local; None where only its day counts."""
        if self.time.isHidden():
            return None
        chosen = self.time.time()
        return datetime.combine(self.day(), time(chosen.hour(), chosen.minute())).astimezone()

    def set_day(self, value: date, ends: datetime | None = None) -> None:
        """Show a last day, with the minute where that is known."""
        self._show(value, ends.astimezone() if ends is not None else None)
        self._choose(self._span_of(value) if ends is None else _OTHER)

    def _show(self, value: date, ends: datetime | None) -> None:
        self.field.blockSignals(True)
        self.field.set_day(value if ends is None else ends.date())
        self.field.blockSignals(False)
        self.time.blockSignals(True)
        if ends is not None:
            self.time.setTime(QTime(ends.hour, ends.minute))
        self.time.blockSignals(False)
        self.time.setVisible(ends is not None)
        self._warn()

    @property
    def short(self) -> bool:
        """Whether the token ends within a week."""
        return self.day() - self._today() <= _SHORT

    def _warn(self) -> None:
        self.hint.setText(self.tr("Fetching stops with it, soon. IBKR allows up to 1 year.") if self.short else "")
        self.hint.setVisible(self.short)

    def _choose(self, span: str) -> None:
        self.spans.setCurrentIndex(self.spans.findData(span))

    def _on_span(self, _index: int = 0) -> None:
        span = self.span
        if span in _HOURS:
            begun = datetime.combine(self._today(), self._now().time()).astimezone()
            ends = (begun + timedelta(hours=_HOURS[span])).astimezone()  # the clocks may change meanwhile
            self._show(ends.date(), ends)
        elif span in _DAYS:
            self._show(self._today() + timedelta(days=_DAYS[span]), None)
        else:
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edited.emit()

    def _on_day(self, value: date) -> None:
        if self.time.isHidden() or value - self._today() > _SOON:
            self.time.hide()
            self._choose(self._span_of(value))
        else:
            self._choose(_OTHER)
        self._warn()
        self.edited.emit()

    def _span_of(self, value: date) -> str:
        days = (value - self._today()).days
        return next((key for key, count in _DAYS.items() if count == days), _OTHER)
