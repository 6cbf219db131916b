"""Scrolls the list of a profile in a window of its own process: ``python -m tests.benchmarks.frames FOLDER``.

Prints one JSON object: milliseconds of each painted frame by way of scrolling, and how long rows stayed blank.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from PySide6.QtWidgets import QApplication

from reviewdesk.app import open_core
from reviewdesk.domain.query import Query
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.inbox import InboxList
from reviewdesk.ui.theme import install
from tests.benchmarks.using import until

_WIDTH, _HEIGHT = 420, 800


def _until(condition: Callable[[], bool]) -> float:
    """Let the window live until ``condition``; milliseconds."""
    started = perf_counter()
    until(condition, "the list at rest")
    return (perf_counter() - started) * 1_000


def _measure(pane: InboxList) -> dict[str, list[float]]:
    view, model = pane.view, pane.model
    bar = view.verticalScrollBar()
    rnd = random.Random(1)

    def filled() -> bool:
        first, last = view.visible_lines()
        ids = [found for line in range(first, last + 1) if (found := model.id_at(line))]
        return bool(ids) and all(model.row_of(review_id) is not None for review_id in ids)

    _until(filled)
    taken: dict[str, list[float]] = {"wheel": [], "page": [], "thumb": [], "blank": []}

    def go(kind: str, value: int) -> None:
        bar.setValue(max(0, min(bar.maximum(), value)))
        started = perf_counter()
        view.viewport().repaint()
        taken[kind].append((perf_counter() - started) * 1_000)
        begun = perf_counter()
        if not filled():
            _until(filled)
            view.viewport().update()
            QApplication.processEvents()
        # Rows that a frame had no time for come with the next ones: those are frames as well.
        while view.delegate.owes:
            began = perf_counter()
            view.viewport().repaint()
            taken[kind].append((perf_counter() - began) * 1_000)
        taken["blank"].append((perf_counter() - begun) * 1_000)
        QApplication.processEvents()

    step, page = bar.singleStep() * 3, bar.pageStep()
    for _ in range(200):
        go("wheel", bar.value() + step)
    for _ in range(100):
        go("page", bar.value() + page)
    for _ in range(100):
        go("thumb", rnd.randrange(bar.maximum() + 1))
    return taken


def main(folder: str) -> None:
    application = QApplication.instance() or QApplication(["benchmark"])
    install(application, scheme="light", scale=1.0)
    core = open_core(Path(folder), secrets=MemorySecrets())
    bridge = Bridge(core)
    try:
        pane = InboxList(core, bridge)
        pane.resize(_WIDTH, _HEIGHT)
        whole = core.inbox.count(Query())
        started = perf_counter()
        pane.set_query(Query(), name="Everything")
        pane.show()
        _until(lambda: pane.model.rowCount() > 0)
        first = (perf_counter() - started) * 1_000
        _until(lambda: pane.model.rowCount() >= whole)
        complete = (perf_counter() - started) * 1_000
        print(json.dumps({**_measure(pane), "first": [first], "complete": [complete]}))
    finally:
        bridge.close()
        core.stop()


if __name__ == "__main__":
    main(sys.argv[1])
