from __future__ import annotations

import errno
import logging
import logging.handlers
import stat
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibjournal import log

TOKEN = "161803398874989484820458"


@pytest.fixture(autouse=True)
def _no_secrets_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_secrets", {})


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


@pytest.mark.parametrize(
    "said",
    [
        f"{TOKEN[:9]}\n{TOKEN[9:]}",
        repr(f"{TOKEN[:9]}\r\n{TOKEN[9:]}")[1:-1],
        "%0A".join((TOKEN[:5], TOKEN[5:])),
        "&nbsp;".join((TOKEN[:5], TOKEN[5:])),
        "; ".join(TOKEN),
        "\0".join(TOKEN),
        TOKEN[:12],
        TOKEN[-12:],
    ],
)
def test_a_text_that_was_named_is_taken_out_in_pieces_and_by_halves(said: str) -> None:
    log.hide(TOKEN)
    assert log.redact(f"<{said}>") == "<[token]>"
    assert log.redact(f"<{TOKEN[:11]}>") == f"<{TOKEN[:11]}>"


def test_a_record_whose_arguments_do_not_fit_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handler = log.start_logging(tmp_path / "logs")
    try:
        handler.handle(logging.LogRecord("x", logging.INFO, "x.py", 1, "asked %d for %s", (f"t={TOKEN}",), None))
    finally:
        log.stop_logging(handler)
    assert "asked %d for %s" in _written(tmp_path)
    assert TOKEN not in _written(tmp_path)
    assert capsys.readouterr().err == ""


def test_a_log_that_cannot_be_written_is_not_written_elsewhere(
    logger: logging.Logger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (handler,) = [each for each in logging.getLogger().handlers if isinstance(each, logging.handlers.RotatingFileHandler)]
    monkeypatch.setattr(handler, "shouldRollover", full)
    logger.info("asked with %s", TOKEN)
    assert capsys.readouterr().err == ""


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


# --- what others may read ------------------------------------------------------------------------------------------

PERSON = "Jürgen Müller"
SECRETS = (TOKEN, "U1234567", "DU7654321", "98765", "1234.56", "1.234,56", "jürgen", "Jürgen", "Müller", "Income", "Anna", "Stick")


@pytest.mark.parametrize(
    "said",
    [
        f"https://ndcdyn.interactivebrokers.com/x/SendRequest?t={TOKEN}&q=98765&v=3",
        f"HTTPSConnectionPool(host='h'): Max retries exceeded with url: /SendRequest?q=98765&t={TOKEN}&v=3",
        "/home/jürgen/.local/share/ibjournal/journal.db",
        "/home/jürgen",
        "/Users/Jürgen/Library/Application Support/ibjournal",
        r"C:\Users\Jürgen Müller\AppData\Local\ibjournal\journal.db",
        repr(r"C:\Users\Jürgen Müller\AppData\Local\ibjournal"),
        "C:/Users/Jürgen Müller/AppData",
        r"D:\Documents and Settings\Jürgen\x",
        r"\\JürgenNAS\Müller\ibjournal",
        "/media/jürgen/Stick/ibjournal/journal.db",
        "/run/media/jürgen/Stick/journal.db",
        "/Volumes/Stick/journal.db",
        "file:///home/j%C3%BCrgen/x of Jürgen Müller",
        "mail to jürgen.Müller@example.com",
        "depot Income, INCOME and income's, of Anna",
        unicodedata.normalize("NFD", f"a report of {PERSON}"),
        "report_U1234567_2026.xml, DU7654321F",
        "net 1234.56 and 1.234,56 EUR, USD 98765, 98765 EUR",
    ],
)
def test_others_read_no_names_paths_queries_or_addresses(said: str) -> None:
    names = [(PERSON, "[name]"), ("Income", "depot 1"), ("Anna", "depot 2")]
    told = log.redact_all(said, names)
    assert [secret for secret in SECRETS if secret.casefold() in unicodedata.normalize("NFC", told).casefold()] == [], told
    assert "%C3%BC" not in told


@pytest.mark.parametrize(
    "error",
    [
        KeyError("Income"),
        ValueError("cannot read 'Jürgen Müller' of U1234567, can't be 98765"),
        ValueError('the row "1.234,56" of \u201eIncome\u201c'),
        ValueError("quantity 98765 is\nJürgen Müller\nof Income"),
        FileNotFoundError(2, "No such file or directory", "/media/jürgen/Stick/Income/U1234567.xml"),
        PermissionError(13, "Permission denied", r"C:\Users\Jürgen Müller\x.db"),
        RuntimeError(f"https://h/x?t={TOKEN}&q=98765"),
        LookupError(["Income", "U1234567", "98765"]),
        ExceptionGroup("two of 'Anna'", [ValueError("'Income' has 98765"), KeyError("Anna")]),
    ],
)
def test_an_exception_tells_others_which_code_and_no_data(error: Exception) -> None:
    def work() -> None:
        raise error

    with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever
        work()
    outer = RuntimeError("while 'Income' was read")
    outer.__cause__ = caught.value
    told = log.traceback_for_others(outer, [(PERSON, "[name]"), ("Income", "depot 1"), ("Anna", "depot 2")])
    assert [secret for secret in SECRETS if secret in told] == [], told
    assert type(error).__name__ in told
    assert "in work" in told
    assert "which came of:" in told
    assert str(Path(__file__).parent) not in told, "where the program lies is nobody's business"


def test_what_python_says_of_code_is_kept() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = None.nothing_there  # type: ignore[attr-defined]
    assert "'NoneType' object has no attribute 'nothing_there'" in log.traceback_for_others(caught.value)


def test_an_exception_that_cannot_tell_what_it_is() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert "MuteError" in log.traceback_for_others(MuteError())


def test_tracebacks_in_the_log_tell_others_no_data(logger: logging.Logger, tmp_path: Path) -> None:
    logger.info("before")
    message = f"'Income' of {PERSON}\n98765 shares\n  of U1234567"
    try:
        raise ValueError(message)  # noqa: TRY301 - to be logged
    except ValueError:
        logger.info("bug", exc_info=True)
    logger.info("after, 12 rows in 3.2 s")
    told = log.log_for_others(log.tail(tmp_path / "logs", 50), [(PERSON, "[name]"), ("Income", "depot 1")])
    text = "\n".join(told)
    assert [secret for secret in SECRETS if secret in text] == [], text
    assert "ValueError: " in text
    assert "in test_tracebacks_in_the_log" in text
    assert told[0].endswith("before")
    assert "after, 12 rows" in told[-1]
