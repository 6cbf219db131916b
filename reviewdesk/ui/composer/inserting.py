"""What is put into the text: a saved reply from its picker, or an earlier version of the draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QRect

from reviewdesk.domain.templates import Resolved
from reviewdesk.services.saved_replies import Choice
from reviewdesk.ui.composer.saved import SavedPicker
from reviewdesk.ui.composer.versions import VersionsMenu

if TYPE_CHECKING:
    from reviewdesk.ui.composer.composer import Composer

__all__ = ["Inserting"]


class Inserting(QObject):
    """Belongs to one composer. ``picker`` is made when it is first asked for."""

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer)
        self._composer = composer
        self.picker: SavedPicker | None = None
        self._opened_by = ""

    def hide(self) -> None:
        """Put the picker away."""
        if self.picker is not None:
            self.picker.hide()

    def open_saved(self, opened_by: str = "", words: str = "") -> None:
        """The picker of saved replies. ``opened_by``: the key, which comes back when Esc says it was meant itself.

        ``words`` are looked for at once.
        """
        composer = self._composer
        key, row = composer.key(), composer.row()
        if key is None or row is None or composer.handing.is_sending(key):
            return
        window = composer.window()
        if self.picker is None:
            self.picker = SavedPicker(composer.core, composer.bridge, window)
            self.picker.chosen.connect(self._on_saved_chosen)
            self.picker.left.connect(self._on_saved_left)
            self.picker.said.connect(composer.refused)
        elif self.picker.parentWidget() is not window:
            self.picker.setParent(window)
        self._opened_by = opened_by
        corner = composer.card.mapTo(window, QPoint(0, 0))
        place = QRect(corner, composer.card.size())
        self.picker.ask(key[0], key[1], row.language, place, draft=composer.signing.unsigned(composer.text()))
        if words:
            self.picker.field.setText(words)

    def _on_saved_chosen(self, choice: Choice, done: Resolved) -> None:
        composer = self._composer
        composer.editor.setFocus()
        composer.editor.insert_resolved(done)
        composer.bridge.watch(composer.core.saved_replies.used(choice.reply.id), owner=self)

    def _on_saved_left(self, give_back: bool) -> None:
        editor = self._composer.editor
        if give_back and self._opened_by:
            editor.insertPlainText(self._opened_by)
        editor.setFocus()

    def show_versions(self) -> None:
        """The menu of what the draft was before."""
        composer, key = self._composer, self._composer.key()
        read = getattr(composer.core.replies, "draft_versions", None)
        if key is not None and read is not None:
            composer.bridge.run(read, *key, done=self.on_versions, owner=self, key="versions")

    def on_versions(self, versions: list[Any]) -> None:
        """They are read: show them."""
        composer = self._composer
        menu = VersionsMenu(versions, composer.core.clock.now(), composer, present=composer.text())
        menu.chosen.connect(self._on_version_chosen)
        button = composer.foot.versions
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))

    def _on_version_chosen(self, text: str) -> None:
        self._composer.editor.replace_all(text)
        self._composer.editor.setFocus()
