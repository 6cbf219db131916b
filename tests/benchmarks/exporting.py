"""``python -m tests.benchmarks.exporting [--size 1m] [--format csv]``: speed and memory of an export.

The export runs in a process of its own; what it needs is the highest resident size during the export above that
before it (Linux only: the kernel's own figures). Beside it: the csv module (or json) writing the same columns out of
the same tables, in a process of its own as well.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import apsw

from reviewdesk.domain.query import parse
from reviewdesk.services.export import ExportFormat, ExportService
from reviewdesk.store import accounts
from tests.benchmarks.generator import NEWEST
from tests.benchmarks.place import child
from tests.benchmarks.profiles import SIZES, Built, open_store, ready
from tests.benchmarks.table import Line

__all__ = ["GOAL_MB", "lines", "measure"]

GOAL_MB = 50.0
_FLOOR_ROWS = 50_000
"""By hand no more than these: each row costs the same."""


def measure(database: Path, chosen: ExportFormat, target: Path) -> dict[str, Any]:
    """``rows``, ``seconds``, ``extra_mb`` of exporting everything in ``database`` to ``target``."""
    measured: dict[str, Any] = child(__name__, "--child", str(database), chosen.value, str(target))
    return measured


def lines(built: Built) -> Iterator[Line]:
    """Row 15."""
    with tempfile.TemporaryDirectory(prefix="reviewdesk-export-", dir=built.folder) as folder:
        for chosen, words in ((ExportFormat.CSV, "CSV"), (ExportFormat.JSONL, "JSON Lines")):
            found = measure(Path(built.database), chosen, Path(folder) / "ours")
            floor = child(__name__, "--floor", built.database, chosen.value, str(Path(folder) / "floor"))
            yield Line(
                name="export", task=f"export of everything, {words}", figure=found["rows"] / found["seconds"],
                floor=floor["rows"] / floor["seconds"], unit="rows/s", goal=">= 25,000 rows/s, >= 0.5x", row=15,
                note=f"{found['rows']:,} rows, {found['bytes'] / 1e6:.0f} MB",
            )  # fmt: skip
            yield Line(
                name="export", task=f"  memory above the start, {words}", figure=found["extra_mb"], unit="MB",
                goal=f"{GOAL_MB:.0f} MB", row=15,
            )  # fmt: skip


def _kib(field: str) -> int:
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return 0
    found = re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) if found is not None else 0


def _child(database: str, chosen: str, target: str) -> None:
    store = open_store(Path(database), index=False)
    with store.read() as reader:
        listed = accounts.list_all(reader)
    service = ExportService(store, lambda: listed)
    if sys.platform == "linux":
        Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak counts from here
    before = _kib("VmRSS")
    started = perf_counter()
    done = service.write(parse("", now=NEWEST), Path(target), ExportFormat(chosen), private=True)
    seconds = perf_counter() - started
    told = {
        "rows": done.rows,
        "bytes": done.bytes,
        "seconds": seconds,
        "extra_mb": (_kib("VmHWM") - before) / 1024,
    }
    print(json.dumps(told))
    store.close()


_FLOOR_COLUMNS = (
    "r.id", "r.account_id", "r.native_id", "r.created_at", "r.score", "r.score_max", "t.title", "t.body", "r.language",
    "r.author_name", "r.author_email", "r.product_name", "r.product_sku", "r.order_id", "r.work_state", "r.starred",
    "r.owner", "r.tag_names", "r.url",
    "(SELECT group_concat(c.text, char(10)) FROM comment AS c WHERE c.review_id = r.id)",
)  # fmt: skip


def _floor(database: str, chosen: str, target: str) -> None:
    """The same rows by hand: one statement, and the standard library's writer."""
    db = apsw.Connection(database, flags=apsw.SQLITE_OPEN_READONLY)
    db.execute("PRAGMA mmap_size=268435456").fetchall()
    known = {f"r.{row[1]}" for row in db.execute("PRAGMA table_info(review)")}
    columns = [name for name in _FLOOR_COLUMNS if not name.startswith("r.") or name in known]
    started = perf_counter()
    rows = db.execute(
        f"SELECT {', '.join(columns)} FROM review AS r LEFT JOIN review_text AS t ON t.review_id = r.id"
        f" ORDER BY r.id DESC LIMIT {_FLOOR_ROWS}"
    )
    number = 0
    with Path(target).open("w", encoding="utf-8", newline="") as out:
        if chosen == "csv":
            writer = csv.writer(out)
            for row in rows:
                writer.writerow(row)
                number += 1
        else:
            for row in rows:
                out.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n")
                number += 1
    print(json.dumps({"rows": number, "seconds": perf_counter() - started}))
    db.close()


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        _child(*sys.argv[2:5])
        return 0
    if sys.argv[1:2] == ["--floor"]:
        _floor(*sys.argv[2:5])
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
