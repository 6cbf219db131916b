"""How the window opens the wizard and the account page: one of each kind at a time, the open one comes forward."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QWidget

from reviewdesk.domain.models import Account
from reviewdesk.ui.accounts.wizard import Wizard

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["open_account_page", "open_wizard"]

_W = TypeVar("_W", bound=QWidget)


def open_wizard(window: MainWindow, account_id: int = 0) -> Wizard | None:
    """Add an account, or with an id sign in to that one again. None when there is no such account."""
    account = _account(window, account_id) if account_id else None
    if account_id and account is None:
        return None
    name = f"wizard-{account_id}"
    wizard = _there(window, Wizard, name)
    if wizard is None:
        wizard = Wizard(window.bridge, window, account=account)
        wizard.setProperty("door", name)
        wizard.sample_wanted.connect(window.open_sample)
        wizard.added.connect(lambda made: window.show_view(f"account:{made.id}"))
    return _forward(wizard)


def open_account_page(window: MainWindow, account_id: int) -> QWidget | None:
    """How an account is doing, and everything that can be done with it. None when there is no such account."""
    from reviewdesk.ui.accounts.page import AccountPage

    if _account(window, account_id) is None:
        return None
    name = f"account-{account_id}"
    page = _there(window, AccountPage, name)
    if page is None:
        page = AccountPage(window.bridge, account_id, window)
        page.setProperty("door", name)
        page.sign_in_wanted.connect(lambda number: open_wizard(window, number))
    return _forward(page)


def _account(window: MainWindow, account_id: int) -> Account | None:
    return next((a for a in window.sidebar.accounts() if a.id == account_id), None)


def _there(window: QWidget, kind: type[_W], name: str) -> _W | None:
    return next((w for w in window.findChildren(kind) if w.isVisible() and w.property("door") == name), None)


def _forward(widget: _W) -> _W:
    widget.show()
    widget.raise_()
    widget.activateWindow()
    return widget
