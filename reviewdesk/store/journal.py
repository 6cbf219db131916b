"""The journal: one line per outgoing action and what came of it. No secret, no customer text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reviewdesk.store.writer import Reader, Tx

__all__ = ["JournalEntry", "add", "find", "list", "list_entries", "of_action"]

ANSWER_CHARS = 300

_SELECT = "SELECT id, at_s, account_id, outbox_id, review_id, action, result, answer FROM journal "


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """``at``: UTC seconds. ``answer``: the provider's own words or id, at most 300 characters."""

    id: int
    at: int
    account_id: int | None
    outbox_id: int | None
    review_id: int | None
    action: str
    result: str
    answer: str


def add(
    tx: Tx,
    *,
    action: str,
    result: str,
    answer: str = "",
    account_id: int | None = None,
    outbox_id: int | None = None,
    review_id: int | None = None,
) -> int:
    """Write a line and answer its id."""
    tx.run(
        "INSERT INTO journal(at_s, account_id, outbox_id, review_id, action, result, answer)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (int(tx.now), account_id, outbox_id, review_id, action, result, answer[:ANSWER_CHARS]),
    )
    tx.changes.note_journal()
    return tx.db.last_insert_rowid()


def list_entries(
    r: Reader, *, outbox_id: int | None = None, before: int | None = None, limit: int = 200
) -> Sequence[JournalEntry]:
    """The newest lines first (of one outbox item where given); ``before`` is the id to go on from."""
    start = before if before is not None else 1 << 62
    if outbox_id is None:
        rows = r.rows(_SELECT + "WHERE id < ? ORDER BY id DESC LIMIT ?", (start, limit))
    else:
        sql = _SELECT + "WHERE outbox_id = ? AND id < ? ORDER BY id DESC LIMIT ?"
        rows = r.rows(sql, (outbox_id, start, limit))
    return [JournalEntry(*row) for row in rows]


def of_action(r: Reader, action: str, limit: int = 1000) -> Sequence[JournalEntry]:
    """The newest lines of one action first."""
    rows = r.rows(_SELECT + "WHERE action = ? ORDER BY id DESC LIMIT ?", (action, limit))
    return [JournalEntry(*row) for row in rows]


def find(
    r: Reader, words: Sequence[tuple[str, Sequence[int]]], *, before: int | None = None, limit: int = 200
) -> Sequence[JournalEntry]:
    """The newest lines first that hold each of the words (in any case) in action, result, answer or day; beside each
    word stand the ids of the accounts whose name holds it."""
    sql = _SELECT + "WHERE id < ?"
    values: tuple[object, ...] = (before if before is not None else 1 << 62,)
    for word, account_ids in words:
        sql += (
            " AND (instr(lower(action || ' ' || result || ' ' || answer || ' ' || date(at_s, 'unixepoch')), lower(?)) > 0"
            " OR account_id IN (SELECT value FROM json_each(?)))"
        )
        values += (word, "[" + ",".join(str(int(i)) for i in account_ids) + "]")
    return [JournalEntry(*row) for row in r.rows(sql + " ORDER BY id DESC LIMIT ?", (*values, limit))]


list = list_entries
