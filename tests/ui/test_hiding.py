"""A review is taken out of every list by a key, found again by an operator, and brought back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from reviewdesk.ui.main_window import MainWindow
from tests.support.core import Desk

Open = Callable[[], tuple[MainWindow, Desk]]


def _press(qtbot, key: Qt.Key | str) -> None:  # type: ignore[no-untyped-def]
    widget = QApplication.focusWidget()
    if isinstance(key, str):
        qtbot.keyClicks(widget, key)
    else:
        qtbot.keyClick(widget, key)


@pytest.mark.parametrize("key", ["#", Qt.Key.Key_Delete])
def test_hidden_counted_nowhere_found_and_brought_back(open_desk: Open, qtbot, key: Qt.Key | str) -> None:  # type: ignore[no-untyped-def]
    window, desk = open_desk()
    inbox = desk.core.inbox
    window.focus_list()
    before = list(window.inbox.model.lines.ids)
    window.inbox.select(before[2])
    state = inbox.rows([before[2]])[before[2]].work_state
    counted = inbox.sidebar().states[state]
    _press(qtbot, key)
    qtbot.waitUntil(lambda: window.inbox.total() == len(before) - 1)
    qtbot.waitUntil(lambda: window.toast.text() == "Hidden here")
    assert window.inbox.current_id() == before[3], "the next one is current"
    assert inbox.sidebar().states[state] == counted - 1
    qtbot.waitUntil(lambda: window.sidebar.entry("inbox").count == len(before) - 1)  # type: ignore[union-attr]
    # It is found from the palette, and the same key brings it back to where it was.
    window.actions_.trigger("go-hidden")
    qtbot.waitUntil(lambda: list(window.inbox.model.lines.ids) == [before[2]])
    window.focus_list()
    window.inbox.select(before[2])
    _press(qtbot, key)
    qtbot.waitUntil(lambda: window.toast.text() == "Shown again")
    qtbot.waitUntil(lambda: window.inbox.total() == 0)
    window.header.search.clear()
    assert window.show_view("inbox")
    qtbot.waitUntil(lambda: list(window.inbox.model.lines.ids) == before)
    assert inbox.rows([before[2]])[before[2]].work_state is state
    # Both are steps that can be taken back.
    window.focus_list()
    _press(qtbot, "z")
    qtbot.waitUntil(lambda: window.inbox.total() == len(before) - 1)
    _press(qtbot, "z")
    qtbot.waitUntil(lambda: list(window.inbox.model.lines.ids) == before)


def test_a_selection_is_hidden_in_one_step(open_desk: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = open_desk()
    inbox = desk.core.inbox
    window.focus_list()
    _press(qtbot, "*a")
    _press(qtbot, "#")
    qtbot.waitUntil(lambda: window.inbox.total() == 0)
    qtbot.waitUntil(lambda: window.toast.text() == "12 reviews hidden here")
    assert len(inbox.history.steps()) == 1
    _press(qtbot, "z")
    qtbot.waitUntil(lambda: window.inbox.total() == 12)
