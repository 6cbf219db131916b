"""The sidebar's list: a model of entries and a delegate that paints them, as lines or as a narrow rail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from reviewdesk.ui.sidebar.entries import Entry
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets import plain_tip

__all__ = ["ENTRY_ROLE", "SidebarDelegate", "SidebarModel"]

ENTRY_ROLE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
GAP = 1
SECTION_GAP = 12
HEAD = 26
_MOST_PICTURES = 300


class SidebarModel(QAbstractListModel):
    """Entries by key. A new set of entries with the same keys only changes data, so that nothing jumps."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []

    def entries(self) -> Sequence[Entry]:
        return tuple(self._entries)

    def entry(self, index: _Index) -> Entry | None:
        return self._entries[index.row()] if index.isValid() and index.row() < len(self._entries) else None

    def row_of(self, key: str) -> int:
        """The row of a key, or -1."""
        return next((i for i, e in enumerate(self._entries) if e.key == key), -1)

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these entries; rows come and go one by one."""
        wanted = list(entries)
        keys = {e.key for e in wanted}
        for row in range(len(self._entries) - 1, -1, -1):
            if self._entries[row].key not in keys:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._entries[row]
                self.endRemoveRows()
        for row, entry in enumerate(wanted):
            if row < len(self._entries) and self._entries[row].key == entry.key:
                if self._entries[row] != entry:
                    self._entries[row] = entry
                    self.dataChanged.emit(self.index(row), self.index(row))
                continue
            old = self.row_of(entry.key)
            if old >= 0:
                self.beginMoveRows(QModelIndex(), old, old, QModelIndex(), row)
                self._entries.insert(row, self._entries.pop(old))
                self.endMoveRows()
                self._entries[row] = entry
                self.dataChanged.emit(self.index(row), self.index(row))
            else:
                self.beginInsertRows(QModelIndex(), row, row)
                self._entries.insert(row, entry)
                self.endInsertRows()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entry(index)
        if entry is None:
            return None
        if role == ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return entry.sentence
        if role == Qt.ItemDataRole.ToolTipRole and entry.kind != "head":
            return plain_tip(entry.sentence)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        entry = self.entry(index)
        if entry is None or entry.kind == "head":
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class SidebarDelegate(QStyledItemDelegate):
    """Paints entries; ``rail`` shows icons alone, 40 by 34.

    Each is painted once and then copied: with any figure that changes, Qt paints all of them again.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rail = False
        self._pictures: dict[tuple[object, ...], QPixmap] = {}
        self._pictures_of: tuple[object, ...] = ()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        entry: Entry | None = index.data(ENTRY_ROLE)
        if self.rail:
            height = metrics.list_line() + 16 + GAP
            if entry is not None and entry.kind == "head":
                height = 17
            elif entry is not None and entry.kind == "account":
                height = metrics.mark_line() + 22 + GAP
            return QSize(40, height)
        if entry is not None and entry.kind == "head":
            return QSize(100, SECTION_GAP + metrics.list_line() + HEAD - 18)
        return QSize(100, metrics.side_entry_height() + GAP)

    # --- painting --------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry: Entry | None = index.data(ENTRY_ROLE)
        if entry is None:
            return
        view = option.widget
        focused = view is not None and view.hasFocus()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hover = bool(option.state & QStyle.StateFlag.State_MouseOver)
        device = painter.device()
        dpr = device.devicePixelRatio() if device is not None else 1.0
        size = option.rect.size()
        if not ((size.height() * dpr).is_integer() and (size.width() * dpr).is_integer()):
            # A copy would end in the middle of a pixel.
            self._paint_entry(painter, option, entry, selected, focused, hover)
            return
        drawn_for = (theme().generation, self.rail, size.width(), dpr, option.direction, QLocale().name())
        if drawn_for != self._pictures_of or len(self._pictures) > _MOST_PICTURES:
            self._pictures.clear()
            self._pictures_of = drawn_for
        key = (entry, selected, focused, hover, size.height())
        picture = self._pictures.get(key)
        if picture is None:
            picture = QPixmap(round(size.width() * dpr), round(size.height() * dpr))
            picture.setDevicePixelRatio(dpr)
            # On the ground of the sidebar, not on glass: letters have soft edges in its colour.
            picture.fill(theme().colour("chrome"))
            with QPainter(picture) as own:
                own.translate(-option.rect.topLeft())
                self._paint_entry(own, option, entry, selected, focused, hover)
            self._pictures[key] = picture
        painter.drawPixmap(option.rect.topLeft(), picture)

    def _paint_entry(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        entry: Entry,
        selected: bool,
        focused: bool,
        hover: bool,
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.rail:
            self._paint_rail(painter, option, entry, selected, focused, hover)
        elif entry.kind == "head":
            self._paint_head(painter, option, entry)
        else:
            self._paint_line(painter, option, entry, selected, focused, hover)
        painter.restore()

    def _back(
        self, painter: QPainter, box: QRect, selected: bool, focused: bool, hover: bool
    ) -> tuple[QColor | None, bool]:
        """The fill of an entry; answers with the colour everything has on it in high contrast, or None."""
        colour = theme().colour
        if selected and focused:
            fill = colour("select")
        elif selected:
            fill = colour("side-select")
        elif hover:
            fill = colour("hover")
        else:
            return None, False
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(box), 6, 6)
        contrast = theme().name == "contrast"
        if selected and not focused and contrast:
            painter.setPen(colour("field"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            pen = painter.pen()
            pen.setWidth(2)
            painter.setPen(pen)
            painter.drawRoundedRect(QRectF(box).adjusted(1, 1, -1, -1), 5, 5)
        return (colour("on-select") if selected and focused and contrast else None), contrast

    def _paint_head(self, painter: QPainter, option: QStyleOptionViewItem, entry: Entry) -> None:
        font = fonts.list_font(500)
        measure = fonts.metrics_of(font)
        line = metrics.list_line()
        box = QRect(option.rect.left() + 8, option.rect.bottom() - line - 3, option.rect.width() - 16, line)
        box = QStyle.visualRect(option.direction, option.rect, box)
        painter.setFont(font)
        painter.setPen(theme().colour("text-2"))
        text = measure.elidedText(entry.label, Qt.TextElideMode.ElideRight, box.width())
        _draw(painter, box, text, option.direction == Qt.LayoutDirection.RightToLeft)

    def _paint_line(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        entry: Entry,
        selected: bool,
        focused: bool,
        hover: bool,
    ) -> None:
        whole = QRect(option.rect)
        box = whole.adjusted(0, 0, 0, -GAP)
        over, _contrast = self._back(painter, box, selected, focused, hover)
        right_to_left = option.direction == Qt.LayoutDirection.RightToLeft

        def visual(rect: QRect) -> QRect:
            return QStyle.visualRect(option.direction, box, rect)

        def ink(role: str) -> QColor:
            return over if over is not None else theme().colour(role)

        left, right = box.left() + 8, box.right() + 1 - 8
        height, top = box.height(), box.top()
        icon = metrics.icon_size(16)
        if entry.kind == "account":
            dot = max(7, metrics.icon_size(7))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink(f"a-{entry.colour}") if 1 <= entry.colour <= 6 else ink("text-3"))
            painter.drawEllipse(QRectF(visual(QRect(left, top + (height - dot) // 2, dot, dot))))
            font = fonts.mark_font()
            painter.setFont(font)
            painter.setPen(ink("text-2"))
            code = QRect(left + dot + 6, top, metrics.icon_size(19), height)
            _draw(painter, visual(code), entry.code, right_to_left)
            left += metrics.icon_size(32) + 9
        else:
            name = f"{entry.icon}-fill" if selected and entry.kind != "add" else entry.icon
            role = "text" if selected or hover or entry.strong else "text-2"
            icons.paint(painter, visual(QRect(left, top + (height - icon) // 2, icon, icon)), name, ink(role))
            left += icon + 9
        right = self._paint_end(painter, entry, box, right, selected, visual, ink)
        font = fonts.list_font(600 if selected or (entry.strong and not entry.failed) else 400)
        measure = fonts.metrics_of(font)
        painter.setFont(font)
        painter.setPen(ink("text-2" if entry.kind == "add" and not selected else "text"))
        room = QRect(left, top, max(0, right - 8 - left), height)
        text = measure.elidedText(entry.label, Qt.TextElideMode.ElideRight, room.width())
        _draw(painter, visual(room), text, right_to_left)

    def _paint_end(
        self,
        painter: QPainter,
        entry: Entry,
        box: QRect,
        right: int,
        selected: bool,
        visual: Any,
        ink: Any,
    ) -> int:
        """Glyph and count from the trailing edge inwards; answers with where they begin."""
        glyph = metrics.icon_size(14)
        if entry.kind == "account":
            if entry.glyph:
                place = QRect(right - glyph, box.top() + (box.height() - glyph) // 2, glyph, glyph)
                icons.paint(painter, visual(place), entry.glyph, ink(entry.glyph_role))
            right -= glyph + 8
        text = entry.shown_count
        if not text and not entry.arrived:
            return right
        strong = entry.strong or selected
        font = fonts.list_font(600 if strong else 400, tabular=True)
        width = fonts.metrics_of(font).horizontalAdvance(text)
        painter.setFont(font)
        role = "fail" if entry.failed else "text" if strong else "text-3"
        painter.setPen(ink(role))
        place = visual(QRect(right - width, box.top(), width, box.height()))
        _draw(painter, place, text, False)
        right -= width
        if entry.arrived:
            right -= glyph + 6
            place = QRect(right, box.top() + (box.height() - glyph) // 2, glyph, glyph)
            icons.paint(painter, visual(place), "bell-simple-fill", ink("text"))
        if entry.failed:
            right -= glyph + 6
            place = QRect(right, box.top() + (box.height() - glyph) // 2, glyph, glyph)
            icons.paint(painter, visual(place), "warning-circle-fill", ink("fail"))
        return right

    def _paint_rail(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        entry: Entry,
        selected: bool,
        focused: bool,
        hover: bool,
    ) -> None:
        box = QRect(option.rect).adjusted(0, 0, 0, -GAP)
        if entry.kind == "head":
            y = option.rect.center().y()
            painter.fillRect(box.left() + 8, y, box.width() - 16, 1, theme().colour("line"))
            return
        over, _contrast = self._back(painter, box, selected, focused, hover)

        def ink(role: str) -> QColor:
            return over if over is not None else theme().colour(role)

        if entry.kind == "account":
            dot = metrics.icon_size(7)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink(f"a-{entry.colour}") if 1 <= entry.colour <= 6 else ink("text-3"))
            painter.drawEllipse(QRectF(box.center().x() - dot / 2 + 1, box.top() + 6, dot, dot))
            font = fonts.mark_font()
            painter.setFont(font)
            painter.setPen(ink("text-2"))
            measure = fonts.metrics_of(font)
            x = box.left() + (box.width() - measure.horizontalAdvance(entry.code)) // 2
            y = box.bottom() - 3 - metrics.mark_line() + (metrics.mark_line() - measure.height()) // 2
            painter.drawText(x, y + measure.ascent(), entry.code)
            if entry.glyph_role == "warn":
                edge = metrics.icon_size(12)
                place = QRect(box.right() - edge - 2, box.top() + 4, edge, edge)
                icons.paint(
                    painter, QStyle.visualRect(option.direction, box, place), entry.glyph, ink("warn")
                )
            return
        edge = metrics.icon_size(18)
        name = f"{entry.icon}-fill" if selected and entry.kind != "add" else entry.icon
        place = QRect(0, 0, edge, edge)
        place.moveCenter(box.center())
        counted = bool(entry.strong and entry.count and not entry.arrived)
        if counted:
            place.translate(-self._aside(option, box, place, entry), 0)
        icons.paint(painter, place, name, ink("text" if selected or hover else "text-2"))
        if entry.arrived:
            # A number of reviews has no room here: a point says that something came.
            dot = metrics.icon_size(8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink("text"))
            spot = QRect(place.right() - dot // 2, place.top() - dot // 2, dot, dot)
            painter.drawEllipse(QRectF(QStyle.visualRect(option.direction, box, spot)))
        elif counted:
            self._paint_rail_count(painter, option, box, entry, ink)

    def _aside(self, option: QStyleOptionViewItem, box: QRect, icon: QRect, entry: Entry) -> int:
        """How far to the left an icon makes room for its number, as far as there is room."""
        width = fonts.metrics_of(fonts.mark_font()).horizontalAdvance(_rail_count(entry))
        # A little of it may lie over the icon's round corner.
        width += 8 if entry.failed else -2
        mirrored = option.direction == Qt.LayoutDirection.RightToLeft
        if mirrored:
            return -max(0, min(box.left() + width - icon.left(), box.right() - icon.right() - 1))
        return max(0, min(icon.right() + 1 - (box.right() - width), icon.left() - box.left() - 1))

    def _paint_rail_count(
        self, painter: QPainter, option: QStyleOptionViewItem, box: QRect, entry: Entry, ink: Any
    ) -> None:
        font = fonts.mark_font()
        measure = fonts.metrics_of(font)
        text = _rail_count(entry)
        width = measure.horizontalAdvance(text)
        if entry.failed:
            edge = max(width + 8, metrics.mark_line() + 1)
            place = QRect(box.right() - edge, box.top(), edge, metrics.mark_line() + 1)
            place = QStyle.visualRect(option.direction, box, place)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("fail"))
            painter.drawRoundedRect(QRectF(place), place.height() / 2, place.height() / 2)
            painter.setPen(theme().colour("surface"))
        else:
            place = QRect(box.right() - width - 1, box.top() + 1, width, metrics.mark_line())
            place = QStyle.visualRect(option.direction, box, place)
            painter.setPen(ink("text"))
        painter.setFont(font)
        x = place.left() + (place.width() - width) // 2
        y = place.top() + (place.height() - measure.height()) // 2 + measure.ascent()
        painter.drawText(x, y, text)


def _rail_count(entry: Entry) -> str:
    return entry.shown_count if entry.count < 1000 else "999+"


def _draw(painter: QPainter, box: QRect, text: str, right_to_left: bool) -> None:
    """One line at the leading edge of a box, on the baseline of the interface font."""
    measure = fonts.metrics_of(painter.font())
    x = box.right() + 1 - measure.horizontalAdvance(text) if right_to_left else box.left()
    painter.drawText(x, box.top() + (box.height() - measure.height()) // 2 + measure.ascent(), text)
