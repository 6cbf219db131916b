"""Rows of the catalogue (reliability.md A) that have no harness of their own: quitting, racing, late providers, offline."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.errors import AlreadyQueued, Delivery, NetworkError
from reviewdesk.domain.models import OutboxState, Target
from tests.faults.window import WORK_MS, WindowProcess
from tests.support.clock import FakeClock
from tests.support.core import Desk, open_scripted, wait_until
from tests.support.scripted import World

_CLOCK = SystemClock()


def _world(count: int) -> World:
    world = World(page_size=100)
    for number in range(1, count + 1):
        world.add_review(number)
    return world


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_scripted(tmp_path, clock=FakeClock()) as opened:
        yield opened


# --- A6 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "given"), [(-5.0, 0.0), (0.0, 0.0), (10.0, 10.0), (60.0, 60.0), (600.0, 60.0)]
)
def test_the_undo_delay_is_at_most_a_minute(desk: Desk, asked: float, given: float) -> None:
    item = desk.reply("r1", "Thank you!", delay_s=asked)
    assert item.not_before - desk.core.clock.now() == given


def test_publish_pressed_in_two_programs_at_once_makes_one_item(tmp_path: Path) -> None:
    world = _world(30)
    with open_scripted(tmp_path, world=world) as here, open_scripted(tmp_path, world=world) as there:
        review_of = {n: here.review(f"r{n}") for n in range(1, 31)}
        made: list[int] = []
        both = threading.Barrier(2)

        def press(desk: Desk) -> None:
            for review in review_of.values():
                both.wait(20)
                try:
                    item = desk.core.replies.publish(review, Target.PUBLIC, "Thank you!", delay_s=60).result(
                        20
                    )
                except AlreadyQueued:
                    continue
                made.append(item.id)

        hands = [threading.Thread(target=press, args=(desk,)) for desk in (here, there)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join(60)
        assert len(made) == 30
        assert len({i.review_id for i in here.core.outbox.items()}) == 30


def test_undo_racing_the_sender_ends_in_one_of_two_ways(tmp_path: Path) -> None:
    """Taken back and nothing public, or "too late" and public once: never both, never neither."""
    count = 60
    world = _world(count)
    seen = {"back": 0, "sent": 0}
    with open_scripted(tmp_path, world=world) as desk:
        reviews = {n: desk.review(f"r{n}") for n in range(1, count + 1)}
        desk.core.process.appear()
        door = desk.door()
        for number, review in reviews.items():
            item = desk.core.replies.publish(review, Target.PUBLIC, f"Thanks {number}").result(10)
            both = threading.Barrier(2)

            def send(item_id: int = item.id, both: threading.Barrier = both) -> None:
                both.wait(10)
                desk.core.outbox.sender.work(item_id, door)

            sender = threading.Thread(target=send)
            sender.start()
            both.wait(10)
            if number % 3:
                # Somewhere in the middle of the attempt.
                wait_until(lambda n=number: f"thread r{n}" in world.calls, 10)
            draft = desk.core.replies.undo(item.id).result(10)
            sender.join(10)
            public = world.texts(f"r{number}")
            state = desk.item(item.id).state
            if draft is not None:
                assert (public, state) == ([], OutboxState.DISCARDED)
                seen["back"] += 1
            else:
                assert (public, state) == ([f"Thanks {number}"], OutboxState.SENT)
                seen["sent"] += 1
        door.close()
    assert sum(seen.values()) == count


# --- A9 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 1.1, 1.4])
def test_a_provider_that_stores_late_gets_it_once(desk: Desk, share: float) -> None:
    """Two looks, at the end of the settle window and half a window later: so long a provider may take."""
    clock = desk.core.clock
    assert isinstance(clock, FakeClock)
    desk.world.before_send.append(NetworkError("No answer.", delivery=Delivery.UNKNOWN))
    item = desk.reply("r1", "Thank you!")
    desk.step(item)
    stored = False
    for tenth in range(30):
        if not stored and tenth >= share * 10:
            desk.world.comment("r1", "Thank you!")
            stored = True
        if desk.item(item.id).state in (OutboxState.VERIFYING, OutboxState.WAITING):
            desk.step(desk.item(item.id))
        clock.advance(6.0)
    assert desk.item(item.id).state is OutboxState.SENT
    assert desk.world.texts("r1") == ["Thank you!"]


# --- A13 -------------------------------------------------------------------------------------------------


def test_quitting_with_fifty_replies_and_a_network_that_hangs_takes_three_seconds(tmp_path: Path) -> None:
    world, hangs, let_go = _world(50), threading.Event(), threading.Event()

    def hang() -> None:
        hangs.set()
        let_go.wait(60)
        raise NetworkError("No answer.", delivery=Delivery.UNKNOWN)

    world.before_send.append(hang)
    with WindowProcess() as yardstick:
        with open_scripted(tmp_path, world=world) as desk:
            desk.core.start()
            for number in range(1, 51):
                desk.reply(f"r{number}", f"Thanks {number}")
            assert hangs.wait(20)
            begun = _CLOCK.monotonic()
            desk.core.stop()
            took = _CLOCK.monotonic() - begun
        shared = max(1.0, yardstick.ask("pauses")["longest"] / WORK_MS)
    let_go.set()
    assert took < 3.0 * shared
    with open_scripted(tmp_path, world=world, clock=FakeClock(_CLOCK.now() + 61)) as desk:
        desk.core.outbox.run()
        states = {i.state for i in desk.core.outbox.items()}
        assert states == {OutboxState.SENT}
    assert sorted(t for n in world.threads for t in world.texts(n)) == sorted(
        f"Thanks {n}" for n in range(1, 51)
    )
