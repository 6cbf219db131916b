"""Conversations as the provider shows them: stored as read, with what was there before and what it means for us."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from reviewdesk.domain.models import Comment, Role, Thread
from reviewdesk.domain.outbox import text_key
from reviewdesk.domain.work import WorkEvent
from reviewdesk.store import elsewhere, erased, marks
from reviewdesk.store.indexing import queue_index
from reviewdesk.store.packing import thread_digest
from reviewdesk.store.states import apply_events
from reviewdesk.store.writer import Reader, Tx

__all__ = ["comment_versions", "comments", "store_first", "store_thread"]

_INSERT = (
    "INSERT INTO comment(review_id, native_id, position, author, author_id, role, text, created_s, updated_s, state,"
    " outbox_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class _Stored:
    """A row of ``comment``."""

    __slots__ = (
        "author", "author_id", "created", "id", "native_id", "outbox_id", "position", "role", "state", "text",
        "updated",
    )  # fmt: skip

    def __init__(self, row: tuple[Any, ...]) -> None:
        (
            self.id, self.native_id, self.position, self.author, self.author_id, self.role, self.text,
            self.created, self.updated, self.state, self.outbox_id,
        ) = row  # fmt: skip

    def shown(self) -> tuple[Any, ...]:
        return (self.author, self.author_id, self.role, self.text, self.created, self.updated, self.state)


_SELECT = (
    "SELECT id, native_id, position, author, author_id, role, text, created_s, updated_s, state, outbox_id"
    " FROM comment WHERE review_id = ? ORDER BY position, id"
)


def comments(r: Reader, review_id: int) -> tuple[Comment, ...]:
    """The conversation of a review as last read, in the provider's order."""
    return tuple(
        Comment(
            id=c.native_id,
            author=c.author,
            role=Role(c.role),
            text=c.text,
            created_at=c.created,
            updated_at=c.updated,
            state=c.state,
            author_id=c.author_id,
        )
        for c in map(_Stored, r.rows(_SELECT, (review_id,)))
    )


def comment_versions(r: Reader, review_id: int) -> list[tuple[str | None, int, str]]:
    """``(comment's provider id, when it was seen changed, former text)``, oldest first."""
    return [
        (row[0], row[1], row[2])
        for row in r.rows(
            "SELECT native_id, at_s, text FROM comment_version WHERE review_id = ? ORDER BY id", (review_id,)
        )
    ]


def store_thread(tx: Tx, review_id: int, thread: Thread) -> bool:
    """Store a conversation just read; false when it is as before (nothing is written then) or the review unknown.

    A new comment of the business that is none of ours, and a new one of the customer, move the work state; a
    former text is kept as a version. ``thread.review`` is not looked at: give it to ``reviews.store_page``.
    Raises ValueError when a text can't be stored.
    """
    thread = erased.screen_thread(tx, review_id, thread)
    digest = thread_digest(thread)
    row = tx.one("SELECT thread_hash FROM review WHERE id = ?", (review_id,))
    if row is None or row[0] == digest:
        return False
    events = _merge(tx, review_id, thread)
    _store_head(tx, review_id, thread, digest)
    apply_events(tx, review_id, events)
    marks.refresh(tx, review_id)
    queue_index(tx, (review_id,))
    tx.changes.note_changed((review_id,))
    return True


def store_first(tx: Tx, arrivals: Iterable[tuple[int, Thread]]) -> None:
    """The conversations that came with reviews which have just been inserted: ``(review id, thread)``.

    No events: the first state has looked at them already.
    """
    heads, rows = [], []
    for review_id, thread in arrivals:
        if thread.id is not None or thread.state is not None:
            heads.append((review_id, thread.id, thread.state, int(tx.now)))
        rows += [
            (
                review_id,
                c.id,
                i,
                c.author,
                c.author_id,
                c.role.value,
                c.text,
                c.created_at,
                c.updated_at,
                c.state,
                None,
            )
            for i, c in enumerate(thread.comments)
        ]
    tx.db.executemany(
        "INSERT INTO conversation(review_id, native_id, state, read_s) VALUES (?, ?, ?, ?)", heads
    )
    tx.db.executemany(_INSERT, rows)


def _store_head(tx: Tx, review_id: int, thread: Thread, digest: bytes) -> None:
    tx.run(
        "INSERT INTO conversation(review_id, native_id, state, read_s) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET native_id = excluded.native_id, state = excluded.state, read_s = excluded.read_s",
        (review_id, thread.id, thread.state, int(tx.now)),
    )
    tx.run(
        "UPDATE review SET thread_hash = ?, thread_id = coalesce(?, thread_id) WHERE id = ?",
        (digest, thread.id, review_id),
    )


