"""What the foot says about saving: "Saved" only after the commit, and how long ago that was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from reviewdesk.ui.composer.drafts import Key
from reviewdesk.ui.reading.words import clock_words
from reviewdesk.ui.widgets import announce

if TYPE_CHECKING:
    from reviewdesk.ui.composer.composer import Composer

__all__ = ["Saying"]


class Saying(QObject):
    """Belongs to one composer."""

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer)
        self._composer = composer
        self._saved_at: dict[Key, float] = {}
        self._age = QTimer(self)
        self._age.setInterval(1000)
        self._age.timeout.connect(self.say)
        composer.drafts.saved.connect(self._on_saved)
        composer.drafts.failed.connect(self._on_failed)

    def forget(self, key: Key) -> None:
        """What was saved is not what stands there now."""
        self._saved_at.pop(key, None)

    def stop(self) -> None:
        self._age.stop()

    def _on_saved(self, key: Key) -> None:
        composer = self._composer
        self._saved_at[key] = composer.core.clock.now()
        if key == composer.key():
            self.say()
        composer.saved.emit(*key)

    def _on_failed(self, key: Key, words: str) -> None:
        composer = self._composer
        if key == composer.key():
            self._age.stop()
            if composer.foot.saved.text() != words:
                announce(composer, words)
            composer.foot.set_saved(words, failed=True)

    def say(self) -> None:
        """What is known about saving the text that is open."""
        composer = self._composer
        key = composer.key()
        if key is None:
            return
        at = self._saved_at.get(key)
        safe = composer.drafts.is_safe(key)
        if at is None or not safe:
            if composer.foot.saved.role() != "fail" or safe:
                emptied = (
                    composer.has_kept(key) and not composer.signing.written(composer.text()).strip() and safe
                )
                words = self.tr("The last text is kept") if emptied else ""
                composer.foot.set_saved(words, failed=False)
            self._age.stop()
            return
        ago = composer.core.clock.now() - at
        if ago < 2:
            words = self.tr("Saved")
        elif ago < 60:
            seconds = int(ago) if ago < 10 else 10 * int(ago / 10)
            words = self.tr("Saved {seconds} s ago").format(seconds=seconds)
        else:
            words = self.tr("Saved {time}").format(time=clock_words(at))
        composer.foot.set_saved(words, failed=False)
        if ago >= 60:
            self._age.stop()
        elif not self._age.isActive():
            self._age.start()
