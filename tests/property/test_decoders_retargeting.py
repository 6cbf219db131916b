"""Any damaged sample of Retargeting gives a typed error or a record set aside, never another exception."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewdesk.domain.errors import BadAnswer, ProviderError
from reviewdesk.providers.answers import Answer
from reviewdesk.providers.retargeting import wire
from reviewdesk.providers.retargeting.provider import RetargetingProvider, _error, _refine
from tests.support.contexts import context
from tests.support.damage import anything, check_record, check_rejected, damaged, variants

FEEDBACK = {
    "order": {"orderno": "31", "date": "2026-05-04 19:57:50"}, "score": 10, "comment": "Foarte bun 🙂",
    "added_on": "2026-05-20 14:25:27",
    "product_reviews": [
        {"realid": "21", "added_on": "2026-06-20 11:45:32", "score": None, "comment": "Pe măsură"},
        {"realid": 22, "added_on": "2026-06-20 11:47:32", "score": 7, "comment": None},
    ],
}  # fmt: skip
ENVELOPES: list[Any] = [
    {"status": "success", "data": [FEEDBACK, FEEDBACK]},
    {"status": "success", "data": []},
    {"status": "error", "message": "Incorrect rest key!"},
    {"status": "fail", "data": {"validator": {"t": ["must be whole"]}}},
    {"status": "Incorrect key"},
]


@pytest.fixture(scope="module")
def provider() -> Iterator[RetargetingProvider]:
    made = RetargetingProvider(context({"base_url": "http://127.0.0.1:9", "customer_id": "c"}))
    yield made
    made.close()


def check(provider: RetargetingProvider, *raws: bytes) -> None:
    reviews, rejected, dates = provider._decode([msgspec.Raw(raw) for raw in raws])
    assert all(0 < at < 2**33 for at in dates)
    assert len({r.native_id for r in reviews}) == len(reviews)
    for record in reviews:
        check_record(record)
        assert record.score is not None or record.body, "never neither"
    for broken in rejected:
        check_rejected(broken)


def read(provider: RetargetingProvider, body: bytes) -> None:
    """As the call does: an error that can be told, or records."""
    answer = Answer(200, {}, body)
    assert isinstance(_refine(answer, BadAnswer("x")), ProviderError)
    try:
        envelope = answer.decode(wire.Envelope)
    except ProviderError:
        return
    error = _error(envelope)
    assert error.message and len(error.message) < 1000 and len(error.provider_words) <= 300
    try:
        entries = msgspec.json.decode(envelope.data, type=list[msgspec.Raw])
    except msgspec.MsgspecError:
        return
    check(provider, *(bytes(raw) for raw in entries))


def test_every_value_in_every_place_and_every_field_missing(provider: RetargetingProvider) -> None:
    for raw in variants(FEEDBACK):
        check(provider, raw)


@pytest.mark.parametrize("sample", ENVELOPES)
def test_every_value_in_every_place_of_an_envelope(provider: RetargetingProvider, sample: Any) -> None:
    for raw in variants(sample):
        read(provider, raw)


def test_a_whole_sample_is_kept(provider: RetargetingProvider) -> None:
    reviews, rejected, _ = provider._decode([msgspec.Raw(json.dumps(FEEDBACK).encode())])
    assert len(reviews) == 3 and rejected == []


@pytest.mark.parametrize("sample", ENVELOPES)
def test_d1_cut_at_every_byte(sample: Any) -> None:
    body = json.dumps(sample).encode()
    for end in range(len(body)):
        with pytest.raises(ProviderError):
            Answer(200, {}, body[:end]).decode(wire.Envelope)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sample=st.sampled_from(ENVELOPES),
    ascii_only=st.booleans(),
    seed=st.integers(0, 2**32),
    times=st.integers(1, 8),
)
def test_d12_damaged_bytes(
    provider: RetargetingProvider, sample: Any, ascii_only: bool, seed: int, times: int
) -> None:
    read(provider, damaged(json.dumps(sample, ensure_ascii=ascii_only).encode(), seed, times))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=anything([*FEEDBACK, "orderno", "date", "realid", "status", "message", "data"]))
def test_d12_arbitrary_json(provider: RetargetingProvider, value: Any) -> None:
    raw = json.dumps(value).encode()
    read(provider, raw)
    check(provider, raw)
