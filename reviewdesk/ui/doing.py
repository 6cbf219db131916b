"""What a person does to reviews, said back in words, and the way back from it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from reviewdesk.domain.models import ReviewRow
from reviewdesk.services.settings import AFTER_ACTION
from reviewdesk.services.undo import Step, Taken

if TYPE_CHECKING:
    from reviewdesk.ui.bridge import Bridge
    from reviewdesk.ui.inbox import InboxList
    from reviewdesk.ui.publishing import PublishingToast
    from reviewdesk.ui.widgets import Toast

__all__ = ["Doing", "step_words"]

translate = QCoreApplication.translate

_log = logging.getLogger(__name__)
_STAY_S = 6.0
UNDO, REDO = "undo-step", "redo-step"

_GOES_ON = ("done", "waiting", "snooze", "hide")
"""After these somebody is through with a review."""

SIMPLE = ("done", "reopen", "waiting", "star", "unstar", "read", "unread", "hide", "unhide")
"""What is done to reviews without asking anything more."""


def step_words(kind: str, n: int, detail: str) -> str:
    """What was done, as a toast and the list of steps say it: ``3 reviews done``."""
    one = {
        "done": translate("steps", "Done"),
        "reopen": translate("steps", "Reopened"),
        "waiting": translate("steps", "Waiting for the customer"),
        "snooze": translate("steps", "Snoozed"),
        "read": translate("steps", "Marked read"),
        "unread": translate("steps", "Marked unread"),
        "star": translate("steps", "Starred"),
        "unstar": translate("steps", "Star taken away"),
        "hide": translate("steps", "Hidden here"),
        "unhide": translate("steps", "Shown again"),
        "owner": translate("steps", "Given to {name}") if detail else translate("steps", "Given to nobody"),
        "tag": translate("steps", "Tagged {name}"),
        "untag": translate("steps", "Tag {name} taken away"),
    }
    many = {
        "done": translate("steps", "%n reviews done", "", n),
        "reopen": translate("steps", "%n reviews reopened", "", n),
        "waiting": translate("steps", "%n reviews waiting for the customer", "", n),
        "snooze": translate("steps", "%n reviews snoozed", "", n),
        "read": translate("steps", "%n reviews marked read", "", n),
        "unread": translate("steps", "%n reviews marked unread", "", n),
        "star": translate("steps", "%n reviews starred", "", n),
        "unstar": translate("steps", "Star taken from %n reviews", "", n),
        "hide": translate("steps", "%n reviews hidden here", "", n),
        "unhide": translate("steps", "%n reviews shown again", "", n),
        "owner": translate("steps", "%n reviews given to {name}", "", n)
        if detail
        else translate("steps", "%n reviews given to nobody", "", n),
        "tag": translate("steps", "%n reviews tagged {name}", "", n),
        "untag": translate("steps", "Tag {name} taken from %n reviews", "", n),
        "tag-rename": translate("steps", "Tag renamed to {name}"),
        "tag-merge": translate("steps", "Tags merged"),
        "tag-colour": translate("steps", "Colour of a tag changed"),
        "tag-delete": translate("steps", "Tag deleted"),
        "note": translate("steps", "Note added"),
        "note-edit": translate("steps", "Note changed"),
        "note-delete": translate("steps", "Note deleted"),
        "unlink": translate("steps", "Taken apart: not shown as the same person again"),
        "unlink-invitation": translate("steps", "Invitation taken apart from the review"),
        "view": translate("steps", "View {name} saved"),
        "view-change": translate("steps", "View changed"),
        "view-delete": translate("steps", "View deleted"),
        "view-order": translate("steps", "Views put in another order"),
        "view-import": translate("steps", "Views of {name} added"),
    }
    pattern = (one.get(kind) if n == 1 else None) or many.get(kind, kind)
    return pattern.replace("{name}", detail)


class Doing(QObject):
    """Every act goes through ``act``: it is stored, said in a toast with Undo, and can be taken back with the key."""

    said = Signal(str)
    failed = Signal(str)
    list_wanted = Signal()
    """Somebody is through with a review and goes back to the list."""
    changed = Signal()
    """There is something else to undo or redo now."""

    def __init__(
        self, bridge: Bridge, toast: Toast, publishing: PublishingToast, inbox: InboxList, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bridge, self._toast, self._publishing, self._inbox = bridge, toast, publishing, inbox
        self._newest_is_step = False
        toast.action.connect(self._on_toast)

    # --- doing -----------------------------------------------------------------------------------

    def simple(self, action: str, ids: Sequence[int]) -> None:
        """One of ``SIMPLE``. Raises KeyError for another."""
        inbox = self._bridge.core.inbox
        acts: dict[str, Callable[[Sequence[int]], Future[Any]]] = {
            "done": inbox.mark_done,
            "reopen": inbox.reopen,
            "waiting": inbox.mark_waiting,
            "star": partial(inbox.set_star, starred=True),
            "unstar": partial(inbox.set_star, starred=False),
            "read": partial(inbox.mark_read, read=True),
            "unread": partial(inbox.mark_read, read=False),
            "hide": partial(inbox.set_hidden, hidden=True),
            "unhide": partial(inbox.set_hidden, hidden=False),
        }
        self.act(
            action,
            acts[action](ids),
            ids,
            quiet=len(ids) == 1 and action not in ("done", "waiting", "reopen", "hide", "unhide"),
        )

    def act(
        self,
        kind: str,
        future: Future[Any],
        ids: Sequence[int] = (),
        *,
        detail: str = "",
        quiet: bool = False,
        many: int = 0,
        then: Callable[[Any], object] | None = None,
    ) -> None:
        """Follow an act that was asked for. ``quiet``: the eye sees it anyway, no toast.

        ``many``: how many reviews it is about where the list need not hear which.
        """
        if ids:
            self._inbox.user_acted(ids)
        if kind in _GOES_ON and len(ids) == 1:
            after = self._bridge.core.settings.get(AFTER_ACTION)
            self._inbox.go_on(ids[0], after)
            if after == "list":
                self.list_wanted.emit()
        self._newest_is_step = True
        self._bridge.watch(
            future,
            done=partial(self._done, kind, many or len(ids), detail, quiet, then),
            failed=self._failed,
            owner=self,
        )

    def toggle(self, what: str, ids: Sequence[int]) -> None:
        """Star (``star``) or read state (``read``) of reviews, by the first of them."""
        if ids:
            done = partial(self._toggle_known, what, list(ids))
            self._bridge.run(
                self._bridge.core.inbox.rows, [ids[0]], done=done, owner=self, key=f"toggle-{what}"
            )

    def toggle_hidden(self, ids: Sequence[int]) -> None:
        """Take reviews out of every list; those that are hidden already (by the first of them) come back."""
        wanted = list(ids)

        def known(hidden: set[int]) -> None:
            self.simple("unhide" if hidden else "hide", wanted)

        if wanted:
            ask = self._bridge.core.inbox.hidden_among
            self._bridge.run(ask, wanted[:1], done=known, owner=self, key="toggle-hidden")

    def _toggle_known(self, what: str, ids: list[int], rows: dict[int, ReviewRow]) -> None:
        row = rows.get(ids[0])
        if row is None:
            return
        if what == "star":
            self.simple("unstar" if row.starred else "star", ids)
        else:
            self.simple("read" if row.unread else "unread", ids)

    def _done(
        self,
        kind: str,
        n: int,
        detail: str,
        quiet: bool,
        then: Callable[[Any], object] | None,
        result: Any,
    ) -> None:
        self.changed.emit()
        if not quiet:
            self.tell(step_words(kind, n, detail), undo=True)
        if then is not None:
            then(result)

    def tell(self, text: str, *, undo: bool = False, redo: bool = False) -> None:
        """One sentence in the toast, unless a countdown runs there."""
        if self._publishing.item() is not None and self._toast.isVisible():
            return
        buttons: tuple[tuple[str, str, str], ...] = ()
        if undo:
            buttons = ((UNDO, self.tr("Undo"), "Ctrl Z"),)
        elif redo:
            buttons = ((REDO, self.tr("Redo"), "Ctrl Shift Z"),)
        self._toast.show_message(text, buttons=buttons, stay_s=_STAY_S if buttons else 4)
        self.said.emit(text)

    def _failed(self, error: BaseException) -> None:
        message = str(getattr(error, "message", "")) or self.tr("That did not work")
        remedy = str(getattr(error, "remedy", ""))
        self.failed.emit(f"{message} {remedy}".strip())

    # --- taking back -----------------------------------------------------------------------------

    def published(self) -> None:
        """A reply was queued: it is the newest thing to take back, as long as it can be."""
        self._newest_is_step = False

    def undo(self) -> None:
        """Take back what was done last: a reply that waits, else the newest step."""
        if not self._newest_is_step and self._publishing.undo():
            return
        self._bridge.watch(
            self._bridge.core.inbox.history.undo(),
            done=partial(self._taken, True),
            failed=self._failed,
            owner=self,
        )

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._bridge.watch(
            self._bridge.core.inbox.history.redo(),
            done=partial(self._taken, False),
            failed=self._failed,
            owner=self,
        )

    def _taken(self, back: bool, taken: Taken | None) -> None:
        if taken is None:
            if back and self._publishing.undo():
                return
            self.tell(self.tr("There is nothing to undo") if back else self.tr("There is nothing to redo"))
            return
        # They come back to where they were, and leave again as an act of this person.
        self._inbox.coming_back(taken.reviews)
        self._inbox.user_acted(taken.reviews)
        self.changed.emit()
        words = self._words(taken.step)
        if back:
            text = self.tr("Taken back: {what}").format(what=words)
            if taken.kept:
                text += ". " + self.tr("What changed since was kept")
            self.tell(text, redo=True)
        else:
            self.tell(self.tr("Done again: {what}").format(what=words), undo=True)

    @staticmethod
    def _words(step: Step) -> str:
        return step_words(step.kind, step.n, step.detail)

    def _on_toast(self, name: str) -> None:
        if name == UNDO:
            self._newest_is_step = True
            self.undo()
        elif name == REDO:
            self.redo()
