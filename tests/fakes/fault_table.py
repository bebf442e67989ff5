"""The table of IBKR's codes: what each may cost in requests, what must come of it, and what the user must be told.

Its figures follow from IBKR's limits and from what is known of the codes, not from what the program happens to do. Each stands for
the daily fetch of a depot whose journal is whole: one request and one poll for Activity, the same for the Trade Confirmation.
"""

from __future__ import annotations

from dataclasses import dataclass

Count = tuple[int, int]
"""SendRequests, GetStatements."""

HOUR = 3600.0
QUIET = 15 * 60.0
"""Seconds for which a depot is not asked by itself again."""
NEVER = float("inf")
"""It is left to the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A code that lasts.

    Attributes:
        number: IBKR's.
        code: what the fetch ends with; empty where it ends well.
        token: it holds for all that the token asks for; else for the Activity query alone.
        send, get: what it costs when SendRequest is answered with it, and when GetStatement is.
        again_send, again_get: what one more fetch costs, begun by the user right after.
        confirmation: today's fills are fetched all the same.
        mend: ``renew``: a new token; ``edit``: the depot; ``wait``: it passes.
        waits: pauses in seconds that must be among those of the fetch.
        by_itself: seconds before which the program does not ask by itself again.
        en, de: what must be said in either language: what happened, then the way out.
    """

    number: int
    code: str
    token: bool = False
    send: Count
    get: Count
    again_send: Count
    again_get: Count
    confirmation: bool = True
    mend: str
    waits: tuple[float, ...] = ()
    by_itself: float = QUIET
    en: tuple[str, ...]
    de: tuple[str, ...]


_LATER = ("Please try again in a few minutes",), ("Bitte versuchen Sie es in einigen Minuten erneut",)


def _not_ready(number: int, code: str, en: str, de: str) -> Row:
    """A report that IBKR cannot make yet: three tries minutes apart, later one at a time; today's fills do not wait for it."""
    return Row(
        number=number,
        code=code,
        send=(4, 1),
        get=(4, 4),
        again_send=(2, 1),
        again_get=(2, 2),
        mend="wait",
        waits=(60, 120),
        en=(en, *_LATER[0]),
        de=(de, *_LATER[1]),
    )


def _query(number: int, code: str, en: tuple[str, ...], de: tuple[str, ...]) -> Row:
    """A query that the user must mend: asked once, and the other query is none the worse for it."""
    return Row(
        number=number,
        code=code,
        send=(2, 1),
        get=(2, 2),
        again_send=(2, 1),
        again_get=(2, 2),
        mend="edit",
        by_itself=NEVER,
        en=en,
        de=de,
    )


def _token(number: int, code: str, *, again: bool, en: tuple[str, ...], de: tuple[str, ...], by_itself: float = NEVER) -> Row:
    """A token that is refused: asked once, and nothing more for either query; ``again``: the user may have mended it at IBKR."""
    return Row(
        number=number,
        code=code,
        token=True,
        send=(1, 0),
        get=(1, 1),
        again_send=(1, 0) if again else (0, 0),
        again_get=(1, 1) if again else (0, 0),
        confirmation=False,
        mend="renew",
        by_itself=by_itself,
        en=en,
        de=de,
    )


def _busy(number: int, code: str, waits: tuple[float, ...], en: str, de: str) -> Row:
    """A service that cannot: three tries minutes apart, then nothing more in this run; later one at a time, five in a day."""
    return Row(
        number=number,
        code=code,
        token=True,
        send=(3, 0),
        get=(3, 3),
        again_send=(1, 0),
        again_get=(1, 1),
        confirmation=False,
        mend="wait",
        waits=waits,
        en=(en, *_LATER[0]),
        de=(de, *_LATER[1]),
    )


def _reference(number: int, code: str, *, mend: str, by_itself: float, en: tuple[str, ...], de: tuple[str, ...]) -> Row:
    """A reference that is not known: asked for anew once."""
    return Row(
        number=number,
        code=code,
        send=(3, 1),
        get=(3, 3),
        again_send=(3, 1),
        again_get=(3, 3),
        mend=mend,
        waits=(15,),
        by_itself=by_itself,
        en=en,
        de=de,
    )


def _polled(number: int, code: str, en: str, de: str) -> Row:
    """A report in the making: polled for five minutes with the same reference, further and further apart."""
    return Row(
        number=number,
        code=code,
        send=(6, 1),
        get=(2, 14),
        again_send=(6, 1),
        again_get=(2, 14),
        mend="wait",
        en=(en, *_LATER[0]),
        de=(de, *_LATER[1]),
    )


