"""Brings the insights room into the window."""

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

    def make() -> Page:
        from reviewdesk.ui.insights.page import InsightsPage  # loaded when first shown

        made = InsightsPage(window.bridge, window)
        made.reviews_wanted.connect(partial(_show_reviews, window))
        return made

    window.add_page(
        "insights",
        translate("insights", "Insights"),
        "chart-bar",
        make,
        place=30,
        keys=["g n"],
        shortcuts=["Ctrl+8"],
        also=[
            translate("insights", "figures"),
            translate("insights", "statistics"),
            translate("insights", "reply rate"),
            translate("insights", "reply time"),
        ],
    )


def _show_reviews(window: MainWindow, query: str) -> None:
    """The list behind a figure, as a search that can be narrowed."""
    window.show_view("inbox")
    window.header.search.set_scope("everything")
    window.header.search.set_text(query)
    window.focus_list()
