"""Paints the rows of the list. Measures once per row and width, then only places glyphs."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QStaticText, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from reviewdesk.domain.models import ReplyMark, ReviewRow, WorkState
from reviewdesk.domain.text import hits
from reviewdesk.ui.inbox import words
from reviewdesk.ui.inbox.context import RowContext
from reviewdesk.ui.inbox.layout import COMFORTABLE, Measures, RowRects, Shape, heading_layout, row_layout
from reviewdesk.ui.inbox.model import HEADING_ROLE, ID_ROLE, ROW_ROLE, Heading
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets.score import draw_score, pill_width

__all__ = ["QUICK_ACTIONS", "ListState", "ReviewDelegate", "quick_action"]

QUICK_ACTIONS = ("reply", "done", "snooze", "star")

_REPLY_ICONS = {
    ReplyMark.OURS: ("arrow-bend-up-left-fill", "text-3"),
    ReplyMark.ELSEWHERE: ("arrow-bend-up-left", "text-3"),
    ReplyMark.WAITING: ("clock", "text-3"),
    ReplyMark.FAILED: ("warning-circle-fill", "fail"),
}
_KEPT = 600
_OWNER_LETTERS = 2


def quick_action(number: int, row: ReviewRow) -> str:
    """What the button with this number does on this row: done rows are opened again, starred ones lose the star."""
    name = QUICK_ACTIONS[number]
    if name == "done" and row.work_state is WorkState.DONE:
        return "reopen"
    return "unstar" if name == "star" and row.starred else name


@dataclass(slots=True)
class ListState:
    """What the view knows and the painter needs, beyond the style option."""

    hover_line: int = -1
    hover_quick: int = -1
    pressed: bool = False
    several: bool = False
    focused: bool = False
    current_line: int = -1


@dataclass(slots=True)
class _Piece:
    """A text at its place, ready to be drawn."""

    text: QStaticText
    at: QPointF
    font: QFont
    role: str
    hits: list[QRectF] = field(default_factory=list)


@dataclass(slots=True)
class _Prepared:
    row: ReviewRow
    rects: RowRects
    pieces: list[_Piece]
    pip_roles: list[str]
    due_icon: tuple[str, str] | None
    dot_role: str


class ReviewDelegate(QStyledItemDelegate):
    """Rows and group headings of the inbox. Never calls the base class's painting."""

    def __init__(self, context: RowContext, state: ListState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._state = state
        self._density = COMFORTABLE
        self._kept: OrderedDict[tuple[object, ...], _Prepared] = OrderedDict()
        self._measures: Measures | None = None
        self._measures_key: tuple[object, ...] = ()
        self._ascents: dict[str, float] = {}

    # --- measures --------------------------------------------------------------------------------

    @property
    def density(self) -> str:
        return self._density

    def set_density(self, density: str) -> None:
        """Raises ValueError for an unknown density."""
        metrics.row_height(density)
        self._density = density
        self._kept.clear()

    def measures(self) -> Measures:
        """Of the present theme and density."""
        key = (theme().generation, self._density, self._context.version)
        if self._measures is None or key != self._measures_key:
            mark = fonts.metrics_of(fonts.mark_font())
            codes = {account.code for account in self._context.accounts.values()}
            self._measures = Measures(
                t=theme().scale,
                line=metrics.list_line(),
                mark=metrics.mark_line(),
                height=metrics.row_height(self._density),
                code=max((mark.horizontalAdvance(code) for code in codes), default=16),
            )
            self._measures_key = key
            self._ascents.clear()
            self._kept.clear()
        return self._measures

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        height = self.measures().height if index.data(ID_ROLE) else metrics.group_height()
        return QSize(0, height)

    def layout(self, row: ReviewRow, width: int, *, quick: bool = False) -> RowRects:
        """The rectangles of a row, left to right, without painting."""
        return row_layout(width, self._density, self.measures(), self._shape(row, quick))

    def quick_at(self, row: ReviewRow, rect: QRect, point: QPoint, direction: Qt.LayoutDirection) -> int:
        """Which quick action lies under ``point``; ``rect`` is the row's rectangle in the same coordinates."""
        local = QStyle.visualPos(direction, QRect(QPoint(0, 0), rect.size()), point - rect.topLeft())
        return self.layout(row, rect.width(), quick=True).quick_at(local)

    def quick_rect(self, row: ReviewRow, rect: QRect, number: int, direction: Qt.LayoutDirection) -> QRect:
        """The rectangle of a quick action, in the coordinates of ``rect``."""
        place = self.layout(row, rect.width(), quick=True).quick[number].translated(rect.topLeft())
        return QStyle.visualRect(direction, rect, place)

    def is_check(self, row: ReviewRow, rect: QRect, point: QPoint, direction: Qt.LayoutDirection) -> bool:
        """Whether ``point`` lies on the check box (or a little beside it)."""
        local = QStyle.visualPos(direction, QRect(QPoint(0, 0), rect.size()), point - rect.topLeft())
        box = self.layout(row, rect.width()).check
        return 3 <= local.x() <= box.right() + 3

    def _shape(self, row: ReviewRow, quick: bool) -> Shape:
        regular, strong = fonts.metrics_of(fonts.list_font()), fonts.metrics_of(fonts.list_font(600))
        tabular, mark = fonts.metrics_of(fonts.list_font(400, True)), fonts.metrics_of(fonts.mark_font())
        score = 0
        if row.score is None:
            score = fonts.metrics_of(fonts.mark_font(400)).horizontalAdvance(words.score_figure(row)) + 1
        elif row.score_max != 5:
            score = pill_width(row.score, row.score_max)
        left = self._context.due_left(row)
        due = due_short = 0
        if left is not None:
            due_metrics = fonts.metrics_of(fonts.list_font(500 if left < 0 else 400, True))
            due = due_metrics.horizontalAdvance(words.due_words(left, short=False)) + 1
            due_short = due_metrics.horizontalAdvance(words.due_words(left, short=True)) + 1
        tags = len(row.tags)
        return Shape(
            age=tabular.horizontalAdvance(words.age(self._context.now() - row.created_at)),
            author=(strong if row.unread else regular).horizontalAdvance(words.author(row)) + 1,
            product=regular.horizontalAdvance(words.paintable(row.product_name or "")) + 1
            if row.product_name
            else 0,
            score=score,
            due=due,
            due_short=due_short,
            owner=mark.horizontalAdvance(_initials(row.owner)) + 2 * metrics.icon_size(4) if row.owner else 0,
            code=mark.horizontalAdvance(self._context.account(row.account_id).code),
            pips=min(3, tags),
            more=mark.horizontalAdvance(f"+{tags - 3}") if tags > 3 else 0,
            starred=row.starred,
            picture=row.has_photo,
            edited=row.edited,
            reply=row.reply_mark is not ReplyMark.NONE,
            quick=quick,
        )

    # --- preparing -------------------------------------------------------------------------------

    def _prepared(self, row: ReviewRow, width: int, quick: bool, mirrored: bool) -> _Prepared:
        measures = self.measures()
        minute = int(self._context.now() // 60)
        key = (row.id, width, quick, mirrored, minute)
        known = self._kept.get(key)
        if known is not None and known.row is row:
            self._kept.move_to_end(key)
            return known
        made = self._prepare(row, width, quick, mirrored, measures)
        self._kept[key] = made
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return made

    def _prepare(self, row: ReviewRow, width: int, quick: bool, mirrored: bool, m: Measures) -> _Prepared:
        rects = row_layout(width, self._density, m, self._shape(row, quick))
        context = self._context
        new = row.unread
        bright, plain = ("text", 600) if new else ("text-2", 400)
        pieces: list[_Piece] = []

        def add(
            rect: QRect, text: str, font: QFont, role: str, *, own: bool = True, mark: bool = False
        ) -> None:
            if text and rect.width() > 0:
                pieces.append(
                    self._piece(_flip(rect, width, mirrored), text, font, role, m, mirrored, own, mark)
                )

        left = context.due_left(row)
        due_icon = None
        if left is not None and not rects.due_icon.isEmpty():
            role, weight = ("warn", 500) if left < 0 else ("text-2", 400)
            due_icon = ("warning-fill" if left < 0 else "timer", role)
            text = words.due_words(left, short=rects.due_is_short)
            add(rects.due_text, text, fonts.list_font(weight, True), role, own=False)
        add(
            rects.age,
            words.age(context.now() - row.created_at),
            fonts.list_font(400, True),
            "text-3",
            own=False,
        )
        add(rects.author, words.author(row), fonts.list_font(plain), bright, mark=True)
        product = (
            words.item_line(row) if self._density == COMFORTABLE else words.paintable(row.product_name or "")
        )
        add(rects.product, product, fonts.list_font(), "text-3", own=self._density != COMFORTABLE, mark=True)
        body = words.paintable(row.snippet)
        add(
            rects.text,
            body or words.no_text(),
            fonts.list_font(),
            "text" if new and body else "text-2",
            mark=True,
        )
        add(rects.code, context.account(row.account_id).code, fonts.mark_font(), "text-3", own=False)
        if rects.more.width() > 0:
            add(rects.more, f"+{len(row.tags) - 3}", fonts.mark_font(), "text-3", own=False)
        if rects.owner.width() > 0:
            letters = _initials(row.owner)
            advance = fonts.metrics_of(fonts.mark_font()).horizontalAdvance(letters)
            inner = QRect(
                rects.owner.left() + (rects.owner.width() - advance + 1) // 2,
                rects.owner.top(),
                advance + 1,
                rects.owner.height(),
            )
            add(inner, letters, fonts.mark_font(), "text-2", own=False)

        for name in (
            "dot",
            "check",
            "score",
            "star",
            "picture",
            "edited",
            "reply",
            "owner",
            "account",
            "due_icon",
        ):
            setattr(rects, name, _flip(getattr(rects, name), width, mirrored))
        rects.bar = _flip(rects.bar, width, mirrored)
        rects.pips = [_flip(r, width, mirrored) for r in rects.pips]
        rects.quick = [_flip(r, width, mirrored) for r in rects.quick]
        account = context.account(row.account_id)
        return _Prepared(
            row=row,
            rects=rects,
            pieces=pieces,
            pip_roles=[context.tag_role(tag) for tag in row.tags[:3]],
            due_icon=due_icon,
            dot_role=f"a-{account.colour}",
        )

    def _piece(
        self,
        rect: QRect,
        text: str,
        font: QFont,
        role: str,
        m: Measures,
        mirrored: bool,
        own_direction: bool,
        mark: bool,
    ) -> _Piece:
        """``own_direction``: a stranger's text reads by its own first letter, our words as the window reads."""
        measure = fonts.metrics_of(font)
        shown = text
        if measure.horizontalAdvance(text) > rect.width():
            shown = measure.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        direction = (
            Qt.LayoutDirection.LayoutDirectionAuto
            if own_direction
            else (Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight)
        )
        option = QTextOption()
        option.setTextDirection(direction)
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        static = QStaticText(shown)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.setTextOption(option)
        static.setPerformanceHint(QStaticText.PerformanceHint.ModerateCaching)
        static.prepare(font=font)
        found = hits(shown, self._context.needles) if mark and self._context.needles else []
        layout = None
        if found or not shown.isascii():
            layout, ascent = _laid_out(shown, font, option)
        else:
            ascent = self._ascent(font, option)
        x = rect.right() + 1 - static.size().width() if mirrored else float(rect.left())
        top = rect.top() + (rect.height() - measure.height()) // 2
        places = []
        if layout is not None:
            for start, end in found:
                one, other = sorted((_x_of(layout, start), _x_of(layout, end)))
                places.append(QRectF(x + one - 1, rect.top(), other - one + 2, rect.height()))
        # By the baseline of the interface font: a fallback font with taller letters must not shift the line.
        return _Piece(static, QPointF(x, top + measure.ascent() - ascent), font, role, places)

    def _ascent(self, font: QFont, option: QTextOption) -> float:
        key = font.key()
        known = self._ascents.get(key)
        if known is None:
            known = self._ascents[key] = _laid_out("x", font, option)[1]
        return known

    # --- painting --------------------------------------------------------------------------------

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        painter.setClipRect(option.rect)
        painter.translate(option.rect.topLeft())
        heading = index.data(HEADING_ROLE)
        if heading is not None:
            self._paint_heading(painter, option, index, heading)
        else:
            self._paint_row(painter, option, index)
        painter.restore()

    def _paint_heading(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
        heading: Heading,
    ) -> None:
        look, size = theme(), option.rect.size()
        mirrored = option.direction == Qt.LayoutDirection.RightToLeft
        m = self.measures()
        caret, text, divider = heading_layout(size.width(), size.height(), m)
        painter.fillRect(0, 0, size.width(), size.height(), look.colour("sunken"))
        if self._state.hover_line == index.row():
            painter.fillRect(0, 0, size.width(), size.height(), look.colour("hover"))
        painter.fillRect(divider, look.colour("line"))
        name = "caret-down"
        if heading.collapsed:
            name = "caret-left" if mirrored else "caret-right"
        self._icon(painter, _flip(caret, size.width(), mirrored), name, look.colour("text-2"), "text-2")
        font, count_font = fonts.list_font(500), fonts.list_font(400, True)
        measure, count = fonts.metrics_of(font), words.figure(heading.count)
        title = measure.elidedText(heading.title, Qt.TextElideMode.ElideRight, text.width())
        advance = measure.horizontalAdvance(title)
        baseline = text.top() + (text.height() - measure.height()) // 2 + measure.ascent()
        for shown, face, role, left in (
            (title, font, "text-2", text.left()),
            (count, count_font, "text-3", text.left() + advance + 7),
        ):
            width = fonts.metrics_of(face).horizontalAdvance(shown)
            x = size.width() - left - width if mirrored else left
            painter.setFont(face)
            painter.setPen(look.colour(role))
            painter.drawText(QPoint(x, baseline), shown)
        if self._state.focused and self._state.current_line == index.row():
            self._frame(painter, size, look.colour("focus"))

    def _paint_row(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look, state, size = theme(), self._state, option.rect.size()
        width, height = size.width(), size.height()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        focused, hovered = state.focused, state.hover_line == index.row()
        is_current = state.current_line == index.row()
        painter.fillRect(0, 0, width, height, look.colour("surface"))
        if selected:
            painter.fillRect(0, 0, width, height, look.colour("select" if focused else "select-idle"))
        if hovered:
            painter.fillRect(0, 0, width, height, look.colour("press" if state.pressed else "hover"))
        mirrored = option.direction == Qt.LayoutDirection.RightToLeft
        # In high contrast a selected row is a solid bar, and everything on it has one colour.
        single = look.colour("on-select") if selected and focused and look.name == "contrast" else None
        row: ReviewRow | None = index.data(ROW_ROLE)
        if row is None:
            painter.fillRect(0, height - 1, width, 1, look.colour("line"))
            self._paint_unloaded(painter, width, index, mirrored)
        else:
            made = self._prepared(row, width, hovered, mirrored)
            if selected:
                painter.fillRect(made.rects.bar, look.colour("accent" if focused else "field"))
            painter.fillRect(made.rects.divider, look.colour("line"))
            self._paint_content(painter, made, mirrored, selected, single)
        if selected and not focused and look.name == "contrast":
            self._frame(painter, size, look.colour("field"))
        if focused and is_current and (not selected or state.several):
            self._frame(painter, size, look.colour("focus") if single is None else single)

    def _paint_unloaded(
        self, painter: QPainter, width: int, index: QModelIndex | QPersistentModelIndex, mirrored: bool
    ) -> None:
        """A row whose block is on its way: its age is known from the id, so the column does not flicker."""
        m = self.measures()
        age = words.age(self._context.now() - (index.data(ID_ROLE) >> 20))
        font = fonts.list_font(400, True)
        measure = fonts.metrics_of(font)
        place = row_layout(width, self._density, m, Shape(age=measure.horizontalAdvance(age))).age
        place = _flip(place, width, mirrored)
        painter.setFont(font)
        painter.setPen(theme().colour("text-3"))
        painter.drawText(
            QPoint(place.left(), place.top() + (m.line - measure.height()) // 2 + measure.ascent()), age
        )

    def _paint_content(
        self, painter: QPainter, made: _Prepared, mirrored: bool, selected: bool, single: QColor | None
    ) -> None:
        look, rects, row = theme(), made.rects, made.row

        def colour(role: str) -> QColor:
            return single if single is not None else look.colour(role)

        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._state.several:
            self._check_box(painter, rects.check, selected)
        elif row.unread:
            _ellipse(painter, rects.dot, colour("link"))
        draw_score(
            painter,
            rects.score,
            row.score,
            row.score_min,
            row.score_max,
            size=metrics.icon_size(13),
            gap=max(1, round(theme().scale)),
            right_to_left=mirrored,
            colour=single,
        )
        if made.due_icon is not None:
            name, role = made.due_icon
            self._icon(painter, rects.due_icon, name, single, role)
        if not rects.star.isEmpty():
            self._icon(painter, rects.star, "star-fill", single, "text-3")
        if not rects.picture.isEmpty():
            self._icon(painter, rects.picture, "image-square", single, "text-3")
        if not rects.edited.isEmpty():
            self._icon(painter, rects.edited, "pencil-simple", single, "text-3")
        if not rects.reply.isEmpty() and row.reply_mark in _REPLY_ICONS:
            name, role = _REPLY_ICONS[row.reply_mark]
            self._icon(painter, rects.reply, name, single, role)
        if not rects.owner.isEmpty():
            painter.setPen(QPen(colour("edge"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            pill = QRectF(rects.owner).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        for rect, role in zip(rects.pips, made.pip_roles, strict=False):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(role))
            painter.drawRoundedRect(QRectF(rect), rect.height() / 2, rect.height() / 2)
        if not rects.account.isEmpty():
            _ellipse(painter, rects.account, colour(made.dot_role))
        for number, rect in enumerate(rects.quick):
            self._quick_button(painter, rect, number, row, single)
        for piece in made.pieces:
            for place in piece.hits:
                painter.fillRect(place, look.colour("hit"))
            painter.setFont(piece.font)
            painter.setPen(
                colour("text" if piece.hits and single is None and piece.role != "text-3" else piece.role)
            )
            painter.drawStaticText(piece.at, piece.text)

    def _quick_button(
        self, painter: QPainter, rect: QRect, number: int, row: ReviewRow, single: QColor | None
    ) -> None:
        under = self._state.hover_quick == number
        if under:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour("press"))
            painter.drawRoundedRect(QRectF(rect), 6, 6)
        name = {
            "reply": "arrow-bend-up-left",
            "done": "check",
            "reopen": "arrow-counter-clockwise",
            "snooze": "moon",
            "star": "star",
            "unstar": "star-fill",
        }[quick_action(number, row)]
        edge = metrics.icon_size(16)
        box = QRect(0, 0, edge, edge)
        box.moveCenter(rect.center())
        self._icon(painter, box, name, single, "text" if under else "text-2")

    def _check_box(self, painter: QPainter, rect: QRect, checked: bool) -> None:
        look, box = theme(), QRectF(rect)
        if checked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("accent"))
            painter.drawRoundedRect(box, 4, 4)
            edge = metrics.icon_size(11)
            inner = QRect(0, 0, edge, edge)
            inner.moveCenter(rect.center())
            self._icon(painter, inner, "check-bold", None, "on-accent")
            if look.name == "contrast":
                painter.setPen(QPen(look.colour("on-accent"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            return
        painter.setPen(QPen(look.colour("field"), 1))
        painter.setBrush(look.colour("surface"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _icon(self, painter: QPainter, rect: QRect, name: str, single: QColor | None, role: str) -> None:
        if single is not None:
            icons.paint(painter, rect, name, single)
            return
        device = painter.device()
        dpr = device.devicePixelRatio() if device is not None else 1.0
        painter.drawPixmap(rect.topLeft(), icons.pixmap(name, rect.height(), role, dpr))

    def _frame(self, painter: QPainter, size: QSize, colour: QColor) -> None:
        width, height = size.width(), size.height() - 1
        for side in (
            (0, 0, width, 2),
            (0, height - 2, width, 2),
            (0, 0, 2, height),
            (width - 2, 0, 2, height),
        ):
            painter.fillRect(*side, colour)


def _flip(rect: QRect, width: int, mirrored: bool) -> QRect:
    if not mirrored or rect.isNull():
        return rect
    return QRect(width - rect.left() - rect.width(), rect.top(), rect.width(), rect.height())


def _ellipse(painter: QPainter, rect: QRect, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QRectF(rect))


def _initials(owner: str | None) -> str:
    """At most two letters: of two names the first ones, of one the beginning."""
    parts = words.paintable(owner or "").split()
    if not parts:
        return ""
    letters = parts[0][:_OWNER_LETTERS] if len(parts) == 1 else parts[0][:1] + parts[-1][:1]
    return letters.upper()


def _laid_out(text: str, font: QFont, option: QTextOption) -> tuple[QTextLayout, float]:
    """A one-line layout and the height of its tallest letters above the baseline."""
    layout = QTextLayout(text, font)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    return layout, line.ascent()


def _x_of(layout: QTextLayout, position: int) -> float:
    """Where the character at ``position`` of a laid out line begins."""
    found: Any = layout.lineAt(0).cursorToX(position)
    return float(found[0] if isinstance(found, tuple) else found)
