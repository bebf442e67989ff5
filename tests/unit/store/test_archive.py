"""Raw reports as files: whole or not at all."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ibjournal.domain.errors import Cancelled, ReportError, StoreError
from ibjournal.store.archive import Archive, digest, sweep

NOW = datetime(2026, 3, 11, 8, 30, 5, tzinfo=UTC)
CONTENT = b"<FlexQueryResponse/>" * 1000


def never() -> None:
    """Nobody cancels."""


def keep(archive: Archive, content: bytes = CONTENT, *, depot: str = "", check: Callable[[], None] = never) -> str:
    sha256, _size = digest(io.BytesIO(content), never)
    return archive.keep(io.BytesIO(content), sha256=sha256, depot=depot, received_at=NOW, check=check)


def test_a_report_comes_back_as_it_was(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    name = keep(archive)
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    assert name == f"files/20260311T083005Z-{sha256[:8]}.xml.gz"
    with archive.open(name) as stream:
        assert stream.read() == CONTENT
    assert archive.path(name).stat().st_size < len(CONTENT)


def test_the_same_report_gives_the_same_file(tmp_path: Path) -> None:
    first, second = Archive(tmp_path / "a"), Archive(tmp_path / "b")
    assert first.path(keep(first)).read_bytes() == second.path(keep(second)).read_bytes()


def test_what_is_there_already_is_not_written_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    name = keep(archive)
    sha256, _size = digest(io.BytesIO(CONTENT), never)
    later = NOW.replace(hour=23)
    again = {"sha256": sha256, "depot": "", "received_at": later, "check": never}
    assert archive.keep(io.BytesIO(CONTENT), **again) == name  # type: ignore[arg-type]
    archive.path(name).write_bytes(b"damaged since")
    other = archive.keep(io.BytesIO(CONTENT), **again)  # type: ignore[arg-type]
    assert other != name
    with archive.open(other) as stream:
        assert stream.read() == CONTENT


def test_a_depot_has_a_folder_of_its_own(tmp_path: Path) -> None:
    assert keep(Archive(tmp_path), depot="depot-3").startswith("depot-3/")


def test_nobody_else_reads_the_reports(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert archive.path(keep(archive)).stat().st_mode & 0o077 == 0


def test_digest_and_size() -> None:
    assert digest(io.BytesIO(CONTENT), never) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


def test_a_cancel_leaves_nothing(tmp_path: Path) -> None:
    def cancel() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        keep(Archive(tmp_path), check=cancel)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "disk_full"), (errno.EROFS, "read_only"), (errno.EIO, "disk_failed"), (errno.EFBIG, "disk_full")],
)
def test_trouble_of_the_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str) -> None:
    def fail(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError) as caught:
        keep(Archive(tmp_path))
    assert caught.value.code == code
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_something_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(StoreError) as caught:
        keep(Archive(tmp_path))
    assert caught.value.code == "store_failed"


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    name = keep(archive)
    archive.forget(name)
    archive.forget(name)
    with pytest.raises(StoreError) as caught:
        archive.open(name)
    assert (caught.value.code, caught.value.values) == ("archive_missing", {"file": name})


def test_a_digest_does_not_unpack_without_end() -> None:
    with pytest.raises(ReportError) as caught:
        digest(io.BytesIO(CONTENT), never, limit=len(CONTENT) - 1)
    assert caught.value.code == "too_large"


def test_what_was_never_written_whole_is_removed_when_it_is_old(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    name = keep(archive)
    old, fresh = tmp_path / "files" / ".report-old", tmp_path / "files" / ".report-fresh"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    os.utime(archive.path(name), (0, 0))
    keep(archive, CONTENT + b" ")
    assert (old.exists(), fresh.exists(), archive.path(name).exists()) == (False, True, True)
    os.utime(fresh, (0, 0))
    archive.sweep()
    assert not fresh.exists()


def test_a_report_that_came_once_more_takes_the_place_of_its_damaged_file(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    name, sha256 = keep(archive, depot="depot-1"), hashlib.sha256(CONTENT).hexdigest()
    assert archive.holds(name, sha256)
    assert not archive.holds(name, hashlib.sha256(b"another").hexdigest())
    whole = archive.path(name).read_bytes()
    for damaged in (whole[:-20], b"no gzip", b""):
        archive.path(name).write_bytes(damaged)
        assert not archive.holds(name, sha256)
    archive.path(name).unlink()
    assert not archive.holds(name, sha256)
    archive.put_back(name, io.BytesIO(CONTENT), never)
    assert archive.holds(name, sha256)
    assert archive.path(name).read_bytes() == whole


def test_reports_are_named_as_they_were_received_whosever_they_are(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    assert archive.names() == ()
    names = []
    for number, depot in enumerate(["depot-2", "depot-1", "", "depot-1"]):
        content = f"<report number='{number}'/>".encode()
        sha256, _size = digest(io.BytesIO(content), never)
        at = NOW.replace(hour=9 + number)
        names.append(archive.keep(io.BytesIO(content), sha256=sha256, depot=depot, received_at=at, check=never))
    (archive.root / "depot-1" / ".report-half.xml.gz").write_bytes(b"x")
    (archive.root / "depot-1" / "a folder.xml.gz").mkdir()
    (archive.root / "depot-1" / "letter.txt").write_bytes(b"x")
    assert archive.names() == tuple(names)


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 * (1 << 20) + 3])
def test_long_reports_come_back_in_their_order(tmp_path: Path, size: int) -> None:
    content = (b"0123456789abcdef" * (size // 16 + 1))[: size - 4] + b"tail" if size > 4 else b"x" * size
    with Archive(tmp_path).open(keep(Archive(tmp_path), content)) as stream:
        assert stream.read() == content


def test_a_report_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert digest(io.BytesIO(b"12345"), never, limit=5)[1] == 5
    with pytest.raises(ReportError) as caught:
        digest(io.BytesIO(b"123456"), never, limit=5)
    assert (caught.value.code, caught.value.values) == ("too_large", {"limit": 5})


def test_looking_at_a_long_report_can_be_cancelled() -> None:
    def cancelled() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        digest(io.BytesIO(CONTENT), cancelled)


def test_all_of_a_report_and_its_name_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    fsync, archive = os.fsync, Archive(tmp_path)

    def to_disk(handle: int) -> None:
        of_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        told.append("folder" if of_folder else "file")
        if not of_folder:
            (beside,) = (tmp_path / "files").iterdir()
            assert beside.name.startswith(".report-")
            assert gzip.decompress(beside.read_bytes()) == CONTENT
        fsync(handle)

    monkeypatch.setattr(os, "fsync", to_disk)
    keep(archive)
    assert told == ["file", "folder"]


def test_a_folder_that_was_left_behind_goes_with_what_is_in_it(tmp_path: Path) -> None:
    for name in (".report-old", ".report-new", "report-of-mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "part").write_bytes(b"x")
    for name in (".report-old", "report-of-mine"):
        os.utime(tmp_path / name, (0, 0))
    sweep(tmp_path, ".report-")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".report-new", "report-of-mine"]
