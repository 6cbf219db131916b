"""Days of work in fake time (reliability.md E14): nothing grows that should not."""

from __future__ import annotations

import gc
import os
import random
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from reviewdesk.domain.errors import Delivery, NetworkError, ReviewdeskError
from reviewdesk.domain.models import OutboxState, Target
from tests.faults.lanes import LONG
from tests.support.clock import FakeClock
from tests.support.core import Desk, open_scripted
from tests.support.scripted import World

DAYS = 30 if LONG else 3
WARM_DAYS = 3 if LONG else 1
_GROWTH_BYTES = 20 * 1024 * 1024
_LOG_BYTES = 24 * 1024 * 1024
"""It is carried over at 16 MB; a reader that looks on at that moment puts that off by some commits."""

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
    pytest.mark.timeout(1800 if LONG else 240),
]


def _measured() -> tuple[int, int, int]:
    """Resident bytes, open files, threads."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return (
        pages * os.sysconf("SC_PAGE_SIZE"),
        len(list(Path("/proc/self/fd").iterdir())),
        threading.active_count(),
    )


def _hour(desk: Desk, rng: random.Random, number: int) -> None:
    """What an hour brings: a new review, an edit, an answer, a fault now and then; a sync and whatever is due."""
    world, core = desk.world, desk.core
    world.add_review(100 + number)
    native = rng.choice(sorted(world.reviews))
    world.reviews[native] = replace(world.reviews[native], body=f"Changed in hour {number}.")
    fault = NetworkError("Cut.", delivery=rng.choice((Delivery.UNKNOWN, Delivery.NOT_SENT)))
    match rng.randrange(6):
        case 0:
            world.before_page.append(fault)
        case 1:
            world.before_send.append(fault)
        case 2:
            world.after_send.append(NetworkError("Cut.", delivery=Delivery.UNKNOWN))
    core.sync.run(None, False)
    review = rng.choice(desk.ids())
    core.replies.save_draft(review, Target.PUBLIC, f"k{number} a draft").result(10)
    try:
        core.replies.publish(review, Target.PUBLIC, f"k{number} thank you").result(10)
    except ReviewdeskError:
        core.replies.save_draft(review, Target.PUBLIC, "").result(10)
    core.outbox.run()


def test_days_of_work_leave_nothing_behind(tmp_path: Path) -> None:
    seed = random.randrange(10_000)
    rng, clock, world = random.Random(seed), FakeClock(), World(page_size=50)
    for number in range(40):
        world.add_review(number)
    largest_log = 0
    with open_scripted(tmp_path, world=world, clock=clock) as desk:
        log = desk.core.profile.database.with_name(desk.core.profile.database.name + "-wal")
        settled: tuple[int, int, int] | None = None
        for hour in range((WARM_DAYS + DAYS) * 24):
            if hour == WARM_DAYS * 24:
                world.calls.clear()
                settled = _measured()
            _hour(desk, rng, hour)
            clock.advance(3600.0)
            largest_log = max(largest_log, log.stat().st_size if log.exists() else 0)
        world.calls.clear()
        assert settled is not None
        (memory, files, threads), (now, files_now, threads_now) = settled, _measured()
        clock.advance(3600.0)
        desk.core.outbox.run()
        moving = [i for i in desk.core.outbox.items(limit=10**6) if i.state is OutboxState.SENDING]
        public = [t for n in world.threads for t in world.texts(n)]
    print(
        f"seed {seed}: {DAYS} days, {(now - memory) / 2**20:.1f} MB more, log up to {largest_log / 2**20:.1f} MB"
    )
    assert not moving and len(public) == len(set(public)), f"seed {seed}"
    assert now - memory < _GROWTH_BYTES
    assert files_now <= files + 2 and threads_now <= threads
    assert largest_log <= _LOG_BYTES
