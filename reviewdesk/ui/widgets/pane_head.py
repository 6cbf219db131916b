"""The head of a pane: its title, how many there are, and buttons at the end."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QWidget

from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets.label import PlainLabel

__all__ = ["PaneHead"]


def _title_font() -> QFont:
    return fonts.body_font(600)


class PaneHead(QWidget):
    """As high as every head, with a line below. Without a title it holds what is added only."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("panehead")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._fit()
        theme().changed.connect(self._fit)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 0, 12, 1)
        self._row.setSpacing(8)
        self._count = PlainLabel(parent=self, role="text-3")
        if title:
            self._row.addWidget(PlainLabel(title, self, font=_title_font))
            self._row.addWidget(self._count, 1)
        else:
            self._count.hide()

    def _fit(self) -> None:
        self.setFixedHeight(metrics.pane_head_height())

    def set_count(self, words: str) -> None:
        self._count.setText(words)

    def add(self, *widgets: QWidget, stretch: int = 0) -> None:
        """At the end, in the order given."""
        for widget in widgets:
            self._row.addWidget(widget, stretch)
