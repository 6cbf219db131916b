"""Reading Sitejabber: passes over new, edited and removed reviews, with their comments, newest first.

Two kinds of run. The first one, and one that a person asks for, reads everything; it is resumed where it stopped.
Every other run is cheap: five or six calls where there is no news, since ten in ten seconds are all there are. It
is not resumed but begun again, and its cursor stays as it is, so that a run without news writes nothing.

The cursor::

    {"reviews": newest creation seen, "products": the same, absent as long as there is none,
     "messages": creation of the newest message,
     "talk": marks of the last days' comments, "changed": marks of edited and removed comments,
     "looked": when those were last asked for, "deep": {pass: where its turn of older pages stands},
     "run": {"pass": ..., "start": offset, "until": oldest creation stored, "began": ..., "marks": ...,
             "talk": ..., "changed": ...}}

``run`` is there while a reading of everything is unfinished; the marks move only when a run has reached its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import msgspec

from reviewdesk.domain.errors import BadAnswer, Cancelled, Delivery, NotFound, PermissionDenied
from reviewdesk.domain.messages import MessageRecord
from reviewdesk.domain.models import Deletion, Rejected, ReviewKind, ReviewRecord
from reviewdesk.providers.base import Context, Cursor, Page
from reviewdesk.providers.decode import decode_records
from reviewdesk.providers.sitejabber import calls, wire
from reviewdesk.providers.sitejabber.calls import Call
from reviewdesk.providers.sitejabber.records import SITE_ZONE, moment, product_review, record_of, review_of
from reviewdesk.providers.sitejabber.session import Door
from reviewdesk.providers.sitejabber.talk import OVERLAP_S, Talk, mark_of

__all__ = ["LOOK_EVERY_S", "PAGE", "Reader"]

PAGE = 100
MAX_PAGES = 10_000
REACH_S = 30 * 24 * 3600
"""How far back, beyond the newest hundred, a cheap run looks for reviews that were published late."""
LOOK_EVERY_S = 15 * 60
"""Edited and removed comments are rare and cost two calls: cheap runs ask for them at most this often."""
ALWAYS = 2
"""Pages of edited and of removed reviews that every cheap run reads; older ones take turns, one a run."""
CHUNK = 20
"""Conversations that are read again between two pages given out: each of them costs two calls."""
FOLDERS = INBOX, SENT = ("inbox", "sent")
STEP_BACK, RESUME_BACK = 2, 20
"""Lists are asked for by offset: a review that is removed meanwhile moves those behind it, so pages overlap."""

REVIEWS, EDITED, REMOVED, TALKED, PRODUCTS, PRODUCTS_REMOVED, MESSAGES = (
    "reviews",
    "edited",
    "removed",
    "comments",
    "product reviews",
    "removed product reviews",
    "messages",
)
_FULL = (REVIEWS, REMOVED, PRODUCTS, PRODUCTS_REMOVED, MESSAGES)
"""Reading everything again sees edits and comments by itself."""

_Raws = list[msgspec.Raw]


@dataclass
class _Run:
    """An unfinished reading of everything, as it stands in the cursor."""

    at: str
    start: int
    until: int | None
    began: int
    marks: dict[str, int]
    """What the cursor's marks become at the end."""
    talk: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "pass": self.at,
            "start": self.start,
            "until": self.until,
            "began": self.began,
            "marks": dict(self.marks),
            "talk": self.talk,
            "changed": self.changed,
        }


