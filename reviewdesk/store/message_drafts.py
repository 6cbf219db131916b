"""What is being written to a person beside any review: one draft per account and person, with its last versions.

The rules are those of ``store.drafts``: nothing empty ever replaces a text, and what ends stays in the versions.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from reviewdesk.domain.letters import LetterDraft
from reviewdesk.domain.text import clean
from reviewdesk.store.codec import checksum, object_from, to_json
from reviewdesk.store.drafts import KEPT_VERSIONS, VERSION_EVERY_S, DraftVersion, much_lost
from reviewdesk.store.writer import Reader, Tx

__all__ = ["delete", "get", "keep_version", "list_all", "save", "seal", "versions"]

_log = logging.getLogger(__name__)
_SELECT = "SELECT id, account_id, person, text, subject, seen, updated_t, checksum FROM message_draft "
_OF = "account_id = ? AND person = ?"


def _draft(row: tuple[Any, ...]) -> LetterDraft:
    number, account_id, person, text, subject, seen, updated, crc = row
    known: Mapping[str, Any] = object_from(seen)
    if checksum(text, subject, seen) != crc:
        _log.error("message draft %d does not match its checksum", number)
        known = {**known, "damaged": True}
    return LetterDraft(
        account_id=account_id, person=person, text=text, subject=subject, updated_at=updated, seen=known
    )


def get(r: Reader, account_id: int, person: str) -> LetterDraft | None:
    """The draft, or None. One indexed look-up. ``seen["damaged"]`` is true when the disk changed it."""
    row = r.one(_SELECT + "WHERE " + _OF, (account_id, person))
    return None if row is None else _draft(row)


def list_all(r: Reader, *, limit: int = 2_000) -> list[LetterDraft]:
    """Every draft, the latest first."""
    return [_draft(row) for row in r.rows(_SELECT + "ORDER BY updated_t DESC, id DESC LIMIT ?", (limit,))]


def versions(r: Reader, account_id: int, person: str) -> list[DraftVersion]:
    """Earlier texts, the latest first; also when there is no draft any more."""
    rows = r.rows(
        f"SELECT id, at_t, text, subject FROM message_draft_version WHERE {_OF} ORDER BY id DESC",
        (account_id, person),
    )
    return [DraftVersion(*row) for row in rows]


def save(
    tx: Tx,
    account_id: int,
    person: str,
    text: str,
    *,
    subject: str = "",
    seen: Mapping[str, Any] | None = None,
) -> LetterDraft | None:
    """Store what is being written; the draft as it is now.

    A text without any letter never replaces one: the former goes to the versions, the draft ends and the answer is
    None; a subject alone is no draft, as every answer begins with one. ``seen``: the first one given stays.
    """
    text, subject = clean(text), clean(subject)
    former = get(tx, account_id, person)
    if not text.strip():
        if former is not None:
            delete(tx, account_id, person)
        return None
    kept = dict(seen or {}) if former is None else {k: v for k, v in former.seen.items() if k != "damaged"}
    if former is not None:
        if (former.text, former.subject) == (text, subject) and "damaged" not in former.seen:
            return former
        if much_lost(former.text, text) or _long_ago(tx, account_id, person):
            _put_aside(tx, former)
    packed = to_json(kept)
    tx.run(
        "INSERT INTO message_draft(account_id, person, text, subject, seen, updated_t, checksum)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(account_id, person) DO UPDATE SET text = excluded.text,"
        " subject = excluded.subject, seen = excluded.seen, updated_t = excluded.updated_t,"
        " checksum = excluded.checksum",
        (account_id, person, text, subject, packed, tx.now, checksum(text, subject, packed)),
    )
    return get(tx, account_id, person)


def delete(tx: Tx, account_id: int, person: str) -> LetterDraft | None:
    """End a draft (discarded, or its text is in the outbox now); its text is kept as a version. The former draft."""
    former = get(tx, account_id, person)
    if former is None:
        return None
    _put_aside(tx, former)
    tx.run(f"DELETE FROM message_draft WHERE {_OF}", (account_id, person))
    return former


def seal(tx: Tx, draft_ids: Iterable[int]) -> None:
    """Write the checksums anew after drafts were changed on purpose (a person was taken out)."""
    for draft_id in draft_ids:
        row = tx.one("SELECT text, subject, seen FROM message_draft WHERE id = ?", (draft_id,))
        if row is not None:
            tx.run("UPDATE message_draft SET checksum = ? WHERE id = ?", (checksum(*row), draft_id))


def keep_version(tx: Tx, account_id: int, person: str, text: str, subject: str = "") -> None:
    """Put a text among the earlier ones, as the latest; what is beyond the last twenty goes."""
    key = (account_id, person)
    last = tx.one(
        f"SELECT text, subject FROM message_draft_version WHERE {_OF} ORDER BY id DESC LIMIT 1", key
    )
    if last == (text, subject):
        return
    tx.run(
        "INSERT INTO message_draft_version(account_id, person, at_t, text, subject) VALUES (?, ?, ?, ?, ?)",
        (*key, tx.now, text, subject),
    )
    tx.run(
        "DELETE FROM message_draft_version WHERE account_id = ?1 AND person = ?2 AND id NOT IN (SELECT id"
        " FROM message_draft_version WHERE account_id = ?1 AND person = ?2 ORDER BY id DESC LIMIT ?3)",
        (*key, KEPT_VERSIONS),
    )


def _put_aside(tx: Tx, draft: LetterDraft) -> None:
    keep_version(tx, draft.account_id, draft.person, draft.text, draft.subject)


def _long_ago(tx: Tx, account_id: int, person: str) -> bool:
    last = tx.value(
        f"SELECT at_t FROM message_draft_version WHERE {_OF} ORDER BY id DESC LIMIT 1", (account_id, person)
    )
    # A clock that was set back must not keep versions from being made.
    return last is None or not 0 <= tx.now - last < VERSION_EVERY_S
