"""A slim scroll bar that lies over what it scrolls."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollBar, QStyle, QStyleOptionSlider, QWidget

from reviewdesk.ui.theme import theme

__all__ = ["OverlayBar"]


class OverlayBar(QScrollBar):
    """A slim bar that lies over the right padding of the rows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.thickness = 6
        """Pixels that are painted, of those that can be caught."""

    def sizeHint(self) -> QSize:
        return QSize(12, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_ScrollBar, option, QStyle.SubControl.SC_ScrollBarSlider, self
        )
        box = QRectF(handle).adjusted(0, 3, 0, -3)
        box.setLeft(self.width() - 9 if not self.isRightToLeft() else 3)
        box.setWidth(self.thickness)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(
                theme().colour("field" if self.underMouse() or self.isSliderDown() else "scroll")
            )
            painter.drawRoundedRect(box, self.thickness / 2, self.thickness / 2)
