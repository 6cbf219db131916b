"""From a review to texts and rectangles: measured once per row and width, then only painted."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QTextLayout, QTextOption

from reviewdesk.domain.models import ReplyMark, ReviewRow
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.text import hits
from reviewdesk.ui.inbox import words
from reviewdesk.ui.inbox.context import RowContext
from reviewdesk.ui.inbox.layout import COMFORTABLE, Measures, RowRects, Shape, row_layout
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets.score import pill_width

__all__ = ["Face", "Piece", "RowSetter", "SetRow", "flip"]

_OWNER_LETTERS = 2
_SHORT_TEXT = 24
_KEPT_WIDTHS = 4_000
_FLIPPED = (
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
)


class Face:
    """A font with its metrics."""

    __slots__ = ("_widths", "ascent", "font", "height", "metrics", "narrow")

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.metrics = QFontMetrics(font)
        self.height = self.metrics.height()
        self.ascent = self.metrics.ascent()
        self.narrow = max(1, self.metrics.averageCharWidth() // 2)
        """Few texts are narrower than this many px a character."""
        self._widths: dict[str, int] = {}

    def width(self, text: str) -> int:
        """Px. Short texts (ages, codes, figures, names) come again and again: their widths are kept."""
        if not text:
            return 0
        if len(text) > _SHORT_TEXT:
            return self.metrics.horizontalAdvance(text)
        known = self._widths.get(text)
        if known is None:
            if len(self._widths) >= _KEPT_WIDTHS:
                self._widths.clear()
            known = self._widths[text] = self.metrics.horizontalAdvance(text)
        return known

    def elided(self, text: str, room: int) -> str:
        """What fits into ``room`` px, with an ellipsis where that is not all.

        Laying text out is what painting a row costs most of: of a long text only the beginning is looked at.
        """
        if len(text) <= _SHORT_TEXT and self.width(text) <= room:
            return text
        beginning = text[: room // self.narrow + 8]
        shown = self.metrics.elidedText(beginning, Qt.TextElideMode.ElideRight, room)
        if len(beginning) < len(text) and shown == beginning:
            # Narrower letters than expected: all of the text has to be looked at.
            return self.metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        return shown


class _Faces:
    """The fonts of a row at the present scale."""

    def __init__(self) -> None:
        self.regular = Face(fonts.list_font())
        self.medium = Face(fonts.list_font(500))
        self.strong = Face(fonts.list_font(600))
        self.figures = Face(fonts.list_font(400, True))
        self.urgent = Face(fonts.list_font(500, True))
        self.mark = Face(fonts.mark_font())
        self.light_mark = Face(fonts.mark_font(400))


@dataclass(slots=True)
class Piece:
    """A text at its baseline."""

    text: str
    at: QPoint
    face: Face
    role: str
    direction: Qt.LayoutDirection
    hits: list[QRectF] = field(default_factory=list)


@dataclass(slots=True)
class SetRow:
    """Everything a row paints, mirrored already where the window is."""

    row: ReviewRow
    rects: RowRects
    pieces: list[Piece]
    pip_roles: list[str]
    due_icon: tuple[str, str] | None
    account_role: str


def flip(rect: QRect, width: int, mirrored: bool) -> QRect:
    """The rectangle seen from the other side of a row ``width`` px wide."""
    if not mirrored or rect.isNull():
        return rect
    return QRect(width - rect.left() - rect.width(), rect.top(), rect.width(), rect.height())


def initials(owner: str | None) -> str:
    """At most two letters: of two names the first ones, of one the beginning."""
    parts = words.paintable(owner or "").split()
    if not parts:
        return ""
    letters = parts[0][:_OWNER_LETTERS] if len(parts) == 1 else parts[0][:1] + parts[-1][:1]
    return letters.upper()


class RowSetter:
    """Knows the fonts and sizes of the present theme, scale and density."""

    def __init__(self, context: RowContext) -> None:
        self._context = context
        self.density = COMFORTABLE
        self._key: tuple[int, str, int] | None = None
        self._faces: _Faces | None = None
        self._measures: Measures | None = None

    def key(self) -> tuple[int, str, int]:
        """Changes with everything that makes rows look different."""
        return theme().generation, self.density, self._context.version

    def _refresh(self) -> tuple[_Faces, Measures]:
        key = self.key()
        if self._faces is None or self._measures is None or key != self._key:
            faces = self._faces = _Faces()
            codes = {account.code for account in self._context.accounts.values()}
            self._measures = Measures(
                t=theme().scale,
                line=metrics.list_line(),
                mark=metrics.mark_line(),
                height=metrics.row_height(self.density),
                code=max((faces.mark.width(code) for code in codes), default=16),
            )
            self._key = key
        return self._faces, self._measures

    @property
    def measures(self) -> Measures:
        return self._refresh()[1]

    @property
    def faces(self) -> _Faces:
        return self._refresh()[0]

    def layout(self, row: ReviewRow, width: int, *, quick: bool = False) -> RowRects:
        """The rectangles of a row, left to right."""
        return row_layout(width, self.density, self.measures, self._shape(row, quick))

    def _shape(self, row: ReviewRow, quick: bool) -> Shape:
        faces, context = self.faces, self._context
        score = 0
        if row.score is None:
            score = faces.light_mark.width(words.score_figure(row)) + 1
        elif row.score_max != 5:
            score = pill_width(row.score, row.score_max)
        left = context.due_left(row)
        due = due_short = 0
        if left is not None:
            face = faces.urgent if left < 0 else faces.figures
            due = face.width(words.due_words(left, short=False)) + 1
            due_short = face.width(words.due_words(left, short=True)) + 1
        follows = self.density != COMFORTABLE  # another text is set right behind these
        tags = len(row.tags)
        return Shape(
            age=faces.figures.width(words.age(context.now() - row.created_at)),
            author=(faces.strong if row.unread else faces.regular).width(words.author(row)) + 1
            if follows
            else 0,
            product=faces.regular.width(words.paintable(row.product_name)) + 1
            if follows and row.product_name
            else 0,
            score=score,
            due=due,
            due_short=due_short,
            owner=faces.mark.width(initials(row.owner)) + 2 * metrics.icon_size(4) if row.owner else 0,
            code=faces.mark.width(context.account(row.account_id).code),
            pips=min(3, tags),
            more=faces.mark.width(f"+{tags - 3}") if tags > 3 else 0,
            starred=row.starred,
            picture=row.has_photo,
            edited=row.edited,
            reply=row.reply_mark is not ReplyMark.NONE,
            quick=quick,
        )

    def set_row(self, row: ReviewRow, width: int, *, quick: bool, mirrored: bool) -> SetRow:
        """Elide, place and mirror everything of a row."""
        faces, context = self.faces, self._context
        rects = self.layout(row, width, quick=quick)
        pieces: list[Piece] = []
        ours = Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight
        theirs = Qt.LayoutDirection.LayoutDirectionAuto

        def add(
            rect: QRect, text: str, face: Face, role: str, direction: Qt.LayoutDirection, mark: bool
        ) -> None:
            if text and rect.width() > 0:
                place = flip(rect, width, mirrored)
                pieces.append(self._piece(place, text, face, role, mirrored, direction, mark))

        left = context.due_left(row)
        due_icon = None
        if left is not None and not rects.due_icon.isEmpty():
            role, face = ("warn", faces.urgent) if left < 0 else ("text-2", faces.figures)
            due_icon = ("warning-fill" if left < 0 else "timer", role)
            add(rects.due_text, words.due_words(left, short=rects.due_is_short), face, role, ours, False)
        add(rects.age, words.age(context.now() - row.created_at), faces.figures, "text-3", ours, False)
        name_face, name_role = (faces.strong, "text") if row.unread else (faces.regular, "text-2")
        add(rects.author, words.author(row), name_face, name_role, theirs, True)
        if self.density == COMFORTABLE:
            add(rects.product, words.item_line(row), faces.regular, "text-3", ours, True)
        else:
            add(rects.product, words.paintable(row.product_name or ""), faces.regular, "text-3", theirs, True)
        if row.has_draft and rects.text.width() > 0:
            # Like every mail program: what was begun and not sent stands out before the words it answers.
            word = QRect(rects.text)
            word.setWidth(faces.regular.width(words.draft()) + 1)
            add(word, words.draft(), faces.regular, "link", ours, False)
            rects.text.setLeft(min(word.right() + 9, rects.text.right() + 1))
        body = words.paintable(row.snippet)
        text_role = "text" if row.unread and body else "text-2"
        add(rects.text, body or words.no_text(), faces.regular, text_role, theirs, True)
        account = context.account(row.account_id)
        add(rects.code, account.code, faces.mark, "text-3", ours, False)
        add(rects.more, f"+{len(row.tags) - 3}", faces.mark, "text-3", ours, False)
        if rects.owner.width() > 0:
            letters = initials(row.owner)
            inside = QRect(rects.owner)
            inside.setLeft(rects.owner.left() + (rects.owner.width() - faces.mark.width(letters) + 1) // 2)
            add(inside, letters, faces.mark, "text-2", ours, False)
        for name in _FLIPPED:
            setattr(rects, name, flip(getattr(rects, name), width, mirrored))
        rects.pips = [flip(rect, width, mirrored) for rect in rects.pips]
        rects.quick = [flip(rect, width, mirrored) for rect in rects.quick]
        roles = [context.tag_role(tag) for tag in row.tags[:3]]
        return SetRow(row, rects, pieces, roles, due_icon, f"a-{account.colour}")

    def _piece(
        self,
        rect: QRect,
        text: str,
        face: Face,
        role: str,
        mirrored: bool,
        direction: Qt.LayoutDirection,
        mark: bool,
    ) -> Piece:
        """A stranger's text reads by its own first letter, our words as the window reads."""
        shown = face.elided(text, rect.width())
        x = rect.right() + 1 - face.width(shown) if mirrored else rect.left()
        # By the baseline of the interface font: a fallback font with taller letters must not shift the line.
        baseline = rect.top() + (rect.height() - face.height) // 2 + face.ascent
        piece = Piece(shown, QPoint(x, baseline), face, role, direction)
        needles = self._context.needles
        if mark and needles and (found := hits(shown, needles)):
            option = QTextOption()
            option.setTextDirection(direction)
            layout = QTextLayout(shown, face.font)
            layout.setTextOption(option)
            layout.beginLayout()
            layout.createLine()
            layout.endLayout()
            for start, end in found:
                one, other = sorted((_x_of(layout, shown, start), _x_of(layout, shown, end)))
                piece.hits.append(QRectF(x + one - 1, rect.top(), other - one + 2, rect.height()))
        return piece


def _x_of(layout: QTextLayout, text: str, position: int) -> float:
    """Where the character at ``position`` of a laid out line begins. Qt counts UTF-16 units."""
    units = len(text[:position].encode("utf-16-le")) // 2
    found: Any = layout.lineAt(0).cursorToX(units)
    return float(found[0] if isinstance(found, tuple) else found)
