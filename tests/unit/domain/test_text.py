"""Text of strangers: what is dropped, what is kept, how it is folded and fenced."""

from __future__ import annotations

import time

import pytest

from reviewdesk.domain import text


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("plain", "plain"),
        ("tab\tand\nnewline", "tab\tand\nnewline"),
        ("a\r\nb\rc\x85d\u2028e\u2029f\x0bg\x0ch", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("nul\x00, bell\x07, escape\x1b[31m, delete\x7f, c1\x9b", "nul, bell, escape[31m, delete, c1"),
        ("high\ud83d low\ude00", "high low"),
        ("\ud83d\x00\ude00", ""),
        ("\ufffe\uffff\ufdd0\U0001fffe\U0010ffff", ""),
        ("é stays as it came: e\u0301", "é stays as it came: e\u0301"),
        (
            "family \U0001f468\u200d\U0001f469\u200d\U0001f467, שלום, 寿司",
            "family \U0001f468\u200d\U0001f469\u200d\U0001f467, שלום, 寿司",
        ),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
    ],
)
def test_clean(raw: str, wanted: str) -> None:
    assert text.clean(raw) == wanted
    assert text.clean(wanted) == wanted


def test_cap_counts_its_mark_and_keeps_letters_whole() -> None:
    assert text.cap("abcdef", 6) == "abcdef"
    assert text.cap("abcdef", 4) == "abc…"
    assert text.cap("abcdef", 4, "") == "abcd"
    assert text.cap("abe\u0301fg", 3, "") == "ab"
    assert text.cap("abcdef", 1) == "…"
    assert text.cap("abcdef", 0) == ""
    assert len(text.cap("a" + "\u0301" * 100_000, 300)) <= 300


def test_one_line_reads_no_further_than_it_needs() -> None:
    assert text.one_line("  a \n\n b\tc  ", 100) == "a b c"
    assert text.one_line("abc def", 5) == "abc d"
    assert text.one_line("abc def", 4) == "abc"
    started = time.perf_counter()
    assert text.one_line("word " * 2_000_000, 9) == "word word"
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("ÉTUI", "etui"),
        ("e\u0301tui", "etui"),
        ("Straße", "strasse"),
        ("Łódź Øre Đà", "lodz ore da"),
        ("İstanbul ISI ıssız", "istanbul isi issiz"),
        ("Ελλάδα", "ελλαδα"),
        ("Ёлка й", "елка и"),
        ("ＡＢＣ１２３", "abc123"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("كَتَبَ مـمتاز", "كتب ممتاز"),
        ("שָׁלוֹם", "שלום"),
        ("Foo™ m²", "foo™ m²"),
        ("한국어", "한국어"),
    ],
)
def test_fold(raw: str, wanted: str) -> None:
    assert text.fold(raw) == wanted
    assert text.fold(wanted) == wanted


def test_words_of_unspaced_scripts_are_single_characters() -> None:
    assert text.space_out("寿司 is ok").split() == ["寿", "司", "is", "ok"]
    assert text.tokens("とても美味しい!") == list("とても美味しい")
    assert text.tokens("좋아요") == list("좋아요")
    assert text.tokens("อร่อย") == ["อ", "ร", "อ", "ย"]
    assert text.tokens("C++ it's foo-bar_baz 'AND'") == ["c", "it", "s", "foo", "bar", "baz", "and"]
    assert text.tokens("*** \"'") == []


def test_emoji_can_be_found() -> None:
    angry, fine = text.tokens("\U0001f621"), text.tokens("\U0001f642")
    assert len(angry) == len(fine) == 1
    assert angry != fine
    assert text.tokens("wow\U0001f621wow") == ["wow", angry[0], "wow"]


def test_hits_are_places_in_the_text_as_written() -> None:
    written = "L'ÉTUI e\u0301tuis, étui — Straße. 寿司が好き"
    found = text.hits(written, [("etui", True), ("strasse", False), ("寿司", False)])
    assert [written[a:b] for a, b in found] == ["ÉTUI", "e\u0301tuis", "étui", "Straße", "寿司"]
    assert text.hits(written, [("司寿", False), ("tui", True), ("!!", False)]) == []
    assert text.hits("one two one two", [("one two", False)]) == [(0, 7), (8, 15)]
    assert text.hits("deliver delivery", [("deliv", True)]) == [(0, 5), (8, 13)]
    assert text.hits("aa aa aa", [("aa aa", False)]) == [(0, 8)]
    assert text.hits("x y", []) == []
    assert len(text.hits("a b " * 1000, [("a", False)], limit=10)) == 10


def test_provider_words_are_plain() -> None:
    page = (
        "<!DOCTYPE html><html><head><style>b{color:red}</style><script>alert('x')</script><!-- <b> -->"
        "<title>503</title></head><body><h1>Down &amp; out</h1>\r\n<p>try\x00 later</body>"
    )
    assert text.safe_words(page) == "503 Down & out try later"
    assert text.safe_words("score < 3 and > 1") == "score < 3 and > 1"
    assert text.safe_words("cut <img src=x onerror=") == "cut"
    assert text.safe_words("&lt;b&gt;") == "<b>"
    assert len(text.safe_words("x" * 5000)) == 300
    started = time.perf_counter()
    for hostile in ("<script>" * 100_000, "<!--" * 100_000, "<" * 200_000, "<a" * 100_000):
        text.safe_words(hostile)
    assert time.perf_counter() - started < 1


def test_isolate_keeps_neighbours_in_place() -> None:
    assert text.isolate("abc") == "\u2068abc\u2069"
    assert text.isolate("") == ""
    assert text.isolate("a\nb") == "\u2068a\u2069\n\u2068b\u2069"
    # A stray closing mark is dropped, an opened one is closed.
    assert text.isolate("a\u2069b\u2067c") == "\u2068ab\u2067c\u2069\u2069"


def test_reveal_names_what_is_invisible() -> None:
    assert text.reveal("report\u202efdp.exe") == "report[U+202E]fdp.exe"
    assert text.reveal("Zoé 寿司") == "Zoé 寿司"
