"""Choices that are better seen than read: a small picture of each above its radio button."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QSizePolicy, QWidget

from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.theme.tokens import THEMES

__all__ = ["Cards", "density_picture", "scheme_picture"]

Draw = Callable[[QPainter, QRectF, str], None]
_GAP, _PICTURE, _APART = 9, 76, 16


class _Card(QAbstractButton):
    """A picture with a radio button below it; says it is one."""

    def __init__(self, key: str, text: str, wide: int, draw: Draw, parent: QWidget) -> None:
        super().__init__(parent)
        self._key, self._wide, self._draw = key, wide, draw
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setProperty("ring_radius", 8)
        fonts.follow(self, _plain)

    def sizeHint(self) -> QSize:
        words = fonts.metrics_of(self.font()).horizontalAdvance(self.text()) + metrics.icon_size(16) + 10
        return QSize(max(metrics.icon_size(self._wide), words), metrics.icon_size(_PICTURE) + _GAP + _line())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour, on = theme().colour, self.isChecked()
            picture = QRectF(1, 1, self.width() - 2, metrics.icon_size(_PICTURE) - 2)
            self._draw(painter, picture, self._key)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(
                QPen(colour("focus" if on else "field" if self.underMouse() else "edge"), 2 if on else 1)
            )
            painter.drawRoundedRect(picture, 8, 8)
            edge = metrics.icon_size(15)
            top = metrics.icon_size(_PICTURE) + _GAP
            right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            x = self.width() - edge - 1 if right_to_left else 1
            ring = QRectF(x, top + (_line() - edge) / 2, edge, edge)
            painter.setPen(QPen(colour("accent" if on else "field"), 1.5))
            painter.setBrush(colour("accent" if on else "surface"))
            painter.drawEllipse(ring)
            if on:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour("on-accent"))
                painter.drawEllipse(ring.center(), edge / 5, edge / 5)
            painter.setPen(colour("text"))
            painter.setFont(self.font())
            room = self.rect().adjusted(
                0 if right_to_left else edge + 8, top, -(edge + 8) if right_to_left else 0, 0
            )
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, self.text())


class Cards(QWidget):
    """One of a few, as pictures. ``chosen`` carries the value; the arrow keys move between them."""

    chosen = Signal(str)

    def __init__(
        self,
        name: str,
        choices: Sequence[tuple[str, str]],
        value: str,
        draw: Draw,
        *,
        wide: int = 148,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._values = [key for key, _ in choices]
        self._group = QButtonGroup(self)
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 2, 0, 2)
        self._grid.setSpacing(_APART)
        for number, (key, text) in enumerate(choices):
            card = _Card(key, text, wide, draw, self)
            card.setAccessibleName(f"{name}: {text}")
            card.setChecked(key == value)
            self._group.addButton(card, number)
        self._place(len(self._values))
        self._group.idClicked.connect(self._on_clicked)
        theme().changed.connect(self._fit)

    def value(self) -> str:
        return self._values[self._group.checkedId()] if self._group.checkedId() >= 0 else ""

    def button(self, value: str) -> QAbstractButton:
        return self._group.button(self._values.index(value))

    def _on_clicked(self, number: int) -> None:
        self.chosen.emit(self._values[number])

    def _place(self, columns: int) -> None:
        """So many beside each other; the rest below."""
        if columns == self._columns:
            return
        self._grid.setColumnStretch(self._columns, 0)
        self._columns = columns
        for number, card in enumerate(self._group.buttons()):
            self._grid.addWidget(card, number // columns, number % columns)
        self._grid.setColumnStretch(columns, 1)
        self.updateGeometry()

    def _fit(self) -> None:
        widest = max(card.sizeHint().width() for card in self._group.buttons())
        room = (self.width() + _APART) // (widest + _APART)
        self._place(max(1, min(len(self._values), room)))

    def minimumSizeHint(self) -> QSize:
        """One card wide: more rows are made of what does not fit beside each other."""
        return QSize(
            max(card.sizeHint().width() for card in self._group.buttons()), super().minimumSizeHint().height()
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def scheme_picture(painter: QPainter, box: QRectF, scheme: str) -> None:
    """Three panes in the colours of a scheme; that of the system as it is now."""
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    tokens = THEMES.get(scheme) or THEMES["dark" if dark else "light"]

    def ink(role: str) -> QColor:
        return QColor(tokens[role])

    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink("surface"))
    painter.drawRoundedRect(box, 8, 8)
    side = QRectF(box.left(), box.top(), box.width() * 0.24, box.height())
    painter.setBrush(ink("chrome"))
    painter.drawRoundedRect(side, 8, 8)
    painter.drawRect(side.adjusted(8, 0, 0, 0))
    painter.setPen(QPen(ink("line"), 1))
    for share in (0.24, 0.56):
        x = box.left() + box.width() * share
        painter.drawLine(int(x), int(box.top()) + 1, int(x), int(box.bottom()) - 1)
    painter.setPen(Qt.PenStyle.NoPen)
    for share, wide, first in ((0.05, 0.13, "text"), (0.29, 0.22, "accent"), (0.61, 0.28, "text-2")):
        for line in range(3):
            painter.setBrush(ink(first if line == 0 else "edge"))
            bar = QRectF(
                box.left() + box.width() * share,
                box.top() + box.height() * (0.12 + 0.12 * line),
                box.width() * wide * (1.0, 0.8, 0.7)[line],
                3,
            )
            painter.drawRoundedRect(bar, 1.5, 1.5)


def density_picture(painter: QPainter, box: QRectF, density: str) -> None:
    """Rows of three, two or one line."""
    colour = theme().colour
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour("surface"))
    painter.drawRoundedRect(box, 8, 8)
    lines, rows = {"comfortable": (3, 2), "normal": (2, 3)}.get(density, (1, 5))
    high = (box.height() - 8) / rows
    for row in range(rows):
        top = box.top() + 5 + row * high
        for line in range(lines):
            painter.setBrush(colour("text-2" if line == 0 else "edge"))
            bar = QRectF(
                box.left() + 12,
                top + 4 + line * 8,
                box.width() * (0.46 if line == 0 else 0.7 - 0.1 * (line - 1)),
                3,
            )
            painter.drawRoundedRect(bar, 1.5, 1.5)
        if row + 1 < rows:
            painter.setBrush(colour("line"))
            painter.drawRect(QRectF(box.left() + 12, top + high - 2, box.width() - 24, 1))


def _line() -> int:
    return metrics.list_line() + 4


def _plain() -> QFont:
    return fonts.list_font()
