"""Tags, notes and saved views."""

from __future__ import annotations

import pytest

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.store import notes, tags, views
from tests.support.stores import NOW, Shelf, record


@pytest.fixture
def desk(shelf: Shelf) -> Shelf:
    shelf.page(record("a"), record("b"))
    return shelf


def names(shelf: Shelf) -> list[tuple[str, int]]:
    with shelf.store.read() as r:
        return [(t.name, t.reviews) for t in tags.list_all(r)]


def test_tags_in_bulk_and_painted_by_name(desk: Shelf) -> None:
    a, b = desk.id("a"), desk.id("b")
    assert desk.write(lambda tx: tags.add(tx, [a, b, 5], " late   delivery ")) == sorted([a, b])
    assert desk.write(lambda tx: tags.add(tx, [a], "Late Delivery")) == []
    assert desk.write(lambda tx: tags.add(tx, [a], "Batch 7")) == [a]
    assert desk.row("a").tags == ("Batch 7", "late delivery")
    assert names(desk) == [("Batch 7", 1), ("late delivery", 2)]
    assert desk.write(lambda tx: tags.remove(tx, [a, b], "LATE DELIVERY")) == sorted([a, b])
    assert desk.write(lambda tx: tags.remove(tx, [a, b], "unknown")) == []
    assert (desk.row("a").tags, desk.row("b").tags) == (("Batch 7",), ())
    assert desk.last().changed == {a, b}


def test_tags_renamed_merged_coloured_deleted(desk: Shelf) -> None:
    a, b = desk.id("a"), desk.id("b")
    desk.write(lambda tx: tags.add(tx, [a, b], "one"))
    desk.write(lambda tx: tags.add(tx, [a], "two"))
    with desk.store.read() as r:
        one, two = (t.id for t in tags.list_all(r))
    desk.write(lambda tx: tags.rename(tx, one, "uno"))
    assert desk.row("b").tags == ("uno",)
    with pytest.raises(InvalidInput):
        desk.write(lambda tx: tags.rename(tx, one, "TWO"))
    desk.write(lambda tx: tags.rename(tx, one, "UNO"))
    desk.write(lambda tx: tags.set_colour(tx, one, 6))
    with pytest.raises(InvalidInput):
        desk.write(lambda tx: tags.set_colour(tx, one, 7))
    desk.write(lambda tx: tags.merge(tx, one, two))
    assert (desk.row("a").tags, desk.row("b").tags) == (("two",), ("two",))
    desk.write(lambda tx: tags.merge(tx, two, 99))
    assert sorted(desk.write(lambda tx: tags.delete(tx, two))) == sorted([a, b])
    assert (desk.row("a").tags, names(desk)) == ((), [])
    assert desk.last().views


@pytest.mark.parametrize("name", ["", " \n", "x" * 61])
def test_bad_names_are_said(desk: Shelf, name: str) -> None:
    with pytest.raises(InvalidInput):
        desk.write(lambda tx: tags.add(tx, [desk.id("a")], name))


def test_notes(desk: Shelf) -> None:
    a = desk.id("a")
    desk.write(lambda tx: tx.run("DELETE FROM index_queue"))
    first = desk.write(lambda tx: notes.add(tx, a, " Call her \r\n back "))
    second = desk.write(lambda tx: notes.add(tx, a, "Done"))
    assert desk.detail("a").notes == ((first, NOW, "Call her \n back"), (second, NOW, "Done"))
    assert desk.sql("SELECT has_note FROM review ORDER BY native_id") == [(1,), (0,)]
    assert desk.sql("SELECT review_id FROM index_queue") == [(a,)]
    assert desk.write(lambda tx: notes.edit(tx, first, "Called"))
    assert not desk.write(lambda tx: notes.edit(tx, 99, "Called"))
    gone = desk.write(lambda tx: notes.delete(tx, first))
    assert gone is not None and gone.text == "Called"
    assert desk.write(lambda tx: notes.delete(tx, first)) is None
    desk.write(lambda tx: notes.delete(tx, second))
    assert desk.sql("SELECT sum(has_note) FROM review") == [(0,)]
    assert desk.last().changed == {a}


def test_notes_that_can_not_be(desk: Shelf) -> None:
    for text in ("", "  ", "x" * 20_001):
        with pytest.raises(InvalidInput):
            desk.write(lambda tx, t=text: notes.add(tx, desk.id("a"), t))
    with pytest.raises(KeyError):
        desk.write(lambda tx: notes.add(tx, 5, "x"))


def test_saved_views(desk: Shelf) -> None:
    one = desk.write(lambda tx: views.add(tx, "Angry", "stars:<=2 is:new"))
    two = desk.write(lambda tx: views.add(tx, "Ours", "owner:me", icon="user"))
    with pytest.raises(InvalidInput):
        desk.write(lambda tx: views.add(tx, "angry", ""))
    with pytest.raises(InvalidInput):
        desk.write(lambda tx: views.add(tx, " ", ""))
    with pytest.raises(InvalidInput):
        desk.write(lambda tx: views.change(tx, two, name="ANGRY"))
    desk.write(lambda tx: views.change(tx, one, name="ANGRY", query="stars:1"))
    desk.write(lambda tx: views.reorder(tx, [two, 77]))
    with desk.store.read() as r:
        assert [(v.name, v.query, v.icon) for v in views.list_all(r)] == [
            ("Ours", "owner:me", "user"),
            ("ANGRY", "stars:1", "bookmark-simple"),
        ]
    gone = desk.write(lambda tx: views.delete(tx, one))
    assert gone is not None and gone.name == "ANGRY"
    assert desk.write(lambda tx: views.delete(tx, one)) is None
    assert desk.last().views
