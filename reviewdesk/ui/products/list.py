"""The list of products: name, stars, mean and count in two lines, painted; the keyboard moves the current one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from reviewdesk.services.products import ProductRow
from reviewdesk.ui.products.words import count_words, mean_words
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets.score import LIST_STAR, draw_stars, stars_width
from reviewdesk.ui.widgets.two_lines import draw_words

__all__ = ["ProductList", "ProductModel"]

Index = QModelIndex | QPersistentModelIndex


class ProductModel(QAbstractListModel):
    """Rows by place; ``colours`` maps accounts to 1 to 6."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: Sequence[ProductRow] = ()
        self.colours: dict[int, int] = {}

    def set_rows(self, rows: Sequence[ProductRow]) -> None:
        if [r.id for r in rows] == [r.id for r in self._rows]:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row(self, index: Index) -> ProductRow | None:
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def place_of(self, product_id: int) -> int:
        return next((i for i, row in enumerate(self._rows) if row.id == product_id), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index)
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name or row.sku
        if role == Qt.ItemDataRole.AccessibleTextRole:
            mean = self.tr("mean {mean} of 5").format(mean=mean_words(row.figures.mean))
            count = count_words(row.figures.n)
            place = self.tr("item {at} of {all}").format(at=index.row() + 1, all=len(self._rows))
            sources = self.tr("%n sources", "", len(row.accounts))
            return f"{row.name or row.sku}, {mean}, {count}, {sources}; {place}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return None
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, view: ProductList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, metrics.row_height("normal"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = self._view.table.row(index)
        if row is None:
            return
        colour = theme().colour
        rect: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = self._view.hasFocus()
        ink = "on-select" if selected and focused and theme().name == "contrast" else ""
        painter.save()
        painter.setClipRect(rect)
        if selected:
            painter.fillRect(rect, colour("select" if focused else "select-idle"))
            bar = QStyle.visualRect(option.direction, rect, QRect(rect.left(), rect.top(), 3, rect.height()))
            painter.fillRect(bar, colour("accent" if focused else "field"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colour("hover"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, colour("line"))
        line = metrics.list_line()
        upper = QRect(rect.left() + 26, rect.top() + 10, rect.width() - 40, line)
        lower = upper.translated(0, line + 4)
        strong = colour(ink or "text")
        weak = colour(ink or "text-2")
        count = count_words(row.figures.n) if row.figures.n else self._view.tr("no reviews")
        taken = draw_words(painter, option, upper, count, fonts.list_font(tabular=True), weak, end=True)
        draw_words(
            painter,
            option,
            upper.adjusted(0, 0, -taken - 12, 0),
            row.name or row.sku,
            fonts.list_font(500),
            strong,
        )
        star = metrics.icon_size(LIST_STAR)
        taken = self._sources(painter, option, lower, row)
        mean = row.figures.mean
        box = QStyle.visualRect(
            option.direction, lower, QRect(lower.left(), lower.top(), stars_width(star), line)
        )
        if mean is not None:
            draw_stars(
                painter,
                box,
                mean,
                size=star,
                right_to_left=option.direction == Qt.LayoutDirection.RightToLeft,
                colour=colour(ink) if ink else None,
            )
        x = stars_width(star) + 8
        figure = mean_words(mean) if mean is not None else ""
        rest = f"{figure}   {row.sku}" if figure else row.sku
        start = x if mean is not None else 0
        draw_words(
            painter,
            option,
            lower.adjusted(start, 0, -taken - 8, 0),
            rest,
            fonts.list_font(tabular=True),
            weak,
        )
        if focused and bool(option.state & QStyle.StateFlag.State_HasFocus) and not selected:
            painter.setPen(QPen(colour("focus"), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -2))
        painter.restore()

    def _sources(self, painter: QPainter, option: QStyleOptionViewItem, line: QRect, row: ProductRow) -> int:
        dot = metrics.icon_size(6)
        width = len(row.accounts) * (dot + 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for place, account in enumerate(row.accounts):
            number = self._view.table.colours.get(account, 0)
            painter.setBrush(theme().colour(f"a-{number}" if 1 <= number <= 6 else "text-3"))
            x = line.right() + 1 - width + place * (dot + 4) + 4
            box = QRect(x, line.top() + (line.height() - dot) // 2, dot, dot)
            painter.drawEllipse(QRectF(QStyle.visualRect(option.direction, line, box)))
        return width


class ProductList(QTableView):
    """``picked`` carries the product the keyboard is on (0: none); ``opened`` one that Enter was pressed on."""

    picked = Signal(object)
    opened = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.table = ProductModel(self)
        self.setModel(self.table)
        self.setItemDelegate(_Delegate(self))
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.activated.connect(self._on_activated)
        self.setAccessibleName(self.tr("Products"))
        theme().changed.connect(self._on_theme)
        self._on_theme()

    def current(self) -> int:
        """The id of the current product, or 0."""
        row = self.table.row(self.currentIndex())
        return row.id if row is not None else 0

    def set_rows(self, rows: Sequence[ProductRow]) -> None:
        """Show these; the current product stays the current one where it is still there."""
        before = self.current()
        self.selectionModel().blockSignals(True)
        self.table.set_rows(rows)
        place = self.table.place_of(before) if before else -1
        place = place if place >= 0 else 0
        if rows:
            self.setCurrentIndex(self.table.index(place))
        self.selectionModel().blockSignals(False)
        if self.current() != before or not rows:
            self.picked.emit(self.current())
        self.viewport().update()

    def select(self, product_id: int) -> bool:
        """Make a product the current one; false when it is not listed."""
        place = self.table.place_of(product_id)
        if place >= 0:
            self.setCurrentIndex(self.table.index(place))
            self.scrollTo(self.table.index(place))
        return place >= 0

    def _on_current(self, now: QModelIndex, _before: QModelIndex) -> None:
        row = self.table.row(now)
        self.picked.emit(row.id if row is not None else 0)

    def _on_activated(self, index: QModelIndex) -> None:
        row = self.table.row(index)
        if row is not None:
            self.opened.emit(row.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {"j": 1, "k": -1}.get(event.text())
        if step is not None and not event.modifiers():
            place = max(0, min(self.table.rowCount() - 1, self.currentIndex().row() + step))
            self.setCurrentIndex(self.table.index(place))
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def _on_theme(self) -> None:
        self.verticalHeader().setDefaultSectionSize(metrics.row_height("normal"))
        self.viewport().update()
