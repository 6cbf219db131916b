"""The present theme: which scheme, which scale, which colours; tells everybody when that changes."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from reviewdesk.ui.theme import contrast
from reviewdesk.ui.theme.tokens import ACCENTS, CONTRAST, DARK, LIGHT

__all__ = ["SCHEMES", "Theme", "install", "theme"]

SCHEMES = ("system", "light", "dark", "contrast")
_MIN_SCALE, _MAX_SCALE = 0.8, 2.0

_PALETTE = (
    (QPalette.ColorRole.Window, "chrome"),
    (QPalette.ColorRole.Base, "surface"),
    (QPalette.ColorRole.AlternateBase, "sunken"),
    (QPalette.ColorRole.Button, "raised"),
    (QPalette.ColorRole.Light, "raised"),
    (QPalette.ColorRole.Midlight, "edge"),
    (QPalette.ColorRole.Mid, "line"),
    (QPalette.ColorRole.Dark, "field"),
    (QPalette.ColorRole.Shadow, "edge"),
    (QPalette.ColorRole.Text, "text"),
    (QPalette.ColorRole.WindowText, "text"),
    (QPalette.ColorRole.ButtonText, "text"),
    (QPalette.ColorRole.BrightText, "on-accent"),
    (QPalette.ColorRole.PlaceholderText, "text-3"),
    (QPalette.ColorRole.Highlight, "select"),
    (QPalette.ColorRole.HighlightedText, "on-select"),
    (QPalette.ColorRole.Link, "link"),
    (QPalette.ColorRole.LinkVisited, "link"),
    (QPalette.ColorRole.Accent, "accent"),
    (QPalette.ColorRole.ToolTipBase, "raised"),
    (QPalette.ColorRole.ToolTipText, "text"),
)


class Theme(QObject):
    """One per process, on the GUI thread. ``changed`` comes after palette, style sheet and icons are new."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._scheme = "system"
        self._accent = "system"
        self._user_scale = 1.0
        self._body_scale = 1.0
        self._less_motion = False
        self._system_font = QFont(app.font())
        self._system_scale = _system_scale(self._system_font)
        self._name = ""
        self._tokens: Mapping[str, str] = LIGHT
        self._colours: dict[str, QColor] = {}
        self._generation = 0

    # --- what is ---------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """``light``, ``dark`` or ``contrast``: what is shown now."""
        return self._name

    @property
    def scheme(self) -> str:
        """What the person chose: ``system``, ``light``, ``dark`` or ``contrast``."""
        return self._scheme

    @property
    def scale(self) -> float:
        """``t`` of DESIGN.md: 1.0 is 100 %."""
        return self._user_scale * self._system_scale

    @property
    def user_scale(self) -> float:
        """The person's part of ``scale``, 0.8 to 2.0."""
        return self._user_scale

    @property
    def body_scale(self) -> float:
        """How much larger than the interface review text is, 0.8 to 2.0."""
        return self._body_scale

    @property
    def generation(self) -> int:
        """Grows with every change: a key for caches."""
        return self._generation

    @property
    def system_font(self) -> QFont:
        return QFont(self._system_font)

    def colour(self, role: str) -> QColor:
        """The colour of a role. Raises KeyError for a role that does not exist."""
        known = self._colours.get(role)
        if known is None:
            known = self._colours[role] = QColor(self._tokens[role])
        # A copy: whoever makes it translucent changes nobody else's.
        return QColor(known)

    def ink(self, role: str) -> QColor:
        """The same as ``colour``, to paint with and not to change: no copy is made. Raises KeyError."""
        known = self._colours.get(role)
        if known is None:
            self.colour(role)
            known = self._colours[role]
        return known

    def token(self, role: str) -> str:
        """The colour of a role as a style sheet takes it."""
        return self._tokens[role]

    def tokens(self) -> Mapping[str, str]:
        return self._tokens

    def reduced_motion(self) -> bool:
        """Whether the person or the system asks for less movement."""
        if self._less_motion:
            return True
        hints = QGuiApplication.styleHints()
        accessibility = hints.accessibility() if hasattr(hints, "accessibility") else None
        preference = getattr(accessibility, "motionPreference", None)
        if preference is None:
            return False
        return getattr(preference(), "name", "") == "ReducedMotion"

    # --- changing it -----------------------------------------------------------------------------

    def set_scheme(self, scheme: str) -> None:
        """Switch live. Raises ValueError for an unknown scheme."""
        if scheme not in SCHEMES:
            raise ValueError(f"no such scheme: {scheme}")
        self._scheme = scheme
        wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(
            scheme, Qt.ColorScheme.Unknown
        )
        hints = QGuiApplication.styleHints()
        if scheme == "contrast":
            # The system's own dialogs follow the darkness at least.
            wanted = Qt.ColorScheme.Dark
        if hasattr(hints, "setColorScheme"):
            hints.setColorScheme(wanted)
        self.refresh()

    def set_accent(self, accent: str) -> None:
        """``system`` (its own where it has one), ``blue`` or a name of ``ACCENTS``; live. ValueError for others."""
        if accent not in ("system", "blue", *ACCENTS):
            raise ValueError(f"no such accent: {accent}")
        self._accent = accent
        self.refresh()

    def set_scale(self, scale: float) -> None:
        """Interface text, 0.8 to 2.0; values outside are brought in."""
        bounded = max(_MIN_SCALE, min(_MAX_SCALE, scale))
        if bounded != self._user_scale:
            self._user_scale = bounded
            self.refresh(force=True)

    def set_body_scale(self, scale: float) -> None:
        """Size of review text, 0.8 to 2.0; values outside are brought in."""
        bounded = max(_MIN_SCALE, min(_MAX_SCALE, scale))
        if bounded != self._body_scale:
            self._body_scale = bounded
            self.refresh(force=True)

    def set_reduced_motion(self, on: bool) -> None:
        """No movement, whatever the system says; off: as the system says."""
        self._less_motion = on

    def refresh(self, *, force: bool = False) -> None:
        """Look again at what the system and the person want, and apply it when it is something new."""
        name, tokens = self._wanted()
        if not force and name == self._name and dict(tokens) == dict(self._tokens):
            return
        self._name, self._tokens = name, tokens
        self._colours.clear()
        self._generation += 1
        self._apply()
        self.changed.emit()

    def _on_system_change(self) -> None:
        self.refresh()

    def _wanted(self) -> tuple[str, Mapping[str, str]]:
        if self._scheme == "contrast":
            return "contrast", CONTRAST
        if self._scheme == "system" and _system_wants_contrast():
            return "contrast", contrast.from_palette(contrast.system_palette(self._app))
        dark = self._scheme == "dark" or (
            self._scheme == "system" and QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        )
        base = DARK if dark else LIGHT
        accent = None
        if self._accent in ACCENTS:
            accent = QColor(ACCENTS[self._accent])
        elif self._accent == "system":
            accent = contrast.system_accent(self._app)
        if accent is not None:
            base = contrast.with_accent(base, accent, dark=dark)
        return ("dark" if dark else "light"), base

    def _apply(self) -> None:
        # Imported here: both need theme() to exist.
        from reviewdesk.ui.theme import fonts, icons, qss

        icons.forget()
        self._app.setPalette(self._palette())
        self._app.setFont(fonts.list_font())
        self._app.setStyleSheet(qss.sheet(self))
        fonts.reapply()

    def _palette(self) -> QPalette:
        palette = QPalette()
        for role, token in _PALETTE:
            for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
                palette.setColor(group, role, self.colour(token))
            disabled = "text-off" if "Text" in role.name else token
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour(disabled))
        palette.setColor(
            QPalette.ColorGroup.Inactive, QPalette.ColorRole.Highlight, self.colour("select-idle")
        )
        palette.setColor(
            QPalette.ColorGroup.Inactive, QPalette.ColorRole.HighlightedText, self.colour("text")
        )
        return palette


