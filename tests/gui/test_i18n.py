"""Languages: complete, true to their placeholders, loaded with Qt's own words, and never a reason not to start."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QCoreApplication, QLocale

from ibjournal import assets
from ibjournal.domain.errors import FlexError
from ibjournal.gui import i18n
from ibjournal.gui.errors import describe
from ibjournal.gui.widgets.labels import with_key

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "resources" / "translations" / "ibjournal_de.ts"


@pytest.fixture
def english_again(qapp: object) -> Iterator[None]:
    locale = QLocale()
    yield
    i18n.uninstall()
    QLocale.setDefault(locale)


def messages() -> list[tuple[str, str, list[str], bool]]:
    """Return context, source, translations and whether it is finished, of every message."""
    found = []
    for context in ET.parse(CATALOGUE).getroot().findall("context"):
        for message in context.findall("message"):
            translation = message.find("translation")
            assert translation is not None
            forms = [form.text or "" for form in translation.findall("numerusform")] or [translation.text or ""]
            name, source = context.findtext("name", ""), message.findtext("source", "")
            found.append((name, source, forms, translation.get("type") is None))
    return found


def test_german_is_complete() -> None:
    missing = [(name, source) for name, source, forms, finished in messages() if not finished or not all(forms)]
    assert missing == []


def test_three_dots_stand_close_in_english_and_apart_in_german() -> None:
    dots = [
        (source, form)
        for name, source, forms, _finished in messages()
        for form in forms
        if source.endswith("…") and ", " not in source
    ]
    assert len(dots) > 30
    assert [source for source, _form in dots if not re.search(r"\S…$", source)] == []
    assert [form for _source, form in dots if not re.search(r"\S …$", form)] == []


def test_placeholders_and_markup_are_the_same_in_both_languages() -> None:
    pattern = re.compile(r"\{[^{}]*\}|%L?n|</?b>|&amp;")
    wrong = [
        (name, source)
        for name, source, forms, _finished in messages()
        for form in forms
        if sorted(set(pattern.findall(source))) != sorted(set(pattern.findall(form)))
    ]
    assert wrong == []


def test_german_addresses_politely_and_without_exclamation_marks() -> None:
    rude = [
        form for _name, _source, forms, _ in messages() for form in forms if re.search(r"\b[Dd](u|ich|ir|ein|eine|einen)\b|!", form)
    ]
    assert rude == []


def test_the_catalogue_knows_every_string_of_the_sources(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh_de.ts"
    tool = Path(sys.executable).parent / "pyside6-lupdate"
    sources = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "ibjournal" / "gui").rglob("*.py"))]
    subprocess.run([tool, *sources, "-ts", fresh, "-silent"], cwd=ROOT, check=True, capture_output=True)

    def known(file: Path) -> set[tuple[str, str]]:
        return {
            (context.findtext("name", ""), message.findtext("source", ""))
            for context in ET.parse(file).getroot().findall("context")
            for message in context.findall("message")
        }

    assert known(fresh) - known(CATALOGUE) == set()
    assert known(CATALOGUE) - known(fresh) == set()


def test_german_is_spoken_by_the_program_and_by_qt(english_again: None) -> None:
    assert i18n.install("de")
    assert QCoreApplication.translate("TopBar", "Sync") == "Abrufen"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"
    assert QLocale().language() == QLocale.Language.German
    assert describe(FlexError("token_expired"), depot="Stillhalter").title == "Der Prüfcode ist abgelaufen."
    assert i18n.install("en")
    assert QCoreApplication.translate("TopBar", "Sync") == "Sync"
    assert QLocale().language() == QLocale.Language.English


def test_plurals(english_again: None) -> None:
    i18n.install("de")
    assert QCoreApplication.translate("FileImport", "%Ln new fills", "", 7) == "7 neue Ausführungen"


def test_an_unknown_language_is_english(english_again: None) -> None:
    assert i18n.install("xx")
    assert QLocale().language() == QLocale.Language.English


def test_a_missing_translation_leaves_english(english_again: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "asset", tmp_path.joinpath)
    assert not i18n.install("de")
    assert QCoreApplication.translate("TopBar", "Sync") == "Sync"


def test_a_newer_catalogue_is_compiled_in_a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "translations"
    folder.mkdir()
    (folder / "ibjournal_de.ts").write_bytes(CATALOGUE.read_bytes())
    monkeypatch.setattr(assets, "asset", tmp_path.joinpath)
    made = i18n.compiled("de")
    assert made is not None
    assert made.stat().st_size > 1000
    assert [path.name for path in folder.iterdir() if path.is_dir()] == []
    (folder / "ibjournal_de.ts").write_text("this is no catalogue", encoding="utf-8")
    assert i18n.compiled("de") == made  # what is there is better than nothing


def test_a_translation_that_is_replaced_while_it_is_spoken_does_no_harm(tmp_path: Path) -> None:
    source = i18n.compiled("de")
    assert source is not None
    copy = tmp_path / "words.qm"
    copy.write_bytes(source.read_bytes())
    assert i18n._load(copy)
    copy.write_bytes(b"")
    try:
        assert QCoreApplication.translate("TopBar", "Cancel") == "Abbrechen"
    finally:
        i18n.uninstall()


def test_keys_are_named_as_on_the_users_keyboard(english_again: None) -> None:
    assert with_key("Hide amounts", "Ctrl+Shift+M") == "Hide amounts (Ctrl+Shift+M)"
    i18n.install("de")
    assert with_key("Beträge verbergen", "Ctrl+Shift+M") == "Beträge verbergen (Strg+Umschalt+M)"
