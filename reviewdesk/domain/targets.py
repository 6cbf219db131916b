"""Until when a review wants its answer: so many hours of working time after it was written. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo

from reviewdesk.domain.models import ReplyMark, ReviewRow, WorkState
from reviewdesk.domain.plain import dataclass

__all__ = ["WorkingHours", "due_at", "due_of"]

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
