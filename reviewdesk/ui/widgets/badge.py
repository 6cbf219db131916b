"""Badges (a state in words with its icon) and key caps."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets.label import plain_tip

__all__ = ["Badge", "KeyCap", "cap_width", "draw_badge", "draw_cap"]

_LEVELS = {
    # level: (fill, outline, text, icon)
    "plain": ("", "line", "text-2", "text-2"),
    "warn": ("warn-bg", "warn-line", "warn", "warn"),
    "fail": ("fail-bg", "fail-line", "fail", "fail"),
    "public": ("public-bg", "public-line", "public", "public"),
    "private": ("private-bg", "private-line", "private", "private"),
}


def cap_width(text: str) -> int:
    """Width of a key cap, at least as wide as high."""
    font = fonts.mark_font(500)
    return max(_cap_height() - 2, fonts.metrics_of(font).horizontalAdvance(text) + 10)


def _cap_height() -> int:
    return metrics.mark_line() + 4


def draw_cap(
    painter: QPainter, x: int, rect: QRect, text: str, ink: QColor | None = None, off: bool = False
) -> None:
    """A key cap with its left edge at ``x``, centred in ``rect``; ``ink`` for caps on a filled button."""
    font = fonts.mark_font(500)
    measure = fonts.metrics_of(font)
    height, width = _cap_height(), cap_width(text)
    box = QRectF(x, rect.top() + (rect.height() - height) // 2, width, height)
    colour = theme().colour
    outline = QColor(ink) if ink is not None else colour("line" if off else "edge")
    if ink is not None:
        outline.setAlphaF(0.55)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(outline, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setFont(font)
    painter.setPen(ink if ink is not None else colour("text-off" if off else "text-2"))
    # Keys read from left to right in every language.
    painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    wide = measure.horizontalAdvance(text)
    baseline = box.top() + (height - measure.height()) // 2 + measure.ascent()
    painter.drawText(round(box.left() + (width - wide) / 2), round(baseline), text)
    painter.restore()


def draw_badge(painter: QPainter, rect: QRect, text: str, icon: str = "", level: str = "plain") -> None:
    """A badge filling ``rect``. Raises KeyError for an unknown level."""
    fill, outline, ink, icon_role = _LEVELS[level]
    colour = theme().colour
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour(outline), 1))
    painter.setBrush(colour(fill) if fill else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    right_to_left = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
    font = fonts.list_font(tabular=True)
    measure = fonts.metrics_of(font)
    edge = metrics.icon_size(14) if icon else 0
    gap = 4 if icon else 0
    room = rect.width() - 12 - edge - gap
    shown = measure.elidedText(text, Qt.TextElideMode.ElideRight, room)
    wide = measure.horizontalAdvance(shown)
    if icon:
        x = rect.right() + 1 - 6 - edge if right_to_left else rect.left() + 6
        box = QRect(x, rect.top() + (rect.height() - edge) // 2, edge, edge)
        icons.paint(painter, box, icon, colour(icon_role))
    x = rect.right() + 1 - 6 - edge - gap - wide if right_to_left else rect.left() + 6 + edge + gap
    painter.setFont(font)
    painter.setPen(colour(ink))
    painter.drawText(x, rect.top() + (rect.height() - measure.height()) // 2 + measure.ascent(), shown)
    painter.restore()


def badge_width(text: str, icon: str = "") -> int:
    font = fonts.list_font(tabular=True)
    return fonts.metrics_of(font).horizontalAdvance(text) + 13 + (metrics.icon_size(14) + 4 if icon else 0)


class Badge(QWidget):
    """A state in words. ``level``: plain, warn, fail, public, private (nothing good has a colour)."""

    def __init__(
        self, text: str = "", parent: QWidget | None = None, *, icon: str = "", level: str = "plain"
    ) -> None:
        super().__init__(parent)
        self._text, self._icon, self._level = text, icon, level
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def text(self) -> str:
        return self._text

    def icon(self) -> str:
        """The name of the icon beside the words; empty for none."""
        return self._icon

    def set(self, text: str, icon: str = "", level: str = "plain") -> None:
        """Show something else. Raises KeyError for an unknown level."""
        if level not in _LEVELS:
            raise KeyError(level)
        self._text, self._icon, self._level = text, icon, level
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def setToolTip(self, tip: str) -> None:
        super().setToolTip(plain_tip(tip))

    def sizeHint(self) -> QSize:
        return QSize(badge_width(self._text[:400], self._icon), metrics.badge_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics.icon_size(14) + 24, metrics.badge_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setLayoutDirection(self.layoutDirection())
            draw_badge(painter, self.rect(), self._text[:400], self._icon, self._level)


class KeyCap(QWidget):
    """A key, as it is printed on the keyboard."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        return QSize(cap_width(self._text), _cap_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            draw_cap(painter, 0, self.rect(), self._text)
