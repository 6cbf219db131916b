"""Working through a list: what counts as read, what follows an act, and three thousand reviews in one step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.capabilities import Capability
from reviewdesk.domain.models import WorkState
from reviewdesk.services.core import Core
from reviewdesk.services.settings import AFTER_ACTION, READ_POLICY, THEME
from reviewdesk.store import reviews
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import Desk, open_practice
from tests.support.screens import wait_until
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


def _many(desk: Desk, count: int) -> None:
    page = [record(f"m{n}", body="A lamp.", created_at=CREATED + 61 * n) for n in range(count)]
    desk.core.store.write_now(lambda tx: reviews.store_page(tx, desk.account.id, reviews=page))


def test_a_screen_of_1080_holds_28_compact_rows_and_a_change_keeps_the_selected_one_in_view(
    open_desk: Open,
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    window, desk = open_desk()
    _many(desk, 120)
    qtbot.waitUntil(lambda: window.inbox.total() == 132)
    window.resize(1920, 1080)
    window.inbox.set_grouping("none")
    view = window.inbox.view

    def seen() -> list[int]:
        """The rows that are wholly on the screen."""
        area = view.viewport().rect()
        lines = range(window.inbox.model.rowCount())
        return [n for n in lines if area.contains(view.visualRect(window.inbox.model.index(n, 0)))]

    window.actions_.trigger("density-compact")
    qtbot.waitUntil(lambda: len(seen()) >= 28)
    chosen = window.inbox.model.lines.ids[90]
    window.inbox.select(chosen)
    for density in ("comfortable", "normal", "compact", "comfortable"):
        window.actions_.trigger(f"density-{density}")
        qtbot.waitUntil(lambda: window.inbox.model.lines.index_of(chosen) in seen())
        assert window.inbox.current_id() == chosen
    for layout in ("list-above", "list-only", "three-panes"):
        window.actions_.trigger(f"layout-{layout}")
        window.focus_list()
        qtbot.waitUntil(lambda: window.inbox.model.lines.index_of(chosen) in seen())
        assert window.inbox.current_id() == chosen


@pytest.mark.parametrize("layout", ["three-panes", "list-above", "list-only"])
def test_every_layout_obeys_the_same_keys(open_desk: Open, qtbot, layout: str) -> None:  # type: ignore[no-untyped-def]
    window, desk = open_desk()
    inbox = desk.core.inbox
    window.actions_.trigger(f"layout-{layout}")
    window.focus_list()
    ids = list(window.inbox.model.lines.ids)
    window.inbox.select(ids[0])
    _keys(qtbot, "j")
    assert window.inbox.current_id() == ids[1]
    _keys(qtbot, "s")
    qtbot.waitUntil(lambda: inbox.count(inbox.parse("is:starred")) == 1)
    _keys(qtbot, "o")
    qtbot.waitUntil(lambda: window.reading.isVisible() and window.reading.detail() is not None)
    window.reading.setFocus()
    _keys(qtbot, "e")
    qtbot.waitUntil(lambda: inbox.count(inbox.parse("is:done")) == 1)
    _keys(qtbot, "u")
    assert window.inbox.isAncestorOf(QApplication.focusWidget())
    _keys(qtbot, "#")
    qtbot.waitUntil(lambda: inbox.count(inbox.parse("is:hidden")) == 1)
    _keys(qtbot, "zzz")
    qtbot.waitUntil(lambda: all(step.undone for step in inbox.history.steps()))


@pytest.fixture
def two_sources(themed: QApplication, qtbot, tmp_path: Path) -> Iterator[tuple[MainWindow, Core]]:  # type: ignore[no-untyped-def]
    """A window on two accounts: a source that takes replies from programs, and one that takes none."""
    with open_practice(tmp_path, providers=("trustpilot", "guaranteed-reviews")) as (core, _):
        core.settings.set(THEME, "light").result(5)
        assert all(report.ok for report in core.sync.run(None, False))
        bridge = Bridge(core)
        window = MainWindow(core, bridge)
        qtbot.addWidget(window)
        window.resize(1440, 900)
        window.show()
        window.activateWindow()
        wait_until(lambda: window.making.whole and window.inbox.total() > 0, 20, "the list")
        yield window, core
        window.close()
        bridge.close()


def test_sources_lie_between_each_other_and_take_every_act_that_they_know(
    two_sources: tuple[MainWindow, Core],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    window, core = two_sources
    inbox, ids = core.inbox, list(window.inbox.model.lines.ids)
    rows = inbox.rows(ids)
    owners = [rows[i].account_id for i in ids]
    assert ids == sorted(ids, reverse=True) and len(set(owners)) >= 2
    assert sum(a != b for a, b in pairwise(owners)) > 3, (
        "they lie between each other, not one after the other"
    )
    replied = []
    for account in core.accounts.list():
        chosen = next((i for i in ids if rows[i].account_id == account.id), 0)
        if not chosen:
            continue
        window.focus_list()
        window.inbox.select(chosen)
        qtbot.waitUntil(lambda c=chosen: (d := window.reading.detail()) is not None and d.row.id == c)  # type: ignore[misc]
        _keys(qtbot, "s")
        qtbot.waitUntil(lambda c=chosen: inbox.rows([c])[c].starred)  # type: ignore[misc]
        if core.accounts.capabilities(account)[Capability.REPLY].available:
            _keys(qtbot, "r")
            qtbot.waitUntil(lambda: window.composer.is_open())
            window.composer.close()
            replied.append(account.provider)
        window.focus_list()
        _keys(qtbot, "e")
        qtbot.waitUntil(lambda c=chosen: inbox.rows([c])[c].work_state is WorkState.DONE)  # type: ignore[misc]
    assert "trustpilot" in replied and "guaranteed-reviews" not in replied
