"""Somebody works in the real window on a profile: views, reviews, searching, scrolling; then it is left alone.

``python -m tests.benchmarks.using FOLDER [IDLE SECONDS]`` prints one JSON object: milliseconds by what was done,
memory, and what the idle window costs. Times run from the key (or what stands for a click) to the end of the painting.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import Any

from tests.benchmarks import results
from tests.benchmarks.place import child, memory_mb
from tests.benchmarks.profiles import Built, ready
from tests.benchmarks.table import Line, percentile

__all__ = ["lines", "opened"]

_PATIENCE_S = 60.0
_READ = 160
_BARE = """
import json
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
from tests.benchmarks.place import memory_mb
application = QApplication(["bare"])
window = QMainWindow()
window.resize(1440, 900)
window.show()
QTimer.singleShot(500, application.quit)
application.exec()
print(json.dumps({"memory": memory_mb()}))
"""


_MEMORY = "memory with the window open, used, less mapped database"


def lines(built: Built, *, idle_s: float = 10.0) -> Iterator[Line]:
    """Rows 4, 7, 8, 13, 14 and the search box of row 3. ``built`` is written to: give a working copy."""
    from tests.benchmarks.place import ran

    bare = ran([sys.executable, "-c", _BARE])
    small_mb = _small_mb() if built.rows > 10_000 else None
    told = child("tests.benchmarks.using", built.folder, str(idle_s))

    def of(kind: str, share: float, task: str, goal: str, row: int, note: str = "") -> Line:
        return Line(
            name="using", task=task, figure=percentile(told[kind], share), unit="ms", goal=goal, row=row, note=note,
        )  # fmt: skip

    slowest = f"slowest: {told['slowest_view'][0]} {told['slowest_view'][1]:.0f} ms"
    yield of("views", 0.5, "switching to a view, key to painted, p50", "", 4)
    yield of("views", 0.95, "switching to a view, key to painted, p95", "60 ms", 4, slowest)
    yield of(
        "pages", 0.95, "switching to a page of its own, painted, p95", "60 ms", 4, "after its first time"
    )
    yield of("next", 0.95, "next review, key to painted thread, p95", "50 ms", 7)
    yield of("jump", 0.95, "any review of the view, click to painted thread, p95", "50 ms", 7)
    yield of("context", 0.95, "the same, with context (other reviews, product), p95", "50 ms", 7)
    yield of(
        "rest",
        0.95,
        "search box: pause after typing to rows painted, p95",
        "20 ms",
        0,
        "120 ms of pause not counted",
    )
    yield of("typed", 0.95, "search box: a letter appears, p95", "16 ms", 0)
    yield of("counts", 0.95, "counts of the sidebar after a change, work, p95", "10 ms", 8, _off(told))
    yield of("counted", 0.95, "  from the change to their painting, p95", "", 8)
    yield Line(
        name="using", task=_MEMORY, figure=told["memory"],
        floor=bare["memory"], unit="MB", goal="220 MB", row=13, note=f"{told['memory_at_start']:.0f} MB before use",
    )  # fmt: skip
    if small_mb is not None:
        yield Line(
            name="using", task="  more than with 10 thousand reviews", figure=told["memory"] - small_mb,
            unit="MB", goal="30 MB", row=13, note=f"beside {small_mb:.0f} MB",
        )  # fmt: skip
    if idle_s:
        yield Line(
            name="using", task="idle, window open, no sync due", figure=told["idle"], unit="% of a core", row=14,
            goal="1 % of a core", note=f"over {idle_s:.0f} s",
        )  # fmt: skip


def _small_mb() -> float:
    """The same figure at 10 thousand: of the run of that size that was kept this day, else measured now."""
    runs, facts = results.kept()
    if facts.get("10k", "")[:10] == results.machine()[:10]:
        for line in runs["10k"]:
            if line.task == _MEMORY and line.figure is not None:
                return line.figure
    return float(child("tests.benchmarks.using", ready(10_000).folder, "0")["memory"])


def _off(told: dict[str, Any]) -> str:
    return "off the GUI thread" if told["counts_off_gui"] else "ON THE GUI THREAD"


# --- in the window's process -----------------------------------------------------------------------------------


class Painted:
    """Waits for the painting of a widget that follows something else."""

    def __init__(self, widget: Any) -> None:
        self.at = 0.0
        self.wanted = False
        # The widget owns it: as garbage it would end in the middle of an event.
        widget.installEventFilter(_filter()(self, widget))

    def stamp(self) -> None:
        self.at = perf_counter()

    def next(self, *_: object) -> None:
        """From now on the next painting counts."""
        self.wanted, self.at = True, 0.0


@cache
def _filter() -> Any:
    """The class that looks at events; one for all, since Qt's binding keeps what it makes of each class."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class Filter(QObject):
        def __init__(self, owner: Painted, widget: QObject) -> None:
            super().__init__(widget)
            self._owner = owner

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            owner = self._owner
            if owner.wanted and event.type() == QEvent.Type.Paint:
                owner.wanted = False
                # The filter runs before the painting, the timer after it.
                QTimer.singleShot(0, owner.stamp)
            return False

    return Filter


