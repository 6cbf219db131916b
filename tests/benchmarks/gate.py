"""``python -m tests.benchmarks.gate``: the small form that every run of the tests makes, with bounds that may not break.

Only ratios of processor time to a floor of the same minute, each the least of some turns: they hold on a busy machine as
well. The bounds lie well above what is measured on a quiet one (docs/performance.md), so that what breaks them is a
change of the program, such as a query that lost its index or a row that is laid out twice.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from time import process_time, thread_time

from reviewdesk.domain.query import Query, parse
from reviewdesk.store import reviews, search, tally
from reviewdesk.store.database import Priority, Store
from tests.benchmarks import floors
from tests.benchmarks.generator import NEWEST, Generator
from tests.benchmarks.place import ROOT, environment
from tests.benchmarks.profiles import Built, Filling, add_accounts, build, fill, open_store
from tests.benchmarks.searching import mixed_set
from tests.benchmarks.table import Line, judged, printed

__all__ = ["ROWS", "broken", "lines"]

ROWS = 4_000
_STORED = 1_500
_TURNS = 3


def lines(folder: Path, rows: int = ROWS) -> Iterator[Line]:
    """Every check; ``folder`` takes a profile. No Qt is loaded into this process: the window runs in its own."""
    yield from _storing(folder)
    built = build(folder / "profile", rows)
    yield from _reading(built)
    yield from _processes(built)


def broken(measured: list[Line]) -> list[str]:
    """What is over its bound, in words."""
    return [
        f"{line.task}: {line.ratio or 0:.2f}x of its floor, bound {line.goal}"
        for line in measured
        if judged(line) is False
    ]


def _parsed(text: str) -> Query:
    return parse(text, now=NEWEST, tz=UTC)


def _line(task: str, figure_s: float, floor_s: float, bound: float) -> Line:
    return Line(
        name="gate", task=task, figure=figure_s * 1_000, floor=floor_s * 1_000, unit="ms", goal=f"<= {bound:g}x",
    )  # fmt: skip


def _least(work: Callable[[], object], clock: Callable[[], float] = thread_time) -> float:
    """Processor seconds of the quickest of some turns, after one that warms up."""
    work()
    taken = []
    for _ in range(_TURNS):
        begun = clock()
        work()
        taken.append(clock() - begun)
    return min(taken)


# --- storing ---------------------------------------------------------------------------------------------------


def _storing(folder: Path) -> Iterator[Line]:
    pages = list(Generator(_STORED).pages())
    begun = process_time()
    floors.ingest(folder / "floor.db", pages)
    floor = process_time() - begun
    begun = process_time()
    floors.unchanged(folder / "floor.db", pages)
    floor_again = process_time() - begun
    store = open_store(folder / "stored" / "reviewdesk.db")
    try:
        add_accounts(store)
        begun = process_time()
        fill(store, pages, Filling())
        first = process_time() - begun
        yield _line(f"{_STORED:,} rows stored and indexed", first, floor, 5)
        begun = process_time()
        for number, records in pages:
            store.write_now(
                lambda tx, n=number, page=records: reviews.store_page(tx, n + 1, reviews=page),
                priority=Priority.SYNC,
            )
        again = process_time() - begun
        yield _line("the same again, beside the first time", again, first, 0.5)
        yield _line("the same again, beside looking its hashes up", again, floor_again, 12)
    finally:
        store.close()


# --- reading ---------------------------------------------------------------------------------------------------


def _reading(built: Built) -> Iterator[Line]:
    path = Path(built.database)
    store = open_store(path, index=False)
    try:
        yield from _queries(store, path)
    finally:
        store.close()


def _queries(store: Store, path: Path) -> Iterator[Line]:
    from reviewdesk.store.search_plan import plan

    kinds = ("common word", "word", "two words", "phrase", "2 letters", "Japanese")
    groups = mixed_set(ROWS)
    with store.read() as r:
        texts = [text for kind in kinds for text in groups[kind]]
        found = [(text, match) for text in texts if (match := plan(r, _parsed(text)).text) is not None]
        begun = thread_time()
        floors.text_pages(path, [match for _, match in found], 2)
        floor = (thread_time() - begun) / 3  # its turns: two and one to warm up
        ours = _least(lambda: [search.page(r, _parsed(text), limit=100) for text, _ in found])
        yield _line("search by text, newest 100", ours, floor, 4)

        every = search.ids(r, _parsed(""))
        rnd = random.Random(5)
        befores = [every[rnd.randrange(len(every))] for _ in range(60)]
        floor = _least(lambda: floors.keyset_pages(path, befores))
        ours = _least(lambda: [search.page(r, _parsed(""), before=before, limit=100) for before in befores])
        yield _line("page of rows at any depth", ours, floor, 4)

        floor = _least(lambda: list(r.rows("SELECT account_id, work_state, n, unread FROM tally")))
        yield _line(
            "all counts of the sidebar, beside reading their table",
            _least(lambda: tally.counts(r)),
            floor,
            40,
        )
        counted = _least(
            lambda: [r.value("SELECT count(*) FROM review NOT INDEXED WHERE unread") for _ in range(3)]
        )
        yield _line(
            "the same, beside counting the reviews three times", _least(lambda: tally.counts(r)), counted, 1
        )


# --- processes -------------------------------------------------------------------------------------------------


def _processes(built: Built) -> Iterator[Line]:
    bare = _process([sys.executable, "-c", "import sqlite3, keyring"])
    ours = _process([sys.executable, "-m", "reviewdesk", "--profile", built.folder, "list"])
    yield _line("command line list", ours, bare, 3)
    told = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.painting", built.folder],
        env=environment() | {"QT_QPA_PLATFORM": "offscreen"}, cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    yield _line("rows painted, beside their texts drawn by hand", float(told[-2]), float(told[-1]), 12)


def _process(command: list[str]) -> float:
    def run() -> None:
        subprocess.run(command, env=environment(), cwd=ROOT, stdout=subprocess.DEVNULL, check=True)

    return _least(run, lambda: sum(os.times()[2:4]))


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="reviewdesk-gate-") as folder:
        measured = list(lines(Path(folder)))
    print(printed(measured))
    return 1 if broken(measured) else 0


if __name__ == "__main__":
    sys.exit(main())
