"""The outbox on disk: what is stored comes back, at most one is live, and one process has it in hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reviewdesk.domain.errors import AlreadyQueued, ErrorInfo, InvalidInput
from reviewdesk.domain.models import ActionKind, OutboxItem, OutboxState, Target
from reviewdesk.domain.outbox import (
    Accepted,
    BaselineStored,
    Discarded,
    Edited,
    Held,
    Policy,
    ReadFailed,
    RetriedByPerson,
    TransitionError,
    UnknownOutcome,
)
from reviewdesk.store import accounts, journal, outbox
from tests.support.stores import NOW, Shelf, item, record


@pytest.fixture
def desk(shelf: Shelf) -> Shelf:
    shelf.page(record("r1"), record("r2"))
    return shelf


def get(shelf: Shelf, item_id: int) -> OutboxItem:
    with shelf.store.read() as r:
        found = outbox.get(r, item_id)
    assert found is not None
    return found


def due(shelf: Shelf, now: float = NOW) -> list[int]:
    with shelf.store.read() as r:
        return [i.id for i in outbox.due(r, now)]


def claim(shelf: Shelf, item_id: int, sender: str = "me") -> OutboxItem | None:
    return shelf.write(lambda tx: outbox.claim(tx, item_id, sender))


def apply(shelf: Shelf, item_id: int, event: Any, **more: Any) -> OutboxItem:
    return shelf.write(lambda tx: outbox.apply(tx, item_id, event, **more))


def begin(shelf: Shelf, item_id: int, sender: str = "me") -> None:
    def work(tx: Any) -> None:
        assert outbox.claim(tx, item_id, sender) is not None
        outbox.apply(tx, item_id, BaselineStored({"comments": ["id:a"]}))

    shelf.write(work)


def test_every_field_comes_back(desk: Shelf) -> None:
    review_id = desk.id("r1")
    whole = item(
        review_id,
        "Dear Zoë,\n😀",
        payload={"subject": "Ö", "n": [1, None]},
        state=OutboxState.VERIFYING,
        not_before=NOW + 0.25,
        scheduled_for=NOW + 5.5,
        attempts=3,
        absences=1,
        sending_since=NOW + 1.125,
        seen={"comments": ["id:c1"]},
        baseline={"comments": []},
        progress={"conversation_id": "t1"},
        remote_id="c9",
        error=ErrorInfo("network", "Cut."),
        override=True,
        finished_at=NOW + 9.0,
    )
    stored = desk.write(lambda tx: outbox.insert(tx, whole))
    assert stored == replace(whole, id=stored.id)
    assert get(desk, stored.id) == stored
    changed = replace(
        stored, text="Other", kind=ActionKind.MESSAGE, baseline=None, error=None, override=False
    )
    desk.write(lambda tx: outbox.update(tx, changed))
    assert get(desk, stored.id) == changed


def test_a_second_live_item_is_refused_and_says_so(desk: Shelf) -> None:
    first = desk.queue("r1")
    with pytest.raises(AlreadyQueued):
        desk.queue("r1", "again")
    assert len(desk.sql("SELECT id FROM outbox")) == 1
    other = [
        desk.queue("r2"),
        desk.queue("r1", target=Target.PRIVATE),
        desk.queue("r1", kind=ActionKind.FLAG),
    ]
    assert len({first.id, *(i.id for i in other)}) == 4
    apply(desk, first.id, Discarded())
    desk.queue("r1", "again")
    with pytest.raises(AlreadyQueued):
        desk.write(lambda tx: outbox.update(tx, replace(first, state=OutboxState.HELD)))


def test_actions_without_a_review_may_be_many(desk: Shelf) -> None:
    for _ in range(3):
        desk.write(lambda tx: outbox.insert(tx, item(None, kind=ActionKind.INVITE_LINK)))
    assert len(due(desk)) == 3


def test_an_unknown_item_is_a_key_error(desk: Shelf) -> None:
    with pytest.raises(KeyError):
        apply(desk, 99, Held())
    with pytest.raises(KeyError):
        desk.write(lambda tx: outbox.update(tx, item(None)))
    assert claim(desk, 99) is None


def test_listing(desk: Shelf) -> None:
    a, b = desk.queue("r1"), desk.queue("r2", state=OutboxState.FAILED)
    c = desk.queue("r2")
    apply(desk, c.id, Discarded())
    with desk.store.read() as r:
        assert [i.id for i in outbox.list_items(r)] == [b.id, a.id]
        assert [i.id for i in outbox.list_items(r, states=[OutboxState.DISCARDED])] == [c.id]
        assert [i.id for i in outbox.list_items(r, review_id=desk.id("r1"))] == [a.id]
        assert outbox.list_items(r, account_id=2) == []
        assert [i.id for i in outbox.list_items(r, limit=1)] == [b.id]
        live = outbox.live_for(r, desk.id("r1"), Target.PUBLIC)
        assert live is not None and live.id == a.id
        assert outbox.live_for(r, desk.id("r1"), Target.PRIVATE) is None
        assert outbox.live_for(r, desk.id("r1"), Target.PUBLIC, kind=ActionKind.FLAG) is None
        assert outbox.live_for(r, desk.id("r2"), Target.PUBLIC) is None


def test_what_is_due_and_when_the_next_is(desk: Shelf) -> None:
    with desk.store.read() as r:
        assert outbox.next_due(r) is None
    late = desk.queue("r1", not_before=NOW + 20.0)
    early = desk.queue("r2", not_before=NOW + 10.0)
    assert due(desk, NOW + 9.9) == []
    assert due(desk, NOW + 10.0) == [early.id]
    assert due(desk, NOW + 30.0) == [early.id, late.id]
    with desk.store.read() as r:
        assert outbox.next_due(r) == NOW + 10.0
    apply(desk, early.id, Held())
    assert due(desk, NOW + 30.0) == [late.id]


def test_of_one_conversation_the_first_goes_first(desk: Shelf) -> None:
    first = desk.queue("r1")
    second = desk.queue("r1", kind=ActionKind.EDIT_REPLY, payload={"comment_id": "a"})
    later = desk.queue("r2", not_before=NOW + 100.0)
    flag = desk.queue("r2", kind=ActionKind.FLAG)
    assert due(desk) == [first.id, flag.id], "one planned for later stops nobody"
    begin(desk, first.id)
    assert due(desk) == [flag.id]
    apply(desk, first.id, UnknownOutcome(ErrorInfo("network", "cut")))
    assert due(desk) == [flag.id]
    assert due(desk, NOW + 60.0) == [flag.id, first.id]
    apply(desk, first.id, Accepted())
    assert due(desk) == [second.id, flag.id]
    assert due(desk, NOW + 100.0) == [second.id, later.id], "now its time has come, and it is the first"


# --- in whose hand ---------------------------------------------------------------------------------------


def test_a_claim_is_one_processes_until_it_is_over(desk: Shelf) -> None:
    queued = desk.queue("r1")
    assert claim(desk, queued.id, "a") == queued
    assert claim(desk, queued.id, "b") is None
    assert claim(desk, queued.id, "a") == queued
    assert due(desk) == []
    desk.write(lambda tx: outbox.release(tx, queued.id, "b"))
    assert claim(desk, queued.id, "b") is None, "not b's to give back"
    desk.write(lambda tx: outbox.release(tx, queued.id, "a"))
    assert claim(desk, queued.id, "b") == queued


def test_any_step_but_sending_ends_the_claim(desk: Shelf) -> None:
    queued = desk.queue("r1")
    claim(desk, queued.id, "a")
    apply(desk, queued.id, ReadFailed(ErrorInfo("network", "no"), retry_after_s=5.0))
    assert due(desk, NOW + 5.0) == [queued.id]
    begin(desk, queued.id, "b")
    assert claim(desk, queued.id, "b") is None, "it is being sent: nothing to take"
    desk.write(lambda tx: outbox.release(tx, queued.id, "b"))
    with desk.store.read() as r:
        assert r.value("SELECT sender FROM outbox") == "b"
    apply(desk, queued.id, UnknownOutcome(ErrorInfo("network", "cut")))
    assert due(desk, NOW + 60.0) == [queued.id]


def test_sending_in_nobodys_hand_is_a_mistake(desk: Shelf) -> None:
    queued = desk.queue("r1")
    with pytest.raises(RuntimeError, match="claimed"):
        apply(desk, queued.id, BaselineStored({}))
    assert get(desk, queued.id).state is OutboxState.WAITING


def test_a_person_comes_first_while_it_is_only_claimed(desk: Shelf) -> None:
    queued = desk.queue("r1")
    claim(desk, queued.id, "a")
    apply(desk, queued.id, Edited("Better"))
    taken = claim(desk, queued.id, "a")
    assert taken is not None and taken.text == "Better"
    apply(desk, queued.id, Discarded())
    assert claim(desk, queued.id, "a") is None
    with pytest.raises(TransitionError):
        apply(desk, queued.id, BaselineStored({}))


def test_recovering_frees_the_dead_and_leaves_the_living(desk: Shelf) -> None:
    desk.page(record("r3"), record("r4"))
    sent, held, alive, loose = (desk.queue(name) for name in ("r1", "r2", "r3", "r4"))
    begin(desk, sent.id, "dead")
    claim(desk, held.id, "dead")
    begin(desk, alive.id, "alive")
    claim(desk, loose.id, "alive")
    asked: list[str] = []

    def living(sender: str) -> bool:
        asked.append(sender)
        return sender == "alive"

    changed = desk.write(lambda tx: outbox.recover(tx, living))
    assert [i.id for i in changed] == [sent.id]
    assert sorted(asked) == ["alive", "dead"], "each is asked about once"
    assert get(desk, sent.id).state is OutboxState.VERIFYING
    assert get(desk, alive.id).state is OutboxState.SENDING
    assert due(desk, NOW + 3600) == [held.id, sent.id]
    assert desk.last().outbox == {sent.id}


def test_recovering_asks_the_person_where_nothing_can_be_read_back(desk: Shelf) -> None:
    queued = desk.queue("r1")
    begin(desk, queued.id, "dead")
    changed = desk.write(
        lambda tx: outbox.recover(tx, lambda sender: False, lambda i: Policy(reads_back=False))
    )
    assert [i.state for i in changed] == [OutboxState.HELD]
    assert due(desk, NOW + 9e6) == []


# --- damage ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["text", "target", "review_id", "not_before_t", "payload"])
def test_what_the_disk_changed_goes_nowhere_without_a_person(desk: Shelf, column: str) -> None:
    queued = desk.queue("r1")
    values = {
        "text": "Thank yoo.",
        "target": "private",
        "review_id": 5,
        "not_before_t": 1.0,
        "payload": '{"a":1}',
    }
    desk.write(lambda tx: tx.run(f"UPDATE outbox SET {column} = ?", (values[column],)))
    assert due(desk) == []
    assert get(desk, queued.id).state is OutboxState.HELD
    assert claim(desk, queued.id) is None
    assert desk.sql("SELECT state FROM outbox") == [("held",)]
    apply(desk, queued.id, RetriedByPerson())
    assert due(desk) == [queued.id], "a person looked at it"


def test_a_damaged_item_that_was_being_sent_is_held_after_a_crash(desk: Shelf) -> None:
    queued = desk.queue("r1")
    begin(desk, queued.id, "dead")
    desk.write(lambda tx: tx.run("UPDATE outbox SET text = 'x'"))
    changed = desk.write(lambda tx: outbox.recover(tx, lambda sender: False))
    assert [i.state for i in changed] == [OutboxState.HELD]
    assert desk.sql("SELECT state, sender FROM outbox") == [("held", None)]


# --- accounts and journal --------------------------------------------------------------------------------


def test_an_account_with_something_on_its_way_stays(desk: Shelf) -> None:
    queued = desk.queue("r1")
    begin(desk, queued.id)
    for erase in (True, False):
        with pytest.raises(InvalidInput):
            desk.write(lambda tx, e=erase: accounts.remove(tx, 1, erase=e))
    apply(desk, queued.id, Accepted())
    desk.queue("r2")
    desk.write(lambda tx: accounts.remove(tx, 1, erase=False))
    assert {row[0] for row in desk.sql("SELECT state FROM outbox")} == {"sent", "held"}
    desk.write(lambda tx: accounts.remove(tx, 1, erase=True))
    assert desk.sql("SELECT count(*) FROM outbox") == [(0,)]


def test_the_journal_has_a_line_per_action(desk: Shelf) -> None:
    ids = [
        desk.write(
            lambda tx, n=n: journal.add(
                tx, action="reply", result="sent", answer="a" * 500, account_id=1, outbox_id=n, review_id=9
            )
        )
        for n in (1, 2, 1)
    ]
    assert desk.last().journal
    with desk.store.read() as r:
        assert [e.id for e in journal.list_entries(r)] == ids[::-1]
        assert [e.id for e in journal.list(r, outbox_id=1)] == [ids[2], ids[0]]
        assert [e.id for e in journal.list_entries(r, before=ids[2], limit=1)] == [ids[1]]
        entry = journal.list_entries(r)[0]
    assert (entry.at, len(entry.answer), entry.review_id, entry.result) == (NOW, 300, 9, "sent")
