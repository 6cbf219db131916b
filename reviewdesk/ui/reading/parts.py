"""The painted parts of the reading pane: facts line, section heading, grid of fields, folded sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from reviewdesk.ui.reading.body import TextBody
from reviewdesk.ui.reading.painting import draw_icon, draw_text, hairline, mirrored, text_width
from reviewdesk.ui.reading.words import VALUE_LIMIT
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import PlainLabel

__all__ = ["MOST_WIDTHS", "Fact", "FactsLine", "FieldGrid", "Fold", "SectionHeading"]


def hfw_policy() -> QSizePolicy:
    """Takes the width it gets and is as high as its content then needs."""
    # Not Fixed: that would hold a part to the height of the width it had before.
    policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)
    return policy


MOST_WIDTHS = 8
"""A layout asks at the width it would like and at the one it gets, again and again."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of the facts line. ``colour`` 1 to 6 draws an account dot and ``code`` before the text."""

    text: str
    strong: bool = False
    colour: int = 0
    code: str = ""
    tip: str = ""


class FactsLine(QWidget):
    """Author, product, language, account and time on one line, or on more when the pane is narrow."""

    _DOT, _AFTER_DOT, _AFTER_CODE = 6, 5, 8

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[Fact, ...] = ()
        self._placed: dict[tuple[int, int], list[tuple[Fact, QRect, bool]]] = {}
        self.setSizePolicy(hfw_policy())

    def set_facts(self, facts: list[Fact]) -> None:
        self._facts = tuple(facts)
        self._placed.clear()
        self.setAccessibleName(", ".join(f"{f.code} {f.text}".strip() for f in facts))
        self.updateGeometry()
        self.update()

    def facts(self) -> tuple[Fact, ...]:
        return self._facts

    def _font(self, fact: Fact) -> QFont:
        return fonts.list_font(500 if fact.strong else 400, tabular=True)

    def _lead(self, fact: Fact) -> int:
        if not fact.colour:
            return 0
        code = text_width(fact.code, fonts.mark_font()) + self._AFTER_CODE if fact.code else 0
        return metrics.icon_size(self._DOT) + self._AFTER_DOT + code

    def _places(self, width: int) -> list[tuple[Fact, QRect, bool]]:
        """(fact, its rectangle left to right, whether a separator follows it)."""
        key = (width, theme().generation)
        known = self._placed.get(key)
        if known is not None:
            return known
        line = metrics.list_line()
        dot = text_width("·", fonts.list_font())
        gap = metrics.icon_size(6)
        x = y = 0
        places: list[tuple[Fact, QRect, bool]] = []
        for number, fact in enumerate(self._facts):
            wide = min(self._lead(fact) + text_width(fact.text, self._font(fact)), width)
            last = number == len(self._facts) - 1
            if x and x + wide + (0 if last else gap + dot) > width:
                x, y = 0, y + line
            places.append((fact, QRect(x, y, wide, line), not last))
            x += wide + gap + dot + gap
        if len(self._placed) >= MOST_WIDTHS:
            self._placed.clear()
        self._placed[key] = places
        return places

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        places = self._places(max(width, 1))
        return places[-1][1].bottom() + 1 if places else metrics.list_line()

    def sizeHint(self) -> QSize:
        return QSize(300, self.heightForWidth(max(self.width(), 300)))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, metrics.list_line())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            gap = metrics.icon_size(6)
            for fact, rect, more in self._places(self.width()):
                lead = self._lead(fact)
                if fact.colour:
                    self._paint_account(painter, fact, rect)
                draw_text(
                    painter,
                    self,
                    rect.adjusted(lead, 0, 0, 0),
                    fact.text,
                    self._font(fact),
                    "text-2" if fact.strong else "text-3",
                )
                if more:
                    place = QRect(rect.right() + 1 + gap, rect.top(), 40, rect.height())
                    draw_text(painter, self, place, "·", fonts.list_font(), "text-3")

    def _paint_account(self, painter: QPainter, fact: Fact, rect: QRect) -> None:
        edge = metrics.icon_size(self._DOT)
        dot = mirrored(self, QRect(rect.left(), rect.top() + (rect.height() - edge) // 2 + 1, edge, edge))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour(f"a-{fact.colour}"))
        painter.drawEllipse(dot)
        painter.restore()
        if fact.code:
            draw_text(
                painter,
                self,
                rect.adjusted(edge + self._AFTER_DOT, 0, 0, 0),
                fact.code,
                fonts.mark_font(),
                "text-2",
                elide=False,
            )

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            where = cast(QHelpEvent, event)
            for fact, rect, _ in self._places(self.width()):
                if fact.tip and mirrored(self, rect).contains(where.pos()):
                    QToolTip.showText(where.globalPos(), fact.tip, self)
                    return True
            QToolTip.hideText()
            event.ignore()
            return True
        return super().event(event)


class SectionHeading(QWidget):
    """``Conversation`` and a rule to the end of the column."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, metrics.list_line())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            font = fonts.list_font(500)
            draw_text(painter, self, self.rect(), self._text, font, "text-2")
            x = text_width(self._text, font) + metrics.icon_size(9)
            rule = mirrored(self, QRect(x, self.height() // 2, self.width() - x, 1))
            painter.fillRect(
                rule.left(), rule.top(), rule.width(), max(1, round(hairline(self))), theme().colour("line")
            )


class FieldGrid(QWidget):
    """Label over value, in as many columns as fit. Values can be selected and copied."""

    _GAP_X, _GAP_Y = 20, 8

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: list[tuple[str, str]] = []
        self._labels: list[tuple[PlainLabel, TextBody]] = []
        self.setSizePolicy(hfw_policy())

    def fields(self) -> list[tuple[str, str]]:
        return list(self._fields)

    def set_fields(self, fields: list[tuple[str, str]]) -> None:
        if fields == self._fields:
            return
        self._fields = list(fields)
        while len(self._labels) < len(fields):
            name = PlainLabel(parent=self, role="text-3", line=metrics.list_line)
            value = TextBody(self, font=_value_font, line=metrics.list_line, limit=VALUE_LIMIT, leading=True)
            self._labels.append((name, value))
        for number, (name, value) in enumerate(self._labels):  # labels are kept for the next review
            used = number < len(fields)
            name.setVisible(used)
            value.setVisible(used)
            if used:
                name.setText(fields[number][0])
                value.set_text(fields[number][1])
                value.setAccessibleName(f"{fields[number][0]}: {fields[number][1]}")
        self.updateGeometry()
        self._arrange()

    def _columns(self, width: int) -> int:
        wide = metrics.icon_size(140) + self._GAP_X
        return max(1, min(4, len(self._fields), (width + self._GAP_X) // wide))

    def _rows(self, width: int) -> list[tuple[int, int, list[int]]]:
        """(top, height, the numbers of the fields) of each row."""
        columns = self._columns(width)
        line = metrics.list_line()
        cell = self._cell(width)
        rows = []
        y = 0
        for first in range(0, len(self._fields), columns):
            numbers = list(range(first, min(first + columns, len(self._fields))))
            tallest = max(self._value_height(n, cell) for n in numbers)
            rows.append((y, line + tallest, numbers))
            y += line + tallest + self._GAP_Y
        return rows

    def _cell(self, width: int) -> int:
        columns = self._columns(width)
        return (width - (columns - 1) * self._GAP_X) // columns

    def _value_height(self, number: int, width: int) -> int:
        line = metrics.list_line()
        value = self._fields[number][1]
        if "\n" not in value and text_width(value, _value_font()) <= width:
            return line
        return max(line, self._labels[number][1].heightForWidth(width))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = self._rows(width)
        return rows[-1][0] + rows[-1][1] if rows else 0

    def sizeHint(self) -> QSize:
        return QSize(300, self.heightForWidth(max(self.width(), 300)))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 2 * metrics.list_line() if self._fields else 0)

    def resizeEvent(self, event: object) -> None:
        self._arrange()

    def _arrange(self) -> None:
        width, line = self.width(), metrics.list_line()
        cell = self._cell(width)
        for y, height, numbers in self._rows(width):
            for column, number in enumerate(numbers):
                x = column * (cell + self._GAP_X)
                name, value = self._labels[number]
                name.setGeometry(mirrored(self, QRect(x, y, cell, line)))
                value.setGeometry(mirrored(self, QRect(x, y + line, cell, height - line)))


def _value_font() -> QFont:
    return fonts.list_font(400, tabular=True)


class Fold(QWidget):
    """A section folded to one line: caret, name, what is in it. Space, Enter or a click unfold it."""

    toggled = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._summary = title, ""
        self._open = False
        self._head = _FoldHead(self)
        self._box = QWidget(self)
        inner = QVBoxLayout(self._box)
        inner.setContentsMargins(0, 8, 0, 0)
        inner.setSpacing(14)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._head)
        outer.addWidget(self._box)
        self._box.hide()
        self.setFocusProxy(self._head)
        self._say()

    def content(self) -> QVBoxLayout:
        return cast(QVBoxLayout, self._box.layout())

    def set_summary(self, text: str) -> None:
        self._summary = text
        self._say()

    def summary(self) -> str:
        return self._summary

    def is_open(self) -> bool:
        return self._open

    def set_open(self, wanted: bool) -> None:
        if wanted != self._open:
            self._open = wanted
            self._box.setVisible(wanted)
            self._say()
            self.toggled.emit(wanted)

    def _say(self) -> None:
        state = self.tr("unfolded") if self._open else self.tr("folded")
        self._head.setAccessibleName(", ".join(p for p in (self._title, self._summary, state) if p))
        self._head.update()


class _FoldHead(QWidget):
    OWN_KEYS = frozenset({"Space", "Enter"})

    def __init__(self, fold: Fold) -> None:
        super().__init__(fold)
        self._fold = fold
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, metrics.list_line())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            fold = self._fold
            edge = metrics.icon_size(12)
            caret = "caret-down" if fold._open else "caret-right"
            draw_icon(painter, self, QRect(0, (self.height() - edge) // 2, edge, edge), caret, "text-2")
            strong = fonts.list_font(500)
            x = edge + metrics.icon_size(6)
            draw_text(
                painter, self, QRect(x, 0, self.width() - x, self.height()), fold._title, strong, "text-2"
            )
            x += text_width(fold._title, strong) + metrics.icon_size(7)
            rest = QRect(x, 0, self.width() - x, self.height())
            draw_text(painter, self, rest, fold._summary, fonts.list_font(400, tabular=True), "text-3")
            if self.hasFocus():
                pen = painter.pen()
                pen.setColor(theme().colour("focus"))
                pen.setWidth(2)
                painter.setPen(pen)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._fold.set_open(not self._fold.is_open())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._fold.set_open(not self._fold.is_open())
        elif event.key() == Qt.Key.Key_Right and not self._fold.is_open():
            self._fold.set_open(True)
        elif event.key() == Qt.Key.Key_Left and self._fold.is_open():
            self._fold.set_open(False)
        else:
            super().keyPressEvent(event)
