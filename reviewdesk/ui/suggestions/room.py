"""Brings suggestions into the window: an action that works in the composer and beside it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from reviewdesk.domain.models import Target

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow
    from reviewdesk.ui.suggestions.window import SuggestionsWindow

__all__ = ["add_to", "open_suggestions"]

translate = QCoreApplication.translate


def add_to(window: MainWindow) -> None:
    """The action, in the Review menu."""
    window.add_action(
        "suggest",
        translate("suggestions", "Suggest a reply from my earlier ones"),
        partial(open_suggestions, window),
        shortcuts=["Ctrl+Shift+G"],
        icon="lightbulb",
        group=translate("actions", "Reviews"),
        also=[translate("suggestions", "past replies"), translate("suggestions", "similar reviews")],
        about_review=True,
    )
    window.menus.add("review", ["suggest"])


def open_suggestions(window: MainWindow) -> SuggestionsWindow | None:
    """What we answered to similar reviews; nothing is written or sent by looking."""
    key = window.composer.key()
    if key is None:
        current = window.inbox.current_id() or window.reading.current_id()
        if not current:
            window.say(translate("suggestions", "Choose a review first"))
            return None
        key = (current, Target.PUBLIC)
    from reviewdesk.ui.suggestions.window import SuggestionsWindow  # loaded when first shown

    made = SuggestionsWindow(window, *key)
    made.show()
    made.raise_()
    made.activateWindow()
    return made
