"""Storing: a first sync, the same again unchanged, and how long anybody waits meanwhile."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from reviewdesk.domain.models import ReviewRecord
from reviewdesk.store import reviews
from reviewdesk.store.database import Priority, Tx
from tests.benchmarks import floors
from tests.benchmarks.generator import Generator
from tests.benchmarks.profiles import Filling, Person, add_accounts, fill, open_store
from tests.benchmarks.table import Line, percentile

__all__ = ["lines"]


def lines(size: int) -> Iterator[Line]:
    """Into an empty profile: 10 thousand reviews, beside a million 20 thousand."""
    pages = list(Generator(min(size, 20_000 if size > 100_000 else 10_000)).pages())
    with tempfile.TemporaryDirectory(prefix="reviewdesk-ingest-") as folder:
        floor_s = floors.ingest(Path(folder) / "floor.db", pages)
        floor_again_s = floors.unchanged(Path(folder) / "floor.db", pages)
        made = Filling()
        store = open_store(Path(folder) / "ours" / "reviewdesk.db", holds_ms=made.holds_ms)
        try:
            add_accounts(store)
            made.holds_ms.clear()
            with Person(store) as person:
                fill(store, pages, made)
            rows = made.rows
            yield Line(
                name="ingest", task="first sync, rows stored and searchable", figure=rows / made.searchable_s,
                floor=rows / floor_s, unit="rows/s", goal=">= 0.6x",
            )  # fmt: skip
            yield Line(
                name="ingest", task="first sync, rows stored", figure=rows / made.store_s, floor=rows / floor_s,
                unit="rows/s", note="index follows",
            )  # fmt: skip
            yield Line(
                name="ingest", task="until the last row is searchable", unit="s",
                figure=made.searchable_s - made.store_s, goal="2 s",
                note=f"merged after {made.settled_s - made.store_s:.1f} s",
            )  # fmt: skip
            for share, goal in ((0.5, ""), (0.99, "50 ms"), (1.0, "")):
                yield Line(
                    name="ingest", task=f"writer held, {_share(share)}", unit="ms", goal=goal,
                    figure=percentile(made.holds_ms, share),
                )  # fmt: skip
            for share, goal in ((0.5, ""), (0.99, "50 ms"), (1.0, "")):
                yield Line(
                    name="ingest", task=f"a person's change waits, {_share(share)}", unit="ms", goal=goal,
                    figure=percentile(person.waits_ms, share),
                )  # fmt: skip
            again_s = 0.0
            written = 0
            for number, records in pages:
                started = perf_counter()
                changes = store.write_now(
                    lambda tx, n=number, page=records: _changes(tx, n, page), priority=Priority.SYNC
                )
                again_s += perf_counter() - started
                written += changes
            yield Line(
                name="unchanged", task="the same sync again", figure=rows / again_s, floor=rows / floor_again_s,
                unit="rows/s", goal=">= 5x the first",
                note=f"{made.searchable_s / again_s:.1f}x the first, {written} rows written",
            )  # fmt: skip
        finally:
            store.close()


def _changes(tx: Tx, number: int, records: list[ReviewRecord]) -> int:
    """How many rows a page that is stored already writes."""
    before = int(tx.db.total_changes())
    result = reviews.store_page(tx, number + 1, reviews=records)
    if result.unchanged != len(records):
        raise AssertionError(f"{result} for a page that was stored already")
    return int(tx.db.total_changes()) - before


def _share(share: float) -> str:
    return "longest" if share == 1.0 else f"p{share * 100:.0f}"
