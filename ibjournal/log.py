"""The log file, with a filter that removes tokens and account numbers from everything that is written.

Times in the file are UTC. Nothing of ours is imported here, so that everything may log.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import logging.handlers
import re
import sys
import threading
import time
import traceback
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

FILE_NAME = "ibjournal.log"

_SHORTEST_SECRET = 8
_LARGEST_FILE = 1_000_000
_KEPT_FILES = 3

_ACCOUNT = re.compile(r"(?<![A-Za-z0-9])(D?[UF]|I)(\d{5,}[A-Z]?)(?![A-Za-z0-9])|(?<![A-Za-z0-9])(D?U)(\d{4,}[A-Z]?)", re.ASCII)
_ACCOUNT_SMALL = re.compile(r"(?<![A-Za-z0-9])(d?u)\d{5,}[a-z]?(?![A-Za-z0-9])", re.ASCII)
_TOKEN_PARAMETER = re.compile(r"((?:[?&\s'\"]t|token)=)[^&\s'\"<>]+", re.IGNORECASE)
# digits in one piece, or in groups as people copy them; a number's fraction is none, however long
_DIGITS = re.compile(r"(?<!\d)(?<!\d[.,])\d+(?:[ \u00a0\u2009\u202f_\-]\d+)*(?!\d)(?![.,]\d)", re.ASCII)
_TOKEN_LENGTHS = range(18, 31)
_SMALLEST_GROUP = 3

_CURRENCY = r"(?:[A-Z]{3}|[€$£¥]|CHF|Fr\.)"
_FIGURE = r"[-+\u2212]?\d[\d.,'\u2019\u00a0\u202f]*\d|[-+\u2212]?\d"
_MONEY = re.compile(rf"(?<![\w.]){_CURRENCY}[ \u00a0]?(?:{_FIGURE})(?![\w])|(?<![\w.:/-])(?:{_FIGURE})[ \u00a0]?{_CURRENCY}(?!\w)")
_DECIMAL = re.compile(
    r"(?<![\w.,:/-])[-+\u2212]?(?:\d{1,3}(?:[.,'\u2019\u00a0\u202f]\d{3})+|\d+)[.,]\d+(?:[eE][-+]?\d+)?(?!\w|[.,:]\d)", re.ASCII
)

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_QUERY = re.compile(r"\?[\w.%-]+=[^\s'\"<>]*")
# the folder of a user, whatever his name; a name on Windows may hold spaces
_HOME = re.compile(
    r"(/home/|/Users/|\b[A-Za-z]:(?:\\+|/)(?:Users|Documents and Settings)(?:\\+|/))(?!\[)[^/\\\r\n:\"'<>|*?]+", re.IGNORECASE
)
_DISK = re.compile(r"(/media/|/Volumes/|/mnt/)(?!\[)[^/\r\n:\"'<>|*?]+(?:(?<=\w)/[^/\r\n:\"'<>|*?]+)?")
_SHARE = re.compile(r"(?<![\w:\\])(\\{2,4})(?!\[)[\w.-]+\\{1,2}[^\\/\r\n:\"'<>|*?]+")
_QUOTED = re.compile(r"(?<!\w)'.*?'(?!\w)|(?<!\w)\".*?\"(?!\w)|[‘“„«].*?[’”“»]")
_LONG_NUMBER = re.compile(r"(?<![\w.:/-])\d{4,}(?![\w:/-])")
_FILE = re.compile(r'File "([^"\n]+)"')
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_RAISED = re.compile(r"((?:\w+\.)*\w+)(?:: (.*))?$")
_BETWEEN = ("The above exception", "During handling")
_LONGEST_MESSAGE = 400
_ABOUT_CODE = frozenset({"AttributeError", "NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "TypeError"})
"""What Python itself says of code: the names that it quotes are ours."""

_BETWEEN_SIGNS = r"(?:[^0-9A-Za-z]|\\[nrt]|%0[AaDd]|%20|&nbsp;){0,12}"
"""What may stand between the signs of a secret that was torn apart: spaces and line ends, as they are or as others write them."""
_SHORTEST_PART = 12

_logger = logging.getLogger(__name__)

_secrets: dict[str, re.Pattern[str]] = {}


def hide(secret: str) -> None:
    """Remove this text from every later log line, as a whole, in pieces, and each half of a long one."""
    if len(secret) >= _SHORTEST_SECRET and secret not in _secrets:
        _secrets[secret] = re.compile(secret_pattern(secret))


def secret_pattern(secret: str) -> str:
    """Return a pattern that finds a secret however it is torn apart, and each half of one that is long."""
    half = len(secret) // 2
    parts = [secret, *([secret[:half], secret[-half:]] if half >= _SHORTEST_PART else [])]
    return "|".join(_BETWEEN_SIGNS.join(map(re.escape, part)) for part in parts)


def redact(text: str) -> str:
    """Return the text without tokens and account numbers.

    Removed are texts given to `hide`, torn apart or not, whatever stands behind ``t=`` or ``token=``, and 18 to 30 digits, in one
    piece or in groups of three and more, as tokens are; account numbers keep their letters.
    """
    for secret in sorted(_secrets, key=len, reverse=True):
        text = _secrets[secret].sub("[token]", text)
    text = _TOKEN_PARAMETER.sub(r"\1[token]", text)
    text = _DIGITS.sub(_without_tokens, text)
    text = _ACCOUNT.sub(lambda match: f"{match[1] or match[3]}…", text)
    return _ACCOUNT_SMALL.sub(r"\1…", text)


def _without_tokens(match: re.Match[str]) -> str:
    """Return a run of digits, or of groups of digits, without what may be a token."""
    groups = re.findall(r"\d+", match[0])
    grouped = all(len(group) >= _SMALLEST_GROUP for group in groups[:-1])
    if sum(map(len, groups)) in _TOKEN_LENGTHS and grouped:
        return "[token]"
    return re.sub(r"\d+", lambda each: "[token]" if len(each[0]) in _TOKEN_LENGTHS else each[0], match[0])


def redact_all(text: str, names: Iterable[tuple[str, str]] = ()) -> str:
    """Return the text as others may read it: without tokens, account numbers, amounts, homes, addresses of mail, and these names.

    Amounts are numbers with a fraction, and numbers beside a currency. Versions, times and addresses of computers stay.

    Args:
        text: any text.
        names: what is private and what stands for it, such as the name of a depot and ``depot 1``; whole words alone are replaced.
    """
    text = redact(text)
    for name, instead in sorted(names, key=lambda each: len(each[0]), reverse=True):
        for form in dict.fromkeys((name, unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name), repr(name)[1:-1])):
            if form.strip():
                text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", instead.replace("\\", ""), text, flags=re.IGNORECASE)
    with contextlib.suppress(RuntimeError):  # a system without homes
        home = str(Path.home())
        if len(home) > 1:
            for form in (home, quote(home), repr(home)[1:-1], unicodedata.normalize("NFD", home)):
                text = text.replace(form, "~")
    text = _MAIL.sub("[mail]", text)
    text = _QUERY.sub("?[query]", text)
    text = _HOME.sub(r"\1[user]", text)
    text = _DISK.sub(r"\1[disk]", text)
    text = _SHARE.sub(r"\1[share]", text)
    return _DECIMAL.sub("[amount]", _MONEY.sub("[amount]", text))


def traceback_for_others(error: BaseException, names: Iterable[tuple[str, str]] = ()) -> str:
    """Return an exception with its causes as others may read it: which code was at work, and of each message what tells no data.

    Python's own words about names in the code stay; what any other message quotes, and longer numbers in it, do not.
    """
    names = tuple(names)
    parts: list[str] = []
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        frames = "".join(_FILE.sub(_file, each) for each in traceback.format_tb(at.__traceback__))
        head = "Traceback (most recent call last):\n" if frames else ""
        kind = type(at).__qualname__ if type(at).__module__ == "builtins" else f"{type(at).__module__}.{type(at).__qualname__}"
        message = _message(at)
        inner = getattr(at, "exceptions", ())
        more = "".join(f"\n| {type(each).__qualname__}: {_message(each)}" for each in inner if isinstance(each, BaseException))
        parts.append(f"{head}{frames}{kind}{': ' if message else ''}{message}{more}")
        before, at = at, at.__cause__ or (None if at.__suppress_context__ else at.__context__)
        if at is not None:
            parts.append("which came of:" if before.__cause__ is not None else "which came up during:")
    text = "\n".join(parts)
    return redact_all("\n".join(line.rstrip() for line in text.splitlines()), names)


def log_for_others(lines: Iterable[str], names: Iterable[tuple[str, str]] = ()) -> list[str]:
    """Return lines of the log as others may read them: tracebacks in it as by `traceback_for_others`."""
    found: list[str] = []
    in_trace = said = False
    for line in lines:
        if _STAMP.match(line):
            in_trace = said = False
        elif line.startswith(("Traceback (", "  + Exception Group")):
            in_trace, said = True, False
        elif in_trace and not line.startswith(" ") and (match := _RAISED.match(line)) is not None:
            said = True
            found.append(match[1] + (f": {_without_data(match[1], match[2])}" if match[2] else ""))
            continue
        if said and line and not line.startswith(_BETWEEN):
            continue  # a message may go on for lines
        found.append(_FILE.sub(_file, line))
    return redact_all("\n".join(found), names).splitlines()


def _message(error: BaseException) -> str:
    code = getattr(error, "code", None)
    if isinstance(code, str) and type(error).__module__.startswith("ibjournal."):
        return code  # its values are the user's own
    try:
        return _without_data(type(error).__name__, str(error))
    except Exception:  # noqa: BLE001 - an exception that cannot even tell what it is
        return ""


def _without_data(kind: str, message: str) -> str:
    line = " ".join(message.split())[:_LONGEST_MESSAGE]
    if kind.rpartition(".")[2] not in _ABOUT_CODE:
        line = _QUOTED.sub("'…'", line)
        line = _LONG_NUMBER.sub("[number]", redact_all(line))
    return line


def _file(match: re.Match[str]) -> str:
    """Return a frame's file from the package on: what stands before is where somebody keeps his programs."""
    path = match[1].replace("\\\\", "/").replace("\\", "/")
    for mark in ("/site-packages/", "/ibjournal/", "/lib/"):
        before, found, behind = path.rpartition(mark)
        if found:
            return f'File "…{mark}{behind}"' if before or found else match[0]
    return f'File "…/{path.rpartition("/")[2]}"'


