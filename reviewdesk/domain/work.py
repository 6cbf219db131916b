"""Work states: what an event makes of a review (features.md C5, G4). A pure table; a test reads every cell."""

from __future__ import annotations

from enum import StrEnum

from reviewdesk.domain.models import WorkState

__all__ = ["WorkEvent", "first_state", "next_state"]


class WorkEvent(StrEnum):
    OUR_REPLY_SENT = "our-reply-sent"
    """A public reply of ours was confirmed by the provider."""
    REPLIED_ELSEWHERE = "replied-elsewhere"
    """A business reply appeared that did not go through this program."""
    CUSTOMER_COMMENT = "customer-comment"
    EDITED = "edited"
    """The customer changed the text or the score."""
    SNOOZE = "snooze"
    SNOOZE_ENDED = "snooze-ended"
    MARK_DONE = "mark-done"
    REOPEN = "reopen"
    MARK_WAITING = "mark-waiting"
    REMOVED = "removed"
    """The provider removed the review."""
    RESTORED = "restored"
    """A removed review was given again by the provider."""


_N, _R, _W = WorkState.NEW, WorkState.NEEDS_REPLY, WorkState.WAITING
_S, _D, _X = WorkState.SNOOZED, WorkState.DONE, WorkState.REMOVED
_COLUMNS = (_N, _R, _W, _S, _D, _X)

# Rows: events; columns: the present state in the order of _COLUMNS.
_TABLE: dict[WorkEvent, tuple[WorkState, ...]] = {
    WorkEvent.OUR_REPLY_SENT: (_W, _W, _W, _W, _D, _X),
    WorkEvent.REPLIED_ELSEWHERE: (_D, _D, _W, _D, _D, _X),
    WorkEvent.CUSTOMER_COMMENT: (_R, _R, _R, _R, _R, _X),
    WorkEvent.EDITED: (_N, _R, _R, _R, _R, _X),
    WorkEvent.SNOOZE: (_S, _S, _S, _S, _S, _X),
    WorkEvent.SNOOZE_ENDED: (_N, _R, _W, _R, _D, _X),
    WorkEvent.MARK_DONE: (_D, _D, _D, _D, _D, _X),
    WorkEvent.REOPEN: (_R, _R, _R, _R, _R, _X),
    WorkEvent.MARK_WAITING: (_W, _W, _W, _W, _W, _X),
    WorkEvent.REMOVED: (_X, _X, _X, _X, _X, _X),
    WorkEvent.RESTORED: (_N, _R, _W, _S, _D, _R),
}


def next_state(state: WorkState, event: WorkEvent) -> WorkState:
    """The state after ``event``. Total: every state has an answer for every event."""
    return _TABLE[event][_COLUMNS.index(state)]


def first_state(*, has_business_reply: bool, removed: bool = False) -> WorkState:
    """The state of a first arrival: new, or done when it already carries a business reply (cli.md, Reading)."""
    if removed:
        return WorkState.REMOVED
    return WorkState.DONE if has_business_reply else WorkState.NEW
