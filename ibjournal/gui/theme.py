"""The look, once: named colours in light and dark, type, spacing and heights; every screen and chart reads them here.

No other module of the program contains a colour value. Widgets take their colours from the application's `QPalette` and
from the generated style sheet (`ibjournal.gui.style_sheet`); delegates and charts ask `current()` each time they paint.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import Enum, IntEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ibjournal.gui.style_sheet import style_sheet
from ibjournal.gui.tokens import DARK, HEAT, LIGHT, Tokens


class Mode(str, Enum):
    """What the user chose; `SYSTEM` follows the desktop."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class RowHeight(IntEnum):
    """Height of a table row in pixels: one setting for all tables."""

    COMPACT = 24
    NORMAL = 28
    ROOMY = 36


class Type(Enum):
    """The type scale: pixel size and weight."""

    SMALL = (11, QFont.Weight.Medium)
    SECONDARY = (12, QFont.Weight.Normal)
    SECONDARY_STRONG = (12, QFont.Weight.DemiBold)
    TEXT = (13, QFont.Weight.Normal)
    SYMBOL = (13, QFont.Weight.Medium)
    STRONG = (13, QFont.Weight.DemiBold)
    SUBHEAD = (15, QFont.Weight.DemiBold)
    TITLE = (18, QFont.Weight.DemiBold)
    FIGURE = (24, QFont.Weight.DemiBold)


class Space:
    """Distances and heights in pixels; a grid of 4."""

    EDGE_X = 20
    EDGE_Y = 16
    GAP = 12
    PADDING = 16
    CELL = 8
    ICON_GAP = 8
    RADIUS = 6
    PANEL_RADIUS = 8
    CONTROL = 30
    CONTROL_SMALL = 26
    TOP_BAR = 52
    STATUS_BAR = 26
    FILTER_BAR = 48
    ERROR_BAR = 44
    PANEL_HEAD = 40
    COLUMN_HEAD = 28
    SUM_ROW = 32
    NAV_ITEM = 32
    SIDEBAR = 200
    SIDEBAR_NARROW = 56
    NARROW_BELOW = 1360
    """Window width from which the sidebar shows words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One look: colours by name, heat scale, row height. Immutable; `apply` makes it the current one."""

    dark: bool
    tokens: Tokens
    heat: tuple[str, ...]
    """Nine colours from -4 to +4."""
    colour_blind: bool = False
    row_height: RowHeight = RowHeight.NORMAL
    scale: float = 1.0
    """The user's text size, 1.0 is 13 px for plain text."""

    def hex(self, name: str) -> str:
        """Return a token's colour as ``#RRGGBB``; ``series_1`` … ``series_8`` and ``heat_0`` … ``heat_8`` too."""
        if name.startswith("series_"):
            return self.tokens.series[int(name[7:]) - 1]
        if name.startswith("heat_"):
            return self.heat[int(name[5:])]
        return str(getattr(self.tokens, name))

    def color(self, name: str) -> QColor:
        """Return a token's colour for painting."""
        return QColor(self.hex(name))

    def font(self, role: Type = Type.TEXT) -> QFont:
        """Return the application's font in a step of the scale, with tabular figures."""
        size, weight = role.value
        font = QFont(QApplication.font())
        font.setPixelSize(round(size * self.scale))
        font.setWeight(weight)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def sign_tone(self, sign: int) -> str:
        """Return the token for a gain (1), a loss (-1) or neither (0)."""
        return {1: "positive", -1: "negative"}.get(sign, "text_muted")


class ThemeNotifier(QObject):
    """Tells parts that keep pixels of their own (charts, icons) that the look has changed."""

    changed = Signal()


_STYLED = "ibjournal_styled"
"""The application has its style; to set it again lays out every widget once more."""

_notifier: ThemeNotifier | None = None
_current: Theme | None = None


def make_theme(*, dark: bool, colour_blind: bool = False, row_height: RowHeight = RowHeight.NORMAL, scale: float = 1.0) -> Theme:
    """Build a look. With ``colour_blind`` gains are blue and losses orange; nothing else changes."""
    tokens = DARK if dark else LIGHT
    if colour_blind:
        tokens = replace(
            tokens,
            positive=tokens.positive_cb,
            negative=tokens.negative_cb,
            positive_soft=tokens.positive_cb_soft,
            negative_soft=tokens.negative_cb_soft,
        )
    heat = HEAT[("dark" if dark else "light") + ("_cb" if colour_blind else "")]
    return Theme(dark=dark, tokens=tokens, heat=heat, colour_blind=colour_blind, row_height=row_height, scale=scale)


