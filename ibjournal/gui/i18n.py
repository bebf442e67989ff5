"""Languages: load the translations, set the locale that numbers and dates are written in.

In a checkout the ``.qm`` file is made from the ``.ts`` file when it is missing or older. Where nothing can be made or
loaded the program speaks English; it never fails to start for want of a language.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from ibjournal import assets

_log = logging.getLogger(__name__)

LANGUAGES = ("en", "de")
"""The languages the program speaks; the first is the one in the sources."""

_installed: list[tuple[QTranslator, bytes]] = []
"""Qt looks words up in the bytes that a translator was given, so both are held."""
_spoken = [LANGUAGES[0]]


def system_language() -> str:
    """Return the first of the system's languages that the program speaks."""
    for name in QLocale.system().uiLanguages():
        short = name.replace("_", "-").split("-")[0].lower()
        if short in LANGUAGES:
            return short
    return LANGUAGES[0]


def locale_for(language: str) -> QLocale:
    """Return the locale for numbers and dates: the system's own if it speaks the language, else the language's usual one."""
    system = QLocale.system()
    if QLocale.languageToCode(system.language()) == language and system.language() != QLocale.Language.C:
        return system
    return QLocale(QLocale.Language.German, QLocale.Country.Germany) if language == "de" else QLocale("en_US")


def install(language: str, *, locale: QLocale | None = None) -> bool:
    """Speak ``language`` from now on; windows that are open keep their words until they are built again.

    Returns:
        Whether the language's own translation was found (always for English).
    """
    uninstall()
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    _spoken[0] = chosen
    QLocale.setDefault(locale or locale_for(chosen))
    if chosen == LANGUAGES[0]:
        return True
    found = _load(Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)) / f"qtbase_{chosen}.qm")
    if not found:
        _log.info("Qt's own words are missing in %s", chosen)
    qm = compiled(chosen)
    if qm is None or not _load(qm):
        _log.info("no translation for %s", chosen)
        return False
    return True


def spoken() -> str:
    """Return the language that is spoken now; one start may differ from the user's choice."""
    return _spoken[0]


def speak(language: str | None) -> QCoreApplication:
    """Speak a language, or the system's, without a window; return the application, which must be held on to."""
    application = QCoreApplication.instance() or QCoreApplication([])
    install(language or system_language())
    return application


def uninstall() -> None:
    """Take the translations out again."""
    _spoken[0] = LANGUAGES[0]
    while _installed:
        QCoreApplication.removeTranslator(_installed.pop()[0])


def compiled(language: str) -> Path | None:
    """Return the compiled translation; make it first where the sources are at hand and newer. None when there is none."""
    folder = assets.asset("translations")
    qm, ts = folder / f"ibjournal_{language}.qm", folder / f"ibjournal_{language}.ts"
    stale = assets.in_checkout() and ts.exists() and (not qm.exists() or qm.stat().st_mtime < ts.stat().st_mtime)
    if stale:
        _compile(ts, qm)
    return qm if qm.exists() else None


def _compile(ts: Path, qm: Path) -> None:
    """Run Qt's release tool; write beside the target first, so that two programs starting at once never share half a file."""
    names = ("pyside6-lrelease.exe", "pyside6-lrelease") if sys.platform == "win32" else ("pyside6-lrelease",)
    tool = next((path for name in names if (path := Path(sys.executable).parent / name).exists()), None)
    if tool is None:
        return
    try:
        with tempfile.TemporaryDirectory(dir=qm.parent) as folder:
            made = Path(folder) / qm.name
            command = [str(tool), "-silent", str(ts), "-qm", str(made)]
            subprocess.run(command, check=True, capture_output=True, timeout=60)  # noqa: S603 - our own tool, our own file
            os.replace(made, qm)  # noqa: PTH105 - atomic, and over an existing file on every system
    except (OSError, subprocess.SubprocessError) as error:
        _log.info("the translation was not compiled: %s", type(error).__name__)


def _load(path: Path) -> bool:
    """Speak from a file. It is read whole: a file that an update replaces while we run must not change our words."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    translator = QTranslator()
    if not translator.load(data, str(path.parent)):
        return False
    QCoreApplication.installTranslator(translator)
    _installed.append((translator, data))
    return True
