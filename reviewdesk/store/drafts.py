"""Drafts: one per review and target, never lost, never overwritten by nothing, with the last twenty versions kept.

A draft has no foreign key: it outlives the removal of its review and every clean-up.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reviewdesk.domain.models import Draft, Target
from reviewdesk.domain.text import clean
from reviewdesk.store.codec import checksum, object_from, to_json
from reviewdesk.store.writer import Reader, Tx

__all__ = [
    "KEPT_VERSIONS",
    "VERSION_EVERY_S",
    "DraftVersion",
    "delete",
    "get",
    "list_all",
    "much_lost",
    "restore",
    "save",
    "seal",
    "versions",
]

_log = logging.getLogger(__name__)

KEPT_VERSIONS = 20
VERSION_EVERY_S = 60.0
_MUCH_LOST = 40

_SELECT = "SELECT id, review_id, target, text, subject, seen, updated_t, checksum FROM draft "


@dataclass(frozen=True, slots=True)
class DraftVersion:
    """An earlier text of a draft; ``at``: when it was put aside (UTC seconds)."""

    id: int
    at: float
    text: str
    subject: str


def _draft(row: tuple[Any, ...]) -> Draft:
    draft_id, review_id, target, text, subject, seen, updated, crc = row
    known: Mapping[str, Any] = object_from(seen)
    if checksum(text, subject, seen) != crc:
        # A text with a wrong letter is worth more than none; whoever shows it can say so.
        _log.error("draft %d does not match its checksum", draft_id)
        known = {**known, "damaged": True}
    return Draft(
        id=draft_id,
        review_id=review_id,
        target=Target(target),
        text=text,
        subject=subject,
        updated_at=updated,
        seen=known,
    )


def get(r: Reader, review_id: int, target: Target) -> Draft | None:
    """The draft, or None. One indexed look-up. ``seen["damaged"]`` is true when the disk changed it."""
    row = r.one(_SELECT + "WHERE review_id = ? AND target = ?", (review_id, target.value))
    return None if row is None else _draft(row)


def list_all(r: Reader, *, limit: int = 500) -> list[Draft]:
    """Every draft, the latest first; those of removed reviews too."""
    return [_draft(row) for row in r.rows(_SELECT + "ORDER BY updated_t DESC, id DESC LIMIT ?", (limit,))]


def versions(r: Reader, review_id: int, target: Target) -> list[DraftVersion]:
    """Earlier texts, the latest first; also when there is no draft any more."""
    rows = r.rows(
        "SELECT id, at_t, text, subject FROM draft_version WHERE review_id = ? AND target = ? ORDER BY id DESC",
        (review_id, target.value),
    )
    return [DraftVersion(*row) for row in rows]


def save(
    tx: Tx,
    review_id: int,
    target: Target,
    text: str,
    *,
    subject: str = "",
    seen: Mapping[str, Any] | None = None,
) -> Draft | None:
    """Store what is being written; the draft as it is now.

    An empty text (and subject) never replaces one: the former goes to the versions, the draft ends and the answer
    is None. ``seen`` is what the author has before their eyes: the first one given stays for the draft's life.
    While somebody types on, a version is put aside about once a minute, and whenever much of the text goes at once.
    """
    text, subject = clean(text), clean(subject)
    row = tx.one(_SELECT + "WHERE review_id = ? AND target = ?", (review_id, target.value))
    former = None if row is None else _draft(row)
    if not text.strip() and not subject.strip():
        if former is not None:
            delete(tx, review_id, target)
        return None
    if former is not None:
        kept = former.seen or seen or {}
        if (former.text, former.subject) == (text, subject) and kept == former.seen:
            return former
        if _worth_a_version(tx, former, text):
            _put_aside(tx, former)
    else:
        kept = seen or {}
    kept = {k: v for k, v in kept.items() if k != "damaged"}
    packed = to_json(dict(kept))
    tx.run(
        "INSERT INTO draft(review_id, target, text, subject, seen, updated_t, checksum) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(review_id, target) DO UPDATE SET text = excluded.text, subject = excluded.subject,"
        " seen = excluded.seen, updated_t = excluded.updated_t, checksum = excluded.checksum",
        (review_id, target.value, text, subject, packed, tx.now, checksum(text, subject, packed)),
    )
    _mark_review(tx, review_id)
    return get(tx, review_id, target)


def delete(tx: Tx, review_id: int, target: Target) -> Draft | None:
    """End a draft (discarded, or its text is in the outbox now); its text is kept as a version. The former draft."""
    former = get(tx, review_id, target)
    if former is None:
        return None
    _put_aside(tx, former)
    tx.run("DELETE FROM draft WHERE id = ?", (former.id,))
    _mark_review(tx, review_id)
    return former


def restore(tx: Tx, version_id: int) -> Draft | None:
    """Make an earlier text the draft again; the present one becomes a version. None when there is no such version."""
    row = tx.one("SELECT review_id, target, text, subject FROM draft_version WHERE id = ?", (version_id,))
    if row is None:
        return None
    review_id, target, text, subject = row[0], Target(row[1]), row[2], row[3]
    former = get(tx, review_id, target)
    if former is not None and (former.text, former.subject) != (text, subject):
        _put_aside(tx, former)
    return save(tx, review_id, target, text, subject=subject)


def seal(tx: Tx, draft_ids: Iterable[int]) -> None:
    """Write the checksums anew after drafts were changed on purpose (a person was taken out)."""
    for draft_id in draft_ids:
        row = tx.one("SELECT text, subject, seen FROM draft WHERE id = ?", (draft_id,))
        if row is not None:
            tx.run("UPDATE draft SET checksum = ? WHERE id = ?", (checksum(*row), draft_id))


def _worth_a_version(tx: Tx, former: Draft, text: str) -> bool:
    if much_lost(former.text, text):
        return True
    last = tx.value(
        "SELECT at_t FROM draft_version WHERE review_id = ? AND target = ? ORDER BY id DESC LIMIT 1",
        (former.review_id, former.target.value),
    )
    # A clock that was set back must not keep versions from being made.
    return last is None or not 0 <= tx.now - last < VERSION_EVERY_S


def much_lost(former: str, text: str) -> bool:
    """Whether so much of a text goes at once that the former is worth a version."""
    return _lost(former, text) >= _MUCH_LOST


def _lost(former: str, text: str) -> int:
    """How many characters between the common beginning and the common end are gone."""
    shorter = min(len(former), len(text))
    head = 0
    while head < shorter and former[head] == text[head]:
        head += 1
    tail = 0
    while tail < shorter - head and former[-1 - tail] == text[-1 - tail]:
        tail += 1
    return len(former) - head - tail


def _put_aside(tx: Tx, draft: Draft) -> None:
    key = (draft.review_id, draft.target.value)
    last = tx.one(
        "SELECT text, subject FROM draft_version WHERE review_id = ? AND target = ? ORDER BY id DESC LIMIT 1",
        key,
    )
    if last == (draft.text, draft.subject):
        return
    tx.run(
        "INSERT INTO draft_version(review_id, target, at_t, text, subject) VALUES (?, ?, ?, ?, ?)",
        (*key, tx.now, draft.text, draft.subject),
    )
    tx.run(
        "DELETE FROM draft_version WHERE review_id = ?1 AND target = ?2 AND id NOT IN (SELECT id FROM draft_version"
        " WHERE review_id = ?1 AND target = ?2 ORDER BY id DESC LIMIT ?3)",
        (*key, KEPT_VERSIONS),
    )


def _mark_review(tx: Tx, review_id: int) -> None:
    tx.changes.note_draft(review_id)
    changed = tx.run(
        "UPDATE review SET has_draft = 1 - has_draft WHERE id = ?1"
        " AND has_draft <> EXISTS (SELECT 1 FROM draft WHERE review_id = ?1)",
        (review_id,),
    )
    if changed:
        tx.changes.note_changed((review_id,))
