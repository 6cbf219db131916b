"""A window that paints its list first: what is made later is there for whoever asks, and no key is lost meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from reviewdesk.services.settings import THEME
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.making import LATER, Making
from tests.support.fake_core import FakeCore

Open = Callable[..., MainWindow]


@pytest.fixture
def open_half(themed: QApplication, qtbot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:  # type: ignore[no-untyped-def]
    """A window whose list is there and whose rest does not begin by itself, unless ``begin``."""
    opened: list[tuple[MainWindow, Bridge, FakeCore]] = []

    def open_(*, begin: bool = False, state: str = "", empty: bool = False) -> MainWindow:
        if not begin:
            monkeypatch.setattr(Making, "_begin", lambda self: None)
        core = FakeCore(empty=empty)
        core.settings.values[THEME.key] = "light"
        if state:
            core.settings.texts["window.state"] = state
        bridge = Bridge(core)  # type: ignore[arg-type]
        window = MainWindow(core, bridge, gradually=True)  # type: ignore[arg-type]
        qtbot.addWidget(window)
        opened.append((window, bridge, core))
        window.making.gradually()
        window.resize(1440, 900)
        window.show()
        window.activateWindow()
        return window

    yield open_
    for window, bridge, core in opened:
        window.close()
        bridge.close()
        core.stop()


def _there(window: MainWindow) -> set[str]:
    return LATER & set(vars(window))


def test_the_list_is_there_before_the_rest_and_the_rest_comes_by_itself(open_half: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window = open_half(begin=True)
    assert _there(window) == set()
    soon: list[int] = []
    after: list[int] = []
    window.making.soon(lambda: soon.append(len(_there(window))))
    window.making.then(lambda: after.append(len(_there(window))))

    qtbot.waitUntil(lambda: bool(after), timeout=30_000)

    assert soon == [0] and after == [len(LATER)] and window.making.whole
    current = window.inbox.current_id()
    qtbot.waitUntil(lambda: window.reading.current_id() == current)
    assert [menu.isEmpty() for menu in window.header.menus()] == [False] * 7


def test_who_asks_for_a_part_gets_it(open_half: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window = open_half()
    qtbot.waitUntil(lambda: window.inbox.total() > 0)
    assert _there(window) == set()

    assert window.composer.is_open() is False

    assert window.making.whole and _there(window) == LATER
    with pytest.raises(AttributeError, match="no attribute 'composed'"):
        window.composed  # type: ignore[attr-defined]  # noqa: B018


def test_a_key_before_its_action_is_there_does_what_it_always_does(open_half: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window = open_half()
    qtbot.waitUntil(lambda: window.inbox.total() > 0)
    assert _there(window) == set()

    qtbot.keyClick(window.inbox.view, Qt.Key.Key_J)

    assert window.making.whole
    assert window.inbox.number_of(window.inbox.current_id()) == 1
    qtbot.keyClick(window.inbox.view, Qt.Key.Key_J)
    assert window.inbox.number_of(window.inbox.current_id()) == 2


def test_words_typed_into_the_search_stay_there(open_half: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window = open_half()
    qtbot.waitUntil(lambda: window.inbox.total() > 0)
    window.header.search.line.setFocus()

    qtbot.keyClicks(window.header.search.line, "jed")

    assert window.header.search.text() == "jed"


def test_a_button_whose_room_is_made_later(open_half: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window = open_half()
    qtbot.waitUntil(lambda: window.inbox.total() > 0)

    window.header.commands.click()

    qtbot.waitUntil(lambda: window.picker.isVisible())


def test_an_empty_profile_gets_its_first_page(open_half: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window = open_half(empty=True)

    qtbot.waitUntil(lambda: window.pages.currentWidget() is not window.inner)

    assert window.pages.currentWidget() is window.first_run


def test_a_restart_on_a_page_waits_for_its_room(open_half: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window = open_half(state='{"view": "page:saved-replies"}')

    qtbot.waitUntil(lambda: window.entry() is not None)

    entry = window.entry()
    assert entry is not None and entry.key == "page:saved-replies"


def test_closed_before_it_is_whole(open_half: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window = open_half()
    qtbot.waitUntil(lambda: window.inbox.total() > 0)

    assert window.close()

    assert _there(window) == set()
