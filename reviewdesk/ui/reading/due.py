"""Until when a review wants its answer, beside its state: words and a shape, never a colour alone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from reviewdesk.domain.models import ReviewRow
from reviewdesk.ui.inbox.words import due_words
from reviewdesk.ui.theme import metrics
from reviewdesk.ui.widgets import PlainLabel
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["DueMark"]

_SOON_S = 4 * 3600
_TICK_MS = 30_000

DueAt = Callable[[ReviewRow], float | None]


class DueMark(QWidget):
    """``due in 3 h`` or ``overdue 2 h``, as in the list: only when less than four hours are left. ``ticked``: time alone
    changed what it says."""

    ticked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._due_at: DueAt | None = None
        self._now: Callable[[], float] | None = None
        self._row: ReviewRow | None = None
        self._icon = Pictogram("timer", 14, parent=self)
        self._words = PlainLabel(parent=self, role="text-2", elide=False)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self._icon)
        line.addWidget(self._words)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._on_tick)
        self.hide()

    def set_due(self, due_at: DueAt | None, now: Callable[[], float]) -> None:
        """How to find out until when (UTC seconds), None: there are no targets; and what time it is."""
        self._due_at, self._now = due_at, now
        self._tell()

    def set_row(self, row: ReviewRow) -> None:
        self._row = row
        self._tell()

    def _on_tick(self) -> None:
        before = self.text()
        self._tell()
        if self.text() != before:
            self.ticked.emit()

    def text(self) -> str:
        """What it says; empty while there is nothing to say."""
        return "" if self.isHidden() else self._words.text()

    def _tell(self) -> None:
        due = self._due_at(self._row) if self._due_at is not None and self._row is not None else None
        left = due - self._now() if due is not None and self._now is not None else None
        soon = left is not None and left < _SOON_S
        if soon and left is not None:
            late = left < 0
            words = due_words(left, short=False)
            self._icon.set("warning-fill" if late else "timer", "warn" if late else "text-2")
            self._words.set_role("warn" if late else "text-2")
            self._words.setText(words)
            self.setAccessibleName(words)
            self._tick.start()
        else:
            self._tick.stop()
        if soon == self.isHidden():
            self.setVisible(soon)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), metrics.badge_height())
