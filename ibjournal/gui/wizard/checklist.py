"""A Flex query as a list to tick, section by section and field by field; and the same as text to copy.

The words are IBKR's own, from the guide to both queries: in the user's language, the English ones beside them, since the
client portal may speak either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from ibjournal.flex.query_guide import QueryGuide, QuerySection
from ibjournal.gui import theme
from ibjournal.gui.doctor_texts import ibkr_name
from ibjournal.gui.i18n import spoken
from ibjournal.gui.theme import Type

_KEY = int(Qt.ItemDataRole.UserRole)
_ROW, _AIR = 28, 9
"""Height of a line, and what stands above and below the words of several."""
_BOX, _MARGIN = 23, 7
"""Width of the box to tick with the gap behind it, and of the margins of a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line to tick. ``parts`` are the ticks below a section: its options and fields."""

    key: str
    words: str
    why: str = ""
    parts: tuple[Line, ...] = ()


def section_lines(guide: QueryGuide) -> tuple[Line, ...]:
    """Return the sections of a query, each with what is to be ticked in it."""
    return tuple(_section(guide, section) for section in guide.sections)


def setting_lines(guide: QueryGuide) -> tuple[Line, ...]:
    """Return the settings below the sections on IBKR's page."""
    return tuple(
        Line(
            key=f"{guide.type}/setting/{each.id}",
            words=f"{ibkr_name(each.name)}: {ibkr_name(each.value)}",
            why=each.why.of(spoken()),
        )
        for each in guide.settings
    )


def _section(guide: QueryGuide, section: QuerySection) -> Line:
    translate = QCoreApplication.translate
    key = f"{guide.type}/{section.xml}"
    parts = [Line(key=f"{key}/on/{each.en}", words=ibkr_name(each), why=translate("Checklist", "tick it")) for each in section.on]
    parts += [
        Line(key=f"{key}/may/{each.en}", words=ibkr_name(each), why=translate("Checklist", "tick it if you like"))
        for each in section.may_on
    ]
    parts += [
        Line(
            key=f"{key}/off/{each.en}",
            words=translate("Checklist", "Without: {option}").format(option=ibkr_name(each)),
            why=translate("Checklist", "leave it unticked there"),
        )
        for each in section.off
    ]
    needs = {
        "must": translate("Checklist", "needed"),
        "should": translate("Checklist", "should be there"),
        "may": translate("Checklist", "nice to have"),
    }
    parts += [Line(key=f"{key}/{each.xml}", words=each.name, why=needs[each.need]) for each in section.fields]
    return Line(key=key, words=ibkr_name(section.name), why=section.why.of(spoken()), parts=tuple(parts))


def as_text(guide: QueryGuide) -> str:
    """Return the whole list as plain text, for a note, a message or paper."""
    translate = QCoreApplication.translate
    lines = [ibkr_name(guide.name), "", translate("Checklist", "Sections:")]
    for line in section_lines(guide):
        lines.append(f"[ ] {line.words} – {line.why}")
        lines += [f"    [ ] {part.words} – {part.why}" for part in line.parts]
    lines += ["", translate("Checklist", "Settings below the sections:")]
    lines += [f"[ ] {line.words} – {line.why}" for line in setting_lines(guide)]
    return "\n".join(lines) + "\n"


class _Wrapped(QStyledItemDelegate):
    """Breaks lines instead of cutting them: Qt wraps words, and gives a row no more height for it by itself."""

    def __init__(self, view: QTreeView) -> None:
        super().__init__(view)
        self._view = view

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Wrap, and never cut."""
        super().initStyleOption(option, index)
        option.features |= QStyleOptionViewItem.ViewItemFeature.WrapText
        option.textElideMode = Qt.TextElideMode.ElideNone

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height that the words need in the width of their column."""
        size = super().sizeHint(option, index)
        width = self._view.columnWidth(index.column()) - _MARGIN
        if index.column() == 0:
            width -= _BOX + self._view.indentation() * (2 if index.parent().isValid() else 1)
        font = index.data(Qt.ItemDataRole.FontRole) or self._view.font()
        flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
        needed = QFontMetrics(font).boundingRect(QRect(0, 0, max(width, _BOX), 10_000), flags, str(index.data() or ""))
        return QSize(size.width(), max(_ROW, needed.height() + _AIR))


class Checklist(QTreeWidget):
    """The list of one query. Space ticks a line; ticking a section ticks what is below it; Right and Left unfold and fold."""

    ticks_changed = Signal()

    def __init__(self, guide: QueryGuide, ticked: set[str], parent: QWidget | None = None) -> None:
        """Build it; ``ticked`` is written to."""
        super().__init__(parent)
        self._ticked = ticked
        self.setObjectName("checklist")
        self.setProperty("ringed", True)
        self.setColumnCount(2)
        self.setHeaderLabels([self.tr("At IBKR"), self.tr("What for")])
        self.setAccessibleName(guide.name.of(spoken()))
        self.setRootIsDecorated(True)
        self.setIndentation(18)
        self.setTabKeyNavigation(False)
        self.setItemDelegate(_Wrapped(self))
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.resizeSection(0, 330)
        header.sectionResized.connect(lambda *_: self.scheduleDelayedItemsLayout())
        header.setFont(theme.current().font(Type.SMALL))
        sections, settings = section_lines(guide), setting_lines(guide)
        self._keys = [line.key for line in (*sections, *settings)]
        for line in sections:
            self._add(self.invisibleRootItem(), line)
        head = QTreeWidgetItem(self.invisibleRootItem(), [self.tr("Settings below the sections"), ""])
        head.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        head.setFont(0, theme.current().font(Type.STRONG))
        for line in settings:
            self._add(head, line)
        head.setExpanded(True)
        first = self.topLevelItem(0)
        if first is not None:
            self.setCurrentItem(first)
        self.itemChanged.connect(self._on_changed)

    def progress(self) -> tuple[int, int]:
        """Return how many sections and settings are ticked, and how many there are."""
        return sum(key in self._ticked for key in self._keys), len(self._keys)

    def _add(self, above: QTreeWidgetItem, line: Line) -> None:
        item = QTreeWidgetItem(above, [line.words, line.why])
        item.setData(0, _KEY, line.key)
        item.setForeground(1, self.palette().placeholderText())
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsAutoTristate)
        item.setCheckState(0, Qt.CheckState.Checked if line.key in self._ticked else Qt.CheckState.Unchecked)
        for part in line.parts:
            self._add(item, part)

    def _on_changed(self, _item: QTreeWidgetItem, column: int) -> None:
        if column:
            return
        for item in _items(self.invisibleRootItem()):
            key = item.data(0, _KEY)
            if key and item.checkState(0) == Qt.CheckState.Checked:
                self._ticked.add(key)
            elif key:
                self._ticked.discard(key)
        self.ticks_changed.emit()


def _items(above: QTreeWidgetItem) -> Iterator[QTreeWidgetItem]:
    for position in range(above.childCount()):
        item = above.child(position)
        if item is not None:
            yield item
            yield from _items(item)
