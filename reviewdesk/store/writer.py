"""The writer: one thread, one writing connection, one transaction per job, the most urgent job first."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import apsw

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import StoreError, StoreUnusable
from reviewdesk.domain.models import ChangeSet
from reviewdesk.store.changes import ChangeCollector
from reviewdesk.store.checkpoints import Checkpoints
from reviewdesk.store.connections import open_writer, patience
from reviewdesk.store.failures import as_store_error, cannot_open

__all__ = ["Priority", "Reader", "Tx", "Writer"]

_log = logging.getLogger(__name__)
T = TypeVar("T")

_LOOK_EVERY_S = 1.0
_GAP_S = 0.002
_MAY_LAG_S = 0.7
"""How long a sync may bring rows before it waits for what is behind: they are to be found within two seconds."""
# PRAGMA synchronous. A commit of background work does not wait for the disk: should it be lost, so is the note that it
# was done, and the next commit of anything else brings it to the disk before itself.
_NORMAL = 1


class Priority(IntEnum):
    """What goes first when several jobs wait."""

    PERSON = 0
    """Somebody typed or clicked and looks at the screen."""
    ACTION = 1
    """The outbox: steps of a reply that is on its way."""
    SYNC = 2
    INDEX = 3


class Reader:
    """A connection for the length of one ``with`` (or one job). Not to be kept."""

    def __init__(self, db: apsw.Connection) -> None:
        self.db = db

    def rows(self, sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
        """Every row of ``sql``; nothing of the statement stays open."""
        return self.db.execute(sql, params).fetchall()

    def one(self, sql: str, params: Any = ()) -> tuple[Any, ...] | None:
        """The first row of ``sql``, or None."""
        cursor = self.db.execute(sql, params)
        row = cursor.fetchone()
        cursor.close()
        return row

    def value(self, sql: str, params: Any = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, params)
        return None if row is None else row[0]


class Tx(Reader):
    """One write transaction. ``now``: UTC seconds at its begin."""

    def __init__(self, db: apsw.Connection, now: float) -> None:
        super().__init__(db)
        self.now = now
        self.changes = ChangeCollector()
        self.behind = False
        """Set by background work that is behind with what others wait to see."""

    def run(self, sql: str, params: Any = ()) -> int:
        """Run one statement; how many rows it inserted, changed or deleted (without those of triggers)."""
        self.db.execute(sql, params).close()
        return self.db.changes()


class _Job:
    __slots__ = ("future", "work")

    def __init__(self, work: Callable[[Tx], Any]) -> None:
        self.work = work
        self.future: Future[Any] = Future()


class Writer:
    """Takes closures from any thread and runs them one after the other. Survives whatever they raise."""

    def __init__(
        self,
        path: Path,
        db: apsw.Connection,
        *,
        clock: Clock,
        on_change: Callable[[ChangeSet], None],
        idle_work: Callable[[Tx], bool] | None,
        on_outside_change: Callable[[], None] | None,
        may_wait: Callable[[], bool],
        rest_s: Callable[[float], float],
    ) -> None:
        self._path = path
        self._db: apsw.Connection | None = db
        self._clock = clock
        self._on_change = on_change
        self._idle_work = idle_work
        self._on_outside_change = on_outside_change
        self._may_wait = may_wait
        self._rest_s = rest_s
        self._worked = 0.0
        self._hurried = False
        self._heap: list[tuple[int, int, _Job]] = []
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._gap = threading.Event()
        self._closing = False
        self._idle_due = idle_work is not None
        self._behind_since: float | None = None
        self._empty_log_due = False
        self._log_was_busy = False
        self._checkpoints = Checkpoints(path)
        self._checkpoints.attach(db)
        db.set_busy_handler(patience(self._may_wait_now))
        self._data_version = db.pragma("data_version")
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Tx], T], priority: Priority) -> Future[T]:
        """Queue ``work``. After ``close`` the future fails with StoreUnusable at once."""
        job = _Job(work)
        with self._wake:
            if self._closing:
                job.future.set_exception(StoreUnusable("The database is being closed."))
            else:
                heapq.heappush(self._heap, (priority, next(self._numbers), job))
                self._wake.notify()
        return job.future

    def on_own_thread(self) -> bool:
        return threading.current_thread() is self._thread

    def close(self, timeout_s: float) -> bool:
        """Finish what a person or the outbox asked for, drop the rest, end the thread; true when it has ended."""
        with self._wake:
            self._closing = True
            dropped = [job for priority, _, job in self._heap if priority >= Priority.SYNC]
            self._heap = [entry for entry in self._heap if entry[0] < Priority.SYNC]
            heapq.heapify(self._heap)
            self._wake.notify()
        for job in dropped:
            _fail(job, StoreUnusable("The database is being closed."))
        self._thread.join(timeout_s)
        if not self._thread.is_alive():
            return True
        with self._wake:
            left, self._heap = self._heap, []
        for _, _, job in left:
            _fail(job, StoreUnusable("The database is being closed."))
        db = self._db
        if db is not None:
            try:
                db.interrupt()
            except apsw.Error:  # closed in this very moment: nothing left to stop
                pass
        self._thread.join(0.3)
        return not self._thread.is_alive()

    # --- on the writer thread -----------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            task = self._next()
            if task is None:
                break
            priority, act = task
            self._worked = time.thread_time()
            act()
            if priority >= Priority.SYNC:
                self._carry_rest()
            if priority is Priority.SYNC:
                self._catch_up()
            if priority >= Priority.SYNC:
                self._make_room()
        self._checkpoints.close()
        db, self._db = self._db, None
        if db is not None:
            try:
                db.close(True)
            except apsw.Error:
                _log.warning("the database did not close cleanly; nothing is lost by that")

    def _carry_rest(self) -> None:
        if self._db is not None and not self._somebody_waits():
            try:
                self._checkpoints.finish(self._db)
            except apsw.Error:  # a full disk: the next commit meets it and says so
                _log.warning("the rest of the write-ahead log was not carried over")

    def _catch_up(self) -> None:
        """A long sync would otherwise keep what it brings out of the search until its end."""
        if self._behind_since is None:
            self._behind_since = self._clock.monotonic()
        late = self._clock.monotonic() - self._behind_since > _MAY_LAG_S
        while self._idle_due and not self._somebody_waits():
            self._work_idly()
            if not late or self._behind_since is None:
                return
            self._make_room()

    def _make_room(self) -> None:
        """After background work: for other processes, which would starve without a gap, and for the window's thread."""
        self._gap.wait(_GAP_S)
        now = time.thread_time()
        rest_s, self._worked = self._rest_s(now - self._worked), now
        if rest_s > 0:
            with self._wake:
                self._wake.wait_for(self._is_urgent, rest_s)

    def _somebody_waits(self) -> bool:
        with self._wake:
            return self._is_urgent()

    def _is_urgent(self) -> bool:
        return self._closing or (bool(self._heap) and self._heap[0][0] < Priority.SYNC)

    def _next(self) -> tuple[Priority, Callable[[], None]] | None:
        with self._wake:
            while True:
                if self._heap:
                    priority, _, job = heapq.heappop(self._heap)
                    return Priority(priority), partial(self._serve, job)
                if self._closing:
                    return None
                if self._idle_due:
                    return Priority.INDEX, self._work_idly
                if self._empty_log_due:
                    return Priority.INDEX, self._empty_log
                watched = (
                    self._idle_work is not None or self._on_outside_change is not None or self._log_was_busy
                )
                if not self._wake.wait(_LOOK_EVERY_S if watched else None):
                    return Priority.PERSON, self._look_outside

    def _serve(self, job: _Job) -> None:
        if not job.future.set_running_or_notify_cancel():
            return
        try:
            result, changes = self._transact(job.work)
        except BaseException as error:  # noqa: BLE001 - whatever a job raises belongs to who asked for it
            job.future.set_exception(error)
        else:
            self._publish(changes)
            job.future.set_result(result)

    def _transact(self, work: Callable[[Tx], T]) -> tuple[T, ChangeSet]:
        """Run ``work`` in one IMMEDIATE transaction. Raises its error, or the typed form of SQLite's."""
        db = self._connection()
        try:
            db.execute("BEGIN IMMEDIATE")
            tx = Tx(db, self._clock.now())
            result = work(tx)
            db.execute("COMMIT")
        except BaseException as error:
            mapped = as_store_error(error, db)
            self._roll_back(db)
            if mapped is not None and mapped is not error:
                raise mapped from error
            raise
        changes = tx.changes.result()
        self._idle_due = self._idle_work is not None
        self._empty_log_due = self._empty_log_due or tx.changes.erased
        return result, changes

    def _connection(self) -> apsw.Connection:
        if self._db is None:
            try:
                self._db = open_writer(self._path, may_wait=self._may_wait_now)
                self._checkpoints.attach(self._db)
            except apsw.Error as error:
                raise as_store_error(error) or cannot_open() from error
        return self._db

    def _may_wait_now(self) -> bool:
        return not self._hurried and self._may_wait()

    def _roll_back(self, db: apsw.Connection) -> None:
        # SQLite rolls back by itself on a full disk; a second ROLLBACK would be an error of its own.
        try:
            if db.in_transaction:
                db.execute("ROLLBACK")
        except apsw.Error:
            _log.warning("a transaction could not be rolled back; opening the database again")
        if db.in_transaction:
            self._db = None
            db.close(True)

    def _publish(self, changes: ChangeSet) -> None:
        if not changes:
            return
        try:
            self._on_change(changes)
        except Exception:  # noqa: BLE001 - the data is committed; a deaf listener changes nothing of that
            _log.exception("telling about a committed change failed")

    def _work_idly(self) -> None:
        work = self._idle_work
        if work is None:
            return
        behind = False

        def watched(tx: Tx) -> bool:
            nonlocal behind
            more = work(tx)
            behind = tx.behind
            return more

        level: Any = None
        try:
            db = self._connection()
            level = db.pragma("synchronous")
            db.pragma("synchronous", _NORMAL)
            more, changes = self._transact(watched)
        except StoreError as error:
            # A full disk or a busy neighbour: the next look tries again.
            _log.warning("background work on the database was put off: %s", error.message)
            more = False
            changes = ChangeSet()
        except Exception:  # noqa: BLE001 - background work must not take the writer with it
            _log.exception("background work on the database failed")
            more = False
            changes = ChangeSet()
        finally:
            if self._db is not None and level is not None:
                self._db.pragma("synchronous", level)
        self._idle_due = more
        if not (more and behind):
            self._behind_since = None
        self._publish(changes)

    def _empty_log(self) -> None:
        """After personal data was wiped: nothing of it may stay in the write-ahead log (reliability.md B10)."""
        self._empty_log_due = False
        self._hurried = True  # somebody may want to write: what a reader still looks at is not waited for
        try:
            busy = self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]
        except (apsw.Error, StoreError):
            busy = 1
        finally:
            self._hurried = False
        # While a reader still looks at the old pages it cannot be done; the next look outside tries again.
        self._log_was_busy = bool(busy)

    def _look_outside(self) -> None:
        """Another process may have committed: its rows may want indexing, and the window wants to know."""
        if self._log_was_busy:
            self._log_was_busy = False
            self._empty_log_due = True
        try:
            version = self._connection().pragma("data_version")
        except (apsw.Error, StoreError):
            return
        if version == self._data_version:
            return
        self._data_version = version
        self._idle_due = self._idle_work is not None
        if self._on_outside_change is not None:
            try:
                self._on_outside_change()
            except Exception:  # noqa: BLE001 - as in _publish
                _log.exception("telling about another process's change failed")


def _fail(job: _Job, error: StoreError) -> None:
    if job.future.set_running_or_notify_cancel():
        job.future.set_exception(error)
