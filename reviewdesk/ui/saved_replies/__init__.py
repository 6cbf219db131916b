"""The page on which saved replies are kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow
    from reviewdesk.ui.page import Page

__all__ = ["add_to"]

translate = QCoreApplication.translate


def add_to(window: MainWindow) -> None:
    """The page with its place in the sidebar and its keys."""
    window.add_page(
        "saved-replies",
        translate("saved", "Saved replies"),
        "quotes",
        partial(_page, window),
        place=45,
        keys=["g y"],
        also=[translate("saved", "templates"), translate("saved", "snippets")],
    )


def _page(window: MainWindow) -> Page:
    from reviewdesk.ui.saved_replies.page import SavedRepliesPage  # loaded when first shown

    made = SavedRepliesPage(window.core, window.bridge, window)
    made.said.connect(window.say)
    return made
