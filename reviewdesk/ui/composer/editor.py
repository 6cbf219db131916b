"""Where a reply is written: plain text only, with the keys of a letter and one key that publishes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QMimeData, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

from reviewdesk.domain.checks import Finding
from reviewdesk.domain.templates import Resolved, gaps
from reviewdesk.domain.text import cap, clean
from reviewdesk.ui.composer.gaps import GapLook, draw_chips, next_gap, utf16
from reviewdesk.ui.composer.marks import Marks, block_origin
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import announce

if TYPE_CHECKING:
    from reviewdesk.ui.composer.speller import Speller

__all__ = ["MOST", "Editor"]

MOST = 20_000
"""Characters that fit; no provider takes more, and more would make typing slow."""
LONG = 8_000
"""Characters that no window is high enough for."""
ENDLESS = 1_000
"""Characters that no word has."""
LEAST_LINES = 3
PAD_X, PAD_Y = 15, 11
_FIXED = QTextBlockFormat.LineHeightTypes.FixedHeight.value


class Editor(QTextEdit):
    """``publish`` on Ctrl+Enter (once, however long it is held), ``later`` with Shift besides, ``escaped`` on
    Escape, ``left`` on F6, ``cut_short`` when pasted text did not fit, ``height_wanted`` when the number of lines changed,
    ``saved_wanted`` with the key (``/`` or ``;``) at the beginning of a line."""

    publish = Signal()
    later = Signal()
    escaped = Signal()
    left = Signal()
    blurred = Signal()
    cut_short = Signal(int)
    height_wanted = Signal()
    saved_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        self.document().setDefaultTextOption(option)
        self._gap_look = GapLook(self.document())
        self.marks = Marks(self, self)
        """The misspelled words."""
        self.speller: Speller | None = None
        self._findings: tuple[Finding, ...] = ()
        self.enter_publishes: Callable[[], bool] = lambda: False
        """Whether Enter alone publishes; Shift+Enter begins a new line then."""
        self._ceiling = 10_000
        self._replacing = False
        self._wanted = 0
        fonts.follow(self, fonts.body_font)
        self._fit_lines()
        self.document().documentLayout().documentSizeChanged.connect(self._on_size)
        theme().changed.connect(self._on_theme)

    # --- text ------------------------------------------------------------------------------------

    def load(self, text: str) -> None:
        """Replace everything, as if just opened: nothing to undo, cursor at the end."""
        blocked = self.blockSignals(True)
        self._replacing = True
        self._make_room(text)
        self.document().setUndoRedoEnabled(False)
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.removeSelectedText()
        # Between the texts: each change of the breaks lays out what is there.
        self._break_anywhere(_is_endless(text))
        cursor.beginEditBlock()
        cursor.setBlockFormat(self._block_format())
        cursor.insertText(cap(clean(text), MOST, ""))
        cursor.endEditBlock()
        self.document().setUndoRedoEnabled(True)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        self.setTextCursor(cursor)
        self.blockSignals(blocked)
        self._replacing = False
        self._on_size()

    def replace_all(self, text: str) -> None:
        """Another text in place of this one; one step of undo brings it back."""
        self._replacing = True
        self._make_room(text)
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        endless = _is_endless(text)
        if endless:
            self._break_anywhere(True)
        cursor.insertText(cap(clean(text), MOST, ""))
        self._break_anywhere(endless)
        self._replacing = False
        self._on_size()

    def _make_room(self, text: str) -> None:
        """For a text that needs the scroll bar in any case, before it comes: laying out 20,000 letters takes some 70 ms."""
        if len(text) > LONG:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    def _break_anywhere(self, anywhere: bool) -> None:
        """For each line of a word without end Qt looks for that end once more: three times the work, for no other breaks."""
        modes = QTextOption.WrapMode
        wanted = modes.WrapAnywhere if anywhere else modes.WrapAtWordBoundaryOrAnywhere
        option = self.document().defaultTextOption()
        if option.wrapMode() != wanted:
            option.setWrapMode(wanted)
            self.document().setDefaultTextOption(option)

    def replace(self, start: int, end: int, text: str) -> None:
        """Other words for ``toPlainText()[start:end]``; one step of undo brings the former back.

        A sentence that goes takes the blank before it along.
        """
        plain = self.toPlainText()
        if not text and start and plain[start - 1 : start] == " " and plain[end : end + 1] in ("", " ", "\n"):
            start -= 1
        cursor = self._cursor(plain, start, end)
        cursor.insertText(clean(text))
        self.setTextCursor(cursor)

    def _cursor(self, plain: str, start: int, end: int) -> QTextCursor:
        """A selection by characters; the document counts in UTF-16."""
        first = utf16(plain[:start])
        cursor = QTextCursor(self.document())
        cursor.setPosition(first)
        cursor.setPosition(first + utf16(plain[start:end]), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    # --- marks -----------------------------------------------------------------------------------

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Mark these passages with a wave; a finding about the whole text has no mark."""
        self._findings = tuple(findings)
        self._mark()

    def _mark(self) -> None:
        plain, marks = self.toPlainText(), []
        for finding in self._findings:
            if finding.start == 0 and finding.end >= len(plain.rstrip()) and not finding.must:
                continue
            mark = QTextEdit.ExtraSelection()
            look = mark.format  # type: ignore[attr-defined]
            look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            look.setUnderlineColor(theme().colour("warn" if finding.must else "text-3"))
            if finding.must:
                look.setBackground(theme().colour("warn-bg"))
            mark.format = look  # type: ignore[attr-defined]
            mark.cursor = self._cursor(plain, finding.start, finding.end)  # type: ignore[attr-defined]
            marks.append(mark)
        self.setExtraSelections(marks)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Pasted and dropped: text only, cleaned, and no more than fits."""
        if not source.hasText():
            return
        cursor = self.textCursor()
        selected = len(cursor.selection().toPlainText()) if cursor.hasSelection() else 0
        room = MOST - (len(self.toPlainText()) - selected)
        pasted = source.text()
        kept = cap(clean(pasted[: 2 * MOST]), max(0, room), "")
        if kept:
            if _is_endless(kept):
                self._break_anywhere(True)
            cursor.insertText(kept)
            self.ensureCursorVisible()
        if len(pasted) > len(kept) and len(kept) >= room:
            self.cut_short.emit(len(kept))

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText()

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        data.setText(self.textCursor().selection().toPlainText())
        return data

    def loadResource(self, kind: int, name: Any) -> Any:
        return None

    # --- keys ------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (_is_publish(event) or _is_later(event))
        ):
            event.accept()  # it is ours, and nobody else's shortcut may do it a second time
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_publish(event) or _is_later(event):
            event.accept()
            if not event.isAutoRepeat():
                (self.later if _is_later(event) else self.publish).emit()
            return
        if _is_enter(event) and self.enter_publishes():
            event.accept()
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.textCursor().insertBlock()
                self.ensureCursorVisible()
            elif not event.isAutoRepeat():
                self.publish.emit()
            return
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            self.escaped.emit()
            return
        if event.key() == Qt.Key.Key_F6:
            event.accept()
            self.left.emit()
            return
        if event.key() == Qt.Key.Key_F7 and self.speller is not None:
            event.accept()
            self.speller.offer_next()
            return
        if event.text() in ("/", ";") and self._at_line_start():
            event.accept()
            self.saved_wanted.emit(event.text())
            return
        if self._is_full(event):
            event.accept()
            self.cut_short.emit(0)
            return
        super().keyPressEvent(event)

    def _at_line_start(self) -> bool:
        cursor = self.textCursor()
        return not cursor.hasSelection() and cursor.positionInBlock() == 0

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab walks the gaps while there are any, then the controls."""
        return self.walk_gaps(back=not forward) or super().focusNextPrevChild(forward)

    def walk_gaps(self, *, back: bool = False) -> bool:
        """Select the next gap, so that typing fills it; false where there is none."""
        plain = self.toPlainText()
        found = tuple(gaps(plain))
        if not found:
            return False
        cursor = self.textCursor()
        edge = cursor.selectionStart() if back else cursor.selectionEnd()
        at = len(plain.encode("utf-16-le", "surrogatepass")[: 2 * edge].decode("utf-16-le", "replace"))
        gap = next_gap(found, at, back=back)
        if gap is not None:
            self.setTextCursor(self._cursor(plain, gap.start, gap.end))
            announce(self, gap.words)
        return True

    def insert_resolved(self, done: Resolved) -> None:
        """Put a saved reply in at the cursor: on its first gap, else at its mark. One step of undo takes it out."""
        plain = self.toPlainText()
        cursor = self.textCursor()
        start = cursor.selectionStart()
        room = MOST - (len(plain) - len(cursor.selection().toPlainText()))
        text = cap(done.text, max(0, room), "")
        cursor.insertText(text)
        if len(text) < len(done.text):
            self.cut_short.emit(len(text))
        cursor.setPosition(start + utf16(text[: done.cursor]))
        self.setTextCursor(cursor)
        if done.gaps:
            cursor.setPosition(start)
            self.setTextCursor(cursor)
            self.walk_gaps()

    def paintEvent(self, event: QPaintEvent) -> None:
        if "{{" in self.toPlainText():
            with QPainter(self.viewport()) as painter:
                draw_chips(self, painter)
        super().paintEvent(event)
        if self.marks.all():
            with QPainter(self.viewport()) as painter:
                self.marks.paint(painter, event.rect())

    def block_origin(self, block: QTextBlock) -> QPointF:
        """Where a block's lines begin in the viewport."""
        return block_origin(self, block)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.speller is not None and self.speller.offer(event):
            event.accept()
            return
        super().contextMenuEvent(event)

    def _is_full(self, event: QKeyEvent) -> bool:
        """Whether this key would write one character too many."""
        writes = bool(event.text()) and event.text().isprintable()
        chord = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if not writes or chord or self.textCursor().hasSelection():
            return False
        return len(self.toPlainText()) >= MOST

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.blurred.emit()

    # --- size ------------------------------------------------------------------------------------

    def set_ceiling(self, height: int) -> None:
        """The most it may take; beyond that it scrolls."""
        if height != self._ceiling:
            self._ceiling = height
            self._on_size()

    def least(self) -> int:
        return LEAST_LINES * metrics.body_line() + 2 * PAD_Y

    def _on_size(self) -> None:
        if self._replacing:
            return  # empty for a moment: a scroll bar that goes and comes would lay everything out again
        text = round(self.document().size().height())
        wanted = max(self.least(), min(text + 2 * PAD_Y, max(self.least(), self._ceiling)))
        scrolls = text + 2 * PAD_Y > wanted
        # Not "as needed": the bar would come after the lines were laid out, and all of them a second time.
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if self.verticalScrollBarPolicy() != policy:
            self.setVerticalScrollBarPolicy(policy)
        if wanted != self._wanted:
            self._wanted = wanted
            self.setFixedHeight(wanted)
            self.height_wanted.emit()

    def sizeHint(self) -> QSize:
        return QSize(300, self._wanted or self.least())

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.least())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._on_size()

    def _fit_lines(self) -> None:
        line, measure = metrics.body_line(), fonts.metrics_of(fonts.body_font())
        # Qt puts the base line of a fixed line at four fifths; ours lies where the letters stand in the middle.
        shift = round(0.8 * line - ((line - measure.height()) / 2 + measure.ascent()))
        self.setViewportMargins(PAD_X, PAD_Y - shift, PAD_X, PAD_Y + shift)

    def _block_format(self) -> QTextBlockFormat:
        block = QTextBlockFormat()
        block.setLineHeight(metrics.body_line(), _FIXED)
        return block

    def _on_theme(self) -> None:
        self._fit_lines()
        modified = self.document().isModified()
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        blocked = self.blockSignals(True)
        cursor.mergeBlockFormat(self._block_format())
        self.blockSignals(blocked)
        self.document().setModified(modified)
        self._mark()
        self._on_size()


def _is_later(event: QKeyEvent) -> bool:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    held = event.modifiers() & (both | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier)
    return held == both and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def _is_enter(event: QKeyEvent) -> bool:
    """Enter, alone or with Shift."""
    others = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    return not others and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def _is_publish(event: QKeyEvent) -> bool:
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    others = event.modifiers() & (
        Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    )
    return control and not others and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def _is_endless(text: str) -> bool:
    return len(text) >= ENDLESS and max(map(len, text.split()), default=0) >= ENDLESS
