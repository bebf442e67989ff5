"""Finds ``resources/`` in a checkout, in an installed wheel and in a frozen build."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def find_resources(package: Path) -> Path:
    """Return the resources that belong to the package folder ``package``.

    A wheel and a frozen build carry them inside the package, a checkout beside it.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for folder in (package / "resources", package.parent / "resources"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(str(package / "resources"))


@cache
def resources() -> Path:
    """Return the folder of icons, translations, styles, fonts and help (FileNotFoundError when it is missing)."""
    return find_resources(_PACKAGE)


def asset(*parts: str) -> Path:
    """Return the path of one resource, such as ``asset("icons", "ibjournal.svg")``; it need not exist."""
    return resources().joinpath(*parts)


def in_checkout() -> bool:
    """Whether the program runs from its source tree, where things may be built on the spot."""
    return resources().parent != _PACKAGE
