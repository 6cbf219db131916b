"""Gaps of a saved reply in the editor: dashed chips that Tab walks, with their braces out of sight."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QPainter,
    QPen,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QTextEdit

from reviewdesk.domain.templates import Gap, gaps
from reviewdesk.ui.theme import theme

__all__ = ["GapLook", "draw_chips", "next_gap", "utf16"]


def utf16(text: str) -> int:
    """The length of a text as a document counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class GapLook(QSyntaxHighlighter):
    """Makes the braces of a gap vanish and its name blue. Formats of a highlighter are not part of undo or text."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        theme().changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        hidden = QTextCharFormat()
        hidden.setForeground(QColor(Qt.GlobalColor.transparent))
        hidden.setFontPointSize(1)
        # What is left of the braces is the inner margin of the chip.
        hidden.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
        hidden.setFontLetterSpacing(2)
        name = QTextCharFormat()
        name.setForeground(theme().colour("public"))
        for gap in gaps(text):
            first = utf16(text[: gap.start])
            length = utf16(text[gap.start : gap.end])
            self.setFormat(first, 2, hidden)
            self.setFormat(first + 2, length - 4, name)
            self.setFormat(first + length - 2, 2, hidden)


def draw_chips(editor: QTextEdit, painter: QPainter) -> None:
    """A dashed frame round every gap that is in sight, under the text."""
    colour = theme().colour
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour("public"), 1, Qt.PenStyle.DashLine))
    painter.setBrush(colour("public-bg"))
    plain = editor.toPlainText()
    seen = editor.viewport().rect()
    for gap in gaps(plain):
        cursor = QTextCursor(editor.document())
        cursor.setPosition(utf16(plain[: gap.start]))
        first = editor.cursorRect(cursor)
        cursor.setPosition(utf16(plain[: gap.end]))
        last = editor.cursorRect(cursor)
        if last.bottom() < seen.top() or first.top() > seen.bottom():
            continue
        rows = [(first.left(), last.left(), first)]
        if last.top() != first.top():  # broken over two lines
            rows = [(first.left(), seen.right() - 2, first), (2, last.left(), last)]
        for left, right, row in rows:
            box = QRect(left - 1, row.top(), max(6, right - left + 2), row.height())
            painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


def next_gap(found: Sequence[Gap], at: int, *, back: bool) -> Gap | None:
    """The gap after (or before) a place, round the end of the text; None where there is none."""
    if not found:
        return None
    if back:
        return next((g for g in reversed(found) if g.end <= at), found[-1])
    return next((g for g in found if g.start >= at), found[0])
