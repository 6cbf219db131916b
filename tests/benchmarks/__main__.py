"""``python -m tests.benchmarks [--size 10k|100k|1m] [--only NAME] [--markdown]``: print the table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from time import perf_counter

from tests.benchmarks import bulk, command, exporting, feeds, ingest, results, searching, trace, using
from tests.benchmarks.goals import markdown, side_by_side
from tests.benchmarks.place import place
from tests.benchmarks.profiles import SIZES, Built, ready, working_copy
from tests.benchmarks.table import Line, printed

_PARTS = {
    "ingest": ("ingest", "unchanged"),
    "profile": ("size",),
    "searching": ("search", "search-kinds", "count", "paging", "views"),
    "window": ("start", "scroll"),
    "using": ("using",),
    "export": ("export",),
    "command": ("command",),
    "bulk": ("bulk",),
    "trace": ("trace",),
    "feed": ("feed",),
}
"""Part: names of its lines. In the order in which they run: what writes to a copy of the profile comes late."""
_ROW_OF = {"ingest": 9, "profile": 18, "searching": 3, "window": 1, "using": 4, "export": 15, "command": 17}
_ROW_OF |= {"bulk": 19, "trace": 11, "feed": 16}
"""Where a part that failed is told of."""
_NAMES = sorted({*_PARTS, *(name for names in _PARTS.values() for name in names)})
_TRACED = {10_000: 6_000, 100_000: 6_000, 1_000_000: 10_000}
"""How many reviews arrive while the window is watched; ``python -m tests.benchmarks.trace`` does it with 100 thousand."""


class _Run:
    """The parts of one run. A part that fails becomes a line that says why; the others go on."""

    def __init__(self, size: int, anew: bool) -> None:
        self.size, self.anew = size, anew
        self.lines: list[Line] = []
        self._built: Built | None = None
        self._copy: Built | None = None
        self._stack = ExitStack()

    def __enter__(self) -> _Run:
        self._stack.enter_context(place())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def part(self, name: str) -> None:
        started = perf_counter()
        sys.stderr.write(f"{name} ... ")
        sys.stderr.flush()
        work: Callable[[], Iterator[Line]] = getattr(self, f"_{name}")
        try:
            self.lines.extend(work())
        except Exception as error:  # whatever it was, the other figures are wanted
            told = f"{type(error).__name__}: {error}".splitlines()[0][:160]
            self.lines.append(
                Line(
                    name=_PARTS[name][0],
                    task=f"{name} failed",
                    figure=None,
                    unit="",
                    note=told,
                    row=_ROW_OF[name],
                )
            )
        sys.stderr.write(f"{perf_counter() - started:.0f} s\n")

    def built(self) -> Built:
        if self._built is None:
            self._built = ready(self.size, anew=self.anew)
        return self._built

    def copy(self) -> Built:
        """One for all parts that write."""
        if self._copy is None:
            self._copy = self._stack.enter_context(working_copy(self.built()))
        return self._copy

    def _ingest(self) -> Iterator[Line]:
        return ingest.lines(self.size)

    def _profile(self) -> Iterator[Line]:
        built = self.built()
        yield Line(
            name="size", task="size of the profile", figure=built.file_bytes / 1e6, floor=built.text_bytes / 1e6,
            unit="MB", goal="<= 2.5x", note=f"{built.rows:,} reviews",
        )  # fmt: skip
        if built.fresh:
            yield Line(
                name="size", task="making it in bulk: stored and searchable", figure=built.rows / built.searchable_s,
                unit="rows/s", note=f"{built.searchable_s:.0f} s",
            )  # fmt: skip

    def _searching(self) -> Iterator[Line]:
        return searching.lines(self.built())

    def _window(self) -> Iterator[Line]:
        from tests.benchmarks import window

        return window.lines(self.built())

    def _using(self) -> Iterator[Line]:
        return using.lines(self.copy())

    def _export(self) -> Iterator[Line]:
        return exporting.lines(self.built())

    def _command(self) -> Iterator[Line]:
        return command.lines(self.built())

    def _bulk(self) -> Iterator[Line]:
        return bulk.lines(self.copy())

    def _trace(self) -> Iterator[Line]:
        large = self.copy().folder if self.size > 100_000 else None
        return trace.lines(_TRACED.get(self.size, self.size), large)

    def _feed(self) -> Iterator[Line]:
        return feeds.lines(self.size)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="10k", help="how many reviews (default: 10k)")
    parser.add_argument("--only", choices=_NAMES, metavar="NAME", help=f"one of {', '.join(_NAMES)}")
    parser.add_argument(
        "--anew", action="store_true", help="make the profile again instead of using a kept one"
    )
    parser.add_argument(
        "--markdown", action="store_true", help="the table of docs/performance.md, of this and the kept runs"
    )
    parser.add_argument("--kept", action="store_true", help="measure nothing: print what was kept")
    chosen = parser.parse_args()
    if not chosen.kept:
        _measured(chosen.size, chosen.only, chosen.anew)
    runs, facts = results.kept()
    if chosen.markdown:
        print(markdown(runs, facts))
    elif runs:
        print("\nWith what earlier runs measured:\n")
        print(side_by_side(runs))
    return 0


def _measured(size: str, only: str | None, anew: bool) -> None:
    started, told = perf_counter(), results.machine()
    sys.stderr.write(f"{SIZES[size]:,} reviews; {told}\n")
    parts = [part for part, names in _PARTS.items() if only is None or only == part or only in names]
    lines: list[Line] = []
    with _Run(SIZES[size], anew) as run:
        for part in parts:
            had = len(run.lines)
            run.part(part)
            whole_part = only is None or only in _PARTS
            fresh = [line for line in run.lines[had:] if whole_part or line.name == only]
            lines += fresh
            # At once: what was measured stays, however the run ends.
            results.keep(size, fresh, told, parts=_PARTS[part] if whole_part else [str(only)])
    print(f"{SIZES[size]:,} reviews; {told}")
    print(printed(lines))
    print(f"\n{perf_counter() - started:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
