"""The architecture is a test: who may import whom, how large a module may grow, what the core may not contain."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ibjournal"
LONGEST_MODULE = 450
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS: dict[str, dict[str, Any]] = {contract["id"]: contract for contract in CONFIGURATION["tool"]["importlinter"]["contracts"]}

# One forbidden import for every promise of a contract: contract, module that breaks it, line that breaks it.
VIOLATIONS = [
    ("layers", "domain/money.py", "import ibjournal.store"),
    ("layers", "domain/money.py", "from ibjournal.services import sync"),
    ("layers", "flex/client.py", "from ibjournal import store"),
    ("layers", "flex/client.py", "import ibjournal.services.sync"),
    ("layers", "store/database.py", "import ibjournal.analytics"),
    ("layers", "analytics/returns.py", "import ibjournal.flex"),
    ("layers", "services/sync.py", "import ibjournal.charts"),
    ("layers", "services/sync.py", "import ibjournal.demo"),
    ("layers", "services/sync.py", "import ibjournal.gui"),
    ("layers", "charts/equity.py", "import ibjournal.services"),
    ("layers", "bootstrap.py", "import ibjournal.gui"),
    ("layers", "gui/app.py", "import ibjournal.cli"),
    ("layers", "stray.py", ""),  # a module at the top that is in no layer
    ("demo", "demo/broker.py", "import ibjournal.domain"),
    ("demo", "demo/broker.py", "from ibjournal.flex import client"),
    ("demo", "demo/broker.py", "import ibjournal.paths"),
    ("ground", "paths.py", "import ibjournal.domain"),
    ("ground", "assets.py", "import ibjournal.gui"),
    ("ground", "log.py", "import ibjournal.services"),
    ("forms", "gui/wizard/access.py", "import ibjournal.gui.depots.editor"),
    ("forms", "gui/depots/editor.py", "from ibjournal.gui.wizard import access"),
    ("qt", "services/sync.py", "from PySide6.QtCore import QObject"),
    ("qt", "cli.py", "import PySide6"),
    ("qt", "charts/equity.py", "import shiboken6"),
    ("matplotlib", "analytics/returns.py", "from matplotlib.axes import Axes"),
    ("sqlite3", "services/sync.py", "import sqlite3"),
    ("sqlite3", "domain/money.py", "def late() -> None:\n    import sqlite3"),
    ("keyring", "services/sync.py", "import keyring.errors"),
    ("keyring", "gui/app.py", "import keyring"),
    ("flex", "services/sync.py", "import requests"),
    ("flex", "demo/broker.py", "from lxml import etree"),
    ("flex", "store/database.py", "import urllib3"),
    ("appdirs", "bootstrap.py", "import appdirs"),
    ("lucide", "charts/equity.py", "import lucide"),
]


def lint_imports(folder: Path) -> tuple[int, str]:
    """Run import-linter with the project's contracts on the ``ibjournal`` that stands in ``folder``."""
    lint = (
        "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(config_filename=sys.argv[1], no_cache=True))"
    )
    result = subprocess.run(
        [sys.executable, "-c", lint, str(ROOT / "pyproject.toml")],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "300", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


def test_imports_keep_every_contract() -> None:
    status, report = lint_imports(ROOT)
    assert status == 0, report
    assert f"{len(CONTRACTS)} kept, 0 broken" in report


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a package of empty modules in our shape, which keeps every contract."""
    folder = tmp_path_factory.mktemp("skeleton")
    modules = {module for _, module, _ in VIOLATIONS if module != "stray.py"} | {"__main__.py", "services/credentials.py"}
    for module in sorted(modules):
        path = folder / "ibjournal" / module
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.touch()
    return folder


def test_the_skeleton_keeps_every_contract(skeleton: Path) -> None:
    status, report = lint_imports(skeleton)
    assert status == 0, report


@pytest.mark.parametrize(("contract", "module", "line"), VIOLATIONS)
def test_a_contract_can_fail(skeleton: Path, contract: str, module: str, line: str) -> None:
    path = skeleton / "ibjournal" / module
    path.write_text(line, encoding="utf-8")
    try:
        status, report = lint_imports(skeleton)
    finally:
        path.write_text("", encoding="utf-8") if module != "stray.py" else path.unlink()
    name = CONTRACTS[contract]["name"]
    assert status != 0, report
    broken = f"{name} BROKEN" in report or (module == "stray.py" and "stray" in report)
    assert broken, report


def test_every_contract_is_proved_able_to_fail() -> None:
    assert {contract for contract, _, _ in VIOLATIONS} == set(CONTRACTS)


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> set[str]:
    """Return the names of all modules that a file imports, late imports as well."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def test_no_module_outgrows_one_idea() -> None:
    long = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert not {name: lines for name, lines in long.items() if lines > LONGEST_MODULE}


@pytest.mark.parametrize("word", ["utils", "util", "misc", "helpers", "helper", "manager", "common"])
def test_no_module_has_a_name_that_says_nothing(word: str) -> None:
    assert not [name_of(path) for path in modules() if word in path.stem.split("_") or word in path.parent.name.split("_")]


def test_every_module_says_what_it_is_for() -> None:
    assert not [name_of(path) for path in modules() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]


def test_every_module_postpones_annotations() -> None:
    future = "from __future__ import annotations"
    assert not [
        name_of(path) for path in modules() if path.name != "__init__.py" and future not in path.read_text(encoding="utf-8")
    ]


def floats(path: Path) -> list[int]:
    """Return the lines of a file that make a float."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
    ]


def test_the_domain_has_no_floats() -> None:
    assert not {name_of(path): floats(path) for path in (PACKAGE / "domain").rglob("*.py") if floats(path)}


def test_floats_are_found(tmp_path: Path) -> None:
    (tmp_path / "money.py").write_text("cents = 0.01\nwhole = 1\nprice = float('2')\n")
    assert floats(tmp_path / "money.py") == [1, 3]


def test_only_the_command_line_prints() -> None:
    printing = [
        name_of(path)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not [name for name in printing if not name.startswith("ibjournal/cli")]


def test_tests_below_the_window_never_load_qt() -> None:
    unit = sorted((ROOT / "tests" / "unit").rglob("*.py"))
    assert not [name_of(path) for path in unit if any(name.split(".")[0] in {"PySide6", "shiboken6"} for name in imported(path))]
    assert not [name_of(path) for path in unit if re.search(r"\bq(tbot|app)\b", path.read_text(encoding="utf-8"))]


def test_no_test_waits_by_the_clock() -> None:
    waiting = re.compile(r"\btime\.sleep\(|\bqtbot\.wait\(")
    files = [path for path in sorted((ROOT / "tests").rglob("*.py")) if path != Path(__file__)]
    assert not [name_of(path) for path in files if waiting.search(path.read_text(encoding="utf-8"))]


def test_every_migration_has_a_test() -> None:
    """Each test that makes a journal runs the first; a later one needs a database of the version before, and its test."""
    migrations = sorted((PACKAGE / "store" / "migrations").glob("[0-9]*.sql"))
    numbers = [int(path.name[:4]) for path in migrations]
    assert numbers == list(range(1, len(numbers) + 1)), "migrations are numbered without gaps"
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "unit" / "store").glob("test_*.py"))
    for number in numbers[1:]:
        before = f"v{number - 1:04d}"
        assert list((ROOT / "tests" / "data" / "databases").glob(f"{before}.*")), f"no tests/data/databases/{before}.db"
        assert before in tests, f"no test in tests/unit/store migrates {before}"
