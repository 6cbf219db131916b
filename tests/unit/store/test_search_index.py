"""The text index: emptied queues, bounded slices, merges, and no trace of what was erased."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.models import Author, ReviewKind, ReviewRecord
from reviewdesk.domain.query import parse
from reviewdesk.store import accounts, reviews, search, search_index
from reviewdesk.store.database import Store, Tx
from reviewdesk.store.search_terms import order_words
from tests.support.clock import FakeClock

NOW = 1_780_000_000.0
PLANTED = "qzmarguerite"


class TickingClock(FakeClock):
    """Every look at the clock takes a millisecond."""

    def monotonic(self) -> float:
        self.advance(0.001)
        return super().monotonic()


def record(number: int, body: str, *, author: str = "Anna") -> ReviewRecord:
    return ReviewRecord(
        kind=ReviewKind.PRODUCT,
        native_id=f"n{number}",
        score=3.0,
        score_min=1.0,
        score_max=5.0,
        body=body,
        author=Author(name=author),
        created_at=1_700_000_000 + number * 60,
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "profile.sqlite", clock=FakeClock(NOW), on_change=lambda changes: None)
    opened.write_now(lambda tx: accounts.insert(tx, name="Shop", provider="trustpilot", settings={}))
    yield opened
    opened.close()


def fill(store: Store, numbers: range, body: str = "word") -> None:
    rnd = random.Random(numbers.start)
    records = [
        record(n, f"{body} " + " ".join(f"w{rnd.randrange(3_000)}" for _ in range(40))) for n in numbers
    ]
    store.write_now(lambda tx: reviews.store_page(tx, 1, reviews=records))


def drain(store: Store) -> int:
    slices = 1
    while store.write_now(lambda tx: search.index_slice(tx, budget_s=0.02)):
        slices += 1
    return slices


def hits(store: Store, text: str) -> int:
    with store.read() as r:
        return len(search.ids(r, parse(text, now=NOW)))


def number_of(store: Store, what: str) -> int:
    with store.read() as r:
        return search_index.waiting(r) if what == "waiting" else search_index.segments(r)


def test_a_slice_stops_when_its_time_is_over(store: Store) -> None:
    fill(store, range(400))
    clock = TickingClock()
    assert store.write_now(lambda tx: search.index_slice(tx, max_rows=400, budget_s=0.006, clock=clock))
    assert 0 < hits(store, "word") < 400
    before = hits(store, "word")
    assert store.write_now(lambda tx: search.index_slice(tx, max_rows=30, budget_s=10))
    assert hits(store, "word") == before + 30
    drain(store)
    assert hits(store, "word") == 400
    assert number_of(store, "waiting") == 0


def test_the_newest_are_searchable_first(store: Store) -> None:
    fill(store, range(200))
    store.write_now(lambda tx: search.index_slice(tx, max_rows=50, budget_s=10))
    with store.read() as r:
        found = search.ids(r, parse("word", now=NOW))
        newest = search.ids(r, parse("", now=NOW), limit=50)
    assert found == newest


def test_merging_is_left_to_slices_and_brings_few_segments(store: Store) -> None:
    for start in range(0, 600, 10):
        fill(store, range(start, start + 10))
        store.write_now(lambda tx: search.index_slice(tx, max_rows=10, budget_s=0.000_001))
    many = number_of(store, "segments")
    assert many >= 50  # nothing was merged inside those commits
    drain(store)
    assert number_of(store, "segments") < 16
    assert hits(store, "word") == 600


def test_a_crowded_index_is_merged_while_rows_still_wait(store: Store) -> None:
    fill(store, range(400))
    seen = []
    while number_of(store, "waiting"):
        store.write_now(lambda tx: search.index_slice(tx, max_rows=2, budget_s=0.000_001))
        seen.append(number_of(store, "segments"))
    assert max(seen) <= 70
    assert min(seen[seen.index(max(seen)) :]) < 30
    assert hits(store, "word") == 400


def test_searchable_soon_after_the_commit_without_being_asked(tmp_path: Path) -> None:
    clock = SystemClock()
    store = Store.open(
        tmp_path / "p.sqlite",
        clock=clock,
        on_change=lambda changes: None,
        idle_work=lambda tx: search.index_slice(tx, budget_s=0.03),
    )
    try:
        store.write_now(lambda tx: accounts.insert(tx, name="Shop", provider="trustpilot", settings={}))
        fill(store, range(300))
        end = clock.monotonic() + 2.0
        while hits(store, "word") < 300 and clock.monotonic() < end:
            number_of(store, "waiting")
        assert hits(store, "word") == 300
    finally:
        store.close()


def test_rebuild_indexes_everything_again(store: Store) -> None:
    fill(store, range(250))
    drain(store)
    after = store.write_now(lambda tx: search.rebuild_slice(tx, max_rows=100))
    assert hits(store, "word") == 0
    steps = 1
    while after is not None:
        after = store.write_now(lambda tx, a=after: search.rebuild_slice(tx, after=a, max_rows=100))  # type: ignore[misc]
        steps += 1
    assert steps == 3
    drain(store)
    assert hits(store, "word") == 250


# --- nothing stays -------------------------------------------------------------------------------


def traces(store: Store) -> list[str]:
    """The files of the profile in which the planted word stands, as written or as the index cuts it."""
    tail = PLANTED[2:].encode()
    return [path.name for path in sorted(store.path.parent.iterdir()) if tail in path.read_bytes().lower()]


def empty_log(store: Store) -> None:
    """The writer empties the log after the commit of an erasure; here we wait for it."""
    clock = SystemClock()
    end = clock.monotonic() + 10
    while traces(store) and clock.monotonic() < end:
        store.write_now(lambda tx: tx.changes.note_erased())


def plant(store: Store) -> int:
    fill(store, range(500))
    store.write_now(
        lambda tx: reviews.store_page(
            tx, 1, reviews=[record(250_000, f"said {PLANTED.upper()} to all", author=PLANTED)]
        )
    )
    drain(store)
    assert hits(store, PLANTED) == 1
    assert traces(store)
    with store.read() as r:
        return search.ids(r, parse(PLANTED, now=NOW))[0]


def plant_again(store: Store) -> int:
    store.write_now(lambda tx: reviews.store_page(tx, 1, reviews=[record(260_000, PLANTED)]))
    drain(store)
    with store.read() as r:
        return search.ids(r, parse(PLANTED, now=NOW))[0]


def wipe_row(tx: Tx, review_id: int) -> None:
    tx.run("UPDATE review SET author_name = 'Anonymous', snippet = '' WHERE id = ?", (review_id,))
    tx.run("UPDATE review_text SET body = 'removed' WHERE review_id = ?", (review_id,))


def test_scrub_leaves_no_byte_of_the_old_text(store: Store) -> None:
    review_id = plant(store)

    def erase(tx: Tx) -> None:
        wipe_row(tx, review_id)
        search.queue_index(tx, [review_id])
        search.scrub(tx, [review_id])

    store.write_now(erase)
    empty_log(store)
    assert traces(store) == []
    assert hits(store, PLANTED) == 0
    assert hits(store, "anonymous removed") == 1
    assert hits(store, "word") == 500
    assert number_of(store, "segments") == 1


def test_a_scrub_that_was_asked_for_is_done_in_slices(store: Store) -> None:
    review_id = plant(store)
    store.write_now(lambda tx: wipe_row(tx, review_id))
    store.write_now(lambda tx: search.queue_index(tx, [review_id]))
    drain(store)
    assert hits(store, PLANTED) == 0
    store.write_now(search.ask_scrub)
    slices = 0
    while store.write_now(lambda tx: search.index_slice(tx, budget_s=0.001)):
        slices += 1
    assert slices >= 2
    empty_log(store)
    assert traces(store) == []
    assert hits(store, "word") == 500
    assert not store.write_now(lambda tx: search.index_slice(tx, budget_s=0.001)), "once is enough"


def test_a_scrub_waits_for_the_queue_and_begins_again_when_asked_again(store: Store) -> None:
    review_id = plant(store)
    store.write_now(lambda tx: wipe_row(tx, review_id))
    store.write_now(lambda tx: search.queue_index(tx, [review_id]))
    store.write_now(search.ask_scrub)
    drain(store)
    other = plant_again(store)
    store.write_now(search.ask_scrub)
    store.write_now(lambda tx: search.index_slice(tx, budget_s=0.001))
    store.write_now(lambda tx: tx.run("DELETE FROM review WHERE id = ?", (other,)))
    store.write_now(search.ask_scrub)
    drain(store)
    empty_log(store)
    assert traces(store) == []


def test_a_deleted_review_can_be_scrubbed_too(store: Store) -> None:
    review_id = plant(store)
    store.write_now(lambda tx: tx.run("DELETE FROM review WHERE id = ?", (review_id,)))
    store.write_now(lambda tx: search.scrub(tx, [review_id]))
    empty_log(store)
    assert traces(store) == []
    # A second round over a single segment with nothing to do.
    store.write_now(lambda tx: search.scrub(tx, []))
    assert hits(store, "word") == 500


def test_order_words() -> None:
    assert order_words("ab-1") == []
    whole = order_words("FR-2859.2733")
    assert len(whole) == len("fr28592733") - 3
    part = order_words("5927")
    assert len(part) == 1
    assert part[0] in whole
    assert order_words("Ｆ-Ｒ２８5") == order_words("fr285")
    assert len({tuple(order_words(f"{n:04}")) for n in range(10_000)}) == 10_000


def test_pages_that_merging_leaves_are_given_back_in_slices(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "_SPARE_PAGES", 4)
    monkeypatch.setattr(search_index, "_GIVEN_BACK", 8)

    def pages(tx: Tx) -> tuple[int, int]:
        return tx.value("PRAGMA page_count"), tx.value("PRAGMA freelist_count")

    for start in range(0, 600, 60):
        fill(store, range(start, start + 60))
        drain(store)
    store.write_now(lambda tx: tx.run("DELETE FROM review WHERE id >> 20 < ?", (1_700_000_000 + 500 * 60,)))
    before, unused = store.write_now(pages)
    assert unused > 40
    assert drain(store) > unused // 8, "some pages at a time"
    after, left = store.write_now(pages)
    assert left < 4 + 8 + after // 400 and after <= before - unused + left
    assert hits(store, "word") == 100 and store.integrity() == ()
    assert not store.write_now(lambda tx: search.index_slice(tx)), "and then it rests"
