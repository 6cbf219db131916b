"""What painting a row of the list costs: ``python -m tests.benchmarks.painting FOLDER [--profile]``.

Prints processor seconds of a hundred rows as the list paints them, and of their texts alone drawn by hand: the floor.
``--profile`` prints where the time goes instead.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
from collections.abc import Callable
from pathlib import Path
from time import thread_time
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from reviewdesk.app import open_core
from reviewdesk.domain.query import Query
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.inbox import InboxList
from reviewdesk.ui.theme import install
from tests.benchmarks.using import until

_ROWS = 100
_TURNS = 4


def _least(work: Callable[[], None]) -> float:
    taken = []
    for _ in range(_TURNS):
        begun = thread_time()
        work()
        taken.append(thread_time() - begun)
    return min(taken)


def _by_hand(rows: list[Any], size: QSize, delegate: Any) -> None:
    """A picture each, its ground and its texts, nothing measured and nothing cut."""
    face = delegate._setter.faces.regular
    for row in rows:
        picture = QPixmap(size)
        picture.fill(0xFFFFFF)
        painter = QPainter(picture)
        painter.setFont(face.font)
        for place, text in enumerate(
            (row.author_name or "", row.product_name or "", row.snippet[:60], "3 d", "TP")
        ):
            painter.drawText(10, 16 + 12 * place, text)
        painter.end()


def main(folder: str, *, profile: bool) -> None:
    """See the module."""
    application = QApplication.instance() or QApplication(["painting"])
    install(application, scheme="light", scale=1.0)
    core = open_core(Path(folder), secrets=MemorySecrets())
    bridge = Bridge(core)
    try:
        pane = InboxList(core, bridge)
        pane.resize(420, 800)
        pane.set_query(Query(), name="Everything")
        pane.show()
        model, delegate = pane.model, pane.view.delegate
        until(lambda: model.rowCount() > _ROWS and len(model._rows) >= _ROWS, "the rows")
        rows = list(model._rows.values())[:_ROWS]
        size = QSize(pane.view.viewport().width(), delegate.measures().height)

        def ours() -> None:
            delegate._pictures.clear()
            for row in rows:
                delegate._picture(size, (False, False, False, False, False), row)

        ours()
        if profile:
            seen = cProfile.Profile()
            seen.runcall(ours)
            pstats.Stats(seen).sort_stats("tottime").print_stats(25)
        else:
            print(_least(ours), _least(lambda: _by_hand(rows, size, delegate)))
    finally:
        bridge.close()
        core.stop()


if __name__ == "__main__":
    main(sys.argv[1], profile="--profile" in sys.argv)
