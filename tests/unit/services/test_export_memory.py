"""An export takes the same memory whatever its length. The long form: ``python -m tests.benchmarks.exporting``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reviewdesk.domain.models import ReviewRecord
from reviewdesk.services.export import ExportFormat
from reviewdesk.store import accounts, reviews
from tests.benchmarks.exporting import GOAL_MB, measure
from tests.benchmarks.profiles import open_store
from tests.support.stores import CREATED, record

ROWS = 20_000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's own figures")
def test_twenty_thousand_rows_need_no_more_memory_than_a_few_pages(tmp_path: Path) -> None:
    path = tmp_path / "data" / "reviewdesk.db"
    store = open_store(path, index=False)
    account = store.write_now(lambda tx: accounts.insert(tx, name="Shop", provider="trustpilot", settings={}))
    text = "A text of usual length with an ä and a 😀 in it. " * 20

    def page(start: int) -> list[ReviewRecord]:
        return [
            record(f"r{n}", body=f"{n} {text}", raw="", created_at=CREATED + n)
            for n in range(start, start + 2_000)
        ]

    for start in range(0, ROWS, 2_000):
        rows = page(start)
        store.write_now(lambda tx, rows=rows: reviews.store_page(tx, account.id, reviews=rows))
    store.close()
    for chosen in (ExportFormat.CSV, ExportFormat.XLSX):
        found = measure(path, chosen, tmp_path / f"out.{chosen}")
        assert found["rows"] == ROWS
        # Held in memory the texts alone would be forty megabytes.
        assert found["extra_mb"] < GOAL_MB / 2, found
