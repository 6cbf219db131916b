"""Lenient scalars, dates in every form seen, broken records set aside one by one."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdesk.domain.errors import BadAnswer
from reviewdesk.providers.decode import (
    RAW_CAP,
    Flag,
    Key,
    Number,
    Text,
    When,
    Whole,
    Wire,
    decode_envelope,
    decode_record,
    decode_records,
    parse_when,
)

NOON = 1_720_440_000  # 2024-07-08T12:00:00Z


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2024-07-08T12:00:00Z", NOON),
        ("2024-07-08T12:00:00z", NOON),
        ("2024-07-08T12:00:00.000Z", NOON),
        ("2024-07-08T12:00:00.1234567Z", NOON),
        ("2024-07-08T12:00:00", NOON),
        ("2024-07-08 12:00:00", NOON),
        (" 2024/07/08 12:00:00 ", NOON),
        ("2024/07/08T05:00:00-07:00", NOON),
        ("2024-07-08T14:00:00+02:00", NOON),
        ("2024-07-08T14:00:00+0200", NOON),
        ("2024-07-08T14:00+02", NOON),
        ("2024-07-08", NOON - 12 * 3600),
        ("2024-07-08T11:59:60Z", NOON),
        (str(NOON), NOON),
        (str(NOON * 1000), NOON),
        (NOON, NOON),
        (NOON * 1000, NOON),
        (float(NOON), NOON),
        ("", None),
        (None, None),
        ("pending", None),
        ("2024-02-30T00:00:00Z", None),
        ("0000-01-01", None),
        ("0001-01-01T00:00:00", None),
        ("9999-12-31T23:59:59Z", None),
        ("292277026596-01-01", None),
        ("2024-13-01", None),
        ("2024-07/08", None),
        ("２０２４-07-08", None),
        (-5, None),
        (float("inf"), None),
        ("1" * 500, None),
    ],
)
def test_dates(written: str | int | float | None, seconds: int | None) -> None:
    assert parse_when(written) == seconds


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2024-W28-1T12:00:00Z", None),
        ("2024-07-08T120000.0Z", None),
        ("2024-07-08t12:00:00Z", NOON),
        ("2024-07-08T23:59:60Z", NOON + 12 * 3600),
        ("2024-13-08T12:00:00Z", None),
        ("1969-07-08T12:00:00Z", None),
        ("2200-07-08T12:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:01Z", 1),
        ("２024-07-08T12:00:00Z", None),
    ],
)
def test_dates_that_are_as_long_as_the_usual_form(written: str, seconds: int | None) -> None:
    assert len(written) == 20 and parse_when(written) == seconds


def test_a_naive_time_is_in_the_given_zone() -> None:
    assert parse_when("2024-07-08 14:00:00", ZoneInfo("Europe/Paris")) == NOON
    assert parse_when("2024-07-08 14:00:00Z", ZoneInfo("Europe/Paris")) == NOON + 7200
    # An hour that never was (clocks went forward) still has an answer.
    assert parse_when("2024-03-31 02:30:00", ZoneInfo("Europe/Paris")) is not None


@given(st.one_of(st.text(max_size=80), st.integers(), st.floats(), st.none()))
def test_dates_never_raise(written: str | int | float | None) -> None:
    value = parse_when(written)
    assert value is None or 0 < value < 2**33


class Thing(Wire):
    id: Key
    title_text: Text = Text()
    stars: Number = Number()
    count: Whole = Whole()
    seen: Flag = Flag()
    created_at: When = When()


def test_sloppy_types_are_taken() -> None:
    thing = decode_record(
        b'{"id": 17, "titleText": 5, "stars": "4,5", "count": "3", "seen": "1", "createdAt": "2024/07/08"}',
        Thing,
    )
    assert (thing.id, thing.title_text, thing.stars.value, thing.count.value) == ("17", "5", 4.5, 3)
    assert thing.seen.value is True and thing.created_at.at() == NOON - 12 * 3600


def test_nulls_and_empty_texts_are_unknown() -> None:
    for blank in ("null", '""'):
        thing = decode_record(
            f'{{"id": "a", "titleText": {blank}, "stars": {blank}, "count": {blank}, "seen": {blank},'
            f' "createdAt": {blank}}}'.encode(),
            Thing,
        )
        assert (thing.title_text, thing.stars.value, thing.count.value, thing.seen.value) == (
            "",
            None,
            None,
            None,
        )
        assert thing.created_at.at() is None


@pytest.mark.parametrize(
    "record",
    [
        "{}",
        "[]",
        "null",
        '"text"',
        '{"id": ""}',
        '{"id": " "}',
        '{"id": null}',
        '{"id": true}',
        '{"id": {}}',
        '{"id": "a", "stars": "many"}',
        '{"id": "a", "stars": []}',
        '{"id": "a", "stars": true}',
        '{"id": "a", "stars": "nan"}',
        '{"id": "a", "stars": "1e999"}',
        '{"id": "a", "stars": 1e999}',
        '{"id": "a", "count": 1.5}',
        '{"id": "a", "count": 99999999999999999999}',
        '{"id": "a", "titleText": {"a": 1}}',
        '{"id": "a", "seen": "perhaps"}',
        '{"id": "a", "createdAt": {}}',
        '{"id": "a", "x": ' + "[" * 50_000 + "]" * 50_000 + "}",
        '{"id": "' + "9" * 600 + '"}',
    ],
)
def test_a_broken_record_is_a_value_error_with_a_short_reason(record: str) -> None:
    with pytest.raises(ValueError) as caught:
        decode_record(record.encode(), Thing)
    assert len(str(caught.value)) <= 200


class Envelope(Wire):
    things: list[msgspec.Raw]


def _page(bad: bytes) -> bytes:
    good = [f'{{"id": "{n}"}}'.encode() for n in range(99)]
    return b'{"things": [' + b",".join([*good[:50], bad, *good[50:]]) + b"]}"


@pytest.mark.parametrize(
    "bad",
    [b'{"id": {}}', b"null", b"7", b'{"id": NaN}', b'{"id": "\\ud800", "stars": -Infinity}', b'{"id": [[]]}'],
)
def test_one_broken_record_among_a_hundred_costs_one(bad: bytes) -> None:
    page = decode_envelope(_page(bad), Envelope)
    kept, rejected = decode_records(
        page.things, Thing, lambda thing, raw: (thing.id, raw), where=lambda i: f"item {i + 1}"
    )
    assert len(kept) == 99 and len(rejected) == 1
    assert rejected[0].where == "item 51" and rejected[0].reason and rejected[0].raw
    assert kept[0] == ("0", '{"id": "0"}'), "the record is kept as received"


def test_a_huge_broken_record_is_kept_in_part() -> None:
    page = decode_envelope(_page(b'{"id": {}, "x": "' + b"y" * 50_000 + b'"}'), Envelope)
    _, rejected = decode_records(page.things, Thing, lambda thing, raw: raw, where=str)
    assert len(rejected[0].raw) == RAW_CAP


@pytest.mark.parametrize("cut", range(0, len(_page(b"{}")), 37))
def test_a_cut_envelope_is_a_bad_answer(cut: int) -> None:
    with pytest.raises(BadAnswer) as caught:
        decode_envelope(_page(b'{"id": "x"}')[:cut], Envelope)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'{"things": null}', b'{"things": {}}', b"\xff\xfe{", b"{}"]
)
def test_a_wrong_envelope_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        decode_envelope(body, Envelope)


def test_texts_are_cleaned() -> None:
    thing = decode_record(b'{"id": "a", "titleText": "one\\u0000\\r\\ntwo\\u202e"}', Thing)
    assert "\x00" not in thing.title_text and "\r" not in thing.title_text
