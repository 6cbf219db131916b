"""kill -9 at random moments of typing, publishing and syncing; the practice servers' own ledger is the judge."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.faults.killer import LATE, LATER, Days, Moment, Verdict, killed
from tests.faults.lanes import LONG, long_lane

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the lives are forks of one process"),
    pytest.mark.timeout(7200 if LONG else 900),
]

COUNT = 3000 if LONG else 100


def _while_sending(rng: random.Random) -> Moment:
    return Moment(rng.choice((0.05, 0.5, 0.8)), "sending", 1)


def _soon_after_sending(rng: random.Random) -> Moment:
    return Moment(rng.choice((0.02, 0.1, 0.3)), "sending", 1)


def _while_typing(rng: random.Random) -> Moment:
    return Moment(0.0, "saved", rng.randint(2, 5))


def test_nothing_is_lost_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    seed = random.randrange(10_000)
    verdict = killed(tmp_path, COUNT, seed=seed)
    assert not verdict.violations, f"seed {seed}: {verdict.violations[:10]}"
    assert verdict.saved > COUNT and verdict.at_provider > COUNT // 4, (
        f"seed {seed}: too little happened: {verdict}"
    )
    print(verdict)


@pytest.mark.parametrize("mutant", ["", "blind-resend"])
def test_a_provider_that_commits_late_gets_it_twice_only_from_a_mutant(tmp_path: Path, mutant: str) -> None:
    verdict = killed(
        tmp_path,
        5,
        seed=11,
        mutants=("quick-back-off", *([mutant] if mutant else [])),
        days=LATE,
        moment=_while_sending,
        accounts=1,
    )
    assert bool(verdict.duplicates) is bool(mutant), verdict
    if not mutant:
        assert not verdict.violations, verdict.violations


def _soon_after_publish(rng: random.Random) -> Moment:
    return Moment(rng.choice((0.05, 0.15, 0.3)), "sent", 1)


@pytest.mark.parametrize("mutant", ["", "sends-before-commit"])
def test_a_request_that_leaves_before_its_row_is_written_is_caught(tmp_path: Path, mutant: str) -> None:
    """Killed with the request on its way, the row must say so: one that still waits is sent once more."""
    verdict = killed(
        tmp_path,
        6 if mutant else 3,
        seed=11,
        mutants=("quick-back-off", *([mutant] if mutant else [])),
        days=LATE,
        moment=_soon_after_publish,
        accounts=1,
        alone=True,
    )
    assert bool(verdict.duplicates) is bool(mutant), verdict
    if not mutant:
        assert not verdict.violations, verdict.violations


def _looking_early(tmp_path: Path, count: int, *mutants: str) -> Verdict:
    """The provider commits after the answer is given up, so that only a look after the settle window sees it."""
    return killed(
        tmp_path,
        count,
        seed=11,
        mutants=("quick-back-off", *mutants),
        days=LATER,
        moment=_soon_after_sending,
        accounts=1,
        alone=True,
    )


def test_a_look_before_the_settle_window_ends_is_caught(tmp_path: Path) -> None:
    assert _looking_early(tmp_path, 6, "no-settle-window").duplicates


@long_lane
def test_with_the_settle_window_nothing_is_sent_twice(tmp_path: Path) -> None:
    verdict = _looking_early(tmp_path, 20)
    assert verdict.sent and not verdict.violations, verdict.violations


def test_a_draft_that_is_called_saved_too_early_is_caught(tmp_path: Path) -> None:
    verdict = killed(
        tmp_path, 5, seed=12, mutants=("draft-in-memory",), days=Days(), moment=_while_typing, accounts=1
    )
    assert any("draft" in lost for lost in verdict.lost)
