"""Opening the file: who may, with which pragmas, and what is refused before SQLite touches a byte."""

from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import apsw

from reviewdesk.domain.errors import StoreDamaged, StoreNewer, StoreUnusable
from reviewdesk.store.failures import as_store_error, cannot_open, damaged, from_os_error

__all__ = [
    "APPLICATION_ID",
    "BUSY_PATIENCE_S",
    "check_file",
    "make_private_file",
    "make_private_folder",
    "open_carrier",
    "open_reader",
    "open_writer",
    "patience",
    "refuse_network_drive",
]

APPLICATION_ID = 0x52764473
"""``RvDs`` in the file's header: no other program's database is ever taken for ours."""
BUSY_PATIENCE_S = 5.0

_PAGE_SIZE = 8192
_MMAP_BYTES = 256 * 1024 * 1024
# Of each reader; four times as much made no search at a million reviews faster, and there are six of them.
_READER_CACHE_KIB = 2048
_WAL_LIMIT_BYTES = 16 * 1024 * 1024
_MAGIC = b"SQLite format 3\x00"
_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "9p", "fuse.sshfs", "davfs", "fuse.rclone"}
)


# --- before the file is opened -----------------------------------------------------------------------


def make_private_folder(folder: Path) -> None:
    """Make ``folder`` and its missing parents, each open to its owner alone; existing ones stay as they are.

    Raises StoreUnusable or StoreFull.
    """
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    try:
        for part in reversed(missing):
            part.mkdir(mode=0o700, exist_ok=True)
            # The umask can take bits away but a set-gid parent or an odd umask must not leave others.
            part.chmod(0o700)
    except OSError as error:
        raise from_os_error(error) from error


def make_private_file(path: Path) -> None:
    """Make ``path`` (empty) when it is missing and leave it readable to its owner alone, whatever the umask.

    SQLite gives ``-wal`` and ``-shm`` the permissions of the database itself. Raises StoreUnusable or StoreFull.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            if hasattr(os, "fchmod") and stat.S_IMODE(os.fstat(handle).st_mode) != 0o600:
                os.fchmod(handle, 0o600)
        finally:
            os.close(handle)
    except OSError as error:
        raise from_os_error(error) from error


def refuse_network_drive(path: Path) -> None:
    """Raise StoreUnusable where shared memory between processes cannot work (sqlite.org/wal.html: same host only)."""
    if _on_network_drive(path.parent):
        raise StoreUnusable(
            "The profile lies on a network drive, where a database can be damaged by two computers at once.",
            remedy="Choose a folder on a disk of this computer with --profile.",
        )


def _on_network_drive(folder: Path) -> bool:
    if sys.platform == "win32":
        import ctypes

        drive_remote = 4
        return bool(ctypes.windll.kernel32.GetDriveTypeW(str(folder.anchor)) == drive_remote)
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False  # no such list on this system; open_writer still refuses where WAL does not work
    return file_system_of(folder.resolve(), mounts) in _NETWORK_FILE_SYSTEMS


def file_system_of(folder: Path, mountinfo: str) -> str:
    """The type of the file system that holds ``folder``, by the longest matching mount point (proc(5), mountinfo)."""
    best, kind = "", ""
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = fields[4].replace("\\040", " ").replace("\\134", "\\")
        inside = folder == Path(point) or Path(point) in folder.parents
        # A later mount on the same point hides the earlier one.
        if inside and len(point) >= len(best):
            best, kind = point, right.split(" ")[0]
    return kind


def check_file(path: Path, newest: int) -> None:
    """Refuse what must not be opened for writing, reading the file's own header and changing no byte.

    ``newest`` is the newest schema this program knows. Raises StoreNewer, StoreDamaged or StoreUnusable;
    a missing or empty file passes (it will be made).
    """
    try:
        if path.is_dir():
            raise StoreUnusable("A folder stands where the database should be.", remedy="Move it aside.")
        with path.open("rb") as file:
            header = file.read(100)
            size = os.fstat(file.fileno()).st_size
        wal = path.with_name(path.name + "-wal")
        has_log = wal.exists() and wal.stat().st_size > 32
    except FileNotFoundError:
        return
    except OSError as error:
        raise from_os_error(error) from error
    if size == 0:
        return
    if len(header) < 100 or not header.startswith(_MAGIC):
        raise StoreDamaged(
            "The file is not a database.",
            remedy="It was left as it is. Restore a backup, or move it aside to begin with a new one.",
        )
    version = _number(header, 60)
    if has_log:
        version = max(version, _version_with_log(path))
    elif _number(header, 24) == _number(header, 92) and _number(header, 28) * _page_size(header) > size:
        raise damaged()  # cut off: pages that the header speaks of are missing
    if version > newest:
        raise StoreNewer(
            "This profile was written by a newer version of Reviewdesk.",
            remedy="Update Reviewdesk. The profile was left exactly as it is.",
        )
    if version and _number(header, 68) not in (0, APPLICATION_ID):
        raise _foreign()
    if version and not has_log and _number(header, 68) == 0:
        raise _foreign()


def _number(header: bytes, at: int) -> int:
    return int.from_bytes(header[at : at + 4], "big")


def _page_size(header: bytes) -> int:
    size = int.from_bytes(header[16:18], "big")
    return 65536 if size == 1 else size


def _version_with_log(path: Path) -> int:
    """The schema number including what only the write-ahead log holds yet; the log is not emptied by looking."""
    try:
        db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            db.set_busy_timeout(int(BUSY_PATIENCE_S * 1000))
            return int(db.pragma("user_version"))
        finally:
            db.close()
    except apsw.Error as error:
        raise as_store_error(error) or cannot_open() from error


def _foreign() -> StoreUnusable:
    return StoreUnusable(
        "The database belongs to another program.", remedy="Choose another folder with --profile."
    )


# --- connections ---------------------------------------------------------------------------------------


def open_writer(path: Path, *, may_wait: Callable[[], bool]) -> apsw.Connection:
    """The one writing connection of this process: WAL, FULL, foreign keys, secure delete.

    ``may_wait`` is asked while another process holds the write lock; false ends the waiting at once.
    Raises apsw errors (mapped by the caller) and StoreUnusable where write-ahead logging does not work.
    """
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=200)
    try:
        db.set_busy_handler(patience(may_wait))
        db.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        # Of a new file alone: pages that are free can be given back a few at a time (search_index.py).
        db.execute(f"PRAGMA page_size={_PAGE_SIZE}; PRAGMA auto_vacuum=INCREMENTAL").fetchall()
        if not _switch_to_wal(db, may_wait):
            raise StoreUnusable(
                "The file system of the profile does not allow a shared database.",
                remedy="Choose a folder on a disk of this computer with --profile.",
            )
        db.execute(
            "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF;"
            # macOS's fsync leaves data in the disk's own cache; elsewhere these two do nothing.
            "PRAGMA fullfsync=ON; PRAGMA checkpoint_fullfsync=ON;"
            "PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON; PRAGMA cache_size=-32768;"
            # Mapped, a large import has the whole file in its memory; its time is the same without (docs/performance.md).
            f"PRAGMA mmap_size=0; PRAGMA journal_size_limit={_WAL_LIMIT_BYTES};"
            # Until somebody else carries the log over (checkpoints.py).
            "PRAGMA wal_autocheckpoint=2000"
        ).fetchall()  # some of them answer with a row, and what follows runs only when it has been taken
        # Reads the schema: a damaged first page is found here and not in the middle of somebody's work.
        db.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except BaseException:
        db.close(True)
        raise
    return db


def open_reader(path: Path) -> apsw.Connection:
    """A connection that cannot write. Used by one thread at a time, by any thread in turn. Raises apsw errors."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY, statementcachesize=200)
    try:
        db.set_busy_timeout(int(BUSY_PATIENCE_S * 1000))
        db.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        db.execute(
            # No cell_size_check here: it made each look-up of a row five to seven times dearer. The writer has it.
            "PRAGMA query_only=ON; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;"
            f"PRAGMA cache_size=-{_READER_CACHE_KIB}; PRAGMA mmap_size={_MMAP_BYTES}"
        ).fetchall()
    except BaseException:
        db.close(True)
        raise
    return db


