"""What is painted: looks by state, strangers' texts, right to left, 200 %, and how long it takes."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QLocale, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem

from reviewdesk.domain.models import ReplyMark, ReviewRow
from reviewdesk.domain.query import Query
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.inbox import AccountMark, InboxList
from reviewdesk.ui.inbox.lines import Order
from reviewdesk.ui.theme import install, theme
from tests.support.inbox_rows import NOW, BigCore, make_row, review_id
from tests.support.screens import settle, wait_until

_HOUR, _DAY = 3600, 86400


class _Pane:
    """A list with exactly these rows."""

    def __init__(self, rows: list[ReviewRow], width: int = 420, height: int = 400) -> None:
        self.core = BigCore([row.id for row in rows])
        self.core.inbox.changed = {row.id: row for row in rows}
        self.bridge = Bridge(self.core)  # type: ignore[arg-type]
        self.list = InboxList(self.core, self.bridge)  # type: ignore[arg-type]
        self.list.resize(width, height)
        self.list.set_query(Query())
        wait_until(lambda: self.list._feed.complete)
        self.list._got_accounts({1: AccountMark("TP", 2, "Harbour FR")})
        self.list.show()
        settle()

    def grab(self) -> QImage:
        settle()
        return self.list.view.viewport().grab().toImage()

    def row_rect(self, number: int) -> QRect:
        return self.list.view._row_rect(self.list.model.line_of(number))

    def close(self) -> None:
        self.list.close()
        self.list.deleteLater()
        settle()
        self.bridge.close()
        self.core.stop()


@pytest.fixture
def pane(themed: QApplication) -> Iterator[_Pane]:
    rows = [
        make_row(review_id(_HOUR), unread=True, score=2.0, account_id=1, tags=("a", "b"), owner="Anna N."),
        make_row(review_id(2 * _HOUR), unread=False, score=5.0, account_id=1),
        make_row(review_id(3 * _HOUR), unread=False, score=None, account_id=1, snippet=""),
    ]
    made = _Pane(rows)
    yield made
    made.close()


def _at(image: QImage, x: int, y: int) -> str:
    return QColor(image.pixel(x, y)).name()


def _role(name: str) -> str:
    return theme().colour(name).name()


def _has(image: QImage, rect: QRect, role: str) -> bool:
    wanted = theme().colour(role).rgb()
    return any(
        image.pixel(x, y) == wanted
        for x in range(max(0, rect.left()), min(image.width(), rect.right() + 1))
        for y in range(max(0, rect.top()), min(image.height(), rect.bottom() + 1))
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_states_of_a_row(pane: _Pane, themed: QApplication, scheme: str) -> None:
    install(themed, scheme=scheme)
    view, number = pane.list.view, review_id(_HOUR)
    view._state.focused = False
    image, rect = pane.grab(), pane.row_rect(number)
    middle = rect.center().y()
    assert _at(image, 8, middle) == _role("surface")
    assert _at(image, 200, rect.bottom()) == _role("line")
    assert _at(image, 14, rect.top() + 11 + 9) == _role("link")  # the unread dot
    assert _has(image, QRect(26, rect.top() + 11, 70, 18), "score-low")
    other = pane.row_rect(review_id(2 * _HOUR))
    assert _at(image, 14, other.top() + 11 + 9) == _role("surface")
    assert not _has(image, QRect(26, other.top() + 11, 70, 18), "score-low")

    pane.list.select(number)
    image = pane.grab()
    assert _at(image, 8, middle) == _role("select-idle")
    assert _at(image, 1, middle) == _role("field")
    view._state.focused = True
    image = pane.grab()
    assert _at(image, 8, middle) == _role("select")
    assert _at(image, 1, middle) == _role("accent")
    view.setCurrentIndexOnly(pane.list.model.index(pane.list.model.line_of(review_id(2 * _HOUR)), 0))
    image = pane.grab()
    assert _at(image, 200, other.top() + 1) == _role("focus")
    view._state.focused = False


def test_a_theme_switch_repaints_everything(pane: _Pane, themed: QApplication) -> None:
    light = pane.grab()
    install(themed, scheme="dark")
    dark = pane.grab()
    assert _at(dark, 8, 100) == _role("surface")
    assert light != dark


def test_hover_paints_buttons_and_moves_no_text(pane: _Pane) -> None:
    number = review_id(_HOUR)
    rect = pane.row_rect(number)
    before = pane.grab()
    pane.list.view._hover_at(rect.center() - QPoint(60, 0))
    after = pane.grab()
    shaded = QColor(after.pixel(8, rect.center().y()))
    assert shaded.name() not in (_role("surface"), _role("select"))
    ink = theme().colour("text-2").lightness()

    def span(image: QImage, area: QRect) -> QRect:
        """What the full strokes of a line of text cover: soft edges mix with the ground behind them."""
        points = [
            QPoint(x, y)
            for x in range(area.left(), area.right())
            for y in range(area.top(), area.bottom())
            if QColor(image.pixel(x, y)).lightness() < ink
        ]
        assert points
        xs, ys = [p.x() for p in points], [p.y() for p in points]
        return QRect(QPoint(min(xs), min(ys)), QPoint(max(xs), max(ys)))

    for top in (11, 55):  # lines 1 and 3 stand still
        line = QRect(rect.left() + 100, rect.top() + top, 200, 18)
        one, other = span(before, line), span(after, line)
        moved = [abs(a - b) for a, b in zip(one.getCoords(), other.getCoords(), strict=True)]
        assert max(moved) <= 1


def test_several_selected_rows_show_boxes(pane: _Pane) -> None:
    view = pane.list.view
    view.toggle(pane.list.model.line_of(review_id(_HOUR)))
    image, rect = pane.grab(), pane.row_rect(review_id(_HOUR))
    assert _at(image, 8, rect.top() + 14) == _role("accent")
    other = pane.row_rect(review_id(2 * _HOUR))
    assert _at(image, 14, other.top() + 20) == _role("surface")
    assert _has(image, QRect(5, other.top() + 10, 18, 19), "field")


def test_high_contrast_has_one_colour_on_the_selected_row(pane: _Pane, themed: QApplication) -> None:
    install(themed, scheme="contrast")
    pane.list.select(review_id(_HOUR))
    pane.list.view._state.focused = True
    image, rect = pane.grab(), pane.row_rect(review_id(_HOUR))
    inner = rect.adjusted(4, 2, -12, -3)
    assert _has(image, inner, "on-select")
    for role in ("score-low", "text", "link"):
        if _role(role) not in (_role("on-select"), _role("select")):
            assert not _has(image, inner, role), role
    pane.list.view._state.focused = False
    image = pane.grab()
    assert _at(image, 200, rect.top() + 1) == _role("field")


def test_search_hits_are_marked(themed: QApplication) -> None:
    pane = _Pane([make_row(review_id(_HOUR), snippet="Der Déckel klemmt", account_id=1)])
    try:
        rect = pane.row_rect(review_id(_HOUR))
        assert not _has(pane.grab(), rect, "hit")
        pane.list.set_query(pane.core.inbox.parse("deckel"))
        wait_until(lambda: pane.list._feed.complete)
        image = pane.grab()
        rect = pane.row_rect(review_id(_HOUR))
        assert _has(image, QRect(26, rect.top() + 55, 120, 18), "hit")
        assert not _has(image, QRect(100, rect.top() + 55, 300, 18), "hit")
    finally:
        pane.close()


@pytest.mark.parametrize("density", ["comfortable", "normal", "compact"])
def test_a_draft_that_was_kept_stands_before_the_words_it_answers(themed: QApplication, density: str) -> None:
    rows = [
        make_row(
            review_id(n * _HOUR), snippet="Der Deckel klemmt", unread=False, has_draft=n == 1, account_id=1
        )
        for n in (1, 2)
    ]
    pane = _Pane(rows, width=700)
    try:
        pane.list.set_density(density)
        image = pane.grab()
        ink = [_has(image, pane.row_rect(review_id(n * _HOUR)), "link") for n in (1, 2)]
        assert ink == [True, False]
        setter = pane.list.view.delegate._setter
        (draft, plain) = (setter.set_row(row, 700, quick=False, mirrored=False) for row in rows)
        assert [p.text for p in draft.pieces if p.text in ("Draft", "Der Deckel klemmt")] == [
            "Draft",
            "Der Deckel klemmt",
        ]
        assert "Draft" not in [p.text for p in plain.pieces]
        assert draft.rects.row == plain.rects.row
    finally:
        pane.close()


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("density", ["comfortable", "normal", "compact"])
def test_rows_grow_with_the_text(pane: _Pane, themed: QApplication, scale: float, density: str) -> None:
    install(themed, scheme="light", scale=scale)
    pane.list.set_density(density)
    line = round(18 * scale)
    wanted = {"comfortable": 3 * line + 30, "normal": 2 * line + 24, "compact": line + 12}[density]
    settle()
    assert pane.row_rect(review_id(_HOUR)).height() >= wanted
    assert pane.row_rect(review_id(_HOUR)).height() <= wanted + 3 * 3
    row = pane.list.model.row_of(review_id(_HOUR))
    assert row is not None
    rects = pane.list.view.delegate.layout(row, round(420 * scale))
    measure = pane.list.view.delegate.measures()
    assert rects.text.height() == measure.line
    assert not pane.grab().isNull()


def test_right_to_left_is_mirrored(pane: _Pane) -> None:
    left = pane.grab()
    pane.list.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    pane.list.select(review_id(2 * _HOUR))
    settle()
    right = pane.grab()
    rect = pane.row_rect(review_id(_HOUR))
    width = left.width()
    assert _at(left, 14, rect.top() + 20) == _role("link")
    assert _at(right, width - 15, rect.top() + 20) == _role("link")
    chosen = pane.row_rect(review_id(2 * _HOUR))
    assert _at(right, width - 2, chosen.center().y()) in (_role("field"), _role("accent"))
    # The low score's stars fill from the right.
    stars = QRect(width - 26 - 69, rect.top() + 11, 69, 18)
    filled = [
        sum(
            QColor(right.pixel(x, y)) == theme().colour("score-low")
            for x in range(left_edge, left_edge + 13)
            for y in range(stars.top(), stars.bottom())
        )
        for left_edge in (stars.right() - 12, stars.left())
    ]
    assert filled[0] > filled[1] * 1.5


_HOSTILE = {
    "a megabyte without blanks": "x" * 1_000_000,
    "a megabyte of one wide letter": "漢" * 1_000_000,
    "marks without end": "e" + "\u0301" * 200_000,
    "reversed": "\u202e" * 50 + "txt.exe" + "\u202d" * 50,
    "unbalanced isolates": "\u2066\u2067\u2068" * 200 + "abc",
    "controls": "".join(map(chr, range(1, 32))) * 400,
    "markup": "<img src=x onerror=alert(1)><b>bold</b>&amp;" * 200,
    "line ends": "one\u2028two\u2029three\nfour\rfive" * 500,
    "emoji": "👩‍👩‍👧‍👦" * 20_000,
    "mixed directions": "abc שלום 123 سلام xyz " * 5_000,
}


@pytest.mark.parametrize("name", list(_HOSTILE))
def test_strangers_can_neither_stop_nor_leave_their_row(themed: QApplication, name: str) -> None:
    text = _HOSTILE[name]
    bad = make_row(
        review_id(2 * _HOUR), snippet=text, author_name=text, product_name=text, order_id=text, owner=text,
        tags=(text,) * 9, account_id=1, reply_mark=ReplyMark.FAILED,
    )  # fmt: skip
    good = [make_row(review_id(n * _HOUR), account_id=1, unread=False) for n in (1, 3)]
    pane = _Pane([good[0], bad, good[1]])
    try:
        clean = _Pane([good[0], make_row(review_id(2 * _HOUR), account_id=1), good[1]])
        try:
            expected = clean.grab()
        finally:
            clean.close()
        times = []
        for _ in range(3):  # the first time a script is seen its font is loaded
            pane.list.view.delegate.forget()
            began = time.perf_counter()
            image = pane.grab()
            times.append(time.perf_counter() - began)
        assert min(times) < 0.1, [f"{took * 1000:.0f} ms" for took in times]
        for row in good:  # the neighbours look as they always do
            rect = pane.row_rect(row.id)
            assert image.copy(rect) == expected.copy(rect)
        index = pane.list.model.index(pane.list.model.line_of(bad.id), 0)
        spoken = str(index.data(Qt.ItemDataRole.AccessibleTextRole))
        assert len(spoken) < 1500
        assert not any(ord(c) < 32 or c in "\u202e\u202d\u2028\u2029" for c in spoken)
    finally:
        pane.close()


def test_two_hundred_thousand_reviews(themed: QApplication) -> None:
    step = 5 * 365 * _DAY // 200_000
    core = BigCore(review_id(n * step) for n in range(200_000))
    bridge = Bridge(core)  # type: ignore[arg-type]
    pane = InboxList(core, bridge)  # type: ignore[arg-type]
    figures: dict[str, float] = {}

    def timed(name: str, work: Any, *args: Any) -> None:
        began = time.perf_counter()
        work(*args)
        figures[name] = max(figures.get(name, 0.0), (time.perf_counter() - began) * 1000)

    try:
        pane.resize(420, 800)
        pane.show()
        settle()
        page = core.inbox.page(Query(), limit=100)
        model, view = pane.model, pane.view
        timed("first page", model.show_ids, array("q", (r.id for r in page)), Order.DESCENDING, page)
        timed("first paint", view.viewport().repaint)
        everything = core.inbox.ids(Query())
        timed("all ids", model.complete, everything)
        timed("paint", view.viewport().repaint)
        assert model.total() == 200_000
        for n in range(5):
            timed("insert at the top", model.insert, [review_id(-n - 1)])
        timed("a page at the top", model.insert, [review_id(-1000 - n) for n in range(100)])
        timed("remove", model.remove, [review_id(-2)])
        middle = everything[100_000]
        timed("jump", view.select_id, middle)
        wait_until(lambda: model.row_of(middle) is not None)
        frames = []
        bar = view.verticalScrollBar()
        for _ in range(60):
            bar.setValue(bar.value() + 120)
            settle(2)
            began = time.perf_counter()
            view.viewport().repaint()
            frames.append((time.perf_counter() - began) * 1000)
        figures["frame p95"] = sorted(frames)[int(len(frames) * 0.95)]
        timed("select all", view.select_everything)
        timed("fold", model.set_collapsed, 3, True)
        bounds = {
            "first page": 60, "first paint": 120, "all ids": 400, "paint": 60, "insert at the top": 60,
            "a page at the top": 100, "remove": 60, "jump": 60, "frame p95": 40, "select all": 400, "fold": 400,
        }  # fmt: skip
        slow = {name: round(ms, 1) for name, ms in figures.items() if ms > bounds[name]}
        assert not slow, (slow, figures)
        assert len(model._rows) <= 6000
        print({name: round(ms, 1) for name, ms in figures.items()})
    finally:
        pane.close()
        pane.deleteLater()
        settle()
        bridge.close()
        core.stop()


def test_a_leap_leaves_rows_to_the_next_frame_and_then_everything_is_there(
    themed: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    pane = _Pane([make_row(review_id(n * 60), account_id=1) for n in range(90)])
    try:
        view, delegate = pane.list.view, pane.list.view.delegate
        view.verticalScrollBar().setValue(0)
        settle()
        paint_row = delegate._paint_row

        def slowly(*args: object, **more: object) -> None:
            paint_row(*args, **more)
            until = time.perf_counter() + 0.004
            while time.perf_counter() < until:
                pass

        monkeypatch.setattr(delegate, "_paint_row", slowly)
        unloaded: list[object] = []
        monkeypatch.setattr(delegate, "_paint_unloaded", lambda *given: unloaded.append(given))
        delegate.forget()
        view.verticalScrollBar().setValue(40 * 84)
        first, last = view.visible_lines()
        shown = [pane.list.model.id_at(line) for line in range(first, last + 1)]
        view.viewport().repaint()
        painted = {key[0] for key in delegate._pictures}
        assert delegate.owes, "the first frame had no time for all"
        assert painted & set(shown), "but it showed something"
        assert unloaded == [], "what is owed costs its frame no text"
        # Without another hand or wish the rest follows.
        wait_until(lambda: not delegate.owes and set(shown) <= {key[0] for key in delegate._pictures})
        settle()
        monkeypatch.undo()
        stepwise = pane.grab()
        delegate.forget()
        assert pane.grab() == stepwise
    finally:
        pane.close()


def test_the_next_page_is_painted_in_advance(themed: QApplication) -> None:
    pane = _Pane([make_row(review_id(n * 60), account_id=1) for n in range(60)])
    try:
        view, delegate = pane.list.view, pane.list.view.delegate
        first, last = view.visible_lines()
        ahead = [pane.list.model.id_at(n) for n in range(last + 1, last + 1 + last - first)]
        wait_until(lambda: set(ahead) <= {key[0] for key in delegate._pictures})
        # The copy is what painting on the spot gives.
        view.verticalScrollBar().setValue(last * 84)
        copied = pane.grab()
        delegate.forget()
        assert pane.grab() == copied
        assert len(delegate._pictures) <= delegate.room(view._row_rect(last).size())
    finally:
        pane.close()


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_every_row_has_its_divider_at_any_ratio_of_pixels(themed: QApplication, ratio: float) -> None:
    pane = _Pane([make_row(review_id(n * 60), account_id=1) for n in range(20)])
    try:
        pane.list.set_density("compact")
        view = pane.list.view
        settle()
        image = QImage(round(420 * ratio), round(300 * ratio), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.black)
        painter = QPainter(image)
        view.delegate.begin_frame(420, ratio)
        option = QStyleOptionViewItem()
        option.initFrom(view)  # type: ignore[call-arg]
        for line in range(1, 10):
            option.rect = QRect(0, (line - 1) * 30, 420, 30)
            view.delegate.paint(painter, option, pane.list.model.index(line, 0))
        painter.end()
        column = [QColor(image.pixel(4, y)).name() for y in range(round(270 * ratio))]
        lines = [y for y, name in enumerate(column) if name == _role("line")]
        groups = [y for n, y in enumerate(lines) if n == 0 or y != lines[n - 1] + 1]
        assert len(groups) == 9
        assert len(lines) == 9 * max(1, round(ratio))
    finally:
        pane.close()


def test_days_and_ages_speak_the_locale(themed: QApplication) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    try:
        pane = _Pane([make_row(review_id(n * _DAY), account_id=1) for n in (0, 1, 3, 40)])
        try:
            titles = [pane.list.model.title_of(g) for g in pane.list.model.lines.groups]
            assert titles == ["Today", "Yesterday", "Freitag", "Mittwoch, 22. April 2026"]
        finally:
            pane.close()
    finally:
        QLocale.setDefault(before)
    assert NOW > 0
