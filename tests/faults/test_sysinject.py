"""A sample of the syscall sweep; the whole of it is ``python -m tests.faults.sysinject``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.sysinject import KILLS, Sweep, available, sweep

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork") or bool(available()), reason=available() or "needs fork"),
    pytest.mark.timeout(600),
]


@pytest.mark.parametrize("call", KILLS)
def test_killed_at_some_of_its_calls(tmp_path: Path, call: str) -> None:
    done = sweep(tmp_path, Sweep(call), seed=5, start=2, every=40)
    assert done.points > 0 and not done.violations, done.violations[:5]
