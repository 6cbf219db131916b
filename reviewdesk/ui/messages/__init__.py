"""Private messages of all accounts as threads."""

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
        "messages",
        translate("messages", "Messages"),
        "envelope-simple",
        partial(_page, window),
        place=5,
        keys=["g m"],
        also=[translate("messages", "private"), translate("messages", "letters")],
    )


def _page(window: MainWindow) -> Page:
    from reviewdesk.ui.messages.page import MessagesPage  # loaded when first shown

    made = MessagesPage(window.bridge, window)
    made.review_wanted.connect(window.open_review)
    return made
