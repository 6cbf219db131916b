"""What a person does with an item of the outbox where it stands in the conversation."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.models import Draft, OutboxItem, OutboxState, Target

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["OutboxActs"]


class OutboxActs(QObject):
    """``done`` when the store has it, ``back_to_draft`` with the Target when a text can be written on,
    ``failed`` with a level of the inline bar and a sentence."""

    done = Signal()
    back_to_draft = Signal(object)
    failed = Signal(str, str)

    def __init__(self, core: Core, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core, self._bridge = core, bridge

    def do(self, name: str, item: OutboxItem) -> None:
        """``undo``, ``hold``, ``retry`` or ``discard`` an item as it was shown; stale wishes end as a sentence."""
        watch = partial(self._bridge.watch, failed=self._on_failed, owner=self)
        outbox = self._core.outbox
        if name == "undo" and item.state is OutboxState.FAILED and item.review_id is not None:
            # It is out of the queue for good, so its text is kept as a draft before the item goes.
            subject = str(item.payload.get("subject", ""))
            saved = self._core.replies.save_draft(item.review_id, item.target, item.text, subject)
            watch(saved, done=partial(self._on_text_kept, item))
        elif name == "undo":
            watch(self._core.replies.undo(item.id), done=partial(self._on_undone, item.target))
        elif name == "hold":
            watch(outbox.hold(item.id), done=self._on_done)
        elif name == "retry":
            # Somebody who looked at a conflict and says "retry" overrides it; nothing else is overridden.
            conflict = item.error is not None and item.error.kind == "conflict"
            watch(outbox.retry(item.id, conflict), done=self._on_done)
        elif name == "discard":
            watch(outbox.discard(item.id), done=self._on_done)

    def _on_done(self, _item: object) -> None:
        self.done.emit()

    def _on_text_kept(self, item: OutboxItem, _saved: object) -> None:
        self._bridge.watch(
            self._core.outbox.discard(item.id), done=self._on_done, failed=self._on_failed, owner=self
        )
        self.back_to_draft.emit(item.target)

    def _on_undone(self, target: Target, draft: Draft | None) -> None:
        if draft is None:
            self.failed.emit("warn", self.tr("It is too late to take this back."))
        else:
            self.back_to_draft.emit(target)

    def _on_failed(self, error: BaseException) -> None:
        words = error.message if isinstance(error, ReviewdeskError) else self.tr("That did not work.")
        self.failed.emit("fail", words)
