"""The sample shop: lively, plausible, and the same for the same seed and moment."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import pytest

from reviewdesk.practice.phrases import LANGUAGES, phrases
from reviewdesk.practice.shop import DAY, PLACES, PRODUCTS, Sample, SampleShop

NOW = 1_780_000_000
TRUSTPILOT = ("trustpilot-dk", "trustpilot-fr")


@pytest.fixture(scope="module")
def sample() -> SampleShop:
    return SampleShop(now=NOW)


@pytest.fixture(scope="module")
def everything(sample: SampleShop) -> list[Sample]:
    return sample.at(*PLACES)


def test_same_seed_and_moment_give_the_same_shop(everything: list[Sample]) -> None:
    assert SampleShop(now=NOW).at(*PLACES) == everything
    other = SampleShop(seed=8, now=NOW).at(*PLACES)
    assert [s.text for s in other] != [s.text for s in everything]


def test_another_moment_only_moves_the_newest(sample: SampleShop) -> None:
    later = SampleShop(now=NOW + 100 * DAY)
    for place in TRUSTPILOT:
        newest = later.at(place)[-1]
        assert 0 < later.now - newest.created < 3_600


def test_size_and_span(sample: SampleShop, everything: list[Sample]) -> None:
    at_trustpilot = sample.at(*TRUSTPILOT)
    assert sum(s.state == "published" for s in at_trustpilot) >= 300
    assert 500 <= len(everything) <= 800
    ages = [(NOW - s.created) / DAY for s in at_trustpilot]
    assert min(ages) < 1 / 24
    assert sum(age < 1 for age in ages) >= 15
    assert 450 < max(ages) < 560
    assert all(s.created <= NOW for s in everything)


def test_languages(sample: SampleShop) -> None:
    counts = Counter(s.language for s in sample.at(*TRUSTPILOT))
    assert len(counts) >= 6
    assert counts["ar"] >= 10
    assert counts["ja"] >= 10
    assert set(Counter(s.language for s in sample.at(*PLACES))) == set(LANGUAGES)


def test_no_two_texts_are_equal(everything: list[Sample]) -> None:
    texts = [s.text for s in everything if s.text]
    assert [text for text, count in Counter(texts).items() if count > 1] == []
    assert sum(not s.text for s in everything) >= 5


def test_texts_are_finished_sentences(everything: list[Sample]) -> None:
    for each in everything:
        assert "{" not in each.text + each.title
        assert "lorem" not in each.text.lower()
        assert each.text == unicodedata.normalize("NFC", each.text).strip()
        if each.text:
            last = each.text[-1]
            assert last in ".!?。！？؟" or unicodedata.category(last) == "So", each.text[-30:]
        assert all(turn.text and "{" not in turn.text for turn in each.thread)


def test_scripts_emoji_and_lengths(everything: list[Sample]) -> None:
    joined = {
        language: "".join(s.text for s in everything if s.language == language) for language in LANGUAGES
    }
    assert re.search("[\u0600-\u06ff]{3}", joined["ar"])
    assert re.search("[\u3040-\u30ff]{3}", joined["ja"])
    assert any(unicodedata.category(c) == "So" for s in everything for c in s.text)
    lengths = sorted(len(s.text.split()) for s in everything)
    assert 1_500 <= lengths[-1] <= 2_000
    assert sum(length > 100 for length in lengths) >= 5
    assert sum(length < 15 for length in lengths) >= 50
    names = {s.person.shown for s in everything}
    assert {"سارة الحداد", "Pierre L.", "Lucía Fernández", "Claudia Bremer"} <= names


def test_scores_are_spread_as_in_life(sample: SampleShop) -> None:
    counts = Counter(s.stars for s in sample.at(*TRUSTPILOT))
    assert set(counts) == {1, 2, 3, 4, 5}
    assert counts[5] == max(counts.values())
    assert counts[1] > counts[2]
    tens = {s.stars for s in sample.at("retargeting")}
    assert None in tens
    assert all(score is None or 0 <= score <= 10 for score in tens)
    assert max(score for score in tens if score is not None) > 5


def test_what_makes_an_inbox_lively(sample: SampleShop) -> None:
    samples = sample.at(*TRUSTPILOT)
    assert sum(bool(s.pictures) for s in samples) >= 20
    assert sum(len(s.pictures) > 1 for s in samples) >= 3
    assert sum(bool(s.ratings) for s in samples) >= 100
    assert {s.state for s in samples} == {"published", "unpublished", "underModeration", "archived"}
    edited = [s for s in samples if s.updated is not None]
    assert len(edited) >= 8
    for each in edited:
        assert each.earlier
        assert each.updated is not None
        assert each.created < each.updated <= NOW
        assert all(before.text != each.text for before in each.earlier)
    talked = [s for s in samples if s.thread]
    assert 60 <= len(talked) <= len(samples) * 0.7
    assert sum(any(t.who == "customer" for t in s.thread) for s in talked) >= 10
    for each in talked:
        assert [t.at for t in each.thread] == sorted(t.at for t in each.thread)
        assert each.created < each.thread[0].at <= NOW


def test_nobody_real(everything: list[Sample]) -> None:
    for each in everything:
        assert re.fullmatch(r"[a-z]+\.[a-z]+\d*@example\.(org|net|com)", each.person.email), each.person.email
    assert len({s.id for s in everything}) == len(everything)
    assert all(re.fullmatch(r"[0-9a-f]{24}", s.id) for s in everything)


def test_some_people_come_back(sample: SampleShop) -> None:
    counts = Counter(s.person.email for s in sample.at(*TRUSTPILOT))
    assert sum(count >= 3 for count in counts.values()) >= 5


def test_products_have_valid_numbers() -> None:
    for item in PRODUCTS:
        digits = [int(c) for c in item.gtin]
        assert len(digits) == 13
        assert sum(d * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10 == 0
    assert len({item.sku for item in PRODUCTS}) == len(PRODUCTS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_can_say_everything(language: str) -> None:
    words = phrases(language)
    for item in PRODUCTS:
        for mood in ("good", "mid", "bad"):
            assert len(words.section(f"{item.key}.{mood}")) >= 2, (language, item.key, mood)
    for name in ("open", "close", "title", "reply"):
        for mood in ("good", "mid", "bad"):
            assert words.section(f"{name}.{mood}"), (language, name, mood)
    for name in ("delivery", "service", "answer"):
        assert words.section(f"{name}.good")
        assert words.section(f"{name}.bad")
