"""What tests/mutants.toml explains can be read, and a kind of change is only that change."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "packaging"))
import mutants


def test_every_explanation_is_whole() -> None:
    told = tomllib.loads(mutants.EXPLAINED.read_text(encoding="utf-8"))
    assert set(told) <= {"alive", "everywhere"}
    for row in told.get("alive", ()):
        assert set(row) == {"function", "was", "becomes", "why"}
        assert row["why"].endswith(".")
        layer, module, *_rest = row["function"].split(".")
        assert (mutants.ROOT / "ibjournal" / layer / f"{module}.py").exists()
    for row in told["everywhere"]:
        assert set(row) == {"was", "becomes", "why"}
        re.compile(row["was"])
    assert mutants.explained(set()) <= {
        mutants.Mutant(row["function"], row["was"], row["becomes"]) for row in told.get("alive", ())
    }


def test_a_kind_of_change_is_one_occurrence_of_its_pattern() -> None:
    kind = re.compile(r"\* (direction)\b"), r"/ \1"
    twice = "a * direction + b * direction"
    assert mutants.is_of_kind(mutants.Mutant("f", twice, "a / direction + b * direction"), *kind)
    assert mutants.is_of_kind(mutants.Mutant("f", twice, "a * direction + b / direction"), *kind)
    assert not mutants.is_of_kind(mutants.Mutant("f", twice, "a / direction + b / direction"), *kind)
    assert not mutants.is_of_kind(mutants.Mutant("f", twice, "a - direction + b * direction"), *kind)


def test_a_module_is_proved_by_its_own_tests() -> None:
    assert mutants.tests_of(Path("ibjournal/flex/pacing.py")) == [
        "tests/unit/flex/test_pacing.py",
        "tests/unit/flex/test_pacing_state.py",
    ]
    assert mutants.copy_of(Path("ibjournal/flex/pacing.py")) == mutants.COPY / "ibjournal-flex-pacing"
    assert mutants.copy_of(None) == mutants.COPY


def test_a_run_on_one_module_changes_that_one_and_keeps_all_else() -> None:
    whole = (mutants.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    module = Path("ibjournal/services/fetch_plan.py")
    narrowed = tomllib.loads(mutants.narrowed(whole, module, ["tests/unit/services/test_fetch_plan.py"]))["tool"]
    assert narrowed["mutmut"]["only_mutate"] == [module.as_posix()]
    assert narrowed["mutmut"]["pytest_add_cli_args_test_selection"] == ["tests/unit/services/test_fetch_plan.py"]
    assert narrowed["mutmut"]["also_copy"] == tomllib.loads(whole)["tool"]["mutmut"]["also_copy"]
    assert narrowed["pytest"] == tomllib.loads(whole)["tool"]["pytest"]
