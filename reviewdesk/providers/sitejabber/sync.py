"""Reading Sitejabber: passes over new, edited and removed reviews, with their comments, newest first.

Ten calls in ten seconds are all there are, so comments are read in the same time windows as the pages of reviews:
a conversation can only hold comments that are younger than its review, and those have been read by then.

The cursor::

    {"reviews": newest creation seen, "products": the same, "pending": oldest creation still pending,
     "talk": digest of the last days' comments,
     "run": {"full": ..., "pass": ..., "start": offset, "until": oldest creation stored, "began": ...}}

``run`` is there while a reading of everything is unfinished; the marks move only when a run has reached its end.
A cheap run is not resumed but begun again: its cursor stays as it is, so that a sync without news writes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from reviewdesk.domain.errors import BadAnswer, Cancelled, Delivery, NotFound
from reviewdesk.domain.models import Comment, Deletion, ProviderState, Rejected, ReviewKind, ReviewRecord
from reviewdesk.providers.base import Context, Cursor, Page
from reviewdesk.providers.decode import decode_records
from reviewdesk.providers.sitejabber import wire
from reviewdesk.providers.sitejabber.records import (
    SITE_ZONE,
    comment_of,
    moment,
    product_review,
    review_of,
    thread_of,
)
from reviewdesk.providers.sitejabber.session import Door

__all__ = ["Reader"]

PAGE = 100
MAX_PAGES = 10_000
OVERLAP_S = 24 * 3600
"""Creation dates are compared in the site's own time, which nobody states: the last day is always read again."""
LONGEST_PENDING_S = 30 * 24 * 3600
"""How far back a cheap run follows a pending review; an older one is seen by the next full run."""

REVIEWS, EDITED, REMOVED, TALKED, PRODUCTS, PRODUCTS_REMOVED = (
    "reviews",
    "edited",
    "removed",
    "comments",
    "product reviews",
    "removed product reviews",
)
_CHEAP = (REVIEWS, EDITED, REMOVED, TALKED, PRODUCTS, PRODUCTS_REMOVED)
_FULL = (REVIEWS, REMOVED, PRODUCTS, PRODUCTS_REMOVED)
"""Reading everything again sees edits and comments by itself."""


@dataclass
class _Run:
    """An unfinished run, as it stands in the cursor."""

    passes: tuple[str, ...]
    full: bool
    at: str
    start: int
    until: int | None
    began: int
    marks: dict[str, int]
    """What the cursor's marks become at the end."""

    def as_json(self) -> dict[str, Any]:
        return {
            "full": self.full,
            "pass": self.at,
            "start": self.start,
            "until": self.until,
            "began": self.began,
            "marks": dict(self.marks),
        }


