"""The search box: one line of text in which known operators are coloured and unknown ones are pointed at."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextDocument,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QTextEdit, QToolTip, QWidget

from reviewdesk.domain.query import Problem, Query
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.loading import viewport_of
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import KeyCap, PlainLabel, Separator, ToolButton, plain_tip
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["SCOPE_EVERYTHING", "SCOPE_VIEW", "SearchBox"]

SCOPE_VIEW, SCOPE_EVERYTHING = "view", "everything"
DEBOUNCE_MS = 120
HISTORY = 30
MAX_CHARS = 1000
WIDTH = 560
_OPERATOR = re.compile(r"(?<![^\s(-])([A-Za-z][A-Za-z_-]*):")


class _Highlighter(QSyntaxHighlighter):
    """Colours by what the query's parser found; it never parses by itself."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self.problems: tuple[Problem, ...] = ()

    def highlightBlock(self, text: str) -> None:
        known = QTextCharFormat()
        known.setForeground(theme().colour("link"))
        for found in _OPERATOR.finditer(text):
            start, end = found.span()
            if not any(p.start <= start < p.end for p in self.problems):
                self.setFormat(_units(text, start), _units(text, end) - _units(text, start), known)
        unknown = QTextCharFormat()
        unknown.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        unknown.setUnderlineColor(theme().colour("warn"))
        for problem in self.problems:
            start, end = _units(text, problem.start), _units(text, min(problem.end, len(text)))
            self.setFormat(start, end - start, unknown)


def _units(text: str, position: int) -> int:
    """A Python index as Qt counts: characters beyond the first plane are two."""
    part = text[:position]
    return position if part.isascii() else len(part.encode("utf-16-le", "surrogatepass")) // 2


