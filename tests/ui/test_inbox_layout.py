"""The rectangles of a row against the numbers of the design."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect

from reviewdesk.ui.inbox.layout import (
    COMFORTABLE,
    COMPACT,
    NORMAL,
    Measures,
    RowRects,
    Shape,
    heading_layout,
    row_layout,
)

_HEIGHTS = {
    COMFORTABLE: lambda line: 3 * line + 30,
    NORMAL: lambda line: 2 * line + 24,
    COMPACT: lambda line: line + 12,
}
_FULL = Shape(
    age=24, author=60, product=70, due=62, due_short=24, owner=24, code=16, pips=3, starred=True, picture=True,
    edited=True, reply=True,
)  # fmt: skip


def _measures(density: str, t: float = 1.0) -> Measures:
    line = round(18 * t)
    return Measures(t=t, line=line, mark=round(14 * t), height=_HEIGHTS[density](line), code=round(16 * t))


def _all(rects: RowRects) -> dict[str, QRect]:
    found = {}
    for field in fields(rects):
        value = getattr(rects, field.name)
        if isinstance(value, QRect) and field.name != "row":
            found[field.name] = value
        elif isinstance(value, list):
            found.update({f"{field.name}{n}": rect for n, rect in enumerate(value)})
    return {name: rect for name, rect in found.items() if not rect.isEmpty()}


def test_comfortable_row_is_the_one_of_the_design() -> None:
    rects = row_layout(420, COMFORTABLE, _measures(COMFORTABLE), _FULL)
    assert rects.row == QRect(0, 0, 420, 84)
    assert (rects.dot.left(), rects.dot.width()) == (11, 7)
    assert (rects.score.left(), rects.score.width()) == (26, 69)
    assert rects.author.left() == 108
    assert [r.top() for r in (rects.author, rects.product, rects.text)] == [11, 33, 55]
    assert rects.author.height() == 18
    assert rects.product.left() == rects.text.left() == 26
    assert rects.age.right() == 420 - 14 - 1
    assert rects.owner.right() == rects.code.right() == 405
    # Marks 96 wide from the right padding: 16 4 16 4 16 4 26.
    assert [r.left() for r in (rects.picture, rects.edited, rects.reply)] == [320, 340, 360]
    assert rects.account.width() == 6
    assert rects.code.left() - rects.account.right() - 1 == 5
    assert [(p.width(), p.height()) for p in rects.pips] == [(10, 5)] * 3
    assert [b.left() - a.right() - 1 for a, b in zip(rects.pips, rects.pips[1:], strict=False)] == [2, 2]


def test_normal_and_compact_rows() -> None:
    normal = row_layout(420, NORMAL, _measures(NORMAL), _FULL)
    assert normal.row.height() == 60
    assert (normal.author.left(), normal.author.top(), normal.text.top()) == (108, 10, 32)
    assert normal.text.left() == 26
    assert normal.product.left() == 108 + 60 + 10
    compact = row_layout(780, COMPACT, _measures(COMPACT), _FULL)
    assert compact.row.height() == 30
    assert compact.check == QRect(10, 7, 16, 16)
    assert (compact.score.left(), compact.author.left(), compact.author.width()) == (36, 120, 118)
    assert compact.product.left() == 248
    assert compact.product.width() <= 124
    # From the right: padding 14, age 42, gap 10, source 34.
    assert compact.account.left() == 780 - 14 - 42 - 10 - 34
    with pytest.raises(ValueError):
        row_layout(420, "cosy", _measures(NORMAL), _FULL)


@pytest.mark.parametrize("density", [COMFORTABLE, NORMAL, COMPACT])
@pytest.mark.parametrize("width", [320, 420, 780])
def test_marks_stand_in_the_same_place_whatever_else_is_there(density: str, width: int) -> None:
    m = _measures(density)
    full = row_layout(width, density, m, _FULL)
    if density == COMPACT and width < 600:
        return  # there the places close up
    for name in ("picture", "edited", "reply"):
        alone = row_layout(width, density, m, Shape(age=24, author=60, code=16, **{name: True}))
        assert getattr(alone, name) == getattr(full, name), name


@pytest.mark.parametrize("density", [COMFORTABLE, NORMAL, COMPACT])
def test_hovering_moves_no_text(density: str) -> None:
    m = _measures(density)
    rest = row_layout(780, density, m, _FULL)
    hover = row_layout(780, density, m, replace(_FULL, quick=True))
    assert len(hover.quick) == 4
    for name in ("score", "author", "age", "code", "account", "dot"):
        assert getattr(hover, name) == getattr(rest, name), name
    for name in ("text", "product"):
        assert getattr(hover, name).topLeft() == getattr(rest, name).topLeft(), name
    if density == COMFORTABLE:
        assert hover.product == rest.product or rest.starred
        assert hover.text == rest.text
    assert hover.quick_at(hover.quick[2].center()) == 2
    assert hover.quick_at(QPoint(30, 5)) == -1


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([COMFORTABLE, NORMAL, COMPACT]),
    st.integers(320, 1200),
    st.sampled_from([0.8, 1.0, 1.25, 1.5, 2.0]),
    st.builds(
        Shape,
        age=st.integers(10, 40),
        author=st.integers(0, 400),
        product=st.integers(0, 400),
        score=st.sampled_from([0, 38, 48]),
        due=st.sampled_from([0, 62]),
        due_short=st.just(24),
        owner=st.sampled_from([0, 24]),
        code=st.sampled_from([14, 18]),
        pips=st.integers(0, 3),
        more=st.sampled_from([0, 14]),
        starred=st.booleans(),
        picture=st.booleans(),
        edited=st.booleans(),
        reply=st.booleans(),
        quick=st.booleans(),
    ),
)
def test_nothing_overlaps_and_nothing_leaves_the_row(
    density: str, width: int, t: float, shape: Shape
) -> None:
    m = _measures(density, t)
    widths = ("age", "author", "product", "score", "due", "due_short", "owner", "code", "more")
    scaled = replace(shape, **{name: round(getattr(shape, name) * t) for name in widths})
    width = round(width * t)
    rects = row_layout(width, density, m, scaled)
    places = _all(rects)
    places.pop("check", None)
    for name, rect in places.items():
        assert rects.row.contains(rect), (name, rect)
    names = sorted(places)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            assert not places[one].intersects(places[other]), (one, places[one], other, places[other])


def test_constants_stay_and_lines_grow_at_200_percent() -> None:
    rects = row_layout(560, COMFORTABLE, _measures(COMFORTABLE, 2.0), _FULL)
    assert rects.row.height() == 3 * 36 + 30
    assert rects.author.left() == 34 + 148 + 8
    assert rects.due_is_short
    # Empty places close up: the picture alone stands where the owner would be.
    alone = row_layout(560, COMFORTABLE, _measures(COMFORTABLE, 2.0), Shape(age=40, code=30, picture=True))
    assert alone.picture.right() > 560 - 14 - 6


def test_heading_is_28_high() -> None:
    caret, text = heading_layout(420, 28, _measures(COMFORTABLE))
    assert text.left() == 30
    assert caret.width() == 12
    assert not caret.intersects(text)
