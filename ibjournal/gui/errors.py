"""Errors in words: `describe` for the window and the command line alike, and what a button does about it.

At module level this imports QtCore alone, so that the command line can use it without a display.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from ibjournal.domain.errors import CredentialError, FlexError, JournalError, ReportError, StoreError, UsageError
from ibjournal.gui import error_texts, flex_error_texts
from ibjournal.gui.error_words import QT_TRANSLATE_NOOP, Words


class Button(str, Enum):
    """What the one button of an error does."""

    NONE = ""
    RENEW = "renew"
    EDIT_DEPOT = "edit_depot"
    TRY_AGAIN = "try_again"
    BACKUPS = "backups"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorText:
    """An error in the user's language: what happened, why, what to do, and the words of a button (empty: none)."""

    code: str
    title: str
    explanation: str
    action: str = ""
    button: Button = Button.NONE
    button_text: str = ""

    @property
    def sentence(self) -> str:
        """Everything in one line, for the command line."""
        return " ".join(part for part in (self.title, self.explanation, self.action) if part)


_NO_TOKEN = "token_missing"  # noqa: S105 - a code
"""There is nothing to renew."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d:\d\d")


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


RENEWABLE = frozenset({"token_expired", "token_invalid", "ip_restricted", "service_inactive", "locked_out", "token_missing"})
"""Codes that the renewal window mends."""

_NOT_ASKED = QT_TRANSLATE_NOOP("Errors", "We do not ask IBKR again before {retry_at}, unless you enter something new here.")
"""Follows where the guard on failed requests held a request back."""

_FAMILIES: tuple[tuple[type[JournalError], dict[str, Words]], ...] = (
    (FlexError, flex_error_texts.FLEX),
    (ReportError, error_texts.REPORT),
    (StoreError, error_texts.STORE),
    (CredentialError, error_texts.CREDENTIAL),
    (UsageError, error_texts.USAGE),
)


def describe(error: JournalError, **known: object) -> ErrorText:
    """Return an error in words.

    Args:
        error: what happened.
        known: facts that the place of the error did not know, such as ``depot="Income"`` or ``file=…``; the error's own win.
    """
    family = next((table for kind, table in _FAMILIES if isinstance(error, kind)), None)
    words = family.get(error.code) if family is not None else None
    return _fill(error.code, words or find(error.code), {**known, **error.values})


def describe_code(code: str, values: Mapping[str, object] | Iterable[tuple[str, object]] = ()) -> ErrorText:
    """Return an error of the log in words, where only its code and values were kept."""
    return _fill(code, find(code), dict(values))


def describe_warning(code: str, values: Mapping[str, object] | Iterable[tuple[str, object]] = ()) -> str:
    """Return a report's warning as one sentence."""
    text = error_texts.WARNINGS.get(code, error_texts.OTHER_WARNING)
    return _text(text, {"code": code, **dict(values)})


def find(code: str) -> Words:
    """Return the untranslated words for a code, whatever its family; `error_texts.OTHER` when there are none."""
    return next((table[code] for _kind, table in _FAMILIES if code in table), error_texts.OTHER)


def button_text(button: Button) -> str:
    """Return a button's words."""
    translate = QCoreApplication.translate
    if button is Button.RENEW:
        return translate("Errors", "Renew token")
    if button is Button.EDIT_DEPOT:
        return translate("Errors", "Edit depot")
    if button is Button.TRY_AGAIN:
        return translate("Errors", "Try again")
    if button is Button.BACKUPS:
        return translate("Errors", "Show backups")
    return ""


def _fill(code: str, words: Words, values: Mapping[str, object]) -> ErrorText:
    facts = {"code": code, **values}
    button = Button(words.button)
    action = _text(words.do, facts)
    if facts.get("asked") is False and facts.get("retry_at") and "{retry_at}" not in words.do:
        action = f"{action} {_text(_NOT_ASKED, facts)}".strip()
    return ErrorText(
        code=code,
        title=_text(words.title, facts),
        explanation=_text(words.what, facts),
        action=action,
        button=button,
        button_text=QCoreApplication.translate("Errors", "Enter token") if code == _NO_TOKEN else button_text(button),
    )


def _text(source: str, values: Mapping[str, object]) -> str:
    if not source:
        return ""
    translated = QCoreApplication.translate("Errors", source)
    return translated.format_map(_Values({name: _show(name, value) for name, value in values.items()})).strip()


def _show(name: str, value: object) -> str:
    """Return a value as a sentence wants it: the name of a file without its folder, a moment as a local time."""
    if name == "file" and value:
        return Path(str(value)).name
    if isinstance(value, str) and _MOMENT.fullmatch(value):  # as the log of runs keeps it
        value = datetime.fromisoformat(value)
    if isinstance(value, date):
        from ibjournal.gui.widgets import formats  # noqa: PLC0415 - keeps this module light for the command line

        return formats.moment(value) if isinstance(value, datetime) else formats.full_day(value)
    return str(value) if value not in (None, "") else "–"
