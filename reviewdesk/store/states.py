"""Work states and the other marks a person sets: always through ``domain.work``, in bulk where a person can."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reviewdesk.domain.models import WorkState
from reviewdesk.domain.work import WorkEvent, next_state
from reviewdesk.store.codec import to_json
from reviewdesk.store.writer import Reader, Tx

__all__ = [
    "apply_events",
    "hidden_among",
    "next_sleeper",
    "next_wake",
    "owners",
    "put_back",
    "set_hidden",
    "set_owner",
    "set_read",
    "set_star",
    "set_state",
    "snooze",
    "snooze_again",
    "wake_due",
]

_MAKES_UNREAD = (WorkEvent.EDITED, WorkEvent.CUSTOMER_COMMENT)
"""What a customer does anew is unread again."""
_ANSWERED = (WorkEvent.OUR_REPLY_SENT, WorkEvent.REPLIED_ELSEWHERE)
"""What happens at one door of a review has happened to its twins."""
_TWINS = "SELECT id FROM review WHERE twin_of = ?1 UNION SELECT twin_of FROM review WHERE id = ?1 AND twin_of IS NOT NULL"
_AMONG = " WHERE id IN (SELECT value FROM json_each(?1))"


def apply_events(tx: Tx, review_id: int, events: Iterable[WorkEvent]) -> WorkState | None:
    """Move one review through ``events`` in their order; its state afterwards, None when it is not there.

    Its twins (the same review through another door) move along when it was answered.
    """
    events = tuple(events)
    answered = tuple(event for event in events if event in _ANSWERED)
    if answered:
        for (twin,) in tx.rows(_TWINS, (review_id,)):
            _apply(tx, twin, answered)
    return _apply(tx, review_id, events)


def _apply(tx: Tx, review_id: int, events: Iterable[WorkEvent]) -> WorkState | None:
    row = tx.one("SELECT work_state, unread FROM review WHERE id = ?", (review_id,))
    if row is None:
        return None
    before = WorkState(row[0])
    state, unread = before, bool(row[1])
    events = tuple(events)
    # What a customer wakes before its time may be put to sleep again until the same time.
    kept = all(event in _MAKES_UNREAD for event in events)
    for event in events:
        state = next_state(state, event)
        unread = unread or event in _MAKES_UNREAD
    if state is not before or unread != bool(row[1]):
        tx.run(
            "UPDATE review SET work_state = ?1, unread = ?2,"
            " snooze_until_s = iif(?1 = 'snoozed' OR ?4, snooze_until_s, NULL) WHERE id = ?3",
            (state.value, int(unread), review_id, int(kept)),
        )
        tx.changes.note_changed((review_id,))
    return state


def set_state(tx: Tx, ids: Iterable[int], event: WorkEvent) -> dict[int, WorkState]:
    """Move many reviews through one event. The answer: the former state of each that moved (for an undo)."""
    return _move(tx, ids, event, None)


def snooze(tx: Tx, ids: Iterable[int], until_s: int | None) -> dict[int, WorkState]:
    """Put reviews to sleep until ``until_s`` (UTC seconds; None: until something happens to them)."""
    return _move(tx, ids, WorkEvent.SNOOZE, None if until_s is None else int(until_s))


def snooze_again(tx: Tx, ids: Iterable[int]) -> dict[int, WorkState]:
    """Put those back to sleep that a customer woke early, each until the moment it was to wake."""
    kept = tx.rows(
        "SELECT snooze_until_s, id FROM review" + _AMONG + " AND snooze_until_s IS NOT NULL"
        " AND work_state <> 'snoozed'",
        (to_json(sorted(set(ids))),),
    )
    former: dict[int, WorkState] = {}
    for until in sorted({row[0] for row in kept}):
        former |= snooze(tx, [review_id for moment, review_id in kept if moment == until], until)
    return former


def _move(tx: Tx, ids: Iterable[int], event: WorkEvent, until_s: int | None) -> dict[int, WorkState]:
    before = tx.rows(
        "SELECT id, work_state, snooze_until_s FROM review" + _AMONG, (to_json(sorted(set(ids))),)
    )
    moves: dict[WorkState, list[int]] = {}
    former = {}
    ways = {state.value: (state, next_state(state, event)) for state in WorkState}
    for review_id, text, until in before:
        state, after = ways[text]
        wanted = until_s if after is WorkState.SNOOZED else None
        if after is not state or until != wanted:
            moves.setdefault(after, []).append(review_id)
            former[review_id] = state
    for after, moved in moves.items():
        tx.run(
            "UPDATE review SET work_state = ?2, snooze_until_s = ?3" + _AMONG,
            (to_json(moved), after.value, until_s if after is WorkState.SNOOZED else None),
        )
    tx.changes.note_changed(former)
    return former


def put_back(tx: Tx, former: dict[int, WorkState], snooze_until: dict[int, int | None] | None = None) -> None:
    """Undo of ``set_state`` and ``snooze``: each review gets its former state, removed ones stay removed."""
    until = snooze_until or {}
    tx.db.executemany(
        "UPDATE review SET work_state = ?, snooze_until_s = ? WHERE id = ? AND work_state <> 'removed'",
        (
            (state.value, until.get(review_id) if state is WorkState.SNOOZED else None, review_id)
            for review_id, state in former.items()
        ),
    )
    tx.changes.note_changed(former)


def wake_due(tx: Tx, now: float) -> list[int]:
    """Wake what was snoozed until ``now`` or earlier; the ids."""
    rows = tx.rows("SELECT id FROM review WHERE snooze_until_s <= ?", (int(now),))
    ids = [row[0] for row in rows]
    if ids:
        set_state(tx, ids, WorkEvent.SNOOZE_ENDED)
    return ids


def next_wake(r: Reader) -> int | None:
    """When the next snoozed review wakes (UTC seconds), or None."""
    value = r.value("SELECT min(snooze_until_s) FROM review WHERE snooze_until_s IS NOT NULL")
    return None if value is None else int(value)


def next_sleeper(r: Reader) -> int | None:
    """The id of the snoozed review that wakes next, or None."""
    value = r.value(
        "SELECT id FROM review WHERE snooze_until_s IS NOT NULL AND hidden = 0 ORDER BY snooze_until_s, id LIMIT 1"
    )
    return None if value is None else int(value)


def set_read(tx: Tx, ids: Iterable[int], read: bool) -> list[int]:
    """Mark as read or unread; the ids of those that were not so before."""
    return _set(
        tx, ids, "UPDATE review SET unread = ?2" + _AMONG + " AND unread <> ?2 RETURNING id", int(not read)
    )


def set_star(tx: Tx, ids: Iterable[int], starred: bool) -> list[int]:
    """Star or unstar; the ids of those that were not so before."""
    return _set(
        tx, ids, "UPDATE review SET starred = ?2" + _AMONG + " AND starred <> ?2 RETURNING id", int(starred)
    )


def set_hidden(tx: Tx, ids: Iterable[int], hidden: bool) -> list[int]:
    """Take reviews out of every list, or bring them back as they were; the ids of those that were not so before.

    A mark beside the work state: whatever a sync brings goes on moving the state and shows nothing that is hidden.
    Its twins (the same review through another door) are hidden with it: none of them takes its place.
    """
    wanted = sorted(set(ids))
    twins = tx.rows(
        "SELECT id FROM review WHERE twin_of IN (SELECT value FROM json_each(?))", (to_json(wanted),)
    )
    return _set(
        tx,
        [*wanted, *(row[0] for row in twins)],
        "UPDATE review SET hidden = ?2" + _AMONG + " AND hidden <> ?2 RETURNING id",
        int(hidden),
    )


def hidden_among(r: Reader, ids: Iterable[int]) -> set[int]:
    """Which of these are hidden."""
    found = r.rows("SELECT id FROM review" + _AMONG + " AND hidden = 1", (to_json(sorted(set(ids))),))
    return {row[0] for row in found}


def set_owner(tx: Tx, ids: Iterable[int], owner: str | None) -> list[int]:
    """Give reviews to somebody, or to nobody; the ids of those whose owner changed."""
    name = (owner or "").strip() or None
    return _set(tx, ids, "UPDATE review SET owner = ?2" + _AMONG + " AND owner IS NOT ?2 RETURNING id", name)


def owners(r: Reader) -> list[str]:
    """Everybody who has a review, by name. Hops from name to name through the index: quick with any number of rows."""
    found = r.rows(
        "WITH RECURSIVE o(name) AS (SELECT min(owner) FROM review WHERE owner IS NOT NULL"
        " UNION ALL SELECT (SELECT min(owner) FROM review WHERE owner > o.name) FROM o WHERE o.name IS NOT NULL)"
        " SELECT name FROM o WHERE name IS NOT NULL"
    )
    return sorted((row[0] for row in found), key=str.casefold)


def _set(tx: Tx, ids: Iterable[int], sql: str, value: int | str | None) -> list[int]:
    changed: Sequence[tuple[int, ...]] = tx.rows(sql, (to_json(sorted(set(ids))), value))
    found = [row[0] for row in changed]
    tx.changes.note_changed(found)
    return found
