"""The navigation at the left: the screens, and the settings at the foot; words or icons alone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent, QPixmap, QShortcut
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ibjournal import assets
from ibjournal.gui import icons, theme
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import label, tool_button, with_key


class NavItem(QPushButton):
    """One entry: icon, words, an optional badge; a bar at the left edge while it is the current one."""

    def __init__(self, words: str, icon: str, *, checkable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = words
        self.setProperty("nav", True)
        self.setCheckable(checkable)
        self.setAccessibleName(words)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._icon = icon
        self._badge: tuple[str, str] = ("", "")
        self.set_narrow(narrow=False)

    def set_narrow(self, *, narrow: bool) -> None:
        """Show the icon alone, with the words as a tooltip."""
        self.setText("" if narrow else f" {self.words}")
        icons.set_icon(self, self._icon, size=17, color="text_muted", color_on="accent")
        self.setToolTip(self.words if narrow else "")

    def set_badge(self, text: str, *, tone: str = "") -> None:
        """Show a count at the right; ``tone`` ``warning`` when it needs the user."""
        self._badge = (text, tone)
        self.setAccessibleName(f"{self.words} {text}".strip())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button, then the mark of the current screen and the badge."""
        super().paintEvent(event)
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(look.color("accent"))
            painter.drawRoundedRect(QRectF(0, (self.height() - 18) / 2, 3, 18), 1.5, 1.5)
        text, tone = self._badge
        if text and self.text():
            painter.setFont(look.font(Type.SMALL))
            width = max(20, painter.fontMetrics().horizontalAdvance(text) + 12)
            box = QRectF(self.width() - width - 10, (self.height() - 18) / 2, width, 18)
            ground: QColor = look.color(f"{tone}_soft" if tone else "selection_inactive")
            painter.setBrush(ground)
            painter.drawRoundedRect(box, 9, 9)
            painter.setPen(look.color(tone or "text"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.end()


class Sidebar(QWidget):
    """The navigation. ``chosen`` carries a screen's name."""

    chosen = Signal(str)
    settings_wanted = Signal()

    def __init__(self, entries: Sequence[tuple[str, str, str]], menu: QMenu, parent: QWidget | None = None) -> None:
        """Build it from ``(name, words, icon)``; ``menu`` opens behind the button beside the program's name."""
        super().__init__(parent)
        self.setObjectName("side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Navigation"))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 8)
        column.setSpacing(2)
        brand = QWidget()
        brand.setFixedHeight(Space.TOP_BAR)
        row = QHBoxLayout(brand)
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(10)
        self._mark = QLabel()
        self._mark.setPixmap(program_mark(22))
        self._name = label("ibjournal", role=Type.SUBHEAD, tone="strong")
        self.menu_button = tool_button("menu", with_key(self.tr("Menu"), "F10"))
        self.menu_button.setMenu(menu)
        self.menu_button.setPopupMode(self.menu_button.ToolButtonPopupMode.InstantPopup)
        row.addWidget(self._mark)
        row.addWidget(self._name, 1)
        row.addWidget(self.menu_button)
        column.addWidget(brand)
        self._group = QButtonGroup(self)
        self.items: dict[str, NavItem] = {}
        for position, (name, words, icon) in enumerate(entries, start=1):
            item = NavItem(words, icon)
            item.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            item.clicked.connect(lambda _checked=False, name=name: self.chosen.emit(name))
            QShortcut(QKeySequence(f"Ctrl+{position}"), self).activated.connect(item.click)
            self._group.addButton(item)
            self.items[name] = item
            column.addWidget(item)
        column.addStretch(1)
        self.settings = NavItem(self.tr("Settings"), "settings", checkable=False)
        QShortcut(QKeySequence("Ctrl+,"), self).activated.connect(self.settings.click)
        self.settings.clicked.connect(self.settings_wanted)
        column.addWidget(self.settings)
        self.setFixedWidth(Space.SIDEBAR)

    def set_current(self, name: str) -> None:
        """Mark a screen as the current one."""
        if name in self.items:
            self.items[name].setChecked(True)

    def set_narrow(self, *, narrow: bool) -> None:
        """Show icons alone, for small windows."""
        self.setFixedWidth(Space.SIDEBAR_NARROW if narrow else Space.SIDEBAR)
        self._name.setVisible(not narrow)
        self._mark.setVisible(not narrow)
        for item in (*self.items.values(), self.settings):
            item.set_narrow(narrow=narrow)


def program_mark(size: int) -> QPixmap:
    """Return the program's own icon; an empty pixmap where the file is missing."""
    path = assets.asset("icons", "ibjournal.svg")
    if not path.exists():
        return QPixmap()
    return QPixmap.fromImage(icons.render_svg(path.read_bytes(), size, 2.0))
