"""The list on the screen: keyboard, pointer, selection by id, and nothing that jumps.

A QTableView with one column: with 200,000 rows a QListView needs a quarter of a second to show and again for every
insertion at the top, this one next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QCursor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QScrollBar,
    QStyle,
    QStyleOptionSlider,
    QTableView,
    QToolTip,
    QWidget,
)

from reviewdesk.ui.inbox import words
from reviewdesk.ui.inbox.context import RowContext
from reviewdesk.ui.inbox.delegate import ListState, ReviewDelegate, quick_action
from reviewdesk.ui.inbox.model import InboxModel
from reviewdesk.ui.theme import metrics, theme
from reviewdesk.ui.widgets import announce, plain_tip

__all__ = ["InboxView"]

_FLAG = QItemSelectionModel.SelectionFlag
_FEW = 1000


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A review that must stay at its height, or 0: stay at the top."""

    review_id: int
    y: int


class _OverlayBar(QScrollBar):
    """A slim bar that lies over the right padding of the rows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        return QSize(12, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_ScrollBar, option, QStyle.SubControl.SC_ScrollBarSlider, self
        )
        box = QRectF(handle).adjusted(0, 3, 0, -3)
        box.setLeft(self.width() - 9 if not self.isRightToLeft() else 3)
        box.setWidth(6)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("field" if self.underMouse() or self.isSliderDown() else "scroll"))
        painter.drawRoundedRect(box, 3, 3)
        painter.end()


class InboxView(QTableView):
    """Rows and headings of one InboxModel. Ids are larger than a C int, so signals carry them as objects."""

    current_id_changed = Signal(object)
    """The review the keyboard is on; 0 for none."""
    opened = Signal(object)
    """Enter or a double click on a review."""
    selection_counted = Signal(int)
    """How many reviews are selected."""
    quick = Signal(str, object)
    """A button on the hovered row: (action, id)."""
    unread_wanted = Signal(int)
    """The next (1) or previous (-1) unread review is asked for."""
    new_wanted = Signal()
    """The reviews that wait above are asked for."""

    def __init__(self, model: InboxModel, context: RowContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._state = ListState()
        self._delegate = ReviewDelegate(context, self._state, self)
        self._anchor: _Anchor | None = None
        self._anchor_line = -1
        self._checking = False
        self._told_current = 0
        self._told_count = 0
        self._pressed_quick: tuple[int, int] | None = None
        self._sized: list[int] = []
        self._quiet = False

        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setDragEnabled(False)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The bar lies over the right padding of the rows, so that no text moves when it appears.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setItemDelegate(self._delegate)
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setMinimumSectionSize(1)
        sections = self.verticalHeader()
        sections.hide()
        sections.setMinimumSectionSize(1)
        sections.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setModel(model)
        self._bar = _OverlayBar(self)
        self._bar.hide()
        own = self.verticalScrollBar()
        own.rangeChanged.connect(self._range_changed)
        own.valueChanged.connect(self._scrolled)
        self._bar.valueChanged.connect(own.setValue)

        model.about_to_move.connect(self._remember_anchor)
        model.moved.connect(self._restore_anchor)
        model.rowsInserted.connect(self._rows_inserted)
        model.modelReset.connect(self._size_all_headings)
        model.layoutChanged.connect(self._size_all_headings)
        model.rows_read.connect(self.viewport().update)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self.doubleClicked.connect(self._double_clicked)
        theme().changed.connect(self._restyle)
        self.set_density(self._delegate.density)

    # --- look ------------------------------------------------------------------------------------

    @property
    def delegate(self) -> ReviewDelegate:
        return self._delegate

    def density(self) -> str:
        return self._delegate.density

    def set_density(self, density: str) -> None:
        """``comfortable``, ``normal`` or ``compact``; what was at the top of the screen stays there."""
        self._remember_anchor()
        self._delegate.set_density(density)
        self._resize_sections()
        self._restore_anchor()
        self.viewport().update()

    def _restyle(self) -> None:
        self._remember_anchor()
        self._resize_sections()
        self._restore_anchor()
        self.viewport().update()

    def _resize_sections(self) -> None:
        sections = self.verticalHeader()
        sections.setDefaultSectionSize(self._delegate.measures().height)
        own = self.verticalScrollBar()
        own.setSingleStep(max(20, metrics.list_line() * 2))
        self._size_all_headings()

    def _size_all_headings(self) -> None:
        wanted = self._model.lines.heading_lines()
        self._set_sizes(
            [n for n in self._sized if n < self._model.rowCount()], self._delegate.measures().height
        )
        self._set_sizes(wanted, metrics.group_height())
        self._sized = wanted
        self.updateGeometries()

    def _rows_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        wanted = self._model.lines.heading_lines()
        self._set_sizes([n for n in wanted if first <= n <= last], metrics.group_height())
        self._sized = wanted

    def _set_sizes(self, lines: Iterable[int], height: int) -> None:
        """While updates are off a size costs microseconds, else it costs a walk over all sections."""
        sections = self.verticalHeader()
        sections.setUpdatesEnabled(False)
        self.setUpdatesEnabled(False)
        for line in lines:
            sections.resizeSection(line, height)
        sections.setUpdatesEnabled(True)
        self.setUpdatesEnabled(True)

    # --- what is on the screen -------------------------------------------------------------------

    def visible_lines(self) -> tuple[int, int]:
        """First and last line that can be seen; (0, -1) when there are none."""
        count = self._model.rowCount()
        if not count:
            return 0, -1
        first = max(0, self.rowAt(0))
        last = self.rowAt(self.viewport().height() - 1)
        return first, count - 1 if last < 0 else last

    def last_visible_index(self) -> int:
        first, last = self.visible_lines()
        return self._model.lines.indexes_between(first, last)[1] - 1

    def is_free(self) -> bool:
        return self.verticalScrollBar().value() == 0 and not self._told_current and not self._told_count

    def kept_ids(self) -> set[int]:
        kept = {self.current_id()}
        if self._told_count <= _FEW:
            kept.update(self.selected_ids())
        return kept

    def _remember_anchor(self) -> None:
        if self._anchor is not None:
            return
        if self.is_free():
            self._anchor = _Anchor(0, 0)
            return
        first, last = self.visible_lines()
        line = self.currentIndex().row()
        if not (first <= line <= last and self._model.id_at(line)):
            line = next((n for n in range(first, last + 1) if self._model.id_at(n)), -1)
        review_id = self._model.id_at(line)
        self._anchor = _Anchor(review_id, self.rowViewportPosition(line)) if review_id else _Anchor(0, 0)

    def _restore_anchor(self) -> None:
        anchor, self._anchor = self._anchor, None
        self.updateGeometries()
        if anchor is None:
            return
        line = self._model.line_of(anchor.review_id) if anchor.review_id else -1
        if line >= 0:
            self.verticalScrollBar().setValue(self.verticalHeader().sectionPosition(line) - anchor.y)
        elif not anchor.review_id:
            self.verticalScrollBar().setValue(0)
        self._state.current_line = self.currentIndex().row()
        self._looked()
        self._hover_at(self.viewport().mapFromGlobal(QCursor.pos()) if self.underMouse() else None)

    def _looked(self) -> None:
        first, last = self.visible_lines()
        if last >= first:
            self._model.look_at(first, last)

    # --- the scroll bar over the rows ------------------------------------------------------------

    def _range_changed(self, low: int, high: int) -> None:
        own = self.verticalScrollBar()
        self._bar.setRange(low, high)
        self._bar.setPageStep(own.pageStep())
        self._bar.setSingleStep(own.singleStep())
        self._bar.setVisible(high > low)
        self._bar.setValue(own.value())
        self._place_bar()
        self._looked()

    def _scrolled(self, value: int) -> None:
        self._bar.setValue(value)
        self._looked()
        if self._state.hover_line >= 0:
            self._hover_at(self.viewport().mapFromGlobal(QCursor.pos()) if self.underMouse() else None)

    def _place_bar(self) -> None:
        width = self._bar.sizeHint().width()
        left = 0 if self.isRightToLeft() else self.width() - width
        self._bar.setGeometry(left, 0, width, self.height())
        self._bar.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._bar.setPageStep(self.verticalScrollBar().pageStep())
        self._place_bar()
        self._looked()

    # --- current and selected --------------------------------------------------------------------

    def current_id(self) -> int:
        """The review the keyboard is on; 0 for none."""
        return self._model.id_at(self.currentIndex().row())

    def _spans(self) -> list[tuple[int, int]]:
        """The selected lines as (first, last), in the order of the list."""
        chosen: Any = self.selectionModel().selection()
        return sorted((span.top(), span.bottom()) for span in chosen)

    def selected_count(self) -> int:
        return sum(self._model.count_on(top, bottom) for top, bottom in self._spans())

    def selected_ids(self) -> list[int]:
        """In the order of the list."""
        return [i for top, bottom in self._spans() for i in self._model.ids_on(top, bottom)]

    def is_several(self) -> bool:
        """Whether check boxes are shown."""
        return self._state.several

    def select_id(self, review_id: int) -> bool:
        """Go to a review and select it alone; false when it is not in the list."""
        index = self._model.lines.index_of(review_id)
        if index < 0:
            return False
        if self._model.lines.line_of(index) < 0:
            self._model.set_collapsed(self._model.lines.group_of(index), False)
        self._checking = False
        self._go(self._model.lines.line_of(index))
        return True

    def clear_current(self) -> None:
        """Nothing is current, nothing is selected."""
        self._checking = False
        self.selectionModel().clear()
        self._tell_current()

    def clear_checks(self) -> None:
        """Of several selected reviews only the current one stays."""
        self._checking = False
        if self.current_id():
            self._go(self.currentIndex().row())
        else:
            self.clearSelection()
        self._count_selection()

    def select_everything(self) -> None:
        """All reviews of the view, those of folded groups included."""
        lines = self._model.lines
        for number in range(len(lines.groups)):
            if lines.groups[number].collapsed:
                self._model.set_collapsed(number, False)
        last = self._model.rowCount() - 1
        if last < 0:
            return
        span = QItemSelection(self._model.index(0, 0), self._model.index(last, 0))
        self._checking = True
        self.selectionModel().select(span, _FLAG.ClearAndSelect | _FLAG.Rows)
        self._count_selection()

    def toggle(self, line: int) -> None:
        """Check or uncheck one row, as ``x`` does."""
        review_id = self._model.id_at(line)
        if not review_id:
            return
        index = self._model.index(line, 0)
        alone = not self._checking and self.selectionModel().isSelected(index) and self._told_count == 1
        self._checking = True
        self.setCurrentIndexOnly(index)
        if not alone:
            self.selectionModel().select(index, _FLAG.Toggle | _FLAG.Rows)
        self._count_selection()

    def setCurrentIndexOnly(self, index: QModelIndex) -> None:
        """Move the keyboard there without selecting."""
        self.selectionModel().setCurrentIndex(index, _FLAG.NoUpdate)

    def take_out(self, ids: Iterable[int]) -> None:
        """Remove reviews; where the current one is among them, its next neighbour becomes current."""
        leaving = set(ids)
        current = self.current_id()
        successor = self._successor(current, leaving) if current in leaving else 0
        self._quiet = True
        try:
            self._model.remove(leaving)
            if current in leaving:
                self._checking = False
                if successor:
                    self.select_id(successor)
                else:
                    self.selectionModel().clear()
        finally:
            self._quiet = False
        self._tell_current()
        self._count_selection()

    def _successor(self, review_id: int, leaving: set[int]) -> int:
        lines = self._model.lines
        at = lines.index_of(review_id)
        for step, end in ((1, len(lines.ids)), (-1, -1)):
            for index in range(at + step, end, step):
                if lines.ids[index] not in leaving and lines.line_of(index) >= 0:
                    return lines.ids[index]
        return 0

    def _current_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        self._state.current_line = now.row()
        self._repaint_line(now.row())
        self._repaint_line(before.row())
        self._tell_current()

    def settle_current(self) -> None:
        """Say what is current after another view came in."""
        self._tell_current()
        self._count_selection()

    def _tell_current(self) -> None:
        current = self.current_id()
        if current != self._told_current and not self._quiet:
            self._told_current = current
            self.current_id_changed.emit(current)

    def _selection_changed(self, chosen: QItemSelection, dropped: QItemSelection) -> None:
        # A screen reader selects without moving the current row.
        if not self._quiet and self.selectionModel().hasSelection():
            spans = self._spans()
            if len(spans) == 1 and spans[0][0] == spans[0][1] and not self._checking:
                line = spans[0][0]
                if line != self.currentIndex().row() and self._model.id_at(line):
                    self.setCurrentIndexOnly(self._model.index(line, 0))
        self._count_selection()

    def _count_selection(self) -> None:
        count = self.selected_count()
        if count == 0:
            self._checking = False
        several = count > 1 or self._checking
        if several != self._state.several:
            self._state.several = several
            self.viewport().update()
        self._told_count = count
        if not self._quiet:
            self.selection_counted.emit(count)

    # --- moving ----------------------------------------------------------------------------------

    def step(self, delta: int, *, extend: bool = False) -> bool:
        """To the next (1) or previous (-1) review, or a folded heading; false at the end."""
        line = self._next_line(self.currentIndex().row(), delta)
        if line < 0:
            return False
        self._go(line, extend=extend)
        return True

    def _next_line(self, line: int, delta: int) -> int:
        """Open headings are passed over, folded ones stop: they could not be reached otherwise."""
        lines = self._model.lines
        line = line + delta if line >= 0 else (0 if delta > 0 else len(lines) - 1)
        while 0 <= line < len(lines):
            place = lines.at(line)
            if not place.is_heading or lines.groups[place.group].collapsed:
                return line
            line += delta
        return -1

    def _go(self, line: int, *, extend: bool = False) -> None:
        before = self.currentIndex().row()
        index = self._model.index(line, 0)
        self._say_group(before, line)
        selection = self.selectionModel()
        if extend and before >= 0:
            if self._anchor_line < 0 or not selection.isSelected(self._model.index(self._anchor_line, 0)):
                self._anchor_line = before
            top, bottom = sorted((self._anchor_line, line))
            span = QItemSelection(self._model.index(top, 0), self._model.index(bottom, 0))
            self._checking = True
            self.setCurrentIndexOnly(index)
            selection.select(span, _FLAG.ClearAndSelect | _FLAG.Rows)
        else:
            self._anchor_line = line
            if self._checking:
                self.setCurrentIndexOnly(index)
            elif self._model.id_at(line):
                selection.setCurrentIndex(index, _FLAG.ClearAndSelect | _FLAG.Rows)
            else:
                selection.setCurrentIndex(index, _FLAG.Clear)
        self._make_visible(line)

    def _make_visible(self, line: int) -> None:
        """As little scrolling as needed; the first row of a day brings its heading along."""
        sections, own = self.verticalHeader(), self.verticalScrollBar()
        top = sections.sectionPosition(line)
        bottom = top + sections.sectionSize(line)
        if line > 0 and self._model.id_at(line) and not self._model.id_at(line - 1):
            top = sections.sectionPosition(line - 1)
        if top < own.value():
            own.setValue(top)
        elif bottom > own.value() + self.viewport().height():
            own.setValue(bottom - self.viewport().height())

    def _say_group(self, before: int, line: int) -> None:
        """Crossing into another day is announced; the headings themselves are passed over."""
        lines = self._model.lines
        if not lines.groups or not 0 <= before < len(lines):
            return
        group = lines.at(line).group
        if group != lines.at(before).group:
            shown = lines.groups[group]
            announce(
                self,
                words.heading_sentence(self._model.title_of(shown), shown.count, collapsed=shown.collapsed),
            )

    def _page(self, direction: int) -> None:
        line = max(0, self.currentIndex().row())
        target = self.verticalHeader().sectionPosition(line) + direction * self.viewport().height()
        found = self.verticalHeader().visualIndexAt(max(0, target))
        last = self._model.rowCount() - 1
        found = last if found < 0 and direction > 0 else max(0, found)
        landed = found if self._model.id_at(found) else self._next_line(found, direction)
        if landed < 0:
            landed = self._next_line(found, -direction)
        if landed >= 0:
            self._go(landed)

    def set_group_folded(self, folded: bool) -> bool:
        """Fold up or open the day of the current row; false when that is how it was."""
        lines, line = self._model.lines, self.currentIndex().row()
        if not lines.groups or not 0 <= line < len(lines):
            return False
        number = lines.at(line).group
        if lines.groups[number].collapsed == folded:
            return False
        if folded:
            self._go(lines.heading_line(number))
        self._model.set_collapsed(number, folded)
        shown = lines.groups[number] if lines is self._model.lines else self._model.lines.groups[number]
        announce(self, words.heading_sentence(self._model.title_of(shown), shown.count, collapsed=folded))
        return True

    # --- keys ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._handle_key(event):
            # Not to the base class: it would search through all rows for what is typed.
            event.ignore()

    def _handle_key(self, event: QKeyEvent) -> bool:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        shift = modifiers == Qt.KeyboardModifier.ShiftModifier
        if modifiers == Qt.KeyboardModifier.ControlModifier:
            return self._handle_ctrl(event.key())
        if modifiers != Qt.KeyboardModifier.NoModifier and not shift:
            return False
        key, letter = event.key(), event.text()
        if key == Qt.Key.Key_Down or letter in ("j", "J"):
            self.step(1, extend=shift)
        elif key == Qt.Key.Key_Up or letter in ("k", "K"):
            self.step(-1, extend=shift)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and not shift:
            line = self._next_line(-1, 1 if key == Qt.Key.Key_Home else -1)
            if line >= 0:
                self._go(line)
            if key == Qt.Key.Key_Home:
                self.verticalScrollBar().setValue(0)
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) and not shift:
            self._page(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not shift:
            self.set_group_folded((key == Qt.Key.Key_Left) != self.isRightToLeft())
        elif letter == "n":
            self.unread_wanted.emit(1)
        elif letter == "p":
            self.unread_wanted.emit(-1)
        elif letter == "x":
            self.toggle(self.currentIndex().row())
        elif letter == ".":
            self.new_wanted.emit()
        elif (key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or letter == "o") and not shift:
            self._open_current()
        elif key == Qt.Key.Key_Escape and self._state.several:
            self.clear_checks()
        else:
            return False
        return True

    def _handle_ctrl(self, key: int) -> bool:
        if key == Qt.Key.Key_A:
            self.select_everything()
        elif key == Qt.Key.Key_Space:
            self.toggle(self.currentIndex().row())
        else:
            return False
        return True

    def moveCursor(self, action: QTableView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Qt asks this when the focus comes in: nothing becomes current by itself."""
        return self.currentIndex()

    def keyboardSearch(self, search: str) -> None:
        """Not offered: it would read every row of the list."""

    def _open_current(self) -> None:
        if self.current_id():
            self.opened.emit(self.current_id())
        else:
            line = self.currentIndex().row()
            if 0 <= line < self._model.rowCount():
                group = self._model.lines.groups[self._model.lines.at(line).group]
                self.set_group_folded(not group.collapsed)

    def _double_clicked(self, index: QModelIndex) -> None:
        review_id = self._model.id_at(index.row())
        if review_id and self._pressed_quick is None:
            self.opened.emit(review_id)

    # --- pointer ---------------------------------------------------------------------------------

    def _row_rect(self, line: int) -> QRect:
        return self.visualRect(self._model.index(line, 0))

    def _repaint_line(self, line: int) -> None:
        if 0 <= line < self._model.rowCount():
            self.viewport().update(self._row_rect(line))

    def _quick_at(self, line: int, point: QPoint) -> int:
        row = self._model.row_of(self._model.id_at(line))
        if row is None:
            return -1
        return self._delegate.quick_at(row, self._row_rect(line), point, self.layoutDirection())

    def _hover_at(self, point: QPoint | None) -> None:
        line = self.rowAt(point.y()) if point is not None and self.viewport().rect().contains(point) else -1
        quick = self._quick_at(line, point) if line >= 0 and point is not None else -1
        state = self._state
        if (line, quick) != (state.hover_line, state.hover_quick):
            before = state.hover_line
            state.hover_line, state.hover_quick = line, quick
            self._repaint_line(before)
            self._repaint_line(line)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover_at(event.position().toPoint())
        if self._pressed_quick is None:
            super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover_at(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        line = self.rowAt(point.y())
        self._pressed_quick = None
        if event.button() != Qt.MouseButton.LeftButton or line < 0:
            if not self._state.several and line >= 0 and not self._model.id_at(line):
                return
            super().mousePressEvent(event)
            return
        if not self._model.id_at(line):
            self.setCurrentIndexOnly(self._model.index(line, 0))
            group = self._model.lines.groups[self._model.lines.at(line).group]
            self.set_group_folded(not group.collapsed)
            return
        number = self._quick_at(line, point)
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if number >= 0 and plain:
            self._pressed_quick = (self._model.id_at(line), number)
            return
        row = self._model.row_of(self._model.id_at(line))
        on_box = row is not None and self._delegate.is_check(
            row, self._row_rect(line), point, self.layoutDirection()
        )
        if (
            self._state.several and on_box and plain
        ) or event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.toggle(line)
            return
        self._checking = False
        self._anchor_line = line
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed_quick is None:
            super().mouseReleaseEvent(event)
            return
        review_id, number = self._pressed_quick
        self._pressed_quick = None
        point = event.position().toPoint()
        line = self.rowAt(point.y())
        row = self._model.row_of(review_id)
        if row is not None and self._model.id_at(line) == review_id and self._quick_at(line, point) == number:
            self.quick.emit(quick_action(number, row), review_id)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event)
            return True
        return super().viewportEvent(event)

    def _show_tip(self, event: QHelpEvent) -> None:
        line = self.rowAt(event.pos().y())
        row = self._model.row_of(self._model.id_at(line))
        if row is None:
            QToolTip.hideText()
            return
        number = self._quick_at(line, event.pos())
        if number >= 0:
            tip = words.quick_words(quick_action(number, row))
            place = self._delegate.quick_rect(row, self._row_rect(line), number, self.layoutDirection())
        else:
            index = self._model.index(line, 0)
            marks = str(index.data(Qt.ItemDataRole.AccessibleDescriptionRole) or "")
            tip = ", ".join(part for part in (words.score_words(row), marks) if part)
            place = self._row_rect(line)
        QToolTip.showText(event.globalPos(), plain_tip(tip), self.viewport(), place)

    # --- focus -----------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._state.focused = True
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        # A menu or tooltip of this list does not take the focus away in the person's eyes.
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._state.focused = False
            self.viewport().update()

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QTableView.ScrollHint = QTableView.ScrollHint.EnsureVisible,
    ) -> None:
        """Qt asks for this whenever the current row changes; only ``_make_visible`` scrolls."""
        if hint != QTableView.ScrollHint.EnsureVisible:
            super().scrollTo(index, hint)
