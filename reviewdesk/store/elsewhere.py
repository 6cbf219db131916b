"""Replies that were written in a provider's back office, until a reading of the provider brings them."""

from __future__ import annotations

from reviewdesk.domain.models import Elsewhere
from reviewdesk.store.writer import Reader, Tx

__all__ = ["forget", "note", "of_review", "settle", "waiting"]


def of_review(r: Reader, review_id: int) -> Elsewhere | None:
    """What was said of this review and is not settled yet."""
    row = r.one(
        "SELECT at_s, text FROM answered_elsewhere WHERE review_id = ? AND settled_s IS NULL", (review_id,)
    )
    return None if row is None else Elsewhere(row[0], row[1])


def waiting(r: Reader) -> list[int]:
    """The reviews whose reply no reading has brought yet, the latest first."""
    rows = r.rows("SELECT review_id FROM answered_elsewhere WHERE settled_s IS NULL ORDER BY at_s DESC")
    return [row[0] for row in rows]


def note(tx: Tx, review_id: int, text: str) -> None:
    """It was answered at the provider, with this text as far as it is known here."""
    tx.run(
        "INSERT INTO answered_elsewhere(review_id, at_s, text) VALUES (?1, ?2, ?3)"
        " ON CONFLICT(review_id) DO UPDATE SET at_s = ?2, text = ?3, settled_s = NULL",
        (review_id, int(tx.now), text),
    )
    tx.changes.note_changed((review_id,))


def forget(tx: Tx, review_id: int) -> Elsewhere | None:
    """It was not; what was noted, so that it can be noted again."""
    former = of_review(tx, review_id)
    tx.run("DELETE FROM answered_elsewhere WHERE review_id = ? AND settled_s IS NULL", (review_id,))
    tx.changes.note_changed((review_id,))
    return former


def settle(tx: Tx, review_id: int) -> bool:
    """A reading brought a reply of the business; true when one was waited for."""
    return bool(
        tx.run(
            "UPDATE answered_elsewhere SET settled_s = ? WHERE review_id = ? AND settled_s IS NULL",
            (int(tx.now), review_id),
        )
    )
