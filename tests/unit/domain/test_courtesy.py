"""Background work rests while a person acts, in proportion to what it worked, and never for long."""

from __future__ import annotations

import math

import pytest

from reviewdesk.domain.courtesy import Courtesy
from tests.support.clock import FakeClock


def test_nobody_there_nobody_rests() -> None:
    courtesy = Courtesy(FakeClock())
    assert courtesy.idle_s() == math.inf
    assert courtesy.rest_s(10.0) == 0.0


@pytest.mark.parametrize(("worked_s", "rest_s"), [(0.0, 0.0), (0.01, 0.03), (0.05, 0.15), (5.0, 0.25)])
def test_three_times_what_was_worked_and_a_quarter_of_a_second_at_most(
    worked_s: float, rest_s: float
) -> None:
    courtesy = Courtesy(FakeClock())
    courtesy.person_acts()
    assert courtesy.rest_s(worked_s) == pytest.approx(rest_s)


def test_a_third_of_a_second_later_work_goes_on_as_before() -> None:
    clock = FakeClock()
    courtesy = Courtesy(clock)
    courtesy.person_acts()
    clock.advance(0.29)
    assert courtesy.rest_s(0.01) > 0
    clock.advance(0.02)
    assert courtesy.rest_s(0.01) == 0 and courtesy.idle_s() == pytest.approx(0.31)
    courtesy.person_acts()
    assert courtesy.rest_s(0.01) > 0
