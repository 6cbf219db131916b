"""What stands in the way of a held item, in its own words: a person decides only with both texts before their eyes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewdesk.domain import outbox as machine
from reviewdesk.domain.models import Comment, OutboxState, ProviderState, ReviewDetail, Version
from reviewdesk.services.sending import of_others
from reviewdesk.store import outbox, reviews

if TYPE_CHECKING:
    from reviewdesk.store.database import Reader

__all__ = ["Meanwhile", "meanwhile"]


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What happened between the writing of an item and its way out. Strangers' texts: plain, and capped where shown."""

    comments: tuple[Comment, ...] = ()
    """What others published since, and replies that say something else by now."""
    before: Version | None = None
    """The review as it was when the author wrote; None: it is the same."""
    now: Version | None = None
    """The review as it is, where it was edited; or as it was last read, where it is gone."""
    gone: bool = False


def meanwhile(r: Reader, item_id: int) -> Meanwhile | None:
    """What a held item met, from what the reading before the send stored; None where nothing of the kind is known."""
    item = outbox.get(r, item_id)
    if item is None or item.state is not OutboxState.HELD or item.review_id is None:
        return None
    if item.error is None or item.error.kind != "conflict":
        return None
    detail = reviews.detail(r, item.review_id)
    if detail is None:
        return None
    new, rewritten = machine.news(item.seen, of_others(r, item, detail.comments))
    present = Version(at=None, score=detail.row.score, title=detail.title, body=detail.body)
    written_to = item.seen.get("content")
    edited = written_to is not None and _key(present) != written_to
    gone = detail.row.provider_state is ProviderState.REMOVED or item.error.message == machine.GONE
    if not (new or rewritten or edited or gone):
        return None
    return Meanwhile(
        comments=(*new, *rewritten),
        before=_as_written_to(detail, written_to) if edited else None,
        now=present if edited or gone else None,
        gone=gone,
    )


def _key(version: Version) -> str:
    return machine.content_key(version.title, version.body, version.score)


def _as_written_to(detail: ReviewDetail, written_to: object) -> Version | None:
    """The version the author had seen; the last one before the present where none matches."""
    matching = [v for v in detail.versions if _key(v) == written_to]
    return next(reversed(matching or list(detail.versions)), None)
