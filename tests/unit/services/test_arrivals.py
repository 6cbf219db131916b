"""Views that tell what arrives: real syncs from the practice server, one message a run, never twice, never at first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk.practice import PracticeShop
from reviewdesk.services.core import Core
from reviewdesk.services.events import Arrived, Notice
from tests.support.core import open_practice


class _Reader:
    """Syncs, and notes what was said about views."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.notices: list[Notice] = []
        core.bus.subscribe(Notice, self.notices.append)

    def sync(self, full: bool = False) -> list[tuple[Arrived, ...]]:
        """One run of everything; what was said after it."""
        before = len(self.notices)
        reports = self.core.sync.run(None, full)
        assert all(report.ok for report in reports), reports
        if self.core.arrivals.looking is not None:
            self.core.arrivals.looking.result(60)
        return [notice.arrived for notice in self.notices[before:] if notice.arrived]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[_Reader, PracticeShop]]:
    with open_practice(tmp_path, providers=("trustpilot",)) as (core, shop):
        inbox = core.inbox
        angry = inbox.save_view("Angry", "stars:<=2").result(5)
        words = inbox.save_view("Zebras", "zebra").result(5)
        inbox.save_view("Quiet", "").result(5)
        for view in (angry, words):
            inbox.change_view(view, notify=True).result(5)
        assert [v.notify for v in inbox.views()] == [True, True, False]
        yield _Reader(core), shop


def test_each_run_says_once_what_is_new(desk: tuple[_Reader, PracticeShop]) -> None:
    reader, shop = desk
    core = reader.core
    shop.trustpilot.add_review(content="A zebra, at last.", stars=1)
    assert reader.sync() == [], "a first load is no news"
    assert core.inbox.count(core.inbox.parse("zebra")) == 1
    angry, zebras = (view.id for view in core.inbox.views()[:2])
    for number in (1, 2):
        shop.trustpilot.add_review(content=f"Zebra {number} was late.", stars=number, name=f"Nia{number}")
    shop.trustpilot.add_review(content="Another zebra, well packed.", stars=5, name="Olu")
    shop.trustpilot.add_review(content="A horse.", stars=4, name="Ida")
    assert reader.sync() == [(Arrived(angry, "Angry", 2), Arrived(zebras, "Zebras", 3))]
    assert reader.sync() == [] and reader.sync(full=True) == [], "the same reviews are not told again"
    # What a person does to a review, and what a customer changes, is no arrival.
    core.inbox.mark_done(list(core.inbox.ids(core.inbox.parse("zebra")))).result(5)
    assert reader.sync() == []
    # Only who wants to be told is told; a restart of the wish tells nothing of the past.
    core.inbox.change_view(angry, notify=False).result(5)
    shop.trustpilot.add_review(content="Broken.", stars=1, name="Ann")
    assert reader.sync() == []
    core.inbox.change_view(angry, notify=True).result(5)
    assert reader.sync() == []
    shop.trustpilot.add_review(content="Broken again.", stars=1, name="Ann")
    assert reader.sync() == [(Arrived(angry, "Angry", 1),)]


def test_history_is_no_news(desk: tuple[_Reader, PracticeShop]) -> None:
    reader, shop = desk
    reader.sync()
    shop.trustpilot.add_review(content="An old zebra.", stars=1, at=reader.core.clock.now() - 90 * 86_400)
    assert reader.sync(full=True) == []
    assert reader.core.inbox.count(reader.core.inbox.parse("zebra")) == 1
