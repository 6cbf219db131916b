"""Writing a note: a small card over the window, several lines, never sent anywhere."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, PushButton
from reviewdesk.ui.widgets.pictogram import Pictogram
from reviewdesk.ui.widgets.shadow import draw_shadow

__all__ = ["NoteCard"]


class _Editor(QPlainTextEdit):
    """Ctrl+Enter keeps the note, Esc leaves; Tab goes on to the buttons."""

    kept = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier
        ):
            self.kept.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class NoteCard(QWidget):
    """``open`` asks for a text; what was typed and not kept is still there when it is opened for the same review."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self._then: Callable[[str], object] = lambda _text: None
        self._before: QWidget | None = None
        self._about = 0
        self._unkept: dict[int, str] = {}
        self._card = QFrame(self)
        self._card.setObjectName("picker")
        self._title = PlainLabel(self.tr("Note"), self._card, font=_strong)
        self._line = PlainLabel(
            self.tr("Only you see this; no source ever gets it"), self._card, role="text-3"
        )
        self.editor = _Editor(self._card)
        self.editor.setObjectName("field")
        self.editor.setAccessibleName(self.tr("Note, only you see this"))
        self.editor.setTabChangesFocus(True)
        self.keep = PushButton(self.tr("Keep note"), self._card, kind="primary", cap="Ctrl ↵")
        self.cancel = PushButton(self.tr("Cancel"), self._card, cap="Esc")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Pictogram("note", 16, parent=self._card))
        head.addWidget(self._title)
        head.addWidget(self._line, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.keep)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.editor, 1)
        column.addLayout(foot)
        fonts.follow(self.editor, fonts.body_font)
        self.keep.clicked.connect(self._on_keep)
        self.cancel.clicked.connect(self.dismiss)
        self.editor.kept.connect(self._on_keep)
        self.editor.left.connect(self.dismiss)
        theme().changed.connect(self._settle)
        self.hide()

    def open(self, about: int, then: Callable[[str], object], *, text: str = "") -> None:
        """Ask for a note about a review; ``then`` gets the text. ``text``: a note to change."""
        self._before = QApplication.focusWidget()
        self._about, self._then = about, then
        self.editor.setPlainText(text or self._unkept.get(about, ""))
        self.show()
        self._around.installEventFilter(self)
        self.raise_()
        self._settle()
        self.editor.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Close; the words stay for the next time."""
        if self.isHidden():
            return
        self._unkept[self._about] = self.editor.toPlainText()
        self._leave()

    def _on_keep(self) -> None:
        text = self.editor.toPlainText().strip()
        if not text:
            self.editor.setFocus()
            return
        self._unkept.pop(self._about, None)
        self._leave()
        self._then(text)

    def _leave(self) -> None:
        before, self._before = self._before, None
        self.hide()
        self._around.removeEventFilter(self)
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)

    def _settle(self) -> None:
        parent = self.parentWidget()
        if parent is None or self.isHidden():
            return
        self.setGeometry(parent.rect())
        wide = min(round(560 * theme().scale), parent.width() - 24)
        high = min(10 * metrics.body_line() + 90, parent.height() - 48)
        self._card.setGeometry(
            QRect((parent.width() - wide) // 2, min(120, parent.height() // 8), wide, high)
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._settle()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._card.geometry().contains(event.position().toPoint()):
            self.dismiss()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("scrim"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            body = self._card.geometry()
            draw_shadow(painter, body, 10, self.devicePixelRatioF())
            painter.setPen(QPen(theme().colour("edge"), 1))
            painter.setBrush(theme().colour("raised"))
            painter.drawRoundedRect(QRectF(body).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)


def _strong() -> QFont:
    return fonts.list_font(600)
