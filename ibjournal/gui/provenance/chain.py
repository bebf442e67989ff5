"""The chain as a tree: a figure, what it is made of, down to the rows of reports."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import (
    QAbstractItemModel,
    QCoreApplication,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyleOptionViewItem, QTreeView, QWidget

from ibjournal.gui import theme
from ibjournal.gui.provenance.link_words import LinkWords, words_of
from ibjournal.gui.widgets.delegates import CellDelegate, MoneyDelegate
from ibjournal.gui.widgets.roles import Role
from ibjournal.services.origins import Origin

_OPEN_LEVELS = 3
_MOST_OPEN = 60
"""Chains with more links than this begin folded, and so do figures over trades: each is looked up when it is opened."""


class ChainTree(QTreeView):
    """Shows an `Origin`; ``chosen`` carries the current one."""

    chosen = Signal(object)
    trade_wanted = Signal(object, object)
    """A trade below a figure is opened: its `Origin`, and the index to put the answer at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.masked = False
        self.keyboard = False
        self.hovered_row = -1
        self._model = QStandardItemModel(0, 2, self)
        self.setModel(self._model)
        self.setAccessibleName(QCoreApplication.translate("Provenance", "Chain from the figure to the rows"))
        self.setHeaderHidden(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setItemDelegateForColumn(0, CellDelegate(self))
        self.setItemDelegateForColumn(1, _AmountDelegate(self))
        self.setUniformRowHeights(True)
        self.setIndentation(18)
        self.setExpandsOnDoubleClick(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = self.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.expanded.connect(self._on_expanded)
        theme.notifier().changed.connect(self.viewport().update)

    def show_origin(self, origin: Origin, title: str = "") -> None:
        """Show a chain; ``title`` names the figure at its top. The first link with a row is chosen."""
        self._model.removeRows(0, self._model.rowCount())
        items = self._items(origin, title)
        self._model.appendRow(items)
        links = list(_walk(origin))
        if len(links) <= _MOST_OPEN and not any(link.more for link in links):
            self.expandToDepth(_OPEN_LEVELS)
        else:
            self.expand(self._model.index(0, 0))
        first = next((index for index in self._indexes() if self._origin(index).row is not None), self._model.index(0, 0))
        self._choose(first)

    def put_below(self, place: QPersistentModelIndex, origin: Origin) -> None:
        """Put what a trade is made of below it, once it was looked up."""
        item = self._model.itemFromIndex(self._model.index(place.row(), 0, place.parent())) if place.isValid() else None
        if item is not None:
            item.removeRows(0, item.rowCount())
            item.setData(origin, int(Role.OBJECT))
            for part in origin.parts:
                item.appendRow(self._items(part))
            self.expand(item.index())

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show money."""
        self.masked = masked
        self.viewport().update()

    def as_text(self) -> str:
        """Return the chain as indented lines, for the clipboard."""
        lines = []
        for index in self._indexes():
            depth, above = 0, index.parent()
            while above.isValid():
                depth, above = depth + 1, above.parent()
            words = words_of(self._origin(index))
            amount = "" if self.masked and words.money else words.amount
            lines.append("  " * depth + "  ".join(part for part in (index.data(), words.tail, amount) if part))
        return "\n".join(lines)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Draw the ring around the cell once keys are used."""
        self.keyboard = True
        super().keyPressEvent(event)

    def _items(self, origin: Origin, title: str = "") -> list[QStandardItem]:
        words = words_of(origin)
        name, amount = QStandardItem(title or words.text), QStandardItem(words.amount)
        self._fill(name, amount, origin, words, strong=bool(title))
        for part in origin.parts:
            name.appendRow(self._items(part))
        if origin.more:
            name.appendRow([QStandardItem(QCoreApplication.translate("Provenance", "Looking it up…")), QStandardItem("")])
        return [name, amount]

    def _fill(self, name: QStandardItem, amount: QStandardItem, origin: Origin, words: LinkWords, *, strong: bool) -> None:
        name.setData(origin, int(Role.OBJECT))
        name.setData(words.tail or None, int(Role.TAIL))
        name.setData((words.icon, "accent" if origin.row is not None else "text_muted"), int(Role.ICON))
        name.setData("strong" if strong else None, int(Role.WEIGHT))
        name.setToolTip(" ".join(part for part in (words.text, words.tail) if part))
        amount.setData(origin, int(Role.OBJECT))
        amount.setData(origin.amount if words.money else None, int(Role.VALUE))
        amount.setData(None if words.money and words.amount.startswith(("+", "−")) else "text", int(Role.TONE))
        amount.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _indexes(self, above: QModelIndex | None = None) -> Iterator[QModelIndex]:
        model: QAbstractItemModel = self._model
        parent = above or QModelIndex()
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            if isinstance(index.data(Role.OBJECT), Origin):
                yield index
                yield from self._indexes(index)

    def _origin(self, index: QModelIndex) -> Origin:
        found = index.siblingAtColumn(0).data(Role.OBJECT)
        if not isinstance(found, Origin):
            found = index.parent().data(Role.OBJECT)  # the line that stands there until a trade was looked up
        assert isinstance(found, Origin)  # noqa: S101 - every other line has one
        return found

    def _choose(self, index: QModelIndex) -> None:
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.scrollTo(index)

    def _on_current(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self._origin(index))

    def _on_expanded(self, index: QModelIndex) -> None:
        origin = self._origin(index)
        if origin.more:
            self.trade_wanted.emit(origin, QPersistentModelIndex(index))


class _AmountDelegate(MoneyDelegate):
    """Paints amounts; a tree rounds widths down, and no amount may be cut."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size of the amount and some air."""
        return super().sizeHint(option, index) + QSize(10, 0)


def _walk(origin: Origin) -> Iterator[Origin]:
    yield origin
    for part in origin.parts:
        yield from _walk(part)
