"""Reviews by the page for an export: every page is a short snapshot of its own.

A connection of its own, without a memory map and with a small cache: a million rows pass through a few megabytes.
Between two pages nothing is held, so that the writer's log is emptied as ever and nobody waits for an export.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from reviewdesk.domain.query import Query
from reviewdesk.store import search
from reviewdesk.store.codec import object_from, to_json
from reviewdesk.store.connections import open_reader
from reviewdesk.store.failures import as_store_error, cannot_open
from reviewdesk.store.writer import Reader

__all__ = ["PAGE", "ExportMessage", "ExportReply", "ExportRow", "count", "pages"]

PAGE = 400
_CACHE_KIB = 2048

# The columns in the order of ``ExportRow``: what SQLite gives is the row, nothing is made of it (a value object a row
# took as long as the reading itself). The state of the conversation comes last and stays here.
_ROWS = (
    "SELECT r.id, r.account_id, r.kind, r.native_id, r.score, r.score_min, r.score_max, r.score100,"
    " coalesce(t.title, ''), coalesce(t.body, ''), r.language, r.author_name, r.author_username, r.author_email,"
    " r.author_id, r.created_s, r.updated_s, r.product_sku, r.product_name, r.product_id, r.order_id, r.reference,"
    " r.provider_state, r.work_state, r.source, r.tag_names, r.owner, r.unread, r.edited,"
    " json_extract(coalesce(t.details, '{}'), '$.product') IS NOT NULL, c.state"
    " FROM review AS r LEFT JOIN review_text AS t ON t.review_id = r.id"
    " LEFT JOIN conversation AS c ON c.review_id = r.id"
    " WHERE r.id IN (SELECT value FROM json_each(?)) ORDER BY r.id DESC"
)
_COMMENTS = (
    "SELECT review_id, author, role, text, created_s, state FROM comment"
    " WHERE review_id IN (SELECT value FROM json_each(?)) ORDER BY review_id, position"
)
_SENT = (
    "SELECT review_id, payload, text, created_t, state FROM outbox"
    " WHERE review_id IN (SELECT value FROM json_each(?)) AND kind IN ('message', 'resolution')"
    " AND state <> 'discarded' ORDER BY review_id, id"
)


class ExportReply(NamedTuple):
    """The newest public reply of the business."""

    text: str
    at: int | None
    by: str | None


class ExportMessage(NamedTuple):
    """One private message, either way. ``state``: of our own (``sent``, ``waiting`` ...), ``received`` else."""

    who: str
    text: str
    at: int | None
    subject: str
    state: str


class ExportRow(NamedTuple):
    """One review with everything that an export may hold. Times are UTC seconds, ``unread`` and the like 0 or 1.

    ``tag_names`` has a tag a line.
    """

    id: int
    account_id: int
    kind: str
    native_id: str
    score: float | None
    score_min: float
    score_max: float
    score100: int | None
    title: str
    body: str
    language: str | None
    author_name: str | None
    author_username: str | None
    author_email: str | None
    author_id: str | None
    created_at: int
    updated_at: int | None
    product_sku: str | None
    product_name: str | None
    product_id: str | None
    order_id: str | None
    reference: str | None
    provider_state: str
    work_state: str
    source: str | None
    tag_names: str
    owner: str | None
    unread: int
    edited: int
    has_product: int
    reply: ExportReply | None
    messages: tuple[ExportMessage, ...]

    @property
    def tags(self) -> list[str]:
        return self.tag_names.split("\n") if self.tag_names else []


@contextmanager
def _connection(path: Path) -> Iterator[apsw.Connection]:
    """Raises the StoreErrors for whatever goes wrong inside."""
    try:
        db = open_reader(path)
    except apsw.Error as error:
        raise as_store_error(error) or cannot_open() from error
    try:
        db.execute(f"PRAGMA mmap_size=0; PRAGMA cache_size=-{_CACHE_KIB}").fetchall()
        yield db
    except apsw.Error as error:
        mapped = as_store_error(error, db)
        if mapped is not None:
            raise mapped from error
        raise
    finally:
        db.close(True)


def count(path: Path, query: Query) -> int:
    """How many rows the pages will hold. Raises the StoreErrors."""
    with _connection(path) as db:
        return search.count(Reader(db), query)


def pages(path: Path, query: Query, *, messages: bool, page: int = PAGE) -> Iterator[list[ExportRow]]:
    """What the query finds, newest first, ``page`` rows at a time. ``messages``: private ones too.

    What is deleted meanwhile is missing, what arrives meanwhile may be. Raises the StoreErrors.
    """
    with _connection(path) as db:
        before: int | None = None
        while True:
            db.execute("BEGIN")
            try:
                reader = Reader(db)
                wanted = search.ids(reader, query, limit=page, before=before)
                rows = _rows(reader, wanted, messages=messages) if wanted else []
            finally:
                db.execute("ROLLBACK")
            if rows:
                yield rows
            if len(wanted) < page:
                return
            before = wanted[-1]


def _rows(r: Reader, ids: Sequence[int], *, messages: bool) -> list[ExportRow]:
    """The rows of these ids (newest first), without those that are gone."""
    key = to_json(list(ids))
    comments: dict[int, list[tuple[Any, ...]]] = {}
    for review_id, *rest in r.db.execute(_COMMENTS, (key,)):
        comments.setdefault(review_id, []).append(tuple(rest))
    sent: dict[int, list[ExportMessage]] = {}
    if messages:
        for review_id, payload, text, created, state in r.db.execute(_SENT, (key,)):
            subject = str(object_from(payload).get("subject", ""))
            sent.setdefault(review_id, []).append(
                ExportMessage("business", text, int(created), subject, state)
            )
    made = ExportRow._make
    nothing = (None, ())
    return [
        made((*row[:-1], *nothing))
        if row[0] not in comments and row[0] not in sent
        else made((*row[:-1], *_said(row[-1], comments.get(row[0], ()), sent.get(row[0], ()))))
        for row in r.db.execute(_ROWS, (key,))
    ]


def _said(
    conversation: str | None, comments: Sequence[tuple[Any, ...]], sent: Sequence[ExportMessage]
) -> tuple[ExportReply | None, tuple[ExportMessage, ...]]:
    """What was answered in public, and what was said in private."""
    if conversation != "private":
        return _newest_reply(comments), tuple(sent)
    received = (
        ExportMessage(str(role), text, at, "", "received" if role != "business" else "sent")
        for _, role, text, at, _ in comments
    )
    return None, (*received, *sent)


def _newest_reply(comments: Sequence[tuple[Any, ...]]) -> ExportReply | None:
    """As ``list --json`` says it: the latest published one of the business, the later one where two are of one time."""
    newest: tuple[int, ExportReply] | None = None
    for author, role, text, at, state in comments:
        if role == "business" and state == "published" and (newest is None or (at or 0) >= newest[0]):
            newest = (at or 0, ExportReply(text, at, author))
    return None if newest is None else newest[1]
