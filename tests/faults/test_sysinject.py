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
from tests.faults.sysinject import Sweep, available, sample, sweep

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


def test_struck_at_some_of_its_calls(tmp_path: Path) -> None:
    """A kill, a full disk, a broken disk and a cut connection, at the beginning, in the middle and late."""
    asked = (
        (Sweep("pwrite64"), (2, 90, 180)),
        (Sweep("fdatasync"), (2, 9, 16)),
        (Sweep("sendto"), (2, 9)),
        (Sweep("recvfrom"), (2, 8)),
        (Sweep("pwrite64", "error=ENOSPC", on=True), (3, 120)),
        (Sweep("pwrite64", "error=EIO"), (3, 120)),
        (Sweep("fdatasync", "error=EIO"), (3, 15)),
        (Sweep("sendto", "error=ECONNRESET"), (5,)),
        (Sweep("fdatasync", gate="open"), (3,)),
    )
    done = sample(tmp_path, asked, seed=50)
    assert [d.points for d in done] == [len(points) for _, points in asked], "each point was met"
    assert not any(d.violations for d in done), [d.violations[:2] for d in done]


@long_lane
def test_a_mutant_that_sends_blindly_is_caught(tmp_path: Path) -> None:
    done = sweep(tmp_path, Sweep("recvfrom"), seed=7, mutants=("blind-resend", "quick-back-off"))
    assert done.violations, "a kill between the request and its answer must show it"
