"""Whatever is typed is a query or a QueryError, and a query says itself again."""

from __future__ import annotations

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from reviewdesk.domain.query import Field, Query, QueryError, Words, parse
from reviewdesk.domain.query_terms import FIELDS, HAS_VALUES, IS_VALUES
from reviewdesk.domain.text import tokens

NOW = 1_780_000_000.0

pieces = st.sampled_from(
    [
        *(f"{name}:" for name in sorted(FIELDS)),
        *(f"is:{value}" for value in IS_VALUES),
        *(f"has:{value}" for value in HAS_VALUES),
        "stars:", "<=", "..", "2", "4.5", "none", "before:", "after:", "older:", "newer:", "2026-01-31", "7d", "1m",
        "99999y", "today", "0001", "9999", '"', "“", "”", "\\", "(", ")", "-", " ", "OR", " OR ", "*", ":", "é",
        "寿司", "word", "A-1", "\U0001f621", "foo:", "http://", "\t", "\n", "'", "\x00",
    ]
)  # fmt: skip
typed = st.one_of(st.text(max_size=60), st.lists(pieces, max_size=14).map("".join))


@given(typed)
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    try:
        query = parse(text, now=NOW, tz=UTC)
    except QueryError as error:
        assert 0 <= error.position <= len(text)
        assert error.message
    else:
        assert not query.problems
    as_typed = parse(text, now=NOW, tz=UTC, as_typed=True)
    for problem in as_typed.problems:
        assert problem.term == text[problem.start : problem.end]


@given(typed, st.booleans())
def test_canonical_text_asks_for_the_same(text: str, as_typed: bool) -> None:
    try:
        query = parse(text, now=NOW, tz=UTC, as_typed=as_typed)
    except QueryError:
        return
    again = parse(query.canonical, now=NOW, tz=UTC)
    assert again == query
    assert again.canonical == query.canonical
    # Chips say the same as the text.
    assert parse(" ".join(chip.text for chip in query.chips), now=NOW, tz=UTC) == query


@given(typed)
def test_chips_can_be_taken_away_one_by_one(text: str) -> None:
    query = parse(text, now=NOW, tz=UTC, as_typed=True)
    for chip in query.chips:
        assert 0 <= chip.start < chip.end <= len(text)
    while query.chips:
        shorter = parse(query.without(query.chips[0]), now=NOW, tz=UTC, as_typed=True)
        assert len(shorter.text) < len(query.text)
        query = shorter


@given(st.text(max_size=40), st.sampled_from(sorted(FIELDS)))
def test_quoted_values_come_through_unchanged(value: str, name: str) -> None:
    field = Field(name, "", text=value).canonical
    words = Words((), text=value).canonical
    try:
        read = parse(field, now=NOW).root
        assert isinstance(read, Field)
        assert read.text == value
    except QueryError:
        assert not tokens(value) or name not in ("from", "product")
    if tokens(value):
        node = parse(words, now=NOW).root
        assert isinstance(node, Words)
        assert node.words == tuple(tokens(value))


def test_the_empty_query_is_everything() -> None:
    assert parse("", now=NOW) == Query()
