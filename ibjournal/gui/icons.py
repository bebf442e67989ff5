"""Lucide icons as `QIcon`, drawn in a colour of the current look; cached per name, size, colour and pixel ratio.

Icons are rendered when they are asked for. A button that keeps one is given it through `set_icon`, which remembers the
name on the widget, so that `refresh` can draw it again after the look has changed.
"""

from __future__ import annotations

import atexit
import tempfile
from functools import lru_cache
from pathlib import Path

import lucide  # type: ignore[import-untyped]
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QWidget

from ibjournal.gui import theme
from ibjournal.gui.tokens import Tokens

STROKE = 1.75
"""Line width on Lucide's grid of 24."""

_PROPERTY = "ibjournalIcon"


@lru_cache(maxsize=256)
def _svg(name: str, colour: str) -> bytes:
    text = str(lucide.lucide_icon(name, stroke_width=str(STROKE)))
    return text.replace("currentColor", colour).encode()


@lru_cache(maxsize=1024)
def _image(name: str, size: int, colour: str, dpr: float) -> QImage:
    return render_svg(_svg(name, colour), size, dpr)


def render_svg(svg: bytes, size: int, dpr: float = 1.0) -> QImage:
    """Draw an SVG into a square, transparent image of ``size`` logical pixels."""
    pixels = max(1, round(size * dpr))
    image = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    image.setDevicePixelRatio(dpr)
    return image


def pixmap(name: str, *, size: int = 16, color: str = "text_muted", dpr: float | None = None) -> QPixmap:
    """Return an icon as a pixmap in a colour of the current look.

    Args:
        name: Lucide's name, such as ``wallet``.
        size: logical pixels.
        color: a token's name, such as ``accent``.
        dpr: device pixel ratio; that of the application when None.
    """
    ratio = dpr if dpr is not None else _ratio()
    return QPixmap.fromImage(_image(name, size, theme.current().hex(color), ratio))


def icon(name: str, *, size: int = 16, color: str = "text_muted", color_on: str | None = None, gap: int = 0) -> QIcon:
    """Return an icon with a disabled state.

    Args:
        name: Lucide's name.
        size: logical pixels.
        color: a token's name.
        color_on: the colour while checked.
        gap: empty pixels at the right, where words follow: a style sheet cannot set that distance.
    """
    result = QIcon()
    for ratio in sorted({1.0, 2.0, _ratio()}):
        result.addPixmap(_padded(pixmap(name, size=size, color=color, dpr=ratio), gap))
        result.addPixmap(_padded(pixmap(name, size=size, color="text_disabled", dpr=ratio), gap), QIcon.Mode.Disabled)
        if color_on is not None:
            on = _padded(pixmap(name, size=size, color=color_on, dpr=ratio), gap)
            result.addPixmap(on, QIcon.Mode.Normal, QIcon.State.On)
    return result


def _padded(source: QPixmap, gap: int) -> QPixmap:
    if not gap:
        return source
    ratio = source.devicePixelRatio()
    wide = QPixmap(source.width() + round(gap * ratio), source.height())
    wide.setDevicePixelRatio(ratio)
    wide.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wide)
    painter.drawPixmap(0, 0, source)
    painter.end()
    return wide


def set_icon(
    widget: QAbstractButton | QLabel, name: str, *, size: int = 16, color: str = "text_muted", color_on: str | None = None
) -> None:
    """Give a button or label an icon that follows the look."""
    widget.setProperty(_PROPERTY, [name, size, color, color_on or ""])
    _draw(widget)


def refresh(root: QWidget | None = None) -> None:
    """Draw every remembered icon again, below ``root`` or everywhere."""
    for widget in root.findChildren(QWidget) if root is not None else QApplication.allWidgets():
        if widget.property(_PROPERTY) is not None:
            _draw(widget)


def _draw(widget: QWidget) -> None:
    name, size, color, color_on = widget.property(_PROPERTY)
    if isinstance(widget, QAbstractButton):
        gap = 4 if isinstance(widget, QPushButton) and widget.text() else 0
        widget.setIcon(icon(name, size=size, color=color, color_on=color_on or None, gap=gap))
        widget.setIconSize(QSize(size + gap, size))
    elif isinstance(widget, QLabel):
        widget.setPixmap(pixmap(name, size=size, color=color))


def _ratio() -> float:
    app = QGuiApplication.instance()
    return app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0


_folder: tempfile.TemporaryDirectory[str] | None = None


def sheet_images(tokens: Tokens) -> dict[str, str]:
    """Write the marks that a style sheet can only take from files; return their paths.

    They live in a temporary folder for as long as the process does, one set per look.
    """
    global _folder  # noqa: PLW0603 - one folder per process
    if _folder is None:
        _folder = tempfile.TemporaryDirectory(prefix="ibjournal-", ignore_cleanup_errors=True)
        atexit.register(_folder.cleanup)
    paths: dict[str, str] = {}
    muted = tokens.text_muted
    marks = [("check", "check", tokens.accent_text)]
    marks += [(f"chevron_{way}", f"chevron-{way}", muted) for way in ("down", "up", "right")]
    for key, name, colour in marks:
        path = Path(_folder.name) / f"{key}-{colour[1:]}.svg"
        if not path.exists():
            path.write_bytes(_svg(name, colour).replace(f'stroke-width="{STROKE}"'.encode(), b'stroke-width="3"'))
        paths[key] = path.as_posix()
    return paths
