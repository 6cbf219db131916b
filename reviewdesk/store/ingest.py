"""Storing a page of a sync: rows, versions, conversations, deletions, set-aside records and the cursor at once.

Unchanged records are recognised by their hash and not touched. The work states move here by ``domain.work``.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewdesk.domain.models import (
    Deletion,
    ProviderState,
    Rejected,
    ReviewKind,
    ReviewRecord,
    Role,
    WorkState,
)
from reviewdesk.domain.work import WorkEvent, first_state
from reviewdesk.store import accounts, anonymise, erased, marks, rejected, retention, threads, twins
from reviewdesk.store.codec import to_json
from reviewdesk.store.indexing import queue_index
from reviewdesk.store.packing import PROVIDER_COLUMNS, Packed, check, fingerprint, pack, thread_digest
from reviewdesk.store.states import apply_events
from reviewdesk.store.writer import Tx

__all__ = ["PageResult", "Prepared", "prepared", "store_page"]

_SEQUENCE_BITS = 20
_SEQUENCE_MASK = (1 << _SEQUENCE_BITS) - 1

_COLUMNS = (
    "id", "account_id", "kind", "native_id", "created_s", "arrived_s", "work_state", "edited", "reply_mark",
    "reply_s", "thread_id", "thread_hash", *PROVIDER_COLUMNS,
)  # fmt: skip
_ROW = f"({', '.join('?' * len(_COLUMNS))})"
_INSERT_REVIEW = f"INSERT INTO review({', '.join(_COLUMNS)}) VALUES "
# A statement that fires triggers keeps a copy of every page it changes until it ends: one row a statement copies
# the pages of all indexes for each row (80 us), some dozens a statement once for all of them.
_ROWS_A_STATEMENT = 50
_INSERT_TEXT = "INSERT INTO review_text(review_id, title, body, details, raw) VALUES (?, ?, ?, ?, ?)"
_UPDATE_REVIEW = (
    f"UPDATE review SET ({', '.join(PROVIDER_COLUMNS)}) = ({', '.join('?' * len(PROVIDER_COLUMNS))}),"
    " thread_id = coalesce(?, thread_id), edited = max(edited, ?) WHERE id = ?"
)
_PROBE = (
    "SELECT native_id, id, content_hash, thread_hash FROM review"
    " WHERE account_id = ? AND kind = ? AND native_id IN (SELECT value FROM json_each(?))"
)
_INSERT_VERSION = "INSERT INTO version(review_id, at_s, score, title, body) VALUES (?, ?, ?, ?, ?)"
_FORGOTTEN = b""
"""A content hash that no record has: whatever the provider gives next is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageResult:
    """What became of a page. ``skipped``: what the provider could not decode and what could not be stored.

    ``added``: the ids of the new ones. ``anonymised``: reviews that name nobody from now on, with what named them before
    (never to be stored).
    """

    new: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    added: Sequence[int] = ()
    skipped: tuple[Rejected, ...] = ()
    anonymised: tuple[tuple[int, tuple[str, ...]], ...] = ()


@dataclass(slots=True)
class Prepared:
    """What no database has to be asked for to store a record. ``packed`` None: not worked out yet."""

    content: bytes
    thread: bytes | None
    packed: Packed | None


def prepared(records: Sequence[ReviewRecord], *, whole: bool) -> dict[int, Prepared]:
    """Half of the work of storing a page, for any thread: the writer is held for the other half alone.

    Keyed by ``id(record)``, for as long as ``records`` live. ``whole``: most of them are new, so that they are brought into
    the form of their columns as well. What can't be stored is left out; ``store_page`` sets it aside.
    """
    found = {}
    for record in records:
        try:
            content = fingerprint(record)
            thread = None if record.thread is None else thread_digest(record.thread)
            packed = None
            if whole:
                check(record)
                packed = pack(record, content)
        except ValueError:
            continue
        found[id(record)] = Prepared(content, thread, packed)
    return found


