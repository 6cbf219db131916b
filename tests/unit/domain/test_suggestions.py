"""Nothing of the other customer stays in a reply that is offered for this one."""

from __future__ import annotations

import pytest

from reviewdesk.domain.checks import Known
from reviewdesk.domain.suggestions import emptied, words_of
from reviewdesk.domain.templates import resolve

OTHER = Known(
    display_name="Ada Byron",
    emails=("ada.byron@example.org",),
    phones=("+44 20 7946 0018",),
    orders=("HB-DK-28633",),
    product="Kitchen knife K2",
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Dear Ada, thank you.", "Dear {{customer.first_name}}, thank you."),
        ("Thank you, ADA BYRON!", "Thank you, {{customer.name}}!"),
        ("Hello Mrs Byron, we called.", "Hello Mrs {{customer.first_name}}, we called."),
        ("Bonjour Jean, merci.", "Bonjour {{customer.first_name}}, merci."),
        ("The Kitchen knife K2 is back.", "The {{review.product}} is back."),
        ("We wrote to ada.byron@example.org.", "We wrote to {{E-mail}}."),
        ("Write to help@shop.example, please.", "Write to {{E-mail}}, please."),
        ("See invoice 4711-99 of May.", "See invoice {{Number}} of May."),
        ("In 24 hours, at 10:30.", "In 24 hours, at 10:30."),
        ("Braces {{cursor}} stay text.", "Braces ((cursor)) stay text."),
    ],
)
def test_what_was_theirs_is_a_place(text: str, wanted: str) -> None:
    assert emptied(text, OTHER) == wanted


def test_no_datum_of_theirs_is_left_in_any_spelling() -> None:
    text = (
        "Dear Ada Byron, your order hb dk 28633 (HB-DK-28633) for the kitchen knife k2: call +44 (0)20 7946 0018 or "
        "write to ADA.BYRON@EXAMPLE.ORG. Best, Joan"
    )
    left = emptied(text, OTHER)
    for datum in ("Ada", "Byron", "28633", "7946", "0018", "example.org", "knife"):
        assert datum.casefold() not in left.casefold()
    assert left.endswith("Best, Joan")


def test_names_are_found_where_words_have_no_blanks_between_them() -> None:
    other = Known(display_name="森下 健太")
    assert emptied("健太様、ありがとうございます。", other).startswith("{{customer.first_name}}様")
    assert words_of(["だ", "け", "包丁", "遅"]) == ["包丁", "遅"]


def test_places_take_this_customers_values_or_stay_gaps() -> None:
    template = emptied("Dear Ada, your order HB-DK-28633 is on its way.", OTHER)
    done = resolve(template, {"customer.first_name": "Nia"}, public=True)
    assert done.text.startswith("Dear Nia, ") and len(done.gaps) == 1
    assert resolve(template, {}, public=True).gaps[0].words == "First name"


def test_the_words_that_are_looked_for() -> None:
    assert words_of(["the", "delivery", "was", "late", "delivery", "遅い"]) == ["delivery", "late", "遅い"]
