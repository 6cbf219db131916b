"""Keeping the text index up to date, in slices short enough that nobody waits for them (docs/adr/0003).

A change of searchable text only queues its review (store.indexing). The writer empties the queue while nobody else
wants to write: each slice puts some rows into the index as one new segment. FTS5's own merging of segments is
switched off, because it falls into somebody's commit and takes as long as it takes (measured: up to seconds); it is
done here in steps of a few pages instead, mostly when the queue is empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reviewdesk.domain.clock import Clock, SystemClock
from reviewdesk.domain.query_terms import order_key
from reviewdesk.domain.text import index_form
from reviewdesk.store import settings
from reviewdesk.store.search_terms import ALL_WORD, order_words
from reviewdesk.store.writer import Reader, Tx

__all__ = ["ask_scrub", "index_slice", "rebuild_slice", "scrub", "segments", "waiting"]

_CLOCK = SystemClock()

_CHUNK = 80
# Beside a busy sync a slice of 80 held the writer for 44 ms in the middle and 57 at p99, one of 32 for 19 and 52 or less,
# and as many reviews a second were stored and found; still fewer make more segments than merging is worth.
_FEWEST_ROWS = 32
_MERGE_PAGES = 16
# FTS5 takes 2,000 segments at most. With more than this a search looks into too many places: merging then takes
# turns with indexing.
_MANY_SEGMENTS = 64
_TOO_MANY_SEGMENTS = 1_000
_GIVEN_BACK = 64
_SPARE_PAGES = 128
_SPARE_SHARE = 400
# A review's text can be long, but what is looked for stands within this.
_MAX_CHARS = 100_000

_INSERT = (
    "INSERT OR REPLACE INTO review_fts(rowid, title, body, author, product, orders, replies, notes)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def waiting(r: Reader) -> int:
    """How many reviews wait to be indexed."""
    return int(r.value("SELECT count(*) FROM index_queue"))


def segments(r: Reader) -> int:
    """How many segments the index has (from FTS5's structure record, id 10: sqlite.org/fts5.html, %_data)."""
    block = r.value("SELECT block FROM review_fts_data WHERE id = 10")
    if not block:
        return 0
    at = 8 if block[4:8] == b"\xff\x00\x00\x01" else 4
    _levels, at = _varint(block, at)
    number, _ = _varint(block, at)
    return number


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for _ in range(9):
        value = value << 7 | data[at] & 0x7F
        at += 1
        if data[at - 1] < 0x80:
            break
    return value, at


class _Pace:
    """How long a row takes to index on this machine, learnt on the way. Used by one writer thread."""

    def __init__(self) -> None:
        self.row_s = 0.000_3
        self._merge_next = False

    def turn(self) -> bool:
        """Every other time: a crowded index is merged in turn with the indexing."""
        self._merge_next = not self._merge_next
        return self._merge_next

    def learn(self, rows: int, seconds: float) -> None:
        if rows:
            self.row_s += (max(seconds / rows, 0.000_02) - self.row_s) * min(0.3, rows / 100)


_pace = _Pace()


def index_slice(tx: Tx, *, max_rows: int = 500, budget_s: float = 0.03, clock: Clock = _CLOCK) -> bool:
    """Bring the index a little further; whether there is more to do. For the writer's idle time.

    At most ``max_rows`` reviews, the newest first, and about ``budget_s`` seconds; then steps of merging.
    """
    started = clock.monotonic()
    number = segments(tx)
    crowded = number > _MANY_SEGMENTS
    # What is left of the time goes into writing the segment and committing it.
    part_s = budget_s * 0.75
    limit = min(max_rows, max(_FEWEST_ROWS, int(part_s / _pace.row_s)))
    queued = _queued(tx, limit + 1)
    if queued and number < _TOO_MANY_SEGMENTS and not (crowded and _pace.turn()):
        done = _index_until(tx, queued[:limit], started + part_s, clock)
        tx.db.executemany("DELETE FROM index_queue WHERE review_id = ?", ((i,) for i in done))
        tx.run("INSERT INTO review_fts(review_fts) VALUES ('flush')")
        _pace.learn(len(done), clock.monotonic() - started)
        tx.behind = len(done) < len(queued)
        return True  # perhaps nothing is queued any more, but there may be something to merge
    tx.behind = bool(queued)
    more = _merge(tx, started + part_s, clock) or bool(queued)
    return more or _scrub_on(tx) or _give_back(tx)


def _index_until(tx: Tx, ids: Sequence[int], end: float, clock: Clock) -> list[int]:
    """Index these until ``end``, in ascending order: at each step back FTS5 would begin another segment."""
    rising = sorted(ids)
    for at in range(0, len(rising), _CHUNK):
        _index(tx, rising[at : at + _CHUNK])
        if clock.monotonic() >= end:
            return rising[: at + _CHUNK]
    return rising


def _queued(r: Reader, limit: int) -> list[int]:
    return [row[0] for row in r.rows("SELECT review_id FROM index_queue ORDER BY 1 DESC LIMIT ?", (limit,))]


def _merge(tx: Tx, end: float, clock: Clock) -> bool:
    """Merge a few pages at a time until ``end``; whether there is more to merge."""
    while True:
        before = tx.db.total_changes()
        tx.run("INSERT INTO review_fts(review_fts, rank) VALUES ('merge', ?)", (_MERGE_PAGES,))
        if tx.db.total_changes() - before < 2:  # the documented sign that there was nothing to do
            return False
        if clock.monotonic() >= end:
            return True


def _give_back(tx: Tx) -> bool:
    """Merging leaves pages that nobody needs: give some to the system, but for those that the next page of a sync will
    want again; whether there are more."""
    free, pages = int(tx.value("PRAGMA freelist_count")), int(tx.value("PRAGMA page_count"))
    if free < max(_SPARE_PAGES, pages // _SPARE_SHARE) + _GIVEN_BACK:
        return False
    tx.rows(f"PRAGMA incremental_vacuum({_GIVEN_BACK})")
    # A database that was not made for it stays as it is.
    return int(tx.value("PRAGMA freelist_count")) < free


def _index(tx: Tx, ids: Sequence[int]) -> None:
    """Write the rows of these reviews (ascending: FTS5 then needs no second segment), drop those that are gone."""
    found = {row[0]: row for row in _texts(tx, ids)}
    gone = [i for i in ids if i not in found]
    tx.db.executemany("DELETE FROM review_fts WHERE rowid = ?", ((i,) for i in gone))
    tx.db.executemany(_INSERT, (_row(found[i]) for i in ids if i in found))


def _texts(r: Reader, ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    marks = ", ".join("?" * len(ids))
    return iter(
        r.rows(
            "SELECT r.id, coalesce(t.title, ''), coalesce(t.body, ''), r.author_name, r.author_username,"
            " r.author_email, r.product_name, r.product_sku, r.product_id, r.order_id,"
            " (SELECT group_concat(c.text, char(10)) FROM comment AS c WHERE c.review_id = r.id),"
            " CASE WHEN r.has_note THEN"
            "  (SELECT group_concat(n.text, char(10)) FROM note AS n WHERE n.review_id = r.id) END"
            " FROM review AS r LEFT JOIN review_text AS t ON t.review_id = r.id"
            f" WHERE r.id IN ({marks})",
            ids,
        )
    )


def _row(row: tuple[Any, ...]) -> tuple[Any, ...]:
    review_id, title, body, name, username, email, product, sku, product_id, order, replies, notes = row
    return (
        review_id,
        _form(title),
        _form(body),
        _form(_joined(name, username, email)),
        _form(_joined(product, sku, product_id)),
        _orders(order),
        _form(replies),
        _form(notes),
    )


def _form(text: str | None) -> str:
    return index_form(text[:_MAX_CHARS]) if text else ""


def _joined(*parts: str | None) -> str:
    return "\n".join(part for part in parts if part)


def _orders(order: str | None) -> str:
    """The order number as its words, as one word where it is short, and as its parts; and the word of all rows."""
    if not order:
        return ALL_WORD
    grams = order_words(order[:200])
    short = [] if grams else [order_key(order)]
    return " ".join([ALL_WORD, _form(order[:200]), *short, *grams])


# --- by hand -------------------------------------------------------------------------------------


def rebuild_slice(tx: Tx, *, after: int | None = None, max_rows: int = 20_000) -> int | None:
    """Queue every review again, some at a time: give the answer back as ``after`` until it is None.

    The first call empties the index. For a damaged index, and for a new version of what is indexed.
    """
    if after is None:
        tx.run("INSERT INTO review_fts(review_fts) VALUES ('delete-all')")
        tx.run("DELETE FROM index_queue")
        after = -(1 << 63)
    rows = tx.rows("SELECT id FROM review WHERE id > ? ORDER BY id LIMIT ?", (after, max_rows))
    tx.db.executemany("INSERT OR IGNORE INTO index_queue(review_id) VALUES (?)", rows)
    return rows[-1][0] if len(rows) == max_rows else None


_SCRUB = "index.scrub"
_ASKED, _BEGUN = "asked", "begun"


def ask_scrub(tx: Tx) -> None:
    """Have every word that belongs to no row any more (replaced, deleted) taken out of the file.

    Done by ``index_slice`` in steps once the queue is empty, also after a restart; the write-ahead log is emptied
    at the end. For a million reviews that is some minutes of idle time, nobody waits for it.
    """
    settings.put(tx, _SCRUB, _ASKED)


def _scrub_on(tx: Tx) -> bool:
    """Nothing is left to index or merge: begin a scrub that was asked for, or end the one that was begun."""
    state = settings.get(tx, _SCRUB)
    if state == _ASKED:
        settings.put(tx, _SCRUB, _BEGUN)
        _begin_scrub(tx)
    elif state == _BEGUN:
        settings.put(tx, _SCRUB, None)
        tx.changes.note_erased()
    return state is not None


def _begin_scrub(tx: Tx) -> None:
    # A negative number gathers all segments for one merge, even where there are few; rows that are gone are left
    # out of what it writes.
    tx.run("INSERT INTO review_fts(review_fts, rank) VALUES ('merge', ?)", (-_MERGE_PAGES,))


def scrub(tx: Tx, ids: Sequence[int]) -> None:
    """Index these reviews at once and leave no byte of their earlier words in the index, in one transaction.

    For one person's reviews in a small profile; in a large one this takes seconds: there, ``ask_scrub``.
    The write-ahead log still holds earlier pages: the writer empties it after the commit.
    """
    _index(tx, sorted(ids))
    tx.db.executemany("DELETE FROM index_queue WHERE review_id = ?", ((i,) for i in ids))
    tx.run("INSERT INTO review_fts(review_fts) VALUES ('flush')")
    tx.run("INSERT INTO review_fts(review_fts) VALUES ('optimize')")
    tx.changes.note_erased()
