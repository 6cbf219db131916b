"""A copy of the database (a backup, one that was set aside) is written anew with something taken out of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw

from reviewdesk.domain.clock import Clock
from reviewdesk.store import search_index
from reviewdesk.store.connections import APPLICATION_ID, make_private_file, open_writer
from reviewdesk.store.failures import from_os_error
from reviewdesk.store.writer import Tx

__all__ = ["rewrite"]

_TAILS = ("-wal", "-shm", "-journal")


def rewrite(path: Path, change: Callable[[Tx], object], clock: Clock, check: Callable[[Path], bool]) -> bool:
    """Put in the place of a copy one after ``change``, its times kept; false when that is not possible.

    The new one is made beside it, written whole so that no page keeps what was taken out, looked at by ``check`` and
    only then takes its name. Raises StoreFull and StoreUnusable; then the former copy is as it was. Any thread; takes
    as long as writing the whole copy twice.
    """
    part = path.with_name(path.name + ".erasing")
    try:
        about = path.stat()
        _forget(part)
        make_private_file(part)
        shutil.copyfile(path, part)
        log = path.with_name(path.name + "-wal")
        if log.exists():
            shutil.copyfile(log, part.with_name(part.name + "-wal"))
        try:
            _change(part, change, clock)
        except apsw.Error:
            return False
        if not check(part):
            return False
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        for tail in _TAILS:
            path.with_name(path.name + tail).unlink(missing_ok=True)
        part.replace(path)
        os.utime(path, (about.st_atime, about.st_mtime))
    except OSError as error:
        raise from_os_error(error) from error
    finally:
        _forget(part)
    return True


def _change(part: Path, change: Callable[[Tx], object], clock: Clock) -> None:
    db = open_writer(part, may_wait=lambda: True)
    try:
        if db.pragma("application_id") != APPLICATION_ID:
            raise apsw.NotADBError
        db.execute("BEGIN IMMEDIATE")
        change(Tx(db, clock.now()))
        db.execute("COMMIT")
        going = True
        while going:
            db.execute("BEGIN IMMEDIATE")
            going = search_index.index_slice(Tx(db, clock.now()), max_rows=1_000, budget_s=0.5)
            db.execute("COMMIT")
        # In memory it would need as much as the database is large.
        db.execute("PRAGMA temp_store=FILE").fetchall()
        db.execute("VACUUM").fetchall()
        db.pragma("journal_mode", "delete")
        if db.pragma("quick_check") != "ok":
            raise apsw.CorruptError
    finally:
        db.close(True)


def _forget(path: Path) -> None:
    for tail in ("", *_TAILS):
        path.with_name(path.name + tail).unlink(missing_ok=True)