def _system_wants_contrast() -> bool:
    hints = QGuiApplication.styleHints()
    if not hasattr(hints, "accessibility"):
        return False
    preference = getattr(hints.accessibility(), "contrastPreference", None)
    return preference is not None and getattr(preference(), "name", "") == "HighContrast"


def _system_scale(font: QFont) -> float:
    """How much larger than usual the person has made the desktop's text."""
    px = QFontInfo(font).pixelSize()
    if sys.platform == "darwin":
        usual = 13.0
    elif sys.platform == "win32":
        usual = 12.0
    else:
        desktop = os.environ.get("XDG_CURRENT_DESKTOP", "").upper()
        usual = 14.7 if "GNOME" in desktop else 13.3 if "KDE" in desktop else float(px)
    factor = px / usual
    # A desktop whose default differs by a pixel has not been enlarged by anybody.
    return 1.0 if abs(factor - 1) < 0.15 else max(0.8, min(2.0, factor))


_theme: Theme | None = None


def install(
    app: QApplication,
    *,
    scheme: str = "system",
    scale: float = 1.0,
    accent: str = "system",
) -> Theme:
    """Make the theme of this process and apply it. A second call only changes scheme, scale and accent."""
    global _theme
    first = _theme is None
    if _theme is None:
        # Fusion as it is, so that rows, composer and controls agree. A style of ours in Python crashed the window
        # sooner or later when schemes were changed: Qt asks it for widgets that are being made and unmade.
        app.setStyle("Fusion")
        _theme = Theme(app)
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(_theme._on_system_change)
        if hasattr(hints, "accessibility"):
            changed = getattr(hints.accessibility(), "contrastPreferenceChanged", None)
            if changed is not None:
                changed.connect(_theme._on_system_change)
        from reviewdesk.ui.widgets.focus import FocusFollower

        _theme.focus_follower = FocusFollower(app)  # type: ignore[attr-defined]
    bounded = max(_MIN_SCALE, min(_MAX_SCALE, scale))
    grown = bounded != _theme._user_scale
    _theme._user_scale = bounded
    # A style sheet goes through every widget there is: only for something new.
    if first or grown or scheme != _theme.scheme or accent != _theme._accent:
        _theme._accent = accent
        _theme._name = ""
        _theme.set_scheme(scheme)
    return _theme


def theme() -> Theme:
    """The theme of this process. Raises RuntimeError before ``install``."""
    if _theme is None:
        raise RuntimeError("the theme is not installed yet")
    return _theme