def _merge(tx: Tx, review_id: int, thread: Thread) -> list[WorkEvent]:
    """Bring the rows to what was read; the events that the new comments are, oldest first."""
    stored = [_Stored(row) for row in tx.rows(_SELECT, (review_id,))]
    pairs = _pair(stored, thread.comments)
    kept = {old.id for old in pairs if old is not None}
    for gone in stored:
        if gone.id not in kept:
            _keep_version(tx, review_id, gone)
            tx.run("DELETE FROM comment WHERE id = ?", (gone.id,))
    ours = marks.OurReplies(tx, review_id)
    events: list[tuple[int, WorkEvent]] = []
    for position, (comment, old) in enumerate(zip(thread.comments, pairs, strict=True)):
        if old is not None:
            _update(tx, review_id, old, comment, position, ours)
            continue
        owner = _owner(tx, ours.find(comment.id, comment.text)) if comment.role is Role.BUSINESS else None
        _insert(tx, review_id, comment, position, owner)
        if comment.role is Role.CONSUMER:
            events.append((comment.created_at or 0, WorkEvent.CUSTOMER_COMMENT))
        elif comment.role is Role.BUSINESS and owner is None:
            elsewhere.settle(tx, review_id)
            events.append((comment.created_at or 0, WorkEvent.REPLIED_ELSEWHERE))
    if all(at for at, _ in events):
        events.sort(key=lambda entry: entry[0])
    return [event for _, event in events]


def _pair(stored: list[_Stored], read: tuple[Comment, ...]) -> list[_Stored | None]:
    """For each comment read the row it is, or None. By id; without ids by (author, role, text, time), then, as an
    author may have been made anonymous since, by the rest alone."""
    left = list(stored)
    found: list[_Stored | None] = [None] * len(read)

    def match(same: Callable[[_Stored, Comment], bool]) -> None:
        for i, comment in enumerate(read):
            if found[i] is None:
                twin = next((old for old in left if same(old, comment)), None)
                if twin is not None:
                    left.remove(twin)
                    found[i] = twin

    def by_id(old: _Stored, c: Comment) -> bool:
        return c.id is not None and old.native_id == c.id

    def by_rest(old: _Stored, c: Comment) -> bool:
        nameless = c.id is None and old.native_id is None
        return nameless and old.role == c.role and old.created == c.created_at and _same_text(old, c)

    def by_all(old: _Stored, c: Comment) -> bool:
        return by_rest(old, c) and old.author == c.author

    for rule in (by_id, by_all, by_rest):
        match(rule)
    return found


def _same_text(old: _Stored, comment: Comment) -> bool:
    return bool(old.text == comment.text) or text_key(old.text) == text_key(comment.text)


def _insert(tx: Tx, review_id: int, c: Comment, position: int, owner: int | None) -> None:
    tx.run(
        _INSERT,
        (
            review_id, c.id, position, c.author, c.author_id, c.role.value, c.text, c.created_at, c.updated_at,
            c.state, owner,
        ),
    )  # fmt: skip


def _update(tx: Tx, review_id: int, old: _Stored, c: Comment, position: int, ours: marks.OurReplies) -> None:
    now = (c.author, c.author_id, c.role.value, c.text, c.created_at, c.updated_at, c.state)
    if old.text != c.text:
        _keep_version(tx, review_id, old)
        if c.role is Role.BUSINESS:
            _owner(tx, ours.find_edit(c.id, c.text))
    if old.shown() != now or old.position != position:
        tx.run(
            "UPDATE comment SET author = ?, author_id = ?, role = ?, text = ?, created_s = ?, updated_s = ?,"
            " state = ?, position = ? WHERE id = ?",
            (*now, position, old.id),
        )


def _owner(tx: Tx, found: tuple[int, bool] | None) -> int | None:
    """Tie a comment to our item; an item that is known to be sent is settled by that."""
    if found is None:
        return None
    item_id, sent = found
    if sent:
        tx.run("UPDATE outbox SET settled = 1 WHERE id = ?", (item_id,))
        tx.changes.note_outbox(item_id)
    return item_id


def _keep_version(tx: Tx, review_id: int, old: _Stored) -> None:
    tx.run(
        "INSERT INTO comment_version(review_id, native_id, at_s, text) VALUES (?, ?, ?, ?)",
        (review_id, old.native_id, old.updated or old.created or int(tx.now), old.text),
    )
