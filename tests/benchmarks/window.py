"""The window: from the start of the process to the first painted inbox, and the frames of a scrolling list."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from statistics import median
from time import perf_counter

from tests.benchmarks.profiles import Built, ready
from tests.benchmarks.table import Line, percentile

__all__ = ["lines"]

_RUNS = 3
_BARE = """
import sys
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication(["bare"])
window = QMainWindow()
class Marker(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, lambda: (sys.stderr.write("first-paint\\n"), sys.stderr.flush(), application.quit()))
        return False
marker = Marker()
window.installEventFilter(marker)
window.resize(1280, 800)
window.show()
application.exec()
"""


class _Failed(Exception):
    pass


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "REVIEWDESK_PROFILE"}
    return {**kept, "QT_QPA_PLATFORM": "offscreen", "REVIEWDESK_MARK_FIRST_PAINT": "1"}


def _children_cpu_s() -> float:
    """Processor time of all processes that ended, where the system tells: does not depend on who else is at work."""
    if sys.platform == "win32":
        return 0.0
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _first_paint(command: Sequence[str]) -> tuple[float, float]:
    """Milliseconds from starting the process until it says that it has painted, and of its processor time."""
    cpu = _children_cpu_s()
    started = perf_counter()
    process = subprocess.Popen(
        command, env=_environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    said = []
    painted = 0.0
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("first-paint"):
                painted = (perf_counter() - started) * 1_000
                break
            said.append(line.strip())
        if not painted:
            raise _Failed(said[-1] if said else f"ended with {process.wait()}")
    finally:
        if not painted:
            process.terminate()
        process.wait(30)
        if process.stderr is not None:
            process.stderr.close()
    return painted, (_children_cpu_s() - cpu) * 1_000


def _starts(command: Sequence[str]) -> tuple[float, float]:
    """The medians of some starts, after one that only reads the files into memory."""
    _first_paint(command)
    runs = [_first_paint(command) for _ in range(_RUNS)]
    return median(painted for painted, _ in runs), median(cpu for _, cpu in runs)


def _app(built: Built) -> list[str]:
    return [sys.executable, "-m", "reviewdesk", "--profile", built.folder]


def lines(built: Built) -> Iterator[Line]:
    try:
        bare, bare_cpu = _starts([sys.executable, "-c", _BARE])
        ours, ours_cpu = _starts(_app(built))
        yield Line(
            name="start", task="process start to first painted inbox", figure=ours, floor=bare, unit="ms",
            goal="<= 1.6x, +250 ms", note=f"{ours - bare:+.0f} ms; processor {ours_cpu:.0f} beside {bare_cpu:.0f} ms",
        )  # fmt: skip
        if built.rows > 10_000:
            yield Line(
                name="start", task="the same, beside 10 thousand reviews", figure=ours,
                floor=_starts(_app(ready(10_000)))[0], unit="ms", goal="<= 1.15x",
            )  # fmt: skip
    except _Failed as failed:
        yield Line(
            name="start",
            task="process start to first painted inbox",
            figure=None,
            unit="ms",
            note=str(failed),
        )
    yield from _frames(built)


def _frames(built: Built) -> Iterator[Line]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.frames", built.folder],
        env=_environment(), capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    if ran.returncode != 0:
        last = (ran.stderr.strip().splitlines() or ["no output"])[-1]
        yield Line(name="scroll", task="frames of a scrolling list", figure=None, unit="ms", note=last)
        return
    taken = json.loads(ran.stdout.strip().splitlines()[-1])
    yield Line(name="scroll", task="list: first rows", figure=taken["first"][0], unit="ms", goal="60 ms")
    yield Line(name="scroll", task="list: all ids there", figure=taken["complete"][0], unit="ms")
    for kind in ("wheel", "page", "thumb"):
        for share, goal in ((0.95, "8 ms"), (0.99, "16 ms")):
            yield Line(
                name="scroll", task=f"frame while scrolling by {kind}, p{share * 100:.0f}", unit="ms", goal=goal,
                figure=percentile(taken[kind], share),
            )  # fmt: skip
    yield Line(
        name="scroll",
        task="rows blank after a jump, longest",
        figure=max(taken["blank"]),
        unit="ms",
        goal="50 ms",
    )
