"""A date the user types or picks from a calendar, as a plain ``date``."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, QLocale, Signal
from PySide6.QtWidgets import QDateEdit, QWidget


class DateField(QDateEdit):
    """A date field with a calendar; empty dates are not its business."""

    day_changed = Signal(object)
    """The new ``date``."""

    def __init__(self, value: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCalendarPopup(True)
        german = QLocale().language() == QLocale.Language.German
        self.setDisplayFormat("dd.MM.yyyy" if german else "d MMM yyyy")
        self.setFixedWidth(136)
        self.set_day(value)
        self.dateChanged.connect(lambda _: self.day_changed.emit(self.day()))

    def day(self) -> date:
        """Return what is in the field."""
        chosen = self.date()
        return date(chosen.year(), chosen.month(), chosen.day())

    def set_day(self, value: date) -> None:
        """Show a day."""
        self.setDate(QDate(value.year, value.month, value.day))
