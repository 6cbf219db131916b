"""Laws that hold for any text."""

from __future__ import annotations

import itertools
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from reviewdesk.domain import text

anything = st.text(alphabet=st.characters(), max_size=200)
with_surrogates = st.lists(st.integers(0, 0x10FFFF).map(chr), max_size=100).map("".join)


@given(with_surrogates)
def test_clean_gives_storable_text_once_and_for_all(raw: str) -> None:
    cleaned = text.clean(raw)
    cleaned.encode("utf-8")
    assert all(c in "\t\n" or unicodedata.category(c) != "Cc" for c in cleaned)
    assert text.clean(cleaned) == cleaned


@given(anything)
def test_folding_twice_changes_nothing(raw: str) -> None:
    once = text.fold(raw)
    assert text.fold(once) == once
    assert text.tokens(once) == text.tokens(raw)


@given(with_surrogates, st.integers(0, 50))
def test_caps_hold(raw: str, limit: int) -> None:
    assert len(text.cap(raw, limit)) <= limit
    assert len(text.one_line(raw, limit)) <= limit
    assert "\n" not in text.one_line(raw, limit)
    assert len(text.safe_words(raw, limit)) <= limit


@given(with_surrogates)
def test_isolates_are_balanced(raw: str) -> None:
    for line in text.isolate(raw).split("\n"):
        depth = 0
        for place, char in enumerate(line):
            if char in "\u2066\u2067\u2068":
                depth += 1
            elif char == "\u2069":
                depth -= 1
            assert depth > 0 or place == len(line) - 1
        assert depth == 0


@given(anything, st.lists(st.tuples(st.text(max_size=8), st.booleans()), max_size=3))
def test_hits_are_ordered_places_inside_the_text(written: str, needles: list[tuple[str, bool]]) -> None:
    found = text.hits(written, needles)
    assert all(0 <= start < end <= len(written) for start, end in found)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(found))


@given(st.text(alphabet="aé寿 ß,ÀłØ", min_size=1, max_size=30))
def test_a_text_finds_itself(written: str) -> None:
    if text.tokens(written):
        assert text.hits(written, [(written, False)])
