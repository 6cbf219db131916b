"""A sample of the syscall sweep; the whole of it is ``python -m tests.faults.sysinject``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.lanes import long_lane
from tests.faults.sysinject import KILLS, Sweep, available, sweep

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork") or bool(available()), reason=available() or "needs fork"),
    pytest.mark.timeout(600),
]


@pytest.mark.parametrize("call", KILLS)
def test_killed_at_some_of_its_calls(tmp_path: Path, call: str) -> None:
    done = sweep(tmp_path, Sweep(call), seed=5, start=2, every=120 if call == "pwrite64" else 12)
    assert done.points > 0 and not done.violations, done.violations[:5]


@pytest.mark.parametrize(
    ("asked", "every"),
    [
        (Sweep("pwrite64", "error=ENOSPC", on=True), 150),
        (Sweep("pwrite64", "error=EIO"), 150),
        (Sweep("fdatasync", "error=EIO"), 15),
    ],
    ids=["the disk fills up", "a write fails", "a sync fails"],
)
def test_a_disk_that_says_no_at_some_of_its_calls(tmp_path: Path, asked: Sweep, every: int) -> None:
    done = sweep(tmp_path, asked, seed=6, start=3, every=every)
    assert done.points > 0 and not done.violations, done.violations[:5]


@long_lane
def test_a_mutant_that_sends_blindly_is_caught(tmp_path: Path) -> None:
    done = sweep(tmp_path, Sweep("recvfrom"), seed=7, mutants=("blind-resend", "quick-back-off"))
    assert done.violations, "a kill between the request and its answer must show it"
