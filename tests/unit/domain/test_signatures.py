"""A signature is put there once and changed without touching a letter that somebody typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdesk.domain.signatures import blank, contacts, signed, switched

TYPED = st.text("abc \n.é🙂", max_size=40)
NAMES = st.sampled_from(("The Harbour team", "L'équipe Harbour\nService clients", "Ihr Hafen-Team 🙂"))


@pytest.mark.parametrize(
    ("text", "signature", "wanted"),
    [
        ("", "", ""),
        ("", "The team", "\n\nThe team"),
        ("Thank you.", "The team", "Thank you.\n\nThe team"),
        ("Thank you.\n\n", " The team \n", "Thank you.\n\nThe team"),
        ("Thank you.\n\nThe team", "The team", "Thank you.\n\nThe team"),
        ("The team thanks you.", "The team", "The team thanks you.\n\nThe team"),
    ],
)
def test_it_stands_at_the_end_and_never_twice(text: str, signature: str, wanted: str) -> None:
    assert signed(text, signature) == wanted
    assert signed(wanted, signature) == wanted


@given(TYPED, NAMES, NAMES, TYPED)
def test_another_signature_leaves_every_typed_letter(text: str, old: str, new: str, after: str) -> None:
    before = signed(text, old)
    assert before.startswith(text.rstrip())
    whole = f"{before}\n{after}"
    assert switched(whole, old, new) == f"{before[: -len(old)]}{new}\n{after}"
    assert switched(switched(whole, old, new), new, old) == whole
    assert switched(before, old, "") == text.rstrip()


def test_one_that_somebody_changed_stays() -> None:
    text = "Thank you.\n\nThe night team"
    assert switched(text, "The team", "L'équipe") == text
    assert switched(text, "night", "day") == text, "a word inside a line is no signature"
    assert switched("Thank you.", "", "The team") == "Thank you.\n\nThe team"
    both = "Thank you.\n\nL'équipe\n\nThe team"
    assert switched(both, "The team", "L'équipe") == "Thank you.\n\nL'équipe"


def test_what_reaches_somebody_is_seen_in_it() -> None:
    text = "The team, help@harbour.example\n+44 (0)1632 960-111, since 1998, 24/7, floor 12"
    assert contacts(text) == ("help@harbour.example", "+44 (0)1632 960-111")
    assert contacts("L'équipe Harbour, depuis 1998") == ()


def test_a_signature_alone_is_no_text() -> None:
    assert blank("\n\nThe team", "The team") and blank("", "The team") and blank(" \n", "")
    assert not blank("Hello\n\nThe team", "The team") and not blank("The team", "")
