"""How a text ends that is not handed over: discarded with a way back, copied to a back office, moved to the other reader."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from reviewdesk.domain.models import Target
from reviewdesk.ui.composer.drafts import Key

if TYPE_CHECKING:
    from reviewdesk.ui.composer.composer import Composer

__all__ = ["Endings"]


class Endings(QObject):
    """Belongs to one composer."""

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer)
        self._composer = composer
        self._discarding: set[Key] = set()

    # --- a back office -----------------------------------------------------------------------------

    def copy_and_open(self) -> None:
        """For a source without replies: the text to the clipboard, its back office to the browser."""
        composer = self._composer
        row, spec = composer.row(), composer.spec()
        if row is None or not composer.signing.written(composer.text()).strip():
            return
        QGuiApplication.clipboard().setText(composer.text())
        if spec is not None and spec.back_office_url:
            composer.open_address.emit(spec.back_office_url)
        words = self.tr("Answered at {provider}?").format(provider=spec.title if spec is not None else "")
        composer.bar.show_message(
            "info",
            words,
            icon="arrow-square-out",
            buttons=((self.tr("Yes"), self._answered_there), (self.tr("Not yet"), composer.bar.hide)),
            closable=False,
        )

    def _answered_there(self) -> None:
        composer = self._composer
        row = composer.row()
        if row is not None:
            composer.answered.emit(row.id, composer.text())
            composer.close()

    # --- discarding --------------------------------------------------------------------------------

    def discard(self) -> None:
        """Throw the draft away; the bar offers to take that back."""
        composer = self._composer
        key = composer.key()
        if key is None or composer.handing.is_sending(key):
            return
        kept = composer.forget_kept(key)
        if not any(kept):
            composer.close()
            return
        composer.load("", "")
        composer.signing.begin()
        composer.drafts.forget(key)
        self._discarding.add(key)
        composer.drafts.settled(key, partial(self._throw_away, key))
        composer.say_length()
        composer.saying.say()
        composer.bar.show_message(
            "info",
            self.tr("Draft discarded"),
            icon="trash-simple",
            buttons=((self.tr("Undo"), partial(self._bring_back, key, kept)),),
        )
        composer.editor.setFocus()

    def _throw_away(self, key: Key) -> None:
        if key not in self._discarding:
            return  # taken back before a save that was under way had ended
        self._discarding.discard(key)
        composer = self._composer
        composer.bridge.watch(composer.core.replies.discard_draft(*key), owner=self)

    def _bring_back(self, key: Key, kept: tuple[str, str]) -> None:
        composer = self._composer
        composer.bar.hide()
        self._discarding.discard(key)
        if key == composer.key():
            composer.load(*kept)
            composer.edited()
            composer.editor.setFocus()
        else:
            composer.drafts.edited(key, *kept)

    # --- the other reader ----------------------------------------------------------------------------

    def switch_target(self) -> None:
        """Move the text to the other reader. From private to public is asked once."""
        composer = self._composer
        key, text = composer.key(), composer.signing.written(composer.text())
        if key is None or composer.handing.is_sending(key):
            return
        if key[1] is Target.PUBLIC or not text.strip():
            self._move_text()
            return
        composer.bar.show_message(
            "warn",
            self.tr("Everyone will be able to read this. Move it to a public reply?"),
            icon="globe-simple",
            buttons=(
                (self.tr("Make it public"), self._move_text),
                (self.tr("Keep it private"), composer.bar.hide),
            ),
            closable=False,
        )

    def _move_text(self) -> None:
        composer = self._composer
        key, text = composer.key(), composer.signing.written(composer.text())
        if key is None:
            return
        composer.bar.hide()
        other = (key[0], Target.PRIVATE if key[1] is Target.PUBLIC else Target.PUBLIC)
        if not composer.open(*other) or not text.strip():
            return
        # The text that comes brings its signature along.
        there = composer.signing.unsigned(composer.text())
        composer.editor.replace_all(f"{there}\n\n{text}" if there.strip() else text)
        # It was said where it goes: it is not asked a second time for having been private.
        composer.handing.confirm(other)
        composer.drafts.forget(key)
        composer.forget_kept(key)
        composer.bridge.watch(composer.core.replies.discard_draft(*key), owner=self)
