"""Reading everything new and changed: one pass per list, newest first, resumable at any page.

The order of product reviews is not documented and no list can be asked for changes only. So each pass keeps two
watermarks (the newest ``createdAt`` and ``updatedAt`` it has seen whole) and an ordinary sync stops it at the first
page that holds nothing newer. Beyond that page it reads one more, further down each time: so edits and state changes
of old reviews are found within days, at one call a sync. Everything that is read is given on; the store knows what
has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import BadAnswer, Delivery, NotFound, PermissionDenied
from reviewdesk.domain.models import Rejected, ReviewRecord, Thread
from reviewdesk.providers.base import Cursor, Page
from reviewdesk.providers.decode import convert

__all__ = ["Pass", "Raws", "Sync"]

_MAX_PAGES = 20_000
_TALKS_PER_PORTION = 10
"""Conversations read before what is there is handed on, so that a person's action and a cancel come in between."""
_RECENT_TALKS = 20
"""Conversations of the newest reviews that every sync reads again: a new comment does not change its review."""
_RESUME_FULL_WITHIN_S = 6 * 3600


@dataclass(frozen=True, slots=True)
class Raws:
    """One page of a list as received. ``total`` None where the provider does not say how many there are."""

    records: list[msgspec.Raw]
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One list to read. ``optional``: passed over when the company's plan lacks it (403, 404)."""

    key: str
    name: str
    kind: str
    read: Callable[[int], Raws]
    decode: Callable[[Iterable[msgspec.Raw], Callable[[int], str]], tuple[list[ReviewRecord], list[Rejected]]]
    optional: bool = False
    main: bool = False
    """Holds what people work with: its recent conversations and its older pages are looked at in every sync."""


class _Mark(msgspec.Struct, frozen=True):
    """What a pass has seen whole."""

    created: int = 0
    updated: int = 0
    deep: int = 0
    """The old page to look at next; 0 begins again behind the first pages."""


class _Run(msgspec.Struct, frozen=True):
    """A run under way."""

    full: bool
    started: float
    done: tuple[str, ...] = ()
    key: str = ""
    page: int = 1
    items: int = 0
    """Records of this pass so far."""
    created: int = 0
    updated: int = 0
    seen: int = 0
    """Records of finished passes, for the progress."""


class _Point(msgspec.Struct, frozen=True):
    """Everything a cursor holds: where to go on if the program ends here."""

    unit: str = ""
    marks: dict[str, _Mark] = {}
    run: _Run = _Run(False, 0.0)
    under_way: bool = False
    v: int = 1

    def cursor(self) -> Cursor:
        found: Cursor = msgspec.to_builtins(self)
        return found

    def going(self, **changes: Any) -> _Point:
        """The same point with another run."""
        return msgspec.structs.replace(self, run=msgspec.structs.replace(self.run, **changes))

    def marked(self, key: str, mark: _Mark) -> _Point:
        return msgspec.structs.replace(self, marks={**self.marks, key: mark})


