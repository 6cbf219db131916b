"""How far back an account is loaded: a moment chosen when it was added, before which no review is kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from reviewdesk.store import settings as stored

if TYPE_CHECKING:
    from reviewdesk.domain.models import ReviewRecord
    from reviewdesk.store.database import Tx
    from reviewdesk.store.writer import Reader

__all__ = ["get", "put", "within"]


def _key(account_id: int) -> str:
    return f"sync.since.{account_id}"


def get(r: Reader, account_id: int) -> int:
    """UTC seconds; 0 keeps everything."""
    text = stored.get(r, _key(account_id)) or "0"
    return int(text) if text.isdecimal() else 0


def put(tx: Tx, account_id: int, since_s: int) -> None:
    """The moment stays fixed: what is stored once is never older than it, so its changes always come through."""
    if since_s or stored.get(tx, _key(account_id)) is not None:
        stored.put(tx, _key(account_id), str(since_s))


def within(reviews: Iterable[ReviewRecord], since_s: int) -> tuple[ReviewRecord, ...]:
    """Those that are to be kept; one without a date is."""
    if not since_s:
        return tuple(reviews)
    return tuple(r for r in reviews if r.created_at is None or r.created_at >= since_s)
