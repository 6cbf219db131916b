"""A sign-in that is about to end is said once, 14 days before; how far back an account is loaded."""

from __future__ import annotations

from pathlib import Path

from reviewdesk.services.events import Notice, NoticeLevel
from tests.support.clock import FakeClock
from tests.support.core import open_scripted
from tests.support.scripted import World

DAY = 86_400
NOW = 1_780_000_000.0


def test_one_notice_14_days_before_the_end(tmp_path: Path) -> None:
    world, clock = World(), FakeClock(NOW)
    world.token_expires = int(NOW) + 14 * DAY + 60
    notices: list[Notice] = []
    with open_scripted(tmp_path, world=world, clock=clock) as desk:
        desk.core.bus.subscribe(Notice, notices.append)
        desk.sync()
        assert notices == []
        clock.advance(120)
        desk.sync()
        desk.sync()
        assert [(n.level, n.account_id) for n in notices] == [(NoticeLevel.WARNING, desk.account.id)]
        assert "Sign in again" in notices[0].remedy and desk.account.name in notices[0].message
        world.token_expires = int(NOW) + 30 * DAY
        desk.sync()
        assert len(notices) == 1, "a renewed sign-in is no news"


def test_older_reviews_than_asked_for_are_not_kept(tmp_path: Path) -> None:
    world, clock = World(), FakeClock(1_779_000_000.0 + 90 * DAY + 2)
    for number in range(1, 4):
        world.add_review(number)
    with open_scripted(tmp_path, world=world, clock=clock, sync=False) as desk:
        recent = desk.core.accounts.add(
            "scripted", "Recent", {"shop": "one"}, {"token": "t-value"}, test=False, days=90
        )
        desk.sync()
        counts = desk.core.inbox.sidebar().accounts
        assert counts[desk.account.id] == 3 and counts[recent.id] == 2
        clock.advance(30 * DAY)
        desk.core.sync.run([recent], True)
        assert desk.core.inbox.sidebar().accounts[recent.id] == 2, "the moment stays where it was"
