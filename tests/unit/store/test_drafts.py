"""Drafts: the newest text is always there, and so are the last twenty before it."""

from __future__ import annotations

import pytest

from reviewdesk.domain.models import Deletion, Target
from reviewdesk.store import drafts
from tests.support.stores import NOW, Shelf, record


def save(shelf: Shelf, text: str, review_id: int = 7, **more: object) -> drafts.Draft | None:
    return shelf.write(lambda tx: drafts.save(tx, review_id, Target.PUBLIC, text, **more))  # type: ignore[arg-type]


def present(shelf: Shelf, review_id: int = 7, target: Target = Target.PUBLIC) -> str | None:
    with shelf.store.read() as r:
        found = drafts.get(r, review_id, target)
    return None if found is None else found.text


def history(shelf: Shelf, review_id: int = 7) -> list[str]:
    with shelf.store.read() as r:
        return [v.text for v in drafts.versions(r, review_id, Target.PUBLIC)]


def test_one_draft_for_each_review_and_target(shelf: Shelf) -> None:
    shelf.page(record())
    review_id = shelf.id()
    save(shelf, "public", review_id)
    shelf.write(lambda tx: drafts.save(tx, review_id, Target.PRIVATE, "private", subject="Order"))
    assert present(shelf, review_id) == "public"
    assert present(shelf, review_id, Target.PRIVATE) == "private"
    assert shelf.row().has_draft
    assert shelf.last().drafts == {review_id}
    shelf.write(lambda tx: drafts.delete(tx, review_id, Target.PUBLIC))
    assert shelf.row().has_draft, "the private one is left"
    former = shelf.write(lambda tx: drafts.delete(tx, review_id, Target.PRIVATE))
    assert former is not None and (former.text, former.subject) == ("private", "Order")
    assert not shelf.row().has_draft
    assert shelf.write(lambda tx: drafts.delete(tx, review_id, Target.PRIVATE)) is None


def test_what_the_author_had_seen_stays_from_the_first_letter(shelf: Shelf) -> None:
    save(shelf, "a", seen={"comments": ["x"]})
    save(shelf, "ab", seen={"comments": ["x", "y"]})
    draft = save(shelf, "abc")
    assert draft is not None and draft.seen == {"comments": ["x"]}
    assert (draft.updated_at, draft.review_id, draft.target) == (NOW, 7, Target.PUBLIC)


def test_the_same_text_again_is_not_written(shelf: Shelf) -> None:
    save(shelf, "Dear Ada", seen={"comments": []})
    total = shelf.write(lambda tx: tx.db.total_changes())
    save(shelf, "Dear Ada")
    assert shelf.write(lambda tx: tx.db.total_changes()) == total


@pytest.mark.parametrize("empty", ["", " \n\t"])
def test_nothing_never_overwrites_something(shelf: Shelf, empty: str) -> None:
    save(shelf, "A long and careful answer")
    assert save(shelf, empty) is None
    assert present(shelf) is None
    assert history(shelf) == ["A long and careful answer"]
    assert save(shelf, empty) is None
    assert history(shelf) == ["A long and careful answer"]


def test_typing_on_makes_a_version_a_minute(shelf: Shelf) -> None:
    text = ""
    for _ in range(150):
        text += "x"
        save(shelf, text)
        shelf.clock.advance(1.6)
    assert 3 <= len(history(shelf)) <= 6
    assert present(shelf) == text


def test_much_gone_at_once_is_kept(shelf: Shelf) -> None:
    long = "Dear Ada, " + "we are very sorry about the lamp. " * 5
    save(shelf, "x")
    save(shelf, long)
    save(shelf, "Dear Ada, ok")
    assert history(shelf)[0] == long


def test_twenty_versions_are_kept_and_no_more(shelf: Shelf) -> None:
    for n in range(40):
        save(shelf, f"{n:02} " * 30)
    assert history(shelf) == [f"{n:02} " * 30 for n in range(38, 18, -1)]
    save(shelf, "other review", review_id=8)
    assert len(history(shelf)) == drafts.KEPT_VERSIONS


def test_an_older_text_can_be_had_again_and_back(shelf: Shelf) -> None:
    first, second = "first " * 10, "second " * 10
    save(shelf, first, seen={"comments": ["x"]})
    save(shelf, second)
    with shelf.store.read() as r:
        (old,) = drafts.versions(r, 7, Target.PUBLIC)
    draft = shelf.write(lambda tx: drafts.restore(tx, old.id))
    assert draft is not None and (draft.text, draft.seen) == (first, {"comments": ["x"]})
    assert history(shelf)[0] == second
    assert shelf.write(lambda tx: drafts.restore(tx, 999)) is None


def test_a_version_can_be_had_again_when_there_is_no_draft(shelf: Shelf) -> None:
    save(shelf, "gone")
    shelf.write(lambda tx: drafts.delete(tx, 7, Target.PUBLIC))
    with shelf.store.read() as r:
        (old,) = drafts.versions(r, 7, Target.PUBLIC)
    shelf.write(lambda tx: drafts.restore(tx, old.id))
    assert present(shelf) == "gone"


def test_a_clock_set_back_keeps_versions_coming(shelf: Shelf) -> None:
    save(shelf, "one")
    save(shelf, "one two")
    assert history(shelf) == ["one"]
    shelf.clock.jump(-86_400)
    save(shelf, "one two three")
    assert history(shelf)[0] == "one two"


def test_drafts_outlive_their_review(shelf: Shelf) -> None:
    shelf.page(record())
    review_id = shelf.id()
    save(shelf, "Dear", review_id)
    shelf.page(gone=(Deletion(native_id="r1"),))
    assert present(shelf, review_id) == "Dear"
    shelf.write(lambda tx: tx.run("DELETE FROM review"))
    assert present(shelf, review_id) == "Dear"
    with shelf.store.read() as r:
        assert [d.review_id for d in drafts.list_all(r)] == [review_id]


def test_half_a_character_from_a_keyboard_is_dropped_and_the_text_kept(shelf: Shelf) -> None:
    draft = save(shelf, "Dear\r\nAda \ud83d!")
    assert draft is not None and draft.text == "Dear\nAda !"


def test_a_flipped_bit_is_noticed_and_the_text_still_shown(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    save(shelf, "Dear Ada")
    shelf.write(lambda tx: tx.run("UPDATE draft SET text = 'Dear Adb'"))
    with shelf.store.read() as r:
        found = drafts.get(r, 7, Target.PUBLIC)
    assert found is not None and found.text == "Dear Adb" and found.seen["damaged"] is True
    assert "checksum" in caplog.text and "Adb" not in caplog.text
    save(shelf, "Dear Ada!")
    with shelf.store.read() as r:
        found = drafts.get(r, 7, Target.PUBLIC)
    assert found is not None and "damaged" not in found.seen
