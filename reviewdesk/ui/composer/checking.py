"""When a text is checked: 0.25 s after the last key, off the window's thread, and before it is handed over."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from reviewdesk.domain.checks import Finding
from reviewdesk.ui.composer.drafts import Key

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["Checker"]

AFTER_KEY_MS = 250


class Checker(QObject):
    """The findings of what is open, without those that its author keeps. ``changed`` when they are others."""

    changed = Signal()

    def __init__(self, core: Core, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core, self._bridge = core, bridge
        self._key: Key | None = None
        self._text = ""
        self._checked: str | None = None
        self._asked: str | None = None
        self._found: tuple[Finding, ...] = ()
        self._kept: dict[Key, set[tuple[str, str]]] = {}
        self._then: Callable[[], object] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTER_KEY_MS)
        self._timer.timeout.connect(self._ask)

    def open(self, key: Key | None, text: str) -> None:
        """Another text is open now, or none."""
        self._timer.stop()
        self._key, self._text, self._checked, self._asked, self._then = key, text, None, None, None
        self._found = ()
        self.changed.emit()
        if key is not None and text.strip():
            self._timer.start()

    def edited(self, text: str) -> None:
        """Somebody typed: what still stands where it was found stays marked until the next check."""
        if text == self._text:
            return
        before, self._text, self._then = self._text, text, None
        still = tuple(f for f in self._found if text[f.start : f.end] == before[f.start : f.end])
        if still != self._found:
            self._found = still
            self.changed.emit()
        self._timer.start()

    def findings(self) -> tuple[Finding, ...]:
        """What is to be shown; nothing of a source that takes no replies."""
        kept = self._kept.get(self._key, set()) if self._key is not None else set()
        return tuple(f for f in self._found if (f.rule.id, self._text[f.start : f.end]) not in kept)

    def is_current(self) -> bool:
        """Whether the findings are those of the text as it stands."""
        return self._checked == self._text or not self._text.strip()

    def when_current(self, then: Callable[[], object]) -> None:
        """Check now and call ``then``; a key typed meanwhile takes that back."""
        self._timer.stop()
        self._then = then
        self._ask()

    def again(self) -> None:
        """Other rules hold now: check what is open once more."""
        self._asked = self._checked = None
        if self._text.strip():
            self._timer.start()
        elif self._found:
            self._found = ()
            self.changed.emit()

    def keep(self, finding: Finding) -> None:
        """The author keeps this passage on purpose."""
        if self._key is not None:
            passage = self._text[finding.start : finding.end]
            self._kept.setdefault(self._key, set()).add((finding.rule.id, passage))
            self.changed.emit()

    def kept_rules(self) -> list[str]:
        """The rules of which something in the present text is kept."""
        kept = self._kept.get(self._key, set()) if self._key is not None else set()
        found = (f for f in self._found if (f.rule.id, self._text[f.start : f.end]) in kept)
        return list(dict.fromkeys(f.rule.id for f in found))

    def forget(self, key: Key) -> None:
        """It is gone: what was kept there is no longer of interest."""
        self._kept.pop(key, None)

    def _ask(self) -> None:
        key, text = self._key, self._text
        if key is None or (text == self._asked and self._then is None):
            return
        self._asked = text
        self._bridge.run(
            self._core.checks.check,
            key[0],
            key[1],
            text,
            done=partial(self._on_found, key, text),
            failed=partial(self._on_failed, key, text),
            owner=self,
            key="checks",
        )

    def _on_found(self, key: Key, text: str, found: tuple[Finding, ...]) -> None:
        if key != self._key or text != self._text:
            return
        self._checked = text
        if found != self._found:
            self._found = found
            self.changed.emit()
        self._go_on()

    def _on_failed(self, key: Key, text: str, _error: BaseException) -> None:
        # The database can't be read just now. What is handed over is checked once more there, before it may go.
        if key == self._key and text == self._text:
            self._checked = text
            self._go_on()

    def _go_on(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()
