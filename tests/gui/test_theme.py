"""The look: contrast of every pair, complete roles, a valid style sheet, one place for colours."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from ibjournal.gui import icons, theme
from ibjournal.gui.style_sheet import style_sheet
from ibjournal.gui.theme import RowHeight, Theme, Type

GUI = Path(__file__).resolve().parents[2] / "ibjournal" / "gui"
GROUNDS = ("window", "sidebar", "surface", "raised", "sunken", "hover", "selection", "selection_inactive")
TEXT, MARK = 4.5, 3.0
LOOKS = [theme.make_theme(dark=dark, colour_blind=cb) for dark, cb in itertools.product((False, True), repeat=2)]


def luminance(colour: str) -> float:
    """Return WCAG 2 relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def pairs() -> list[tuple[str, str, float]]:
    found = [(text, ground, TEXT) for text in ("text_strong", "text", "text_muted", "accent") for ground in GROUNDS]
    found += [(sign, ground, TEXT) for sign in ("positive", "negative") for ground in (*GROUNDS, f"{sign}_soft")]
    for state in ("warning", "info"):
        found += [(state, ground, TEXT) for ground in ("window", "surface", "hover", "selection", f"{state}_soft")]
        found += [("text", f"{state}_soft", TEXT), ("text_strong", f"{state}_soft", TEXT)]
    found += [("accent_text", "accent", TEXT), ("accent_text", "accent_hover", TEXT), ("accent", "accent_soft", TEXT)]
    found += [("field_border", ground, MARK) for ground in ("window", "surface", "raised", "sunken")]
    found += [("focus", ground, MARK) for ground in ("window", "sidebar", "surface", "selection")]
    found += [(f"series_{number}", "surface", MARK) for number in range(1, 9)]
    found += [("text_strong", f"heat_{step}", TEXT) for step in range(9)]
    return found


@pytest.mark.parametrize("look_of", LOOKS, ids=["light", "light-cb", "dark", "dark-cb"])
def test_everything_can_be_read(look_of: Theme) -> None:
    weak = [pair for pair in pairs() if contrast(look_of.hex(pair[0]), look_of.hex(pair[1])) < pair[2]]
    assert weak == []


def test_blue_and_orange_change_gain_and_loss_alone() -> None:
    plain, other = theme.make_theme(dark=False), theme.make_theme(dark=False, colour_blind=True)
    changed = {name for name in theme.token_names() if plain.hex(name) != other.hex(name)}
    assert changed == {"positive", "negative", "positive_soft", "negative_soft"}
    assert plain.heat != other.heat


def test_only_the_tokens_hold_colour_values() -> None:
    guilty = [
        file.name
        for file in GUI.rglob("*.py")
        if file.name != "tokens.py" and re.search(r"[\"'(:\s]#[0-9A-Fa-f]{6}\b", file.read_text(encoding="utf-8"))
    ]
    assert guilty == []


@pytest.mark.parametrize("look_of", LOOKS[::2], ids=["light", "dark"])
def test_the_style_sheet_has_no_gaps(look_of: Theme) -> None:
    sheet = style_sheet(look_of.tokens)
    assert "$" not in sheet
    assert sheet.count("{") == sheet.count("}")


def test_applying_a_look_reaches_palette_sheet_and_listeners(qapp: QApplication, look: None) -> None:
    told: list[int] = []
    theme.notifier().changed.connect(lambda: told.append(1))
    theme.apply(theme.make_theme(dark=True, row_height=RowHeight.ROOMY))
    assert told == [1]
    assert theme.current().dark
    palette = qapp.palette()
    assert palette.color(QPalette.ColorRole.Window) == QColor(theme.current().hex("window"))
    active = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Highlight)
    assert active != palette.color(QPalette.ColorGroup.Inactive, QPalette.ColorRole.Highlight)
    assert theme.current().hex("accent") in qapp.styleSheet()


def test_the_type_scale_is_in_pixels_and_follows_the_users_size(qapp: QApplication, look: None) -> None:
    assert [theme.current().font(step).pixelSize() for step in (Type.SMALL, Type.TEXT, Type.FIGURE)] == [11, 13, 24]
    assert theme.make_theme(dark=False, scale=1.5).font(Type.TEXT).pixelSize() == 20


def test_icons_are_drawn_in_the_colour_asked_for_and_in_a_disabled_one(qapp: QApplication, look: None) -> None:
    image = icons.pixmap("circle-check", size=16, color="accent", dpr=2.0).toImage()
    assert image.width() == 32
    accent = theme.current().color("accent")
    assert any(image.pixelColor(x, y) == accent for x in range(32) for y in range(32))
    assert len(icons.icon("eye").availableSizes()) >= 1


def test_marks_of_the_sheet_are_files_in_the_colour_of_the_look(qapp: QApplication, look: None) -> None:
    paths = icons.sheet_images(theme.current().tokens)
    assert theme.current().hex("accent_text") in Path(paths["check"]).read_text(encoding="utf-8")


def test_the_style_is_set_once_and_not_at_every_change_of_colours(look: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lays out every widget of every window once more, which can be felt."""
    set_again: list[object] = []
    monkeypatch.setattr(QApplication, "setStyle", lambda *style: set_again.append(style))
    theme.apply(theme.make_theme(dark=True))
    theme.apply(theme.make_theme(dark=False))
    assert set_again == []


@pytest.mark.usefixtures("look")
def test_a_change_of_colours_scrolls_nothing(qtbot: QtBot) -> None:
    text = QPlainTextEdit("\n".join(["word " * 40] * 40))
    text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    qtbot.addWidget(text)
    text.resize(200, 200)
    text.show()
    bars = text.horizontalScrollBar(), text.verticalScrollBar()
    for bar in bars:
        bar.setValue(bar.maximum())
    before = [bar.value() for bar in bars]
    assert all(before)
    theme.apply(theme.make_theme(dark=True))
    assert [bar.value() for bar in bars] == before
    QApplication.processEvents()
    assert [bar.value() for bar in bars] == before
