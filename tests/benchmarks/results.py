"""What earlier runs measured, kept beside the profiles: a run of one size prints the other sizes' columns with it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict

import apsw

from reviewdesk.domain.clock import SystemClock, iso_utc
from tests.benchmarks.profiles import SIZES, kept_folder
from tests.benchmarks.table import Line

__all__ = ["keep", "kept", "machine"]


def machine() -> str:
    """What the figures depend on besides the program."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    try:
        from PySide6 import __version__ as qt
    except ImportError:
        qt = "none"
    day = (iso_utc(SystemClock().now()) or "")[:16]
    return (
        f"{day} UTC, {platform.system()} {platform.machine()}, {os.cpu_count()} cores{load}, Python"
        f" {platform.python_version()}, SQLite {apsw.sqlite_lib_version()}, PySide6 {qt}"
    )


def keep(size: str, lines: Sequence[Line], told: str, *, parts: Iterable[str]) -> list[Line]:
    """Keep a run's lines in place of those of the same parts before; all lines of this size."""
    path = kept_folder() / f"results-{size}.json"
    measured = set(parts)
    older = [line for line in _read(size)[0] if line.name not in measured]
    whole = [*lines, *older]
    path.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"machine": told, "lines": [asdict(line) for line in whole]}), "utf-8")
    fresh.replace(path)
    return whole


def _read(size: str) -> tuple[list[Line], str]:
    path = kept_folder() / f"results-{size}.json"
    try:
        value = json.loads(path.read_text("utf-8"))
        return [Line(**line) for line in value["lines"]], str(value["machine"])
    except (OSError, ValueError, TypeError, KeyError):
        return [], ""


def kept() -> tuple[dict[str, list[Line]], dict[str, str]]:
    """Size to lines, and size to the machine they were measured on; only sizes that were measured."""
    runs, facts = {}, {}
    for size in SIZES:
        lines, told = _read(size)
        if lines:
            runs[size], facts[size] = lines, told
    return runs, facts