class _Line(QTextEdit):
    """A text edit that is one line. Enter, Tab, Esc and Down are the box's, not text."""

    entered = Signal()
    escaped = Signal()
    downwards = Signal()
    upwards = Signal()
    tabbed = Signal()
    focus_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._port = viewport_of(self)
        self.setAcceptRichText(False)
        self.setLineWrapMode(QTextEdit.LineWrapMode.NoWrap)
        self.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.placeholder = ""
        self.can_accept = False
        self.fit()

    def fit(self) -> None:
        """Exactly one line high."""
        self.setFixedHeight(metrics.list_line())

    def insertFromMimeData(self, source: QMimeData) -> None:
        text = " ".join(source.text()[:MAX_CHARS].split())
        room = MAX_CHARS - len(self.toPlainText())
        if text and room > 0:
            self.textCursor().insertText(text[:room])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif key == Qt.Key.Key_Down:
            self.downwards.emit()
        elif key == Qt.Key.Key_Up:
            self.upwards.emit()
        elif key == Qt.Key.Key_Tab and self.can_accept:
            self.tabbed.emit()
        elif len(self.toPlainText()) >= MAX_CHARS and event.text().isprintable() and event.text():
            event.accept()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        if forward and self.can_accept:
            return False
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        # One line never scrolls down, whatever font falls back into it.
        super().scrollContentsBy(dx, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.document().isEmpty() and self.placeholder:
            with QPainter(self.viewport()) as painter:
                painter.setFont(self.font())
                painter.setPen(theme().colour("text-3"))
                measure = fonts.metrics_of(self.font())
                text = measure.elidedText(
                    self.placeholder, Qt.TextElideMode.ElideRight, self.viewport().width()
                )
                x = 0
                if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                    x = self.viewport().width() - measure.horizontalAdvance(text)
                painter.drawText(
                    QPoint(x, (self.viewport().height() - measure.height()) // 2 + measure.ascent()), text
                )


class SearchBox(QFrame):
    """``searched`` carries the Query of what was typed (None when empty), 120 ms after the last key.

    ``entered`` and ``leave`` ask for the list: with Enter or Down, and with Esc on an empty box. Up goes back through
    what was searched before, Down forth again. ``remembered`` carries all of that, newest first, when it changed.
    """

    searched = Signal(object)
    scope_changed = Signal(str)
    entered = Signal()
    leave = Signal()
    remembered = Signal(list)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._scope = SCOPE_VIEW
        self._view_title = ""
        self._problem: Problem | None = None
        self._last = ""
        self._compact = False
        self._history: list[str] = []
        self._at = -1
        self._page_words = ""
        self._scopes = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.line = _Line(self)
        self.line.setAccessibleName(self.tr("Search"))
        self.line.setAccessibleDescription(
            self.tr(
                "Words, or terms like stars:<=2, lang:fr, is:unread, order:28592; a dash before a term denies it"
            )
        )
        fonts.follow(self.line, fonts.list_font)
        self._highlighter = _Highlighter(self.line.document())
        self._glass = Pictogram("magnifying-glass", 16, "text-2", parent=self)
        self._hint = PlainLabel(parent=self, role="text-2")
        self._hint_cap = KeyCap("Tab", self)
        self._slash = KeyCap("/", self)
        self._rule = Separator(self, vertical=True)
        self._clear = ToolButton("x", self.tr("Clear the search"), self, small=True, icon_px=14)
        self._scope_button = ToolButton("", self.tr("Where to search"), self, text=" ", small=True)
        self._scope_button.set_caret(True)
        fonts.follow(self._scope_button, fonts.list_font)
        for button in (self._clear, self._scope_button):
            button.setCursor(Qt.CursorShape.ArrowCursor)
        row = QHBoxLayout(self)
        row.setContentsMargins(11, 0, 4, 0)
        row.setSpacing(8)
        row.addWidget(self._glass)
        row.addWidget(self.line, 1)
        row.addWidget(self._hint)
        row.addWidget(self._hint_cap)
        row.addWidget(self._slash)
        row.addWidget(self._clear)
        row.addWidget(self._rule)
        row.addWidget(self._scope_button)
        self._debounce = QTimer(self)
        self._debounce.setSingleShot(True)
        self._debounce.setInterval(DEBOUNCE_MS)
        self._debounce.timeout.connect(self._search)
        self.line.textChanged.connect(self._on_text)
        self.line.entered.connect(self._on_enter)
        self.line.escaped.connect(self._on_escape)
        self.line.downwards.connect(self._on_down)
        self.line.upwards.connect(self._on_up)
        self.line.tabbed.connect(self.accept_suggestion)
        self.line.focus_changed.connect(self._on_focus)
        self._clear.clicked.connect(self.clear)
        self._scope_button.clicked.connect(self._on_scope_button)
        theme().changed.connect(self._on_theme)
        self.setFixedHeight(metrics.field_height())
        self._tell()

    # --- state -----------------------------------------------------------------------------------

    def text(self) -> str:
        return self.line.toPlainText()

    def set_text(self, text: str) -> None:
        """Put a search in, as if typed; ``searched`` follows."""
        self.line.setPlainText(" ".join(text.split())[:MAX_CHARS])
        cursor = self.line.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self.line.setTextCursor(cursor)

    def clear(self) -> None:
        self.line.clear()
        self._debounce.stop()
        self._search()

    def reset(self) -> None:
        """Empty it without a word: the caller shows something else anyway."""
        self.line.clear()
        self._debounce.stop()

    def history(self) -> list[str]:
        """What was searched before, newest first."""
        return list(self._history)

    def set_history(self, history: list[str]) -> None:
        """As it was kept."""
        self._history = history[:HISTORY]
        self._at = -1

    def remember(self) -> None:
        """What stands in the box was meant: keep it."""
        text = " ".join(self.text().split())
        self._at = -1
        if len(text) < 2 or self._history[:1] == [text]:
            return
        self._history = [text, *(t for t in self._history if t != text)][:HISTORY]
        self.remembered.emit(self.history())

    def scope(self) -> str:
        """``view`` or ``everything``."""
        return self._scope

    def set_scope(self, scope: str) -> None:
        if scope != self._scope:
            self._scope = scope
            self._tell()
            self.scope_changed.emit(scope)

    def set_view_title(self, title: str) -> None:
        """The name of the view that ``this view`` means."""
        self._view_title = title
        self._tell()

    def set_page(self, words: str, *, scopes: bool = False) -> None:
        """What is searched on a page that is no list of reviews: its words, and no "everything" to choose.

        Empty ``words`` are those of the reviews; ``scopes`` says whether this view or everything can be chosen.
        """
        if (words, scopes) != (self._page_words, self._scopes):
            self._page_words, self._scopes = words, scopes
            self._tell()

    def set_compact(self, compact: bool) -> None:
        """Without the scope's words, for narrow windows."""
        self._compact = compact
        self._tell()

    def problem(self) -> Problem | None:
        """The first term that was not understood."""
        return self._problem

    def accept_suggestion(self) -> None:
        """Put the nearest known term in the place of the one that was not understood."""
        problem = self._problem
        if problem is None or not problem.suggestion:
            return
        text = self.text()
        self.set_text(text[: problem.start] + problem.suggestion + text[problem.end :])

    def focus(self) -> None:
        """Put the cursor into the box, with everything selected."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    # --- inside ----------------------------------------------------------------------------------

    def _on_text(self) -> None:
        if self.text() == self._last:
            return
        self._last = self.text()
        self._at = -1
        # Reading a line of text is arithmetic; only the searching itself waits.
        query = self._parse()
        self._problem = next(iter(query.problems), None)
        self._highlighter.problems = query.problems
        self._highlighter.rehighlight()
        self._tell()
        self._debounce.start()

    def _parse(self) -> Query:
        return self._bridge.core.inbox.parse(self.text(), as_typed=True)

    def _search(self) -> None:
        self.searched.emit(self._parse() if self.text().strip() else None)

    def _on_enter(self) -> None:
        if self._debounce.isActive():
            self._debounce.stop()
            self._search()
        self.remember()
        self.entered.emit()

    def _on_up(self) -> None:
        """Back through what was searched before."""
        if self._at + 1 < len(self._history):
            shown = self.text().strip()
            at = self._at + 1
            if self._history[at] == shown and at + 1 < len(self._history):
                at += 1
            self.set_text(self._history[at])
            self._at = at

    def _on_down(self) -> None:
        if self._at < 0:
            self._on_enter()
            return
        at = self._at - 1
        self.set_text(self._history[at] if at >= 0 else "")
        self._at = at

    def _on_escape(self) -> None:
        if self.text():
            self.clear()
        else:
            self.leave.emit()

    def _on_focus(self) -> None:
        self._tell()
        self.update()

    def _tell(self) -> None:
        empty = not self.text()
        suggestion = self._problem.suggestion if self._problem is not None else None
        if suggestion:
            self._hint.setText(self.tr("did you mean {term}").format(term=suggestion))
        self._hint.setVisible(bool(suggestion) and not self._compact)
        self._hint_cap.setVisible(bool(suggestion) and not self._compact)
        self.line.can_accept = bool(suggestion)
        said = ""
        if self._problem is not None:
            said = self._problem.message
            if suggestion:
                said += " " + self.tr("Did you mean {term}?").format(term=suggestion)
        self.line.setToolTip(plain_tip(said))
        self._slash.setVisible(empty and not self.line.hasFocus())
        self._clear.setVisible(not empty)
        everything = self._scope == SCOPE_EVERYTHING
        words = self.tr("All reviews") if everything or not self._view_title else self._view_title
        self._scope_button.setText(fonts.metrics_of(self._scope_button.font()).elidedText(
            words, Qt.TextElideMode.ElideRight, metrics.icon_size(150)
        ))  # fmt: skip
        self._scope_button.setAccessibleName(self.tr("Where to search: {place}").format(place=words))
        self._scope_button.setToolTip(plain_tip(self.tr("Where to search")))
        for widget in (self._rule, self._scope_button):
            widget.setVisible(not self._compact and self._scopes)
        if self._compact:
            self.line.placeholder = self.tr("Search")
        elif self._page_words:
            self.line.placeholder = self._page_words
        else:
            self.line.placeholder = self.tr("Search reviews, orders, people")
        self.line.viewport().update()

    def _on_scope_button(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = self._view_title or self.tr("This view")
        for scope, words in (
            (SCOPE_VIEW, self.tr("This view: {view}").format(view=title)),
            (SCOPE_EVERYTHING, self.tr("All reviews")),
        ):
            action = menu.addAction(words.replace("&", "&&"))
            action.setData(scope)
            action.setCheckable(True)
            action.setChecked(scope == self._scope)
        menu.triggered.connect(self._on_scope)
        below = self._scope_button.mapToGlobal(QPoint(0, self._scope_button.height() + 4))
        menu.popup(below)

    def _on_scope(self, action: QAction) -> None:
        self.set_scope(str(action.data()))

    def _on_theme(self) -> None:
        self.setFixedHeight(metrics.field_height())
        self.line.fit()
        self._highlighter.rehighlight()
        self.update()

    # --- Qt --------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(metrics.icon_size(WIDTH), metrics.field_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics.icon_size(140), metrics.field_height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.line.setFocus(Qt.FocusReason.MouseFocusReason)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.line.toolTip():
            QToolTip.showText(event.globalPos(), self.line.toolTip(), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = theme().colour
            focused = self.line.hasFocus()
            outline: QColor = (
                colour("focus") if focused else colour("text-2" if self.underMouse() else "edge")
            )
            if theme().name == "contrast" and not focused:
                outline = colour("field")
            pen = 2 if focused else 1
            painter.setPen(QPen(outline, pen))
            painter.setBrush(colour("surface"))
            box = QRectF(QRect(self.rect())).adjusted(pen / 2, pen / 2, -pen / 2, -pen / 2)
            painter.drawRoundedRect(box, 8, 8)
