"""Typing is typing: no key in any text field of any window or page does anything but write (features.md N3, N4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from reviewdesk.domain.models import Target
from reviewdesk.ui.accounts import open_wizard
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import Desk

ASCII = "abc " + "".join(chr(code) for code in range(33, 127))
ALT_GR = {
    "Polish": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ€",
    "German": "@€{[]}\\~|µ²³",
    "French": "~#{[|`\\^@]}¤€",
    "Spanish": "@#~€¬{[]}|\\",
}
_FIELDS = (QLineEdit, QTextEdit, QPlainTextEdit)


@pytest.fixture
def window(opened: tuple[MainWindow, Desk]) -> MainWindow:
    return opened[0]


def text_fields(inside: QWidget) -> list[QWidget]:
    """Everything visible that text can be typed into, found by walking the tree."""
    found: list[QWidget] = []
    for field in inside.findChildren(QWidget):
        if not field.isVisible() or not field.isEnabled():
            continue
        if isinstance(field, _FIELDS) and not field.isReadOnly():
            if not isinstance(field.parentWidget(), QAbstractSpinBox | QComboBox):
                found.append(field)
        elif isinstance(field, QAbstractSpinBox) or (isinstance(field, QComboBox) and field.isEditable()):
            found.append(field)
    return found


def text_of(field: QWidget) -> str:
    if isinstance(field, QLineEdit):
        return field.text()
    if isinstance(field, QTextEdit | QPlainTextEdit):
        return field.toPlainText()
    return ""


def takes_anything(field: QWidget) -> bool:
    if isinstance(field, QLineEdit):
        return field.validator() is None and not field.inputMask() and field.maxLength() > 400
    return isinstance(field, QTextEdit | QPlainTextEdit)


def press(field: QWidget, text: str, modifiers: Qt.KeyboardModifier) -> None:
    """As the system sends it: first the question whether it is a shortcut, then the key."""
    key = ord(text.upper()) if text.isascii() and text.isalpha() else Qt.Key.Key_unknown
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(field, QKeyEvent(kind, int(key), modifiers, text))


def type_into(window: MainWindow, field: QWidget, qtbot) -> None:  # type: ignore[no-untyped-def]
    """All printable characters, then those of AltGr in both spellings; nothing is done, all of it arrives."""
    done: list[str] = []
    window.actions_.triggered.connect(done.append)
    window.actions_.refused.connect(done.append)
    name = field.accessibleName() or type(field).__name__
    field.setFocus(Qt.FocusReason.OtherFocusReason)
    if isinstance(field, QLineEdit | QTextEdit | QPlainTextEdit):
        field.clear()
    qtbot.keyClicks(field, ASCII)
    if takes_anything(field):
        assert text_of(field) == ASCII, name
    for language, letters in ALT_GR.items():
        for modifiers in (
            Qt.KeyboardModifier.GroupSwitchModifier,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
        ):
            if isinstance(field, QLineEdit | QTextEdit | QPlainTextEdit):
                field.clear()
            # Not at the beginning of a line, where a slash opens the saved replies.
            press(field, "x", Qt.KeyboardModifier.NoModifier)
            for letter in letters:
                press(field, letter, modifiers)
            if takes_anything(field):
                assert text_of(field) == "x" + letters, (name, language, modifiers)
    window.actions_.triggered.disconnect(done.append)
    window.actions_.refused.disconnect(done.append)
    assert done == [], name
    if isinstance(field, QLineEdit | QTextEdit | QPlainTextEdit):
        field.clear()


def _search(window: MainWindow, qtbot) -> QWidget:  # type: ignore[no-untyped-def]
    return window.header


def _composer(window: MainWindow, qtbot) -> QWidget:  # type: ignore[no-untyped-def]
    window.inbox.move(1)
    qtbot.waitUntil(lambda: window.reading.detail() is not None)
    window.reply(Target.PUBLIC)
    qtbot.waitUntil(window.composer.is_open)
    return window.composer


def _palette(window: MainWindow, qtbot) -> QWidget:  # type: ignore[no-untyped-def]
    window.palette_.open()
    return window.picker


def _note(window: MainWindow, qtbot) -> QWidget:  # type: ignore[no-untyped-def]
    window.inbox.move(1)
    window.write_note(window.inbox.current_id())
    return window.note


def _settings(window: MainWindow, qtbot) -> QWidget:  # type: ignore[no-untyped-def]
    window.open_settings()
    return window.findChild(QWidget, "settings")


def _wizard(window: MainWindow, qtbot) -> QWidget:  # type: ignore[no-untyped-def]
    wizard = open_wizard(window)
    assert wizard is not None
    wizard.cards.choose(window.core.accounts.specs()[0].id)
    wizard.go_on()
    return wizard


@pytest.mark.parametrize("place", [_search, _composer, _palette, _note, _settings, _wizard])
def test_typing_does_nothing_but_write(
    place: Callable[..., QWidget],
    window: MainWindow,
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    inside = place(window, qtbot)
    qtbot.waitUntil(lambda: bool(text_fields(inside)))
    for field in text_fields(inside):
        if field.isVisible():
            type_into(window, field, qtbot)


def test_typing_on_the_pages_of_every_room(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    pages = [entry.key for entry in window.sidebar.entries() if entry.kind in ("page", "outbox")]
    assert pages
    for key in pages:
        assert window.show_view(key)
        QApplication.processEvents()
        here = window.pages.currentWidget()
        for field in text_fields(here):
            if field.isVisible():
                type_into(window, field, qtbot)
        assert window.pages.currentWidget() is here, key
