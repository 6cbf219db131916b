"""Saying something to a screen reader without moving the focus."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

__all__ = ["announce"]


def announce(widget: QWidget, text: str) -> None:
    """Read ``text`` out once. Nothing happens where no screen reader listens."""
    if not text:
        return
    # Here and not above: the roles and events of accessibility take some milliseconds of a start to load.
    from PySide6.QtGui import QAccessible

    if not QAccessible.isActive():
        return
    try:
        from PySide6.QtGui import QAccessibleAnnouncementEvent
    except ImportError:  # Qt before 6.8
        return
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
