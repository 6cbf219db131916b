"""Storing pages: what is new, changed, gone, and above all what is left untouched."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from reviewdesk.domain.models import (
    Attachment,
    Author,
    ChangeSet,
    Deletion,
    Product,
    ProviderState,
    Rejected,
    ReplyMark,
    ReviewKind,
    SubScore,
    Target,
    Thread,
    Version,
    WorkState,
)
from reviewdesk.domain.work import WorkEvent
from reviewdesk.store import accounts, drafts, outbox, rejected, reviews
from reviewdesk.store.database import Tx
from tests.support.stores import CREATED, NOW, Shelf, business, consumer, item, record, thread

FULL = record(
    "full",
    score=4.5,
    score_min=0.0,
    score_max=10.0,
    title="Très bien",
    body="Ligne une\n寿司 😀\u200f",
    language="fr",
    author=Author(name="Zoë", username="zoe1", email="zoe@example.org", id="u1"),
    updated_at=CREATED + 5,
    product=Product(
        sku="S-1", name="Lampe", id="p1", url="https://shop.example/p1", image_url="https://shop.example/p1.png",
        gtin="4006381333931", mpn="M1", brand="ACME",
    ),
    order_id="O-77",
    reference="REF-9",
    provider_state=ProviderState.PENDING,
    source="shop.example",
    source_id="s1",
    sub_scores=(SubScore("Delivery", 3.0), SubScore("Price", None)),
    attachments=(
        Attachment(
            url="https://img.example/1.jpg",
            thumbnail_url="https://img.example/1s.jpg",
            mime="image/jpeg",
            caption="The lamp",
        ),
    ),
    facts=(("Likes", "3"), ("Country", "FR")),
    private_facts=(("Invited by", "shop"),),
    thread=thread(business("Merci !"), consumer("De rien")),
    url="https://reviews.example/full",
    raw='{"id": "full", "text": "é"}',
)  # fmt: skip


def files_of(shelf: Shelf) -> dict[str, str]:
    names = (shelf.path, shelf.path.with_name(shelf.path.name + "-wal"))
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in names}


# --- a record and what is read again ---------------------------------------------------------------------


def test_every_field_comes_back(shelf: Shelf) -> None:
    result = shelf.page(FULL)
    assert (result.new, result.changed, result.removed, result.unchanged, result.skipped) == (1, 0, 0, 0, ())
    found = shelf.detail("full")
    row = found.row
    assert (row.score, row.score_min, row.score_max, row.score100) == (4.5, 0.0, 10.0, 45)
    assert (row.kind, row.native_id, row.account_id) == (FULL.kind, "full", shelf.account.id)
    assert (row.author_name, row.product_name, row.order_id, row.source) == (
        "Zoë",
        "Lampe",
        "O-77",
        "shop.example",
    )
    assert (row.created_at, row.updated_at, row.language) == (CREATED, CREATED + 5, "fr")
    assert row.provider_state is ProviderState.PENDING
    assert row.snippet == "Très bien Ligne une 寿司 😀\u200f"
    assert (row.unread, row.starred, row.edited, row.has_photo, row.has_draft) == (
        True,
        False,
        False,
        True,
        False,
    )
    for name in ("title", "body", "author", "product", "reference", "sub_scores", "attachments", "facts"):
        assert getattr(found, name) == getattr(FULL, name), name
    assert (found.private_facts, found.raw, found.url, found.source_id) == (
        FULL.private_facts, FULL.raw, FULL.url, FULL.source_id,
    )  # fmt: skip
    assert FULL.thread is not None and found.comments == FULL.thread.comments
    assert (found.thread_id, found.thread_state) == ("t1", "public")
    assert found.versions == () and found.notes == () and found.outbox == ()


def test_the_ref_is_what_a_provider_needs(shelf: Shelf) -> None:
    shelf.page(FULL)
    with shelf.store.read() as r:
        ref = reviews.ref(r, shelf.id("full"))
        assert reviews.ref(r, 5) is None and reviews.detail(r, 5) is None
        assert reviews.rows(r, []) == {} and reviews.rows(r, [5]) == {}
    assert ref is not None
    assert (ref.kind, ref.native_id, ref.thread_id, ref.username, ref.source) == (
        ReviewKind.PRODUCT, "full", "t1", "zoe1", "shop.example",
    )  # fmt: skip


def test_a_bare_record_is_enough(shelf: Shelf) -> None:
    bare = record(
        "bare", score=None, title="", body="", language=None, author=Author(), created_at=None, raw=""
    )
    shelf.page(bare, arrived_s=NOW - 50)
    row = shelf.row("bare")
    assert (row.score, row.score100, row.created_at, row.snippet, row.author_name) == (
        None,
        None,
        NOW - 50,
        "",
        None,
    )


def test_one_name_may_be_a_product_review_and_a_business_review(shelf: Shelf) -> None:
    shelf.page(record("same"), record("same", kind=ReviewKind.BUSINESS))
    with shelf.store.read() as r:
        ids = [reviews.find(r, 1, "same", kind) for kind in ReviewKind]
        assert reviews.find(r, 1, "other") is None and reviews.find(r, 2, "same") is None
    assert None not in ids and len(set(ids)) == 2


@pytest.mark.parametrize(
    ("title", "body", "snippet"),
    [
        ("", "", ""),
        ("T", "", "T"),
        ("", " a\n\n b\t", "a b"),
        ("T", "word " * 100, ("T " + "word " * 100)[:240].rstrip()),
        ("", "\n" * 5000 + "late", "late"),
        ("", "x" * 1_000_000, "x" * 240),
    ],
)
def test_snippets_are_one_line_of_240(shelf: Shelf, title: str, body: str, snippet: str) -> None:
    shelf.page(record(title=title, body=body))
    assert shelf.row().snippet == snippet


# --- ids -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [True, False])
def test_a_page_that_was_prepared_beforehand_is_stored_as_any_other(shelf: Shelf, whole: bool) -> None:
    page = [
        record("r1"),
        record("half\ud800"),
        record("r2", body="Half \ud800"),
        record("r3"),
        record("r1", body="Twice"),
    ]
    ready = reviews.prepared(page, whole=whole)
    assert set(ready) == {id(page[0]), id(page[3]), id(page[4])} | (set() if whole else {id(page[1])})

    def store(tx: Tx) -> reviews.PageResult:
        return reviews.store_page(tx, 1, reviews=page, ready=ready)

    result = shelf.store.write_now(store)
    assert (result.new, result.changed, len(result.skipped)) == (2, 1, 2)
    columns = (
        "SELECT native_id, snippet, score, content_hash, length(t.raw) FROM review AS r"
        " JOIN review_text AS t ON t.review_id = r.id ORDER BY 1"
    )
    stored = shelf.sql(columns)
    again = shelf.page(record("r3"), record("r1", body="Twice"))
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2) and shelf.sql(columns) == stored


def test_ids_are_the_order_of_dates_whatever_the_order_of_arrival(shelf: Shelf) -> None:
    times = [CREATED + 50, CREATED, CREATED + 70, CREATED + 10]
    shelf.page(*(record(f"r{t}", created_at=t) for t in times[:2]))
    shelf.page(*(record(f"r{t}", created_at=t) for t in times[2:]))
    names = [row[0] for row in shelf.sql("SELECT native_id FROM review ORDER BY id")]
    assert names == [f"r{t}" for t in sorted(times)]
    assert all(row[0] >> 20 == row[1] for row in shelf.sql("SELECT id, created_s FROM review"))


def test_many_of_one_second_have_ids_of_their_own(shelf: Shelf) -> None:
    records = [record(f"r{n}") for n in range(3000)]
    assert shelf.page(*records).new == 3000
    assert shelf.sql("SELECT count(DISTINCT id) FROM review WHERE id >> 20 = ?", (CREATED,)) == [(3000,)]
    assert shelf.page(*records).unchanged == 3000


def test_a_taken_id_moves_to_the_next(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewdesk.store.ingest.zlib.crc32", lambda data: 7)
    shelf.page(record("a"), record("b"))
    shelf.page(record("c"), record("d"))
    ids = [row[0] & 0xFFFFF for row in shelf.sql("SELECT id FROM review ORDER BY id")]
    assert ids == [7, 8, 9, 10]


@pytest.mark.parametrize("created", [0, -5, -62_135_596_800, 253_402_300_799])
def test_dates_outside_of_our_time_are_stored(shelf: Shelf, created: int) -> None:
    shelf.page(record("a", created_at=created), record("b", created_at=created))
    assert [row[0] for row in shelf.sql("SELECT created_s FROM review")] == [created] * 2
    assert shelf.sql("SELECT count(*) FROM review WHERE id > 0") == [(2,)]


def test_a_review_deleted_here_comes_back_under_its_old_id_and_meets_its_draft(shelf: Shelf) -> None:
    shelf.page(record("r1"), record("r2"))
    review_id = shelf.id("r1")
    shelf.write(lambda tx: drafts.save(tx, review_id, Target.PUBLIC, "Dear"))
    shelf.write(lambda tx: tx.run("DELETE FROM review WHERE id = ?", (review_id,)))
    shelf.page(record("r1"))
    assert shelf.id("r1") == review_id
    assert shelf.row("r1").has_draft


# --- the same again --------------------------------------------------------------------------------------


def test_the_same_page_again_writes_not_one_byte(shelf: Shelf) -> None:
    broken = (Rejected("line 3", "no id", "a;b"),)
    gone = (Deletion(native_id="gone"), Deletion(native_id="never seen"))
    records = (FULL, record("r1"), record("gone"), record("r2", thread=Thread(id=None, state=None)))
    cursor = {"page": 2, "since": {"a": [1, 2]}}
    # The provider's list no longer holds what it said was gone.
    shelf.page(*records, gone=gone, rejected=broken, cursor=cursor)
    again = tuple(r for r in records if r.native_id != "gone")
    before, heard = files_of(shelf), len(shelf.heard)
    total = shelf.write(lambda tx: tx.db.total_changes())
    result = shelf.page(*again, gone=gone, rejected=broken, cursor=cursor)
    assert (result.new, result.changed, result.removed, result.unchanged) == (0, 0, 0, 3)
    assert result.skipped == broken
    assert shelf.write(lambda tx: tx.db.total_changes()) == total
    assert files_of(shelf) == before
    assert len(shelf.heard) == heard


def test_a_new_cursor_alone_is_written_and_no_review(shelf: Shelf) -> None:
    shelf.page(record(), cursor={"page": 1})
    shelf.page(record(), cursor={"page": 2})
    with shelf.store.read() as r:
        assert accounts.load_cursor(r, 1) == {"page": 2}
    shelf.page(record())
    with shelf.store.read() as r:
        assert accounts.load_cursor(r, 1) == {"page": 2}


_DIFFERENCES: dict[str, Any] = {
    "score": 3.0,
    "score_max": 10.0,
    "title": "Other",
    "body": "Other",
    "language": "de",
    "author": Author(name="Else"),
    "updated_at": NOW,
    "product": Product(sku="S", gtin="1"),
    "order_id": "O",
    "reference": "R",
    "provider_state": ProviderState.PENDING,
    "source": "s",
    "source_id": "s",
    "sub_scores": (SubScore("a", 1.0),),
    "attachments": (Attachment(url="https://a.example/1"),),
    "facts": (("a", "b"),),
    "private_facts": (("a", "b"),),
    "thread": thread(business("Hello")),
    "thread_id": "t",
    "previous": (Version(1, 1.0, "a", "b"),),
    "url": "https://a.example",
    "anonymised": True,
}


def test_every_field_of_a_record_is_named_in_the_differences() -> None:
    own = {"kind", "native_id", "score_min", "created_at", "raw"}
    assert set(_DIFFERENCES) | own == set(record().__dataclass_fields__)


@pytest.mark.parametrize("field", sorted(_DIFFERENCES))
def test_a_difference_in_any_field_is_seen(shelf: Shelf, field: str) -> None:
    plain = record(thread=Thread(id=None, state=None))
    shelf.page(plain)
    other = replace(plain, **{field: _DIFFERENCES[field]})
    assert shelf.page(other).changed == 1
    assert shelf.page(other).unchanged == 1
    assert shelf.last() == ChangeSet(changed=frozenset({shelf.id()}))


def test_the_raw_text_alone_is_no_difference_and_comes_along_with_one(shelf: Shelf) -> None:
    """Some providers write one review differently in a list and by itself."""
    shelf.page(record(raw='{"stars": 2}'))
    assert shelf.page(record(raw='{"stars": "2"}')).unchanged == 1
    assert shelf.detail().raw == '{"stars": 2}'
    shelf.page(record(raw='{"stars": "3"}', score=3.0))
    assert shelf.detail().raw == '{"stars": "3"}'


def test_a_border_between_two_fields_that_moves_is_a_difference(shelf: Shelf) -> None:
    shelf.page(record(title="a", body="b c"))
    assert shelf.page(record(title="a b", body="c")).changed == 1
    shelf.page(record("f", facts=(("a", "b"),), private_facts=()))
    assert shelf.page(record("f", facts=(), private_facts=(("a", "b"),))).changed == 1
    shelf.page(record("n", language=None, order_id=""))
    assert shelf.page(record("n", language="", order_id=None)).changed == 1


def test_a_record_without_its_conversation_is_no_difference(shelf: Shelf) -> None:
    shelf.page(FULL)
    assert shelf.page(replace(FULL, thread=None)).unchanged == 1
    assert shelf.detail("full").comments == (FULL.thread.comments if FULL.thread else None)


def test_our_own_states_are_no_difference(shelf: Shelf) -> None:
    shelf.page(record())
    shelf.write(lambda tx: reviews.set_star(tx, [shelf.id()], True))
    shelf.write(lambda tx: reviews.set_state(tx, [shelf.id()], WorkEvent.MARK_DONE))
    assert shelf.page(record()).unchanged == 1
    assert shelf.row().work_state is WorkState.DONE


# --- edits -----------------------------------------------------------------------------------------------


def test_an_edit_keeps_what_was_there_and_asks_for_attention(shelf: Shelf) -> None:
    shelf.page(record())
    shelf.write(lambda tx: reviews.set_state(tx, [shelf.id()], WorkEvent.MARK_DONE))
    shelf.write(lambda tx: reviews.set_read(tx, [shelf.id()], True))
    assert shelf.page(record(score=5.0, body="It is fine now.", updated_at=NOW)).changed == 1
    found = shelf.detail()
    assert found.versions == (Version(CREATED, 2.0, "Lamp", "It flickers."),)
    assert (found.body, found.row.score, found.row.snippet) == (
        "It is fine now.",
        5.0,
        "Lamp It is fine now.",
    )
    assert (found.row.edited, found.row.unread, found.row.work_state) == (True, True, WorkState.NEEDS_REPLY)
    shelf.page(record(score=1.0, body="Broken again.", updated_at=NOW + 9))
    assert [v.at for v in shelf.detail().versions] == [CREATED, NOW]


def test_what_is_not_text_or_score_is_no_edit(shelf: Shelf) -> None:
    shelf.page(record())
    shelf.write(lambda tx: reviews.set_state(tx, [shelf.id()], WorkEvent.MARK_DONE))
    assert shelf.page(record(facts=(("Likes", "9"),))).changed == 1
    found = shelf.detail()
    assert (found.versions, found.row.edited, found.row.work_state) == ((), False, WorkState.DONE)


def test_a_review_twice_on_one_page_ends_as_the_later_one(shelf: Shelf) -> None:
    result = shelf.page(record(body="first"), record("other"), record(body="second"), record(body="second"))
    assert (result.new, result.changed, result.unchanged) == (2, 1, 1)
    assert shelf.detail().body == "second"
    assert [v.body for v in shelf.detail().versions] == ["first"]


def test_a_known_review_twice_on_one_page_keeps_each_content_once(shelf: Shelf) -> None:
    shelf.page(record(body="one"))
    shelf.page(record(body="two"), record(body="three"), record(body="three"))
    assert [v.body for v in shelf.detail().versions] == ["one", "two"]
    assert shelf.detail().body == "three"


def test_versions_the_provider_tells_of_are_kept_once(shelf: Shelf) -> None:
    former = Version(CREATED - 100, 1.0, "", "awful")
    shelf.page(record(previous=(former,)))
    assert shelf.detail().versions == (former,) and shelf.row().edited
    shelf.page(record(body="better", previous=(former, Version(CREATED, 2.0, "Lamp", "It flickers."))))
    assert [v.body for v in shelf.detail().versions] == ["awful", "It flickers."]


# --- first states ----------------------------------------------------------------------------------------


def test_a_first_arrival_is_new_or_done_when_it_is_answered(shelf: Shelf) -> None:
    shelf.page(
        record("new"),
        record("asked", thread=thread(consumer("Anybody?"))),
        record("done", thread=thread(business("Sorry!", at=CREATED + 9))),
        record("gone", provider_state=ProviderState.REMOVED),
    )
    states = {name: shelf.row(name).work_state for name in ("new", "asked", "done", "gone")}
    assert states == {
        "new": WorkState.NEW,
        "asked": WorkState.NEW,
        "done": WorkState.DONE,
        "gone": WorkState.REMOVED,
    }
    assert shelf.row("done").reply_mark is ReplyMark.ELSEWHERE
    assert shelf.sql("SELECT reply_s FROM review WHERE native_id = 'done'") == [(CREATED + 9,)]
    assert shelf.last().added == {shelf.id(name) for name in states}


# --- removals --------------------------------------------------------------------------------------------


def test_a_deletion_removes_and_keeps(shelf: Shelf) -> None:
    shelf.page(record("r1"), record("r2"))
    review_id = shelf.id("r1")
    shelf.write(lambda tx: drafts.save(tx, review_id, Target.PUBLIC, "Dear Ada"))
    assert shelf.page(gone=(Deletion(native_id="r1"), Deletion(native_id="unknown"))).removed == 1
    row = shelf.row("r1")
    assert (row.provider_state, row.work_state, row.has_draft) == (
        ProviderState.REMOVED,
        WorkState.REMOVED,
        True,
    )
    assert shelf.detail("r1").body == "It flickers."
    assert shelf.page(gone=(Deletion(native_id="r1"),)).removed == 0
    assert shelf.last().changed == {review_id}
    assert shelf.row("r2").work_state is WorkState.NEW


def test_a_deletion_may_name_the_kind(shelf: Shelf) -> None:
    shelf.page(record("x"), record("x", kind=ReviewKind.BUSINESS))
    assert shelf.page(gone=(Deletion(native_id="x", kind=ReviewKind.BUSINESS),)).removed == 1
    assert shelf.row("x").work_state is WorkState.NEW
    assert shelf.page(gone=(Deletion(native_id="x"),)).removed == 1


def test_a_provider_state_of_removed_is_a_removal_too(shelf: Shelf) -> None:
    shelf.page(record())
    result = shelf.page(record(provider_state=ProviderState.REMOVED))
    assert (result.removed, result.changed) == (1, 0)
    assert shelf.row().work_state is WorkState.REMOVED


def test_what_is_given_again_after_its_removal_needs_a_look(shelf: Shelf) -> None:
    shelf.page(record())
    shelf.page(gone=(Deletion(native_id="r1"),))
    result = shelf.page(record())
    assert (result.new, result.changed, result.unchanged) == (0, 1, 0)
    row = shelf.row()
    assert (row.work_state, row.provider_state) == (WorkState.NEEDS_REPLY, ProviderState.PUBLISHED)
    assert shelf.detail().versions == ()
    assert shelf.page(record()).unchanged == 1


def test_absence_is_no_removal(shelf: Shelf) -> None:
    shelf.page(record("r1"), record("r2"))
    shelf.page(record("r2"))
    shelf.page()
    assert shelf.row("r1").work_state is WorkState.NEW


# --- what can't be stored --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        record("bad", body="half \ud83d"),
        record("bad\udc00"),
        record("bad", raw="\udfff"),
        record("bad", created_at=1 << 62),
        record("bad", updated_at=-(1 << 62)),
        record("bad", thread=thread(business("half \ud83d"))),
        record("bad", thread=thread(business("late", at=1 << 63))),
        record("bad", previous=(Version(1 << 70, None, "", ""),)),
    ],
)
def test_a_record_that_no_table_takes_is_set_aside_and_the_page_goes_on(shelf: Shelf, bad: Any) -> None:
    result = shelf.page(record("good"), bad, record("fine"), cursor={"page": 1})
    assert (result.new, len(result.skipped)) == (2, 1)
    with shelf.store.read() as r:
        (kept,) = rejected.list_entries(r)
        assert accounts.load_cursor(r, 1) == {"page": 1}
    assert "Not stored" in kept.reason


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_no_number_is_no_score(shelf: Shelf, score: float) -> None:
    shelf.page(record(score=score, sub_scores=(SubScore("a", score),)))
    assert shelf.row().score is None
    assert shelf.detail().sub_scores == (SubScore("a", None),)
    assert shelf.page(record(score=score, sub_scores=(SubScore("a", score),))).unchanged == 1


def test_what_was_rejected_is_kept_once_and_remembered_by_day(shelf: Shelf) -> None:
    bad = Rejected("line 4", "no date", "x" * 30_000)
    for _ in range(3):
        assert shelf.page(rejected=(bad,)).skipped == (bad,)
    shelf.clock.advance(2 * 86_400)
    shelf.page(rejected=(bad, Rejected("line 5", "half", "\ud800")))
    with shelf.store.read() as r:
        newest, oldest = rejected.list_entries(r, 1)
        assert rejected.list_entries(r, 2) == []
    assert (oldest.first, oldest.last, len(oldest.raw)) == (NOW, NOW + 2 * 86_400, 20_000)
    assert newest.raw == "?"


def test_a_page_that_fails_leaves_neither_rows_nor_cursor(shelf: Shelf) -> None:
    def fail(tx: Any) -> None:
        reviews.store_page(tx, 1, reviews=[record()], cursor={"page": 1})
        raise ValueError

    with pytest.raises(ValueError):
        shelf.write(fail)
    assert shelf.sql("SELECT count(*) FROM review") == [(0,)]
    assert shelf.sql("SELECT count(*) FROM sync_cursor") == [(0,)]


# --- what hangs on it ------------------------------------------------------------------------------------


def test_new_and_changed_rows_wait_for_the_index_and_unchanged_ones_do_not(shelf: Shelf) -> None:
    shelf.page(record("r1"), record("r2"), record("r3"))
    assert len(shelf.sql("SELECT * FROM index_queue")) == 3
    shelf.write(lambda tx: tx.run("DELETE FROM index_queue"))
    shelf.page(record("r1"), record("r2", body="new words"), gone=(Deletion(native_id="r3"),))
    assert {row[0] for row in shelf.sql("SELECT review_id FROM index_queue")} == {
        shelf.id("r2"),
        shelf.id("r3"),
    }
    shelf.write(lambda tx: tx.run("DELETE FROM index_queue"))
    gone = shelf.id("r1")
    shelf.write(lambda tx: tx.run("DELETE FROM review WHERE id = ?", (gone,)))
    assert shelf.sql("SELECT review_id FROM index_queue") == [(gone,)]


def test_an_arrival_that_has_a_history_with_us_gets_its_mark(shelf: Shelf) -> None:
    shelf.page(record())
    review_id = shelf.id()
    shelf.write(lambda tx: outbox.insert(tx, item(review_id)))
    shelf.write(lambda tx: tx.run("DELETE FROM review"))
    shelf.page(record())
    assert shelf.row().reply_mark is ReplyMark.WAITING