def current() -> Theme:
    """Return the look in force; the light one before any was applied."""
    global _current  # noqa: PLW0603 - one look per process, as Qt has one application palette
    if _current is None:
        _current = make_theme(dark=False)
    return _current


def notifier() -> ThemeNotifier:
    """Return the one object whose ``changed`` fires after `apply`."""
    global _notifier  # noqa: PLW0603 - see current()
    if _notifier is None:
        _notifier = ThemeNotifier()
    return _notifier


def system_is_dark() -> bool:
    """Whether the desktop asks for dark colours."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def resolve(mode: Mode) -> bool:
    """Return whether a choice means dark right now."""
    return system_is_dark() if mode is Mode.SYSTEM else mode is Mode.DARK


def apply(theme: Theme) -> None:
    """Make ``theme`` the look of the whole application: style, fonts, palette, style sheet; then tell the rest."""
    global _current  # noqa: PLW0603 - see current()
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        msg = "a look needs an application"
        raise TypeError(msg)
    _current = theme
    if not app.property(_STYLED):  # the style cannot be asked: with a style sheet it has no name of its own
        app.setStyle("Fusion")
        app.setProperty(_STYLED, True)
    ensure_font()
    app.setFont(theme.font(Type.TEXT))
    app.setPalette(make_palette(theme))
    from ibjournal.gui import icons  # noqa: PLC0415 - icons read their colours from here

    app.setStyleSheet(style_sheet(theme.tokens, scale=theme.scale, images=icons.sheet_images(theme.tokens)))
    icons.refresh()
    notifier().changed.emit()


def ensure_font() -> None:
    """Load matplotlib's DejaVu Sans where the system has no font at all, so that text is never boxes."""
    if QFontDatabase.families():
        return
    from pathlib import Path  # noqa: PLC0415 - only on a machine without fonts

    import matplotlib as mpl  # noqa: PLC0415 - slow to import, hardly ever needed here

    added = QFontDatabase.addApplicationFont(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"))
    families = QFontDatabase.applicationFontFamilies(added)
    if families:
        QApplication.setFont(QFont(families[0]))


def make_palette(theme: Theme) -> QPalette:
    """Return Qt's colour roles for a look, for the active, inactive and disabled group."""
    t = theme.tokens
    roles = {
        QPalette.ColorRole.Window: t.window,
        QPalette.ColorRole.Base: t.surface,
        QPalette.ColorRole.AlternateBase: t.sunken,
        QPalette.ColorRole.Button: t.raised,
        QPalette.ColorRole.ToolTipBase: t.raised,
        QPalette.ColorRole.ToolTipText: t.text,
        QPalette.ColorRole.Light: t.raised,
        QPalette.ColorRole.Midlight: t.border,
        QPalette.ColorRole.Mid: t.border_strong,
        QPalette.ColorRole.Dark: t.field_border,
        QPalette.ColorRole.Shadow: t.border_strong,
        QPalette.ColorRole.WindowText: t.text,
        QPalette.ColorRole.Text: t.text,
        QPalette.ColorRole.ButtonText: t.text,
        QPalette.ColorRole.BrightText: t.text_strong,
        QPalette.ColorRole.HighlightedText: t.text_strong,
        QPalette.ColorRole.PlaceholderText: t.text_muted,
        QPalette.ColorRole.Highlight: t.selection,
        QPalette.ColorRole.Accent: t.accent,
        QPalette.ColorRole.Link: t.accent,
        QPalette.ColorRole.LinkVisited: t.accent,
    }
    palette = QPalette()
    for role, value in roles.items():
        palette.setColor(QPalette.ColorGroup.All, role, QColor(value))
    palette.setColor(QPalette.ColorGroup.Inactive, QPalette.ColorRole.Highlight, QColor(t.selection_inactive))
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
        QPalette.ColorRole.HighlightedText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(t.text_disabled))
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Highlight, QColor(t.selection_inactive))
    return palette


def token_names() -> tuple[str, ...]:
    """Return the names of all single colours."""
    return tuple(field.name for field in fields(Tokens) if field.name != "series")
