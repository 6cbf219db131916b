"""The list of a picker: heads, entries of one or two lines, key caps at the end."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from reviewdesk.ui.picker.choices import Line
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets.badge import cap_width, draw_cap
from reviewdesk.ui.widgets.label import plain_tip

__all__ = ["LINE_ROLE", "ChoiceDelegate", "ChoiceModel", "line_height"]

LINE_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex


def line_height(line: Line | None) -> int:
    """Height of a head or an entry."""
    text = metrics.list_line()
    if line is None or line.choice is None:
        return text + 16
    return 2 * text + 12 if line.choice.second else text + 18


class ChoiceModel(QAbstractListModel):
    """The lines as they are shown."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._lines: list[Line] = []

    def set_lines(self, lines: list[Line]) -> None:
        self.beginResetModel()
        self._lines = lines
        self.endResetModel()

    def line(self, row: int) -> Line | None:
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def lines(self) -> list[Line]:
        return self._lines

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.line(index.row())
        if line is None:
            return None
        if role == LINE_ROLE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return line.choice.title if line.choice is not None else line.head
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return line.sentence
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and line.choice is not None:
            return line.choice.reason
        if role == Qt.ItemDataRole.ToolTipRole and line.choice is not None and line.choice.second:
            return plain_tip(line.choice.second)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        line = self.line(index.row())
        if line is None or line.choice is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class ChoiceDelegate(QStyledItemDelegate):
    """Entries 36, with a second line 48, heads 34 (DESIGN.md 6, palette)."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, line_height(index.data(LINE_ROLE)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        line: Line | None = index.data(LINE_ROLE)
        if line is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if line.choice is None:
            self._head(painter, option, line)
        else:
            self._entry(painter, option, line)
        painter.restore()

    def _head(self, painter: QPainter, option: QStyleOptionViewItem, line: Line) -> None:
        box = option.rect.adjusted(16, 0, -16, -2)
        painter.setFont(fonts.list_font())
        painter.setPen(theme().colour("text-2"))
        measure = fonts.metrics_of(painter.font())
        y = box.bottom() + 1 - metrics.list_line() + (metrics.list_line() - measure.height()) // 2
        x = box.left()
        if option.direction == Qt.LayoutDirection.RightToLeft:
            x = box.right() + 1 - measure.horizontalAdvance(line.head)
        painter.drawText(x, y + measure.ascent(), line.head)

    def _entry(self, painter: QPainter, option: QStyleOptionViewItem, line: Line) -> None:
        choice = line.choice
        if choice is None:
            return
        colour = theme().colour
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hover = bool(option.state & QStyle.StateFlag.State_MouseOver)
        box = option.rect.adjusted(6, 0, -6, 0)
        if selected or hover:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("select" if selected else "hover"))
            painter.drawRoundedRect(QRectF(box), 6, 6)
        over = colour("on-select") if selected and theme().name == "contrast" else None

        def ink(role: str) -> QColor:
            return over if over is not None else colour(role)

        mirrored = option.direction == Qt.LayoutDirection.RightToLeft

        def place(rect: QRect) -> QRect:
            return QStyle.visualRect(option.direction, option.rect, rect)

        off = bool(choice.reason)
        text = metrics.list_line()
        edge = metrics.icon_size(16)
        left = box.left() + 10
        middle = box.top() + (box.height() - edge) // 2
        if choice.checked is not None:
            name = "check-square-fill" if choice.checked else "square"
            icons.paint(painter, place(QRect(left, middle, edge, edge)), name, ink("text-2"))
            left += edge + 8
        if choice.swatch:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink(f"a-{choice.swatch}"))
            wide = metrics.icon_size(10)
            high = metrics.icon_size(5)
            pip = place(QRect(left, box.top() + (box.height() - high) // 2, wide, high))
            painter.drawRoundedRect(QRectF(pip), high / 2, high / 2)
            left += wide + 10
        elif choice.icon:
            role = "text-off" if off else choice.icon_role
            icons.paint(painter, place(QRect(left, middle, edge, edge)), choice.icon, ink(role))
            left += edge + 12
        right = box.right() + 1 - 10
        for cap in reversed(choice.caps):
            wide = cap_width(cap)
            spot = place(QRect(right - wide, box.top(), wide, box.height()))
            draw_cap(painter, spot.left(), spot, cap, over, off)
            right -= wide + 5
        room = right - left - 10
        two = bool(choice.second)
        top = box.top() + (6 if two else (box.height() - text) // 2)
        title = QRect(left, top, room, text)
        used = self._text(
            painter, place(title), choice.title, ink("text-2" if off else "text"), mirrored, line.found
        )
        rest = room - used - 12
        beside = choice.hint
        found: tuple[tuple[int, int], ...] = ()
        if line.also:
            lead = QCoreApplication.translate("Picker", "also: {word}").replace("{word}", "")
            beside = lead + line.also
            found = tuple((start + len(lead), end + len(lead)) for start, end in line.also_found)
        if beside and rest > 40:
            spot = place(QRect(left + used + 12, top, rest, text))
            self._text(painter, spot, beside, ink("text-3"), mirrored, found)
        if two:
            self._text(
                painter,
                place(QRect(left, top + text, room, text)),
                choice.second,
                ink("text-3"),
                mirrored,
                (),
            )

    def _text(
        self,
        painter: QPainter,
        box: QRect,
        text: str,
        ink: QColor,
        mirrored: bool,
        found: tuple[tuple[int, int], ...],
    ) -> int:
        """One line with its hits underlined; the width it took."""
        font = fonts.list_font()
        measure = fonts.metrics_of(font)
        fits = len(text) <= 400 and measure.horizontalAdvance(text) <= box.width()
        shown = text if fits else measure.elidedText(
            text[:400], Qt.TextElideMode.ElideRight, box.width()
        )  # fmt: skip
        wide = measure.horizontalAdvance(shown)
        x = box.right() + 1 - wide if mirrored else box.left()
        y = box.top() + (box.height() - measure.height()) // 2 + measure.ascent()
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(x, y, shown)
        if not mirrored and shown == text:
            for start, end in found:
                begin = x + measure.horizontalAdvance(shown[:start])
                stretch = measure.horizontalAdvance(shown[start:end])
                painter.fillRect(QRect(begin, y + 2, stretch, 1), ink)
        return wide
