"""What the tests of faults share: the world outside, a journal's undisturbed state, languages put back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.way_desk import World, code_of, world


@pytest.fixture
def languages(qapp: object) -> Iterator[None]:
    """Put the language back."""
    from PySide6.QtCore import QLocale  # noqa: PLC0415 - few tests here speak

    from ibjournal.gui import i18n  # noqa: PLC0415

    locale = QLocale()
    yield
    i18n.uninstall()
    QLocale.setDefault(locale)


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return IBKR's service, the name lookup and whoever is not IBKR, all on this computer."""
    with world(tmp_path, monkeypatch) as outside:
        yield outside


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return what a journal holds after a sync that nothing disturbed."""
    with pytest.MonkeyPatch.context() as patch, world(tmp_path_factory.mktemp("undisturbed"), patch) as calm:
        desk = calm.desk()
        assert code_of(desk.sync()) == ""
        assert (desk.calls(), desk.archived()) == ("SGSG", ["AF", "TCF"])
        return desk.state()
