"""One picture at a time over the whole window, worked by the keyboard: arrows, plus and minus, Escape."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from reviewdesk.domain.models import Attachment
from reviewdesk.domain.text import one_line, reveal
from reviewdesk.ui.reading.decode import decoded
from reviewdesk.ui.reading.painting import text_width
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets import announce

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["PictureViewer"]

_ZOOMS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
_LARGEST = QSize(4096, 4096)


class PictureViewer(QWidget):
    """A child of the window, so that it works without a window manager. ``closed`` when it went away."""

    closed = Signal()

    def __init__(
        self,
        core: Core,
        bridge: Bridge,
        window: QWidget,
        review_id: int,
        pictures: tuple[Attachment, ...],
        at: int,
    ) -> None:
        super().__init__(window)
        self._core, self._bridge, self._review = core, bridge, review_id
        self._pictures, self._at = pictures, at
        self._image: QImage | None = None
        self._problem = ""
        self._zoom = 0
        self._shift = QPointF()
        self._dragged: QPointF | None = None
        self._before = window.focusWidget()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setGeometry(window.rect())
        window.installEventFilter(self)
        self._load()

    def open(self) -> None:
        self.show()
        self.raise_()
        self.setFocus()

    def at(self) -> int:
        """The number of the picture that is shown, from 0."""
        return self._at

    def zoom(self) -> float:
        return _ZOOMS[self._zoom]

    def image(self) -> QImage | None:
        return self._image

    def leave(self) -> None:
        """Close, and give the focus back to where it was."""
        self.hide()
        if self._before is not None:
            self._before.setFocus()
        self.closed.emit()
        self.deleteLater()

    def _load(self) -> None:
        self._image, self._problem, self._zoom, self._shift = None, "", 0, QPointF()
        words = self.tr("Picture {number} of {count}").format(number=self._at + 1, count=len(self._pictures))
        caption = one_line(reveal(self._pictures[self._at].caption or ""), 200)
        self._words = f"{words}  {caption}" if caption else words
        self.setAccessibleName(self._words)
        announce(self, self._words)
        self._bridge.watch(
            self._core.pictures.fetch(self._review, self._pictures[self._at].url),
            done=partial(self._on_bytes, self._at),
            failed=partial(self._on_failed, self._at),
            owner=self,
        )
        self.update()

    def _on_bytes(self, at: int, data: bytes) -> None:
        self._bridge.run(
            partial(decoded, data, _LARGEST),
            done=partial(self._on_image, at),
            failed=partial(self._on_failed, at),
            owner=self,
        )

    def _on_image(self, at: int, image: QImage | None) -> None:
        if at == self._at:
            self._image = image
            if image is None:
                self._problem = self.tr("This is no picture that can be shown")
            self.update()

    def _on_failed(self, at: int, error: BaseException) -> None:
        if at == self._at:
            self._problem = one_line(str(error), 200)
            self.update()

    # --- keys and mouse --------------------------------------------------------------------------

    def step(self, by: int) -> None:
        wanted = self._at + by
        if 0 <= wanted < len(self._pictures):
            self._at = wanted
            self._load()

    def set_zoom(self, step: int) -> None:
        self._zoom = max(0, min(len(_ZOOMS) - 1, self._zoom + step))
        if self._zoom == 0:
            self._shift = QPointF()
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # while a picture fills the window, no key means anything else
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        forward = 1 if self.layoutDirection() == Qt.LayoutDirection.LeftToRight else -1
        key, text = event.key(), event.text()
        zoomed = self._zoom > 0
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.leave()
        elif text in ("+", "="):
            self.set_zoom(1)
        elif text in ("-", "_"):
            self.set_zoom(-1)
        elif text == "0":
            self.set_zoom(-len(_ZOOMS))
        elif zoomed and Qt.Key(key) in _PANS:
            self._shift += QPointF(*_PANS[Qt.Key(key)])
            self.update()
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Left):
            self.step(forward if key == Qt.Key.Key_Right else -forward)
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Down, Qt.Key.Key_PageDown):
            self.step(1)
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Up, Qt.Key.Key_PageUp):
            self.step(-1)
        elif key == Qt.Key.Key_Home:
            self.step(-self._at)
        elif key == Qt.Key.Key_End:
            self.step(len(self._pictures) - 1 - self._at)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().y():
            self.set_zoom(1 if event.angleDelta().y() > 0 else -1)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._dragged = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged is not None and self._zoom > 0:
            self._shift += event.position() - self._dragged
            self._dragged = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._dragged = self._dragged, None
        if pressed is not None and self._zoom == 0 and not self._target().contains(event.position()):
            self.leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    # --- painting --------------------------------------------------------------------------------

    def _foot(self) -> int:
        return metrics.bar_height()

    def _target(self) -> QRectF:
        """Where the picture is painted."""
        room = QRectF(self.rect()).adjusted(24, 24, -24, -24 - self._foot())
        if self._image is None:
            return room
        size = self._image.size()
        wanted = size.scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        if wanted.width() > size.width():
            wanted = size
        scale = self.zoom()
        box = QRectF(0, 0, wanted.width() * scale, wanted.height() * scale)
        box.moveCenter(room.center() + self._shift)
        return box

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            back = QColor(theme().colour("toast"))
            back.setAlphaF(0.96)
            painter.fillRect(self.rect(), back)
            if self._image is not None:
                painter.drawImage(self._target(), self._image)
            else:
                edge = metrics.icon_size(32)
                place = QRect(0, 0, edge, edge)
                place.moveCenter(self.rect().center())
                icons.paint(painter, place, "image-square", theme().colour("on-toast"))
            words = self._words if not self._problem else f"{self._words}  {self._problem}"
            font = fonts.list_font(tabular=True)
            measure = fonts.metrics_of(font)
            words = measure.elidedText(words, Qt.TextElideMode.ElideRight, self.width() - 48)
            painter.setFont(font)
            painter.setPen(theme().colour("on-toast"))
            x = (self.width() - text_width(words, font)) // 2
            painter.drawText(
                x, self.height() - (self._foot() - measure.height()) // 2 - measure.descent(), words
            )


_PANS = {
    Qt.Key.Key_Left: (80.0, 0.0),
    Qt.Key.Key_Right: (-80.0, 0.0),
    Qt.Key.Key_Up: (0.0, 80.0),
    Qt.Key.Key_Down: (0.0, -80.0),
}
