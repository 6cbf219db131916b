"""Reviews: stored page by page, read as rows for the list and whole for the reading pane."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from reviewdesk.domain.later import Later
from reviewdesk.domain.models import (
    Author,
    FormerText,
    OutboxItem,
    OutboxState,
    Product,
    ReviewDetail,
    ReviewKind,
    ReviewRef,
    ReviewRow,
    Version,
)
from reviewdesk.store.codec import to_json
from reviewdesk.store.indexing import queue_index
from reviewdesk.store.packing import Details, details_of
from reviewdesk.store.rows import ROW_COLUMNS, row_of
from reviewdesk.store.states import (
    next_wake,
    put_back,
    set_owner,
    set_read,
    set_star,
    set_state,
    snooze,
    wake_due,
)
from reviewdesk.store.writer import Reader

if TYPE_CHECKING:
    from reviewdesk.store import elsewhere, messages, notes, outbox, records, threads, twins
    from reviewdesk.store.ingest import PageResult, prepared, store_page
else:
    # A list of rows is read without what belongs to one whole review, and without what stores.
    elsewhere, messages = Later("reviewdesk.store.elsewhere"), Later("reviewdesk.store.messages")
    notes, outbox = Later("reviewdesk.store.notes"), Later("reviewdesk.store.outbox")
    records, threads = Later("reviewdesk.store.records"), Later("reviewdesk.store.threads")
    twins = Later("reviewdesk.store.twins")

    def __getattr__(name: str) -> Any:
        if name in ("PageResult", "prepared", "store_page"):
            from reviewdesk.store import ingest

            return getattr(ingest, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "ROW_COLUMNS",
    "PageResult",
    "detail",
    "find",
    "next_wake",
    "prepared",
    "put_back",
    "queue_index",
    "ref",
    "row_of",
    "rows",
    "set_owner",
    "set_read",
    "set_star",
    "set_state",
    "snooze",
    "store_page",
    "wake_due",
]

_ROWS = "SELECT " + ROW_COLUMNS + " FROM review WHERE id IN (SELECT value FROM json_each(?))"
_KINDS = {kind.value: kind for kind in ReviewKind}


def rows(r: Reader, ids: Iterable[int]) -> dict[int, ReviewRow]:
    """The rows of these ids; those that are not there are missing from the answer."""
    found = r.rows(_ROWS, (to_json(list(ids)),))
    return {row[0]: row_of(row) for row in found}


def find(r: Reader, account_id: int, native_id: str, kind: ReviewKind | None = None) -> int | None:
    """The id of the review that the provider calls ``native_id``, or None."""
    for wanted in ReviewKind if kind is None else (kind,):
        found = r.value(
            "SELECT id FROM review WHERE account_id = ? AND kind = ? AND native_id = ?",
            (account_id, wanted.value, native_id),
        )
        if found is not None:
            return int(found)
    return None


def ref(r: Reader, review_id: int) -> ReviewRef | None:
    """What a provider needs to name the review in a call, or None when it is not there."""
    row = r.one(
        "SELECT account_id, kind, native_id, thread_id, author_username, source FROM review WHERE id = ?",
        (review_id,),
    )
    if row is None:
        return None
    return ReviewRef(
        id=review_id,
        account_id=row[0],
        kind=_KINDS[row[1]],
        native_id=row[2],
        thread_id=row[3],
        username=row[4],
        source=row[5],
    )


def detail(r: Reader, review_id: int) -> ReviewDetail | None:
    """Everything known of one review, or None. A handful of indexed look-ups."""
    found = r.one("SELECT " + ROW_COLUMNS + " FROM review WHERE id = ?", (review_id,))
    more = r.one(
        "SELECT t.title, t.body, t.details, t.raw, r.author_username, r.author_email, r.author_id, r.reference,"
        " r.product_sku, r.product_id, r.thread_id, c.state, c.native_id, r.arrived_s FROM review AS r"
        " JOIN review_text AS t ON t.review_id = r.id LEFT JOIN conversation AS c ON c.review_id = r.id"
        " WHERE r.id = ?",
        (review_id,),
    )
    if found is None or more is None:
        return None
    row = row_of(found)
    details = details_of(more[2])
    return ReviewDetail(
        row=row,
        title=more[0],
        body=more[1],
        author=Author(name=row.author_name, username=more[4], email=more[5], id=more[6]),
        product=_product(row, more[8], more[9], details),
        reference=more[7],
        sub_scores=details.sub_scores,
        attachments=details.attachments,
        facts=details.facts,
        private_facts=details.private_facts,
        thread_id=more[12] if more[12] is not None else more[10],
        thread_state=more[11],
        comments=threads.comments(r, review_id),
        versions=_versions(r, review_id),
        notes=tuple((note.id, note.at, note.text) for note in notes.list_of(r, review_id)),
        raw=records.unpacked(more[3], more[0], more[1]),
        url=details.url,
        source_id=details.source_id,
        outbox=_unsettled(r, review_id),
        twins=twins.of_review(r, review_id),
        messages=messages.of_review(r, review_id),
        case=messages.case_of(r, review_id),
        elsewhere=elsewhere.of_review(r, review_id),
        arrived_at=more[13],
        former_texts=tuple(FormerText(*former) for former in threads.comment_versions(r, review_id)[-20:]),
    )


def _product(row: ReviewRow, sku: str | None, product_id: str | None, details: Details) -> Product | None:
    if details.product is None:
        return None
    known = details.product
    return Product(
        sku=sku,
        name=row.product_name,
        id=product_id,
        url=known.get("url"),
        image_url=known.get("image_url"),
        gtin=known.get("gtin"),
        mpn=known.get("mpn"),
        brand=known.get("brand"),
    )


def _versions(r: Reader, review_id: int) -> tuple[Version, ...]:
    """By their own time; those without one first, as the provider gave them."""
    found = r.rows(
        "SELECT at_s, score, title, body FROM version WHERE review_id = ? ORDER BY at_s, id", (review_id,)
    )
    return tuple(Version(*row) for row in found)


def _unsettled(r: Reader, review_id: int) -> tuple[OutboxItem, ...]:
    settled = {
        row[0] for row in r.rows("SELECT id FROM outbox WHERE review_id = ? AND settled = 1", (review_id,))
    }
    items = outbox.list_items(r, review_id=review_id)
    return tuple(
        item for item in reversed(items) if item.state is not OutboxState.SENT or item.id not in settled
    )
