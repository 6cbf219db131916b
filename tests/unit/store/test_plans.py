"""No everyday statement reads a whole table: the plans of all that run, not of those somebody thought of."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from reviewdesk.domain.models import ActionKind, Author, Deletion, OutboxState, Target
from reviewdesk.domain.outbox import Accepted, BaselineStored
from reviewdesk.domain.work import WorkEvent
from reviewdesk.store import (
    accounts,
    drafts,
    journal,
    notes,
    outbox,
    rejected,
    reviews,
    states,
    tags,
    tally,
    threads,
)
from reviewdesk.store.writer import Reader, Tx
from tests.support.stores import NOW, Shelf, business, consumer, record, thread

# These have as many rows as a person makes by hand, or are read from their newest end.
SMALL = {"account", "tag", "tally", "saved_view", "setting", "json_each", "sqlite_schema"}


class Plans:
    """Collects every statement that runs and asks SQLite how it would run it."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}

    def watch(self, r: Reader, work: Callable[[], Any]) -> Any:
        def trace(cursor: Any, sql: str, values: Any) -> bool:
            self.seen.setdefault(sql, values)
            return True

        r.db.set_exec_trace(trace)
        try:
            return work()
        finally:
            r.db.set_exec_trace(None)

    def scans(self, r: Reader) -> list[tuple[str, str]]:
        found = []
        for sql, values in self.seen.items():
            if not re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)", sql):
                continue
            for *_, step in r.rows("EXPLAIN QUERY PLAN " + sql, values or ()):
                table = re.match(r"SCAN (\w+)", step)
                if table and table[1] not in SMALL and not step.endswith(("VALUES CLAUSE", "CONSTANT ROW")):
                    found.append((step, sql))
        return found


@pytest.fixture
def full(shelf: Shelf) -> Shelf:
    for page in range(5):
        shelf.page(
            *(
                record(
                    f"r{page}-{n}",
                    created_at=1_700_000_000 + page * 1000 + n,
                    thread=thread(business("x")) if n % 3 else None,
                )
                for n in range(200)
            )
        )
    for n in range(100):
        shelf.queue(f"r0-{n}", state=OutboxState.WAITING if n < 5 else OutboxState.SENT)
    shelf.write(lambda tx: tx.db.execute("ANALYZE"))
    return shelf


def everyday(tx: Tx, ids: list[int]) -> None:
    """What syncing, triage, writing and sending do."""
    one = ids[0]
    fresh = [record(f"new{n}", author=Author(name=f"n{n}")) for n in range(3)]
    reviews.store_page(tx, 1, reviews=fresh, cursor={"a": 1})
    changed = [record(f"new{n}", body="new", thread=thread(business("b"), consumer("c"))) for n in range(3)]
    reviews.store_page(tx, 1, reviews=changed, deletions=[Deletion(native_id="new2")], cursor={"a": 2})
    anonymous = record("new1", author=Author(name="Anonymous"), anonymised=True)
    reviews.store_page(tx, 1, reviews=[anonymous], deletions=[Deletion(native_id="new0", anonymise=True)])
    threads.store_thread(tx, one, thread(business("x"), consumer("y")))
    reviews.set_state(tx, ids, WorkEvent.MARK_DONE)
    reviews.snooze(tx, ids, NOW)
    reviews.wake_due(tx, NOW)
    reviews.put_back(tx, reviews.set_state(tx, ids, WorkEvent.REOPEN))
    reviews.set_read(tx, ids, True)
    reviews.set_star(tx, ids, True)
    reviews.set_owner(tx, ids, "Mia")
    states.set_hidden(tx, ids[:2], True)
    states.set_hidden(tx, ids[:2], False)
    tags.add(tx, ids, "late")
    tags.remove(tx, ids[:1], "late")
    notes.delete(tx, notes.add(tx, one, "note"))
    drafts.save(tx, one, Target.PUBLIC, "Dear")
    drafts.save(tx, one, Target.PUBLIC, "Other")
    drafts.delete(tx, one, Target.PUBLIC)
    last = ids[-1]
    item = outbox.insert(tx, _item(last))
    outbox.claim(tx, item.id, "me")
    outbox.apply(tx, item.id, BaselineStored({}))
    outbox.apply(tx, item.id, Accepted("c9"))
    outbox.recover(tx, lambda sender: False)
    journal.add(tx, action="reply", result="sent")
    accounts.save_pace(tx, 1, [1.0])


def _item(review_id: int) -> Any:
    from tests.support.stores import item

    return item(review_id, kind=ActionKind.REPLY)


def look(r: Reader, ids: list[int]) -> None:
    """What the window and the command line read."""
    reviews.rows(r, ids)
    reviews.detail(r, ids[0])
    reviews.ref(r, ids[0])
    reviews.find(r, 1, "r1-1")
    reviews.next_wake(r)
    drafts.get(r, ids[0], Target.PUBLIC)
    drafts.versions(r, ids[0], Target.PUBLIC)
    threads.comment_versions(r, ids[0])
    outbox.get(r, 1)
    outbox.due(r, NOW)
    outbox.next_due(r)
    outbox.list_items(r, review_id=ids[0])
    outbox.live_for(r, ids[0], Target.PUBLIC)
    tags.list_all(r)
    tally.counts(r)
    accounts.load_cursor(r, 1)


def test_no_everyday_statement_reads_a_whole_table(full: Shelf) -> None:
    plans = Plans()
    ids = [row[0] for row in full.sql("SELECT id FROM review ORDER BY id LIMIT 400")]

    def write(tx: Tx) -> list[tuple[str, str]]:
        plans.watch(tx, lambda: everyday(tx, ids))
        return plans.scans(tx)

    assert full.write(write) == []
    assert len(plans.seen) > 60
    with full.store.read() as r:
        plans.watch(r, lambda: look(r, ids))
        assert plans.scans(r) == []


def test_the_plans_find_a_scan_that_is_there(full: Shelf) -> None:
    plans = Plans()
    with full.store.read() as r:
        plans.watch(r, lambda: r.rows("SELECT id FROM review WHERE snippet = 'x'"))
        plans.watch(r, lambda: rejected.list_entries(r))
        assert any("SCAN review" in step for step, _ in plans.scans(r))
