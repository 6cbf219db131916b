"""Values of invitations, fair choices, and words that lead: rules without a program around them."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.invitations import wording
from reviewdesk.domain.invitations.fields import DateOrder, check, missing_for, parse_date, values_of
from reviewdesk.domain.invitations.model import InviteField, InviteForm, InviteWay, person_key
from reviewdesk.domain.invitations.sampling import (
    Rule,
    Sample,
    choice_of,
    choose,
    page,
    parse_choice,
)
from reviewdesk.domain.models import ReviewKind
from reviewdesk.domain.query import chosen_by_score, parse

TODAY = date(2026, 11, 18)
FORM = InviteForm(
    way=InviteWay.LINK,
    kind=ReviewKind.BUSINESS,
    fields=(
        InviteField(key="email", either="who"),
        InviteField(key="phone", either="who"),
        InviteField(key="name"),
        InviteField(key="last_name", required=True),
        InviteField(key="order_id", required=True),
        InviteField(key="order_date"),
        InviteField(key="skus"),
        InviteField(key="locale"),
    ),
)
GOOD = {"email": "a@example.org", "order_id": "1", "last_name": "Bee"}


def faults(**values: object) -> list[tuple[str, str]]:
    return [(p.field, p.message) for p in check(FORM, GOOD | values, today=TODAY)[1]]


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org",
        "A.B+c@sub.example.co",
        "o'neil@example.org",
        "jörg@müller.example",
        "x_1@ex-ample.org",
    ],
)
def test_addresses_that_are_some(address: str) -> None:
    assert faults(email=address) == []


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("example.org", "has no @"), ("@example.org", "before the @"), ("a@", "after the @"), ("a@example", "no ending"),
        ("a b@example.org", "is no e-mail"), ("a@b@example.org", "is no e-mail"), ("a@exa mple.org", "is no e-mail"),
        ("a..b@example.org", "is no e-mail"), ("a@example..org", "is no e-mail"), ("a@-example.org", "is no e-mail"),
        ("a@example.1", "no ending"), ("<a@example.org>", "is no e-mail"), ("a@example.org,b@example.org", "no e-mail"),
        ("a" * 260 + "@example.org", "is no e-mail"), ("a@example.org.", "is no e-mail"),
    ],
)  # fmt: skip
def test_addresses_that_are_none(address: str, words: str) -> None:
    [(field, message)] = faults(email=address)
    assert field == "email" and words in message


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2026-11-09", "", date(2026, 11, 9)), ("2026-11-09T10:00:00Z", "", date(2026, 11, 9)),
        ("2026-11-09 10:00", "", date(2026, 11, 9)), ("2026/11/9", "", date(2026, 11, 9)),
        ("20261109", "", date(2026, 11, 9)), ("9.11.2026", "", date(2026, 11, 9)), ("09.11.26", "", date(2026, 11, 9)),
        ("9/11/2026", DateOrder.DAY_FIRST, date(2026, 11, 9)), ("9/11/2026", DateOrder.MONTH_FIRST, date(2026, 9, 11)),
        ("9.11.2026", DateOrder.MONTH_FIRST, date(2026, 11, 9)), ("29.02.2024", "", date(2024, 2, 29)),
    ],
)  # fmt: skip
def test_dates(text: str, order: str, expected: date) -> None:
    assert parse_date(text, order) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("31.11.2026", "No such date, 31 November"), ("29.02.2026", "No such date, 29 February"),
        ("2026-13-01", "no month 13"), ("0.1.2026", "No such date"), ("soon", "is no date"), ("2026", "is no date"),
        ("31.12.2030", "future"), ("1.1.1970", "far back"),
    ],
)  # fmt: skip
def test_dates_that_are_none(text: str, words: str) -> None:
    [(field, message)] = faults(order_date=text)
    assert field == "order_date" and words in message


def test_what_is_missing_is_named() -> None:
    assert faults(order_id=" ") == [("order_id", "Order number is missing")]
    assert faults(email="") == [("email", "E-mail or phone is missing")]
    assert faults(email="", phone="+45 12 34 56 78") == []
    assert faults(email="", phone="call me")[0][0] == "phone"
    # A whole name stands for its parts.
    assert faults(last_name="", name="Ann Bee") == []
    assert faults(last_name="", name="Ann") == [("last_name", "Last name is missing")]
    assert missing_for(FORM, ["email", "name"]) == ["order_id"]
    assert missing_for(FORM, ["order_id", "last_name"]) == ["email"]


def test_values_are_trimmed_and_brought_into_form() -> None:
    good, problems = check(
        FORM,
        GOOD
        | {"email": " a@example.org\u200b ", "skus": "A; B|A,C", "locale": "DA", "colour": "red", "name": ""},
        today=TODAY,
    )
    assert not problems
    assert good == {**GOOD, "skus": ("A", "B", "C"), "locale": "da-DK"}
    assert values_of({"sku": ["x"], "order_id": None}) == {"skus": ("x",)}
    for locale, expected in (("fr", "fr-FR"), ("en", "en-US"), ("pt_br", "pt-BR"), ("fr-CA", "fr-CA")):
        assert check(FORM, GOOD | {"locale": locale}, today=TODAY)[0]["locale"] == expected
    assert "is no language" in faults(locale="french")[0][1]


def test_who_somebody_is() -> None:
    assert person_key(" Ann@EXAMPLE.org ") == person_key("ann@example.org")
    assert person_key("", "+45 12-34") == "451234" != person_key("x@example.org", "451234")


# --- choosing ----------------------------------------------------------------------------------------------


def test_the_three_rules() -> None:
    rows = list(range(1, 101))
    assert choose(rows, Sample()) == rows
    assert choose(rows, Sample(rule=Rule.EVERY_NTH, n=30, start=2)) == [2, 32, 62, 92]
    drawn = choose(rows, Sample(rule=Rule.RANDOM, count=5, seed="autumn"))
    # The same on every machine and in every version: a change of the rule would break records that were printed.
    assert drawn == [7, 50, 57, 75, 76]
    assert drawn == sorted(drawn) == choose(rows, Sample(rule=Rule.RANDOM, count=5, seed="autumn"))
    assert drawn != choose(rows, Sample(rule=Rule.RANDOM, count=5, seed="winter"))
    assert choose(rows, Sample(rule=Rule.RANDOM, count=500, seed="x")) == rows
    for wrong in (
        Sample(rule=Rule.EVERY_NTH, n=0),
        Sample(rule=Rule.EVERY_NTH, n=3, start=4),
        Sample(rule=Rule.RANDOM, count=3),
        Sample(rule=Rule.RANDOM, seed="x"),
        Sample(rule=Rule.RANDOM, count=1, seed="x" * 65),
    ):
        with pytest.raises(InvalidInput):
            choose(rows, wrong)


@given(st.integers(1, 60), st.integers(1, 60), st.text(min_size=1, max_size=20).filter(str.strip))
def test_a_choice_comes_back_from_its_line(size: int, count: int, seed: str) -> None:
    rows = list(range(1, size + 1))
    sample = Sample(rule=Rule.RANDOM, count=count, seed=seed)
    chosen, choice = choice_of("d" * 64, rows, sample)
    assert parse_choice(choice.as_text()) == choice
    assert choice_of("d" * 64, rows, parse_choice(choice.as_text()).sample) == (chosen, choice)
    assert len(chosen) == min(size, count) and set(chosen) <= set(rows)


def test_chance_is_even() -> None:
    rows = list(range(10))
    counts = [0] * 10
    for seed in range(2000):
        for row in choose(rows, Sample(rule=Rule.RANDOM, count=3, seed=str(seed))):
            counts[row] += 1
    assert all(520 < n < 680 for n in counts), counts


def test_the_line_fits_into_the_journal_and_the_page_on_a_sheet() -> None:
    sample = Sample(rule=Rule.RANDOM, count=10**6, seed="x" * 64)
    _, choice = choice_of("d" * 64, range(10**4), sample)
    assert len(choice.as_text()) <= 300
    text = page(choice, account="Shop", made_at="2026-11-18T00:00:00Z")
    assert len(text.splitlines()) < 60 and choice.chosen_digest in text and sample.seed in text
    for wrong in ("", "{}", "[]", '{"rule":"best"}'):
        with pytest.raises(InvalidInput):
            parse_choice(wrong)


@pytest.mark.parametrize(
    "text", ["stars:5", "-stars:1", "lang:en score:none", "sku:x OR (lang:fr -stars:<=2)"]
)
def test_selections_by_score(text: str) -> None:
    assert chosen_by_score(parse(text, now=0))
    assert not chosen_by_score(parse("lang:en -is:removed sku:x", now=0))
    assert not chosen_by_score(parse("", now=0))


# --- words -------------------------------------------------------------------------------------------------

CORPUS = tomllib.loads((Path(__file__).parents[2] / "corpus" / "leading.toml").read_text("utf-8"))


def test_the_corpus_of_leading_sentences() -> None:
    missed = {
        why: [text for text in texts if why not in {found.why.value for found in wording.check(text)}]
        for why, texts in CORPUS["leading"].items()
    }
    assert not any(missed.values()), missed
    assert set(CORPUS["leading"]) == {why.value for why in wording.Why}


def test_neutral_sentences_pass() -> None:
    stopped = {text: found for text in CORPUS["neutral"]["texts"] if (found := wording.check(text))}
    assert not stopped


def test_where_it_stands() -> None:
    text = "Hello. Please leave a 5-star review."
    [found] = wording.check(text)
    assert text[found.start : found.end] == found.words == "5-star" and found.message


@pytest.mark.parametrize("language", wording.languages())
def test_our_own_drafts_are_neutral(language: str) -> None:
    made = wording.draft(
        email="a@example.org",
        name="Ann",
        link="https://example.org/r",
        links={},
        locale=language,
        order_id="7",
    )
    assert made.language == language and "https://example.org/r" in made.body and "7" in made.subject
    assert not wording.check(made.subject + "\n" + made.body)


def test_a_draft_for_several_products_and_an_unknown_language() -> None:
    links = {"A": "https://example.org/a", "B": "https://example.org/b"}
    made = wording.draft(
        email="a@example.org",
        name="Ann\nBcc: x",
        link="https://example.org/a",
        links=links,
        locale="ja-JP",
        order_id="",
    )
    assert made.language == "en" and "A: https://example.org/a\nB: https://example.org/b" in made.body
    assert "Ann Bcc: x," in made.body and made.subject == "Your review of order"
