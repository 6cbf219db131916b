"""Day groups and line numbers, from ids alone."""

from __future__ import annotations

import time
from array import array
from datetime import date, datetime
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewdesk.ui.inbox.lines import Lines, Order, day_groups, day_of, week_of
from tests.support.inbox_rows import review_id

_HOUR, _DAY = 3600, 86400

_ids = st.lists(st.integers(0, 40 * _DAY).map(lambda ago: review_id(ago, ago % 7)), unique=True, max_size=60)


def _lines(ids: list[int], order: int = Order.DESCENDING) -> Lines:
    lines = Lines()
    lines.replace(array("q", sorted(ids, reverse=order == Order.DESCENDING)), order)
    return lines


def test_days_of_a_list() -> None:
    ids = [review_id(_HOUR), review_id(2 * _HOUR), review_id(30 * _HOUR), review_id(9 * _DAY)]
    groups = day_groups(array("q", ids), Order.DESCENDING)
    assert [(g.start, g.count) for g in groups] == [(0, 2), (2, 1), (3, 1)]
    assert [g.day for g in groups] == sorted({day_of(i) for i in ids}, reverse=True)


@settings(max_examples=60, deadline=None)
@given(_ids, st.booleans())
def test_every_review_stands_under_its_day(ids: list[int], newest_first: bool) -> None:
    order = Order.DESCENDING if newest_first else Order.ASCENDING
    lines = _lines(ids, order)
    assert sum(g.count for g in lines.groups) == len(ids)
    assert len(lines) == len(ids) + len({day_of(i) for i in ids})
    for number, group in enumerate(lines.groups):
        members = lines.ids[group.start : group.start + group.count]
        assert {day_of(i) for i in members} == {group.day}
        assert lines.at(lines.heading_line(number)).is_heading
    for index, review in enumerate(lines.ids):
        assert lines.id_at(lines.line_of(index)) == review
        assert lines.index_of(review) == index


@settings(max_examples=40, deadline=None)
@given(_ids, st.data())
def test_folded_groups_take_one_line(ids: list[int], data: st.DataObject) -> None:
    lines = _lines(ids)
    days = sorted({day_of(i) for i in ids})
    folded = set(data.draw(st.lists(st.sampled_from(days), unique=True))) if days else set()
    lines.collapsed = folded
    lines.regroup()
    open_ids = [i for i in lines.ids if day_of(i) not in folded]
    assert len(lines) == len(open_ids) + len(days)
    assert [lines.id_at(n) for n in range(len(lines)) if lines.id_at(n)] == open_ids
    assert all((lines.line_of(n) < 0) == (day_of(i) in folded) for n, i in enumerate(lines.ids))
    if len(lines):
        assert lines.indexes_between(0, len(lines) - 1) == (0, len(lines.ids))


def test_a_range_counts_what_it_covers() -> None:
    lines = _lines([review_id(_HOUR * n) for n in (1, 2, 3, 40, 41, 90)])
    assert lines.indexes_between(0, 0) == (0, 0)  # the heading alone
    assert lines.indexes_between(0, 2) == (0, 2)
    assert lines.indexes_between(2, 6) == (1, 5)
    assert lines.indexes_between(5, 2) == (0, 0)


def test_an_order_that_is_not_by_date_has_no_groups() -> None:
    ids = array("q", [review_id(n * _DAY) for n in (3, 1, 2)])
    lines = Lines()
    lines.replace(ids, Order.NONE)
    assert lines.groups == []
    assert [lines.id_at(n) for n in range(len(lines))] == list(ids)
    assert lines.index_of(ids[2]) == 2
    assert lines.index_of(1) == -1


def test_two_hundred_thousand_ids_are_grouped_quickly() -> None:
    step = 5 * 365 * _DAY // 200_000
    ids = array("q", [review_id(n * step) for n in range(200_000)])
    best = min(_time_of(ids) for _ in range(3))
    groups = day_groups(ids, Order.DESCENDING)
    assert len(groups) > 1800
    assert all(a.start + a.count == b.start for a, b in pairwise(groups))
    assert best < 0.2, f"{best * 1000:.0f} ms"


def _time_of(ids: array[int]) -> float:
    began = time.perf_counter()
    day_groups(ids, Order.DESCENDING)
    return time.perf_counter() - began


def test_weeks_begin_on_the_day_the_locale_says() -> None:
    monday = date(2026, 6, 1).toordinal()
    assert [week_of(monday + n, 1) for n in (0, 6, 7)] == [monday, monday, monday + 7]
    assert [week_of(monday + n, 7) for n in (-1, 0, 5, 6)] == [monday - 1, monday - 1, monday - 1, monday + 6]
    lines = Lines()
    lines.grouping = "week"
    ids = array("q", (int(datetime(2026, 6, day, 12).timestamp()) << 20 for day in range(20, 0, -1)))
    lines.replace(ids, Order.DESCENDING)
    assert [(g.day - monday, g.count) for g in lines.groups] == [(14, 6), (7, 7), (0, 7)]
    assert all(lines.key_of(i) == lines.groups[lines.group_of(at)].day for at, i in enumerate(ids))
