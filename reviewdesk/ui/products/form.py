"""What is asked for a source's catalogue: a new product, a picture, or whether to take a product out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import PlainLabel, PushButton, announce
from reviewdesk.ui.widgets.buttons import key_text

__all__ = ["CatalogueForm"]


def _medium() -> QFont:
    return fonts.list_font(500)


class CatalogueForm(QWidget):
    """``given`` carries the values by key, ``left`` that nothing is wanted."""

    given = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._edits: dict[str, QLineEdit] = {}
        self._title = PlainLabel(parent=self, font=fonts.title_font, wrap=True)
        self._line = PlainLabel(parent=self, role="text-2", wrap=True)
        self._problem = PlainLabel(parent=self, role="fail", wrap=True)
        self._problem.hide()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(4)
        self.go = PushButton("", self, kind="primary", cap=key_text("Ctrl+Return"))
        self.cancel = PushButton(self.tr("Cancel"), self)
        self.go.clicked.connect(self._on_go)
        self.cancel.clicked.connect(self.left)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.go)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._line)
        column.addSpacing(12)
        column.addLayout(self._grid)
        column.addWidget(self._problem)
        column.addSpacing(12)
        column.addLayout(row)
        column.addStretch(1)
        inner = QWidget(self)
        inner.setLayout(column)
        inner.setMaximumWidth(metrics.icon_size(680))
        across = QHBoxLayout(self)
        across.setContentsMargins(22, 22, 22, 22)
        across.addStretch(1)
        across.addWidget(inner, 100)
        across.addStretch(1)

    def ask(self, title: str, line: str, go: str, fields: Sequence[tuple[str, str, bool]]) -> None:
        """``fields``: key, label, needed."""
        self._title.setText(title)
        self._line.setText(line)
        self.go.setText(go)
        self._problem.hide()
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._edits = {}
        for place, (key, label, needed) in enumerate(fields):
            words = self.tr("{label} (required)").format(label=label) if needed else label
            edit = QLineEdit(self)
            edit.setObjectName(key)
            edit.setAccessibleName(words)
            name = PlainLabel(words, self, font=_medium)
            name.setBuddy(edit)
            row, side = (place // 2) * 3, place % 2
            self._grid.addWidget(name, row, side)
            self._grid.addWidget(edit, row + 1, side)
            self._grid.setRowMinimumHeight(row + 2, 8)
            self._edits[key] = edit
        first: QWidget = next(iter(self._edits.values()), self.go)
        first.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, title)

    def edit(self, key: str) -> QLineEdit:
        """The field of that key. Raises KeyError."""
        return self._edits[key]

    def show_problem(self, words: str) -> None:
        """Say what can't be right, at the form."""
        self._problem.setText(words)
        self._problem.show()
        announce(self, words)

    def _on_go(self) -> None:
        self._problem.hide()
        self.given.emit({key: edit.text().strip() for key, edit in self._edits.items()})

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_go()
        else:
            super().keyPressEvent(event)
