"""The writer thread, the readers, and what becomes of errors."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from typing import Any

import apsw
import pytest

from reviewdesk.domain.errors import StoreBusy, StoreDamaged, StoreFull, StoreUnusable
from reviewdesk.domain.models import ChangeSet
from reviewdesk.store import connections, settings
from reviewdesk.store.database import Priority, Store, Tx
from tests.support.clock import FakeClock
from tests.support.stores import Shelf, record

WAIT_S = 10.0


def open_store(path: Path, **more: Any) -> Store:
    return Store.open(path, clock=FakeClock(), **{"on_change": lambda changes: None, **more})


def block(store: Store) -> tuple[threading.Event, threading.Event]:
    """Keep the writer busy; ``(it has begun, let it go)``."""
    begun, go = threading.Event(), threading.Event()

    def wait(tx: Tx) -> None:
        begun.set()
        assert go.wait(WAIT_S)

    store.write(wait)
    assert begun.wait(WAIT_S)
    return begun, go


def test_a_job_is_committed_when_its_future_resolves(shelf: Shelf) -> None:
    shelf.store.write(lambda tx: settings.put(tx, "a", "1")).result(WAIT_S)
    other = apsw.Connection(str(shelf.path))
    assert other.execute("SELECT value FROM setting WHERE key = 'a'").fetchall() == [("1",)]
    other.close()


def test_pragmas_are_what_the_promises_need(shelf: Shelf) -> None:
    wanted = {
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
        "page_size": 8192,
        "journal_mode": "wal",
        "fullfsync": 1,
        "mmap_size": 0,
        "temp_store": 2,
        "wal_autocheckpoint": 0,
    }
    assert shelf.write(lambda tx: {name: tx.value(f"PRAGMA {name}") for name in wanted}) == wanted
    with shelf.store.read() as r:
        found = [r.value(f"PRAGMA {name}") for name in ("query_only", "trusted_schema", "mmap_size")]
        assert found == [1, 0, 256 * 1024 * 1024]
        with pytest.raises(apsw.ReadOnlyError):
            r.db.execute("DELETE FROM setting")


def test_the_most_urgent_job_goes_first_and_equals_in_their_order(shelf: Shelf) -> None:
    _, go = block(shelf.store)
    done: list[str] = []
    jobs = [("index", Priority.INDEX), ("sync", Priority.SYNC), ("person 1", Priority.PERSON)]
    jobs += [("action", Priority.ACTION), ("person 2", Priority.PERSON)]
    futures = [shelf.store.write(lambda tx, n=name: done.append(n), priority=p) for name, p in jobs]
    go.set()
    for future in futures:
        future.result(WAIT_S)
    assert done == ["person 1", "person 2", "action", "sync", "index"]


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyboardInterrupt(), SystemExit(3), apsw.SQLError("near")]
)
def test_an_error_reaches_who_asked_rolls_back_and_leaves_the_writer_alive(
    shelf: Shelf, error: BaseException
) -> None:
    def work(tx: Tx) -> None:
        settings.put(tx, "half", "1")
        raise error

    assert shelf.store.write(work).exception(WAIT_S) is error
    assert shelf.sql("SELECT * FROM setting") == []
    assert shelf.write(lambda tx: 5) == 5


def test_a_job_that_ends_its_own_transaction_harms_nobody(shelf: Shelf) -> None:
    with pytest.raises(apsw.SQLError):
        shelf.write(lambda tx: tx.db.execute("COMMIT"))
    shelf.write(lambda tx: settings.put(tx, "a", "1"))
    assert shelf.sql("SELECT count(*) FROM setting") == [(1,)]


def test_changes_are_told_after_the_commit_and_before_the_future_and_only_real_ones(tmp_path: Path) -> None:
    told: list[tuple[ChangeSet, int]] = []
    path = tmp_path / "db.sqlite"

    def listen(changes: ChangeSet) -> None:
        with store.read() as r:
            told.append((changes, r.value("SELECT count(*) FROM setting")))

    store = open_store(path, on_change=listen)
    store.write_now(lambda tx: settings.put(tx, "quiet", "1"))
    assert told == []

    def work(tx: Tx) -> None:
        settings.put(tx, "loud", "1")
        tx.changes.note_views()

    store.write_now(work)
    assert told == [(ChangeSet(views=True), 2)]

    def fail(tx: Tx) -> None:
        tx.changes.note_views()
        raise ValueError

    with pytest.raises(ValueError):
        store.write_now(fail)
    assert len(told) == 1
    store.close()


def test_a_listener_that_fails_loses_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def deaf(changes: ChangeSet) -> None:
        raise RuntimeError("deaf")

    store = open_store(tmp_path / "db.sqlite", on_change=deaf)
    assert store.write_now(lambda tx: (tx.changes.note_views(), 7)[1]) == 7
    assert "deaf" in caplog.text
    store.close()


def test_waiting_for_oneself_is_refused(shelf: Shelf) -> None:
    with pytest.raises(RuntimeError, match="wait for itself"):
        shelf.write(lambda tx: shelf.store.write_now(lambda tx: None))


def test_a_cancelled_job_never_runs(shelf: Shelf) -> None:
    _, go = block(shelf.store)
    ran: list[int] = []
    future = shelf.store.write(lambda tx: ran.append(1))
    assert future.cancel()
    go.set()
    shelf.write(lambda tx: None)
    assert ran == []


def test_a_reader_sees_one_moment(shelf: Shelf) -> None:
    shelf.write(lambda tx: settings.put(tx, "a", "1"))
    with shelf.store.read() as r:
        assert r.value("SELECT value FROM setting") == "1"
        shelf.write(lambda tx: settings.put(tx, "a", "2"))
        assert r.value("SELECT value FROM setting") == "1"
    assert shelf.sql("SELECT value FROM setting") == [("2",)]


def test_readers_are_used_again_and_by_many_threads(shelf: Shelf) -> None:
    seen: set[int] = set()
    failures: list[BaseException] = []
    start = threading.Barrier(8)

    def look() -> None:
        try:
            start.wait(WAIT_S)
            for _ in range(50):
                with shelf.store.read() as r:
                    seen.add(id(r.db))
                    r.value("SELECT count(*) FROM review")
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=look) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(WAIT_S)
    assert failures == []
    assert len(seen) < 100


def test_an_error_in_a_reader_leaves_the_pool_usable(shelf: Shelf) -> None:
    for _ in range(20):
        with pytest.raises(apsw.SQLError), shelf.store.read() as r:
            r.rows("SELECT nonsense")
        with pytest.raises(ValueError), shelf.store.read() as r:
            raise ValueError
    assert shelf.sql("SELECT 1") == [(1,)]


# --- the environment's faults ----------------------------------------------------------------------------


def test_a_full_disk_is_said_rolls_back_and_heals_by_itself(shelf: Shelf) -> None:
    shelf.write(lambda tx: settings.put(tx, "kept", "1"))
    pages = shelf.write(lambda tx: tx.value("PRAGMA page_count"))
    shelf.store.write_now(lambda tx: None)

    def limit(count: int) -> None:
        shelf.write(lambda tx: tx.rows(f"PRAGMA max_page_count={count}"))

    def big(tx: Tx) -> None:
        settings.put(tx, "big", "x" * 1_000_000)

    limit(pages + 2)
    for _ in range(3):
        with pytest.raises(StoreFull):
            shelf.write(big)
        assert shelf.sql("SELECT key FROM setting") == [("kept",)]
    shelf.write(lambda tx: settings.put(tx, "small", "1"))
    limit(1_000_000)
    shelf.write(big)
    assert len(shelf.sql("SELECT key FROM setting")) == 3
    assert shelf.store.integrity() == ()


def test_a_neighbour_that_holds_the_lock_too_long_is_busy_and_then_all_is_well(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "BUSY_PATIENCE_S", 0.1)
    other = apsw.Connection(str(shelf.path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy):
        shelf.write(lambda tx: settings.put(tx, "a", "1"))
    other.execute("ROLLBACK")
    shelf.write(lambda tx: settings.put(tx, "a", "1"))
    other.close()


def test_a_short_wait_for_a_neighbour_is_not_noticed(shelf: Shelf) -> None:
    other = apsw.Connection(str(shelf.path))
    other.execute("BEGIN IMMEDIATE")
    future = shelf.store.write(lambda tx: settings.put(tx, "a", "1"))
    assert not future.done()
    other.execute("COMMIT")
    other.close()
    future.result(WAIT_S)


def test_damage_found_while_reading_is_damage(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    for n in range(40):
        shelf.page(record(f"r{n}", body="word " * 400))
    shelf.close()
    data = bytearray(shelf.path.read_bytes())
    data[3 * 8192 :] = os.urandom(len(data) - 3 * 8192)
    shelf.path.write_bytes(data)

    def use() -> None:
        store = open_store(shelf.path)
        try:
            with store.read() as r:
                for (table,) in r.rows("SELECT name FROM sqlite_schema WHERE type = 'table'"):
                    r.rows(f'SELECT * FROM "{table}"')
        finally:
            store.close()

    with pytest.raises(StoreDamaged):
        use()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps private what lies in the user's own folder")
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_everything_is_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    former = os.umask(mask)
    try:
        store = open_store(tmp_path / "new" / "deep" / "db.sqlite")
        store.write_now(lambda tx: settings.put(tx, "a", "1"))
        store.backup(tmp_path / "new" / "copy.sqlite")
        found = list((tmp_path / "new").rglob("*"))
    finally:
        os.umask(former)
    names = {p.name: stat.S_IMODE(p.stat().st_mode) for p in found}
    assert names == {
        "deep": 0o700,
        "db.sqlite": 0o600,
        "db.sqlite-wal": 0o600,
        "db.sqlite-shm": 0o600,
        "copy.sqlite": 0o600,
    }
    store.close()


def test_a_backup_is_whole_and_one_file(shelf: Shelf, tmp_path: Path) -> None:
    shelf.page(record("r1"))
    target = tmp_path / "copy.sqlite"
    shelf.store.backup(target)
    assert not target.with_name("copy.sqlite-wal").exists()
    copy = apsw.Connection(str(target), flags=apsw.SQLITE_OPEN_READONLY)
    assert copy.execute("SELECT native_id FROM review").fetchall() == [("r1",)]
    assert copy.pragma("journal_mode") == "delete"
    copy.close()


def test_a_backup_that_cannot_be_written_leaves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable):
        shelf.store.backup(tmp_path / "no such folder" / "copy.sqlite")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreUnusable):
        shelf.store.backup(tmp_path / "folder")
    assert not list(tmp_path.glob("*.part"))


# --- idle work ------------------------------------------------------------------------------------------


def test_idle_work_runs_until_it_is_done_and_again_after_a_commit(tmp_path: Path) -> None:
    left = [3]
    ran = threading.Event()

    def work(tx: Tx) -> bool:
        left[0] -= 1
        if left[0] <= 0:
            ran.set()
        return left[0] > 0

    store = open_store(tmp_path / "db.sqlite", idle_work=work)
    assert ran.wait(WAIT_S)
    store.write_now(lambda tx: None)
    left[0], _ = 2, ran.clear()
    store.write_now(lambda tx: None)
    assert ran.wait(WAIT_S)
    store.close()


def test_idle_work_yields_to_everybody(tmp_path: Path) -> None:
    slices = [0]
    begun = threading.Event()

    def endless(tx: Tx) -> bool:
        slices[0] += 1
        begun.set()
        return True

    store = open_store(tmp_path / "db.sqlite", idle_work=endless)
    assert begun.wait(WAIT_S)
    for n in range(20):
        before = slices[0]
        store.write(lambda tx: None, priority=Priority.SYNC).result(WAIT_S)
        # One is under way and one follows a page of a sync; more only while this thread is kept from running.
        assert slices[0] - before <= 50, n
    store.close()


def test_a_long_sync_does_not_starve_the_index(tmp_path: Path) -> None:
    slices = [0]

    def endless(tx: Tx) -> bool:
        slices[0] += 1
        return True

    store = open_store(tmp_path / "db.sqlite", idle_work=endless)
    hold, begun = threading.Event(), threading.Event()

    def first(tx: Tx) -> None:
        begun.set()
        hold.wait(WAIT_S)

    store.write(first, priority=Priority.SYNC)
    assert begun.wait(WAIT_S)
    before = slices[0]
    pages = [store.write(lambda tx: slices[0], priority=Priority.SYNC) for _ in range(20)]
    hold.set()
    assert [page.result(WAIT_S) for page in pages][-1] - before >= 20
    store.close()


def test_idle_work_that_fails_is_tried_again_after_the_next_commit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[int] = []
    second = threading.Event()

    def work(tx: Tx) -> bool:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("planted")
        second.set()
        return False

    store = open_store(tmp_path / "db.sqlite", idle_work=work)
    store.write_now(lambda tx: None)
    assert second.wait(WAIT_S)
    assert "planted" in caplog.text
    store.close()


def test_what_another_process_commits_is_noticed(tmp_path: Path) -> None:
    noticed = threading.Event()
    path = tmp_path / "db.sqlite"
    store = open_store(path, on_outside_change=noticed.set)
    store.write_now(lambda tx: settings.put(tx, "own", "1"))
    assert not noticed.wait(1.5), "our own commits are no news"
    other = open_store(path)
    other.write_now(lambda tx: settings.put(tx, "theirs", "1"))
    assert noticed.wait(WAIT_S)
    other.close()
    store.close()


def test_the_log_is_emptied_after_somebody_was_erased(tmp_path: Path) -> None:
    store = open_store(tmp_path / "db.sqlite")
    wal = tmp_path / "db.sqlite-wal"
    store.write_now(lambda tx: settings.put(tx, "name", "Quintessa Planted"))
    assert b"Quintessa" in wal.read_bytes()

    def erase(tx: Tx) -> None:
        settings.put(tx, "name", None)
        tx.changes.note_erased()

    with store.read() as r:
        r.rows("SELECT * FROM setting")  # an open snapshot puts it off
        store.write_now(erase)
        store.write_now(lambda tx: None)
        assert wal.stat().st_size > 0
    deadline = threading.Event()
    for _ in range(200):
        if wal.stat().st_size == 0:
            break
        deadline.wait(0.05)
    assert wal.stat().st_size == 0
    assert b"Quintessa" not in (tmp_path / "db.sqlite").read_bytes()
    store.close()


# --- the end ---------------------------------------------------------------------------------------------


def test_closing_finishes_what_a_person_asked_for_and_drops_the_rest(tmp_path: Path) -> None:
    store = open_store(tmp_path / "db.sqlite")
    _, go = block(store)
    typed = store.write(lambda tx: settings.put(tx, "typed", "1"))
    acted = store.write(lambda tx: settings.put(tx, "acted", "1"), priority=Priority.ACTION)
    synced = store.write(lambda tx: settings.put(tx, "synced", "1"), priority=Priority.SYNC)
    closing = threading.Thread(target=store.close)
    closing.start()
    assert isinstance(synced.exception(WAIT_S), StoreUnusable)
    go.set()
    closing.join(WAIT_S)
    assert typed.exception(0) is None and acted.exception(0) is None
    again = open_store(tmp_path / "db.sqlite")
    with again.read() as r:
        assert r.rows("SELECT key FROM setting ORDER BY key") == [("acted",), ("typed",)]
    again.close()


def test_closed_means_closed(tmp_path: Path) -> None:
    store = open_store(tmp_path / "db.sqlite")
    store.close()
    store.close()
    with pytest.raises(StoreUnusable):
        store.write_now(lambda tx: None)
    with pytest.raises(StoreUnusable), store.read():
        pass
    assert not (tmp_path / "db.sqlite-wal").exists()


def test_closing_never_waits_for_a_neighbour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewdesk.store.database._CLOSE_S", 0.2)
    store = open_store(tmp_path / "db.sqlite")
    other = apsw.Connection(str(tmp_path / "db.sqlite"))
    other.execute("BEGIN IMMEDIATE")
    future = store.write(lambda tx: settings.put(tx, "a", "1"))
    closer = threading.Thread(target=store.close)
    closer.start()
    closer.join(2.5)
    assert not closer.is_alive()
    assert isinstance(future.exception(WAIT_S), StoreBusy | StoreUnusable)
    other.close()
