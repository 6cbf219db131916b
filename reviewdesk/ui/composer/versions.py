"""The menu of a draft's earlier texts."""

from __future__ import annotations

from collections import Counter
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from reviewdesk.domain.text import one_line
from reviewdesk.ui.reading.words import short_when

__all__ = ["VersionsMenu", "difference"]

MOST = 20


def difference(before: str, now: str) -> tuple[int, int]:
    """How many words ``before`` has beyond ``now``, and how many it lacks."""
    old, new = Counter(before.split()), Counter(now.split())
    return sum((old - new).values()), sum((new - old).values())


class VersionsMenu(QMenu):
    """Each earlier text with its time, how it differs and its first words; ``chosen`` carries the whole of one."""

    chosen = Signal(str)

    def __init__(self, versions: list[Any], now: float, parent: QWidget, *, present: str = "") -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for version in versions[:MOST]:
            # An ampersand would be taken for a key of the menu.
            words = one_line(version.text, 48).replace("&", "&&")
            more, less = difference(version.text, present)
            change = self.tr("as now") if not (more or less) else self.tr("+{more} −{less} words")
            change = change.format(more=more, less=less)
            action = self.addAction(f"{short_when(version.at, now)}   {change}   {words}")
            action.setData(version.text)
            action.triggered.connect(self._on_chosen)
        if not versions:
            self.addAction(self.tr("No earlier version yet")).setEnabled(False)

    def _on_chosen(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.chosen.emit(action.data())
