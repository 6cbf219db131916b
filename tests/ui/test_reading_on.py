"""Space alone reads everything unread, over all accounts; and a review stays readable beside the reply to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.models import Target
from reviewdesk.services.settings import READ_POLICY
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import TOKEN, Desk, open_scripted
from tests.support.screens import settle, wait_until
from tests.support.scripted import World

LONG = "It came late and the lid does not close. " * 60


@pytest.fixture
def two_accounts(themed: QApplication, tmp_path: Path) -> Iterator[tuple[MainWindow, Desk]]:
    world = World()
    for number in range(1, 7):
        world.add_review(number, body=LONG if number % 3 == 0 else "Fine.")
    with open_scripted(tmp_path, world=world) as desk:
        core = desk.core
        core.settings.set(READ_POLICY, "open").result(5)
        core.accounts.add("scripted", "Second shop", {"shop": "two"}, {"token": TOKEN})
        desk.sync()
        bridge = Bridge(core)
        window = MainWindow(core, bridge)
        window.resize(1280, 720)
        window.show()
        wait_until(lambda: window.entry() is not None and window.inbox.total() == 12)
        try:
            yield window, desk
        finally:
            window.close()
            bridge.close()
            window.deleteLater()
            settle()


def hold_space(window: MainWindow, *, again: bool) -> None:
    where = QApplication.focusWidget() or window.inbox.view
    event = QKeyEvent(
        QEvent.Type.KeyPress, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ", autorep=again
    )
    QApplication.sendEvent(where, event)


def test_space_held_down_shows_every_unread_review_in_its_order(
    two_accounts: tuple[MainWindow, Desk],
) -> None:
    window, desk = two_accounts
    inbox = desk.core.inbox
    window.focus_list()
    ids = list(window.inbox.model.lines.ids)
    owners = [row.account_id for row in (inbox.rows(ids)[i] for i in ids)]
    assert len(set(owners)) == 2 and any(a != b for a, b in pairwise(owners))
    # Two were read before: they are passed over.
    inbox.set_read([ids[2], ids[7]], True).result(5)
    window.inbox.select(ids[0])
    wait_until(lambda: (d := window.reading.detail()) is not None and d.row.id == ids[0])
    seen = [ids[0]]

    def look() -> None:
        detail = window.reading.detail()
        if detail is not None and detail.row.id != seen[-1]:
            seen.append(detail.row.id)

    def through() -> bool:
        # As fast as the keys come: several between two looks at the screen, which no review may be lost by.
        for _ in range(3):
            hold_space(window, again=True)
        look()
        # The one at which the window began was not chosen: it stays as it was.
        return set(inbox.ids(inbox.parse("is:unread"))) <= {ids[0]} and seen[-1] == ids[-1]

    wait_until(through, 30, "the end of what is unread")
    assert seen == [i for i in ids if i not in (ids[2], ids[7])]


def test_a_long_review_is_read_to_its_end_before_the_next(two_accounts: tuple[MainWindow, Desk]) -> None:
    window, desk = two_accounts
    review = desk.review("r3")
    window.focus_list()
    window.inbox.select(review)
    wait_until(lambda: (d := window.reading.detail()) is not None and d.row.id == review)
    bar = window.reading.area.verticalScrollBar()
    wait_until(lambda: bar.maximum() > 0)
    hold_space(window, again=False)
    assert bar.value() > 0 and window.inbox.current_id() == review
    while bar.value() < bar.maximum():
        hold_space(window, again=False)
    assert window.inbox.current_id() == review
    hold_space(window, again=False)
    wait_until(lambda: window.inbox.current_id() != review, 5, "the next")


def test_the_review_can_be_read_and_scrolled_while_its_reply_is_written(
    two_accounts: tuple[MainWindow, Desk],
) -> None:
    window, desk = two_accounts
    review = desk.review("r3")
    window.open_review(review)
    wait_until(lambda: (d := window.reading.detail()) is not None and d.row.id == review)
    window.composer.open(review, Target.PUBLIC)
    QTest.keyClicks(window.composer.editor, "We are sorry.")
    window.composer.editor.insertPlainText("\nAnother line." * 80)
    settle()
    area = window.reading.area
    assert not window.composer.isModal() and QApplication.activeModalWidget() is None
    both = window.reading.height() + window.composer.height()
    assert area.viewport().height() >= 0.25 * both > 100, "the longest reply leaves it room"
    before = area.verticalScrollBar().value()
    QTest.keyClick(window.composer.editor, Qt.Key.Key_F6)
    assert not window.composer.isAncestorOf(QApplication.focusWidget()), "the keyboard goes to what is read"
    window.reading.scroll_page(1)
    assert area.verticalScrollBar().value() > before
    assert window.composer.is_open() and window.composer.text().startswith("We are sorry.")
