"""Backups that make and thin themselves."""

from __future__ import annotations

import errno
import filecmp
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibjournal.domain.errors import StoreError
from ibjournal.services.backups import (
    DAYS,
    MONTHS,
    WEEKS,
    BackupFile,
    BackupKind,
    BackupService,
    free_name,
    list_backups,
    thin,
)
from ibjournal.store.database import Database
from tests.fakes.flex_reports import activity, trade
from tests.fakes.journal_folder import JournalFolder

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def made(*days_ago: float, kind: BackupKind = BackupKind.AUTOMATIC) -> list[BackupFile]:
    return [
        BackupFile(path=Path(f"{kind.value}-{number}-{ago}.db"), kind=kind, made_at=NOW - timedelta(days=ago))
        for number, ago in enumerate(days_ago)
    ]


def kept(files: list[BackupFile]) -> list[float]:
    gone = thin(files, NOW)
    return [(NOW - each.made_at) / timedelta(days=1) for each in files if each not in gone]


@pytest.mark.parametrize(
    ("ages", "stay"),
    [
        ([], []),
        ([0], [0]),
        ([900], [900]),
        ([0, 0.1, 0.2], [0]),
        ([0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5, 6]),
        # Saturday the 21st; the weeks before end on the 15th (6), 8th (13), 1st (20), 25th of October (27)
        (list(range(40)), [0, 1, 2, 3, 4, 5, 6, 13, 20, 21, 27]),
        ([0, 400, 800], [0, 400, 800]),
        ([-1, -2, 0, 0.1], [-1, -2, 0]),
    ],
)
def test_which_automatic_backups_stay(ages: list[float], stay: list[float]) -> None:
    assert kept(made(*ages)) == pytest.approx(stay)


def test_copies_made_before_a_restore_go_late_and_never_all(tmp_path: Path) -> None:
    for kind in (BackupKind.BEFORE_RESTORE, BackupKind.BEFORE_UPDATE):
        assert kept(made(1, 89, 91, 100, 200, kind=kind)) == pytest.approx([1, 89, 91])
        assert kept(made(100, 200, 300, 400, kind=kind)) == pytest.approx([100, 200, 300])
    assert kept(made(1, 800, 900, 901, kind=BackupKind.BY_HAND)) == pytest.approx([1, 800, 900, 901])


def test_copies_of_the_last_months_all_stay() -> None:
    for kind in (BackupKind.BEFORE_RESTORE, BackupKind.BEFORE_UPDATE):
        assert kept(made(1, 2, 3, 4, 89, 90, kind=kind)) == pytest.approx([1, 2, 3, 4, 89, 90])


def test_what_the_user_made_stays_and_takes_nothings_place() -> None:
    by_hand, automatic = made(*range(60), kind=BackupKind.BY_HAND), made(*range(7))
    assert thin([*by_hand, *automatic], NOW) == ()


def test_backups_of_the_future_take_no_place_of_those_of_the_past() -> None:
    automatic = made(*range(-30, 7))
    assert thin(automatic, NOW) == ()


@given(st.lists(st.integers(min_value=-5, max_value=1200), max_size=120))
def test_thinning_twice_is_thinning_once_and_the_newest_stays(ages: list[int]) -> None:
    files = made(*ages)
    gone = thin(files, NOW)
    left = [each for each in files if each not in gone]
    assert thin(left, NOW) == ()
    assert len([each for each in left if each.made_at <= NOW]) <= DAYS + WEEKS + MONTHS
    if files:
        assert max(each.made_at for each in left) == max(each.made_at for each in files)


def test_a_year_of_days_leaves_its_months() -> None:
    left: list[BackupFile] = []
    start = datetime(2025, 10, 1, 9, tzinfo=UTC)
    for day in range(400):
        now = start + timedelta(days=day)
        left.append(BackupFile(path=Path(f"{day}.db"), kind=BackupKind.AUTOMATIC, made_at=now))
        gone = thin(left, now)
        left = [each for each in left if each not in gone]
    months = {(each.made_at.year, each.made_at.month) for each in left}
    assert len(months) == MONTHS
    days = [each.made_at.date() for each in left]
    assert all((start + timedelta(days=day)).date() in days for day in range(393, 400))
    assert len(left) <= DAYS + WEEKS + MONTHS


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def backups(journal: JournalFolder, clock: Clock) -> BackupService:
    return BackupService(database=Database(journal.paths.database), folder=journal.paths.backups, now=clock)


def test_one_a_day_and_only_when_something_changed(journal: JournalFolder, backups: BackupService, clock: Clock) -> None:
    assert backups.make_if_due() is None, "there is nothing to keep yet"
    journal.take(activity(trade(1)))
    first = backups.make_if_due()
    assert first is not None
    assert (first.kind, first.made_at, first.size > 0) == (BackupKind.AUTOMATIC, NOW, True)
    journal.take(activity(trade(2)))
    clock.now += timedelta(hours=3)
    assert backups.make_if_due() is None
    clock.now += timedelta(days=1)
    second = backups.make_if_due()
    assert second is not None
    clock.now += timedelta(days=1)
    assert backups.make_if_due() is None, "nothing has changed"
    assert list_backups(journal.paths.backups) == (second, first)
    assert [path.name for path in journal.paths.backups.iterdir() if path.name.startswith(".")] == []


