"""IBKR's error codes and the failures of the way to it, as `FlexError` codes, each with what is to be done about it.

IBKR answers most failures with HTTP 200 and ``Warn`` or ``Fail``; both words mean the same, the number decides.
The numbers and their meaning are those of IBKR's error table for version 3 of the service; 1025 is not in that table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ibjournal.domain.errors import FlexError

_LONGEST_TEXT = 300


class Action(str, Enum):
    """What the program does about a failure."""

    WAIT = "wait"
    """Ask the same thing again after a while: the same reference code, the same request."""
    RETRY = "retry"
    """Ask for a new statement after a longer while, a few times at most."""
    NEW_REQUEST = "new_request"
    """Ask for a new statement once; then the user must look."""
    ASK_USER = "ask_user"
    """Only the user can mend it; asking again would do harm."""
    STOP = "stop"
    """Nothing more for this run."""
    LOCKED_OUT = "locked_out"
    """Nothing more with this token: each further request prolongs IBKR's lock."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One of IBKR's numbers: our code for it, and what to do."""

    number: int
    code: str
    action: Action


RULES: dict[int, Rule] = {
    rule.number: rule
    for rule in (
        Rule(1001, "cannot_generate", Action.RETRY),
        Rule(1003, "not_available", Action.STOP),  # what it means for a window of days is decided by the sync
        Rule(1004, "incomplete", Action.RETRY),
        Rule(1005, "settlement_not_ready", Action.RETRY),
        Rule(1006, "fifo_not_ready", Action.RETRY),
        Rule(1007, "mtm_not_ready", Action.RETRY),
        Rule(1008, "mtm_fifo_not_ready", Action.RETRY),
        Rule(1009, "heavy_load", Action.RETRY),
        Rule(1010, "legacy_query", Action.ASK_USER),
        Rule(1011, "service_inactive", Action.ASK_USER),
        Rule(1012, "token_expired", Action.ASK_USER),
        Rule(1013, "ip_restricted", Action.ASK_USER),
        Rule(1014, "query_invalid", Action.ASK_USER),
        Rule(1015, "token_invalid", Action.ASK_USER),
        Rule(1016, "account_invalid", Action.ASK_USER),
        Rule(1017, "reference_invalid", Action.NEW_REQUEST),
        Rule(1018, "throttled", Action.WAIT),
        Rule(1019, "in_progress", Action.WAIT),
        Rule(1020, "invalid_request", Action.NEW_REQUEST),
        Rule(1021, "not_retrieved", Action.WAIT),
        Rule(1025, "locked_out", Action.LOCKED_OUT),
    )
}
"""IBKR's error codes."""

UNKNOWN_CODE = "unknown_code"
"""IBKR answered with a number that is not in `RULES`; its text stands in the values."""

TRANSIENT_CODES = frozenset(
    {
        "no_network",
        "connection_lost",
        "timed_out",
        "service_down",
        "html_answer",
        "empty_answer",
        "truncated_answer",
        "unexpected_answer",
    }
)
"""Failures of the way that may pass by themselves while a statement is awaited."""

OWN_CODES = TRANSIENT_CODES | {
    "name_lookup_failed",
    "tls_failed",
    "proxy_failed",
    "http_status",
    "redirected",
    "csv_answer",
    "oversized_answer",
    "hostile_url",
    "not_ready",
    "too_many_failures",
    "too_many_troubles",
    "transport_failed",
}
"""Codes that do not come from IBKR."""

TOKEN_CODES = frozenset(
    {"token_expired", "token_invalid", "ip_restricted", "service_inactive", "locked_out", "too_many_failures", "too_many_troubles"}
)
"""Failures that hold for every query of a token, so that asking for the next query is pointless."""

RUN_CODES = TOKEN_CODES | {"throttled", "cannot_generate", "heavy_load"}
"""Failures that end a run for its token when they last: what the token cannot have, and what each further request makes worse."""

DEAD_TOKEN_CODES = frozenset({"token_expired", "token_invalid"})
"""Failures that no waiting mends: the token is not used again until the user has done something."""

BROKER_CODES = frozenset(rule.code for rule in RULES.values() if rule.action is Action.RETRY) | {
    "reference_invalid",
    "not_retrieved",
}
"""Failures at IBKR's own side: it could not make the report, and nothing of the user's is wrong."""

ALL_CODES = OWN_CODES | {rule.code for rule in RULES.values()} | {UNKNOWN_CODE}
"""Every code a `FlexError` may carry."""

_ACTIONS = {rule.code: rule.action for rule in RULES.values()}


def flex_error(number: int, text: str, *, call: str) -> FlexError:
    """Return IBKR's failure as our error.

    Args:
        number: IBKR's ``ErrorCode``.
        text: IBKR's ``ErrorMessage``; kept in the values, shortened, white space folded.
        call: ``SendRequest`` or ``GetStatement``.
    """
    rule = RULES.get(number)
    said = " ".join(text.split())[:_LONGEST_TEXT]
    return FlexError(rule.code if rule else UNKNOWN_CODE, number=number or None, text=said, call=call)


def action_for(error: FlexError) -> Action:
    """Return what to do about an error; failures of the way that may pass are waited for, all others stop."""
    if error.code in TRANSIENT_CODES:
        return Action.WAIT
    return _ACTIONS.get(error.code, Action.STOP)
