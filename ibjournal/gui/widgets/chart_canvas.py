"""Shows a matplotlib chart: drawn in the background, painted here, with a read-out that follows pointer and arrow keys.

matplotlib is imported by the first drawing, on a thread of the pool; the window never waits for it.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ibjournal.charts.plot import Plot
from ibjournal.charts.style import DPI, ChartStyle, points
from ibjournal.gui import theme
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.chart_look import chart_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Draw: TypeAlias = Callable[["Figure", ChartStyle], Plot]
"""Draws on an empty figure in a style; called on any thread, so it must not touch widgets."""
ReadOut: TypeAlias = Callable[[int], tuple[str, tuple[tuple[str, str], ...]]]
"""Returns the heading and the names and values for the point of an index; called on the GUI thread."""

_SETTLE = 60
"""Milliseconds without a change of size after which the chart is drawn again."""
_PADDING = 10
_LINE = 16
_FALLBACK = "DejaVu Sans"
"""The family that matplotlib brings along."""
_SIGNS = "0123456789+-−%.,–…€"
_DRAWING = threading.Lock()
"""matplotlib keeps state of its own (fonts, caches); one figure is drawn at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A drawn chart: the picture, and where its points are in logical pixels."""

    image: QImage
    x: tuple[float, ...]
    strips: tuple[tuple[tuple[float | None, ...], str], ...]
    top: float
    bottom: float
    left: float
    right: float


class ChartCanvas(QWidget):
    """A chart as a widget. With the focus, Left and Right move the read-out; its words go to the accessible text."""

    drawn = Signal()
    """The chart on screen is up to date."""

    def __init__(self, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._draw: Draw | None = None
        self._read_out: ReadOut | None = None
        self._masked = False
        self._asked = 0
        self._shown: Drawn | None = None
        self._at: int | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE)
        self._timer.timeout.connect(self.redraw)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(240, 160))
        theme.notifier().changed.connect(self.redraw)

    def set_chart(self, draw: Draw, read_out: ReadOut) -> None:
        """Show another chart; the old picture stays until the new one is drawn."""
        self._draw, self._read_out, self._at = draw, read_out, None
        self.redraw()

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Draw without the magnitude of money."""
        if masked != self._masked:
            self._masked = masked
            self.redraw()

    def redraw(self) -> None:
        """Draw in the background for the present size, look and mask."""
        self._timer.stop()
        if self._draw is None or self.width() < 2 or self.height() < 2:  # noqa: PLR2004 - nothing can be seen
            return
        self._asked += 1
        asked = self._asked
        style = chart_style(theme.current(), masked=self._masked)

        def show(result: Drawn) -> None:
            if asked == self._asked:
                self._show(result)

        self._tasks.run(draw_image, self._draw, style, self.size(), self.devicePixelRatioF(), owner=self, done=show)

    @property
    def up_to_date(self) -> bool:
        """Whether a chart is shown that fits the present size."""
        return self._shown is not None and not self._timer.isActive()

    @property
    def position(self) -> int | None:
        """The index of the point that is read out."""
        return self._at

    def move_to(self, index: int | None) -> None:
        """Read out a point, or none."""
        if index is not None and self._shown is not None and self._shown.x:
            index = max(0, min(index, len(self._shown.x) - 1))
        else:
            index = None
        if index != self._at:
            self._at = index
            self.setAccessibleDescription(self._spoken())
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the picture, and the read-out over it."""
        look = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("surface"))
        if self._shown is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(self.rect()), self._shown.image)
            if self._at is not None and self._at < len(self._shown.x):
                self._paint_read_out(painter, self._shown, self._at)
        if self.hasFocus() and self._at is not None:
            painter.setPen(QPen(look.color("focus"), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw again once the size has settled."""
        super().resizeEvent(event)
        if self._shown is None:
            self.redraw()
        else:
            self._timer.start()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read out the point nearest to the pointer."""
        self.move_to(self._nearest(event.position().x()))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the read-out away, unless the keyboard holds it."""
        if not self.hasFocus():
            self.move_to(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the read-out."""
        last = len(self._shown.x) - 1 if self._shown else -1
        at = self._at if self._at is not None else last + 1
        week = 5
        targets = {
            Qt.Key.Key_Left: at - 1,
            Qt.Key.Key_Right: at + 1,
            Qt.Key.Key_PageUp: at - 4 * week,
            Qt.Key.Key_PageDown: at + 4 * week,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        target = targets.get(Qt.Key(event.key()))
        if target is not None and last >= 0:
            self.move_to(target)
            event.accept()
        elif event.key() == Qt.Key.Key_Escape and self._at is not None:
            self.move_to(None)
            event.accept()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Draw again when the picture moves to a screen of another density."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.redraw()

    def _show(self, result: Drawn) -> None:
        self._shown = result
        if self._at is not None and self._at >= len(result.x):
            self._at = None
        self.update()
        self.drawn.emit()

    def _nearest(self, x: float) -> int | None:
        shown = self._shown
        if shown is None or not shown.x or not shown.left - _PADDING <= x <= shown.right + _PADDING:
            return None
        place = bisect_left(shown.x, x)
        around = [index for index in (place - 1, place) if 0 <= index < len(shown.x)]
        return min(around, key=lambda index: abs(shown.x[index] - x))

    def _spoken(self) -> str:
        if self._at is None or self._read_out is None:
            return ""
        head, lines = self._read_out(self._at)
        return ", ".join([head, *(f"{name} {value}" for name, value in lines)])

    def _paint_read_out(self, painter: QPainter, shown: Drawn, at: int) -> None:
        look = theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = shown.x[at]
        painter.setPen(QPen(look.color("text_muted"), 1))
        painter.drawLine(QPointF(x, shown.top), QPointF(x, shown.bottom))
        for ys, colour in shown.strips:
            y = ys[at]
            if y is not None:
                painter.setPen(QPen(QColor(colour), 2))
                painter.setBrush(look.color("surface"))
                painter.drawEllipse(QPointF(x, y), 3.5, 3.5)
        if self._read_out is None:
            return
        head, lines = self._read_out(at)
        strong, small = look.font(Type.SECONDARY_STRONG), look.font(Type.SECONDARY)
        bold, plain = QFontMetrics(strong), QFontMetrics(small)
        names = max((plain.horizontalAdvance(name) for name, _ in lines), default=0)
        values = max((plain.horizontalAdvance(value) for _, value in lines), default=0)
        width = max(bold.horizontalAdvance(head), names + 16 + values) + 2 * _PADDING
        height = _LINE * (len(lines) + 1) + _PADDING + 4
        left = x - width - _PADDING if x - width - _PADDING > shown.left else x + _PADDING
        left = max(0.0, min(left, self.width() - width - 1.0))
        top = shown.top + (shown.bottom - shown.top) * 0.42
        box = QRectF(left, min(top, shown.bottom - height), width, height)
        painter.setPen(QPen(look.color("border_strong"), 1))
        painter.setBrush(look.color("raised"))
        painter.drawRoundedRect(box, 4, 4)
        row = QRect(round(box.left()) + _PADDING, round(box.top()) + 6, width - 2 * _PADDING, _LINE)
        painter.setFont(strong)
        painter.setPen(look.color("text_strong"))
        painter.drawText(row, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), head)
        painter.setFont(small)
        for name, value in lines:
            row.translate(0, _LINE)
            painter.setPen(look.color("text_muted"))
            painter.drawText(row, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name)
            painter.setPen(look.color("text_strong"))
            painter.drawText(row, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), value)


def draw_image(draw: Draw, style: ChartStyle, size: QSize, ratio: float) -> Drawn:
    """Draw a chart into an image; for a background task.

    Args:
        draw: draws the chart.
        style: colours and type.
        size: logical pixels.
        ratio: device pixels in a logical one.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - see the module's docstring
    from matplotlib.figure import Figure  # noqa: PLC0415

    with _DRAWING:
        figure = Figure(figsize=(size.width() / DPI, size.height() / DPI), dpi=DPI * ratio, facecolor=style.surface)
        canvas = FigureCanvasAgg(figure)
        plot = draw(figure, known_fonts(style))
        canvas.draw()  # type: ignore[no-untyped-call]  # matplotlib types it not
        width, height = canvas.get_width_height()
        data = bytes(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
        image = QImage(data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
        image.setDevicePixelRatio(ratio)
        return _measured(plot, image, height, ratio)


def save_chart(draw: Draw, style: ChartStyle, path: Path, *, title: str, subtitle: str, size: QSize) -> None:
    """Write a chart with its title to a PNG, SVG or PDF file, as the path's ending says; for a background task."""
    from matplotlib import rc_context  # noqa: PLC0415 - see the module's docstring
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    head = 48
    with _DRAWING, rc_context({"svg.hashsalt": "ibjournal", "pdf.fonttype": 42}):
        height = size.height() + head
        figure = Figure(figsize=(size.width() / DPI, height / DPI), dpi=DPI, facecolor=style.surface)
        FigureCanvasAgg(figure)
        style = known_fonts(style)
        draw(figure, style)
        for axes in figure.axes:
            place = axes.get_position()
            share = size.height() / height
            axes.set_position((place.x0, place.y0 * share, place.width, place.height * share))
        families = list(style.families)
        x, y = 16 / size.width(), 1 - 20 / height
        figure.text(
            x,
            y,
            title,
            fontsize=points(13),
            fontweight=style.strong_weight,
            color=style.text_strong,
            fontfamily=families,
            va="center",
        )
        figure.text(x, y - 18 / height, subtitle, fontsize=points(12), color=style.text_muted, fontfamily=families, va="center")
        figure.savefig(path, dpi=2 * DPI, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)


def known_fonts(style: ChartStyle) -> ChartStyle:
    """Choose families that matplotlib knows and that have every sign, and a weight they have.

    matplotlib neither falls back to another font by itself as Qt does, nor stays silent about what it lacks.
    """
    from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font  # noqa: PLC0415 - see above

    semibold = 600
    weights: dict[str, set[object]] = {}
    for font in fontManager.ttflist:
        weights.setdefault(font.name, set()).add(font.weight)
    family = next((name for name in style.families if name in weights), _FALLBACK)
    found = get_font(findfont(FontProperties(family=family)))
    if any(not found.get_char_index(ord(sign)) for sign in _SIGNS):
        return replace(style, families=tuple(dict.fromkeys((family, _FALLBACK))), strong_weight="bold")
    has_semibold = bool(weights.get(family, set()) & {semibold, "semibold"})
    return replace(style, families=(family,), strong_weight="semibold" if has_semibold else "bold")


def _measured(plot: Plot, image: QImage, height: int, ratio: float) -> Drawn:
    """Turn the points of a plot into logical pixels, so that the read-out needs no matplotlib."""
    if not plot.strips:
        return Drawn(image=image, x=(), strips=(), top=0, bottom=0, left=0, right=0)
    first = plot.strips[0].axes
    x = tuple(float(first.transData.transform((day.toordinal(), 0))[0]) / ratio for day in plot.days)
    strips = []
    for strip in plot.strips:
        change = strip.axes.transData
        ys = tuple(None if value is None else (height - float(change.transform((0, value))[1])) / ratio for value in strip.values)
        strips.append((ys, strip.color))
    boxes = [strip.axes.get_window_extent() for strip in plot.strips]
    return Drawn(
        image=image,
        x=x,
        strips=tuple(strips),
        top=(height - max(box.y1 for box in boxes)) / ratio,
        bottom=(height - min(box.y0 for box in boxes)) / ratio,
        left=min(box.x0 for box in boxes) / ratio,
        right=max(box.x1 for box in boxes) / ratio,
    )
