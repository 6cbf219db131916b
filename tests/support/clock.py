"""A clock that tests move by hand."""

from __future__ import annotations

import threading

__all__ = ["FakeClock"]


class FakeClock:
    """Wall and monotonic time that only move when told; waiting moves them at once."""

    def __init__(self, now: float = 1_780_000_000.0) -> None:
        self._lock = threading.Lock()
        self._now = now
        self._monotonic = 1_000.0
        self.waits: list[float] = []

    def now(self) -> float:
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        with self._lock:
            return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass: both clocks move."""
        with self._lock:
            self._now += seconds
            self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Somebody sets the machine's clock: only the wall time moves."""
        with self._lock:
            self._now += seconds

    def wait(self, event: threading.Event, timeout_s: float | None) -> bool:
        if event.is_set() or timeout_s is None:
            return event.wait()
        self.waits.append(timeout_s)
        self.advance(max(0.0, timeout_s))
        return event.is_set()
