"""Scores: five stars as paths, any other scale as a pill, none in words. Shared by rows and reading pane."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from reviewdesk.domain.score import is_low
from reviewdesk.ui.theme import fonts, metrics, theme

__all__ = ["ScoreView", "draw_pill", "draw_score", "draw_stars", "number", "pill_width", "stars_width"]

LIST_STAR, LIST_GAP = 13, 1
READING_STAR, READING_GAP = 17, 3


def number(score: float) -> str:
    """4 for 4.0, 4.5 for 4.5."""
    return f"{score:.1f}".removesuffix(".0")


@lru_cache(maxsize=64)
def _star(size: float, pen: float) -> QPainterPath:
    """A star in a square of ``size``: ten points, drawn about the origin's square (DESIGN.md 8)."""
    radius = size / 2 - pen / 2
    centre_x, centre_y = size / 2, size / 2 + size * 0.04
    points = []
    for i in range(10):
        angle = -math.pi / 2 + i * math.pi / 5
        reach = radius * 0.5 if i % 2 else radius
        points.append(QPointF(centre_x + reach * math.cos(angle), centre_y + reach * math.sin(angle)))
    path = QPainterPath()
    path.addPolygon(QPolygonF(points))
    path.closeSubpath()
    return path


def stars_width(size: int = LIST_STAR, gap: int = LIST_GAP) -> int:
    """Width of five stars in logical pixels; ``size`` already scaled."""
    return 5 * size + 4 * gap


def draw_stars(
    painter: QPainter,
    rect: QRect | QRectF,
    score: float,
    *,
    size: int = LIST_STAR,
    gap: int = LIST_GAP,
    right_to_left: bool = False,
    colour: QColor | None = None,
) -> None:
    """Five stars, centred vertically in ``rect``, from its leading edge. ``score`` 0 to 5, halves are cut.

    ``colour`` replaces all colours (a selected row in high contrast).
    """
    low = is_low(score, 0, 5)
    big = size >= 16
    pen = (2.0 if low else 1.4) if big else (1.5 if low else 1.0)
    pen *= max(1.0, size / (READING_STAR if big else LIST_STAR))
    ink = colour or theme().colour("score-low" if low else "score")
    hollow = colour or (ink if low else theme().colour("score-off"))
    box = QRectF(rect)
    y = box.top() + (box.height() - size) / 2
    path = _star(float(size), pen)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for i in range(5):
        offset = i * (size + gap)
        x = box.right() - offset - size if right_to_left else box.left() + offset
        part = max(0.0, min(1.0, score - i))
        pen_colour = ink if part >= 0.5 or low else hollow
        painter.save()
        painter.translate(x, y)
        painter.setPen(
            QPen(pen_colour, pen, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        painter.setBrush(ink if part >= 1 else Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        if 0 < part < 1:
            painter.setClipRect(
                QRectF(size * (1 - part), 0, size * part, size)
                if right_to_left
                else QRectF(0, 0, size * part, size)
            )
            painter.setBrush(ink)
            painter.drawPath(path)
        painter.restore()
    painter.restore()


def _pill_text(score: float, high: float) -> str:
    return f"{number(score)}/{number(high)}"


def pill_width(score: float, high: float) -> int:
    """Width of the pill that ``draw_pill`` draws."""
    return fonts.metrics_of(fonts.mark_font()).horizontalAdvance(_pill_text(score, high)) + 12


def draw_pill(
    painter: QPainter,
    rect: QRect | QRectF,
    score: float,
    high: float,
    *,
    low: float = 0,
    right_to_left: bool = False,
    colour: QColor | None = None,
) -> None:
    """``9/10`` in a pill, centred vertically in ``rect``, at its leading edge."""
    poor = is_low(score, low, high)
    text = _pill_text(score, high)
    font = fonts.mark_font()
    measure = fonts.metrics_of(font)
    width, height = pill_width(score, high), metrics.mark_line() + 4
    pen = 2 if poor else 1
    box = QRectF(rect)
    x = box.right() - width if right_to_left else box.left()
    y = round(box.top() + (box.height() - height) / 2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour or theme().colour("score-low" if poor else "score-off"), pen))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    outline = QRectF(x, y, width, height).adjusted(pen / 2, pen / 2, -pen / 2, -pen / 2)
    painter.drawRoundedRect(outline, outline.height() / 2, outline.height() / 2)
    painter.setFont(font)
    painter.setPen(colour or theme().colour("score-low" if poor else "score"))
    painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    baseline = y + (height - measure.height()) / 2 + measure.ascent()
    painter.drawText(QPointF(x + 6, baseline), text)
    painter.restore()


def draw_score(
    painter: QPainter,
    rect: QRect | QRectF,
    score: float | None,
    low: float,
    high: float,
    *,
    size: int = LIST_STAR,
    gap: int = LIST_GAP,
    right_to_left: bool = False,
    colour: QColor | None = None,
) -> None:
    """Whatever the score needs: stars for a scale of five, a pill for another, words for none."""
    if score is None:
        font = fonts.mark_font(400)
        measure = fonts.metrics_of(font)
        text = QCoreApplication.translate("Score", "no score")
        box = QRectF(rect)
        x = box.right() - measure.horizontalAdvance(text) if right_to_left else box.left()
        painter.save()
        painter.setFont(font)
        painter.setPen(colour or theme().colour("text-3"))
        painter.drawText(
            QPointF(x, box.top() + (box.height() - measure.height()) / 2 + measure.ascent()), text
        )
        painter.restore()
    elif high == 5:
        draw_stars(painter, rect, score, size=size, gap=gap, right_to_left=right_to_left, colour=colour)
    else:
        draw_pill(painter, rect, score, high, low=low, right_to_left=right_to_left, colour=colour)


class ScoreView(QWidget):
    """A score in the reading pane: 17 px stars, a pill, or words; the accessible name says it in words."""

    def __init__(
        self, parent: QWidget | None = None, *, size: int = READING_STAR, gap: int = READING_GAP
    ) -> None:
        super().__init__(parent)
        self._size, self._gap = size, gap
        self._score: float | None = None
        self._low, self._high = 1.0, 5.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_score(self, score: float | None, low: float, high: float) -> None:
        self._score, self._low, self._high = score, low, high
        self.setAccessibleName(self.words())
        self.updateGeometry()
        self.update()

    def words(self) -> str:
        """``2 of 5``, ``9 of 10`` or ``no score``."""
        if self._score is None:
            return self.tr("no score")
        return self.tr("{score} of {high}").format(score=number(self._score), high=number(self._high))

    def sizeHint(self) -> QSize:
        if self._score is None:
            width = fonts.metrics_of(fonts.mark_font(400)).horizontalAdvance(self.tr("no score")) + 1
        elif self._high == 5:
            width = stars_width(metrics.icon_size(self._size), self._gap)
        else:
            width = pill_width(self._score, self._high)
        return QSize(width, metrics.list_line())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            draw_score(
                painter,
                self.rect(),
                self._score,
                self._low,
                self._high,
                size=metrics.icon_size(self._size),
                gap=self._gap,
                right_to_left=self.layoutDirection() == Qt.LayoutDirection.RightToLeft,
            )