class Reader:
    """One account's reading. ``one_review`` reads a single review with its whole conversation."""

    def __init__(self, context: Context, door: Door, one_review: Callable[[str], ReviewRecord]) -> None:
        self._context = context
        self._door = door
        self._one_review = one_review
        self._sources = ",".join(
            s.strip() for s in context.settings.get("datasources", "").split(",") if s.strip()
        )

    def pages(self, cursor: Cursor, *, full: bool) -> Iterator[Page]:
        """Every page of a run, going on with an unfinished reading of everything."""
        done = _done(cursor)
        run = _resumed(cursor.get("run"), self._now())
        if full or run is not None or "reviews" not in done:
            yield from self._everything(run, done)
        else:
            yield from _Cheap(self, done).pages()

    # --- everything --------------------------------------------------------------------------------------------

    def _everything(self, run: _Run | None, done: Mapping[str, Any]) -> Iterator[Page]:
        if run is None:
            run = _Run(_FULL[0], 0, None, self._now(), {})
        for name in _FULL[_FULL.index(run.at) :]:
            if name != run.at:
                run.at, run.start, run.until = name, 0, None
            match name:
                case "reviews":
                    pages = self._all_reviews(run)
                case "product reviews":
                    pages = self._all_product_reviews(run)
                case "removed":
                    pages = self._all_removed(run, ReviewKind.BUSINESS)
                case "messages":
                    pages = self._all_messages(run)
                case _:
                    pages = self._all_removed(run, ReviewKind.PRODUCT)
            for page in pages:
                yield replace(page, cursor={**done, "run": run.as_json()}, pass_name=name)
        yield Page(cursor=_finished(done, run), pass_name=run.at)

    def _all_reviews(self, run: _Run) -> Iterator[Page]:
        """By creation, newest first, drafts included; comments window by window."""
        talk = Talk(self)
        changed: list[str] | None = None
        for place, raws in self._lists(calls.REVIEWS, self.reviews_query(), lambda e: e.reviews, run.start):
            wires, rejected = decode_records(
                raws, wire.Review, lambda r, raw: (r, raw), where=where(run.at, place)
            )
            dates = [d for d in (moment(r.createdRFC, r.created) for r, _ in wires) if d is not None]
            if place == 0 and changed is None:
                changed = run.changed = sorted(mark for mark, _ in self.changed_comments())
            talk.read_back_to(min(dates, default=run.until))
            records = [self.with_comments(r, raw, talk) for r, raw in wires]
            note(run.marks, "reviews", records, self._now())
            if place == 0 and "reviews" in run.marks:
                # What was said until now is read with this run; only what is said from here on is news.
                run.talk = sorted(talk.recent(run.marks["reviews"] - 3 * OVERLAP_S))
            run.start = _next(place, raws)
            run.until = min(dates, default=run.until)
            yield Page(reviews=tuple(records), rejected=tuple(rejected))
            if self._is_beyond(records):
                return

    def _all_product_reviews(self, run: _Run) -> Iterator[Page]:
        query = {"order": "created"}
        for place, raws in self._lists(calls.PRODUCT_REVIEWS, query, lambda e: e.product_reviews, run.start):
            records, rejected = decode_records(
                raws, wire.ProductReview, product_review, where=where(run.at, place)
            )
            note(run.marks, "products", records, self._now())
            run.start = _next(place, raws)
            yield Page(reviews=tuple(records), rejected=tuple(rejected))
            if self._is_beyond(records):
                return

    def _is_beyond(self, records: list[ReviewRecord]) -> bool:
        """Whether a page (newest first) lies wholly before the moment from which reviews are wanted."""
        dates = [r.created_at for r in records]
        return bool(dates) and all(at is not None and at < self._context.since for at in dates)

    def _all_removed(self, run: _Run, kind: ReviewKind) -> Iterator[Page]:
        what, query, pick = self.removed_query(kind)
        for place, raws in self._lists(what, query, pick, run.start):
            run.start = _next(place, raws)
            yield removed_page(raws, kind, run.at, place)

    def _all_messages(self, run: _Run) -> Iterator[Page]:
        for page in self.messages(lambda _raws: True):
            note_messages(run.marks, page.messages, self._now())
            yield page

    def messages(self, older_too: Callable[[_Raws], bool]) -> Iterator[Page]:
        """Inbox and sent, newest first, as long as ``older_too`` of a page. An account without the right has none."""
        for folder in FOLDERS:
            query = {"folder": folder, "order": "DESC"}
            try:
                for place, raws in self._lists(calls.MESSAGES, query, lambda e: e.messages, 0):
                    build = partial(_message, folder == SENT)
                    found, rejected = decode_records(
                        raws, wire.Message, build, where=where(f"{MESSAGES} {folder}", place)
                    )
                    yield Page(messages=tuple(found), rejected=tuple(rejected))
                    if not older_too(raws):
                        break
            except PermissionDenied:
                return

    def messages_with(self, person: str) -> tuple[MessageRecord, ...]:
        """The newest hundred from and to a person. One that can't be read is left out."""
        found: list[MessageRecord] = []
        for folder in FOLDERS:
            query = {"folder": folder, "order": "DESC", "username": person}
            raws = self.page(calls.MESSAGES, query, lambda e: e.messages, 0)
            build = partial(_message, folder == SENT)
            found += decode_records(raws, wire.Message, build, where=where(f"{MESSAGES} {folder}", 0))[0]
        # Should the filter ever be overlooked there, another customer's words are still nobody's answer here.
        return tuple(record for record in found if record.person == person)

    # --- calls, also for the cheap runs ------------------------------------------------------------------------

    def reviews_query(self, **more: str) -> dict[str, str]:
        return {"order": "DESC", "unpublished": "1", **self.with_sources(), **more}

    def removed_query(
        self, kind: ReviewKind
    ) -> tuple[Call, dict[str, str], Callable[[wire.Envelope], _Raws | None]]:
        if kind is ReviewKind.BUSINESS:
            return calls.REVIEWS, {"deleted": "1", **self.with_sources()}, lambda e: e.reviews
        return calls.PRODUCT_REVIEWS, {"deleted": "1"}, lambda e: e.product_reviews

    def page(
        self,
        what: Call,
        query: Mapping[str, str],
        pick: Callable[[wire.Envelope], _Raws | None],
        start: int,
    ) -> _Raws:
        """One page of a list."""
        self.look_for_cancel()
        envelope = self._door.call(
            what,
            query={"start": str(start), "count": str(PAGE), **query},
        )
        raws = pick(envelope)
        if raws is None:
            raise BadAnswer("Sitejabber's answer holds no list.", delivery=Delivery.NOT_SENT)
        return raws

    def _lists(
        self,
        what: Call,
        query: Mapping[str, str],
        pick: Callable[[wire.Envelope], _Raws | None],
        start: int,
    ) -> Iterator[tuple[int, _Raws]]:
        """Pages with their places. ``count`` in an answer is no total, so a short page ends the list."""
        last: bytes | None = None
        for _ in range(MAX_PAGES):
            raws = self.page(what, query, pick, start)
            if not raws:
                return
            last = _not_again(raws, last)
            yield start, raws
            if len(raws) < PAGE:
                return
            start += len(raws) - STEP_BACK
        raise BadAnswer("Sitejabber's list does not end.", delivery=Delivery.NOT_SENT)

    def comments(self, query: Mapping[str, str]) -> Iterator[wire.Comment]:
        """Every comment of a search, page by page. A broken one is left out: its review is still read."""
        asked = {**self.with_sources(), **query}
        for _, raws in self._lists(calls.COMMENTS, asked, lambda e: e.comments, 0):
            yield from decode_records(raws, wire.Comment, lambda c, _: c, where=str)[0]

    def changed_comments(self) -> Iterator[tuple[str, str]]:
        """(mark, number of the review) of the newest hundred edited and the newest hundred removed comments."""
        for kind in ("updated", "deleted"):
            query = {kind: "1", **self.with_sources()}
            raws = self.page(calls.COMMENTS, query, lambda e: e.comments, 0)
            for comment in decode_records(raws, wire.Comment, lambda c, _: c, where=str)[0]:
                yield mark_of(comment, kind), str(comment.reviewNo)

    def whole(self, number: str) -> ReviewRecord:
        """One review with its whole conversation: two calls. Raises ``NotFound``."""
        self.look_for_cancel()
        return self._one_review(number)

    def our_username(self) -> str:
        return self._door.username

    def with_comments(self, review: wire.Review, raw: str, talk: Talk) -> ReviewRecord:
        author = str(review.author.username) if review.author else None
        return review_of(review, raw, talk.of(str(review.reviewNo), author))

    def with_sources(self) -> dict[str, str]:
        return {"datasources": self._sources} if self._sources else {}

    def look_for_cancel(self) -> None:
        if self._context.cancel.is_set():
            raise Cancelled("Stopped.")

    def _now(self) -> int:
        return int(self._context.clock.now())


