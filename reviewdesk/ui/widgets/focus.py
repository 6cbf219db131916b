"""Where the keyboard is: one ring, 2 px wide and 2 px off, drawn round the button that has the focus."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QFocusFrame, QWidget
from shiboken6 import isValid

from reviewdesk.ui.theme.core import theme

__all__ = ["FocusFollower", "FocusRing", "wants_ring"]


class FocusRing(QFocusFrame):
    """Set it on a widget with ``setWidget``; it stands around it and lets the mouse through."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        target = self.widget()
        if target is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            radius = float(target.property("ring_radius") or 6) + 2
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)


def wants_ring(widget: QWidget | None) -> bool:
    """Buttons and what says so itself (property ``ring``); lists and fields draw their own sign of focus."""
    if widget is None:
        return False
    said = widget.property("ring")
    return bool(said) if said is not None else isinstance(widget, QAbstractButton)


class FocusFollower(QObject):
    """Moves the one ring of the application to where the focus went."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._ring: FocusRing | None = None
        app.focusChanged.connect(self._moved)

    def ring(self) -> FocusRing | None:
        """The ring, where there is one now."""
        return self._ring if self._ring is not None and isValid(self._ring) else None

    def _moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        ring = self.ring()
        if now is None or not wants_ring(now):
            if ring is not None:
                ring.setWidget(None)  # type: ignore[arg-type] # Qt takes a null pointer
                ring.hide()
            return
        if ring is None:
            # Its parent dies with its window, and the ring with it.
            ring = self._ring = FocusRing(now)
        ring.setWidget(now)
        ring.update()
