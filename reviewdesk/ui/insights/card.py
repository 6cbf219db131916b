"""A card of the page: its title and n, the chart, and in its place on demand the table that says the same."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from reviewdesk.ui.insights.charts import Chart
from reviewdesk.ui.insights.table import Cell, FigureTable
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, PushButton

__all__ = ["Card"]

_MOST = 320
"""A table that would be higher scrolls, at 100 %."""


def _strong() -> QFont:
    return fonts.list_font(600)


class Card(QWidget):
    """``opened`` carries the search behind a part of it. What stands ``above`` the chart stands above the table too."""

    opened = Signal(str)

    def __init__(self, title: str, chart: Chart, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        # As wide as its column, whatever it says.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.chart = chart
        self._title = PlainLabel(title, self, font=_strong)
        self._called = title
        self._n = PlainLabel(parent=self, role="text-2")
        self.switch = PushButton(self.tr("as table"), self, kind="link", small=True)
        self.switch.clicked.connect(self._on_switch)
        self.table = FigureTable(self)
        self.note = PlainLabel(parent=self, role="text-2")
        self.note.hide()
        self._stack = QStackedWidget(self)
        self._stack.addWidget(chart)
        self._stack.addWidget(self.table)
        self._stack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._n)
        head.addStretch(1)
        head.addWidget(self.switch)
        self._head = head
        self._more: list[QWidget] = []
        self.above = QVBoxLayout()
        self.above.setSpacing(4)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(10)
        self._column.addLayout(head)
        self._below = False
        self._column.addLayout(self.above)
        self._column.addWidget(self._stack)
        self._column.addWidget(self.note)
        self._column.addStretch(1)
        chart.opened.connect(self.opened)
        self.table.opened.connect(self.opened)
        theme().changed.connect(self._fit)
        self.set_title(title, "")

    def add_to_head(self, widget: QWidget) -> None:
        """Right behind the title, as its last word."""
        self._head.insertWidget(1, widget)
        self._more.append(widget)

    def set_title(self, title: str, n: str, shown: str = "") -> None:
        """``n``: of how many reviews, and of which time. ``shown``: what is written where something else ends it."""
        self._title.setText(shown or title)
        self._called = title
        self._n.setText(n)
        self.chart.set_title(f"{title}, {n}" if n else title)
        self.table.setAccessibleName(f"{title}, {n}" if n else title)
        self._tell_switch()
        self._place_n()

    def _place_n(self) -> None:
        """Behind the title, or below it where both have no room: a figure never stands without its n."""
        wide = sum(each.sizeHint().width() + 8 for each in (self._title, self._n, self.switch, *self._more))
        below = self.width() > 0 and wide > self.width() - 40
        if below == self._below:
            return
        self._below = below
        if below:
            self._head.removeWidget(self._n)
            self._column.insertWidget(1, self._n)
        else:
            self._column.removeWidget(self._n)
            self._head.insertWidget(1 + len(self._more), self._n)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_n()

    def set_table(self, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """What the chart shows, in words and numbers."""
        self.table.fill(head, rows)
        self._fit()

    def set_note(self, text: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def set_dim(self, dim: bool) -> None:
        self.chart.set_dim(dim)
        self.table.set_dim(dim)
        self._n.set_role("text-off" if dim else "text-2")

    def is_table(self) -> bool:
        return self._stack.currentWidget() is self.table

    def in_order(self) -> tuple[QWidget, ...]:
        """What Tab goes through."""
        return (*self._more, self.switch, self.chart, self.table)

    def body(self) -> QWidget:
        """What is shown: the chart or the table."""
        return self.table if self.is_table() else self.chart

    def _on_switch(self) -> None:
        self._stack.setCurrentWidget(self.chart if self.is_table() else self.table)
        self._tell_switch()
        self._fit()
        # Who asked for the table wants to read it.
        self.body().setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell_switch(self) -> None:
        words = self.tr("as chart") if self.is_table() else self.tr("as table")
        self.switch.setText(words)
        self.switch.setAccessibleName(f"{self._called}: {words}")
        self.switch.updateGeometry()

    def _fit(self) -> None:
        high = self.chart.sizeHint().height()
        if self.is_table():
            high = min(self.table.wanted_height(), metrics.icon_size(_MOST))
        self._stack.setFixedHeight(high)
        self._place_n()
        self._column.setContentsMargins(20, 16, 20, 16)
