"""QR codes on the screen and on paper: black on white with four modules of quiet zone, whatever the theme."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMarginsF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPaintEvent,
    QPdfWriter,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.services.invitation_codes import QUIET_ZONE, QrCode
from reviewdesk.ui.theme import metrics, theme
from reviewdesk.ui.theme.tokens import INK, PAPER

__all__ = ["QrView", "paint_code", "paint_page", "paint_sheet", "save_pdf"]

translate = QCoreApplication.translate
SHEET_MM = 110
"""The side of the code on a sheet."""


def paint_code(painter: QPainter, box: QRectF, code: QrCode) -> None:
    """Modules in ``box``, quiet zone included. Edges fall on whole device pixels where the box allows it."""
    whole = code.size + 2 * QUIET_ZONE
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(box, QColor(PAPER))
    unit = box.width() / whole
    for y, row in enumerate(code.modules):
        for x, dark in enumerate(row):
            if dark:
                left, top = box.left() + (x + QUIET_ZONE) * unit, box.top() + (y + QUIET_ZONE) * unit
                painter.fillRect(QRectF(left, top, unit, unit), QColor(INK))
    painter.restore()


class QrView(QWidget):
    """A code with its quiet zone on a white card; empty until ``set_code``."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._code: QrCode | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_code(self, code: QrCode | None) -> None:
        self._code = code
        self.setAccessibleName(self.tr("QR code of the link") if code is not None else "")
        self.updateGeometry()
        self.update()

    def code(self) -> QrCode | None:
        return self._code

    def _unit(self) -> int:
        whole = (self._code.size if self._code is not None else 29) + 2 * QUIET_ZONE
        return max(2, metrics.icon_size(216) // whole)

    def sizeHint(self) -> QSize:
        whole = (self._code.size if self._code is not None else 29) + 2 * QUIET_ZONE
        side = self._unit() * whole + 2
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("line"))
            inner = self.rect().adjusted(1, 1, -1, -1)
            painter.fillRect(inner, QColor(PAPER))
            if self._code is not None:
                side = self._unit() * (self._code.size + 2 * QUIET_ZONE)
                box = QRect(
                    inner.left() + (inner.width() - side) // 2,
                    inner.top() + (inner.height() - side) // 2,
                    side,
                    side,
                )
                paint_code(painter, QRectF(box), self._code)


def paint_sheet(device: QPagedPaintDevice, code: QrCode, title: str, line: str) -> None:
    """One A4 page: a title, the code 110 mm wide, the address below it. Raises ``InvalidInput`` when it can't begin."""
    device.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            QMarginsF(20, 20, 20, 20),
            QPageLayout.Unit.Millimeter,
        )
    )
    painter = QPainter()
    if not painter.begin(device):
        raise InvalidInput("The page can't be written.")
    with painter:
        # By the device itself: a printer and a file have their own dots.
        paint_page(painter, painter.device().logicalDpiX() / 25.4, code, title, line)


def paint_page(painter: QPainter, mm: float, code: QrCode, title: str, line: str) -> None:
    """What stands on the sheet, within its margins; ``mm``: dots of a millimetre."""
    width = 170 * mm
    font = QFont(painter.font())
    font.setPixelSize(round(8.5 * mm))
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(QColor(INK))
    middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    painter.drawText(QRectF(0, 15 * mm, width, 35 * mm), int(middle), title[:200])
    side = SHEET_MM * mm
    paint_code(painter, QRectF((width - side) / 2, 55 * mm, side, side), code)
    font.setPixelSize(round(3.9 * mm))
    font.setBold(False)
    painter.setFont(font)
    wrap = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWrapAnywhere
    painter.drawText(QRectF(0, 172 * mm, width, 30 * mm), int(wrap), code.text)
    painter.drawText(QRectF(0, 205 * mm, width, 20 * mm), int(middle), line[:300])


def save_pdf(path: Path, code: QrCode, title: str, line: str) -> None:
    """The page as a PDF. Raises ``InvalidInput``."""
    try:
        path.open("ab").close()
    except OSError as error:
        raise InvalidInput(f"{path} can't be written: {error.strerror or error}.") from None
    writer = QPdfWriter(str(path))
    writer.setResolution(300)
    writer.setTitle(title)
    paint_sheet(writer, code, title, line)