def until(condition: Callable[[], bool], what: str) -> None:
    """Let the window live until ``condition``. Raises TimeoutError with ``what``."""
    from PySide6.QtCore import QEventLoop, QTimer

    end = perf_counter() + _PATIENCE_S
    loop = QEventLoop()
    # A look each millisecond: a loop that never sleeps would take the interpreter from those it waits for, which no
    # window does.
    look = QTimer()
    look.setInterval(1)
    look.start()
    wait = QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents
    try:
        while not condition():
            loop.processEvents(wait)
            if perf_counter() > end:
                raise TimeoutError(what)
    finally:
        look.stop()


def pause(seconds: float) -> None:
    """Let the window live for a while."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1_000), loop.quit)
    loop.exec()


def opened(folder: str) -> tuple[Any, Any, Any]:
    """Core, bridge and window of a profile, shown, with every id in the list."""
    from PySide6.QtWidgets import QApplication

    from reviewdesk.app import open_core
    from reviewdesk.secrets.memory import MemorySecrets
    from reviewdesk.ui import memory
    from reviewdesk.ui.bridge import Bridge
    from reviewdesk.ui.garbage import Garbage
    from reviewdesk.ui.main_window import MainWindow
    from reviewdesk.ui.presence import Presence

    memory.give_back()  # as the program does
    application = QApplication.instance() or QApplication(["reviewdesk"])
    application.setProperty("kept", True)
    core = open_core(Path(folder), secrets=MemorySecrets())
    Garbage(core.courtesy.idle_s, application)
    bridge = Bridge(core)
    window = MainWindow(core, bridge)
    window.resize(1440, 900)
    window.show()
    until(lambda: window.inbox.model.rowCount() > 0, "the first rows")
    # As the program does when the window is whole.
    Presence(application, core.courtesy.person_acts)
    gc.freeze()
    window.show_view("state:done")
    until(lambda: window.inbox._feed.complete and window.inbox.total() > 100, "the whole view")
    return core, bridge, window


def _views(window: Any, taken: dict[str, Any]) -> None:
    """Every entry of the sidebar, some by their keys: chosen to painted with the rows of that view."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    inbox, seen = window.inbox, Painted(window.inbox.view.viewport())
    inbox.shown.connect(seen.next)
    keys = {f"state:{name}": n for n, name in ((2, "needs-reply"), (3, "waiting"), (5, "done"))} | {
        "inbox": 1
    }
    entries = [entry for entry in window.sidebar.entries() if entry.kind in ("state", "account", "view")]
    slowest = ("", 0.0)
    for turn in range(3):
        for entry in entries:
            if entry.key == window.entry().key or not entry.count:
                continue
            seen.at = 0.0
            started = perf_counter()
            if entry.key in keys:
                key = Qt.Key(int(Qt.Key.Key_0) + keys[entry.key])
                QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
            else:
                window.show_view(entry.key)
            until(lambda: seen.at > 0, f"the view {entry.key}")
            if turn:
                taken["views"].append((seen.at - started) * 1_000)
                slowest = max(slowest, (entry.key, taken["views"][-1]), key=lambda found: found[1])
            # The next switch may come before everything is there, but not always.
            if turn % 2:
                until(lambda: inbox._feed.complete, "all ids")
    taken["slowest_view"] = slowest
    pages = [entry.key for entry in window.sidebar.entries() if entry.kind in ("page", "outbox")]
    body = Painted(window.pages)
    for turn in range(3):
        for key in pages:
            window.show_view("state:done")
            until(lambda: window.pages.currentWidget() is window.inner, "the list")
            pause(0.05)
            started = perf_counter()
            window.show_view(key)
            shown = Painted(window.pages.currentWidget())
            shown.next()
            window.pages.currentWidget().update()
            until(lambda shown=shown: shown.at > 0, f"the page {key}")  # type: ignore[misc]
            if turn:
                taken["pages"].append((shown.at - started) * 1_000)
    del body
    window.show_view("state:done")
    until(lambda: inbox._feed.complete and window.pages.currentWidget() is window.inner, "all ids")


