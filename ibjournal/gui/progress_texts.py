"""What a fetch is doing, in words: which query and days, the step, the attempt, the next look, the minutes left."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ibjournal.gui.widgets import formats
from ibjournal.services.jobs import Progress

_MINUTE = 60
_LONG = 90.0
_A_DAYS = 8
"""Windows longer than this are named by their days: they are a part of a history."""


def progress_text(progress: Progress, *, short: bool = False) -> str:
    """Return a step of a fetch in words; ``short`` leaves out the query, its days, and what comes after."""
    step = _step(progress)
    if short:
        return step
    head = _query(progress)
    parts = [f"{head}: {step}" if head else step, *_attempt(progress)]
    text = ", ".join(parts)
    rest = _rest(progress)
    return f"{text} ({rest})" if rest else text


def _step(progress: Progress) -> str:
    translate = QCoreApplication.translate
    words = {
        "asking_keyring": translate("Progress", "waiting for the keyring, which may be asking for its password"),
        "waiting_for_token": translate("Progress", "waiting for another depot with the same token"),
        "pacing": translate("Progress", "keeping IBKR's pace"),
        "requesting": translate("Progress", "asking IBKR"),
        "generating": translate("Progress", "IBKR is making the report"),
        "throttled": translate("Progress", "IBKR asks for a pause"),
        "way_failed": translate("Progress", "no way to IBKR at the moment"),
        "retrying": translate("Progress", "IBKR cannot make the report at the moment"),
        "downloading": translate("Progress", "downloading"),
        "archiving": translate("Progress", "archiving"),
        "reading": translate("Progress", "reading"),
        "storing": translate("Progress", "storing"),
        "matching": translate("Progress", "matching trades"),
        "arrived": translate("Progress", "stored") if _came(progress) else translate("Progress", "nothing there"),
        "demo_history": translate("Progress", "making the demo's history"),
    }
    text = words.get(progress.step, translate("Progress", "working"))
    return f"{text} {formats.size(progress.size)}" if progress.step == "downloading" and progress.size else text


def _came(progress: Progress) -> bool:
    return progress.arrival is not None and progress.arrival.reports > 0


def _query(progress: Progress) -> str:
    translate = QCoreApplication.translate
    names = {"activity": translate("Progress", "Activity"), "confirmation": translate("Progress", "Trade Confirmation")}
    name = names.get(progress.slot, "")
    if name and progress.days is not None and (progress.days[1] - progress.days[0]).days > _A_DAYS:
        return f"{name} {formats.day_range(*progress.days)}"
    return name


def _attempt(progress: Progress) -> list[str]:
    translate = QCoreApplication.translate
    parts = []
    if progress.attempt > 1:
        parts.append(translate("Progress", "attempt {number}").format(number=progress.attempt))
    if progress.wait > 0:
        waits = {
            "pacing": translate("Progress", "goes on in {seconds} s"),
            "generating": translate("Progress", "next look in {seconds} s"),
        }
        text = waits.get(progress.step, translate("Progress", "next attempt in {seconds} s"))
        parts.append(text.format(seconds=max(1, round(progress.wait))))
    return parts


def _rest(progress: Progress) -> str:
    translate = QCoreApplication.translate
    parts = []
    if progress.total > 1 and 0 < progress.done <= progress.total:
        parts.append(translate("Progress", "{done} of {total}").format(done=progress.done, total=progress.total))
    if progress.left is not None and progress.left >= _LONG:
        minutes = round(progress.left / _MINUTE)
        parts.append(translate("Progress", "about {minutes} min left").format(minutes=minutes))
    return ", ".join(parts)
