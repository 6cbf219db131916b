"""What holds for every test: the long files begin first, so that none of them is waited for at the end."""

from __future__ import annotations

import pytest

LONG = ("tests/e2e/", "tests/faults/", "tests/property/test_outbox_model", "tests/ui/test_switching_live")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After pytest-randomly's shuffling, which stays within the two groups; all workers sort alike."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
