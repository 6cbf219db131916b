"""The rule by which two reviews are one: what may change on the way between two doors, and each near miss."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewdesk.domain.twins import DAYS_APART, Face, match

AT = 1_780_000_000
DAY = 86_400
LONG = "The lamp flickers since Tuesday, and nobody answers the phone."
ONE = Face(stars=2, title="Lamp", body=LONG, name="Anna Svensson", created_at=AT)
SHORT = replace(ONE, body="Great!")


@pytest.mark.parametrize(
    "other",
    [
        ONE,
        replace(ONE, body="The  lamp\nflickers since tuesday — and nobody answers the phone…"),
        replace(ONE, created_at=AT + 9 * 3600),
        replace(ONE, created_at=AT - DAYS_APART * DAY),
        replace(ONE, name="Anna S."),
        replace(ONE, name="ANNA"),
        replace(ONE, name="Svensson Anna"),
        replace(ONE, name=None),
        replace(ONE, name="Anonymous"),
        replace(ONE, title="", sku="L-1"),
        replace(ONE, title="A bad lamp"),
        replace(ONE, name="Änna Svénsson"),
    ],
)
def test_what_may_change_on_the_way(other: Face) -> None:
    assert match(ONE, other) and match(other, ONE)


@pytest.mark.parametrize(
    "other",
    [
        replace(ONE, stars=3),
        replace(ONE, stars=None),
        replace(ONE, body=LONG + " Never again."),
        replace(ONE, body=LONG[:-20]),
        replace(ONE, body=""),
        replace(ONE, created_at=AT + DAYS_APART * DAY + 1),
        replace(ONE, name="Anna Larsson"),
        replace(ONE, name="Anna L."),
        replace(ONE, name="Bo Svensson"),
    ],
)
def test_near_misses(other: Face) -> None:
    assert match(ONE, other) is None and match(other, ONE) is None


def test_product_and_order_speak_against_it() -> None:
    assert match(replace(ONE, sku="L-1"), replace(ONE, sku="L-2")) is None
    assert match(replace(ONE, order_id="7"), replace(ONE, order_id="8")) is None
    assert match(replace(ONE, sku="L-1", order_id="7"), replace(ONE, sku="l-1", order_id="7"))


def test_words_that_anybody_writes_need_more() -> None:
    assert match(SHORT, replace(SHORT, name="Anna S.", created_at=AT + 3600))
    for other in (
        replace(SHORT, name="Anna"),
        replace(SHORT, name=None),
        replace(SHORT, title="Chair"),
        replace(SHORT, created_at=AT + DAY + 1),
    ):
        assert match(SHORT, other) is None


def test_without_words_or_stars_nobody_can_tell() -> None:
    for same in (replace(ONE, body=""), replace(ONE, body="…!"), replace(ONE, stars=None)):
        assert match(same, same) is None


def test_the_reason_says_what_is_the_same() -> None:
    found = match(ONE, replace(ONE, name="Anna S.", created_at=AT + 3 * 3600))
    assert found is not None
    assert found.sentence() == "The same words and the same stars by Anna Svensson, written 3 hours apart."
    near = match(ONE, replace(ONE, name=None))
    assert near is not None and near.sentence().endswith("stars, written at the same time.")
    days = match(ONE, replace(ONE, created_at=AT + 2 * DAY))
    assert days is not None and "2 days apart" in days.sentence()


FACES = st.builds(
    Face,
    stars=st.sampled_from([1.0, 2.0, None]),
    title=st.sampled_from(["", "Lamp", "Chair"]),
    body=st.one_of(st.sampled_from([LONG, "Great!", "great", "", LONG.upper()]), st.text(max_size=40)),
    name=st.sampled_from([None, "", "Anna S.", "Anna Svensson", "Bo", "Anonymous", "._."]),
    created_at=st.integers(AT, AT + 4 * DAY),
    sku=st.sampled_from([None, "L-1", "L-2"]),
    order_id=st.sampled_from([None, "7", "8"]),
)


@settings(max_examples=150, deadline=None)
@given(FACES, FACES)
def test_it_does_not_matter_who_came_first(one: Face, other: Face) -> None:
    there, back = match(one, other), match(other, one)
    assert there == back
    if there is not None:
        assert one.stars == other.stars is not None and one.body and other.body
        assert abs(one.created_at - other.created_at) <= DAYS_APART * DAY
