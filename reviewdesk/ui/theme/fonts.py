"""The five sizes of type, always in the desktop's own family (DESIGN.md 3)."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import lru_cache

from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from reviewdesk.ui.theme.core import theme

__all__ = [
    "body_font",
    "figure_font",
    "fixed_font",
    "follow",
    "list_font",
    "mark_font",
    "metrics_of",
    "title_font",
    "width_of",
]


@lru_cache(maxsize=32)
def _weight(family: str, weight: int) -> int:
    """A family without 600 takes 700; without 500 it takes 400 (Qt would do the like, less predictably)."""
    if weight not in (500, 600):
        return weight
    known = {QFontDatabase.weight(family, style) for style in QFontDatabase.styles(family)}
    if not known or weight in known:
        return weight
    return 700 if weight == 600 else 400


_fonts: dict[tuple[float, int, bool], QFont] = {}
_fonts_of = -1


def _font(px: float, weight: int, tabular: bool) -> QFont:
    global _fonts_of
    t = theme()
    if t.generation != _fonts_of:
        for kept in (_fonts, _metrics, _widths):
            kept.clear()
        _fonts_of = t.generation
    key = (px, weight, tabular)
    font = _fonts.get(key)
    if font is None:
        font = t.system_font
        font.setPixelSize(max(8, round(px * t.scale)))
        font.setWeight(QFont.Weight(_weight(font.family(), weight)))
        if tabular and hasattr(font, "setFeature"):
            font.setFeature(QFont.Tag("tnum"), 1)
        _fonts[key] = font
    return QFont(font)


def list_font(weight: int = 400, tabular: bool = False) -> QFont:
    """13 on 18: everything but the rest."""
    return _font(13, weight, tabular)


def body_font(weight: int = 400, tabular: bool = False) -> QFont:
    """15 on 24: review, conversation, composer; 600 for pane titles."""
    # Only reading text follows its own size; titles of panes are part of the interface.
    return _font(15 * (theme().body_scale if weight == 400 else 1), weight, tabular)


def title_font(weight: int = 600, tabular: bool = False) -> QFont:
    """20 on 26: review title, dialog heading."""
    return _font(20, weight, tabular)


def mark_font(weight: int = 600, tabular: bool = True) -> QFont:
    """11 on 14: source code, owner, key caps, score pill; never a sentence."""
    return _font(11, weight, tabular)


def figure_font(weight: int = 600, tabular: bool = True) -> QFont:
    """28 on 34: the figures of Insights."""
    return _font(28, weight, tabular)


def fixed_font() -> QFont:
    """Fixed width at list size, for fingerprints."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(max(8, round(13 * theme().scale)))
    return font


_metrics: dict[QFont, QFontMetrics] = {}
_widths: dict[tuple[QFont, str], int] = {}
_SHORT = 60
_MOST_WIDTHS = 4_000


def metrics_of(font: QFont) -> QFontMetrics:
    """QFontMetrics of a font, kept: making one costs more than measuring with it."""
    known = _metrics.get(font)
    if known is None:
        if len(_metrics) > 200:
            _metrics.clear()
        # The key is a font of its own: the caller's may be given another size.
        known = _metrics[QFont(font)] = QFontMetrics(font)
    return known


def width_of(font: QFont, text: str) -> int:
    """Px that ``text`` takes on one line. Those of short texts are kept: words of the interface come again and again."""
    if len(text) > _SHORT:
        return metrics_of(font).horizontalAdvance(text)
    known = _widths.get((font, text))
    if known is None:
        if len(_widths) >= _MOST_WIDTHS:
            _widths.clear()
        known = _widths[QFont(font), text] = metrics_of(font).horizontalAdvance(text)
    return known


_followers: weakref.WeakKeyDictionary[QWidget, Callable[[], QFont]] = weakref.WeakKeyDictionary()


def follow(widget: QWidget, make: Callable[[], QFont]) -> None:
    """Give ``widget`` the font that ``make`` makes, now and after every change of the scale.

    ``make`` is one of this module's functions or a partial of one; it must not hold the widget.
    """
    _followers[widget] = make
    widget.setFont(make())


def reapply() -> None:
    """Called by the theme after a change."""
    for widget, make in list(_followers.items()):
        if isValid(widget):
            widget.setFont(make())
            widget.updateGeometry()
