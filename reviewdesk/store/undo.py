"""What a person did on this machine, step by step, so that every step can be taken back and done again.

Each step is the changeset that SQLite's session extension recorded while the step was made: the values before and
after of exactly the rows and columns it touched. Taking it back applies the inverse. What somebody else changed in
the meantime (a sync, another window) is left as it is now: a step takes back its own doing and nothing more.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import apsw

from reviewdesk.store.indexing import queue_index
from reviewdesk.store.notes import mark_noted
from reviewdesk.store.tags import repaint
from reviewdesk.store.undo_alike import Alike
from reviewdesk.store.writer import Reader, Tx

__all__ = ["KEPT", "Step", "Taken", "list_steps", "next_redo", "next_undo", "record", "redo", "undo"]

KEPT = 200
"""Steps that are kept; the oldest go first."""

_TABLES = ("review", "tag", "review_tag", "note", "saved_view", "unlinked", "unlinked_invitation")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """``kind``: what was done, as the service names it. ``n``: how many reviews. ``detail``: a name that belongs to it."""

    id: int
    at: int
    kind: str
    n: int
    detail: str
    undone: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken back or done again. ``kept``: rows that somebody had changed since, left as they are."""

    step: Step
    reviews: tuple[int, ...]
    kept: int


def record(tx: Tx, kind: str, work: Callable[[Tx], T], *, detail: str = "") -> T:
    """Run ``work`` as one step. A step that changed nothing is none. What was taken back before can't be redone."""
    session = apsw.Session(tx.db, "main")
    try:
        for table in _TABLES:
            session.attach(table)
        result = work(tx)
        changes = session.changeset()
    finally:
        session.close()
    if not changes:
        return result
    tx.run("DELETE FROM undo_step WHERE undone = 1")
    number = _only_reviews(changes)
    touched = _touched(tx, changes) if number is None else None
    tx.run(
        "INSERT INTO undo_step(at_s, kind, n, detail, changes) VALUES (?, ?, ?, ?, ?)",
        (
            int(tx.now),
            kind,
            len(touched.reviews) if touched is not None else number,
            detail,
            zlib.compress(changes, 1),
        ),
    )
    step = tx.db.last_insert_rowid()
    # A note's words are in the step: when its review leaves, they leave too.
    tx.db.executemany(
        "INSERT INTO undo_note(step_id, review_id) SELECT ?, id FROM review WHERE id = ?",
        ((step, review_id) for review_id in (touched.noted if touched is not None else ())),
    )
    tx.run("DELETE FROM undo_step WHERE id <= (SELECT max(id) FROM undo_step) - ?", (KEPT,))
    return result


def undo(tx: Tx) -> Taken | None:
    """Take back the newest step that is not taken back; None when there is none."""
    return _apply(tx, next_undo(tx), back=True)


def redo(tx: Tx) -> Taken | None:
    """Do the step again that was taken back last; None when there is none."""
    return _apply(tx, next_redo(tx), back=False)


def next_undo(r: Reader) -> Step | None:
    """What ``undo`` would take back."""
    return _one(r, "WHERE undone = 0 ORDER BY id DESC LIMIT 1")


def next_redo(r: Reader) -> Step | None:
    """What ``redo`` would do again."""
    return _one(r, "WHERE undone = 1 ORDER BY id LIMIT 1")


def list_steps(r: Reader, limit: int = KEPT) -> list[Step]:
    """The steps, newest first."""
    found = r.rows(
        "SELECT id, at_s, kind, n, detail, undone FROM undo_step ORDER BY id DESC LIMIT ?", (limit,)
    )
    return [_step(row) for row in found]


# --- inside --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Touched:
    reviews: set[int]
    tagged: set[int]
    noted: set[int]
    views: bool
    apart: bool = False


def _only_reviews(changes: bytes) -> int | None:
    """How many reviews, where nothing but rows of reviews changed; their values are not looked at, which takes long."""
    number = 0
    for change in apsw.Changeset.iter(changes):
        if change.name != "review":
            return None
        number += 1
    return number


