"""Find in the review that is open: every hit marked, the present one strongest, Enter goes on, Esc leaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QTextEdit, QWidget

from reviewdesk.domain.text import fold
from reviewdesk.ui.reading.body import TextBody
from reviewdesk.ui.theme import fonts, theme
from reviewdesk.ui.widgets import PlainLabel, ToolButton, announce

__all__ = ["FindBar", "places_of"]

MOST = 500
SEARCHED = 100_000
"""Characters of one text that are searched: the same that search hits are marked in."""


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    return fold(char) or ("" if char.isalnum() else char)


def places_of(text: str, words: str) -> list[tuple[int, int]]:
    """(start, end) of each place where ``words`` stand, without regard to case and accents, in Qt's characters."""
    wanted = fold(words)
    if not wanted:
        return []
    if text.isascii() and words.isascii():
        return _plain_places(text[:SEARCHED].lower(), wanted)
    folded: list[str] = []
    origin: list[int] = []
    at = 0
    for char in text[:SEARCHED]:
        plain = _folded(char)
        folded.append(plain)
        origin.extend([at] * len(plain))
        at += 2 if ord(char) > 0xFFFF else 1
    origin.append(at)
    joined = "".join(folded)
    found: list[tuple[int, int]] = []
    start = joined.find(wanted)
    while start >= 0 and len(found) < MOST:
        end = start + len(wanted)
        found.append((origin[start], max(origin[end], origin[start] + 1)))
        start = joined.find(wanted, end)
    return found


def _plain_places(text: str, wanted: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    start = text.find(wanted)
    while start >= 0 and len(found) < MOST:
        found.append((start, start + len(wanted)))
        start = text.find(wanted, start + len(wanted))
    return found


@dataclass(frozen=True, slots=True)
class _Hit:
    body: TextBody
    start: int
    end: int


class _Field(QLineEdit):
    walked = Signal(int)
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.walked.emit(-1 if back else 1)
        elif event.key() == Qt.Key.Key_Down:
            self.walked.emit(1)
        elif event.key() == Qt.Key.Key_Up:
            self.walked.emit(-1)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class FindBar(QWidget):
    """Above the text. ``shown`` carries the TextBody and the place (in it) that should come into view."""

    shown = Signal(object, int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panehead")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bodies: list[TextBody] = []
        self._hits: list[_Hit] = []
        self._at = -1
        self._found: _Hit | None = None
        self.field = _Field(self)
        self.field.setMaxLength(200)
        self.field.setPlaceholderText(self.tr("Find in this review"))
        self.field.setAccessibleName(self.tr("Find in this review"))
        fonts.follow(self.field, fonts.list_font)
        self.count = PlainLabel(parent=self, role="text-2")
        self._up = ToolButton("caret-up", self.tr("Previous hit (Shift Enter)"), self, small=True)
        self._down = ToolButton("caret-down", self.tr("Next hit (Enter)"), self, small=True)
        self._close = ToolButton("x", self.tr("Close (Esc)"), self, small=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self.count)
        for button in (self._up, self._down, self._close):
            row.addWidget(button)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.field.textChanged.connect(self._search)
        self.field.walked.connect(self.walk)
        self.field.left.connect(self.dismiss)
        self._up.clicked.connect(self._on_up)
        self._down.clicked.connect(self._on_down)
        self._close.clicked.connect(self.dismiss)
        self.hide()

    def open(self, bodies: list[TextBody]) -> None:
        """Ask for words; ``bodies`` are the texts on the screen in their order."""
        self._bodies = list(bodies)
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._search()

    def set_bodies(self, bodies: list[TextBody]) -> None:
        """The texts on the screen changed."""
        if not self.isHidden():
            self._clear()
            self._bodies = list(bodies)
            self._search(keep=True)

    def dismiss(self) -> None:
        """Close; the marks go."""
        if self.isHidden():
            return
        self._clear()
        self._found = self._hits[self._at] if self._hits and self.field.text().strip() else None
        self._hits, self._at = [], -1
        self.hide()
        self.left.emit()
        self._found = None

    def found(self) -> tuple[TextBody, int, int] | None:
        """While ``left`` is told: the hit on which it was closed, as (text, beginning, end) in Qt's places."""
        hit = self._found
        return None if hit is None else (hit.body, hit.start, hit.end)

    def hits(self) -> int:
        return len(self._hits)

    def at(self) -> int:
        """Which hit is shown, from 0; -1: none."""
        return self._at

    def walk(self, by: int) -> None:
        """To the next or previous hit, round and round."""
        if self._hits:
            self._at = (self._at + by) % len(self._hits)
            self._tell()

    def _on_up(self) -> None:
        self.walk(-1)

    def _on_down(self) -> None:
        self.walk(1)

    def _search(self, _text: str = "", *, keep: bool = False) -> None:
        words = self.field.text().strip()
        self._hits = [
            _Hit(body, start, end)
            for body in self._bodies
            for start, end in places_of(body.toPlainText(), words)
        ][:MOST]
        self._at = min(max(self._at, 0) if keep else 0, len(self._hits) - 1)
        self._tell(move=not keep)

    def _tell(self, *, move: bool = True) -> None:
        words = self.field.text().strip()
        if not words:
            said = ""
        elif not self._hits:
            said = self.tr("Not found")
        else:
            said = self.tr("{at} of {count}").format(at=self._at + 1, count=len(self._hits))
        self.count.setText(said)
        self._mark()
        if self._hits and move:
            hit = self._hits[self._at]
            self.shown.emit(hit.body, hit.start)
        if words:
            announce(self, said)

    def _mark(self) -> None:
        for body in self._bodies:
            marks: list[Any] = []
            for number, hit in enumerate(self._hits):
                if hit.body is not body:
                    continue
                mark = QTextEdit.ExtraSelection()
                cursor = QTextCursor(body.document())
                cursor.setPosition(hit.start)
                cursor.setPosition(hit.end, QTextCursor.MoveMode.KeepAnchor)
                mark.cursor = cursor
                here = number == self._at
                mark.format.setBackground(theme().colour("accent" if here else "hit"))
                if here:
                    mark.format.setForeground(theme().colour("on-accent"))
                marks.append(mark)
            body.setExtraSelections(marks)

    def _clear(self) -> None:
        for body in self._bodies:
            body.remark()
