"""A hairline."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from reviewdesk.ui.theme import metrics, theme

__all__ = ["Separator"]


class Separator(QWidget):
    """1 px of ``line``: across its place, or standing (16 px high) between things of a bar."""

    def __init__(self, parent: QWidget | None = None, *, vertical: bool = False) -> None:
        super().__init__(parent)
        self._vertical = vertical
        fixed, grow = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(fixed if vertical else grow, fixed)

    def sizeHint(self) -> QSize:
        return QSize(1, metrics.icon_size(16)) if self._vertical else QSize(16, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.fillRect(self.rect(), theme().colour("line"))
