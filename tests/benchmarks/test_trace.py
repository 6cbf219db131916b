"""The small form of the trace: a first sync into the open window while somebody scrolls, reads, searches and types."""

from __future__ import annotations

import pytest

from tests.benchmarks.table import percentile
from tests.benchmarks.trace import LONGEST_MS, report, traced
from tests.faults.window import WORK_MS, WindowProcess

REVIEWS = 1_500


@pytest.mark.timeout(400)
def test_a_first_sync_leaves_the_window_to_the_person() -> None:
    with WindowProcess() as yardstick:
        yardstick.ask("pauses")
        told = traced(REVIEWS, quick=True)
        others = yardstick.ask("pauses")
    shared = max(1.0, others["longest"] / WORK_MS)
    print(
        report(told),
        f"\nwhat is {WORK_MS:.0f} ms of work took {others['longest']:.0f} ms: {shared:.1f} times as long",
    )
    assert told["rows"] == REVIEWS
    assert told["acts"] > 5
    # What the window's thread works at a stretch does not depend much on who else is at work; how long that takes
    # does, and so do the turns it waits for the interpreter beside the threads of its own sync.
    assert max(told["own"]) < 2 * LONGEST_MS, report(told)
    assert percentile(told["own"], 0.5) < 16
    assert percentile(told["gaps"], 0.99) < 3 * LONGEST_MS * shared, report(told)
    assert len(told["fresh"]) == 3
    assert max(told["fresh"]) < 1_500 * shared
