"""Changes ibjournal/domain in small ways, one at a time, and tells which changes no test notices.

Each that stays alive is either killed by a better test, or stands in tests/mutants.toml with the reason why it makes no difference:
one by one (`alive`), or a change that makes none wherever it is made (`everywhere`: a pattern and what becomes of it).
The run works on a copy in build/mutants and remembers what it found, so that a second run looks only at functions that changed.

Given a module of another layer, such as ``ibjournal/services/fetch_plan.py``, it changes that one alone, and runs the unit tests
whose names begin with its own: a module's tests are to notice what happens to it, and not only those of whoever uses it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPY = ROOT / "build" / "mutants"
EXPLAINED = ROOT / "tests" / "mutants.toml"
PARTS = ("ibjournal", "tests", "resources", "pyproject.toml")
NEVER_RUN = {5, 33}
"""Exit statuses of a mutant that no test reaches."""
SURVIVED = 0


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """A change: in which function, which line it was, which it became."""

    function: str
    was: str
    becomes: str


def copy_of(module: Path | None) -> Path:
    """Return the folder that a run works in; one on a single module has its own."""
    return COPY if module is None else COPY / "-".join(module.with_suffix("").parts)


def tests_of(module: Path) -> list[str]:
    """Return the unit tests of a module (a path below the root): ``test_`` and its name, or those with more behind it."""
    folder = ROOT / "tests" / "unit" / module.parent.relative_to("ibjournal")
    found = [*folder.glob(f"test_{module.stem}.py"), *folder.glob(f"test_{module.stem}_*.py")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def narrowed(configuration: str, module: Path, tests: list[str]) -> str:
    """Return pyproject.toml with the tool's section for one module."""
    before, _heading, _rest = configuration.partition("[tool.mutmut]")
    lines = (
        "[tool.mutmut]",
        'source_paths = ["ibjournal"]',
        f"only_mutate = {json.dumps([module.as_posix()])}",
        'also_copy = ["ibjournal", "tests", "resources", "pyproject.toml"]',
        f"pytest_add_cli_args_test_selection = {json.dumps(tests)}",
        "",
    )
    return before + "\n".join(lines)


def copy_sources(copy: Path) -> None:
    """Bring the copy up to date; what the tool remembers beside it stays."""
    copy.mkdir(parents=True, exist_ok=True)
    for name in PARTS:
        source, target = ROOT / name, copy / name
        if target.is_dir():
            shutil.rmtree(target)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)


def environment() -> dict[str, str]:
    """Return the environment of the tests: properties look at the same examples each time."""
    return os.environ | {"IBJOURNAL_HYPOTHESIS": "mutants"}


def tool(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the mutation tool on the copy."""
    return subprocess.run([sys.executable, "-m", "mutmut", *arguments], cwd=copy, capture_output=True, text=True, check=False)


def results(copy: Path) -> dict[str, int | None]:
    """Return each mutant's name with the exit status of the tests."""
    found: dict[str, int | None] = {}
    for file in sorted((copy / "mutants" / "ibjournal").rglob("*.meta")):
        found.update(json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"])
    return found


def described(copy: Path, name: str) -> Mutant:
    """Return what a mutant changed."""
    function = re.sub(r"__mutmut_\d+$", "", name).replace("ǁ", ".").replace(".x_", ".").replace(".x.", ".")
    lines = tool(copy, "show", name).stdout.splitlines()
    was = [line[1:].strip() for line in lines if line.startswith("-") and not line.startswith("---")]
    becomes = [line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++")]
    return Mutant(function.removeprefix("ibjournal."), " ".join(was), " ".join(becomes))


def explained(alive: set[Mutant]) -> set[Mutant]:
    """Return the mutants that may stay alive: those named one by one, and those of ``alive`` that are changes of a kind."""
    if not EXPLAINED.exists():
        return set()
    told = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    named = {Mutant(row["function"], row["was"], row["becomes"]) for row in told.get("alive", ())}
    kinds = [(re.compile(row["was"]), row["becomes"]) for row in told.get("everywhere", ())]
    return named | {mutant for mutant in alive if any(is_of_kind(mutant, *kind) for kind in kinds)}


def is_of_kind(mutant: Mutant, pattern: re.Pattern[str], becomes: str) -> bool:
    """Tell whether a mutant replaced one occurrence of a pattern."""
    return any(
        mutant.was[: found.start()] + found.expand(becomes) + mutant.was[found.end() :] == mutant.becomes
        for found in pattern.finditer(mutant.was)
    )


def main() -> int:
    """Run; the exit status is 1 when a mutant is alive that nobody has explained.

    The first argument may be the path of one module; the others name the mutants to look at, whatever was found before, with
    ``*`` for anything: ``"ibjournal.domain.fifo*"``.
    """
    names = sys.argv[1:]
    module = Path(names.pop(0)) if names and names[0].endswith(".py") else None
    copy = copy_of(module)
    copy_sources(copy)
    if module is not None:
        configuration = copy / "pyproject.toml"
        configuration.write_text(narrowed(configuration.read_text(encoding="utf-8"), module, tests_of(module)), encoding="utf-8")
    run = subprocess.run([sys.executable, "-m", "mutmut", "run", *names], cwd=copy, env=environment(), check=False)
    statuses = {name: status for name, status in results(copy).items() if status is not None}
    if run.returncode or not statuses:
        print("the mutation run did not come to its end", file=sys.stderr)
        return 2
    alive = {described(copy, name) for name, status in statuses.items() if status == SURVIVED or status in NEVER_RUN}
    known = explained(alive)
    open_ = sorted(alive - known)
    for mutant in open_:
        print(f"\n{mutant.function}\n  - {mutant.was}\n  + {mutant.becomes}")
    for mutant in [] if sys.argv[1:] else sorted(each for each in known - alive if each.function.startswith("domain.")):
        print(f"\n{mutant.function}: explained, but no longer alive\n  + {mutant.becomes}")
    killed = len(statuses) - sum(1 for status in statuses.values() if status == SURVIVED or status in NEVER_RUN)
    print(f"\n{len(statuses)} mutants: {killed} killed, {len(alive & known)} explained, {len(open_)} alive and not explained")
    return 1 if open_ else 0


if __name__ == "__main__":
    sys.exit(main())
