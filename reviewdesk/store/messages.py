"""Private messages and the cases they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reviewdesk.domain.cases import FOLLOW_UP_S, Case, CaseEvent, CaseState, next_case
from reviewdesk.domain.messages import Message, MessageRecord
from reviewdesk.domain.models import ActionKind, OutboxState, WorkState
from reviewdesk.domain.outbox import text_key
from reviewdesk.domain.text import clean
from reviewdesk.domain.work import WorkEvent
from reviewdesk.store import erased
from reviewdesk.store.states import apply_events, set_state
from reviewdesk.store.writer import Reader, Tx

__all__ = [
    "case_of",
    "due_cases",
    "keys_of_person",
    "known_items",
    "move_case",
    "next_follow_up",
    "of_person",
    "of_review",
    "recent",
    "set_case",
    "store_messages",
]

_COLUMNS = (
    "m.id, m.account_id, m.subject, m.body, m.created_s, m.ours, m.person, m.review_id, r.order_id, m.outbox_id,"
    " o.kind IS 'resolution'"
)
_FROM = " FROM message AS m LEFT JOIN review AS r ON r.id = m.review_id LEFT JOIN outbox AS o ON o.id = m.outbox_id"
_OURS = "('message', 'resolution')"


def _message(row: tuple[Any, ...]) -> Message:
    return Message(
        id=row[0],
        account_id=row[1],
        subject=row[2],
        body=row[3],
        created_at=row[4],
        ours=bool(row[5]),
        person=row[6],
        review_id=row[7],
        order_id=row[8],
        outbox_id=row[9],
        resolution=bool(row[10]),
    )


# --- reading -------------------------------------------------------------------------------------


def of_review(r: Reader, review_id: int) -> tuple[Message, ...]:
    """The messages about a review, and those of its author at this account that name no review; oldest first."""
    rows = r.rows(
        f"SELECT {_COLUMNS}{_FROM} WHERE m.id IN (SELECT id FROM message WHERE review_id = ?1 UNION"
        " SELECT id FROM message WHERE account_id = (SELECT account_id FROM review WHERE id = ?1)"
        " AND person = (SELECT author_username FROM review WHERE id = ?1)"
        " AND review_id IS NULL AND review_no IS NULL)"
        " ORDER BY m.created_s, m.ours DESC, m.id",  # within one second the answer is theirs
        (review_id,),
    )
    return tuple(_message(row) for row in rows)


def of_person(r: Reader, account_id: int, person: str) -> tuple[Message, ...]:
    """Everything written between an account and a person, oldest first."""
    rows = r.rows(
        f"SELECT {_COLUMNS}{_FROM} WHERE m.account_id = ? AND m.person = ?"
        " ORDER BY m.created_s, m.ours DESC, m.id",
        (account_id, person),
    )
    return tuple(_message(row) for row in rows)


def recent(r: Reader, *, limit: int = 2_000) -> tuple[Message, ...]:
    """The newest messages of all accounts, oldest first."""
    rows = r.rows(f"SELECT {_COLUMNS}{_FROM} ORDER BY m.id DESC LIMIT ?", (limit,))
    return tuple(sorted((_message(row) for row in rows), key=lambda m: (m.created_at or 0, not m.ours, m.id)))


def keys_of_person(r: Reader, account_id: int, person: str) -> list[str]:
    """The provider's keys of everything written between an account and a person."""
    rows = r.rows("SELECT native_key FROM message WHERE account_id = ? AND person = ?", (account_id, person))
    return [row[0] for row in rows]


def known_items(r: Reader, outbox_ids: Iterable[int]) -> set[int]:
    """Which of these items have come back as a message of the provider."""
    rows = r.rows(
        "SELECT outbox_id FROM message WHERE outbox_id IN (SELECT value FROM json_each(?))",
        (_json(outbox_ids),),
    )
    return {row[0] for row in rows}


def case_of(r: Reader, review_id: int) -> Case | None:
    row = r.one("SELECT state, since_s, follow_up_s FROM review_case WHERE review_id = ?", (review_id,))
    return None if row is None else Case(CaseState(row[0]), row[1], row[2])


def next_follow_up(r: Reader) -> int | None:
    """When the next case is to be looked at again (UTC seconds), or None."""
    value = r.value("SELECT min(follow_up_s) FROM review_case WHERE follow_up_s IS NOT NULL")
    return None if value is None else int(value)


# --- writing -------------------------------------------------------------------------------------


def store_messages(tx: Tx, account_id: int, records: Sequence[MessageRecord]) -> int:
    """Store what was read; how many were not there before. A page stored twice changes nothing.

    A message of ours finds the outbox item it is. One of a customer about a review that came after the account was
    added moves the review's work state and its case: older ones are history.
    """
    if not records:
        return 0
    since = tx.value("SELECT created_s FROM account WHERE id = ?", (account_id,))
    records = erased.screen_messages(tx, account_id, records)
    new = 0
    for record in sorted(records, key=lambda m: m.created_at or 0):
        review_id = _review_of(tx, account_id, record)
        subject, body = clean(record.subject)[:1_000], clean(record.body)[:100_000]
        tx.run(
            "INSERT INTO message(account_id, native_key, review_id, review_no, person, ours, subject, body, created_s)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                account_id,
                record.key,
                review_id,
                record.review_no,
                record.person,
                int(record.ours),
                subject,
                body,
                record.created_at,
            ),
        )
        if not tx.db.changes():
            continue
        new += 1
        stored = tx.db.last_insert_rowid()
        about = review_id if review_id is not None else _latest_of(tx, account_id, record.person)
        if record.ours:
            _tie(tx, stored, about, body, account_id, record.person)
        elif about is not None and since is not None and (record.created_at or 0) >= since:
            apply_events(tx, about, (WorkEvent.CUSTOMER_COMMENT,))
            move_case(tx, about, CaseEvent.CUSTOMER_WROTE)
        if about is not None:
            tx.changes.note_changed((about,))
    _adopt(tx, account_id)
    if new:
        tx.changes.note_views()
    return new


