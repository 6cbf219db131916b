"""Any damaged Sitejabber sample gives a typed error or a record set aside, never another exception."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewdesk.domain.errors import ProviderError
from reviewdesk.domain.models import ReviewRecord
from reviewdesk.providers.answers import Answer
from reviewdesk.providers.decode import decode_records
from reviewdesk.providers.sitejabber import wire
from reviewdesk.providers.sitejabber.records import (
    catalogue_product,
    comment_of,
    message_of,
    plain_tree,
    product_review,
    question_of,
    review_of,
)
from reviewdesk.providers.sitejabber.session import _envelope
from tests.support.damage import anything, check_record, check_rejected, damaged, variants

USER = {
    "username": "mads77", "firstName": "Mads", "lastName": "H", "thumbnail": "users/m/7.jpg",
    "profilePage": "https://reviews.example/mads77", "numReviews": "4", "numHelpfulVotes": 2, "email": "m@example.org",
}  # fmt: skip
IMAGE = {
    "caption": "Æske", "original": "https://p.example/o.png", "normal": "https://p.example/n.png",
    "large": "https://p.example/l.png", "small": "https://p.example/s.png", "created": "2026/02/18 08:19:04",
    "createdRFC": "2026/02/18T08:19:04-07:00",
}  # fmt: skip
REVIEW: dict[str, Any] = {
    "reviewNo": "812", "rating": [{"type": "overall", "rating": "4"}, {"type": "returns", "rating": None}],
    "title": "Fin butik 🙂", "content": "Hurtig levering.", "tip": None, "order_id": "HB-4", "images": [IMAGE],
    "positive_votes": 2, "negative_votes": "0", "created": "2026-03-06 12:01:45",
    "createdRFC": "2026-03-06T12:01:45-07:00", "published": "pending", "publishedRFC": "pending", "edited": "",
    "labels": ["vip"], "source": "API", "datasource": "trustpilot", "author": USER,
}  # fmt: skip
REVIEW |= {"updated_for": REVIEW | {"reviewNo": 811, "updated_for": None, "labels": []}}
COMMENT = {
    "reviewNo": 812, "content": "Tak!", "num_votes": 0, "activated": 1, "created": "2026/03/07 06:31:47",
    "createdRFC": "2026/03/07T06:31:47-07:00", "modified": "2026/03/07 06:31:47",
    "modifiedRFC": "2026/03/07T06:31:47-07:00", "published": "2026/03/07 06:31:47", "author": USER,
}  # fmt: skip
MESSAGE = {
    "subject": "Re: kande", "body": "Mange tak", "review": {"reviewNo": 812, "title": "x"},
    "created": "2026/03/08 06:31:47", "createdRFC": "2026/03/08T06:31:47-07:00", "recipient": USER, "sender": USER,
}  # fmt: skip
PRODUCT = {
    "id": 31, "sku": "K-1", "item_group": "K", "gtin": None, "mpn": None, "brand": "Harbour", "title": "Kande",
    "description": None, "categories": [{"category_name": "Kitchen"}], "price": 39.5, "retail_price": None,
    "currency": "EUR", "product_link": "https://harbour.example/k", "images": [{"url": "https://harbour.example/k.png"}],
    "attributes": [], "num_reviews": 3, "average_rating": "4.33", "created": "2026/01/13 01:18:35",
    "createdRFC": "2026/01/13T01:18:35-07:00",
}  # fmt: skip
PRODUCT_REVIEW = {
    "id": 90, "title": "Skøn", "content": "Den holder.", "rating": 5, "order_id": "HB-5", "user": USER,
    "user_location": None, "attributes": [{"name": "Use", "value": "Tea"}], "images": [IMAGE], "solicited": "Yes",
    "votes": 1, "num_positive_votes": 1, "num_negative_votes": 0, "published": "2026/03/06 06:00:02",
    "publishedRFC": "2026/03/06T06:00:02-07:00", "created": "2026/03/05 08:41:29",
    "createdRFC": "2026/03/05T08:41:29-07:00", "product": PRODUCT,
}  # fmt: skip
QUESTION = {
    "id": 7, "business": "harbour.example", "content": "Åbent søndag?", "created": "2026/03/05 08:41:29",
    "createdRFC": "2026-03-05T08:41:29+00:00", "published": "", "removed": False, "num_answers": 1, "slug": "aabent",
    "sum_votes": 0, "answers": [{"id": 1, "content": "Ja", "created": "2026/03/05 09:41:29", "author": USER}],
    "author": USER, "product": PRODUCT,
}  # fmt: skip

Build = Callable[[Any, str], Any]
RECORDS: list[tuple[dict[str, Any], Any, Build]] = [
    (REVIEW, wire.Review, lambda r, raw: review_of(r, raw, ())),
    (PRODUCT_REVIEW, wire.ProductReview, product_review),
    (COMMENT, wire.Comment, lambda c, _: comment_of(c, our_username="mads77", author_of_review="x")),
    (MESSAGE, wire.Message, lambda m, _: message_of(m)),
    (PRODUCT, wire.Product, lambda p, _: catalogue_product(p)),
    (QUESTION, wire.Question, lambda q, _: question_of(q)),
    (REVIEW, wire.Dated, lambda d, _: (d.createdRFC.at(), d.created.at())),
]
IDS = ["review", "product-review", "comment", "message", "product", "question", "dated"]
for_each_record = pytest.mark.parametrize(("sample", "kind", "build"), RECORDS, ids=IDS)


def check(raw: bytes, kind: Any, build: Build) -> None:
    kept, rejected = decode_records([raw], kind, build, where=lambda index: f"item {index}")
    assert len(kept) + len(rejected) == 1
    for record in kept:
        if isinstance(record, ReviewRecord):
            check_record(record)
            assert record.score is None or 1 <= record.score <= 5 or kind is wire.ProductReview
    for broken in rejected:
        check_rejected(broken)


@for_each_record
def test_every_value_in_every_place_and_every_field_missing(sample: Any, kind: Any, build: Build) -> None:
    for raw in variants(sample):
        check(raw, kind, build)


@for_each_record
def test_whole_samples_are_kept(sample: Any, kind: Any, build: Build) -> None:
    kept, rejected = decode_records([json.dumps(sample).encode()], kind, build, where=str)
    assert len(kept) == 1 and rejected == []


ENVELOPES: list[Any] = [
    [REVIEW, REVIEW],
    {"reviews": [REVIEW], "count": 10, "start": 0, "status": "OK", "success": True},
    {"review": REVIEW, "status": "OK", "success": True},
    {
        "comments": [COMMENT],
        "messages": [MESSAGE],
        "products": [PRODUCT],
        "product_reviews": [PRODUCT_REVIEW],
    },
    {"token": "a" * 40, "expire": "2027-06-06 13:04:39", "user": USER, "status": "OK", "success": True},
    {"status": "ERROR", "success": False, "errorCode": 305, "errorReason": "The review does not exist"},
    {"link": "https://x.example/1", "links": {"A": "https://x.example/2"}, "removed_order_ids": ["1", 2]},
    {
        "product_reviews_stats": [{"total": 3, "ratings": {"1": {"num_reviews": 0}}}],
        "categories": {"a": ["b"]},
    },
]
for_each_envelope = pytest.mark.parametrize("sample", ENVELOPES)


def answered(body: bytes) -> wire.Envelope | None:
    try:
        return _envelope(Answer(200, {}, body))
    except ProviderError as error:
        assert error.message and len(error.message) < 1000
        return None


@for_each_envelope
def test_d1_cut_at_every_byte(sample: Any) -> None:
    body = json.dumps(sample).encode()
    for end in range(len(body)):
        with pytest.raises(ProviderError):
            _envelope(Answer(200, {}, body[:end]))


@for_each_envelope
def test_every_value_in_every_place_of_an_envelope(sample: Any) -> None:
    shallow = (
        {k: v if not isinstance(v, list | dict) else [] for k, v in sample.items()}
        if isinstance(sample, dict)
        else []
    )
    for raw in variants(shallow or {"reviews": []}):
        answered(raw)


@settings(max_examples=150, deadline=None)
@given(
    sample=st.sampled_from(ENVELOPES),
    ascii_only=st.booleans(),
    seed=st.integers(0, 2**32),
    times=st.integers(1, 8),
)
def test_d12_damaged_bytes(sample: Any, ascii_only: bool, seed: int, times: int) -> None:
    found = answered(damaged(json.dumps(sample, ensure_ascii=ascii_only).encode(), seed, times))
    if found is None:
        return
    for name, kind, build in (
        ("reviews", wire.Review, RECORDS[0][2]),
        ("product_reviews", wire.ProductReview, product_review),
        ("comments", wire.Comment, RECORDS[2][2]),
        ("messages", wire.Message, RECORDS[3][2]),
    ):
        for raw in getattr(found, name) or []:
            check(bytes(raw), kind, build)
    plain_tree(found.categories)


@settings(max_examples=100, deadline=None)
@given(anything([*REVIEW, *PRODUCT_REVIEW, "errorCode", "success", "reviews"]))
def test_d12_arbitrary_json(value: Any) -> None:
    raw = json.dumps(value).encode()
    answered(raw)
    for _, kind, build in RECORDS:
        check(raw, kind, build)


def test_history_that_never_ends_is_cut() -> None:
    nested: Any = REVIEW
    for _ in range(300):
        nested = {**REVIEW, "updated_for": nested}
    kept, rejected = decode_records([json.dumps(nested).encode()], *RECORDS[0][1:], where=str)
    assert len(kept) + len(rejected) == 1
    assert not kept or 1 <= len(kept[0].previous) <= 20
