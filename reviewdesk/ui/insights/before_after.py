"""The score before our reply and the one after it, in figures, with stars where there is room."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from reviewdesk.ui.insights import words
from reviewdesk.ui.insights.charts import DIM
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets import draw_stars, stars_width

__all__ = ["BeforeAfter"]

STAR = 14


def _figure_font() -> QFont:
    return fonts.title_font(600, tabular=True)


class BeforeAfter(QWidget):
    """Two lines: the names, and below them the means of five."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._before: float | None = None
        self._after: float | None = None
        self._dim = False
        theme().changed.connect(self._on_theme)

    def set_means(self, before: float | None, after: float | None) -> None:
        self._before, self._after = before, after
        said = self.tr("before {before} of 5, after {after} of 5")
        self.setAccessibleName(said.format(before=words.mean(before), after=words.mean(after)))
        self.setVisible(before is not None)
        self.update()

    def set_dim(self, dim: bool) -> None:
        """Whether the figures are being computed anew."""
        if dim != self._dim:
            self._dim = dim
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, metrics.list_line() + metrics.title_line())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(DIM if self._dim else 1)
            half = self.width() // 2
            edge, line = metrics.icon_size(16), metrics.list_line()
            self._draw(painter, 0, half - edge - 12, self.tr("Before"), self._before)
            middle = line + (metrics.title_line() - edge) // 2
            icons.paint(
                painter,
                self._seen(QRect(half - edge - 8, middle, edge, edge)),
                "arrow-right",
                theme().colour("text-2"),
            )
            self._draw(painter, half + 8, half - 8, self.tr("After"), self._after)

    def _draw(self, painter: QPainter, x: int, room: int, title: str, value: float | None) -> None:
        line, high = metrics.list_line(), metrics.title_line()
        self._write(painter, QRect(x, 0, room, line), title, fonts.list_font(), "text-2")
        wide = self._write(painter, QRect(x, line, room, high), words.mean(value), _figure_font(), "text")
        star = metrics.icon_size(STAR)
        # Both have stars or neither has.
        measure = fonts.metrics_of(_figure_font())
        figure = max(measure.horizontalAdvance(words.mean(each)) for each in (self._before, self._after))
        least = self.width() // 2 - metrics.icon_size(16) - 12
        if value is not None and figure + 8 + stars_width(star) <= least:
            draw_stars(
                painter,
                self._seen(QRect(x + wide + 8, line, stars_width(star), high)),
                value,
                size=star,
                right_to_left=self.layoutDirection() == Qt.LayoutDirection.RightToLeft,
            )

    def _write(self, painter: QPainter, box: QRect, text: str, font: QFont, role: str) -> int:
        measure = fonts.metrics_of(font)
        shown = measure.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        wide = measure.horizontalAdvance(shown)
        place = self._seen(QRect(box.left(), box.top(), wide, box.height()))
        painter.setFont(font)
        painter.setPen(theme().colour(role))
        y = place.top() + (place.height() - measure.height()) // 2 + measure.ascent()
        painter.drawText(QPointF(place.left(), y), shown)
        return wide

    def _seen(self, box: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), box)

    def _on_theme(self) -> None:
        self.updateGeometry()
        self.update()
