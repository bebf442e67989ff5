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
        ("12345678901234567 1234567890123456789012345678901", "12345678901234567 1234567890123456789012345678901"),
        ("1234567890123456789 123456789012345678901234567", "[token] [token]"),
        ("pasted 161803 398874 989484 820458 here", "pasted [token] here"),
        ("1618-0339-8874-9894-8482-0458", "[token]"),
        ("161803398874\u00a0989484820458", "[token]"),
        ("token=abc-def q=7", "token=[token] q=7"),
        ("2026-11-21 06:54:21.123Z 2026-01-01", "2026-11-21 06:54:21.123Z 2026-01-01"),
        ("days 2026-01-01 2026-11-21 2025-01-01", "days 2026-01-01 2026-11-21 2025-01-01"),
        ("F1234567, DF1234567, I1234567", "F…, DF…, I…"),
        ("report_U1234567_2026.xml and u1234567", "report_U…_2026.xml and u…"),
        ("IU1234567 stays, F16 too, sha f1234567ab", "IU1234567 stays, F16 too, sha f1234567ab"),
        ("value 3.14159265358979323846264338", "value 3.14159265358979323846264338"),
        ("account U1234567 and DU7654321, U1234567F", "account U… and DU…, U…"),
        ("conid 265598, order 123456789", "conid 265598, order 123456789"),
        ("U2 and USD", "U2 and USD"),
    ],
)
def test_what_is_taken_out(said: str, written: str) -> None:
    assert log.redact(said) == written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("net 1,234.56 and -0.5.", "net [amount] and [amount]."),
        ("1.234,56 EUR, 5000 USD, USD 12, €3", "[amount], [amount], [amount], [amount]"),
        ("1'234'567.89", "[amount]"),
        ("1.5e-7", "[amount]"),
        ("Python 3.11.2, Qt 6.11.3 on 127.0.0.1", "Python 3.11.2, Qt 6.11.3 on 127.0.0.1"),
        ("2026-11-21T06:54:21.123Z INFO line 12", "2026-11-21T06:54:21.123Z INFO line 12"),
        (f"{TOKEN} of U1234567", "[token] of U…"),
    ],
)
def test_what_others_may_read_holds_no_amounts(said: str, written: str) -> None:
    assert log.redact_all(said) == written


def test_the_home_is_not_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert log.redact_all(f"in {tmp_path}/data") == "in ~/data"


def test_the_end_of_the_log(tmp_path: Path) -> None:
    assert log.tail(tmp_path, 3) == []
    (tmp_path / f"{log.FILE_NAME}.1").write_text("1\n2\n", encoding="utf-8")
    (tmp_path / log.FILE_NAME).write_text("3\n4\n", encoding="utf-8")
    assert log.tail(tmp_path, 3) == ["2", "3", "4"]
    assert log.tail(tmp_path, 1) == ["4"]
    assert log.tail(tmp_path, 9) == ["1", "2", "3", "4"]


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
