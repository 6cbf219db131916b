"""Any damaged Trustpilot sample gives a typed error or a record set aside, never another exception."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewdesk.domain.errors import ProviderError
from reviewdesk.domain.models import ReviewRecord
from reviewdesk.providers.answers import Answer
from reviewdesk.providers.decode import decode_records
from reviewdesk.providers.trustpilot import wire
from reviewdesk.providers.trustpilot.records import (
    imported_review,
    product_review,
    service_review,
    thread_of,
)

PRODUCT = {
    "id": "65a1f00000000000000000a1",
    "createdAt": "2026-03-04T09:10:11",
    "updatedAt": "2026-03-05T09:10:11.000Z",
    "businessUnitId": "65a1f00000000000000000b2",
    "stars": 4,
    "content": "Łatwy w użyciu, dziękuję! 🙂",
    "product": {
        "id": "65a1f00000000000000000c3",
        "productUrl": "https://harbour.example/lamp",
        "productImages": [{"type": "100pxWide", "url": "https://harbour.example/lamp.jpg"}],
        "name": "Desk lamp",
        "sku": "LAMP-1",
        "gtin": "05712345678903",
        "mpn": "L1",
        "brand": "Harbour",
    },
    "consumer": {"id": "65a1f00000000000000000d4", "email": "zofia@example.org", "name": "Zofia K."},
    "referenceId": "HB-1",
    "locale": "pl-PL",
    "language": "pl",
    "redirectUri": "https://harbour.example/thanks",
    "state": "published",
    "hasModerationHistory": False,
    "conversationId": "65a1f00000000000000000e5",
    "attributeRatings": [
        {"attributeId": "attributes.default.quality", "attributeName": "Quality", "rating": 5}
    ],
    "attachments": [
        {
            "id": "65a1f00000000000000000f6",
            "state": "Published",
            "processedFiles": [
                {"dimension": "1024pxWide", "mimeType": "image/png", "url": "https://pictures.example/a.png"}
            ],
        }
    ],
}
SERVICE = {
    "id": "65a1f0000000000000000aa1",
    "consumer": {"id": "c1", "displayName": "Sam", "displayLocation": "Leeds, GB", "numberOfReviews": 3},
    "businessUnit": {"id": "b1", "identifyingName": "harbour.example", "displayName": "Harbour"},
    "location": {"id": "l1", "name": "North", "externalId": "N", "urlFormattedName": "north"},
    "stars": 2,
    "title": "Late",
    "text": "It came a week late.",
    "language": "en",
    "createdAt": "2026-07-08T22:41:48Z",
    "updatedAt": None,
    "experiencedAt": "2026-07-01T00:00:00Z",
    "referralEmail": "sam@example.org",
    "referenceId": "HB-2",
    "source": "InvitationApi",
    "companyReply": {
        "text": "Sorry!",
        "authorBusinessUserId": "u1",
        "authorBusinessUserName": "Anna",
        "createdAt": "2026-07-09T00:00:00Z",
        "updatedAt": None,
    },
    "tags": [{"group": "generic", "value": "late"}],
    "findReviewer": {
        "isEligible": True,
        "requests": [{"id": "r1", "status": "pending", "consumerResponse": None}],
    },
    "isVerified": True,
    "numberOfLikes": 1,
    "status": "active",
    "reportData": {
        "source": "Business",
        "publicComment": None,
        "createdAt": "2026-07-10T00:00:00Z",
        "reasons": ["x"],
    },
    "complianceLabels": ["a"],
    "countsTowardsTrustScore": True,
    "invitation": {"businessUnitId": "b1"},
    "businessUnitHistory": [],
    "reviewVerificationLevel": "invited",
}
IMPORTED = {
    "createdAt": "2026-01-01T00:00:00",
    "stars": 5,
    "content": "Nice.",
    "consumer": {"name": "Ann"},
    "language": "en",
}
CONVERSATION = {
    "id": "t1",
    "businessUnitId": "b1",
    "consumerId": "c1",
    "source": "Product reviews",
    "sourceId": "r1",
    "state": "public",
    "comments": [
        {
            "commentId": "m1",
            "createdAt": "2026-01-02T00:00:00",
            "author": {"id": "u1", "type": "businessUser"},
            "content": "Hello",
        }
    ],
}

Build = Callable[[Any, str], ReviewRecord]
RECORDS: list[tuple[dict[str, Any], Any, Build]] = [
    (PRODUCT, wire.ProductReview, product_review),
    (SERVICE, wire.ServiceReview, service_review),
    (IMPORTED, wire.ImportedReview, lambda review, raw: imported_review(review, raw, "LAMP-1")),
]

BAD: list[Any] = [
    None, True, False, 0, -1, 11, 4.5, "12", "4,5", "", " ", "x" * 5000, "1e999", 10**25, 10**18, -(10**18), [], {},
    [[]], {"a": {"b": []}}, "\u0000", "\u202ertl", "2026-02-30", "9999-12-31T00:00:00Z", [None], [{}], [""], 1e308,
]  # fmt: skip


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at] * bool(at) + [place for key, part in inner for place in places(part, (*at, key))]


def put(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = new
    return copy


def check(raw: bytes, kind: Any, build: Build) -> None:
    kept, rejected = decode_records([raw], kind, build, where=lambda index: f"item {index}")
    assert len(kept) + len(rejected) == 1
    for record in kept:
        record.body.encode()
        assert record.native_id and len(record.native_id) <= 500
        assert record.created_at is None or 0 < record.created_at < 2**33
        assert record.score is None or abs(record.score) < 1e309
        for attachment in record.attachments:
            assert attachment.url.startswith(("http://", "https://"))
    for broken in rejected:
        assert broken.reason and len(broken.reason) <= 200 and len(broken.raw) <= 20_000


@pytest.mark.parametrize(("sample", "kind", "build"), RECORDS, ids=["product", "service", "imported"])
def test_every_value_in_every_place(sample: dict[str, Any], kind: Any, build: Build) -> None:
    for at in places(sample):
        for bad in BAD:
            check(json.dumps(put(sample, at, bad)).encode(), kind, build)


@pytest.mark.parametrize(("sample", "kind", "build"), RECORDS, ids=["product", "service", "imported"])
def test_every_field_may_be_missing(sample: dict[str, Any], kind: Any, build: Build) -> None:
    for at in places(sample):
        copy = json.loads(json.dumps(sample))
        inner = copy
        for key in at[:-1]:
            inner = inner[key]
        del inner[at[-1]]
        check(json.dumps(copy).encode(), kind, build)


@pytest.mark.parametrize(("sample", "kind", "build"), RECORDS, ids=["product", "service", "imported"])
def test_whole_samples_are_kept(sample: dict[str, Any], kind: Any, build: Build) -> None:
    kept, rejected = decode_records([json.dumps(sample).encode()], kind, build, where=str)
    assert len(kept) == 1 and rejected == []


ENVELOPES: list[tuple[Any, Any]] = [
    ({"productReviews": [PRODUCT, PRODUCT], "links": [], "total": 2}, wire.ProductReviews),
    ({"reviews": [SERVICE], "links": []}, wire.ServiceReviews),
    (CONVERSATION, wire.Conversation),
    ({"conversationId": "t1"}, wire.CreatedConversation),
    (CONVERSATION["comments"], list[wire.Comment]),
    ({"access_token": "a", "expires_in": "359999", "refresh_token": "r"}, wire.Token),
    ({"summaries": [{"sku": "A", "starsAverage": 3.1, "numberOfReviews": {"total": 14}}]}, wire.Summaries),
]


@pytest.mark.parametrize(("sample", "kind"), ENVELOPES)
def test_d1_cut_at_every_byte(sample: Any, kind: Any) -> None:
    body = json.dumps(sample).encode()
    for end in range(len(body)):
        with pytest.raises(ProviderError):
            Answer(200, {}, body[:end]).decode(kind)


DAMAGE = [b"", b"\x00", b'"', b"{", b"]", b"\xff", b"\\ud800", b"NaN", b"9" * 30]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*PRODUCT, *SERVICE]), inner, max_size=6)
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_d12_damaged_bytes(data: st.DataObject) -> None:
    sample, kind = data.draw(st.sampled_from(ENVELOPES))
    body = bytearray(json.dumps(sample, ensure_ascii=data.draw(st.booleans())).encode())
    rng = random.Random(data.draw(st.integers(0, 2**32)))
    for _ in range(data.draw(st.integers(1, 8))):
        at = rng.randrange(len(body))
        body[at : at + rng.randrange(3)] = rng.choice(DAMAGE)
    try:
        found = Answer(200, {}, bytes(body)).decode(kind)
    except ProviderError:
        return
    if isinstance(found, wire.Conversation):
        thread_of(found)
    if isinstance(found, wire.ProductReviews):
        for raw in found.product_reviews:
            check(bytes(raw), wire.ProductReview, product_review)


@settings(max_examples=100, deadline=None)
@given(ANYTHING)
def test_d12_arbitrary_json(value: Any) -> None:
    raw = json.dumps(value).encode()
    for _, kind, build in RECORDS:
        check(raw, kind, build)
    for _, kind in ENVELOPES:
        try:
            Answer(200, {}, raw).decode(kind)
        except ProviderError:
            pass


def test_comments_with_either_name_of_their_id() -> None:
    body = msgspec.json.encode({**CONVERSATION, "comments": [{"id": "m2", "content": "x"}, {"commentId": 7}]})
    thread = thread_of(Answer(200, {}, body).decode(wire.Conversation))
    assert [c.id for c in thread.comments] == ["m2", "7"]
