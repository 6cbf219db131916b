"""The outbox's table: groups of items in one list, painted in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFocusEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from reviewdesk.domain.models import OutboxItem
from reviewdesk.ui.outbox.words import Words, action_title, group_title
from reviewdesk.ui.theme import fonts, icons, metrics, theme

__all__ = ["AccountMark", "OutboxList", "OutboxModel", "Row", "TableHead"]

ROW_ROLE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
PAD = 16


@dataclass(frozen=True, slots=True)
class AccountMark:
    name: str
    code: str
    colour: int


@dataclass(frozen=True, slots=True)
class Row:
    """A group's head (``item`` None) or an item."""

    key: str
    group: str
    count: int = 0
    item: OutboxItem | None = None
    words: Words | None = None
    account: AccountMark | None = None


def columns(width: int) -> dict[str, tuple[int, int]]:
    """Column -> (x, width) in logical pixels, from the leading edge. Narrow panes lose columns, never actions."""
    t = theme().scale
    wanted = {"where": 146, "state": 204, "next": 96, "said": 172, "actions": 200}
    if width < 1000 * t:
        del wanted["said"]
    if width < 840 * t:
        del wanted["where"]
    if width < 700 * t:
        del wanted["next"]
    if width < 560 * t:
        del wanted["actions"]
    sizes = {name: round(w * t) for name, w in wanted.items()}
    first = max(120, width - sum(sizes.values()) - 2 * PAD)
    places = {"what": (PAD, first)}
    x = PAD + first
    for name, size in sizes.items():
        places[name] = (x, size)
        x += size
    return places


def column_title(name: str) -> str:
    translate = QCoreApplication.translate
    return {
        "what": translate("outbox", "What"),
        "where": translate("outbox", "Where"),
        "state": translate("outbox", "State"),
        "next": translate("outbox", "Next try"),
        "said": translate("outbox", "The source said"),
        "actions": "",
    }[name]