class _Cheap:
    """One cheap run. ``done`` is the cursor it began with, ``after`` what that becomes."""

    def __init__(self, reader: Reader, done: Mapping[str, Any]) -> None:
        self._reader = reader
        self._done = done
        self._after = dict(done)
        self._deep: dict[str, int] = dict(done.get("deep", {}))
        self._talk = Talk(reader)
        self._whole: set[str] = set()
        """Numbers of the reviews that were given out with their whole conversation."""
        self._began = reader._now()
        looked = done.get("looked")
        self._looks = looked is None or not 0 <= self._began - looked < LOOK_EVERY_S

    def pages(self) -> Iterator[Page]:
        yield from self._new()
        yield from self._edited()
        yield from self._removed(REMOVED, ReviewKind.BUSINESS)
        yield from self._new_product_reviews()
        if "products" in self._done:
            # Without a product review of ours there is none that could have been removed.
            yield from self._removed(PRODUCTS_REMOVED, ReviewKind.PRODUCT)
        yield from self._talked()
        if self._looks:
            yield from self._messages()
        self._after["deep"] = self._deep
        if not self._deep:
            del self._after["deep"]
        yield Page(cursor=self._after, pass_name=PRODUCTS)

    def _new(self) -> Iterator[Page]:
        """The newest hundred reviews and all since a day before the last one; older ones by turns."""
        newest: int = self._done["reviews"]
        since = newest - OVERLAP_S
        self._talk.read_back_to(since)
        query = self._reader.reviews_query()

        def build(review: wire.Review, raw: str) -> ReviewRecord:
            created = moment(review.createdRFC, review.created)
            if created is None or created < since:
                return review_of(review, raw, None)
            self._whole.add(str(review.reviewNo))
            return self._reader.with_comments(review, raw, self._talk)

        for place, raws in self._turns(
            REVIEWS,
            calls.REVIEWS,
            query,
            lambda e: e.reviews,
            _younger(since),
            _younger(newest - REACH_S),
        ):
            records, rejected = decode_records(raws, wire.Review, build, where=where(REVIEWS, place))
            note(self._after, "reviews", records, self._began)
            yield self._page(REVIEWS, records, rejected)

    def _edited(self) -> Iterator[Page]:
        """Edited reviews come by creation, so the newest edit may stand on any page."""
        query = self._reader.reviews_query(updated="1")
        for place, raws in self._turns(EDITED, calls.REVIEWS, query, lambda e: e.reviews, _first_pages):
            records, rejected = decode_records(
                raws, wire.Review, lambda r, raw: review_of(r, raw, None), where=where(EDITED, place)
            )
            fresh = [r for r in records if r.native_id not in self._whole]
            yield self._page(EDITED, fresh, rejected)

    def _removed(self, name: str, kind: ReviewKind) -> Iterator[Page]:
        what, query, pick = self._reader.removed_query(kind)
        for place, raws in self._turns(name, what, query, pick, _first_pages):
            yield replace(removed_page(raws, kind, name, place), cursor=self._done, pass_name=name)

    def _new_product_reviews(self) -> Iterator[Page]:
        query = {"order": "created"}
        newest: int = self._done.get("products", 0)
        since = newest - OVERLAP_S
        pick: Callable[[wire.Envelope], _Raws | None] = lambda e: e.product_reviews  # noqa: E731
        is_news = _younger(since)
        within = _younger(newest - REACH_S)
        for place, raws in self._turns(PRODUCTS, calls.PRODUCT_REVIEWS, query, pick, is_news, within):
            records, rejected = decode_records(
                raws, wire.ProductReview, product_review, where=where(PRODUCTS, place)
            )
            note(self._after, "products", records, self._began)
            yield self._page(PRODUCTS, records, rejected)

    def _talked(self) -> Iterator[Page]:
        """Reviews whose conversation moved (new, edited, removed comments), each read whole again."""
        said = self._talk.marks()
        known = {*self._done.get("talk", ()), *self._done.get("changed", ())}
        moved = {
            mark: number for mark, number in said.items() if mark not in known and number not in self._whole
        }
        changed: dict[str, str] = {}
        if self._looks:
            changed = dict(self._reader.changed_comments())
            moved |= {mark: number for mark, number in changed.items() if mark not in known}
            self._after |= {"looked": self._began, "changed": sorted(changed)}
        numbers = list(dict.fromkeys(moved.values()))
        read: set[str] = set()
        for place in range(0, len(numbers), CHUNK):
            records: list[ReviewRecord] = []
            for number in numbers[place : place + CHUNK]:
                try:
                    records.append(self._reader.whole(number))
                except NotFound:
                    pass  # removed since: the pass over removed reviews tells
                read.add(number)
            # What was read again stays read, should this run not reach its end.
            heard = sorted({*known, *(mark for mark, number in moved.items() if number in read)})
            yield replace(self._page(TALKED, records, []), cursor={**self._done, "talk": heard})
        if not known.issuperset(said) or "talk" not in self._done:
            self._after["talk"] = sorted(said)

    def _messages(self) -> Iterator[Page]:
        """The newest hundred of inbox and sent and all since a day before the last one: two calls, now and then."""
        since = self._done.get("messages", 0) - OVERLAP_S
        for page in self._reader.messages(lambda raws: _younger(since)(0, raws)):
            note_messages(self._after, page.messages, self._began)
            yield replace(page, cursor=dict(self._done), pass_name=MESSAGES)

    def _turns(
        self,
        name: str,
        what: Call,
        query: Mapping[str, str],
        pick: Callable[[wire.Envelope], _Raws | None],
        needed: Callable[[int, _Raws], bool],
        within: Callable[[int, _Raws], bool] = lambda _place, _raws: True,
    ) -> Iterator[tuple[int, _Raws]]:
        """The first page, those after it as long as ``needed(place, page)``, then one of the older ones in turn.

        None comes behind a page that is not ``within`` reach.
        """
        place, last = 0, None
        while True:
            raws = self._reader.page(what, query, pick, place)
            if raws:
                last = _not_again(raws, last)
                yield place, raws
            if len(raws) < PAGE:
                self._deep.pop(name, None)
                return
            at, place = place, place + len(raws) - STEP_BACK
            if not needed(at, raws):
                break
        turn = self._deep.pop(name, 0)
        if not within(at, raws):
            return
        place = max(place, turn)
        raws = self._reader.page(what, query, pick, place)
        if raws:
            yield place, raws
        if len(raws) == PAGE and within(place, raws):
            self._deep[name] = place + len(raws) - STEP_BACK

    def _page(self, name: str, records: Sequence[ReviewRecord], rejected: Sequence[Rejected]) -> Page:
        return Page(reviews=tuple(records), rejected=tuple(rejected), cursor=dict(self._done), pass_name=name)


