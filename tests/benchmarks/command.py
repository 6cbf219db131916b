"""The command line as somebody types it: a process of its own each time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from statistics import median
from time import perf_counter

from tests.benchmarks.place import ROOT, Failed, environment
from tests.benchmarks.profiles import Built
from tests.benchmarks.table import Line

__all__ = ["lines"]

_RUNS = 7
_FLOOR = "import sqlite3, keyring"


def lines(built: Built) -> Iterator[Line]:
    """Row 17. Both in turn, so that what else runs on the machine slows both."""
    ours = [sys.executable, "-m", "reviewdesk", "--profile", built.folder, "list"]
    searched = [*ours, "stars:<=2 is:new"]
    bare = [sys.executable, "-c", _FLOOR]
    taken: dict[str, list[tuple[float, float]]] = {"list": [], "search": [], "bare": []}
    for turn in range(_RUNS + 1):
        for name, command in (("list", ours), ("bare", bare), ("search", searched)):
            figures = _run(command)
            if turn:
                taken[name].append(figures)
    floor_ms, floor_cpu = (median(run[n] for run in taken["bare"]) for n in (0, 1))
    for name, task in (("list", "command line list, warm"), ("search", "  the same with a search")):
        ms, cpu = (median(run[n] for run in taken[name]) for n in (0, 1))
        yield Line(
            name="command", task=task, figure=ms, floor=floor_ms, unit="ms", goal="<= 2.5x", row=17,
            note=f"processor {cpu:.0f} beside {floor_cpu:.0f} ms",
        )  # fmt: skip


def _run(command: Sequence[str]) -> tuple[float, float]:
    """Milliseconds of wall and of processor time."""
    before = _children_s()
    started = perf_counter()
    done = subprocess.run(
        command,
        env=environment(),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    wall = (perf_counter() - started) * 1_000
    if done.returncode:
        raise Failed((done.stderr.strip().splitlines() or ["no words"])[-1])
    return wall, (_children_s() - before) * 1_000


def _children_s() -> float:
    return sum(os.times()[2:4])
