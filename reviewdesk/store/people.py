"""What else is known of the person or the order behind a review, over all accounts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reviewdesk.domain.models import ReviewRow
from reviewdesk.store import reviews
from reviewdesk.store.writer import Reader, Tx

__all__ = [
    "Match",
    "ProductFigures",
    "figures_of_product",
    "link",
    "matches",
    "unlink",
    "unlink_invitation",
    "unlinked",
]

# Each reason with what finds the others: an index stands behind every one of them. A user name says something within
# its provider only, a consumer's number likewise.
_SAME_PROVIDER = (
    " AND o.account_id IN (SELECT b.id FROM account AS a JOIN account AS b ON b.provider = a.provider"
    " WHERE a.id = v.account_id)"
)
_REASONS: tuple[tuple[str, str], ...] = (
    ("email", "o.author_email = v.author_email COLLATE NOCASE AND v.author_email IS NOT NULL"),
    ("order", "o.order_id = v.order_id AND length(v.order_id) > 2"),
    ("order", "o.order_id = v.reference AND length(v.reference) > 2"),
    ("reference", "o.reference = v.reference AND length(v.reference) > 2"),
    ("order", "o.reference = v.order_id AND length(v.order_id) > 2"),
    ("username", "o.author_username = v.author_username AND v.author_username <> ''" + _SAME_PROVIDER),
)


@dataclass(frozen=True, slots=True)
class Match:
    """Another review, and why it is taken for the same person's or order's: ``email``, ``order`` ...

    ``messages``: how many private messages were written about it.
    """

    row: ReviewRow
    reasons: tuple[str, ...]
    messages: int = 0


@dataclass(frozen=True, slots=True)
class ProductFigures:
    """Of the published reviews of a product over all sources. ``mean``: on the scale of five, None without a score."""

    reviews: int
    scored: int
    mean: float | None
    spread: tuple[int, int, int, int, int]
    """How many of one star, two stars ..."""
    sources: int


def matches(r: Reader, review_id: int, *, limit: int = 50) -> list[Match]:
    """Other reviews of the same person or order, newest first; without those that somebody unlinked and removed ones."""
    found: dict[int, list[str]] = {}
    for reason, condition in _REASONS:
        rows = r.rows(
            f"SELECT o.id FROM review AS v JOIN review AS o ON {condition} WHERE v.id = ?1 AND o.id <> ?1"
            " AND o.work_state <> 'removed' AND o.twin_of IS NOT v.id AND v.twin_of IS NOT o.id"
            " AND NOT EXISTS (SELECT 1 FROM unlinked WHERE review_id = min(o.id, v.id) AND other_id = max(o.id, v.id))"
            " ORDER BY o.id DESC LIMIT ?2",
            (review_id, limit),
        )
        for (other,) in rows:
            reasons = found.setdefault(other, [])
            if reason not in reasons:
                reasons.append(reason)
    newest = sorted(found, reverse=True)[:limit]
    known = reviews.rows(r, newest)
    written: dict[int, int] = dict(
        r.rows(
            "SELECT review_id, count(*) FROM message WHERE review_id IN (SELECT value FROM json_each(?))"
            " GROUP BY review_id",
            (json.dumps(newest),),
        )
    )
    return [Match(known[i], tuple(found[i]), written.get(i, 0)) for i in newest if i in known]


def unlink(tx: Tx, review_id: int, other_id: int) -> None:
    """The two are not of one person; a sync does not bring them together again."""
    tx.run(
        "INSERT INTO unlinked(review_id, other_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (min(review_id, other_id), max(review_id, other_id)),
    )
    tx.changes.note_changed((review_id, other_id))


def link(tx: Tx, review_id: int, other_id: int) -> None:
    """Take an ``unlink`` back."""
    tx.run(
        "DELETE FROM unlinked WHERE review_id = ? AND other_id = ?",
        (min(review_id, other_id), max(review_id, other_id)),
    )
    tx.changes.note_changed((review_id, other_id))


def unlink_invitation(tx: Tx, review_id: int, invitation_id: int) -> None:
    """The invitation is not of the review's person or order, whatever they have in common."""
    tx.run(
        "INSERT INTO unlinked_invitation(review_id, invitation_id) SELECT ?, id FROM invitation WHERE id = ?"
        " ON CONFLICT DO NOTHING",
        (review_id, invitation_id),
    )
    tx.changes.note_changed((review_id,))


def unlinked(r: Reader, review_id: int) -> list[int]:
    """The reviews that somebody took apart from this one."""
    rows: Iterable[tuple[Any, ...]] = r.rows(
        "SELECT iif(review_id = ?1, other_id, review_id) FROM unlinked WHERE review_id = ?1 OR other_id = ?1",
        (review_id,),
    )
    return [row[0] for row in rows]


def figures_of_product(r: Reader, review_id: int) -> ProductFigures | None:
    """The figures of the product that a review is about; None where it is about none."""
    row = r.one(
        "SELECT sum(n), sum(scored), sum(sum100), sum(s1), sum(s2), sum(s3), sum(s4), sum(s5), count(*) FROM listing"
        " WHERE id IN (SELECT l.id FROM listed AS v JOIN listing AS m ON m.account_id = v.account_id"
        "  AND m.key = v.key AND m.source = v.source JOIN listing AS l ON l.id = m.id OR l.product_id = m.product_id"
        "  WHERE v.id = ?)",
        (review_id,),
    )
    if row is None or row[0] is None:
        return None
    scored = int(row[1])
    mean = None if not scored else row[2] / 100 / scored
    return ProductFigures(int(row[0]), scored, mean, (row[3], row[4], row[5], row[6], row[7]), int(row[8]))
