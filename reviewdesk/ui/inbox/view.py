"""The list on the screen: keyboard, pointer, selection by id, and nothing that jumps.

A QTableView with one column: with 200,000 rows a QListView needs a quarter of a second to show and again for every
insertion at the top, this one next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QCursor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import (
    QTableView,
    QToolTip,
    QWidget,
)

from reviewdesk.ui.inbox import words
from reviewdesk.ui.inbox.context import RowContext
from reviewdesk.ui.inbox.delegate import quick_action
from reviewdesk.ui.inbox.keys import handle_key
from reviewdesk.ui.inbox.model import InboxModel
from reviewdesk.ui.inbox.steady import SteadyTable
from reviewdesk.ui.widgets import announce, plain_tip

__all__ = ["InboxView"]

_FLAG = QItemSelectionModel.SelectionFlag
_FEW = 1000


class InboxView(SteadyTable):
    """Rows and headings of one InboxModel. Ids are larger than a C int, so signals carry them as objects."""

    current_id_changed = Signal(object)
    """The review the keyboard is on; 0 for none."""
    opened = Signal(object)
    """Enter or a double click on a review."""
    selection_counted = Signal(int)
    """How many reviews are selected."""
    quick = Signal(str, object)
    """A button on the hovered row: (action, id)."""

    def __init__(self, model: InboxModel, context: RowContext, parent: QWidget | None = None) -> None:
        super().__init__(model, context, parent)
        self._anchor_line = -1
        self._checking = False
        self._told_current = 0
        self._told_count = 0
        self._pressed_quick: tuple[int, int] | None = None
        self._quiet = False
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self.doubleClicked.connect(self._double_clicked)

    def is_free(self) -> bool:
        return self.verticalScrollBar().value() == 0 and not self._told_current and not self._told_count

    def kept_ids(self) -> set[int]:
        kept = {self.current_id()}
        if self._told_count <= _FEW:
            kept.update(self.selected_ids())
        return kept

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
        self.go(self._model.lines.line_of(index))
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
            self.go(self.currentIndex().row())
        else:
            self.clearSelection()
        self._count_selection()

    def check_ids(self, ids: Iterable[int]) -> None:
        """Check these reviews, as far as they are in the list; the keyboard stays where it is."""
        lines = self._model.lines
        found = sorted(
            line for i in ids if (at := lines.index_of(i)) >= 0 and (line := lines.line_of(at)) >= 0
        )
        if not found:
            return
        span, begin = QItemSelection(), found[0]
        for line, following in zip(found, [*found[1:], -1], strict=True):
            if following != line + 1:
                span.select(self._model.index(begin, 0), self._model.index(line, 0))
                begin = following
        self._checking = True
        self.selectionModel().select(span, _FLAG.ClearAndSelect | _FLAG.Rows)
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

    def toggle_current(self) -> None:
        """Check or uncheck the row the keyboard is on."""
        self.toggle(self.currentIndex().row())

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
        if self._warm.isActive():
            self._warm_soon()  # the review that is asked for comes first
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
        changed = (count, several) != (self._told_count, self._state.several)
        if several != self._state.several:
            self._state.several = several
            self.viewport().update()
        self._told_count = count
        if changed:
            self.selection_counted.emit(count)

    # --- moving ----------------------------------------------------------------------------------

    def step(self, delta: int, *, extend: bool = False) -> bool:
        """To the next (1) or previous (-1) review, or a folded heading; false at the end."""
        line = self.next_line(self.currentIndex().row(), delta)
        if line < 0:
            return False
        self.go(line, extend=extend)
        return True

    def next_line(self, line: int, delta: int) -> int:
        """Open headings are passed over, folded ones stop: they could not be reached otherwise."""
        lines = self._model.lines
        line = line + delta if line >= 0 else (0 if delta > 0 else len(lines) - 1)
        while 0 <= line < len(lines):
            place = lines.at(line)
            if not place.is_heading or lines.groups[place.group].collapsed:
                return line
            line += delta
        return -1

    def go(self, line: int, *, extend: bool = False) -> None:
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

    def page(self, direction: int) -> None:
        line = max(0, self.currentIndex().row())
        target = self.verticalHeader().sectionPosition(line) + direction * self.viewport().height()
        found = self.verticalHeader().visualIndexAt(max(0, target))
        last = self._model.rowCount() - 1
        found = last if found < 0 and direction > 0 else max(0, found)
        landed = found if self._model.id_at(found) else self.next_line(found, direction)
        if landed < 0:
            landed = self.next_line(found, -direction)
        if landed >= 0:
            self.go(landed)

    def set_group_folded(self, folded: bool) -> bool:
        """Fold up or open the day of the current row; false when that is how it was."""
        lines, line = self._model.lines, self.currentIndex().row()
        if not lines.groups or not 0 <= line < len(lines):
            return False
        number = lines.at(line).group
        if lines.groups[number].collapsed == folded:
            return False
        if folded:
            self.go(lines.heading_line(number))
        self._model.set_collapsed(number, folded)
        shown = lines.groups[number] if lines is self._model.lines else self._model.lines.groups[number]
        announce(self, words.heading_sentence(self._model.title_of(shown), shown.count, collapsed=folded))
        return True

    # --- keys ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not handle_key(self, event):
            # Not to the base class: it would search through all rows for what is typed.
            event.ignore()

    def moveCursor(self, action: QTableView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Qt asks this when the focus comes in: nothing becomes current by itself."""
        return self.currentIndex()

    def keyboardSearch(self, search: str) -> None:
        """Not offered: it would read every row of the list."""

    def open_current(self) -> None:
        """Open the current review; on a heading, fold it or open it."""
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

    def _pointer_moved(self) -> None:
        if self._state.hover_line >= 0:
            self._hover_at(self.viewport().mapFromGlobal(QCursor.pos()) if self.underMouse() else None)

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
