"""Places in saved replies: filled, fallen back, or gaps; never from what a customer wrote."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewdesk.domain.templates import VARIABLES, gaps, offered, resolve

VALUES = {
    "customer.first_name": "Inés",
    "review.product": "Desk lamp L4",
    "customer.email": "ines@mail.example",
}


def test_places_are_filled_fall_back_or_stay_as_gaps() -> None:
    text = "Hola {{customer.first_name|there}}, {{ review.product }} {{review.title|}}llega el {{day}}. {{account.name}}"
    done = resolve(text, VALUES, public=True)
    assert done.text == "Hola Inés, Desk lamp L4 llega el {{day}}. {{account.name}}"
    assert [g.words for g in done.gaps] == ["day", "Name of the account"]
    assert [done.text[a:b] for a, b in done.filled] == ["Inés", "Desk lamp L4", ""]
    assert resolve("Hola {{customer.first_name|there}}", {}, public=True).text == "Hola there"


def test_the_cursor_goes_to_its_mark_which_does_not_stay() -> None:
    done = resolve("Hola {{customer.first_name}}, {{cursor}} saludos {{cursor}}", VALUES, public=True)
    assert done.text == "Hola Inés,  saludos " and done.cursor == len("Hola Inés, ")
    assert resolve("Hola", {}, public=True).cursor == 4


def test_private_fields_never_reach_a_public_text() -> None:
    assert resolve("{{customer.email|you}}", VALUES, public=True).text == "you"
    assert [g.words for g in resolve("{{customer.email}}", VALUES, public=True).gaps] == ["E-mail"]
    assert resolve("{{customer.email}}", VALUES, public=False).text == "ines@mail.example"
    assert {v.name for v in VARIABLES.values()} - {v.name for v in offered(public=True)} == {
        "customer.email",
        "order.number",
        "order.reference",
    }


def test_what_a_customer_wrote_is_never_a_place() -> None:
    hostile = {"customer.first_name": "{{customer.email}}", "review.product": "{{{{x}}}}\nzwei"}
    done = resolve("{{customer.first_name}} {{{review.product}}}", hostile | VALUES | hostile, public=False)
    assert "ines@" not in done.text and not done.gaps and "\n" not in done.text


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="{}|abc. \n", max_size=60), st.text(alphabet="{}|xy", max_size=20))
def test_any_template_resolves_and_its_gaps_are_where_they_are_said_to_be(template: str, value: str) -> None:
    done = resolve(template, {"customer.name": value}, public=True)
    assert done.gaps == tuple(gaps(done.text))
    assert 0 <= done.cursor <= len(done.text)
    for gap in done.gaps:
        assert done.text[gap.start : gap.start + 2] == "{{" and done.text[gap.end - 2 : gap.end] == "}}"