def open_carrier(path: Path) -> apsw.Connection:
    """A connection that only carries the log of an opened database over (checkpoints.py). Raises apsw errors."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        db.set_busy_timeout(int(BUSY_PATIENCE_S * 1000))
        db.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        db.execute(
            "PRAGMA synchronous=FULL; PRAGMA fullfsync=ON; PRAGMA checkpoint_fullfsync=ON; PRAGMA cache_size=-256;"
            f"PRAGMA mmap_size=0; PRAGMA journal_size_limit={_WAL_LIMIT_BYTES}; PRAGMA wal_autocheckpoint=0"
        ).fetchall()
    except BaseException:
        db.close(True)
        raise
    return db


def patience(may_wait: Callable[[], bool]) -> Callable[[int], bool]:
    """Wait for another process's transaction in steps short enough to find the gap between two of its own."""
    pause = threading.Event()
    slept = 0.0

    def wait_a_little(times: int) -> bool:
        nonlocal slept
        if times == 0:
            slept = 0.0
        if slept >= BUSY_PATIENCE_S or not may_wait():
            return False
        step = 0.001 if slept < 1.0 else 0.004
        pause.wait(step)
        # The sleep itself takes a little longer than asked for.
        slept += step + 0.0002
        return True

    return wait_a_little


def _switch_to_wal(db: apsw.Connection, may_wait: Callable[[], bool]) -> bool:
    """Two processes that open a new file at once get in each other's way here, past any busy handler."""
    pause = threading.Event()
    for attempt in range(int(BUSY_PATIENCE_S / 0.05)):
        try:
            return bool(db.pragma("journal_mode", "wal") == "wal")
        except (apsw.BusyError, apsw.LockedError):
            if attempt == int(BUSY_PATIENCE_S / 0.05) - 1 or not may_wait():
                raise
            pause.wait(0.05)
    return False
