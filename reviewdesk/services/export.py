"""Exports: the current view or a query as a file for spreadsheets or programs (docs/command-line.md, Data care).

CSV is UTF-8 with a byte order mark, comma separated, every text in quotes, rows end with CR LF and line breaks inside a
cell stay LF. A text that a spreadsheet would run (it begins with = + - @, tab or return) gets an apostrophe before it;
``restore_cell`` takes it away again. XLSX holds such a text as text, which no spreadsheet runs, so it stays what it
is. JSON Lines has one object per review in the shape of ``list --json``.

The file appears under its name when it is whole: until then it is a hidden neighbour that goes when anything fails.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import msgspec

from reviewdesk.domain.clock import iso_utc
from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.services.handouts import note_copy, write_whole
from reviewdesk.services.xlsx import CELL_CHARS, XlsxWriter
from reviewdesk.store import export as stored
from reviewdesk.store.export import ExportRow

if TYPE_CHECKING:
    from reviewdesk.domain.models import Account
    from reviewdesk.domain.query import Query
    from reviewdesk.store.database import Store

__all__ = [
    "ExportFormat",
    "ExportService",
    "Exported",
    "Stopped",
    "cells_of",
    "columns",
    "csv_line",
    "record",
    "restore_cell",
    "safe_cell",
]

_RISKY = re.compile(r"'*[=+\-@\t\r\n]")
_RESTORED = re.compile(r"'+[=+\-@\t\r\n]")


class ExportFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


class Stopped(ReviewdeskError):
    """The person stopped it; no file was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written. ``cut``: cells that are longer than a spreadsheet takes (XLSX: shortened to its limit; CSV: whole
    in the file, but a spreadsheet will show less). ``sheets``: how many the rows needed (XLSX).
    """

    path: Path
    rows: int
    bytes: int
    cut: int = 0
    sheets: int = 1


def safe_cell(text: str) -> str:
    """``text`` as a spreadsheet may open it without running it."""
    return "'" + text if _RISKY.match(text) else text


def restore_cell(cell: str) -> str:
    """What ``safe_cell`` was given."""
    return cell[1:] if _RESTORED.match(cell) else cell


def record(row: ExportRow, account: Account | None, *, private: bool) -> dict[str, Any]:
    """One review as ``list --json`` prints it; without ``private`` no e-mail and order, with it reference and messages."""
    made: dict[str, Any] = {
        "id": row.id,
        "account": account.name if account else None,
        "provider": account.provider if account else None,
        "kind": row.kind,
        "native_id": row.native_id,
        "score": _number(row.score),
        "score_min": _number(row.score_min),
        "score_max": _number(row.score_max),
        "score100": row.score100,
        "title": row.title,
        "body": row.body,
        "language": row.language,
        "author": {"name": row.author_name, "username": row.author_username, "id": row.author_id},
        "created_at": iso_utc(row.created_at),
        "updated_at": iso_utc(row.updated_at),
        "product": {"sku": row.product_sku, "name": row.product_name, "id": row.product_id}
        if row.has_product
        else None,
        "provider_state": row.provider_state,
        "work_state": row.work_state,
        "reply": None
        if row.reply is None
        else {"text": row.reply.text, "created_at": iso_utc(row.reply.at), "by": row.reply.by},
        "source": row.source,
        "tags": row.tags,
        "owner": row.owner,
        "unread": bool(row.unread),
        "edited": bool(row.edited),
    }
    if private:
        made["author"]["email"] = row.author_email
        made["order_id"] = row.order_id
        made["reference"] = row.reference
        made["messages"] = [
            {
                "from": m.who,
                "subject": m.subject,
                "text": m.text,
                "created_at": iso_utc(m.at),
                "state": m.state,
            }
            for m in row.messages
        ]
    return made


_PUBLIC = (
    "id", "account", "provider", "kind", "native_id", "score", "score_min", "score_max", "score100", "title", "body",
    "language", "author_name", "author_username", "author_id", "created_at", "updated_at", "product_sku",
    "product_name", "product_id", "provider_state", "work_state", "reply", "reply_created_at", "reply_by", "source",
    "tags", "owner", "unread", "edited",
)  # fmt: skip
_PRIVATE = ("author_email", "order_id", "reference", "messages")


def columns(*, private: bool) -> tuple[str, ...]:
    """The headings of CSV and XLSX."""
    return (*_PUBLIC, *_PRIVATE) if private else _PUBLIC


def cells_of(row: ExportRow, account: Account | None, *, private: bool) -> list[Any]:
    """The row in the order of ``columns``, for a book and as the measure of ``csv_line``."""
    reply = row.reply
    made = [
        # A spreadsheet counts with 15 digits; our ids have more.
        str(row.id), account.name if account else None, account.provider if account else None, row.kind,
        row.native_id, _number(row.score), _number(row.score_min), _number(row.score_max), row.score100, row.title,
        row.body, row.language, row.author_name, row.author_username, row.author_id, iso_utc(row.created_at),
        iso_utc(row.updated_at), row.product_sku, row.product_name, row.product_id, row.provider_state,
        row.work_state, reply.text if reply else None, iso_utc(reply.at) if reply else None,
        reply.by if reply else None, row.source, ", ".join(row.tags), row.owner, row.unread, row.edited,
    ]  # fmt: skip
    if private:
        said = "\n\n".join(_said(m) for m in row.messages)
        made += [row.author_email, row.order_id, row.reference, said]
    return made


def _said(message: stored.ExportMessage) -> str:
    head = " ".join(p for p in (iso_utc(message.at), message.who, message.subject) if p)
    return f"{head} ({message.state}):\n{message.text}"


def _number(value: float | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if float(value).is_integer() else value


# --- the three formats ---------------------------------------------------------------------------------------


class _Writer(Protocol):
    cut: int
    sheets: int

    def put(self, rows: Iterable[ExportRow]) -> None: ...

    def end(self) -> None: ...

    def drop(self) -> None: ...


# A cell, right behind its opening quote, that a spreadsheet would run.
_RISKY_QUOTED = re.compile("\"'*[=+\\-@\t\r\n]")


_BETWEEN = '","'


@lru_cache(maxsize=4096)
def _scores(score: float | None, low: float, high: float, of_hundred: int | None) -> str:
    """The four cells of a score; a provider has a handful of them."""
    cells = (_number(score), _number(low), _number(high), of_hundred)
    return ",".join('""' if cell is None else repr(cell) for cell in cells)


def csv_line(row: ExportRow, account: Account | None, *, private: bool) -> tuple[str, int]:
    """The row as one line of CSV, and how many of its cells are too long for a spreadsheet.

    Written by hand: the csv module looks at each character of a text, and takes longer than all the rest together.
    """
    (
        number, _, kind, native, score, low, high, of_hundred, title, body, language, author, username, email,
        author_id, created, updated, sku, product, product_id, order_id, reference, provider_state, work_state,
        source, tags, owner, unread, edited, _, reply, messages,
    ) = row  # fmt: skip
    said, said_at, said_by = reply if reply is not None else ("", None, "")
    # What is None or empty becomes an empty cell alike.
    first = (
        str(number), (account.name if account else None) or "", account.provider if account else "", kind, native,
    )  # fmt: skip
    second = [
        title, body, language or "", author or "", username or "", author_id or "", iso_utc(created) or "",
        iso_utc(updated) or "", sku or "", product or "", product_id or "", provider_state, work_state, said or "",
        iso_utc(said_at) or "", said_by or "", source or "", tags.replace("\n", ", "), owner or "",
    ]  # fmt: skip
    third = (
        (email or "", order_id or "", reference or "", "\n\n".join(map(_said, messages)) if messages else "")
        if private
        else ()
    )
    numbers = _scores(score, low, high, of_hundred)
    line = _line(first, numbers, second, unread, edited, third)
    quotes = 2 * (len(first) + len(second) + len(third)) + numbers.count('"')
    cut = 0
    if len(line) > CELL_CHARS:
        cut = sum(len(cell) > CELL_CHARS for cell in (*first, *second, *third))
    if line.count('"') != quotes or _RISKY_QUOTED.search(line):
        line = _line(_safe(first), numbers, _safe(second), unread, edited, _safe(third))
    return line + "\r\n", cut


def _line(
    first: Sequence[str], numbers: str, second: Sequence[str], unread: int, edited: int, third: Sequence[str]
) -> str:
    private = f',"{_BETWEEN.join(third)}"' if third else ""
    return f'"{_BETWEEN.join(first)}",{numbers},"{_BETWEEN.join(second)}",{unread},{edited}{private}'


def _safe(cells: Sequence[str]) -> Sequence[str]:
    return [safe_cell(cell).replace('"', '""') for cell in cells]


class _Csv:
    def __init__(self, file: IO[bytes], accounts: Mapping[int, Account], private: bool) -> None:
        self.cut, self.sheets = 0, 1
        self._file, self._accounts, self._private = file, accounts, private
        file.write(f'\ufeff"{_BETWEEN.join(columns(private=private))}"\r\n'.encode())

    def put(self, rows: Iterable[ExportRow]) -> None:
        accounts, private = self._accounts, self._private
        lines = []
        for row in rows:
            line, cut = csv_line(row, accounts.get(row.account_id), private=private)
            lines.append(line)
            self.cut += cut
        self._file.write("".join(lines).encode("utf-8", "replace"))

    def end(self) -> None:
        pass  # every line was whole when it was written

    def drop(self) -> None:
        pass


class _Jsonl:
    def __init__(self, file: IO[bytes], accounts: Mapping[int, Account], private: bool) -> None:
        self.cut, self.sheets = 0, 1
        self._file, self._accounts, self._private = file, accounts, private
        self._encode = msgspec.json.Encoder().encode

    def put(self, rows: Iterable[ExportRow]) -> None:
        encode, accounts, private = self._encode, self._accounts, self._private
        for row in rows:
            self._file.write(encode(record(row, accounts.get(row.account_id), private=private)))
            self._file.write(b"\n")

    def end(self) -> None:
        pass

    def drop(self) -> None:
        pass


class _Xlsx:
    def __init__(self, file: IO[bytes], accounts: Mapping[int, Account], private: bool) -> None:
        self._accounts, self._private = accounts, private
        self._book = XlsxWriter(file, "Reviews", columns(private=private))

    @property
    def cut(self) -> int:
        return self._book.cut

    @property
    def sheets(self) -> int:
        return self._book.sheets

    def put(self, rows: Iterable[ExportRow]) -> None:
        for row in rows:
            self._book.row(cells_of(row, self._accounts.get(row.account_id), private=self._private))

    def end(self) -> None:
        self._book.end()

    def drop(self) -> None:
        self._book.drop()


_WRITERS: Mapping[ExportFormat, Callable[[IO[bytes], Mapping[int, Account], bool], Any]] = {
    ExportFormat.CSV: _Csv,
    ExportFormat.JSONL: _Jsonl,
    ExportFormat.XLSX: _Xlsx,
}

Progress = Callable[[int, int], None]


class ExportService:
    """Blocking: for a pool thread or the command line, never the window's."""

    def __init__(self, store: Store, accounts: Callable[[], Sequence[Account]]) -> None:
        self._store = store
        self._accounts = accounts

    def count(self, query: Query) -> int:
        """How many reviews an export of ``query`` would hold now."""
        return stored.count(self._store.path, query)

    def write(
        self,
        query: Query,
        target: Path,
        chosen: ExportFormat,
        *,
        private: bool = False,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
    ) -> Exported:
        """Write what ``query`` finds, newest first, to ``target`` (mode 0600; a file of that name is replaced at the end).

        ``progress(done, total)`` is called after each page, on this thread; ``cancel`` ends it with ``Stopped`` and
        no file. Raises ``InvalidInput`` when the place can't be written, ``ReviewdeskError`` when the disk gives out
        on the way, and the StoreErrors. That a file was written is noted in the journal.
        """
        target = Path(os.path.abspath(target))  # noqa: PTH100 - resolve() would follow a link to its target
        accounts = {account.id: account for account in self._accounts()}
        total = self.count(query)
        done = 0

        def fill(file: IO[bytes]) -> _Writer:
            nonlocal done
            writer: _Writer = _WRITERS[chosen](file, accounts, private)
            try:
                for rows in stored.pages(self._store.path, query, messages=private):
                    if cancel is not None and cancel.is_set():
                        raise Stopped("The export was stopped; no file was written.")
                    writer.put(rows)
                    done += len(rows)
                    if progress is not None:
                        progress(done, max(total, done))
                writer.end()
            except BaseException:
                writer.drop()
                raise
            return writer

        writer = write_whole(target, fill)
        note_copy(self._store, "export", target)
        return Exported(
            path=target, rows=done, bytes=target.stat().st_size, cut=writer.cut, sheets=writer.sheets
        )
