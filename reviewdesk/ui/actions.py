"""Everything a person can do, by id: words, shortcuts, single keys, and why it can't be done just now.

Menus, buttons and keys all go through here. Rules (features.md 4.13): never Alt+letter (it types characters on many
keyboards) and never Ctrl+Alt+letter (that is AltGr); single keys act only while a zone (list, reading pane) has the
focus, and are matched by the character they produce, so that they work on every keyboard layout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from reviewdesk.ui.theme import icons

__all__ = ["Action", "Actions", "is_text_field", "produced_key"]

SEQUENCE_MS = 1500
"""How long the second key of a sequence (g then r) may take."""

_NAMED_KEYS = {
    Qt.Key.Key_Space: "Space",
    Qt.Key.Key_Return: "Enter",
    Qt.Key.Key_Enter: "Enter",
    Qt.Key.Key_Escape: "Esc",
    Qt.Key.Key_Delete: "Del",
}


@dataclass(slots=True)
class Action:
    """One thing to do. ``keys`` are single keys or sequences: ``e``, ``E`` (with Shift), ``Space``, ``g i``."""

    id: str
    title: str
    callback: Callable[[], object]
    shortcuts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False
    qt: QAction = field(default=None, repr=False)  # type: ignore[assignment]
    reason: str | None = None

    @property
    def cap(self) -> str:
        """The key to show on a button: the single key, or the shortcut where there is none."""
        if self.keys:
            return shown_key(self.keys[0])
        if self.shortcuts:
            return QKeySequence(self.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText)
        return ""


def shown_key(key: str) -> str:
    """``e`` as ``E``, ``E`` as ``Shift E``, ``g i`` as ``G I``: what is printed on the keys."""
    if " " in key:
        return " ".join(shown_key(part) for part in key.split(" "))
    if len(key) == 1 and key.isalpha():
        return key.upper() if key.islower() else f"Shift {key}"
    return key.replace("Shift+", "Shift ")


def produced_key(event: QKeyEvent) -> str:
    """A key press in the words of ``Action.keys``; empty for chords with Ctrl, Alt or Meta and for bare modifiers."""
    modifiers = event.modifiers()
    chord = (
        Qt.KeyboardModifier.ControlModifier
        | Qt.KeyboardModifier.AltModifier
        | Qt.KeyboardModifier.MetaModifier
    )
    if modifiers & chord:
        return ""
    named = _NAMED_KEYS.get(Qt.Key(event.key()))
    if named is not None:
        return f"Shift+{named}" if modifiers & Qt.KeyboardModifier.ShiftModifier else named
    text = event.text()
    return text if len(text) == 1 and text.isprintable() else ""


def is_text_field(widget: QWidget | None) -> bool:
    """Whether keys typed there are text."""
    if widget is None:
        return False
    if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit):
        return not widget.isReadOnly()
    return isinstance(widget, QAbstractSpinBox | QComboBox)


class Actions(QObject):
    """The registry of one window. ``hint`` carries the keys that may follow a begun sequence, or nothing."""

    hint = Signal(list)
    refused = Signal(str)
    triggered = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._all: dict[str, Action] = {}
        self._by_key: dict[str, str] = {}
        self._zones: list[QWidget] = []
        self._watched: QWidget | None = None
        self._begun = ""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(SEQUENCE_MS)
        self._patience.timeout.connect(self._forget_sequence)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)

    # --- the registry ----------------------------------------------------------------------------

    def add(
        self,
        name: str,
        title: str,
        callback: Callable[[], object],
        *,
        shortcuts: Iterable[str] = (),
        keys: Iterable[str] = (),
        icon: str = "",
        checkable: bool = False,
    ) -> Action:
        """Add an action. Raises ValueError for an id or a key that is taken."""
        if name in self._all:
            raise ValueError(f"there is an action {name} already")
        action = Action(name, title, callback, tuple(shortcuts), tuple(keys), icon, checkable)
        for key in action.keys:
            if key in self._by_key:
                raise ValueError(f"{key} belongs to {self._by_key[key]}")
            self._by_key[key] = name
        qt = QAction(title, self)
        qt.setObjectName(name)
        qt.setCheckable(checkable)
        qt.setShortcuts([QKeySequence(s) for s in action.shortcuts])
        qt.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        qt.setMenuRole(QAction.MenuRole.NoRole)
        qt.setIconVisibleInMenu(bool(icon))
        if icon:
            qt.setIcon(icons.icon(icon))
        if action.keys and not action.shortcuts:
            # Behind the tab Qt shows it in the shortcut column without making it a shortcut.
            qt.setText(f"{title}\t{shown_key(action.keys[0])}")
        qt.triggered.connect(self._on_triggered)
        action.qt = qt
        self._window.addAction(qt)
        self._all[name] = action
        return action

    def __contains__(self, name: object) -> bool:
        return name in self._all

    def __getitem__(self, name: str) -> Action:
        return self._all[name]

    def all(self) -> tuple[Action, ...]:
        return tuple(self._all.values())

    def set_reason(self, name: str, reason: str | None) -> None:
        """Switch an action off with the sentence that says why, or on with None. Unknown ids are ignored."""
        action = self._all.get(name)
        if action is None or action.reason == reason:
            return
        action.reason = reason
        # The shortcut must still answer with the reason, so the QAction itself stays enabled unless in a menu.
        action.qt.setProperty("off", bool(reason))
        action.qt.setToolTip(reason or action.title)
        action.qt.setStatusTip(reason or "")

    def trigger(self, name: str) -> bool:
        """Do it, or say why not. False when it was off."""
        action = self._all[name]
        if action.reason is not None:
            self.refused.emit(action.reason)
            return False
        action.callback()
        self.triggered.emit(name)
        return True

    def menu(self, menu: QMenu, names: Iterable[str]) -> QMenu:
        """Fill a menu; an empty string is a separator, ids that do not exist are left out."""
        menu.setToolTipsVisible(True)
        for name in names:
            if not name:
                if menu.actions() and not menu.actions()[-1].isSeparator():
                    menu.addSeparator()
            elif name in self._all:
                menu.addAction(self._all[name].qt)
        menu.aboutToShow.connect(self._before_menu)
        menu.aboutToHide.connect(self._after_menu)
        return menu

    def _before_menu(self) -> None:
        menu = self.sender()
        for qt in menu.actions() if isinstance(menu, QMenu) else ():
            qt.setEnabled(not qt.property("off"))

    def _after_menu(self) -> None:
        menu = self.sender()
        for qt in menu.actions() if isinstance(menu, QMenu) else ():
            qt.setEnabled(True)

    def _on_triggered(self) -> None:
        self.trigger(self.sender().objectName())

    # --- single keys -----------------------------------------------------------------------------

    def add_zone(self, zone: QWidget) -> None:
        """Single keys act while ``zone`` or anything inside it (that is no text field) has the focus."""
        self._zones.append(zone)
        self._on_focus(None, QApplication.focusWidget())

    def in_zone(self, widget: QWidget | None) -> bool:
        return widget is not None and any(
            isValid(zone) and (zone is widget or zone.isAncestorOf(widget)) for zone in self._zones
        )

    def _on_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = None
        self._forget_sequence()
        if now is not None and self.in_zone(now) and not is_text_field(now):
            self._watched = now
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = produced_key(event)
        if key in ("Space", "Shift+Space", "Enter") and isinstance(watched, QAbstractButton):
            # A button with the focus is pressed by them.
            return False
        if not key or is_text_field(watched if isinstance(watched, QWidget) else None):
            return False
        wanted = f"{self._begun} {key}" if self._begun else key
        return self.press(wanted)

    def press(self, wanted: str) -> bool:
        """A single key or the whole of a sequence so far; true when it meant something."""
        was_sequence = " " in wanted
        name = self._by_key.get(wanted)
        if name is not None:
            self._forget_sequence()
            self.trigger(name)
            return True
        following = [k for k in self._by_key if k.startswith(wanted + " ")]
        if following:
            self._begun = wanted
            self._patience.start()
            self.hint.emit(
                [(shown_key(k.split(" ")[-1]), self._all[self._by_key[k]].title) for k in following]
            )
            return True
        self._forget_sequence()
        # A wrong second key is swallowed: it must not act as something else.
        return was_sequence

    def _forget_sequence(self) -> None:
        self._patience.stop()
        if self._begun:
            self._begun = ""
            self.hint.emit([])
