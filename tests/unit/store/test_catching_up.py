"""Background work beside a long sync: it keeps up, lets a person pass, and does not wait for the disk."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from pathlib import Path

from reviewdesk.store.database import Priority, Store, Tx
from tests.support.clock import FakeClock
from tests.support.core import wait_until


class Work:
    """Ten pieces of background work for each page; every page and every piece takes a fifth of a second."""

    def __init__(self, tmp_path: Path, rest_s: float = 0.0) -> None:
        self.clock = FakeClock()
        self.left = self.longest = 0
        self.levels: list[int] = []
        self.worked: list[float] = []
        self.on_piece = threading.Event()
        self.rest = rest_s
        self.store = Store.open(
            tmp_path / "x.db",
            clock=self.clock,
            on_change=lambda changes: None,
            idle_work=self.piece,
            rest_s=self.rest_s,
        )

    def rest_s(self, worked_s: float) -> float:
        self.worked.append(worked_s)
        return self.rest

    def piece(self, tx: Tx) -> bool:
        self.on_piece.set()
        self.levels.append(int(tx.db.pragma("synchronous")))
        self.clock.advance(0.2)
        self.left = max(0, self.left - 1)
        tx.behind = self.left > 0
        return self.left > 0

    def page(self, tx: Tx) -> int:
        self.clock.advance(0.2)
        self.left += 10
        self.longest = max(self.longest, self.left)
        return int(tx.db.pragma("synchronous"))


def test_a_sync_waits_for_what_is_far_behind_and_only_then(tmp_path: Path) -> None:
    work = Work(tmp_path)
    try:
        gate = threading.Event()
        begun = work.store.write(lambda tx: gate.wait(10))
        pages = [work.store.write(work.page, priority=Priority.SYNC) for _ in range(12)]
        gate.set()
        begun.result(10)
        levels = {page.result(30) for page in pages}
        assert work.longest <= 30, "two pages may come before the index is waited for, twelve may not"
        assert levels == {2}, "a page is on the disk when it is called stored"
        assert set(work.levels) == {1}, "what can be done again does not wait for the disk"
    finally:
        work.store.close()


def test_a_person_passes_what_is_caught_up_with(tmp_path: Path) -> None:
    work = Work(tmp_path)
    done: list[int] = []
    try:
        work.left = 500
        work.on_piece.clear()

        def page(tx: Tx) -> None:
            work.clock.advance(5.0)

        def person(tx: Tx) -> None:
            done.append(work.left)

        pages: list[Future[None]] = [work.store.write(page, priority=Priority.SYNC) for _ in range(2)]
        assert work.on_piece.wait(10)
        work.store.write(person).result(10)
        assert done[0] > 0, "the person did not wait for all of it"
        for each in pages:
            each.result(30)
    finally:
        work.store.close()


def test_a_person_ends_the_rest_of_background_work(tmp_path: Path) -> None:
    work = Work(tmp_path, rest_s=30.0)
    try:
        # The rest that was begun after the opening lasts until somebody wants something.
        wait_until(lambda: bool(work.worked))
        assert work.store.write(lambda tx: 7).result(10) == 7
        assert all(0 <= worked < 5 for worked in work.worked)
    finally:
        began = time.monotonic()
        work.store.close()
        assert time.monotonic() - began < 10, "the end of the program waits for no rest"


def test_between_two_pages_of_a_sync_the_writer_rests_as_it_is_told(tmp_path: Path) -> None:
    work = Work(tmp_path)
    try:
        work.store.write(lambda tx: None).result(10)
        rests = len(work.worked)
        work.rest = 0.2
        began = time.monotonic()
        pages = [work.store.write(lambda tx: None, priority=Priority.SYNC) for _ in range(3)]
        for page in pages:
            page.result(30)
        assert time.monotonic() - began >= 0.4, "a rest after each but the last"
        assert len(work.worked) > rests
    finally:
        work.store.close()
