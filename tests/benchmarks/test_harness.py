"""The benchmark itself, in the smallest form: it is seeded, it measures what it says, it prints."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from reviewdesk.domain.text import clean
from tests.benchmarks import generator as generator_module
from tests.benchmarks import ingest, searching
from tests.benchmarks.generator import ACCOUNTS, NEWEST, YEARS, Generator
from tests.benchmarks.profiles import ready
from tests.benchmarks.table import Line, percentile, printed


@pytest.fixture(autouse=True)
def small_languages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(generator_module, "_VOCABULARY", 600)
    monkeypatch.setattr(generator_module, "_STREAM", 5_000)
    generator_module._language.cache_clear()
    yield
    generator_module._language.cache_clear()


@pytest.fixture
def generator() -> Generator:
    return Generator(600)


def test_the_same_seed_gives_the_same_reviews(generator: Generator) -> None:
    assert list(generator.pages()) == list(generator.pages())


def test_reviews_are_as_promised(generator: Generator) -> None:
    by_account: dict[int, list[int]] = {}
    records = []
    for number, page in generator.pages():
        assert 0 < len(page) <= 100
        by_account.setdefault(number, []).extend(record.created_at or 0 for record in page)
        records += page
    assert len(records) == 600
    assert len({record.native_id for record in records}) == 600
    assert len(by_account) == len(ACCOUNTS)
    for times in by_account.values():
        assert all(newer >= older for newer, older in pairwise(times))
        assert NEWEST - YEARS * 365 * 86_400 <= times[-1] < times[0] <= NEWEST
    assert set(Counter(r.language for r in records)) == {"en", "fr", "de", "pl", "ar", "ja", None}
    replied = sum(1 for r in records if r.thread and r.thread.comments)
    assert 0.25 < replied / 600 < 0.42
    assert any(r.previous for r in records)
    assert any(r.attachments for r in records)
    spaced = [r for r in records if r.language not in ("ja", None)]
    assert all(20 <= len(r.body.split()) <= 120 for r in spaced)
    assert all(clean(r.body) == r.body for r in records)


def test_it_measures_and_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stored = list(ingest.lines(300))
    built = ready(300)
    assert built.fresh
    assert built.rows == 300
    assert not ready(300).fresh
    read = list(searching.lines(built, rounds=1, pages=5))
    names = {line.name for line in stored + read}
    assert names == {"ingest", "unchanged", "search", "search-kinds", "count", "paging", "views"}
    assert all(line.figure is not None and line.figure >= 0 for line in stored + read)
    (again,) = (line for line in stored if line.name == "unchanged")
    assert "0 rows written" in again.note
    assert "first sync, rows stored and searchable" in printed(stored)


def test_the_table() -> None:
    assert percentile([], 0.5) == 0
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile(list(range(100)), 0.99) == 99
    line = Line(name="x", task="a task", figure=1234.5, unit="ms", floor=1000.0, goal="<= 2x", note="why")
    assert printed([line]).splitlines()[2].split() == [
        "a",
        "task",
        "1,234",
        "ms",
        "1,000",
        "1.23x",
        "<=",
        "2x",
        "why",
    ]
