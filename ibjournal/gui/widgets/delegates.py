"""How table cells are painted: ground, row line, selection mark, text with a muted tail, money, bars, icons.

A delegate decides nothing about content: text comes from the model's display role, colour by a token's name or by the
sign of the value. A view with ``masked`` set makes money delegates draw dots of fixed width and no bars.
"""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ibjournal.gui import icons, theme
from ibjournal.gui.theme import Space, Theme, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.formats import MASK, sign_of
from ibjournal.gui.widgets.roles import Role

Index = QModelIndex | QPersistentModelIndex

_TAIL_GAP = 6
_SLACK = 2
"""An advance is rounded down: without it a text that just fits is cut."""
_MARK = 3
_BAR_HEIGHT = 8
_BAR_AREA = 52
_LEAST_BAR_AREA = 20
"""With less room there is no bar: it would run into the number."""


class CellDelegate(QStyledItemDelegate):
    """Paints a cell: text, an optional icon before it and a muted tail behind it."""

    money = False
    """Whether the cell holds an amount of money, which a mask hides."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint ground, content and focus."""
        look = theme.current()
        painter.save()
        self.paint_ground(painter, option, index, look)
        inner = option.rect.adjusted(Space.CELL, 0, -Space.CELL, 0)
        self.paint_content(painter, inner, index, look)
        self._paint_focus(painter, option, look)
        painter.restore()

    def paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, look: Theme) -> None:
        """Paint the background, the line below the row, and the accent mark at the left edge of a selected row."""
        view = option.widget
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        group = index.data(Role.KIND) == "group"
        if selected:
            focused = isinstance(view, QAbstractItemView) and view.hasFocus()
            ground = "selection" if focused else "selection_inactive"
        elif getattr(view, "hovered_row", -1) == index.row():
            ground = "hover"
        else:
            ground = "sunken" if group else "surface"
        painter.fillRect(option.rect, look.color(ground))
        painter.setPen(QPen(look.color("border" if group else "chart_grid"), 1))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        if selected and option.rect.left() <= 0:
            painter.fillRect(QRect(0, option.rect.top(), _MARK, option.rect.height()), look.color("accent"))

    def paint_content(self, painter: QPainter, rect: QRect, index: Index, look: Theme) -> None:
        """Paint icon, text and tail into ``rect``."""
        mark = index.data(Role.ICON)
        if mark:
            size = 14
            pix = icons.pixmap(mark[0], size=size, color=mark[1], dpr=painter.device().devicePixelRatioF())
            top = rect.center().y() - size // 2
            text = index.data(Qt.ItemDataRole.DisplayRole)
            left = rect.left() if text else rect.center().x() - size // 2
            painter.drawPixmap(left, top, pix)
            rect = rect.adjusted(size + _TAIL_GAP, 0, 0, 0)
        self.paint_text(painter, rect, index, look)

    def paint_text(self, painter: QPainter, rect: QRect, index: Index, look: Theme) -> None:
        """Paint the display text, then the tail while there is room."""
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        font = self.font(index, look)
        painter.setFont(font)
        painter.setPen(self.color(index, look))
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, int(alignment(index) | Qt.AlignmentFlag.AlignVCenter), shown)
        tail = index.data(Role.TAIL)
        used = metrics.horizontalAdvance(shown) + _TAIL_GAP
        if tail and shown == text and used < rect.width():
            small = look.font(Type.SECONDARY)
            painter.setFont(small)
            painter.setPen(look.color("text_muted"))
            room = rect.adjusted(used, 0, 0, 0)
            shown = QFontMetrics(small).elidedText(str(tail), Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)

    def font(self, index: Index, look: Theme) -> QFont:
        """Return the font of a cell."""
        weight = index.data(Role.WEIGHT)
        return look.font({"symbol": Type.SYMBOL, "strong": Type.STRONG, "small": Type.SECONDARY}.get(str(weight), Type.TEXT))

    def color(self, index: Index, look: Theme) -> QColor:
        """Return the colour of a cell's text."""
        tone = index.data(Role.TONE)
        return look.color(str(tone) if tone else "text_strong" if index.data(Role.WEIGHT) else "text")

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size that shows text, tail and icon whole."""
        look = theme.current()
        width = QFontMetrics(self.font(index, look)).horizontalAdvance(str(index.data(Qt.ItemDataRole.DisplayRole) or ""))
        tail = index.data(Role.TAIL)
        if tail:
            width += _TAIL_GAP + QFontMetrics(look.font(Type.SECONDARY)).horizontalAdvance(str(tail))
        if index.data(Role.ICON):
            width += 14 + _TAIL_GAP
        return QSize(width + 2 * Space.CELL + _SLACK, int(look.row_height))

    def _paint_focus(self, painter: QPainter, option: QStyleOptionViewItem, look: Theme) -> None:
        view = option.widget
        if option.state & QStyle.StateFlag.State_HasFocus and getattr(view, "keyboard", False):
            painter.setPen(QPen(look.color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(option.rect.adjusted(1, 1, -2, -3), 3, 3)


class MoneyDelegate(CellDelegate):
    """Paints money. With ``signed`` a gain is green and a loss red, zero and "–" are muted; masked it is dots."""

    money = True

    def __init__(self, parent: QAbstractItemView | None = None, *, signed: bool = True) -> None:
        super().__init__(parent)
        self.signed = signed

    def paint_text(self, painter: QPainter, rect: QRect, index: Index, look: Theme) -> None:
        """Paint the amount, or dots while masked."""
        if getattr(self.parent(), "masked", False) and index.data(Role.VALUE) is not None:
            painter.setFont(look.font())
            painter.setPen(look.color("text_muted"))
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), MASK)
            return
        super().paint_text(painter, rect, index, look)

    def color(self, index: Index, look: Theme) -> QColor:
        """Return gain, loss or muted by the sign of the value; ink in group rows."""
        if index.data(Role.TONE) or not self.signed:
            return super().color(index, look)
        if index.data(Role.KIND) == "group":
            return look.color("text_strong")
        return look.color(look.sign_tone(sign_of(index.data(Role.VALUE))))


class ProfitDelegate(MoneyDelegate):
    """Paints profit and loss with a bar on a common zero axis; the largest amount in view fills its half."""

    def __init__(self, parent: QAbstractItemView | None = None) -> None:
        super().__init__(parent)
        self.largest = Decimal(0)

    def paint_content(self, painter: QPainter, rect: QRect, index: Index, look: Theme) -> None:
        """Paint the bar at the left, the number at the right."""
        masked = getattr(self.parent(), "masked", False)
        value = index.data(Role.VALUE)
        if isinstance(value, Decimal) and self.largest and not masked and index.data(Role.KIND) != "group":
            area = self._bar_area(rect.width(), str(index.data(Qt.ItemDataRole.DisplayRole) or ""), value, look)
            if area >= _LEAST_BAR_AREA:
                self._paint_bar(painter, rect, value, look, area // 2)
        self.paint_text(painter, rect, index, look)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Leave room for the bar."""
        return super().sizeHint(option, index) + QSize(_BAR_AREA + Space.CELL, 0)

    def _bar_area(self, width: int, text: str, value: Decimal, look: Theme) -> int:
        """Return the pixels beside the widest number in view, so that all rows have a bar of one scale or none has."""
        metrics = QFontMetrics(look.font())
        behind = max(0, metrics.horizontalAdvance(text) - metrics.horizontalAdvance(formats.change(value)))  # a currency's code
        return min(_BAR_AREA, width - metrics.horizontalAdvance(formats.change(-self.largest)) - behind - _TAIL_GAP)

    def _paint_bar(self, painter: QPainter, rect: QRect, value: Decimal, look: Theme, half: int) -> None:
        axis = rect.left() + half
        top = rect.center().y() - _BAR_HEIGHT // 2
        length = max(1, int(half * min(Decimal(1), abs(value) / self.largest))) if value else 0
        painter.fillRect(QRect(axis, top - 1, 1, _BAR_HEIGHT + 2), look.color("border_strong"))
        left = axis + 1 if value > 0 else axis - length
        painter.fillRect(QRect(left, top, length, _BAR_HEIGHT), look.color(look.sign_tone(sign_of(value))))


class StateIconDelegate(CellDelegate):
    """Paints at most one state icon, centred; the word for it is the model's tooltip and accessible text."""

    def paint_content(self, painter: QPainter, rect: QRect, index: Index, _look: Theme) -> None:
        """Paint the icon alone."""
        mark = index.data(Role.ICON)
        if mark:
            size = 14
            pix = icons.pixmap(mark[0], size=size, color=mark[1], dpr=painter.device().devicePixelRatioF())
            painter.drawPixmap(rect.center().x() - size // 2 + 1, rect.center().y() - size // 2, pix)


def alignment(index: Index) -> Qt.AlignmentFlag:
    """Return the horizontal alignment a model gives for a cell; left when it gives none."""
    given = index.data(Qt.ItemDataRole.TextAlignmentRole)
    if given is None:
        return Qt.AlignmentFlag.AlignLeft
    return Qt.AlignmentFlag(int(given)) & Qt.AlignmentFlag.AlignHorizontal_Mask
