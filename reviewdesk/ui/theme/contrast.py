"""Contrast arithmetic, the system's own accent, and a high-contrast table made from the system's own palette."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from reviewdesk.ui.theme.tokens import CONTRAST

__all__ = [
    "blend",
    "from_palette",
    "has_system_accent",
    "ratio",
    "system_accent",
    "system_palette",
    "with_accent",
]


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _luminance(colour: QColor) -> float:
    return (
        0.2126 * _linear(colour.redF()) + 0.7152 * _linear(colour.greenF()) + 0.0722 * _linear(colour.blueF())
    )


def ratio(one: QColor, other: QColor) -> float:
    """The contrast of two opaque colours after WCAG 2, 1 to 21."""
    a, b = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def blend(over: QColor, under: QColor, alpha: float) -> QColor:
    """``over`` at ``alpha`` (0 to 1) on ``under``."""
    return QColor.fromRgbF(
        over.redF() * alpha + under.redF() * (1 - alpha),
        over.greenF() * alpha + under.greenF() * (1 - alpha),
        over.blueF() * alpha + under.blueF() * (1 - alpha),
    )


def with_accent(base: Mapping[str, str], accent: QColor, *, dark: bool) -> Mapping[str, str]:
    """``base`` with another accent, or ``base`` itself when text on or in that accent could not be read."""
    surface = QColor(base["surface"])
    grounds = [QColor(base[role]) for role in ("surface", "chrome", "sunken", "raised")]
    link = accent
    for _ in range(12):
        if min(ratio(link, ground) for ground in grounds) >= 4.5:
            break
        link = link.lighter(115) if dark else link.darker(110)
    select = blend(accent, surface, 0.25 if dark else 0.13)
    readable = (
        ratio(QColor(base["on-accent"]), accent) >= 4.5
        and min(ratio(link, ground) for ground in grounds) >= 4.5
        and ratio(QColor(base["text-3"]), select) >= 4.5
    )
    if not readable:
        return base
    return {
        **base,
        "accent": accent.name(),
        "accent-hover": accent.darker(112).name(),
        "select": select.name(),
        "link": link.name(),
        "focus": link.name(),
    }


def has_system_accent() -> bool:
    """Whether this system has an accent of its own that a person chose there."""
    return sys.platform in ("darwin", "win32")


def system_accent(app: QApplication) -> QColor | None:
    """The accent of macOS and Windows. Linux desktops report none that a person chose."""
    if not has_system_accent():
        return None
    return system_palette(app).color(QPalette.ColorRole.Accent)


def system_palette(app: QApplication) -> QPalette:
    """The palette of the desktop, whatever palette is set now (the caller sets its own right after)."""
    app.setPalette(QPalette())
    return QPalette(app.palette())


def from_palette(palette: QPalette) -> Mapping[str, str]:
    """Every role mapped onto the six colours of a system's contrast theme, or our table when it is none."""

    def of(role: QPalette.ColorRole) -> QColor:
        return palette.color(QPalette.ColorGroup.Active, role)

    base, text = of(QPalette.ColorRole.Base), of(QPalette.ColorRole.Text)
    window, link = of(QPalette.ColorRole.Window), of(QPalette.ColorRole.Link)
    chosen, on_chosen = of(QPalette.ColorRole.Highlight), of(QPalette.ColorRole.HighlightedText)
    readable = (
        ratio(base, text) >= 7
        and ratio(window, text) >= 7
        and ratio(chosen, on_chosen) >= 4.5
        and ratio(link, base) >= 4.5
    )
    if not readable:
        return CONTRAST
    off = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    table = {role: text.name() for role in CONTRAST}
    for role in ("surface", "sunken", "raised", "select-idle", "toast"):
        table[role] = base.name()
    for role in ("chrome", "side-select"):
        table[role] = window.name()
    for role in ("accent", "accent-hover", "select", "private-band", "private-hover"):
        table[role] = chosen.name()
    for role in ("on-accent", "on-select", "on-private"):
        table[role] = on_chosen.name()
    for role in ("link", "focus", "toast-link"):
        table[role] = link.name()
    for role in CONTRAST:
        if role.endswith("-bg"):
            table[role] = base.name()
    table["hit"] = blend(chosen, base, 0.35).name()
    table["hover"], table["press"] = blend(text, base, 0.15).name(), blend(text, base, 0.2).name()
    table["text-off"] = off.name()
    for role in ("shadow-far", "shadow-near", "scrim"):
        table[role] = CONTRAST[role]
    return table
