"""What waits to be indexed: written with the change itself, emptied in small slices between a person's actions."""

from __future__ import annotations

from collections.abc import Iterable

from reviewdesk.store.writer import Tx

__all__ = ["queue_index"]


def queue_index(tx: Tx, ids: Iterable[int]) -> None:
    """The searchable text of these reviews changed, or they are gone."""
    tx.db.executemany(
        "INSERT INTO index_queue(review_id) VALUES (?) ON CONFLICT DO NOTHING", ((i,) for i in ids)
    )
