"""The words that are right in every text of this profile, one to a line."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.ui.settings.items import History, Item, Step
from reviewdesk.ui.theme import fonts, metrics, theme

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["own_words_item"]

translate = QCoreApplication.translate
LINES = 4
KEY = "writing.own_words"


class _Words(QWidget):
    """Kept when the field is left."""

    def __init__(self, window: MainWindow, history: History, parent: QWidget) -> None:
        super().__init__(parent)
        self._window, self._history = window, history
        self._kept: tuple[str, ...] | None = None
        self.text = QPlainTextEdit(self)
        self.text.setObjectName("field")
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(translate("settings", "My words"))
        self.text.setReadOnly(True)
        self.text.installEventFilter(self)
        fonts.follow(self.text, fonts.list_font)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.text)
        theme().changed.connect(self._fit)
        self._fit()
        self.read()

    def _fit(self) -> None:
        self.setFixedHeight(LINES * metrics.list_line() + 14)

    def read(self) -> None:
        """Show what is kept now."""
        service = self._window.core.spelling
        self._window.bridge.watch(service.ask(service.own_words), done=self._show, owner=self, key="words")

    def _show(self, words: tuple[str, ...]) -> None:
        self._kept = words
        self.text.setPlainText("\n".join(words))
        self.text.setReadOnly(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._keep()
        return super().eventFilter(watched, event)

    def _keep(self) -> None:
        before, words = self._kept, tuple(self.text.toPlainText().split())
        if before is None or words == before:
            return
        self._kept = words
        self._history.note(Step(KEY, translate("settings", "My words"), partial(_put, self._window, before)))
        _put(self._window, words)


def _put(window: MainWindow, words: tuple[str, ...]) -> None:
    service = window.core.spelling

    def failed(error: BaseException) -> None:
        said = error.message if isinstance(error, ReviewdeskError) else ""
        window.say(said or translate("settings", "Your words can't be kept"))

    window.bridge.watch(
        service.ask(service.set_own_words, words),
        done=lambda _none: window.composer.spelling.speller.again(),
        failed=failed,
        owner=window,
    )


def own_words_item(window: MainWindow, history: History, head: str) -> Item:
    """A field for them; a step of undo puts back what they were."""
    title = translate("settings", "My words")
    line = translate("settings", "Never marked, in any language; one to a line")

    def make(parent: QWidget) -> QWidget:
        return _Words(window, history, parent)

    # Work of months is no setting: "Reset this page" leaves it.
    return Item(KEY, "writing", head, title, line, make, lambda: None, wide=True)
