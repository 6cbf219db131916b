"""Brings the invitations into the window: the page, the Invite button, keys and menu lines."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from PySide6.QtCore import QCoreApplication, Qt
from shiboken6 import isValid

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.ui.widgets.buttons import set_off

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from reviewdesk.ui.bridge import Bridge
    from reviewdesk.ui.invitations.window import InviteWindow
    from reviewdesk.ui.main_window import MainWindow
    from reviewdesk.ui.page import Page

__all__ = ["add_to", "open_invite"]

translate = QCoreApplication.translate
_open: WeakKeyDictionary[QWidget, InviteWindow] = WeakKeyDictionary()
"""One invitation window for each main window."""
MOST = 2_000
"""Reviews that a selection may have to be invited from."""


def add_to(window: MainWindow) -> None:
    """Page, button, actions."""

    def make() -> Page:
        from reviewdesk.ui.invitations.page import InvitationsPage  # loaded when first shown

        made = InvitationsPage(window.bridge, window)
        made.invite_wanted.connect(partial(open_invite, window))
        made.shown_wanted.connect(partial(_show, window))
        made.review_wanted.connect(window.open_review)
        made.said.connect(window.say)
        return made

    title = translate("invitations", "Invitations")
    window.add_page(
        "invitations",
        title,
        "user-plus",
        make,
        place=20,
        also=[translate("invitations", "do not contact"), translate("invitations", "asked")],
    )
    words = translate("invitations", "Invite")
    window.add_action(
        "invite",
        translate("invitations", "Invite a customer"),
        partial(open_invite, window),
        shortcuts=["Ctrl+N"],
        keys=["c"],
        icon="plus",
        group=title,
        also=[translate("invitations", "ask for a review"), translate("invitations", "QR code")],
    )
    window.add_action(
        "invite-list",
        translate("invitations", "Invite customers from a file"),
        partial(open_invite, window, from_list=True),
        icon="table",
        group=title,
        also=[translate("invitations", "bulk"), "CSV", "XLSX"],
    )
    window.add_action(
        "invite-selection",
        translate("invitations", "Invite the customers of the selected reviews"),
        partial(_from_selection, window),
        icon="user-plus",
        group=title,
        about_review=True,
    )
    window.menus.add("tools", ["invite", "invite-list", "invite-selection"])
    tip = translate("invitations", "Invite a customer")
    button = window.header.add_button(words, "plus", partial(open_invite, window), tip=tip)

    def tell() -> None:
        reason = None if window.sidebar.accounts() else translate("invitations", "Add an account first")
        for name in ("invite", "invite-list"):
            window.actions_.set_reason(name, reason)
        set_off(button, reason)

    window.sidebar.counted.connect(tell)
    if not window.sidebar.accounts():
        # Nobody may have asked yet, or the answer came before there was a button.
        window.sidebar.refresh()


def open_invite(window: MainWindow, *_pressed: object, from_list: bool = False) -> InviteWindow:
    """The invitation window, in front."""
    from reviewdesk.ui.invitations.window import LIST, InviteWindow  # loaded when first wanted

    shown = _open.get(window)
    if shown is None or not isValid(shown):
        shown = _open[window] = InviteWindow(window.bridge, window)
    if from_list:
        shown.show_page(LIST)
    # Shown when it is ready: nobody's first letters may land in a field that is about to change.
    if shown.is_ready():
        _front(shown)
    else:
        shown.ready.connect(partial(_front, shown), Qt.ConnectionType.SingleShotConnection)
    return shown


def _front(shown: InviteWindow) -> None:
    shown.show()
    shown.raise_()
    shown.activateWindow()
    if shown.page() == 0:
        shown.single.fields.focus_first()


def _show(window: MainWindow, made: object) -> None:
    open_invite(window).show_invitation(made)  # type: ignore[arg-type]


def _from_selection(window: MainWindow) -> None:
    """The customers of reviews as a list; never of a selection that looks at the score."""
    query, ids = window.inbox.query(), window.ids()[:MOST]
    core = window.bridge.core
    try:
        if query is not None:
            core.invitations.refuse_by_score(query.canonical, window.inbox.sort())
    except ReviewdeskError as error:
        window.bar.show_message("warn", error.message, icon="scales")
        return
    if not ids:
        window.say(translate("invitations", "Choose a review first"))
        return
    window.bridge.run(
        _list_of, window.bridge, ids, done=partial(_open_list, window), owner=window, key="invite-list"
    )


def _list_of(bridge: Bridge, ids: list[int]) -> str:
    """Address, name, order and product of the reviews that have an address, each customer and order once."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("email", "name", "order_id", "order_date", "sku", "locale"))
    seen: set[tuple[str, str]] = set()
    for detail in bridge.core.inbox.details(ids):
        email, order = detail.author.email or "", detail.row.order_id or detail.reference or ""
        if not email or (email.casefold(), order) in seen:
            continue
        seen.add((email.casefold(), order))
        day = datetime.fromtimestamp(detail.row.created_at, UTC).date().isoformat()
        sku = detail.product.sku if detail.product is not None else ""
        writer.writerow((email, detail.author.name or "", order, day, sku or "", detail.row.language or ""))
    return out.getvalue() if seen else ""


def _open_list(window: MainWindow, text: str) -> None:
    if not text:
        window.say(translate("invitations", "None of these reviews has an e-mail address"))
        return
    from reviewdesk.services.invitation_files import Table

    open_invite(window).open_list(Table.open_text(text))
