"""Parts of a review laid out on pages: the same for a printer and for a PDF. Runs off the window's thread."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QMarginsF, QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.ui.printing.record import Kind, Part
from reviewdesk.ui.theme.tokens import INK

__all__ = ["lay_out", "pdf", "save"]

translate = QCoreApplication.translate
MARGIN_MM = 20.0
_POINTS = {Kind.TITLE: 16.0, Kind.HEAD: 12.0, Kind.SMALL: 8.5, Kind.FACT: 9.5}
_BOLD = {Kind.TITLE, Kind.HEAD, Kind.WHO}
_BEFORE = {Kind.HEAD: 16.0, Kind.WHO: 10.0, Kind.TEXT: 6.0, Kind.SMALL: 10.0}
"""Points above a part."""
_LEADING = {Kind.TEXT: 1.35}


def lay_out(device: QPagedPaintDevice, records: Iterable[Sequence[Part]], family: str) -> int:
    """Paint all of it on a printer or a file, each review from a page of its own on; how many pages.

    Text is painted as text: markup in it stays what it is. Raises ``ReviewdeskError`` when nothing can be painted there.
    """
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    device.setPageMargins(margins, QPageLayout.Unit.Millimeter)
    painter = QPainter()
    if not painter.begin(device):
        raise ReviewdeskError("The page can't be written.")
    with painter:
        sheet = _Sheet(device, painter, family)
        for number, parts in enumerate(records):
            if number:
                sheet.turn()
            for part in parts:
                sheet.add(part)
        sheet.number_page()
        return sheet.pages


class _Sheet:
    """Where on which page the next line goes. Lengths are dots of the device."""

    def __init__(self, device: QPagedPaintDevice, painter: QPainter, family: str) -> None:
        self._device, self._painter, self._family = device, painter, family
        box = painter.viewport()
        self._point = painter.device().logicalDpiY() / 72
        self._width, self._height = float(box.width()), float(box.height()) - 24 * self._point
        self._y = 0.0
        self.pages = 1
        painter.setPen(QColor(INK))

    def add(self, part: Part) -> None:
        """One part below what is there, on as many pages as it takes."""
        if self._y:
            self._y += _BEFORE.get(part.kind, 2.0) * self._point
        for line in part.text.split("\n"):
            label = f"{part.label}: " if part.label else ""
            self._paragraph(part.kind, label, line)

    def _paragraph(self, kind: Kind, label: str, text: str) -> None:
        font = self._font(kind, bold=kind in _BOLD)
        # The painter's own device, as it alone knows its dots.
        layout = QTextLayout(label + text, font, self._painter.device())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        if text.isascii() and label.isascii():
            option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        layout.setTextOption(option)
        if label:
            strong = QTextCharFormat()
            strong.setFontWeight(QFont.Weight.Bold)
            part = QTextLayout.FormatRange()
            part.start, part.length, part.format = 0, len(label), strong  # type: ignore[misc, assignment]
            layout.setFormats([part])
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(self._width)
            high = line.height() * _LEADING.get(kind, 1.15)
            if self._y and self._y + high > self._height:
                self.turn()
            line.draw(self._painter, QPointF(0.0, self._y))
            self._y += high
        layout.endLayout()

    def _font(self, kind: Kind, *, bold: bool) -> QFont:
        font = QFont(self._family)
        font.setPointSizeF(_POINTS.get(kind, 10.5))
        font.setBold(bold)
        for feature in ("liga", "clig", "calt") if hasattr(font, "setFeature") else ():
            # Signs drawn in another shape, or two as one, could not be selected as what they are.
            font.setFeature(QFont.Tag(feature), 0)
        return font

    def turn(self) -> None:
        """To the next page."""
        self.number_page()
        self._device.newPage()
        self.pages += 1
        self._y = 0.0

    def number_page(self) -> None:
        """The page's number at its foot."""
        self._painter.setFont(self._font(Kind.SMALL, bold=False))
        words = translate("printing", "Page {n}").format(n=self.pages)
        self._painter.drawText(QPointF(0.0, self._height + 20 * self._point), words)


def pdf(records: Iterable[Sequence[Part]], family: str, title: str) -> bytes:
    """The file's bytes; its text can be selected and searched. Raises ``ReviewdeskError``."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setResolution(300)
    writer.setTitle(title[:200])
    writer.setCreator("Reviewdesk")
    lay_out(writer, records, family)
    # The writer must not outlive what it writes to.
    del writer
    return bytes(buffer.data().data())


def save(path: Path, records: Iterable[Sequence[Part]], family: str, title: str) -> int:
    """Write the PDF in one go, beside and then over what was there, for its owner alone; its size in bytes.

    Raises ``ReviewdeskError`` when it can't be written; then what was there is as it was.
    """
    content = pdf(records, family, title)
    part = path.with_name(path.name + ".part")
    try:
        # It may hold private fields: nobody else reads it.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ReviewdeskError(f"{path.name} can't be written: {error.strerror or error}.") from None
    return len(content)
