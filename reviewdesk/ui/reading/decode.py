"""Bytes from a stranger as a picture: known formats only, bounded in every direction. Any thread."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

__all__ = ["FORMATS", "MOST_PIXELS", "decoded"]

FORMATS = frozenset({b"jpeg", b"jpg", b"png", b"webp", b"gif", b"bmp"})
"""Formats that hold pixels and nothing else. SVG is a program that may load things, so it is not among them."""
MOST_PIXELS = 60_000_000
_MOST_MEGABYTES = 256


def decoded(data: bytes, box: QSize, *, fill: bool = False) -> QImage | None:
    """The picture scaled into ``box`` (with ``fill``: covering it, cut to its size), or None when it is no picture.

    Never larger than ``box``, so a small file that unpacks to a huge one costs no more than its decoder's strip.
    """
    if not data:
        return None
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    reader.setAllocationLimit(_MOST_MEGABYTES)
    if reader.format().data() not in FORMATS:
        return None
    size = reader.size()
    if not size.isValid() or size.isEmpty() or size.width() * size.height() > MOST_PIXELS:
        return None
    mode = Qt.AspectRatioMode.KeepAspectRatioByExpanding if fill else Qt.AspectRatioMode.KeepAspectRatio
    wanted = size.scaled(box, mode)
    if wanted.width() < size.width():
        reader.setScaledSize(wanted.expandedTo(QSize(1, 1)))
    image = reader.read()
    if image.isNull():
        return None
    if fill:
        if image.width() < box.width() or image.height() < box.height():
            image = image.scaled(box, mode, Qt.TransformationMode.SmoothTransformation)
        left, top = (image.width() - box.width()) // 2, (image.height() - box.height()) // 2
        image = image.copy(max(0, left), max(0, top), box.width(), box.height())
    return image
