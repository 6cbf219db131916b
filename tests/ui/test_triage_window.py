"""The window over a real core: what stands around the list - heads, menus, selection, first run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu

import reviewdesk.ui
from reviewdesk.domain.models import WorkState
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.picker import Choice, ranked
from reviewdesk.ui.theme import theme
from reviewdesk.ui.widgets import PlainLabel
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
    label = next(w for w in head.findChildren(PlainLabel) if w.text() == head.place_words())
    assert label.isVisible() and label.width() >= label.sizeHint().width(), "the place is not cut"


@pytest.mark.parametrize("everything", [False, True])
def test_a_selection_of_several_comes_back_after_a_restart(open_desk: Open, qtbot, everything: bool) -> None:  # type: ignore[no-untyped-def]
    window, _ = open_desk()
    window.focus_list()
    qtbot.keyClicks(QApplication.focusWidget(), "*a" if everything else "xjjxJ")
    chosen = window.inbox.selected_ids()
    assert len(chosen) == (12 if everything else 2)
    current = window.inbox.current_id()
    window, _ = open_desk()
    qtbot.waitUntil(lambda: window.inbox.selected_ids() == chosen)
    assert window.inbox.view.is_several() and window.inbox.current_id() == current
    # One review that is merely current is no selection.
    window.inbox.clear_selection()
    window, _ = open_desk()
    qtbot.waitUntil(lambda: window.inbox.current_id() == current)
    assert not window.inbox.view.is_several()


def test_keys_of_the_list_are_bound_otherwise_and_switched_off(
    opened: tuple[MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    window, _ = opened
    window.focus_list()
    view, first = window.inbox.view, window.inbox.current_id()
    qtbot.keyClicks(view, "x")
    assert view.is_several()
    qtbot.keyClicks(view, "x")
    window.actions_.rebind("select", (), ("y",))
    window.actions_.rebind("next", (), ("d",))
    qtbot.keyClicks(view, "xj")
    assert not view.is_several() and window.inbox.current_id() == first
    qtbot.keyClicks(view, "yd")
    assert view.is_several() and window.inbox.current_id() != first
    listed = {action.id for action in window.actions_.all() if action.caps()}
    assert {"open", "select", "extend-down", "extend-up", "show-new"} <= listed
    here = window.inbox.current_id()
    window.actions_.set_single_keys(False)
    qtbot.keyClicks(view, "dkoxn.")
    assert window.inbox.current_id() == here


def test_all_of_a_view_is_marked_read_in_one_step(
    opened: tuple[MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    window, desk = opened
    inbox = desk.core.inbox
    done = desk.ids()[:4]
    inbox.mark_done(done).result(5)
    window.show_view("state:done")
    qtbot.waitUntil(lambda: window.inbox.total() == 4)
    window.actions_.trigger("mark-all-read")
    # Somebody goes elsewhere at once: what was meant is the view in which it was asked for.
    window.show_view("inbox")

    def unread() -> set[int]:
        return set(inbox.ids(inbox.parse("is:unread")))

    qtbot.waitUntil(lambda: unread() == set(desk.ids()) - set(done))
    qtbot.waitUntil(lambda: window.toast.text() == "4 reviews marked read")
    window.undo()
    qtbot.waitUntil(lambda: len(unread()) == 12)
    # The sidebar offers it for its entries, and an empty answer is said.
    entry = window.sidebar.entry("state:waiting")
    window.sidebar.read_wanted.emit(entry)
    qtbot.waitUntil(lambda: window.toast.text() == "Nothing is unread here")
    assert inbox.rows(done)[done[0]].work_state is WorkState.DONE


def test_a_selection_is_answered_one_after_the_other(
    opened: tuple[MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    window, desk = opened
    window.focus_list()
    qtbot.keyClicks(window.inbox.view, "xJ")
    chosen = window.inbox.selected_ids()
    card = window.selection
    qtbot.waitUntil(lambda: card.public.title.text() == "2 can be answered here")
    assert card.public.line.text() == "Scripted 2" and card.elsewhere.isHidden()
    assert card.flag.button.property("off") and "one review at a time" in card.flag.line.text()
    card.public.button.click()
    for review in chosen:
        qtbot.waitUntil(
            lambda review=review: window.composer.is_open() and window.inbox.current_id() == review
        )
        window.composer.set_text(f"Thank you, number {review}.")
        window.composer.publish()
    qtbot.waitUntil(lambda: len(desk.core.outbox.items()) == 2)
    assert {item.review_id for item in desk.core.outbox.items()} == set(chosen)
    qtbot.waitUntil(lambda: not window.composer.is_open())


@pytest.mark.parametrize("width", [1280, 1900])
def test_a_sidebar_that_is_too_high_says_so_and_scrolls(
    opened: tuple[MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
    width: int,
) -> None:
    window, _ = opened
    window.resize(width, 560)
    theme().set_scale(2.0)
    QApplication.processEvents()
    side = window.sidebar
    assert side.is_rail() == (width == 1280)
    qtbot.waitUntil(side.view.bar().isVisible)
    side.view.setFocus()
    qtbot.keyClick(side.view, Qt.Key.Key_End)
    last = side.view.visualRect(side.view.currentIndex())
    assert side.entries()[side.view.currentIndex().row()].kind == "page"
    assert side.view.viewport().rect().contains(last), "the last entry can be reached and is whole"
    assert side.view.bar().value() == side.view.bar().maximum()
    side.view.bar().setValue(0)
    assert side.view.visualRect(side.view.model().index(0, 0)).top() == 0


def test_nothing_moves_by_itself() -> None:
    """No animation is in the program, so reduced motion has nothing to take away; one that comes must ask for it."""
    words = (
        "QPropertyAnimation",
        "QVariantAnimation",
        "QTimeLine",
        "QParallelAnimationGroup",
        "setAnimated(True",
    )
    folder = Path(reviewdesk.ui.__file__).parent
    moving = [
        source.name
        for source in folder.rglob("*.py")
        if any(word in (text := source.read_text(encoding="utf-8")) for word in words)
        and "reduced_motion" not in text
    ]
    assert moving == []


def test_what_is_off_comes_after_what_can_be_done() -> None:
    def choice(title: str, reason: str = "", also: tuple[str, ...] = ()) -> Choice:
        return Choice(title, title, lambda: None, section="Actions", reason=reason, also=also)

    off, on = choice("Answered elsewhere", "Not at this source."), choice("Reply", also=("answer",))
    assert [line.choice for line in ranked([off, on], "answ")] == [on, off]
    assert [line.choice for line in ranked([off, choice("Star")], "answ")] == [off]
