"""What became of scores after our replies, for the rows of a list. Read from a page of edited reviews only."""

from __future__ import annotations

from collections.abc import Iterable

from reviewdesk.domain.cases import Effect, effect_of
from reviewdesk.domain.models import Comment, Role, Version
from reviewdesk.store.codec import to_json
from reviewdesk.store.writer import Reader

__all__ = ["effects"]

_REPLIED = (
    "SELECT r.id, r.score, r.updated_s, min(c.created_s) FROM review AS r JOIN comment AS c ON c.review_id = r.id"
    " WHERE r.id IN (SELECT value FROM json_each(?)) AND c.role = 'business' AND c.created_s > 0 GROUP BY r.id"
)


def effects(r: Reader, ids: Iterable[int]) -> dict[int, Effect]:
    """The reviews among these whose score changed after our first public reply, each with both scores."""
    found = {}
    for review_id, score, changed, replied in r.rows(_REPLIED, (to_json(list(ids)),)):
        stood = r.rows("SELECT at_s, score FROM version WHERE review_id = ? ORDER BY at_s, id", (review_id,))
        reply = Comment(id=None, author=None, role=Role.BUSINESS, text="", created_at=replied)
        effect = effect_of(score, [Version(at, value, "", "") for at, value in stood], [reply], changed)
        if effect is not None:
            found[review_id] = effect
    return found
