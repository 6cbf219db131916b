"""The four figures at the top: each cell is a door as a whole, and the smaller numbers in it are doors of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QSizePolicy,
    QSpacerItem,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.services.insights import Door
from reviewdesk.ui.insights.charts import DIM
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, PushButton

__all__ = ["FigureCell", "Said"]

SIDE, TOP = 20, 16


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of a cell's small print; with a door it can be pressed. ``role``: a colour with a meaning."""

    text: str
    door: Door | None = None
    role: str = ""


def _figure_line() -> int:
    return max(round(34 * theme().scale), fonts.metrics_of(fonts.figure_font()).height())


def _small_line() -> int:
    return metrics.list_line() + 2


class _Link(PushButton):
    """A smaller number, as high as a line."""

    def __init__(self, said: Said, cell: QWidget) -> None:
        super().__init__(said.text, cell, kind="link", small=True)
        self._look.text_role = said.role or "link"

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), _small_line())


class FigureCell(QAbstractButton):
    """``opened`` carries the search behind the figure or behind one of the smaller numbers."""

    opened = Signal(str)

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        # It draws a frame of its own, inside: a ring would lie over its neighbours.
        self.setProperty("ring", False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        # All as wide as each other, whatever they say.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._title, self._period, self._value, self._unit = title, "", "", ""
        self._door: Door | None = None
        self._dim = False
        self._lines: tuple[tuple[Said, ...], ...] = ()
        self._parts: list[PushButton] = []
        self._labels: list[tuple[PlainLabel, str]] = []
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._head = QSpacerItem(0, 0)
        self._column.addItem(self._head)
        self._rows: list[QHBoxLayout] = []
        for _ in range(2):
            row = QHBoxLayout()
            row.setSpacing(metrics.icon_size(5))
            self._rows.append(row)
            self._column.addLayout(row)
        self._column.addStretch(1)
        self.clicked.connect(self._on_clicked)
        theme().changed.connect(self._on_theme)
        self._on_theme()

    def show_figure(
        self, value: str, unit: str, period: str, door: Door | None, lines: Sequence[Sequence[Said]]
    ) -> None:
        """``lines``: at most two of small print below the figure."""
        self._value, self._unit, self._period, self._door = value, unit, period, door
        shown = tuple(tuple(line) for line in lines if line)[:2]
        if shown != self._lines:
            self._lines = shown
            self._fill()
        small = ", ".join(" ".join(said.text for said in line) for line in shown if line)
        self.setAccessibleName(f"{self._title}: {value} {unit}".strip())
        self.setAccessibleDescription(f"{small}, {period}" if small else period)
        self.update()

    def value(self) -> str:
        return f"{self._value} {self._unit}".strip()

    def links(self) -> list[PushButton]:
        """The smaller numbers that can be pressed."""
        return list(self._parts)

    def set_dim(self, dim: bool) -> None:
        """Whether the figure is being computed anew."""
        if dim != self._dim:
            self._dim = dim
            for label, role in self._labels:
                label.set_role("text-off" if dim else role)
            self.update()

    def _fill(self) -> None:
        focus = next((i for i, part in enumerate(self._parts) if part.hasFocus()), -1)
        self._parts, self._labels = [], []
        for row, line in zip(self._rows, (*self._lines, (), ())[:2], strict=True):
            while row.count():
                item = row.takeAt(0)
                if item is not None and (old := item.widget()) is not None:
                    old.hide()
                    old.deleteLater()
            for said in line:
                if said.door is not None:
                    link = _Link(said, self)
                    link.clicked.connect(partial(self.opened.emit, said.door.query))
                    link.setAccessibleName(f"{self._title}: {said.text}")
                    row.addWidget(link)
                    self._parts.append(link)
                else:
                    role = said.role or "text-2"
                    label = PlainLabel(
                        said.text, self, role="text-off" if self._dim else role, line=_small_line
                    )
                    self._labels.append((label, role))
                    # A press on the words is one on the cell.
                    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
                    row.addWidget(label)
            row.addStretch(1)
        before: QWidget = self
        for part in self._parts:
            QWidget.setTabOrder(before, part)
            before = part
        if 0 <= focus < len(self._parts):
            self._parts[focus].setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_clicked(self) -> None:
        if self._door is not None:
            self.opened.emit(self._door.query)

    # --- painting ----------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        high = 2 * TOP + metrics.list_line() + 4 + _figure_line() + 4 + 2 * _small_line()
        return QSize(metrics.icon_size(200), high)

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics.icon_size(120), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour, line = theme().colour, metrics.list_line()
            painter.fillRect(self.rect(), colour("surface"))
            if self.isDown() or self.underMouse():
                painter.fillRect(self.rect(), colour("press" if self.isDown() else "hover"))
            painter.setOpacity(DIM if self._dim else 1)
            edge = metrics.icon_size(16)
            arrow = QRect(self.width() - SIDE - edge + 4, TOP + (line - edge) // 2, edge, edge)
            icons.paint(painter, self._seen(arrow), "arrow-right", colour("text-2"))
            used = self._write(
                painter, SIDE, TOP, line, self._title, fonts.list_font(), "text-2", arrow.left()
            )
            self._write(
                painter, used + 8, TOP, line, self._period, fonts.list_font(), "text-3", arrow.left() - 4
            )
            top, high = TOP + line + 4, _figure_line()
            font = fonts.figure_font()
            used = self._write(painter, SIDE, top, high, self._value, font, "text", self.width() - SIDE)
            # The unit stands on the line of the figure.
            figure, small = fonts.metrics_of(font), fonts.metrics_of(fonts.list_font())
            base = top + (high - figure.height()) // 2 + figure.ascent()
            box_top = base - small.ascent() - (line - small.height()) // 2
            self._write(
                painter, used + 6, box_top, line, self._unit, fonts.list_font(), "text-2", self.width() - SIDE
            )
            if self.hasFocus():
                painter.setOpacity(1)
                painter.setPen(QPen(colour("focus"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _seen(self, box: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), box)

    def _write(
        self,
        painter: QPainter,
        x: int,
        top: int,
        high: int,
        text: str,
        font: object,
        role: str,
        limit: int,
    ) -> int:
        """A piece of text from ``x`` on, as told from the left; where it ends."""
        measure = fonts.metrics_of(font)  # type: ignore[arg-type]
        shown = measure.elidedText(text, Qt.TextElideMode.ElideRight, max(0, limit - x))
        wide = measure.horizontalAdvance(shown)
        box = self._seen(QRect(x, top, wide, high))
        painter.setFont(font)  # type: ignore[arg-type]
        painter.setPen(theme().colour(role))
        painter.drawText(
            QPointF(box.left(), box.top() + (high - measure.height()) // 2 + measure.ascent()), shown
        )
        return x + wide

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def _on_theme(self) -> None:
        self._column.setContentsMargins(SIDE, TOP, SIDE, TOP)
        self._head.changeSize(0, metrics.list_line() + 8 + _figure_line())
        self._column.invalidate()
        self.updateGeometry()
        self.update()
