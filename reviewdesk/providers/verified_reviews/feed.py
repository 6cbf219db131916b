"""Reading the feed: which files, in which order, each once, in pages, going on in the middle of a file.

A file is looked through to its end before any of it is used, so that a page never comes from a file that turns out to
be cut or hostile. What is known of files is kept in the cursor, in the transaction of each page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import BinaryIO

import msgspec

from reviewdesk.domain.errors import BadAnswer, Cancelled, Delivery, NotFound, PermissionDenied
from reviewdesk.domain.models import Deletion as Gone
from reviewdesk.domain.models import Rejected, ReviewKind, ReviewRecord
from reviewdesk.providers.base import Context, Cursor, Page
from reviewdesk.providers.decode import RAW_CAP, convert
from reviewdesk.providers.files import Entry, FeedFile, FileChanged, Listing, Transport
from reviewdesk.providers.verified_reviews.csv_feed import Layout, read_csv, shape_of
from reviewdesk.providers.verified_reviews.items import FeedRefused, FeedUnfinished, Item, digest_of
from reviewdesk.providers.verified_reviews.names import FeedName, feed_name, order_of
from reviewdesk.providers.verified_reviews.records import OrderDeletion, Outcome, feed_record
from reviewdesk.providers.verified_reviews.xml_feed import is_xml, read_xml, scan_xml

__all__ = ["FeedSync", "feed_files", "look_through"]

PAGE = 1000
STEADY_S = 60
"""A file that nobody has written to for so long is taken as complete at once."""
SECOND_LOOK_S = 1.0
OVERDUE_S = 6 * 3600
"""An XML file that still does not close after so long will not close any more."""
MAX_SEEN = 1000
MAX_ODD = 500
_RESUME_FULL_WITHIN_S = 6 * 3600

_Key = tuple[ReviewKind | None, str]


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    """A file that was read (or refused). ``modified`` 0: unknown."""

    name: str
    size: int
    modified: int
    mark: str


class _At(msgspec.Struct, frozen=True):
    """The file that is being read, and how many of its records are stored."""

    name: str
    mark: str
    records: int


class _Point(msgspec.Struct, frozen=True):
    """Everything a cursor holds."""

    place: str = ""
    seen: list[_Seen] = []
    floor: str = ""
    """Files of this day and before are all read; their names are not kept any more."""
    waiting: dict[str, tuple[int, int]] = {}
    """Files that were not complete: size, and since when it has been that."""
    odd: list[str] = []
    at: _At | None = None
    full_since: float = 0.0
    v: int = 1


@dataclass(frozen=True, slots=True)
class _File:
    entry: Entry
    name: FeedName

    @property
    def order(self) -> tuple[str, int, bool, str]:
        return order_of(self.name, self.entry)


def feed_files(listing: Listing, website: str) -> list[_File]:
    """The feed's files of a listing in the order in which they are to be read. ``website``: only of this one, if any."""
    wanted = website.strip().lower()
    found = []
    for entry in listing.entries:
        name = feed_name(entry)
        if name is None or not entry.size:
            continue
        if wanted and name.website.lower() != wanted and (name.sure or wanted not in entry.name.lower()):
            continue
        found.append(_File(entry, name))
    return sorted(found, key=lambda f: f.order)


@dataclass(frozen=True, slots=True)
class Look:
    """A file that was looked through: how many records it has, and how they are read after the first few."""

    records: int
    read: Callable[[int], Iterator[Item]]


def look_through(file: BinaryIO, mapping: Layout | None) -> Look:
    """Raises ``FeedRefused`` and ``FeedUnfinished``. The format is told by the content, whatever the name says."""
    file.seek(0)
    if is_xml(file.read(1024)):
        places = scan_xml(file)
        return Look(len(places.starts), lambda start: read_xml(file, places, start))
    shape = shape_of(file, mapping)
    return Look(shape.records, lambda start: read_csv(file, shape, start))


@dataclass(slots=True)
class _Batch:
    """The page that is being filled. The store applies deletions after reviews, so order is kept here."""

    reviews: list[ReviewRecord] = field(default_factory=list)
    deletions: dict[_Key, Gone] = field(default_factory=dict)
    orders: set[str] = field(default_factory=set)
    rejected: list[Rejected] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        if isinstance(outcome, OrderDeletion):
            self.orders.add(outcome.review_id)
        elif isinstance(outcome, ReviewRecord):
            self.reviews.append(outcome)
            if self.deletions:
                self.deletions.pop((outcome.kind, outcome.native_id), None)
                self.deletions.pop((None, outcome.native_id), None)
        else:
            self.deletions[outcome.kind, outcome.native_id] = outcome

    def newest_first(self) -> tuple[ReviewRecord, ...]:
        """Records of one review stay in the order of the file."""
        dates = {(r.kind, r.native_id): r.created_at or 0 for r in self.reviews}
        return tuple(sorted(self.reviews, key=lambda r: -dates[r.kind, r.native_id]))


