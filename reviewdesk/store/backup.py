"""Online copies of the database: whole, checked, private, and never half of one under the final name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import apsw

from reviewdesk.domain.errors import StoreDamaged
from reviewdesk.store.connections import make_private_file
from reviewdesk.store.failures import as_store_error, from_os_error

__all__ = ["copy_database"]


_SLICE_PAGES = 256
"""Two megabytes: some milliseconds."""
_CHECK_STEPS = 50_000


def copy_database(source: apsw.Connection, target: Path, go_on: Callable[[], bool] | None = None) -> bool:
    """Copy everything committed in ``source`` to the new file ``target`` (mode 0600, one file without a log).

    The copy is checked and on the disk before it gets its name. It is made in slices of some milliseconds; ``go_on`` is
    asked after each, and may take its time. When it says no, nothing is left of the copy and the answer is false.
    ``source`` must not be in a transaction of its own.
    Raises StoreFull, StoreUnusable, StoreDamaged (the copy, and so the source, is damaged).
    """
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        make_private_file(part)
        if not _fill(source, part, go_on or _always):
            part.unlink(missing_ok=True)
            return False
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
        return True
    except OSError as error:
        part.unlink(missing_ok=True)
        raise from_os_error(error) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _always() -> bool:
    return True


def _fill(source: apsw.Connection, part: Path, go_on: Callable[[], bool]) -> bool:
    copy = apsw.Connection(str(part), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        # One view of the source from beginning to end: without it the copy would begin again whenever somebody writes
        # between two slices (sqlite.org/c3ref/backup_finish.html).
        source.execute("BEGIN; SELECT count(*) FROM sqlite_schema").fetchall()
        with copy.backup("main", source, "main") as run:
            while not run.step(_SLICE_PAGES):
                if not go_on():
                    return False
        copy.pragma("journal_mode", "delete")
        copy.set_progress_handler(lambda: not go_on(), _CHECK_STEPS)
        if copy.pragma("quick_check") != "ok":
            raise StoreDamaged("The database is damaged: its copy does not pass the check.")
        return True
    except apsw.InterruptError:
        return False
    except apsw.Error as error:
        raise as_store_error(error, copy) or error from error
    finally:
        copy.close(True)
        if source.in_transaction:
            source.execute("ROLLBACK")
