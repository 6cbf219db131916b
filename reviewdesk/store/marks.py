"""The reply mark of a review, and how our own replies and the provider's conversation find each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reviewdesk.domain.cases import CaseEvent
from reviewdesk.domain.models import ActionKind, Comment, OutboxItem, OutboxState, ReplyMark, Target
from reviewdesk.domain.outbox import APPROVAL, text_key
from reviewdesk.domain.work import WorkEvent
from reviewdesk.store import elsewhere
from reviewdesk.store.codec import object_from
from reviewdesk.store.messages import move_case
from reviewdesk.store.states import apply_events
from reviewdesk.store.writer import Reader, Tx

__all__ = ["OurReplies", "first_mark", "refresh", "settle"]

_SEEN_IN_CONVERSATION = (ActionKind.REPLY, ActionKind.EDIT_REPLY)
_KEPT_BESIDE = (ActionKind.MESSAGE, ActionKind.RESOLUTION)
"""Private messages stand in no public conversation: they stay listed with their review."""
_ON_ITS_WAY = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.VERIFYING)


class OurReplies:
    """Our items of one review that a comment may turn out to be; each is found at most once."""

    def __init__(self, r: Reader, review_id: int) -> None:
        # An attempt that failed for certain may still turn up; one that was never tried can't.
        rows = r.rows(
            "SELECT id, kind, text, remote_id, payload, state FROM outbox WHERE review_id = ? AND settled = 0"
            " AND kind IN ('reply', 'edit-reply') AND (attempts > 0 OR state IN ('sending', 'verifying', 'sent'))"
            " ORDER BY id",
            (review_id,),
        )
        self._left: list[tuple[Any, ...]] = list(rows)

    def find(self, native_id: str | None, text: str) -> tuple[int, bool] | None:
        """``(outbox id, whether it is sent)`` of the reply that this new business comment is."""
        key = text_key(text)
        by_id = [row for row in self._left if row[3] is not None and row[3] == native_id]
        by_text = [row for row in self._left if row[1] == "reply" and text_key(row[2]) == key]
        for row in by_id or by_text:
            self._left.remove(row)
            return row[0], row[5] == OutboxState.SENT
        return None

    def find_edit(self, native_id: str | None, text: str) -> tuple[int, bool] | None:
        """The same for a business comment whose text changed."""
        key = text_key(text)
        for row in self._left:
            edited = str(object_from(row[4]).get("comment_id", ""))
            if row[1] == "edit-reply" and edited == native_id and text_key(row[2]) == key:
                self._left.remove(row)
                return row[0], row[5] == OutboxState.SENT
        return None


def settle(tx: Tx, item: OutboxItem) -> None:
    """An item has just become ``sent``: move its review's work state and tie it to its comment if that is there."""
    if item.review_id is None:
        return
    if item.kind not in _SEEN_IN_CONVERSATION:
        if item.kind not in _KEPT_BESIDE:
            tx.run("UPDATE outbox SET settled = 1 WHERE id = ?", (item.id,))
        else:
            move_case(tx, item.review_id, CaseEvent.WE_WROTE)
    elif _tie(tx, item):
        tx.run("UPDATE outbox SET settled = 1 WHERE id = ?", (item.id,))
    events = []
    if item.kind is ActionKind.REPLY and item.target is Target.PUBLIC:
        events.append(WorkEvent.OUR_REPLY_SENT)
    if item.payload.get("then_done"):
        events.append(WorkEvent.MARK_DONE)
    apply_events(tx, item.review_id, events)


def _tie(tx: Tx, item: OutboxItem) -> bool:
    comments = tx.rows(
        "SELECT id, native_id, text, outbox_id FROM comment WHERE review_id = ? AND role = 'business'"
        " ORDER BY position DESC",
        (item.review_id,),
    )
    key = text_key(item.text)
    if item.kind is ActionKind.EDIT_REPLY:
        edited = str(item.payload.get("comment_id", ""))
        return any(native == edited and text_key(text) == key for _, native, text, _ in comments)
    if any(owner == item.id for *_, owner in comments):
        return True
    free = [c for c in comments if c[3] is None]
    by_id = [c for c in free if item.remote_id is not None and c[1] == item.remote_id]
    by_text = [c for c in free if text_key(c[2]) == key]
    for comment in by_id or by_text:
        tx.run("UPDATE comment SET outbox_id = ? WHERE id = ?", (item.id, comment[0]))
        return True
    return False


def refresh(tx: Tx, review_id: int) -> bool:
    """Bring ``reply_mark`` and ``reply_s`` up to what outbox and conversation say; true when they changed."""
    mark, at = _mark(tx, review_id)
    changed = tx.run(
        "UPDATE review SET reply_mark = ?1, reply_s = ?2 WHERE id = ?3"
        " AND (reply_mark <> ?1 OR reply_s IS NOT ?2)",
        (mark.value, at, review_id),
    )
    if changed:
        tx.changes.note_changed((review_id,))
    return changed > 0


def _mark(r: Reader, review_id: int) -> tuple[ReplyMark, int | None]:
    comments = r.rows(
        "SELECT outbox_id, created_s FROM comment WHERE review_id = ? AND role = 'business'", (review_id,)
    )
    items = r.rows(
        "SELECT state, kind, settled, finished_t, error_kind FROM outbox WHERE review_id = ? AND target = 'public'"
        " AND kind IN ('reply', 'edit-reply', 'delete-reply') AND state <> 'discarded' ORDER BY id DESC",
        (review_id,),
    )
    # Sent, but not seen in the conversation yet (or never, where a provider can't be read back).
    unseen = [row for row in items if row[0] == OutboxState.SENT and row[1] == "reply" and not row[2]]
    times = [at for _, at in comments if at is not None] + [int(row[3]) for row in unseen if row[3]]
    newest = max(times, default=None)
    if items and (items[0][0] in _ON_ITS_WAY or items[0][4] == APPROVAL.kind):
        return ReplyMark.WAITING, newest
    if items and items[0][0] in (OutboxState.FAILED, OutboxState.HELD):
        return ReplyMark.FAILED, newest
    if unseen or any(owner is not None for owner, _ in comments):
        return ReplyMark.OURS, newest
    there = bool(comments) or elsewhere.of_review(r, review_id) is not None
    return (ReplyMark.ELSEWHERE if there else ReplyMark.NONE), newest


def first_mark(replies: Sequence[Comment]) -> ReplyMark:
    """The mark of a review that arrives with these comments of the business, none of them known to be ours."""
    return ReplyMark.ELSEWHERE if replies else ReplyMark.NONE
