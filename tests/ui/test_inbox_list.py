"""The pane: asking, changes from outside, acts, keyboard, pointer, empty states."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from reviewdesk.domain.errors import StoreBusy
from reviewdesk.domain.models import WorkState
from reviewdesk.domain.query import Query, Sort
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.inbox import InboxList
from reviewdesk.ui.inbox.feed import matching
from reviewdesk.ui.theme import metrics
from tests.support.inbox_rows import BigCore, review_id
from tests.support.screens import settle, wait_until

_HOUR, _DAY = 3600, 86400
Opener = Callable[..., InboxList]


class _Box:
    """A list with its core."""

    def __init__(self, ids: list[int]) -> None:
        self.core = BigCore(ids)
        self.bridge = Bridge(self.core)  # type: ignore[arg-type]
        self.pane = InboxList(self.core, self.bridge)  # type: ignore[arg-type]
        self.pane.resize(420, 600)
        self.currents: list[int] = []
        self.actions: list[tuple[str, list[int]]] = []
        self.pane.current_changed.connect(self.currents.append)
        self.pane.action_requested.connect(lambda name, ids: self.actions.append((name, ids)))

    def open(self, text: str = "", **options: Any) -> InboxList:
        self.pane.set_query(self.core.inbox.parse(text), **options)
        wait_until(lambda: self.pane._feed.complete)
        self.pane.show()
        wait_until(self.is_loaded)
        return self.pane

    def is_loaded(self) -> bool:
        view, model = self.pane.view, self.pane.model
        first, last = view.visible_lines()
        ids = [i for n in range(first, last + 1) if (i := model.id_at(n))]
        return all(model.row_of(i) is not None for i in ids)

    def listed(self) -> list[int]:
        return list(self.pane.model.lines.ids)

    def heard(self) -> None:
        """Everything published so far has arrived and was dealt with."""
        marker: list[object] = []
        self.bridge.changes.connect(marker.append)
        wait_until(lambda: bool(marker))
        self.bridge.changes.disconnect(marker.append)
        feed = self.pane._feed
        wait_until(lambda: not feed._sifting and not feed._waiting)
        settle()

    def y_of(self, review: int) -> int:
        return self.pane.view.rowViewportPosition(self.pane.model.line_of(review))

    def close(self) -> None:
        self.pane.close()
        self.pane.deleteLater()
        settle()
        self.bridge.close()
        self.core.stop()


@pytest.fixture
def box(themed: QApplication) -> Iterator[_Box]:
    made = _Box([review_id(n * _HOUR + 60) for n in range(60)])
    yield made
    made.close()


def _hour(n: int) -> int:
    return review_id(n * _HOUR + 60)


# --- asking --------------------------------------------------------------------------------------


def test_the_first_page_is_shown_before_all_ids_are_there(themed: QApplication) -> None:
    box = _Box([review_id(n * 600) for n in range(300)])
    try:
        counts: list[int] = []
        box.pane.count_changed.connect(counts.append)
        box.core.inbox.gate.clear()  # ids wait, the page does not
        box.pane.set_query(box.core.inbox.parse(""), name="Inbox")
        box.pane.show()
        wait_until(lambda: box.pane.model.rowCount() > 0)
        assert len(box.listed()) == 100
        assert not box.pane.is_empty()
        assert counts == []
        resets: list[int] = []
        box.pane.model.modelReset.connect(lambda: resets.append(1))
        box.core.inbox.gate.set()
        wait_until(lambda: len(box.listed()) == 300)
        assert counts[-1] == 300
        assert resets == []
    finally:
        box.close()


def test_all_ids_are_asked_for_after_the_first_rows_and_not_where_these_are_all(box: _Box) -> None:
    box.open()
    assert "ids" not in box.core.inbox.calls
    assert len(box.listed()) == 60
    more = _Box([review_id(n * 600) for n in range(300)])
    try:
        order: list[str] = []
        more.pane.shown.connect(lambda: order.append("ids" if "ids" in more.core.inbox.calls else "rows"))
        more.open()
        assert order == ["rows"]
        assert len(more.listed()) == 300
        assert [group.count for group in more.pane.model.lines.groups] == [
            sum(1 for i in more.listed() if more.pane.model.lines.key_of(i) == group.day)
            for group in more.pane.model.lines.groups
        ]
    finally:
        more.close()


def test_of_two_quick_queries_only_the_last_one_counts(box: _Box) -> None:
    box.pane.set_query(box.core.inbox.parse("is:new"))
    box.pane.set_query(box.core.inbox.parse("is:unread"))
    wait_until(lambda: box.pane._feed.complete)
    assert 0 < len(box.listed()) < 60
    assert all(box.core.inbox.row(i).unread for i in box.listed())


def test_other_orders(box: _Box) -> None:
    pane = box.open()
    pane.select(_hour(5))
    pane.set_sort(Sort.OLDEST)
    wait_until(lambda: pane._feed.complete)
    assert box.listed() == sorted(box.listed())
    assert pane.current_id() == _hour(5)
    pane.set_sort(Sort.SCORE_LOW)
    wait_until(lambda: pane._feed.complete)
    scores = [box.core.inbox.row(i).score for i in box.listed()]
    assert scores == sorted(scores, key=float)  # type: ignore[arg-type]
    assert pane.model.lines.groups == []
    assert pane.current_id() == _hour(5)


def test_entering_a_view_makes_nothing_current(box: _Box) -> None:
    pane = box.open()
    pane.view.setFocus()
    settle()
    assert pane.current_id() == 0
    assert box.currents == []
    pane.select(_hour(3))
    box.open("is:unread")
    assert pane.current_id() == 0
    assert box.currents == [_hour(3), 0]


def test_searching_keeps_the_current_review_where_it_is_found(box: _Box) -> None:
    pane = box.open()
    unread = next(i for i in box.listed() if box.core.inbox.row(i).unread)
    pane.select(unread)
    box.open("is:unread", keep_current=True)
    assert pane.current_id() == unread
    assert box.currents == [unread]


def test_matching_asks_in_spans_of_time(box: _Box) -> None:
    asked: list[Query] = []
    inbox = box.core.inbox

    class Spy:
        def ids(self, query: Query, *, sort: Sort = Sort.NEWEST) -> Any:
            asked.append(query)
            return inbox.ids(query, sort=sort)

    some = [_hour(n) for n in range(0, 60, 2)]
    found = matching(Spy(), inbox.parse("is:unread"), [*some, review_id(9 * _DAY, 7)])  # type: ignore[arg-type]
    assert found == {i for i in some if inbox.row(i).unread}
    assert len(asked) <= 8
    assert matching(Spy(), inbox.parse(""), []) == set()  # type: ignore[arg-type]


# --- changes from outside ------------------------------------------------------------------------


def test_at_the_top_with_nothing_selected_new_rows_slide_in(box: _Box) -> None:
    pane = box.open()
    resets: list[int] = []
    pane.model.modelReset.connect(lambda: resets.append(1))
    new = [review_id(-30, n) for n in range(3)]
    box.core.add(new)
    box.heard()
    assert box.listed()[:3] == sorted(new, reverse=True)
    assert pane.view.verticalScrollBar().value() == 0
    assert pane.new_count() == 0
    assert resets == []


def test_elsewhere_they_are_counted_and_nothing_moves(box: _Box) -> None:
    pane = box.open()
    pane.select(_hour(9))
    at = box.y_of(_hour(9))
    scroll = pane.view.verticalScrollBar().value()
    box.core.add([review_id(-30, n) for n in range(12)])
    box.heard()
    assert pane.new_count() == 12
    assert "12 new" in pane._head.pill().text()
    assert pane._head.pill().isVisibleTo(pane)
    assert (box.y_of(_hour(9)), pane.view.verticalScrollBar().value()) == (at, scroll)
    assert len(box.listed()) == 60
    pane._head.pill().click()
    assert len(box.listed()) == 72
    assert pane.view.verticalScrollBar().value() == 0
    assert pane.current_id() == _hour(9)
    assert pane.new_count() == 0
    assert not pane._head.pill().isVisibleTo(pane)


def test_what_belongs_below_the_screen_comes_in_at_once(box: _Box) -> None:
    pane = box.open()
    pane.select(_hour(2))
    at = box.y_of(_hour(2))
    box.core.add([review_id(70 * _HOUR, n) for n in range(5)])
    box.heard()
    assert len(box.listed()) == 65
    assert pane.new_count() == 0
    assert box.y_of(_hour(2)) == at


def test_new_rows_that_do_not_match_stay_out(box: _Box) -> None:
    pane = box.open("is:unread")
    before = box.listed()
    read = next(i for i in (review_id(-n) for n in range(1, 9)) if not box.core.inbox.row(i).unread)
    box.core.add([read])
    box.heard()
    assert box.listed() == before
    assert pane.new_count() == 0


def test_a_thousand_insertions_above_move_neither_selection_nor_pixels(box: _Box) -> None:
    pane = box.open()
    pane.select(_hour(20))
    view = pane.view
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() + 7)
    at = box.y_of(_hour(20))
    for n in range(1000):
        pane.model.insert([review_id(-n - 1)])
        assert box.y_of(_hour(20)) == at
    assert pane.current_id() == _hour(20)
    assert pane.selected_ids() == [_hour(20)]
    assert len(box.listed()) == 1060
    # And as a single change of layout.
    pane.model.insert([review_id(n * 777 + 1, 9) for n in range(200)])
    assert box.y_of(_hour(20)) == at
    assert pane.selected_ids() == [_hour(20)]


@pytest.mark.parametrize("top", [0, 900])
def test_scattered_insertions_leave_every_line_with_its_height(box: _Box, top: int) -> None:
    pane = box.open()
    pane.clear_current()
    view, layouts = pane.view, []
    pane.model.layoutChanged.connect(lambda: layouts.append(1))
    view.verticalScrollBar().setValue(top)
    pane.model.insert([review_id(top * 200 + n * 7_777 + 1, 9) for n in range(200)])
    assert not layouts, "told as lines at the end: a change of layout asks for every heading"
    heading, row = metrics.group_height(), view.delegate.measures().height
    heights = [view.rowHeight(line) for line in range(pane.model.rowCount())]
    wanted = [row if pane.model.id_at(line) else heading for line in range(pane.model.rowCount())]
    assert heights == wanted
    assert view.verticalScrollBar().maximum() == sum(wanted) - view.viewport().height()
    ids = list(pane.model.lines.ids)
    assert ids == sorted(ids, reverse=True) and len(ids) == 260


def test_at_the_top_with_nothing_selected_a_row_that_a_sync_changed_leaves(box: _Box) -> None:
    pane = box.open("is:new")
    count = len(box.listed())
    box.core.change([_hour(4)], work_state=WorkState.WAITING)
    box.heard()
    wait_until(lambda: _hour(4) not in box.listed())
    assert len(box.listed()) == count - 1
    assert pane.model.total() == count - 1


def test_elsewhere_a_row_changed_by_a_sync_stays_until_the_view_is_entered_again(box: _Box) -> None:
    pane = box.open("is:new")
    pane.select(_hour(2))
    box.core.change([_hour(4)], work_state=WorkState.WAITING)
    box.heard()
    wait_until(lambda: pane.model.row_of(_hour(4)).work_state is WorkState.WAITING)  # type: ignore[union-attr]
    assert _hour(4) in box.listed()
    pane.select(_hour(6))
    pane.refresh()
    wait_until(lambda: pane._feed.complete)
    assert _hour(4) not in box.listed()
    assert pane.current_id() == _hour(6)


def test_a_row_that_begins_to_match_is_counted_as_new(box: _Box) -> None:
    box.core.inbox.changed[_hour(1)] = box.core.inbox.row(_hour(1)).__class__(
        **{**_fields(box, _hour(1)), "work_state": WorkState.SNOOZED}
    )
    pane = box.open("is:new")
    assert _hour(1) not in box.listed()
    pane.select(_hour(5))
    box.core.change([_hour(1)], work_state=WorkState.NEW)
    box.heard()
    assert pane.new_count() == 1
    assert pane.select(_hour(1))  # let in on the way
    assert pane.current_id() == _hour(1)


def _fields(box: _Box, number: int) -> dict[str, Any]:
    row = box.core.inbox.row(number)
    return {name: getattr(row, name) for name in row.__slots__}


def test_what_is_gone_from_the_database_leaves_but_not_under_the_hands(box: _Box) -> None:
    pane = box.open()
    pane.select(_hour(3))
    box.core.erase([_hour(3), _hour(8)])
    box.heard()
    assert _hour(8) not in box.listed()
    assert pane.current_id() == _hour(3)


# --- acts ----------------------------------------------------------------------------------------


def test_done_leaves_the_list_and_the_next_row_becomes_current(box: _Box) -> None:
    pane = box.open("is:new")
    pane.select(_hour(4))
    box.currents.clear()
    pane.user_acted([_hour(4)])
    box.core.change([_hour(4)], work_state=WorkState.DONE)
    box.heard()
    assert _hour(4) not in box.listed()
    assert pane.current_id() == _hour(5)
    assert pane.selected_ids() == [_hour(5)]
    assert box.currents == [_hour(5)]


def test_at_the_end_the_last_row_becomes_current_then_the_list_is_empty(themed: QApplication) -> None:
    box = _Box([_hour(1), _hour(2)])
    try:
        pane = box.open("is:new")
        pane.view.setFocus()
        pane.select(_hour(2))
        for number, after in ((_hour(2), _hour(1)), (_hour(1), 0)):
            pane.user_acted([number])
            box.core.change([number], work_state=WorkState.DONE)
            box.heard()
            assert pane.current_id() == after
        assert pane.is_empty()
        assert pane.total() == 0
        assert pane.empty_state().hasFocus()  # the keyboard is still in this pane
        box.core.add([_hour(7)])
        box.heard()
        assert pane.view.hasFocus()
    finally:
        box.close()


def test_an_act_that_keeps_the_row_here_moves_nothing(box: _Box) -> None:
    pane = box.open("is:new")
    pane.select(_hour(4))
    pane.user_acted([_hour(4)])
    box.core.change([_hour(4)], starred=True)
    box.heard()
    assert pane.current_id() == _hour(4)
    assert len(box.listed()) == 60


def test_undone_it_comes_back_to_its_place_at_once(box: _Box) -> None:
    pane = box.open("is:new")
    pane.select(_hour(4))
    pane.user_acted([_hour(4)])
    box.core.change([_hour(4)], work_state=WorkState.DONE)
    box.heard()
    at = box.y_of(_hour(5))
    box.core.change([_hour(4)], work_state=WorkState.NEW)
    box.heard()
    assert box.listed() == sorted(box.core.inbox.all, reverse=True)
    assert pane.new_count() == 0
    assert pane.current_id() == _hour(5)
    assert box.y_of(_hour(5)) == at


def test_the_bulk_bar_takes_the_heads_place(box: _Box, qtbot: QtBot) -> None:
    pane = box.open("is:new")
    pane.resize(760, 600)
    pane.select(_hour(2))
    height = pane._tops.currentWidget().height()
    qtbot.keyClick(pane.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert pane.selected_ids() == [_hour(2), _hour(3)]
    assert pane._tops.currentWidget() is pane._bulk
    assert pane._bulk.height() == height
    assert pane._bulk.all_link().text() == "Select all 60 matching"
    pane._bulk.all_link().click()
    assert len(pane.selected_ids()) == 60
    assert not pane._bulk.all_link().isVisibleTo(pane._bulk)
    pane._bulk.button("star").click()  # type: ignore[union-attr]
    assert box.actions == [("star", box.listed())]
    qtbot.keyClick(pane.view, Qt.Key.Key_Escape)
    assert pane._tops.currentWidget() is pane._head
    assert pane.selected_ids() == [_hour(3)]


def test_buttons_without_room_stand_under_more(box: _Box) -> None:
    pane = box.open()
    pane.view.toggle(1)
    pane.view.toggle(2)
    settle()
    shown = [
        n
        for n in ("done", "snooze", "star", "read", "unread")
        if pane._bulk.button(n).isVisibleTo(pane._bulk)
    ]  # type: ignore[union-attr]
    hidden = [a.text() for a in pane._bulk.more_menu().actions()]
    assert "done" in shown
    assert len(shown) + len(hidden) == 5
    for button in pane._bulk.children():
        if isinstance(button, QWidget) and button.isVisibleTo(pane._bulk):
            assert pane._bulk.rect().contains(button.geometry())


def test_bulk_done_takes_all_of_them_out(box: _Box) -> None:
    pane = box.open("is:new")
    for n in (3, 5, 6):
        pane.view.toggle(pane.model.line_of(_hour(n)))
    assert pane.selected_ids() == [_hour(3), _hour(5), _hour(6)]
    pane._bulk.button("done").click()  # type: ignore[union-attr]
    box.core.change([_hour(3), _hour(5), _hour(6)], work_state=WorkState.DONE)
    box.heard()
    assert len(box.listed()) == 57
    assert pane.current_id() == _hour(7)
    assert not pane.view.is_several()


# --- keyboard ------------------------------------------------------------------------------------


def test_keys(box: _Box, qtbot: QtBot) -> None:
    pane = box.open()
    view = pane.view
    view.setFocus()
    opened: list[int] = []
    pane.activated.connect(opened.append)
    key = Qt.Key
    steps = [
        (key.Key_Down, 0), (key.Key_Down, 1), (key.Key_Down, 2), (key.Key_Up, 1), (key.Key_Up, 0), (key.Key_Up, 0),
        (key.Key_End, 59), (key.Key_Down, 59), (key.Key_Home, 0),
    ]  # fmt: skip
    for pressed, there in steps:
        qtbot.keyClick(view, pressed)
        assert pane.current_id() == _hour(there), pressed
        assert pane.selected_ids() == [_hour(there)]
        top, height = box.y_of(_hour(there)), 84
        assert top >= 0 and top + height <= view.viewport().height()
    qtbot.keyClick(view, key.Key_PageDown)
    assert pane.current_id() != _hour(0)
    qtbot.keyClick(view, key.Key_PageUp)
    assert pane.current_id() == _hour(0)
    qtbot.keyClick(view, key.Key_Return)
    assert opened == [_hour(0)]
    qtbot.keyClick(view, key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(pane.selected_ids()) == 60


def test_space_and_unknown_letters_are_left_to_the_window(box: _Box, qtbot: QtBot) -> None:
    pane = box.open()
    pane.select(_hour(0))
    calls = box.core.inbox.calls.copy()
    # Letters can be bound otherwise and switched off: the window has them, whatever they mean.
    letters = (Qt.Key.Key_J, Qt.Key.Key_K, Qt.Key.Key_X, Qt.Key.Key_N, Qt.Key.Key_O, Qt.Key.Key_Z)
    for pressed in (*letters, Qt.Key.Key_Space, Qt.Key.Key_F5):
        qtbot.keyClick(pane.view, pressed)
    settle()
    assert pane.current_id() == _hour(0)
    assert box.core.inbox.calls == calls


def test_rows_are_checked_while_one_walks_on(box: _Box, qtbot: QtBot) -> None:
    pane = box.open()
    pane.select(_hour(0))
    for pressed in "xjjxkx":
        pane.view.toggle_current() if pressed == "x" else pane.move({"j": 1, "k": -1}[pressed])
    assert pane.selected_ids() == [_hour(0), _hour(1), _hour(2)]
    qtbot.keyClick(pane.view, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert pane.selected_ids() == [_hour(0), _hour(2)]
    assert pane.current_id() == _hour(1)
    qtbot.keyClick(pane.view, Qt.Key.Key_Escape)
    assert pane.selected_ids() == [_hour(1)]
    assert not pane.view.is_several()


def test_next_and_previous_unread(box: _Box, qtbot: QtBot) -> None:
    pane = box.open()
    unread = [i for i in box.listed() if box.core.inbox.row(i).unread]
    for there in (unread[0], unread[1], unread[2]):
        pane.move_unread(1)
        wait_until(lambda there=there: pane.current_id() == there)
    pane.move_unread(-1)
    wait_until(lambda: pane.current_id() == unread[1])


def test_days_fold_and_open_by_keyboard(box: _Box, qtbot: QtBot) -> None:
    pane = box.open()
    pane.select(_hour(2))
    today = pane.model.lines.groups[0].count
    qtbot.keyClick(pane.view, Qt.Key.Key_Left)
    assert pane.model.lines.groups[0].collapsed
    assert pane.view.currentIndex().row() == 0
    assert pane.current_id() == 0
    qtbot.keyClick(pane.view, Qt.Key.Key_Down)
    assert pane.current_id() == _hour(today)
    qtbot.keyClick(pane.view, Qt.Key.Key_Up)
    assert pane.view.currentIndex().row() == 0  # a folded heading can be reached
    qtbot.keyClick(pane.view, Qt.Key.Key_Right)
    assert not pane.model.lines.groups[0].collapsed
    assert pane.view.rowHeight(0) == 28
    assert pane.view.rowHeight(1) == 84
    assert pane.view.rowHeight(1 + today) == 28
    qtbot.keyClick(pane.view, Qt.Key.Key_Down)
    assert pane.current_id() == _hour(0)


def test_selecting_a_review_of_a_folded_day_opens_it(box: _Box) -> None:
    pane = box.open()
    pane.model.set_collapsed(1, True)
    hidden = pane.model.lines.ids[pane.model.lines.groups[1].start]
    assert pane.select(hidden)
    assert pane.current_id() == hidden
    assert not pane.select(review_id(99 * _DAY))


def test_heights_follow_density_and_headings_stay_28(box: _Box) -> None:
    pane = box.open()
    view = pane.view
    for density, height in (("compact", 30), ("normal", 60), ("comfortable", 84)):
        pane.select(_hour(30))
        at = pane.density()
        pane.set_density(density)
        assert at != density or density == "comfortable"
        assert [view.rowHeight(n) for n in (0, 1)] == [28, height]
        line = pane.model.line_of(_hour(30))
        first, last = view.visible_lines()
        assert first <= line <= last
    heights = {view.rowHeight(line) for line in pane.model.lines.heading_lines()}
    assert heights == {28}
    box.core.add([review_id(40 * _DAY)])
    box.heard()
    heights = {view.rowHeight(line) for line in pane.model.lines.heading_lines()}
    assert heights == {28}
    box.open("is:unread")
    rows = {view.rowHeight(n) for n in range(pane.model.rowCount()) if pane.model.id_at(n)}
    assert rows == {84}


# --- pointer -------------------------------------------------------------------------------------


def _mouse(pane: InboxList, kind: QEvent.Type, point: QPoint, held: bool = False) -> None:
    button = Qt.MouseButton.LeftButton if kind != QEvent.Type.MouseMove else Qt.MouseButton.NoButton
    buttons = Qt.MouseButton.LeftButton if held else Qt.MouseButton.NoButton
    viewport = pane.view.viewport()
    event = QMouseEvent(
        kind,
        QPointF(point),
        QPointF(viewport.mapToGlobal(point)),
        button,
        buttons,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(viewport, event)


def _click(pane: InboxList, point: QPoint) -> None:
    _mouse(pane, QEvent.Type.MouseMove, point)
    _mouse(pane, QEvent.Type.MouseButtonPress, point, held=True)
    _mouse(pane, QEvent.Type.MouseButtonRelease, point)


@pytest.mark.parametrize("right_to_left", [False, True])
def test_hovered_buttons_act_without_selecting(box: _Box, right_to_left: bool) -> None:
    if right_to_left:
        box.pane.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    pane = box.open()
    line = pane.model.line_of(_hour(1))
    row = pane.model.row_of(_hour(1))
    assert row is not None
    rect = pane.view._row_rect(line)
    for number in range(4):
        place = pane.view.delegate.quick_rect(row, rect, number, pane.view.layoutDirection())
        assert (place.center().x() < rect.center().x()) == right_to_left
        _click(pane, place.center())
    assert box.actions == [(name, [_hour(1)]) for name in ("reply", "done", "snooze", "star")]
    assert pane.current_id() == 0
    assert pane.view._state.hover_line == line
    _click(pane, rect.center() - QPoint(0, 30))
    assert pane.current_id() == _hour(1)


def test_clicks_on_headings_fold_and_on_boxes_check(box: _Box) -> None:
    pane = box.open()
    _click(pane, QPoint(100, 10))
    assert pane.model.lines.groups[0].collapsed
    _click(pane, QPoint(100, 10))
    assert not pane.model.lines.groups[0].collapsed
    pane.view.toggle(1)
    _click(pane, QPoint(14, pane.view._row_rect(2).center().y()))
    assert pane.selected_ids() == [_hour(0), _hour(1)]
    _click(pane, QPoint(200, pane.view._row_rect(3).center().y()))
    assert pane.selected_ids() == [_hour(2)]
    assert not pane.view.is_several()


# --- the rest ------------------------------------------------------------------------------------


def test_reasons_for_emptiness(themed: QApplication) -> None:
    box = _Box([])
    try:
        pane = box.open("is:new")
        pressed: list[str] = []
        pane.empty_action.connect(pressed.append)
        assert pane.is_empty()
        assert pane.empty_state().sentence() == "Nothing here"
        pane.set_empty_state("no-account")
        assert pane.empty_state().sentence() == "No account yet"
        pane.empty_state().button("add-account").click()  # type: ignore[union-attr]
        assert pressed == ["add-account"]
        pane.set_empty_state("answered", line="Next due: Claudia Bremer, Thu 26 Nov 09:00")
        assert "Claudia" in pane.empty_state().line()
        box.open("lamp")
        assert pane.empty_state().sentence() == "No match in this view"
        assert "lamp" in pane.empty_state().line()
        with pytest.raises(ValueError):
            pane.set_empty_state("sad")
        pane.set_empty_state("loading")
        box.core.add([_hour(1)])
        box.heard()
        assert not pane.is_empty()
    finally:
        box.close()


def test_a_failed_reading_is_said_and_the_next_one_clears_it(
    box: _Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*args: Any, **options: Any) -> Any:
        raise StoreBusy("Another process holds the database.")

    with monkeypatch.context() as patched:
        patched.setattr(box.core.inbox, "ids", busy)
        patched.setattr(box.core.inbox, "page", busy)
        box.pane.set_query(box.core.inbox.parse(""))
        wait_until(box.pane.is_empty)
        assert box.pane.empty_state().line() == "Another process holds the database."
    box.open()
    assert not box.pane.is_empty()


def test_what_a_restart_brings_back(box: _Box) -> None:
    pane = box.open()
    pane.set_density("normal")
    pane.set_grouping("none")
    pane.set_sort(Sort.OLDEST)
    wait_until(lambda: pane._feed.complete)
    pane.select(_hour(7))
    state = pane.state()
    other = _Box(box.core.inbox.all)
    try:
        other.pane.restore(state)
        other.open()
        assert other.pane.state() == state
        other.pane.restore({"density": 7, "sort": "upwards", "current": "x", "grouped": True})
        assert other.pane.sort() is Sort.NEWEST
        assert other.pane.density() == "normal"
    finally:
        other.close()


def test_the_accessible_tree_names_rows(box: _Box) -> None:
    pane = box.open(name="Needs reply")
    outside: Any = QAccessible.queryAccessibleInterface(pane.view)
    assert outside.text(QAccessible.Text.Name) == "Reviews: Needs reply"
    # Children are counted with a column and a row of headers, which are hidden here.
    cell = outside.child((1 + 1) * 2 + 1)
    assert "item 1 of 60" in cell.text(QAccessible.Text.Name)
    assert pane._head.pill().accessibleName() == "" or "new" in pane._head.pill().accessibleName()


def test_the_head_folds_in_narrow_panes(box: _Box) -> None:
    pane = box.open(name="Needs reply")
    for width, sort_shown in ((420, True), (330, True), (280, False)):
        pane.resize(width, 500)
        settle()
        assert pane._head._sort.isVisibleTo(pane) is sort_shown
        assert pane._head.height() == 44
    texts = [a.text() for a in pane._head.options_menu().actions()]
    assert "Oldest" in texts and "Compact" in texts
