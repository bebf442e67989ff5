"""The log file, with a filter that removes tokens and account numbers from everything that is written.

Times in the file are UTC. Nothing of ours is imported here, so that everything may log.
"""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import re
import time
from pathlib import Path

FILE_NAME = "ibjournal.log"

_SHORTEST_SECRET = 8
_LARGEST_FILE = 1_000_000
_KEPT_FILES = 3

_ACCOUNT = re.compile(r"\b(D?U)\d{4,}(?:[A-Z]\b)?")
_TOKEN_PARAMETER = re.compile(r"([?&\s'\"]t=)[^&\s'\"<>]+")
_TOKEN_DIGITS = re.compile(r"(?<!\d)(?<!\d\.)\d{20,26}(?!\d)(?!\.\d)")

_secrets: set[str] = set()


def hide(secret: str) -> None:
    """Remove this text from every later log line."""
    if len(secret) >= _SHORTEST_SECRET:
        _secrets.add(secret)


def redact(text: str) -> str:
    """Return the text without tokens and account numbers.

    Removed are texts given to `hide`, whatever stands behind ``t=`` in an address, and runs of 20 to 26 digits, as
    tokens are; account numbers keep their letters.
    """
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, "[token]")
    text = _TOKEN_PARAMETER.sub(r"\1[token]", text)
    text = _TOKEN_DIGITS.sub("[token]", text)
    return _ACCOUNT.sub(r"\1…", text)


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
        """Return the line as it may be written."""
        return redact(super().format(record))


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
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=_LARGEST_FILE, backupCount=_KEPT_FILES, encoding="utf-8")
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


def stop_logging(handler: logging.Handler) -> None:
    """Close the log file."""
    logging.captureWarnings(False)
    logging.getLogger().removeHandler(handler)
    handler.close()
