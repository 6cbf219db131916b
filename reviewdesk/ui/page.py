"""A page of the window: what stands beside the sidebar in place of the list and the reading pane."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

__all__ = ["Page"]


class Page(QWidget):
    """Base of the pages that rooms bring (``reviewdesk.ui.rooms``). All of it runs on the GUI thread.

    A page is built when it is first shown, and kept; it reads its data through ``bridge.run`` and follows
    ``bridge.changes``. ``showEvent`` and ``hideEvent`` tell it whether anybody looks.
    """

    search_words = ""
    """What the empty search box says over this page, as "Search products"; empty: it searches the reviews."""
    needs_account = True
    """Whether the first-run page stands in its place while there is no account."""

    answers: frozenset[str] = frozenset()
    """Actions about reviews (``reply``, ``private``) whose keys begin an answer to what this page shows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def start(self) -> QWidget:
        """What gets the focus when the page is entered."""
        return self

    def panes(self) -> Sequence[QWidget]:
        """What F6 goes through on this page, beside the sidebar."""
        return (self.start(),)

    def reply(self) -> None:
        """Begin an answer to what is shown; only asked of pages with ``answers``."""

    def set_filter(self, text: str) -> None:
        """The words of the search box, 120 ms after the last key; only asked of pages with ``search_words``."""

    def finish(self) -> bool:
        """The window wants to close: false while something that was typed could not be kept."""
        return True
