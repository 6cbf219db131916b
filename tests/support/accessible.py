"""A session bus of one's own and the accessible tree of a program, read from another process as a screen reader does."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.screen import Screen, until

__all__ = ["Node", "listening", "needs_accessibility", "read_tree", "with_bus"]

_READER = Path(__file__).with_name("accessible_reader.py")
_PYTHON = "/usr/bin/python3"
"""pyatspi belongs to the system's Python."""


def _there() -> bool:
    if shutil.which("dbus-daemon") is None or not Path(_PYTHON).exists():
        return False
    found = subprocess.run([_PYTHON, "-c", "import pyatspi"], capture_output=True, check=False)
    return found.returncode == 0


needs_accessibility = pytest.mark.skipif(
    not _there(), reason="reading the accessible tree needs dbus-daemon, at-spi2-core and python3-pyatspi"
)


@dataclass(slots=True)
class Node:
    """One thing a screen reader can be on."""

    role: str
    name: str
    description: str
    states: set[str]
    actions: list[str]
    text: str
    total: int
    """How many children it has; ``children`` are only those that were read."""
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()


@contextmanager
def with_bus(screen: Screen) -> Iterator[Screen]:
    """Give a screen a session bus on which programs offer their accessible tree."""
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1", "--nopidfile"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=screen.environment,
        text=True,
    )
    assert bus.stdout is not None
    screen.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
    screen.environment["QT_LINUX_ACCESSIBILITY_ALWAYS_ON"] = "1"
    try:
        yield screen
    finally:
        bus.terminate()
        bus.wait(10)
        bus.stdout.close()


@contextmanager
def listening(screen: Screen, path: Path, seconds: int = 120) -> Iterator[None]:
    """Write what programs announce to ``path``, line by line."""
    script = Path(__file__).with_name("accessible_listener.py")
    with path.open("wb") as out:
        process = subprocess.Popen(
            [_PYTHON, str(script), str(seconds)], env=screen.environment, stdout=out, stderr=subprocess.STDOUT
        )
    until(lambda: "listening" in path.read_text(encoding="utf-8"), "the listener")
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def read_tree(screen: Screen, name: str = "reviewdesk") -> Node:
    """The tree of the program with this name; waits for it. Of long lists only what is on the screen."""
    done = subprocess.run(
        [_PYTHON, str(_READER), name],
        env=screen.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return _node(json.loads(done.stdout))


def _node(raw: dict[str, Any]) -> Node:
    return Node(
        raw["role"],
        raw["name"],
        raw["description"],
        set(raw["states"]),
        raw["actions"],
        raw["text"],
        raw["total"],
        [_node(child) for child in raw["children"]],
    )
