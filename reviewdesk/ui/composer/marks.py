"""Misspelled words in a field of text: dots below them that move with the text, and never below the word being typed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from typing import Protocol

from PySide6.QtCore import QLineF, QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QTextBlock, QTextCursor, QTextLine
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from reviewdesk.ui.theme import metrics, theme

__all__ = ["Marks", "block_origin"]

_STRIP = 400
"""Pixels of dots that are kept ready; a longer word takes several."""
_TYPED = 30
"""Characters; an input method may bring some at once."""
Mark = tuple[int, int]
"""(start, end) as the document counts: in UTF-16 units."""
Field = QTextEdit | QPlainTextEdit


class _Origin(Protocol):
    def block_origin(self, block: QTextBlock) -> QPointF: ...


def block_origin(field: QTextEdit, block: QTextBlock) -> QPointF:
    """Where a block's lines begin, in the viewport of a QTextEdit."""
    scrolled = QPointF(field.horizontalScrollBar().value(), field.verticalScrollBar().value())
    return block.layout().position() - scrolled


class Marks(QObject):
    """Belongs to one field, which calls ``paint`` at the end of its own painting."""

    def __init__(self, field: Field, origin: _Origin) -> None:
        super().__init__(field)
        self._field, self._origin = field, origin
        self._marks: list[Mark] = []
        self._since: list[tuple[int, int, int]] = []
        self._edited = self._typing = False
        field.document().contentsChange.connect(self._on_change)
        field.cursorPositionChanged.connect(self._on_cursor)

    # --- what is marked --------------------------------------------------------------------------

    def begin(self) -> None:
        """The text as it stands is going to be judged: what changes from now on is made up for in ``put``."""
        self._since = []

    def put(self, marks: Sequence[Mark]) -> None:
        """What was found in the text as it stood at ``begin``."""
        moved = list(marks)
        for change in self._since:
            moved = _moved(moved, *change)
        if moved != self._marks:
            self._marks = moved
            self._field.viewport().update()

    def clear(self) -> None:
        """Mark nothing."""
        self._typing = False
        self.begin()
        self.put(())

    def all(self) -> tuple[Mark, ...]:
        """Everything that is marked, in the order of the text; also the word being typed."""
        return tuple(self._marks)

    def shown(self) -> tuple[Mark, ...]:
        """What has dots below it."""
        return tuple(mark for mark in self._marks if not self._is_typed(mark))

    def at(self, position: int) -> Mark | None:
        """The marked word at a place of the cursor."""
        return next((mark for mark in self._marks if mark[0] <= position <= mark[1]), None)

    def after(self, position: int) -> Mark | None:
        """The next one, round the end of the text."""
        later = next((mark for mark in self._marks if mark[0] >= position), None)
        return later or (self._marks[0] if self._marks else None)

    def drop(self, mark: Mark) -> None:
        """It is settled."""
        if mark in self._marks:
            self._marks.remove(mark)
            self._field.viewport().update()

    def cursor(self, mark: Mark) -> QTextCursor:
        """A selection of the word."""
        cursor = QTextCursor(self._field.document())
        cursor.setPosition(mark[0])
        cursor.setPosition(mark[1], QTextCursor.MoveMode.KeepAnchor)
        return cursor

    # --- following the text ----------------------------------------------------------------------

    def _on_change(self, position: int, removed: int, added: int) -> None:
        if removed == added:
            return  # formats only, or letters for as many others: the next look at the text finds out
        # What comes as a whole, a saved reply or a draft, is not being typed.
        self._edited = removed <= 1 and added <= _TYPED
        self._since.append((position, removed, added))
        self._marks = _moved(self._marks, position, removed, added)

    def _on_cursor(self) -> None:
        was, self._typing, self._edited = self._typing, self._edited, False
        if was or self._typing:
            self._field.viewport().update()

    def _is_typed(self, mark: Mark) -> bool:
        if not self._typing or not self._field.hasFocus():
            return False
        return mark[0] <= self._field.textCursor().position() <= mark[1]

    # --- painting --------------------------------------------------------------------------------

    def paint(self, painter: QPainter, area: QRect) -> None:
        """The dots below what lies in ``area`` of the viewport."""
        if not self._marks:
            return
        field = self._field
        first = field.cursorForPosition(area.topLeft()).block().position()
        end = field.cursorForPosition(area.bottomRight()).block()
        last = end.position() + end.length()
        thick = 1.5 * metrics.icon_size(16) / 16
        dots = _dots(theme().colour("fail").name(), thick, field.devicePixelRatioF())
        ratio, high = dots.devicePixelRatio(), dots.deviceIndependentSize().height()
        for line in self._lines(area, first, last, thick):
            left, y, wide = line.x1(), line.y1() - thick, line.x2() - line.x1()
            while wide > 0:
                part = min(wide, _STRIP)
                painter.drawPixmap(
                    QRectF(left, y, part, high), dots, QRectF(0, 0, part * ratio, high * ratio)
                )
                left, wide = left + part, wide - part

    def _lines(self, area: QRect, first: int, last: int, thick: float) -> list[QLineF]:
        lines: list[QLineF] = []
        block = QTextBlock()
        for mark in self._marks[bisect_left(self._marks, (first, first)) :]:
            if mark[0] >= last:
                break
            if self._is_typed(mark):
                continue
            if not block.isValid() or not block.contains(mark[0]):
                block = self._field.document().findBlock(mark[0])
                layout, origin, begin = block.layout(), self._origin.block_origin(block), block.position()
                line, ends = layout.lineForTextPosition(mark[0] - begin), -1
            start, end = mark[0] - begin, mark[1] - begin
            if start >= ends:
                line = layout.lineForTextPosition(start)
                ends = line.textStart() + line.textLength()
                base = origin.y() + line.y() + line.ascent()
                if base - line.height() > area.bottom():
                    break
            while True:
                if base + line.height() >= area.top():
                    edges = _x(line, max(start, line.textStart())), _x(line, min(end, ends))
                    left, right = min(edges) + thick / 2, max(edges) - thick / 2
                    y = base + 1.5 + thick
                    lines.append(QLineF(origin.x() + left, y, origin.x() + right, y))
                if end <= ends or line.lineNumber() + 1 >= layout.lineCount():
                    break
                # A word that is longer than a line goes on in the next.
                line = layout.lineAt(line.lineNumber() + 1)
                ends = line.textStart() + line.textLength()
                base = origin.y() + line.y() + line.ascent()
        return lines


@lru_cache(maxsize=4)
def _dots(colour: str, thick: float, ratio: float) -> QPixmap:
    """A row of dots, painted once: a pen with dashes takes forty milliseconds for a page of them."""
    high = ceil(2 * thick)
    strip = QPixmap(ceil(_STRIP * ratio), ceil(high * ratio))
    strip.setDevicePixelRatio(ratio)
    strip.fill(Qt.GlobalColor.transparent)
    with QPainter(strip) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        for number in range(int(_STRIP / (2.2 * thick))):
            painter.drawEllipse(QRectF(number * 2.2 * thick, 0, thick, thick))
    return strip


def _x(line: QTextLine, at: int) -> float:
    # The binding gives the place together with the position that it was asked for; its stubs say otherwise.
    place: object = line.cursorToX(at)
    return float(place[0] if isinstance(place, tuple) else place)  # type: ignore[arg-type]


def _moved(marks: Sequence[Mark], position: int, removed: int, added: int) -> list[Mark]:
    """The marks after an edit; a word that was touched has none until it is looked at again."""
    by, end = added - removed, position + removed
    moved = [mark for mark in marks if mark[1] < position]
    return moved + [(first + by, last + by) for first, last in marks if first > end]
