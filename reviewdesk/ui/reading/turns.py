"""Sharing the turns of the event loop among long texts, so that no review makes the window stop.

Laying out 10,000 characters takes Qt 20 to 30 ms (measured), and a review with its conversation can hold many such
texts. What is at the top is laid out at once; the rest follows in the next turns, a little in each.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from shiboken6 import isValid

__all__ = ["Turns", "turns"]

BUDGET = 2_000
"""Characters that are laid out in one turn, about a screen of them: some 5 ms."""
LEAST = 200
"""So much of a text is there at once in any case: its first lines."""


class LaidOut(Protocol):
    """A text that is laid out in parts. ``go_on`` lays out a part and says whether that was the last."""

    def go_on(self) -> bool: ...


class Turns(QObject):
    """One for the program; GUI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._left = BUDGET
        self._waiting: deque[LaidOut] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._next)

    def grant(self, wanted: int) -> int:
        """How many of ``wanted`` characters may be laid out in this turn."""
        granted = max(min(wanted, self._left), min(wanted, LEAST))
        self._left -= granted
        if not self._timer.isActive():
            self._timer.start()
        return granted

    def wait(self, text: LaidOut) -> None:
        """Call ``text.go_on()`` in the next turns until it is through."""
        if text not in self._waiting:
            self._waiting.append(text)

    def _next(self) -> None:
        self._left = BUDGET
        while self._waiting and self._left > 0:
            text = self._waiting[0]
            gone = isinstance(text, QObject) and not isValid(text)
            if gone or text.go_on():
                self._waiting.popleft()
        if not self._waiting:
            self._timer.stop()


_made: Turns | None = None


def turns() -> Turns:
    """The one of this application."""
    global _made
    if _made is None or not isValid(_made):
        _made = Turns(QCoreApplication.instance())
    return _made
