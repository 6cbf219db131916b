"""A search of a folder for somebody, that knows nothing of how the program looks for them.

Every file, byte for byte, in the forms of ``canaries.forms`` and a few more; and every value of every table of every
database among them, packed ones unpacked.
"""

from __future__ import annotations

import html
import quopri
import shutil
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import apsw

from tests.support import canaries

__all__ = ["forms", "traces"]


def forms(value: str) -> set[bytes]:
    """How a value may be written, in bytes."""
    found: set[bytes] = set()
    for text in (value, value.lower(), value.upper(), unicodedata.normalize("NFD", value)):
        found |= canaries.forms(text)
        found.add(quopri.encodestring(text.encode()))
        found.add(html.escape(text).encode())
        found.add("".join(c if c.isascii() else f"&#{ord(c)};" for c in text).encode())
    return {form for form in found if len(form) > 5}


def _stamps(parts: Iterable[Path]) -> list[tuple[int, int] | None]:
    return [(p.stat().st_mtime_ns, p.stat().st_size) if p.exists() else None for p in parts]


def _copy(path: Path, copy: Path) -> None:
    """A database and its log, of one moment: between the two copies the log may be carried over and emptied."""
    parts = [path.with_name(path.name + tail) for tail in ("", "-wal")]
    before: object = None
    while before != (before := _stamps(parts)):
        for part in parts:
            target = copy.with_name(copy.name + part.name.removeprefix(path.name))
            target.unlink(missing_ok=True)
            if part.exists():
                shutil.copyfile(part, target)


def _values(path: Path, copy: Path) -> Iterator[tuple[str, bytes]]:
    _copy(path, copy)
    db = apsw.Connection(str(copy))
    try:
        for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            for row in db.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    if isinstance(value, str):
                        yield table, value.encode("utf-8", "surrogatepass")
                    elif isinstance(value, bytes):
                        yield table, value
                        if value[:1] == b"\x78":
                            try:
                                yield f"{table} (packed)", zlib.decompress(value)
                            except zlib.error:
                                continue
    except apsw.Error:
        return  # damaged: its bytes are looked at all the same
    finally:
        db.close(True)


def traces(folder: Path, values: Iterable[str], scratch: Path) -> list[str]:
    """``file: value`` and ``file/table: value`` for everything that is found below ``folder``."""
    wanted = {value: forms(value) for value in values}
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        for value, written in wanted.items():
            if any(form in data or form in path.name.encode() for form in written):
                found.append(f"{path.relative_to(folder)}: {value}")
        if data.startswith(b"SQLite format 3\x00"):
            for place, content in _values(path, scratch / "looked-at.db"):
                for value, written in wanted.items():
                    if any(form in content for form in written):
                        found.append(f"{path.relative_to(folder)}/{place}: {value}")
    return sorted(set(found))
