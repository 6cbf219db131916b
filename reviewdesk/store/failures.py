"""SQLite's result codes as the typed store errors: the environment's faults only, a mistake of ours stays itself."""

from __future__ import annotations

import errno

import apsw

from reviewdesk.domain.errors import (
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreUnusable,
)

__all__ = ["as_store_error", "from_os_error"]

# A write that hits a quota or a file size limit is an I/O error to SQLite and a full disk to a person.
_NO_ROOM = frozenset(n for n in (errno.ENOSPC, getattr(errno, "EDQUOT", None), errno.EFBIG) if n is not None)


def as_store_error(error: BaseException, db: apsw.Connection | None = None) -> StoreError | None:
    """The typed form of ``error``, or None when it is not the environment's fault (a bug, or the caller's own error).

    ``db`` lets an I/O error be told apart by the system's own error number.
    """
    if isinstance(error, StoreError):
        return error
    if not isinstance(error, apsw.Error):
        return None
    match error:
        case apsw.FullError():
            return _full()
        case apsw.BusyError() | apsw.LockedError() | apsw.ProtocolError():
            return StoreBusy(
                "Another Reviewdesk is writing to this profile and did not finish within 5 seconds.",
                remedy="Try again in a moment.",
            )
        case apsw.CorruptError() | apsw.NotADBError() | apsw.FormatError():
            return damaged()
        case apsw.ReadOnlyError() | apsw.PermissionsError() | apsw.AuthError():
            return StoreUnusable(
                "The database cannot be written.",
                remedy="Check the permissions of the profile folder and whether the disk is read-only.",
            )
        case apsw.CantOpenError():
            return _full() if _system_errno(db) in _NO_ROOM else cannot_open()
        case apsw.IOError():
            if getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_CORRUPTFS:
                return damaged()
            if _system_errno(db) in _NO_ROOM:
                return _full()
            return StoreUnusable(
                "The disk reported an error while the database was in use.",
                remedy="Check the disk; what was saved before is kept.",
            )
        case apsw.InterruptError() | apsw.ConnectionClosedError():
            return StoreUnusable("The database is being closed.")
        case apsw.NoMemError():
            return StoreUnusable("There is not enough memory for the database.")
    return None


def from_os_error(error: OSError) -> StoreError:
    """The typed form of what the operating system said about the profile folder or a file in it."""
    if error.errno in _NO_ROOM:
        return _full()
    return cannot_open()


def damaged() -> StoreDamaged:
    return StoreDamaged(
        "The database is damaged.",
        remedy="It was left as it is. Restore a backup, or move it aside to begin with a new one.",
    )


def cannot_open() -> StoreUnusable:
    return StoreUnusable(
        "The database cannot be opened.",
        remedy="Check that the profile folder exists, is yours and can be written.",
    )


def _full() -> StoreFull:
    return StoreFull("The disk is full.", remedy="Free some space; what was saved before is kept.")


def _system_errno(db: apsw.Connection | None) -> int:
    if db is None:
        return 0
    try:
        return db.system_errno
    except apsw.Error:
        return 0
