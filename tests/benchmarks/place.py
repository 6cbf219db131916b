"""Where the measured processes run: on a virtual screen of one's own where Xvfb is at hand, else without any."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "Failed", "child", "current", "environment", "memory_mb", "place"]

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 900.0
_screens: list[str] = []


class Failed(Exception):
    """A measured process ended badly; the text is its last words."""


@contextmanager
def place() -> Iterator[str]:
    """A display for everything measured inside; the word says which. Without Xvfb it is Qt's offscreen platform."""
    if _screens or not all(shutil.which(tool) for tool in ("Xvfb", "openbox", "xdotool")):
        yield current()
        return
    from tests.support.screen import virtual_screen

    with virtual_screen("1600x1000") as screen:
        _screens.append(screen.environment["DISPLAY"])
        try:
            yield current()
        finally:
            _screens.clear()


def current() -> str:
    return "Xvfb" if _screens else "offscreen"


def environment() -> dict[str, str]:
    """For a measured process: kept bytecode, no profile of the person who measures, the screen of ``place``."""
    left_out = ("REVIEWDESK_PROFILE", "DISPLAY", "WAYLAND_DISPLAY", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    if _screens:
        return {**kept, "DISPLAY": _screens[-1], "QT_QPA_PLATFORM": "xcb"}
    return {**kept, "QT_QPA_PLATFORM": "offscreen"}


def child(module: str, *arguments: str, timeout_s: float = _PATIENCE_S) -> Any:
    """What ``python -m module arguments`` prints as JSON on its last line. Raises ``Failed``."""
    return ran([sys.executable, "-m", module, *arguments], timeout_s=timeout_s)


def ran(command: Sequence[str], *, timeout_s: float = _PATIENCE_S) -> Any:
    """The same for any command."""
    try:
        done = subprocess.run(
            command,
            env=environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"did not end within {timeout_s:.0f} s") from None
    said = done.stderr.strip().splitlines()
    if done.returncode:
        raise Failed(said[-1] if said else f"ended with {done.returncode}")
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        raise Failed(f"printed no figures; {said[-1] if said else 'and no error'}") from None


def memory_mb(without: str = "") -> float:
    """This process's share of memory (PSS), MB, less what it maps of files below ``without``. Linux; else 0."""
    smaps = Path("/proc/self/smaps")
    if not smaps.exists():
        return 0.0
    total, counted = 0, True
    for line in smaps.read_text("utf-8", "replace").splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            counted = not (without and without in line)
        elif counted and line.startswith("Pss:"):
            total += int(line.split()[1])
    return total / 1024
