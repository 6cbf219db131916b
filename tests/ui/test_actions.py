"""The registry: keys where they act, keys where they must not, sequences, reasons, and the rules about shortcuts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget

from reviewdesk.ui.actions import Actions, produced_key, shown_key


class _Window(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.list = QWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.inside = QPushButton("inside", self.list)
        self.field = QLineEdit(self.list)
        self.outside = QPushButton("outside", self)
        column = QVBoxLayout(self)
        column.addWidget(self.list)
        column.addWidget(self.outside)
        self.registry = Actions(self)
        for name, keys in (
            ("reply", ["r"]),
            ("private", ["R"]),
            ("go", ["g i"]),
            ("flag", ["!"]),
            ("on", ["Space"]),
        ):
            self.registry.add(name, name.title(), self._note(name), keys=keys)
        self.registry.add("sync", "Sync", self._note("sync"), shortcuts=["F5"])
        self.registry.add_zone(self.list)

    def _note(self, name: str):  # type: ignore[no-untyped-def]
        return lambda: self.done.append(name)


@pytest.fixture
def window(themed: QApplication, qtbot) -> Iterator[_Window]:  # type: ignore[no-untyped-def]
    made = _Window()
    qtbot.addWidget(made)
    made.resize(300, 300)
    made.show()
    made.activateWindow()
    qtbot.waitActive(made)
    yield made


def _press(qtbot, widget: QWidget, keys: str) -> None:  # type: ignore[no-untyped-def]
    for key in keys:
        qtbot.keyClicks(widget, key)


def test_single_keys_act_only_in_a_zone(window: _Window, qtbot) -> None:  # type: ignore[no-untyped-def]
    window.outside.setFocus()
    _press(qtbot, window.outside, "rR!")
    assert window.done == []
    window.list.setFocus()
    _press(qtbot, window.list, "rR!")
    window.inside.setFocus()
    _press(qtbot, window.inside, "r")
    assert window.done == ["reply", "private", "flag", "reply"]


def test_typing_in_a_field_of_a_zone_is_text(window: _Window, qtbot) -> None:  # type: ignore[no-untyped-def]
    window.field.setFocus()
    every = "".join(chr(code) for code in range(33, 127))
    _press(qtbot, window.field, every + " gi")
    accents = QInputMethodEvent()
    accents.setCommitString("ąęł€@ñß寿司")
    QApplication.sendEvent(window.field, accents)
    assert window.done == []
    assert window.field.text() == every + " gi" + "ąęł€@ñß寿司"


def test_space_presses_a_button_and_reads_on_elsewhere(window: _Window, qtbot) -> None:  # type: ignore[no-untyped-def]
    pressed: list[int] = []
    window.inside.clicked.connect(lambda: pressed.append(1))
    window.inside.setFocus()
    qtbot.keyClick(window.inside, Qt.Key.Key_Space)
    assert (pressed, window.done) == ([1], [])
    window.list.setFocus()
    qtbot.keyClick(window.list, Qt.Key.Key_Space)
    assert window.done == ["on"]


def test_a_sequence_waits_for_its_second_key(window: _Window, qtbot) -> None:  # type: ignore[no-untyped-def]
    hints: list[list[tuple[str, str]]] = []
    window.registry.hint.connect(hints.append)
    window.list.setFocus()
    _press(qtbot, window.list, "gi")
    assert window.done == ["go"]
    assert hints == [[("I", "Go")], []]
    _press(qtbot, window.list, "gr")
    assert window.done == ["go"], "a wrong second key must not act as something else"
    _press(qtbot, window.list, "r")
    assert window.done == ["go", "reply"]


def test_a_sequence_that_is_not_ended_is_forgotten(window: _Window, qtbot) -> None:  # type: ignore[no-untyped-def]
    window.list.setFocus()
    _press(qtbot, window.list, "g")
    window.registry._patience.setInterval(1)
    window.registry._patience.start()
    qtbot.waitUntil(lambda: not window.registry._begun)
    _press(qtbot, window.list, "i")
    assert window.done == []


def test_an_off_action_says_why_from_key_and_shortcut(window: _Window, qtbot) -> None:  # type: ignore[no-untyped-def]
    said: list[str] = []
    window.registry.refused.connect(said.append)
    window.registry.set_reason("reply", "Choose a review first")
    window.registry.set_reason("sync", "There is no account")
    window.list.setFocus()
    _press(qtbot, window.list, "r")
    qtbot.keyClick(window.list, Qt.Key.Key_F5)
    assert said == ["Choose a review first", "There is no account"] and window.done == []
    window.registry.set_reason("sync", None)
    qtbot.keyClick(window.list, Qt.Key.Key_F5)
    assert window.done == ["sync"]


def test_keys_are_matched_by_what_they_produce() -> None:
    # A German keyboard has "/" on Shift+7, a French one "1" on Shift: only the character counts.
    slash = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_7, Qt.KeyboardModifier.ShiftModifier, "/")
    assert produced_key(slash) == "/"
    graph = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    assert produced_key(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Q, graph, "@")) == ""
    assert (
        produced_key(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Shift, Qt.KeyboardModifier.ShiftModifier, ""))
        == ""
    )
    assert shown_key("e") == "E" and shown_key("E") == "Shift E" and shown_key("g i") == "G I"


def test_a_key_belongs_to_one_action(window: _Window) -> None:
    with pytest.raises(ValueError, match="reply"):
        window.registry.add("again", "Again", lambda: None, keys=["r"])
    with pytest.raises(ValueError):
        window.registry.add("reply", "Again", lambda: None)


def forbidden(shortcut: str) -> bool:
    """Alt+letter types characters, Ctrl+Alt+letter is AltGr, Ctrl+H hides on macOS."""
    combination = QKeySequence(shortcut)[0]
    modifiers, key = combination.keyboardModifiers(), combination.key()
    letter = Qt.Key.Key_A <= key <= Qt.Key.Key_Z
    alt = bool(modifiers & Qt.KeyboardModifier.AltModifier)
    return (alt and letter) or shortcut in ("Ctrl+H", "Meta+H")


def test_the_rule_about_shortcuts_knows_what_it_forbids() -> None:
    assert forbidden("Alt+R") and forbidden("Ctrl+Alt+R") and forbidden("Ctrl+H")
    assert not forbidden("Ctrl+R") and not forbidden("Ctrl+Shift+H") and not forbidden("F6")


def test_reasons_told_together_are_shown_once_and_only_where_they_differ(window: _Window) -> None:
    registry, told = window.registry, []
    registry.set_reason("flag", "Not here")
    registry["flag"].qt.changed.connect(lambda: told.append("flag"))
    registry["reply"].qt.changed.connect(lambda: told.append("reply"))
    with registry.reasons_together():
        registry.set_reason("flag", None)
        registry.set_reason("reply", "First")
        registry.set_reason("flag", "Not here")
        registry.set_reason("reply", "Choose a review first")
        assert registry["reply"].reason == "Choose a review first"
    assert "flag" not in told and "reply" in told
    assert registry["reply"].qt.toolTip() == "Choose a review first" and registry["reply"].qt.property("off")
