"""One of a few values, in the look of a field: opens a menu, follows the arrows without one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from reviewdesk.ui.theme import fonts, icons, metrics, theme

__all__ = ["Choice"]


class Choice(QAbstractButton):
    """``changed`` carries the new value. The accessible name is the label's, the text is what is chosen."""

    changed = Signal(str)

    def __init__(self, options: Sequence[tuple[str, str]], value: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = list(options)
        self._value = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        fonts.follow(self, fonts.list_font)
        self.clicked.connect(self._open)
        self.set_value(value)

    def value(self) -> str:
        return self._value

    def set_value(self, value: str) -> None:
        """Choose without telling anybody; a value that is not offered takes the first."""
        known = [v for v, _ in self._options]
        self._value = value if value in known else known[0]
        self.setText(dict(self._options)[self._value])
        self.update()

    def _pick(self, value: str) -> None:
        if value != self._value:
            self.set_value(value)
            self.changed.emit(value)

    def _open(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(menu)
        for value, words in self._options:
            entry = menu.addAction(words)
            entry.setCheckable(True)
            entry.setChecked(value == self._value)
            group.addAction(entry)
            entry.triggered.connect(partial(self._pick, value))
        menu.setMinimumWidth(self.width())
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        known = [v for v, _ in self._options]
        self._pick(known[max(0, min(len(known) - 1, known.index(self._value) + step))])

    def sizeHint(self) -> QSize:
        measure = fonts.metrics_of(self.font())
        longest = max(measure.horizontalAdvance(words) for _, words in self._options)
        return QSize(longest + 48, metrics.field_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = theme().colour
            painter.setPen(QPen(colour("text-2" if self.underMouse() else "field"), 1))
            painter.setBrush(colour("surface"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            edge = metrics.icon_size(12)
            x = 10 if mirrored else self.width() - 10 - edge
            icons.paint(
                painter, QRect(x, (self.height() - edge) // 2, edge, edge), "caret-down", colour("text-2")
            )
            room = QRect(10, 0, self.width() - 30 - edge, self.height())
            if mirrored:
                room.moveLeft(20 + edge)
            painter.setFont(self.font())
            painter.setPen(colour("text" if self.isEnabled() else "text-off"))
            side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
            shown = fonts.metrics_of(self.font()).elidedText(
                self.text(), Qt.TextElideMode.ElideRight, room.width()
            )
            painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
