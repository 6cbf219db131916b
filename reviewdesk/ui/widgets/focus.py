"""Where the keyboard is: one ring, 2 px wide and 2 px off, drawn round the button that has the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QWidget
from shiboken6 import isValid

from reviewdesk.ui.theme.core import theme

__all__ = ["RING_MARGIN", "FocusFollower", "FocusRing", "wants_ring"]

RING_MARGIN = 4
"""How far the ring stands out: 2 px of gap and 2 px of ring."""


_FOLLOWED = (
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.Show,
    QEvent.Type.Hide,
    QEvent.Type.ParentChange,
)


class FocusRing(QWidget):
    """Set it on a widget with ``set_widget``; it stands around it, moves with it and lets the mouse through.

    Not Qt's own frame: its distance is an answer of the style, and a style in Python crashed the window.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []

    def widget(self) -> QWidget | None:
        """What it stands around now."""
        return self._target if self._target is not None and isValid(self._target) else None

    def set_widget(self, target: QWidget | None) -> None:
        """Stand around ``target``; None: around nothing."""
        for watched in self._watched:
            if isValid(watched):
                watched.removeEventFilter(self)
        self._watched = []
        self._target = target
        if target is None:
            self.hide()
            return
        # Inside what scrolls it, so that it is cut where the button is.
        around = target.parentWidget()
        self._watch(target)
        while around is not None and not around.isWindow():
            above = around.parentWidget()
            if isinstance(above, QAbstractScrollArea) and above.viewport() is around:
                break
            self._watch(around)
            around = above
        if around is None:
            self.hide()  # a window of its own: nothing is around it
            return
        if self.parentWidget() is not around:
            self.setParent(around)
        self._fit()

    def _watch(self, widget: QWidget) -> None:
        widget.installEventFilter(self)
        self._watched.append(widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _FOLLOWED:
            target = self.widget()
            if event.type() == QEvent.Type.ParentChange and target is not None:
                self.set_widget(target)
            else:
                self._fit()
        return False

    def _fit(self) -> None:
        target, parent = self.widget(), self.parentWidget()
        if target is None or parent is None or not parent.isAncestorOf(target) or not target.isVisible():
            self.hide()
            return
        around = QRect(target.mapTo(parent, QPoint(0, 0)), target.size())
        self.setGeometry(around.adjusted(-RING_MARGIN, -RING_MARGIN, RING_MARGIN, RING_MARGIN))
        self.show()
        self.raise_()

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
                ring.set_widget(None)
            return
        if ring is None:
            # Its parent dies with its window, and the ring with it.
            ring = self._ring = FocusRing(now)
        ring.set_widget(now)
        ring.update()