def _touched(r: Reader, changes: bytes, alike: Alike | None = None) -> _Touched:
    """Who is in a changeset; ``alike`` gathers the changes of reviews on the way."""
    found = _Touched(set(), set(), set(), False)
    for change in apsw.Changeset.iter(changes):
        # Only the columns that matter are there; an update carries the key among its old values.
        old = change.old
        row: Any = old if old is not None else (change.new or ())
        if change.name == "review":
            found.reviews.add(_whole(row[0]))
            if alike is not None:
                alike.take(row, change.new if change.opcode == apsw.SQLITE_UPDATE else None)
        elif change.name == "review_tag":
            found.reviews.add(_whole(row[1]))
            found.tagged.add(_whole(row[1]))
        elif change.name in ("unlinked", "unlinked_invitation"):
            found.reviews.add(_whole(row[0]))
            if change.name == "unlinked":
                found.reviews.add(_whole(row[1]))
            found.apart = True
        elif change.name == "note":
            # An update carries only what it changed: whose note it is says the row, which is there then.
            review_id = row[1]
            if not isinstance(review_id, int):
                review_id = r.value("SELECT review_id FROM note WHERE id = ?", (row[0],))
            if review_id is not None:
                found.noted.add(_whole(review_id))
                found.reviews.add(_whole(review_id))
        else:
            found.views = True
    return found


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a key of the recorded tables is a whole number")
    return value


def _apply(tx: Tx, step: Step | None, *, back: bool) -> Taken | None:
    if step is None:
        return None
    packed = tx.value("SELECT changes FROM undo_step WHERE id = ?", (step.id,))
    changes = zlib.decompress(packed)
    alike = Alike()
    touched = _touched(tx, changes, alike)
    grouped = alike.few
    kept = alike.apply(tx, back=back) if grouped else 0
    if not grouped or touched.tagged or touched.noted or touched.views or touched.apart:
        rest = [table for table in _TABLES if not (grouped and table == "review")]
        kept += _apply_rows(tx, apsw.Changeset.invert(changes) if back else changes, rest)
    # A review, a tag or an invitation that has left since takes nothing back in.
    for table, parent, column in (
        ("review_tag", "review", "review_id"),
        ("review_tag", "tag", "tag_id"),
        ("note", "review", "review_id"),
        ("unlinked", "review", "review_id"),
        ("unlinked", "review", "other_id"),
        ("unlinked_invitation", "review", "review_id"),
        ("unlinked_invitation", "invitation", "invitation_id"),
    ):
        if kept:
            tx.run(
                f"DELETE FROM {table} WHERE NOT EXISTS (SELECT 1 FROM {parent} WHERE id = {table}.{column})"
            )
    if kept and touched.tagged:
        repaint(tx, sorted(touched.tagged))
    if touched.noted:
        for review_id in touched.noted:
            mark_noted(tx, review_id)
        queue_index(tx, sorted(touched.noted))
    tx.run("UPDATE undo_step SET undone = ? WHERE id = ?", (int(back), step.id))
    tx.changes.note_changed(touched.reviews)
    if touched.views or touched.tagged:
        tx.changes.note_views()
    return Taken(step, tuple(sorted(touched.reviews)), kept)


def _apply_rows(tx: Tx, changes: bytes, tables: Sequence[str]) -> int:
    """Row by row, in these tables; how many somebody had changed since, left as they are."""
    kept = 0

    def conflict(reason: int, change: apsw.TableChange) -> int:
        nonlocal kept
        kept += 1
        return apsw.SQLITE_CHANGESET_OMIT

    apsw.Changeset.apply(
        changes,
        tx.db,
        filter=lambda table: table in tables,
        conflict=conflict,
        # The rows that go with a tag are in the step themselves. The transaction is what a failure takes back: a savepoint
        # around it all would keep every page it touches in a list that the end of each statement walks through.
        flags=apsw.SQLITE_CHANGESETAPPLY_FKNOACTION | apsw.SQLITE_CHANGESETAPPLY_NOSAVEPOINT,
    )
    return kept


def _one(r: Reader, where: str) -> Step | None:
    row = r.one("SELECT id, at_s, kind, n, detail, undone FROM undo_step " + where)
    return None if row is None else _step(row)


def _step(row: tuple[int, int, str, int, str, int]) -> Step:
    return Step(row[0], row[1], row[2], row[3], row[4], bool(row[5]))
