"""The benchmark itself, in the smallest form: it is seeded, it measures what it says, it prints."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from reviewdesk.domain.query import parse
from reviewdesk.domain.text import clean
from reviewdesk.store import search, search_index
from tests.benchmarks import __main__ as benchmark
from tests.benchmarks import generator as generator_module
from tests.benchmarks import ingest, results, searching
from tests.benchmarks.generator import ACCOUNTS, NEWEST, YEARS, Generator
from tests.benchmarks.goals import ROWS, markdown, side_by_side
from tests.benchmarks.profiles import _index_in_bulk, _made_ready, _store_all, add_accounts, open_store, ready
from tests.benchmarks.table import Line, judged, percentile, printed


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


def test_an_index_in_bulk_finds_what_one_in_slices_finds(tmp_path: Path, generator: Generator) -> None:
    stores = [open_store(tmp_path / name / "reviewdesk.db", index=False) for name in ("bulk", "slices")]
    pages = list(generator.pages())
    words = [word for _, records in pages for word in records[0].body.split()[:3]]
    found = []
    for store in stores:
        add_accounts(store)
        store.write_now(partial(_store_all, [_made_ready(page) for page in pages]))
        if store is stores[0]:
            _index_in_bulk(store)
        while store.write_now(search.index_slice):
            pass
        with store.read() as r:
            assert search_index.waiting(r) == 0
            found.append([list(search.ids(r, parse(word, now=NEWEST, as_typed=True))) for word in words])
        store.close()
    assert found[0] == found[1] and sum(map(len, found[0])) > 600


def test_the_table() -> None:
    assert percentile([], 0.5) == 0
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile(list(range(100)), 0.99) == 99
    line = Line(name="x", task="a task", figure=1234.5, unit="ms", floor=1000.0, goal="<= 2x", note="why")
    assert printed([line]).splitlines()[2].split() == (
        ["a", "task", "1,234", "ms", "1,000", "1.23x", "<=", "2x", "yes", "why"]
    )


@pytest.mark.parametrize(
    ("figure", "unit", "floor", "goal", "met"),
    [
        (19.0, "ms", None, "20 ms", True),
        (21.0, "ms", None, "20 ms", False),
        (1_900.0, "ms", None, "2 s", True),
        (1.7, "s", 1.0, "<= 1.6x", False),
        (150.0, "ms", 100.0, "<= 1.6x, +250 ms", True),
        (500.0, "ms", 400.0, "<= 1.6x, +50 ms", False),
        (26_000.0, "rows/s", 60_000.0, ">= 25,000 rows/s, >= 0.5x", False),
        (0.5, "% of a core", None, "1 % of a core", True),
        (0.0, "ms", None, "50 ms", True),
        (5.0, "rows/s", None, ">= 5x the first", None),
        (5.0, "ms", None, "<= 2x", None),
        (None, "ms", None, "20 ms", None),
        (5.0, "ms", None, "", None),
    ],
)
def test_a_goal_is_judged_by_its_words(
    figure: float | None, unit: str, floor: float | None, goal: str, met: bool | None
) -> None:
    assert judged(Line(name="x", task="t", figure=figure, unit=unit, floor=floor, goal=goal)) is met


def test_results_are_kept_and_stand_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def line(figure: float, name: str = "paging") -> Line:
        return Line(
            name=name, task="page at any depth", figure=figure, floor=1.0, unit="ms", goal="5 ms, <= 2x"
        )

    results.keep("10k", [line(1.0), line(7.0, "other")], "a machine", parts=["paging", "other"])
    results.keep("10k", [line(1.5)], "a machine", parts=["paging"])
    results.keep("1m", [line(4.5)], "a machine", parts=["paging"])
    runs, facts = results.kept()
    assert list(runs) == ["10k", "1m"] == list(facts)
    assert [each.figure for each in runs["10k"]] == [1.5, 7.0], "the part that was not measured again stays"
    assert "1.50 (1.00, 1.50x)" in side_by_side(runs)
    told = markdown(runs, facts)
    for row, (task, _) in ROWS.items():
        assert f"| **{row}** | **{task}** |" in told
    assert "| 1.50 ms (1.00, 1.50x) | 4.50 ms (1.00, 4.50x) | 3.0x | 5 ms, <= 2x | no |" in told
    assert "to 1m in rows 3 to 8, 12 and 13: page at any depth 3.0x." in told


def test_a_part_that_fails_is_a_line_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(size: int) -> Iterator[Line]:
        raise OSError("no room left\nanywhere")

    monkeypatch.setattr(benchmark.ingest, "lines", broken)
    run = benchmark._Run(10, anew=False)
    run.part("ingest")
    (line,) = run.lines
    assert line.figure is None
    assert line.note == "OSError: no room left"
    assert "failed" in markdown({"10k": run.lines}, {})