def _reviews(window: Any, taken: dict[str, Any]) -> None:
    """The next review by key, then any of the view as if it were clicked."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    reading, inbox = window.reading, window.inbox
    seen, around = Painted(reading.content), Painted(reading.content)
    reading.shown.connect(seen.next)
    whole = reading._on_context

    def came(context: Any) -> None:
        whole(context)
        if context.review_id == reading.current_id():
            around.next()
            reading.content.update()

    reading._on_context = came
    rnd = random.Random(4)
    inbox.view.setFocus()
    inbox.view.verticalScrollBar().setValue(0)
    ids = inbox.model.lines.ids
    for turn in range(_READ):
        by_key = turn < _READ // 2
        seen.at = around.at = 0.0
        before = reading.current_id()
        wanted = 0 if by_key else ids[rnd.randrange(len(ids))]
        if wanted == before and wanted:
            continue
        started = perf_counter()
        if by_key:
            QTest.keyClick(window.windowHandle(), Qt.Key.Key_J)
        else:
            inbox.select(wanted)
        until(lambda: seen.at > 0 and reading.detail() is not None, "the review")
        if turn:
            taken["next" if by_key else "jump"].append((seen.at - started) * 1_000)
        until(lambda: around.at > 0, "its context")
        if turn:
            taken["context"].append((around.at - started) * 1_000)
        # A glance: what is read ahead meanwhile belongs to the program.
        pause(0.03)
    reading._on_context = whole


def _searches(window: Any, taken: dict[str, Any]) -> None:
    """Queries of all kinds letter by letter into the box; from the end of its pause to the painted rows."""
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from reviewdesk.ui.header.search import DEBOUNCE_MS
    from tests.benchmarks.searching import mixed_set

    inbox, seen = window.inbox, Painted(window.inbox.view.viewport())
    inbox.shown.connect(seen.next)

    def nothing() -> None:
        # Without a hit a sentence stands in the list's place, and no row is painted.
        if not inbox.model.total():
            seen.at = perf_counter()

    inbox.shown.connect(nothing)
    box = window.header.search
    editors: dict[int, Painted] = {}
    chosen = [group[0] for group in mixed_set(10_000).values()]
    chosen += [group[-1] for group in list(mixed_set(10_000, seed=4).values())[:6]]
    for text in (query.replace("*", "") for query in chosen):
        box.focus()
        until(lambda: QApplication.focusWidget() is not None, "the search box")
        editor = QApplication.focusWidget()
        if id(editor) not in editors:
            editors[id(editor)] = Painted(editor.viewport() if hasattr(editor, "viewport") else editor)
        painted = editors[id(editor)]
        for letter in text[:-1]:
            painted.next()
            started = perf_counter()
            if letter.isascii():
                QTest.keyClicks(editor, letter)
            else:
                editor.insertPlainText(letter)
            until(lambda painted=painted: painted.at > 0, "the letter")  # type: ignore[misc]
            taken["typed"].append((painted.at - started) * 1_000)
        pause(DEBOUNCE_MS / 1_000 + 0.08)
        seen.at = 0.0
        started = perf_counter()
        editor.insertPlainText(text[-1])
        until(lambda: seen.at > 0, f"the hits of {text}")
        taken["rest"].append(max(0.0, (seen.at - started) * 1_000 - DEBOUNCE_MS))
        until(lambda: inbox._feed.complete, "all hits")
        box.clear()
        until(lambda: inbox._feed.complete, "the view again")
        pause(DEBOUNCE_MS / 1_000 + 0.05)
    box.reset()
    window.show_view("state:done")
    until(lambda: inbox._feed.complete and inbox.total() > 100, "the view again")


def _changes(window: Any, core: Any, taken: dict[str, Any]) -> None:
    """One review after another changes its state: what the figures beside the sidebar's entries cost then."""
    counted: list[tuple[float, bool]] = []
    gui = threading.get_ident()
    kept = core.inbox.sidebar

    def sidebar() -> Any:
        begun = thread_time()
        try:
            return kept()
        finally:
            counted.append(((thread_time() - begun) * 1_000, threading.get_ident() != gui))

    core.inbox.sidebar = sidebar
    seen = Painted(window.sidebar.view.viewport())
    window.sidebar.counted.connect(seen.next)
    for review_id in list(window.inbox.model.lines.ids[:40]):
        seen.at, started = 0.0, perf_counter()
        had = len(counted)
        core.inbox.reopen([review_id]).result(20)
        until(lambda had=had: len(counted) > had and seen.at > 0, "the new counts")  # type: ignore[misc]
        taken["counted"].append((seen.at - started) * 1_000)
    core.inbox.sidebar = kept
    taken["counts"] = [spent for spent, _ in counted]
    taken["counts_off_gui"] = all(off for _, off in counted)


def _scroll(window: Any) -> None:
    bar, rnd = window.inbox.view.verticalScrollBar(), random.Random(8)
    for turn in range(150):
        bar.setValue(rnd.randrange(bar.maximum() + 1) if turn % 3 == 0 else bar.value() + bar.pageStep())
        pause(0.004)


def main(folder: str, idle_s: float) -> None:
    """See the module."""
    taken: dict[str, Any] = {
        name: []
        for name in ("views", "pages", "next", "jump", "context", "rest", "typed", "counts", "counted")
    }
    core, bridge, window = opened(folder)
    core.start()
    # The day's copy of the database would fall into what is measured.
    core.backups.stop()
    pause(1.0)
    data = str(core.profile.database.parent)
    taken["memory_at_start"] = memory_mb(data)
    _views(window, taken)
    _reviews(window, taken)
    _searches(window, taken)
    _scroll(window)
    taken["memory"] = memory_mb(data)
    _changes(window, core, taken)
    if idle_s:
        pause(3.0)
        spent, began = process_time(), perf_counter()
        pause(idle_s)
        taken["idle"] = 100 * (process_time() - spent) / (perf_counter() - began)
    print(json.dumps(taken))
    sys.stdout.flush()
    window.composer.finish()
    window.close()
    bridge.close()
    core.stop()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.0)
