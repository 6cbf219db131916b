"""Brings the products room into the window."""

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
    """The page with its place in the sidebar, its keys, and the two actions."""

    def make() -> Page:
        from reviewdesk.ui.products.page import ProductsPage  # loaded when first shown

        made = ProductsPage(window.bridge, window)
        made.reviews_wanted.connect(partial(_show_reviews, window))
        made.said.connect(window.say)
        return made

    window.add_page(
        "products",
        translate("products", "Products"),
        "package",
        make,
        place=10,
        keys=["g p"],
        shortcuts=["Ctrl+7"],
        also=[translate("products", "catalogue"), translate("products", "articles")],
    )
    group = translate("products", "Products")
    window.add_action(
        "ask-products",
        translate("products", "Ask the sources about products"),
        partial(_act, window, "ask_all"),
        icon="arrows-clockwise",
        group=group,
        also=[translate("products", "summaries")],
    )
    window.add_action(
        "add-product",
        translate("products", "Add a product to a catalogue"),
        partial(_act, window, "add_product"),
        icon="plus",
        group=group,
    )
    window.menus.add("tools", ["ask-products", "add-product"])


def _act(window: MainWindow, name: str) -> None:
    getattr(window.show_page("products"), name)()


def _show_reviews(window: MainWindow, query: str) -> None:
    """The inbox on one product: its reviews of all sources, as a search that can be narrowed."""
    window.show_view("inbox")
    window.header.search.set_scope("everything")
    window.header.search.set_text(query)
    window.focus_list()
