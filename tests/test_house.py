"""The house itself: what is committed, what the two commands promise, what the packages state."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import ibjournal

ROOT = Path(__file__).resolve().parent.parent
APP_ID = "io.github.ibjournal.IBJournal"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

sys.path.insert(0, str(ROOT / "packaging"))
import system  # noqa: E402 - the script that runs before anything is installed


def committed() -> list[Path]:
    """Return the files that git keeps, those of a source archive where there is no git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        return [path for path in ROOT.rglob("*") if path.is_file() and not {".venv", "build", "dist"} & set(path.parts)]
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> Iterator[tuple[str, str]]:
    for path in committed():
        if path != Path(__file__).resolve():
            content = path.read_bytes()
            if b"\0" not in content:
                yield str(path.relative_to(ROOT)), content.decode("utf-8", "replace")


def lines_with(pattern: str) -> list[str]:
    found = re.compile(pattern)
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if found.search(line)
    ]


# --- what is committed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern",
    [
        r"pypi\.(org|python)|python[h]osted|registry\.npmjs|deb\.debian\.org|archive\.ubuntu|security\.(debian|ubuntu)",
        r"(?<![\w.$)}~-])/(work|farm|root)/",
        r"(?<![\w.$)}~-])/tmp/(?!\.X11)\w",
    ],
    ids=["package registries", "folders of one machine", "temporary folders"],
)
def test_nothing_of_one_machine_is_committed(pattern: str) -> None:
    assert not lines_with(pattern)


def test_nothing_is_left_unfinished() -> None:
    assert not [
        line for line in lines_with(r"\b(TODO|FIXME|XXX|NotImplementedError)\b") if line.startswith(("ibjournal/", "packaging/"))
    ]


def test_nothing_large_is_committed() -> None:
    assert not {path.name: path.stat().st_size for path in committed() if path.stat().st_size > 1_500_000}


def test_nothing_that_is_made_is_committed() -> None:
    assert not [path for path in committed() if path.suffix in {".qm", ".pyc", ".whl", ".deb"}]


# --- the two commands --------------------------------------------------------------------------------------------


def test_continuous_integration_runs_the_readmes_command() -> None:
    run = ROOT / ".ci" / "run"
    assert "make test" in run.read_text(encoding="utf-8")
    assert run.stat().st_mode & 0o111


def test_every_command_that_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "packaging/README.md"):
        named = set(
            re.findall(r"`?\bmake ([a-z][a-z-]*)(?=[`\s])", "\n".join(code_in((ROOT / document).read_text(encoding="utf-8"))))
        )
        assert named <= targets, document


def code_in(markdown: str) -> list[str]:
    """Return the code of a document: its blocks and what stands between backticks."""
    return re.findall(r"```.*?```|`[^`\n]+`", markdown, re.DOTALL)


def test_links_between_documents_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *ROOT.glob("packaging/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


# --- versions ----------------------------------------------------------------------------------------------------


def name_of(requirement: str) -> str:
    return re.split(r"[<>=!~;\[ ]", requirement)[0].lower().replace("_", "-")


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all("==" in line for line in pins)
    return {name_of(line): line.split("==")[1] for line in pins}


def test_every_dependency_is_pinned() -> None:
    wanted = PROJECT["dependencies"] + [name for extra in PROJECT["optional-dependencies"].values() for name in extra]
    assert {name_of(requirement) for requirement in wanted} <= set(pinned())


def test_the_constraints_name_no_index() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|^-|@", text, re.MULTILINE)


def test_qt_stays_below_the_release_that_aborts() -> None:
    """PySide6 6.12.0 drops a reference of None at each call that returns nothing (ARCHITECTURE.md, "Decisions")."""
    assert tuple(int(part) for part in pinned()["pyside6-essentials"].split(".")) < (6, 12)
    assert [requirement for requirement in PROJECT["dependencies"] if requirement.startswith("PySide6") and "<6.12" in requirement]


def test_the_version_is_the_same_everywhere() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## \[(\d[^\]]*)\] - (\d{4}-\d\d-\d\d)$", changelog, re.MULTILINE)
    metainfo = ET.parse(ROOT / "packaging" / "linux" / f"{APP_ID}.metainfo.xml").getroot()
    stated = [(release.get("version"), release.get("date")) for release in metainfo.iter("release")]
    assert stated == releases
    assert releases[0][0] == ibjournal.__version__


def test_the_desktop_is_told_in_german_too() -> None:
    entry = (ROOT / "packaging" / "linux" / f"{APP_ID}.desktop").read_text(encoding="utf-8")
    for key in ("GenericName", "Comment", "Keywords"):
        assert re.search(rf"^{key}=", entry, re.MULTILINE)
        assert re.search(rf"^{key}\[de\]=", entry, re.MULTILINE)


# --- what the system lacks ---------------------------------------------------------------------------------------


def need(sign: str, *packages: str, there: bool = False) -> system.Need:
    return system.Need(sign, lambda _sign: there, packages)


def test_only_what_is_missing_is_asked_for() -> None:
    assert [lacking.sign for lacking in system.missing([need("a", "liba", there=True), need("b", "libb")])] == ["b"]


@pytest.mark.parametrize(
    ("known", "chosen"),
    [({"new", "old"}, "new"), ({"old"}, "old"), (set[str](), "old")],
    ids=["a newer system", "an older system", "no list of packages"],
)
def test_the_name_that_the_system_knows_is_taken(known: set[str], chosen: str) -> None:
    assert system.choose([need("lib", "new", "old")], known.__contains__) == [chosen]


def test_a_package_that_brings_two_things_is_named_once() -> None:
    assert system.choose([need("a", "both"), need("b", "both")], lambda _package: True) == ["both"]


@pytest.fixture
def no_apt(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, system.Need], None]:
    """Return how to make a group lack something on a machine where nothing may be installed."""
    monkeypatch.setattr(system, "_apt", lambda: None)
    monkeypatch.setattr(system, "_known", lambda _package: True)

    def lack(group: str, lacking: system.Need) -> None:
        monkeypatch.setitem(system.GROUPS, group, (lacking,))
        if group == "run":
            monkeypatch.setattr(system, "RUN", (lacking,))

    return lack


def test_what_cannot_be_installed_is_named_in_one_line(
    no_apt: Callable[[str, system.Need], None], capsys: pytest.CaptureFixture[str]
) -> None:
    no_apt("run", need("libEGL.so.1", "libegl1"))
    assert system.main(["run"]) == 1
    assert "Please install: libegl1" in capsys.readouterr().err


def test_what_only_tests_need_stops_nothing(no_apt: Callable[[str, system.Need], None], capsys: pytest.CaptureFixture[str]) -> None:
    no_apt("test", need("Xvfb", "xvfb"))
    assert system.main(["test"]) == 0
    assert "xvfb" in capsys.readouterr().err


def test_a_complete_system_is_silent(no_apt: Callable[[str, system.Need], None], capsys: pytest.CaptureFixture[str]) -> None:
    no_apt("run", need("libEGL.so.1", "libegl1", there=True))
    assert system.main(["run"]) == 0
    assert capsys.readouterr() == ("", "")


def test_an_unknown_group_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert system.main(["everything"]) == 2
    assert "system.py run" in capsys.readouterr().err


def test_signs_are_read_off_the_machine() -> None:
    assert system.has_library("libc.so.6")
    assert not system.has_library("libnothing-of-that-name.so.9")
    assert system.has_command("sh")
    assert not system.has_command("nothing-of-that-name")
