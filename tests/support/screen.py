"""A virtual screen of one's own with a window manager, driven from outside by keys as a person does."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_NEEDED = ("Xvfb", "openbox", "xdotool", "import")

__all__ = ["Program", "Screen", "needs_screen", "until", "virtual_screen"]

needs_screen = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in _NEEDED),
    reason="a virtual screen needs Xvfb, openbox, xdotool and ImageMagick (packaging/dev.py test installs them)",
)


class Screen:
    """Keys, text and pictures of one display."""

    def __init__(self, display: str) -> None:
        self.environment = {
            **{
                k: v
                for k, v in os.environ.items()
                if k not in ("WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")
            },
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "PYTHONPATH": str(ROOT),
        }
        self.process: int | None = None
        """The program that is looked at, once there is one."""

    def run(self, *command: str, timeout_s: float = 30) -> str:
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=timeout_s, check=True
        )
        return done.stdout.strip()

    def key(self, *names: str) -> None:
        self.run("xdotool", "key", "--delay", "40", *names)

    def type(self, text: str, delay_ms: int = 12) -> None:
        self.run("xdotool", "type", "--delay", str(delay_ms), text)

    def look(self, seconds: float = 0.8) -> None:
        """A person looks at what came up before going on.

        Keys that come faster than a busy machine paints would test the machine: the look lasts until the program rests.
        """
        if self.process is None:
            time.sleep(seconds)
        else:
            _at_rest(self.process, seconds)

    def window(self) -> str:
        """Our visible window, brought to the front; waits for it. By class: a title may hold any character."""
        found = self.run(
            "xdotool", "search", "--sync", "--onlyvisible", "--class", "reviewdesk"
        ).splitlines()[0]
        self.run("xdotool", "windowactivate", "--sync", found)
        return found

    def picture(self, path: Path) -> None:
        self.run("import", "-window", "root", str(path))


class Program:
    """A program of ours in a process of its own; killed with the ``with``."""

    def __init__(self, screen: Screen, *arguments: str, log: Path) -> None:
        self._log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "reviewdesk", *arguments],
                env=screen.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        screen.process = self.process.pid

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """SIGKILL, as when the machine takes it away."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def virtual_screen(size: str = "1440x900") -> Iterator[Screen]:
    """Xvfb on a display of its own choice, with openbox; both end with the ``with``."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{size}x24", "-dpi", "96", "-nolisten", "tcp"],
        pass_fds=(writer,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as told:
        number = told.readline().strip()
    screen = Screen(f":{number}")
    manager = subprocess.Popen(
        ["openbox"], env=screen.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield screen
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait(10)


def _at_rest(process: int, seconds: float) -> None:
    """Wait a moment, then until the program's first thread has slept in four looks one after the other."""
    end = time.monotonic() + 30
    time.sleep(min(seconds, 0.3) if seconds < 1.5 else seconds)
    asleep, before = 0, ""
    while asleep < 4 and time.monotonic() < end:
        try:
            told = Path(f"/proc/{process}/task/{process}/stat").read_text()
        except OSError:
            return  # it has ended
        found = told.rpartition(")")[2].split()
        state, used = found[0], f"{found[11]} {found[12]}"
        asleep = asleep + 1 if state == "S" and used == before else 0
        before = used
        time.sleep(0.06)


def until(condition: Callable[[], bool], what: str, timeout_s: float = 30.0) -> None:
    """Poll from outside; fails with ``what`` after ``timeout_s``."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {timeout_s} s")
        time.sleep(0.1)
