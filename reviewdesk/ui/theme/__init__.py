"""The look in one place: colours, sizes, fonts, icons and the style sheet, switched live.

``install(app)`` once after the QApplication was made; then ``theme()`` anywhere on the GUI thread.
"""

from __future__ import annotations

from reviewdesk.ui.theme import fonts, icons, metrics
from reviewdesk.ui.theme.core import SCHEMES, Theme, install, theme

__all__ = ["SCHEMES", "Theme", "fonts", "icons", "install", "metrics", "theme"]
