"""What we published lately, for telling whether the next reply was said before."""

from __future__ import annotations

from reviewdesk.domain.models import Role
from reviewdesk.store.writer import Reader

__all__ = ["recent"]

_LOOKED_AT = 300


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
