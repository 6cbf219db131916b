"""The practice shop of the provider under test, closed after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reviewdesk import practice
from tests.contract.harness import Harness, harnesses


@pytest.fixture
def harness(request: pytest.FixtureRequest) -> Iterator[Harness]:
    """Parametrised by provider id (``@for_each``)."""
    provider: str = request.param
    made = harnesses()[provider](practice.start(providers=(provider,)))
    yield made
    made.close()
