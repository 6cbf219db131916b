"""QR codes read back by another library than the one that made them."""

from __future__ import annotations

from typing import Any

__all__ = ["grey_png", "grey_svg", "read_grey", "read_png"]

Grey = tuple[int, int, bytes]
"""Width, height, one byte for each pixel."""


def grey_png(data: bytes) -> Grey:
    """The pixels of a picture file, read by Qt."""
    from PySide6.QtGui import QImage

    return _grey(QImage.fromData(data))


def grey_svg(text: str, side: int, height: int | None = None) -> Grey:
    """An SVG drawn by Qt on nothing: its own white ground is all the light there is."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(side, height or side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    QSvgRenderer(text.encode()).render(painter)
    painter.end()
    return _grey(image)


def _grey(image: Any) -> Grey:
    from PySide6.QtGui import QImage

    assert not image.isNull()
    flat = image.convertToFormat(QImage.Format.Format_Grayscale8)
    raw = bytes(flat.constBits())
    step = flat.bytesPerLine()
    lines = (raw[y * step : y * step + flat.width()] for y in range(flat.height()))
    return flat.width(), flat.height(), b"".join(lines)


def read_grey(picture: Grey) -> str:
    """The text of the one QR code in the picture."""
    import zxingcpp

    width, height, pixels = picture
    found = zxingcpp.read_barcodes(memoryview(pixels).cast("B", (height, width)))
    assert len(found) == 1, len(found)
    return str(found[0].text)


def read_png(data: bytes) -> str:
    return read_grey(grey_png(data))
