"""The table of a list: what stands in it, which column is what, and what is wrong with each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from reviewdesk.domain.invitations.fields import BULK_FIELDS
from reviewdesk.services.invitations_bulk import Row, RowState
from reviewdesk.ui.invitations.options import Options
from reviewdesk.ui.invitations.words import day_words
from reviewdesk.ui.theme import fonts, icons, metrics, theme

__all__ = ["RowsModel", "RowsView", "check_words", "field_words"]

translate = QCoreApplication.translate
Index = QModelIndex | QPersistentModelIndex
MAX_COLUMNS = 12


def field_words(key: str) -> str:
    return {
        "": translate("invitations", "Not used"),
        "email": translate("invitations", "E-mail"),
        "name": translate("invitations", "Name"),
        "first_name": translate("invitations", "First name"),
        "last_name": translate("invitations", "Last name"),
        "phone": translate("invitations", "Phone"),
        "order_id": translate("invitations", "Order number"),
        "order_date": translate("invitations", "Order date"),
        "sku": translate("invitations", "Products"),
        "locale": translate("invitations", "Language"),
    }.get(key, key)


def check_words(row: Row) -> tuple[str, str, str]:
    """(icon, role, words) of the last column."""
    if row.state is RowState.BAD:
        words = "; ".join(f.message for f in row.faults) or row.reason
        return "warning-circle-fill", "fail", words
    if row.earlier is not None and row.state is RowState.SKIPPED:
        words = translate("invitations", "Invited {day}").format(day=day_words(row.earlier.created_at))
        return "clock-counter-clockwise", "text-2", words
    return {
        RowState.READY: ("check", "text-2", translate("invitations", "Ready")),
        RowState.INVITED: ("checks", "text-2", row.link or translate("invitations", "Invited")),
        RowState.UNKNOWN: (
            "question",
            "warn",
            translate("invitations", "Not certain. {reason}").format(reason=row.reason),
        ),
    }.get(row.state, ("prohibit", "text-2", row.reason))


class RowsModel(QAbstractTableModel):
    """Number, the list's columns, and the check."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: Sequence[Row] = ()
        self.headings: Sequence[str] = ()
        self.mapping: Mapping[str, int] = {}

    def set_headings(self, headings: Sequence[str], mapping: Mapping[str, int]) -> None:
        self.beginResetModel()
        self.headings, self.mapping, self._rows = tuple(headings)[:MAX_COLUMNS], mapping, ()
        self.endResetModel()

    def set_rows(self, rows: Sequence[Row], mapping: Mapping[str, int]) -> None:
        self.beginResetModel()
        self._rows, self.mapping = rows, mapping
        self.endResetModel()

    def row(self, index: Index) -> Row | None:
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def is_bad(self, index: Index) -> bool:
        """Whether the fault of the row is in this very cell."""
        row = self.row(index)
        column = index.column() - 1
        if row is None or not 0 <= column < len(self.headings):
            return False
        fields = {"sku" if f.field == "skus" else f.field for f in row.faults}
        return any(self.mapping.get(name) == column for name in fields)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.headings) + 2

    def text(self, index: Index) -> str:
        row = self.row(index)
        if row is None:
            return ""
        column = index.column()
        if column == 0:
            return str(row.number)
        if column == len(self.headings) + 1:
            return check_words(row)[2]
        return row.cells[column - 1] if column - 1 < len(row.cells) else ""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.text(index)
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == len(self.headings) + 1:
            row = self.row(index)
            return (row.reason or None) if row is not None else None
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        if section == 0:
            return ""
        if section == len(self.headings) + 1:
            return translate("invitations", "Check")
        return self.headings[section - 1] if section - 1 < len(self.headings) else ""


