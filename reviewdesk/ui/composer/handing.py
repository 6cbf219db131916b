"""Handing a text over to the outbox: once per text, after everything that has to be settled before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.models import ActionKind, OutboxItem, OutboxState, ReviewDetail, Target
from reviewdesk.domain.templates import gaps
from reviewdesk.services.settings import SEND_AND_DONE, UNDO_DELAY_S
from reviewdesk.ui.composer.drafts import Key
from reviewdesk.ui.composer.moving import private_texts, shared_passage
from reviewdesk.ui.composer.safety import Destination

if TYPE_CHECKING:
    from reviewdesk.ui.composer.composer import Composer

__all__ = ["Handing"]


@dataclass(frozen=True, slots=True)
class _Wish:
    """``then``: ``done``, ``next`` or nothing; ``at``: when to send (UTC seconds), None: now."""

    key: Key
    then: str = ""
    at: float | None = None


class Handing(QObject):
    """Belongs to one composer. ``published`` carries the OutboxItem, ``next_requested`` after "and go on"."""

    published = Signal(object)
    next_requested = Signal()

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer)
        self._composer = composer
        self._sending: set[Key] = set()
        self._confirmed: set[Key] = set()
        self._private: tuple[int, tuple[str, ...]] = (0, ())

    def is_sending(self, key: Key | None) -> bool:
        return key in self._sending

    # --- what was private ------------------------------------------------------------------------

    def look_at(self, key: Key) -> None:
        """A public text is begun: know what must not slip into it."""
        self._confirmed.discard(key)
        self._private = (0, ())
        if key[1] is Target.PUBLIC:
            composer = self._composer
            composer.bridge.run(
                composer.core.inbox.detail, key[0], done=self._on_detail, owner=self, key="private"
            )

    def _on_detail(self, detail: ReviewDetail | None) -> None:
        if detail is not None:
            draft = self._composer.core.replies.draft(detail.row.id, Target.PRIVATE)
            self._private = (detail.row.id, private_texts(detail, draft.text if draft is not None else ""))

    def _leaks(self, key: Key, text: str) -> str:
        """The first words of a passage that stands in something private of this review; empty when there is none."""
        review, texts = self._private
        if key[1] is not Target.PUBLIC or review != key[0] or key in self._confirmed:
            return ""
        return shared_passage(text, texts)

    # --- publishing ------------------------------------------------------------------------------

    def publish(self, then: str = "", at: float | None = None) -> None:
        """Hand the text over. ``then``: ``done`` marks the review done after delivery, ``next`` goes on at once,
        ``approval`` keeps it in the outbox until somebody has approved it.

        Once per text: a second press while it is under way does nothing.
        """
        composer = self._composer
        key, destination = composer.key(), composer.destination()
        if key is None or destination is None:
            return
        reason = composer.why_not()
        if reason is not None:
            if key not in self._sending:
                composer.bar.show_message("warn", reason)
                if next(gaps(composer.text()), None) is not None:
                    composer.editor.walk_gaps()
            return
        wish = _Wish(key, then, at)
        if not composer.checker.is_current():
            composer.checker.when_current(partial(self._checked, wish))
            return
        self._checked(wish)

    def _checked(self, wish: _Wish) -> None:
        """The findings are those of this text now: what must be settled comes first, advice never stops."""
        composer = self._composer
        destination = composer.destination()
        if wish.key != composer.key() or destination is None or composer.why_not() is not None:
            return
        if any(f.must for f in composer.checker.findings()):
            composer.note.settle_first()
            return
        passage = self._leaks(wish.key, composer.text())
        if passage:
            words = self.tr("“{words}” stands in something private of this review").format(words=passage)
            go_on = (self.tr("Publish it"), partial(self._confirm, wish))
            composer.bar.show_message(
                "warn", words, buttons=(go_on, (self.tr("Keep writing"), composer.bar.hide))
            )
            return
        composer.bar.hide()
        kept = composer.checker.kept_rules()
        self._sending.add(wish.key)
        composer.editor.setReadOnly(True)
        composer.say_length()
        # The draft is durable before the outbox takes it over, and no late save may bring it back afterwards.
        composer.drafts.flush()
        composer.drafts.settled(
            wish.key,
            partial(self._hand_over, wish, destination, composer.text(), composer.subject_text(), kept),
        )

    def confirm(self, key: Key) -> None:
        """Somebody said that private words may be read by everyone."""
        self._confirmed.add(key)

    def _confirm(self, wish: _Wish) -> None:
        self.confirm(wish.key)
        self._composer.bar.hide()
        self.publish(wish.then, wish.at)

    def _hand_over(
        self, wish: _Wish, destination: Destination, text: str, subject: str, kept: list[str]
    ) -> None:
        composer = self._composer
        settings = composer.core.settings
        payload: dict[str, Any] = {}
        message = destination.look == "private" and destination.kind is not ActionKind.RESOLUTION
        if subject and (message or destination.comment_id):
            payload["subject"] = subject
        if destination.kind is ActionKind.EDIT_REPLY:
            payload["comment_id"] = destination.comment_id
        future = composer.core.replies.publish(
            wish.key[0],
            wish.key[1],
            text,
            kind=destination.kind,
            **({"ask_approval": True} if wish.then == "approval" else {}),
            payload=payload or None,
            delay_s=float(settings.get(UNDO_DELAY_S)),
            then_done=wish.then == "done" or bool(settings.get(SEND_AND_DONE)),
            schedule_at=wish.at,
            kept=kept,
        )
        composer.bridge.watch(
            future,
            done=partial(self._on_published, wish),
            failed=partial(self._on_refused, wish.key),
            owner=self,
        )

    def _on_published(self, wish: _Wish, item: OutboxItem) -> None:
        self._sending.discard(wish.key)
        self._confirmed.discard(wish.key)
        self._composer.handed_over(wish.key)
        if item.state is OutboxState.HELD:
            # Something became known between the check here and the handing over: the outbox has the text.
            held = item.error.message if item.error is not None else self.tr("It is held.")
            self._composer.refused.emit(held)
        self.published.emit(item)
        if wish.then == "next":
            self.next_requested.emit()

    def _on_refused(self, key: Key, error: BaseException) -> None:
        self._sending.discard(key)
        composer = self._composer
        words = (
            error.message if isinstance(error, ReviewdeskError) else self.tr("This could not be handed over.")
        )
        if key == composer.key():
            composer.editor.setReadOnly(False)
            composer.say_length()
            composer.bar.show_message("fail", words)
        else:
            composer.refused.emit(words)