def tail(folder: Path, lines: int) -> list[str]:
    """Return the last lines of the log in a folder, the oldest first; nothing where there is none."""
    found: list[str] = []
    for name in (FILE_NAME, f"{FILE_NAME}.1"):
        with contextlib.suppress(OSError):
            found = (folder / name).read_text(encoding="utf-8", errors="replace").splitlines()[-(lines - len(found)) :] + found
        if len(found) >= lines:
            break
    return found[-lines:]


class RedactingFilter(logging.Filter):
    """Rewrites the records of a logger in place, before any handler sees them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact message, arguments, traceback; no record is dropped."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # arguments that do not fit: a bug of the caller, which must not hide the line
            message = f"{record.msg} {record.args}"
        record.msg = redact(message)
        record.args = None
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None  # no handler shall format it anew
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


class RedactingFormatter(logging.Formatter):
    """Formats as its base does, then redacts the whole text, tracebacks included."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line as it may be written, also of a record whose arguments do not fit."""
        try:
            return redact(super().format(record))
        except (TypeError, ValueError):  # a bug of the caller, which must not hide the line
            plain = copy.copy(record)
            plain.msg, plain.args = f"{record.msg} {record.args}", None
            return redact(super().format(plain))


class _LogFile(logging.handlers.RotatingFileHandler):
    """A log file that is silent when it cannot be written: its base writes the record to standard error, which somebody keeps."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base's name
        """Leave the line out."""


def guard(*names: str) -> None:
    """Redact what these loggers say before any handler sees it: libraries that write whole addresses into the log."""
    for name in names:
        logger = logging.getLogger(name)
        if not any(isinstance(each, RedactingFilter) for each in logger.filters):
            logger.addFilter(RedactingFilter())


def start_logging(folder: Path, *, level: int = logging.INFO) -> logging.Handler:
    """Write the log into ``folder`` from now on, at most about four megabytes; return the handler for `stop_logging`.

    Only the owner of the folder may read the file. Raises OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    handler = _LogFile(path, maxBytes=_LARGEST_FILE, backupCount=_KEPT_FILES, encoding="utf-8")
    with contextlib.suppress(OSError):  # a file system without permissions
        path.chmod(0o600)
    layout = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s [%(threadName)s] %(message)s"
    handler.setFormatter(RedactingFormatter(layout, "%Y-%m-%dT%H:%M:%S"))
    root = logging.getLogger()
    root.addHandler(handler)
    if root.level > level or root.level == logging.NOTSET:
        root.setLevel(level)
    logging.captureWarnings(True)
    return handler


def guard_errors() -> None:
    """Let Python tell of exceptions that nobody takes without tokens: standard error is kept by whatever started the program."""
    guard(__name__)
    sys.excepthook = lambda _kind, error, _trace: _tell(error)
    threading.excepthook = lambda caught: _tell(caught.exc_value)
    sys.unraisablehook = lambda caught: _tell(caught.exc_value)


def _tell(error: BaseException | None) -> None:
    """Write an exception into the log, and to standard error where there is one."""
    if error is None or isinstance(error, SystemExit):
        return
    _logger.error("nobody took it", exc_info=(type(error), error, error.__traceback__))
    if sys.stderr is not None and logging.getLogger().handlers:  # where there is none, logging itself has written it there
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(redact("".join(traceback.format_exception(error))))


def stop_logging(handler: logging.Handler) -> None:
    """Close the log file."""
    logging.captureWarnings(False)
    logging.getLogger().removeHandler(handler)
    handler.close()
