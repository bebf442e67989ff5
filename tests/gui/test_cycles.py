"""Garbage in cycles is found by the event loop and never on a background thread, where destroying a widget would crash."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ibjournal.gui.cycles import CycleCollector, collect

MANY = 200_000


class Cycle:
    """Refers to itself, so that only the collector can find that nobody needs it, and tells on which thread it went."""

    def __init__(self, ended: list[int]) -> None:
        self.itself = self
        self.ended = ended

    def __del__(self) -> None:
        self.ended.append(threading.get_ident())


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    thresholds, enabled = gc.get_threshold(), gc.isenabled()
    yield
    gc.set_threshold(*thresholds)
    (gc.enable if enabled else gc.disable)()


def _make_many() -> list[list[int]]:
    return [[number] for number in range(MANY)]  # more than any threshold


def test_what_a_thread_makes_destroys_nothing_there(qapp: QApplication, qtbot: QtBot) -> None:
    gc.enable()
    gc.set_threshold(700, 10, 10)
    owner = QObject()
    CycleCollector(owner)
    gc.collect()
    ended: list[int] = []
    Cycle(ended)
    kept: list[list[list[int]]] = []  # what has gone again does not count
    thread = threading.Thread(target=lambda: kept.append(_make_many()))
    thread.start()
    thread.join()
    assert ended == []
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == [threading.get_ident()]


def test_older_generations_come_in_their_turn(qapp: QApplication) -> None:
    gc.disable()
    gc.set_threshold(700, 3, 2)
    gc.collect()
    ended: list[int] = []
    cycle = Cycle(ended)
    gc.collect()  # it has grown old before nobody needs it
    del cycle
    kept = []
    for _ in range(40):
        kept.append([[number] for number in range(1000)])
        collect()
    assert ended == [threading.get_ident()]


def test_little_is_left_alone_and_a_threshold_of_nothing_is_kept(qapp: QApplication) -> None:
    gc.disable()
    gc.collect()
    ended: list[int] = []
    Cycle(ended)
    gc.set_threshold(1_000_000, 10, 10)
    collect()
    gc.set_threshold(0, 0, 0)
    kept = _make_many()
    collect()
    assert ended == [], "nothing was due"
    gc.set_threshold(700, 10, 10)
    collect()
    assert (len(ended), len(kept)) == (1, MANY)