# --- parts ---------------------------------------------------------------------------------------------------


def removed_page(raws: _Raws, kind: ReviewKind, name: str, place: int) -> Page:
    """Deletions of reviews or of product reviews."""
    gone: list[Deletion]
    if kind is ReviewKind.BUSINESS:
        gone, rejected = decode_records(
            raws,
            wire.Review,
            lambda r, _: Deletion(native_id=str(r.reviewNo), kind=kind, at=r.removedRFC.at(SITE_ZONE)),
            where=where(name, place),
        )
    else:
        gone, rejected = decode_records(
            raws,
            wire.ProductReview,
            lambda r, _: Deletion(native_id=str(r.id), kind=kind, at=r.removedRFC.at(SITE_ZONE)),
            where=where(name, place),
        )
    return Page(deletions=tuple(gone), rejected=tuple(rejected))


def note(marks: dict[str, Any], name: str, records: Sequence[ReviewRecord], now: int) -> None:
    """Remember the newest creation; a date ahead of the clock must not hide what comes before it."""
    newest = max((r.created_at for r in records if r.created_at is not None), default=None)
    if newest is not None:
        marks[name] = max(min(newest, now), marks.get(name, 0))


def _message(ours: bool, message: wire.Message, _raw: str) -> MessageRecord:
    return record_of(message, ours=ours)


