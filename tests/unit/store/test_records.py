"""The record as received: compressed beside the review's own words."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from reviewdesk.store.records import packed, unpacked


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_every_record_comes_back(raw: str, title: str, body: str) -> None:
    assert unpacked(packed(raw, title, body), title, body) == raw


def test_records_about_as_long_as_the_small_window_come_back() -> None:
    for size in (3_000, 6_500, 7_200, 7_300, 7_900, 8_192, 9_000, 40_000):
        for body in ("", "word " * (size // 10), "é" * 5_000):
            raw = json.dumps({"text": body, "n": list(range(size // 5))}, ensure_ascii=False)[:size]
            assert unpacked(packed(raw, "T", body), "T", body) == raw


def test_what_stands_beside_it_is_not_kept_twice() -> None:
    body = "The parcel came on a Tuesday, unlike the three before it, and the box was whole. " * 8
    raw = json.dumps({"id": "a1", "title": "Late, but whole", "text": body, "stars": 4})
    assert len(packed(raw, "Late, but whole", body)) < len(raw) / 8


def test_beside_other_words_it_is_not_mistaken() -> None:
    body = "Good shoes, and they were here in two days although it snowed."
    stored = packed(json.dumps({"text": body}), "", body)
    assert unpacked(stored, "", body.upper()) == ""
    assert unpacked(stored[:-3], "", body) == ""
    assert unpacked(b"\x00\x01", "", "") == ""
