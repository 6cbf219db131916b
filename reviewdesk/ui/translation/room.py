"""Brings translation into the window: T in the reading pane, its line above the text, its settings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale, QObject, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from reviewdesk.services.translation import Translation
from reviewdesk.ui.reading.layout import Spaced, show_part
from reviewdesk.ui.reading.words import language_name
from reviewdesk.ui.theme import fonts
from reviewdesk.ui.translation.settings import translation_items
from reviewdesk.ui.widgets import PlainLabel, PushButton, announce
from reviewdesk.ui.widgets.pictogram import Pictogram

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["TranslationLine", "Translator", "add_to"]

translate = QCoreApplication.translate


def add_to(window: MainWindow) -> None:
    """The action, which is off with its reason while no service is named."""
    made = Translator(window)
    window.add_action(
        "translate",
        translate("translation", "Translate, or show the original"),
        made.toggle,
        keys=["t"],
        shortcuts=["Ctrl+T"],
        icon="translate",
        group=translate("actions", "Reviews"),
        also=[translate("translation", "language")],
    )
    window.menus.add("review", ["translate"])
    window.menus.add("context", ["translate"])
    window.telling.add_reasons(partial(_tell_reason, window))
    window.add_settings("reading", items=partial(translation_items, window))


def _tell_reason(window: MainWindow, none: str | None) -> None:
    window.actions_.set_reason("translate", none or window.core.translation.why_not())


class TranslationLine(QWidget):
    """Above the text: from which language, by whom, and the way back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = Pictogram("translate", 16, parent=self)
        self.label = PlainLabel("", self, role="text-2", font=fonts.list_font, wrap=True)
        self.button = PushButton("", self, kind="link")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.icon)
        row.addWidget(self.label, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.button)

    def tell(self, words: str, button: str, role: str = "text-2") -> None:
        """Show it."""
        self.label.set_role(role)
        self.label.setText(words)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.button.setAccessibleDescription(words)
        show_part(self, True)


class Translator(QObject):
    """Of one window. What is translated stays so until the key is pressed again or another review is opened."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._review = 0
        self._shown: Translation | None = None
        content = window.reading.content
        self.line = TranslationLine()
        self.line.button.clicked.connect(self.toggle)
        holder = content.text.parentWidget()
        at = content.column.indexOf(holder if isinstance(holder, Spaced) else content.text)
        content.column.insertWidget(at, Spaced(self.line, 10))
        show_part(self.line, False)
        window.reading.filled.connect(self._on_filled)

    def is_shown(self) -> bool:
        """Whether the text on the screen is a translation."""
        return self._shown is not None

    def toggle(self) -> None:
        """To the translation, or back to what the customer wrote."""
        window = self._window
        detail = window.shown_review()
        if detail is None:
            return
        if self._shown is not None:
            self._back()
            return
        review = self._review = detail.row.id
        service = window.core.translation.service()
        self.line.tell(translate("translation", "Asking {service}…").format(service=service), "")
        window.bridge.run(
            window.core.translation.translate,
            review,
            QLocale().name().partition("_")[0],
            done=self._on_translated,
            failed=partial(self._on_failed, review),
            owner=self,
            key="translate",
        )

    def _back(self) -> None:
        detail = self._window.reading.detail()
        self._shown, self._review = None, 0
        show_part(self.line, False)
        if detail is not None:
            self._put(detail.title, detail.body)

    def _put(self, title: str, body: str) -> None:
        content = self._window.reading.content
        with content.still():
            content.title.set_text(title)
            show_part(content.title, bool(title))
            content.text.set_text(body)
            show_part(content.text, bool(body))

    def _on_translated(self, made: Translation) -> None:
        detail = self._window.reading.detail()
        if detail is None or made.review_id != self._review or detail.row.id != made.review_id:
            return
        if made.of != (detail.title, detail.body):
            self._back()  # edited while the service was at work: what is there now is the original
            return
        self._shown = made
        self._put(made.title, made.body)
        name = language_name(made.language)
        words = (
            translate("translation", "Translated from {language} by {service}").format(
                language=name, service=made.service
            )
            if name
            else translate("translation", "Translated by {service}").format(service=made.service)
        )
        self.line.tell(words, translate("translation", "Show original"))
        announce(self.line, words)

    def _on_failed(self, review: int, error: BaseException) -> None:
        if review != self._review:
            return
        words = getattr(error, "message", "") or translate("translation", "Something went wrong inside.")
        said = translate("translation", "Not translated. {reason}").format(reason=words)
        self.line.tell(said, translate("translation", "Try again"), "warn")
        announce(self.line, said)

    def _on_filled(self) -> None:
        """The pane shows a review as it is stored: a translation of the very same text is put in its place again."""
        detail = self._window.reading.detail()
        if detail is None or detail.row.id != self._review:
            self._shown, self._review = None, 0
            show_part(self.line, False)
        elif self._shown is not None:
            self._on_translated(self._shown)
