"""What a person keeps on this machine: tags, owners, notes, saved views."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.models import WorkState
from tests.support.clock import FakeClock
from tests.support.core import Desk, open_scripted


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_scripted(tmp_path, clock=FakeClock()) as desk:
        yield desk


def test_tags_renamed_merged_coloured_and_deleted_in_one_step_each(desk: Desk) -> None:
    inbox, ids = desk.core.inbox, desk.ids()
    inbox.add_tag(ids, "late").result(5)
    inbox.add_tag(ids[:1], "broken").result(5)
    broken, late = inbox.tags()
    inbox.rename_tag(late.id, "delivery").result(5)
    assert {r.tags for r in inbox.rows(ids[1:]).values()} == {("delivery",)}
    with pytest.raises(InvalidInput):
        inbox.rename_tag(late.id, "broken").result(5)
    inbox.colour_tag(late.id, 5).result(5)
    inbox.merge_tags(broken.id, late.id).result(5)
    assert [(t.name, t.colour, t.reviews) for t in inbox.tags()] == [("delivery", 5, 3)]
    inbox.history.undo().result(5)
    assert [(t.name, t.reviews) for t in inbox.tags()] == [("broken", 1), ("delivery", 3)]
    inbox.delete_tag(late.id).result(5)
    assert {r.tags for r in inbox.rows(ids[1:]).values()} == {()}


def test_owners_are_who_has_something(desk: Desk) -> None:
    inbox, ids = desk.core.inbox, desk.ids()
    assert inbox.owners() == []
    inbox.set_owner(ids[:2], "jonas").result(5)
    inbox.set_owner(ids[2:], "Anna").result(5)
    assert inbox.owners() == ["Anna", "jonas"]
    inbox.set_owner(ids, None).result(5)
    assert inbox.owners() == []


def test_notes_edited_and_deleted(desk: Desk) -> None:
    inbox, review = desk.core.inbox, desk.ids()[0]
    note = inbox.add_note(review, "Called back.").result(5)
    inbox.edit_note(note, "Called twice.").result(5)
    detail = inbox.detail(review)
    assert detail is not None and [text for *_, text in detail.notes] == ["Called twice."]
    inbox.delete_note(note).result(5)
    inbox.history.undo().result(5)
    detail = inbox.detail(review)
    assert detail is not None and [text for *_, text in detail.notes] == ["Called twice."]


def test_saved_views_with_counts_in_their_order(tmp_path: Path) -> None:
    with open_scripted(tmp_path, clock=FakeClock()) as desk:
        inbox, ids = desk.core.inbox, desk.ids()
        inbox.set_star(ids[:2], True).result(5)
        first = inbox.save_view("Starred", "is:starred").result(5)
        second = inbox.save_view("New", "is:new", icon="star").result(5)
        with pytest.raises(InvalidInput):
            inbox.save_view("starred", "is:new").result(5)
        assert inbox.view_counts() == {first: 2, second: 3}
        inbox.order_views([second, first]).result(5)
        inbox.change_view(first, name="With a star").result(5)
    with open_scripted(tmp_path, clock=FakeClock()) as desk:
        inbox = desk.core.inbox
        assert [(v.name, v.query, v.icon) for v in inbox.views()] == [
            ("New", "is:new", "star"),
            ("With a star", "is:starred", "bookmark-simple"),
        ]
        inbox.delete_view(second).result(5)
        inbox.history.undo().result(5)
        assert [v.name for v in inbox.views()] == ["New", "With a star"]


def test_snoozed_until_the_customer_does_something(desk: Desk) -> None:
    inbox, clock, review = desk.core.inbox, desk.core.clock, desk.review("r1")
    inbox.snooze([review], None).result(5)
    clock.advance(365 * 86_400)  # type: ignore[attr-defined]
    assert inbox.wake_snoozed() is None
    row = inbox.rows([review])[review]
    assert (row.work_state, row.snooze_until) == (WorkState.SNOOZED, None)
