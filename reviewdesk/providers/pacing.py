"""A provider's call limits, kept on our side: several sliding windows, remembered over restarts, people first."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Callable, Sequence

from reviewdesk.domain.capabilities import RateLimit
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import Cancelled
from reviewdesk.providers.base import CancelToken, PaceMemory

__all__ = ["Pacer"]

_SLICE_S = 0.5
"""The longest sleep at a stretch: a person's action or a cancel is noticed after that time at the latest."""
_MARGIN_S = 0.02
"""The server counts when a call arrives, we when it leaves: windows are kept a little longer than asked."""


class Pacer:
    """Never lets more calls start in any window than each of ``limits`` allows.

    Safe on several threads. A background call leaves a reserve of about a tenth of each window to calls that a
    person waits for, and steps back while such a call waits for its slot. The times of past calls come from and
    go to ``memory``; what a killed process could not save any more is assumed to have just happened.
    """

    def __init__(self, limits: Sequence[RateLimit], clock: Clock, memory: PaceMemory | None = None) -> None:
        self._limits = tuple(limits)
        self._clock = clock
        self._memory = memory
        self._lock = threading.Lock()
        self._calls: list[float] = []
        """Start times on the monotonic clock, oldest first."""
        self._loaded = memory is None
        self._unsaved = 0
        self._urgent_waiting = 0
        self._span = max((limit.seconds for limit in self._limits), default=0.0)
        smallest = min((limit.calls for limit in self._limits), default=1)
        self._save_every = max(1, min(50, smallest // 20))

    def acquire(
        self,
        cancel: CancelToken,
        *,
        urgent: bool = False,
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        """Wait for a slot and take it. Raises ``Cancelled`` when ``cancel`` is set before that.

        ``meanwhile`` is called before and during a background wait, on this thread and without any lock, so
        that a person's action can be done on the same account in between; it may come back here with ``urgent``.
        """
        if urgent:
            with self._lock:
                self._urgent_waiting += 1
        try:
            while True:
                if cancel.is_set():
                    raise Cancelled("Stopped.")
                if not urgent and meanwhile is not None:
                    meanwhile()
                wait = self._take(urgent)
                if wait <= 0:
                    return
                if cancel.wait(min(wait, _SLICE_S)):
                    raise Cancelled("Stopped.")
        finally:
            if urgent:
                with self._lock:
                    self._urgent_waiting -= 1

    def wait_s(self, *, urgent: bool = False) -> float:
        """Seconds until the next call may start; 0 when it may now."""
        with self._lock:
            self._load()
            return self._wait(self._clock.monotonic(), urgent)

    def used(self) -> list[tuple[RateLimit, int]]:
        """How many calls of each window are used up, for the quota gauge."""
        with self._lock:
            self._load()
            now = self._clock.monotonic()
            return [(limit, self._count(now - limit.seconds)) for limit in self._limits]

    def save(self) -> None:
        """Hand what is known to the memory, e.g. when the account's worker ends."""
        with self._lock:
            if self._unsaved:
                self._save()

    def _take(self, urgent: bool) -> float:
        with self._lock:
            self._load()
            now = self._clock.monotonic()
            wait = self._wait(now, urgent)
            if wait <= 0 and not urgent and self._urgent_waiting:
                wait = _SLICE_S / 10
            if wait <= 0:
                self._calls.append(now)
                del self._calls[: self._before(now - self._span - 1)]
                self._unsaved += 1
                if self._unsaved >= self._save_every:
                    self._save()
            return wait

    def _wait(self, now: float, urgent: bool) -> float:
        wait = 0.0
        for limit in self._limits:
            allowed = limit.calls if urgent else limit.calls - _reserve(limit)
            if self._count(now - limit.seconds - _MARGIN_S) >= allowed:
                # The call that must have left the window before the next one may start.
                blocker = self._calls[-allowed]
                wait = max(wait, blocker + limit.seconds + 2 * _MARGIN_S - now)
        return wait

    def _before(self, moment: float) -> int:
        return bisect.bisect_right(self._calls, moment)

    def _count(self, since: float) -> int:
        return len(self._calls) - self._before(since)

    def _load(self) -> None:
        if self._loaded or self._memory is None:
            return
        self._loaded = True
        wall, now = self._clock.now(), self._clock.monotonic()
        # A stored time ahead of the clock (somebody set it back) counts as just now.
        calls = sorted(now - max(0.0, wall - at) for at in self._memory.load())
        if calls:
            calls += [now] * (self._save_every - 1)
        self._calls = [at for at in calls if at > now - self._span]

    def _save(self) -> None:
        self._unsaved = 0
        if self._memory is not None:
            wall, now = self._clock.now(), self._clock.monotonic()
            self._memory.save([round(wall - (now - at), 2) for at in self._calls])


def _reserve(limit: RateLimit) -> int:
    """How many calls of a window a background call leaves for people."""
    return 0 if limit.calls < 4 else min(20, max(1, limit.calls // 10))
