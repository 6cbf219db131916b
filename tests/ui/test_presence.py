"""Whether somebody is at the window, and that free memory is given back."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from reviewdesk.ui import memory
from reviewdesk.ui.presence import Presence


def test_keys_and_clicks_are_noticed_in_a_window_that_is_there_and_in_one_that_comes_later(
    qtbot: QtBot,
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    first, later = QLineEdit(), QLineEdit()
    qtbot.addWidget(first)
    qtbot.addWidget(later)
    with qtbot.waitExposed(first):
        first.show()
    acts: list[int] = []
    presence = Presence(application, lambda: acts.append(1))
    try:
        QTest.keyClick(first.windowHandle(), Qt.Key.Key_A)
        qtbot.waitUntil(lambda: len(acts) == 1, timeout=15_000)
        QTest.mouseClick(
            first.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(5, 5)
        )
        # The mouse moves there before it is pressed.
        qtbot.waitUntil(lambda: len(acts) in (2, 3), timeout=15_000)
        before = len(acts)
        QTest.mouseMove(first.windowHandle(), QPoint(30, 5))
        qtbot.waitUntil(lambda: len(acts) > before, timeout=15_000)
        with qtbot.waitExposed(later):
            later.show()
        later.activateWindow()
        qtbot.waitUntil(lambda: application.focusWindow() is later.windowHandle(), timeout=15_000)
        before = len(acts)
        QTest.keyClick(later.windowHandle(), Qt.Key.Key_B)
        qtbot.waitUntil(lambda: len(acts) > before, timeout=15_000)
        assert (first.text(), later.text()) == ("a", "b"), "who listens takes nothing away"
    finally:
        presence.deleteLater()


@pytest.mark.skipif(sys.platform != "linux", reason="only the C library of Linux keeps what is free")
def test_the_c_library_of_linux_is_told_once_and_again() -> None:
    assert memory.give_back() and memory.give_back()
