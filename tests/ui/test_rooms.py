"""Rooms: a page, an action, a menu line and a settings row that come from outside the window's own code."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from reviewdesk.services.settings import REDUCE_MOTION
from reviewdesk.ui import making_rest
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.page import Page
from reviewdesk.ui.picker import Choice
from tests.support.core import Desk


class Shelf(Page):
    """A page with a field and a list of what it was asked."""

    search_words = "Search the shelf"
    made = 0

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        Shelf.made += 1
        self.filters: list[str] = []
        self.may_close = True
        self.button = QPushButton("One", self)
        self.field = QLineEdit(self)
        column = QVBoxLayout(self)
        column.addWidget(self.button)
        column.addWidget(self.field)

    def start(self) -> QWidget:
        return self.button

    def set_filter(self, text: str) -> None:
        self.filters.append(text)

    def finish(self) -> bool:
        return self.may_close


class Plain(Page):
    """A page that has nothing to search."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


@pytest.fixture
def window(
    open_desk: Callable[[], tuple[MainWindow, Desk]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    pressed: list[str] = []

    def later(window: MainWindow) -> None:
        window.add_page("plain", "Plain", "chart-bar", lambda: Plain(window), place=20, keys=["g 2"])

    def shelf(window: MainWindow) -> None:
        window.add_page("shelf", "Shelf", "package", lambda: Shelf(window), place=10, keys=["g 1"])
        window.add_action("dust", "Dust it", lambda: pressed.append("dust"), keys=["%"], group="Shelf")
        window.add_action("weigh", "Weigh", lambda: pressed.append("weigh"), keys=["&"], about_review=True)
        window.menus.add("tools", ["dust"])
        window.menus.add("context", ["weigh"])
        window.header.add_button("Shelve", "plus", lambda: pressed.append("header"))
        window.palette_.add_source(lambda typed: [Choice("vase", "A vase", lambda: pressed.append("vase"))])
        window.add_settings(
            "shelf",
            title="Shelf",
            icon="package",
            items=lambda make: [make.switch("shelf", "Wood", "Oak", "Of a tree", REDUCE_MOTION)],
        )
        window.add_settings("shelf", build=lambda parent: QLineEdit("on a page", parent))

    Shelf.made = 0
    monkeypatch.setattr(making_rest, "ROOMS", (later, shelf))
    made = open_desk()[0]
    made.pressed = pressed  # type: ignore[attr-defined]
    yield made
    page = made.page("shelf")
    if isinstance(page, Shelf):
        page.may_close = True


def _pressed(window: MainWindow) -> list[str]:
    return window.pressed  # type: ignore[attr-defined,no-any-return]


def test_a_page_has_its_entry_under_tools_and_is_made_when_first_shown(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    tools = [e.label for e in window.sidebar.entries()][-3:]
    assert tools == ["Tools", "Shelf", "Plain"], "by their places, whatever order they came in"
    assert Shelf.made == 0 and window.page("shelf") is None
    window.inbox.setFocus()
    qtbot.keyClicks(window.inbox.view, "g1")
    shelf = window.page("shelf")
    assert isinstance(shelf, Shelf) and window.pages.currentWidget() is shelf
    qtbot.waitUntil(shelf.button.hasFocus)
    window.show_view("inbox")
    assert window.show_page("shelf") is shelf and Shelf.made == 1
    window.set_page_count("shelf", 2, failed=True)
    entry = window.sidebar.entry("page:shelf")
    assert entry is not None and entry.sentence == "Shelf, 2 to look at"


def test_keys_about_reviews_rest_on_a_page_and_those_that_lead_away_act(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    window.show_page("shelf")
    shelf = window.page("shelf")
    assert isinstance(shelf, Shelf)
    qtbot.waitUntil(shelf.button.hasFocus)
    qtbot.keyClicks(shelf.button, "&e%")
    assert _pressed(window) == ["dust"], "no review is seen, so nothing is done to one"
    assert not window.actions_.trigger("done") and not window.actions_.trigger("weigh")
    shelf.field.setFocus()
    qtbot.keyClicks(shelf.field, "g i%")
    assert shelf.field.text() == "g i%" and window.pages.currentWidget() is shelf
    shelf.button.setFocus()
    qtbot.keyClicks(shelf.button, "gi")
    assert window.pages.currentWidget() is window.inner
    window.inbox.move(1)
    qtbot.waitUntil(lambda: bool(window.inbox.current_id()))
    assert window.actions_.trigger("weigh")


def test_the_search_box_belongs_to_the_page_or_leads_to_the_reviews(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    shelf = window.show_page("shelf")
    assert isinstance(shelf, Shelf)
    assert window.header.search.line.placeholder == "Search the shelf"
    window.header.search.set_text("vase")
    qtbot.waitUntil(lambda: shelf.filters[-1:] == ["vase"])
    plain = window.show_page("plain")
    assert window.header.search.text() == "" and window.pages.currentWidget() is plain
    window.header.search.set_text("stars:5")
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.inner)
    query = window.inbox.query()
    assert query is not None and query.canonical == window.core.inbox.parse("stars:5").canonical
    window.header.search.clear()
    qtbot.waitUntil(lambda: window.pages.currentWidget() is plain)


def test_a_restart_comes_back_to_the_page(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    window.show_page("plain")
    window.save_state()
    bridge = Bridge(window.core)
    again = MainWindow(window.core, bridge)
    qtbot.addWidget(again)
    again.show()
    qtbot.waitUntil(lambda: again.entry() is not None)
    assert again.page("plain") is not None and again.pages.currentWidget() is again.page("plain")
    again.close()
    bridge.close()


def test_a_page_that_holds_something_unsaved_keeps_the_window_open(window: MainWindow) -> None:
    shelf = window.show_page("shelf")
    assert isinstance(shelf, Shelf)
    shelf.may_close = False
    assert not window.close() and window.isVisible()


def test_actions_menus_palette_and_settings_of_a_room(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    tools = next(m for m in window.header.menus() if m.title() == "Tools")
    assert "dust" in [a.objectName() for a in tools.actions()]
    assert "weigh" in [a.objectName() for a in window.menus.context(window).actions()]
    window.palette_.open()
    titles = [c.title for c in window.palette_._offer("")]
    assert {"Dust it", "Go to Shelf", "A vase", "Oak"} <= set(titles)
    window.open_settings("shelf")
    page = window.findChild(QWidget, "settings").page("shelf")
    assert [row.item.title for row in page.rows] == ["Oak"]
    assert [f.text() for f in page.findChildren(QLineEdit)] == ["on a page"]
    qtbot.mouseClick(window.header._extra[0], Qt.MouseButton.LeftButton)
    assert _pressed(window)[-1] == "header"


def test_what_is_taken_is_refused(window: MainWindow) -> None:
    with pytest.raises(ValueError, match="shelf"):
        window.add_page("shelf", "Again", "package", lambda: Plain(window))
    with pytest.raises(ValueError, match="belongs to"):
        window.add_action("other", "Other", lambda: None, keys=["%"])
    with pytest.raises(ValueError, match="title"):
        window.add_settings("nowhere", build=QWidget)
