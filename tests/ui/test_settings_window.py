"""The settings window: everything applies at once, survives, can be found, and keys can be changed with a warning."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from reviewdesk.services.settings import (
    ACCENT,
    BODY_SCALE,
    CHECK_CONDUCT,
    LAYOUT,
    SCALE,
    SINGLE_KEYS,
    THEME,
    TITLE_COUNT,
    UNDO_DELAY_S,
)
from reviewdesk.ui.actions import forbidden
from reviewdesk.ui.key_sets import KEY_SETS
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.settings.cards import Cards
from reviewdesk.ui.settings.controls import Segments, Stepper, Switch
from reviewdesk.ui.settings.keys import KeyRow
from reviewdesk.ui.settings.window import SettingsWindow
from reviewdesk.ui.theme import fonts, theme
from reviewdesk.ui.theme.tokens import LIGHT
from reviewdesk.ui.widgets import PlainLabel
from tests.support.core import Desk

Open = Callable[[], tuple[MainWindow, Desk]]


@pytest.fixture(autouse=True)
def put_back(themed: QApplication):  # type: ignore[no-untyped-def]
    yield
    theme().set_accent("system")
    theme().set_body_scale(1.0)
    theme().set_reduced_motion(False)


def settings_of(window: MainWindow) -> SettingsWindow:
    window.open_settings()
    found = window.findChild(SettingsWindow)
    assert found is not None
    return found


def control(settings: SettingsWindow, key: str) -> Cards | Segments | Stepper | Switch:
    for section in ("general", "reading", "writing", "shortcuts", "notifications", "appearance"):
        for row in settings.page(section).rows:
            if row.item.key == key:
                assert isinstance(row.control, Cards | Segments | Stepper | Switch)
                return row.control
    raise KeyError(key)


def test_changes_apply_at_once_and_survive(open_desk: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = open_desk()
    settings = settings_of(window)
    assert QApplication.activeModalWidget() is None
    scheme = control(settings, THEME.key)
    assert isinstance(scheme, Cards)
    qtbot.mouseClick(scheme.button("dark"), Qt.MouseButton.LeftButton)
    assert theme().name == "dark"
    size = control(settings, SCALE.key)
    assert isinstance(size, Stepper)
    size.set_value(1.95)
    qtbot.mouseClick(size.more, Qt.MouseButton.LeftButton)
    assert theme().user_scale == 2.0 and size.value() == 2.0
    size.set_value(0.85)
    qtbot.mouseClick(size.less, Qt.MouseButton.LeftButton)
    assert theme().user_scale == pytest.approx(0.8)
    delay = control(settings, UNDO_DELAY_S.key)
    assert isinstance(delay, Stepper)
    qtbot.mouseClick(delay.more, Qt.MouseButton.LeftButton)
    layout = control(settings, LAYOUT.key)
    assert isinstance(layout, Segments)
    qtbot.mouseClick(layout.button("list-above"), Qt.MouseButton.LeftButton)
    assert window.inner.orientation() is Qt.Orientation.Vertical
    single = control(settings, SINGLE_KEYS.key)
    assert isinstance(single, Switch)
    qtbot.mouseClick(single, Qt.MouseButton.LeftButton)
    assert not window.actions_.single_keys
    window, desk = open_desk()
    kept = desk.core.settings
    assert (kept.get(THEME), kept.get(UNDO_DELAY_S), kept.get(SINGLE_KEYS)) == ("light", 15, False)
    assert kept.get(SCALE) == pytest.approx(0.8)
    assert window.inner.orientation() is Qt.Orientation.Vertical and not window.actions_.single_keys


def test_a_page_is_reset(opened: tuple[MainWindow, Desk], qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    settings = settings_of(window)
    delay = control(settings, UNDO_DELAY_S.key)
    assert isinstance(delay, Stepper)
    qtbot.mouseClick(delay.more, Qt.MouseButton.LeftButton)
    settings.open("writing")
    qtbot.mouseClick(settings.page("writing").reset, Qt.MouseButton.LeftButton)
    assert desk.core.settings.get(UNDO_DELAY_S) == 10
    delay = control(settings, UNDO_DELAY_S.key)
    assert isinstance(delay, Stepper) and delay.value() == 10


def test_review_text_has_a_size_of_its_own(opened: tuple[MainWindow, Desk], qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    titles, body, lists = (
        fonts.body_font(600).pixelSize(),
        fonts.body_font().pixelSize(),
        fonts.list_font().pixelSize(),
    )
    size = control(settings_of(window), BODY_SCALE.key)
    assert isinstance(size, Stepper)
    for _ in range(5):
        qtbot.mouseClick(size.more, Qt.MouseButton.LeftButton)
    assert desk.core.settings.get(BODY_SCALE) == pytest.approx(1.5)
    assert fonts.body_font().pixelSize() == round(body * 1.5)
    assert (fonts.body_font(600).pixelSize(), fonts.list_font().pixelSize()) == (titles, lists)


def test_settings_are_found_and_the_palette_leads_to_them(opened: tuple[MainWindow, Desk], qtbot) -> None:  # type: ignore[no-untyped-def]
    window, _ = opened
    settings = settings_of(window)
    settings.search.setText("undo before")
    shown = [
        row.item.key
        for section in ("general", "writing", "appearance")
        for row in settings.page(section).rows
        if not row.isHidden()
    ]
    assert shown == [UNDO_DELAY_S.key]
    assert settings.pages.currentWidget() is settings.page("writing")
    settings.search.setText("give to")
    assert settings.pages.currentWidget() is settings.page("shortcuts")
    settings.search.clear()
    assert all(not row.isHidden() for row in settings.page("appearance").rows)
    settings.close()
    window.palette_.open()
    window.picker.field.setText("layout")
    choice = next(c for c in window.picker.choices() if c.key == LAYOUT.key)
    choice.run()
    assert settings.isVisible() and settings.pages.currentWidget() is settings.page("appearance")


def key_row(settings: SettingsWindow, name: str) -> KeyRow:
    return next(row for row in settings.page("shortcuts").key_rows if row.action.id == name)


def test_keys_are_changed_with_a_warning(open_desk: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window, _ = open_desk()
    settings = settings_of(window)
    settings.open("shortcuts")
    row = key_row(settings, "tag")
    qtbot.mouseClick(row.catch, Qt.MouseButton.LeftButton)
    qtbot.keyClick(row.catch, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert row.said() == "Ctrl D belongs to Star" and row.take.isVisible()
    assert window.actions_["star"].shortcuts == ("Ctrl+D",), "nothing is taken without a word"
    qtbot.mouseClick(row.take, Qt.MouseButton.LeftButton)
    assert window.actions_["tag"].shortcuts == ("Ctrl+D",) and window.actions_["star"].shortcuts == ()
    qtbot.mouseClick(row.catch, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(row.catch, "w")
    assert window.actions_["tag"].keys == ("w",)
    for key, modifier in ((Qt.Key.Key_L, Qt.KeyboardModifier.AltModifier),):
        qtbot.mouseClick(row.catch, Qt.MouseButton.LeftButton)
        qtbot.keyClick(row.catch, key, modifier)
        assert "types a character" in row.said()
    assert window.actions_["tag"].shortcuts == ("Ctrl+D",)
    window, _ = open_desk()
    assert (window.actions_["tag"].shortcuts, window.actions_["tag"].keys) == (("Ctrl+D",), ("w",))
    assert window.actions_["star"].shortcuts == ()
    window.focus_list()
    qtbot.keyClicks(window.inbox.view, "w")
    qtbot.waitUntil(lambda: window.picker.isVisible() and window.picker.name == "tag")
    window.picker.dismiss()
    settings = settings_of(window)
    settings.open("shortcuts")
    qtbot.mouseClick(settings.page("shortcuts").reset, Qt.MouseButton.LeftButton)
    assert window.actions_["tag"].keys == ("l",) and window.actions_["star"].shortcuts == ("Ctrl+D",)


@pytest.mark.parametrize("name", ["thunderbird", "outlook"])
def test_hands_from_another_program_find_their_keys(open_desk: Open, qtbot, name: str) -> None:  # type: ignore[no-untyped-def]
    window, desk = open_desk()
    settings = settings_of(window)
    settings.open("shortcuts")
    sets = control(settings, "keys.set")
    assert isinstance(sets, Segments) and sets.value() == "usual"
    qtbot.mouseClick(sets.button(name), Qt.MouseButton.LeftButton)
    actions = window.actions_
    for action, keys in KEY_SETS[name].items():
        assert (actions[action].shortcuts, actions[action].keys) == keys, action
    every = [key for action in actions.all() for key in (*action.shortcuts, *action.keys)]
    assert len(every) == len(set(every)), "no key has two meanings"
    assert not [s for action in actions.all() for s in action.shortcuts if forbidden(s)]
    key = actions["done"].keys[0]
    settings.close()
    window.focus_list()
    if len(key) == 1:
        qtbot.keyClicks(window.inbox.view, key)
    else:
        qtbot.keyClick(window.inbox.view, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: desk.core.inbox.count(desk.core.inbox.parse("is:done")) == 1)
    window, _ = open_desk()
    settings = settings_of(window)
    settings.open("shortcuts")
    sets = control(settings, "keys.set")
    assert isinstance(sets, Segments) and sets.value() == name
    qtbot.mouseClick(sets.button("usual"), Qt.MouseButton.LeftButton)
    assert all((a.shortcuts, a.keys) == a.usual for a in window.actions_.all())
    qtbot.mouseClick(settings.page("shortcuts").undo, Qt.MouseButton.LeftButton)
    sets = control(settings, "keys.set")
    assert isinstance(sets, Segments) and sets.value() == name


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"tag": 5, "nothing": [[], []], "star": [["Alt+S"], []]}'])
def test_keys_that_make_no_sense_are_the_usual_ones(open_desk: Open, kept: str) -> None:
    window, desk = open_desk()
    desk.core.settings.set_text("keys.changed", kept).result(5)
    window, _ = open_desk()
    assert all((a.shortcuts, a.keys) == a.usual for a in window.actions_.all())


@pytest.mark.parametrize("layout", ["three-panes", "list-above", "list-only"])
def test_every_layout_opens_reads_and_comes_back(opened: tuple[MainWindow, Desk], qtbot, layout: str) -> None:  # type: ignore[no-untyped-def]
    window, _ = opened
    window.actions_.trigger(f"layout-{layout}")
    window.focus_list()
    review = window.inbox.current_id()
    assert window.inbox.isVisible() and window.sidebar.isVisible()
    qtbot.keyClick(window.inbox.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.right.isVisible())
    assert window.inbox.isVisible() is (layout != "list-only")
    if layout == "list-above":
        above = window.inbox.mapTo(window, QPoint(0, 0)).y()
        assert window.right.mapTo(window, QPoint(0, 0)).y() > above
    window.back()
    assert window.inbox.isVisible() and window.inbox.view.hasFocus() and window.inbox.current_id() == review
    window.actions_.trigger("layout-three-panes")
    assert window.right.isVisible() and window.inbox.current_id() == review


def test_everything_in_it_has_a_name(opened: tuple[MainWindow, Desk]) -> None:
    settings = settings_of(opened[0])
    nameless = [
        b
        for b in settings.findChildren(QAbstractButton)
        if b.isVisible() and not (b.accessibleName() or b.text())
    ]
    assert [type(b).__name__ for b in nameless if b.parent() is not settings.search] == []


def test_every_change_is_taken_back_one_by_one(opened: tuple[MainWindow, Desk], qtbot) -> None:  # type: ignore[no-untyped-def]
    window, _ = opened
    settings = settings_of(window)
    settings.open("appearance")
    scheme, density = control(settings, THEME.key), control(settings, "look.density")
    assert isinstance(scheme, Cards) and isinstance(density, Cards)
    qtbot.mouseClick(scheme.button("dark"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(density.button("compact"), Qt.MouseButton.LeftButton)
    window.actions_.rebind("tag", (), ("w",))
    qtbot.mouseClick(settings.page("appearance").reset, Qt.MouseButton.LeftButton)
    assert (theme().scheme, window.inbox.density()) == ("system", "comfortable")
    settings.activateWindow()
    undo = settings.page("appearance").undo
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert (theme().scheme, window.inbox.density()) == ("dark", "compact"), "a reset is one step"
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert window.actions_["tag"].keys == ("l",)
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert (theme().scheme, window.inbox.density()) == ("light", "comfortable")
    shown = control(settings, THEME.key)
    assert isinstance(shown, Cards) and shown.value() == "light" and not undo.isEnabled()


def test_accounts_network_and_the_number_in_the_title(opened: tuple[MainWindow, Desk], qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    settings = settings_of(window)
    settings.open("accounts")
    names = [
        b.accessibleName() for b in settings.page("accounts").findChildren(QAbstractButton) if b.isVisible()
    ]
    assert f"Health of {desk.account.name}" in names and f"Sign in to {desk.account.name} again" in names
    settings.open("network")
    texts = [w.text() for w in settings.page("network").findChildren(PlainLabel)]
    assert any("no telemetry" in text for text in texts)
    number = control(settings, TITLE_COUNT.key)
    assert isinstance(number, Segments)
    qtbot.mouseClick(number.button("inbox"), Qt.MouseButton.LeftButton)
    assert window.windowTitle().startswith("(12) ")
    qtbot.mouseClick(number.button("none"), Qt.MouseButton.LeftButton)
    assert "(" not in window.windowTitle()


def test_a_renewed_control_stands_alone(opened: tuple[MainWindow, Desk]) -> None:
    settings = settings_of(opened[0])
    settings.open("appearance")
    for row in settings.page("appearance").rows:
        shown = [
            c
            for c in row.findChildren(QWidget)
            if isinstance(c, Cards | Segments | Stepper | Switch) and c.isVisible()
        ]
        assert shown == [row.control]


def test_an_accent_is_taken_at_once_and_taken_back(opened: tuple[MainWindow, Desk], qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    settings = settings_of(window)
    settings.open("appearance")
    ours = theme().token("accent")
    accent = control(settings, ACCENT.key)
    assert isinstance(accent, Segments) and accent.value() == "system"
    qtbot.mouseClick(accent.button("teal"), Qt.MouseButton.LeftButton)
    assert desk.core.settings.get(ACCENT) == "teal" and theme().token("accent") != ours
    assert theme().token("public") == LIGHT["public"] and theme().token("private") == LIGHT["private"]
    qtbot.mouseClick(settings.page("appearance").undo, Qt.MouseButton.LeftButton)
    assert theme().token("accent") == ours and desk.core.settings.get(ACCENT) == "system"


def test_a_check_that_is_switched_off_leaves_the_open_text_at_once(
    opened: tuple[MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    window, desk = opened
    composer = window.composer
    composer.open(desk.core.inbox.ids(desk.core.inbox.parse(""))[0])
    qtbot.keyClicks(composer.editor, "Please delete your review.")
    qtbot.waitUntil(lambda: bool(composer.checker.findings()))
    settings = settings_of(window)
    settings.open("writing")
    switch = control(settings, CHECK_CONDUCT.key)
    assert isinstance(switch, Switch) and switch.isChecked()
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not composer.checker.findings())
    qtbot.mouseClick(settings.page("writing").undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(composer.checker.findings()))


def test_no_section_is_empty(opened: tuple[MainWindow, Desk]) -> None:
    settings = settings_of(opened[0])
    for number in range(settings.sections.count()):
        settings.sections.setCurrentRow(number)
        page = settings.pages.currentWidget()
        assert isinstance(page, QWidget)
        shown = [w for w in page.findChildren(PlainLabel) if w.isVisible() and w.text()]
        assert len(shown) > 2, settings.sections.item(number).text()
