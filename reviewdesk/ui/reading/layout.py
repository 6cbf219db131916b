"""How the parts of the reading pane stand under each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSizePolicy, QSpacerItem, QVBoxLayout, QWidget

from reviewdesk.ui.reading.column import column_of

__all__ = ["ScrollColumn", "Spaced", "set_gap", "show_part"]

TOP = 24
"""Above the score row, so that its badges (20) end where a row of 22 would."""


class ScrollColumn(QWidget):
    """The content of the scroll area: a column of fixed width at the place that ``column_of`` gives it. A scroll bar
    that comes or goes takes from the space behind the column, so that no text is laid out again."""

    def __init__(self) -> None:
        super().__init__()
        self._pane: QWidget = self
        self.setObjectName("read")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._lead = QSpacerItem(0, 0, QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Minimum)
        self._inner = QWidget(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addItem(self._lead)
        row.addWidget(self._inner)
        row.addStretch(1)
        self.column = QVBoxLayout(self._inner)
        self.column.setContentsMargins(0, TOP, 0, 24)
        self.column.setSpacing(0)
        self._still = 0

    def set_pane(self, pane: QWidget) -> None:
        """In whose width the column has its place."""
        self._pane = pane

    @contextmanager
    def still(self, *inner: QLayout) -> Iterator[None]:
        """Lay out once at the end: without this every part that is shown or hidden lays out all of them again."""
        own = self.layout()
        layouts = [*inner, self.column, *([own] if own is not None else [])]
        self._still += 1
        for layout in layouts:
            layout.setEnabled(False)
        try:
            yield
        finally:
            self._still -= 1
            if not self._still:
                for layout in layouts:
                    layout.setEnabled(True)
                    layout.invalidate()
                for layout in layouts:
                    layout.activate()

    def fit(self) -> None:
        left, wide = column_of(self._pane.width())
        if self._lead.sizeHint().width() != left or self._inner.width() != wide:
            self._lead.changeSize(left, 0, QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Minimum)
            self._inner.setFixedWidth(wide)
            layout = self.layout()
            if layout is not None:
                layout.invalidate()


class Spaced(QWidget):
    """A part with the gap before it, so that a hidden part takes its gap along."""

    def __init__(self, part: QWidget, gap: int) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, gap, 0, 0)
        column.setSpacing(0)
        column.addWidget(part)


def set_gap(part: QWidget, gap: int) -> None:
    """Another gap before a part that stands in a ``Spaced``."""
    holder = part.parentWidget()
    layout = holder.layout() if isinstance(holder, Spaced) else None
    if layout is not None:
        layout.setContentsMargins(0, gap, 0, 0)


def show_part(part: QWidget, visible: bool) -> None:
    """Show or hide a part together with the gap before it."""
    holder = part.parentWidget()
    if isinstance(holder, Spaced):
        holder.setVisible(visible)
    part.setVisible(visible)
