"""What a pane shows when it has nothing: an icon, a sentence, a line, at most two buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from reviewdesk.ui.theme import fonts
from reviewdesk.ui.widgets.buttons import PushButton
from reviewdesk.ui.widgets.label import PlainLabel
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["EmptyState"]

_WIDTH = 330


def _sentence_font() -> QFont:
    return fonts.body_font(600)


class EmptyState(QWidget):
    """Centred, 18 px above the middle. ``pressed`` carries the id of the button."""

    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = Pictogram("tray", 32, "text-3", parent=self)
        self._sentence = PlainLabel(parent=self, font=_sentence_font, wrap=True)
        self._line = PlainLabel(parent=self, role="text-2", wrap=True)
        for label in (self._sentence, self._line):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._buttons: dict[str, PushButton] = {}
        self._told: tuple[str, str, str, tuple[tuple[str, str, str], ...]] | None = None
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 24, 36)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(12)
        column.addWidget(self._sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(2)
        column.addWidget(self._line, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(16)
        column.addLayout(self._row)
        column.addStretch(1)
        self._row.setAlignment(Qt.AlignmentFlag.AlignHCenter)

    def set_state(
        self,
        icon: str,
        sentence: str,
        line: str = "",
        buttons: tuple[tuple[str, str, str], ...] = (),
    ) -> None:
        """``buttons``: (id, words, kind), at most two. Raises ValueError for more."""
        if len(buttons) > 2:
            raise ValueError("an empty state has room for two buttons")
        told, self._told = self._told, (icon, sentence, line, buttons)
        if told == self._told:
            return
        self._picture.set(icon, "text-3")
        self._sentence.setText(sentence)
        self._line.setText(line)
        self._line.setVisible(bool(line))
        # A button that stays is not made anew: somebody may be pressing it while only a figure changes.
        if told is None or told[3] != buttons:
            self._make_buttons(buttons)
        self.setAccessibleName(f"{sentence} {line}".strip())
        self._fit()

    def _make_buttons(self, buttons: tuple[tuple[str, str, str], ...]) -> None:
        for old in self._buttons.values():
            self._row.removeWidget(old)
            old.deleteLater()
        self._buttons = {}
        for name, words, kind in buttons:
            button = PushButton(words, self, kind=kind)
            button.setObjectName(name)
            button.clicked.connect(self._on_pressed)
            self._row.addWidget(button)
            self._buttons[name] = button

    def sentence(self) -> str:
        return self._sentence.text()

    def line(self) -> str:
        return self._line.text()

    def button(self, name: str) -> PushButton | None:
        return self._buttons.get(name)

    def _fit(self) -> None:
        room = min(_WIDTH, max(120, self.width() - 48)) if self.width() > 0 else _WIDTH
        for label in (self._sentence, self._line):
            label.setFixedSize(room, label.heightForWidth(room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _on_pressed(self) -> None:
        self.pressed.emit(self.sender().objectName())
