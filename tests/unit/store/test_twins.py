"""Twins in the database: linked whichever comes first, parted when they are no longer one, shown and counted once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reviewdesk.domain.models import Deletion, ProviderState, ReviewKind, ReviewRecord, WorkState
from reviewdesk.domain.query import Query
from reviewdesk.domain.work import WorkEvent
from reviewdesk.store import accounts, reviews, search, states, tally, twins
from tests.support.stores import CREATED, Shelf, business, record, thread

TEXT = "The lamp flickers since Tuesday, and nobody answers."
ORIGINAL = record("t1", kind=ReviewKind.BUSINESS, title="Lamp", body=TEXT)
COPY = replace(
    ORIGINAL, native_id="9001", source="trustpilot", body=TEXT.replace(" ", "  "), created_at=CREATED + 3600
)


class Doors(Shelf):
    """Trustpilot is the shelf's own account; beside it two of Sitejabber."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.jabber = self._add("Jabber")
        self.second = self._add("Second")

    def _add(self, name: str) -> int:
        return self.write(lambda tx: accounts.insert(tx, name=name, provider="sitejabber", settings={}).id)

    def arrive(self, account: int, *records: ReviewRecord, gone: tuple[Deletion, ...] = ()) -> None:
        self.write(lambda tx: reviews.store_page(tx, account, reviews=records, deletions=gone))
        self.check()

    def own(self, *records: ReviewRecord, **more: Any) -> None:
        self.arrive(self.account.id, *records, **more)

    def of(self, native_id: str, account: int | None = None) -> int:
        """Our id of a review, whichever account has it."""
        found = self.sql(
            "SELECT id FROM review WHERE native_id = ? AND account_id = ifnull(?, account_id)",
            (native_id, account),
        )
        return int(found[0][0])

    def twin_of(self, native_id: str, account: int | None = None) -> int | None:
        value = self.sql("SELECT twin_of FROM review WHERE id = ?", (self.of(native_id, account),))[0][0]
        return None if value is None else int(value)

    def shown(self) -> list[str]:
        with self.store.read() as r:
            ids = list(search.ids(r, Query()))
            return sorted(row.native_id for row in reviews.rows(r, ids).values())

    def check(self) -> None:
        """No chain, nobody behind a stranger, and the figures of the sidebar are those of what is shown."""
        assert (
            self.sql(
                "SELECT h.id FROM review AS h LEFT JOIN review AS s ON s.id = h.twin_of"
                " WHERE h.twin_of IS NOT NULL AND (s.id IS NULL OR s.twin_of IS NOT NULL)"
            )
            == []
        )
        counted = dict(
            self.sql("SELECT work_state, count(*) FROM review WHERE twin_of IS NULL GROUP BY work_state")
        )
        with self.store.read() as r:
            kept = {state.value: figure.n for state, figure in tally.counts(r).states.items() if figure.n}
        assert kept == counted


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    made = Doors(tmp_path)
    yield made
    made.close()


def test_whichever_comes_first(doors: Doors) -> None:
    doors.own(ORIGINAL)
    doors.arrive(doors.jabber, COPY)
    assert doors.twin_of("9001") == doors.of("t1") and doors.shown() == ["t1"]
    other = replace(ORIGINAL, native_id="t2", body=TEXT + " Again.")
    doors.arrive(doors.jabber, replace(COPY, native_id="9002", body=other.body))
    assert doors.shown() == ["9002", "t1"]
    doors.own(other)
    assert doors.twin_of("9002") == doors.of("t2") and doors.shown() == ["t1", "t2"]


def test_both_doors_are_known_with_the_reason(doors: Doors) -> None:
    doors.own(ORIGINAL)
    doors.arrive(doors.jabber, COPY)
    doors.arrive(doors.second, COPY)
    with doors.store.read() as r:
        here = reviews.detail(r, doors.of("t1"))
        there = reviews.detail(r, doors.of("9001", doors.second))
    assert here is not None and there is not None
    assert [(t.account_id, t.shown) for t in here.twins] == [(doors.jabber, False), (doors.second, False)]
    assert {(t.native_id, t.shown) for t in there.twins} == {("t1", True), ("9001", False)}
    assert here.twins[0].reason == "The same words and the same stars by Ada Vogel, written 1 hour apart."


@pytest.mark.parametrize(
    "change",
    [
        {"body": TEXT + " I take it back."},
        {"score": 4.0},
        {"author": replace(ORIGINAL.author, name="Bo Kim")},
    ],
)
@pytest.mark.parametrize("door", ["original", "copy"])
def test_edited_apart_and_together_again(doors: Doors, change: dict[str, Any], door: str) -> None:
    doors.own(ORIGINAL)
    doors.arrive(doors.jabber, COPY)
    if door == "original":
        doors.own(replace(ORIGINAL, **change))
    else:
        doors.arrive(doors.jabber, replace(COPY, **change))
    assert doors.shown() == ["9001", "t1"]
    doors.own(replace(ORIGINAL, **change))
    doors.arrive(doors.jabber, replace(COPY, **change))
    assert doors.shown() == ["t1"]


def test_removed_at_one_door(doors: Doors) -> None:
    doors.own(ORIGINAL)
    doors.arrive(doors.jabber, COPY)
    doors.own(gone=(Deletion(native_id="t1"),))
    assert doors.shown() == ["9001"]
    doors.own(replace(ORIGINAL, updated_at=CREATED + 9))
    assert doors.shown() == ["t1"]
    doors.arrive(doors.jabber, replace(COPY, provider_state=ProviderState.REMOVED))
    assert doors.shown() == ["t1"] and doors.twin_of("9001") is None


