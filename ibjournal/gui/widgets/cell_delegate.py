"""Paints a `Cell`: ground, hairline, selection mark, icon, text with its muted tail, and the bar on a zero axis."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ibjournal.gui import icons, theme
from ibjournal.gui.theme import Space, Theme, Type
from ibjournal.gui.widgets.row_model import EMPTY, Cell, Kind, RowRole

BAR = 48
"""Width of the bar's field in pixels; zero stands in its middle."""
_BAR_THICK = 8
_MARK = 3
_ICON = 14
_TAIL_GAP = 6


class CellDelegate(QStyledItemDelegate):
    """One delegate for all tables. ``edge`` is the padding left of the first and right of the last column."""

    def __init__(self, parent: QObject | None = None, *, edge: int = Space.CELL, lines: bool = True) -> None:
        super().__init__(parent)
        self.edge = edge
        self.lines = lines
        self.hovered = -1
        """Row under the pointer, kept by the table."""
        self.number_width = 0
        """Room for the widest number of the column with bars; the bars end left of it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Paint one cell."""
        look = theme.current()
        cell = index.data(RowRole.CELL) or EMPTY
        kind = Kind(index.data(RowRole.KIND) or 0)
        rect: QRect = option.rect
        painter.save()
        self._paint_ground(painter, option, index, kind, look)
        if cell.ground:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color(cell.ground))
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 2, 2)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        alignment = index.data(Qt.ItemDataRole.TextAlignmentRole)
        self._paint_content(painter, self._inner(rect, index), cell, Qt.AlignmentFlag(int(alignment or 0)), look)
        state = option.state
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(look.color("focus"))
            painter.drawRect(rect.adjusted(0, 0, -1, -2))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size that shows the whole cell, for a double click on a column's edge."""
        look = theme.current()
        cell = index.data(RowRole.CELL) or EMPTY
        del option
        width = 2 * Space.CELL + QFontMetrics(look.font(cell.type)).horizontalAdvance(cell.text)
        if cell.tail:
            width += _TAIL_GAP + QFontMetrics(look.font(Type.SECONDARY)).horizontalAdvance(cell.tail)
        if cell.icon:
            width += _ICON + (Space.ICON_GAP if cell.text else 0)
        if cell.bar is not None or cell.note:
            width += BAR + Space.CELL
        return QSize(width, int(look.row_height))

    def _inner(self, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> QRect:
        left = self.edge if index.column() == 0 else Space.CELL
        right = self.edge if index.column() == index.model().columnCount() - 1 else Space.CELL
        return rect.adjusted(left, 0, -right, 0)

    def _paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, kind: Kind, look: Theme
    ) -> None:
        rect: QRect = option.rect
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, look.color("selection" if state & QStyle.StateFlag.State_Active else "selection_inactive"))
        elif kind in {Kind.GROUP, Kind.SUM}:
            painter.fillRect(rect, look.color("sunken"))
        elif index.row() == self.hovered:
            painter.fillRect(rect, look.color("hover"))
        if self.lines:
            painter.fillRect(
                rect.left(), rect.bottom(), rect.width(), 1, look.color("border" if kind is Kind.GROUP else "chart_grid")
            )
            if kind is Kind.SUM:
                painter.fillRect(rect.left(), rect.top() - 1, rect.width(), 1, look.color("border_strong"))
        if selected and rect.left() <= 0:
            painter.fillRect(rect.left(), rect.top(), _MARK, rect.height() - 1, look.color("accent"))

    def _paint_content(self, painter: QPainter, rect: QRect, cell: Cell, alignment: Qt.AlignmentFlag, look: Theme) -> None:
        if cell.icon:
            ratio = painter.device().devicePixelRatioF()
            image = icons.pixmap(cell.icon, size=_ICON, color=cell.icon_tone, dpr=ratio)
            x = rect.center().x() - _ICON // 2 if alignment & Qt.AlignmentFlag.AlignHCenter and not cell.text else rect.left()
            painter.drawPixmap(x, rect.center().y() - _ICON // 2 + 1, image)
            rect = rect.adjusted(_ICON + Space.ICON_GAP, 0, 0, 0)
        if not cell.text and not cell.tail:
            return
        font = look.font(cell.type)
        metrics = QFontMetrics(font)
        width = metrics.horizontalAdvance(cell.text)
        if cell.bar is not None or cell.note:
            self._paint_bar(painter, rect, cell, max(width, self.number_width), look)
        painter.setFont(font)
        painter.setPen(look.color(cell.tone))
        mode = Qt.TextElideMode.ElideMiddle if cell.middle else Qt.TextElideMode.ElideRight
        vertical = Qt.AlignmentFlag.AlignVCenter
        if not cell.tail or alignment & Qt.AlignmentFlag.AlignRight:
            text = metrics.elidedText(cell.text, mode, rect.width())
            painter.drawText(rect, int(alignment | vertical), text)
            return
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignLeft | vertical), metrics.elidedText(cell.text, mode, rect.width()))
        rest = rect.adjusted(width + _TAIL_GAP, 0, 0, 0)
        if rest.width() > 2 * _TAIL_GAP:
            small = look.font(Type.SECONDARY)
            painter.setFont(small)
            painter.setPen(look.color("text_muted"))
            text = QFontMetrics(small).elidedText(cell.tail, mode, rest.width())
            painter.drawText(rest, int(Qt.AlignmentFlag.AlignLeft | vertical), text)

    def _paint_bar(self, painter: QPainter, rect: QRect, cell: Cell, number_width: int, look: Theme) -> None:
        right = rect.right() - number_width - Space.CELL
        field = QRect(right - BAR, rect.top(), BAR, rect.height())
        if field.left() < rect.left() - Space.CELL:
            return
        if cell.note:
            painter.setFont(look.font(Type.SMALL))
            painter.setPen(look.color("info"))
            painter.drawText(
                field.adjusted(-BAR, 0, 0, 0), int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), cell.note
            )
            return
        share = max(-1.0, min(1.0, cell.bar or 0.0))
        zero = field.left() + BAR // 2
        top = field.center().y() - _BAR_THICK // 2 + 1
        length = max(1, round(abs(share) * BAR / 2)) if share else 0
        painter.fillRect(
            zero if share > 0 else zero - length, top, length, _BAR_THICK, look.color(look.sign_tone(1 if share > 0 else -1))
        )
        painter.fillRect(zero, top - 2, 1, _BAR_THICK + 4, look.color("border_strong"))
