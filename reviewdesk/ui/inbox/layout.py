"""Where everything of a list row stands: pure arithmetic, left to right, the row's own corner being 0, 0.

Numbers are those of the design at 100 %; what carries text or a picture grows with the scale, gaps stay. The
painter mirrors the rectangles for right-to-left languages.
"""

from __future__ import annotations

from dataclasses import field

from PySide6.QtCore import QPoint, QRect

from reviewdesk.domain.plain import dataclass

__all__ = [
    "COMFORTABLE",
    "COMPACT",
    "NORMAL",
    "Measures",
    "RowRects",
    "Shape",
    "heading_layout",
    "row_layout",
]

COMFORTABLE, NORMAL, COMPACT = "comfortable", "normal", "compact"

_RIGHT = 14
_CLOSE_UP = 1.5
"""From this scale on the empty places of marks close up and due marks shorten."""
_NARROW_COMPACT = 600
_TINY_COMPACT = 480


@dataclass(frozen=True, slots=True)
class Measures:
    """What the fonts and the scale give: ``line`` and ``mark`` are line heights in px, ``code`` the widest source code."""

    t: float
    line: int
    mark: int
    height: int
    code: int = 16

    def px(self, value: float) -> int:
        return round(value * self.t)


@dataclass(frozen=True, slots=True)
class Shape:
    """What this row has to show, widths in px. Zero: not there."""

    age: int = 0
    author: int = 0
    product: int = 0
    """Natural widths of author and product; normal and compact rows set the next text behind them."""
    score: int = 0
    """Width of the pill or the words; 0 for stars."""
    due: int = 0
    due_short: int = 0
    owner: int = 0
    code: int = 0
    pips: int = 0
    more: int = 0
    """Width of ``+2`` behind the third pip."""
    starred: bool = False
    picture: bool = False
    edited: bool = False
    reply: bool = False
    quick: bool = False
    """The pointer is over the row: four buttons take the place of the marks."""


@dataclass(slots=True)
class RowRects:
    """Rectangles to paint into. An empty one is not painted."""

    row: QRect
    dot: QRect = field(default_factory=QRect)
    check: QRect = field(default_factory=QRect)
    score: QRect = field(default_factory=QRect)
    author: QRect = field(default_factory=QRect)
    product: QRect = field(default_factory=QRect)
    text: QRect = field(default_factory=QRect)
    age: QRect = field(default_factory=QRect)
    due_icon: QRect = field(default_factory=QRect)
    due_text: QRect = field(default_factory=QRect)
    due_is_short: bool = False
    star: QRect = field(default_factory=QRect)
    picture: QRect = field(default_factory=QRect)
    edited: QRect = field(default_factory=QRect)
    reply: QRect = field(default_factory=QRect)
    owner: QRect = field(default_factory=QRect)
    pips: list[QRect] = field(default_factory=list)
    more: QRect = field(default_factory=QRect)
    account: QRect = field(default_factory=QRect)
    code: QRect = field(default_factory=QRect)
    quick: list[QRect] = field(default_factory=list)

    def quick_at(self, point: QPoint) -> int:
        """Which quick action lies under ``point``; -1 for none."""
        return next((n for n, rect in enumerate(self.quick) if rect.contains(point)), -1)