class _Delegate(QStyledItemDelegate):
    def __init__(self, view: RowsView) -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = self._view.table
        row = model.row(index)
        if row is None:
            return
        colour = theme().colour
        rect: QRect = option.rect
        painter.save()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, colour("select" if self._view.hasFocus() else "select-idle"))
        if model.is_bad(index):
            painter.setPen(QPen(colour("fail-line"), 1))
            painter.setBrush(colour("fail-bg"))
            painter.drawRect(rect.adjusted(0, 0, -1, -2))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, colour("line"))
        last = index.column() == model.columnCount() - 1
        out = row.state is RowState.SKIPPED
        ink: QColor = colour("text-3" if index.column() == 0 else "text-2" if out else "text")
        left = rect.left() + 12
        if last:
            icon, role, _ = check_words(row)
            edge = metrics.icon_size(16)
            box = QRect(left, rect.top() + (rect.height() - edge) // 2, edge, edge)
            icons.paint(painter, QStyle.visualRect(option.direction, rect, box), icon, colour(role))
            left += edge + 8
            ink = colour(role)
        font = fonts.list_font(500 if last and row.state is RowState.BAD else 400, tabular=True)
        measure = fonts.metrics_of(font)
        room = rect.right() - left - 6
        shown = measure.elidedText(model.text(index)[:300], Qt.TextElideMode.ElideRight, room)
        box = QStyle.visualRect(option.direction, rect, QRect(left, rect.top(), room, rect.height()))
        ends = index.column() == 0 or option.direction == Qt.LayoutDirection.RightToLeft
        x = box.right() + 1 - measure.horizontalAdvance(shown) if ends else box.left()
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(
            x, rect.top() + (rect.height() - 1 - measure.height()) // 2 + measure.ascent(), shown
        )
        painter.restore()


class _Head(QHeaderView):
    """The list's own headings with a choice of the field under each."""

    picked = Signal(int, str)

    def __init__(self, view: RowsView) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._choices: list[Options] = []
        self.setSectionsMovable(False)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(40)
        self.sectionResized.connect(self.place)

    def set_mapping(self, columns: int, mapping: Mapping[str, int], fields: Sequence[str]) -> None:
        while len(self._choices) > columns:
            gone = self._choices.pop()
            gone.hide()
            gone.deleteLater()
        while len(self._choices) < columns:
            choice = Options([("", field_words(""))], "", self.viewport())
            choice.setProperty("column", len(self._choices))
            choice.changed.connect(self._on_picked)
            choice.show()
            self._choices.append(choice)
        options = [("", field_words("")), *((f, field_words(f)) for f in fields)]
        by_column = {column: name for name, column in mapping.items()}
        for column, choice in enumerate(self._choices):
            choice.set_options(options)
            choice.set_value(by_column.get(column, ""))
            heading = str(self.model().headerData(column + 1, Qt.Orientation.Horizontal))
            choice.setAccessibleName(self.tr("Column {heading} is").format(heading=heading))
        self.updateGeometry()
        self.place()

    def choice(self, column: int) -> Options:
        """The choice of a column. Raises IndexError."""
        return self._choices[column]

    def _on_picked(self, value: str) -> None:
        self.picked.emit(int(self.sender().property("column")), value)

    def sizeHint(self) -> QSize:
        high = metrics.field_height() if self._choices else 0
        return QSize(super().sizeHint().width(), metrics.list_line() + high + 10)

    def place(self, *_sizes: int) -> None:
        """Each choice under its heading."""
        for column, choice in enumerate(self._choices):
            x = self.sectionViewportPosition(column + 1)
            wide = self.sectionSize(column + 1)
            choice.setGeometry(x + 8, metrics.list_line() + 4, max(40, wide - 16), metrics.field_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        colour = theme().colour
        painter.fillRect(rect, colour("sunken"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, colour("line"))
        text = str(self.model().headerData(section, Qt.Orientation.Horizontal) or "")
        measure = fonts.metrics_of(fonts.list_font())
        last = section == self.count() - 1
        y = rect.bottom() - 8 - measure.descent() if last else rect.top() + 3 + measure.ascent()
        painter.setFont(fonts.list_font())
        painter.setPen(colour("text-2"))
        shown = measure.elidedText(text[:120], Qt.TextElideMode.ElideRight, rect.width() - 20)
        painter.drawText(rect.left() + 12, y, shown)


class RowsView(QTableView):
    """``mapped`` carries (column, field)."""

    mapped = Signal(int, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.table = RowsModel(self)
        self.setModel(self.table)
        self.setItemDelegate(_Delegate(self))
        self.head = _Head(self)
        self.head.picked.connect(self.mapped)
        self.setHorizontalHeader(self.head)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalScrollBar().valueChanged.connect(self.head.place)
        self.setAccessibleName(self.tr("Rows of the list"))
        theme().changed.connect(self._on_theme)
        self._on_theme()

    def show_columns(
        self, headings: Sequence[str], mapping: Mapping[str, int], *, choosing: bool = True
    ) -> None:
        """Headings, with a choice of the field of each while somebody may choose; the columns share the width."""
        self.table.set_headings(headings, mapping)
        self.head.set_mapping(len(self.table.headings) if choosing else 0, mapping, BULK_FIELDS)
        self._share()

    def show_mapping(self, mapping: Mapping[str, int]) -> None:
        self.head.set_mapping(len(self.table.headings), mapping, BULK_FIELDS)

    def _share(self) -> None:
        count = len(self.table.headings)
        if not count:
            return
        first, last = metrics.icon_size(48), metrics.icon_size(280)
        each = max(metrics.icon_size(112), (self.viewport().width() - first - last) // count)
        self.head.resizeSection(0, first)
        for column in range(count):
            self.head.resizeSection(column + 1, each)
        self.head.resizeSection(count + 1, max(last, self.viewport().width() - first - each * count))
        self.head.place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    def _on_theme(self) -> None:
        self.verticalHeader().setDefaultSectionSize(metrics.table_row_height() - 2)
        self.viewport().update()
