"""The accounts in the settings: each with its state and the doors to its page and its sign-in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from reviewdesk.domain.models import Account, AccountState
from reviewdesk.ui.accounts import open_account_page, open_wizard
from reviewdesk.ui.widgets import PlainLabel, PushButton, Separator

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["AccountsPage"]


class AccountsPage(QWidget):
    """Follows the sidebar's reading of the accounts, so that it never waits for the database."""

    def __init__(self, window: MainWindow, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = window
        self._shown: list[tuple[int, str, AccountState]] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 14, 0, 0)
        self._column.setSpacing(0)
        self._rows = QWidget(self)
        self._column.addWidget(self._rows)
        self._column.addSpacing(14)
        self.add = PushButton(self.tr("Add account"), self, icon="plus")
        self.add.clicked.connect(partial(open_wizard, window))
        self._column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeading)
        window.sidebar.counted.connect(self._tell)
        self._tell()

    def _tell(self) -> None:
        accounts = self._window.sidebar.accounts()
        shown = [(a.id, a.name, a.state) for a in accounts]
        if shown == self._shown:
            return
        self._shown = shown
        old, self._rows = self._rows, QWidget(self)
        column = QVBoxLayout(self._rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        titles = {spec.id: spec.title for spec in self._window.core.accounts.specs()}
        for account in accounts:
            column.addLayout(self._row(account, titles.get(account.provider, account.provider)))
            column.addWidget(Separator(self._rows))
        if not accounts:
            column.addWidget(PlainLabel(self.tr("No account yet"), self._rows, role="text-2"))
        self._column.replaceWidget(old, self._rows)
        old.hide()
        old.deleteLater()

    def _row(self, account: Account, source: str) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(PlainLabel(account.name, self._rows))
        line = f"{source} · {self._state_words(account.state)}"
        role = "warn" if account.state in (AccountState.SIGN_IN_NEEDED, AccountState.ERROR) else "text-3"
        words.addWidget(PlainLabel(line, self._rows, role=role))
        row = QHBoxLayout()
        row.setContentsMargins(0, 9, 0, 9)
        row.setSpacing(8)
        row.addLayout(words, 1)
        for text, name, door in (
            (
                self.tr("Sign in again"),
                self.tr("Sign in to {account} again").format(account=account.name),
                partial(open_wizard, self._window, account.id),
            ),
            (
                self.tr("Account health"),
                self.tr("Health of {account}").format(account=account.name),
                partial(open_account_page, self._window, account.id),
            ),
        ):
            button = PushButton(text, self._rows, small=True)
            button.setAccessibleName(name)
            button.clicked.connect(lambda _on=False, door=door: door())
            row.addWidget(button)
        return row

    def _state_words(self, state: AccountState) -> str:
        return {
            AccountState.PAUSED: self.tr("paused"),
            AccountState.SIGN_IN_NEEDED: self.tr("sign-in needed"),
            AccountState.ERROR: self.tr("the last sync failed"),
            AccountState.NEVER_SYNCED: self.tr("not loaded yet"),
        }.get(state, self.tr("up to date"))
