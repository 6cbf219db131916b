"""Views in the window: told of what arrives, from a real sync of the practice server; written to a file and read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reviewdesk.practice import PracticeShop
from reviewdesk.services.core import Core
from reviewdesk.services.settings import THEME
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import Desk, open_practice
from tests.support.screens import settle, wait_until

Open = Callable[[], tuple[MainWindow, Desk]]
pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def practised(themed: QApplication, qtbot, tmp_path: Path) -> Iterator[tuple[MainWindow, Core, PracticeShop]]:  # type: ignore[no-untyped-def]
    with open_practice(tmp_path, providers=("trustpilot",)) as (core, shop):
        core.settings.set(THEME, "light").result(5)
        core.inbox.save_view("Angry", "stars:<=2").result(5)
        assert all(report.ok for report in core.sync.run(None, False))
        bridge = Bridge(core)
        window = MainWindow(core, bridge)
        qtbot.addWidget(window)
        window.resize(1440, 900)
        window.show()
        window.activateWindow()
        wait_until(lambda: window.making.whole and window.inbox.total() > 0, 20, "the list")
        wait_until(lambda: window.sidebar.entry("view:1") is not None, 20, "the view")
        try:
            yield window, core, shop
        finally:
            window.close()
            bridge.close()


def _sync(core: Core) -> None:
    assert all(report.ok for report in core.sync.run(None, False))
    if core.arrivals.looking is not None:
        core.arrivals.looking.result(60)


def test_a_view_tells_what_arrived(practised: tuple[MainWindow, Core, PracticeShop]) -> None:
    window, core, shop = practised

    def entry():  # type: ignore[no-untyped-def]
        found = window.sidebar.entry("view:1")
        assert found is not None
        return found

    shop.trustpilot.add_review(stars=1, content="Broken.", name="Nia")
    _sync(core)
    settle()
    assert not entry().arrived and "Angry" not in window.toast.text(), "nobody asked to be told"
    window.sidebar.view_act.emit("notify", 1)
    wait_until(lambda: core.inbox.views()[0].notify)
    wait_until(lambda: window.toast.text() == "You will be told when something new arrives in Angry")
    window.toast.dismiss()
    for number in (1, 2):
        shop.trustpilot.add_review(stars=number, content=f"Broken {number}.", name=f"Nia{number}")
    shop.trustpilot.add_review(stars=5, content="Fine.", name="Olu")
    _sync(core)
    wait_until(lambda: window.toast.text() == "New reviews: 2 in Angry", 20)
    wait_until(lambda: entry().arrived == 2)
    assert entry().strong and "2 reviews arrived" in entry().sentence
    (noted,) = [n for n in window.activity.entries() if "Angry" in n.message]
    assert noted.message == "New reviews: 2 in Angry"
    # The same reviews are never told again; the activity panel leads to the view, which takes the mark away.
    window.toast.dismiss()
    _sync(core)
    settle()
    assert window.toast.text() == "" and sum("Angry" in n.message for n in window.activity.entries()) == 1
    window.activity.open()
    QTest.keyClicks(QApplication.focusWidget(), "angry")
    settle()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    wait_until(lambda: window.entry() is not None and window.entry().key == "view:1")  # type: ignore[union-attr]
    wait_until(lambda: not entry().arrived)
    # What comes into the view that is shown, the list itself says.
    shop.trustpilot.add_review(stars=1, content="Broken again.", name="Ann")
    _sync(core)
    wait_until(lambda: sum("Angry" in n.message for n in window.activity.entries()) == 2)
    settle()
    assert not entry().arrived and window.toast.text() == ""


def test_the_toast_leads_to_the_view_and_waits_for_its_turn(
    practised: tuple[MainWindow, Core, PracticeShop],
) -> None:
    window, core, shop = practised
    core.inbox.change_view(1, notify=True).result(5)
    window.focus_list()
    window.doing.tell("Something done", undo=True)
    shop.trustpilot.add_review(stars=1, content="Broken.", name="Nia")
    _sync(core)
    wait_until(lambda: any("Angry" in n.message for n in window.activity.entries()), 20)
    assert window.toast.text() == "Something done", "a way back is not taken away by news"
    window.toast.dismiss()
    wait_until(lambda: window.toast.text() == "New reviews: 1 in Angry", 20)
    button = window.toast.button("open-arrived")
    assert button is not None
    button.click()
    wait_until(lambda: window.entry() is not None and window.entry().key == "view:1")  # type: ignore[union-attr]
    assert window.inbox.view.hasFocus()


def test_views_are_written_and_read_from_the_window(open_desk: Open, qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    window, desk = open_desk()
    inbox, target = desk.core.inbox, tmp_path / "views.json"
    inbox.save_view("Angry", "stars:<=2", icon="flag").result(5)
    view = inbox.save_view("French", "lang:fr").result(5)
    qtbot.waitUntil(lambda: len(window.sidebar.views()) == 2)
    window.views.export_file(target)
    qtbot.waitUntil(lambda: window.toast.text() == "2 views written")
    inbox.delete_view(view).result(5)
    qtbot.waitUntil(lambda: len(window.sidebar.views()) == 1)
    window.views.import_file(target)
    qtbot.waitUntil(lambda: window.toast.text().endswith("added from views.json"))
    qtbot.waitUntil(lambda: [v.name for v in window.sidebar.views()] == ["Angry", "French"])
    window.focus_list()
    qtbot.keyClicks(QApplication.focusWidget(), "z")
    qtbot.waitUntil(lambda: [v.name for v in window.sidebar.views()] == ["Angry"])
    target.write_text("no views")
    window.views.import_file(target)
    qtbot.waitUntil(lambda: "is no file of views" in window.toast.text())
    # All of it is in the palette.
    assert {"export-views", "import-views", "view-notify"} <= {action.id for action in window.actions_.all()}
