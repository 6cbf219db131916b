"""Figures as pictures: the distribution, the months, and ours beside what the sources say. Painted, with words for
screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLocale, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from reviewdesk.services.products import Figures
from reviewdesk.ui.products.words import count_words, mean_words, month_words
from reviewdesk.ui.theme import fonts, metrics, theme

__all__ = ["Column", "Distribution", "FigureTable", "Months"]


class _Painted(QWidget):
    """A widget of fixed height that paints itself and follows the theme."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.updateGeometry()
        self.update()

    def _box(self, rect: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), rect)

    def _text(
        self, painter: QPainter, rect: QRect, text: str, font: QFont, colour: QColor, *, end: bool = False
    ) -> None:
        measure = fonts.metrics_of(font)
        shown = measure.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        box = self._box(rect)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = box.left() if end == mirrored else box.right() + 1 - measure.horizontalAdvance(shown)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(
            QPointF(x, box.top() + (box.height() - measure.height()) // 2 + measure.ascent()), shown
        )


class Distribution(_Painted):
    """Five bars, five stars first; the count at the end of each line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures = Figures()

    def set_figures(self, figures: Figures) -> None:
        self._figures = figures
        parts = [
            self.tr("{stars} of 5: {count}").format(stars=stars, count=figures.spread[stars - 1])
            for stars in range(5, 0, -1)
        ]
        self.setAccessibleName(self.tr("Distribution: {parts}").format(parts=", ".join(parts)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 5 * (metrics.list_line() + 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour, font = theme().colour, fonts.list_font(tabular=True)
            line, step = metrics.list_line(), metrics.list_line() + 4
            most = max(1, *self._figures.spread)
            lead = fonts.metrics_of(font).horizontalAdvance(self.tr("{stars} stars").format(stars=5)) + 12
            end = fonts.metrics_of(font).horizontalAdvance(QLocale().toString(most) + "  100 %") + 12
            room = max(40, self.width() - lead - end)
            for place, stars in enumerate(range(5, 0, -1)):
                n = self._figures.spread[stars - 1]
                y = place * step
                words = self.tr("{stars} stars").format(stars=stars) if stars > 1 else self.tr("1 star")
                self._text(painter, QRect(0, y, lead, line), words, font, colour("text-2"))
                height = metrics.icon_size(8)
                track = QRect(lead, y + (line - height) // 2, room, height)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour("sunken"))
                painter.drawRoundedRect(QRectF(self._box(track)), 4, 4)
                if n:
                    wide = max(height, round(room * n / most))
                    painter.setBrush(colour("score-low" if stars <= 2 else "score"))
                    painter.drawRoundedRect(QRectF(self._box(QRect(lead, track.top(), wide, height))), 4, 4)
                share = round(100 * n / self._figures.scored) if self._figures.scored else 0
                shown = f"{QLocale().toString(n)}  {share} %"
                self._text(painter, QRect(lead + room, y, end, line), shown, font, colour("text-2"), end=True)


class Months(_Painted):
    """A bar for each of the last months; its mean stands over it, the month under the first and the last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._months: Sequence[tuple[str, int, float | None]] = ()

    def set_months(self, months: Sequence[tuple[str, int, float | None]]) -> None:
        self._months = tuple(months)[-12:]
        parts = [f"{month_words(m)}: {count_words(n)}, {mean_words(mean)}" for m, n, mean in self._months]
        self.setAccessibleName(self.tr("By month: {parts}").format(parts="; ".join(parts)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, metrics.icon_size(56) + 2 * metrics.list_line())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._months:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour, font = theme().colour, fonts.mark_font(400)
            line, high = metrics.list_line(), metrics.icon_size(56)
            slot = self.width() / len(self._months)
            wide = min(round(slot) - 6, metrics.icon_size(36))
            most = max(n for _, n, _ in self._months)
            for place, (_, n, mean) in enumerate(self._months):
                left = round(place * slot)
                height = max(2, round(high * n / most)) if n else 0
                bar = QRect(left + (round(slot) - wide) // 2, line + high - height, wide, height)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour("score-low" if mean is not None and mean <= 2 else "score-off"))
                painter.drawRoundedRect(QRectF(self._box(bar)), 2, 2)
                words = mean_words(mean) if mean is not None else ""
                measure = fonts.metrics_of(font)
                x = bar.left() + (wide - measure.horizontalAdvance(words)) // 2
                self._text(
                    painter,
                    QRect(x, bar.top() - line, measure.horizontalAdvance(words) + 1, line),
                    words,
                    font,
                    colour("text-2"),
                )
            first, last = self._months[0][0], self._months[-1][0]
            base = QRect(0, line + high, self.width(), line)
            self._text(painter, base, month_words(first), fonts.list_font(), colour("text-3"))
            if len(self._months) > 1:
                self._text(painter, base, month_words(last), fonts.list_font(), colour("text-3"), end=True)


@dataclass(frozen=True, slots=True)
class Column:
    """One teller of figures. ``ours``: computed here; otherwise a source's own word, with the moment it was asked."""

    title: str
    when: str
    n: int
    mean: float | None
    spread: tuple[int, ...]
    ours: bool = False


class FigureTable(_Painted):
    """Who says what, side by side: mean, reviews, and each number of stars. Never mixed."""

    def __init__(self, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._long = any(c.spread for c in columns)
        self.setAccessibleName("; ".join(_words(c) for c in columns))

    def columns(self) -> tuple[Column, ...]:
        return self._columns

    def sizeHint(self) -> QSize:
        rows = 2 + (5 if self._long else 0)
        return QSize(400, (rows + 2) * metrics.list_line() + rows * 2 + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            colour, line = theme().colour, metrics.list_line()
            lead = metrics.icon_size(84)
            wide = min(metrics.icon_size(190), max(60, (self.width() - lead) // max(1, len(self._columns))))
            tabular = fonts.list_font(tabular=True)
            titles = [self.tr("Mean"), self.tr("Reviews")]
            if self._long:
                titles += [
                    self.tr("{stars} stars").format(stars=s) if s > 1 else self.tr("1 star")
                    for s in (5, 4, 3, 2, 1)
                ]
            top = 2 * line + 6
            for place, title in enumerate(titles):
                self._text(
                    painter,
                    QRect(0, top + place * (line + 2), lead, line),
                    title,
                    fonts.list_font(),
                    colour("text-2"),
                )
            ours = next((c for c in self._columns if c.ours), None)
            for place, column in enumerate(self._columns):
                x = lead + place * wide
                room = wide - 14
                self._text(
                    painter, QRect(x, 0, room, line), column.title, fonts.list_font(500), colour("text")
                )
                self._text(
                    painter, QRect(x, line, room, line), column.when, fonts.list_font(), colour("text-3")
                )
                values = [mean_words(column.mean), QLocale().toString(column.n)]
                if self._long:
                    spread = column.spread or ()
                    values += [QLocale().toString(spread[s - 1]) if spread else "–" for s in (5, 4, 3, 2, 1)]
                for row, value in enumerate(values):
                    differs = row == 1 and ours is not None and not column.ours and column.n != ours.n
                    ink = colour("text-2" if differs else "text")
                    self._text(painter, QRect(x, top + row * (line + 2), room, line), value, tabular, ink)
            painter.fillRect(0, 2 * line + 2, self.width(), 1, colour("line"))


def _words(column: Column) -> str:
    return f"{column.title} {column.when}: {mean_words(column.mean)}, {count_words(column.n)}"
