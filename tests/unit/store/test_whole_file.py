from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from ibjournal.domain.errors import StoreError
from ibjournal.store.whole_file import write_whole


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    target = tmp_path / "rows.csv"
    write_whole(target, "one\n")
    target.chmod(0o640)
    write_whole(target, "zwölf\n")
    assert target.read_bytes() == "zwölf\n".encode()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [target]


def test_what_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "rows.csv"
    write_whole(target, "one\n")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError) as caught:
        write_whole(target, "two\n")
    assert caught.value.code == "disk_full"
    assert target.read_text() == "one\n"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_is_followed_and_a_folder_refused(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    write_whole(tmp_path / "link.csv", "x")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "x"
    for target in (tmp_path, tmp_path / "nowhere" / "rows.csv"):
        with pytest.raises(StoreError):
            write_whole(target, "x")


def test_a_pipe_gets_the_text(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_whole(pipe, "rows")
    reader.join(60)
    assert read == ["rows"]


def test_all_of_it_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "rows.csv"
    sizes: list[int] = []
    fsync = os.fsync

    def to_disk(handle: int) -> None:
        sizes.append(os.fstat(handle).st_size)
        assert not target.exists()
        (beside,) = tmp_path.iterdir()
        assert beside.name.startswith(".ibjournal-")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", to_disk)
    write_whole(target, "x" * 100)
    assert sizes == [100]


def test_a_new_file_has_the_permissions_that_the_user_wants_for_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "rows.csv", "x")
        assert os.umask(0o027) == 0o027, "it is asked for, and not changed"
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "rows.csv").stat().st_mode) == 0o640
