"""Brings what is done about a review besides replying into the window: actions with their keys and reasons."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from reviewdesk.ui.casework.casework import Casework
from reviewdesk.ui.page import Page

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["add_to"]

translate = QCoreApplication.translate


def add_to(window: MainWindow) -> None:
    """Actions of the Review menu, and the page with the reports."""
    work = Casework(window)
    group = translate("casework", "Cases and reports")
    for name, title, act, icon, keys in (
        ("flag", translate("casework", "Report to the provider"), work.flag, "flag", ["!"]),
        ("publish-review", translate("casework", "Publish at the provider"), work.publish, "eye", []),
        (
            "find-reviewer",
            translate("casework", "Ask who wrote this"),
            work.find_reviewer,
            "user-focus",
            [],
        ),
        (
            "conversation",
            translate("casework", "Conversation public or private"),
            work.conversation,
            "lock-key",
            [],
        ),
        ("edit-reply", translate("casework", "Edit our reply"), work.edit_reply, "pencil-simple", []),
        (
            "resolution",
            translate("casework", "Offer a resolution privately"),
            partial(_offer, window),
            "lock-key-fill",
            [],
        ),
        (
            "edit-link",
            translate("casework", "Insert the link to edit the review"),
            work.edit_link,
            "link-simple",
            [],
        ),
        ("case", translate("casework", "Case"), work.case, "briefcase", ["C"]),
        (
            "pictures",
            translate("casework", "Look at the pictures"),
            partial(window.reading.open_picture, 0),
            "image-square",
            ["P"],
        ),
        (
            "versions",
            translate("casework", "Earlier versions of this review"),
            window.reading.show_history,
            "clock-counter-clockwise",
            [],
        ),
        (
            "people",
            translate("casework", "Other reviews of this person or order"),
            window.reading.show_people,
            "user-circle",
            [],
        ),
        (
            "answered-there",
            translate("casework", "Answered elsewhere"),
            work.answered,
            "arrow-square-out",
            [],
        ),
    ):
        window.add_action(name, title, act, icon=icon, keys=keys, group=group)
    for name, title, act, icon, shortcuts in (
        (
            "find",
            translate("casework", "Find in this review"),
            window.reading.find_in_review,
            "magnifying-glass",
            ["Ctrl+F"],
        ),
        ("copy-link", translate("casework", "Copy a link to this review"), work.copy_link, "link-simple", []),
        (
            "send-done",
            translate("casework", "Publish and mark done"),
            partial(work.send, "done"),
            "paper-plane-tilt",
            ["Ctrl+Shift+E"],
        ),
        (
            "send-next",
            translate("casework", "Publish and go to the next review"),
            partial(work.send, "next"),
            "paper-plane-tilt",
            ["Ctrl+Shift+J"],
        ),
        (
            "send-approval",
            translate("casework", "Publish when somebody has approved it"),
            partial(work.send, "approval"),
            "eye",
            [],
        ),
        ("schedule", translate("casework", "Schedule the text for later"), work.schedule, "calendar", []),
        (
            "detach",
            translate("casework", "Write in a window of its own"),
            work.windows.detach,
            "arrows-out-simple",
            ["Ctrl+Shift+O"],
        ),
        (
            "switch-target",
            translate("casework", "Move the text to the other reader"),
            window.composer.switch_target,
            "arrows-left-right",
            [],
        ),
        (
            "saved-here",
            translate("casework", "Saved replies"),
            window.composer.open_saved,
            "quotes",
            ["Ctrl+Shift+S"],
        ),
        (
            "misspelled",
            translate("casework", "Next misspelled word"),
            partial(_misspelled, window),
            "text-aa",
            ["F7"],
        ),
        (
            "spelling",
            translate("casework", "Languages of the spelling"),
            partial(_languages, window),
            "text-aa",
            [],
        ),
    ):
        window.add_action(name, title, act, icon=icon, shortcuts=shortcuts, group=group)
    window.menus.add(
        "review", ("edit-reply", "conversation", "resolution", "case", "edit-link", "answered-there")
    )
    window.menus.add("review", ("flag", "publish-review", "find-reviewer"))
    window.menus.add("edit", ("find", "copy-link"))
    window.menus.add("review", ("pictures", "versions", "people"))
    window.menus.add(
        "tools",
        ("send-done", "send-next", "send-approval", "schedule", "detach", "switch-target", "saved-here"),
    )
    window.menus.add("tools", ("misspelled", "spelling"))
    window.menus.add("context", ("case", "flag", "copy-link"))
    window.add_page(
        "reports",
        translate("casework", "Reports"),
        "flag",
        partial(_reports, window),
        place=40,
        keys=["g f"],
        also=[translate("casework", "flags"), translate("casework", "moderation")],
    )


def _offer(window: MainWindow) -> None:
    detail = window.shown_review()
    if detail is not None:
        window.shape.show_reading(True)
        window.composer.open_resolution(detail.row.id)


def _misspelled(window: MainWindow) -> None:
    if not window.composer.is_open():
        window.say(translate("casework", "Open a text first: R answers the review"))
    elif not window.composer.spelling.next():
        window.say(translate("casework", "No misspelled word is marked in this text"))


def _languages(window: MainWindow) -> None:
    if window.composer.is_open():
        window.composer.spelling.ask()
    else:
        window.say(translate("casework", "Open a text first: R answers the review"))


def _reports(window: MainWindow) -> Page:
    from reviewdesk.ui.casework.reports import ReportsPage  # loaded when first shown

    made = ReportsPage(window.bridge, window)
    made.review_wanted.connect(window.open_review)
    return made
