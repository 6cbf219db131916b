"""What program this is."""

from __future__ import annotations

import platform

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QVBoxLayout, QWidget

from reviewdesk import __version__
from reviewdesk.ui.widgets import PlainLabel

__all__ = ["About"]


class About(QWidget):
    """Name and version, one sentence, and what it runs on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(4)
        for text, role in (
            (f"Reviewdesk {__version__}", "text"),
            (self.tr("One calm inbox for customer reviews. Everything is kept on this computer."), "text-2"),
            (f"Qt {qVersion()}, Python {platform.python_version()}, {platform.system()}", "text-3"),
        ):
            column.addWidget(PlainLabel(text, self, role=role, wrap=True))
