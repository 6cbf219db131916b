"""A kill, a full disk or a broken disk at every n-th system call (Linux, strace).

    python -m tests.faults.sysinject                 # every point of every call, until a run meets none
    python -m tests.faults.sysinject --every 10 --call fdatasync

``when=N`` counts per thread: strace is attached when the program is open, so that the writer thread's and the
account's own calls are the ones that are counted. A second sweep is attached before the opening.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from tests.faults.killer import CALM, Driver, Shop, judge, stage

__all__ = ["KILLS", "QUICK", "Sweep", "available", "sample", "struck", "sweep", "sweeps", "verdict"]

KILLS = ("pwrite64", "fdatasync", "sendto", "recvfrom")
_LONGEST = 2000
_LIVES = 60
_OURS = ("ValueError", "KeyError", "IndexError", "AssertionError", "TypeError", "AttributeError")
"""A life that ends with one of these met a mistake of the harness, not a fault."""
QUICK = {"timeout_seconds": "0.3", "settle_seconds": "0.6", "rate_limit": "100000/1"}


@dataclass
class Sweep:
    """One call and what happens at it: ``signal=SIGKILL`` or ``error=ENOSPC``; ``on``: from the n-th call on."""

    call: str
    fault: str = "signal=SIGKILL"
    on: bool = False
    gate: str = "work"
    points: int = 0
    violations: list[str] = field(default_factory=list)
    ended: bool = False
    """A whole run met no fault any more: every point of the script was struck."""

    def at(self, n: int) -> str:
        return f"inject={self.call}:{self.fault}:when={n}{'+' if self.on else ''}"

    def __str__(self) -> str:
        what = f"{self.fault} at {self.call}{' from there on' if self.on else ''}, from {self.gate} on"
        end = "" if self.ended else ", not to its end"
        return f"{what}: {self.points} points, {len(self.violations)} violations{end}"


def sweeps() -> list[Sweep]:
    """Everything that is struck by the command."""
    return [
        *(Sweep(call) for call in KILLS),
        *(Sweep(call, gate="open") for call in ("pwrite64", "fdatasync")),
        Sweep("pwrite64", "error=ENOSPC", on=True),
        Sweep("pwrite64", "error=EIO"),
        Sweep("fdatasync", "error=EIO"),
        Sweep("pwrite64", "error=ENOSPC", on=True, gate="open"),
        Sweep("fdatasync", "error=EIO", gate="open"),
        Sweep("sendto", "error=ECONNRESET"),
        Sweep("recvfrom", "error=ECONNRESET"),
    ]


def available() -> str:
    """Why it can't be done here, or nothing."""
    if not sys.platform.startswith("linux"):
        return "strace is Linux's"
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "this system does not allow tracing"


def struck(driver: Driver, asked: Sweep, n: int, seed: int) -> tuple[list[dict[str, Any]], bool]:
    """A life of the script with the fault in it: everything it said, and whether the fault was met."""
    gate, record = asked.gate, driver.profile / "strace"
    gate_file = driver.profile / "gate"
    gate_file.touch()
    # On a disk that says no from there on nothing moves any more: then a moment is enough.
    limit = {"limit_s": 1.5} if asked.on else {}
    driver.begin(life="script", seed=seed, gate=gate, gate_file=str(gate_file), **limit)
    pid = driver.until("gate")["gate"]
    tracer = subprocess.Popen(
        [
            *("strace", "-f", "-o", str(record), "-e", f"trace={asked.call}", "-e", "signal=none"),
            *("-e", asked.at(n), "-p", str(pid)),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert tracer.stderr is not None
    line = tracer.stderr.readline()
    assert "attached" in line, line
    gate_file.unlink()
    lines = driver.end()
    tracer.wait(30)
    tracer.stderr.close()
    # The tracer says where it struck: SQLite may swallow an error, and background work tells nobody of one.
    return lines, b"INJECTED" in record.read_bytes() or lines[-1]["ended"] != 0


def sweep(
    folder: Path, asked: Sweep, *, seed: int, start: int = 1, every: int = 1, mutants: tuple[str, ...] = ()
) -> Sweep:
    """Strike at the points ``start``, ``start + every`` ... until a run meets none; judged after each."""
    points = iter(range(start, _LONGEST, every))
    while not asked.ended and (part := list(islice(points, _LIVES))):
        # A new profile now and then: each life leaves a draft, and a review takes one.
        _strike(folder / str(part[0]), asked, part, seed, mutants)
    return asked


_STAGE: dict[str, Any] = {"providers": ("trustpilot",), "accounts": 1, "quick": QUICK}


def _strike(folder: Path, asked: Sweep, points: list[int], seed: int, mutants: tuple[str, ...]) -> None:
    with stage(folder, seed=seed, mutants=mutants, **_STAGE) as (shop, driver):
        shop.days(CALM)
        _strike_on(shop, driver, [], asked, points, seed)


def _strike_on(
    shop: Shop, driver: Driver, said: list[dict[str, Any]], asked: Sweep, points: Iterable[int], seed: int
) -> None:
    for n in points:
        lines, met = struck(driver, asked, n, seed * 10_000 + n)
        mistakes = [line["broke"] for line in lines if line.get("broke", "").startswith(_OURS)]
        assert not mistakes, mistakes
        said += lines
        if not met:
            asked.ended = True
            return
        asked.points += 1
        asked.violations += [f"point {n}: {v}" for v in verdict(said, driver, shop)]


def sample(folder: Path, asked: Iterable[tuple[Sweep, Iterable[int]]], *, seed: int) -> list[Sweep]:
    """Some points of several sweeps, one after the other on one profile."""
    done = []
    with stage(folder, seed=seed, **_STAGE) as (shop, driver):
        shop.days(CALM)
        said: list[dict[str, Any]] = []
        for number, (each, points) in enumerate(asked):
            _strike_on(shop, driver, said, each, points, seed + number)
            done.append(each)
    return done


def verdict(said: list[dict[str, Any]], driver: Driver, shop: Shop) -> list[str]:
    # A disk that says no may end a life with an error that is shown; what was said before it still counts.
    kept = [line for line in said if "broke" not in line]
    return judge(kept, driver.life(life="drain"), shop.record()).violations


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.sysinject", description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--call", action="append", choices=KILLS, help="only these calls")
    given = parser.parse_args()
    why = available()
    if why:
        print(why)
        return 2
    total: Counter[str] = Counter()
    for number, asked in enumerate(sweeps(), 1):
        if given.call and asked.call not in given.call:
            continue
        with tempfile.TemporaryDirectory(prefix="reviewdesk-sweep-") as folder:
            done = sweep(Path(folder), asked, seed=number, every=given.every)
        print(done, flush=True)
        for violation in done.violations[:20]:
            print(f"  {violation}")
        total["points"] += done.points
        total["violations"] += len(done.violations)
    print(f"{total['points']} points, {total['violations']} violations")
    return 1 if total["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
