"""Small helpers of the pane's own painting: text on a base line, mirrored rectangles, hairlines."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QWidget

from reviewdesk.domain.text import isolate
from reviewdesk.ui.theme import fonts, icons, theme

__all__ = ["draw_icon", "draw_text", "frame_card", "mirrored", "text_width"]

RADIUS = 8.0


def mirrored(widget: QWidget, rect: QRect) -> QRect:
    """``rect`` as it lies in the widget's writing direction."""
    if not widget.isRightToLeft():
        return QRect(rect)
    return QStyle.visualRect(widget.layoutDirection(), widget.rect(), rect)


def text_width(text: str, font: QFont) -> int:
    return fonts.width_of(font, text)


def draw_text(
    painter: QPainter, widget: QWidget, rect: QRect, text: str, font: QFont, role: str, *, elide: bool = True
) -> None:
    """One line of plain text at the leading side of ``rect`` (given left to right), on the interface font's base line.

    Drawing into a rectangle would let a fallback font move the line by a pixel.
    """
    metrics = fonts.metrics_of(font)
    width = fonts.width_of(font, text)
    if elide and width > rect.width():
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        width = min(metrics.horizontalAdvance(text), rect.width())
    place = mirrored(widget, QRect(rect.left(), rect.top(), width, rect.height()))
    base = rect.top() + (rect.height() - metrics.height()) // 2 + metrics.ascent()
    painter.setFont(font)
    painter.setPen(theme().ink(role))
    painter.drawText(QPoint(place.left(), base), isolate(text))


def draw_icon(painter: QPainter, widget: QWidget, rect: QRect, name: str, role: str) -> None:
    """An icon in a square given left to right."""
    place = mirrored(widget, rect)
    painter.drawPixmap(place.topLeft(), icons.pixmap(name, rect.width(), role, widget.devicePixelRatioF()))


def hairline(widget: QWidget) -> float:
    ratio = widget.devicePixelRatioF()
    return max(1, round(ratio)) / ratio


def frame_card(
    painter: QPainter, widget: QWidget, rect: QRect, fill: QColor, line: QColor, *, dashed: bool = False
) -> None:
    """A rounded card: private block, waiting reply."""
    pen = QPen(line, hairline(widget))
    if dashed:
        pen.setStyle(Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([3.0, 2.5])
    half = pen.widthF() / 2
    path = QPainterPath()
    path.addRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), RADIUS, RADIUS)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.setBrush(fill)
    painter.drawPath(path)
    painter.restore()
