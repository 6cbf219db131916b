"""Own notes on a review: never sent anywhere."""

from __future__ import annotations

from dataclasses import dataclass

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.text import clean
from reviewdesk.store.indexing import queue_index
from reviewdesk.store.writer import Reader, Tx

__all__ = ["MAX_CHARS", "Note", "add", "delete", "edit", "list_of", "mark_noted"]

MAX_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Note:
    """``at``: when it was written (UTC seconds)."""

    id: int
    at: int
    text: str


def list_of(r: Reader, review_id: int) -> list[Note]:
    """The notes of a review, oldest first."""
    found = r.rows("SELECT id, at_s, text FROM note WHERE review_id = ? ORDER BY id", (review_id,))
    return [Note(*row) for row in found]


def add(tx: Tx, review_id: int, text: str) -> int:
    """Write a note and answer its id. Raises InvalidInput for an empty or endless one, KeyError without review."""
    text = _checked(text)
    if tx.one("SELECT 1 FROM review WHERE id = ?", (review_id,)) is None:
        raise KeyError(review_id)
    tx.run("INSERT INTO note(review_id, at_s, text) VALUES (?, ?, ?)", (review_id, int(tx.now), text))
    note_id = tx.db.last_insert_rowid()
    _changed(tx, review_id)
    return note_id


def edit(tx: Tx, note_id: int, text: str) -> bool:
    """Change a note's text; false when it is not there. Raises InvalidInput."""
    text = _checked(text)
    review_id = tx.value("SELECT review_id FROM note WHERE id = ?", (note_id,))
    if review_id is None:
        return False
    tx.run("UPDATE note SET text = ? WHERE id = ?", (text, note_id))
    _changed(tx, int(review_id))
    return True


def delete(tx: Tx, note_id: int) -> Note | None:
    """Remove a note; what it was, so that an undo can add it again. None when it is not there."""
    row = tx.one("SELECT review_id, id, at_s, text FROM note WHERE id = ?", (note_id,))
    if row is None:
        return None
    tx.run("DELETE FROM note WHERE id = ?", (note_id,))
    _changed(tx, int(row[0]))
    return Note(*row[1:])


def _checked(text: str) -> str:
    text = clean(text).strip()
    if not text:
        raise InvalidInput("A note needs a text.")
    if len(text) > MAX_CHARS:
        raise InvalidInput(f"A note has at most {MAX_CHARS:,} characters.")
    return text


def mark_noted(tx: Tx, review_id: int) -> None:
    """Bring the row's mark up to whether the review has a note."""
    tx.run(
        "UPDATE review SET has_note = EXISTS (SELECT 1 FROM note WHERE review_id = ?1) WHERE id = ?1"
        " AND has_note <> EXISTS (SELECT 1 FROM note WHERE review_id = ?1)",
        (review_id,),
    )


def _changed(tx: Tx, review_id: int) -> None:
    mark_noted(tx, review_id)
    queue_index(tx, (review_id,))
    tx.changes.note_changed((review_id,))
