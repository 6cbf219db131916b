"""How the window opens the wizard and the account page: one of each kind at a time, the open one comes forward."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.models import Account
from reviewdesk.services.events import Notice, NoticeLevel
from reviewdesk.ui.accounts.trial import Errand

if TYPE_CHECKING:
    from reviewdesk.ui.accounts.wizard import Wizard
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["open_account_page", "open_wizard"]

translate = QCoreApplication.translate
_W = TypeVar("_W", bound=QWidget)
_PASSING = ("network", "server", "bad-answer", "storefull", "storebusy")
"""Kinds of errors that may be gone at the next try. A limit is none: asking again makes it worse."""


def open_wizard(window: MainWindow, account_id: int = 0) -> Wizard | None:
    """Add an account, or with an id sign in to that one again. None when there is no such account."""
    # Loaded when first wanted: the window's start must not wait for it.
    from reviewdesk.ui.accounts.wizard import Wizard

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


def notice_buttons(window: MainWindow, notice: Notice) -> tuple[tuple[str, Callable[[], object]], ...]:
    """What a bar offers: unlocking the keychain, signing in again, trying again, or a look at what it is about."""
    account = _account(window, notice.account_id) if notice.account_id else None
    if account is None:
        # The program itself: its database, its backups, or a fault whose traces the bundle holds.
        return ((translate("accounts", "Data and privacy"), lambda: window.open_settings("data")),)
    number = account.id
    health = (translate("accounts", "Account health"), lambda: open_account_page(window, number))
    # The notice may be ahead of the sidebar's own reading of the account.
    account = window.core.accounts.get(number) or account
    kind = account.last_error.kind if account.last_error is not None else ""
    if kind == "keychain":
        unlock = (translate("accounts", "Unlock and retry"), lambda: _unlock(window, account))
        session = (translate("accounts", "Keep for this session only"), lambda: open_wizard(window, number))
        return (unlock, session)
    if kind in ("sign-in", "host-key") or "ign in again" in notice.remedy:
        return ((translate("accounts", "Sign in again"), lambda: open_wizard(window, number)), health)
    if kind in _PASSING:
        again = (translate("accounts", "Try again"), lambda: _try_again(window, number))
        return (again, health)
    return (health,)


def _try_again(window: MainWindow, account_id: int) -> None:
    window.bar.hide()
    window.bridge.run(window.core.sync.sync_now, [account_id], owner=window)


def _unlock(window: MainWindow, account: Account) -> None:
    """Ask the keychain on a thread of its own: it may wait for a person."""
    window.bar.hide()
    core, number = window.core, account.id
    errand = Errand(lambda: core.accounts.unlock(account), window)
    errand.done.connect(lambda _nothing: window.bridge.run(core.sync.sync_now, [number], owner=window))
    errand.failed.connect(lambda error: window.bridge.notice.emit(_as_notice(error, number)))
    errand.start()


def _as_notice(error: ReviewdeskError, account_id: int) -> Notice:
    return Notice(NoticeLevel.ERROR, error.message, "", account_id)


def _account(window: MainWindow, account_id: int) -> Account | None:
    return next((a for a in window.sidebar.accounts() if a.id == account_id), None)


def _there(window: QWidget, kind: type[_W], name: str) -> _W | None:
    return next((w for w in window.findChildren(kind) if w.isVisible() and w.property("door") == name), None)


def _forward(widget: _W) -> _W:
    widget.show()
    widget.raise_()
    widget.activateWindow()
    return widget
