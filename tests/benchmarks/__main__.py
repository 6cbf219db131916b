"""``python -m tests.benchmarks [--size 10k|100k|1m] [--only NAME]``: print the table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from time import perf_counter

import apsw

from tests.benchmarks import ingest, searching
from tests.benchmarks.profiles import SIZES, ready
from tests.benchmarks.table import Line, printed

_PARTS = {
    "ingest": ("ingest", "unchanged"),
    "searching": ("search", "search-kinds", "count", "paging", "views"),
    "window": ("start", "scroll"),
    "profile": ("size",),
}
_NAMES = sorted({*_PARTS, *(name for names in _PARTS.values() for name in names)})


def _wanted(part: str, only: str | None) -> bool:
    return only is None or only == part or only in _PARTS[part]


def _lines(size: int, only: str | None, anew: bool) -> Iterator[Line]:
    if _wanted("ingest", only):
        yield from ingest.lines(size)
    if only in ("ingest", *_PARTS["ingest"]):
        return
    built = ready(size, anew=anew)
    if _wanted("profile", only):
        yield Line(
            name="size", task="size of the profile", figure=built.file_bytes / 1e6, floor=built.text_bytes / 1e6,
            unit="MB", goal="<= 2.5x", note=f"{built.rows:,} reviews",
        )  # fmt: skip
        if built.fresh:
            yield Line(
                name="size", task="making it: stored and searchable", figure=built.rows / built.searchable_s,
                unit="rows/s", note=f"{built.searchable_s:.0f} s",
            )  # fmt: skip
    if _wanted("searching", only):
        yield from searching.lines(built)
    if _wanted("window", only):
        from tests.benchmarks import window

        yield from window.lines(built)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="10k", help="how many reviews (default: 10k)")
    parser.add_argument("--only", choices=_NAMES, metavar="NAME", help=f"one of {', '.join(_NAMES)}")
    parser.add_argument(
        "--anew", action="store_true", help="make the profile again instead of using a kept one"
    )
    chosen = parser.parse_args()
    started = perf_counter()
    print(
        f"{SIZES[chosen.size]:,} reviews; Python {platform.python_version()}, SQLite {apsw.sqlite_lib_version()},"
        f" {platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        if hasattr(os, "getloadavg")
        else f"{SIZES[chosen.size]:,} reviews"
    )
    lines = list(_lines(SIZES[chosen.size], chosen.only, chosen.anew))
    if chosen.only and chosen.only not in _PARTS:
        lines = [line for line in lines if line.name == chosen.only]
    print(printed(lines))
    print(f"\n{perf_counter() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
