"""Until when a review wants its answer: so many hours of working time after it was written. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from reviewdesk.domain.models import ReplyMark, ReviewRow, WorkState
from reviewdesk.domain.plain import dataclass

__all__ = ["WorkClock", "WorkingHours", "due_at", "due_of", "late_before"]

_DAY_S = 86_400
_MOST_DAYS = 3_700


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """``days``: ISO weekdays, 1 Monday to 7 Sunday. ``start`` and ``end`` are hours of the day, 0 to 24."""

    days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    start: int = 9
    end: int = 18

    @property
    def always(self) -> bool:
        """Whether the clock never stops; also for hours that leave no time at all."""
        return (
            not self.days or self.end <= self.start or (len(self.days) == 7 and self.end - self.start >= 24)
        )


def due_at(written: float, target_s: float, hours: WorkingHours, tz: tzinfo | None = None) -> float:
    """UTC seconds at which ``target_s`` of working time have passed since ``written`` (UTC seconds).

    ``tz`` is the zone of the working hours; None is the machine's own. The clock stands still outside of them.
    """
    if hours.always or target_s <= 0:
        return written + max(0.0, target_s)
    left = target_s
    here = datetime.fromtimestamp(written, UTC).astimezone(tz)
    day = here.date()
    for _ in range(_MOST_DAYS):
        if day.isoweekday() in hours.days:
            opens = _moment(day, hours.start, here.tzinfo if tz is not None else None)
            closes = _moment(day, hours.end, here.tzinfo if tz is not None else None)
            begin = max(written, opens)
            if closes > begin:
                if left <= closes - begin:
                    return begin + left
                left -= closes - begin
        day += timedelta(days=1)
    return written + target_s  # pragma: no cover - a target of years; nobody waits that long


def _moment(day: object, hour: int, tz: tzinfo | None) -> float:
    """UTC seconds of an hour of a local day; 24 is the next midnight. Days of a clock change have their own length."""
    extra, hour = divmod(hour, 24)
    local = datetime.combine(day, time(hour), tzinfo=tz) + timedelta(days=extra)  # type: ignore[arg-type]
    return local.timestamp()


def due_of(row: ReviewRow, target_s: float, hours: WorkingHours, tz: tzinfo | None = None) -> float | None:
    """Until when this review wants its answer; None for one that wants none (any more)."""
    if target_s <= 0 or row.work_state not in (WorkState.NEW, WorkState.NEEDS_REPLY):
        return None
    if row.work_state is WorkState.NEW and row.reply_mark is not ReplyMark.NONE:
        return None
    return due_at(row.created_at, target_s, hours, tz)


def late_before(now: float, target_s: float, hours: WorkingHours, tz: tzinfo | None = None) -> int | None:
    """Whatever was written before this second (UTC) is past its ``due_at`` now; None where there is no target."""
    if target_s <= 0:
        return None
    # The later something was written, the later it is due: so there is one second where "late" ends.
    high = int(now - target_s) + 1
    step = _DAY_S
    while due_at(high - step, target_s, hours, tz) >= now:
        step *= 2
    low = high - step
    while high - low > 1:
        middle = (low + high) // 2
        if due_at(middle, target_s, hours, tz) < now:
            low = middle
        else:
            high = middle
    return high


class WorkClock:
    """Working time between two moments, for many of them: the days from ``first`` to ``last`` (UTC seconds) are read
    once. ``tz`` is the zone of the working hours; None is the machine's own."""

    def __init__(self, hours: WorkingHours, first: float, last: float, tz: tzinfo | None = None) -> None:
        self._always = hours.always
        self._opens: list[float] = []
        self._length: list[float] = []
        self._before: list[float] = []
        if self._always:
            return
        # A week and more before, so that some day of work opened before anything that is asked for.
        day = _day_of(first, tz) - timedelta(days=8)
        end = _day_of(last, tz) + timedelta(days=1)
        passed = 0.0
        while day <= end:
            if day.isoweekday() in hours.days:
                opens, closes = _moment(day, hours.start, tz), _moment(day, hours.end, tz)
                self._opens.append(opens)
                self._length.append(closes - opens)
                self._before.append(passed)
                passed += closes - opens
            day += timedelta(days=1)

    def between(self, pairs: Iterable[tuple[float, float]]) -> list[float]:
        """Seconds of working time from the first to the second moment of each, 0 where it ends before it begins."""
        if self._always or not self._opens:
            return [max(0.0, end - begin) if self._always else 0.0 for begin, end in pairs]
        opens, length, before = self._opens, self._length, self._before
        found = []
        # Hundreds of thousands are asked for at once: nothing is called that need not be.
        for begin, end in pairs:
            if end <= begin:
                found.append(0.0)
                continue
            at = max(0, bisect_right(opens, begin) - 1)
            inside = begin - opens[at]
            passed = before[at] + (inside if inside < length[at] else length[at])
            at = max(0, bisect_right(opens, end) - 1)
            inside = end - opens[at]
            found.append(before[at] + (inside if inside < length[at] else length[at]) - passed)
        return found


def _day_of(moment: float, tz: tzinfo | None) -> date:
    return datetime.fromtimestamp(moment, UTC).astimezone(tz).date()
