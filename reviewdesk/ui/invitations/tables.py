"""A table of words with heads, read row by row by screen readers; the current row stays the current one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from reviewdesk.ui.theme import fonts, metrics, theme

__all__ = ["WordsTable"]

Index = QModelIndex | QPersistentModelIndex


class _Table(QAbstractTableModel):
    """Rows of words; ``keys`` are what a row stands for."""

    def __init__(self, heads: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._heads = tuple(heads)
        self._rows: list[tuple[str, ...]] = []
        self._keys: list[Any] = []

    def set_rows(self, rows: Sequence[tuple[Any, tuple[str, ...]]]) -> None:
        keys, words = [k for k, _ in rows], [w for _, w in rows]
        if len(keys) == len(self._keys) and [_id(k) for k in keys] == [_id(k) for k in self._keys]:
            self._keys, self._rows = keys, words
            if words:
                self.dataChanged.emit(self.index(0, 0), self.index(len(words) - 1, len(self._heads) - 1))
            return
        self.beginResetModel()
        self._keys, self._rows = keys, words
        self.endResetModel()

    def key(self, index: Index) -> Any:
        return self._keys[index.row()] if index.isValid() and index.row() < len(self._keys) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._heads)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            pairs = zip(self._heads, self._rows[index.row()], strict=True)
            return ", ".join(f"{head} {words}" for head, words in pairs if words)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        return None


def _id(key: Any) -> object:
    return getattr(key, "id", key)


class WordsTable(QTableView):
    """``current`` is what the current row stands for, or None."""

    def __init__(self, heads: Sequence[str], name: str, parent: QWidget, widths: Sequence[int]) -> None:
        super().__init__(parent)
        self.table = _Table(heads, self)
        self.setModel(self.table)
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)
        # The words of the head begin where those of the cells do.
        self.horizontalHeader().setStyleSheet("QHeaderView::section { padding: 0 10px 0 5px; }")
        for column, width in enumerate(widths):
            self.horizontalHeader().resizeSection(column, width)
        self._scale = 1.0
        fonts.follow(self, _tabular)
        theme().changed.connect(self._on_theme)
        self._on_theme()

    def current(self) -> Any:
        return self.table.key(self.currentIndex())

    def set_rows(self, rows: Sequence[tuple[Any, tuple[str, ...]]]) -> None:
        before = _id(self.current())
        self.table.set_rows(rows)
        place = next((i for i, (key, _) in enumerate(rows) if _id(key) == before), 0)
        if rows:
            self.setCurrentIndex(self.table.index(place, 0))

    def _on_theme(self) -> None:
        self.verticalHeader().setDefaultSectionSize(metrics.table_row_height())
        if theme().scale == self._scale:
            return
        # Columns grow with the text, from the widths somebody gave them meanwhile.
        factor, self._scale = theme().scale / self._scale, theme().scale
        head = self.horizontalHeader()
        for column in range(head.count() - 1):
            head.resizeSection(column, round(head.sectionSize(column) * factor))


def _tabular() -> QFont:
    return fonts.list_font(tabular=True)
