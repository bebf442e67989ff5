"""Gives charts the colours of the look in force and the words of the language in use."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QApplication

from ibjournal.charts.style import ChartStyle, ChartWords
from ibjournal.gui.theme import Theme
from ibjournal.gui.widgets import figures, formats


def chart_style(look: Theme, *, masked: bool) -> ChartStyle:
    """Return a chart's colours and type."""
    tokens = look.tokens
    return ChartStyle(
        surface=tokens.surface,
        text_strong=tokens.text_strong,
        text_muted=tokens.text_muted,
        grid=tokens.chart_grid,
        axis=tokens.chart_axis,
        positive=tokens.positive,
        negative=tokens.negative,
        series=tuple(tokens.series),
        families=(QFontInfo(QApplication.font()).family(), "DejaVu Sans"),
        text_pixels=11 * look.scale,
        masked=masked,
    )


def chart_words(empty: str) -> ChartWords:
    """Return a chart's words; ``empty`` is the sentence of a chart without data."""
    translate = QCoreApplication.translate
    return ChartWords(
        percent=lambda value, places: formats.percent(_exact(value), places, signed=True),
        money=lambda value, places: formats.number(_exact(value), places),
        signed=lambda value, places: formats.change(_exact(value), places),
        day=formats.full_day,
        short_day=_short_day,
        months=tuple(figures.short_month(number) for number in range(1, 13)),
        thousand=translate("Charts", "{value}k", "thousands on an axis; German: {value} T"),
        million=translate("Charts", "{value}M", "millions on an axis; German: {value} Mio."),
        drawdown=translate("Charts", "Drawdown"),
        peak=translate("Charts", "peak {day}"),
        recovered=translate("Charts", "recovered {day}"),
        trough=translate("Charts", "{value} on {day}"),
        empty=empty,
    )


def _short_day(day: date) -> str:
    return figures.day(day, day)


def _exact(value: float) -> Decimal:
    """Turn a number that was only drawn back into one that is written; charts are the one place with floats."""
    return Decimal(repr(round(value, 8)))
