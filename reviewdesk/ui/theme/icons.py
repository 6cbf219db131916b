"""Phosphor icons from the font that QtAwesome brings, tinted by role at the moment of painting.

Only the font file and its table of names are read: QtAwesome itself would load ten more fonts. Its glyphs fill
the whole em, so a glyph of 16 px is drawn with a font of 16 px.
"""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPixmap,
)

from reviewdesk.ui.theme.core import theme

__all__ = ["forget", "icon", "is_mirrored", "names", "paint", "pixmap"]

_MIRRORED = (
    "arrow-bend",
    "arrow-square-out",
    "arrow-right",
    "arrow-left",
    "caret-left",
    "caret-right",
    "paper-plane",
    "tag",
    "list-bullets",
    "quotes",
    "chart-bar",
    "sliders",
    "user-plus",
)


def _font_folder() -> Path:
    spec = importlib.util.find_spec("qtawesome")
    if spec is None or spec.origin is None:
        raise RuntimeError("QtAwesome is not installed")
    return Path(spec.origin).parent / "fonts"


@cache
def _charmap() -> dict[str, str]:
    found = sorted(_font_folder().glob("phosphor-charmap-*.json"))
    table = json.loads(found[-1].read_text(encoding="utf-8"))
    return {name: chr(int(code, 16)) for name, code in table.items()}


@cache
def _family() -> str:
    found = sorted(_font_folder().glob("phosphor-[0-9]*.ttf"))
    number = QFontDatabase.addApplicationFont(str(found[-1]))
    families = QFontDatabase.applicationFontFamilies(number)
    if not families:
        raise RuntimeError("the icon font can't be loaded")
    return families[0]


def names() -> frozenset[str]:
    """Every name the font knows."""
    return frozenset(_charmap())


def is_mirrored(name: str) -> bool:
    """Whether the picture points in the reading direction (DESIGN.md 8, right to left)."""
    return name.startswith(_MIRRORED)


def _right_to_left() -> bool:
    return QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft


def paint(painter: QPainter, rect: QRect | QRectF, name: str, colour: QColor) -> None:
    """Draw an icon into a square. Raises KeyError for a name the font does not have."""
    glyph = _charmap()[name]
    box = QRectF(rect)
    font = QFont(_family())
    font.setPixelSize(max(1, round(box.height())))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    painter.save()
    painter.setFont(font)
    painter.setPen(colour)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if is_mirrored(name) and _right_to_left():
        painter.translate(box.center().x() * 2, 0)
        painter.scale(-1, 1)
    # The glyph's own box is the em; placing it by the font's ascent avoids rounding by drawText(rect).
    metrics = QFontMetricsF(font)
    top = box.top() + (box.height() - metrics.height()) / 2 + metrics.ascent()
    left = box.left() + (box.width() - metrics.horizontalAdvance(glyph)) / 2
    painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    painter.drawText(QRectF(left, top, 1, 1).topLeft(), glyph)
    painter.restore()


_pixmaps: dict[tuple[str, int, int, int, bool], QPixmap] = {}


def _render(name: str, px: int, colour: QColor, dpr: float) -> QPixmap:
    """A pixmap of ``px`` logical pixels, kept until the theme changes."""
    edge = max(1, round(px * dpr))
    key = (name, edge, colour.rgba(), round(dpr * 100), is_mirrored(name) and _right_to_left())
    known = _pixmaps.get(key)
    if known is None:
        if len(_pixmaps) > 2000:
            _pixmaps.clear()
        known = QPixmap(edge, edge)
        known.fill(Qt.GlobalColor.transparent)
        with QPainter(known) as painter:
            paint(painter, QRect(0, 0, edge, edge), name, colour)
        known.setDevicePixelRatio(dpr)
        _pixmaps[key] = known
    return known


def pixmap(name: str, size: int = 16, role: str = "text-2", dpr: float = 1.0) -> QPixmap:
    """An icon for a delegate: ``size`` in logical pixels (already scaled), in the colour of a role."""
    return _render(name, size, theme().colour(role), dpr)


def forget() -> None:
    """Drop the pixmaps; the theme does it when colours change."""
    _pixmaps.clear()


class _Engine(QIconEngine):
    """Asks the theme for its colour whenever it paints, so an icon never has to be replaced."""

    def __init__(self, name: str, role: str, active_role: str, on_name: str) -> None:
        super().__init__()
        self._name, self._role, self._active, self._on = name, role, active_role, on_name

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._role, self._active, self._on)

    def _look(self, mode: QIcon.Mode, state: QIcon.State) -> tuple[str, QColor]:
        role = {
            QIcon.Mode.Disabled: "text-off",
            QIcon.Mode.Active: self._active,
            QIcon.Mode.Selected: self._active,
        }.get(mode, self._role)
        return (self._on if state == QIcon.State.On else self._name), theme().colour(role)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        name, colour = self._look(mode, state)
        edge = min(rect.width(), rect.height())
        square = QRect(0, 0, edge, edge)
        square.moveCenter(rect.center())
        device = painter.device()
        dpr = device.devicePixelRatio() if device is not None else 1.0
        painter.drawPixmap(square.topLeft(), _render(name, edge, colour, dpr))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        name, colour = self._look(mode, state)
        edge = max(1, min(size.width(), size.height()))
        # Qt hands the size in device pixels and sets the ratio itself.
        return _render(name, edge, colour, 1.0).copy()


_icons: dict[tuple[str, str, str, str], QIcon] = {}


def icon(name: str, role: str = "text-2", *, active_role: str = "text", on_name: str = "") -> QIcon:
    """An icon for buttons, menus and actions; follows the theme by itself.

    ``role`` at rest, ``active_role`` under the pointer, ``text-off`` when disabled, ``on_name`` while checked.
    Raises KeyError for a name the font does not have.
    """
    for wanted in (name, on_name):
        if wanted and wanted not in _charmap():
            raise KeyError(wanted)
    key = (name, role, active_role, on_name)
    if key not in _icons:
        _icons[key] = QIcon(_Engine(name, role, active_role, on_name or name))
    return QIcon(_icons[key])
