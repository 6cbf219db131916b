"""A nightly feed of many lines: read and decoded, and the whole way into the searchable inbox.

``python -m tests.benchmarks.feeds FOLDER PROFILE`` prints one JSON object; without PROFILE the lines are only read.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from tests.benchmarks.place import child
from tests.benchmarks.table import Line

__all__ = ["LINES", "lines"]

LINES = {10_000: 10_000, 100_000: 20_000, 1_000_000: 40_000}
"""Size of the run: lines of the feed. The half million of the goal is the slow lane of the feed's own tests."""
_TEXT = "Très bon produit, livraison rapide, emballage soigné ; je recommande, merci à l'équipe. " * 2
_TURN = (("2026-03-04 09:00:00", "ecommercant", "Merci beaucoup pour votre avis !"),)


def lines(size: int) -> Iterator[Line]:
    """Row 16."""
    count = LINES.get(size, min(size, 40_000))
    with tempfile.TemporaryDirectory(prefix="reviewdesk-feed-") as folder:
        feed = Path(folder) / "feed"
        feed.mkdir()
        _write(feed, count)
        for task, more in (
            ("read and decoded", ()),
            ("file to searchable inbox", (str(Path(folder) / "p"),)),
        ):
            told = child("tests.benchmarks.feeds", str(feed), *more)
            note = f"{count:,} lines; {told['got'] / told['cpu_s']:,.0f} a second of processor"
            yield Line(
                name="feed", task=f"nightly feed, {task}", figure=told["got"] / told["s"], unit="lines/s", row=16,
                goal=">= 10,000 lines/s", note=note,
            )  # fmt: skip
            yield Line(
                name="feed", task=f"  its memory, {task}", figure=told["mb"], unit="MB", goal="300 MB", row=16
            )


def _write(folder: Path, count: int) -> None:
    from tests.support.feed_files import csv_line, put

    path = put(folder, "all_reviews_product_x_2026-03-04.csv", "")
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write(csv_line(number, text=f"{_TEXT}{number}", turns=_TURN if number % 4 == 0 else ()))
    os.utime(path, (1, 1))


def _peak_mb() -> float:
    try:
        # Not ru_maxrss: that one begins with what the process that started this one had.
        return int(Path("/proc/self/status").read_text("ascii").split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError, ValueError):
        return 0.0


def _read(folder: str) -> int:
    from reviewdesk.providers.registry import PROVIDERS
    from tests.support.contexts import context

    provider = PROVIDERS["verified-reviews"](context({"transport": "folder", "path": folder}))
    return sum(len(page.reviews) for page in provider.fetch({}, full=False))


def _stored(folder: str, profile: str) -> int:
    from reviewdesk.domain.clock import SystemClock
    from reviewdesk.secrets.memory import MemorySecrets
    from reviewdesk.services.core import Core
    from reviewdesk.services.profile import Profile

    core = Core.open(Profile.open(Path(profile)), clock=SystemClock(), secrets=MemorySecrets())
    try:
        core.accounts.add("verified-reviews", "Feed", {"transport": "folder", "path": folder}, {}, test=False)
        (done,) = core.sync.run(None, False)
        core.inbox.finish_index()
        return done.new
    finally:
        core.stop()


def main() -> None:
    """See the module."""
    began, spent = perf_counter(), process_time()
    got = _stored(*sys.argv[1:3]) if len(sys.argv) > 2 else _read(sys.argv[1])
    told: dict[str, Any] = {"got": got, "s": perf_counter() - began, "cpu_s": process_time() - spent}
    print(json.dumps({**told, "mb": _peak_mb()}))


if __name__ == "__main__":
    main()
