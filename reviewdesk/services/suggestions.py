"""Replies of one's own to similar reviews, offered for this one: from this machine's archive, and to nobody else."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewdesk.domain.models import ReviewDetail, Target
from reviewdesk.domain.outbox import text_key
from reviewdesk.domain.signatures import switched
from reviewdesk.domain.suggestions import emptied, words_of
from reviewdesk.domain.templates import Resolved
from reviewdesk.domain.text import one_line, reveal, tokens
from reviewdesk.services.checks import known_of
from reviewdesk.store import own_replies, reviews

if TYPE_CHECKING:
    from reviewdesk.services.accounts import AccountService
    from reviewdesk.services.saved_replies import SavedReplyService
    from reviewdesk.services.signatures import SignatureService
    from reviewdesk.store.database import Reader, Store
    from reviewdesk.store.own_replies import Answered

__all__ = ["MOST", "Suggestion", "SuggestionService"]

MOST = 8
_LOOKED_AT = 24
_LEAST = 0.12
"""Below this share of the best possible likeness two reviews have nothing in common but small words."""
_KNOWN_IN = 200.0
_TEXT = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A reply as it would read here, and where it comes from."""

    resolved: Resolved
    review_id: int
    """The review it was written to: the source."""
    author: str
    account: str
    score: float | None
    score_max: float
    replied_at: int | None
    shared: tuple[str, ...]
    """The words that the two reviews have in common, the most telling first."""


class SuggestionService:
    """Any thread; blocking, some tens of milliseconds whatever the size of the archive. Writes and sends nothing."""

    def __init__(
        self,
        store: Store,
        accounts: AccountService,
        saved: SavedReplyService,
        signatures: SignatureService,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._saved = saved
        self._signatures = signatures

    def for_review(self, review_id: int, target: Target) -> tuple[Suggestion, ...]:
        """Our replies to the most similar reviews, the best first; none where nothing similar was answered.

        Only in the language of the review, where both are known. What belonged to the other customer is a place: filled
        with this customer's where that is known, else a gap that stops publishing.
        """
        values = self._saved.values(review_id)
        with self._store.read() as reader:
            here = reviews.detail(reader, review_id)
            if here is None:
                return ()
            ranked = self._ranked(reader, here)
            made: list[Suggestion] = []
            said: set[str] = set()
            for found, shared in ranked[:_LOOKED_AT]:
                there = reviews.detail(reader, found.review_id)
                known = known_of(reader, there, Target.PUBLIC)
                if there is None or known is None or len(made) >= MOST:
                    continue
                bare = switched(
                    found.reply, self._signatures.of(found.account_id, there.row.language), ""
                ).strip()
                template = emptied(bare, known)
                if not bare or text_key(template) in said:
                    continue
                said.add(text_key(template))
                made.append(self._suggestion(there, found, shared, template, values, target))
        return tuple(made)

    def _ranked(self, reader: Reader, here: ReviewDetail) -> list[tuple[Answered, tuple[str, ...]]]:
        words = words_of(tokens(f"{here.title} {here.body}"[:_TEXT]))
        likeness: dict[int, float] = defaultdict(float)
        shared: dict[int, list[tuple[float, str]]] = defaultdict(list)
        best = 0.0
        for word in words:
            having = own_replies.with_word(reader, word, but_not=here.row.id)
            # A word that few answered reviews have says more than one that stands in all of them.
            weight = math.log(1.0 + _KNOWN_IN / (1.0 + len(having)))
            best += weight
            for review_id in having:
                likeness[review_id] += weight
                shared[review_id].append((weight, word))
        close = sorted(likeness, key=lambda i: (-likeness[i], -i))[: 4 * _LOOKED_AT]
        language = _language(here.row.language)
        ranked: list[tuple[float, Answered]] = []
        for found in own_replies.answered(reader, close):
            other = _language(found.language)
            if language and other and language != other:
                continue
            value = likeness[found.review_id] * _closeness(here.row.score100, found.score100)
            if value >= _LEAST * best:
                ranked.append((value, found))
        ranked.sort(key=lambda pair: (-pair[0], -pair[1].review_id))
        return [
            (found, tuple(word for _, word in sorted(shared[found.review_id], reverse=True)[:4]))
            for _, found in ranked
        ]

    def _suggestion(
        self,
        there: ReviewDetail,
        found: Answered,
        shared: tuple[str, ...],
        template: str,
        values: dict[str, str],
        target: Target,
    ) -> Suggestion:
        account = self._accounts.get(found.account_id)
        return Suggestion(
            resolved=self._saved.resolve(template, values, target),
            review_id=found.review_id,
            author=one_line(reveal(there.row.author_name or ""), 80),
            account=account.name if account is not None else "",
            score=there.row.score,
            score_max=there.row.score_max,
            replied_at=found.replied_at,
            shared=shared,
        )


def _language(code: str | None) -> str:
    return (code or "").replace("_", "-").split("-")[0].lower()


def _closeness(one: int | None, other: int | None) -> float:
    """1 for the same score, little for the opposite: praise is no answer to a complaint."""
    if one is None or other is None:
        return 0.6
    return max(0.1, 1.0 - abs(one - other) / 80.0)
