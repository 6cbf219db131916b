"""The only door to the time of day: everything else asks a ``Clock``, so that tests can move it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

__all__ = ["Clock", "SystemClock", "iso_utc"]


class Clock(Protocol):
    """Wall time, monotonic time and waiting. Safe to call on any thread."""

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC. May jump when somebody sets the machine's clock."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never running backwards. For waits within one run."""
        ...

    def wait(self, event: threading.Event, timeout_s: float | None) -> bool:
        """Wait until ``event`` is set or ``timeout_s`` seconds have passed; true when it was set."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, event: threading.Event, timeout_s: float | None) -> bool:
        return event.wait(timeout_s)


def iso_utc(seconds: float | None) -> str | None:
    """``2026-01-31T08:14:00Z`` for seconds since 1970 UTC; None stays None."""
    if seconds is None:
        return None
    day, second = divmod(int(seconds), 86_400)
    minute = second // 60
    return f"{_day(day)}{minute // 60:02}:{minute % 60:02}:{second % 60:02}Z"


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    # Many reviews share a day, and strftime takes ten times as long as the rest.
    return datetime.fromtimestamp(number * 86_400, UTC).strftime("%Y-%m-%dT")
