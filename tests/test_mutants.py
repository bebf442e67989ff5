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
        module, _dot, _rest = row["function"].removeprefix("domain.").partition(".")
        assert (mutants.ROOT / "ibjournal" / "domain" / f"{module}.py").exists()
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
