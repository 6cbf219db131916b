"""An icon that is no button."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from reviewdesk.ui.theme import icons, metrics, theme

__all__ = ["Pictogram"]


class Pictogram(QWidget):
    """``px`` at 100 %, in the colour of a role. Says nothing to screen readers: words stand beside it."""

    def __init__(
        self, name: str, px: int = 16, role: str = "text-2", *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name, self._px, self._role = name, px, role
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set(self, name: str, role: str = "") -> None:
        self._name = name
        self._role = role or self._role
        self.update()

    def sizeHint(self) -> QSize:
        edge = metrics.icon_size(self._px)
        return QSize(edge, edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._name:
            return
        with QPainter(self) as painter:
            edge = metrics.icon_size(self._px)
            box = QRect((self.width() - edge) // 2, (self.height() - edge) // 2, edge, edge)
            icons.paint(painter, box, self._name, theme().colour(self._role))
