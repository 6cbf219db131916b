"""The keys that every list has. Letters are actions of the window: they can be bound otherwise and switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

if TYPE_CHECKING:
    from reviewdesk.ui.inbox.view import InboxView

__all__ = ["handle_key"]


def handle_key(view: InboxView, event: QKeyEvent) -> bool:
    """Whether the list knows this key; what it does not know is the window's."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    shift = modifiers == Qt.KeyboardModifier.ShiftModifier
    if modifiers == Qt.KeyboardModifier.ControlModifier:
        return _handle_ctrl(view, event.key())
    if modifiers != Qt.KeyboardModifier.NoModifier and not shift:
        return False
    key = event.key()
    if key == Qt.Key.Key_Down:
        view.step(1, extend=shift)
    elif key == Qt.Key.Key_Up:
        view.step(-1, extend=shift)
    elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and not shift:
        line = view.next_line(-1, 1 if key == Qt.Key.Key_Home else -1)
        if line >= 0:
            view.go(line)
        if key == Qt.Key.Key_Home:
            view.verticalScrollBar().setValue(0)
    elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) and not shift:
        view.page(1 if key == Qt.Key.Key_PageDown else -1)
    elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not shift:
        view.set_group_folded((key == Qt.Key.Key_Left) != view.isRightToLeft())
    elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shift:
        view.open_current()
    elif key == Qt.Key.Key_Escape and view.is_several():
        view.clear_checks()
    else:
        return False
    return True


def _handle_ctrl(view: InboxView, key: int) -> bool:
    if key == Qt.Key.Key_A:
        view.select_everything()
    elif key == Qt.Key.Key_Space:
        view.toggle_current()
    else:
        return False
    return True
