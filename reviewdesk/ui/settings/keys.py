"""Changing the keys of an action: press the new one, be told whose it was, take it or leave it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from reviewdesk.ui.actions import Action, forbidden, native, produced_key, shown_key
from reviewdesk.ui.theme import fonts
from reviewdesk.ui.widgets import PlainLabel, PushButton, ToolButton, announce

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["KEYS_KEY", "KeyRow"]

KEYS_KEY = "keys.changed"
_BARE = (
    *(Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr),
    *(Qt.Key.Key_CapsLock, Qt.Key.Key_unknown),
)


class _Catch(PushButton):
    """Shows the keys; pressed, it waits for new ones. ``caught``: a shortcut, or a single key."""

    caught = Signal(str, bool)
    waiting = False

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", parent, small=True)

    def event(self, event: QEvent) -> bool:
        if self.waiting and event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            event.accept()
            if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                self._take(event)
            return True
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _BARE:
            return
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        chord = modifiers & (
            Qt.KeyboardModifier.ControlModifier
            | Qt.KeyboardModifier.AltModifier
            | Qt.KeyboardModifier.MetaModifier
        )
        if key == Qt.Key.Key_Escape and not chord:
            self.caught.emit("", False)
        elif chord or Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35:
            text = QKeySequence(QKeyCombination(modifiers, key)).toString()
            self.caught.emit(text, False)
        else:
            self.caught.emit(produced_key(event), True)


class KeyRow(QWidget):
    """One action with its keys."""

    def __init__(self, window: MainWindow, action: Action, parent: QWidget) -> None:
        super().__init__(parent)
        self._window, self.action = window, action
        self._asked: tuple[str, bool] | None = None
        self._title = PlainLabel(action.title, self)
        self._said = PlainLabel("", self, role="warn")
        self._said.hide()
        self.take = PushButton(self.tr("Use it here"), self, small=True)
        self.take.hide()
        self.catch = _Catch(self)
        self.none = ToolButton(
            "x", self.tr("No key for {action}").format(action=action.title), self, small=True
        )
        self.usual = ToolButton(
            "arrow-counter-clockwise",
            self.tr("Usual key for {action}").format(action=action.title),
            self,
            small=True,
        )
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._said)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 3, 0, 3)
        row.setSpacing(6)
        row.addLayout(words, 1)
        row.addWidget(self.take)
        row.addWidget(self.catch)
        row.addWidget(self.none)
        row.addWidget(self.usual)
        self.catch.clicked.connect(self._on_wait)
        self.catch.caught.connect(self.ask)
        self.take.clicked.connect(self._on_take)
        self.none.clicked.connect(self._on_none)
        self.usual.clicked.connect(self._on_usual)
        window.actions_.rebound.connect(self._tell)
        fonts.follow(self.catch, _medium)
        self._tell()

    def ask(self, key: str, single: bool) -> None:
        """A key was pressed: take it, or say whose it is."""
        self.catch.waiting = False
        self._asked = None
        self.take.hide()
        if not key:
            self._say("")
        elif not single and forbidden(key):
            self._say(self.tr("{key} types a character on many keyboards").format(key=native(key)))
        else:
            other = self._window.actions_.owner_of(key)
            if other is None or other is self.action:
                self._set(key, single)
            else:
                self._asked = (key, single)
                shown = shown_key(key) if single else native(key)
                self._say(self.tr("{key} belongs to {action}").format(key=shown, action=other.title))
                self.take.show()
                self.take.setFocus()
        self._tell()

    def _on_wait(self) -> None:
        self.catch.waiting = True
        self.catch.setText(self.tr("Press a key, Esc to leave"))
        self.catch.updateGeometry()

    def _on_take(self) -> None:
        if self._asked is not None:
            (key, single), self._asked = self._asked, None
            self._set(key, single)
        self.take.hide()
        self.catch.setFocus()

    def _on_none(self) -> None:
        self._rebind((), ())

    def _on_usual(self) -> None:
        self._rebind(*self.action.usual)

    def _set(self, key: str, single: bool) -> None:
        """A single key replaces the single keys, a shortcut the shortcuts."""
        if single:
            self._rebind(self.action.shortcuts, (key,))
        else:
            self._rebind((key,), self.action.keys)

    def _rebind(self, shortcuts: tuple[str, ...], keys: tuple[str, ...]) -> None:
        actions = self._window.actions_
        actions.rebind(self.action.id, shortcuts, keys)
        self._window.core.settings.set_text(KEYS_KEY, json.dumps(actions.changed_keys()))
        self._say("")

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))
        announce(self, text)

    def said(self) -> str:
        return self._said.text()

    def _tell(self) -> None:
        shown = "   ".join(self.action.caps())
        self.catch.setText(shown or self.tr("No key"))
        self.catch.setAccessibleName(
            self.tr("{action}: {keys}, press to change").format(
                action=self.action.title, keys=shown or self.tr("No key")
            )
        )
        self.catch.updateGeometry()
        self.usual.setVisible((self.action.shortcuts, self.action.keys) != self.action.usual)


def _medium() -> QFont:
    return fonts.list_font(500)
