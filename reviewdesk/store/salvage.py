"""A damaged database: set aside whole, what can be read of it carried over, gaps filled from a backup.

Nothing here overwrites or deletes a file that holds somebody's data: the damaged one, and the one that a restored
backup replaces, stay in folders of their own.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import apsw

from reviewdesk.domain.clock import Clock, iso_utc
from reviewdesk.domain.errors import ErrorInfo, StoreDamaged, StoreNewer
from reviewdesk.domain.models import OutboxState
from reviewdesk.store import message_drafts, outbox, products, schema
from reviewdesk.store.codec import object_from
from reviewdesk.store.connections import (
    APPLICATION_ID,
    make_private_file,
    make_private_folder,
    open_writer,
)
from reviewdesk.store.failures import as_store_error, cannot_open, from_os_error
from reviewdesk.store.suspicion import clear_suspicion, mark_suspect, suspect
from reviewdesk.store.writer import Tx

__all__ = [
    "RESTORED",
    "Salvage",
    "clear_suspicion",
    "is_good",
    "mark_suspect",
    "rescue",
    "restore",
    "suspect",
]

_log = logging.getLogger(__name__)

RESTORED = (
    "This comes from a restored database and may have gone out already. Look at the provider before sending."
)
_TAILS = ("", "-wal", "-shm")
# Counted by triggers, made anew by indexing, or better read again from the provider.
_NOT_CARRIED = frozenset({"tally", "index_queue", "sync_cursor"})
# What a person cannot get back anywhere else, by the name they know it under.
_KEPT = {
    "draft": "drafts",
    "outbox": "outbox items",
    "note": "notes",
    "tag": "tags",
    "saved_view": "saved views",
}


@dataclass(frozen=True, slots=True)
class Salvage:
    """What was saved. ``rows``: table -> rows read from the damaged file; ``backup``: what filled the gaps."""

    folder: Path
    """Where the damaged file lies now."""
    rows: dict[str, int] = field(default_factory=dict)
    backup: Path | None = None
    incomplete: tuple[str, ...] = ()
    """Tables of which something could not be read."""

    def sentence(self) -> str:
        """One sentence for the person."""
        said = [
            f"{self.rows.get(table, 0)} {words}" for table, words in _KEPT.items() if self.rows.get(table)
        ]
        saved = ", ".join([f"{self.rows.get('review', 0)} reviews", *said])
        from_backup = " and a backup filled the gaps" if self.backup is not None else ""
        return f"The database was damaged. Saved from it: {saved}{from_backup}. Nothing is sent before you have looked."


def is_good(path: Path, newest: int | None = None) -> bool:
    """Whether ``path`` is a whole database of ours that this program can read."""
    limit = schema.load()[-1].number if newest is None else newest
    try:
        db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    except apsw.Error:
        return False
    try:
        return bool(
            db.pragma("application_id") == APPLICATION_ID
            and 0 < int(db.pragma("user_version")) <= limit
            and db.pragma("quick_check") == "ok"
        )
    except apsw.Error:
        return False
    finally:
        db.close(True)


# --- setting aside -------------------------------------------------------------------------------------


def _set_aside(path: Path, under: str, clock: Clock) -> Path:
    """Move the database with its log into a folder of its own; that folder."""
    stamp = (iso_utc(clock.now()) or "").replace("-", "").replace(":", "")
    for number in range(1, 1000):
        folder = path.parent / under / (stamp if number == 1 else f"{stamp}-{number}")
        if not folder.exists():
            break
    make_private_folder(folder)
    try:
        # The log first: should this end half way, the file without its log is still where it is looked for.
        for tail in reversed(_TAILS):
            part = path.with_name(path.name + tail)
            if part.exists():
                part.replace(folder / part.name)
    except OSError as error:
        raise from_os_error(error) from error
    return folder


# --- salvage -------------------------------------------------------------------------------------------


def rescue(path: Path, backups: Sequence[Path], clock: Clock) -> Salvage:
    """Set the damaged database at ``path`` aside and put in its place what can be saved.

    ``backups``: newest first; the first good one fills the gaps. No other process may have the profile open.
    Raises StoreFull and StoreUnusable; then the damaged file is where it was or in ``damaged/``, never gone.
    """
    new = path.with_name(path.name + ".salvaged")
    work = path.with_name(path.name + ".reading")
    steps = schema.load()
    try:
        _forget(new)
        _forget(work)
        for tail in ("", "-wal"):
            part = path.with_name(path.name + tail)
            if part.exists():
                # Reading is done in a copy, as even that may write to the log: the damaged file stays as it is.
                shutil.copyfile(part, work.with_name(work.name + tail))
        backup = next((b for b in backups if is_good(b, steps[-1].number)), None)
        make_private_file(new)
        if backup is not None:
            shutil.copyfile(backup, new)
        rows, incomplete = _carry_over(work, new, steps, clock)
        folder = _set_aside(path, "damaged", clock)
        new.replace(path)
        _sync_folder(path.parent)
        clear_suspicion(path)
    except OSError as error:
        raise from_os_error(error) from error
    except apsw.Error as error:
        raise as_store_error(error) or cannot_open() from error
    finally:
        _forget(work)
        _forget(new)
    return Salvage(folder, rows, backup, incomplete)


def restore(path: Path, backup: Path, clock: Clock) -> Path | None:
    """Put ``backup`` in the place of the database; the folder in which the former one lies now.

    What waited in the outbox of the backup is held for a person: it may have gone out since. No other process may
    have the profile open. Raises StoreDamaged (a bad backup), StoreNewer, StoreFull, StoreUnusable; then nothing
    was changed.
    """
    steps = schema.load()
    if not is_good(backup, 2**31):
        raise StoreDamaged("The backup is damaged or not one of this program.", remedy="Choose another one.")
    if not is_good(backup, steps[-1].number):
        raise StoreNewer("The backup was made by a newer version of Reviewdesk.", remedy="Update Reviewdesk.")
    new = path.with_name(path.name + ".restored")
    try:
        _forget(new)
        make_private_file(new)
        shutil.copyfile(backup, new)
        db = _open_new(new, steps, clock)
        try:
            _in_one(db, clock, _hold_all)
        finally:
            _close_as_one_file(db)
        folder = _set_aside(path, "replaced", clock) if path.exists() else None
        new.replace(path)
        _sync_folder(path.parent)
        clear_suspicion(path)
    except OSError as error:
        raise from_os_error(error) from error
    except apsw.Error as error:
        raise as_store_error(error) or cannot_open() from error
    finally:
        _forget(new)
    return folder


def _forget(path: Path) -> None:
    """Remove a working file of ours."""
    for tail in (*_TAILS, "-journal"):
        path.with_name(path.name + tail).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _open_new(new: Path, steps: Sequence[schema.Migration], clock: Clock) -> apsw.Connection:
    db = open_writer(new, may_wait=lambda: True)
    try:
        schema.migrate(db, new, steps, clock)
    except BaseException:
        db.close(True)
        raise
    return db


def _close_as_one_file(db: apsw.Connection) -> None:
    db.pragma("journal_mode", "delete")
    db.close(True)


def _in_one(db: apsw.Connection, clock: Clock, work: Callable[[Tx], None]) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        work(Tx(db, clock.now()))
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _hold_all(tx: Tx) -> None:
    """Nothing of a restored outbox goes out by itself."""
    moving = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.VERIFYING)
    for item in outbox.list_items(tx, states=moving, limit=1 << 40):
        held = replace(
            item, state=OutboxState.HELD, error=ErrorInfo("restored", RESTORED), finished_at=tx.now
        )
        outbox.update(tx, held)
    tx.run("UPDATE outbox SET sender = NULL")


def _carry_over(
    work: Path, new: Path, steps: Sequence[schema.Migration], clock: Clock
) -> tuple[dict[str, int], tuple[str, ...]]:
    counts: dict[str, int] = {}
    incomplete: list[str] = []
    db = _open_new(new, steps, clock)
    try:
        db.execute("PRAGMA foreign_keys=OFF")
        old = _open_old(work)

        def carry(tx: Tx) -> None:
            _hold_all(tx)
            if old is not None:
                for table in _tables(db):
                    counts[table], whole = _carry_table(tx, old, table)
                    if not whole:
                        incomplete.append(table)
            _hold_all(tx)
            _tidy(tx)

        try:
            _in_one(db, clock, carry)
        finally:
            if old is not None:
                old.close(True)
    finally:
        _close_as_one_file(db)
    return counts, tuple(incomplete)


def _open_old(work: Path) -> apsw.Connection | None:
    if not work.exists():
        return None
    try:
        old = apsw.Connection(str(work), flags=apsw.SQLITE_OPEN_READWRITE)
        old.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except apsw.Error:
        return None  # not even its list of tables can be read: the backup is what there is
    return old


def _tables(db: apsw.Connection) -> list[str]:
    """Ordinary tables, those that others refer to first; without the search index and what is counted."""
    names = [
        str(row[0])
        for row in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " AND name NOT LIKE 'review_fts%' ORDER BY rowid"
        )
    ]
    return [name for name in names if name not in _NOT_CARRIED]


def _carry_table(tx: Tx, old: apsw.Connection, table: str) -> tuple[int, bool]:
    """Copy the readable rows of one table; how many, and whether it could be read to its end."""
    columns = _columns(tx.db, table)
    there = set(_columns(old, table))
    shared = [c for c in columns if c in there]
    if not shared:
        return 0, False
    names = ", ".join(f'"{c}"' for c in shared)
    # A row that is newer than the backup's replaces it.
    into = f'INSERT OR REPLACE INTO "{table}"({names}) VALUES ({", ".join("?" * len(shared))})'
    count, whole = 0, True
    for row in _readable(old, table, names):
        if row is None:
            whole = False
            continue
        try:
            tx.db.execute("SAVEPOINT row")
            if table == "outbox":
                _keep_text_of_rival(tx, dict(zip(shared, row, strict=True)))
            tx.run(into, row)
            count += 1
        except (apsw.ConstraintError, apsw.MismatchError, apsw.SQLError):
            whole = False  # the disk made something else of this row
            tx.db.execute("ROLLBACK TO row")
        finally:
            tx.db.execute("RELEASE row")
    return count, whole


def _columns(db: apsw.Connection, table: str) -> list[str]:
    try:
        return [str(row[1]) for row in db.execute(f'PRAGMA table_info("{table}")')]
    except apsw.Error:
        return []


def _readable(old: apsw.Connection, table: str, names: str) -> Iterator[tuple[Any, ...] | None]:
    """Every row that can be read: from the beginning up to the damage, then from the end; None for each damage."""
    keyed = "WITHOUT ROWID" not in str(
        old.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchall()
    )
    key = "rowid, " if keyed else ""
    last: int | None = None
    try:
        for row in old.execute(f'SELECT {key}{names} FROM "{table}" ORDER BY 1'):
            last = row[0] if keyed else None
            yield row[1:] if keyed else row
        return
    except apsw.Error:
        yield None
    if not keyed:
        return
    try:
        after = "" if last is None else f"WHERE rowid > {last} "
        for row in old.execute(f'SELECT rowid, {names} FROM "{table}" {after}ORDER BY rowid DESC'):
            yield row[1:]
    except apsw.Error:
        yield None


def _keep_text_of_rival(tx: Tx, row: dict[str, Any]) -> None:
    """One live item per review and reader: the backup's older one gives way, its text stays as a version."""
    if row.get("state") not in ("waiting", "sending", "verifying", "held"):
        return
    if row.get("review_id") is None:
        _keep_text_of_letter(tx, row)
        return
    rivals = tx.rows(
        "SELECT id, review_id, target, text FROM outbox WHERE review_id = ? AND target = ? AND kind = ?"
        " AND id <> ? AND state IN ('waiting', 'sending', 'verifying', 'held')",
        (row["review_id"], row["target"], row["kind"], row["id"]),
    )
    for item_id, review_id, target, text in rivals:
        tx.run(
            "INSERT INTO draft_version(review_id, target, at_t, text) VALUES (?, ?, ?, ?)",
            (review_id, target, tx.now, text),
        )
        tx.run("UPDATE outbox SET state = 'discarded', finished_t = ? WHERE id = ?", (tx.now, item_id))
        outbox.seal(tx, (item_id,))


