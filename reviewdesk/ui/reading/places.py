"""Places in the review that is read: where words were found, the versions, the person, our newest reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QWidget

from reviewdesk.ui.reading.body import TextBody
from reviewdesk.ui.reading.timeline import Entry
from reviewdesk.ui.theme import metrics

if TYPE_CHECKING:
    from reviewdesk.ui.reading.pane import ReadingPane

__all__ = ["Places"]


class Places:
    """Belongs to one reading pane, which keeps it. No QObject: a child that refers to its parent crashed the collector."""

    def __init__(self, pane: ReadingPane) -> None:
        self._pane = pane
        self._own: tuple[int, tuple[str, ...]] = (0, ())
        pane.find_bar.shown.connect(self._reveal_hit)
        pane.find_bar.left.connect(self._on_find_left)

    # --- find --------------------------------------------------------------------------------------

    def selected_text(self) -> str:
        """The passage of the review that is marked; what others wrote below it does not count."""
        content = self._pane.content
        for body in (content.text.body, content.title):
            if body.textCursor().hasSelection():
                return body.textCursor().selection().toPlainText()
        return ""

    def _reveal_hit(self, body: TextBody, place: int) -> None:
        area = self._pane.area
        cursor = QTextCursor(body.document())
        cursor.setPosition(place)
        at = body.mapTo(self._pane.content, body.cursorRect(cursor).center())
        area.ensureVisible(at.x(), at.y(), 40, max(40, area.viewport().height() // 4))

    def _on_find_left(self) -> None:
        """What was found in the customer's words stays marked: Shift and the arrows widen it, a report quotes it."""
        content = self._pane.content
        found = self._pane.find_bar.found()
        if found is not None and found[0] in (content.text.body, content.title):
            body, start, end = found
            cursor = body.textCursor()
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            body.setTextCursor(cursor)
            body.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._pane.area.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- our newest reply ----------------------------------------------------------------------------

    def reveal_new(self, entries: list[Entry]) -> None:
        """Our own reply that has just gone into the outbox comes into view; nothing else ever moves the place."""
        keys = tuple(e.key for e in entries if e.outbox_id)
        detail = self._pane.detail()
        review = detail.row.id if detail is not None else 0
        before, self._own = self._own, (review, keys)
        if before[0] == review and entries and entries[-1].outbox_id and keys[-1] not in before[1]:
            QTimer.singleShot(0, self._pane, self._reveal_last)

    def _reveal_last(self) -> None:
        shown = self._pane.shown_entries()
        if shown:
            self._reveal(shown[-1], 16)

    # --- parts ---------------------------------------------------------------------------------------

    def show_history(self) -> None:
        """Unfold the earlier versions and go there with the keyboard."""
        self._pane.content.history.set_open(True)
        self._go_to(self._pane.content.history)

    def show_people(self) -> None:
        """Go to the first of the other reviews of this person or order; Enter opens it, Del takes it apart."""
        rows = self._pane.content.context.rows()
        if rows:
            self._go_to(rows[0])

    def _go_to(self, part: QWidget) -> None:
        self._reveal(part, 24)
        part.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _reveal(self, part: QWidget, margin: int) -> None:
        layout = self._pane.content.layout()
        if layout is not None:
            layout.activate()
        self._pane.area.ensureWidgetVisible(part, 0, margin)

    def scroll_page(self, by: int) -> bool:
        """Scroll by most of a page; false when there is no more in that direction (then the next review is due)."""
        bar = self._pane.area.verticalScrollBar()
        before = bar.value()
        bar.setValue(before + by * max(40, bar.pageStep() - 2 * metrics.body_line()))
        return bar.value() != before
