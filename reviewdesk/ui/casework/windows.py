"""Composers in windows of their own: several drafts side by side with the reviews they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from reviewdesk.domain.models import Target
from reviewdesk.ui.composer import Composer

if TYPE_CHECKING:
    from reviewdesk.ui.composer.drafts import Key
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["ComposerWindow", "ComposerWindows"]


class ComposerWindow(QWidget):
    """One draft. Closing it keeps the draft."""

    gone = Signal(object)

    def __init__(self, window: MainWindow, key: Key) -> None:
        super().__init__(window, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.key = key
        self.composer = Composer(window.core, window.bridge, self)
        self.composer.set_detached()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.composer)
        self.composer.closed.connect(self._on_closed)
        self.resize(760, 420)

    def start(self) -> bool:
        """Open the draft; false when it can't be."""
        if not self.composer.open(*self.key):
            return False
        destination = self.composer.destination()
        self.setWindowTitle(destination.words if destination is not None else "")
        self.show()
        self.composer.editor.setFocus()
        return True

    def _on_closed(self, *_key: object) -> None:
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.composer.finish():
            event.ignore()
            return
        self.gone.emit(self.key)
        super().closeEvent(event)


class ComposerWindows(QObject):
    """Those of one window. A text is open in one place at a time."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._open: dict[Key, ComposerWindow] = {}
        window.composer.opened.connect(self._on_docked)

    def detach(self) -> None:
        """Take the text that is open below the review into a window of its own."""
        composer = self._window.composer
        key = composer.key()
        if key is None:
            return
        composer.close()
        # The draft is in the store before another composer asks for it.
        composer.drafts.settled(key, lambda: self.open(*key))

    def open(self, review_id: int, target: Target) -> ComposerWindow | None:
        """A window for this draft, a new one or the one that is there."""
        key = (review_id, target)
        known = self._open.get(key)
        if known is not None:
            known.raise_()
            known.activateWindow()
            return known
        made = ComposerWindow(self._window, key)
        made.gone.connect(self._on_gone)
        mine, docked = made.composer, self._window.composer
        # What happens to the text is told as if it had been written below the review.
        mine.published.connect(docked.published)
        mine.open_address.connect(docked.open_address)
        mine.refused.connect(docked.refused)
        mine.answered.connect(docked.answered)
        self._open[key] = made
        self._window.installEventFilter(self)
        if not made.start():
            made.close()
            return None
        return made

    def all(self) -> list[ComposerWindow]:
        return list(self._open.values())

    def _on_gone(self, key: Key) -> None:
        self._open.pop(key, None)
        if not self._open:
            self._window.removeEventFilter(self)

    def _on_docked(self, review_id: int, target: Target) -> None:
        """The text is open in its own window already: it is not shown a second time."""
        known = self._open.get((review_id, target))
        if known is None:
            return
        asked = self._window.composer.editor.hasFocus()
        self._window.composer.close()
        if asked:
            known.raise_()
            known.activateWindow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close:
            for each in self.all():
                each.close()
        return False
