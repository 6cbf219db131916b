"""First run and the five reasons for an empty list: each says its cause and leads on with one press."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from shiboken6 import isValid

from reviewdesk.domain.errors import ErrorInfo
from reviewdesk.domain.models import AccountState, ChangeSet
from reviewdesk.domain.query import Query
from reviewdesk.services.events import SyncPhase, SyncStatus
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.widgets.buttons import off_reason
from tests.support.core import Desk
from tests.support.fake_core import FakeCore

Open = Callable[[FakeCore], MainWindow]


@pytest.fixture
def open_fake(themed: QApplication, qtbot) -> Iterator[Open]:  # type: ignore[no-untyped-def]
    ends: list[Callable[[], object]] = []

    def open_(core: FakeCore) -> MainWindow:
        bridge = Bridge(core)  # type: ignore[arg-type]
        window = MainWindow(core, bridge)  # type: ignore[arg-type]
        qtbot.addWidget(window)
        ends.extend((core.stop, bridge.close, window.close))
        window.resize(1440, 900)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(lambda: window.entry() is not None)
        return window

    yield open_
    while ends:
        ends.pop()()


def invite_button(window: MainWindow) -> QPushButton:
    return next(b for b in window.header.findChildren(QPushButton) if b.text() == "Invite")


def wizards(window: MainWindow) -> list[QWidget]:
    return [w for w in window.findChildren(QWidget) if type(w).__name__ == "Wizard" and w.isVisible()]


def emptied(**changes: object) -> FakeCore:
    """Accounts without a review, the first one changed."""
    from dataclasses import replace

    core = FakeCore()
    core.inbox.rows_by_id.clear()
    first, *_ = core.accounts.all
    core.accounts.all = [replace(first, **changes)]  # type: ignore[arg-type]
    core.sync.statuses = lambda: {}  # type: ignore[method-assign]
    return core


def test_an_empty_profile_has_two_doors_and_nothing_to_invite_to(open_fake: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    core = FakeCore(empty=True, practice=False)
    window = open_fake(core)
    qtbot.waitUntil(lambda: off_reason(invite_button(window)) == "Add an account first")
    first = window.first_run
    assert first.isVisible() and (first.add_button.text(), first.sample_button.text()) == (
        "Add an account",
        "Open sample reviews",
    )
    assert QApplication.focusWidget() is first.add_button
    assert window.actions_["invite"].reason == "Add an account first"
    qtbot.mouseClick(invite_button(window), Qt.MouseButton.LeftButton)
    window.actions_.trigger("invite")
    assert not [w for w in window.findChildren(QWidget) if type(w).__name__ == "InviteWindow"]
    core.accounts.all = FakeCore().accounts.all
    core.bus.publish(ChangeSet(accounts=frozenset({1})))
    qtbot.waitUntil(lambda: off_reason(invite_button(window)) is None and window.inbox.isVisible())
    assert window.actions_["invite"].reason is None


def test_the_sidebar_adds_the_first_account_by_click_and_by_key(open_fake: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    core = FakeCore(empty=True, practice=False)
    window = open_fake(core)
    sidebar = window.sidebar
    qtbot.waitUntil(lambda: sidebar.entry("add-account") is not None)
    index = sidebar._model.index(sidebar._model.row_of("add-account"))
    assert index.data() == "Add an account"

    qtbot.mouseClick(
        sidebar.view.viewport(), Qt.MouseButton.LeftButton, pos=sidebar.view.visualRect(index).center()
    )
    qtbot.waitUntil(lambda: len(wizards(window)) == 1)
    current = sidebar.current()
    assert current is not None and current.key == "inbox"
    wizards(window)[0].close()
    qtbot.waitUntil(lambda: not wizards(window))

    sidebar.view.setFocus()
    sidebar.view.setCurrentIndex(index)
    assert not wizards(window)
    qtbot.keyClick(sidebar.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(wizards(window)) == 1)
    wizards(window)[0].close()
    core.accounts.all = FakeCore().accounts.all
    core.bus.publish(ChangeSet(accounts=frozenset({1})))
    qtbot.waitUntil(lambda: sidebar.entry("add-account") is None)


def test_answered_says_who_comes_back_next_and_shows_it(
    open_desk: Callable[[], tuple[MainWindow, Desk]], qtbot
) -> None:  # type: ignore[no-untyped-def]
    window, desk = open_desk()
    core = desk.core
    ids = list(core.inbox.ids(core.inbox.parse("")))
    core.inbox.mark_done(ids[1:]).result(10)
    core.inbox.snooze(ids[:1], int(core.clock.now()) + 3600).result(10)
    empty = window.inbox.empty_state()
    window.show_view("state:needs-reply")
    qtbot.waitUntil(lambda: window.inbox.is_empty() and empty.button("show-next") is not None)
    row = core.inbox.rows(ids[:1])[ids[0]]
    assert empty.sentence() == "Everything is answered"
    assert row.author_name and row.author_name in empty.line()
    show = empty.button("show-next")
    assert show is not None and show.text() == "Show it"
    qtbot.mouseClick(show, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.inbox.current_id() == ids[0] and window.reading.current_id() == ids[0])


def test_no_match_says_how_many_there_are_elsewhere(
    open_desk: Callable[[], tuple[MainWindow, Desk]], qtbot
) -> None:  # type: ignore[no-untyped-def]
    window, _ = open_desk()
    empty = window.inbox.empty_state()
    window.show_view("state:snoozed")
    window.header.search.set_scope("view")
    window.header.search.set_text("score:1..5")
    qtbot.waitUntil(lambda: window.inbox.is_empty() and "12" in empty.line())
    assert empty.sentence() == "No match in this view"
    everything, clear = empty.button("search-everything"), empty.button("clear")
    assert everything is not None and clear is not None
    qtbot.mouseClick(everything, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.inbox.total() == 12)


def test_while_a_sync_runs_words_and_buttons_of_an_empty_search_stay(
    open_desk: Callable[[], tuple[MainWindow, Desk]], qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    """Each word of a sync asks anew how many there are elsewhere: nothing flickers, and a press is not lost."""
    window, desk = open_desk()
    empty = window.inbox.empty_state()
    window.show_view("state:snoozed")
    window.header.search.set_scope("view")
    window.header.search.set_text("score:1..5")
    qtbot.waitUntil(lambda: window.inbox.is_empty() and "12" in empty.line())
    button = empty.button("search-everything")
    assert button is not None
    account = desk.core.accounts.list()[0].id
    lines: set[str] = set()
    asked: list[int] = []
    count = desk.core.inbox.count

    def slow(query: Query) -> int:
        # Longer than the pause between two words of a sync.
        threading.Event().wait(0.12)
        asked.append(1)
        return count(query) + len(asked)

    monkeypatch.setattr(desk.core.inbox, "count", slow)
    for _ in range(12):
        desk.core.bus.publish(SyncStatus(account, SyncPhase.RUNNING))
        qtbot.wait(60)
        lines.add(empty.line())
    assert all(line.startswith("There are 1") for line in lines), lines
    assert len(lines) > 2, "no count came through while the sync ran"
    # What changed after the last count began is counted as well.
    qtbot.waitUntil(lambda: empty.line() == f"There are {12 + len(asked)} in all reviews.")
    assert empty.button("search-everything") is button and isValid(button)


def test_what_comes_back_next_goes_when_nothing_does(
    open_desk: Callable[[], tuple[MainWindow, Desk]], qtbot
) -> None:  # type: ignore[no-untyped-def]
    window, desk = open_desk()
    core = desk.core
    ids = list(core.inbox.ids(core.inbox.parse("")))
    core.inbox.mark_done(ids[1:]).result(10)
    core.inbox.snooze(ids[:1], int(core.clock.now()) + 3600).result(10)
    empty = window.inbox.empty_state()
    window.show_view("state:needs-reply")
    qtbot.waitUntil(lambda: window.inbox.is_empty() and empty.button("show-next") is not None)
    show = empty.button("show-next")
    account = core.accounts.list()[0].id
    core.bus.publish(SyncStatus(account, SyncPhase.RUNNING))
    qtbot.wait(200)
    assert empty.button("show-next") is show
    core.inbox.mark_done(ids[:1]).result(10)
    core.bus.publish(SyncStatus(account, SyncPhase.IDLE))
    qtbot.waitUntil(lambda: empty.button("show-next") is None)
    assert (empty.sentence(), empty.line()) == ("Everything is answered", "")


def test_a_source_that_wants_a_sign_in_says_so_by_name(open_fake: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    error = ErrorInfo("auth_expired", "The token expired (207).")
    core = emptied(state=AccountState.SIGN_IN_NEEDED, last_error=error, last_success=None)
    window = open_fake(core)
    empty = window.inbox.empty_state()
    title = {spec.id: spec.title for spec in core.accounts.specs()}[core.accounts.all[0].provider]
    qtbot.waitUntil(
        lambda: window.inbox.is_empty() and empty.sentence() == f"{title} wants you to sign in again"
    )
    assert "207" in empty.line()
    copy, again = empty.button("copy-details"), empty.button("sign-in")
    assert copy is not None and again is not None
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert "207" in QApplication.clipboard().text()
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    assert [w.isModal() for w in wizards(window)] == [False]
    wizards(window)[0].close()


def test_a_source_that_failed_is_tried_again(open_fake: Open, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    error = ErrorInfo("server", "The server answered 503.")
    window = open_fake(emptied(state=AccountState.ERROR, last_error=error, last_success=None))
    empty = window.inbox.empty_state()
    qtbot.waitUntil(lambda: window.inbox.is_empty() and "could not be loaded" in empty.sentence())
    asked: list[bool] = []
    monkeypatch.setattr(window, "sync", lambda: asked.append(True))
    again = empty.button("sync")
    assert again is not None and "503" in empty.line()
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    assert asked == [True]


def test_nothing_loaded_yet_tells_offline_from_loading(open_fake: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    core = emptied(state=AccountState.NEVER_SYNCED, last_error=None, last_success=None)
    window = open_fake(core)
    empty = window.inbox.empty_state()
    qtbot.waitUntil(lambda: window.inbox.is_empty() and empty.sentence() == "Loading the first reviews")
    account = core.accounts.all[0].id
    core.bus.publish(SyncStatus(account, SyncPhase.OFFLINE))
    qtbot.waitUntil(lambda: empty.sentence() == "Not loaded yet")
    assert "as soon as there is a connection" in empty.line()
    core.bus.publish(SyncStatus(account, SyncPhase.RUNNING))
    qtbot.waitUntil(lambda: empty.sentence() == "Loading the first reviews")
