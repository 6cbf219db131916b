"""What we published lately, for telling whether the next reply was said before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reviewdesk.domain.models import Role
from reviewdesk.store.codec import to_json
from reviewdesk.store.writer import Reader

__all__ = ["Answered", "answered", "recent", "with_word"]

_LOOKED_AT = 300
_SCANNED = 2_000


@dataclass(frozen=True, slots=True)
class Answered:
    """A review that we answered, with the newest of our replies."""

    review_id: int
    account_id: int
    score100: int | None
    language: str | None
    reply: str
    replied_at: int | None


def recent(r: Reader, account_id: int, *, but_not: int | None = None, limit: int = 10) -> list[str]:
    """The texts of our public replies to the account's newest reviews, newest review first.

    ``but_not``: a review whose own replies do not count. Looks at the newest 300 reviews only, so that it stays one
    short indexed read whatever the size of the profile.
    """
    rows = r.rows(
        "SELECT c.text FROM (SELECT id FROM review WHERE account_id = ? ORDER BY id DESC LIMIT ?) AS v"
        " JOIN comment AS c ON c.review_id = v.id"
        " WHERE c.role = ? AND v.id IS NOT ? ORDER BY v.id DESC, c.position DESC LIMIT ?",
        (account_id, _LOOKED_AT, Role.BUSINESS.value, but_not, limit),
    )
    return [row[0] for row in rows]


def with_word(r: Reader, word: str, *, but_not: int, limit: int = 200) -> list[int]:
    """The newest answered reviews whose title or text has this word (as ``domain.text.tokens`` gives it).

    Looks at the newest 2,000 that have it, so that a common word costs as little as a rare one.
    """
    quoted = '{title body} : "' + word.replace('"', '""') + '"'
    rows = r.rows(
        "SELECT v.id FROM (SELECT rowid AS id FROM review_fts WHERE review_fts MATCH ? ORDER BY rowid DESC LIMIT ?) AS f"
        " CROSS JOIN review AS v ON v.id = f.id"
        " WHERE v.reply_mark IN ('ours', 'elsewhere') AND v.id <> ? LIMIT ?",
        (quoted, _SCANNED, but_not, limit),
    )
    return [row[0] for row in rows]


def answered(r: Reader, review_ids: Iterable[int]) -> list[Answered]:
    """Those of the reviews that have a public reply of ours, in no order."""
    rows = r.rows(
        "SELECT v.id, v.account_id, v.score100, v.language, c.text, c.created_s FROM review AS v"
        " JOIN comment AS c ON c.review_id = v.id AND c.role = ?"
        " LEFT JOIN conversation AS t ON t.review_id = v.id"
        " WHERE v.id IN (SELECT value FROM json_each(?)) AND coalesce(t.state, '') NOT LIKE '%private%'"
        " ORDER BY c.position",
        (Role.BUSINESS.value, to_json(list(review_ids))),
    )
    return list({row[0]: Answered(*row) for row in rows}.values())
