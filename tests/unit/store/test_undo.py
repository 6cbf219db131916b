"""Undo: whatever a person did can be taken back exactly, step by step, also after a restart."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reviewdesk.domain.models import Deletion, WorkState
from reviewdesk.domain.work import WorkEvent
from reviewdesk.store import notes, states, tags, tally, undo, undo_alike, views
from reviewdesk.store.writer import Tx
from tests.support.stores import NOW, Shelf, record

TABLES = ("review", "tag", "review_tag", "note", "saved_view", "tally")
REVIEWS = 5


def content(shelf: Shelf) -> dict[str, list[tuple[Any, ...]]]:
    """Everything an action of a person may change, row by row; counts of nothing are no content."""
    found = {table: shelf.sql(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}
    found["tally"] = [row for row in found["tally"] if row[2]]
    return found


def take_back_all(shelf: Shelf) -> int:
    steps = 0
    while shelf.write(undo.undo) is not None:
        steps += 1
    return steps


ids = st.lists(st.integers(0, REVIEWS - 1), min_size=1, max_size=REVIEWS, unique=True)
names = st.sampled_from(["late", "broken", "Élan", "thanks"])
pick = st.integers(0, 3)
action = st.one_of(
    st.tuples(
        st.just("state"),
        ids,
        st.sampled_from([WorkEvent.MARK_DONE, WorkEvent.REOPEN, WorkEvent.MARK_WAITING]),
    ),
    st.tuples(st.just("snooze"), ids, st.sampled_from([None, NOW + 100, NOW + 5000])),
    st.tuples(st.just("read"), ids, st.booleans()),
    st.tuples(st.just("star"), ids, st.booleans()),
    st.tuples(st.just("owner"), ids, st.sampled_from([None, "Anna", "Jonas"])),
    st.tuples(st.just("tag"), ids, names),
    st.tuples(st.just("untag"), ids, names),
    st.tuples(st.just("rename"), pick, names),
    st.tuples(st.just("merge"), pick, pick),
    st.tuples(st.just("colour"), pick, st.integers(1, 6)),
    st.tuples(st.just("delete-tag"), pick),
    st.tuples(st.just("note"), ids, st.sampled_from(["Called back.", "Waits for the parcel."])),
    st.tuples(st.just("edit-note"), pick, st.sampled_from(["Called twice.", "Solved."])),
    st.tuples(st.just("delete-note"), pick),
    st.tuples(st.just("view"), names),
    st.tuples(st.just("rename-view"), pick, st.sampled_from(["A", "B", "C", "D"])),
    st.tuples(st.just("delete-view"), pick),
    st.tuples(st.just("order-views"), st.permutations(range(4))),
)


def nth(tx: Tx, table: str, n: int) -> int | None:
    found = [row[0] for row in tx.rows(f"SELECT id FROM {table} ORDER BY id")]
    return found[n % len(found)] if found else None


def act(tx: Tx, all_ids: list[int], wanted: tuple[Any, ...]) -> None:
    """One action; what can't be done (a name that is taken) is left out as the service leaves it out."""
    kind, *more = wanted
    if kind in ("state", "snooze", "read", "star", "owner", "tag", "untag"):
        chosen = [all_ids[i] for i in more[0]]
        {
            "state": states.set_state,
            "snooze": states.snooze,
            "read": states.set_read,
            "star": states.set_star,
            "owner": states.set_owner,
            "tag": tags.add,
            "untag": tags.remove,
        }[kind](tx, chosen, more[1])
    elif kind == "note":
        notes.add(tx, all_ids[more[0][0]], more[1])
    elif kind == "view":
        if tx.one("SELECT 1 FROM saved_view WHERE name = ?", (more[0],)) is None:
            views.add(tx, more[0], f"tag:{more[0]}")
    elif kind == "order-views":
        known = [row[0] for row in tx.rows("SELECT id FROM saved_view ORDER BY id")]
        views.reorder(tx, [known[i] for i in more[0] if i < len(known)])
    else:
        table = {
            "rename-view": "saved_view",
            "delete-view": "saved_view",
            "edit-note": "note",
            "delete-note": "note",
        }
        found = nth(tx, table.get(kind, "tag"), more[0])
        if found is None:
            return
        if kind == "rename" and tx.one("SELECT 1 FROM tag WHERE name = ?", (more[1],)) is None:
            tags.rename(tx, found, more[1])
        elif kind == "merge":
            tags.merge(tx, found, nth(tx, "tag", more[1]) or 0)
        elif kind == "colour":
            tags.set_colour(tx, found, more[1])
        elif kind == "delete-tag":
            tags.delete(tx, found)
        elif kind == "edit-note":
            notes.edit(tx, found, more[1])
        elif kind == "delete-note":
            notes.delete(tx, found)
        elif kind == "rename-view" and tx.one("SELECT 1 FROM saved_view WHERE name = ?", (more[1],)) is None:
            views.change(tx, found, name=more[1])
        elif kind == "delete-view":
            views.delete(tx, found)