class OutboxModel(QAbstractListModel):
    """Rows by key; a refresh inserts, removes and updates single rows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def rows(self) -> Sequence[Row]:
        return tuple(self._rows)

    def row(self, index: _Index) -> Row | None:
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def place_of(self, key: str) -> int:
        return next((i for i, r in enumerate(self._rows) if r.key == key), -1)

    def set_rows(self, rows: Sequence[Row]) -> None:
        if [r.key for r in self._rows] == [r.key for r in rows]:
            for place, row in enumerate(rows):
                if self._rows[place] != row:
                    self._rows[place] = row
                    self.dataChanged.emit(self.index(place), self.index(place))
            return
        keys = {r.key for r in rows}
        for place in range(len(self._rows) - 1, -1, -1):
            if self._rows[place].key not in keys:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self._rows[place]
                self.endRemoveRows()
        for place, row in enumerate(rows):
            old = self.place_of(row.key)
            if old < 0:
                self.beginInsertRows(QModelIndex(), place, place)
                self._rows.insert(place, row)
                self.endInsertRows()
                continue
            if old != place:
                self.beginMoveRows(QModelIndex(), old, old, QModelIndex(), place)
                self._rows.insert(place, self._rows.pop(old))
                self.endMoveRows()
            if self._rows[place] != row:
                self._rows[place] = row
                self.dataChanged.emit(self.index(place), self.index(place))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index)
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            if row.words is None:
                return f"{group_title(row.group)}, {row.count}"
            where = f", {row.account.name}" if row.account is not None else ""
            return row.words.sentence + where
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        row = self.row(index)
        if row is None or row.item is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Delegate(QStyledItemDelegate):
    def __init__(self, view: OutboxList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        row: Row | None = index.data(ROW_ROLE)
        if row is None or row.item is None:
            return QSize(200, metrics.group_height())
        return QSize(200, 2 * metrics.list_line() + 18)

    def action_places(self, rect: QRect, row: Row) -> list[tuple[str, QRect]]:
        """Where the words of the actions stand, in the view's coordinates."""
        places = columns(rect.width())
        if row.words is None or "actions" not in places:
            return []
        measure = fonts.metrics_of(fonts.list_font(500))
        right = rect.right() + 1 - PAD
        found: list[tuple[str, QRect]] = []
        for action in reversed(row.words.row_actions):
            width = measure.horizontalAdvance(action_title(action))
            box = QRect(right - width - 4, rect.top(), width + 8, rect.height() - 1)
            found.append((action, QStyle.visualRect(self._view.layoutDirection(), rect, box)))
            right -= width + 18
        return found

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: Row | None = index.data(ROW_ROLE)
        if row is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.words is None:
            self._paint_head(painter, option, row)
        else:
            self._paint_item(painter, option, row, row.words)
        painter.restore()

    def _paint_head(self, painter: QPainter, option: QStyleOptionViewItem, row: Row) -> None:
        rect = QRect(option.rect)
        colour = theme().colour
        painter.fillRect(rect, colour("sunken"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, colour("line"))
        font = fonts.list_font(500)
        title = group_title(row.group)
        width = fonts.metrics_of(font).horizontalAdvance(title)
        self._text(painter, option, rect, PAD, width + 2, title, font, colour("text-2"))
        count = fonts.list_font(tabular=True)
        self._text(painter, option, rect, PAD + width + 6, 60, str(row.count), count, colour("text-3"))

    def _paint_item(self, painter: QPainter, option: QStyleOptionViewItem, row: Row, words: Words) -> None:
        rect = QRect(option.rect)
        colour = theme().colour
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = self._view.hasFocus()
        contrast = theme().name == "contrast"
        over = colour("on-select") if selected and focused and contrast else None

        def ink(role: str) -> QColor:
            return over if over is not None else colour(role)

        if selected:
            painter.fillRect(rect, colour("select" if focused else "select-idle"))
            bar = QStyle.visualRect(option.direction, rect, QRect(rect.left(), rect.top(), 3, rect.height()))
            painter.fillRect(bar, colour("accent" if focused else "field"))
            if contrast and not focused:
                painter.setPen(colour("field"))
                painter.drawRect(QRectF(rect).adjusted(1, 1, -1, -1))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colour("hover"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, colour("line"))
        places = columns(rect.width())
        line = metrics.list_line()
        upper = QRect(rect.left(), rect.top() + 9, rect.width(), line)
        lower = QRect(rect.left(), rect.top() + 9 + line, rect.width(), line)
        middle = QRect(rect.left(), rect.top(), rect.width(), rect.height() - 1)
        x, width = places["what"]
        edge = metrics.icon_size(16)
        self._icon(
            painter, option, rect, x, upper.top() + (line - edge) // 2, edge, words.icon, ink(words.icon_role)
        )
        inset = edge + 10
        room = width - inset - 16
        self._text(painter, option, upper, x + inset, room, words.title, fonts.list_font(500), ink("text"))
        self._text(painter, option, lower, x + inset, room, words.preview, fonts.list_font(), ink("text-2"))
        if "where" in places and row.account is not None:
            self._account(painter, option, middle, places["where"], row.account, ink)
        x, width = places["state"]
        self._icon(
            painter, option, rect, x, rect.top() + (rect.height() - edge) // 2, edge, words.state_icon,
            ink(words.state_role),
        )  # fmt: skip
        tabular = fonts.list_font(tabular=True)
        self._text(
            painter,
            option,
            middle,
            x + edge + 6,
            width - edge - 18,
            words.state,
            tabular,
            ink(words.state_role),
        )
        for name, said in (("next", words.next_try), ("said", words.said)):
            if name in places:
                x, width = places[name]
                self._text(painter, option, middle, x, width - 4, said, tabular, ink("text-2"))
        medium = fonts.list_font(500)
        for action, box in self.action_places(rect, row):
            hot = self._view.hot == (row.key, action)
            painter.setFont(medium)
            painter.setPen(ink("text" if hot else "text-2"))
            text = action_title(action)
            measure = fonts.metrics_of(medium)
            baseline = box.top() + (box.height() - measure.height()) // 2 + measure.ascent()
            painter.drawText(box.left() + 4, baseline, text)
            if hot:
                painter.fillRect(box.left() + 4, baseline + 2, box.width() - 8, 1, ink("text"))

    def _account(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        box: QRect,
        place: tuple[int, int],
        account: AccountMark,
        ink: Any,
    ) -> None:
        x, width = place
        dot = metrics.icon_size(6)
        circle = QRect(box.left() + x, box.top() + (box.height() - dot) // 2, dot, dot)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink(f"a-{account.colour}") if 1 <= account.colour <= 6 else ink("text-3"))
        painter.drawEllipse(QRectF(QStyle.visualRect(option.direction, box, circle)))
        mark = fonts.mark_font()
        x += dot + 5
        self._text(painter, option, box, x, 40, account.code, mark, ink("text-3"))
        step = fonts.metrics_of(mark).horizontalAdvance(account.code) + 7
        room = width - dot - 5 - step - 12
        self._text(painter, option, box, x + step, room, account.name, fonts.list_font(), ink("text"))

    @staticmethod
    def _icon(
        painter: QPainter,
        option: QStyleOptionViewItem,
        rect: QRect,
        x: int,
        y: int,
        edge: int,
        name: str,
        colour: QColor,
    ) -> None:
        box = QRect(rect.left() + x, y, edge, edge)
        icons.paint(painter, QStyle.visualRect(option.direction, rect, box), name, colour)

    @staticmethod
    def _text(
        painter: QPainter,
        option: QStyleOptionViewItem,
        line: QRect,
        x: int,
        width: int,
        text: str,
        font: Any,
        colour: QColor,
    ) -> None:
        """One elided line at ``x`` from the leading edge, on the interface font's baseline."""
        if width <= 0 or not text:
            return
        measure = fonts.metrics_of(font)
        shown = measure.elidedText(text[:400], Qt.TextElideMode.ElideRight, width)
        box = QRect(line.left() + x, line.top(), width, line.height())
        box = QStyle.visualRect(option.direction, line, box)
        left = box.left()
        if option.direction == Qt.LayoutDirection.RightToLeft:
            left = box.right() + 1 - measure.horizontalAdvance(shown)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(
            QPointF(left, line.top() + (line.height() - measure.height()) // 2 + measure.ascent()), shown
        )


class OutboxList(QListView):
    """``acted`` carries (action, item id), ``picked`` the item the keyboard is on (0 for none)."""

    acted = Signal(str, object)
    picked = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hot: tuple[str, str] | None = None
        self.table = OutboxModel(self)
        self._delegate = _Delegate(self)
        self.setModel(self.table)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.activated.connect(self._on_activated)
        theme().changed.connect(self._on_theme)

    def current_item(self) -> OutboxItem | None:
        row = self.table.row(self.currentIndex())
        return row.item if row is not None else None

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows; the current item stays where it is."""
        heads = [r.key for r in self.table.rows()]
        self.table.set_rows(rows)
        if heads != [r.key for r in rows]:
            self.doItemsLayout()
        if self.current_item() is None:
            first = next((i for i, r in enumerate(rows) if r.item is not None), -1)
            if first >= 0:
                self.setCurrentIndex(self.table.index(first))
            else:
                self.picked.emit(0)
        else:
            self.picked.emit(self.current_item().id)  # type: ignore[union-attr]

    def _on_current(self, now: QModelIndex, _before: QModelIndex) -> None:
        row = self.table.row(now)
        self.picked.emit(row.item.id if row is not None and row.item is not None else 0)

    def _on_activated(self, index: QModelIndex) -> None:
        row = self.table.row(index)
        if row is not None and row.item is not None and row.item.review_id is not None:
            self.acted.emit("open", row.item.id)

    def _hit(self, place: QPoint) -> tuple[str, str, int] | None:
        index = self.indexAt(place)
        row = self.table.row(index)
        if row is None or row.item is None:
            return None
        for action, box in self._delegate.action_places(self.visualRect(index), row):
            if box.contains(place):
                return row.key, action, row.item.id
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        hit = self._hit(event.position().toPoint())
        hot = (hit[0], hit[1]) if hit is not None else None
        if hot != self.hot:
            self.hot = hot
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor if hot is not None else Qt.CursorShape.ArrowCursor
            )
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            hit = self._hit(event.position().toPoint())
            if hit is not None:
                self.acted.emit(hit[1], hit[2])

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hot = None
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def _on_theme(self) -> None:
        self.doItemsLayout()
        self.viewport().update()


class TableHead(QWidget):
    """The titles of the columns."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(300, metrics.table_head_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("surface"))
            painter.fillRect(0, self.height() - 1, self.width(), 1, theme().colour("line"))
            font = fonts.list_font()
            measure = fonts.metrics_of(font)
            painter.setFont(font)
            painter.setPen(theme().colour("text-2"))
            for name, (x, width) in columns(self.width()).items():
                text = measure.elidedText(column_title(name), Qt.TextElideMode.ElideRight, width)
                box = QStyle.visualRect(
                    self.layoutDirection(), self.rect(), QRect(x, 0, width, self.height() - 1)
                )
                left = box.left()
                if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                    left = box.right() + 1 - measure.horizontalAdvance(text)
                painter.drawText(left, (self.height() - 1 - measure.height()) // 2 + measure.ascent(), text)
