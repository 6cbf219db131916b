"""The pictures of a review: small ones in a row, fetched off the GUI thread by the rule of the settings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from reviewdesk.domain.models import Attachment
from reviewdesk.domain.text import one_line, reveal
from reviewdesk.services.settings import LOAD_PICTURES
from reviewdesk.ui.reading.decode import decoded
from reviewdesk.ui.reading.painting import draw_icon, mirrored
from reviewdesk.ui.theme import metrics, theme
from reviewdesk.ui.widgets import plain_tip

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["PictureRow", "Thumbnail", "is_picture"]

WIDE, HIGH, GAP = 84, 60, 9
MOST = 24
_LATER_MS = 60
"""Pictures are never part of the first paint."""


def is_picture(attachment: Attachment) -> bool:
    """Whether the window can show it; anything else is listed among the details."""
    return attachment.mime is None or attachment.mime.split("/")[0] in ("image", "")


class Thumbnail(QAbstractButton):
    """84 x 60; a frame with an icon until the picture is there, and when it can't be had."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._failed = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(metrics.icon_size(WIDE), metrics.icon_size(HIGH))

    def set_image(self, image: QImage | None, *, failed: bool = False) -> None:
        self._image, self._failed = image, failed
        self.update()

    def image(self) -> QImage | None:
        return self._image

    def has_failed(self) -> bool:
        return self._failed

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            path = QPainterPath()
            path.addRoundedRect(box, 6, 6)
            painter.fillPath(path, theme().colour("sunken"))
            if self._image is not None:
                painter.save()
                painter.setClipPath(path)
                painter.drawImage(QRectF(self.rect()), self._image)
                painter.restore()
            else:
                edge = metrics.icon_size(18)
                place = QRect((self.width() - edge) // 2, (self.height() - edge) // 2, edge, edge)
                draw_icon(painter, self, place, "eye-slash" if self._failed else "image-square", "text-3")
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().colour("line"), 1))
            painter.drawPath(path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class PictureRow(QWidget):
    """The thumbnails of one review. ``opened`` carries the number of the one that was clicked."""

    opened = Signal(int)

    def __init__(self, core: Core, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._core, self._bridge = core, bridge
        self._review = 0
        self._shown: tuple[Attachment, ...] = ()
        self._views: list[Thumbnail] = []
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_LATER_MS)
        self._later.timeout.connect(self._load)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def attachments(self) -> tuple[Attachment, ...]:
        return self._shown

    def thumbnails(self) -> list[Thumbnail]:
        return self._views[: len(self._shown)]

    def set_pictures(self, review_id: int, attachments: tuple[Attachment, ...]) -> None:
        wanted = tuple(a for a in attachments if is_picture(a))[:MOST]
        if review_id == self._review and wanted == self._shown:
            return
        self._review, self._shown = review_id, wanted
        while len(self._views) < len(wanted):
            view = Thumbnail(self)
            view.clicked.connect(self._on_clicked)
            self._views.append(view)
        for number, view in enumerate(self._views):
            view.set_image(None)
            view.setVisible(number < len(wanted))
            if number < len(wanted):
                caption = one_line(reveal(wanted[number].caption or ""), 120)
                name = self.tr("Picture {number} of {count}").format(number=number + 1, count=len(wanted))
                view.setAccessibleName(f"{name}, {caption}" if caption else name)
                view.setToolTip(plain_tip(caption))
        self.updateGeometry()
        self._arrange()
        if wanted and self._core.settings.get(LOAD_PICTURES) != "never":
            self._later.start()
        else:
            self._later.stop()

    def _load(self) -> None:
        for number, picture in enumerate(self._shown):
            self.fetch(number, picture.thumbnail_url or picture.url)

    def fetch(self, number: int, url: str) -> None:
        """Ask for one picture; it appears when it comes and when this review is still shown."""
        review = self._review
        self._bridge.watch(
            self._core.pictures.fetch(review, url),
            done=partial(self._on_bytes, review, number),
            failed=partial(self._on_failed, review, number),
            owner=self,
        )

    def _on_bytes(self, review: int, number: int, data: bytes) -> None:
        if review != self._review:
            return
        ratio = self.devicePixelRatioF()
        box = QSize(round(metrics.icon_size(WIDE) * ratio), round(metrics.icon_size(HIGH) * ratio))
        self._bridge.run(
            partial(decoded, data, box, fill=True),
            done=partial(self._on_image, review, number),
            failed=partial(self._on_failed, review, number),
            owner=self,
        )

    def _on_image(self, review: int, number: int, image: QImage | None) -> None:
        if review == self._review and number < len(self._shown):
            self._views[number].set_image(image, failed=image is None)

    def _on_failed(self, review: int, number: int, error: BaseException) -> None:
        if review == self._review and number < len(self._shown):
            self._views[number].set_image(None, failed=True)
            self._views[number].setToolTip(plain_tip(str(error)))

    def _on_clicked(self) -> None:
        view = self.sender()
        if isinstance(view, Thumbnail) and view in self._views:
            self.opened.emit(self._views.index(view))

    # --- places ----------------------------------------------------------------------------------

    def natural_width(self) -> int:
        """Width of one row with all of them."""
        count = len(self._shown)
        return count * metrics.icon_size(WIDE) + max(0, count - 1) * GAP

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if not self._shown:
            return 0
        rows = -(-len(self._shown) // self._per_row(width))
        return rows * metrics.icon_size(HIGH) + (rows - 1) * GAP

    def _per_row(self, width: int) -> int:
        return max(1, (width + GAP) // (metrics.icon_size(WIDE) + GAP))

    def sizeHint(self) -> QSize:
        return QSize(self.natural_width(), self.heightForWidth(max(self.width(), 1)))

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics.icon_size(WIDE), 0)

    def resizeEvent(self, event: object) -> None:
        self._arrange()

    def _arrange(self) -> None:
        per_row = self._per_row(self.width())
        wide, high = metrics.icon_size(WIDE), metrics.icon_size(HIGH)
        for number, view in enumerate(self._views[: len(self._shown)]):
            row, column = divmod(number, per_row)
            view.setGeometry(mirrored(self, QRect(column * (wide + GAP), row * (high + GAP), wide, high)))