def _review_of(tx: Tx, account_id: int, record: MessageRecord) -> int | None:
    if record.review_no is None:
        return None
    value = tx.value(
        "SELECT id FROM review WHERE account_id = ? AND kind = 'business' AND native_id = ?",
        (account_id, record.review_no),
    )
    return None if value is None else int(value)


def _latest_of(tx: Tx, account_id: int, person: str | None) -> int | None:
    """The review that a message without a number is about: the last one of which was written with this person."""
    if person is None:
        return None
    value = tx.value(
        "SELECT review_id FROM message WHERE account_id = ?1 AND person = ?2 AND review_id IS NOT NULL"
        " ORDER BY created_s DESC, id DESC LIMIT 1",
        (account_id, person),
    )
    if value is None:
        value = tx.value(
            "SELECT max(id) FROM review WHERE account_id = ? AND author_username = ?", (account_id, person)
        )
    return None if value is None else int(value)


def _tie(
    tx: Tx, message_id: int, review_id: int | None, body: str, account_id: int, person: str | None
) -> None:
    """Our own words come back: the item that sent them is settled, and is shown once."""
    key = text_key(body)
    for item_id, text, state in tx.rows(
        "SELECT id, text, state FROM outbox WHERE id IN (SELECT id FROM outbox WHERE review_id = ?1 UNION ALL"
        " SELECT id FROM outbox WHERE review_id IS NULL AND kind = 'message' AND account_id = ?2"
        f" AND json_extract(payload, '$.username') = ?3) AND kind IN {_OURS} AND settled = 0"
        " AND (attempts > 0 OR state = 'sent') AND id NOT IN (SELECT outbox_id FROM message"
        " WHERE account_id = ?2 AND person = ?3 AND outbox_id IS NOT NULL) ORDER BY id",
        (review_id, account_id, person),
    ):
        if text_key(text) == key:
            tx.run("UPDATE message SET outbox_id = ? WHERE id = ?", (item_id, message_id))
            if state == OutboxState.SENT:
                tx.run("UPDATE outbox SET settled = 1 WHERE id = ?", (item_id,))
                tx.changes.note_outbox(item_id)
            return


def _adopt(tx: Tx, account_id: int) -> None:
    """Messages may come before the review they are about."""
    found = tx.rows(
        "UPDATE message SET review_id = (SELECT v.id FROM review AS v WHERE v.account_id = message.account_id"
        " AND v.kind = 'business' AND v.native_id = message.review_no)"
        " WHERE account_id = ? AND review_id IS NULL AND review_no IS NOT NULL AND EXISTS (SELECT 1 FROM review AS v"
        " WHERE v.account_id = message.account_id AND v.kind = 'business' AND v.native_id = message.review_no)"
        " RETURNING review_id",
        (account_id,),
    )
    tx.changes.note_changed(row[0] for row in found)


def move_case(tx: Tx, review_id: int, event: CaseEvent) -> Case | None:
    """What happened moves the case; it opens with our first message. The case afterwards."""
    before = case_of(tx, review_id)
    state = next_case(before.state if before is not None else None, event)
    if state is None:
        return None
    follow_up = (
        int(tx.now) + FOLLOW_UP_S if event is CaseEvent.WE_WROTE and state is not CaseState.SOLVED else None
    )
    return set_case(tx, review_id, state, follow_up)


def set_case(tx: Tx, review_id: int, state: CaseState | None, follow_up: int | None = None) -> Case | None:
    """Put a case into a state, with the moment when it is to be looked at again; None ends it."""
    if state is None:
        tx.run("DELETE FROM review_case WHERE review_id = ?", (review_id,))
    else:
        tx.run(
            "INSERT INTO review_case(review_id, state, since_s, follow_up_s) VALUES (?1, ?2, ?3, ?4)"
            " ON CONFLICT(review_id) DO UPDATE SET since_s = iif(state = ?2, since_s, ?3), state = ?2, follow_up_s = ?4",
            (review_id, state.value, int(tx.now), follow_up),
        )
    tx.changes.note_changed((review_id,))
    return case_of(tx, review_id)


def due_cases(tx: Tx, now: float) -> list[int]:
    """Bring the reviews whose follow-up date has come back to the inbox; their ids."""
    rows = tx.rows("SELECT review_id FROM review_case WHERE follow_up_s <= ?", (int(now),))
    ids = [row[0] for row in rows]
    if ids:
        tx.run("UPDATE review_case SET follow_up_s = NULL WHERE follow_up_s <= ?", (int(now),))
        moved = set_state(tx, ids, WorkEvent.REOPEN)
        tx.run(
            "UPDATE review SET unread = 1 WHERE id IN (SELECT value FROM json_each(?)) AND work_state <> ?",
            (_json(moved), WorkState.REMOVED.value),
        )
        tx.changes.note_changed(ids)
    return ids


def _json(ids: Iterable[int]) -> str:
    return "[" + ",".join(str(int(i)) for i in ids) + "]"


def is_private(kind: ActionKind) -> bool:
    """Whether an item of this kind is a private message."""
    return kind in (ActionKind.MESSAGE, ActionKind.RESOLUTION)
