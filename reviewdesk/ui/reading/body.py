"""A stranger's text on the screen: plain, selectable, as high as its lines, never loading anything."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QLocale, QMimeData, QSize, Qt, QTimer
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QKeyEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QMenu, QPlainTextEdit, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from reviewdesk.domain.text import clean, hits
from reviewdesk.ui.loading import viewport_of
from reviewdesk.ui.reading.clip import BODY_LIMIT, broken, head_of, pieces, utf16_places
from reviewdesk.ui.reading.diff import Change, Part
from reviewdesk.ui.reading.turns import turns
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets import PushButton

__all__ = ["LongText", "TextBody", "WholeText"]

_FIXED = QTextBlockFormat.LineHeightTypes.FixedHeight.value
MOST_MARKS = 200
_PANE_KEYS = (
    *(
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
    ),
)
MARKED_PART = 100_000
"""Characters in which search hits are marked: marking must not freeze either."""


class TextBody(QTextEdit):
    """Read-only plain text. What is set is shown letter by letter: no markup, no pictures, no links.

    ``leading``: at the interface's leading side whatever the text's own direction (values under their labels).
    Shows the beginning of a text that is too long; ``LongText`` has a way to the rest.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        font: Callable[[], QFont] = fonts.body_font,
        line: Callable[[], int] = metrics.body_line,
        limit: int = BODY_LIMIT,
        role: str = "text",
        leading: bool = False,
    ) -> None:
        super().__init__(parent)
        self._port = viewport_of(self)
        self._line, self._limit, self._role = line, limit, role
        self._leading = leading
        self._text = ""
        self._shown = 0
        self._rest = ""
        """What of the shown text is not laid out yet."""
        self._parts: list[Part] = []
        self._needles: tuple[tuple[str, bool], ...] = ()
        self._heights: dict[int, int] = {}
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        # Tab walks the actions of the pane; a text is reached by the pointer or by a screen reader.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.document().setDocumentMargin(0)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        self.document().setDefaultTextOption(option)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        fonts.follow(self, font)
        theme().changed.connect(self._on_theme)

    # --- what is shown ---------------------------------------------------------------------------

    def text(self) -> str:
        """The whole text as it was set, shown or not."""
        return self._text

    def has_more(self) -> bool:
        """Whether only the beginning is shown."""
        return self._shown < len(self._text)

    def set_text(self, text: str) -> None:
        """Show ``text`` as it is written; the same text again changes nothing (selection and place stay)."""
        if text == self._text:
            return
        self._text = text
        self._parts = []
        head, _ = head_of(text, self._limit)
        self._shown = len(head)
        whole = broken(clean(head))
        now = turns().grant(len(whole))
        self._fill([(whole[:now], None)])
        self._rest = whole[now:]
        if self._rest:
            turns().wait(self)

    def is_laid_out(self) -> bool:
        """Whether everything that is to be shown stands there; a long text needs some turns of the event loop."""
        return not self._rest

    def go_on(self) -> bool:
        """Lay out the next part of a long text; whether that was the last."""
        if self._rest:
            now = turns().grant(len(self._rest))
            cursor = QTextCursor(
                self.document()
            )  # not the one that a person sees or has marked something with
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(self._rest[:now], self._plain())
            self._rest = self._rest[now:]
            self._heights.clear()
            self.updateGeometry()
            if not self._rest:
                self._mark()
        return not self._rest

    def set_parts(self, parts: list[Part]) -> None:
        """Show word differences: added underlined, removed struck through, both also by background."""
        self._text = "".join(part.text for part in parts)
        self._shown = len(self._text)
        self._parts = parts
        self._rest = ""
        shown: list[tuple[str, QTextCharFormat | None]] = []
        for number, part in enumerate(parts):
            shown.append((broken(part.text), self._format_of(part.change)))
            following = parts[number + 1] if number + 1 < len(parts) else None
            if following is not None and part.change is Change.REMOVED and following.change is Change.ADDED:
                shown.append((" ", None))  # what went and what came must not read as one word
        self._fill(shown)

    def set_highlight(self, needles: tuple[tuple[str, bool], ...]) -> None:
        """Mark what a search found: (words, as a beginning)."""
        if needles != self._needles:
            self._needles = needles
            self._mark()

    def remark(self) -> None:
        """Show the marks of the list's search again, after something else was marked."""
        self._mark()

    def _fill(self, parts: list[tuple[str, QTextCharFormat | None]]) -> None:
        self._centre_lines()
        plain = self._plain()
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.removeSelectedText()
        cursor.setBlockFormat(self._block_format())
        for text, char_format in parts:
            cursor.insertText(text, char_format if char_format is not None else plain)
        cursor.endEditBlock()
        cursor.movePosition(QTextCursor.MoveOperation.Start)
        self.setTextCursor(cursor)
        self._heights.clear()
        self._mark()
        self.updateGeometry()

    def _plain(self) -> QTextCharFormat:
        plain = QTextCharFormat()
        if self._role != "text":
            plain.setForeground(theme().colour(self._role))
        return plain

    def _centre_lines(self) -> None:
        """Qt puts the base line of a fixed line at four fifths; ours lies where the letters stand in the middle."""
        line, measure = self._line(), fonts.metrics_of(self.font())
        shift = round(0.8 * line - ((line - measure.height()) / 2 + measure.ascent()))
        self.setViewportMargins(0, -shift, 0, shift)

    def _block_format(self) -> QTextBlockFormat:
        block = QTextBlockFormat()
        block.setLineHeight(self._line(), _FIXED)
        if self._leading and self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            block.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute)
        elif self._leading:
            block.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
        return block

    def _format_of(self, change: Change) -> QTextCharFormat | None:
        if change is Change.SAME:
            return None
        char_format = QTextCharFormat()
        char_format.setForeground(theme().colour("text"))
        if change is Change.ADDED:
            char_format.setBackground(theme().colour("ins-bg"))
            char_format.setFontUnderline(True)
        else:
            char_format.setBackground(theme().colour("del-bg"))
            char_format.setFontStrikeOut(True)
        return char_format

    def _mark(self) -> None:
        shown = self.toPlainText()[:MARKED_PART] if self._needles else ""
        found = utf16_places(shown, hits(shown, self._needles, MOST_MARKS)) if shown else []
        selections: list[Any] = []
        for start, end in found:
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            selection.cursor = cursor
            selection.format.setBackground(theme().colour("hit"))
            selections.append(selection)
        self.setExtraSelections(selections)

    # --- size ------------------------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        known = self._heights.get(width)
        if known is None:
            if len(self._heights) > 20:
                self._heights.clear()
            document = self.document()
            shown = document.textWidth()
            if shown != width:
                document.setTextWidth(width)
            known = max(self._line(), math.ceil(document.size().height()))
            self._heights[width] = known
            if shown != width and shown > 0 and round(shown) == self.viewport().width():
                # Only measured: what is on the screen keeps its lines.
                document.setTextWidth(shown)
        return known

    def sizeHint(self) -> QSize:
        width = self.width()
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self._line())

    def _on_theme(self) -> None:
        self._centre_lines()
        if self._parts:
            self.set_parts(self._parts)
            return
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(self._block_format())
        if self._role != "text":
            colour = QTextCharFormat()
            colour.setForeground(theme().colour(self._role))
            cursor.mergeCharFormat(colour)
        self._heights.clear()
        self._mark()
        self.updateGeometry()

    # --- manners ---------------------------------------------------------------------------------

    def loadResource(self, kind: int, name: Any) -> Any:
        """Nothing in a text is ever loaded; plain text never asks, and this would refuse."""
        return None

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        data.setText(self.textCursor().selection().toPlainText())
        return data

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = event.key() in _PANE_KEYS and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if moves:
            event.ignore()  # without a selection to widen, the pane scrolls
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the pane scrolls, not the text in it

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction(icons.icon("copy"), self.tr("Copy"))
        copy.setEnabled(self.textCursor().hasSelection())
        copy.triggered.connect(self.copy)
        menu.addAction(self.tr("Select all")).triggered.connect(self.selectAll)
        menu.popup(event.globalPos())
        event.accept()


