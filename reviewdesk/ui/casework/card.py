"""A card over the window that asks for a text that goes somewhere: to whom is said above it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from reviewdesk.ui.noting import NoteCard

__all__ = ["AskCard"]


class AskCard(NoteCard):
    """``ask`` says what the text is for; Ctrl+Enter hands it on, Esc leaves and keeps the words for the next time."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._empty_too = False

    def ask(
        self,
        about: int,
        title: str,
        line: str,
        button: str,
        then: Callable[[str], object],
        *,
        text: str = "",
        empty_too: bool = False,
    ) -> None:
        """``empty_too``: nothing is an answer as well."""
        self._title.setText(title)
        self._line.setText(line)
        self.editor.setAccessibleName(f"{title}. {line}")
        self.keep.setText(button)
        self.keep.setAccessibleName(button)
        self._empty_too = empty_too
        self.open(about, then, text=text)

    def _on_keep(self) -> None:
        if self._empty_too and not self.editor.toPlainText().strip():
            then = self._then
            self._leave()
            then("")
            return
        super()._on_keep()