def store_page(
    tx: Tx,
    account_id: int,
    *,
    reviews: Sequence[ReviewRecord] = (),
    deletions: Sequence[Deletion] = (),
    rejected: Sequence[Rejected] = (),
    cursor: Mapping[str, Any] | None = None,
    arrived_s: int | None = None,
    ready: Mapping[int, Prepared] | None = None,
) -> PageResult:
    """Store one page and where the sync goes on, in this transaction. A page stored twice changes nothing.

    Deletions come after the reviews. ``cursor`` None leaves the stored one alone; ``arrived_s`` (default: now) is
    the arrival of new reviews and the creation date of those that have none. A record that can't be stored is set
    aside and never loses its page. ``ready`` is what ``prepared`` made of these very records.
    """
    page = _Page(tx, account_id, int(tx.now) if arrived_s is None else int(arrived_s), ready or {})
    page.skipped += rejected
    page.take(reviews)
    page.delete(deletions)
    page.finish()
    if cursor is not None:
        accounts.save_cursor(tx, account_id, cursor)
    return PageResult(
        new=page.new,
        added=page.added,
        changed=page.changed,
        removed=page.removed,
        unchanged=page.unchanged,
        skipped=tuple(page.skipped),
        anonymised=tuple(page.anonymised),
    )


@dataclass(slots=True)
class _Arrival:
    """A record that is new or different. ``thread`` None: no conversation came with it."""

    record: ReviewRecord
    content: bytes
    thread: bytes | None
    packed: Packed | None = None


