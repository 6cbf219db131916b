"""Online copies of the database: whole, checked, private, and never half of one under the final name."""

from __future__ import annotations

import os
from pathlib import Path

import apsw

from reviewdesk.domain.errors import StoreDamaged
from reviewdesk.store.connections import make_private_file
from reviewdesk.store.failures import as_store_error, from_os_error

__all__ = ["copy_database"]


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
