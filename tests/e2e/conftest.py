"""What the tests of faults share: the world outside, a journal's undisturbed state, languages put back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibjournal import log
from tests.fakes import token_watch
from tests.fakes.token_watch import Watch, watching
from tests.fakes.way_desk import World, code_of, world


@pytest.fixture(autouse=True)
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Search for tokens once a test has ended, whatever it was about: no test here can forget to."""
    hide = log.hide

    def hear(secret: str) -> None:
        hide(secret)
        token_watch.current().know(secret)

    monkeypatch.setattr(log, "hide", hear)  # each token that is handled within the test's own process
    monkeypatch.setattr(tempfile, "tempdir", str(token_watch.temporary()))
    with watching(tmp_path) as watch:
        yield watch


@pytest.fixture(autouse=True, scope="session")
def _watched_folders() -> Iterator[None]:
    """Remove what the processes of the session shared."""
    yield
    token_watch.forget()


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
