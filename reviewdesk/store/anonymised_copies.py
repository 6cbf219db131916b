"""Backups after a provider has made reviews anonymous: each is put in its place again without the former names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import apsw

from reviewdesk.domain.clock import Clock
from reviewdesk.store import anonymise, search_index
from reviewdesk.store.codec import to_json
from reviewdesk.store.connections import APPLICATION_ID, make_private_file, open_reader, open_writer
from reviewdesk.store.failures import from_os_error
from reviewdesk.store.writer import Reader, Tx

__all__ = ["wipe"]

_TAILS = ("-wal", "-shm", "-journal")


def wipe(path: Path, review_ids: Iterable[int], clock: Clock, check: Callable[[Path], bool]) -> bool:
    """Take the authors of these reviews out of the backup ``path``; false where it can't be read or written anew.

    The new copy is made beside it, looked at by ``check`` and only then takes its name; its time is kept. A backup that
    holds none of them is left alone. Raises StoreFull and StoreUnusable; then the former one is as it was.
    """
    part = path.with_name(path.name + ".erasing")
    about = path.stat()
    try:
        named = _named(path, review_ids)
        if not named:
            return True
        _forget(part)
        make_private_file(part)
        shutil.copyfile(path, part)
        _clean(part, named, clock)
        if not check(part):
            return False
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
        os.utime(path, (about.st_atime, about.st_mtime))
    except apsw.Error:
        return False
    except OSError as error:
        raise from_os_error(error) from error
    finally:
        _forget(part)
    return True


def _named(path: Path, review_ids: Iterable[int]) -> list[int]:
    db = open_reader(path)
    try:
        if db.pragma("application_id") != APPLICATION_ID:
            raise apsw.NotADBError
        rows = Reader(db).rows(
            "SELECT id FROM review WHERE id IN (SELECT value FROM json_each(?))", (to_json(list(review_ids)),)
        )
        return [row[0] for row in rows]
    finally:
        db.close(True)


def _clean(part: Path, review_ids: list[int], clock: Clock) -> None:
    db = open_writer(part, may_wait=lambda: True)
    try:
        db.execute("BEGIN IMMEDIATE")
        tx = Tx(db, clock.now())
        for review_id in review_ids:
            anonymise.wipe_row(tx, review_id)
        db.execute("COMMIT")
        while True:
            db.execute("BEGIN IMMEDIATE")
            going = search_index.index_slice(Tx(db, clock.now()), max_rows=1_000, budget_s=0.5)
            db.execute("COMMIT")
            if not going:
                break
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
