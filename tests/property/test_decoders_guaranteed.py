"""Any damaged sample of Guaranteed Reviews gives a typed error or a record set aside, never another exception."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewdesk.domain.errors import ProviderError
from reviewdesk.providers.answers import Answer
from reviewdesk.providers.decode import decode_records
from reviewdesk.providers.guaranteed_reviews import wire
from reviewdesk.providers.guaranteed_reviews.provider import (
    GuaranteedReviewsProvider,
    _order_error,
    _read_error,
)
from tests.support.contexts import context
from tests.support.damage import anything, check_record, check_rejected, damaged, variants

PUBLIC = {
    "id": "31", "r": "4", "txt": "Tr&egrave;s bien 🙂", "date": "2026-02-24 12:10", "o": "HB-1", "odate": "2026-02-12",
    "reply": "Merci", "rdate": "2026-02-25", "c": "Zoé B.", "transl": 1, "lang": "fr",
}  # fmt: skip
PRIVATE = {
    "id": 31, "order": "HB-1", "product": "no", "review_rating": "4", "review_text": "Très bien",
    "date_time": "2026-02-24 12:10:11", "reviewer_name": "Zoé", "reviewer_lastname": "Brun",
    "reviewer_email": "zoe@example.org", "review_status": "1",
}  # fmt: skip
ENVELOPES: list[tuple[Any, Any]] = [
    (
        {
            "ratings": {"total": 1, "average": "4.00", "distribution": {"4": "1"}},
            "reviews": [PUBLIC],
        },
        wire.PublicList,
    ),
    ({"reviews": [PRIVATE], "pagination": {"total_results": 1, "total_pages": 1}}, wire.PrivateList),
    ({"code": "invalid_key", "message": "Bad key", "data": {"status": 403}}, wire.PublicList),
    ({"success": 1, "orders_count": "1", "products_imported": 0, "message": "OK"}, wire.OrdersAnswer),
]


@pytest.fixture(scope="module")
def provider() -> Iterator[GuaranteedReviewsProvider]:
    made = GuaranteedReviewsProvider(context({"base_url": "http://127.0.0.1:9", "language": "fr"}))
    yield made
    made.close()


def check(provider: GuaranteedReviewsProvider, raw: bytes) -> None:
    for scope in ("site", "42"):
        kept, rejected = decode_records(
            [raw], wire.PublicReview, lambda r, text, s=scope: provider._public_record(r, text, s), where=str
        )  # type: ignore[misc]
        assert len(kept) + len(rejected) == 1
        more, broken = decode_records(
            [raw],
            wire.PrivateReview,
            lambda r, text, known=kept: provider._private_record(r, text, known[0] if known else None),  # type: ignore[misc]
            where=str,
        )
        for record in (*kept, *more):
            check_record(record)
            assert record.score is None or 1 <= record.score <= 5
        for each in (*rejected, *broken):
            check_rejected(each)


def envelope(body: bytes, kind: Any) -> Any:
    """The envelope, or None where it is an error; every error can be told."""
    try:
        found = Answer(200, {}, body).decode(kind)
    except ProviderError:
        return None
    if kind is not wire.PrivateList:
        for judge in (_read_error, _order_error):
            error = judge(found.code, found.message, found.data, 200)
            assert isinstance(error, ProviderError) and error.message
    return found


@pytest.mark.parametrize("sample", [PUBLIC, PRIVATE], ids=["public", "private"])
def test_every_value_in_every_place_and_every_field_missing(
    provider: GuaranteedReviewsProvider, sample: Any
) -> None:
    for raw in variants(sample):
        check(provider, raw)


@pytest.mark.parametrize(("sample", "kind"), ENVELOPES)
def test_every_value_in_every_place_of_an_envelope(sample: Any, kind: Any) -> None:
    for raw in variants(sample):
        envelope(raw, kind)


@pytest.mark.parametrize(("sample", "kind"), ENVELOPES)
def test_d1_cut_at_every_byte(sample: Any, kind: Any) -> None:
    body = json.dumps(sample).encode()
    assert envelope(body, kind) is not None
    for end in range(len(body)):
        assert envelope(body[:end], kind) is None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sample=st.sampled_from(ENVELOPES),
    ascii_only=st.booleans(),
    seed=st.integers(0, 2**32),
    times=st.integers(1, 8),
)
def test_d12_damaged_bytes(
    provider: GuaranteedReviewsProvider, sample: Any, ascii_only: bool, seed: int, times: int
) -> None:
    found = envelope(damaged(json.dumps(sample[0], ensure_ascii=ascii_only).encode(), seed, times), sample[1])
    for raw in getattr(found, "reviews", None) or []:
        check(provider, bytes(raw))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=anything([*PUBLIC, *PRIVATE, "reviews", "ratings", "code", "message", "data", "success"]))
def test_d12_arbitrary_json(provider: GuaranteedReviewsProvider, value: Any) -> None:
    raw = json.dumps(value).encode()
    check(provider, raw)
    for _, kind in ENVELOPES:
        envelope(raw, kind)
