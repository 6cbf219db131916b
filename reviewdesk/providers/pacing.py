"""A provider's call limits, kept on our side: several sliding windows, remembered over restarts, people first."""

from __future__ import annotations

import bisect
import logging
import secrets as randomness
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from reviewdesk.domain.capabilities import RateLimit
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import Cancelled
from reviewdesk.providers.base import CancelToken, PaceBook, PaceMemory, SharedPaceMemory

__all__ = ["Pacer", "forecast"]

_log = logging.getLogger(__name__)

_SLICE_S = 0.5
"""The longest sleep at a stretch: a person's action or a cancel is noticed after that time at the latest."""
_MARGIN_S = 0.02
"""The server counts when a call arrives, we when it leaves: windows are kept a little longer than asked."""


class Pacer:
    """Never lets more calls start in any window than each of ``limits`` allows.

    Safe on several threads. A background call leaves a reserve of about a tenth of each window to calls that a
    person waits for, and steps back while such a call waits for its slot. The times of past calls come from and
    go to ``memory``; what a killed process could not save any more is assumed to have just happened. A memory that
    is shared (``SharedPaceMemory``) is asked before each call: then all programs on the account count together.
    """

    def __init__(self, limits: Sequence[RateLimit], clock: Clock, memory: PaceMemory | None = None) -> None:
        self._limits = tuple(limits)
        self._clock = clock
        self._memory = memory
        self._lock = threading.Lock()
        self._own: list[float] = []
        """Start times of our own calls on the monotonic clock, oldest first."""
        self._calls: list[float] = []
        """The same with those of other programs."""
        self._name = randomness.randbits(63)
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
        with self._lock, self._looking():
            return self._wait(self._clock.monotonic(), urgent)

    def used(self) -> list[tuple[RateLimit, int]]:
        """How many calls of each window are used up, for the quota gauge."""
        with self._lock, self._looking():
            now = self._clock.monotonic()
            return [(limit, self._count(now - limit.seconds)) for limit in self._limits]

    def save(self) -> None:
        """Hand what is known to the memory, e.g. when the account's worker ends."""
        with self._lock:
            if self._unsaved:
                self._save()

    def _take(self, urgent: bool) -> float:
        with self._lock, self._looking() as book:
            now = self._clock.monotonic()
            wait = self._wait(now, urgent)
            if wait <= 0 and not urgent and (self._urgent_waiting or self._person_waits_elsewhere(book)):
                wait = _SLICE_S / 10
            if wait <= 0:
                self._own.append(now)
                del self._own[: bisect.bisect_right(self._own, now - self._span - 1)]
                self._calls.append(now)
                self._unsaved += 1
                if self._unsaved >= self._save_every:
                    self._save()
            if book is not None:
                self._tell(book, urgent, waits=wait > 0)
            return wait

    def done(self) -> None:
        """The call that took the last slot has its answer: among several programs it is counted from now, because
        nobody knows when on its way the server saw it."""
        if not isinstance(self._memory, SharedPaceMemory):
            return
        with self._lock, self._memory.exclusive() as book:
            if self._own:
                self._own[-1] = self._clock.monotonic()
            if book is not None:
                try:
                    book.end(self._name, self._clock.now())
                except OSError as error:
                    _log.warning("a call could not be counted for other programs: %s", error.strerror)

    def _tell(self, book: PaceBook, urgent: bool, *, waits: bool) -> None:
        try:
            if not waits:
                book.begin(self._name, self._clock.now())
            elif urgent:
                book.say_person_waits(self._name, self._clock.now())
        except OSError as error:
            _log.warning("a call could not be counted for other programs: %s", error.strerror)

    def _person_waits_elsewhere(self, book: PaceBook | None) -> bool:
        at = book.person_waits(self._name) if book is not None else None
        # It says so again at each of its looks.
        return at is not None and 0 <= self._clock.now() - at < 2 * _SLICE_S

    @contextmanager
    def _looking(self) -> Iterator[PaceBook | None]:
        """``_calls`` as they are now, with those of other programs while nobody else may look."""
        if not isinstance(self._memory, SharedPaceMemory):
            self._load()
            self._calls = list(self._own)
            yield None
            return
        with self._memory.exclusive() as book:
            others: list[float] = []
            if book is None or book.is_new:
                self._load()
            else:
                self._loaded = True
                others = self._as_ours(book.calls_of_others(self._name))
            self._calls = sorted(self._own + others) if others else list(self._own)
            yield book

    def _as_ours(self, times: list[float]) -> list[float]:
        """UTC seconds on our clock, as far as any window sees them."""
        wall, now = self._clock.now(), self._clock.monotonic()
        # A time ahead of the clock (somebody set it back) counts as just now.
        ours = (now - max(0.0, wall - at) for at in times)
        return sorted(at for at in ours if at > now - self._span)

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
        times = self._memory.load()
        if times:
            self._own = self._as_ours(times) + [self._clock.monotonic()] * (self._save_every - 1)

    def _save(self) -> None:
        self._unsaved = 0
        if self._memory is not None:
            wall, now = self._clock.now(), self._clock.monotonic()
            self._memory.save([round(wall - (now - at), 2) for at in self._calls])


def forecast(
    limits: Sequence[RateLimit], calls: int, *, used: Sequence[float] = (), now: float = 0.0
) -> float:
    """Seconds until the last of ``calls`` background calls may start, when nobody else calls meanwhile.

    ``used`` are the moments of past calls, ``now`` the present one, in the same seconds. The rule is the Pacer's.
    """
    made = sorted(at for at in used if at <= now)
    moment = now
    for _ in range(calls):
        for limit in limits:
            allowed = limit.calls - _reserve(limit)
            if len(made) >= allowed:
                moment = max(moment, made[-allowed] + limit.seconds + 2 * _MARGIN_S)
        made.append(moment)
    return moment - now


def _reserve(limit: RateLimit) -> int:
    """How many calls of a window a background call leaves for people."""
    return 0 if limit.calls < 4 else min(20, max(1, limit.calls // 10))
