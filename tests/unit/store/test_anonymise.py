"""A person taken out of a review: not a letter of the name, address or order stays in any file of the database."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reviewdesk.domain.models import (
    Author,
    Comment,
    Deletion,
    OutboxState,
    ReviewKind,
    Role,
    Target,
    WorkState,
)
from reviewdesk.domain.outbox import BaselineStored, Discarded, seen_of
from reviewdesk.store import drafts, notes, outbox, search, threads
from tests.support.stores import Shelf, business, record, thread

NAME, MAIL, USER, ORDER, REF, ID = (
    "Quintessa Planted", "quintessa@example.org", "quinnie77", "ORD-998877", "REF-554433", "UID-112233",
)  # fmt: skip
PLANTED = (NAME, MAIL, USER, ORDER, REF, ID)

BEFORE = record(
    "r1",
    title="From Quintessa Planted",
    body=f"My order {ORDER} never came. {NAME}, {MAIL}",
    author=Author(name=NAME, username=USER, email=MAIL, id=ID),
    order_id=ORDER,
    reference=REF,
    private_facts=(("Phone", "Quintessa Planted 0123"),),
    facts=(("Ship to", "Quintessa Planted"),),
    raw=f'{{"name":"{NAME}","mail":"{MAIL}","order":"{ORDER}","ref":"{REF}","user":"{USER}","id":"{ID}"}}',
    thread=thread(
        business("We are sorry."),
        Comment(
            id=None, author=NAME, role=Role.CONSUMER, text=f"Signed, {NAME.upper()}", created_at=1_700_000_500,
            author_id=ID,
        ),
    ),
)  # fmt: skip
AFTER = replace(
    BEFORE,
    title="Never came",
    body="My order never came.",
    author=Author(name="Anonymous", email=MAIL, id=ID),
    private_facts=(),
    facts=(),
    raw='{"name":"Anonymous"}',
    thread=thread(
        business("We are sorry."),
        Comment(id=None, author="Anonymous", role=Role.CONSUMER, text="Signed", created_at=1_700_000_500),
    ),
    anonymised=True,
)


@pytest.fixture
def shelf(tmp_path: Path) -> Any:
    made = Shelf(tmp_path, idle_work=lambda tx: search.index_slice(tx, budget_s=0.02))
    yield made
    made.close()


def plant(shelf: Shelf) -> int:
    """The person in every place that may hold them."""
    shelf.page(BEFORE)
    shelf.page(replace(BEFORE, body=f"Edited. {NAME} again"))
    review_id = shelf.id()
    read = BEFORE.thread
    assert read is not None
    shelf.write(lambda tx: threads.store_thread(tx, review_id, thread(*read.comments[:1])))
    shelf.write(lambda tx: threads.store_thread(tx, review_id, read))
    seen = seen_of(read.comments)
    assert any(NAME in key for key in seen["comments"])
    for target in Target:
        shelf.write(
            lambda tx, t=target: drafts.save(tx, review_id, t, f"Dear {NAME}, about {ORDER}", seen=seen)
        )
        shelf.write(lambda tx, t=target: drafts.save(tx, review_id, t, "Dear customer " * 9))
    old = shelf.queue("r1", f"To {NAME}", seen=seen, payload={"username": USER})
    shelf.write(lambda tx: outbox.apply(tx, old.id, Discarded()))
    live = shelf.queue("r1", "Sorry!", seen=seen)

    def send(tx: Any) -> None:
        outbox.claim(tx, live.id, "me")
        outbox.apply(tx, live.id, BaselineStored(seen))

    shelf.write(send)
    return review_id


def left(shelf: Shelf, needles: tuple[str, ...] = PLANTED) -> list[tuple[str, str]]:
    """Which planted values stand in which file, in any case."""
    files = [
        p
        for p in shelf.path.parent.iterdir()
        if p.name.startswith(shelf.path.name) and not p.name.endswith("-shm")
    ]
    return [
        (p.name, needle)
        for p in files
        for needle in needles
        if needle.lower().encode() in p.read_bytes().lower() or needle.encode("utf-16-le") in p.read_bytes()
    ]


def wait_until_clean(shelf: Shelf) -> list[tuple[str, str]]:
    """Index slices and the emptying of the log run between other work."""
    pause = threading.Event()
    for _ in range(200):
        found = left(shelf)
        if not found:
            return []
        pause.wait(0.05)
    return found


def test_the_harness_finds_what_is_planted(shelf: Shelf) -> None:
    plant(shelf)
    assert {needle for _, needle in left(shelf)} == set(PLANTED)


def test_an_anonymous_record_wipes_its_former_self(shelf: Shelf) -> None:
    review_id = plant(shelf)
    assert shelf.page(AFTER).changed == 1
    assert wait_until_clean(shelf) == []
    found = shelf.detail()
    assert found.author == Author(name="Anonymous")
    assert (found.row.order_id, found.reference, found.private_facts) == (None, None, ())
    assert found.body == "My order never came."
    assert [v.body for v in found.versions] == [
        "My order Anonymous never came. Anonymous, Anonymous",
        "Edited. Anonymous again",
    ]
    assert [c.author for c in found.comments] == ["ACME", "Anonymous"]
    assert shelf.page(AFTER).unchanged == 1
    with shelf.store.read() as r:
        draft = drafts.get(r, review_id, Target.PUBLIC)
        items = outbox.list_items(r, states=list(OutboxState))
        assert [v.text for v in drafts.versions(r, review_id, Target.PUBLIC)] == [
            "Dear Anonymous, about Anonymous"
        ]
    assert draft is not None and "damaged" not in draft.seen and draft.text.startswith("Dear customer")
    assert {i.state for i in items} == {OutboxState.DISCARDED, OutboxState.SENDING}, (
        "their checksums are right"
    )
    assert items[0].text == "Sorry!", "what is on its way stays what it is"


def test_an_anonymising_deletion_wipes_too(shelf: Shelf) -> None:
    plant(shelf)
    gone = (Deletion(native_id="r1", anonymise=True),)
    assert shelf.page(gone=gone).removed == 1
    assert wait_until_clean(shelf) == []
    found = shelf.detail()
    assert found.row.work_state is WorkState.REMOVED
    assert (found.row.author_name, found.raw, found.facts) == ("Anonymous", "", ())
    assert found.body == "Edited. Anonymous again" and found.row.snippet.endswith("Edited. Anonymous again")
    heard = len(shelf.heard)
    assert shelf.page(gone=gone).removed == 0
    assert len(shelf.heard) == heard


def test_what_was_removed_before_can_still_be_anonymised(shelf: Shelf) -> None:
    plant(shelf)
    shelf.page(gone=(Deletion(native_id="r1"),))
    assert left(shelf)
    shelf.page(gone=(Deletion(native_id="r1", anonymise=True),))
    assert wait_until_clean(shelf) == []


def test_others_are_left_alone(shelf: Shelf) -> None:
    plant(shelf)
    shelf.page(record("r2", body=f"{NAME} is a friend", kind=ReviewKind.BUSINESS))
    shelf.write(lambda tx: notes.add(tx, shelf.id("r2"), "own words"))
    shelf.page(AFTER)
    assert shelf.detail("r2").body == f"{NAME} is a friend"
    assert shelf.detail("r2").notes[0][2] == "own words"


def test_whole_words_only_and_no_single_letters(shelf: Shelf) -> None:
    shelf.page(record("r1", body="Jo loves Jobs. jo!", author=Author(name="Jo", username="x")))
    shelf.page(gone=(Deletion(native_id="r1", anonymise=True),))
    assert shelf.detail().body == "Anonymous loves Jobs. Anonymous!"


def test_an_anonymous_first_arrival_keeps_nothing_personal(shelf: Shelf) -> None:
    shelf.page(replace(AFTER, author=Author(name=None, email=MAIL, username=USER)))
    found = shelf.detail()
    assert found.author == Author(name="Anonymous")
    assert (found.row.order_id, found.reference) == (None, None)
