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


_fonts: dict[tuple[int, float, float, int, bool], QFont] = {}


def _font(px: float, weight: int, tabular: bool) -> QFont:
    t = theme()
    key = (t.generation, px, t.scale, weight, tabular)
    font = _fonts.get(key)
    if font is None:
        if len(_fonts) > 200:
            _fonts.clear()
            _metrics.clear()
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


_metrics: dict[str, QFontMetrics] = {}


def metrics_of(font: QFont) -> QFontMetrics:
    """QFontMetrics of a font, kept: making one costs more than measuring with it."""
    key = font.key()
    known = _metrics.get(key)
    if known is None:
        if len(_metrics) > 200:
            _metrics.clear()
        known = _metrics[key] = QFontMetrics(font)
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
