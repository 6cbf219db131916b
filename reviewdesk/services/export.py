"""Exports: the current view or a query as a file for spreadsheets or programs (docs/command-line.md, Data care).

CSV is UTF-8 with a byte order mark, comma separated, every text in quotes, rows end with CR LF and line breaks inside a
cell stay LF. A text that a spreadsheet would run (it begins with = + - @, tab or return) gets an apostrophe before it;
``restore_cell`` takes it away again. XLSX holds such a text as text, which no spreadsheet runs, so it stays what it
is. JSON Lines has one object per review in the shape of ``list --json``.

The file appears under its name when it is whole: until then it is a hidden neighbour that goes when anything fails.
"""

from __future__ import annotations

import csv
import json
import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

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
    "columns",
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
        "tags": list(row.tags),
        "owner": row.owner,
        "unread": row.unread,
        "edited": row.edited,
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


def _cells(row: ExportRow, account: Account | None, *, private: bool) -> list[Any]:
    reply = row.reply
    made = [
        # A spreadsheet counts with 15 digits; our ids have more.
        str(row.id), account.name if account else None, account.provider if account else None, row.kind,
        row.native_id, _number(row.score), _number(row.score_min), _number(row.score_max), row.score100, row.title,
        row.body, row.language, row.author_name, row.author_username, row.author_id, iso_utc(row.created_at),
        iso_utc(row.updated_at), row.product_sku, row.product_name, row.product_id, row.provider_state,
        row.work_state, reply.text if reply else None, iso_utc(reply.at) if reply else None,
        reply.by if reply else None, row.source, ", ".join(row.tags), row.owner, int(row.unread), int(row.edited),
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


class _Csv:
    def __init__(self, file: IO[bytes], accounts: Mapping[int, Account], private: bool) -> None:
        self.cut, self.sheets = 0, 1
        self._accounts, self._private = accounts, private
        self._text = TextIOWrapper(file, "utf-8-sig", errors="replace", newline="")
        self._csv = csv.writer(self._text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        self._csv.writerow(columns(private=private))

    def put(self, rows: Iterable[ExportRow]) -> None:
        for row in rows:
            cells = _cells(row, self._accounts.get(row.account_id), private=self._private)
            self.cut += sum(1 for c in cells if isinstance(c, str) and len(c) > CELL_CHARS)
            self._csv.writerow(
                ["" if c is None else safe_cell(c) if isinstance(c, str) else c for c in cells]
            )

    def end(self) -> None:
        self._text.flush()
        self._text.detach()

    def drop(self) -> None:
        self._text.detach()


class _Jsonl:
    def __init__(self, file: IO[bytes], accounts: Mapping[int, Account], private: bool) -> None:
        self.cut, self.sheets = 0, 1
        self._file, self._accounts, self._private = file, accounts, private
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

    def put(self, rows: Iterable[ExportRow]) -> None:
        for row in rows:
            made = record(row, self._accounts.get(row.account_id), private=self._private)
            self._file.write((self._encode(made) + "\n").encode("utf-8", "replace"))

    def end(self) -> None:
        pass  # every line was whole when it was written

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
            self._book.row(_cells(row, self._accounts.get(row.account_id), private=self._private))

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