@dataclass(slots=True)
class Sync:
    """One run over ``passes``. ``conversation`` reads one conversation."""

    unit: str
    passes: list[Pass]
    conversation: Callable[[str], Thread]
    clock: Clock
    page_size: int
    since: int = 0
    """No list is read beyond a page on which everything is older (UTC seconds)."""
    _at: _Point = field(default_factory=_Point)
    _silenced: bool = False

    def run(self, cursor: Cursor, *, full: bool) -> Iterator[Page]:
        """Pages until everything new is read. Raises what the calls raise, and ``BadAnswer`` on endless lists."""
        self._at = self._begin(cursor, full)
        refused: dict[str, PermissionDenied | NotFound] = {}
        for each in self.passes:
            if each.key in self._at.run.done or each.kind in refused:
                continue
            if self._at.run.key != each.key:
                self._at = self._at.going(key=each.key, page=1, items=0, created=0, updated=0)
            try:
                yield from self._one(each)
            except (PermissionDenied, NotFound) as error:
                if not each.optional or self._at.run.page > 1:
                    raise
                refused[each.kind] = error
        if refused and {p.kind for p in self.passes} <= set(refused):
            raise next(iter(refused.values()))
        yield Page(cursor=_Point(self.unit, self._at.marks).cursor())

    def _begin(self, cursor: Cursor, full: bool) -> _Point:
        try:
            point = convert(dict(cursor), _Point)
        except (msgspec.ValidationError, TypeError):
            point = _Point()  # of another version: begin again; nothing is lost by reading twice
        if point.unit != self.unit or point.v != 1:
            point = _Point()
        now = self.clock.now()
        resume = point.under_way
        if resume and full:
            resume = point.run.full and 0 <= now - point.run.started < _RESUME_FULL_WITHIN_S
        elif resume and point.run.full and all(p.key in point.marks for p in self.passes):
            # A full reading that somebody broke off does not hold up the ordinary syncs after it.
            resume = False
        run = point.run if resume else _Run(full=full, started=now)
        return _Point(self.unit, point.marks, run, under_way=True)

    def _one(self, each: Pass) -> Iterator[Page]:
        mark = self._at.marks.get(each.key)
        known = None if self._at.run.full else mark
        pages_seen: set[bytes] = set()
        while True:
            here, run = self._at, self._at.run
            raws = each.read(run.page)
            records, rejected = each.decode(raws.records, _places(each.name, run.page))
            _no_repetition(records, rejected, pages_seen, run.page)
            fresh = [r for r in records if _newer(r, known)]
            count = len(raws.records)
            items = run.items + count
            after = here.going(
                items=items,
                created=max([run.created, *(r.created_at or 0 for r in records)]),
                updated=max([run.updated, *(r.updated_at or 0 for r in records)]),
            )
            ends = count == 0 or (
                count < self.page_size and not (raws.total is not None and raws.total > items)
            )
            ends = ends or self._is_beyond(records)
            stops = known is not None and not fresh
            talks = [r.native_id for r in fresh if r.thread_id]
            if known is not None and each.main and run.page == 1:
                talks += [r.native_id for r in records if r.thread_id and not _newer(r, known)][
                    :_RECENT_TALKS
                ]
            if not (ends or stops):
                after = after.going(page=run.page + 1)
                yield from self._hand_on(each, records, rejected, talks, here, after, raws)
                self._at = after
                continue
            deep = max(mark.deep, run.page + 1) if each.main and known and mark and not ends else 0
            after = _finished(each, after, deep)
            if not deep:
                yield from self._hand_on(each, records, rejected, talks, here, after, raws)
            else:
                # The old page comes before the pass counts as done.
                yield from self._hand_on(each, records, rejected, talks, here, here, raws)
                raws = each.read(deep)
                records, rejected = each.decode(raws.records, _places(each.name, deep))
                if len(raws.records) < self.page_size or self._is_beyond(records):
                    after = after.marked(each.key, msgspec.structs.replace(after.marks[each.key], deep=0))
                yield from self._hand_on(each, records, rejected, [], here, after, raws)
            self._at = after
            return

    def _is_beyond(self, records: list[ReviewRecord]) -> bool:
        """Whether a page (newest first) lies wholly before ``since``."""
        dates = [r.created_at for r in records]
        return bool(dates) and all(at is not None and at < self.since for at in dates)

    def _hand_on(
        self,
        each: Pass,
        records: list[ReviewRecord],
        rejected: list[Rejected],
        talks: Iterable[str],
        here: _Point,
        after: _Point,
        raws: Raws,
    ) -> Iterator[Page]:
        """The page in portions: a conversation costs a call, and nobody should wait for a hundred of them."""
        total = None
        if (
            raws.total is not None
            and raws.total >= len(raws.records)
            and (here.run.full or each.key not in here.marks)
        ):
            total = here.run.seen + raws.total
        wanted = set(talks)
        part: list[ReviewRecord] = []
        read = 0
        for record in records:
            if record.thread_id and record.native_id in wanted and not self._silenced:
                if read == _TALKS_PER_PORTION:
                    yield Page(reviews=tuple(part), cursor=here.cursor(), total=total, pass_name=each.name)
                    part, read = [], 0
                record, problems = self._with_thread(record, record.thread_id)
                rejected = [*rejected, *problems]
                read += 1
            part.append(record)
        yield Page(
            reviews=tuple(part),
            rejected=tuple(rejected),
            cursor=after.cursor(),
            total=total,
            pass_name=each.name,
        )

    def _with_thread(self, record: ReviewRecord, thread_id: str) -> tuple[ReviewRecord, list[Rejected]]:
        where = f"conversation of review {record.native_id}"
        try:
            return replace(record, thread=self.conversation(thread_id)), []
        except NotFound:
            return record, []  # taken away between two calls; the review itself stands
        except BadAnswer as error:
            return record, [Rejected(where, error.message)]
        except PermissionDenied as error:
            self._silenced = True
            return record, [Rejected(where, f"{error.message} No further conversations were read.")]


# --- small things ----------------------------------------------------------------------------------------


def _finished(each: Pass, at: _Point, deep: int) -> _Point:
    """The point behind a pass: its watermarks move up to what was seen."""
    old, run = at.marks.get(each.key, _Mark()), at.run
    mark = _Mark(max(old.created, run.created), max(old.updated, run.updated), deep + 1 if deep else 0)
    at = at.going(done=(*run.done, each.key), seen=run.seen + run.items, key="", page=1, items=0)
    return at.marked(each.key, mark)


def _newer(record: ReviewRecord, known: _Mark | None) -> bool:
    if known is None:
        return True
    # One without a readable date can't be told; it was read and is handed on all the same.
    return (record.created_at or 0) > known.created or (record.updated_at or 0) > known.updated


def _places(name: str, page: int) -> Callable[[int], str]:
    return lambda index: f"{name}, page {page}, item {index + 1}"


def _no_repetition(
    records: list[ReviewRecord], rejected: list[Rejected], seen: set[bytes], page: int
) -> None:
    """The very same records on two pages: the server does not turn the page, and would go on for ever."""
    digest = hashlib.sha256()
    for name in sorted([*(r.native_id for r in records), *(r.raw for r in rejected)]):
        digest.update(name.encode("utf-8", "replace") + b"\0")
    mark = digest.digest()[:12]
    if ((records or rejected) and mark in seen) or page > _MAX_PAGES:
        raise BadAnswer("Trustpilot gives the same page again and again.", delivery=Delivery.NOT_SENT)
    seen.add(mark)
