"""A sample of the syscall sweep; the whole of it is ``python -m tests.faults.sysinject``."""

from __future__ import annotations

import io
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.faults.killer import Driver
from tests.faults.lanes import long_lane
from tests.faults.sysinject import KILLS, Sweep, available, sweep

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork") or bool(available()), reason=available() or "needs fork"),
    pytest.mark.timeout(600),
]


def test_a_word_that_a_life_says_before_its_parent_says_that_it_began_is_heard(tmp_path: Path) -> None:
    """On a busy machine the child is quicker than the parent that forked it: nobody may wait for that word again."""
    driver = Driver.__new__(Driver)
    read, write = os.pipe()
    with os.fdopen(read, "rb") as out, os.fdopen(write, "wb", buffering=0) as said:
        driver._out = out
        driver._process = cast("Any", SimpleNamespace(stdin=io.BytesIO()))
        said.write(b'{"gate": 7}\n{"pid": 7}\n')
        assert driver.begin(life="script") == 7
        assert driver.until("gate") == {"gate": 7}


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
