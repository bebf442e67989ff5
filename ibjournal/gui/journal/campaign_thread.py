"""The thread of a campaign: its steps along a line, as a trader would tell them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ibjournal.domain.campaign import CampaignStep, StepKind
from ibjournal.domain.campaign_basis import StepBasis, running_basis
from ibjournal.domain.trade import TradeKey
from ibjournal.gui import theme
from ibjournal.gui.journal.campaign_words import Told, tell
from ibjournal.gui.theme import Theme, Type
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.roles import Role
from ibjournal.services.campaigns import CampaignDetail

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_DATE = 58
_RAIL = 22
_LINE = 18
_PAD = 5
_DOT = 4
_QUIET = frozenset({StepKind.DIVIDEND, StepKind.WITHHOLDING_TAX})
_TURNS = frozenset({StepKind.ASSIGNED, StepKind.EXERCISED, StepKind.CALLED_AWAY, StepKind.SETTLED, StepKind.ROLLED})
_TONES = {1: "positive", -1: "negative", 0: "text_muted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Knot:
    """One step, ready to be shown."""

    step: CampaignStep
    told: Told
    after: StepBasis
    day: str
    year: str

    @property
    def cash(self) -> Decimal | None:
        """What it paid or cost in all."""
        return self.step.cash.total

    @property
    def earned(self) -> Decimal | None:
        """What it added to the result."""
        return self.step.realized.total

    @property
    def trade(self) -> TradeKey | None:
        """The trade that it leads to: the one it opened, else the one it closed."""
        return self.step.legs[-1].trade if self.step.legs else None


def knots_of(detail: CampaignDetail, today: date) -> tuple[Knot, ...]:
    """Return the steps of a campaign in words, with the basis after each."""
    campaign = detail.row.campaign
    basis = running_basis(campaign, detail.trades, detail.instruments)
    return tuple(
        Knot(
            step=step,
            told=tell(step, detail.instruments, step.day),
            after=after,
            day=formats.day(step.day, today=step.day, weekday=False),
            year="" if step.day.year == today.year else str(step.day.year),
        )
        for step, after in zip(campaign.steps, basis, strict=True)
    )


def standing(knot: Knot, *, masked: bool) -> str:
    """Return how the campaign stands after a step: premium so far, and what a share really costs."""
    translate = QCoreApplication.translate
    parts = []
    if knot.step.kind not in _QUIET and knot.step.credit:
        parts.append(
            translate("Campaigns", "premium so far {amount}").format(amount=figures.change(knot.step.credit, masked=masked))
        )
    if knot.after.basis is not None:
        both = knot.after.basis_with_dividends
        shown = figures.amount(knot.after.basis, masked=masked)
        if knot.step.kind in _QUIET and both is not None:
            parts.append(translate("Campaigns", "basis with dividends {amount}").format(amount=figures.amount(both, masked=masked)))
        else:
            parts.append(translate("Campaigns", "basis {amount}").format(amount=shown))
    return " · ".join(parts)


class ThreadModel(QAbstractListModel):
    """The knots of one campaign."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.knots: tuple[Knot, ...] = ()
        self.masked = False

    def set_knots(self, knots: Sequence[Knot]) -> None:
        """Show these steps."""
        self.beginResetModel()
        self.knots = tuple(knots)
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of steps."""
        return 0 if parent.isValid() else len(self.knots)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a step in one line, for a screen reader and the clipboard; the knot itself for the delegate."""
        if not index.isValid() or index.row() >= len(self.knots):
            return None
        knot = self.knots[index.row()]
        if role == Role.OBJECT:
            return knot
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            when = " ".join(part for part in (knot.day, knot.year) if part)
            parts = (when, knot.told.lead, *knot.told.more, figures.change(knot.cash, masked=self.masked))
            return "\n".join([" · ".join(part for part in parts if part), standing(knot, masked=self.masked)]).strip()
        return None


