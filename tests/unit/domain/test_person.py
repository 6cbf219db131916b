"""A person's values in any writing: found, taken out, and nothing else touched."""

from __future__ import annotations

import base64
import html
import json
import quopri
import unicodedata
import zlib
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewdesk.domain.person import ANONYMOUS, Needles, Person, name_words

NAME, EMAIL, ORDER = "Zoë Müller-Quillon", "zoe.q@example.org", "ORD-77812"
NEEDLES = Needles([NAME, EMAIL, ORDER])


@pytest.mark.parametrize("value", [NAME, EMAIL, ORDER])
@pytest.mark.parametrize(
    "write",
    [
        str, str.upper, str.lower, lambda v: unicodedata.normalize("NFD", v), lambda v: v.replace(" ", "\n  "),
        lambda v: quote(v, safe=""), quote_plus, lambda v: json.dumps(f"line\n{v}"), html.escape,
        lambda v: quopri.encodestring(v.encode()).decode(), lambda v: v.encode().hex(), lambda v: v.encode().hex().upper(),
        lambda v: base64.b64encode(f"user:{v}".encode()).decode(),
        lambda v: base64.urlsafe_b64encode(f"a{v}b".encode()).decode(),
        lambda v: base64.b64encode(v.encode()).decode(), lambda v: f"?mail%3D{quote(v, safe='')}%26x",
        lambda v: "".join(c if c.isascii() else f"&#{ord(c)};" for c in v), lambda v: repr(v.encode())[2:-1],
    ],
)  # fmt: skip
def test_every_writing_is_found_and_taken_out(value: str, write) -> None:  # type: ignore[no-untyped-def]
    text = f"Before ({write(value)}) after"
    assert NEEDLES.hit(text)
    cleaned = NEEDLES.clean(text)
    assert not NEEDLES.hit(cleaned) and ANONYMOUS in cleaned
    assert cleaned.startswith("Before (") and cleaned.endswith(") after")


def test_the_surname_first_and_other_ways() -> None:
    assert NEEDLES.clean("Müller-Quillon, Zoë and MÜLLER-QUILLON ZOË") == f"{ANONYMOUS} and {ANONYMOUS}"


@pytest.mark.parametrize(
    "text",
    [
        "azoe.q@example.org", "zoe.q@example.org.uk", "x.zoe.q@example.org", "ORD-778120", "XORD-77812",
        "Zoë Müller", "Zoës Müller-Quillon", "", "Anonymous", "a\x00b",
    ],
)  # fmt: skip
def test_what_only_looks_alike_stays(text: str) -> None:
    assert not NEEDLES.hit(text) and NEEDLES.clean(text) == text


def test_a_document_stays_one_whatever_it_holds() -> None:
    needles = Needles(["1234567", EMAIL])
    text = json.dumps(
        {"order": 1234567, "n": 12345678, EMAIL: [EMAIL, None, True, 1.5], "deep": {"x": f"to {EMAIL}!"}}
    )
    assert json.loads(needles.clean(text)) == {
        "order": ANONYMOUS, "n": 12345678, ANONYMOUS: [ANONYMOUS, None, True, 1.5], "deep": {"x": f"to {ANONYMOUS}!"},
    }  # fmt: skip
    assert needles.clean("[1234567, broken") == f"[{ANONYMOUS}, broken"


@pytest.mark.parametrize("coding", ["utf-8", "utf-16-le", "utf-16-be", "utf-16"])
def test_bytes_of_any_coding_packed_or_not(coding: str) -> None:
    for value in (NAME, EMAIL, ORDER):
        data = b"..." + value.encode(coding) + b"..."
        assert NEEDLES.in_bytes(data) and NEEDLES.in_bytes(zlib.compress(data))
        assert NEEDLES.in_bytes(data, plain=True)
        assert not NEEDLES.in_bytes(NEEDLES.clean_bytes(data))
    assert NEEDLES.in_bytes(base64.b64encode(EMAIL.encode())) and not NEEDLES.in_bytes(
        base64.b64encode(EMAIL.encode()), plain=True
    )
    assert not NEEDLES.in_bytes(b"\x78\x9cnot packed at all") and not NEEDLES.in_bytes(b"")


def test_what_is_strong_and_what_is_weak() -> None:
    person = Person()
    for kind, value in (
        ("emails", EMAIL), ("names", NAME), ("names", "Bo"), ("names", "x"), ("names", ANONYMOUS), ("orders", ORDER),
        ("orders", "17"), ("usernames", "zoe"), ("usernames", "zoe_quillon"),
        ("phones", "+49 171 555"), ("ids", "0123456789"),
        ("emails", None), ("orders", "  "),
    ):  # fmt: skip
        person.add(kind, value)
    assert person.strong() == {EMAIL, NAME, ORDER, "zoe_quillon", "+49 171 555", "0123456789"}
    assert {"Zoë", "Müller-Quillon", "Bo", "17", "zoe"} <= person.weak()
    person.shared_names.add(NAME)
    assert NAME not in person.strong() and NAME in person.weak()
    assert name_words("Dr. A. de la Cruz") == ["Cruz", "Dr", "de", "la"] or set(name_words("Dr. A. de la Cruz")) == {
        "Dr", "de", "la", "Cruz",
    }  # fmt: skip
    assert not Needles([]) and not Needles([]).hit("anything") and Needles([" "]).clean("x") == "x"


@settings(max_examples=150)
@given(st.text(max_size=200), st.sampled_from([NAME, EMAIL, ORDER]), st.text(max_size=50))
def test_nothing_is_left_and_cleaning_twice_changes_nothing(before: str, value: str, after: str) -> None:
    for text in (before + after, f"{before} {value} {after}", json.dumps([before, value])):
        cleaned = NEEDLES.clean(text)
        assert not NEEDLES.hit(cleaned)
        assert NEEDLES.clean(cleaned) == cleaned