class Reader:
    """One account's reading. ``comments_of`` reads a single conversation (for reviews touched by new comments)."""

    def __init__(self, context: Context, door: Door, one_review: Callable[[str], ReviewRecord]) -> None:
        self._context = context
        self._door = door
        self._one_review = one_review
        self._talk_known = self._talk_now = ""
        self._sources = ",".join(
            s.strip() for s in context.settings.get("datasources", "").split(",") if s.strip()
        )

    def pages(self, cursor: Cursor, *, full: bool) -> Iterator[Page]:
        """Every page of a run, going on with an unfinished one of the same kind."""
        done = {
            k: v for k, v in cursor.items() if k in ("reviews", "products", "pending") and isinstance(v, int)
        }
        self._talk_known = self._talk_now = str(cursor.get("talk") or "")
        run = self._resumed(cursor, full) or self._new_run(done, full)
        begin = run.passes.index(run.at)
        for name in run.passes[begin:]:
            if name != run.at:
                run.at, run.start, run.until = name, 0, None
            yield from self._pass(run, done)
        talk = {"talk": self._talk_now} if self._talk_now else {}
        yield Page(cursor={**_finished(done, run), **talk}, pass_name=run.passes[-1])

    def _new_run(self, done: Mapping[str, int], full: bool) -> _Run:
        everything = full or "reviews" not in done
        passes = _FULL if everything else _CHEAP
        began = int(self._context.clock.now())
        return _Run(passes, everything, passes[0], 0, None, began, {})

    def _resumed(self, cursor: Cursor, full: bool) -> _Run | None:
        kept = cursor.get("run")
        if not isinstance(kept, Mapping):
            return None
        passes = _FULL if kept.get("full") else _CHEAP
        name, start, until = str(kept.get("pass")), kept.get("start"), kept.get("until")
        if name not in passes or not isinstance(start, int) or (full and not kept.get("full")):
            return None
        marks = {k: v for k, v in dict(kept.get("marks") or {}).items() if isinstance(v, int)}
        return _Run(
            passes,
            bool(kept.get("full")),
            name,
            start,
            until if isinstance(until, int) else None,
            int(kept.get("began") or self._context.clock.now()),
            marks,
        )

    def _pass(self, run: _Run, done: Mapping[str, int]) -> Iterator[Page]:
        match run.at:
            case "reviews":
                yield from self._reviews(run, done)
            case "edited":
                yield from self._edited(run, done)
            case "removed":
                yield from self._removed(run, done, "reviews", ReviewKind.BUSINESS)
            case "comments":
                yield from self._talked(run, done)
            case "product reviews":
                yield from self._product_reviews(run, done)
            case _:
                yield from self._removed(run, done, "product/reviews", ReviewKind.PRODUCT)

    # --- passes ----------------------------------------------------------------------------------------------

    def _reviews(self, run: _Run, done: Mapping[str, int]) -> Iterator[Page]:
        """By creation, newest first, drafts included; comments window by window."""
        query = {"order": "DESC", "unpublished": "1", **self._with_sources()}
        if not run.full:
            # A review that was pending when we last looked may have been published since, however old it is.
            pending_since = max(done.get("pending", done["reviews"]), run.began - LONGEST_PENDING_S)
            since = min(done["reviews"], pending_since) - OVERLAP_S
            query["date_from"] = _site_time(since)
        talk = _Talk(self)
        for raws in self._lists(run, "reviews", query, lambda e: e.reviews):
            wires = decode_records(raws, wire.Review, lambda r, raw: (r, raw), where=_where(run))
            dates = [d for d in (moment(r.createdRFC, r.created) for r, _ in wires[0]) if d is not None]
            talk.read_back_to(min(dates, default=run.until))
            records = [self._with_comments(r, raw, talk) for r, raw in wires[0]]
            self._note(run.marks, "reviews", records)
            pending = [
                r.created_at for r in records if r.provider_state is ProviderState.PENDING and r.created_at
            ]
            if pending:
                run.marks["pending"] = min(*pending, run.marks.get("pending", pending[0]), pending[0])
            run.until = min(dates, default=run.until)
            yield self._page(run, done, records, wires[1])

    def _edited(self, run: _Run, done: Mapping[str, int]) -> Iterator[Page]:
        """Every edited review: they come by creation, so the newest edit may be on the last page."""
        query = {"order": "DESC", "updated": "1", **self._with_sources()}
        for raws in self._lists(run, "reviews", query, lambda e: e.reviews):
            records, rejected = decode_records(
                raws, wire.Review, lambda r, raw: review_of(r, raw, None), where=_where(run)
            )
            yield self._page(run, done, records, rejected)

    def _removed(self, run: _Run, done: Mapping[str, int], path: str, kind: ReviewKind) -> Iterator[Page]:
        query = {"deleted": "1", **(self._with_sources() if kind is ReviewKind.BUSINESS else {})}
        for raws in self._lists(run, path, query, lambda e: e.reviews or e.product_reviews):
            if kind is ReviewKind.BUSINESS:
                gone, rejected = decode_records(
                    raws,
                    wire.Review,
                    lambda r, _: Deletion(
                        native_id=str(r.reviewNo), kind=kind, at=r.removedRFC.at(SITE_ZONE)
                    ),
                    where=_where(run),
                )
            else:
                gone, rejected = decode_records(
                    raws,
                    wire.ProductReview,
                    lambda r, _: Deletion(native_id=str(r.id), kind=kind, at=r.removedRFC.at(SITE_ZONE)),
                    where=_where(run),
                )
            yield replace(self._page(run, done, [], rejected), deletions=tuple(gone))

    def _talked(self, run: _Run, done: Mapping[str, int]) -> Iterator[Page]:
        """Reviews whose conversation moved: new comments, edited ones and removed ones, each read whole again."""
        since = _site_time(done["reviews"] - OVERLAP_S)
        touched: dict[str, None] = {}
        digest = hashlib.sha256()
        for extra in (
            {"date_from": since},
            {"updated": "1", "date_from": since},
            {"deleted": "1", "date_from": since},
        ):
            for comment in self.comments(extra):
                touched.setdefault(str(comment.reviewNo))
                digest.update(
                    repr((_mark(comment), comment.modifiedRFC.value, tuple(extra))).encode("utf-8", "replace")
                )
        self._talk_now = digest.hexdigest()[:16]
        if self._talk_now == self._talk_known:
            return  # the last days' comments are those of the last sync: their conversations have been read
        records: list[ReviewRecord] = []
        numbers = list(touched)
        for place in range(run.start, len(numbers)):
            self._look_for_cancel()
            try:
                records.append(self._one_review(numbers[place]))
            except NotFound:
                continue  # removed since: the pass over removed reviews tells
            if len(records) >= PAGE:
                run.start = place + 1
                yield self._page(run, done, records, [])
                records = []
        if records:
            yield self._page(run, done, records, [])

    def _product_reviews(self, run: _Run, done: Mapping[str, int]) -> Iterator[Page]:
        query = {"order": "created"}
        if not run.full and "products" in done:
            query["date_from"] = _site_time(done["products"] - OVERLAP_S)
        for raws in self._lists(run, "product/reviews", query, lambda e: e.product_reviews):
            records, rejected = decode_records(raws, wire.ProductReview, product_review, where=_where(run))
            self._note(run.marks, "products", records)
            yield self._page(run, done, records, rejected)

    # --- parts -----------------------------------------------------------------------------------------------

    def comments(self, query: Mapping[str, str]) -> Iterator[wire.Comment]:
        """Every comment of a search, page by page. A broken one is left out: its review is still read."""
        start = 0
        for _ in range(MAX_PAGES):
            self._look_for_cancel()
            envelope = self._door.call(
                "GET",
                f"/businesses/{self._door.business}/review/comments",
                query={"start": str(start), "count": str(PAGE), **self._with_sources(), **query},
            )
            raws = envelope.comments or []
            found, _ = decode_records(raws, wire.Comment, lambda c, _: c, where=str)
            yield from found
            start += len(raws)
            if len(raws) < PAGE:
                return

    def our_username(self) -> str:
        return self._door.username

    def _with_comments(self, review: wire.Review, raw: str, talk: _Talk) -> ReviewRecord:
        author = str(review.author.username) if review.author else None
        return review_of(review, raw, talk.of(str(review.reviewNo), author))

    def _lists(
        self,
        run: _Run,
        path: str,
        query: Mapping[str, str],
        pick: Callable[[wire.Envelope], list[msgspec.Raw] | None],
    ) -> Iterator[list[msgspec.Raw]]:
        """Pages of a list from ``run.start`` on. ``count`` in an answer is no total, so a short page ends it."""
        last: bytes | None = None
        for _ in range(MAX_PAGES):
            self._look_for_cancel()
            envelope = self._door.call(
                "GET",
                f"/businesses/{self._door.business}/{path}",
                query={"start": str(run.start), "count": str(PAGE), **query},
            )
            raws = pick(envelope)
            if raws is None:
                raise BadAnswer("Sitejabber's answer holds no list.", delivery=Delivery.NOT_SENT)
            if not raws:
                return
            mark = b"".join(bytes(raw) for raw in raws[:3])
            if mark == last:
                raise BadAnswer("Sitejabber gives the same page again and again.", delivery=Delivery.NOT_SENT)
            last = mark
            run.start += len(raws)
            yield raws
            if len(raws) < PAGE:
                return
        raise BadAnswer("Sitejabber's list does not end.", delivery=Delivery.NOT_SENT)

    def _page(
        self, run: _Run, done: Mapping[str, int], records: list[ReviewRecord], rejected: list[Rejected]
    ) -> Page:
        return Page(
            reviews=tuple(records),
            rejected=tuple(rejected),
            cursor={**done, "run": run.as_json()} if run.full else self._as_it_was(done),
            pass_name=run.at,
        )

    def _as_it_was(self, done: Mapping[str, int]) -> dict[str, Any]:
        return {**done, **({"talk": self._talk_known} if self._talk_known else {})}

    @staticmethod
    def _note(marks: dict[str, int], name: str, records: list[ReviewRecord]) -> None:
        newest = max((r.created_at for r in records if r.created_at is not None), default=None)
        if newest is not None:
            marks[name] = max(newest, marks.get(name, newest))

    def _with_sources(self) -> dict[str, str]:
        return {"datasources": self._sources} if self._sources else {}

    def _look_for_cancel(self) -> None:
        if self._context.cancel.is_set():
            raise Cancelled("Stopped.")


