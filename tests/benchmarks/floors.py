"""The least that the same work costs: SQLite by hand, one connection, no rows of anything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import apsw

from reviewdesk.domain.models import ReviewRecord
from reviewdesk.domain.text import index_form
from reviewdesk.store import reviews

__all__ = ["ingest", "keyset_pages", "text_pages", "unchanged"]

_SCHEMA = """
CREATE TABLE review(id INTEGER PRIMARY KEY, account INTEGER NOT NULL, native TEXT NOT NULL, score REAL,
  created INTEGER NOT NULL, author TEXT, product TEXT, orders TEXT, state TEXT NOT NULL, language TEXT,
  title TEXT NOT NULL, body TEXT NOT NULL, reply TEXT NOT NULL, raw TEXT NOT NULL, hash BLOB NOT NULL,
  UNIQUE(account, native)) STRICT;
CREATE INDEX review_state ON review(state, id);
CREATE INDEX review_account ON review(account, id);
CREATE VIRTUAL TABLE fts USING fts5(title, body, author, product, orders, replies, content='', contentless_delete=1,
  tokenize='unicode61 remove_diacritics 2', prefix='2 3');
"""


def _open(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path))
    for pragma in (
        "page_size=8192", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY",
        "cache_size=-32768", "mmap_size=268435456",
    ):  # fmt: skip
        db.execute(f"PRAGMA {pragma}").fetchall()
    return db


def _values(number: int, sequence: int, record: ReviewRecord) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    created = record.created_at or 0
    review_id = created << 20 | sequence & 0xFFFFF
    reply = "\n".join(c.text for c in record.thread.comments) if record.thread else ""
    product = record.product.name if record.product else ""
    row = (
        review_id, number, record.native_id, record.score, created, record.author.name, product, record.order_id,
        "new", record.language, record.title, record.body, reply, record.raw, record.raw.encode()[:16],
    )  # fmt: skip
    words = (record.title, record.body, record.author.name or "", product or "", record.order_id or "", reply)
    return row, (review_id, *(index_form(text) for text in words))


def ingest(path: Path, pages: Iterable[tuple[int, Sequence[ReviewRecord]]]) -> float:
    """Seconds to store and index these pages: one transaction a page, the index in the same transaction."""
    db = _open(path)
    for statement in _SCHEMA.split(";\n"):
        if statement.strip():
            db.execute(statement)
    started = perf_counter()
    sequence = 0
    for number, records in pages:
        values = []
        for record in records:
            sequence += 1
            values.append(_values(number, sequence, record))
        values.sort()
        db.execute("BEGIN IMMEDIATE")
        db.executemany(
            "INSERT INTO review VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", [row for row, _ in values]
        )
        db.executemany(
            "INSERT INTO fts(rowid, title, body, author, product, orders, replies) VALUES (?,?,?,?,?,?,?)",
            [words for _, words in values],
        )
        db.execute("COMMIT")
    seconds = perf_counter() - started
    db.close()
    return seconds


def unchanged(path: Path, pages: Iterable[tuple[int, Sequence[ReviewRecord]]]) -> float:
    """Seconds to look each record up by its key and compare its hash."""
    db = _open(path)
    started = perf_counter()
    for number, records in pages:
        db.execute("BEGIN IMMEDIATE")
        for record in records:
            sql = "SELECT id, hash FROM review WHERE account = ? AND native = ?"
            row = db.execute(sql, (number, record.native_id)).fetchone()
            assert row is not None
            assert row[1] == record.raw.encode()[:16]
        db.execute("COMMIT")
    seconds = perf_counter() - started
    db.close()
    return seconds


def _reader(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    for pragma in ("cache_size=-8192", "mmap_size=268435456", "temp_store=MEMORY"):
        db.execute(f"PRAGMA {pragma}").fetchall()
    return db


_COLUMNS = reviews.ROW_COLUMNS
"""What a list row paints, as tuples: nothing is made of them."""


def text_pages(path: Path, matches: Iterable[str], rounds: int) -> list[float]:
    """Milliseconds of each: the newest hundred rows for an FTS5 expression."""
    db = _reader(path)
    columns = ", ".join(f"r.{name.strip()}" for name in _COLUMNS.split(","))
    sql = (
        f"SELECT {columns} FROM review_fts AS f CROSS JOIN review AS r ON r.id = f.rowid"
        " WHERE review_fts MATCH ? ORDER BY f.rowid DESC LIMIT 100"
    )
    matches = list(matches)
    taken = []
    for turn in range(rounds + 1):
        for match in matches:
            started = perf_counter()
            db.execute(sql, (match,)).fetchall()
            if turn:
                taken.append((perf_counter() - started) * 1_000)
    db.close()
    return taken


def keyset_pages(path: Path, befores: Iterable[int]) -> list[float]:
    """Milliseconds of each: a hundred rows below an id."""
    db = _reader(path)
    sql = f"SELECT {_COLUMNS} FROM review WHERE id < ? ORDER BY id DESC LIMIT 100"
    taken = []
    for before in befores:
        started = perf_counter()
        db.execute(sql, (before,)).fetchall()
        taken.append((perf_counter() - started) * 1_000)
    db.close()
    return taken
