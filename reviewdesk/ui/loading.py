"""Loads Qt's binding, and keeps it from looking at more than it has to.

From its import on, ``PySide6`` reads the source of every module that is imported and looks for the word "PySide6" in
it, because a module might ask for ``from __feature__ import``: 40 ms of a start. None of ours asks.

This is an internal of the binding: where it is not as expected, everything stays as the binding made it.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractScrollArea, QWidget

__all__ = ["load", "viewport_of"]


def load() -> None:
    """Import the binding; afterwards ``import`` is what it was before the binding looked at modules. GUI thread."""
    import PySide6.QtCore  # noqa: F401

    own = builtins.__dict__
    if "__orig_import__" in own and own["__import__"] is own.get("__feature_import__"):
        own["__import__"] = own["__orig_import__"]


def viewport_of(area: QAbstractScrollArea) -> QWidget:
    """The viewport of ``area``, which has to keep what this returns: then ``viewport()`` is the same object.

    Asked for with ``viewport()`` first, the binding looks at every kind of widget there is for the closest one, and
    makes their enumerations: 25 ms. Looked for by its name, it takes the class that Qt names.
    """
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QWidget

    found: QWidget | None = area.findChild(
        QWidget, "qt_scrollarea_viewport", Qt.FindChildOption.FindDirectChildrenOnly
    )
    return area.viewport() if found is None else found
