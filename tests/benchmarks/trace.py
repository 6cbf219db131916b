"""``python -m tests.benchmarks.trace [--reviews 100000]``: the window while a first sync runs and somebody works.

The real window on a virtual screen (where Xvfb is at hand), a profile of its own, and the practice server in another
process over real HTTP. A timer of the GUI thread beats every 5 ms; the pauses between two beats are what is measured.
A signal notes which code the GUI thread runs while a beat is overdue. Afterwards single new reviews show how
long the way from the server's answer to the painted row is, and what a sync without news costs.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time, thread_time
from types import FrameType
from typing import Any

from tests.benchmarks.place import child, place
from tests.benchmarks.served import Served
from tests.benchmarks.table import Line, number, percentile, share_name

__all__ = ["LONGEST_MS", "first_sync", "lines", "report", "traced"]

BEAT_MS = 5
LONGEST_MS = 100.0
_OVERDUE_S = 0.020
_STACK = 9
_HANDS_MS = 40
_SYNC_EVERY_S = 300
_PATIENCE_S = 900.0


def lines(reviews: int, large: str | None = None) -> Iterator[Line]:
    """Rows 9 to 12 and 14 with ``reviews`` over HTTP; ``large``: a profile's folder (written to) for row 12 as well."""
    told = first_sync(reviews)
    rows, seconds = told["rows"], told["searchable_s"]
    yield Line(
        name="trace", task="first sync over HTTP, stored and searchable", figure=rows / seconds, row=9, unit="rows/s",
        floor=rows / told["floor_s"], goal=">= 0.6x", note=f"{rows:,} reviews in {seconds:.0f} s",
    )  # fmt: skip
    yield Line(
        name="trace", task="the whole sync over HTTP again", figure=rows / told["again_s"], floor=rows / seconds,
        unit="rows/s", goal=">= 5x", row=10, met=told["again_s"] * 5 <= seconds and not told["written"],
        note=f"{told['written']} reviews written; beside the first",
    )  # fmt: skip
    for share, goal in ((0.99, "50 ms"), (1.0, "")):
        yield Line(
            name="trace", task=f"writer held during a sync over HTTP, {share_name(share)}", unit="ms", goal=goal,
            figure=percentile(told["holds_ms"], share), row=11,
        )  # fmt: skip
    seen = traced(reviews)
    yield Line(
        name="trace", task="gap of the GUI thread during a first sync, longest", figure=max(seen["gaps"]), unit="ms",
        goal=f"{LONGEST_MS:.0f} ms", row=11, note=f"{len(seen['gaps']):,} beats, {seen['acts']} acts of a person",
    )  # fmt: skip
    yield Line(
        name="trace", task="gap of the GUI thread during a first sync, p99", figure=percentile(seen["gaps"], 0.99),
        unit="ms", goal="16 ms", row=11,
    )  # fmt: skip
    fresh = seen["fresh"]
    if large is not None:
        fresh = child("tests.benchmarks.trace", "--fresh", large, timeout_s=300)["fresh"]
    yield Line(
        name="trace", task="from the server's answer to the painted row, p95", figure=percentile(fresh, 0.95), unit="ms",
        goal="150 ms", row=12, note=f"median {percentile(fresh, 0.5):.0f} ms",
    )  # fmt: skip
    share = 100 * seen["news_cpu_s"] / _SYNC_EVERY_S + seen["idle"]
    yield Line(
        name="trace", task="idle, window open, with a sync every 5 minutes", figure=share, unit="% of a core", row=14,
        goal="1 % of a core", note=f"{seen['news_cpu_s'] * 1_000:.0f} ms of processor a sync of two accounts",
    )  # fmt: skip


def first_sync(reviews: int) -> dict[str, Any]:
    """A first sync of an empty profile without a window, in a process of its own. Raises ``Failed``."""
    found: dict[str, Any] = child("tests.benchmarks.trace", "--sync", str(reviews))
    return found


