"""Until when a token is valid: a date, with IBKR's own spans as presets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ibjournal.gui.widgets.date_field import DateField
from ibjournal.gui.widgets.segmented import SegmentedControl

_DAYS = {"month": 30, "quarter": 91, "half": 182, "year": 365}


class ExpiryField(QWidget):
    """A date field with presets; one year is chosen, as it is the most that IBKR allows."""

    def __init__(self, *, today: Callable[[], date] = date.today, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._today = today
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.field = DateField(today() + timedelta(days=_DAYS["year"]))
        self.presets = SegmentedControl(
            [
                ("month", self.tr("1 month")),
                ("quarter", self.tr("3 months")),
                ("half", self.tr("6 months")),
                ("year", self.tr("1 year")),
            ],
            name=self.tr("Valid for"),
        )
        self.presets.set_current("year")
        row.addWidget(self.field)
        row.addWidget(self.presets)
        row.addStretch(1)
        self.presets.changed.connect(self._on_preset)
        self.field.day_changed.connect(self._on_day)

    def day(self) -> date:
        """Return the last day on which the token is valid."""
        return self.field.day()

    def set_day(self, value: date) -> None:
        """Show a day."""
        self.field.set_day(value)
        self._on_day(value)

    def _on_preset(self, key: str) -> None:
        self.field.set_day(self._today() + timedelta(days=_DAYS[key]))
        self.presets.set_current(key)

    def _on_day(self, value: date) -> None:
        days = (value - self._today()).days
        self.presets.set_current(next((key for key, count in _DAYS.items() if count == days), ""))