def note_messages(marks: dict[str, Any], messages: Sequence[MessageRecord], now: int) -> None:
    """The same for messages."""
    newest = max((m.created_at for m in messages if m.created_at is not None), default=None)
    if newest is not None:
        marks["messages"] = max(min(newest, now), marks.get("messages", 0))


def where(name: str, place: int) -> Callable[[int], str]:
    return lambda index: f"{name}, item {place + index + 1}"


def _next(place: int, raws: _Raws) -> int:
    """Where a run that stops after this page goes on."""
    return place + max(0, len(raws) - RESUME_BACK)


def _first_pages(place: int, _raws: _Raws) -> bool:
    return place < (ALWAYS - 1) * PAGE


def _younger(since: int) -> Callable[[int, _Raws], bool]:
    """Whether a whole page is younger than ``since``, so that the next one may hold more of that."""

    def younger(_place: int, raws: _Raws) -> bool:
        read, _ = decode_records(raws, wire.Dated, lambda r, _: moment(r.createdRFC, r.created), where=str)
        dates = [at for at in read if at is not None]
        return not dates or min(dates) >= since

    return younger


def _not_again(raws: _Raws, last: bytes | None) -> bytes:
    mark = b"".join(bytes(raw) for raw in raws[:3])
    if mark == last:
        raise BadAnswer("Sitejabber gives the same page again and again.", delivery=Delivery.NOT_SENT)
    return mark


