"""What SQLite leaves behind when a row is written over, and taking that out of the file as well.

The search index keeps replaced words until its segments are merged, pages that were split keep what stood in their gaps,
the write-ahead log keeps former pages (reliability: erasing). A copy of the database is cleaned by making it anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.person import Person
from reviewdesk.store import copies, privacy, search_index, settings
from reviewdesk.store.connections import APPLICATION_ID, open_reader, open_writer
from reviewdesk.store.failures import as_store_error, cannot_open
from reviewdesk.store.writer import Reader, Tx

__all__ = ["empty_log", "holds_person", "is_database", "is_scrubbed", "make_anew", "rewrite_copy"]

_MAGIC = b"SQLite format 3\x00"
_PATIENCE_S = 10.0


def is_database(path: Path) -> bool:
    """Whether the file looks like a database at all."""
    try:
        with path.open("rb") as file:
            return file.read(16) == _MAGIC
    except OSError:
        return False


def is_scrubbed(r: Reader) -> bool:
    """Whether nothing is left to index and no scrub of the index is under way."""
    return not search_index.waiting(r) and settings.get(r, "index.scrub") is None


@contextmanager
def _writer(path: Path, clock: Clock) -> Iterator[apsw.Connection]:
    end = clock.monotonic() + _PATIENCE_S
    try:
        db = open_writer(path, may_wait=lambda: clock.monotonic() < end)
    except apsw.Error as error:
        raise as_store_error(error) or cannot_open() from error
    try:
        yield db
    except apsw.Error as error:
        raise as_store_error(error, db) or error from error
    finally:
        db.close(True)


def empty_log(path: Path, clock: Clock) -> bool:
    """Empty the write-ahead log; false when somebody reads for longer than ten seconds. Raises the StoreErrors."""
    pause = threading.Event()
    end = clock.monotonic() + _PATIENCE_S
    with _writer(path, clock) as db:
        while True:
            try:
                if not db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]:
                    return True
            except (apsw.BusyError, apsw.LockedError):
                pass  # somebody writes: the next try comes after them
            if clock.monotonic() >= end:
                return False
            clock.wait(pause, 0.1)


def make_anew(path: Path, clock: Clock) -> None:
    """Write the whole database again (VACUUM): no page keeps what stood there before. Others wait meanwhile.

    Needs twice its size on the disk. Raises the StoreErrors.
    """
    with _writer(path, clock) as db:
        # In memory it would need as much as the database is large.
        db.execute("PRAGMA temp_store=FILE").fetchall()
        db.execute("VACUUM").fetchall()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


# --- copies -------------------------------------------------------------------------------------------------


def _found_in(r: Reader, email: str, more: Person) -> privacy.Found:
    """The person as this copy knows them, with what is known of them elsewhere."""
    found = privacy.gather(r, email)
    for kind in ("emails", "names", "usernames", "phones", "orders", "ids"):
        for value in getattr(more, kind):
            found.person.add(kind, value)
    found.person.shared_names |= more.shared_names
    return found


def _hits(r: Reader, found: privacy.Found) -> Iterator[privacy.Hit]:
    at: privacy.Scan | None = None
    while True:
        hits, at = privacy.scan(r, found, at)
        yield from hits
        if at is None:
            return


def holds_person(path: Path, email: str, more: Person) -> bool | None:
    """Whether a copy of the database holds the person; None when it can't be read."""
    try:
        db = open_reader(path)
    except apsw.Error:
        return None
    try:
        if db.pragma("application_id") != APPLICATION_ID:
            return None
        reader = Reader(db)
        found = _found_in(reader, email, more)
        return bool(found.reviews) or any(hit.table != "account" for hit in _hits(reader, found))
    except apsw.Error:
        return None
    finally:
        db.close(True)


def rewrite_copy(path: Path, email: str, more: Person, clock: Clock, check: Callable[[Path], bool]) -> bool:
    """``copies.rewrite`` without the person."""

    def erase(tx: Tx) -> None:
        found = _found_in(tx, email, more)
        privacy.erase(tx, found, list(_hits(tx, found)))

    return copies.rewrite(path, erase, clock, check)
