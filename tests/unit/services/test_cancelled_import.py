"""An import can be cancelled wherever it is, also in the midst of one instrument's trades, of strategies and of campaigns."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ibjournal.domain.errors import Cancelled
from ibjournal.services.jobs import CancelToken
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder
from tests.fakes.story_reports import legged, wheel

DEEPEST = {
    ("matching.py", "_alone"),  # the fills of one instrument
    ("stream.py", "_once"),  # fills, events and exercises that are tied together
    ("strategy_cover.py", "run"),
    ("strategy_rebuild.py", "rebuild_strategies"),
    ("campaign_rolls.py", "_by_time"),
    ("campaign_rebuild.py", "_rebuild_account"),
}
"""Where the engine spends its time: each of these can take longer than a second, and asks at every step."""


class WatchedCancel(CancelToken):
    """Notes who asks, and cancels when it is asked for the given time."""

    def __init__(self, *, at: int = 0) -> None:
        super().__init__()
        self.at = at
        self.asked = 0
        self.askers: set[tuple[str, str]] = set()

    def check(self) -> None:
        frame = sys._getframe(1)
        if frame.f_code.co_name == "checkpoint" and frame.f_back is not None:
            frame = frame.f_back
        self.askers.add((Path(frame.f_code.co_filename).name, frame.f_code.co_name))
        self.asked += 1
        if self.asked == self.at:
            self.cancel()
        super().check()


def _report() -> list[bytes]:
    first, second = legged(1, "ACME")
    return [wheel(called=True), activity(first, second, trade(31, 100), trade(32, -100, 11), days=("20260301", "20260305"))]


def _import(journal: JournalFolder, name: str, content: bytes, cancel: CancelToken) -> None:
    path = journal.file(content)
    file = journal.services.importing.import_report(path, name=name, cancel=cancel)
    assert file.error is None


def test_whatever_takes_long_asks_whether_to_go_on(journal: JournalFolder) -> None:
    watched = WatchedCancel()
    for number, content in enumerate(_report()):
        _import(journal, f"{number}.xml", content, watched)
    assert watched.askers >= DEEPEST


def test_wherever_it_is_cancelled_nothing_is_half_there(journal: JournalFolder) -> None:
    first, second = _report()
    _import(journal, "0.xml", first, CancelToken())
    before = journal.state()
    at = 0
    while True:
        at += 1
        cancel = WatchedCancel(at=at)
        try:
            _import(journal, "1.xml", second, cancel)
        except Cancelled:
            assert journal.state() == before, at
            continue
        break
    assert at > 10, "it was asked many times"
    assert not cancel.cancelled
    assert journal.state() != before


def test_the_same_with_one_cancel_amid_the_strategies(journal: JournalFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    cancel = CancelToken()
    searched: list[str] = []

    def search(*_position: object, **_choices: object) -> None:
        searched.append("begun")
        cancel.cancel()

    monkeypatch.setattr("ibjournal.services.strategy_rebuild.replace_strategies", search)
    with pytest.raises(Cancelled):
        _import(journal, "0.xml", wheel(called=True), cancel)
    assert searched
    assert not journal.trades()
