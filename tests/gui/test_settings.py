"""The settings: pages, looks applied at once and remembered, a language that builds the window anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from pytestqt.qtbot import QtBot

from ibjournal.gui import i18n, theme
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.settings.about import LICENCES
from ibjournal.gui.settings.appearance import AppearancePage
from ibjournal.gui.settings.dialog import SettingsDialog
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Mode, RowHeight
from tests.gui.conftest import TODAY, FakeServices, make_depot


@pytest.fixture
def appearance(qtbot: QtBot, preferences: Preferences) -> AppearancePage:
    page = AppearancePage(preferences)
    qtbot.addWidget(page)
    return page


def test_a_theme_is_applied_at_once_and_remembered(appearance: AppearancePage, preferences: Preferences, qtbot: QtBot) -> None:
    with qtbot.waitSignal(appearance.look_changed):
        appearance.mode.button("dark").click()
    assert theme.current().dark
    assert preferences.mode is Mode.DARK


def test_colours_and_rows(appearance: AppearancePage, preferences: Preferences) -> None:
    appearance.colours.button("blue_orange").click()
    appearance.rows.button("roomy").click()
    assert theme.current().colour_blind
    assert theme.current().row_height is RowHeight.ROOMY
    assert (preferences.colour_blind, preferences.row_height) == (True, RowHeight.ROOMY)


def test_another_language_is_told_and_the_same_one_is_not(
    appearance: AppearancePage, preferences: Preferences, qtbot: QtBot
) -> None:
    told: list[int] = []
    appearance.language_changed.connect(lambda: told.append(1))
    appearance.language.button(i18n.spoken()).click()
    assert told == []
    appearance.language.button("de").click()
    assert told == [1]
    assert preferences.language == "de"


def test_the_language_of_one_start_is_shown_and_can_be_left(preferences: Preferences, qtbot: QtBot) -> None:
    preferences.language = "en"
    before = QLocale()
    i18n.install("de")  # as --lang does
    try:
        page = AppearancePage(preferences)
        qtbot.addWidget(page)
        assert page.language.current == "de"
        with qtbot.waitSignal(page.language_changed):
            page.language.button("en").click()
    finally:
        i18n.uninstall()
        QLocale.setDefault(before)


def test_preferences_survive_a_restart_and_nonsense(tmp_path: Path, look: None) -> None:
    file = tmp_path / "preferences.ini"
    first = Preferences(file)
    first.mode, first.colour_blind, first.row_height, first.language, first.masked = Mode.DARK, True, RowHeight.COMPACT, "de", True
    first.set_text("screen", "reports")
    first.save()
    second = Preferences(file)
    assert (second.mode, second.colour_blind, second.row_height, second.language, second.masked) == (
        Mode.DARK,
        True,
        RowHeight.COMPACT,
        "de",
        True,
    )
    assert second.text("screen") == "reports"
    assert second.look().dark
    file.write_text("[General]\ntheme=purple\nrows=77\nlanguage=xx\nblob/window=text\n", encoding="utf-8")
    third = Preferences(file)
    assert third.mode is Mode.SYSTEM
    assert third.row_height is RowHeight.NORMAL
    assert third.language == "en"
    assert third.blob("window").isEmpty()


def test_the_dialog_shows_its_pages_and_is_not_modal(
    qtbot: QtBot, services: FakeServices, tasks: TaskRunner, preferences: Preferences, settled: Callable[[], None]
) -> None:
    services.depots.set(make_depot(1, "Income"))
    dialog = SettingsDialog(services.bundle, tasks, preferences, today=lambda: TODAY)
    qtbot.addWidget(dialog)
    dialog.show_page("about")
    dialog.show()
    settled()
    assert not dialog.isModal()
    assert dialog.about.isVisible()
    dialog.show_page("appearance")
    assert dialog.appearance.isVisible()
    dialog.show_page("depots")
    settled()
    assert [card.depot for card in dialog.depots.cards] == [1]


def test_the_about_page_names_everything_the_program_requires() -> None:
    text = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    listed = text.split("dependencies = [", 1)[1].split("]", 1)[0]
    required = {line.strip().strip('",').split(">")[0].split("<")[0].split("=")[0] for line in listed.splitlines() if line.strip()}
    assert required <= {distribution for _name, distribution, _licence in LICENCES}
