"""The practice inbox as a working day: something of everything, nothing lost, and only where nobody named a profile."""

from __future__ import annotations

from pathlib import Path

from reviewdesk.domain.models import WorkState
from reviewdesk.services.sample import arrange, write_replies
from tests.support.core import open_scripted
from tests.support.scripted import World


def test_a_working_day_has_something_of_everything(tmp_path: Path) -> None:
    world = World()
    for number in range(1, 151):
        world.add_review(number, score=1 + number % 5)
    with open_scripted(tmp_path, world=world) as desk:
        inbox = desk.core.inbox
        total = len(inbox.ids(inbox.parse("")))
        arrange(desk.core.store, inbox, desk.core.clock.now())
        counts = inbox.sidebar().states
        for state in (WorkState.NEW, WorkState.NEEDS_REPLY, WorkState.WAITING, WorkState.SNOOZED):
            assert counts[state] > 0, state
        assert counts[WorkState.NEEDS_REPLY] == 16
        assert sum(counts.values()) == total
        assert {tag.name for tag in inbox.tags()} == {"late delivery", "missing part", "packaging"}
        assert len(inbox.owners()) == 2 and len(inbox.views()) == 3
        assert inbox.count(inbox.parse("is:starred")) == 3
        assert inbox.history.undo().result(5) is None, "nothing of it is a step of the person's"


def test_saved_replies_are_there_once(tmp_path: Path) -> None:
    with open_scripted(tmp_path, world=World()) as desk:
        service = desk.core.saved_replies
        write_replies(service)
        names = {(reply.folder, reply.name): set(reply.texts) for reply in service.list()}
        assert names["Delivery", "Parcel is late"] == {"en", "fr", "de"}
        assert len(names) == 3
        write_replies(service)
        assert len(service.list()) == 3
