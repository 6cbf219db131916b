"""What is opened, what is refused, and that a refusal changes no byte."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import apsw
import pytest

from reviewdesk.domain.errors import StoreDamaged, StoreError, StoreNewer, StoreUnusable
from reviewdesk.store import connections, schema
from reviewdesk.store.database import Store
from tests.support.clock import FakeClock
from tests.support.stores import Shelf, record


def open_and_close(path: Path) -> None:
    Store.open(path, clock=FakeClock(), on_change=lambda changes: None).close()


def state_of(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.is_file()}


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    shelf = Shelf(tmp_path)
    shelf.page(record())
    shelf.write(lambda tx: tx.run(f"PRAGMA user_version={len(schema.load()) + 1}"))
    shelf.close()
    return shelf.path


def test_a_newer_file_is_refused_byte_for_byte(newer: Path) -> None:
    before = state_of(newer.parent)
    assert list(before) == [newer.name]
    stamp = newer.stat().st_mtime_ns
    with pytest.raises(StoreNewer):
        open_and_close(newer)
    assert state_of(newer.parent) == before
    assert newer.stat().st_mtime_ns == stamp


def test_a_newer_number_that_only_the_log_holds_is_seen_too(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "a")
    shelf.page(record())
    # As a crash leaves it: the main file still says the old number.
    shelf.write(lambda tx: tx.run(f"PRAGMA user_version={len(schema.load()) + 1}"))
    crashed = tmp_path / "b"
    crashed.mkdir()
    for name in (shelf.path.name, shelf.path.name + "-wal"):
        (crashed / name).write_bytes((shelf.path.parent / name).read_bytes())
    shelf.close()
    before = state_of(crashed)
    with pytest.raises(StoreNewer):
        open_and_close(crashed / shelf.path.name)
    after = state_of(crashed)
    assert {name: after[name] for name in before} == before


def test_an_empty_file_and_missing_folders_become_a_database(tmp_path: Path) -> None:
    path = tmp_path / "x" / "y" / "db.sqlite"
    open_and_close(path)
    empty = tmp_path / "empty.sqlite"
    empty.touch()
    open_and_close(empty)
    assert empty.stat().st_size > 8192


@pytest.mark.parametrize(
    "content", [b"x", b"not a database at all, only some text" * 200, b"SQLite format 3\x00"]
)
def test_what_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "db.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        open_and_close(path)
    assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["db.sqlite"]


@pytest.mark.parametrize("version", [0, 1])
def test_another_programs_database_is_left_alone(tmp_path: Path, version: int) -> None:
    path = tmp_path / "db.sqlite"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmarks(url TEXT)")
    other.execute(f"PRAGMA user_version={version}")
    other.commit()
    other.close()
    with pytest.raises(StoreUnusable, match="another program"):
        open_and_close(path)
    check = sqlite3.connect(path)
    assert check.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]
    check.close()


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "db.sqlite").mkdir()
    with pytest.raises(StoreUnusable):
        open_and_close(tmp_path / "db.sqlite")


def test_a_file_where_a_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreUnusable):
        open_and_close(tmp_path / "file" / "db.sqlite")


def test_cut_off_anywhere_it_is_damaged_or_whole_and_never_half(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "whole")
    for n in range(30):
        shelf.page(record(f"r{n}", body="word " * 300))
    shelf.close()
    data = shelf.path.read_bytes()
    assert len(data) > 40 * 8192
    for part in range(20):
        path = tmp_path / f"cut{part}" / "db.sqlite"
        path.parent.mkdir()
        path.write_bytes(data[: 1 + len(data) * part // 20])
        with pytest.raises(StoreDamaged):
            open_and_close(path)
        assert path.stat().st_size == 1 + len(data) * part // 20


def test_noise_in_the_first_page_is_damage(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.close()
    data = bytearray(shelf.path.read_bytes())
    data[100:8192] = b"\xa5" * (8192 - 100)
    shelf.path.write_bytes(data)
    with pytest.raises(StoreError) as caught:
        open_and_close(shelf.path)
    assert isinstance(caught.value, StoreDamaged)
    assert shelf.path.read_bytes() == bytes(data)


def test_messages_are_sentences_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "db.sqlite").write_bytes(b"x" * 500)
    with pytest.raises(StoreDamaged) as caught:
        open_and_close(tmp_path / "db.sqlite")
    assert caught.value.message.endswith(".") and caught.value.remedy.endswith(".")


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:35 / /home rw - nfs4 server:/home rw
41 40 8:2 / /home/local\\040disk rw - ext4 /dev/sdb1 rw
42 22 0:36 / /mnt/share rw master:2 - cifs //nas/share rw
43 22 0:37 / /mnt/ssh rw - fuse.sshfs me@host: rw
garbage
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/home/ada/.local", "nfs4"),
        ("/home/local disk/x", "ext4"),
        ("/homeless", "ext4"),
        ("/mnt/share", "cifs"),
        ("/mnt/ssh/deep", "fuse.sshfs"),
    ],
)
def test_the_file_system_of_a_folder(folder: str, kind: str) -> None:
    assert connections.file_system_of(Path(folder), MOUNTS) == kind


def test_a_network_drive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_on_network_drive", lambda folder: True)
    with pytest.raises(StoreUnusable, match="network drive"):
        open_and_close(tmp_path / "db.sqlite")
    assert not (tmp_path / "db.sqlite").exists()


def test_sqlite_is_recent_enough_for_two_processes() -> None:
    """Before 3.51.3 two connections that commit at one instant could damage the file (sqlite.org/wal.html)."""
    assert tuple(int(part) for part in apsw.sqlite_lib_version().split(".")) >= (3, 51, 3)
