"""Every place of the window one after another, as a person finds it: for tests that must look at all of them."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QLineEdit,
    QWidget,
)

from reviewdesk.domain.models import Target
from reviewdesk.ui.accounts import open_account_page, open_wizard
from reviewdesk.ui.invitations.room import open_invite
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.settings import SettingsWindow
from reviewdesk.ui.theme import theme
from tests.support.screens import settle, wait_until

__all__ = ["PAGES", "cut_controls", "every_place"]

PAGES = ("products", "insights", "messages", "saved-replies", "invitations", "reports", "journal")
"""The pages that rooms bring, as the sidebar lists them."""


def every_place(window: MainWindow, *, width: int = 1280, height: int = 720) -> Iterator[tuple[str, QWidget]]:
    """(name, what holds it) of the list with a composer, the outbox, each page, each page of the settings, the
    wizard, an account's page, the invitation windows, palette, cheat sheet, activity. Each is closed after it was
    looked at."""
    window.resize(width, height)
    if not window.inbox.current_id():
        window.inbox.move(1)
    wait_until(lambda: window.reading.detail() is not None, what="the review")
    window.reply(Target.PUBLIC)
    settle()
    yield "composer", window
    window.composer.close()
    settle()
    yield "list", window
    for name in ("outbox", *(f"page:{page}" for page in PAGES)):
        if window.show_view(name):
            settle(20)
            yield name, window
    window.show_view("inbox")
    settle()
    for name, open_ in (
        ("palette", window.palette_.open),
        ("cheat sheet", window.palette_.open_cheat_sheet),
        ("activity", window.activity.open),
    ):
        open_()
        settle()
        yield name, window.picker
        window.picker.dismiss()
    window.open_settings()
    settings = window.findChild(SettingsWindow)
    assert settings is not None
    settings.resize(min(width, settings.width()), min(height, settings.height()))
    for row in range(settings.sections.count()):
        settings.sections.setCurrentRow(row)
        settle()
        yield f"settings: {settings.sections.item(row).text()}", settings
    settings.close()
    wizard = open_wizard(window)
    assert wizard is not None
    yield from _one("wizard", wizard, width, height)
    account = window.sidebar.accounts()[0].id
    page = open_account_page(window, account)
    assert page is not None
    yield from _one("account page", page, width, height)
    invite = open_invite(window)
    wait_until(invite.isVisible, what="the invitation window")
    yield from _one("invitation", invite, width, height, stays=True)
    open_invite(window, from_list=True)
    yield from _one("invitations from a list", invite, width, height)


def _one(
    name: str, widget: QWidget, width: int, height: int, *, stays: bool = False
) -> Iterator[tuple[str, QWidget]]:
    if theme().scale > 1:
        # As large as the screen lets it be, whatever screen this runs on.
        widget.resize(width, height)
    else:
        widget.resize(min(width, widget.width()), min(height, widget.height()))
    settle(20)
    yield name, widget
    if not stays:
        widget.close()
        settle()


def cut_controls(inside: QWidget) -> list[str]:
    """Controls that are narrower than their words, or stand out of what holds them where nothing can be scrolled."""
    found = []
    for control in inside.findChildren(QWidget):
        if not isinstance(control, QAbstractButton | QLineEdit | QComboBox) or not control.isVisible():
            continue
        if control.window() is not inside.window():
            continue
        words = control.text() if isinstance(control, QAbstractButton) else ""
        name = f"{type(control).__name__} {words or control.accessibleName()!r}"
        if words and control.width() + 1 < control.sizeHint().width():
            found.append(f"{name}: {control.width()} of {control.sizeHint().width()}")
        out = _outside(control)
        if out:
            found.append(f"{name}: {out}")
    return sorted(set(found))


def _outside(control: QWidget) -> str:
    rect = QRect(QPoint(0, 0), control.size())
    here: QWidget | None = control
    while here is not None and not here.isWindow():
        parent = here.parentWidget()
        if parent is None:
            return ""
        rect.translate(here.pos())
        scrolled = isinstance(parent.parentWidget(), QAbstractScrollArea)
        room = parent.rect().adjusted(-1, -1, 1, 1)
        if scrolled and (rect.left() < room.left() or rect.right() > room.right()):
            return (
                f"{rect.left()} to {rect.right()} of {parent.width()} px in a view that scrolls up and down"
            )
        if scrolled:
            return ""
        if not room.contains(rect):
            return f"{rect.getRect()} of {parent.size().toTuple()} in {type(parent).__name__}"
        here = parent
    return ""
