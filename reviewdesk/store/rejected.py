"""Records that could not be decoded: set aside with their reason, never lost and never in the way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reviewdesk.domain.models import Rejected
from reviewdesk.store.writer import Reader, Tx

__all__ = ["SetAside", "list", "list_entries", "set_aside"]

RAW_CHARS = 20_000
_DAY_S = 86_400
_SELECT = "SELECT id, account_id, place, reason, raw, first_s, last_s FROM rejected "


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record set aside; ``first`` and ``last`` are when it was received (UTC seconds, ``last`` to the day)."""

    id: int
    account_id: int
    where: str
    reason: str
    raw: str
    first: int
    last: int


def set_aside(tx: Tx, account_id: int, records: Iterable[Rejected]) -> int:
    """Keep each record once, however often it is received; how many rows were written.

    When it was last received is kept to the day, so that an unchanged sync writes nothing.
    """
    now = int(tx.now)
    written = 0
    for record in records:
        raw = _storable(record.raw[:RAW_CHARS])
        where, reason = _storable(record.where[:500]), _storable(record.reason[:500])
        # Without a raw text the place tells two records apart.
        mark = f"{reason}\n{raw or where}"
        digest = hashlib.blake2b(mark.encode("utf-8"), digest_size=16).digest()
        # Looked up first: an insert that comes to nothing would still write the table's counter.
        known = tx.one(
            "SELECT id, last_s FROM rejected WHERE account_id = ? AND digest = ?", (account_id, digest)
        )
        if known is None:
            written += tx.run(
                "INSERT INTO rejected(account_id, place, reason, raw, digest, first_s, last_s)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (account_id, where, reason, raw, digest, now, now),
            )
        elif now >= known[1] + _DAY_S:
            written += tx.run(
                "UPDATE rejected SET last_s = ?, place = ? WHERE id = ?", (now, where, known[0])
            )
    return written


def _storable(text: str) -> str:
    """What was received may hold half characters that no database takes; they become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def list_entries(r: Reader, account_id: int | None = None, *, limit: int = 500) -> Sequence[SetAside]:
    """What was set aside, newest first; of one account where given."""
    if account_id is None:
        rows = r.rows(_SELECT + "ORDER BY id DESC LIMIT ?", (limit,))
    else:
        rows = r.rows(_SELECT + "WHERE account_id = ? ORDER BY id DESC LIMIT ?", (account_id, limit))
    return [SetAside(*row) for row in rows]


list = list_entries