def traced(reviews: int, *, quick: bool = False) -> dict[str, Any]:
    """The window's process; ``quick`` looks at fewer new reviews and a shorter idleness. Raises ``Failed``."""
    found: dict[str, Any] = child(
        "tests.benchmarks.trace", "--window", str(reviews), *(["quick"] if quick else [])
    )
    return found


def report(told: dict[str, Any]) -> str:
    """The trace in words: figures, and the code that ran while the longest gaps lasted."""
    gaps = told["gaps"]
    out = [
        f"{told['rows']:,} reviews synced in {told['seconds']:.0f} s while a person acted {told['acts']} times",
        f"gaps between two beats of {BEAT_MS} ms: p50 {number(percentile(gaps, 0.5))}, p95 {number(percentile(gaps, 0.95))},"
        f" p99 {number(percentile(gaps, 0.99))}, longest {number(max(gaps))} ms; {len(gaps):,} beats",
        f"processor time of this thread between two beats: p99 {number(percentile(told['own'], 0.99))}, longest"
        f" {number(max(told['own']))} ms",
        f"over 16 ms: {sum(g > 16 for g in gaps)}, over 50 ms: {sum(g > 50 for g in gaps)}, over 100 ms:"
        f" {sum(g > LONGEST_MS for g in gaps)}",
        f"server's answer to painted row: {', '.join(f'{ms:.0f}' for ms in told['fresh'])} ms",
        "",
    ]
    for gap in told["longest"]:
        out.append(
            f"--- {gap['ms']:.0f} ms, {gap['own_ms']:.0f} of processor on this thread, {gap['process_ms']:.0f} of all"
            f" threads; the person's act: {gap['act']}"
        )
        out += [f"  {times} x {stack}" for stack, times in gap["stacks"]]
    return "\n".join(out)


# --- in the measured processes ---------------------------------------------------------------------------------


def _open(folder: Path, served: Served) -> Any:
    """A core on a profile with the accounts of the practice server."""
    from reviewdesk.domain.clock import SystemClock
    from reviewdesk.secrets.memory import MemorySecrets
    from reviewdesk.services.core import Core
    from reviewdesk.services.profile import Profile

    core = Core.open(Profile.open(folder), clock=SystemClock(), secrets=MemorySecrets())
    for name, settings, secrets in served.accounts:
        core.accounts.add("trustpilot", name, settings, secrets, test=False)
    return core


def _waiting(core: Any) -> int:
    from reviewdesk.store import search_index

    with core.store.read() as reader:
        return search_index.waiting(reader)


def _sync(reviews: int) -> dict[str, Any]:
    from reviewdesk.domain.clock import SystemClock
    from tests.benchmarks.profiles import time_transactions

    clock, never = SystemClock(), threading.Event()
    with tempfile.TemporaryDirectory(prefix="reviewdesk-sync-") as folder, Served(reviews) as served:
        core = _open(Path(folder), served)
        try:
            holds: list[float] = []
            time_transactions(core.store, holds)
            began = perf_counter()
            reports = core.sync.run(None, False)
            stored_s = perf_counter() - began
            while _waiting(core):
                clock.wait(never, 0.01)
            searchable_s = perf_counter() - began
            _good(reports)
            rows = sum(each.new for each in reports)
            began = perf_counter()
            again = core.sync.run(None, True)
            again_s = perf_counter() - began
            _good(again)
        finally:
            core.stop()
        return {
            "rows": rows, "stored_s": stored_s, "searchable_s": searchable_s, "again_s": again_s, "holds_ms": holds,
            "written": sum(each.new + each.changed + each.removed for each in again), "floor_s": served.floor_s(),
        }  # fmt: skip


def _good(reports: Any) -> None:
    for each in reports:
        if not each.ok:
            raise RuntimeError(f"{each.account}: {each.error}")


@dataclass(frozen=True, slots=True)
class _Gap:
    ms: float
    began: float
    own_ms: float
    """Processor time of the GUI thread in it: the rest is waiting for the interpreter or the processor."""
    process_ms: float
    act: str


