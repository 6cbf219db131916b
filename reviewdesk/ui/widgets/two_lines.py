"""A short list whose rows have two lines: name and a word at the end, below it the first words of a text.

For lists of some hundred rows at most (threads, saved replies); the inbox has a list of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from reviewdesk.domain.plain import dataclass
from reviewdesk.ui.theme import fonts, metrics, theme

__all__ = ["TwoLineList", "TwoLines", "draw_words"]

_Index = QModelIndex | QPersistentModelIndex
_ROW = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class TwoLines:
    """One row. ``key`` is the caller's own; a heading has no key, no second line and can't be chosen."""

    title: str
    end: str = ""
    below: str = ""
    key: int = 0
    strong: bool = False
    heading: bool = False

    def sentence(self) -> str:
        """What a screen reader says, and what a test sees."""
        return ", ".join(part for part in (self.title, self.end, self.below) if part)


class _Delegate(QStyledItemDelegate):
    def __init__(self, view: TwoLineList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        row: TwoLines = index.data(_ROW)
        return QSize(120, metrics.list_line() + 10 if row.heading else metrics.row_height("normal"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: TwoLines = index.data(_ROW)
        colour = theme().colour
        rect: QRect = option.rect
        line = metrics.list_line()
        painter.save()
        painter.setClipRect(rect)
        if row.heading:
            painter.fillRect(rect, colour("sunken"))
            painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, colour("line"))
            box = QRect(rect.left() + 16, rect.top() + 5, rect.width() - 28, line)
            draw_words(painter, option, box, row.title, fonts.list_font(500), colour("text-2"))
            painter.restore()
            return
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = self._view.hasFocus()
        ink = "on-select" if selected and focused and theme().name == "contrast" else ""
        if selected:
            painter.fillRect(rect, colour("select" if focused else "select-idle"))
            bar = QStyle.visualRect(option.direction, rect, QRect(rect.left(), rect.top(), 3, rect.height()))
            painter.fillRect(bar, colour("accent" if focused else "field"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colour("hover"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, colour("line"))
        upper = QRect(rect.left() + 16, rect.top() + 10, rect.width() - 28, line)
        weak = colour(ink or "text-3")
        taken = draw_words(painter, option, upper, row.end, fonts.list_font(tabular=True), weak, end=True)
        draw_words(
            painter,
            option,
            upper.adjusted(0, 0, -taken - 12, 0),
            row.title,
            fonts.list_font(600 if row.strong else 500),
            colour(ink or "text"),
        )
        draw_words(
            painter,
            option,
            upper.translated(0, line + 4),
            row.below,
            fonts.list_font(),
            colour(ink or "text-2"),
        )
        if focused and bool(option.state & QStyle.StateFlag.State_HasFocus) and not selected:
            painter.setPen(QPen(colour("focus"), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -2))
        painter.restore()


def draw_words(
    painter: QPainter,
    option: QStyleOptionViewItem,
    box: QRect,
    text: str,
    font: QFont,
    colour: QColor,
    *,
    end: bool = False,
) -> int:
    """One elided line at the beginning or the end of ``box``; how wide it became."""
    measure = fonts.metrics_of(font)
    shown = measure.elidedText(text[:300], Qt.TextElideMode.ElideRight, max(0, box.width()))
    wide = measure.horizontalAdvance(shown)
    place = QStyle.visualRect(option.direction, option.rect, box)
    mirrored = option.direction == Qt.LayoutDirection.RightToLeft
    x = place.left() if end == mirrored else place.right() + 1 - wide
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(
        QPointF(x, place.top() + (place.height() - measure.height()) // 2 + measure.ascent()), shown
    )
    return wide


class TwoLineList(QListWidget):
    """``chosen`` carries the key of the row that became current (0: none), ``opened`` the one Enter was pressed on."""

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(_Delegate(self))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        fonts.follow(self, fonts.list_font)
        theme().changed.connect(self._on_theme)
        self.currentItemChanged.connect(self._on_current)

    def set_rows(self, rows: Sequence[TwoLines], current: int = 0) -> None:
        """Show ``rows``; the one with the key ``current`` is chosen without saying so."""
        self.blockSignals(True)
        self.clear()
        for row in rows:
            item = QListWidgetItem(row.sentence(), self)
            item.setData(_ROW, row)
            if row.heading:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            elif row.key == current:
                self.setCurrentItem(item)
        self.blockSignals(False)

    def rows(self) -> list[TwoLines]:
        return [self.item(at).data(_ROW) for at in range(self.count())]

    def current(self) -> int:
        """The key of the current row; 0 where there is none."""
        item = self.currentItem()
        return int(item.data(_ROW).key) if item is not None else 0

    def choose(self, key: int) -> None:
        """Make the row with this key current; 0: none."""
        for at, row in enumerate(self.rows()):
            if key and row.key == key:
                self.setCurrentRow(at)
                return
        self.clearSelection()
        self.setCurrentRow(-1)

    def _on_current(self, item: QListWidgetItem | None, _before: object) -> None:
        self.chosen.emit(item.data(_ROW).key if item is not None else 0)

    def _on_theme(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current():
            self.opened.emit(self.current())
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.scheduleDelayedItemsLayout()
