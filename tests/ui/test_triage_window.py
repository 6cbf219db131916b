"""The window over a real core: what stands around the list - heads, menus, selection, first run."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QMenu

from reviewdesk.ui.main_window import MainWindow
from tests.support.core import Desk

Open = Callable[[], tuple[MainWindow, Desk]]


def test_the_head_of_the_reading_pane_reports_and_opens_the_menu(
    opened: tuple[MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    window, _ = opened
    window.focus_list()
    qtbot.waitUntil(lambda: window.reading.detail() is not None)
    head = window.reading.head
    assert not head.flag.property("off")
    window.show_view("outbox")
    reason = window.actions_["flag"].reason
    assert reason and head.flag.property("off") and reason in head.flag.toolTip()
    assert reason in head.flag.accessibleDescription()
    window.show_view("inbox")
    qtbot.waitUntil(lambda: not window.inbox.current_id())
    window.focus_list()
    qtbot.waitUntil(lambda: head.flag.isVisible() and not head.flag.property("off"))
    head.more.click()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    offered = [action.objectName() for action in menu.actions() if not action.isSeparator()]
    # What stood in the head and has no room there is here.
    assert {"toggle-read", "copy-review", "star", "flag", "open-provider"} <= set(offered)
    menu.close()
    # In a narrow pane the place in the list stays, the menu too; what is left out stands in it.
    window.resize(760, 700)
    QApplication.processEvents()
    assert head.more.isVisible() and head.place_words() and not head.provider.isVisible()
    row = head.layout()
    assert row is not None and row.minimumSize().width() <= head.width()
