"""Charts, painted plainly from the tokens. Each part of one leads somewhere: by the mouse, or by arrows and Enter.

No part is told by its colour alone: every number stands beside it or in the table that belongs to the chart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QStyle, QToolTip, QWidget

from reviewdesk.services.insights import Door
from reviewdesk.ui.insights import words
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import announce, plain_tip

__all__ = ["Bar", "BarChart", "Chart", "Stack", "StackChart", "TrendChart"]

DIM = 0.45
"""Opacity of figures that are being computed anew."""
STEPS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}


@dataclass(frozen=True, slots=True)
class _Part:
    """Something that can be pointed at: where, what it says, and where it leads."""

    box: QRect
    words: str
    door: Door


class Chart(QWidget):
    """``opened`` carries the search behind the part that was chosen."""

    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumWidth(60)
        self._current = 0
        self._dim = False
        self._title = ""
        theme().changed.connect(self._on_theme)

    def parts(self) -> list[_Part]:
        """What can be chosen, in the order of the arrow keys; boxes as they are painted from the left."""
        raise NotImplementedError

    def draw(self, painter: QPainter) -> None:
        """Paint it."""
        raise NotImplementedError

    def set_title(self, title: str) -> None:
        """What a screen reader calls it."""
        self._title = title
        self.tell()

    def set_dim(self, dim: bool) -> None:
        """Whether its figures are being computed anew."""
        if dim != self._dim:
            self._dim = dim
            self.update()

    def tell(self) -> None:
        """Bring what is said of it up to date."""
        parts = self.parts()
        self._current = max(0, min(self._current, len(parts) - 1))
        said = "; ".join(part.words for part in parts)
        self.setAccessibleName(f"{self._title}: {said}" if said else self._title)
        self.setAccessibleDescription(parts[self._current].words if parts else "")
        self.updateGeometry()
        self.update()

    # --- choosing ----------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        parts = self.parts()
        key = Qt.Key(event.key())
        step = STEPS.get(key)
        if not parts or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif step is not None or key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            last = len(parts) - 1
            if step is not None and key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._mirrored():
                step = -step
            wanted = self._current + step if step is not None else last if key == Qt.Key.Key_End else 0
            self._current = max(0, min(last, wanted))
            self.setAccessibleDescription(parts[self._current].words)
            announce(self, parts[self._current].words)
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(parts[self._current].door.query)
        else:
            super().keyPressEvent(event)

    def _mirrored(self) -> bool:
        return self.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def _at(self, point: QPoint) -> int:
        return next((i for i, part in enumerate(self.parts()) if self.seen(part.box).contains(point)), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._at(event.position().toPoint()) >= 0
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position().toPoint())
        if at >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._current = at
            self.update()
            self.opened.emit(self.parts()[at].door.query)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self._at(event.pos())
            if at >= 0:
                QToolTip.showText(event.globalPos(), plain_tip(self.parts()[at].words), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # --- painting ----------------------------------------------------------------------------------------

    def seen(self, box: QRect) -> QRect:
        """A box that is told from the left as it lies in this direction of writing."""
        return QStyle.visualRect(self.layoutDirection(), self.rect(), box)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(DIM if self._dim else 1)
            self.draw(painter)
            parts = self.parts()
            if self.hasFocus() and parts:
                painter.setOpacity(1)
                painter.setPen(QPen(theme().colour("focus"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                box = self.seen(parts[min(self._current, len(parts) - 1)].box)
                painter.drawRoundedRect(QRectF(box).adjusted(1, 1, -1, -1), 4, 4)

    def write(
        self, painter: QPainter, box: QRect, text: str, font: QFont, colour: QColor, *, end: bool = False
    ) -> None:
        """One line of text in a box, at its beginning or its end."""
        measure = fonts.metrics_of(font)
        shown = measure.elidedText(text[:300], Qt.TextElideMode.ElideRight, box.width())
        place = self.seen(box)
        x = place.left()
        if end != self._mirrored():
            x = place.right() + 1 - measure.horizontalAdvance(shown)
        painter.setFont(font)
        painter.setPen(colour)
        y = place.top() + (place.height() - measure.height()) // 2 + measure.ascent()
        painter.drawText(QPointF(x, y), shown)

    def fill(self, painter: QPainter, box: QRect, role: str, radius: float = 3) -> None:
        """A box in a colour; in high contrast with an outline, so that dark parts are seen."""
        painter.setPen(QPen(theme().colour("text"), 1) if theme().name == "contrast" else Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour(role))
        painter.drawRoundedRect(QRectF(self.seen(box)), radius, radius)

    def _on_theme(self) -> None:
        self.updateGeometry()
        self.update()


def _wide(texts: Sequence[str], font: QFont) -> int:
    measure = fonts.metrics_of(font)
    return max((measure.horizontalAdvance(text) for text in texts), default=0)


def _step() -> int:
    return metrics.list_line() + 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a bar chart: its name, the figure, what stands behind it, and the colours' roles."""

    title: str
    door: Door
    more: str = ""
    role: str = "bar"
    ink: str = "text-2"


