"""Backups after a provider has made reviews anonymous: each is put in its place again without the former names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import apsw

from reviewdesk.domain.clock import Clock
from reviewdesk.store import anonymise, copies
from reviewdesk.store.codec import to_json
from reviewdesk.store.connections import APPLICATION_ID, open_reader
from reviewdesk.store.writer import Reader, Tx

__all__ = ["wipe"]


def wipe(path: Path, review_ids: Iterable[int], clock: Clock, check: Callable[[Path], bool]) -> bool:
    """Take the authors of these reviews out of the backup ``path``; false where it can't be read or written anew.

    A backup that holds none of them is left alone. Otherwise as ``copies.rewrite``.
    """
    try:
        named = _named(path, review_ids)
    except apsw.Error:
        return False
    if not named:
        return True

    def anonymise_them(tx: Tx) -> None:
        for review_id in named:
            anonymise.wipe_row(tx, review_id)

    return copies.rewrite(path, anonymise_them, clock, check)


def _named(path: Path, review_ids: Iterable[int]) -> list[int]:
    db = open_reader(path)
    try:
        if db.pragma("application_id") != APPLICATION_ID:
            raise apsw.NotADBError
        rows = Reader(db).rows(
            "SELECT id FROM review WHERE id IN (SELECT value FROM json_each(?))", (to_json(list(review_ids)),)
        )
        return [row[0] for row in rows]
    finally:
        db.close(True)
