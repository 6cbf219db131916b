"""Carrying the write-ahead log over into the database beside the writer, not within somebody's commit.

SQLite does it in the commit that makes the log long enough: 16 MB of pages and two waits for the disk, while a person's
change waits. Here a thread with a connection of its own carries over what is there, which disturbs no writer
(sqlite.org/wal.html, "concurrency"), and the writer only the little that came meanwhile, so that the log begins anew.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

import apsw

from reviewdesk.store.connections import open_carrier

__all__ = ["Checkpoints"]

_log = logging.getLogger(__name__)

# Pages, 16 MiB: at half of that a first sync writes a fifth more to the disk, as the same pages come again.
_PAGES = 2_000
_JOIN_S = 1.0


class Checkpoints:
    """One per writer. Everything but the carrying itself is called on the writer's thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._carried = 0
        self._busy = False
        self._rest_due = False
        self._ending = False
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def attach(self, db: apsw.Connection) -> None:
        """From now on this connection's commits carry nothing over by themselves."""
        db.set_wal_hook(self._committed)

    def _committed(self, _db: apsw.Connection, _name: str, pages: int) -> int:
        if pages < self._carried:
            self._carried = 0  # the log has begun anew
        if pages - self._carried >= _PAGES and not self._busy:
            self._busy = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="store-checkpoints", daemon=True)
                self._thread.start()
            self._wake.set()
        return apsw.SQLITE_OK

    def finish(self, db: apsw.Connection) -> None:
        """Carry over the rest of a log of which most is: some milliseconds, between two transactions."""
        if self._rest_due:
            self._rest_due = False
            self._carried = self._carry(db)

    def close(self) -> None:
        """End the thread; waits for what it is at, a second at most."""
        self._ending = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        db: apsw.Connection | None = None
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._ending:
                break
            try:
                db = db or open_carrier(self._path)
                self._carried = self._carry(db)
                self._rest_due = True
            except apsw.Error as error:
                # A full disk, or a file that is gone: the next commit meets it and says so.
                _log.warning("the write-ahead log was not carried over: %s", type(error).__name__)
            finally:
                self._busy = False
        if db is not None:
            db.close(True)

    @staticmethod
    def _carry(db: apsw.Connection) -> int:
        """How many pages of the log the database holds by now."""
        row: tuple[Any, ...] = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()[0]
        _busy, _log_pages, carried = row
        return max(0, int(carried))