class BarChart(Chart):
    """A bar to a line, its name before and its figure after it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[Bar, ...] = ()

    def set_bars(self, bars: Sequence[Bar]) -> None:
        self._bars = tuple(bars)
        self.tell()

    def sizeHint(self) -> QSize:
        return QSize(200, max(1, len(self._bars)) * _step())

    def parts(self) -> list[_Part]:
        return [
            _Part(
                QRect(0, place * _step(), self.width(), _step()),
                f"{bar.title} {words.count(bar.door.n)} {bar.more}".strip(),
                bar.door,
            )
            for place, bar in enumerate(self._bars)
        ]

    def draw(self, painter: QPainter) -> None:
        colour, font = theme().colour, fonts.list_font(tabular=True)
        ends = [words.count(bar.door.n) for bar in self._bars]
        inset = 4
        lead = min(_wide([bar.title for bar in self._bars], font), self.width() * 2 // 5) + 14
        end = _wide(ends, font) + 14
        share = _wide([bar.more for bar in self._bars], font)
        share += 10 if share else 0
        room = max(20, self.width() - lead - end - share - 2 * inset)
        most = max((bar.door.n for bar in self._bars), default=0) or 1
        high = metrics.icon_size(12)
        for place, (bar, shown) in enumerate(zip(self._bars, ends, strict=True)):
            top, line = place * _step(), _step()
            self.write(
                painter, QRect(inset, top, lead - 14, line), bar.title, fonts.list_font(), colour(bar.ink)
            )
            if bar.door.n:
                wide = max(3, round(room * bar.door.n / most))
                self.fill(painter, QRect(inset + lead, top + (line - high) // 2, wide, high), bar.role)
            at = QRect(self.width() - inset - share - end + 8, top, end - 8, line)
            self.write(painter, at, shown, font, colour("text"), end=True)
            if bar.more:
                at = QRect(self.width() - inset - share, top, share, line)
                self.write(painter, at, bar.more, font, colour("text-2"), end=True)


class TrendChart(Chart):
    """Means of five along the months, a point to each; months without a score leave a gap."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: tuple[tuple[str, float, Door, int], ...] = ()
        self._slots = 0
        self._names: tuple[str, ...] = ()

    def set_months(self, months: Sequence[tuple[str, float | None, Door]]) -> None:
        """(name, mean, the reviews with a score) of each, the oldest first."""
        self._names = tuple(name for name, _, _ in months)
        self._points = tuple(
            (name, value, door, place)
            for place, (name, value, door) in enumerate(months)
            if value is not None
        )
        self._slots = len(months)
        self.tell()

    def sizeHint(self) -> QSize:
        return QSize(240, metrics.icon_size(190) + metrics.list_line())

    def _ground(self) -> QRect:
        """Where the line runs."""
        lead = _wide(["5.00"], fonts.list_font(tabular=True)) + 12
        line = metrics.list_line()
        return QRect(lead, line, max(10, self.width() - lead - 16), max(10, self.height() - 2 * line - 8))

    def _limits(self) -> tuple[float, float]:
        """The lowest and the highest of the scale: half stars around what there is, never less than one star apart."""
        values = [value for _, value, _, _ in self._points] or [0.0, 5.0]
        low, high = math.floor(min(values) * 2) / 2, math.ceil(max(values) * 2) / 2
        while high - low < 1:
            low, high = max(0.0, low - 0.5), min(5.0, high + 0.5)
        return low, high

    def _spot(self, value: float, place: int) -> QPointF:
        ground, (low, high) = self._ground(), self._limits()
        across = ground.left() + ground.width() * (place / (self._slots - 1) if self._slots > 1 else 0.5)
        return QPointF(across, ground.bottom() - ground.height() * (value - low) / (high - low))

    def parts(self) -> list[_Part]:
        half = max(8, min(metrics.icon_size(16), self._ground().width() // max(1, self._slots) // 2))
        found = []
        for name, value, door, place in self._points:
            spot = self._spot(value, place)
            said = self.tr("{month}: mean {mean} of 5, n = {count}").format(
                month=name, mean=words.mean(value), count=words.count(door.n)
            )
            box = QRect(round(spot.x()) - half, round(spot.y()) - half, 2 * half, 2 * half)
            found.append(_Part(box, said, door))
        return found

    def draw(self, painter: QPainter) -> None:
        colour, font = theme().colour, fonts.list_font(tabular=True)
        ground, (low, high), line = self._ground(), self._limits(), metrics.list_line()
        for part in range(round((high - low) * 2) + 1):
            value = low + part / 2
            y = round(self._spot(value, 0).y())
            painter.fillRect(self.seen(QRect(ground.left(), y, ground.width(), 1)), colour("line"))
            label = QRect(0, y - line // 2, ground.left() - 10, line)
            self.write(painter, label, words.mean(value, 1), font, colour("text-2"), end=True)
        self._names_below(painter, ground, line)
        spots = [self._visual(self._spot(value, place)) for _, value, _, place in self._points]
        painter.setPen(QPen(colour("link"), 2))
        for before, after, (_, _, _, one), (_, _, _, other) in zip(
            spots, spots[1:], self._points, self._points[1:], strict=False
        ):
            if other == one + 1:
                painter.drawLine(before, after)
        for place, spot in enumerate(spots):
            last = place == len(spots) - 1
            painter.setBrush(colour("link" if last else "surface"))
            size = 4 if last else 2.5
            if last or len(spots) <= 40:
                painter.drawEllipse(spot, size, size)
        if spots:
            text = words.mean(self._points[-1][1])
            bold = fonts.list_font(600, tabular=True)
            measure = fonts.metrics_of(bold)
            x = min(
                self.width() - measure.horizontalAdvance(text) - 2,
                max(2, spots[-1].x() - measure.horizontalAdvance(text) / 2),
            )
            above = spots[-1].y() - 8
            painter.setFont(bold)
            painter.setPen(colour("text"))
            painter.drawText(
                QPointF(x, above if above > measure.ascent() else spots[-1].y() + 8 + measure.ascent()), text
            )

    def _names_below(self, painter: QPainter, ground: QRect, line: int) -> None:
        """As many names of months as have room."""
        font = fonts.list_font()
        wide = _wide(self._names, font) + 24
        fitting = max(1, ground.width() // max(1, wide))
        every = max(1, -(-self._slots // max(1, fitting)))
        for place in range(0, self._slots, every):
            text = self._names[place]
            measure = fonts.metrics_of(font).horizontalAdvance(text)
            x = round(self._spot(self._limits()[0], place).x() - measure / 2)
            x = max(0, min(x, self.width() - measure - 1))
            box = QRect(x, ground.bottom() + 8, measure + 1, line)
            self.write(painter, box, text, font, theme().colour("text-2"))

    def _visual(self, spot: QPointF) -> QPointF:
        return QPointF(self.width() - spot.x(), spot.y()) if self._mirrored() else spot


@dataclass(frozen=True, slots=True)
class Stack:
    """A line of a stacked chart. ``colour``: an account's mark, 1 to 6; 0 for none."""

    name: str
    whole: Door
    parts: tuple[Door, ...]
    mean: float | None
    colour: int = 0
    code: str = ""


class StackChart(Chart):
    """Shares of one to five stars, a line to each account, source or language; the legend names the shades."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stacks: tuple[Stack, ...] = ()

    def set_stacks(self, stacks: Sequence[Stack]) -> None:
        self._stacks = tuple(stacks)
        self.tell()

    def sizeHint(self) -> QSize:
        return QSize(220, max(1, len(self._stacks)) * _step() + metrics.list_line() + 12)

    def _columns(self) -> tuple[int, int, int]:
        """(width of the names, where the shares begin, how wide they are)."""
        font = fonts.list_font()
        mark = metrics.icon_size(34) if any(stack.code for stack in self._stacks) else 0
        names = min(_wide([stack.name for stack in self._stacks], font), max(60, self.width() // 2 - mark))
        end = (
            _wide([words.count(stack.whole.n) for stack in self._stacks], fonts.list_font(tabular=True)) + 14
        )
        begin = 4 + mark + names + 12
        return names, begin, max(20, self.width() - begin - end - 4)

    def parts(self) -> list[_Part]:
        found = []
        _, begin, room = self._columns()
        for place, stack in enumerate(self._stacks):
            top, x = place * _step(), begin
            said = self.tr("{name}: n = {count}, mean {mean} of 5").format(
                name=stack.name, count=words.count(stack.whole.n), mean=words.mean(stack.mean)
            )
            found.append(_Part(QRect(0, top, begin - 6, _step()), said, stack.whole))
            for star, (door, wide) in enumerate(zip(stack.parts, self._widths(stack, room), strict=True), 1):
                if door.n:
                    said = self.tr("{name}, {stars} of 5: {count}").format(
                        name=stack.name, stars=star, count=words.count(door.n)
                    )
                    found.append(_Part(QRect(x, top, wide, _step()), said, door))
                x += wide
        return found

    @staticmethod
    def _widths(stack: Stack, room: int) -> list[int]:
        """How wide each share is; together they fill the room, and none that is there vanishes."""
        n = stack.whole.n or 1
        least = 4
        shown = [door.n for door in stack.parts]
        spare = max(0, room - least * sum(1 for part in shown if part))
        return [least + spare * part // n if part else 0 for part in shown]

    def draw(self, painter: QPainter) -> None:
        colour, font = theme().colour, fonts.list_font(tabular=True)
        names, begin, room = self._columns()
        high = metrics.icon_size(14)
        for place, stack in enumerate(self._stacks):
            top, line, x = place * _step(), _step(), 4
            if stack.code:
                dot = metrics.icon_size(7)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour(f"a-{stack.colour}" if 1 <= stack.colour <= 6 else "text-3"))
                painter.drawEllipse(QRectF(self.seen(QRect(x, top + (line - dot) // 2, dot, dot))))
                code = QRect(x + dot + 6, top, metrics.icon_size(22), line)
                self.write(painter, code, stack.code, fonts.mark_font(), colour("text-2"))
                x += metrics.icon_size(34)
            self.write(painter, QRect(x, top, names + 1, line), stack.name, fonts.list_font(), colour("text"))
            left = begin
            for star, wide in enumerate(self._widths(stack, room), 1):
                if wide:
                    box = QRect(left, top + (line - high) // 2, wide - 1, high)
                    self.fill(painter, box, f"seg{star}", 1.5)
                left += wide
            shown = words.count(stack.whole.n)
            at = QRect(begin + room + 4, top, self.width() - begin - room - 8, line)
            self.write(painter, at, shown, font, colour("text"), end=True)
        self._legend(painter)

    def _legend(self, painter: QPainter) -> None:
        font, line = fonts.list_font(tabular=True), metrics.list_line()
        x, top, high = 4, len(self._stacks) * _step() + 8, metrics.icon_size(10)
        for star in range(1, 6):
            self.fill(painter, QRect(x, top + (line - high) // 2, high + 2, high), f"seg{star}", 2)
            x += high + 8
            wide = _wide([words.count(star)], font) + 2
            self.write(painter, QRect(x, top, wide, line), words.count(star), font, theme().colour("text-2"))
            x += wide + 12
        text = self.tr("of 5")
        self.write(
            painter, QRect(x, top, _wide([text], font) + 2, line), text, font, theme().colour("text-2")
        )
