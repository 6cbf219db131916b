"""Ways of damaging a JSON sample, for the property tests of the decoders."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from reviewdesk.domain.models import Rejected, ReviewRecord

__all__ = [
    "BAD",
    "anything",
    "check_record",
    "check_rejected",
    "damaged",
    "places",
    "put",
    "variants",
    "without",
]

BAD: list[Any] = [
    None, True, False, 0, -1, 11, 4.5, "12", "4,5", "", " ", "x" * 5000, "1e999", 10**25, 10**18, -(10**18), [], {},
    [[]], {"a": {"b": []}}, "\u0000", "\u202ertl", "2026-02-30", "9999-12-31T00:00:00Z", [None], [{}], [""], 1e308,
]  # fmt: skip
_PIECES = [b"", b"\x00", b'"', b"{", b"]", b"\xff", b"\\ud800", b"NaN", b"9" * 30]


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value but its root."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at] * bool(at) + [place for key, part in inner for place in places(part, (*at, key))]


def _copy(value: Any, at: tuple[Any, ...]) -> tuple[Any, Any]:
    copy = inner = json.loads(json.dumps(value))
    for key in at[:-1]:
        inner = inner[key]
    return copy, inner


def put(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    """A copy with another value in that place."""
    copy, inner = _copy(value, at)
    inner[at[-1]] = new
    return copy


def without(value: Any, at: tuple[Any, ...]) -> Any:
    """A copy that lacks that place."""
    copy, inner = _copy(value, at)
    del inner[at[-1]]
    return copy


def variants(sample: Any) -> Iterator[bytes]:
    """The sample with every bad value in every place, and with every place missing."""
    for at in places(sample):
        yield json.dumps(without(sample, at)).encode()
        for bad in BAD:
            yield json.dumps(put(sample, at, bad)).encode()


def damaged(body: bytes, seed: int, times: int) -> bytes:
    """The bytes with so many pieces replaced by what JSON can't hold, or can."""
    rng, found = random.Random(seed), bytearray(body)
    for _ in range(times):
        at = rng.randrange(len(found)) if found else 0
        found[at : at + rng.randrange(3)] = rng.choice(_PIECES)
    return bytes(found)


def anything(keys: list[str]) -> st.SearchStrategy[Any]:
    """Any JSON value whose objects have these keys."""
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(sorted(keys)), inner, max_size=6)
        ),
        max_leaves=20,
    )


def check_record(record: ReviewRecord) -> None:
    """What everybody relies on, however odd the record was."""
    texts = (
        [record.body, record.title, record.raw, *(c.text for c in record.thread.comments)]
        if record.thread
        else []
    )
    for text in texts:
        text.encode()
        assert "\x00" not in text
    assert record.native_id and len(record.native_id) <= 500
    assert record.created_at is None or 0 < record.created_at < 2**33
    assert record.score is None or abs(record.score) < 1e309
    assert record.raw


def check_rejected(broken: Rejected) -> None:
    """Where, why and what; capped."""
    assert broken.where and broken.reason and len(broken.reason) <= 200 and len(broken.raw) <= 20_000
