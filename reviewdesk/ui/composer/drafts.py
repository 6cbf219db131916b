"""When a draft is saved: 0.3 s after the last key, once a second while typing, and at once when asked.

"Saved" is said only after the commit; a failed save keeps the text here and is tried again.
"""

from __future__ import annotations

from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from reviewdesk.domain.errors import ReviewdeskError, StoreFull
from reviewdesk.domain.models import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["DraftKeeper", "Key"]

Key = tuple[int, Target]
"""A draft belongs to a review and a reader."""

AFTER_KEY_MS = 300
AT_LEAST_MS = 1000
AGAIN_MS = 2000


@dataclass(slots=True)
class _Draft:
    text: str = ""
    subject: str = ""
    wanted: int = 0
    """Counts every change of the text."""
    asked: int = 0
    """The change that was last given to the store."""
    stored: int = 0
    """The change whose commit is known."""
    futures: set[Future[Any]] = field(default_factory=set)
    then: list[Callable[[], object]] = field(default_factory=list)


class DraftKeeper(QObject):
    """Keeps the drafts of one window safe. ``saved`` after a commit of the newest text, ``failed`` with a sentence.

    An emptied text is never stored: what was there before stays until it is discarded on purpose.
    """

    saved = Signal(object)
    failed = Signal(object, str)

    def __init__(self, core: Core, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core, self._bridge = core, bridge
        self._drafts: dict[Key, _Draft] = {}
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(AFTER_KEY_MS)
        self._soon.timeout.connect(self.flush)
        self._latest = QTimer(self)
        self._latest.setSingleShot(True)
        self._latest.setInterval(AT_LEAST_MS)
        self._latest.timeout.connect(self.flush)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self.flush)

    def text(self, key: Key) -> tuple[str, str] | None:
        """(text, subject) that is not in the store yet, or None."""
        draft = self._drafts.get(key)
        if draft is None or draft.stored == draft.wanted:
            return None
        return draft.text, draft.subject

    def is_safe(self, key: Key) -> bool:
        """Whether everything typed there is committed."""
        return self.text(key) is None

    def edited(self, key: Key, text: str, subject: str = "") -> None:
        """Somebody typed."""
        draft = self._drafts.setdefault(key, _Draft())
        draft.text, draft.subject = text, subject
        draft.wanted += 1
        if not text.strip() and not subject.strip():
            # Nothing to store, and nothing that waits may be stored in its place.
            draft.asked = draft.stored = draft.wanted
            return
        self._soon.start()
        if not self._latest.isActive():
            self._latest.start()

    def flush(self) -> None:
        """Give everything that is not stored yet to the store, now."""
        self._soon.stop()
        self._latest.stop()
        for key, draft in list(self._drafts.items()):
            if draft.asked == draft.wanted:
                continue
            draft.asked = number = draft.wanted
            future = self._core.replies.save_draft(key[0], key[1], draft.text, draft.subject)
            draft.futures.add(future)
            self._bridge.watch(
                future,
                done=partial(self._on_saved, key, number, future),
                failed=partial(self._on_failed, key, number, future),
                owner=self,
            )

    def settled(self, key: Key, then: Callable[[], object]) -> None:
        """Call ``then`` when no save of this draft is under way any more."""
        draft = self._drafts.get(key)
        if draft is None or not draft.futures:
            then()
        else:
            draft.then.append(then)

    def forget(self, key: Key) -> None:
        """The draft became something else (published, discarded): nothing of it is saved any more."""
        draft = self._drafts.get(key)
        if draft is None:
            return
        draft.text = draft.subject = ""
        draft.wanted += 1
        draft.asked = draft.stored = draft.wanted

    def finish(self, timeout_s: float = 2.0) -> bool:
        """Save what is left and wait for the commits, at the end of the program. False when some did not come."""
        self.flush()
        futures = [f for draft in self._drafts.values() for f in draft.futures]
        done, late = wait(futures, timeout=timeout_s)
        return not late and all(f.exception() is None for f in done)

    def _on_saved(self, key: Key, number: int, future: Future[Any], _result: object) -> None:
        draft = self._ended(key, future)
        if draft is None:
            return
        draft.stored = max(draft.stored, number)
        if number == draft.wanted:
            self.saved.emit(key)
        self._go_on(draft)

    def _on_failed(self, key: Key, number: int, future: Future[Any], error: BaseException) -> None:
        draft = self._ended(key, future)
        if draft is None:
            return
        if (
            draft.stored == draft.wanted
        ):  # emptied, discarded or published meanwhile: nobody needs it any more
            self._go_on(draft)
            return
        if draft.asked == number:
            draft.asked = draft.stored  # ask again, also without another key
            self._again.start()
        if isinstance(error, StoreFull):
            words = self.tr("Not saved: disk full")
        elif isinstance(error, ReviewdeskError):
            words = self.tr("Not saved: {reason}").format(reason=error.message)
        else:
            words = self.tr("Not saved")
        self.failed.emit(key, words)
        self._go_on(draft)

    def _ended(self, key: Key, future: Future[Any]) -> _Draft | None:
        draft = self._drafts.get(key)
        if draft is None or future not in draft.futures:
            return None
        draft.futures.discard(future)
        return draft

    @staticmethod
    def _go_on(draft: _Draft) -> None:
        if not draft.futures:
            waiting, draft.then = draft.then, []
            for then in waiting:
                then()