def heading_layout(width: int, height: int, m: Measures) -> tuple[QRect, QRect]:
    """Caret and text of a group heading."""
    caret = m.px(12)
    top = (height - caret) // 2
    left = 13
    text = QRect(left + caret + 5, (height - m.line) // 2, max(0, width - left - caret - 5 - _RIGHT), m.line)
    return QRect(left, top, caret, caret), text


def row_layout(width: int, density: str, m: Measures, s: Shape) -> RowRects:
    """The rectangles of a row ``width`` px wide. Raises ValueError for an unknown density."""
    rects = RowRects(QRect(0, 0, width, m.height))
    if density == COMFORTABLE:
        _comfortable(rects, width, m, s)
    elif density == NORMAL:
        _normal(rects, width, m, s)
    elif density == COMPACT:
        _compact(rects, width, m, s)
    else:
        raise ValueError(f"no such density: {density}")
    return rects


# --- shared pieces -------------------------------------------------------------------------------


def _span(left: int, right: int, top: int, m: Measures) -> QRect:
    return QRect(left, top, max(0, right - left), m.line)


def _middle(left: int, width: int, height: int, top: int, m: Measures) -> QRect:
    """A box in the middle of the line that begins at ``top``."""
    return QRect(left, top + (m.line - height + 1) // 2, width, height)


def _left_edge(rects: RowRects, top: int, m: Measures, s: Shape) -> tuple[int, int]:
    """Dot, check box and score of the two tall rows; where content and author begin."""
    content = round(18 + 8 * m.t)
    dot = round(2 + 5 * m.t)
    rects.dot = _middle(11, dot, dot, top, m)
    box = min(m.px(16), content - 8)
    rects.check = _middle(content - 4 - box, box, box, top, m)
    rects.score = _middle(content, s.score or m.px(69), m.mark + 4 if s.score else m.px(13), top, m)
    return content, content + m.px(74) + 8


def _end_of_line_one(rects: RowRects, right: int, top: int, m: Measures, s: Shape, author_left: int) -> int:
    """Age and due mark; where the text left of them must end."""
    rects.age = _span(right - s.age, right, top, m)
    end = right - s.age - 8
    if s.due:
        icon = m.px(14)
        rects.due_is_short = m.t >= _CLOSE_UP or end - s.due - 3 - icon - 8 - author_left < m.px(72)
        width = s.due_short if rects.due_is_short else s.due
        rects.due_text = _span(end - width, end, top, m)
        rects.due_icon = _middle(end - width - 3 - icon, icon, icon, top, m)
        end = rects.due_icon.left() - 8
    return end


def _source(rects: RowRects, right: int, top: int, m: Measures, s: Shape) -> int:
    """Account dot and code, right aligned; the left edge of the dot."""
    dot = round(1 + 5 * m.t)
    rects.code = _span(right - s.code, right, top, m)
    left = right - s.code - 5 - dot
    rects.account = _middle(left, dot, dot, top, m)
    return left


def _pips(rects: RowRects, right: int, top: int, m: Measures, s: Shape) -> int:
    """Up to three tag pips and ``+n``, ending at ``right``; their left edge, or ``right`` when there are none."""
    if s.more:
        rects.more = _span(right - s.more, right, top, m)
        right -= s.more + 3
    width, height = round(2 + 8 * m.t), round(1 + 4 * m.t)
    for _ in range(min(3, s.pips)):
        rects.pips.insert(0, _middle(right - width, width, height, top, m))
        right -= width + 2
    return right + 2 if s.pips else right


def _slots(rects: RowRects, right: int, top: int, m: Measures, s: Shape, *, close_up: bool) -> int:
    """Star, picture, edited and reply in their fixed places, ending at ``right``; the left edge of the places."""
    slot, icon = m.px(16), m.px(15)
    left = right
    for name, present in (("reply", s.reply), ("edited", s.edited), ("picture", s.picture)):
        if not present and close_up:
            continue
        left -= slot
        if present:
            setattr(rects, name, _middle(left + (slot - icon) // 2, icon, icon, top, m))
        left -= 4
    if s.starred:
        left -= slot
        rects.star = _middle(left + (slot - icon) // 2, icon, icon, top, m)
        left -= 4
    return left + 4 if left < right else right


def _quick(rects: RowRects, right: int, top: int, m: Measures) -> int:
    """Four buttons whose last picture ends at ``right``; the left edge of the first."""
    size = m.line + 8
    left = right + (size - m.px(16)) // 2 - 4 * size
    rects.quick = [_middle(left + n * size, size, size, top, m) for n in range(4)]
    return left


# --- the three rows ------------------------------------------------------------------------------


def _comfortable(rects: RowRects, width: int, m: Measures, s: Shape) -> None:
    right = width - _RIGHT
    first, second, third = 11, 15 + m.line, 19 + 2 * m.line
    content, author_left = _left_edge(rects, first, m, s)
    end = _end_of_line_one(rects, right, first, m, s, author_left)
    rects.author = _span(author_left, end, first, m)

    close_up = m.t >= _CLOSE_UP
    owner_place = m.px(26)
    marks = right
    if s.owner or not close_up:
        if s.owner:
            pill = min(owner_place, s.owner)
            rects.owner = _middle(right - pill, pill, m.mark + 4, second, m)
        marks = right - (max(s.owner, owner_place) if not close_up else s.owner) - 4
    edge = _slots(rects, marks, second, m, s, close_up=close_up)
    product_end = edge - 8
    if s.quick or not close_up:
        buttons = _quick(rects, right, second, m)
        product_end = min(product_end, buttons - 4) if not close_up else buttons - 4
    if s.quick:
        rects.star = rects.picture = rects.edited = rects.reply = rects.owner = QRect()
    else:
        rects.quick = []
    rects.product = _span(content, product_end, second, m)

    edge = _pips(rects, _source(rects, right, third, m, s) - 8, third, m, s)
    rects.text = _span(content, edge - (8 if s.pips else 0), third, m)


def _normal(rects: RowRects, width: int, m: Measures, s: Shape) -> None:
    right = width - _RIGHT
    first, second = 10, 14 + m.line
    content, author_left = _left_edge(rects, first, m, s)
    end = _end_of_line_one(rects, right, first, m, s, author_left)
    rects.author = _span(author_left, min(end, author_left + s.author), first, m)
    product_left = author_left + s.author + 10
    if s.product and end - product_left >= m.px(28):
        rects.product = _span(product_left, min(end, product_left + s.product), first, m)

    _source(rects, right, second, m, s)
    marks = right - max(m.code, s.code) - 5 - rects.account.width() - 10
    if s.quick:
        edge = _quick(rects, marks, second, m)
    else:
        edge = _slots(rects, marks, second, m, s, close_up=m.t >= _CLOSE_UP)
        edge = _pips(rects, edge - 8 if edge < marks else edge, second, m, s)
    rects.text = _span(content, edge - 8, second, m)


def _compact(rects: RowRects, width: int, m: Measures, s: Shape) -> None:
    narrow = width < m.px(_NARROW_COMPACT)
    tiny = width < m.px(_TINY_COMPACT)
    top = (m.height - 1 - m.line) // 2 + (m.height - 1 - m.line) % 2
    box = m.px(16)
    dot = round(2 + 5 * m.t)
    rects.check = _middle(10, box, box, top, m)
    rects.dot = _middle(10 + (box - dot + 1) // 2, dot, dot, top, m)
    at = 10 + box + 10
    rects.score = _middle(at, s.score or m.px(69), m.mark + 4 if s.score else m.px(13), top, m)
    at += m.px(74) + 10
    author_end = at + m.px(96 if tiny else 118)
    rects.author = _span(at, author_end, top, m)
    at = author_end + 10

    right = width - _RIGHT
    rects.age = _span(right - s.age, right, top, m)
    # "59 min" fits; a language with longer words moves its own row rather than writing over the account.
    edge = right - max(m.px(42), s.age) - 10
    account = round(1 + 5 * m.t)
    source = account if tiny else m.px(34)
    rects.account = _middle(edge - source, account, account, top, m)
    if not tiny:
        left = edge - source + account + 5
        rects.code = _span(left, min(edge, left + s.code), top, m)
    edge -= source + (8 if tiny else 10)
    quick_right = edge
    if not narrow:
        place = m.px(26)
        if s.owner and not s.quick:
            pill = min(place, s.owner)
            rects.owner = _middle(edge - place + (place - pill) // 2, pill, m.mark + 4, top, m)
        edge -= place + 8
    if s.quick:
        edge = _quick(rects, quick_right, top, m) - 4
    else:
        edge = _slots(rects, edge, top, m, s, close_up=narrow or m.t >= _CLOSE_UP)
        if s.pips:
            edge = _pips(rects, edge - 2, top, m, s) - 2
        if s.due:
            icon = m.px(14)
            edge -= 8 if not s.pips else 10
            rects.due_icon = _middle(edge - icon, icon, icon, top, m)
            rects.due_is_short = True
            edge -= icon
    end = edge - 10
    if end < author_end:  # hardly any room at all: the author before the text
        rects.author = _span(rects.author.left(), end, top, m)
    if s.product and not narrow:
        product_end = min(at + m.px(124), at + s.product, at + (end - at) * 2 // 5)
        if product_end - at >= m.px(28):
            rects.product = _span(at, product_end, top, m)
            at = product_end + 10
    rects.text = _span(at, end, top, m)
