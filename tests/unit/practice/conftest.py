"""One running practice shop per module for reading, a fresh one per test for changing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reviewdesk import practice
from reviewdesk.practice import PracticeShop
from tests.support.clock import FakeClock


@pytest.fixture(scope="module")
def still() -> Iterator[PracticeShop]:
    """All five providers on a clock that stands still; tests only read."""
    with practice.start(clock=FakeClock()) as shop:
        yield shop


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def shop(clock: FakeClock) -> Iterator[PracticeShop]:
    """Without the feed, which costs files; ``clock`` moves it."""
    names = ("trustpilot", "sitejabber", "guaranteed-reviews", "retargeting")
    with practice.start(clock=clock, providers=names) as running:
        yield running
