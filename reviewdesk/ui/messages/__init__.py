"""Private messages of all accounts as threads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QCoreApplication

from reviewdesk.domain.letters import is_letter, person_of
from reviewdesk.domain.models import OutboxItem, Target

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow
    from reviewdesk.ui.messages.page import MessagesPage
    from reviewdesk.ui.page import Page

__all__ = ["add_to"]

translate = QCoreApplication.translate


def add_to(window: MainWindow) -> None:
    """The page with its place in the sidebar and its keys."""
    window.add_page(
        "messages",
        translate("messages", "Messages"),
        "envelope-simple",
        partial(_page, window),
        place=5,
        keys=["g m"],
        also=[translate("messages", "private"), translate("messages", "letters")],
    )
    window.publishing.taken_back.connect(partial(_taken_back, window))
    window.outbox.letter_wanted.connect(partial(_taken_back, window))


def _taken_back(window: MainWindow, item: OutboxItem) -> None:
    """A message beside any review became a draft again: it is written on where its thread is."""
    if is_letter(item):
        page = cast("MessagesPage", window.show_page("messages"))
        page.write_on(item.account_id, person_of(item))


def _page(window: MainWindow) -> Page:
    from reviewdesk.ui.messages.page import MessagesPage  # loaded when first shown

    made = MessagesPage(window.bridge, window)
    made.review_wanted.connect(window.open_review)
    made.private_wanted.connect(partial(_write_privately, window))
    made.said.connect(window.say)
    made.answer.refused.connect(window.say)
    made.answer.sent.connect(window.on_published)
    return made


def _write_privately(window: MainWindow, review_id: int) -> None:
    window.open_draft(review_id, Target.PRIVATE)
