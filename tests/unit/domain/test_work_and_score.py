"""Every cell of the work-state table, and the score's scales."""

from __future__ import annotations

import itertools

import pytest

from reviewdesk.domain import score
from reviewdesk.domain.models import WorkState
from reviewdesk.domain.work import WorkEvent, first_state, next_state

# Written out by hand from features.md C5, C6, B11, B12 and G4, apart from the code's own table.
#                                     new            needs-reply    waiting        snoozed        done           removed
_EXPECTED = {
    "our-reply-sent": ("waiting", "waiting", "waiting", "waiting", "done", "removed"),
    "replied-elsewhere": ("done", "done", "waiting", "done", "done", "removed"),
    "customer-comment": ("needs-reply",) * 5 + ("removed",),
    "edited": ("new", "needs-reply", "needs-reply", "needs-reply", "needs-reply", "removed"),
    "snooze": ("snoozed",) * 5 + ("removed",),
    "snooze-ended": ("new", "needs-reply", "waiting", "needs-reply", "done", "removed"),
    "mark-done": ("done",) * 5 + ("removed",),
    "reopen": ("needs-reply",) * 5 + ("removed",),
    "mark-waiting": ("waiting",) * 5 + ("removed",),
    "removed": ("removed",) * 6,
    "restored": ("new", "needs-reply", "waiting", "snoozed", "done", "needs-reply"),
}


@pytest.mark.parametrize(("event", "column"), list(itertools.product(WorkEvent, range(6))))
def test_every_cell(event: WorkEvent, column: int) -> None:
    states = [WorkState(s) for s in ("new", "needs-reply", "waiting", "snoozed", "done", "removed")]
    assert next_state(states[column], event) == _EXPECTED[event.value][column]


def test_first_arrival() -> None:
    assert first_state(has_business_reply=False) is WorkState.NEW
    assert first_state(has_business_reply=True) is WorkState.DONE
    assert first_state(has_business_reply=True, removed=True) is WorkState.REMOVED


@pytest.mark.parametrize(
    ("value", "low", "high", "hundred", "stars", "is_low"),
    [
        (1, 1, 5, 0, 1, True),
        (2, 1, 5, 25, 2, True),
        (3, 1, 5, 50, 3, False),
        (5, 1, 5, 100, 5, False),
        (4.5, 1, 5, 88, 4.5, False),
        (9, 0, 10, 90, 4.5, False),
        (4, 0, 10, 40, 2, True),
        (0, 0, 10, 0, 0, True),
        (None, 1, 5, None, None, False),
        (float("nan"), 1, 5, None, None, False),
        (3, 5, 5, None, None, False),
    ],
)
def test_scales(
    value: float | None, low: float, high: float, hundred: int | None, stars: float | None, is_low: bool
) -> None:
    assert score.score100(value, low, high) == hundred
    assert score.stars_of(value, low, high) == stars
    assert score.is_low(value, low, high) is is_low


def test_nine_of_ten_sorts_between_four_and_five_stars() -> None:
    four, nine, five = score.stars_of(4, 1, 5), score.stars_of(9, 0, 10), score.stars_of(5, 1, 5)
    assert four is not None and nine is not None and five is not None
    assert four < nine < five
