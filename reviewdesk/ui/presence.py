"""Notices that somebody is at the window, so that what can wait (a sync, the day's copy of the database) does."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QGuiApplication, QWindow

__all__ = ["Presence"]

_ACTS = frozenset(
    {
        *(QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel),
        *(QEvent.Type.TouchBegin, QEvent.Type.TabletPress, QEvent.Type.InputMethod),
    }
)


class Presence(QObject):
    """Calls ``acted`` at every key, click, turn of the wheel and move of the mouse in any window. GUI thread only.

    The system's windows are watched, a handful: watching the whole application would send every event of every widget
    through Python.
    """

    def __init__(self, application: QGuiApplication, acted: Callable[[], None]) -> None:
        super().__init__(application)
        self._acted = acted
        for window in application.allWindows():
            self._watch(window)
        # A dialog's window comes to be when it is shown, and then it has the focus.
        application.focusWindowChanged.connect(self._watch)

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _ACTS:
            self._acted()
        return False