def test_old_ones_go_when_a_new_one_is_there(journal: JournalFolder, backups: BackupService, clock: Clock) -> None:
    names = []
    for number in range(10):
        journal.take(activity(trade(number)))
        made_now = backups.make_if_due()
        assert made_now is not None
        names.append(made_now.path.name)
        clock.now += timedelta(days=1)
    left = {path.name for path in journal.paths.backups.iterdir()}
    assert set(names[-7:]) <= left
    assert len(left) < 10
    by_hand = backups.make()
    assert (by_hand.kind, backups.list_backups()[0]) == (BackupKind.BY_HAND, by_hand)


def test_a_damaged_journal_costs_no_backup(journal: JournalFolder, backups: BackupService, clock: Clock) -> None:
    journal.take(activity(*(trade(number) for number in range(60))))
    first = backups.make_if_due()
    journal.services.maintenance.close()
    with journal.paths.database.open("r+b") as file:
        file.seek(16384 * 3)
        file.write(b"\xa5" * 16384 * 12)
    clock.now += timedelta(days=1)
    with pytest.raises(StoreError) as caught:
        backups.make_if_due()
    assert caught.value.code == "database_corrupt"
    assert backups.list_backups() == (first,)
    assert len(list(journal.paths.backups.iterdir())) == 1


def test_files_that_are_none_of_ours_are_left_alone(tmp_path: Path) -> None:
    for name in ("auto-x.db", "auto-20261399T000000.db", "notes.txt", "before-v3-20260101T000000.db", "auto-20260101T000000-2.db"):
        (tmp_path / name).write_bytes(b"x")
    assert [(each.path.name, each.kind) for each in list_backups(tmp_path)] == [
        ("before-v3-20260101T000000.db", BackupKind.BEFORE_UPDATE),
        ("auto-20260101T000000-2.db", BackupKind.AUTOMATIC),
    ]
    assert list_backups(tmp_path / "nowhere") == ()


def test_no_backup_takes_the_name_of_another(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        path = free_name(tmp_path, BackupKind.BY_HAND, NOW)
        path.write_bytes(b"x")
        names.append(path.name)
    assert names == ["manual-20261121T120000.db", "manual-20261121T120000-2.db", "manual-20261121T120000-3.db"]
    assert len(list_backups(tmp_path)) == 3


def test_a_backup_that_cannot_be_compared_stays(
    journal: JournalFolder, backups: BackupService, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object, **__: object) -> bool:
        raise OSError(errno.EIO, "input/output error")

    journal.take(activity(trade(1)))
    first = backups.make_if_due()
    clock.now += timedelta(days=1)
    monkeypatch.setattr(filecmp, "cmp", unreadable)
    second = backups.make_if_due()
    assert second is not None
    assert backups.list_backups() == (second, first)
    assert backups.folder == journal.paths.backups


def test_a_day_is_one_of_this_computers_zone(journal: JournalFolder, backups: BackupService, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)  # half past eleven at night in Berlin
    journal.take(activity(trade(1)))
    assert backups.make_if_due() is not None
    journal.take(activity(trade(2)))
    clock.now += timedelta(minutes=29)
    assert backups.make_if_due() is None
    clock.now += timedelta(minutes=1)
    assert backups.make_if_due() is not None, "the next day has begun here, though not in UTC"


def test_a_backup_of_the_future_is_none_of_today(journal: JournalFolder, backups: BackupService, clock: Clock) -> None:
    journal.take(activity(trade(1)))
    clock.now += timedelta(hours=1)
    later = backups.make_if_due()
    clock.now -= timedelta(hours=1)
    journal.take(activity(trade(2)))
    assert backups.make_if_due() is not None, "a clock that was ahead costs no backup"
    assert later in backups.list_backups()


def test_a_backup_that_is_held_open_goes_the_next_time(
    journal: JournalFolder, backups: BackupService, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.paths.backups.mkdir(exist_ok=True)
    old = [journal.paths.backups / f"auto-20260101T00000{number}.db" for number in range(2)]
    for path in old:
        path.write_bytes(b"x")

    def held(_self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(errno.EACCES, "in use")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", held)
        assert backups.thin() == ()
    assert [each.path for each in backups.thin()] == old[:1]
    assert [path.exists() for path in old] == [False, True]


def test_a_backup_by_hand_is_none_of_the_days(journal: JournalFolder, backups: BackupService, clock: Clock) -> None:
    journal.take(activity(trade(1)))
    backups.make()
    clock.now += timedelta(seconds=1)
    made_now = backups.make_if_due()
    assert made_now is not None
    clock.now += timedelta(hours=1)
    backups.make()
    clock.now += timedelta(hours=1)
    assert backups.make_if_due() is None, "today's is there, before the one by hand"