@pytest.fixture(autouse=True, params=[8, 1])
def rows_a_group(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows one by one as SQLite applies them (few reviews), and alike ones by one statement (many)."""
    monkeypatch.setattr(undo_alike, "_ROWS_A_GROUP", request.param)


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(actions=st.lists(action, min_size=20, max_size=20), restart_at=st.integers(0, 20))
def test_twenty_steps_taken_back_leave_the_exact_earlier_content(
    actions: list[tuple[Any, ...]], restart_at: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        try:
            shelf.page(*(record(f"r{i}") for i in range(REVIEWS)))
            all_ids = [shelf.id(f"r{i}") for i in range(REVIEWS)]
            before = [content(shelf)]
            for number, wanted in enumerate(actions):
                if number == restart_at:
                    shelf.close()
                    shelf = Shelf(Path(folder))
                shelf.write(
                    lambda tx, wanted=wanted: undo.record(tx, wanted[0], lambda tx: act(tx, all_ids, wanted))
                )  # type: ignore[misc]
                if (now := content(shelf)) != before[-1]:
                    before.append(now)
            if restart_at == 20:
                shelf.close()
                shelf = Shelf(Path(folder))
            # Back through every single state, and forth again.
            for expected in reversed(before[:-1]):
                taken = shelf.write(undo.undo)
                assert taken is not None and taken.kept == 0
                assert content(shelf) == expected
            assert shelf.write(undo.undo) is None
            for expected in before[1:]:
                assert shelf.write(undo.redo) is not None
                assert content(shelf) == expected
            assert shelf.write(undo.redo) is None
            with shelf.store.read() as r:
                assert tally.counts(r).unread == shelf.sql("SELECT sum(unread) FROM review")[0][0]
        finally:
            shelf.close()


@pytest.fixture
def desk(shelf: Shelf) -> Shelf:
    shelf.page(*(record(f"r{i}") for i in range(3)))
    return shelf


def done(shelf: Shelf, *ids: int) -> None:
    shelf.write(lambda tx: undo.record(tx, "done", lambda tx: states.set_state(tx, ids, WorkEvent.MARK_DONE)))


def test_what_changed_nothing_is_no_step(desk: Shelf) -> None:
    review = desk.id("r0")
    done(desk, review)
    done(desk, review)
    with desk.store.read() as r:
        assert [(s.kind, s.n, s.undone) for s in undo.list_steps(r)] == [("done", 1, False)]
        assert undo.next_redo(r) is None


def test_what_somebody_else_changed_since_stays(desk: Shelf) -> None:
    a, b = desk.id("r0"), desk.id("r1")
    done(desk, a, b)
    desk.write(lambda tx: states.apply_events(tx, a, [WorkEvent.CUSTOMER_COMMENT]))
    taken = desk.write(undo.undo)
    assert taken is not None and (taken.kept, set(taken.reviews)) == (1, {a, b})
    assert (desk.row("r0").work_state, desk.row("r1").work_state) == (WorkState.NEEDS_REPLY, WorkState.NEW)


def test_a_sync_in_between_keeps_its_text(desk: Shelf) -> None:
    review = desk.id("r0")
    desk.write(lambda tx: undo.record(tx, "star", lambda tx: states.set_star(tx, [review], True)))
    desk.page(record("r0", body="It flickers at night."))
    assert desk.write(undo.undo) is not None
    assert not desk.row("r0").starred and desk.detail("r0").body == "It flickers at night."


def test_a_new_step_ends_what_could_be_done_again(desk: Shelf) -> None:
    a, b = desk.id("r0"), desk.id("r1")
    done(desk, a)
    desk.write(undo.undo)
    done(desk, b)
    assert desk.write(undo.redo) is None
    assert desk.row("r0").work_state is WorkState.NEW


def test_a_note_taken_back_is_no_longer_found_and_comes_again(desk: Shelf) -> None:
    review = desk.id("r0")
    desk.write(lambda tx: undo.record(tx, "note", lambda tx: notes.add(tx, review, "Called back.")))
    desk.write(lambda tx: tx.run("DELETE FROM index_queue"))
    desk.write(undo.undo)
    assert desk.detail("r0").notes == () and desk.sql(
        "SELECT has_note FROM review WHERE id = ?", (review,)
    ) == [(0,)]
    assert desk.sql("SELECT review_id FROM index_queue") == [(review,)]
    desk.write(undo.redo)
    assert [text for *_, text in desk.detail("r0").notes] == ["Called back."]


def test_the_words_of_a_note_leave_with_its_review(desk: Shelf) -> None:
    review = desk.id("r0")
    desk.write(lambda tx: undo.record(tx, "note", lambda tx: notes.add(tx, review, "Called back.")))
    desk.write(
        lambda tx: undo.record(
            tx, "note", lambda tx: notes.edit(tx, tx.value("SELECT id FROM note"), "Solved.")
        )
    )
    desk.write(lambda tx: tx.run("DELETE FROM review WHERE id = ?", (review,)))
    assert desk.sql("SELECT * FROM undo_step") == desk.sql("SELECT * FROM undo_note") == []


def test_a_tag_of_a_review_that_left_takes_nothing_back_in(desk: Shelf) -> None:
    a, b = desk.id("r0"), desk.id("r1")
    desk.write(lambda tx: tags.add(tx, [a, b], "late"))
    desk.write(lambda tx: undo.record(tx, "untag", lambda tx: tags.remove(tx, [a, b], "late")))
    desk.write(lambda tx: tx.run("DELETE FROM review WHERE id = ?", (a,)))
    taken = desk.write(undo.undo)
    assert taken is not None and desk.row("r1").tags == ("late",)
    assert desk.sql("SELECT review_id FROM review_tag") == [(b,)]
    assert desk.sql("PRAGMA foreign_key_check") == []


def test_the_oldest_steps_go(desk: Shelf) -> None:
    review = desk.id("r0")

    def many(tx: Tx) -> None:
        for number in range(undo.KEPT + 5):
            undo.record(tx, "star", lambda tx, on=number % 2 == 0: states.set_star(tx, [review], on))  # type: ignore[misc]

    desk.write(many)
    assert take_back_all(desk) == undo.KEPT


def test_a_removed_review_is_not_brought_back(desk: Shelf) -> None:
    review = desk.id("r0")
    done(desk, review)
    desk.page(gone=(Deletion(kind=record().kind, native_id="r0"),))
    desk.write(undo.undo)
    assert desk.row("r0").work_state is WorkState.REMOVED


def test_many_are_put_back_by_a_few_statements_and_what_changed_since_stays(shelf: Shelf) -> None:
    shelf.page(*(record(f"r{i}") for i in range(60)))
    ids = [shelf.id(f"r{i}") for i in range(60)]
    shelf.write(lambda tx: undo.record(tx, "read", lambda tx: states.set_read(tx, ids[:20], True)))
    before = content(shelf)
    shelf.write(lambda tx: undo.record(tx, "snooze", lambda tx: states.snooze(tx, ids, NOW + 100)))
    shelf.write(lambda tx: states.apply_events(tx, ids[3], [WorkEvent.CUSTOMER_COMMENT]))
    shelf.write(lambda tx: tx.run("DELETE FROM review WHERE id = ?", (ids[5],)))
    steps = 0

    def counted(_cursor: object, sql: str, _values: object) -> bool:
        nonlocal steps
        steps += sql.startswith("UPDATE review")
        return True

    def take_back(tx: Tx) -> undo.Taken | None:
        tx.db.exec_trace = counted
        try:
            return undo.undo(tx)
        finally:
            tx.db.exec_trace = None

    taken = shelf.write(take_back)
    assert taken is not None and taken.kept == 2 and steps == 1
    left = {row[0]: row for row in content(shelf)["review"]}
    assert {i for i, row in left.items() if row not in before["review"]} == {ids[3]}
    assert shelf.row("r3").work_state is WorkState.NEEDS_REPLY and set(left) == set(ids) - {ids[5]}
