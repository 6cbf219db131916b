"""What a setting is changed with: a switch, a row of choices, a stepper. All by keyboard, all named."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, ToolButton

__all__ = ["Segments", "Stepper", "Switch"]


class Switch(QAbstractButton):
    """On or off. Says its state to screen readers as a check box does."""

    def __init__(self, name: str, on: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setChecked(on)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ring_radius", 10)

    def sizeHint(self) -> QSize:
        return QSize(metrics.icon_size(32), metrics.icon_size(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            on = self.isChecked()
            painter.setPen(QPen(theme().colour("accent" if on else "field"), 1))
            painter.setBrush(theme().colour("accent" if on else "field"))
            painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
            edge = box.height() - 4
            right = on != (self.layoutDirection() == Qt.LayoutDirection.RightToLeft)
            x = box.right() - 2 - edge if right else box.left() + 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("on-accent" if on else "surface"))
            painter.drawEllipse(QRectF(x, box.top() + 2, edge, edge))


class _Segment(QAbstractButton):
    def __init__(self, text: str, place: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._place = place
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        fonts.follow(self, _medium)

    def sizeHint(self) -> QSize:
        wide = fonts.metrics_of(self.font()).horizontalAdvance(self.text())
        return QSize(wide + 26, metrics.control_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = theme().colour
            on = self.isChecked()
            painter.setPen(QPen(colour("edge"), 1))
            painter.setBrush(colour("select" if on else "raised"))
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            first, last = self._place in ("first", "only"), self._place in ("last", "only")
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                first, last = last, first
            if not first:
                box.setLeft(box.left() - 8)
            if not last:
                box.setRight(box.right() + 8)
            painter.drawRoundedRect(box, 6, 6)
            if not last:
                painter.drawLine(self.width() - 1, 1, self.width() - 1, self.height() - 2)
            painter.setPen(colour("on-select" if on else "text-2"))
            painter.setFont(self.font())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class Segments(QWidget):
    """One of a few. ``chosen`` carries the value; the arrow keys move between them."""

    chosen = Signal(str)

    def __init__(
        self, name: str, choices: Sequence[tuple[str, str]], value: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._values = [value for value, _ in choices]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for number, (key, text) in enumerate(choices):
            end = len(choices) - 1
            place = "only" if not end else "first" if number == 0 else "last" if number == end else "middle"
            button = _Segment(text, place, self)
            button.setAccessibleName(f"{name}: {text}")
            button.setChecked(key == value)
            self._group.addButton(button, number)
            row.addWidget(button)
        self._group.idClicked.connect(self._on_clicked)

    def value(self) -> str:
        return self._values[self._group.checkedId()] if self._group.checkedId() >= 0 else ""

    def button(self, value: str) -> QAbstractButton:
        return self._group.button(self._values.index(value))

    def _on_clicked(self, number: int) -> None:
        self.chosen.emit(self._values[number])


class Stepper(QWidget):
    """A figure between two buttons. ``changed`` carries the new value."""

    changed = Signal(float)

    def __init__(
        self,
        name: str,
        value: float,
        *,
        low: float,
        high: float,
        step: float,
        words: Callable[[float], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._value, self._low, self._high, self._step, self._words = value, low, high, step, words
        self._name = name
        self.less = ToolButton("minus", self.tr("{name}: less").format(name=name), self)
        self.more = ToolButton("plus", self.tr("{name}: more").format(name=name), self)
        for button in (self.less, self.more):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._shown = PlainLabel(parent=self, font=_figures, elide=False)
        self._shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.less)
        row.addWidget(self._shown)
        row.addWidget(self.more)
        self.less.clicked.connect(self._on_less)
        self.more.clicked.connect(self._on_more)
        self._tell()

    def value(self) -> float:
        return self._value

    def set_value(self, value: float) -> None:
        self._value = max(self._low, min(self._high, round(value, 4)))
        self._tell()

    def _tell(self) -> None:
        text = self._words(self._value)
        self._shown.setText(text)
        self._shown.setMinimumWidth(metrics.icon_size(64))
        self.setAccessibleName(f"{self._name}: {text}")

    def _on_less(self) -> None:
        self._by(-self._step)

    def _on_more(self) -> None:
        self._by(self._step)

    def _by(self, step: float) -> None:
        before = self._value
        self.set_value(self._value + step)
        if self._value != before:
            self.changed.emit(self._value)


def _medium() -> QFont:
    return fonts.list_font(500)


def _figures() -> QFont:
    return fonts.list_font(500, True)
