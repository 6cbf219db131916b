"""After Publish: the toast with its countdown, and the way back from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from reviewdesk.domain.models import ActionKind, Draft, OutboxItem, OutboxState, Target
from reviewdesk.domain.outbox import awaits_approval
from reviewdesk.services.replies import OFFERS
from reviewdesk.ui.when import moment_sentence

if TYPE_CHECKING:
    from reviewdesk.ui.bridge import Bridge
    from reviewdesk.ui.widgets import Toast

__all__ = ["PublishingToast"]


class PublishingToast(QObject):
    """Owns what the toast's buttons mean. ``taken_back`` carries the OutboxItem that became a draft again."""

    taken_back = Signal(object)

    def __init__(self, bridge: Bridge, toast: Toast, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._toast = toast
        self._item: OutboxItem | None = None
        self._undo_of_text: OutboxItem | None = None
        toast.action.connect(self._on_action)
        toast.ended.connect(self._on_ended)

    def item(self) -> OutboxItem | None:
        """What could be taken back now."""
        return self._item or self._undo_of_text

    def published(self, item: OutboxItem, *, place: str, offline: bool) -> None:
        """``place`` is the source's name. Says when it goes out, as long as it can be taken back."""
        now = self._bridge.core.clock.now()
        left = item.not_before - now
        self._item, self._undo_of_text = item, None
        second = self.tr("You are offline, so it will wait in the outbox") if offline else ""
        undo = ("undo", self.tr("Undo"), "Ctrl Z")
        if item.state is OutboxState.HELD:
            why = item.error.message if item.error is not None else ""
            held = self.tr("Waits for approval") if awaits_approval(item) else self.tr("Held in the outbox")
            self._toast.show_message(held, second=why, buttons=(undo,))
        elif item.scheduled_for is not None and item.scheduled_for > now:
            text = self.tr("Goes out {time}").format(time=moment_sentence(item.scheduled_for, now))
            self._toast.show_message(text, second=second, buttons=(undo,))
        elif left > 0:
            text = f"{self._words(item).format(place=place)} {self.tr('in {seconds} s')}"
            send_now = ("send-now", self.tr("Send now"), "")
            buttons = (undo,) if offline else (undo, send_now)
            self._toast.show_message(text, second=second, buttons=buttons, countdown_s=left)
        else:
            self._item = None

    def _words(self, item: OutboxItem) -> str:
        """What is about to happen at the source."""
        state = str(item.payload.get("state", ""))
        words = {
            ActionKind.EDIT_REPLY: self.tr("Changing the reply on {place}"),
            ActionKind.DELETE_REPLY: self.tr("Taking the reply off {place}"),
            ActionKind.CONVERSATION_STATE: self.tr("Making the conversation public on {place}")
            if state == "public"
            else self.tr("Making the conversation private on {place}"),
            ActionKind.FLAG: self.tr("Reporting the review to {place}"),
            ActionKind.PUBLISH: self.tr("Publishing the review on {place}"),
            ActionKind.FIND_REVIEWER: self.tr("Asking the reviewer through {place}"),
        }
        usual = (
            self.tr("Publishing on {place}")
            if item.target is Target.PUBLIC
            else self.tr("Sending privately through {place}")
        )
        return words.get(item.kind, usual)

    def discarded(self, item: OutboxItem) -> None:
        """An item was discarded in the outbox: a text can come back as a draft, anything else as a held item."""
        self._item, self._undo_of_text = None, item
        self._toast.show_message(self.tr("Discarded"), buttons=(("undo", self.tr("Undo"), "Ctrl Z"),))

    def undo(self) -> bool:
        """The way back, from the key or the button; false when there is nothing to undo."""
        if self._item is not None:
            item, self._item = self._item, None
            self._toast.dismiss()
            future = self._bridge.core.replies.undo(item.id)
            self._bridge.watch(future, done=_Back(self, item), owner=self)
            return True
        if self._undo_of_text is not None:
            item, self._undo_of_text = self._undo_of_text, None
            self._toast.dismiss()
            core = self._bridge.core
            if item.review_id is None or not item.text:
                self._bridge.watch(core.outbox.bring_back(item.id), done=self._on_held_again, owner=self)
                return True
            offers = item.kind is ActionKind.RESOLUTION
            subject = OFFERS if offers else str(item.payload.get("subject", ""))
            saved = core.replies.save_draft(item.review_id, item.target, item.text, subject)
            self._bridge.watch(saved, done=_Restored(self, item), owner=self)
            return True
        return False

    def _on_held_again(self, _item: OutboxItem) -> None:
        self._toast.show_message(self.tr("Held in the outbox"))

    def came_back(self, item: OutboxItem, draft: Draft | None) -> None:
        """Undo's answer; the service has looked at the item's state again."""
        if draft is None:
            self._toast.show_message(self.tr("It is on its way already"))
        else:
            self.taken_back.emit(item)

    def _on_action(self, name: str) -> None:
        if name == "undo":
            self.undo()
        elif name == "send-now" and self._item is not None:
            item, self._item = self._item, None
            self._bridge.watch(self._bridge.core.outbox.send_now(item.id), owner=self)

    def _on_ended(self) -> None:
        self._item = None
        self._undo_of_text = None


class _Back:
    def __init__(self, toast: PublishingToast, item: OutboxItem) -> None:
        self._toast, self._item = toast, item

    def __call__(self, draft: Draft | None) -> None:
        self._toast.came_back(self._item, draft)


class _Restored(_Back):
    def __call__(self, _nothing: object) -> None:
        self._toast.taken_back.emit(self._item)
