"""The window as a whole: shapes, views, search, keys, undo after publishing, what a restart brings back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QTextEdit, QWidget

from reviewdesk.domain.models import OutboxState, ReviewDetail, Target, WorkState
from reviewdesk.services.events import Notice, NoticeLevel
from reviewdesk.services.settings import SCALE, THEME
from reviewdesk.ui.actions import Actions
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.header.search import SCOPE_EVERYTHING
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.theme import theme
from reviewdesk.ui.window_state import WindowState
from tests.support.fake_core import FakeCore
from tests.ui.test_actions import forbidden

Open = Callable[..., MainWindow]


@pytest.fixture
def open_window(themed: QApplication, qtbot) -> Iterator[Open]:  # type: ignore[no-untyped-def]
    opened: list[tuple[MainWindow, Bridge, FakeCore]] = []

    def open_(
        core: FakeCore | None = None, size: tuple[int, int] = (1440, 900), **options: object
    ) -> MainWindow:
        made = core or FakeCore(**options)  # type: ignore[arg-type]
        made.settings.values.setdefault(THEME.key, "light")
        bridge = Bridge(made)  # type: ignore[arg-type]
        window = MainWindow(made, bridge)  # type: ignore[arg-type]
        qtbot.addWidget(window)
        if size:
            window.resize(*size)
        window.show()
        window.activateWindow()
        opened.append((window, bridge, made))
        qtbot.waitUntil(lambda: window.entry() is not None)
        return window

    yield open_
    for window, bridge, core in opened:
        window.close()
        bridge.close()
        core.stop()


@pytest.fixture
def window(open_window: Open, qtbot) -> MainWindow:  # type: ignore[no-untyped-def]
    made = open_window()
    made.show_view("state:needs-reply")
    qtbot.waitUntil(lambda: made.inbox.total() == 19)
    return made


def _go_to(window: MainWindow, author: str, qtbot) -> int:  # type: ignore[no-untyped-def]
    review = window.core.review_of(author)  # type: ignore[attr-defined]
    assert window.inbox.select(review)
    qtbot.waitUntil(lambda: window.reading.detail() is not None and window.reading.detail().row.id == review)
    return int(review)


def test_measures_of_the_design(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    _go_to(window, "Pierre L.", qtbot)
    assert (window.header.height(), window.status.height()) == (48, 28)
    assert window.sidebar.width() + 1 == 228 and window.inbox.width() + 1 == 420
    assert window.reading.head.height() == 44


def test_shapes_by_width(open_window: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window = open_window(size=(868, 800))
    assert window.sidebar.is_rail() and window.sidebar.width() == 52
    assert window.inbox.isVisible() and window.right.isVisible() and window.header.folded()
    window.resize(1300, 800)
    assert not window.sidebar.is_rail() and not window.header.folded()
    window.resize(500, 800)
    qtbot.waitUntil(lambda: window.inbox.isVisible() and not window.right.isVisible())
    window.show_view("state:needs-reply")
    qtbot.waitUntil(lambda: window.inbox.total() == 19)
    review = _go_to(window, "Pierre L.", qtbot)
    window.inbox.activated.emit(review)
    qtbot.waitUntil(lambda: window.right.isVisible() and not window.inbox.isVisible())
    assert not window.sidebar.isVisible() and not window.header.search.isVisible()
    qtbot.mouseClick(window.header._back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.inbox.isVisible())
    assert window.header.search.isVisible()


def test_double_text_halves_the_breakpoints(open_window: Open) -> None:
    window = open_window()
    assert not window.sidebar.is_rail()
    theme().set_scale(2.0)
    assert window.sidebar.is_rail() and window.inbox.isVisible() and window.right.isVisible()
    theme().set_scale(1.0)
    assert not window.sidebar.is_rail()


def test_search_in_this_view_and_everywhere(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    search = window.header.search
    search.set_text("order:28010")
    qtbot.waitUntil(
        lambda: window.inbox.is_empty() and "1 in all reviews" in window.inbox.empty_state().line()
    )
    qtbot.mouseClick(window.inbox.empty_state().button("search-everything"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.inbox.total() == 1)
    assert search.scope() == SCOPE_EVERYTHING
    window.show_view("state:done")
    qtbot.waitUntil(lambda: window.inbox.total() == 8)
    assert search.text() == "", "another view is another question"


def test_an_or_in_the_search_stays_inside_the_view(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    window.header.search.set_text("lamp OR bremer")
    qtbot.waitUntil(lambda: 0 < window.inbox.total() < 19)
    ids = window.core.inbox.ids(window.inbox.query())  # type: ignore[arg-type]
    rows = window.core.inbox.rows(ids).values()
    assert rows and all(row.work_state is WorkState.NEEDS_REPLY for row in rows)


def test_keys_triage(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    first = _go_to(window, "Pierre L.", qtbot)
    window.focus_list()
    focus = window.inbox.view
    qtbot.keyClicks(focus, "j")
    second = window.inbox.current_id()
    assert second != first
    qtbot.keyClicks(focus, "e")
    qtbot.waitUntil(lambda: window.core.inbox.rows([second])[second].work_state is WorkState.DONE)
    qtbot.waitUntil(lambda: window.inbox.total() == 18)
    third = window.inbox.current_id()
    assert third not in (0, second)
    qtbot.keyClicks(focus, "s")
    qtbot.waitUntil(lambda: window.core.inbox.rows([third])[third].starred)
    qtbot.keyClicks(focus, "go")
    qtbot.waitUntil(lambda: window.entry().key == "outbox")  # type: ignore[union-attr]
    assert window.outbox.isVisible()
    assert window.header.search.line.placeholder == "Search the outbox"


def test_no_key_acts_on_a_review_that_is_leaving(
    window: MainWindow,
    qtbot,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the key and the next review the old one is still on the screen: nothing is published or reported about it."""
    window.inbox.move(1)
    qtbot.waitUntil(lambda: window.reading.detail() is not None)
    told: list[str] = []
    said: list[str] = []
    addresses: list[str] = []
    monkeypatch.setattr(Actions, "_show_reason", staticmethod(lambda action: told.append(action.id)))
    monkeypatch.setattr(window, "say", said.append)
    monkeypatch.setattr(window, "open_address", addresses.append)
    gate, detail = threading.Event(), window.core.inbox.detail

    def slow(review: int) -> ReviewDetail | None:
        gate.wait(10)
        return detail(review)

    monkeypatch.setattr(window.core.inbox, "detail", slow)
    window.reading._kept.clear()
    qtbot.wait(100)
    before = window.inbox.current_id()
    window.inbox.move(1)
    assert window.inbox.current_id() != before and window.reading.is_reading()
    assert window.shown_review() is None
    window.open_at_provider()
    window.actions_["flag"].callback()
    assert said == ["One moment, the review is being read"] * 3 and addresses == []
    assert told == [], "what can be done is told when the review is there, once"
    gate.set()
    qtbot.waitUntil(lambda: window.reading.detail() is not None)
    assert not window.reading.is_reading() and window.shown_review() is not None
    assert len(told) == len(set(told))