class _Page:
    """One page on its way into the database."""

    def __init__(self, tx: Tx, account_id: int, arrived_s: int, ready: Mapping[int, Prepared]) -> None:
        self.tx = tx
        self.ready = ready
        self.account_id = account_id
        self.arrived_s = arrived_s
        self.new = self.changed = self.removed = self.unchanged = 0
        self.skipped: list[Rejected] = []
        self.anonymised: list[tuple[int, tuple[str, ...]]] = []
        self.added: list[int] = []
        self._touched: set[int] = set()

    def take(self, records: Sequence[ReviewRecord]) -> None:
        """Look every record up, leave the unchanged alone, insert the new ones together."""
        fresh: dict[tuple[str, str], _Arrival] = {}
        again: list[_Arrival] = []
        records = erased.screen(self.tx, self.account_id, records)
        records, left_out = retention.leave_out(self.tx, self.account_id, records)
        self.unchanged += left_out
        known = self._probe(records)
        for record in records:
            key = (str(record.kind), record.native_id)
            made = self.ready.get(id(record))
            packed = None
            try:
                if made is not None:
                    content, thread, packed = made.content, made.thread, made.packed
                else:
                    content = fingerprint(record)
                    thread = None if record.thread is None else thread_digest(record.thread)
                row = known.get(key)
                if row is not None and row[1] == content and (thread is None or row[2] == thread):
                    self.unchanged += 1
                    continue
                if packed is None:
                    check(record)
            except ValueError as error:
                self._set_aside(record, str(error))
                continue
            arrival = _Arrival(record, content, thread, packed)
            if row is not None:
                self._known(row, arrival)
                known.update(self._probe([record]))
            elif key in fresh:
                again.append(arrival)  # the same review twice on one page: the later one edits the first
            else:
                fresh[key] = arrival
        self._insert(list(fresh.values()))
        for arrival in again:
            for row in self._probe([arrival.record]).values():
                if row[1] == arrival.content and arrival.thread in (None, row[2]):
                    self.unchanged += 1
                else:
                    self._known(row, arrival)

    def _probe(self, records: Sequence[ReviewRecord]) -> dict[tuple[str, str], tuple[Any, ...]]:
        """What is stored of these: ``(kind, native id) -> (id, content hash, thread hash)``."""
        found: dict[tuple[str, str], tuple[Any, ...]] = {}
        for kind in ReviewKind:
            # Half a character is no name of a stored review, and no text for a query.
            names = [r.native_id for r in records if r.kind is kind and _is_text(r.native_id)]
            if names:
                text = str(kind)
                for row in self.tx.rows(_PROBE, (self.account_id, text, to_json(names))):
                    found[text, row[0]] = row[1:]
        return found

    def finish(self) -> None:
        rejected.set_aside(self.tx, self.account_id, erased.screen_rejected(self.tx, self.skipped))
        queue_index(self.tx, sorted(self._touched))
        twins.refresh(self.tx, sorted(self._touched))

    def _set_aside(self, record: ReviewRecord, reason: str) -> None:
        self.skipped.append(
            Rejected(f"review {record.native_id!r}"[:200], f"Not stored: {reason}.", record.raw)
        )

    # --- new ones ------------------------------------------------------------------------------------

    def _insert(self, arrivals: list[_Arrival]) -> None:
        if not arrivals:
            return
        tx = self.tx
        ids = self._free_ids([arrival.record for arrival in arrivals])
        numbered = [
            (review_id, arrival, arrival.packed or pack(arrival.record, arrival.content))
            for review_id, arrival in zip(ids, arrivals, strict=True)
        ]
        # Ids that rise within a batch fill the tables and the index from one end: twice the speed.
        numbered.sort(key=_by_id)
        ids.sort()
        _insert_rows(tx, [self._columns(*entry) for entry in numbered])
        tx.db.executemany(
            _INSERT_TEXT,
            [(i, packed.title, packed.body, packed.details, packed.raw) for i, _, packed in numbered],
        )
        earlier = [
            (i, v.at, v.score, v.title, v.body) for i, arrival, _ in numbered for v in arrival.record.previous
        ]
        if earlier:
            tx.db.executemany(_INSERT_VERSION, earlier)
        threads.store_first(
            tx,
            [(i, arrival.record.thread) for i, arrival, _ in numbered if arrival.record.thread is not None],
        )
        self._welcome_back(ids)
        self._touched.update(ids)
        self.new += len(ids)
        self.added += ids
        tx.changes.note_added(ids)

    def _free_ids(self, records: list[ReviewRecord]) -> list[int]:
        """``created second << 20 | sequence`` for each: the order of ids is the order of dates.

        The sequence comes from the review's own name, so that a review which was deleted here and is given again
        meets its drafts, and a stranger of the same second does not. A taken one moves to the next that is free.
        """
        wanted = []
        for record in records:
            second = self.arrived_s if record.created_at is None else record.created_at
            mark = zlib.crc32(f"{self.account_id}/{record.kind}/{record.native_id}".encode()) & _SEQUENCE_MASK
            # Before 1970 there is no order among ids, and zero is nobody's.
            wanted.append(second << _SEQUENCE_BITS | mark if second > 0 else mark or 1)
        among = "SELECT id FROM review WHERE id IN (SELECT value FROM json_each(?))"
        taken = {row[0] for row in self.tx.rows(among, (to_json(wanted),))}
        ids = []
        for review_id in wanted:
            if review_id in taken:
                review_id = self._next_free(review_id, taken)
            taken.add(review_id)
            ids.append(review_id)
        return ids

    def _next_free(self, review_id: int, taken: set[int]) -> int:
        while (
            review_id in taken or self.tx.one("SELECT 1 FROM review WHERE id = ?", (review_id,)) is not None
        ):
            review_id += 1
        return review_id

    def _columns(self, review_id: int, arrival: _Arrival, packed: Packed) -> tuple[Any, ...]:
        record, thread = arrival.record, arrival.record.thread
        replies = [c for c in thread.comments if c.role is Role.BUSINESS] if thread is not None else []
        state = first_state(
            has_business_reply=bool(replies), removed=record.provider_state is ProviderState.REMOVED
        )
        replied = [c.created_at for c in replies if c.created_at is not None]
        return (
            review_id,
            self.account_id,
            str(record.kind),
            record.native_id,
            self.arrived_s if record.created_at is None else record.created_at,
            self.arrived_s,
            str(state),
            1 if record.previous else 0,
            str(marks.first_mark(replies)),
            max(replied) if replied else None,
            packed.thread_id,
            arrival.thread,
            *packed.columns,
        )

    def _welcome_back(self, ids: list[int]) -> None:
        """Reviews that were here before find their drafts, and their mark speaks of our replies again."""
        tx, known = self.tx, to_json(ids)
        tx.run(
            "UPDATE review SET has_draft = 1 WHERE id IN (SELECT review_id FROM draft"
            " WHERE review_id IN (SELECT value FROM json_each(?)))",
            (known,),
        )
        for (review_id,) in tx.rows(
            "SELECT DISTINCT review_id FROM outbox WHERE review_id IN (SELECT value FROM json_each(?))",
            (known,),
        ):
            marks.refresh(tx, review_id)

    # --- known ones ----------------------------------------------------------------------------------

    def _known(self, row: tuple[Any, ...], arrival: _Arrival) -> None:
        review_id, content_hash, _ = row
        record, removed = arrival.record, self.removed
        if content_hash != arrival.content:
            self._update(review_id, record, pack(record, arrival.content))
        if record.thread is not None:
            threads.store_thread(self.tx, review_id, record.thread)
        if self.removed == removed:
            self.changed += 1

    def _update(self, review_id: int, record: ReviewRecord, packed: Packed) -> None:
        tx = self.tx
        old = tx.rows(
            "SELECT r.score, t.title, t.body, r.updated_s, r.created_s, r.provider_state"
            " FROM review AS r JOIN review_text AS t ON t.review_id = r.id WHERE r.id = ?",
            (review_id,),
        )[0]
        former = anonymise.former_values(tx, review_id) if record.anonymised else ()
        edited = (old[0], old[1], old[2]) != (packed.columns[0], packed.title, packed.body)
        events = self._provider_moves(old[5], record)
        if edited:
            tx.run(_INSERT_VERSION, (review_id, old[3] if old[3] is not None else old[4], *old[:3]))
            events.append(WorkEvent.EDITED)
        self._earlier_versions(review_id, record)
        tx.run(
            _UPDATE_REVIEW,
            (*packed.columns, packed.thread_id, int(edited or bool(record.previous)), review_id),
        )
        tx.run(
            "UPDATE review_text SET title = ?, body = ?, details = ?, raw = ? WHERE review_id = ?",
            (packed.title, packed.body, packed.details, packed.raw, review_id),
        )
        if record.anonymised:
            anonymise.wipe(tx, review_id, former)
            self._note_anonymised(review_id, former)
        apply_events(tx, review_id, events)
        self._touched.add(review_id)
        tx.changes.note_changed((review_id,))

    def _note_anonymised(self, review_id: int, former: tuple[str, ...]) -> None:
        told = tuple(v for v in former if v.strip() and v.strip() != anonymise.ANONYMOUS)
        if told:
            self.anonymised.append((review_id, told))

    def _provider_moves(self, old_state: str, record: ReviewRecord) -> list[WorkEvent]:
        was, is_now = old_state == ProviderState.REMOVED, record.provider_state is ProviderState.REMOVED
        if is_now and not was:
            self.removed += 1
            return [WorkEvent.REMOVED]
        return [WorkEvent.RESTORED] if was and not is_now else []

    def _earlier_versions(self, review_id: int, record: ReviewRecord) -> None:
        """Versions that the provider itself tells of, as far as they are not known."""
        if not record.previous:
            return
        tx = self.tx
        known = set(tx.rows("SELECT score, title, body FROM version WHERE review_id = ?", (review_id,)))
        for v in record.previous:
            if (v.score, v.title, v.body) not in known:
                tx.run(_INSERT_VERSION, (review_id, v.at, v.score, v.title, v.body))

    # --- gone ones -----------------------------------------------------------------------------------

    def delete(self, deletions: Iterable[Deletion]) -> None:
        """The provider said so explicitly: the review stays here as Removed until its retention ends."""
        for deletion in deletions:
            kinds = [str(k) for k in ReviewKind] if deletion.kind is None else [str(deletion.kind)]
            if not _is_text(deletion.native_id):
                continue
            for kind in kinds:
                row = self.tx.one(
                    "SELECT id, provider_state, author_name, content_hash FROM review"
                    " WHERE account_id = ? AND kind = ? AND native_id = ?",
                    (self.account_id, kind, deletion.native_id),
                )
                if row is not None:
                    self._delete(deletion, *row)

    def _delete(
        self, deletion: Deletion, review_id: int, state: str, author: str | None, content_hash: bytes
    ) -> None:
        tx = self.tx
        removed = state != ProviderState.REMOVED
        anonymised = deletion.anonymise and not (author == anonymise.ANONYMOUS and content_hash == _FORGOTTEN)
        if not removed and not anonymised:
            return
        if anonymised:
            self._note_anonymised(review_id, anonymise.wipe_row(tx, review_id))
        # With its hash forgotten a review that comes again is looked at, whatever it holds.
        tx.run(
            "UPDATE review SET provider_state = 'removed', content_hash = ? WHERE id = ?",
            (_FORGOTTEN, review_id),
        )
        state_now = apply_events(tx, review_id, [WorkEvent.REMOVED] if removed else [])
        self._touched.add(review_id)
        tx.changes.note_changed((review_id,))
        if state_now is WorkState.REMOVED:
            self.removed += 1


def _is_text(name: str) -> bool:
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)


def _by_id(entry: tuple[int, _Arrival, Packed]) -> int:
    return entry[0]


def _insert_rows(tx: Tx, rows: list[tuple[Any, ...]]) -> None:
    whole = len(rows) - len(rows) % _ROWS_A_STATEMENT
    if whole:
        many = _INSERT_REVIEW + ", ".join([_ROW] * _ROWS_A_STATEMENT)
        for at in range(0, whole, _ROWS_A_STATEMENT):
            tx.db.execute(many, [v for row in rows[at : at + _ROWS_A_STATEMENT] for v in row])
    if whole < len(rows):
        rest = rows[whole:]
        tx.db.execute(_INSERT_REVIEW + ", ".join([_ROW] * len(rest)), [v for row in rest for v in row])
