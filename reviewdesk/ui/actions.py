"""Everything a person can do, by id: words, shortcuts, single keys, and why it can't be done just now.

Menus, buttons and keys all go through here. Rules (features.md 4.13): never Alt+letter (it types characters on many
keyboards) and never Ctrl+Alt+letter (that is AltGr); single keys act only while a zone (list, reading pane) has the
focus, and are matched by the character they produce, so that they work on every keyboard layout. A widget in a zone
that does something by such a key itself names it in ``OWN_KEYS``: there the key is the widget's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import field

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

from reviewdesk.domain.plain import dataclass
from reviewdesk.ui.theme import icons

__all__ = ["Action", "Actions", "forbidden", "is_text_field", "native", "produced_key", "shown_key"]

SEQUENCE_MS = 1500
"""How long the second key of a sequence (g then r) may take."""

_NAMED_KEYS = {
    Qt.Key.Key_Space: "Space",
    Qt.Key.Key_Return: "Enter",
    Qt.Key.Key_Enter: "Enter",
    Qt.Key.Key_Escape: "Esc",
    Qt.Key.Key_Delete: "Del",
    Qt.Key.Key_Backspace: "Backspace",
    Qt.Key.Key_Insert: "Ins",
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
    group: str = ""
    """Under which head the cheat sheet lists it."""
    also: tuple[str, ...] = ()
    """Other words that the palette finds it by."""
    qt: QAction = field(default=None, repr=False)  # type: ignore[assignment]
    reason: str | None = None
    usual: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """Shortcuts and keys as they are before anybody changes them."""

    @property
    def cap(self) -> str:
        """The key to show on a button: the single key, or the shortcut where there is none."""
        if self.keys:
            return shown_key(self.keys[0])
        if self.shortcuts:
            return native(self.shortcuts[0])
        return ""

    def caps(self, *, single: bool = True) -> tuple[str, ...]:
        """Every key of it as it is printed; without the single keys when they are switched off."""
        shown = [shown_key(key) for key in self.keys] if single else []
        return tuple(shown + [native(shortcut) for shortcut in self.shortcuts])


def native(shortcut: str) -> str:
    """``Ctrl+K`` as this system writes it."""
    return (
        QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText).replace("+", " ") or shortcut
    )


def forbidden(shortcut: str) -> bool:
    """Alt with a letter and Ctrl+Alt with a letter type characters on many keyboards: never a shortcut."""
    keys = shortcut.split("+")
    return "Alt" in keys[:-1] and len(keys[-1]) == 1


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
    rebound = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._all: dict[str, Action] = {}
        self._before: dict[str, str | None] | None = None
        self._by_key: dict[str, str] = {}
        self._zones: list[tuple[QWidget, Callable[[str], bool] | None]] = []
        self._allowed: Callable[[str], bool] | None = None
        self._watched: QWidget | None = None
        self._begun = ""
        self._single_keys = True
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
        group: str = "",
        also: Iterable[str] = (),
    ) -> Action:
        """Add an action. Raises ValueError for an id or a key that is taken."""
        if name in self._all:
            raise ValueError(f"there is an action {name} already")
        action = Action(
            name, title, callback, tuple(shortcuts), tuple(keys), icon, checkable, group, tuple(also)
        )
        action.usual = (action.shortcuts, action.keys)
        for key in action.keys:
            if key in self._by_key:
                raise ValueError(f"{key} belongs to {self._by_key[key]}")
            self._by_key[key] = name
        qt = QAction(title, self)
        qt.setObjectName(name)
        qt.setCheckable(checkable)
        qt.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        qt.setMenuRole(QAction.MenuRole.NoRole)
        qt.setIconVisibleInMenu(bool(icon))
        if icon:
            qt.setIcon(icons.icon(icon))
        qt.triggered.connect(self._on_triggered)
        action.qt = qt
        self._dress(action)
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
        if self._before is not None:
            self._before.setdefault(name, action.reason)
            action.reason = reason
            return
        action.reason = reason
        self._show_reason(action)

    @contextmanager
    def reasons_together(self) -> Iterator[None]:
        """Reasons that are set meanwhile are shown at the end, those that are the same again not at all: each change of
        a QAction is told to the window, its menu and its shortcut."""
        if self._before is not None:
            yield
            return
        self._before = {}
        try:
            yield
        finally:
            before, self._before = self._before, None
            for name, reason in before.items():
                action = self._all.get(name)
                if action is not None and action.reason != reason:
                    self._show_reason(action)

    @staticmethod
    def _show_reason(action: Action) -> None:
        reason = action.reason
        # The shortcut must still answer with the reason, so the QAction itself stays enabled unless in a menu.
        action.qt.setProperty("off", bool(reason))
        action.qt.setToolTip(reason or action.title)

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

    # --- other keys ------------------------------------------------------------------------------

    @property
    def single_keys(self) -> bool:
        """Whether single keys act at all."""
        return self._single_keys

    def set_single_keys(self, on: bool) -> None:
        if on == self._single_keys:
            return
        self._single_keys = on
        self._forget_sequence()
        for action in self._all.values():
            self._dress(action)
        self.rebound.emit()

    def owner_of(self, key: str) -> Action | None:
        """Who has a shortcut (``Ctrl+K``), a single key or a sequence, or the beginning of one."""
        wanted = QKeySequence(key).toString() if "+" in key or (key[:1] == "F" and key[1:].isdigit()) else ""
        for action in self._all.values():
            if wanted and any(QKeySequence(s).toString() == wanted for s in action.shortcuts):
                return action
            if not wanted and any(
                k == key or k.startswith(key + " ") or key.startswith(k + " ") for k in action.keys
            ):
                return action
        return None

    def rebind(self, name: str, shortcuts: Iterable[str], keys: Iterable[str]) -> None:
        """Give an action other keys, which are taken from whoever has them. Raises ValueError for a forbidden one."""
        shortcuts, keys = tuple(shortcuts), tuple(keys)
        bad = next((s for s in shortcuts if forbidden(s)), None)
        if bad is not None:
            raise ValueError(f"{bad} types a character on many keyboards")
        mine = self._all[name]
        for key in (*shortcuts, *keys):
            while (other := self.owner_of(key)) is not None and other is not mine:
                same = QKeySequence(key).toString()
                other.shortcuts = tuple(
                    s for s in other.shortcuts if key not in shortcuts or QKeySequence(s).toString() != same
                )
                other.keys = tuple(
                    k
                    for k in other.keys
                    if key in shortcuts
                    or not (k == key or k.startswith(key + " ") or key.startswith(k + " "))
                )
                self._dress(other)
        mine.shortcuts, mine.keys = shortcuts, keys
        self._dress(mine)
        self._by_key = {key: action.id for action in self._all.values() for key in action.keys}
        self._forget_sequence()
        self.rebound.emit()

    def changed_keys(self) -> dict[str, list[list[str]]]:
        """What differs from the usual keys, to be kept: id to (shortcuts, keys)."""
        return {
            action.id: [list(action.shortcuts), list(action.keys)]
            for action in self._all.values()
            if (action.shortcuts, action.keys) != action.usual
        }

    def restore_keys(self, kept: object) -> None:
        """Take over what ``changed_keys`` gave; whatever makes no sense is left at its usual keys."""
        for action in self._all.values():
            action.shortcuts, action.keys = action.usual
        wanted: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []
        for name, value in kept.items() if isinstance(kept, dict) else ():
            fits = (
                name in self._all
                and isinstance(value, list)
                and len(value) == 2
                and all(isinstance(part, list) and all(isinstance(k, str) for k in part) for part in value)
            )
            if fits and not any(forbidden(s) for s in value[0]):
                wanted.append((name, tuple(value[0]), tuple(value[1])))
        # First everybody gives up what was taken, then each gets what is its own.
        for name, *_ in wanted:
            self._all[name].shortcuts, self._all[name].keys = (), ()
        self._by_key = {key: action.id for action in self._all.values() for key in action.keys}
        for name, shortcuts, keys in wanted:
            self.rebind(name, shortcuts, keys)
        for action in self._all.values():
            self._dress(action)
        self.rebound.emit()

    def _dress(self, action: Action) -> None:
        """Tell Qt the shortcuts; a single key stands in the menus without being one."""
        action.qt.setShortcuts([QKeySequence(s) for s in action.shortcuts])
        text = action.title
        if action.keys and not action.shortcuts and self._single_keys:
            # Behind the tab Qt shows it in the shortcut column.
            text = f"{action.title}\t{shown_key(action.keys[0])}"
        action.qt.setText(text)

    # --- single keys -----------------------------------------------------------------------------

    def add_zone(self, zone: QWidget, allowed: Callable[[str], bool] | None = None) -> None:
        """Single keys act while ``zone`` or anything inside it (that is no text field) has the focus.

        ``allowed`` answers for an id whether its keys act there; without it all do.
        """
        self._zones.append((zone, allowed))
        self._on_focus(None, QApplication.focusWidget())

    def in_zone(self, widget: QWidget | None) -> bool:
        return self._zone_of(widget) is not None

    def _zone_of(self, widget: QWidget | None) -> tuple[QWidget, Callable[[str], bool] | None] | None:
        if widget is None:
            return None
        return next(
            (
                (zone, allowed)
                for zone, allowed in self._zones
                if isValid(zone) and (zone is widget or zone.isAncestorOf(widget))
            ),
            None,
        )

    def _on_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = None
        self._forget_sequence()
        zone = self._zone_of(now)
        if now is not None and zone is not None and not is_text_field(now):
            self._watched, self._allowed = now, zone[1]
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if not self._single_keys:
            return False
        key = produced_key(event)
        if key in ("Space", "Shift+Space", "Enter") and isinstance(watched, QAbstractButton):
            # A button with the focus is pressed by them.
            return False
        if key in getattr(watched, "OWN_KEYS", ()):
            return False
        if not key or is_text_field(watched if isinstance(watched, QWidget) else None):
            return False
        wanted = f"{self._begun} {key}" if self._begun else key
        return self.press(wanted)

    def press(self, wanted: str) -> bool:
        """A single key or the whole of a sequence so far; true when it meant something."""
        was_sequence = " " in wanted
        keys = {k: n for k, n in self._by_key.items() if self._allowed is None or self._allowed(n)}
        name = keys.get(wanted)
        if name is not None:
            self._forget_sequence()
            self.trigger(name)
            return True
        following = [k for k in keys if k.startswith(wanted + " ")]
        if following:
            self._begun = wanted
            self._patience.start()
            self.hint.emit([(shown_key(k.split(" ")[-1]), self._all[keys[k]].title) for k in following])
            return True
        self._forget_sequence()
        # A wrong second key is swallowed: it must not act as something else.
        return was_sequence

    def _forget_sequence(self) -> None:
        self._patience.stop()
        if self._begun:
            self._begun = ""
            self.hint.emit([])
