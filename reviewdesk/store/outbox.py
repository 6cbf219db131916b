"""The outbox on disk: what leaves the machine, durable before its first byte, in one process's hand at a time.

The rules are ``domain.outbox.step``; here they meet the disk. An item is taken with ``claim`` before it is worked
on; the claim holds through ``sending`` and ends with any other state. A process that dies keeps its claims until
``recover`` asks whether it is alive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import apsw

from reviewdesk.domain.errors import AlreadyQueued, ErrorInfo
from reviewdesk.domain.models import APPROVAL_KEY, ActionKind, Approval, OutboxItem, OutboxState, Target
from reviewdesk.domain.outbox import Event, Policy, Restarted, is_final, step
from reviewdesk.domain.text import clean
from reviewdesk.store import invitations, marks
from reviewdesk.store.codec import checksum, object_from, to_json
from reviewdesk.store.writer import Reader, Tx

__all__ = [
    "apply",
    "claim",
    "due",
    "get",
    "insert",
    "letters",
    "letters_to",
    "list_items",
    "live_for",
    "live_letter",
    "next_due",
    "recover",
    "release",
    "seal",
    "update",
]

_FIELDS = (
    "kind, account_id, review_id, target, text, payload, state, created_t, not_before_t, scheduled_t, attempts,"
    " absences, sending_since_t, seen, baseline, progress, remote_id, error_kind, error, override, finished_t"
)
_SELECT = "SELECT id, checksum, " + _FIELDS + " FROM outbox "
_INSERT = "INSERT INTO outbox(" + _FIELDS + ", checksum) VALUES (" + "?, " * 21 + "?)"
_UPDATE = (
    "UPDATE outbox SET ("
    + _FIELDS
    + ", checksum) = ("
    + "?, " * 21
    + "?), sender = iif(?, sender, NULL) WHERE id = ?"
)
_APPROVED = f"json_extract(payload, '$.{APPROVAL_KEY}') IS NOT '{Approval.ASKED.value}'"
_DAMAGED = ErrorInfo("damaged", "This item was damaged on the disk. Check its text before it goes out.")


def _values(item: OutboxItem) -> tuple[Any, ...]:
    error = item.error
    return (
        item.kind.value,
        item.account_id,
        item.review_id,
        item.target.value,
        item.text,
        to_json(dict(item.payload)),
        item.state.value,
        float(item.created_at),
        float(item.not_before),
        None if item.scheduled_for is None else float(item.scheduled_for),
        item.attempts,
        item.absences,
        None if item.sending_since is None else float(item.sending_since),
        to_json(dict(item.seen)),
        None if item.baseline is None else to_json(dict(item.baseline)),
        to_json(dict(item.progress)),
        item.remote_id,
        None if error is None else error.kind,
        None if error is None else error.message,
        int(item.override),
        None if item.finished_at is None else float(item.finished_at),
    )


def _item(row: tuple[Any, ...]) -> OutboxItem:
    (
        item_id, crc, kind, account_id, review_id, target, text, payload, state, created, not_before, scheduled,
        attempts, absences, since, seen, baseline, progress, remote_id, error_kind, error, override, finished,
    ) = row  # fmt: skip
    item = OutboxItem(
        id=item_id,
        kind=ActionKind(kind),
        account_id=account_id,
        review_id=review_id,
        target=Target(target),
        text=text,
        payload=object_from(payload),
        state=OutboxState(state),
        created_at=created,
        not_before=not_before,
        scheduled_for=scheduled,
        attempts=attempts,
        absences=absences,
        sending_since=since,
        seen=object_from(seen),
        baseline=None if baseline is None else object_from(baseline),
        progress=object_from(progress),
        remote_id=remote_id,
        error=None if error_kind is None else ErrorInfo(error_kind, error or ""),
        override=bool(override),
        finished_at=finished,
    )
    if checksum(*row[2:]) != crc and not is_final(item.state):
        # Nothing that a disk has changed goes out by itself: a person reads it first.
        return replace(item, state=OutboxState.HELD, error=_DAMAGED)
    return item


# --- reading -------------------------------------------------------------------------------------------


def get(r: Reader, item_id: int) -> OutboxItem | None:
    """The item, or None."""
    row = r.one(_SELECT + "WHERE id = ?", (item_id,))
    return None if row is None else _item(row)


def list_items(
    r: Reader,
    *,
    states: Iterable[OutboxState] | None = None,
    account_id: int | None = None,
    review_id: int | None = None,
    limit: int = 500,
) -> list[OutboxItem]:
    """Newest first; without ``states`` everything but what was discarded."""
    wanted = [s for s in OutboxState if s is not OutboxState.DISCARDED] if states is None else list(states)
    where = "WHERE state IN (SELECT value FROM json_each(?))"
    params: list[Any] = [to_json([s.value for s in wanted])]
    if account_id is not None:
        where += " AND account_id = ?"
        params.append(account_id)
    if review_id is not None:
        where += " AND review_id = ?"
        params.append(review_id)
    rows = r.rows(_SELECT + where + " ORDER BY id DESC LIMIT ?", (*params, limit))
    return [_item(row) for row in rows]


def due(r: Reader, now: float, *, limit: int = 100) -> list[OutboxItem]:
    """What can be worked on at ``now`` and is in nobody's hand, the longest due first.

    Of one review and target only the earliest: the second never overtakes one that is on its way or due itself. Never
    one whose approval is asked for.
    """
    rows = r.rows(
        _SELECT
        + "AS o WHERE state IN ('waiting', 'verifying') AND not_before_t <= ?1 AND sender IS NULL AND NOT EXISTS ("
        " SELECT 1 FROM outbox AS e WHERE e.review_id = o.review_id AND e.id < o.id AND e.target = o.target"
        " AND (e.state IN ('sending', 'verifying') OR (e.state = 'waiting' AND e.not_before_t <= ?1)))"
        " AND " + _APPROVED + " ORDER BY not_before_t, id LIMIT ?2",
        (now, limit),
    )
    items = [_item(row) for row in rows]
    return [item for item in items if item.state is not OutboxState.HELD]


def next_due(r: Reader) -> float | None:
    """When the next item is due (UTC seconds; may be past), or None when nothing waits."""
    times = r.rows(
        "SELECT (SELECT min(not_before_t) FROM outbox WHERE state = 'waiting'),"
        " (SELECT min(not_before_t) FROM outbox WHERE state = 'verifying')"
    )[0]
    return min((float(t) for t in times if t is not None), default=None)


def live_for(
    r: Reader, review_id: int, target: Target, *, kind: ActionKind | None = None
) -> OutboxItem | None:
    """The newest item of this review and target (and kind) that is neither done nor given up."""
    rows = r.rows(
        _SELECT
        + "WHERE review_id = ? AND target = ? AND state IN ('waiting', 'sending', 'verifying', 'held')"
        " AND (?3 IS NULL OR kind = ?3) ORDER BY id DESC LIMIT 1",
        (review_id, target.value, None if kind is None else kind.value),
    )
    return _item(rows[0]) if rows else None


def letters_to(
    r: Reader, account_id: int, person: str, *, states: Iterable[OutboxState] | None = None
) -> list[OutboxItem]:
    """The messages to a person that belong to no review, newest first; without ``states`` all not discarded."""
    wanted = [s for s in OutboxState if s is not OutboxState.DISCARDED] if states is None else list(states)
    rows = r.rows(
        _SELECT + "WHERE account_id = ? AND json_extract(payload, '$.username') = ? AND review_id IS NULL"
        " AND kind = 'message' AND state IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT 500",
        (account_id, person, to_json([s.value for s in wanted])),
    )
    return [_item(row) for row in rows]


def letters(r: Reader, *, limit: int = 500) -> list[OutboxItem]:
    """The messages to people that belong to no review and were not discarded, newest first."""
    rows = r.rows(
        _SELECT
        + "WHERE review_id IS NULL AND kind = 'message' AND state <> 'discarded' ORDER BY id DESC LIMIT ?",
        (limit,),
    )
    return [_item(row) for row in rows]


def live_letter(r: Reader, account_id: int, person: str) -> OutboxItem | None:
    """The message to a person that is neither done nor given up."""
    live = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.VERIFYING, OutboxState.HELD)
    return next(iter(letters_to(r, account_id, person, states=live)), None)


# --- writing -------------------------------------------------------------------------------------------


def insert(tx: Tx, item: OutboxItem) -> OutboxItem:
    """Store a new item (its ``id`` is ignored) and answer it with its id.

    Raises AlreadyQueued when a live item of this kind for this review and target is there.
    """
    item = replace(item, text=clean(item.text))
    values = _values(item)
    try:
        tx.run(_INSERT, (*values, checksum(*values)))
    except apsw.ConstraintError as error:
        if not _is_second(error):
            raise
        raise AlreadyQueued(
            _second(item),
            remedy="Change, discard or wait for the one in the outbox.",
        ) from error
    stored = replace(item, id=tx.db.last_insert_rowid())
    _after(tx, stored, None)
    return stored


def update(tx: Tx, item: OutboxItem) -> None:
    """Write every field of ``item``. A claim on it ends unless it is ``sending``.

    When it became ``sent``, its review's work state and reply mark move in this same transaction
    (``payload["then_done"]`` makes it done). Raises KeyError when the item is not there, AlreadyQueued when it
    would be a second live one, RuntimeError when it begins ``sending`` in nobody's hand.
    """
    former = tx.one("SELECT state, sender FROM outbox WHERE id = ?", (item.id,))
    if former is None:
        raise KeyError(item.id)
    sending = item.state is OutboxState.SENDING
    if sending and former[1] is None:
        raise RuntimeError("an item must be claimed before it is sent")
    item = replace(item, text=clean(item.text))
    values = _values(item)
    try:
        tx.run(_UPDATE, (*values, checksum(*values), int(sending), item.id))
    except apsw.ConstraintError as error:
        if not _is_second(error):
            raise
        raise AlreadyQueued(_second(item)) from error
    _after(tx, item, OutboxState(former[0]))


def apply(tx: Tx, item_id: int, event: Event, *, policy: Policy | None = None) -> OutboxItem:
    """Read, ``domain.outbox.step``, write: the safe way to change an item, as nothing can come between.

    Raises KeyError when it is not there, and what ``step`` and ``update`` raise.
    """
    item = get(tx, item_id)
    if item is None:
        raise KeyError(item_id)
    after = step(item, event, tx.now, policy or Policy())
    if after != item:
        update(tx, after)
    return after


def claim(tx: Tx, item_id: int, sender: str) -> OutboxItem | None:
    """Take the item in hand for the process ``sender``; None when another process has it, it needs no work, or it has
    yet to be approved.

    The answer is the item as it is now (its text may have been edited since it was listed). Claiming again what
    one has already is allowed. Work that ends without ``update`` must ``release``.
    """
    taken = tx.run(
        "UPDATE outbox SET sender = ? WHERE id = ? AND state IN ('waiting', 'verifying')"
        " AND (sender IS NULL OR sender = ?) AND " + _APPROVED,
        (sender, item_id, sender),
    )
    item = get(tx, item_id) if taken else None
    if item is not None and item.state is OutboxState.HELD:
        update(tx, item)  # damaged: from now on it is held on the disk as well
        return None
    return item


def release(tx: Tx, item_id: int, sender: str) -> None:
    """Give an item back that is not being sent; nothing happens when ``sender`` does not have it."""
    tx.run(
        "UPDATE outbox SET sender = NULL WHERE id = ? AND sender = ? AND state <> 'sending'",
        (item_id, sender),
    )


def recover(
    tx: Tx,
    alive: Callable[[str], bool],
    policy: Callable[[OutboxItem], Policy] = lambda item: Policy(),
) -> list[OutboxItem]:
    """Free what dead processes had in hand; what they were sending is now unclear (``Restarted``).

    ``alive`` tells whether the process of a sender token still runs; ``policy`` gives the account's.
    The answer is the items whose state changed.
    """
    rows = tx.rows(
        "SELECT id, sender, state FROM outbox WHERE state IN ('waiting', 'sending', 'verifying')"
        " AND (sender IS NOT NULL OR state = 'sending')"
    )
    judged: dict[str | None, bool] = {None: False}
    changed = []
    for item_id, sender, state in rows:
        if sender not in judged:
            judged[sender] = alive(sender)
        if judged[sender]:
            continue
        item = get(tx, item_id)
        if item is None:
            continue
        if state == OutboxState.SENDING:
            # Read as damaged it is held already: a person decides, which is the safe side of unclear.
            after = item if is_final(item.state) else step(item, Restarted(), tx.now, policy(item))
            update(tx, after)
            changed.append(after)
        else:
            tx.run("UPDATE outbox SET sender = NULL WHERE id = ?", (item_id,))
    return changed


def _second(item: OutboxItem) -> str:
    if item.review_id is None:
        return "There is another message on its way to this person already."
    return "There is another one on its way to this review already."


def _is_second(error: apsw.ConstraintError) -> bool:
    return bool(getattr(error, "extendedresult", 0) == apsw.SQLITE_CONSTRAINT_UNIQUE)


def _after(tx: Tx, item: OutboxItem, former: OutboxState | None) -> None:
    tx.changes.note_outbox(item.id)
    invitations.follow(tx, item)
    if item.review_id is None:
        return
    if item.state is OutboxState.SENT and former is not OutboxState.SENT:
        marks.settle(tx, item)
    if item.state is not former or item.state is OutboxState.HELD:
        # Also when something else holds it now: an approval that is waited for is no failure.
        marks.refresh(tx, item.review_id)


def seal(tx: Tx, item_ids: Iterable[int]) -> None:
    """Write the checksums anew after items were changed on purpose (a person was taken out)."""
    for item_id in item_ids:
        row = tx.one(_SELECT + "WHERE id = ?", (item_id,))
        if row is not None:
            tx.run("UPDATE outbox SET checksum = ? WHERE id = ?", (checksum(*row[2:]), item_id))