def _keep_text_of_letter(tx: Tx, row: dict[str, Any]) -> None:
    """The same for a message to a person: one is live at most."""
    person = object_from(str(row.get("payload") or "{}")).get("username")
    if row.get("kind") != "message" or not isinstance(person, str):
        return
    rival = outbox.live_letter(tx, row["account_id"], person)
    if rival is not None and rival.id != row["id"]:
        message_drafts.keep_version(tx, rival.account_id, person, rival.text)
        tx.run("UPDATE outbox SET state = 'discarded', finished_t = ? WHERE id = ?", (tx.now, rival.id))
        outbox.seal(tx, (rival.id,))


def _tidy(tx: Tx) -> None:
    """Rows whose parents were lost: their texts stay as drafts, the rest is read from the provider again."""
    for review_id, target, text in tx.rows(
        "SELECT review_id, target, text FROM outbox WHERE review_id IS NOT NULL AND text <> ''"
        " AND state = 'held' AND account_id NOT IN (SELECT id FROM account)"
    ):
        tx.run(
            "INSERT INTO draft_version(review_id, target, at_t, text) VALUES (?, ?, ?, ?)",
            (review_id, target, tx.now, text),
        )
    for _ in range(5):
        orphans = tx.rows("PRAGMA foreign_key_check")
        if not orphans:
            break
        for table, rowid, _parent, _number in orphans:
            if rowid is not None:
                tx.run(f'DELETE FROM "{table}" WHERE rowid = ?', (rowid,))
            else:
                tx.run("DELETE FROM review_tag WHERE review_id NOT IN (SELECT id FROM review)")
                tx.run("DELETE FROM review_tag WHERE tag_id NOT IN (SELECT id FROM tag)")
    # Rows were replaced without their triggers: what is counted is counted anew, what is searched indexed anew.
    tx.run("DELETE FROM tally")
    tx.run(
        "INSERT INTO tally(account_id, work_state, n, unread) SELECT account_id, work_state, count(*), sum(unread)"
        " FROM review WHERE twin_of IS NULL GROUP BY account_id, work_state"
    )
    products.recount(tx)
    tx.run("INSERT OR IGNORE INTO index_queue(review_id) SELECT id FROM review")
    tx.run("DELETE FROM sync_cursor")
