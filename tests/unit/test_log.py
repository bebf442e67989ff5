from __future__ import annotations

import logging
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibjournal import log

TOKEN = "161803398874989484820458"


@pytest.fixture(autouse=True)
def _no_secrets_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_secrets", set())


@pytest.fixture
def logger(tmp_path: Path) -> Iterator[logging.Logger]:
    handler = log.start_logging(tmp_path / "logs", level=logging.DEBUG)
    level = logging.getLogger().level
    yield logging.getLogger("ibjournal.test")
    log.stop_logging(handler)
    logging.getLogger().setLevel(level)


def _written(folder: Path) -> str:
    return (folder / "logs" / log.FILE_NAME).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (f"GET /SendRequest?t={TOKEN}&q=1", "GET /SendRequest?t=[token]&q=1"),
        ("GET /SendRequest?q=1&t=short&v=3", "GET /SendRequest?q=1&t=[token]&v=3"),
        ("url 'https://x/?t=abc'", "url 'https://x/?t=[token]'"),
        (f"pasted {TOKEN}.", "pasted [token]."),
        ("12345678901234567890 12345678901234567890123456", "[token] [token]"),
        ("1234567890123456789 123456789012345678901234567", "1234567890123456789 123456789012345678901234567"),
        ("value 3.14159265358979323846264338", "value 3.14159265358979323846264338"),
        ("account U1234567 and DU7654321, U1234567F", "account U… and DU…, U…"),
        ("conid 265598, order 123456789", "conid 265598, order 123456789"),
        ("U2 and USD", "U2 and USD"),
    ],
)
def test_what_is_taken_out(said: str, written: str) -> None:
    assert log.redact(said) == written


def test_texts_that_were_named_are_taken_out() -> None:
    log.hide("odd-token-x")
    log.hide("abc")
    assert log.redact("odd-token-x and abc") == "[token] and abc"


def test_the_file_holds_no_secret(logger: logging.Logger, tmp_path: Path) -> None:
    logger.info("fetching with %s for %s", TOKEN, "U1234567")
    logger.debug("%(token)s", {"token": TOKEN})
    try:
        int(f"https://host/?t={TOKEN} U1234567")
    except ValueError:
        logger.info("it failed", exc_info=True)
    logger.info("stack", stack_info=True)
    written = _written(tmp_path)
    assert TOKEN not in written
    assert "U1234567" not in written
    assert "https://host/?t=[token] U…" in written
    assert "fetching with [token] for U…" in written


def test_lines_tell_when_in_utc_where_and_how_bad(logger: logging.Logger, tmp_path: Path) -> None:
    logger.info("hello")
    line = _written(tmp_path)
    assert line.rstrip().endswith("INFO ibjournal.test [MainThread] hello")
    assert line[19] == "."
    assert line[23] == "Z"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_only_the_owner_reads_the_file(logger: logging.Logger, tmp_path: Path) -> None:
    logger.info("hello")
    assert stat.S_IMODE((tmp_path / "logs" / log.FILE_NAME).stat().st_mode) == 0o600


def test_a_guarded_logger_redacts_before_any_handler(caplog: pytest.LogCaptureFixture) -> None:
    log.guard("somebodys.library", "somebodys.library")
    library = logging.getLogger("somebodys.library")
    assert len(library.filters) == 1
    caplog.set_level(logging.DEBUG)
    library.debug("GET %s", f"/x?t={TOKEN}")
    try:
        int(f"x{TOKEN}")
    except ValueError:
        library.info("failed", exc_info=True, stack_info=True)
    library.info("%d", "not a number U1234567")
    assert TOKEN not in caplog.text
    assert caplog.messages == ["GET /x?t=[token]", "failed", "%d ('not a number U…',)"]
    assert all(TOKEN not in repr(record.__dict__) for record in caplog.records)
