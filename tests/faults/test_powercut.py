"""Power cuts at the writes and syncs of a session; the whole of it is ``python -m tests.faults.powercut``."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.lanes import LONG, long_lane
from tests.faults.powercut import record, replay

pytestmark = pytest.mark.timeout(900)

CUTS = 2000 if LONG else 150


@pytest.fixture
def seed() -> Iterator[int]:
    seed = random.randrange(10_000)
    print(f"seed {seed}")
    yield seed


def test_what_was_called_saved_is_there_after_a_power_cut(tmp_path: Path, seed: int) -> None:
    ops = record(tmp_path, seed=seed)
    kinds = {op[0] for op in ops}
    assert {"write", "sync", "said"} <= kinds, "the shim saw the database"
    assert any(op[0] == "write" and op[1].endswith(".db") for op in ops), "the log was carried over"
    done = replay(tmp_path / "after", ops, cuts=CUTS, seed=seed)
    assert done.cuts == CUTS and not done.violations, f"seed {seed}: {done.violations[:5]}"
    print(done)


def test_a_commit_that_does_not_wait_for_the_disk_is_caught(tmp_path: Path) -> None:
    ops = record(tmp_path, mutants=("synchronous-normal",))
    done = replay(tmp_path / "after", ops, cuts=60)
    assert done.lost > 10, done


@long_lane
def test_a_request_that_leaves_before_its_row_is_written_is_caught(tmp_path: Path) -> None:
    ops = record(tmp_path, mutants=("sends-before-commit",))
    done = replay(tmp_path / "after", ops, cuts=400)
    assert done.blind, done
