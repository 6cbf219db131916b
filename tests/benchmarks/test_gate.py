"""The regression gate on ratios: it passes, and it fails when something becomes slow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reviewdesk.store import search
from tests.benchmarks import gate
from tests.benchmarks.profiles import build
from tests.benchmarks.table import printed


@pytest.mark.timeout(300)
def test_nothing_costs_much_more_than_its_floor(tmp_path: Path) -> None:
    measured = list(gate.lines(tmp_path))
    print(printed(measured))
    assert len(measured) >= 9
    assert all(line.ratio for line in measured), "each is measured beside something"
    assert gate.broken(measured) == []


def test_a_page_that_reads_the_whole_table_breaks_the_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mistake that this is for: a page of rows whose cost grows with what lies before it."""
    built = build(tmp_path / "profile", 1_500)
    page = search.page

    def slow(r: Any, query: Any, **asked: Any) -> Any:
        r.rows(
            "SELECT id FROM review NOT INDEXED WHERE length(author_name) + score100 > 0 ORDER BY author_name"
        )
        return page(r, query, **asked)

    whole = {line.task for line in gate._reading(built)}
    monkeypatch.setattr(search, "page", slow)
    broken = gate.broken(list(gate._reading(built)))
    assert len(whole) == 4
    assert any(told.startswith("page of rows at any depth") for told in broken), broken
