"""The write-ahead log is carried over beside the writer, and begins anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reviewdesk.store import checkpoints
from reviewdesk.store.database import Priority, Store, Tx
from tests.support.clock import FakeClock


def _until(turn: Callable[[], bool], what: str) -> None:
    for _ in range(5_000):
        if turn():
            return
    pytest.fail(what)


def _write(tx: Tx, text: str) -> None:
    tx.run("INSERT OR REPLACE INTO setting(key, value) VALUES ('a', ?)", (text,))
    tx.db.executemany(
        "INSERT OR REPLACE INTO setting(key, value) VALUES (?, ?)",
        ((f"k{n}", text * 200) for n in range(100)),
    )


def test_a_long_run_of_writes_leaves_a_short_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "_PAGES", 50)
    path = tmp_path / "profile.sqlite"
    store = Store.open(path, clock=FakeClock(), on_change=lambda changes: None)
    log = path.with_name(path.name + "-wal")
    carried = []
    real = checkpoints.Checkpoints._carry

    def carry(db: object) -> int:
        carried.append(db)
        return real(db)  # type: ignore[arg-type]

    monkeypatch.setattr(checkpoints.Checkpoints, "_carry", staticmethod(carry))
    begun_anew = 0
    pages = 0

    def turn() -> bool:
        nonlocal begun_anew, pages
        before = path.stat().st_mtime_ns
        store.write_now(lambda tx: _write(tx, f"{pages}"), priority=Priority.SYNC)
        pages += 1
        begun_anew += path.stat().st_mtime_ns != before
        return len(set(map(id, carried))) == 2 and pages > 60

    _until(turn, "the thread and the writer never carried something over, each in turn")
    assert begun_anew, "nothing reached the database"
    assert log.stat().st_size < pages * 20 * 8192, "the log only grew"
    with store.read() as r:
        assert r.value("SELECT value FROM setting WHERE key = 'a'") == f"{pages - 1}"
    assert store.integrity() == ()
    store.close()
    assert not log.exists(), "the last one who closes empties the log"


def test_a_log_that_cannot_be_carried_over_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "_PAGES", 10)
    tried = []

    def refuse(path: Path) -> None:
        tried.append(path)
        raise checkpoints.apsw.FullError

    monkeypatch.setattr(checkpoints, "open_carrier", refuse)
    store = Store.open(tmp_path / "profile.sqlite", clock=FakeClock(), on_change=lambda changes: None)

    def turn() -> bool:
        store.write_now(lambda tx: _write(tx, "text"))
        return len(tried) > 1

    _until(turn, "it is not tried again")
    store.close()