def test_a_review_that_is_gone_is_not_waited_for(
    window: MainWindow,
    qtbot,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(window, "say", said.append)
    monkeypatch.setattr(window.core.inbox, "detail", lambda review: None)
    window.reading._kept.clear()
    window.inbox.move(1)
    qtbot.waitUntil(lambda: "no longer" in window.reading.empty.sentence())
    assert not window.reading.is_reading() and window.shown_review() is None
    assert said == ["Choose a review first"]


def test_snooze_asks_until_when(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    review = _go_to(window, "Pierre L.", qtbot)
    window.focus_list()
    qtbot.keyClicks(window.inbox.view, "b")
    assert [c.key for c in window.picker.choices()][-1] == "until-event"
    qtbot.keyClicks(window.picker.field, "tom")
    assert window.picker.choices()[-1].title == "Tomorrow"
    qtbot.keyClick(window.picker.field, Qt.Key.Key_Return)
    assert not window.picker.isVisible() and window.inbox.view.hasFocus()
    qtbot.waitUntil(lambda: window.core.inbox.rows([review])[review].work_state is WorkState.SNOOZED)


def test_publishing_can_be_taken_back_with_the_key(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    review = _go_to(window, "Marc-André V.", qtbot)
    review = _go_to(window, "Lucía Fernández", qtbot)
    core: FakeCore = window.core  # type: ignore[assignment]
    item = core.replies.publish(review, Target.PUBLIC, "Gracias, Lucía.", delay_s=10).result()
    window.composer.published.emit(item)
    assert window.toast.text() == "Publishing on Trustpilot in 10 s"
    window.focus_list()
    qtbot.keyClick(window.inbox.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.composer.is_open())
    assert window.composer.text() == "Gracias, Lucía." and item.id not in core.outbox.by_id
    assert window.toast.text() == ""
    window.undo()
    qtbot.waitUntil(lambda: window.toast.text() == "There is nothing to undo")


def test_send_now_from_the_toast_asks_the_outbox(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    core: FakeCore = window.core  # type: ignore[assignment]
    review = _go_to(window, "Lucía Fernández", qtbot)
    item = core.replies.publish(review, Target.PUBLIC, "Gracias.", delay_s=10).result()
    window.composer.published.emit(item)
    qtbot.mouseClick(window.toast.button("send-now"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: core.outbox.by_id[item.id].state is OutboxState.SENDING)


def test_undo_that_is_too_late_says_so(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    core: FakeCore = window.core  # type: ignore[assignment]
    review = _go_to(window, "Lucía Fernández", qtbot)
    item = core.replies.publish(review, Target.PUBLIC, "Gracias.", delay_s=10).result()
    window.composer.published.emit(item)
    core.outbox.send_now(item.id)
    window.undo()
    qtbot.waitUntil(lambda: window.toast.text() == "It is on its way already")
    assert not window.composer.is_open()


def test_the_toast_covers_no_composer(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    _go_to(window, "Lucía Fernández", qtbot)
    window.reply(Target.PUBLIC)
    qtbot.waitUntil(lambda: window.composer.is_open() and window.composer.height() > 100)
    window.say("Copied")
    from reviewdesk.ui.widgets.shadow import MARGIN

    bottom = window.toast.geometry().bottom() + 1 - MARGIN
    top = window.composer.mapTo(window.toast.parentWidget(), window.composer.rect().topLeft()).y()
    assert bottom <= top - 16


def test_a_toast_that_was_there_gives_way_to_a_composer_that_opens_and_grows(
    window: MainWindow, qtbot
) -> None:  # type: ignore[no-untyped-def]
    from reviewdesk.ui.widgets.shadow import MARGIN

    _go_to(window, "Lucía Fernández", qtbot)
    window.say("Copied")

    def covered() -> int:
        bottom = window.toast.geometry().bottom() + 1 - MARGIN
        top = window.composer.mapTo(window.toast.parentWidget(), window.composer.rect().topLeft()).y()
        return bottom - (top - 16)

    window.reply(Target.PUBLIC)
    qtbot.waitUntil(lambda: window.composer.is_open() and window.composer.height() > 100)
    before = window.composer.height()
    window.composer.set_text("Thank you for telling us.\n" * 9)
    qtbot.waitUntil(lambda: window.composer.height() > before + 40)
    assert window.toast.isVisible()
    qtbot.waitUntil(lambda: covered() <= 0)


def test_f6_goes_round_the_panes(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    _go_to(window, "Pierre L.", qtbot)
    window.focus_list()
    seen = []
    for _ in range(4):
        window.cycle(1)
        focus = QApplication.focusWidget()
        seen.append(
            next((i for i, p in enumerate(window.panes()) if focus is p or p.isAncestorOf(focus)), -1)
        )
    assert seen == [2, 0, 1, 2]
    window.cycle(-1)
    assert window.inbox.isAncestorOf(QApplication.focusWidget())


def test_a_fault_stands_beside_its_place_and_is_no_dialog(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    window.core.bus.publish(Notice(NoticeLevel.ERROR, "Harbour FR: the key is not valid.", "Sign in again."))
    qtbot.waitUntil(lambda: window.bar.message() == "Harbour FR: the key is not valid. Sign in again.")
    assert QApplication.activeModalWidget() is None


def test_a_restart_brings_the_place_back(open_window: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    core = FakeCore()
    first = open_window(core, size=(760, 560))
    first.show_view("account:2")
    qtbot.waitUntil(lambda: first.inbox.total() > 0)
    first.inbox.set_density("compact")
    review = core.review_of("Élodie Garnier")
    assert first.inbox.select(review)
    first.close()
    second = open_window(core, size=())
    qtbot.waitUntil(lambda: second.inbox.current_id() == review)
    assert second.entry().key == "account:2" and second.inbox.density() == "compact"  # type: ignore[union-attr]
    assert (second.width(), second.height()) == (760, 560)


def test_a_restart_brings_the_scroll_position_back(open_window: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    core = FakeCore()
    first = open_window(core, size=(1000, 560))
    qtbot.waitUntil(lambda: first.inbox.total() > 12)
    bar = first.inbox.view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 300)
    bar.setValue(217)
    top = first.inbox.view.top()
    assert top[0]
    first.close()
    second = open_window(core, size=())
    qtbot.waitUntil(lambda: second.inbox.view.top() == top)
    assert second.inbox.view.verticalScrollBar().value() == 217


@pytest.mark.parametrize(
    "text",
    [None, "", "{", "[]", "7", '{"outer": ["x", -4, 5], "view": 3, "geometry": 1, "inbox": []}'],
)
def test_a_damaged_state_is_an_empty_one(text: str | None) -> None:
    state = WindowState.load(text)
    assert (state.view, state.geometry, state.inbox) == ("inbox", "", {})
    assert state.outer in ([], [5])


def test_a_state_that_makes_no_sense_opens_a_window(open_window: Open) -> None:
    core = FakeCore()
    core.settings.texts["window.state"] = (
        '{"view": "account:99", "geometry": "zz", "inner": [9000, 1], "inbox": {"sort": 5, "density": "huge"}}'
    )
    window = open_window(core)
    assert window.entry().key == "inbox"  # type: ignore[union-attr]
    assert window.right.width() >= 280


def test_without_an_account_it_says_how_to_begin(open_window: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window = open_window(empty=True, practice=False)
    assert window.first_run.isVisible()
    said = " ".join(label.text() for label in window.first_run.findChildren(QLabel))
    assert "Trustpilot" in said and "Verified Reviews" in said
    qtbot.mouseClick(window.first_run.add_button, Qt.MouseButton.LeftButton)
    wizard = next(w for w in window.findChildren(QWidget) if type(w).__name__ == "Wizard")
    assert wizard.isVisible() and not wizard.isModal()
    wizard.close()
    window.show_view("outbox")
    assert window.outbox.isVisible()
    window.show_view("inbox")
    assert window.first_run.isVisible()


def test_the_first_account_opens_the_inbox(open_window: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    from reviewdesk.domain.models import ChangeSet

    core = FakeCore(empty=True)
    window = open_window(core)
    core.accounts.all = FakeCore().accounts.all
    core.bus.publish(ChangeSet(accounts=frozenset({1})))
    qtbot.waitUntil(lambda: window.inbox.isVisible())
    assert not window.first_run.isVisible()


def test_looks_are_remembered(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    settings = window.core.settings
    window.actions_.trigger("scheme-dark")
    assert theme().name == "dark" and settings.get(THEME) == "dark"
    window.actions_.trigger("larger")
    assert theme().user_scale == pytest.approx(1.1) and settings.get(SCALE) == pytest.approx(1.1)
    window.actions_.trigger("normal-size")
    assert theme().user_scale == 1.0


def test_no_shortcut_takes_a_character_away(window: MainWindow) -> None:
    wrong = [(a.id, s) for a in window.actions_.all() for s in a.shortcuts if forbidden(s)]
    assert wrong == []
    taken = [QKeySequence(s).toString() for a in window.actions_.all() for s in a.shortcuts]
    assert len(taken) == len(set(taken)), "each shortcut once"
    titles = [m.title() for m in window.header.menus()] + [a.title for a in window.actions_.all()]
    assert not any("&" in title for title in titles), "an ampersand would make an Alt+letter"


def test_typing_into_every_field_triggers_nothing(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    _go_to(window, "Lucía Fernández", qtbot)
    window.reply(Target.PUBLIC)
    done: list[str] = []
    window.actions_.triggered.connect(done.append)
    every = "".join(chr(code) for code in range(33, 127))
    for field in (window.composer.editor, window.header.search.line):
        field.setFocus()
        field.setPlainText("")
        qtbot.keyClicks(field, every)
        assert every in field.toPlainText()
    assert done == []


def test_everything_that_can_be_pressed_has_a_name(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    _go_to(window, "Pierre L.", qtbot)
    window.reply(Target.PUBLIC)
    nameless = [
        f"{type(b).__name__} in {type(b.parentWidget()).__name__}"
        for b in window.findChildren(QAbstractButton)
        if b.isVisible() and not (b.accessibleName() or b.text() or b.toolTip())
    ]
    fields = [
        type(f).__name__
        for f in window.findChildren(QTextEdit)
        if not f.isReadOnly() and not f.accessibleName()
    ]
    assert (nameless, fields) == ([], [])


def test_the_whole_window_switches_with_everything_open(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    _go_to(window, "Pierre L.", qtbot)
    window.reply(Target.PUBLIC)
    window.say("Copied")
    for scheme in ("dark", "contrast", "light"):
        theme().set_scheme(scheme)
        image = window.grab().toImage()
        for pane, role in ((window.header, "chrome"), (window.status, "chrome")):
            place = pane.mapTo(window, pane.rect().center())
            # Between the words, somewhere on the ground of the pane.
            row = {image.pixelColor(x, place.y() + pane.height() // 2 - 3).name() for x in range(0, 1440, 7)}
            assert theme().colour(role).name() in row