class CampaignThread(QListView):
    """Shows a `ThreadModel` in its full height; Enter or a double click leads to a step's trade."""

    trade_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, today: Callable[[], date] = date.today) -> None:
        super().__init__(parent)
        self._today = today
        self.thread_model = ThreadModel(self)
        self.setModel(self.thread_model)
        self.setItemDelegate(KnotDelegate(self))
        self.setAccessibleName(QCoreApplication.translate("Campaigns", "Steps of the campaign"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setObjectName("surface")
        self.activated.connect(self._on_activated)
        theme.notifier().changed.connect(self._fit)

    def show_campaign(self, detail: CampaignDetail) -> None:
        """Show the steps of a campaign."""
        self.thread_model.set_knots(knots_of(detail, self._today()))
        self._fit()

    def set_masked(self, *, masked: bool) -> None:
        """Hide or show money."""
        self.thread_model.masked = masked
        self.viewport().update()

    def _fit(self) -> None:
        heights = (self.sizeHintForRow(row) for row in range(self.thread_model.rowCount()))
        self.setFixedHeight(sum(heights) + 2)

    def _on_activated(self, index: QModelIndex) -> None:
        knot = index.data(Role.OBJECT)
        if isinstance(knot, Knot) and knot.trade is not None:
            self.trade_wanted.emit(knot.trade)


class KnotDelegate(QStyledItemDelegate):
    """Paints a step: date, its knot on the line, what happened and what it paid, how things stood afterwards."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of the lines that a step has."""
        knot = index.data(Role.OBJECT)
        lines = 1 + len(knot.told.more) + bool(standing(knot, masked=False)) if isinstance(knot, Knot) else 1
        if isinstance(knot, Knot) and (knot.year or knot.earned):
            lines = max(2, lines)
        return QSize(_DATE + _RAIL, round((lines * _LINE + 2 * _PAD) * theme.current().scale))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one step."""
        knot = index.data(Role.OBJECT)
        if not isinstance(knot, Knot):
            return
        look = theme.current()
        painter.save()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        ground = "selection" if selected and self._focused() else "hover" if selected else "surface"
        painter.fillRect(option.rect, look.color(ground))
        rect = option.rect.adjusted(0, round(_PAD * look.scale), 0, 0)
        self._paint_rail(painter, option.rect, index, knot, look)
        self._paint_words(painter, rect, knot, look)
        painter.restore()

    def _focused(self) -> bool:
        view = self.parent()
        return isinstance(view, QWidget) and view.hasFocus()

    def _masked(self) -> bool:
        view = self.parent()
        return isinstance(view, CampaignThread) and view.thread_model.masked

    def _paint_rail(self, painter: QPainter, rect: QRect, index: Index, knot: Knot, look: Theme) -> None:
        x = rect.left() + _DATE + _RAIL // 2
        y = rect.top() + round((_PAD + _LINE / 2) * look.scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.color("border_strong"), 1.5))
        if index.row() > 0:
            painter.drawLine(QPoint(x, rect.top()), QPoint(x, y))
        if index.row() + 1 < index.model().rowCount():
            painter.drawLine(QPoint(x, y), QPoint(x, rect.bottom() + 1))
        quiet = knot.step.kind in _QUIET
        radius = _DOT - 2 if quiet else _DOT
        painter.setPen(QPen(look.color("text_muted" if quiet else "accent"), 1.5))
        filled = knot.step.kind in _TURNS or knot.step.kind in {StepKind.OPENED, StepKind.BOUGHT}
        painter.setBrush(look.color("accent" if filled else "surface"))
        painter.drawEllipse(QPoint(x, y), radius, radius)

    def _paint_words(self, painter: QPainter, rect: QRect, knot: Knot, look: Theme) -> None:
        line = round(_LINE * look.scale)
        small, plain, strong = look.font(Type.SECONDARY), look.font(Type.TEXT), look.font(Type.SYMBOL)
        flags = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(small)
        painter.setPen(look.color("text_muted"))
        painter.drawText(QRect(rect.left(), rect.top(), _DATE, line), flags, knot.day)
        if knot.year:
            painter.setFont(look.font(Type.SMALL))
            painter.drawText(QRect(rect.left(), rect.top() + line, _DATE, line), flags, knot.year)
        left = rect.left() + _DATE + _RAIL
        right = rect.right() - 2
        cash = figures.change(knot.cash, masked=self._masked()) if knot.cash else ""
        painter.setFont(plain)
        width = QFontMetrics(plain).horizontalAdvance(cash)
        painter.setPen(look.color("text_muted" if self._masked() else "text_strong"))
        painter.drawText(QRect(right - width, rect.top(), width, line), flags, cash)
        painter.setFont(strong)
        painter.setPen(look.color("text_strong"))
        room = right - width - 10 - left
        lead = QFontMetrics(strong).elidedText(knot.told.lead, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(left, rect.top(), room, line), flags, lead)
        painter.setFont(small)
        metrics = QFontMetrics(small)
        earned = figures.change(knot.earned, masked=self._masked()) if knot.earned else ""
        width = metrics.horizontalAdvance(earned)
        painter.setPen(look.color("text_muted" if self._masked() else _TONES[formats.sign_of(knot.earned)]))
        painter.drawText(QRect(right - width, rect.top() + line, width, line), flags, earned)
        lines = [*((text, "text") for text in knot.told.more), (standing(knot, masked=self._masked()), "text_muted")]
        for number, (text, tone) in enumerate(lines, start=1):
            room = right - left - (width + 8 if number == 1 and earned else 0)
            painter.setPen(look.color(tone))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRect(left, rect.top() + number * line, room, line), flags, shown)
