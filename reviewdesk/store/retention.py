"""What goes by its age, account by account and kind by kind, and what keeps it from coming back.

A review goes when it is older than the rule says, counted from the last thing that happened to it at the provider
(written, edited, answered, commented), unless it is starred, open (anything but done or removed) or has something in
the outbox that is not through. What hangs on it goes with it: versions, conversation, notes, tags, sent replies. Drafts
stay. A mark of its name and content stays, so that a full sync does not bring it back as New: it comes back only when
the customer or the business changed it since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reviewdesk.domain.models import ReviewRecord
from reviewdesk.store import settings
from reviewdesk.store.codec import to_json
from reviewdesk.store.packing import fingerprint, thread_digest
from reviewdesk.store.writer import Reader, Tx

__all__ = ["Kind", "Rule", "count", "leave_out", "put_rule", "remove", "rules"]

_KEY = "retention."


class Kind(StrEnum):
    """What a rule is about. The first two are the kinds of reviews."""

    PRODUCT = "product"
    BUSINESS = "business"
    INVITATIONS = "invitations"
    SET_ASIDE = "set-aside"
    JOURNAL = "journal"


REVIEWS = (Kind.PRODUCT, Kind.BUSINESS)


@dataclass(frozen=True, slots=True)
class Rule:
    """``days`` (1 or more): what is older goes."""

    account_id: int
    kind: Kind
    days: int


def rules(r: Reader) -> list[Rule]:
    """Every rule there is; what has none is kept for good."""
    found = []
    for key, value in r.rows(
        "SELECT key, value FROM setting WHERE key >= ? AND key < ? ORDER BY key", (_KEY, _KEY[:-1] + "/")
    ):
        account, _, kind = key.removeprefix(_KEY).partition(".")
        if account.isdecimal() and kind in set(Kind) and value.isdecimal() and int(value) > 0:
            found.append(Rule(int(account), Kind(kind), int(value)))
    return found


def put_rule(tx: Tx, account_id: int, kind: Kind, days: int) -> None:
    """``days`` 0 keeps everything."""
    settings.put(tx, f"{_KEY}{account_id}.{kind}", str(days) if days > 0 else None)


_REVIEWS = (
    "review AS r WHERE r.account_id = ?1 AND r.kind = ?2 AND r.id < (max(?3, 0) << 20) + (1 << 20)"
    " AND r.created_s < ?3 AND coalesce(r.updated_s, 0) < ?3 AND coalesce(r.reply_s, 0) < ?3"
    " AND r.starred = 0 AND r.work_state IN ('done', 'removed')"
    " AND NOT EXISTS (SELECT 1 FROM comment AS c WHERE c.review_id = r.id"
    "  AND max(coalesce(c.created_s, 0), coalesce(c.updated_s, 0)) >= ?3)"
    " AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.review_id = r.id AND o.state NOT IN ('sent', 'discarded'))"
)
_OTHERS = {
    Kind.INVITATIONS: "invitation WHERE account_id = ?1 AND changed_s < ?3 AND ?2 = ?2"
    " AND state NOT IN ('waiting', 'held', 'unknown')",
    Kind.SET_ASIDE: "rejected WHERE account_id = ?1 AND last_s < ?3 AND ?2 = ?2",
    Kind.JOURNAL: "journal WHERE account_id = ?1 AND at_s < ?3 AND ?2 = ?2",
}


def _which(kind: Kind) -> str:
    return _REVIEWS if kind in REVIEWS else _OTHERS[kind]


def count(r: Reader, account_id: int, kind: Kind, before_s: int) -> int:
    """How many would go now."""
    return int(r.value(f"SELECT count(*) FROM {_which(kind)}", (account_id, kind.value, before_s)))


def remove(tx: Tx, account_id: int, kind: Kind, before_s: int, limit: int = 500) -> int:
    """Remove the oldest ``limit`` of them; how many went."""
    values = (account_id, kind.value, before_s)
    if kind not in REVIEWS:
        table = _which(kind).split(" ", 1)[0]
        ids = [
            row[0] for row in tx.rows(f"SELECT id FROM {_which(kind)} ORDER BY id LIMIT {limit:d}", values)
        ]
        wanted = to_json(ids)
        if kind is Kind.INVITATIONS:
            # Their outbox items hold the same address.
            tx.run(
                "DELETE FROM outbox WHERE state IN ('sent', 'discarded') AND id IN (SELECT outbox_id FROM invitation"
                " WHERE id IN (SELECT value FROM json_each(?)))",
                (wanted,),
            )
        return tx.run(f"DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    ids = [row[0] for row in tx.rows(f"SELECT r.id FROM {_REVIEWS} ORDER BY r.id LIMIT {limit:d}", values)]
    if not ids:
        return 0
    wanted = to_json(ids)
    tx.run(
        "INSERT OR REPLACE INTO retired(account_id, kind, native_id, content_hash, thread_hash, at_s)"
        " SELECT account_id, kind, native_id, content_hash, thread_hash, ? FROM review"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (int(tx.now), wanted),
    )
    tx.run("DELETE FROM outbox WHERE review_id IN (SELECT value FROM json_each(?))", (wanted,))
    tx.run("DELETE FROM review WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    tx.changes.note_removed(ids)
    tx.changes.note_erased()
    return len(ids)


def leave_out(tx: Tx, account_id: int, records: Sequence[ReviewRecord]) -> tuple[Sequence[ReviewRecord], int]:
    """Records on their way in without those that went by their age and are what they were; how many were left out.

    One that changed since comes back, and its mark goes.
    """
    if tx.one("SELECT 1 FROM retired WHERE account_id = ? LIMIT 1", (account_id,)) is None:
        return records, 0
    names = to_json([r.native_id.encode("utf-8", "replace").decode() for r in records])
    known = {
        (row[0], row[1]): (row[2], row[3])
        for row in tx.rows(
            "SELECT kind, native_id, content_hash, thread_hash FROM retired WHERE account_id = ?"
            " AND native_id IN (SELECT value FROM json_each(?))",
            (account_id, names),
        )
    }
    kept, left = [], 0
    for record in records:
        key = (str(record.kind), record.native_id)
        mark = known.get(key)
        if mark is None:
            kept.append(record)
            continue
        if _is_same(record, *mark):
            left += 1
            continue
        tx.run("DELETE FROM retired WHERE account_id = ? AND kind = ? AND native_id = ?", (account_id, *key))
        kept.append(record)
    return kept, left


def _is_same(record: ReviewRecord, content: bytes, thread: bytes | None) -> bool:
    try:
        if content and fingerprint(record) != content:
            return False
        return record.thread is None or thread is None or thread_digest(record.thread) == thread
    except ValueError:
        return True  # it can't be stored in any case
