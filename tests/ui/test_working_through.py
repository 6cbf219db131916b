"""Working through a list: what counts as read, what follows an act, and three thousand reviews in one step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtWidgets import QApplication

from reviewdesk.services.settings import AFTER_ACTION, READ_POLICY
from reviewdesk.store import reviews
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import Desk
from tests.support.stores import CREATED, record

Open = Callable[[], tuple[MainWindow, Desk]]
MATCHING, OTHERS = 3_400, 600


def _keys(qtbot, text: str) -> None:  # type: ignore[no-untyped-def]
    qtbot.keyClicks(QApplication.focusWidget(), text)


@pytest.mark.parametrize("after", ["next", "previous", "list", "stay"])
def test_what_follows_an_act_is_what_was_chosen(open_desk: Open, qtbot, after: str) -> None:  # type: ignore[no-untyped-def]
    window, desk = open_desk()
    desk.core.settings.set(AFTER_ACTION, after).result(5)
    window.focus_list()
    ids = list(window.inbox.model.lines.ids)
    window.inbox.select(ids[5])
    qtbot.waitUntil(lambda: window.reading.detail() is not None)
    window.reading.setFocus()
    window.do("done", window.ids())
    qtbot.waitUntil(lambda: window.inbox.total() == len(ids) - 1)
    # Where neither neighbour is wanted the place in the list stays: the next has moved into it.
    assert window.inbox.current_id() == (ids[4] if after == "previous" else ids[6])
    in_list = window.inbox.isAncestorOf(QApplication.focusWidget())
    assert in_list is (after == "list"), "the hands stay where they were"


def test_at_the_end_of_the_list_the_last_row_then_the_empty_state_has_the_focus(
    open_desk: Open, qtbot
) -> None:  # type: ignore[no-untyped-def]
    window, _ = open_desk()
    window.focus_list()
    ids = list(window.inbox.model.lines.ids)
    window.inbox.select(ids[-1])
    _keys(qtbot, "e")
    qtbot.waitUntil(lambda: window.inbox.current_id() == ids[-2] and window.inbox.total() == len(ids) - 1)
    _keys(qtbot, "*a")
    _keys(qtbot, "e")
    qtbot.waitUntil(lambda: window.inbox.is_empty())
    assert window.inbox.isAncestorOf(QApplication.focusWidget())


def test_by_hand_no_walking_changes_what_is_unread(open_desk: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = open_desk()
    desk.core.settings.set(READ_POLICY, "hand").result(5)
    inbox = desk.core.inbox
    window.focus_list()
    for keys in ("j", "j", "k", "n", "p", "o", "u", " ", "j"):
        _keys(qtbot, keys)
        qtbot.waitUntil(lambda: window.reading.detail() is not None)
        qtbot.wait(30)
    assert inbox.sidebar().unread == 12
    window.focus_list()
    _keys(qtbot, "I")
    qtbot.waitUntil(lambda: inbox.sidebar().unread == 11)


def test_all_that_match_are_tagged_in_one_step_that_can_be_taken_back(open_desk: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = open_desk()
    page = [
        record(f"m{n}", body="zebra" if n < MATCHING else "horse", created_at=CREATED + 61 * n)
        for n in range(MATCHING + OTHERS)
    ]
    desk.core.store.write_now(lambda tx: reviews.store_page(tx, desk.account.id, reviews=page))
    desk.core.inbox.finish_index()
    inbox = desk.core.inbox
    window.search()
    _keys(qtbot, "zebra")
    qtbot.waitUntil(lambda: window.inbox.total() == MATCHING, timeout=20_000)
    # A heartbeat: the longest time in which the window did nothing else.
    beat, since, longest = QTimer(), QElapsedTimer(), [0]

    def on_beat() -> None:
        longest[0] = max(longest[0], since.restart())

    beat.timeout.connect(on_beat)
    since.start()
    beat.start(10)
    window.focus_list()
    window.inbox.select(window.inbox.model.lines.ids[0])
    _keys(qtbot, "x")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    link = window.inbox._bulk.all_link()
    qtbot.waitUntil(lambda: link.isVisible())
    assert link.accessibleName() == "Select all 3,400 matching"
    link.click()
    qtbot.waitUntil(lambda: len(window.ids()) == MATCHING)
    window.focus_list()
    _keys(qtbot, "l")
    qtbot.waitUntil(lambda: window.picker.isVisible())
    _keys(qtbot, "campaign")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: [(t.name, t.reviews) for t in inbox.tags()] == [("campaign", MATCHING)], timeout=20_000
    )
    assert set(inbox.ids(inbox.parse("tag:campaign"))) == set(inbox.ids(inbox.parse("zebra")))
    (step,) = inbox.history.steps()
    assert (step.kind, step.n) == ("tag", MATCHING)
    qtbot.waitUntil(lambda: "3,400" in window.toast.text() or "3400" in window.toast.text())
    window.focus_list()
    _keys(qtbot, "z")
    qtbot.waitUntil(lambda: inbox.tags() == [], timeout=20_000)
    assert inbox.count(inbox.parse("tag:campaign")) == 0
    beat.stop()
    assert longest[0] < 1_500, "on a busy machine; the figure itself is in the benchmark"
