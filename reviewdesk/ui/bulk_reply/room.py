"""Brings the reply to several reviews into the window: an action with its key, and its own window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from reviewdesk.services.saved_replies import SavedReply
from reviewdesk.ui.picker import Choice

if TYPE_CHECKING:
    from reviewdesk.ui.bulk_reply.window import BulkReplyWindow
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["add_to", "ask_saved", "begin"]

translate = QCoreApplication.translate


def add_to(window: MainWindow) -> None:
    """The action, in the Review menu and that of a row; it acts on the selection, else on the current review."""
    window.add_action(
        "bulk-reply",
        translate("bulk", "Reply to the selected with a saved reply…"),
        partial(begin, window),
        keys=["* r"],
        icon="chats",
        group=translate("actions", "Reviews"),
        also=[translate("bulk", "bulk reply"), translate("bulk", "answer many")],
    )
    window.menus.add("review", ["bulk-reply"])
    window.menus.add("context", ["bulk-reply"])


def begin(window: MainWindow, ids: Sequence[int] = ()) -> None:
    """Ask which saved reply, then show every text. Without ``ids``: the selected reviews."""
    wanted = list(ids) or window.ids()
    if not wanted:
        window.say(translate("bulk", "Choose a review first"))
        return

    def chosen(reply: SavedReply) -> None:
        open_window(window, wanted, reply)

    ask_saved(window, chosen)


def ask_saved(window: MainWindow, chosen: Callable[[SavedReply], object]) -> None:
    """Let a person choose a saved reply by a few letters; ``chosen`` is called with it."""

    def offer(replies: list[SavedReply]) -> None:
        if not replies:
            window.say(translate("bulk", "There is no saved reply yet: write one under Saved replies"))
            return
        choices = [
            Choice(
                f"saved:{reply.id}",
                reply.name,
                partial(chosen, reply),
                section=reply.folder,
                icon="quotes",
                hint=", ".join(code or translate("bulk", "any language") for code in sorted(reply.texts)),
            )
            for reply in replies
        ]
        window.picker.ask(
            "bulk-reply",
            lambda _typed: choices,
            title=translate("bulk", "Which saved reply?"),
            placeholder=translate("bulk", "Which saved reply?"),
        )

    window.bridge.run(window.core.saved_replies.list, done=offer, owner=window, key="bulk-saved")


def open_window(window: MainWindow, ids: Sequence[int], reply: SavedReply) -> BulkReplyWindow:
    """The texts as they would be published; nothing is sent by opening it."""
    from reviewdesk.ui.bulk_reply.window import BulkReplyWindow  # loaded when first shown

    made = BulkReplyWindow(window, ids, reply)
    made.show()
    made.raise_()
    made.activateWindow()
    return made
