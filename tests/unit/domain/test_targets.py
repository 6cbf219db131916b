"""Due times over weekends, nights and clock changes."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from reviewdesk.domain.models import ReplyMark, WorkState
from reviewdesk.domain.targets import WorkClock, WorkingHours, due_at, due_of, late_before
from tests.support.inbox_rows import make_row

WARSAW = ZoneInfo("Europe/Warsaw")
HOUR = 3600
OFFICE = WorkingHours()


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW).timestamp()


@pytest.mark.parametrize(
    ("written", "hours", "due"),
    [
        ("2026-06-01T10:00", 4, "2026-06-01T14:00"),
        ("2026-06-01T16:00", 4, "2026-06-02T11:00"),  # over a night
        ("2026-06-05T17:00", 4, "2026-06-08T12:00"),  # Friday evening to Monday
        ("2026-06-06T12:00", 24, "2026-06-10T15:00"),  # written on a Saturday: 9 + 9 + 6
        ("2026-06-01T07:00", 9, "2026-06-01T18:00"),  # before the office opens, until it closes
        ("2026-06-01T22:00", 1, "2026-06-02T10:00"),
        ("2026-03-27T17:00", 2, "2026-03-30T10:00"),  # the clocks go forward on that Sunday
    ],
)
def test_the_clock_stands_still_outside_of_working_hours(written: str, hours: int, due: str) -> None:
    assert due_at(at(written), hours * HOUR, OFFICE, WARSAW) == at(due)


def test_a_clock_that_never_stops() -> None:
    always = WorkingHours(frozenset(range(1, 8)), 0, 24)
    for hours in (always, WorkingHours(frozenset()), WorkingHours(start=18, end=9)):
        assert due_at(1000.0, 24 * HOUR, hours, WARSAW) == 1000.0 + 24 * HOUR


def test_a_day_with_a_clock_change_has_its_own_length() -> None:
    days = WorkingHours(frozenset(range(1, 8)), 0, 23)
    # 29 March 2026 has 23 hours in Warsaw: from midnight to 23:00 pass 22.
    assert due_at(at("2026-03-29T00:00"), 22 * HOUR, days, WARSAW) == at("2026-03-29T23:00")


@pytest.mark.parametrize(
    ("state", "mark", "wants"),
    [
        (WorkState.NEW, ReplyMark.NONE, True),
        (WorkState.NEW, ReplyMark.ELSEWHERE, False),
        (WorkState.NEEDS_REPLY, ReplyMark.OURS, True),
        (WorkState.WAITING, ReplyMark.NONE, False),
        (WorkState.SNOOZED, ReplyMark.NONE, False),
        (WorkState.DONE, ReplyMark.NONE, False),
        (WorkState.REMOVED, ReplyMark.NONE, False),
    ],
)
def test_only_what_waits_for_us_is_due(state: WorkState, mark: ReplyMark, wants: bool) -> None:
    row = make_row(5 << 20, work_state=state, reply_mark=mark)
    assert (due_of(row, 24 * HOUR, OFFICE, WARSAW) is not None) is wants
    assert due_of(row, 0, OFFICE, WARSAW) is None


@pytest.mark.parametrize("hours", [OFFICE, WorkingHours(frozenset(range(1, 8)), 0, 24)])
@pytest.mark.parametrize(
    "now", ["2026-06-01T10:30", "2026-06-07T12:00", "2026-03-30T09:00", "2026-06-02T23:59"]
)
def test_overdue_is_what_was_written_before_one_second(now: str, hours: WorkingHours) -> None:
    limit = late_before(at(now), 24 * HOUR, hours, WARSAW)
    assert limit is not None
    assert due_at(limit - 1, 24 * HOUR, hours, WARSAW) < at(now) <= due_at(limit, 24 * HOUR, hours, WARSAW)


def test_without_a_target_nothing_is_overdue() -> None:
    assert late_before(at("2026-06-01T10:00"), 0, OFFICE, WARSAW) is None


@pytest.mark.parametrize(
    ("begin", "end", "passed"),
    [
        ("2026-06-01T10:00", "2026-06-01T14:00", 4),
        ("2026-06-01T16:00", "2026-06-02T11:00", 4),  # over a night
        ("2026-06-05T17:00", "2026-06-08T12:00", 4),  # over a weekend
        ("2026-06-06T12:00", "2026-06-07T12:00", 0),  # a Saturday and a Sunday
        ("2026-06-01T22:00", "2026-06-02T08:00", 0),
        ("2026-06-02T11:00", "2026-06-01T16:00", 0),  # the wrong way round
        ("2026-03-27T17:00", "2026-03-30T10:00", 2),  # the clocks go forward on that Sunday
    ],
)
def test_working_time_between_two_moments(begin: str, end: str, passed: int) -> None:
    pair = (at(begin), at(end))
    assert WorkClock(OFFICE, min(pair), max(pair), WARSAW).between([pair]) == [passed * HOUR]


def test_working_time_is_the_clock_of_the_target() -> None:
    written = [at("2026-03-20T00:00") + step * 7_777 for step in range(200)]
    pairs = [(moment, due_at(moment, 11 * HOUR, OFFICE, WARSAW)) for moment in written]
    clock = WorkClock(OFFICE, written[0], pairs[-1][1], WARSAW)
    assert clock.between(pairs) == pytest.approx([11 * HOUR] * 200)
    always = WorkClock(WorkingHours(frozenset()), 0, 1, WARSAW)
    assert always.between([(5.0, 9.0), (9.0, 5.0)]) == [4.0, 0.0]
