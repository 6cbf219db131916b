"""The database of a profile: open it, write through one thread, read from any (architecture.md section 3).

Several processes may have one profile open at a time (a window, scheduled syncs): each has its own writer thread,
and SQLite's write lock decides between them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import apsw

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import StoreDamaged, StoreUnusable
from reviewdesk.domain.models import ChangeSet
from reviewdesk.store import schema
from reviewdesk.store.backup import copy_database
from reviewdesk.store.connections import (
    check_file,
    make_private_file,
    make_private_folder,
    open_reader,
    open_writer,
    refuse_network_drive,
)
from reviewdesk.store.failures import as_store_error, cannot_open
from reviewdesk.store.suspicion import mark_suspect
from reviewdesk.store.writer import Priority, Reader, Tx, Writer

__all__ = ["Priority", "Reader", "Store", "Tx"]

T = TypeVar("T")

_KEPT_READERS = 6
_CLOSE_S = 2.5


class Store:
    """One per process and profile. Thread-safe."""

    def __init__(self, path: Path, writer: Writer, give_up: threading.Event) -> None:
        """Use ``Store.open``."""
        self.path = path
        self._writer = writer
        self._give_up = give_up
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._idle_readers: list[apsw.Connection] = []

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Clock,
        on_change: Callable[[ChangeSet], None],
        idle_work: Callable[[Tx], bool] | None = None,
        on_outside_change: Callable[[], None] | None = None,
        rest_s: Callable[[float], float] = lambda _worked_s: 0.0,
        migrations: Sequence[schema.Migration] | None = None,
    ) -> Store:
        """Open the database at ``path``, making it (0600, folders 0700) or bringing it up to date.

        ``on_change`` hears of every commit that changed something, on the writer thread, before the future of
        its job resolves. ``idle_work`` is run in a transaction of its own while nobody wants to write, at
        ``Priority.INDEX``: after the opening, after each commit, and again as long as it returns true.
        ``on_outside_change`` is called (writer thread, within about a second) after another process committed.
        ``rest_s`` says how many seconds the writer rests after so many of a processor spent on what no person asked
        for; what a person asks for meanwhile ends the rest. ``migrations`` is for tests.

        Raises StoreNewer (the file is left byte for byte as it is), StoreDamaged, StoreUnusable, StoreFull,
        StoreBusy.
        """
        steps = schema.load() if migrations is None else tuple(migrations)
        path = Path(path).absolute()
        make_private_folder(path.parent)
        refuse_network_drive(path)
        check_file(path, steps[-1].number)
        make_private_file(path)
        give_up = threading.Event()

        def may_wait() -> bool:
            return not give_up.is_set()

        try:
            db = open_writer(path, may_wait=may_wait)
        except apsw.Error as error:
            raise as_store_error(error) or cannot_open() from error
        try:
            schema.migrate(db, path, steps, clock)
            writer = Writer(
                path,
                db,
                clock=clock,
                on_change=on_change,
                idle_work=idle_work,
                on_outside_change=on_outside_change,
                may_wait=may_wait,
                rest_s=rest_s,
            )
        except BaseException as error:
            mapped = as_store_error(error, db)
            db.close(True)
            if mapped is not None and mapped is not error:
                raise mapped from error
            raise
        return cls(path, writer, give_up)

    def write(self, work: Callable[[Tx], T], *, priority: Priority = Priority.PERSON) -> Future[T]:
        """Run ``work`` on the writer thread in one IMMEDIATE transaction; any thread.

        What ``work`` raises rolls the transaction back and reaches the future, SQLite's own errors as StoreErrors.
        The future resolves after the commit and after ``on_change`` has been called. ``work`` must be quick,
        must not wait for anything, and must not keep ``tx``.
        """
        future = self._writer.submit(work, priority)
        future.add_done_callback(self._notice_damage)
        return future

    def _notice_damage(self, done: Future[T]) -> None:
        if not done.cancelled() and isinstance(done.exception(), StoreDamaged):
            mark_suspect(self.path)

    def write_now(self, work: Callable[[Tx], T], *, priority: Priority = Priority.PERSON) -> T:
        """``write`` and wait for its end. Raises what the future would; not to be called on the writer thread."""
        if self._writer.on_own_thread():
            raise RuntimeError("write_now on the writer thread would wait for itself")
        return self.write(work, priority=priority).result()

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """A read-only connection of the pool: one consistent snapshot inside the ``with``. Any thread.

        Raises the StoreErrors; keep it short, an open snapshot keeps the write-ahead log from being emptied.
        """
        db = self._take_reader()
        healthy = False
        try:
            db.execute("BEGIN")
            yield Reader(db)
            healthy = True
        except apsw.Error as error:
            mapped = as_store_error(error, db)
            # A mistake in a statement leaves the connection as good as it was.
            healthy = mapped is None
            if isinstance(mapped, StoreDamaged):
                mark_suspect(self.path)
            if mapped is not None:
                raise mapped from error
            raise
        except BaseException:
            healthy = True
            raise
        finally:
            self._give_back(db, healthy)

    def _take_reader(self) -> apsw.Connection:
        with self._lock:
            if self._stopping.is_set():
                raise StoreUnusable("The database is closed.")
            if self._idle_readers:
                return self._idle_readers.pop()
        try:
            return open_reader(self.path)
        except apsw.Error as error:
            raise as_store_error(error) or cannot_open() from error

    def _give_back(self, db: apsw.Connection, healthy: bool) -> None:
        try:
            if db.in_transaction:
                db.execute("ROLLBACK")
        except apsw.Error:
            healthy = False
        if healthy:
            with self._lock:
                if not self._stopping.is_set() and len(self._idle_readers) < _KEPT_READERS:
                    self._idle_readers.append(db)
                    return
        db.close(True)

    def integrity(self, *, quick: bool = True) -> tuple[str, ...]:
        """What is wrong with the file, in SQLite's words; empty when nothing is. Seconds for a large database."""
        with self.read() as r:
            found = [
                str(row[0]) for row in r.rows("PRAGMA quick_check" if quick else "PRAGMA integrity_check")
            ]
            orphans = r.rows("PRAGMA foreign_key_check")
        problems = [] if found == ["ok"] else found
        if orphans:
            problems.append(f"{len(orphans)} rows belong to nothing")
        return tuple(problems)

    def backup(self, target: Path, go_on: Callable[[], bool] | None = None) -> bool:
        """Write an online copy of everything committed to the new file ``target``; any thread.

        The copy is one file (no log), mode 0600, checked before it gets its name. ``go_on`` is asked every few
        milliseconds and may wait; when it says no, nothing is left behind and the answer is false.
        Raises StoreFull, StoreUnusable, StoreDamaged.
        """
        db = self._take_reader()
        try:
            return copy_database(db, target, go_on)
        except StoreDamaged:
            mark_suspect(self.path)
            raise
        finally:
            self._give_back(db, True)

    def close(self) -> None:
        """Finish what a person and the outbox asked for, drop the rest; never longer than 3 s. Safe to repeat.

        A reader still in use is closed when its ``with`` ends.
        """
        with self._lock:
            readers, self._idle_readers = self._idle_readers, []
            self._stopping.set()
        for db in readers:
            db.close(True)
        if not self._writer.close(_CLOSE_S):
            # Still waiting for another process, or in a long statement: it ends without us, nothing is half.
            self._give_up.set()
