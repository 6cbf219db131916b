"""Opens the window on a profile and uses it, noting every statement that runs on the GUI thread.

``python -m tests.e2e.large_window FOLDER`` prints one JSON object. A process of its own: the window must be the only
one, and what it reads is noted from its first moment on.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import Any

import apsw
from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reviewdesk.app import open_core
from reviewdesk.domain.models import Target
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.store import connections
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow

_PATIENCE_S = 30.0


class Watch:
    """Every statement of the reading connections that is executed on the GUI thread, with its time."""

    def __init__(self) -> None:
        self.main = threading.get_ident()
        self.statements: dict[str, list[float]] = {}
        self._began = 0.0

    def on(self, db: apsw.Connection) -> apsw.Connection:
        # Called by SQLite when a statement has ended, with its own measurement in nanoseconds.
        db.trace_v2(apsw.SQLITE_TRACE_PROFILE, self._ended)
        return db

    def _ended(self, event: dict[str, Any]) -> None:
        if threading.get_ident() == self.main:
            sql = str(event.get("sql", ""))
            self.statements.setdefault(sql, []).append(float(event.get("nanoseconds", 0)) / 1e6)


def until(condition: Callable[[], bool], what: str) -> float:
    """Run the event loop until ``condition``; milliseconds it took."""
    started = perf_counter()
    while not condition():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        if perf_counter() - started > _PATIENCE_S:
            raise TimeoutError(what)
    return (perf_counter() - started) * 1_000


def plan_of(db: apsw.Connection, sql: str) -> list[str]:
    """What SQLite does for ``sql``; its parameters stand empty, for they do not change the plan."""
    for count in range(30):
        try:
            return [str(row[3]) for row in db.execute("EXPLAIN QUERY PLAN " + sql, (None,) * count)]
        except apsw.BindingsError:
            continue
    raise ValueError(sql)


def main(folder: str) -> None:
    watch = Watch()
    opened = connections.open_reader

    def watched(path: Path) -> apsw.Connection:
        return watch.on(opened(path))

    from reviewdesk.store import database

    database.open_reader = watched
    application = QApplication(["reviewdesk"])
    core = open_core(Path(folder), secrets=MemorySecrets())
    bridge = Bridge(core)
    started = process_time()
    window = MainWindow(core, bridge)
    window.resize(1440, 900)
    window.show()
    model = window.inbox.model
    until(lambda: model.rowCount() > 0, "the first rows")
    window.inbox.view.viewport().repaint()
    first_paint = (process_time() - started) * 1_000
    until(lambda: model.rowCount() > 1_000, "all rows")
    view = window.inbox.view
    frames = []
    bar = view.verticalScrollBar()
    for step in range(150):
        bar.setValue(bar.value() + (60 if step % 10 else bar.pageStep() * 7))
        begun = thread_time()
        view.viewport().repaint()
        frames.append((thread_time() - begun) * 1_000)
        QApplication.processEvents()
    bar.setValue(0)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_J)
    until(lambda: window.reading.current_id() != 0, "a review in the reading pane")
    for _ in range(10):
        before = window.reading.current_id()
        QTest.keyClick(view, Qt.Key.Key_J)
        until(lambda before=before: window.reading.current_id() != before, "the next review")
    window.composer.open(window.reading.current_id(), Target.PUBLIC)
    window.composer.set_text("Thank you for telling us.")
    until(lambda: core.replies.draft(window.reading.current_id(), Target.PUBLIC) is not None, "the draft")
    window.composer.close()
    count = window.inbox.total()
    window.header.search.focus()
    QTest.keyClicks(QApplication.focusWidget(), "stars:1 is:unread")
    until(lambda: 0 < window.inbox.total() < count // 2, "the search")
    window.show_view("state:done")
    until(lambda: window.inbox.model.rowCount() > 0, "another view")
    plans = {}
    with core.store.read() as reader:
        for sql in list(watch.statements):
            if sql.lstrip().upper().startswith(("SELECT", "WITH")):
                plans[sql] = plan_of(reader.db, sql)
    told = {
        "first_paint": first_paint,
        "frames": sorted(frames),
        "statements": watch.statements,
        "plans": plans,
    }
    print(json.dumps(told))
    sys.stdout.flush()
    window.composer.finish()
    window.close()
    bridge.close()
    core.stop()
    application.quit()


if __name__ == "__main__":
    main(sys.argv[1])