class _Talk:
    """The comments read so far, by review; reaches back in windows as the pages do."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._by_review: dict[str, list[wire.Comment]] = {}
        self._back_to: int | None = None
        self._seen: set[tuple[str, str, str, str]] = set()

    def read_back_to(self, moment_s: int | None) -> None:
        """Read the comments made since ``moment_s`` that have not been read yet."""
        if moment_s is None or (self._back_to is not None and moment_s >= self._back_to):
            return
        query = {"date_from": _site_time(moment_s)}
        if self._back_to is not None:
            query["date_to"] = _site_time(self._back_to)
        fresh = list(self._reader.comments(query))
        # Windows touch at a second: what stands in both is the same comment.
        marks = [_mark(comment) for comment in fresh]
        for comment, mark in zip(fresh, marks, strict=True):
            if mark not in self._seen:
                self._by_review.setdefault(str(comment.reviewNo), []).append(comment)
        self._seen.update(marks)
        self._back_to = moment_s

    def of(self, review_no: str, author: str | None) -> tuple[Comment, ...]:
        found = self._by_review.get(review_no, [])
        if not found:
            return ()
        ours = self._reader.our_username()
        return thread_of(comment_of(c, our_username=ours, author_of_review=author) for c in found).comments


def _mark(comment: wire.Comment) -> tuple[str, str, str, str]:
    author = str(comment.author.username) if comment.author else ""
    return (
        str(comment.reviewNo),
        author,
        str(comment.createdRFC.value or comment.created.value),
        str(comment.content),
    )


def _finished(done: Mapping[str, int], run: _Run) -> dict[str, int]:
    """The marks after a whole run. Nothing in them moves when nothing new was seen."""
    marks = {k: v for k, v in done.items() if k != "pending"}
    for name in ("reviews", "products"):
        if name in run.marks:
            marks[name] = max(run.marks[name], marks.get(name, 0))
    # Without a single review the next run begins where this one did.
    marks.setdefault("reviews", run.began)
    if "pending" in run.marks:
        marks["pending"] = run.marks["pending"]
    return marks


def _site_time(seconds: int) -> str:
    return datetime.fromtimestamp(max(0, seconds), SITE_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _where(run: _Run) -> Callable[[int], str]:
    name, start = run.at, run.start
    return lambda index: f"{name}, near item {start + index + 1}"
