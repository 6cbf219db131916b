"""The signatures of the accounts, each for one language or for any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPlainTextEdit, QVBoxLayout, QWidget

from reviewdesk.domain.models import Account
from reviewdesk.domain.signatures import MOST, contacts
from reviewdesk.ui.saved_replies.language import LanguageButton
from reviewdesk.ui.settings.items import History, Item, Step
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, PushButton

if TYPE_CHECKING:
    from reviewdesk.services.signatures import SignatureService
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["SignatureEditor", "signature_item"]

translate = QCoreApplication.translate
LINES = 3
Kept = Mapping[int, Mapping[str, str]]


class _AccountButton(PushButton):
    """Opens a menu of the accounts. ``chosen`` carries the id."""

    chosen = Signal(int)

    def __init__(self, accounts: list[Account], parent: QWidget) -> None:
        super().__init__("", parent)
        self.set_caret(True)
        self._accounts = accounts
        self._id = 0
        self.clicked.connect(self._offer)

    def choose(self, account_id: int) -> None:
        """As from the menu."""
        self._id = account_id
        name = next(account.name for account in self._accounts if account.id == account_id)
        self.setText(name)
        self.setAccessibleName(translate("settings", "Account: {name}").format(name=name))
        self.chosen.emit(account_id)

    def account_id(self) -> int:
        return self._id

    def _offer(self) -> None:
        menu = QMenu(self)
        for account in self._accounts:
            action = menu.addAction(account.name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(account.id == self._id)
            action.triggered.connect(lambda _on=False, chosen=account.id: self.choose(chosen))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))


class SignatureEditor(QWidget):
    """Account and language above, the text below. Every letter is kept; leaving the text makes it one step of undo."""

    def __init__(
        self,
        signatures: SignatureService,
        accounts: list[Account],
        note: Callable[[Kept], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._signatures, self._note = signatures, note
        self._before: Kept | None = None
        self.account = _AccountButton(accounts, self)
        self.language = LanguageButton(self)
        for button in (self.account, self.language):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.text = QPlainTextEdit(self)
        self.text.setObjectName("field")
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(translate("settings", "Signature"))
        self.text.installEventFilter(self)
        fonts.follow(self.text, fonts.body_font)
        self.warning = PlainLabel(parent=self, role="warn", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.account)
        row.addWidget(self.language)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        # The style sheet sets the height of fields themselves; not of what holds them.
        self._holder = QWidget(self)
        holder = QVBoxLayout(self._holder)
        holder.setContentsMargins(0, 0, 0, 0)
        holder.addWidget(self.text)
        column.addWidget(self._holder)
        column.addWidget(self.warning)
        self.account.chosen.connect(self._show)
        self.language.chosen.connect(self._show)
        self.text.textChanged.connect(self._on_text)
        theme().changed.connect(self._fit)
        self._fit()
        self.account.choose(accounts[0].id)

    def _fit(self) -> None:
        self._holder.setFixedHeight(LINES * metrics.body_line() + 14)

    def _show(self, *_chosen: object) -> None:
        self._step()
        account = self.account.account_id()
        self.language.set_written(self._signatures.all().get(account, {}))
        blocked = self.text.blockSignals(True)
        self.text.setPlainText(self._signatures.own(account, self.language.code()))
        self.text.blockSignals(blocked)
        self._warn()

    def _on_text(self) -> None:
        if self._before is None:
            self._before = self._signatures.all()
        self._signatures.put(self.account.account_id(), self.language.code(), self.text.toPlainText())
        self._warn()

    def _warn(self) -> None:
        text = self.text.toPlainText()
        found = self._signatures.unfit(text)
        public = contacts(text)
        words = ""
        if found:
            words = translate("settings", "This would be stopped before publishing: {what}").format(
                what=", ".join(dict.fromkeys(text[f.start : f.end] for f in found))
            )
        elif public:
            words = translate("settings", "Everyone will be able to read {what}").format(
                what=", ".join(public)
            )
        elif len(text.strip()) > MOST:
            words = translate("settings", "Only the first {count} characters are kept").format(
                count=self.locale().toString(MOST)
            )
        self.warning.setText(words)
        self.warning.setVisible(bool(words))
        self.text.setAccessibleDescription(words)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._step()
        return super().eventFilter(watched, event)

    def _step(self) -> None:
        before, self._before = self._before, None
        if before is not None and before != self._signatures.all():
            self._note(before)


def signature_item(window: MainWindow, history: History, head: str) -> Item:
    """The row of all signatures; undo and reset put back what all of them were."""
    title = translate("settings", "Signature")
    signatures = window.core.signatures

    def note(before: Kept) -> None:
        history.note(Step("writing.signatures", title, partial(signatures.restore, before)))

    def make(parent: QWidget) -> QWidget:
        accounts = window.sidebar.accounts()
        if not accounts:
            return PlainLabel(translate("settings", "No account yet"), parent, role="text-2")
        return SignatureEditor(signatures, accounts, note, parent)

    def reset() -> None:
        before = signatures.all()
        if before:
            signatures.restore({})
            note(before)

    line = translate(
        "settings", "Stands below each new reply and message. Public, so without phone numbers and e-mail"
    )
    return Item("writing.signatures", "writing", head, title, line, make, reset, wide=True)
