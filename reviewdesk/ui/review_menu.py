"""What the head of the reading pane asks the window for: reporting, and the menu of all that can be done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt

from reviewdesk.ui.widgets import set_off

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["add_to"]


def add_to(window: MainWindow) -> None:
    """Wires the two buttons. After the room that adds the report."""
    head = window.reading.head
    head.flag_wanted.connect(partial(window.actions_.trigger, "flag"))
    head.more_wanted.connect(partial(_open, window))
    window.telling.add_reasons(partial(_tell_reason, window))


def _tell_reason(window: MainWindow, _none: str | None) -> None:
    set_off(window.reading.head.flag, window.actions_["flag"].reason)


def _open(window: MainWindow) -> None:
    button = window.reading.head.more
    menu = window.menus.context(window)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    mirrored = window.layoutDirection() == Qt.LayoutDirection.RightToLeft
    corner = button.rect().bottomRight() - QPoint(menu.sizeHint().width(), -2)
    menu.popup(button.mapToGlobal(corner if mirrored else button.rect().bottomLeft() + QPoint(0, 2)))
