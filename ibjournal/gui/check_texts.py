"""Checks in words: what is compared, what came of it, why, and what each part of the sum is.

At module level this imports QtCore alone, so that the command line says the same without a display.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from PySide6.QtCore import QCoreApplication

from ibjournal.analytics.reconciliation import Check, CheckStatus, Part
from ibjournal.gui import check_words
from ibjournal.gui.event_words import type_word
from ibjournal.gui.widgets import formats

_CONTEXT = "Check"
_QUANTITIES = frozenset({"positions"})
_STATES = frozenset({"cash", "cost", "nav_day"})
STATE_LINES = frozenset({"startingCash", "endingCash", "startingValue", "endingValue"})
"""IBKR's names for lines of a walk that are states."""
_AMOUNTS = frozenset({"opened", "closed", "bound", "booked", "earned", "amount", "proceeds"})
"""Values of a reason that are money."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A result: icon, colour token, word."""

    icon: str
    tone: str
    word: str


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return formats.DASH


def mark_of(status: CheckStatus) -> Mark:
    """Return how a result is shown."""
    translate = QCoreApplication.translate
    return {
        CheckStatus.OK: Mark("check", "positive", translate("Check", "agrees")),
        CheckStatus.EXPLAINED: Mark("equal-approximately", "info", translate("Check", "explained")),
        CheckStatus.DIFFERS: Mark("equal-not", "warning", translate("Check", "differs")),
        CheckStatus.NOT_IN_REPORT: Mark("minus", "text_muted", translate("Check", "not in report")),
    }[status]


def describe_check(check: Check) -> str:
    """Return what is compared, complete: for the explanation, and for the command line."""
    kind = _translated(check_words.CHECKS.get(check.check, check.check.replace("_", " ")))
    subject = "" if (check.check, check.subject) == ("realized_total", "total") else line_name(check.subject)
    if check.check == "nav_day" and check.period.end is not None:
        kind, subject = QCoreApplication.translate("Check", "Net asset value"), _day_and(check, subject)
    elif check.check == "realized" and (day := _single_day(check)):
        subject = f"{subject}, {day}"
    shown = dict.fromkeys(part for part in (kind, subject, "" if check.subject == check.currency else check.currency) if part)
    return ", ".join(shown)


def short_name(check: Check) -> str:
    """Return what a row of the table is called below the head of its section."""
    translate = QCoreApplication.translate
    if check.check == "realized":
        return _single_day(check) or check.execution or line_name(check.subject) or _translated(check_words.CHECKS["realized"])
    if check.check == "realized_total":
        words = "" if check.subject == "total" else line_name(check.subject)
        together = translate("Check", "Together")
        return f"{together} · {words}" if words else together
    if check.check == "cash":
        return line_name(check.subject) or check.currency or _translated(check_words.CHECKS["cash"])
    if check.check == "nav_day":
        return _day_and(check, line_name(check.subject))
    if check.check == "twr":
        return translate("Check", "Time-weighted, %")
    if check.check in {"dividends", "withholding_tax", "interest", "fees", "commissions"}:
        kind, subject = _translated(check_words.CHECKS[check.check]), line_name(check.subject)
        return f"{kind} · {subject}" if subject and subject != kind else kind
    return line_name(check.subject) or _translated(check_words.CHECKS.get(check.check, check.check))


def line_name(subject: str) -> str:
    """Return the words for a line of IBKR's; a symbol, and a line that nobody knows, keeps its name."""
    words = check_words.LINES.get(subject)
    return _translated(words) if words else subject


def section_name(section: str) -> str:
    """Return what IBKR's page for queries calls a section."""
    words = check_words.SECTIONS.get(section)
    return _translated(words) if words else section


def describe_reason(check: Check, *, masked: bool = False) -> str:
    """Return why a check is as it is, as a sentence; empty where there is nothing to say. Masked it tells no amount."""
    if not check.reason:
        earned = dict(check.values).get("earned")
        if not isinstance(earned, Decimal) or check.ours is None:
            return ""
        as_earned = QCoreApplication.translate(
            "Check", "Compared as IBKR books it. As it was earned, with the premium at its option, the result is {earned}."
        )
        return as_earned.format(earned=formats.MASK if masked else formats.change(earned))
    words = check_words.REASONS.get(check.reason, check_words.OTHER_REASON)
    values = {name: formats.MASK if masked and name in _AMOUNTS else value for name, value in check.values}
    return _filled(words.sentence, {"reason": check.reason, **values})


def short_reason(check: Check) -> str:
    """Return the reason in the few words that a table has room for."""
    if not check.reason:
        return ""
    words = check_words.REASONS.get(check.reason, check_words.OTHER_REASON)
    return _filled(words.short, {"reason": check.reason, **dict(check.values)})


def describe_part(part: Part) -> str:
    """Return what one line of the sum from our figure to IBKR's is."""
    values = dict(part.values)
    words = check_words.LABELS.get(part.label)
    if words is None:
        reason = check_words.REASONS.get(part.label)
        words = reason.short if reason is not None else part.label.replace("_", " ")
    text = _filled(words, values)
    symbol, day = values.get("symbol"), values.get("day")
    more = [str(symbol) if symbol else "", formats.full_day(day) if isinstance(day, date) else ""]
    return ", ".join(dict.fromkeys([text, *(each for each in more if each and each not in text)]))


def is_quantity(check: Check) -> bool:
    """Whether a check compares units and not money."""
    return check.check in _QUANTITIES


def is_state(check: Check) -> bool:
    """Whether a check compares how things stand, which bears no plus, and not a change."""
    return check.check in _STATES or check.subject in STATE_LINES or (check.check, check.subject) == ("nav_walk", "total")


def is_money(check: Check) -> bool:
    """Whether a check's figures are money, which the mask hides."""
    return not is_quantity(check) and check.check != "twr"


def _single_day(check: Check) -> str:
    day = dict(check.values).get("day")
    if isinstance(day, date):
        return formats.full_day(day)
    return formats.full_day(check.period.end) if check.period.start == check.period.end and check.period.end else ""


def _day_and(check: Check, subject: str) -> str:
    day = formats.full_day(check.period.end)
    return f"{day} · {subject}" if subject and subject != day else day


def _translated(words: str) -> str:
    return QCoreApplication.translate(_CONTEXT, words) if words else ""


def _filled(words: str, values: Mapping[str, object]) -> str:
    return _translated(words).format_map(_Values({name: _shown(name, value) for name, value in values.items()})).strip()


def _shown(name: str, value: object) -> str:
    if value in (None, ""):
        return formats.DASH
    if name == "name":
        return line_name(str(value))
    if name in {"section", "sections"}:
        return ", ".join(section_name(str(each)) for each in _several(value))
    if name == "what":
        return _translated(check_words.WHAT.get(str(value), str(value)))
    if name == "type":
        return type_word(str(value))
    if isinstance(value, datetime):
        return formats.moment(value)
    if isinstance(value, date):
        return formats.full_day(value)
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return formats.quantity(Decimal(value))
    if isinstance(value, Decimal):
        return formats.quantity(value) if name in {"quantity", "n"} else formats.price(value, most=6)
    return ", ".join(str(each) for each in _several(value))


def _several(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, (tuple, list, frozenset, set)) else (value,)
