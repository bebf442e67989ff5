from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ibjournal.paths import Paths


def test_everything_is_kept_below_the_data_folder(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "journal")
    kept = (paths.database, paths.archive, paths.backups, paths.logs, paths.preferences, paths.lock)
    assert all(path.is_relative_to(paths.data) for path in kept)
    assert len(set(kept)) == len(kept)


def test_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "a" / "b")
    paths.create()
    for folder in (paths.data, paths.archive, paths.backups, paths.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_create_twice_changes_nothing_and_keeps_chosen_permissions(tmp_path: Path) -> None:
    chosen = tmp_path / "shared"
    chosen.mkdir()
    chosen.chmod(0o750)
    paths = Paths(chosen)
    paths.create()
    (paths.archive / "report.xml").write_text("x")
    paths.create()
    assert stat.S_IMODE(chosen.stat().st_mode) == 0o750
    assert (paths.archive / "report.xml").read_text() == "x"


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(OSError, match="data"):
        Paths(tmp_path / "data").create()


def test_data_dir_wins_over_the_systems_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Paths.at(Path("here")).data == tmp_path / "here"
    assert Paths.at(None) == Paths.of_user()


def test_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Paths.at(Path("~/journal")).data == tmp_path / "journal"


def test_the_demo_never_lives_in_the_users_folder() -> None:
    user, demo = Paths.of_user().data, Paths.of_demo().data
    assert not demo.is_relative_to(user)
    assert not user.is_relative_to(demo)


def test_the_systems_place_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Paths.of_user().data == tmp_path / "ibjournal"