class _Heart:
    """Beats on the GUI thread; a signal looks at what runs there while a beat is overdue.

    Looking from another thread (``sys._current_frames``) ends CPython 3.11 now and then; a signal's handler runs on
    the main thread itself, at the next step of its Python code.
    """

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.gaps: list[_Gap] = []
        self.samples: list[tuple[float, str]] = []
        self.act = "nothing"
        self._last = (perf_counter(), thread_time(), process_time())
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._look)
            signal.siginterrupt(signal.SIGALRM, False)
            signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)

    def _beat(self) -> None:
        now = (perf_counter(), thread_time(), process_time())
        wall, own, process = (1_000 * (new - old) for new, old in zip(now, self._last, strict=True))
        self.gaps.append(_Gap(wall, self._last[0], own, process, self.act))
        self._last = now

    def forget(self) -> None:
        self.gaps.clear()
        self._last = (perf_counter(), thread_time(), process_time())

    def stop(self) -> None:
        self._timer.stop()
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_IGN)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        if perf_counter() - self._last[0] > _OVERDUE_S:
            self.samples.append((self._last[0], _told(frame, _STACK)))

    def longest(self, most: int) -> list[dict[str, Any]]:
        """The longest gaps, each with the stacks that were seen in it."""
        found = []
        for gap in sorted(self.gaps, key=lambda gap: -gap.ms)[:most]:
            seen = Counter(stack for at, stack in self.samples if at == gap.began)
            found.append({**asdict(gap), "stacks": seen.most_common(4)})
        return found


def _told(frame: FrameType | None, most: int) -> str:
    parts = []
    while frame is not None and len(parts) < most:
        code = frame.f_code
        where = code.co_filename.rpartition("/")[2].removesuffix(".py")
        parts.append(f"{where}.{code.co_qualname}:{frame.f_lineno}")
        frame = frame.f_back
    return " < ".join(parts)


