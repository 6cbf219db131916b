"""A row as the store reads it is a ``ReviewRow`` like any other."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, asdict, fields, replace

import pytest

from reviewdesk.domain.models import ProviderState, ReplyMark, ReviewKind, ReviewRow, WorkState
from reviewdesk.store.rows import ROW_COLUMNS, row_of

_VALUES = {
    "id": 1_700_000_000 << 20, "account_id": 3, "kind": "product", "native_id": "r1", "score": 4.0, "score_min": 1.0,
    "score_max": 5.0, "score100": 75, "author_name": "Ada", "product_name": "Lamp", "order_id": "A-1",
    "snippet": "It glows.", "language": "en", "created_s": 1_700_000_000, "updated_s": None,
    "provider_state": "published", "work_state": "waiting", "reply_mark": "elsewhere", "unread": 1, "starred": 0,
    "edited": 1, "photos": 2, "has_draft": 0, "owner": None, "tag_names": "late\nurgent", "source": None,
    "snooze_until_s": 5, "twin_of": None,
}  # fmt: skip


def _stored(**more: object) -> ReviewRow:
    return row_of(tuple({**_VALUES, **more}[name] for name in ROW_COLUMNS.split(", ")))


def test_every_field_says_what_its_column_holds() -> None:
    row = _stored()
    assert (row.kind, row.provider_state, row.work_state, row.reply_mark) == (
        ReviewKind.PRODUCT, ProviderState.PUBLISHED, WorkState.WAITING, ReplyMark.ELSEWHERE,
    )  # fmt: skip
    assert (row.unread, row.starred, row.edited, row.has_photo, row.has_draft) == (
        True, False, True, True, False,
    )  # fmt: skip
    assert (row.created_at, row.updated_at, row.snooze_until) == (1_700_000_000, None, 5)
    assert (row.tags, _stored(tag_names="").tags) == (("late", "urgent"), ())
    same = {"id", "account_id", "native_id", "score", "score_min", "score_max", "score100", "author_name"}
    same |= {"product_name", "order_id", "snippet", "language", "owner", "source", "twin_of"}
    assert {name: getattr(row, name) for name in same} == {name: _VALUES[name] for name in same}


def test_it_is_compared_copied_and_kept_like_one_made_by_hand() -> None:
    row = _stored()
    by_hand = ReviewRow(**{field.name: getattr(row, field.name) for field in fields(ReviewRow)})
    assert row == by_hand and by_hand == row and hash(row) == hash(by_hand)
    assert row == _stored() and row != _stored(unread=0)
    assert replace(row, starred=True) == replace(by_hand, starred=True) != row
    assert asdict(row) == asdict(by_hand)
    assert pickle.loads(pickle.dumps(row)) == row
    with pytest.raises((FrozenInstanceError, AttributeError)):
        row.unread = False  # type: ignore[misc]
