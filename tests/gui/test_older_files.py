"""Files for the wizard's depot: what is dropped while others are being taken in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ibjournal.domain.errors import StoreError
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.wizard.older_files import OlderFiles
from ibjournal.gui.wizard.state import Feed, WizardState
from ibjournal.services.importing import ImportedFile
from tests.fakes.screen_services import HeldExecutor
from tests.gui.conftest import FakeServices


@pytest.mark.usefixtures("look")
@pytest.mark.parametrize("fails", [False, True])
def test_files_that_were_taken_in_already_do_not_hide_that_others_are_on_their_way(
    qtbot: QtBot, services: FakeServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    """The first ones end in the very moment in which the second ones are dropped; those can still be stopped."""
    held = HeldExecutor()
    tasks = TaskRunner(held)
    state = WizardState(feed=Feed.FILES)
    page = OlderFiles(state, services.bundle, tasks)
    qtbot.addWidget(page)
    page.show()
    services.importing.result = (ImportedFile(file="a.xml", new=7, from_date=date(2019, 1, 2), to_date=date(2019, 12, 31)),)
    with monkeypatch.context() as patched:
        if fails:

            def refuse(*_files: object, **_more: object) -> None:
                raise StoreError("disk_full")

            patched.setattr(services.importing, "import_paths", refuse)
        page.take([tmp_path / "a.xml"])
        held.run()  # it has come, and nobody has been told yet
    page.take([tmp_path / "b.xml"])
    qtbot.waitUntil(lambda: len(tasks._callers) == 1)
    assert page.stop.isVisible()
    assert page.line.text() == "Taking the files in…"
    services.importing.result = (ImportedFile(file="b.xml", new=5, from_date=date(2020, 1, 2), to_date=date(2020, 12, 31)),)
    held.run()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert not page.stop.isVisible()
    assert page.line.text().startswith("1 report · 5 new fills" if fails else "2 reports · 12 new fills")
    tasks.shutdown()
