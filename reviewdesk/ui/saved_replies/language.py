"""Which language variant of a saved reply is being written."""

from __future__ import annotations

from collections.abc import Container
from functools import partial

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QMenu, QWidget

from reviewdesk.ui.reading.words import language_name
from reviewdesk.ui.widgets import PushButton

__all__ = ["LANGUAGES", "LanguageButton"]

translate = QCoreApplication.translate
LANGUAGES = ("", "en", "fr", "de", "es", "it", "nl", "pl", "pt", "da", "sv", "ro")
"""Codes of ISO 639-1; the empty one is for any language."""


class LanguageButton(PushButton):
    """Opens a menu of the languages; those that have a text bear a check. ``chosen`` carries the code."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", parent)
        self.set_caret(True)
        self._code = ""
        self._written: Container[str] = ()
        self.clicked.connect(self._offer)
        self.set_code("")

    def code(self) -> str:
        return self._code

    def set_code(self, code: str, *, written: Container[str] = ()) -> None:
        """Show this language; nothing is said."""
        self._code, self._written = code, written
        self.setText(_name(code))
        self.setAccessibleName(translate("saved", "Language: {name}").format(name=_name(code)))

    def set_written(self, written: Container[str]) -> None:
        """Which languages have a text."""
        self._written = written

    def choose(self, code: str) -> None:
        """As from the menu."""
        self.set_code(code, written=self._written)
        self.chosen.emit(code)

    def _offer(self) -> None:
        menu = QMenu(self)
        for code in LANGUAGES:
            action = menu.addAction(_name(code))
            action.setCheckable(True)
            action.setChecked(code in self._written)
            action.triggered.connect(partial(self._on_taken, code))
            if code == self._code:
                menu.setActiveAction(action)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _on_taken(self, code: str, _checked: bool) -> None:
        self.choose(code)


def _name(code: str) -> str:
    return language_name(code) or translate("saved", "Any language")
