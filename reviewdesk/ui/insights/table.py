"""The table that says the same as a chart: for the keyboard and for screen readers, every number a door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from reviewdesk.services.insights import Door
from reviewdesk.ui.insights import words
from reviewdesk.ui.theme import metrics, theme
from reviewdesk.ui.widgets import plain_tip

__all__ = ["Cell", "FigureTable", "counted"]

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Cell:
    """``door``: where Enter leads to from here; None: to where the row's first door does."""

    text: str
    door: Door | None = None


def counted(door: Door) -> Cell:
    """A number of reviews."""
    return Cell(words.count(door.n), door)


class _Model(QAbstractTableModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.head: tuple[str, ...] = ()
        self.rows: tuple[tuple[Cell, ...], ...] = ()
        self.dim = False

    def fill(self, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        made = tuple(tuple(row) for row in rows)
        if (tuple(head), len(made)) == (self.head, len(self.rows)):
            # Only figures changed: whoever reads the table stays where they are.
            self.rows = made
            if made:
                self.dataChanged.emit(self.index(0, 0), self.index(len(made) - 1, len(self.head) - 1))
            return
        self.beginResetModel()
        self.head, self.rows = tuple(head), made
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.head)

    def cell(self, index: Index) -> Cell | None:
        return self.rows[index.row()][index.column()] if index.isValid() else None

    def door(self, index: Index) -> Door | None:
        cell = self.cell(index)
        if cell is None or cell.door is not None:
            return cell.door if cell is not None else None
        return next((each.door for each in self.rows[index.row()] if each.door is not None), None)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        cell = self.cell(index)
        if cell is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.rows[index.row()][0].text}, {self.head[index.column()]}: {cell.text}"
        if role == Qt.ItemDataRole.ForegroundRole and self.dim:
            return theme().colour("text-off")
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(cell.text)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if index.column() == 0 else Qt.AlignmentFlag.AlignRight
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.head):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.head[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == 0 else Qt.AlignmentFlag.AlignRight
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None


class _Delegate(QStyledItemDelegate):
    """Without the focus nothing is marked: several tables are on the page, and only one is where the keyboard is."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        view = self.parent()
        if isinstance(view, QWidget) and not view.hasFocus():
            option.state &= ~QStyle.StateFlag.State_Selected

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        wanted = super().sizeHint(option, index)
        return QSize(wanted.width() + 6, wanted.height())


class FigureTable(QTableView):
    """``opened`` carries the search behind a number that Enter or a double click was given to."""

    opened = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.table = _Model(self)
        self.setModel(self.table)
        self.setItemDelegate(_Delegate(self))
        self.setObjectName("figures")
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setMinimumSectionSize(24)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.activated.connect(self._on_activated)
        theme().changed.connect(self._on_theme)
        self._on_theme()

    def fill(self, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """The titles of the columns, and the rows."""
        self.table.fill(head, rows)
        self.viewport().update()
        header = self.horizontalHeader()
        for column in range(len(head)):
            mode = QHeaderView.ResizeMode.Stretch if column == 0 else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(column, mode)
        if rows and not self.currentIndex().isValid():
            self.setCurrentIndex(self.table.index(0, 0))

    def set_dim(self, dim: bool) -> None:
        """Whether its figures are being computed anew."""
        if dim != self.table.dim:
            self.table.dim = dim
            self.viewport().update()

    def wanted_height(self) -> int:
        """Room for every row."""
        return (
            metrics.table_head_height()
            + len(self.table.rows) * self.verticalHeader().defaultSectionSize()
            + 4
        )

    def _on_activated(self, index: QModelIndex) -> None:
        door = self.table.door(index)
        if door is not None:
            self.opened.emit(door.query)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Letters are the window's single keys elsewhere; a table that jumps by letters would surprise.
        if event.text() and event.text().isprintable() and event.key() != Qt.Key.Key_Space:
            event.ignore()
            return
        if event.key() == Qt.Key.Key_Space:
            self._on_activated(self.currentIndex())
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def _on_theme(self) -> None:
        self.verticalHeader().setDefaultSectionSize(metrics.list_line() + 8)
        self.viewport().update()
