"""Online copies of the database: whole, checked, private, and never half of one under the final name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import apsw

from reviewdesk.domain.errors import StoreDamaged
from reviewdesk.store.connections import make_private_file, open_reader
from reviewdesk.store.failures import as_store_error, cannot_open, from_os_error

__all__ = ["Outline", "copy_database", "outline", "outline_of"]


def copy_database(source: apsw.Connection, target: Path) -> None:
    """Copy everything committed in ``source`` to the new file ``target`` (mode 0600, one file without a log).

    The copy is checked and on the disk before it gets its name. ``source`` must not be in a write transaction
    of its own. Raises StoreFull, StoreUnusable, StoreDamaged (the copy, and so the source, is damaged).
    """
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        make_private_file(part)
        _fill(source, part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise from_os_error(error) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _fill(source: apsw.Connection, part: Path) -> None:
    copy = apsw.Connection(str(part), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        with copy.backup("main", source, "main") as run:
            # In one step: a copy in several begins again whenever somebody writes in between.
            run.step()
        copy.pragma("journal_mode", "delete")
        if copy.pragma("quick_check") != "ok":
            raise StoreDamaged("The database is damaged: its copy does not pass the check.")
    except apsw.Error as error:
        raise as_store_error(error, copy) or error from error
    finally:
        copy.close(True)


@dataclass(frozen=True, slots=True)
class Outline:
    """What a database holds, in figures that a person knows."""

    reviews: int
    notes: int
    tags: int
    saved_views: int
    waiting: int
    """Outbox items that are not at their end."""
    drafts: frozenset[tuple[int, str, str]]
    """(review, reader, text) of each draft."""


def outline(db: apsw.Connection) -> Outline:
    """The outline of an open database; what an older one does not have yet counts as none. Raises apsw errors."""

    def count(table: str, where: str = "") -> int:
        if not db.table_exists(None, table):
            return 0
        found = db.execute(f"SELECT count(*) FROM {table} {where}").fetchall()[0][0]
        return found if isinstance(found, int) else 0

    rows = db.execute("SELECT review_id, target, text FROM draft") if db.table_exists(None, "draft") else ()
    return Outline(
        reviews=count("review"),
        notes=count("note"),
        tags=count("tag"),
        saved_views=count("saved_view"),
        waiting=count("outbox", "WHERE state IN ('waiting', 'sending', 'verifying', 'held')"),
        drafts=frozenset((int(r[0]), str(r[1]), str(r[2])) for r in rows),
    )


def outline_of(path: Path) -> Outline:
    """The outline of a copy that nobody has open. Raises StoreError."""
    try:
        db = open_reader(path)
        try:
            return outline(db)
        finally:
            db.close(True)
    except apsw.Error as error:
        raise as_store_error(error) or cannot_open() from error