class WholeText(QPlainTextEdit):
    """All of a very long text, with a scroll bar of its own: lays out only the lines that are seen."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        fonts.follow(self, fonts.body_font)
        self._coming = pieces(text)
        self._adder = QTimer(self)
        self._adder.setInterval(0)
        self._adder.timeout.connect(self._add_piece)
        self._add_piece()
        self._adder.start()

    def is_complete(self) -> bool:
        return not self._adder.isActive()

    def _add_piece(self) -> None:
        piece = next(self._coming, None)
        if piece is None:
            self._adder.stop()
            return
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(piece)

    def sizeHint(self) -> QSize:
        return QSize(300, 20 * metrics.body_line())

    def loadResource(self, kind: int, name: Any) -> Any:
        return None


class LongText(QWidget):
    """A text with a way to all of it where only its beginning is shown."""

    def __init__(self, parent: QWidget | None = None, *, limit: int = BODY_LIMIT) -> None:
        super().__init__(parent)
        self.body = TextBody(self, limit=limit)
        self._whole: WholeText | None = None
        self._more = PushButton("", self, kind="link", small=True)
        self._more.clicked.connect(self.show_all)
        self._more.hide()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.body)
        self._column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeading)

    def text(self) -> str:
        return self.body.text()

    def set_text(self, text: str) -> None:
        before = self.body.text()
        self.body.set_text(text)
        if self.body.text() == before:
            return
        if self._whole is not None:
            self._whole.deleteLater()
            self._whole = None
        self.body.show()
        count = QLocale().toString(len(self.body.text()))
        self._more.setText(self.tr("Show all {count} characters").format(count=count))
        self._more.setVisible(self.body.has_more())

    def more_button(self) -> PushButton:
        return self._more

    def whole(self) -> WholeText | None:
        """All of the text, once somebody asked for it."""
        return self._whole

    def show_all(self) -> None:
        if self._whole is None and self.body.has_more():
            self._whole = WholeText(self.body.text(), self)
            self._whole.setAccessibleName(self.body.accessibleName())
            self._column.insertWidget(0, self._whole)
            self.body.hide()
            self._more.hide()
