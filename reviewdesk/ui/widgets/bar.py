"""The inline bar: one sentence at the place it concerns, inserted above the content, never over it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from reviewdesk.domain.text import cap
from reviewdesk.ui.theme import fonts, icons, metrics
from reviewdesk.ui.widgets.buttons import PushButton, ToolButton
from reviewdesk.ui.widgets.label import PlainLabel
from reviewdesk.ui.widgets.pictogram import Pictogram
from reviewdesk.ui.widgets.speech import announce

__all__ = ["InlineBar"]

_MOST = 600
_ROLES = {"info": "text-2", "warn": "warn", "fail": "fail"}
_DEFAULT_ICONS = {"info": "info", "warn": "warning-fill", "fail": "warning-circle-fill"}


class InlineBar(QFrame):
    """Icon, one sentence (with a lead in 500), at most two small buttons, close. Hidden until ``show_message``."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = Pictogram("info", 17, parent=self)
        self._lead = PlainLabel(parent=self, font=_lead_font)
        self._text = PlainLabel(parent=self)
        self._buttons: list[PushButton] = []
        self._close = ToolButton("x", self.tr("Close"), self, small=True, icon_px=16)
        self._close.clicked.connect(self._on_close)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 0, 6, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self._icon)
        self._row.addSpacing(2)
        self._row.addWidget(self._lead)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._close)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_message(
        self,
        level: str,
        text: str,
        *,
        lead: str = "",
        icon: str = "",
        buttons: tuple[tuple[str, Callable[[], object]], ...] = (),
        closable: bool = True,
    ) -> None:
        """Show a sentence. ``level``: info, warn or fail. Raises KeyError for another, ValueError for three buttons."""
        if len(buttons) > 2:
            raise ValueError("a bar has room for two buttons")
        role = _ROLES[level]
        # A source's own words may be endless; a bar is one line, and a screen reader would not come to an end.
        text, lead = cap(text, _MOST), cap(lead, _MOST)
        self.setProperty("bar", level)
        self.style().unpolish(self)
        self.style().polish(self)
        name = icon or _DEFAULT_ICONS[level]
        if name not in icons.names():
            raise KeyError(name)
        self._icon.set(name, role)
        self._lead.setText(lead)
        self._lead.setVisible(bool(lead))
        self._text.setText(text)
        for old in self._buttons:
            self._row.removeWidget(old)
            old.deleteLater()
        self._buttons = []
        for words, callback in buttons:
            button = PushButton(words, self, small=True)
            button.clicked.connect(callback)
            self._row.insertWidget(self._row.count() - 1, button)
            self._buttons.append(button)
        # Made last, they would be the last of the window that Tab comes to: they stand where the bar stands.
        before: QWidget = self._close
        for button in self._buttons:
            QWidget.setTabOrder(before, button)
            before = button
        if before is not self._close:
            QWidget.setTabOrder(before, self._close)
        self._close.setVisible(closable)
        self.setAccessibleName(f"{lead} {text}".strip())
        self.show()
        announce(self, f"{lead} {text}".strip())

    def message(self) -> str:
        """What it says now, or nothing while hidden."""
        return "" if self.isHidden() else f"{self._lead.text()} {self._text.text()}".strip()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), metrics.bar_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, metrics.bar_height())

    def _on_close(self) -> None:
        self.hide()
        self.closed.emit()


def _lead_font() -> QFont:
    return fonts.list_font(500)
