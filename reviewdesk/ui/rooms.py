"""Rooms: parts of the window that stand on their own, and the one seam they come in through.

A room is a function that gets the window and adds what it brings. It is called once while the window is put
together, before anything is shown: so it must be quick, and whatever is heavy is imported where it is first
needed. Everything runs on the GUI thread. An example, ``reviewdesk/ui/products/room.py``::

    def add_to(window: MainWindow) -> None:
        def make() -> Page:
            from reviewdesk.ui.products.page import ProductsPage  # loaded when first shown

            return ProductsPage(window.core, window.bridge, window)

        # Sidebar entry (under Tools, by place: 10 Products, 20 Invitations, 30 Insights), action "go-products",
        # its keys, its line in the View menu and in the palette.
        window.add_page("products", translate("products", "Products"), "package", make, place=10,
                        keys=["g p"], shortcuts=["Ctrl+7"], also=[translate("products", "catalogue")])
        # An action: palette, cheat sheet and key settings have it at once. about_review=True: needs a review.
        window.add_action("match", translate("products", "Match products"), partial(_match, window),
                          icon="link", group=translate("actions", "Products"))
        window.menus.add("tools", ["match"])          # file, edit, view, review, accounts, tools, help, context
        # A button in the header, as Invite is.
        window.header.add_button(translate("products", "Match"), "link", partial(_match, window))
        # Settings: rows in a section that is there or in a new one, or a whole widget of one's own.
        window.add_settings("data", items=lambda make: [make.switch(...)], build=DataPage)

What a page is, is told in ``reviewdesk.ui.page.Page``. Useful on the window: ``show_page(key)`` (goes there and
answers with the page), ``page(key)``, ``set_page_count(key, n)``, ``show_view(key)``, ``open_review(id)``,
``ids()`` (the reviews an action is about), ``reading.detail()``, ``say(text)``, ``open_address(url)``,
``bridge.run(work, done=..., owner=...)``, ``palette_.add_source(offer)`` for choices that are no actions, and
``doing.act(kind, future, ids)`` for what is stored, said with Undo and taken back with Z.

Words of a room go through ``translate("<room>", ...)``. Keys: never Alt+letter, never Ctrl+Alt+letter; a key that
is taken raises ValueError at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reviewdesk.ui import (
    bulk_reply,
    casework,
    data,
    insights,
    invitations,
    messages,
    printing,
    products,
    review_menu,
    saved_replies,
    snooze,
    suggestions,
    translation,
)

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["ROOMS"]

# One line each, imported at the top; the order is that of sections and menus where places do not say otherwise.
ROOMS: tuple[Callable[[MainWindow], None], ...] = (
    products.add_to,
    invitations.add_to,
    insights.add_to,
    casework.add_to,
    messages.add_to,
    saved_replies.add_to,
    data.add_to,
    bulk_reply.add_to,
    printing.add_to,
    suggestions.add_to,
    translation.add_to,
    review_menu.add_to,
    snooze.add_to,
)
"""Every room there is."""