def _done(cursor: Cursor) -> dict[str, Any]:
    """What a cursor tells, without what can't be right in it."""
    found: dict[str, Any] = {
        k: v for k in ("reviews", "products", "messages", "looked") if isinstance(v := cursor.get(k), int)
    }
    found |= {k: texts for k in ("talk", "changed") if (texts := _texts(cursor.get(k))) is not None}
    deep = cursor.get("deep")
    if isinstance(deep, Mapping):
        found["deep"] = {str(k): v for k, v in deep.items() if isinstance(v, int) and v >= 0}
    return found


def _texts(value: object) -> list[str] | None:
    return [v for v in value if isinstance(v, str)] if isinstance(value, list | tuple) else None


def _resumed(kept: object, now: int) -> _Run | None:
    if not isinstance(kept, Mapping) or kept.get("pass") not in _FULL:
        return None
    start, until, began, marks = (kept.get(k) for k in ("start", "until", "began", "marks"))
    if not isinstance(start, int) or start < 0:
        return None
    return _Run(
        str(kept["pass"]),
        start,
        until if isinstance(until, int) else None,
        began if isinstance(began, int) else now,
        {str(k): v for k, v in marks.items() if isinstance(v, int)} if isinstance(marks, Mapping) else {},
        _texts(kept.get("talk")) or [],
        _texts(kept.get("changed")) or [],
    )


def _finished(done: Mapping[str, Any], run: _Run) -> dict[str, Any]:
    """The cursor after a whole reading. Nothing in it moves when nothing new was seen."""
    marks = {k: max(run.marks.get(k, 0), done.get(k, 0)) for k in ("reviews", "products", "messages")}
    found: dict[str, Any] = {k: v for k, v in marks.items() if v}
    # Without a single review the next run begins where this one did.
    found.setdefault("reviews", run.began)
    # Edited and removed comments were looked for when the run began: what is changed since is news to the next look.
    return {**found, "talk": run.talk, "changed": run.changed, "looked": run.began}
