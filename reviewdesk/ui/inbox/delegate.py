"""Paints the rows of the list. A row at rest is painted once and then copied from a picture of itself."""

from __future__ import annotations

from collections import OrderedDict
from math import ceil

from PySide6.QtCore import (
    QDeadlineTimer,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from reviewdesk.domain.models import ProviderState, ReplyMark, ReviewKind, ReviewRow, WorkState
from reviewdesk.domain.plain import dataclass
from reviewdesk.ui.inbox import words
from reviewdesk.ui.inbox.context import RowContext
from reviewdesk.ui.inbox.layout import Measures, RowRects, Shape, heading_layout, row_layout
from reviewdesk.ui.inbox.model import ID_ROLE, Heading, InboxModel
from reviewdesk.ui.inbox.setting import RowSetter, SetRow, flip
from reviewdesk.ui.theme import icons, metrics, theme
from reviewdesk.ui.widgets.score import draw_score

__all__ = ["QUICK_ACTIONS", "ListState", "ReviewDelegate", "quick_action"]

QUICK_ACTIONS = ("reply", "done", "snooze", "star")

_REPLY_ICONS = {
    ReplyMark.OURS: ("arrow-bend-up-left-fill", "text-3"),
    ReplyMark.ELSEWHERE: ("arrow-bend-up-left", "text-3"),
    ReplyMark.WAITING: ("clock", "text-3"),
    ReplyMark.FAILED: ("warning-circle-fill", "fail"),
}
_QUICK_ICONS = {
    "reply": "arrow-bend-up-left",
    "done": "check",
    "reopen": "arrow-counter-clockwise",
    "snooze": "moon",
    "star": "star",
    "unstar": "star-fill",
}
_KEPT_BYTES = 20_000_000
_KEPT_AT_LEAST = 80

_Index = QModelIndex | QPersistentModelIndex
_Flags = tuple[bool, bool, bool, bool, bool]
"""A ``_Look`` as a key."""


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
    several: bool = False
    focused: bool = False
    current_line: int = -1


@dataclass(frozen=True, slots=True)
class _Look:
    """How a row stands at this moment."""

    selected: bool
    focused: bool
    several: bool
    framed: bool
    mirrored: bool


class ReviewDelegate(QStyledItemDelegate):
    """Rows and group headings of the inbox. Never calls the base class's painting."""

    def __init__(
        self, model: InboxModel, context: RowContext, state: ListState, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._context = context
        self._state = state
        self._setter = RowSetter(context)
        self._pictures: OrderedDict[tuple[object, ...], tuple[ReviewRow, QPixmap]] = OrderedDict()
        self._scores: dict[tuple[object, ...], QPixmap] = {}
        self._colours: dict[str, QColor] = {}
        self._kept_key: tuple[object, ...] = ()
        self._dpr = 1.0
        self._until: QDeadlineTimer | None = None
        self._drawn = 0
        self.owes = False
        """Whether the last frame left rows out for want of time: another one has to follow."""

    # --- measures --------------------------------------------------------------------------------

    @property
    def density(self) -> str:
        return self._setter.density

    def set_density(self, density: str) -> None:
        """Raises ValueError for an unknown density."""
        metrics.row_height(density)
        self._setter.density = density

    def measures(self) -> Measures:
        """Of the present theme and density."""
        return self._setter.measures

    def forget(self) -> None:
        """Drop every picture of a row."""
        self._pictures.clear()
        self._scores.clear()
        self._colours.clear()

    def _colour(self, role: str) -> QColor:
        """Only painted with: the theme gives everybody a copy, a dozen to each row."""
        known = self._colours.get(role)
        if known is None:
            known = self._colours[role] = theme().colour(role)
        return known

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, self.measures().height if index.data(ID_ROLE) else metrics.group_height())

    def layout(self, row: ReviewRow, width: int, *, quick: bool = False) -> RowRects:
        """The rectangles of a row, left to right, without painting."""
        return self._setter.layout(row, width, quick=quick)

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
        return 3 <= local.x() <= self.layout(row, rect.width()).check.right() + 3

    # --- painting --------------------------------------------------------------------------------

    def begin_frame(self, width: int, dpr: float, *, within_ms: int = 0) -> None:
        """Before the view paints: pictures of another width, minute or theme are dropped.

        ``within_ms``: once that is over, rows that have no picture yet are left out (all but one) and ``owes`` is
        set; 0: whatever it takes. A hand that scrolls by leaps sees the first rows at once and the rest a frame later.
        """
        self._until = QDeadlineTimer(within_ms) if within_ms else None
        self._drawn = 0
        self.owes = False
        key = (*self._setter.key(), width, dpr, int(self._context.now() // 60))
        if key != self._kept_key:
            self.forget()
            self._kept_key = key
            self._dpr = dpr

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect, line, state = option.rect, index.row(), self._state
        review_id, row, heading = self._model.peek(line)
        mirrored = option.direction == Qt.LayoutDirection.RightToLeft
        hovered = state.hover_line == line
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        framed = state.focused and state.current_line == line and (not selected or state.several)
        look = (selected, state.focused, state.several, framed, mirrored)
        owed = False
        # At 125 % a row may end in the middle of a pixel: then a copy would cover its neighbour's divider.
        if row is not None and not hovered and (rect.height() * self._dpr).is_integer():
            picture = self._known(row, look)
            if picture is None and self._has_time():
                picture = self._picture(rect.size(), look, row)
            if picture is not None:
                painter.drawPixmap(rect.topLeft(), picture)
                return
            row, self.owes, owed = None, True, True
        painter.save()
        painter.setClipRect(rect)
        painter.translate(rect.topLeft())
        if owed:
            # For one frame: its age alone would take a fifth of the time that the whole row takes.
            self._paint_ground(painter, rect.size(), _Look(*look), hovered=False)
            if framed:
                _frame(painter, rect.size(), self._colour("focus"))
        elif row is not None:
            self._paint_row(painter, rect.size(), _Look(*look), row, quick=hovered)
        elif heading is not None:
            self._paint_heading(painter, rect.size(), mirrored, line, heading)
        else:
            self._paint_unloaded(painter, rect.size(), _Look(*look), review_id)
        painter.restore()

    def room(self, size: QSize) -> int:
        """How many pictures of rows of this size are kept."""
        return max(
            _KEPT_AT_LEAST, int(_KEPT_BYTES / max(1.0, 4 * size.width() * size.height() * self._dpr**2))
        )

    def warm(self, line: int, size: QSize, *, mirrored: bool) -> None:
        """Paint a row that is not on the screen yet, so that scrolling there only copies it."""
        row = self._model.row_of(self._model.id_at(line))
        if row is not None and (size.height() * self._dpr).is_integer():
            self._picture(size, (False, self._state.focused, self._state.several, False, mirrored), row)

    def rehearse(self, size: QSize, snippet: str) -> None:
        """Paint a row with these words that is never shown: what the first row of all needs is found and made."""
        row = ReviewRow(
            id=0, account_id=0, kind=ReviewKind.PRODUCT, native_id="", score=4.0, score_min=1.0, score_max=5.0,
            score100=75, author_name=snippet[:20], product_name=snippet[:20], order_id=None, snippet=snippet,
            language=None, created_at=int(self._context.now()), updated_at=None, work_state=WorkState.NEW,
            provider_state=ProviderState.PUBLISHED, reply_mark=ReplyMark.OURS, unread=True, starred=True, edited=True,
            has_photo=True, has_draft=True, owner=None, tags=(), source=None,
        )  # fmt: skip
        self._picture(size, (False, False, False, False, False), row)
        self._pictures.clear()

    def _has_time(self) -> bool:
        self._drawn += 1
        return self._drawn == 1 or self._until is None or not self._until.hasExpired()

    def _known(self, row: ReviewRow, look: _Flags) -> QPixmap | None:
        """The picture of a row as it is and stands now, if there is one."""
        key = (row.id, look)
        known = self._pictures.get(key)
        if known is None:
            return None
        if known[0] is not row:
            # Another reading of the same row, in another view perhaps, looks the same.
            if known[0] != row:
                return None
            self._pictures[key] = (row, known[1])
        self._pictures.move_to_end(key)
        return known[1]

    def _picture(self, size: QSize, look: _Flags, row: ReviewRow) -> QPixmap:
        known = self._known(row, look)
        if known is not None:
            return known
        dpr = self._dpr
        picture = QPixmap(ceil(size.width() * dpr), ceil(size.height() * dpr))
        picture.setDevicePixelRatio(dpr)
        with QPainter(picture) as own:
            self._paint_row(own, size, _Look(*look), row, quick=False)
        self._pictures[row.id, look] = (row, picture)
        room = self.room(size)
        while len(self._pictures) > room:
            self._pictures.popitem(last=False)
        return picture

    def _paint_ground(self, painter: QPainter, size: QSize, look: _Look, *, hovered: bool) -> None:
        colour, width, height = self._colour, size.width(), size.height()
        ground = "surface"
        if look.selected:
            ground = "select" if look.focused else "select-idle"
        painter.fillRect(0, 0, width, height, colour(ground))
        if hovered:
            painter.fillRect(0, 0, width, height, colour("hover"))
        if look.selected:
            bar = flip(QRect(0, 0, 3, height - 1), width, look.mirrored)
            painter.fillRect(bar, colour("accent" if look.focused else "field"))
        self._divider(painter, size)

    def _divider(self, painter: QPainter, size: QSize) -> None:
        """One pixel of the screen at any scale below 150 %, two from there."""
        thin = max(1, round(self._dpr)) / self._dpr
        painter.fillRect(QRectF(0, size.height() - thin, size.width(), thin), self._colour("line"))

    def _paint_row(self, painter: QPainter, size: QSize, look: _Look, row: ReviewRow, *, quick: bool) -> None:
        self._paint_ground(painter, size, look, hovered=quick)
        contrast = theme().name == "contrast"
        # In high contrast a selected row is a solid bar, and everything on it has one colour.
        single = self._colour("on-select") if contrast and look.selected and look.focused else None
        made = self._setter.set_row(row, size.width(), quick=quick, mirrored=look.mirrored)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_marks(painter, made, look, single)
        self._paint_texts(painter, made, single)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if contrast and look.selected and not look.focused:
            _frame(painter, size, self._colour("field"))
        if look.framed:
            _frame(painter, size, single or self._colour("focus"))

    def _paint_unloaded(self, painter: QPainter, size: QSize, look: _Look, review_id: int) -> None:
        """A row whose block is on its way: its age is known from the id, so the column does not flicker."""
        self._paint_ground(painter, size, look, hovered=False)
        setter = self._setter
        face = setter.faces.figures
        age = words.age(self._context.now() - (review_id >> 20))
        place = row_layout(size.width(), setter.density, setter.measures, Shape(age=face.width(age))).age
        place = flip(place, size.width(), look.mirrored)
        painter.setFont(face.font)
        painter.setPen(self._colour("text-3"))
        painter.drawText(
            QPoint(place.left(), place.top() + (place.height() - face.height) // 2 + face.ascent), age
        )
        if look.framed:
            _frame(painter, size, self._colour("focus"))

    def _paint_heading(
        self, painter: QPainter, size: QSize, mirrored: bool, line: int, heading: Heading
    ) -> None:
        colour, width, height = self._colour, size.width(), size.height()
        caret, place = heading_layout(width, height, self.measures())
        painter.fillRect(0, 0, width, height, colour("sunken"))
        if self._state.hover_line == line:
            painter.fillRect(0, 0, width, height, colour("hover"))
        self._divider(painter, size)
        name = ("caret-left" if mirrored else "caret-right") if heading.collapsed else "caret-down"
        _icon(painter, flip(caret, width, mirrored), name, None, "text-2")
        title_face, count_face = self._setter.faces.medium, self._setter.faces.figures
        count = words.figure(heading.count)
        room = place.width() - 7 - count_face.width(count)
        title = title_face.metrics.elidedText(heading.title, Qt.TextElideMode.ElideRight, room)
        left = place.left()
        for text, face, role in ((title, title_face, "text-2"), (count, count_face, "text-3")):
            advance = face.width(text)
            painter.setFont(face.font)
            painter.setPen(colour(role))
            baseline = place.top() + (place.height() - face.height) // 2 + face.ascent
            painter.drawText(QPoint(width - left - advance if mirrored else left, baseline), text)
            left += advance + 7
        if self._state.focused and self._state.current_line == line:
            _frame(painter, size, colour("focus"))

    def _edited_icon(self, row: ReviewRow) -> str:
        effect = self._context.effects.get(row.id)
        if effect is None:
            return "pencil-simple"
        return "trend-up" if effect.after > effect.before else "trend-down"

    def _paint_marks(self, painter: QPainter, made: SetRow, look: _Look, single: QColor | None) -> None:
        rects, row = made.rects, made.row

        def colour(role: str) -> QColor:
            return single if single is not None else self._colour(role)

        if look.several:
            self._check_box(painter, rects.check, look.selected)
        elif row.unread:
            _ellipse(painter, rects.dot, colour("link"))
        self._paint_score(painter, rects.score, row, look.mirrored, single)
        if made.due_icon is not None:
            _icon(painter, rects.due_icon, made.due_icon[0], single, made.due_icon[1])
        for place, name in (
            (rects.star, "star-fill"),
            (rects.picture, "image-square"),
            (rects.edited, self._edited_icon(row)),
        ):
            if not place.isEmpty():
                _icon(painter, place, name, single, "text-3")
        if not rects.reply.isEmpty():
            _icon(
                painter, rects.reply, _REPLY_ICONS[row.reply_mark][0], single, _REPLY_ICONS[row.reply_mark][1]
            )
        if not rects.owner.isEmpty():
            painter.setPen(QPen(colour("edge"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            pill = QRectF(rects.owner).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        for rect, role in zip(rects.pips, made.pip_roles, strict=False):
            painter.setBrush(colour(role))
            painter.drawRoundedRect(QRectF(rect), rect.height() / 2, rect.height() / 2)
        if not rects.account.isEmpty():
            _ellipse(painter, rects.account, colour(made.account_role))
        for number, rect in enumerate(rects.quick):
            self._quick_button(painter, rect, number, row, single)

    def _paint_texts(self, painter: QPainter, made: SetRow, single: QColor | None) -> None:
        colour = self._colour
        for piece in made.pieces:
            for place in piece.hits:
                painter.fillRect(place, colour("hit"))
            role = "text" if piece.hits else piece.role
            painter.setFont(piece.face.font)
            painter.setPen(single if single is not None and not piece.hits else colour(role))
            painter.setLayoutDirection(piece.direction)
            painter.drawText(piece.at, piece.text)

    def _paint_score(
        self, painter: QPainter, rect: QRect, row: ReviewRow, mirrored: bool, single: QColor | None
    ) -> None:
        """Stars are five paths each; there are few different scores, so their pictures are kept."""
        dpr = self._dpr
        key = (row.score, row.score_min, row.score_max, mirrored, single is None)
        picture = self._scores.get(key)
        if picture is None:
            # A little larger than the place: strokes and their soft edges may stand out of it.
            picture = QPixmap(ceil((rect.width() + 8) * dpr), ceil((rect.height() + 4) * dpr))
            picture.setDevicePixelRatio(dpr)
            picture.fill(Qt.GlobalColor.transparent)
            with QPainter(picture) as own:
                draw_score(
                    own,
                    QRect(4, 2, rect.width(), rect.height()),
                    row.score,
                    row.score_min,
                    row.score_max,
                    size=metrics.icon_size(13),
                    gap=max(1, round(theme().scale)),
                    right_to_left=mirrored,
                    colour=single,
                )
            if len(self._scores) > 200:
                self._scores.clear()
            self._scores[key] = picture
        painter.drawPixmap(rect.topLeft() - QPoint(4, 2), picture)

    def _quick_button(
        self, painter: QPainter, rect: QRect, number: int, row: ReviewRow, single: QColor | None
    ) -> None:
        under = self._state.hover_quick == number
        if under:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour("press"))
            painter.drawRoundedRect(QRectF(rect), 6, 6)
            if theme().name == "contrast":
                single = None
        name = _QUICK_ICONS[quick_action(number, row)]
        _icon(painter, _centred(rect, 16), name, single, "text" if under else "text-2")

    def _check_box(self, painter: QPainter, rect: QRect, checked: bool) -> None:
        colour, box = self._colour, QRectF(rect)
        inner = box.adjusted(0.5, 0.5, -0.5, -0.5)
        if not checked:
            painter.setPen(QPen(colour("field"), 1))
            painter.setBrush(colour("surface"))
            painter.drawRoundedRect(inner, 4, 4)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("accent"))
        painter.drawRoundedRect(box, 4, 4)
        _icon(painter, _centred(rect, 11), "check-bold", None, "on-accent")
        if theme().name == "contrast":
            painter.setPen(QPen(colour("on-accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(inner, 4, 4)


def _centred(rect: QRect, px: int) -> QRect:
    edge = metrics.icon_size(px)
    return QRect(
        rect.left() + (rect.width() - edge) // 2, rect.top() + (rect.height() - edge) // 2, edge, edge
    )


def _ellipse(painter: QPainter, rect: QRect, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QRectF(rect))


def _icon(painter: QPainter, rect: QRect, name: str, single: QColor | None, role: str) -> None:
    if single is not None:
        icons.paint(painter, rect, name, single)
        return
    device = painter.device()
    dpr = device.devicePixelRatio() if device is not None else 1.0
    painter.drawPixmap(rect.topLeft(), icons.pixmap(name, rect.height(), role, dpr))


def _frame(painter: QPainter, size: QSize, colour: QColor) -> None:
    width, height = size.width(), size.height() - 1
    for side in ((0, 0, width, 2), (0, height - 2, width, 2), (0, 0, 2, height), (width - 2, 0, 2, height)):
        painter.fillRect(*side, colour)
