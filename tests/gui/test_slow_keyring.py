"""A keyring that takes its time, real services and real threads: the window goes on, says what it waits for, and can be ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from ibjournal import bootstrap
from ibjournal.bootstrap import Services
from ibjournal.demo.flex_service import FlexService
from ibjournal.flex.client import QUICK
from ibjournal.flex.pacing import Limits
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.progress_texts import progress_text
from ibjournal.gui.settings.dialog import SettingsDialog
from ibjournal.gui.sync_control import SyncControl
from ibjournal.gui.tasks import TaskRunner
from ibjournal.paths import Paths
from ibjournal.services.credentials import SERVICE, KeyringCredentials, SessionFallback
from ibjournal.services.jobs import Progress
from ibjournal.store.database import Database
from ibjournal.store.depots import insert_depot
from tests.fakes.credentials import SlowKeyring
from tests.fakes.patience import FOREVER, SECONDS
from tests.unit.flex.flex_source import PLAIN_TOKEN, PlainSource, plain_depots

_TICK_MS = 10


class Ticks:
    """Counts how often the window's loop came round."""

    def __init__(self) -> None:
        self.number = 0
        self.timer = QTimer()
        self.timer.setInterval(_TICK_MS)
        self.timer.timeout.connect(self._tick)
        self.timer.start()

    def _tick(self) -> None:
        self.number += 1


@pytest.fixture
def ring() -> Iterator[SlowKeyring]:
    ring = SlowKeyring()
    yield ring
    ring.go.set()
    for thread in threading.enumerate():
        if thread.name == "ibjournal-keyring":
            thread.join(SECONDS)


@pytest.fixture
def flex() -> Iterator[FlexService]:
    with FlexService(PlainSource(), depots=plain_depots(), pacing=None) as flex:
        yield flex


@pytest.fixture
def services(ring: SlowKeyring, flex: FlexService, tmp_path: Path) -> Services:
    credentials = SessionFallback(KeyringCredentials("j", backend=ring, patience=FOREVER))
    paths = Paths(tmp_path / "data")
    services = bootstrap.build(
        paths, credentials=credentials, flex_url=flex.url, patience=QUICK, limits=Limits(spacing=0, per_minute=1000)
    )
    with Database(paths.database).transaction() as db:
        insert_depot(db, name="Plain", activity_query="1001", confirmation_query="1002")
    ring.kept[SERVICE, "j/1"] = PLAIN_TOKEN
    return services


@pytest.fixture
def tasks(services: Services, qtbot: QtBot, look: None) -> Iterator[TaskRunner]:
    runner = TaskRunner()
    yield runner
    services.tokens.let_go()
    runner.shutdown()


def test_the_window_goes_on_while_a_keyring_is_waited_for(
    services: Services, ring: SlowKeyring, tasks: TaskRunner, qtbot: QtBot
) -> None:
    control = SyncControl(services, tasks)
    ticks = Ticks()
    assert control.start()
    qtbot.waitUntil(lambda: ring.waiting == 1)
    before = ticks.number
    qtbot.waitUntil(lambda: ticks.number > before + 30)
    assert control.running
    assert ring.waiting == 1, "the loop comes round while the keyring is asked"
    control.cancel()
    qtbot.waitUntil(lambda: not control.running)
    assert ring.waiting == 1, "nobody waited for its answer"
    ticks.timer.stop()


def test_what_a_fetch_waits_for_is_told_and_a_cancel_ends_it(
    services: Services,
    ring: SlowKeyring,
    tasks: TaskRunner,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ring.go.set()
    control = SyncControl(services, tasks)
    steps: list[Progress] = []
    control.progressed.connect(lambda _depot, progress: steps.append(progress))
    states = services.depots.depot_states()
    monkeypatch.setattr(services.depots, "depot_states", lambda: states)  # known by now; then the keyring grows slow
    ring.go.clear()
    assert control.start()
    qtbot.waitUntil(lambda: [step.step for step in steps] == ["asking_keyring"])
    assert "keyring" in progress_text(steps[0])
    with qtbot.waitSignal(control.finished) as finished:
        control.cancel()
    assert ring.waiting == 1, "nobody waited for its answer"
    (report,) = finished.args[0]
    assert report.cancelled
    ring.go.set()
    with qtbot.waitSignal(control.finished) as finished:
        control.start()
    (report,) = finished.args[0]
    assert report.error is None, "unlocked by now: nothing has to be started anew"


def test_the_program_ends_without_waiting_for_a_keyring(services: Services, ring: SlowKeyring, qtbot: QtBot) -> None:
    tasks = TaskRunner()
    tasks.run(services.depots.depot_states)
    tasks.run(services.tokens.trouble)
    qtbot.waitUntil(lambda: ring.waiting == 1)
    services.tokens.let_go()
    tasks.shutdown()
    assert ring.waiting == 1, "it still does not answer"


def test_the_settings_open_while_the_keyring_is_slow(
    services: Services, ring: SlowKeyring, tasks: TaskRunner, preferences: Preferences, qtbot: QtBot
) -> None:
    ticks = Ticks()
    dialog = SettingsDialog(services, tasks, preferences)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: ring.waiting == 1)
    before = ticks.number
    qtbot.waitUntil(lambda: ticks.number > before + 20)
    assert dialog.isVisible()
    assert ring.waiting == 1
    ticks.timer.stop()
    ring.go.set()
    qtbot.waitUntil(lambda: not tasks.busy)
    assert services.depots.depot_states()[0].has_token
