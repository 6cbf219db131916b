"""A field of plain text with the composer's spelling: dots below misspelled words, other words for them in its menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QTextBlock
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from reviewdesk.ui.composer.marks import Marks
from reviewdesk.ui.composer.speller import Speller

if TYPE_CHECKING:
    from reviewdesk.services.spelling import SpellingService
    from reviewdesk.ui.bridge import Bridge

__all__ = ["SpelledText"]


class SpelledText(QPlainTextEdit):
    """``speller.open`` says by which language; until then nothing is judged."""

    def __init__(self, service: SpellingService, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.marks = Marks(self, self)
        self.speller = Speller(self, self.marks, service, bridge)

    def block_origin(self, block: QTextBlock) -> QPointF:
        """Where a block's lines begin in the viewport."""
        return self.blockBoundingGeometry(block).translated(self.contentOffset()).topLeft()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.marks.all():
            with QPainter(self.viewport()) as painter:
                self.marks.paint(painter, event.rect())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.speller.offer(event):
            event.accept()
            return
        super().contextMenuEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F7 and not event.modifiers():
            event.accept()
            self.speller.offer_next()
            return
        super().keyPressEvent(event)