def test_two_that_could_be_it_are_both_shown(doors: Doors) -> None:
    doors.own(ORIGINAL, replace(ORIGINAL, native_id="t2", created_at=CREATED + 60))
    doors.arrive(doors.jabber, COPY)
    assert doors.shown() == ["9001", "t1", "t2"]
    doors.own(gone=(Deletion(native_id="t2"),))
    assert doors.shown() == ["t1"]
    doors.arrive(doors.jabber, replace(COPY, native_id="9002"))
    assert doors.shown() == ["9001", "9002", "t1"]


def test_only_what_says_so_is_a_copy(doors: Doors) -> None:
    doors.own(ORIGINAL, replace(ORIGINAL, native_id="i1", source="imported"))
    doors.arrive(doors.jabber, replace(COPY, source=None), replace(COPY, native_id="9003", source="yelp"))
    assert doors.shown() == ["9001", "9003", "i1", "t1"]


def test_the_door_that_can_reply_is_shown(doors: Doors) -> None:
    doors.own(ORIGINAL)
    doors.arrive(doors.jabber, COPY)
    doors.write(lambda tx: accounts.set_replies(tx, doors.account.id, False))
    doors.check()
    assert doors.shown() == ["9001"] and doors.twin_of("t1") == doors.of("9001")
    doors.write(lambda tx: accounts.set_replies(tx, doors.jabber, False))
    assert doors.shown() == ["t1"]
    doors.write(lambda tx: accounts.set_replies(tx, doors.account.id, True))
    assert doors.shown() == ["t1"]
    doors.check()


def test_an_account_that_leaves_sets_its_twins_free(doors: Doors) -> None:
    doors.own(ORIGINAL)
    doors.arrive(doors.jabber, COPY)
    freed = doors.of("9001")
    doors.write(lambda tx: accounts.remove(tx, doors.account.id, erase=True))
    doors.check()
    assert doors.shown() == ["9001"] and freed in doors.last().changed


def test_an_account_whose_reviews_are_kept_gives_way(doors: Doors) -> None:
    doors.own(ORIGINAL)
    doors.arrive(doors.jabber, COPY)
    doors.write(lambda tx: accounts.remove(tx, doors.account.id, erase=False))
    doors.check()
    assert doors.shown() == ["9001"]


def test_a_row_that_is_deleted_otherwise_leaves_no_twin_behind(doors: Doors) -> None:
    doors.own(ORIGINAL)
    doors.arrive(doors.jabber, COPY)
    doors.write(lambda tx: tx.run("DELETE FROM review WHERE id = ?", (doors.of("t1"),)))
    doors.check()
    assert doors.shown() == ["9001"]


def test_what_was_done_at_the_hidden_door_goes_on(doors: Doors) -> None:
    doors.arrive(doors.jabber, COPY)
    copy = doors.of("9001")
    doors.write(lambda tx: states.set_state(tx, [copy], WorkEvent.MARK_DONE))
    doors.write(lambda tx: states.set_star(tx, [copy], True))
    doors.own(ORIGINAL)
    with doors.store.read() as r:
        row = reviews.rows(r, [doors.of("t1")])[doors.of("t1")]
    assert row.work_state is WorkState.DONE and row.starred


def test_an_answer_at_one_door_counts_for_both(doors: Doors) -> None:
    doors.own(ORIGINAL)
    doors.arrive(doors.jabber, COPY)
    doors.arrive(doors.jabber, replace(COPY, thread=thread(business("We called you."))))
    with doors.store.read() as r:
        rows = reviews.rows(r, [doors.of("t1"), doors.of("9001")])
        assert {row.work_state for row in rows.values()} == {WorkState.DONE}
        found = twins.rival(r, doors.of("t1"))
    assert found is not None and not found.live
    assert found.sentence() == "The same review came through Jabber as well and was answered there."
    doors.check()


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_arrivals_and_edits_ends_the_same(doors: Doors, seed: int) -> None:
    """The links are a matter of what is there, not of how it came."""
    rnd = random.Random(seed)
    bodies = [f"Text number {i}: it is a good lamp, all in all." for i in range(4)]
    for _ in range(40):
        which, body = rnd.randrange(6), rnd.choice(bodies)
        if rnd.random() < 0.5:
            gone = (Deletion(native_id=f"t{which}"),) if rnd.random() < 0.2 else ()
            made = replace(ORIGINAL, native_id=f"t{which}", body=body, updated_at=rnd.randrange(10**6))
            doors.own(*(() if gone else (made,)), gone=gone)
        else:
            account = rnd.choice([doors.jabber, doors.second])
            doors.arrive(account, replace(COPY, native_id=f"9{which}", body=body))
    before = doors.sql("SELECT id, twin_of FROM review ORDER BY id")
    everything = [row[0] for row in before]
    doors.write(lambda tx: tx.run("UPDATE review SET twin_of = NULL"))
    rnd.shuffle(everything)
    for review_id in everything:
        doors.write(lambda tx, i=review_id: twins.refresh(tx, [i]))  # type: ignore[misc]
    assert doors.sql("SELECT id, twin_of FROM review ORDER BY id") == before
    doors.check()
