"""Background work makes room while a person acts: it shares one interpreter with the window."""

from __future__ import annotations

import math

from reviewdesk.domain.clock import Clock

__all__ = ["Courtesy"]

_ACTS_S = 0.3
"""Somebody who has touched a key, the wheel or the mouse since then is waiting to see what came of it."""
_TIMES = 3.0
"""The rest of whoever works behind a person's back, in times of what it worked: a quarter of a thread is left to it."""
_LONGEST_S = 0.25


class Courtesy:
    """Knows when a person acted last. Any thread; a look costs nothing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._acted = -math.inf

    def person_acts(self) -> None:
        """Somebody has just touched a key or the mouse."""
        self._acted = self._clock.monotonic()

    def idle_s(self) -> float:
        """Seconds since then; infinite where nobody has acted yet."""
        return self._clock.monotonic() - self._acted

    def rest_s(self, worked_s: float) -> float:
        """How many seconds background work rests after ``worked_s`` of a processor; 0 while nobody acts."""
        return min(_LONGEST_S, worked_s * _TIMES) if self.idle_s() < _ACTS_S else 0.0
