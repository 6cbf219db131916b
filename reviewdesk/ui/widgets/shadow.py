"""The shadow under what floats: two blurred layers, painted once per theme and size class, then stretched."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from reviewdesk.ui.theme import theme

__all__ = ["MARGIN", "draw_shadow"]

MARGIN = 28
"""How much room a floating widget leaves around its body for the shadow, in logical pixels."""

_CORE = 60
_cache: dict[tuple[int, int, int], QPixmap] = {}


def _layer(painter: QPainter, body: QRectF, radius: float, blur: int, drop: int, colour: QColor) -> None:
    """A soft rectangle: nested round rectangles whose opacities add up, quadratically towards the edge."""
    steps = blur
    if colour.alpha() == 0:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    before = 0.0
    for i in range(steps):
        # From the outermost (faintest) inwards; each layer adds what the falling curve asks for.
        reach = blur * (1 - 2 * i / steps) / 2
        wanted = colour.alphaF() * ((i + 1) / steps) ** 2
        add = (wanted - before) / (1 - before)
        before = wanted
        layer = QColor(colour)
        layer.setAlphaF(max(0.0, min(1.0, add)))
        painter.setBrush(layer)
        box = body.adjusted(-reach, -reach + drop, reach, reach + drop)
        painter.drawRoundedRect(box, max(1.0, radius + reach), max(1.0, radius + reach))


def _patch(radius: int, dpr: float) -> QPixmap:
    key = (theme().generation, radius, round(dpr * 100))
    known = _cache.get(key)
    if known is None:
        if len(_cache) > 8:
            _cache.clear()
        edge = _CORE + 2 * MARGIN
        known = QPixmap(round(edge * dpr), round(edge * dpr))
        known.setDevicePixelRatio(dpr)
        known.fill(Qt.GlobalColor.transparent)
        with QPainter(known) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            body = QRectF(MARGIN, MARGIN, _CORE, _CORE)
            _layer(painter, body, radius, 32, 12, theme().colour("shadow-far"))
            _layer(painter, body, radius, 6, 2, theme().colour("shadow-near"))
        _cache[key] = known
    return known


def draw_shadow(painter: QPainter, body: QRect, radius: int, dpr: float) -> None:
    """The shadow of ``body``; the widget must reach ``MARGIN`` beyond it on every side."""
    patch = _patch(radius, dpr)
    corner, middle = MARGIN + _CORE // 2 - 2, 4
    full = _CORE + 2 * MARGIN
    left, top = body.left() - MARGIN, body.top() - MARGIN
    right, bottom = body.right() + 1 + MARGIN, body.bottom() + 1 + MARGIN
    corner_y = min(corner, (bottom - top) // 2)
    xs = ((left, corner, 0, corner), (left + corner, right - left - 2 * corner, corner, middle),
          (right - corner, corner, full - corner, corner))  # fmt: skip
    ys = ((top, corner_y, 0, corner_y), (top + corner_y, bottom - top - 2 * corner_y, corner, middle),
          (bottom - corner_y, corner_y, full - corner_y, corner_y))  # fmt: skip
    for x, width, source_x, source_width in xs:
        for y, height, source_y, source_height in ys:
            if width > 0 and height > 0:
                painter.drawPixmap(
                    QRectF(x, y, width, height),
                    patch,
                    QRectF(source_x * dpr, source_y * dpr, source_width * dpr, source_height * dpr),
                )
