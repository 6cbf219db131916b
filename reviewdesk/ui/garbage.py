"""Python's search for garbage on the window's thread alone.

It runs on whichever thread makes the object that is one too many, and ends there what it finds. A timer of Qt that
belonged to a circle of objects was ended by a thread that read the database, and the process with it
(doc.qt.io/qt-6/threads-qobject.html: a QObject is deleted in its own thread, its timers are stopped there).
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

__all__ = ["Garbage"]

_EVERY_MS = 250


class Garbage(QObject):
    """Looks as often as Python would by its own counts, but here. GUI thread; a look takes a millisecond or two.

    Python itself looks for none from now on; whoever made this says ``gc.enable()`` when no other thread is left.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self)
        timer.timeout.connect(self.look)
        timer.start(_EVERY_MS)

    def look(self) -> None:
        """The oldest generation that is due, as Python's own rule has it; mostly none is."""
        counts, limits = gc.get_count(), gc.get_threshold()
        due = [n for n in range(3) if limits[n] and counts[n] > limits[n]]
        if due:
            gc.collect(due[-1])
