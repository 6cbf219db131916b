"""What stands in the way of a held item, in its own words, and what becomes of the text after a person saw it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewdesk.domain.models import OutboxItem, OutboxState, Role, Target
from reviewdesk.services.outbox_meanwhile import Meanwhile
from tests.support.core import Desk, open_scripted
from tests.support.scripted import mark_removed


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_scripted(tmp_path) as opened:
        yield opened


def met(desk: Desk, item: OutboxItem) -> Meanwhile:
    found = desk.core.outbox.meanwhile(item.id)
    assert found is not None
    return found


def held(desk: Desk, item: OutboxItem) -> Meanwhile:
    desk.core.outbox.run([item.id])
    assert desk.item(item.id).state is OutboxState.HELD
    return met(desk, item)


def test_somebodys_answer_is_shown_and_nothing_that_was_known(desk: Desk) -> None:
    desk.world.comment("r1", "Known before.", Role.CONSUMER)
    desk.sync()
    item = desk.reply("r1", "Thank you!")
    assert desk.core.outbox.meanwhile(item.id) is None, "nothing stands in the way of what waits"
    desk.world.comment("r1", "We are sorry.")
    found = held(desk, item)
    assert [(c.role, c.text) for c in found.comments] == [(Role.BUSINESS, "We are sorry.")]
    assert found.before is None and found.now is None and not found.gone


def test_the_edited_review_is_shown_as_it_was_and_as_it_is(desk: Desk) -> None:
    item = desk.reply("r1", "Thank you!")
    for body in ("Bad.", "Terrible after all."):
        desk.world.reviews["r1"] = replace(desk.world.reviews["r1"], body=body, score=1.0)
        desk.sync()
    found = held(desk, item)
    assert found.before is not None and (found.before.body, found.before.score) == ("Fine.", 4.0)
    assert found.now is not None and (found.now.body, found.now.score) == ("Terrible after all.", 1.0)
    assert found.comments == ()


@pytest.mark.parametrize("how", ["gone", "marked"])
def test_a_review_that_is_gone_is_shown_as_it_was_last_read(desk: Desk, how: str) -> None:
    item = desk.reply("r1", "Thank you!")
    if how == "gone":
        desk.world.reviews.pop("r1")
    else:
        mark_removed(desk.world, "r1")
    found = held(desk, item)
    assert found.gone and found.now is not None and found.now.body == "Fine."


def test_a_reply_of_ours_that_somebody_rewrote_is_shown(desk: Desk) -> None:
    mine = desk.world.comment("r1", "First words.")
    desk.sync()
    item = desk.reply("r1", "A second reply.")
    desk.world.threads["r1"] = [replace(mine, text="Other words.")]
    assert [c.text for c in held(desk, item).comments] == ["Other words."]


def test_what_a_person_holds_has_nothing_in_its_way(desk: Desk) -> None:
    item = desk.reply("r1", "Thank you!", delay_s=30)
    desk.core.outbox.hold(item.id).result(5)
    assert desk.core.outbox.meanwhile(item.id) is None
    assert desk.core.outbox.meanwhile(10**6) is None


def test_a_text_that_is_written_on_meets_what_was_shown_as_known(desk: Desk) -> None:
    """Edit after a conflict: the answer of the colleague does not hold the new text again; another one does."""
    item = desk.reply("r1", "Thank you!")
    desk.world.comment("r1", "We are sorry.")
    held(desk, item)
    draft = desk.core.replies.undo(item.id).result(5)
    assert draft is not None and draft.text == "Thank you!"
    again = desk.reply("r1", "Thank you also from me!")
    desk.core.outbox.run([again.id])
    assert desk.item(again.id).state is OutboxState.SENT
    assert desk.world.texts("r1") == ["We are sorry.", "Thank you also from me!"]


def test_a_text_taken_back_before_anything_happened_still_meets_what_comes(desk: Desk) -> None:
    item = desk.reply("r1", "Thank you!", delay_s=30)
    desk.core.replies.undo(item.id).result(5)
    desk.world.comment("r1", "We are sorry.")
    desk.sync()
    again = desk.reply("r1", "Thank you!")
    held(desk, again)
    draft = desk.core.replies.draft(desk.review("r1"), Target.PUBLIC)
    assert draft is None and desk.world.texts("r1") == ["We are sorry."]
