"""The pre-send check: each rule by its own examples, spans and repairs, forms of private data, and what is no finding."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewdesk.domain.checks import LANGUAGES, Finding, Known, Severity, check, language_of, rules, summary
from reviewdesk.domain.checks.skeleton import Skeleton
from reviewdesk.domain.models import Target

VERA = Known(
    display_name="Vera L.",
    full_names=("Vera Lindqvist",),
    emails=("vera.lindqvist@mail.example",),
    phones=("+44 1632 960755",),
    orders=("40718",),
)


def ids(text: str, known: Known = VERA) -> list[str]:
    return [f.rule.id for f in check(text, known)]


def only(text: str, known: Known = VERA) -> Finding:
    found = check(text, known)
    assert len(found) == 1, [f.sentence for f in found]
    return found[0]


def mended(text: str, known: Known = VERA) -> str:
    """The text after the repair of its first finding."""
    finding = check(text, known)[0]
    assert finding.repair is not None
    return text[: finding.start] + finding.repair + text[finding.end :]


# --- the rules themselves --------------------------------------------------------------------------


def test_every_rule_cites_its_source_and_the_stopping_ones_have_examples_in_five_languages() -> None:
    for rule in rules().values():
        assert rule.title and rule.message and len(rule.source) > 20
        if rule.severity is Severity.MUST:
            assert {e.language for e in rule.good} >= set(LANGUAGES), rule.id
            assert {e.language for e in rule.bad} >= set(LANGUAGES), rule.id


@pytest.mark.parametrize("rule_id", list(rules()))
def test_good_and_bad_examples_say_the_truth(rule_id: str) -> None:
    known = replace(VERA, language="fr") if rule_id == "wrong-language" else VERA
    for example in rules()[rule_id].good:
        assert ids(example.text, known) == [], example.text
    for example in rules()[rule_id].bad:
        assert rule_id in ids(example.text, known), example.text


# --- private data ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        *("40718", "#40718", "no.40718", "4 0 7 1 8", "40-718", "40.718", "40 718", "(40718)", "0040718", "4/0/7/1/8"),
        *("４０７１８", "٤٠٧١٨", "4\u200b0\u200b7\u200b1\u200b8", "4O718", "407l8", "407**", "40•••", "407xx", "**718"),
        "40 7* *",
        *("four zero seven one eight", "vier null sieben eins acht", "quatre zéro sept un huit", "4\u00ad0718"),
    ],
)  # fmt: skip
def test_the_order_number_is_found_in_any_spelling(written: str) -> None:
    finding = only(f"We looked at order {written} today.")
    assert finding.rule.id == "private-order" and finding.must


@pytest.mark.parametrize(
    "text",
    [
        *("It cost 407.18 in total.", "On 4.07.18 we wrote to you.", "Call 0407180.", "Item 140718 is new.", "407183"),
        *("We have 40 people, 7 days, 18 vans.", "It took 40 to 71 hours.", "See 40718.5 mm", "EU 2018/40718"),
    ],
)  # fmt: skip
def test_other_numbers_are_no_order(text: str) -> None:
    assert ids(text) == []


def test_a_short_order_number_needs_the_word() -> None:
    known = replace(VERA, orders=("118",))
    assert ids("It took 118 days.", known) == []
    assert ids("Your order no. 118 is ready.", known) == ["private-order"]


@pytest.mark.parametrize(
    "written",
    [
        *("vera.lindqvist@mail.example", "VERA.LINDQVIST@MAIL.EXAMPLE", "vera.lindqvist (at) mail (dot) example"),
        *("vera.lindqvist [at] mail.example", "v e r a . l i n d q v i s t @ m a i l . e x a m p l e"),
        *("vera lindqvist at mail dot example", "vera.lindqvist＠mail.example", "vеrа.lindqvist@mail.example"),
        *("v***.lindqvist@mail.example", "vera.l…@mail.example", "vera.lindqvist@m***.example",),
        "vera_lindqvist@mail.example",
        *("vera.\u200blindqvist@mail.example", "vera.lindqvist arobase mail point example"),
    ],
)  # fmt: skip
def test_the_address_is_found_in_any_spelling(written: str) -> None:
    assert "private-email" in ids(f"We wrote to {written} today.")


def test_a_shop_s_own_address_is_no_finding_even_with_the_same_first_part() -> None:
    known = replace(VERA, emails=("info@customer.example",))
    assert ids("Write to info@harbour.example.", known) == []
    assert ids("Write to info@customer.example.", known) == ["private-email"]


@pytest.mark.parametrize(
    "written",
    [
        *("+44 1632 960755", "01632960755", "01632/960-755", "(01632) 960 755", "0044 1632 96 07 55", "01632.960.755"),
        *("01632 96O755", "01632 96**55", "０１６３２ ９６０７５５"),
    ],
)  # fmt: skip
def test_the_telephone_number_is_found_in_any_spelling(written: str) -> None:
    assert ids(f"We called {written} twice.") == ["private-phone"]


@pytest.mark.parametrize(
    "written",
    ["Lindqvist", "LINDQVIST", "L i n d q v i s t", "Lind***", "Líndqvist", "Lіndqvіst", "lindqvist"],
)
def test_the_family_name_is_found_in_any_spelling(written: str) -> None:
    assert ids(f"The parcel for {written} is ready.") == ["private-name"]


def test_a_name_that_everybody_sees_is_no_secret() -> None:
    assert ids("Dear Ms Lindqvist, thank you.", replace(VERA, display_name="Vera Lindqvist")) == []


def test_a_family_name_that_only_the_address_tells_is_a_secret() -> None:
    known = Known(display_name="Vera L.", emails=("vera.lindqvist@mail.example",))
    assert ids("Dear Vera Lindqvist, thank you.", known) == ["private-name"]


def test_a_surname_that_is_a_common_word_stays_usable() -> None:
    known = Known(display_name="Hugo P.", full_names=("Hugo Petit",))
    assert ids("Petit souci, grande excuse. Un petit retard.", known) == []
    assert ids("Bonjour Monsieur Petit, merci.", known) == ["private-name"]


def test_what_the_customer_wrote_publicly_is_no_secret() -> None:
    known = replace(VERA, public="My order 40718 never came.")
    assert ids("Your order 40718 is on its way.", known) == []


def test_private_messages_may_hold_the_customer_s_own_data_but_no_demands() -> None:
    known = replace(VERA, target=Target.PRIVATE)
    assert ids("Dear Ms Lindqvist, order 40718 is ready. We called 01632 960755.", known) == []
    assert ids("If you change your review, we will refund you.", known) == ["conditional"]


# --- spans and repairs -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Le câble de la commande 40718 part aujourd’hui.", "Le câble de votre commande part aujourd’hui."),
        ("La commande n° 40718 part aujourd’hui.", "Votre commande part aujourd’hui."),
        (
            "Wir haben die Bestellung 40718 und Ihre Nachricht.",
            "Wir haben Ihre Bestellung und Ihre Nachricht.",
        ),
        ("We have your order no. 40718 here.", "We have your order here."),
        (
            "We sent 40718 with your name and your wishes.",
            "We sent your order with your name and your wishes.",
        ),
        ("El pedido 40718 sale hoy con una nota para usted.", "Su pedido sale hoy con una nota para usted."),
        ("Hello Ms Lindqvist, thank you.", "Hello Vera, thank you."),
        ("Hello Steven, thank you.", "Hello Vera, thank you."),
        ("It left. Please delete your review. Thank you.", "It left.  Thank you."),
        ("Thank you!!!! Vera", "Thank you. Vera"),
        ("WE ARE VERY SORRY about it", "We are very sorry about it"),
    ],
)
def test_a_repair_leaves_a_text_that_reads_well_and_has_no_finding(before: str, after: str) -> None:
    assert mended(before) == after
    assert ids(after) == []


def test_the_finding_says_what_and_which_rule() -> None:
    finding = only("Your order 40718 left.")
    assert finding.sentence == "Private data: order 40718 is not public in this review"
    assert summary((finding,)) == finding.sentence + "."


def test_what_must_be_settled_comes_first_and_one_passage_is_told_once() -> None:
    text = "Hello Steven, thank you. Change your review and get a 10% voucher. Order 40718 is here."
    found = check(text, VERA)
    assert [f.must for f in found] == sorted((f.must for f in found), reverse=True)
    for a, b in itertools.pairwise(found):
        assert a.end <= b.start or b.end <= a.start or a.must != b.must


# --- manner ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("Hello Vera,", "Dear Vera and family,", "Hi there,", "Hello, Vera!", "Bonjour Madame,", "Good morning Steven"),
        *("Hallo zusammen,", "Hola, buenos días.", "Dear customer,", "Hello Verra,"),
    ],
)  # fmt: skip
def test_greetings_that_name_nobody_else(text: str) -> None:
    assert ids(f"{text} thank you.") == []


def test_without_a_known_name_no_greeting_is_wrong() -> None:
    assert ids("Hello Steven, thank you.", Known()) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Thank you for your message, we are sorry for the delay.", "en"),
        ("Merci pour votre message, nous sommes désolés pour ce retard.", "fr"),
        ("Vielen Dank für Ihre Nachricht, es tut uns leid, dass die Mühle nicht geht.", "de"),
        ("Gracias por su mensaje, lamentamos mucho que la mochila no llegara.", "es"),
        ("Dziękujemy za wiadomość, bardzo przepraszamy za kłopot, nie tak to ma być.", "pl"),
        ("Bedankt voor uw bericht, wij vinden het heel jammer dat het niet goed is.", "nl"),
        ("明るさは十分ですが、説明書が英語だけでした。", "ja"),
        ("OK", None),
        ("X2 28592 TV", None),
    ],
)
def test_languages_are_told_apart(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_the_language_of_the_review_is_the_provider_s_or_the_text_s() -> None:
    english = "Thank you for your message, we are sorry for the delay and the box."
    assert ids(english, Known(language="fr-FR")) == ["wrong-language"]
    assert ids(english, Known(public="Livraison tardive et le casque était dans une boîte ouverte.")) == [
        "wrong-language"
    ]
    assert ids(english, Known(language="en")) == []


def test_three_of_the_last_ten_alike_are_told_with_the_share() -> None:
    text = "Thank you very much for taking the time to write, we are happy that everything went well with {}."
    recent = (
        tuple(text.format(p) for p in ("the lamp", "the sofa", "the mill"))
        + ("Something else entirely.",) * 7
    )
    finding = only(text.format("the headset"), Known(recent=recent))
    assert finding.rule.id == "sameness" and finding.values["count"] == "3" and finding.values["of"] == "10"
    assert not finding.must
    assert ids(text.format("the headset"), Known(recent=recent[1:])) == []


def test_names_of_products_in_capitals_are_no_shouting() -> None:
    assert ids("The TV WALL MOUNT XL holds 60 kg.", Known(product="TV WALL MOUNT XL")) == []


# --- hostile text ----------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_taken_and_places_lie_within_it(text: str) -> None:
    for finding in check(text, VERA):
        assert 0 <= finding.start < finding.end <= len(text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["40718", "vera.lindqvist@mail.example", "+44 1632 960755"]))
def test_private_data_is_found_whatever_stands_before_and_after(around: str, secret: str) -> None:
    text = f"{around}. \n{secret}\n {around}"
    assert any(f.rule.id.startswith("private-") for f in check(text, VERA))


@pytest.mark.parametrize(
    "heap", ["*" * 20_000, "@" * 20_000, "a " * 10_000, "1" * 20_000, "4 0 7 " * 3000, "if you " * 2800]
)
def test_a_heap_is_checked_in_bearable_time(heap: str) -> None:
    check(heap, VERA)  # the time limit of the run is the judge


def test_a_skeleton_leads_back_to_what_was_written() -> None:
    text = "Ａé\u200bﬁ4"
    skeleton = Skeleton(text)
    assert skeleton.text == "aefi4"
    assert skeleton.written(2, 4) == "ﬁ"
    assert skeleton.span(4, 5) == (4, 5)


def test_a_review_of_a_million_letters_does_not_slow_the_check_down() -> None:
    known = replace(VERA, public="é<b>\u202e" + "x" * 1_000_000 + " 40718")
    began = time.perf_counter()
    assert ids("Order 40718 is on its way to you.", known) == ["private-order"]
    assert time.perf_counter() - began < 2.0
