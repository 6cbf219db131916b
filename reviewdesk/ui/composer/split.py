"""The button that hands a text over, and beside it the menu of its variants."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from reviewdesk.ui.theme import icons, metrics
from reviewdesk.ui.widgets import PushButton, set_off
from reviewdesk.ui.widgets.buttons import key_text

__all__ = ["SplitButton"]


class _Half(PushButton):
    """One half of a split button: square at the joint."""

    def __init__(self, text: str, parent: QWidget, *, first: bool, cap: str = "") -> None:
        super().__init__(text, parent, kind="primary", cap=cap)
        self._first = first

    def sizeHint(self) -> QSize:
        natural = super().sizeHint()
        return QSize(natural.width() - 4, natural.height()) if self._first else QSize(28, natural.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        at_right = self._first != right_to_left
        over = 8
        if self._first:
            rect = self.rect().adjusted(0, 0, over, 0) if at_right else self.rect().adjusted(-over, 0, 0, 0)
            self._look.paint(self, rect, self.text())
            return
        rect = self.rect().adjusted(0, 0, over, 0) if at_right else self.rect().adjusted(-over, 0, 0, 0)
        self._look.paint(self, rect, "")
        _, _, ink = self._look.colours(self)
        with QPainter(self) as painter:
            edge = metrics.icon_size(13)
            box = QRect((self.width() - edge) // 2, (self.height() - edge) // 2, edge, edge)
            icons.paint(painter, box, "caret-down", ink)
            seam = QColor(ink)
            seam.setAlphaF(0.4)
            painter.fillRect(self.width() - 1 if right_to_left else 0, 0, 1, self.height(), seam)


class SplitButton(QWidget):
    """The main act, and a menu with its variants. ``pressed`` carries ``""``, ``done``, ``next``, ``later`` or
    ``approval``."""

    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cap = key_text("Ctrl+Return")
        self.main = _Half("", self, first=True, cap=self._cap)
        self.more = _Half("", self, first=False)
        self.more.setAccessibleName(self.tr("More ways to send"))
        self.menu = QMenu(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.main)
        row.addWidget(self.more)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.main.clicked.connect(self._on_main)
        self.more.clicked.connect(self._on_more)

    def sizeHint(self) -> QSize:
        first, second = self.main.sizeHint(), self.more.sizeHint()
        return QSize(first.width() + second.width(), max(first.height(), second.height()))

    def set_look(self, words: str, kind: str) -> None:
        self.main.setText(words)
        self.main.setAccessibleName(words)
        self.main.set_kind(kind)
        self.more.set_kind(kind)
        self.menu.clear()
        for name, text in (
            ("", words),
            ("done", self.tr("{publish} and mark done").format(publish=words)),
            ("next", self.tr("{publish} and go to the next review").format(publish=words)),
            ("later", self.tr("Schedule for later")),
            ("approval", self.tr("Ask for approval first")),
        ):
            action = self.menu.addAction(text)
            action.setData(name)
            action.triggered.connect(self._on_chosen)

    def set_cap(self, shown: bool) -> None:
        """Whether the key stands on the button; without it the button is as narrow as its words allow."""
        self.main.set_cap(self._cap if shown else "")

    def set_reason(self, reason: str | None) -> None:
        set_off(self.main, reason)
        set_off(self.more, reason)

    def _on_main(self) -> None:
        self.pressed.emit("")

    def _on_chosen(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.pressed.emit(action.data())

    def _on_more(self) -> None:
        size = self.menu.sizeHint()
        corner = self.more.mapToGlobal(self.more.rect().topRight())
        corner.setX(corner.x() - size.width())
        corner.setY(corner.y() - size.height() - 4)
        self.menu.popup(corner)
