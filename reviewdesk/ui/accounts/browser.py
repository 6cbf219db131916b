"""Signing in with the browser: the address to open, and the field for the address on which the browser ended."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QFont, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import PlainLabel, PushButton, announce

__all__ = ["BrowserStep"]

translate = QCoreApplication.translate


def _medium() -> QFont:
    return fonts.list_font(500)


class BrowserStep(QWidget):
    """Nothing is opened by itself: the person presses the button. ``edited`` while something is pasted."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._address = ""
        self.open_button = PushButton(
            translate("wizard", "Open the sign-in page"), self, kind="primary", icon="arrow-square-out"
        )
        self.copy_button = PushButton(translate("wizard", "Copy its address"), self, icon="copy")
        self.host = PlainLabel(parent=self, role="text-2", wrap=True)
        self.field = QLineEdit(self)
        # It holds a code that signs in, so it is shown as little as a password; nobody has to read it.
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setPlaceholderText("https://")
        self.field.setAccessibleName(translate("wizard", "Address on which the browser ended"))
        self.problem = PlainLabel(parent=self, role="fail", wrap=True)
        self.open_button.clicked.connect(self._on_open)
        self.copy_button.clicked.connect(self._on_copy)
        self.field.textEdited.connect(self._on_edited)
        column = QVBoxLayout(self)
        column.setContentsMargins(5, 2, 5, 0)
        column.setSpacing(0)
        column.addWidget(
            PlainLabel(
                translate("wizard", "1. Sign in there, as you always do"), self, font=_medium, wrap=True
            )
        )
        column.addSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.open_button)
        row.addWidget(self.copy_button)
        row.addStretch(1)
        column.addLayout(row)
        column.addSpacing(4)
        column.addWidget(self.host)
        column.addSpacing(20)
        column.addWidget(
            PlainLabel(
                translate("wizard", "2. Paste the address of the page on which it ended"),
                self,
                font=_medium,
                wrap=True,
            )
        )
        column.addSpacing(5)
        column.addWidget(self.field)
        column.addSpacing(4)
        column.addWidget(
            PlainLabel(
                translate(
                    "wizard",
                    "The page itself may be empty or show an error; its address is what counts. "
                    "It begins with your redirect address.",
                ),
                self,
                role="text-2",
                wrap=True,
            )
        )
        column.addSpacing(8)
        column.addWidget(self.problem)
        column.addStretch(1)
        self.setMaximumWidth(metrics.icon_size(660))

    def set_address(self, address: str) -> None:
        self._address = address
        host = QUrl(address).host()
        self.host.setText(translate("wizard", "Opens {host} in your browser").format(host=host))
        self.field.clear()
        self.set_problem("")

    def address(self) -> str:
        return self._address

    def pasted(self) -> str:
        return self.field.text().strip()

    def set_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        announce(self, text)

    def focus(self) -> None:
        self.open_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_open(self) -> None:
        url = QUrl(self._address)
        if url.scheme() not in ("https", "http") or not QDesktopServices.openUrl(url):
            self.set_problem(translate("wizard", "No browser could be opened. Copy the address instead."))
            return
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._address)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_edited(self) -> None:
        self.set_problem("")
        self.edited.emit()
