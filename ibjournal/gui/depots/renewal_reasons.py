"""Why a new token is asked for: the head of the renewal window, what happened, and IBKR's clicks for just that case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from ibjournal.domain.depot import Depot
from ibjournal.gui import errors, portal
from ibjournal.gui.error_words import QT_TRANSLATE_NOOP
from ibjournal.gui.portal import step, token_steps
from ibjournal.gui.widgets import formats

LEAKED = "leaked"
"""Not an error: the user fears that somebody else has the token."""

_HEADS = {
    "token_expired": QT_TRANSLATE_NOOP("Renewal", "{depot} needs a new token"),
    "token_invalid": QT_TRANSLATE_NOOP("Renewal", "IBKR does not know the token of {depot}"),
    "ip_restricted": QT_TRANSLATE_NOOP("Renewal", "The token of {depot} is tied to another address"),
    "locked_out": QT_TRANSLATE_NOOP("Renewal", "IBKR has locked the token of {depot}"),
    "service_inactive": QT_TRANSLATE_NOOP("Renewal", "The Flex Web Service is switched off for {depot}"),
    "token_missing": QT_TRANSLATE_NOOP("Renewal", "The token of {depot} is not there"),
    LEAKED: QT_TRANSLATE_NOOP("Renewal", "Make the old token of {depot} void"),
}
_OTHER_HEAD = QT_TRANSLATE_NOOP("Renewal", "New token for {depot}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalReason:
    """The words of the renewal window. ``steps`` may hold ``<b>``; ``hint`` stands below them, or is empty."""

    head: str
    words: str
    steps: tuple[str, ...]
    hint: str = ""


def renewal_reason(code: str, depot: Depot, *, locked_until: datetime | None = None) -> RenewalReason:
    """Return the words for a depot.

    Args:
        code: of the error that stopped the fetch, `LEAKED`, or empty where the user just wants a new token.
        depot: whose token it is.
        locked_until: until when the program does not use the old token (``locked_out``).
    """
    return RenewalReason(
        head=_tr(_HEADS.get(code, _OTHER_HEAD)).format(depot=depot.name),
        words=f"{_what(code, depot, locked_until)} {_keep(code)}".strip(),
        steps=tuple(_steps(code)),
        hint=_hint(code),
    )


def _what(code: str, depot: Depot, locked_until: datetime | None) -> str:
    if code == LEAKED:
        return _tr(
            QT_TRANSLATE_NOOP(
                "Renewal",
                "Generating a new token at IBKR makes the old one void at once, wherever it may have gone."
                " With a token one can read reports; nobody can trade or move money with it.",
            )
        )
    if code in errors.RENEWABLE:
        words = errors.describe_code(code, {"depot": depot.name}).explanation
        if code == "token_missing":
            words += " " + _tr(QT_TRANSLATE_NOOP("Renewal", "If you still have it, enter it again: it is as good as before."))
        if code == "locked_out" and locked_until is not None:
            told = _tr(QT_TRANSLATE_NOOP("Renewal", "Until {time} we ask nothing with this token; a new one can be used at once."))
            words += " " + told.format(time=formats.moment(locked_until))
        return words
    if depot.token_expires is not None:
        told = _tr(QT_TRANSLATE_NOOP("Renewal", "The token is valid until {day}."))
        return told.format(day=formats.full_day(depot.token_expires))
    return ""


def _keep(code: str) -> str:
    if code == LEAKED:
        return _tr(QT_TRANSLATE_NOOP("Renewal", "Your query ids stay valid."))
    return _tr(QT_TRANSLATE_NOOP("Renewal", "Your query ids stay valid. You can go on working; this window waits."))


def _steps(code: str) -> list[str]:
    if code == "token_invalid":
        newer = QT_TRANSLATE_NOOP(
            "Portal", "Is there a {current_token} that has not expired? Then copy that one: it replaced the one here"
        )
        year = f"{_else()} {step(portal.FOR_A_YEAR)}"
        return [step(portal.LOG_IN), step(portal.WAY), step(newer), year, step(portal.GENERATE), step(portal.COPY)]
    if code == "ip_restricted":
        chosen = (portal.LOG_IN, portal.WAY, portal.FOR_A_YEAR, portal.NO_ADDRESS, portal.GENERATE, portal.COPY)
        return [step(each) for each in chosen]
    if code == "service_inactive":
        chosen = (portal.LOG_IN, portal.WAY, portal.SWITCH_ON, portal.FOR_A_YEAR, portal.GENERATE, portal.COPY)
        return [step(each) for each in chosen]
    steps = token_steps()
    if code == "locked_out":
        ids = QT_TRANSLATE_NOOP(
            "Renewal", "Compare the query ids with those under Settings → Depots: a wrong one may have earned the lock"
        )
        return [steps[0], _tr(ids), *steps[1:]]
    return steps


def _else() -> str:
    return _tr(QT_TRANSLATE_NOOP("Renewal", "If not:"))


def _hint(code: str) -> str:
    if code == LEAKED:
        return _tr(
            QT_TRANSLATE_NOOP(
                "Renewal",
                "With Valid for IP Address a token works from that one address only, so that a stolen one is of no use elsewhere."
                " That suits a connection with a fixed address; most at home change, and fetching then stops with code 1013.",
            )
        )
    if code == "ip_restricted":
        return _tr(
            QT_TRANSLATE_NOOP(
                "Renewal",
                "A tied token works from that one address only. Most connections at home change their address from time to time,"
                " also a VPN or another network does; without an address the token works from everywhere.",
            )
        )
    return ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Renewal", text)
