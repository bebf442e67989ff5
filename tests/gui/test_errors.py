"""Every code that the core can raise has words; the words hold no secret and leave no placeholder."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ibjournal.domain import errors as families
from ibjournal.domain.errors import CredentialError, FlexError, JournalError, ReportError, StoreError, UsageError
from ibjournal.flex.errors import ALL_CODES
from ibjournal.gui import error_texts, flex_error_texts
from ibjournal.gui.errors import Button, describe, describe_code, describe_warning

ROOT = Path(__file__).resolve().parents[2]
TABLES = {
    "FlexError": flex_error_texts.FLEX,
    "ReportError": error_texts.REPORT,
    "StoreError": error_texts.STORE,
    "CredentialError": error_texts.CREDENTIAL,
    "UsageError": error_texts.USAGE,
}


def raised_codes() -> set[tuple[str, str]]:
    """Return family and code of every error that the sources name."""
    found = set()
    for file in (ROOT / "ibjournal").rglob("*.py"):
        if "gui" not in file.parts:
            text = file.read_text(encoding="utf-8")
            found |= set(re.findall(r"\b(FlexError|ReportError|StoreError|CredentialError|UsageError)\(\s*\"([a-z_0-9]+)\"", text))
    return found


def documented_codes() -> set[tuple[str, str]]:
    """Return the codes that the families' own words list."""
    kinds = (ReportError, StoreError, CredentialError)
    return {(kind.__name__, code) for kind in kinds for code in re.findall(r"``([a-z_]+)``", kind.__doc__ or "")}


KNOWN = raised_codes() | documented_codes() | {("FlexError", code) for code in ALL_CODES}


@pytest.mark.parametrize(("family", "code"), sorted(KNOWN))
def test_every_code_has_an_entry(family: str, code: str) -> None:
    assert code in TABLES[family]


def warning_codes() -> set[str]:
    """Return the codes of the warnings that the sources name."""
    found: set[str] = set()
    for file in (ROOT / "ibjournal").rglob("*.py"):
        if "gui" not in file.parts and "demo" not in file.parts:
            text = file.read_text(encoding="utf-8")
            found |= set(re.findall(r"(?:ReportWarning\(|MatchingProblem\()\s*(?:code=)?\"([a-z_0-9]+)\"", text))
            found |= set(re.findall(r"\.(?:note|_problem)\(\"([a-z_0-9]+)\"", text))
    return found


@pytest.mark.parametrize("code", sorted(warning_codes()))
def test_every_warning_has_a_sentence(code: str) -> None:
    assert code in error_texts.WARNINGS


@pytest.mark.parametrize("family", sorted(TABLES))
def test_words_are_complete_whatever_the_values(family: str) -> None:
    kind = getattr(families, family)
    for code, words in TABLES[family].items():
        text = describe(kind(code))
        assert text.code == code
        assert text.title.endswith(".")
        assert text.explanation
        assert "{" not in text.sentence
        assert Button(words.button) is text.button
        assert bool(text.button_text) == bool(text.button)


def test_values_of_the_error_are_filled_in_and_win_over_those_of_the_place() -> None:
    text = describe(FlexError("query_invalid", query="1184203"), query="other", depot="Income")
    assert "1184203" in text.explanation
    assert "Income" in text.explanation
    assert "other" not in text.explanation


def test_a_file_is_named_without_its_folder() -> None:
    assert describe(ReportError("not_xml", file="/home/somebody/reports/a.pdf")).explanation == "a.pdf is not an XML file."


def test_braces_from_outside_do_no_harm() -> None:
    assert "{0} {depot}" in describe(FlexError("unknown_code", number=4711, text="{0} {depot}")).explanation


def test_a_moment_is_shown_in_local_time() -> None:
    error = FlexError("too_many_failures", failures=8, retry_at=datetime(2026, 11, 19, 15, 5, tzinfo=UTC))
    assert "16:05" in describe(error).action  # the tests live in Berlin


def test_an_unknown_code_is_named() -> None:
    assert "brand_new" in describe(JournalError("brand_new")).explanation
    assert describe_warning("brand_new") == "Note: brand_new"


def test_the_same_code_of_two_families_keeps_its_own_words() -> None:
    assert describe(ReportError("other_account", accounts="U1", depot="Income")).button is Button.EDIT_DEPOT
    assert "U1" in describe_warning("accounts_of_other_depot", (("accounts", "U1"),))
    assert describe(StoreError("disk_full", file="x")).title != describe(UsageError("name_taken", name="x")).title
    assert describe(CredentialError("keyring_locked")).button is Button.TRY_AGAIN


def test_every_fact_in_a_sentence_is_given_where_the_error_is_raised() -> None:
    given_later = {"file", "depot", "query"}  # by whoever knows them
    holes: list[str] = []
    raised = 0
    for path in (ROOT / "ibjournal").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            table = TABLES.get(node.func.id)
            code = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
            if table is None or code not in table or any(each.arg is None for each in node.keywords):
                continue
            raised += 1
            wanted = set(re.findall(r"\{(\w+)\}", " ".join(table[code])))
            lacking = wanted - {each.arg for each in node.keywords} - given_later
            holes += [f"{path.name}:{node.lineno} {code} {name}" for name in sorted(lacking)]
    assert raised > 100
    assert holes == []


def test_a_logged_error_reads_like_the_live_one() -> None:
    values = {"status": 503}
    assert describe_code("service_down", values) == describe(FlexError("service_down", **values))


def test_the_command_line_can_use_the_words_without_widgets() -> None:
    code = (
        "import sys; from ibjournal.gui.errors import describe; from ibjournal.domain.errors import FlexError;"
        "print(describe(FlexError('token_expired'), depot='Income').sentence);"
        "print(sorted(m for m in sys.modules if m in ('PySide6.QtWidgets', 'PySide6.QtGui')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    said, modules = done.stdout.strip().splitlines()
    assert said.startswith("The token has expired. IBKR no longer accepts the token of Income")
    assert modules == "[]"


def test_a_moment_is_written_as_people_write_it_also_when_the_log_kept_it_as_text() -> None:
    at = datetime(2026, 11, 22, 21, 5, 4, 81900, tzinfo=UTC)
    told = describe(FlexError("too_many_failures", failures=5, retry_at=at)).action
    logged = describe_code("too_many_failures", {"failures": 5, "retry_at": str(at)}).action
    assert told == logged
    assert "22 Nov 22:05" in told
    assert "2026-11-22" not in describe_code("too_many_failures", {"retry_at": at.isoformat()}).action


def test_what_the_guard_held_back_says_when_it_goes_on(look: None) -> None:
    opens = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    held = describe(FlexError("query_invalid", query="1001", depot="Income", asked=False, failures=5, retry_at=opens))
    assert held.action.endswith("We do not ask IBKR again before 20 Nov 10:00, unless you enter something new here.")
    kept = describe_code("query_invalid", {"query": "1001", "depot": "Income", "asked": False, "retry_at": str(opens)})
    assert kept.action == held.action, "the log of runs says the same"
    refused = describe(FlexError("query_invalid", query="1001", depot="Income"))
    assert "before" not in refused.action
    stopped = describe(FlexError("too_many_failures", failures=5, asked=False, retry_at=opens))
    assert stopped.action.count("20 Nov 10:00") == 1
