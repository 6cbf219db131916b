"""Python's search for garbage on the window's thread alone.

It runs on whichever thread makes the object that is one too many, and ends there what it finds. A timer of Qt that
belonged to a circle of objects was ended by a thread that read the database, and the process with it
(doc.qt.io/qt-6/threads-qobject.html: a QObject is deleted in its own thread, its timers are stopped there).
"""

from __future__ import annotations

import gc
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

__all__ = ["Garbage"]

_EVERY_MS = 250
_IDLE_S = 1.0
_PUT_OFF = 240
"""Looks at the oldest generation that may be put off one after the other: a minute."""


class Garbage(QObject):
    """Looks as often as Python would by its own counts, but here. GUI thread; a look takes a millisecond or two, one
    at everything up to 80 (measured), which is for moments in which nobody has acted for a second.

    ``idle_s``: seconds since somebody acted. Python itself looks for none from now on; whoever made this says
    ``gc.enable()`` when no other thread is left.
    """

    def __init__(self, idle_s: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._idle_s = idle_s
        self._put_off = 0
        gc.disable()
        timer = QTimer(self)
        timer.timeout.connect(self.look)
        timer.start(_EVERY_MS)

    def look(self) -> None:
        """The oldest generation that is due, as Python's own rule has it; mostly none is."""
        counts, limits = gc.get_count(), gc.get_threshold()
        due = [n for n in range(3) if limits[n] and counts[n] > limits[n]]
        if not due:
            return
        oldest = due[-1]
        if oldest == 2 and self._idle_s() < _IDLE_S and self._put_off < _PUT_OFF:
            self._put_off += 1
            oldest = 1
        elif oldest == 2:
            self._put_off = 0
        gc.collect(oldest)