TABLE: tuple[Row, ...] = (
    _busy(1001, "cannot_generate", (60, 120), "cannot make the report now", "kann den Bericht jetzt nicht erstellen"),
    Row(
        number=1003,
        code="",  # a day without a statement, or one that is not published yet, is no failure
        send=(3, 1),
        get=(3, 3),
        again_send=(3, 1),
        again_get=(3, 3),
        mend="wait",
        en=("has no statement for the days asked for", "the next morning, New York time"),
        de=("hat für die angefragten Tage keinen Bericht", "am nächsten Morgen New Yorker Zeit"),
    ),
    _not_ready(1004, "incomplete", "still putting the statement together", "stellt den Bericht noch zusammen"),
    _not_ready(1005, "settlement_not_ready", "settlement data is not ready", "Abwicklungsdaten sind noch nicht bereit"),
    _not_ready(1006, "fifo_not_ready", "profit and loss data is not ready", "Gewinn- und Verlustdaten sind noch nicht bereit"),
    _not_ready(1007, "mtm_not_ready", "valuation is not ready", "Bewertung ist noch nicht bereit"),
    _not_ready(1008, "mtm_fifo_not_ready", "valuation is not ready", "Bewertung ist noch nicht bereit"),
    _busy(1009, "heavy_load", (120, 240), "under heavy load", "stark ausgelastet"),
    _query(
        1010,
        "legacy_query",
        ("no longer serves legacy Flex queries", "Create an Activity Flex Query", "enter its id"),
        ("bedient alte Flex-Queries nicht mehr", "eine Kontoumsatz-Flex-Query an", "tragen Sie ihre Abfrage-ID ein"),
    ),
    _token(
        1011,
        "service_inactive",
        again=True,
        en=("Flex Web Service is switched off", "Performance & Reports → Flex Queries → Flex Web Service"),
        de=("Flex-Web-Service ist ausgeschaltet", "Performance & Berichte → Flex-Queries → Flex-Web-Service"),
    ),
    _token(
        1012,
        "token_expired",
        again=False,
        en=("The token has expired", "token of Plain", "Generate a new token at IBKR", "the query ids stay valid"),
        de=(
            "abgelaufen",
            "Prüfcode von Plain",
            "Erzeugen Sie bei IBKR einen neuen Prüfcode",
            "Abfrage-IDs bleiben gültig",
        ),
    ),
    _token(
        1013,
        "ip_restricted",
        again=True,
        en=("tied to another address", "Generate a token without an IP address"),
        de=("gilt für eine andere Adresse", "Erzeugen Sie bei IBKR einen Prüfcode ohne IP-Adresse"),
    ),
    _query(
        1014,
        "query_invalid",
        ("does not know the query 1001 of Plain", "look up the query ids under Performance & Reports → Flex Queries"),
        ("1001 von Plain nicht", "die Abfrage-IDs unter Performance & Berichte → Flex-Queries"),
    ),
    _token(
        1015,
        "token_invalid",
        again=False,
        en=("The token is not valid", "mistyped, or a newer one has replaced it", "Copy the current token at IBKR"),
        de=(
            "Der Prüfcode ist ungültig",
            "falsch eingegeben oder durch einen neueren ersetzt",
            "Kopieren Sie bei IBKR den Aktiven Prüfcode",
        ),
    ),
    _query(
        1016,
        "account_invalid",
        ("refuses an account of the query 1001", "choose its accounts again and save it"),
        ("lehnt ein Konto der", "1001", "wählen Sie ihre Konten neu"),
    ),
    _reference(
        1017,
        "reference_invalid",
        mend="wait",
        by_itself=QUIET,
        en=("no longer knows the report", *_LATER[0]),
        de=("kennt den zugesagten Bericht nicht mehr", *_LATER[1]),
    ),
    Row(
        number=1018,
        code="throttled",
        token=True,
        send=(6, 0),
        get=(1, 5),
        again_send=(5, 0),
        again_get=(1, 4),
        confirmation=False,
        mend="wait",
        waits=(60,),
        en=("one request a second and ten a minute", *_LATER[0]),
        de=("eine Anfrage je Sekunde und zehn je Minute", *_LATER[1]),
    ),
    _polled(1019, "not_ready", "did not finish the report in time", "wurde mit dem Bericht nicht rechtzeitig fertig"),
    _reference(
        1020,
        "invalid_request",
        mend="edit",
        by_itself=NEVER,
        en=("could not be validated", "wait ten minutes and try again", "check token and query ids"),
        de=("konnte nicht geprüft werden", "warten Sie zehn Minuten", "prüfen Sie dann Prüfcode und Abfrage-IDs"),
    ),
    _polled(1021, "not_retrieved", "could not hand over the report", "konnte den Bericht nicht übergeben"),
    _token(
        1025,
        "locked_out",
        again=False,
        en=(
            "IBKR has locked the token",
            "Each further request prolongs the lock, so we stop asking",
            "then generate a new token at IBKR",
        ),
        de=(
            "IBKR hat den Prüfcode gesperrt",
            "Jede weitere verlängert die Sperre, daher fragen wir nicht mehr",
            "bei IBKR einen neuen Prüfcode",
        ),
        by_itself=NEVER,
    ),
    Row(
        number=1099,
        code="unknown_code",
        send=(2, 1),
        get=(2, 2),
        again_send=(2, 1),
        again_get=(2, 2),
        mend="wait",
        en=("an error we do not know", "Something new.", "try again later", "What is stored here is not affected"),
        de=("einem unbekannten Fehler", "Something new.", "versuchen Sie es später erneut", "ist nicht betroffen"),
    ),
)