class FeedSync:
    """One run over the files of an opened transport."""

    def __init__(
        self,
        transport: Transport,
        context: Context,
        *,
        zone: tzinfo,
        mapping: Layout | None,
    ) -> None:
        self._transport = transport
        self._context = context
        self._zone = zone
        self._mapping = mapping
        self._website = context.settings.get("website_id", "").strip()
        self._point = _Point()
        self._seen: dict[str, _Seen] = {}
        self._listing = Listing()
        self._refused: list[str] = []
        self._given = 0
        self._again = False
        """Everything is read once more: what is known of a review must not go back and forth through its history."""
        self._said_again: dict[int, tuple[str, int]] = {}

    def run(self, cursor: Cursor, *, full: bool) -> Iterator[Page]:
        """Pages of everything that is new since ``cursor``.

        Raises ``BadAnswer`` at the end when a file had to be refused, after all others were read.
        """
        self._begin(cursor, full)
        self._listing = self._transport.listing()
        odd = self._odd()
        files = self._complete(self._new_files())
        if self._again:
            self._said_again = self._last_words()
        for place, file in enumerate(files):
            self._look_for_cancel()
            for page in self._one(file, last=place == len(files) - 1):
                if odd:
                    page = _with(page, odd)
                    odd = []
                yield page
        self._forget()
        self._point = msgspec.structs.replace(self._point, at=None, full_since=0.0)
        yield Page(rejected=tuple(odd), cursor=self._cursor())
        if self._refused:
            more = f" {len(self._refused) - 1} more files were refused." if len(self._refused) > 1 else ""
            raise BadAnswer(
                f"{self._refused[0]}{more}",
                remedy="Everything else was read. Ask Verified Reviews to send the file again.",
                delivery=Delivery.NOT_SENT,
            )

    # --- where it stands -----------------------------------------------------------------------------------

    def _begin(self, cursor: Cursor, full: bool) -> None:
        place = self._place()
        now = self._context.clock.now()
        try:
            point = convert(dict(cursor), _Point)
        except (msgspec.ValidationError, TypeError):
            point = _Point()  # of another version: begin again; nothing is lost by reading twice
        if point.place != place or point.v != 1:
            point = _Point(place)
        going_on = 0 <= now - point.full_since < _RESUME_FULL_WITHIN_S
        self._again = (full or point.full_since > 0) and bool(point.seen or point.floor)
        if full and not going_on:
            point = _Point(place, odd=point.odd, waiting=point.waiting, full_since=now)
        self._point = point
        self._seen = {each.name: each for each in point.seen}

    def _place(self) -> str:
        """Other settings, other files (or other columns of them)."""
        keys = ("transport", "host", "port", "path", "website_id", "columns", "timezone")
        text = "\n".join(self._context.settings.get(key, "").strip() for key in keys)
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]

    def _cursor(self) -> Cursor:
        self._point = msgspec.structs.replace(self._point, seen=list(self._seen.values()))
        found: Cursor = msgspec.to_builtins(self._point)
        return found

    def _forget(self) -> None:
        """Keep what is known within bounds: the oldest files are summed up as a day."""
        if len(self._seen) <= MAX_SEEN:
            return
        there = {entry.name: entry for entry in self._listing.entries}
        gone = [s for s in self._seen.values() if s.name not in there]
        kept = [s for s in self._seen.values() if s.name in there]
        kept.sort(key=lambda s: _order(there[s.name]))
        surplus = max(0, len(kept) - MAX_SEEN)
        if surplus:
            floor = max([self._point.floor, *(_order(there[s.name])[0] for s in kept[:surplus])])
            self._point = msgspec.structs.replace(self._point, floor=floor)
        room = MAX_SEEN - len(kept[surplus:])
        self._seen = {s.name: s for s in [*(gone[-room:] if room else []), *kept[surplus:]]}

    def _odd(self) -> list[Rejected]:
        """Names that are refused, each told once."""
        known = set(self._point.odd)
        told, marks = [], list(self._point.odd)
        for each in self._listing.odd:
            mark = hashlib.sha256(each.name.encode()).hexdigest()[:12]
            if mark not in known:
                known.add(mark)
                marks.append(mark)
                told.append(Rejected(f"file {each.name}", each.reason, each.name))
        self._point = msgspec.structs.replace(self._point, odd=marks[-MAX_ODD:])
        return told

    # --- which files ---------------------------------------------------------------------------------------

    def _new_files(self) -> list[_File]:
        files = feed_files(self._listing, self._website)
        return [f for f in files if not self._is_read(f) and not self._is_beyond(f)]

    def _is_beyond(self, file: _File) -> bool:
        """A night from before the moment from which reviews are wanted: it speaks of older ones only."""
        if file.name.full or not file.name.sure or not self._context.since:
            return False
        return file.name.day < datetime.fromtimestamp(self._context.since, self._zone).date()

    def _is_read(self, file: _File) -> bool:
        if self._point.floor and file.order[0] <= self._point.floor:
            return True
        known = self._seen.get(file.entry.name)
        return known is not None and (known.size, known.modified) == (
            file.entry.size,
            file.entry.modified or 0,
        )

    def _complete(self, files: list[_File]) -> list[_File]:
        """Without the files that are still growing: written to just now, they must be equal in two looks."""
        now = self._context.clock.now()
        fresh = [f for f in files if not self._is_steady(f.entry, now)]
        if not fresh:
            return files
        if self._context.cancel.wait(SECOND_LOOK_S):
            raise Cancelled("Stopped.")
        self._listing = self._transport.listing()
        again = {entry.name: entry for entry in self._listing.entries}
        growing = {f.entry.name for f in fresh if again.get(f.entry.name) != f.entry}
        for file in fresh:
            if file.entry.name in growing:
                self._leave(again.get(file.entry.name, file.entry))
        return [f for f in files if f.entry.name not in growing]

    def _is_steady(self, entry: Entry, now: float) -> bool:
        if entry.modified is not None and now - entry.modified >= STEADY_S:
            return True
        size, since = self._point.waiting.get(entry.name, (-1, 0))
        return size == entry.size and now - since >= STEADY_S

    def _is_overdue(self, entry: Entry) -> bool:
        now = self._context.clock.now()
        size, since = self._point.waiting.get(entry.name, (-1, 0))
        return (entry.modified is not None and now - entry.modified >= OVERDUE_S) or (
            size == entry.size and now - since >= OVERDUE_S
        )

    def _leave(self, entry: Entry) -> None:
        """Not complete yet: the next run looks again."""
        waiting = {name: told for name, told in self._point.waiting.items() if name in self._names()}
        if waiting.get(entry.name, (-1, 0))[0] != entry.size:
            waiting[entry.name] = (entry.size, int(self._context.clock.now()))
        self._point = msgspec.structs.replace(self._point, waiting=waiting)

    def _names(self) -> set[str]:
        return {entry.name for entry in self._listing.entries}

    # --- one file ------------------------------------------------------------------------------------------

    def _one(self, file: _File, *, last: bool) -> Iterator[Page]:
        try:
            with self._transport.open(file.entry) as opened:
                mark = digest_of(opened.file)
                known = self._seen.get(file.entry.name)
                if known is not None and (known.size, known.mark) == (file.entry.size, mark):
                    self._settle(file, mark)  # only its date is another
                    return
                yield from self._read(file, opened, mark, last=last)
        except (FileChanged, FeedUnfinished):
            self._leave(file.entry)
        except (NotFound, PermissionDenied) as error:
            # One file that can't be had is no reason to leave the others; it is tried again the next time.
            yield Page(rejected=(Rejected(file.entry.name, error.message),), cursor=self._cursor())

    def _read(self, file: _File, opened: FeedFile, mark: str, *, last: bool) -> Iterator[Page]:
        try:
            look = look_through(opened.file, self._mapping)
            yield from self._pages(file, opened, mark, look, last=last)
            return
        except FeedUnfinished:
            if not self._is_overdue(file.entry):
                raise
            reason = "It ends before it closes: its upload was cut."
        except FeedRefused as refused:
            reason = refused.reason
        self._settle(file, mark)
        if file.name.sure:
            self._refused.append(f"{file.entry.name} was refused: {reason}")
            yield Page(rejected=(Rejected(file.entry.name, reason),), cursor=self._cursor())

    def _pages(self, file: _File, opened: FeedFile, mark: str, look: Look, *, last: bool) -> Iterator[Page]:
        at = self._point.at
        done = at.records if at is not None and (at.name, at.mark) == (file.entry.name, mark) else 0
        later = self._said_later(file)
        again = self._said_again
        batch = _Batch()
        count = 0

        def page() -> Page:
            self._look_for_cancel()
            deletions = [*batch.deletions.values(), *self._of_orders(batch.orders)]
            return Page(
                reviews=batch.newest_first(),
                deletions=tuple(deletions),
                rejected=tuple(batch.rejected),
                cursor=self._cursor(),
                total=self._given + look.records if last else None,
                pass_name=f"feed of {file.name.day.isoformat()}",
            )

        for item in look.read(done):
            full = count >= PAGE
            if full or (batch.orders and item.values.get("review_id", "").strip() in batch.orders):
                if not opened.unchanged():
                    raise FileChanged
                done += count
                self._point = msgspec.structs.replace(self._point, at=_At(file.entry.name, mark, done))
                yield page()
                batch, count = _Batch(), 0
            count += 1
            if again and again.get(_mark_of_item(item, file.name.kind), _HERE) not in (
                _HERE,
                (file.entry.name, done + count),
            ):
                continue
            try:
                outcome = feed_record(item, file.name.kind, self._zone)
            except (ValueError, OverflowError) as error:
                batch.rejected.append(
                    Rejected(f"{file.entry.name}, {item.where}", str(error), item.raw[:RAW_CAP])
                )
                continue
            if not later or _mark_of(outcome) not in later:
                batch.add(outcome)
        if not opened.unchanged():
            raise FileChanged
        self._settle(file, mark)
        self._given += look.records
        yield page()

    def _settle(self, file: _File, mark: str) -> None:
        """The file is read (or refused for good)."""
        entry = file.entry
        self._seen.pop(entry.name, None)
        self._seen[entry.name] = _Seen(entry.name, entry.size, entry.modified or 0, mark)
        waiting = {name: told for name, told in self._point.waiting.items() if name != entry.name}
        self._point = msgspec.structs.replace(self._point, at=None, waiting=waiting)

    # --- across files --------------------------------------------------------------------------------------

    def _last_words(self) -> dict[int, tuple[str, int]]:
        """Of each review that the files speak of more than once: the file and the record that speak last."""
        heard: set[int] = set()
        last: dict[int, tuple[str, int]] = {}
        for file in feed_files(self._listing, self._website):
            for number, item in enumerate(self._items(file), 1):
                if number % PAGE == 0:
                    self._look_for_cancel()
                mark = _mark_of_item(item, file.name.kind)
                if mark and mark in heard:
                    last[mark] = (file.entry.name, number)
                heard.add(mark)
        return last

    def _said_later(self, file: _File) -> set[int]:
        """A file that comes late must not undo what files of later days have said: marks of their reviews."""
        later = [
            f
            for f in feed_files(self._listing, self._website)
            if f.order > file.order and f.entry.name in self._seen and f.entry.name != file.entry.name
        ]
        found: set[int] = set()
        for other in later:
            for item in self._items(other):
                try:
                    found.add(_mark_of(feed_record(item, other.name.kind, self._zone)))
                except (ValueError, OverflowError):
                    continue  # it was set aside when its file was read
        return found

    def _of_orders(self, orders: set[str]) -> list[Gone]:
        """The reviews of each product of these orders, as far as the files that are still there tell."""
        if not orders:
            return []
        found = dict.fromkeys(orders)
        for file in feed_files(self._listing, self._website):
            if file.name.kind is ReviewKind.BUSINESS:
                continue
            for item in self._items(file):
                if item.values.get("review_id", "").strip() in orders:
                    found[item.values.get("product_review_id", "").strip()] = None
        return [
            Gone(native_id=native_id, kind=ReviewKind.PRODUCT, reason="refused for good")
            for native_id in found
            if native_id
        ]

    def _items(self, file: _File) -> Iterator[Item]:
        """All records of another file; nothing when it can't be read (that is told when it is its turn)."""
        self._look_for_cancel()
        try:
            with self._transport.open(file.entry) as opened:
                yield from look_through(opened.file, self._mapping).read(0)
        except (FileChanged, FeedRefused, FeedUnfinished, NotFound, PermissionDenied):
            return

    def _look_for_cancel(self) -> None:
        if self._context.cancel.is_set():
            raise Cancelled("Stopped.")


_HERE = ("", 0)


def _mark_of_item(item: Item, kind: ReviewKind | None) -> int:
    """The mark of what a record is about, without reading the rest of it; 0 where that can't be told."""
    values = item.values
    product = values.get("product_review_id", "").strip()
    if item.problem or not (product or values.get("review_id")):
        return 0
    if kind is None:
        kind = ReviewKind.PRODUCT if product or values.get("product_ref", "").strip() else ReviewKind.BUSINESS
    review = values.get("review_id", "").strip()
    return hash((kind, product or review if kind is ReviewKind.PRODUCT else review or product))


def _mark_of(outcome: Outcome) -> int:
    if isinstance(outcome, OrderDeletion):
        return hash(("order", outcome.review_id))
    return hash((outcome.kind, outcome.native_id))


def _order(entry: Entry) -> tuple[str, int, bool, str]:
    name = feed_name(entry)
    return ("", 0, False, entry.name) if name is None else order_of(name, entry)


def _with(page: Page, rejected: list[Rejected]) -> Page:
    return Page(
        reviews=page.reviews,
        deletions=page.deletions,
        rejected=(*rejected, *page.rejected),
        cursor=page.cursor,
        total=page.total,
        pass_name=page.pass_name,
    )
