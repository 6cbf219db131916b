"""``python -m tests.benchmarks.exporting [--size 1m] [--format csv]``: speed and memory of an export.

The export runs in a process of its own; what it needs is the highest resident size during the export above that
before it. Linux only (the kernel's own figures).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from reviewdesk.domain.query import parse
from reviewdesk.services.export import ExportFormat, ExportService
from reviewdesk.store import accounts
from tests.benchmarks.generator import NEWEST
from tests.benchmarks.profiles import SIZES, open_store, ready

__all__ = ["GOAL_MB", "measure"]

GOAL_MB = 50.0


def measure(database: Path, chosen: ExportFormat, target: Path) -> dict[str, Any]:
    """``rows``, ``seconds``, ``extra_mb`` of exporting everything in ``database`` to ``target``."""
    done = subprocess.run(
        [sys.executable, "-m", __name__, "--child", str(database), chosen.value, str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def _kib(field: str) -> int:
    found = re.search(rf"^{field}:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"), re.MULTILINE)
    assert found is not None
    return int(found[1])


def _child(database: str, chosen: str, target: str) -> None:
    store = open_store(Path(database), index=False)
    with store.read() as reader:
        listed = accounts.list_all(reader)
    service = ExportService(store, lambda: listed)
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak counts from here
    before = _kib("VmRSS")
    started = perf_counter()
    done = service.write(parse("", now=NEWEST), Path(target), ExportFormat(chosen), private=True)
    seconds = perf_counter() - started
    print(
        json.dumps(
            {
                "rows": done.rows,
                "bytes": done.bytes,
                "seconds": seconds,
                "extra_mb": (_kib("VmHWM") - before) / 1024,
            }
        )
    )
    store.close()


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        _child(*sys.argv[2:5])
        return 0
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.exporting", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="1m")
    parser.add_argument("--format", choices=[f.value for f in ExportFormat], action="append")
    chosen = parser.parse_args()
    built = ready(SIZES[chosen.size])
    failed = False
    for name in chosen.format or [f.value for f in ExportFormat]:
        with tempfile.TemporaryDirectory(dir=built.folder) as folder:
            found = measure(Path(built.database), ExportFormat(name), Path(folder) / f"out.{name}")
        failed = failed or found["extra_mb"] > GOAL_MB or found["rows"] != built.rows
        print(
            f"{name}: {found['rows']:,} rows, {found['bytes'] / 1e6:.0f} MB in {found['seconds']:.0f} s,"
            f" {found['extra_mb']:.1f} MB above the start (goal {GOAL_MB:.0f})"
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