class _Hands:
    """A person: scrolls by wheel, page and thumb, reads on, searches, changes views. One act every 40 ms."""

    def __init__(self, window: Any, heart: _Heart) -> None:
        from PySide6.QtCore import QTimer

        from tests.benchmarks.searching import mixed_set

        self.acts = 0
        self._begun = False
        self._window, self._heart = window, heart
        self._handle = window.windowHandle()
        self._rnd = random.Random(21)
        self._queries = [list(mixed_set(10_000, seed=seed).values()) for seed in range(4)]
        self._steps = self._all()
        self._timer = QTimer(window)
        self._timer.timeout.connect(self._next)
        self._timer.start(_HANDS_MS)

    def _next(self) -> None:
        if not self._begun and self._window.inbox.model.rowCount() < 50:
            return
        self._begun = True
        self.acts += 1
        self._heart.act = next(self._steps)

    def stop(self) -> None:
        self._timer.stop()

    def _all(self) -> Iterator[str]:
        while True:
            yield from self._scroll()
            yield from self._read()
            yield from self._search()
            yield from self._views()

    def _scroll(self) -> Iterator[str]:
        from PySide6.QtCore import Qt

        bar = self._window.inbox.view.verticalScrollBar()
        for _ in range(20):
            self._turn_wheel()
            yield "wheel"
        self._window.inbox.view.setFocus()
        for _ in range(12):
            self._press(Qt.Key.Key_PageDown)
            yield "page"
        for _ in range(8):
            self._move_mouse()
            bar.setValue(self._rnd.randrange(bar.maximum() + 1))
            yield "thumb"
        self._press(Qt.Key.Key_Home)
        yield "to the top"

    # Through the system's window, as real keys and the real mouse come: what notices a person sees them there.

    def _press(self, key: Any, text: str = "") -> None:
        from PySide6.QtCore import QCoreApplication, QEvent, Qt
        from PySide6.QtGui import QKeyEvent

        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
            QCoreApplication.sendEvent(self._handle, event)

    def _places(self) -> tuple[Any, Any]:
        from PySide6.QtCore import QPointF

        view = self._window.inbox.view.viewport()
        middle = view.rect().center()
        return QPointF(view.mapTo(self._window, middle)), QPointF(view.mapToGlobal(middle))

    def _turn_wheel(self) -> None:
        from PySide6.QtCore import QCoreApplication, QPoint, Qt
        from PySide6.QtGui import QWheelEvent

        event = QWheelEvent(
            *self._places(), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QCoreApplication.sendEvent(self._handle, event)

    def _move_mouse(self) -> None:
        from PySide6.QtCore import QCoreApplication, QEvent, Qt
        from PySide6.QtGui import QMouseEvent

        event = QMouseEvent(
            QEvent.Type.MouseMove, *self._places(), Qt.MouseButton.NoButton, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QCoreApplication.sendEvent(self._handle, event)

    def _read(self) -> Iterator[str]:
        from PySide6.QtCore import Qt

        self._window.inbox.view.setFocus()
        for _ in range(12):
            self._press(Qt.Key.Key_J, "j")
            yield "next review"
            yield "reading"
            yield "reading"

    def _search(self) -> Iterator[str]:
        groups = self._rnd.choice(self._queries)
        box = self._window.header.search
        for text in (self._rnd.choice(self._rnd.choice(groups)).replace("*", "") for _ in range(4)):
            box.focus()
            yield "search box"
            for letter in text[:24]:
                self._press(0, letter)
                yield f"typing {text}"
            for _ in range(6):
                yield f"looking at the hits of {text}"
            box.clear()
            yield "search cleared"

    def _views(self) -> Iterator[str]:
        for key in ("state:done", "inbox", "state:needs-reply", "inbox"):
            self._window.show_view(key)
            for _ in range(4):
                yield f"view {key}"


def _window(reviews: int, quick: bool = False) -> dict[str, Any]:
    from PySide6.QtWidgets import QApplication

    from reviewdesk.ui.bridge import Bridge
    from reviewdesk.ui.garbage import Garbage
    from reviewdesk.ui.main_window import MainWindow
    from reviewdesk.ui.presence import Presence
    from tests.benchmarks.using import pause, until

    application = QApplication(["reviewdesk"])
    application.setProperty("kept", True)
    with tempfile.TemporaryDirectory(prefix="reviewdesk-trace-") as folder, Served(reviews) as served:
        core = _open(Path(folder), served)
        bridge = Bridge(core)
        window = MainWindow(core, bridge)
        window.resize(1440, 900)
        window.show()
        until(lambda: window.isVisible() and bool(window.sidebar.entries()), "the window")
        pause(0.5)
        kept = (Presence(application, core.courtesy.person_acts), Garbage(core.courtesy.idle_s))
        gc.freeze()
        heart = _Heart()
        hands = _Hands(window, heart)
        pause(0.2)
        heart.forget()
        core.start()
        # The day's copy of the database would fall into what is measured.
        core.backups.stop()
        began = perf_counter()
        # The scheduler may be at it already: a person's wish joins the run.
        futures = core.sync.sync_now()
        _patiently(lambda: all(each.done() for each in futures) and not _waiting(core))
        seconds = perf_counter() - began
        hands.stop()
        heart.stop()
        gaps, longest = [gap.ms for gap in heart.gaps], heart.longest(8)
        reports = [each.result() for each in futures]
        _good(reports)
        told = {
            "rows": core.inbox.count(core.inbox.parse("")), "seconds": seconds, "acts": hands.acts, "gaps": gaps,
            "longest": longest, "own": [gap.own_ms for gap in heart.gaps], **_quiet(window, core, served, quick=quick),
        }  # fmt: skip
        window.composer.finish()
        window.close()
        bridge.close()
        core.stop()
        del kept
        return told


def _patiently(condition: Any) -> None:
    """``until`` with the event loop running by itself, as in life: whatever is asked is asked twice a second."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop, end = QEventLoop(), perf_counter() + _PATIENCE_S
    timer = QTimer()

    def look() -> None:
        if condition() or perf_counter() > end:
            loop.quit()

    timer.timeout.connect(look)
    timer.start(500)
    loop.exec()
    timer.stop()
    if perf_counter() > end:
        raise TimeoutError("the sync did not end")


def _quiet(window: Any, core: Any, served: Served, *, quick: bool = False) -> dict[str, Any]:
    """Single new reviews on their way to the screen, and what nothing new costs."""
    from tests.benchmarks.using import pause

    window.header.search.reset()
    pause(0.4)  # what was typed last is still searched for
    window.header.search.reset()
    window.show_view("state:done")
    pause(0.2)
    window.show_view("inbox")
    window.inbox.clear_current()
    window.inbox.view.verticalScrollBar().setValue(0)
    pause(1.5)
    fresh = []
    for turn in range(4 if quick else 9):
        taken = _one_fresh(window, core, served)
        if turn:
            fresh.append(taken)
    pause(0.5 if quick else 3.0)
    began, spent = perf_counter(), process_time()
    pause(1.0 if quick else 6.0)
    idle = 100 * (process_time() - spent) / (perf_counter() - began)
    spent = process_time()
    futures = core.sync.sync_now()
    _patiently(lambda: all(each.done() for each in futures))
    return {"fresh": fresh, "idle": idle, "news_cpu_s": process_time() - spent}


def _one_fresh(window: Any, core: Any, served: Served) -> float:
    """Milliseconds from the server's answer with a new review to its painted row."""
    from tests.benchmarks.using import Painted, pause, until

    view, model = window.inbox.view, window.inbox.model
    seen = Painted(view.viewport())
    native = served.add()

    def there() -> bool:
        if not seen.at:
            seen.next()
            return False
        first, last = view.visible_lines()
        rows = (model.row_of(model.id_at(line)) for line in range(first, last + 1))
        if any(row is not None and row.native_id == native for row in rows):
            return True
        seen.next()
        return False

    futures = core.sync.sync_now()
    until(there, "the new review on the screen")
    taken = (seen.at - served.answered_at()) * 1_000
    _patiently_done(futures)
    pause(0.3)
    return taken


def _patiently_done(futures: Any) -> None:
    from tests.benchmarks.using import until

    until(lambda: all(each.done() for each in futures), "the end of the sync")


def _fresh(folder: str) -> dict[str, Any]:
    """The way of new reviews into a large profile."""
    from PySide6.QtWidgets import QApplication

    from reviewdesk.ui.bridge import Bridge
    from reviewdesk.ui.main_window import MainWindow
    from tests.benchmarks.using import until

    application = QApplication(["reviewdesk"])
    application.setProperty("kept", True)
    with Served(2) as served:
        core = _open(Path(folder), served)
        bridge = Bridge(core)
        window = MainWindow(core, bridge)
        window.resize(1440, 900)
        window.show()
        until(lambda: window.inbox.model.rowCount() > 0, "the first rows")
        told = _quiet(window, core, served)
        window.composer.finish()
        window.close()
        bridge.close()
        core.stop()
        return told


def main() -> int:
    if sys.argv[1:2] in (["--sync"], ["--window"], ["--fresh"]):
        word = sys.argv[2]
        if sys.argv[1] == "--window":
            told = _window(int(word), quick="quick" in sys.argv)
        else:
            told = _sync(int(word)) if sys.argv[1] == "--sync" else _fresh(word)
        print(json.dumps(told))
        return 0
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.trace", description=__doc__)
    parser.add_argument(
        "--reviews", type=int, default=100_000, help="how many come in meanwhile (default: 100000)"
    )
    chosen = parser.parse_args()
    with place() as where:
        seen = traced(chosen.reviews)
    print(f"window on {where}")
    print(report(seen))
    return 1 if max(seen["gaps"]) > LONGEST_MS or percentile(seen["gaps"], 0.99) > 16 else 0


if __name__ == "__main__":
    sys.exit(main())
