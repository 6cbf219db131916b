"""The SQLite that came with the program: which one it is, and whether it can search."""

from __future__ import annotations

import apsw

__all__ = ["LEAST_SQLITE", "find_by_word", "sqlite_version"]

LEAST_SQLITE = (3, 51, 3)
"""The first without the fault by which a WAL reset could lose a commit (sqlite.org/wal.html, 3.7.0 to 3.51.2)."""


def sqlite_version() -> tuple[int, ...]:
    """Of the library in this process, not of the one that the system may have."""
    return tuple(int(part) for part in apsw.sqlite_lib_version().split("."))


def find_by_word(text: str, word: str) -> bool:
    """Index ``text`` in memory as reviews are indexed and look for ``word``. Raises ``apsw.SQLError`` without FTS5."""
    db = apsw.Connection(":memory:")
    try:
        db.execute("CREATE VIRTUAL TABLE t USING fts5(body, tokenize='unicode61 remove_diacritics 2')")
        db.execute("INSERT INTO t(body) VALUES (?)", (text,))
        return db.execute("SELECT count(*) FROM t WHERE t MATCH ?", (f'"{word}"',)).fetchall() == [(1,)]
    finally:
        db.close()
