"""Panels, tiles, bars and states: the containers every screen is made of."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ibjournal.gui import icons
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import ElidedLabel, button, label, repolish, set_tone


class Panel(QFrame):
    """The one container: a rounded surface with a head (title, subtitle, tools) and content below."""

    def __init__(
        self, title: str = "", subtitle: str = "", tools: Sequence[QWidget] = (), *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        self._head = QWidget()
        self._head.setFixedHeight(Space.PANEL_HEAD)
        row = QHBoxLayout(self._head)
        row.setContentsMargins(Space.PADDING - 1, 0, Space.CELL - 1, 0)
        row.setSpacing(Space.ICON_GAP)
        self._title = label(title, role=Type.STRONG, tone="strong")
        self._subtitle = ElidedLabel(subtitle, role=Type.SECONDARY, tone="muted")
        row.addWidget(self._title)
        row.addWidget(self._subtitle, 1)
        self._tools = QHBoxLayout()
        self._tools.setSpacing(4)
        row.addLayout(self._tools)
        for tool in tools:
            self._tools.addWidget(tool)
        outer.addWidget(self._head)
        self._head.setVisible(bool(title))
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        outer.addLayout(self.body, 1)
        self.setAccessibleName(title)

    def set_title(self, title: str, subtitle: str | None = None) -> None:
        """Change the words of the head."""
        self._title.setText(title)
        self._head.setVisible(bool(title))
        if subtitle is not None:
            self._subtitle.setText(subtitle)

    def set_subtitle(self, subtitle: str) -> None:
        """Change the muted words beside the title: unit, convention, scope."""
        self._subtitle.setText(subtitle)

    def add_tool(self, tool: QWidget) -> None:
        """Put a widget at the right end of the head."""
        self._tools.addWidget(tool)

    def set_content(self, content: QWidget) -> None:
        """Put the one widget that fills the panel."""
        self.body.addWidget(content, 1)


class FilterBar(QWidget):
    """The bar of 48 pixels at the top of a screen; add widgets to ``row``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filterBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(Space.FILTER_BAR)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(12, 0, 12, 0)
        self.row.setSpacing(8)


class SearchField(QLineEdit):
    """A search field with its icon and its key; ``searched`` fires on each change."""

    searched = Signal(str)

    def __init__(self, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setClearButtonEnabled(True)
        self._mark = self.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.setFixedWidth(168)
        self.textChanged.connect(self.searched)


class Tile(QFrame):
    """One figure of a strip: label, value, note."""

    def __init__(self, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tile")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PADDING, 10, Space.CELL, 10)
        column.setSpacing(1)
        self._caption = ElidedLabel(caption, role=Type.SECONDARY, tone="muted")
        self._value = label("–", role=Type.TITLE, tone="strong")
        self._note = ElidedLabel(" ", role=Type.SECONDARY, tone="muted")
        column.addWidget(self._caption)
        column.addWidget(self._value)
        column.addWidget(self._note)
        self.caption = caption

    def set_value(self, value: str, *, tone: str = "strong", note: str = "", note_tone: str = "muted") -> None:
        """Show a figure. ``tone`` is ``positive``, ``negative``, ``strong`` or ``muted``."""
        self._value.setText(value)
        set_tone(self._value, tone)
        self._note.setText(note or " ")
        set_tone(self._note, note_tone)
        self.setAccessibleName(f"{self.caption}: {value} {note}".strip())

    def set_caption(self, caption: str) -> None:
        """Change the label above the figure."""
        self.caption = caption
        self._caption.setText(caption)


class TileStrip(Panel):
    """A panel of tiles side by side, parted by hairlines."""

    def __init__(self, tiles: Sequence[Tile], *, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.tiles = tuple(tiles)
        self._grid = QGridLayout()
        self._grid.setSpacing(0)
        self._columns = 0
        self.body.addLayout(self._grid)
        self.set_columns(len(self.tiles))

    def set_columns(self, columns: int) -> None:
        """Put so many tiles into a row."""
        if columns == self._columns:
            return
        self._columns = columns
        for position, tile in enumerate(self.tiles):
            self._grid.addWidget(tile, *divmod(position, columns))
            last = (position + 1) % columns == 0 or position + 1 == len(self.tiles)
            tile.setProperty("last", "true" if last else "false")
            repolish(tile)
        for column in range(len(self.tiles)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)


class EmptyState(QWidget):
    """Says what would stand here and offers the next step. One sentence, one button, no picture."""

    clicked = Signal()

    def __init__(self, title: str = "", text: str = "", action: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(6)
        column.addStretch(1)
        self._title = label(title, role=Type.SUBHEAD, tone="strong", wrap=True)
        self._text = label(text, tone="muted", wrap=True)
        for part in (self._title, self._text):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            part.setMaximumWidth(420)
        self._button = button(action)
        self._button.clicked.connect(self.clicked)
        for part in (self._title, self._text):
            line = QHBoxLayout()
            line.addStretch(1)
            line.addWidget(part, 8)
            line.addStretch(1)
            column.addLayout(line)
        column.addSpacing(6)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._button.setVisible(bool(action))

    def set_words(self, title: str, text: str = "", action: str = "") -> None:
        """Change what it says."""
        self._title.setText(title)
        self._text.setText(text)
        self._button.setText(action)
        self._button.setVisible(bool(action))


class Chip(QFrame):
    """A small rounded word with an optional icon.

    ``kind`` is its colour: none, ``warning``, ``info``, ``positive``, ``negative`` or ``accent``.
    """

    def __init__(self, text: str, *, icon: str = "", kind: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chip")
        self.setProperty("kind", kind)
        self.setFixedHeight(20)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(5)
        if icon:
            mark = QLabel()
            icons.set_icon(mark, icon, size=12, color=kind or "text_muted")
            row.addWidget(mark)
        self._text = label(text, role=Type.SMALL, tone=kind)
        row.addWidget(self._text)

    def set_text(self, text: str) -> None:
        """Change the word."""
        self._text.setText(text)
