"""Small controls: a field with one of a few values that may change, and a radio button in our colours."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QRadioButton, QSizePolicy, QWidget

from reviewdesk.ui.accounts.choice import Choice
from reviewdesk.ui.theme import fonts, metrics, theme

__all__ = ["Options", "Radio"]


class Options(Choice):
    """``set_options`` keeps the value where it is still offered; nobody is told."""

    def set_options(self, options: Sequence[tuple[str, str]]) -> None:
        self._options = list(options) or [("", "")]
        self.set_value(self._value)
        self.updateGeometry()


class Radio(QRadioButton):
    """A ring and a word; Fusion's own ring is hardly seen in the dark."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        # It draws its own sign of focus: one line, not the common ring around it as well.
        self.setProperty("ring", False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        fonts.follow(self, fonts.list_font)

    def sizeHint(self) -> QSize:
        wide = fonts.metrics_of(self.font()).horizontalAdvance(self.text())
        return QSize(metrics.icon_size(16) + 10 + wide, metrics.list_line() + 4)

    def hitButton(self, place: object) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = theme().colour
            edge = metrics.icon_size(16)
            mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            ring = QRect(self.width() - edge if mirrored else 0, (self.height() - edge) // 2, edge, edge)
            on = self.isChecked()
            painter.setPen(QPen(colour("accent" if on else "field"), 5 if on else 1))
            painter.setBrush(colour("surface"))
            inset = 2.5 if on else 0.5
            painter.drawEllipse(QRectF(ring).adjusted(inset, inset, -inset, -inset))
            if self.hasFocus():
                painter.setPen(QPen(colour("focus"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
            painter.setPen(colour("text"))
            painter.setFont(self.font())
            room = (
                self.rect().adjusted(0, 0, -edge - 8, 0)
                if mirrored
                else self.rect().adjusted(edge + 8, 0, 0, 0)
            )
            side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
            painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), self.text())
