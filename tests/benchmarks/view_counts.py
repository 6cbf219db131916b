"""``python -m tests.benchmarks.view_counts [--rows 200000]``: the figures beside fifty random views, and what they cost.

Every figure must be the number of rows that its view shows (features.md C11): the list of the view is read whole, every
row of it once. The refresh runs in a thread of its own, as the window's does; beside the time stands the processor's.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, thread_time

from reviewdesk.domain.clock import SystemClock
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from reviewdesk.services.profile import Profile
from tests.benchmarks.profiles import ready, working_copy

__all__ = ["GOAL_MS", "Found", "main", "measure", "random_query"]

GOAL_MS = 50.0
VIEWS, TIMES = 50, 11
TERMS = (
    *(
        "stars:<=2",
        "stars:5",
        "stars:3..4",
        "lang:fr",
        "lang:de",
        "provider:trustpilot",
        "provider:retargeting",
    ),
    *("state:new", "state:needs-reply", "state:done", "is:unread", "is:starred", "tag:urgent", "owner:me"),
    *("has:reply", "has:photo", "is:edited", "after:2026-01-01", "before:2024-06-01", "from:anna"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """``wrong``: views whose figure is not the number of their rows. Times in milliseconds."""

    rows: int
    views: int
    empty: int
    wrong: tuple[str, ...]
    sidebar_ms: float
    sidebar_cpu_ms: float
    view_ms: tuple[float, ...]
    """Of each view, the median."""
    all_ms: float
    all_cpu_ms: float


def random_query(rnd: random.Random) -> str:
    """One to three terms, some denied, together or as alternatives."""
    chosen = rnd.sample(TERMS, rnd.randint(1, 3))
    return (" OR " if rnd.random() < 0.3 else " ").join("-" * (rnd.random() < 0.3) + term for term in chosen)


def _timed(pool: ThreadPoolExecutor, work: Callable[[], object], times: int) -> tuple[float, float]:
    """Medians of the time and of the processor's time in the worker, in milliseconds."""

    def once() -> tuple[float, float]:
        began, used = perf_counter(), thread_time()
        work()
        return (perf_counter() - began) * 1e3, (thread_time() - used) * 1e3

    taken = [pool.submit(once).result() for _ in range(times)]
    return statistics.median(t for t, _ in taken), statistics.median(c for _, c in taken)


def measure(profile: Path, rnd: random.Random, *, views: int = VIEWS, times: int = TIMES) -> Found:
    """Save the views in the profile (a copy of one's own), compare every figure with its rows, time the refresh."""
    core = Core.open(Profile.open(profile), clock=SystemClock(), secrets=MemorySecrets())
    try:
        inbox = core.inbox
        queries: dict[int, str] = {}
        while len(queries) < views:
            text = random_query(rnd)
            queries[inbox.save_view(f"View {len(queries)}", text).result(30)] = text
        figures, wrong = inbox.view_counts(), []
        for view, text in queries.items():
            shown = inbox.ids(inbox.parse(text))
            if not figures[view] == len(shown) == len(set(shown)):
                wrong.append(f"{text}: {figures[view]}, shown {len(shown)}")
        with ThreadPoolExecutor(1) as pool:
            sidebar = _timed(pool, inbox.sidebar, times)
            parsed = [inbox.parse(text) for text in queries.values()]
            each = [_timed(pool, lambda q=query: inbox.count(q), 3)[0] for query in parsed]  # type: ignore[misc]
            whole = _timed(pool, inbox.view_counts, max(3, times // 3))
        rows = inbox.count(inbox.parse(""))
        empty = sum(not n for n in figures.values())
        return Found(rows, len(queries), empty, tuple(wrong), *sidebar, tuple(each), *whole)
    finally:
        core.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was found; 1 where a figure is wrong or the sidebar takes longer than the goal."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.view_counts")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=20)
    asked = parser.parse_args(arguments)
    with working_copy(ready(asked.rows)) as copy:
        found = measure(Path(copy.folder), random.Random(asked.seed))
    print(f"{found.rows:,} reviews, {found.views} random views, {found.empty} of them empty")
    print(f"figures that are not the number of their rows: {len(found.wrong)}")
    for line in found.wrong:
        print(f"  {line}")
    print(
        f"sidebar: {found.sidebar_ms:.2f} ms, processor {found.sidebar_cpu_ms:.2f} ms (goal {GOAL_MS:.0f} ms)"
    )
    middle, most = statistics.median(found.view_ms), max(found.view_ms)
    print(f"one view: median {middle:.1f} ms, the slowest {most:.1f} ms")
    print(f"all {found.views} views at once: {found.all_ms:.0f} ms, processor {found.all_cpu_ms:.0f} ms")
    return int(bool(found.wrong) or found.sidebar_cpu_ms > GOAL_MS)


if __name__ == "__main__":
    sys.exit(main())
