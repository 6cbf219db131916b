"""The limiter: never more calls than allowed in any window, also after a restart, people first."""

from __future__ import annotations

import random

import pytest

from reviewdesk.domain.capabilities import RateLimit
from reviewdesk.domain.errors import Cancelled
from reviewdesk.providers.pacing import Pacer
from tests.support.clock import FakeClock
from tests.support.contexts import Memory, Token

TEN = (RateLimit(10, 10), RateLimit(100, 3600))


def most_in_any_window(calls: list[float], seconds: float) -> int:
    return max((sum(1 for c in calls if start <= c < start + seconds) for start in calls), default=0)


def run(pacer: Pacer, clock: FakeClock, cancel: Token, calls: int, *, urgent: bool = False) -> list[float]:
    times = []
    for _ in range(calls):
        pacer.acquire(cancel, urgent=urgent)
        times.append(clock.monotonic())
    return times


@pytest.mark.parametrize("urgent", [True, False])
def test_both_windows_hold(urgent: bool) -> None:
    clock = FakeClock()
    times = run(Pacer(TEN, clock), clock, Token(clock), 250, urgent=urgent)
    assert most_in_any_window(times, 10) <= 10
    assert most_in_any_window(times, 3600) <= 100
    # 250 calls at 100 (or 90) an hour need more than two, less than three hours.
    assert 2 * 3600 <= times[-1] - times[0] < 3 * 3600


def test_random_pauses_never_break_a_window() -> None:
    rng = random.Random(4)
    clock = FakeClock()
    pacer, cancel = Pacer((RateLimit(5, 3), RateLimit(20, 30)), clock), Token(clock)
    times = []
    for _ in range(300):
        clock.advance(rng.choice([0, 0, 0.1, 2.9, 3.0, 7]))
        pacer.acquire(cancel, urgent=rng.random() < 0.3)
        times.append(clock.monotonic())
    assert most_in_any_window(times, 3) <= 5
    assert most_in_any_window(times, 30) <= 20


def test_limits_survive_a_restart_and_a_kill() -> None:
    clock, memory = FakeClock(), Memory()
    times = run(Pacer(TEN, clock, memory), clock, Token(clock), 10, urgent=True)
    assert len(memory.calls) == 10, "a small window is remembered call by call: nothing is lost when killed"
    again = Pacer(TEN, clock, memory)
    times += run(again, clock, Token(clock), 10, urgent=True)
    assert most_in_any_window(times, 10) <= 10


def test_a_large_window_is_saved_in_batches_and_the_unsaved_rest_is_assumed() -> None:
    clock, memory = FakeClock(), Memory()
    limits = (RateLimit(800, 300),)
    first = Pacer(limits, clock, memory)
    times = run(first, clock, Token(clock), 799, urgent=True)
    assert memory.saves < 30
    times += run(Pacer(limits, clock, memory), clock, Token(clock), 100, urgent=True)
    assert most_in_any_window(times, 300) <= 800


def test_a_clock_set_back_does_not_free_or_block_for_ever() -> None:
    clock, memory = FakeClock(), Memory()
    times = run(Pacer(TEN, clock, memory), clock, Token(clock), 10, urgent=True)
    clock.jump(-100_000)
    more = run(Pacer(TEN, clock, memory), clock, Token(clock), 1, urgent=True)
    assert 9 < more[0] - times[-1] < 11


def test_background_leaves_room_for_a_person() -> None:
    clock = FakeClock()
    pacer, cancel = Pacer(TEN, clock), Token(clock)
    run(pacer, clock, cancel, 9)
    assert pacer.wait_s() > 9
    assert pacer.wait_s(urgent=True) == 0


def test_a_person_acts_in_the_middle_of_a_background_wait() -> None:
    clock = FakeClock()
    pacer, cancel = Pacer(TEN, clock), Token(clock)
    run(pacer, clock, cancel, 9)
    started, acted = clock.monotonic(), []

    def meanwhile() -> None:
        if not acted and clock.monotonic() - started > 2:
            acted.append(clock.monotonic())
            pacer.acquire(cancel, urgent=True)

    pacer.acquire(cancel, meanwhile=meanwhile)
    assert len(acted) == 1 and acted[0] - started < 3
    assert clock.monotonic() - started > 9


def test_cancel_ends_the_wait_within_half_a_second() -> None:
    clock = FakeClock()
    pacer, cancel = Pacer((RateLimit(1, 3600),), clock), Token(clock)
    pacer.acquire(cancel)
    started = clock.monotonic()

    def meanwhile() -> None:
        if clock.monotonic() - started >= 1:
            cancel.set()

    with pytest.raises(Cancelled):
        pacer.acquire(cancel, meanwhile=meanwhile)
    assert clock.monotonic() - started <= 1.5


def test_used_is_the_quota_gauge() -> None:
    clock = FakeClock()
    pacer = Pacer(TEN, clock)
    run(pacer, clock, Token(clock), 4)
    assert [used for _, used in pacer.used()] == [4, 4]
    clock.advance(11)
    assert [used for _, used in pacer.used()] == [0, 4]


def test_without_limits_nothing_waits() -> None:
    clock = FakeClock()
    run(Pacer((), clock), clock, Token(clock), 50)
    assert clock.waits == []
