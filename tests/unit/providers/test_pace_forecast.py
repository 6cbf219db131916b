"""The estimate of a list is what the pacer then does, whatever the limits and whatever was called before."""

from __future__ import annotations

import threading

import pytest

from reviewdesk.domain.capabilities import RateLimit
from reviewdesk.providers.pacing import Pacer, forecast
from tests.support.clock import FakeClock


class Going:
    """A token that is never set; waiting moves the clock."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._event = threading.Event()

    def is_set(self) -> bool:
        return False

    def wait(self, timeout_s: float) -> bool:
        return self._clock.wait(self._event, timeout_s)


class Memory:
    def __init__(self, calls: list[float]) -> None:
        self.calls = calls

    def load(self) -> list[float]:
        return self.calls

    def save(self, calls: list[float]) -> None:
        self.calls = calls


@pytest.mark.parametrize(
    ("limits", "calls", "used"),
    [
        ("10/10", 57, 0), ("9/10,950/3600", 57, 0), ("9/10,100/3600", 130, 0), ("5/1,100/60", 260, 0), ("3/2", 20, 0),
        ("9/10,950/3600", 40, 6), ("20/60", 30, 15),
    ],
)  # fmt: skip
def test_the_forecast_is_what_happens(limits: str, calls: int, used: int) -> None:
    chosen = [
        RateLimit(int(n), float(seconds))
        for n, _, seconds in (part.partition("/") for part in limits.split(","))
    ]
    clock = FakeClock()
    before = [clock.now() - 1.0 * i for i in range(1, used + 1)]
    expected = forecast(chosen, calls, used=before, now=clock.now())
    pacer = Pacer(chosen, clock, Memory(list(before)) if used else None)
    begun = clock.monotonic()
    for _ in range(calls):
        pacer.acquire(Going(clock))
    took = clock.monotonic() - begun
    assert took == pytest.approx(expected, rel=0.05, abs=1.0), (took, expected)


def test_nothing_to_do_takes_no_time() -> None:
    assert forecast([RateLimit(9, 10)], 0) == 0.0
    assert forecast([], 1000) == 0.0
