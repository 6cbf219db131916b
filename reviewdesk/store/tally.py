"""The figures of the sidebar: kept by triggers, never counted."""

from __future__ import annotations

from collections.abc import Mapping

from reviewdesk.domain.models import OutboxState, WorkState
from reviewdesk.domain.outbox import APPROVAL
from reviewdesk.domain.plain import dataclass
from reviewdesk.store.writer import Reader

__all__ = ["Counts", "Figure", "counts"]

_OPEN = (WorkState.NEW, WorkState.NEEDS_REPLY, WorkState.WAITING, WorkState.SNOOZED)
_WAITING = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.VERIFYING)
_FAILED = (OutboxState.FAILED, OutboxState.HELD)


@dataclass(frozen=True, slots=True)
class Figure:
    """How many reviews, and how many of them unread."""

    n: int
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """``states`` names every work state. ``unread`` and ``total`` leave removed reviews out; ``open`` counts per
    account what is neither done nor removed. ``outbox_failed`` counts what failed or needs a person."""

    states: Mapping[WorkState, Figure]
    by_account: Mapping[int, Mapping[WorkState, Figure]]
    open: Mapping[int, int]
    unread: int
    total: int
    outbox_waiting: int
    outbox_failed: int


def counts(r: Reader) -> Counts:
    """All figures at once; some rows per account, whatever the number of reviews."""
    states = {state: Figure(0, 0) for state in WorkState}
    by_account: dict[int, dict[WorkState, Figure]] = {}
    for account_id, text, n, unread in r.rows("SELECT account_id, work_state, n, unread FROM tally"):
        state = WorkState(text)
        by_account.setdefault(account_id, {})[state] = Figure(n, unread)
        states[state] = Figure(states[state].n + n, states[state].unread + unread)
    alive = [figure for state, figure in states.items() if state is not WorkState.REMOVED]
    outbox = dict(
        r.rows(
            "SELECT state, count(*) FROM outbox"
            " WHERE state IN ('waiting', 'sending', 'verifying', 'failed', 'held') GROUP BY state"
        )
    )
    # What only waits to be approved is no failure.
    unapproved = int(
        r.value("SELECT count(*) FROM outbox WHERE state = 'held' AND error_kind = ?", (APPROVAL.kind,))
    )
    return Counts(
        states=states,
        by_account=by_account,
        open={
            account_id: sum(figure.n for state, figure in figures.items() if state in _OPEN)
            for account_id, figures in by_account.items()
        },
        unread=sum(figure.unread for figure in alive),
        total=sum(figure.n for figure in alive),
        outbox_waiting=sum(outbox.get(state.value, 0) for state in _WAITING) + unapproved,
        outbox_failed=sum(outbox.get(state.value, 0) for state in _FAILED) - unapproved,
    )
