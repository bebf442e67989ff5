from __future__ import annotations

from pathlib import Path

import pytest

from ibjournal import assets


def test_a_checkout_has_its_resources_beside_the_package(tmp_path: Path) -> None:
    package = tmp_path / "ibjournal"
    package.mkdir()
    (tmp_path / "resources").mkdir()
    assert assets.find_resources(package) == tmp_path / "resources"


def test_an_installed_package_uses_its_own_resources_first(tmp_path: Path) -> None:
    package = tmp_path / "ibjournal"
    (package / "resources").mkdir(parents=True)
    (tmp_path / "resources").mkdir()
    assert assets.find_resources(package) == package / "resources"


def test_an_incomplete_installation_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="resources"):
        assets.find_resources(tmp_path / "ibjournal")


def test_this_tree_is_a_checkout() -> None:
    assert assets.in_checkout()
    assert assets.resources().name == "resources"
    assert assets.asset("icons", "nothing.svg") == assets.resources() / "icons" / "nothing.svg"
