"""Comments, read in time windows beside the pages of reviews, and which of them were seen before.

Ten calls in ten seconds are all there are, so conversations are not asked for one by one: a conversation can only
hold comments that are younger than its review, and those have been read by the time its review comes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from reviewdesk.domain.models import Comment
from reviewdesk.providers.sitejabber import wire
from reviewdesk.providers.sitejabber.records import SITE_ZONE, comment_of, moment, thread_of

__all__ = ["OVERLAP_S", "CommentReader", "Talk", "mark_of", "site_time"]

OVERLAP_S = 24 * 3600
"""Dates of a search are compared in the site's own time, which nobody states: a day more is always asked for."""


class CommentReader(Protocol):
    """What this needs of the account's reading."""

    def comments(self, query: Mapping[str, str]) -> Iterator[wire.Comment]: ...

    def our_username(self) -> str: ...


def site_time(seconds: int) -> str:
    """A moment as a search wants it."""
    return datetime.fromtimestamp(max(0, seconds), SITE_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def mark_of(comment: wire.Comment, kind: str = "") -> str:
    """Ten characters that change with anything in the comment. There is no id to go by."""
    author = str(comment.author.username) if comment.author else ""
    parts = (
        kind,
        str(comment.reviewNo),
        author,
        str(comment.createdRFC.value or comment.created.value),
        str(comment.modifiedRFC.value or comment.modified.value),
        str(comment.activated.value),
        str(comment.content),
    )
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:10]


class Talk:
    """The comments read so far, by review; reaches further back as the pages do."""

    def __init__(self, reader: CommentReader) -> None:
        self._reader = reader
        self._by_review: dict[str, list[wire.Comment]] = {}
        self._back_to: int | None = None
        self._seen: set[str] = set()

    def read_back_to(self, moment_s: int | None) -> None:
        """Read the comments made since a day before ``moment_s`` that have not been read yet."""
        if moment_s is None:
            return
        wanted = moment_s - OVERLAP_S
        if self._back_to is not None and wanted >= self._back_to:
            return
        query = {"date_from": site_time(wanted)}
        if self._back_to is not None:
            query["date_to"] = site_time(self._back_to)
        for comment in self._reader.comments(query):
            # Windows touch at a second: what stands in both is the same comment.
            mark = mark_of(comment)
            if mark not in self._seen:
                self._seen.add(mark)
                self._by_review.setdefault(str(comment.reviewNo), []).append(comment)
        self._back_to = wanted

    def of(self, review_no: str, author: str | None) -> tuple[Comment, ...]:
        """The conversation of a review that is younger than what was read."""
        found = self._by_review.get(review_no, [])
        if not found:
            return ()
        ours = self._reader.our_username()
        return thread_of(comment_of(c, our_username=ours, author_of_review=author) for c in found).comments

    def marks(self) -> dict[str, str]:
        """Mark -> number of the review, of every comment that was read."""
        return {mark_of(c): number for number, found in self._by_review.items() for c in found}

    def recent(self, moment_s: int) -> list[str]:
        """The marks of comments that are not older than ``moment_s``."""
        return [
            mark_of(c)
            for found in self._by_review.values()
            for c in found
            if (moment(c.createdRFC, c.created) or moment_s) >= moment_s
        ]
