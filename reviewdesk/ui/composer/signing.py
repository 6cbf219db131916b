"""The signature in the composer: below a new draft, ordinary text from then on, and alone as good as no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCursor

from reviewdesk.domain.signatures import blank, signed, switched

if TYPE_CHECKING:
    from reviewdesk.ui.composer.composer import Composer

__all__ = ["Signing"]


class Signing(QObject):
    """Belongs to one composer."""

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer)
        self._composer = composer

    def signature(self) -> str:
        """What stands below a reply to the review that is open, in its language."""
        row = self._composer.row()
        if row is None:
            return ""
        return self._composer.core.signatures.of(row.account_id, row.language)

    def begin(self) -> None:
        """A new text begins: put the signature below, and the cursor above it. Nothing of that is a draft yet."""
        editor = self._composer.editor
        editor.load(signed("", self.signature()))
        editor.moveCursor(QTextCursor.MoveOperation.Start)

    def written(self, text: str) -> str:
        """``text``, or nothing where nobody wrote anything but the signature stands there."""
        return "" if blank(text, self.signature()) else text

    def unsigned(self, text: str) -> str:
        """``text`` without the signature."""
        return switched(text, self.signature(), "")
