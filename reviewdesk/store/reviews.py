"""Reviews: stored page by page, read as rows for the list and whole for the reading pane."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reviewdesk.domain.models import (
    Author,
    OutboxItem,
    OutboxState,
    Product,
    ProviderState,
    ReplyMark,
    ReviewDetail,
    ReviewKind,
    ReviewRef,
    ReviewRow,
    Version,
    WorkState,
)
from reviewdesk.store import elsewhere, messages, notes, outbox, records, threads, twins
from reviewdesk.store.codec import to_json
from reviewdesk.store.indexing import queue_index
from reviewdesk.store.ingest import PageResult, store_page
from reviewdesk.store.packing import Details, details_of
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

__all__ = [
    "ROW_COLUMNS",
    "PageResult",
    "detail",
    "find",
    "next_wake",
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

ROW_COLUMNS = (
    "id, account_id, kind, native_id, score, score_min, score_max, score100, author_name, product_name, order_id,"
    " snippet, language, created_s, updated_s, provider_state, work_state, reply_mark, unread, starred, edited,"
    " photos, has_draft, owner, tag_names, source, snooze_until_s, twin_of"
)
"""What ``row_of`` takes, in this order."""

_ROWS = "SELECT " + ROW_COLUMNS + " FROM review WHERE id IN (SELECT value FROM json_each(?))"
_KINDS = {kind.value: kind for kind in ReviewKind}
_PROVIDER_STATES = {state.value: state for state in ProviderState}
_WORK_STATES = {state.value: state for state in WorkState}
_MARKS = {mark.value: mark for mark in ReplyMark}


def row_of(row: tuple[Any, ...]) -> ReviewRow:
    """A row of ``ROW_COLUMNS`` as a value."""
    (
        review_id, account_id, kind, native_id, score, low, high, score100, author, product, order_id, snippet,
        language, created, updated, provider_state, work_state, mark, unread, starred, edited, photos, has_draft,
        owner, tags, source, snooze_until, twin_of,
    ) = row  # fmt: skip
    return ReviewRow(
        id=review_id,
        account_id=account_id,
        kind=_KINDS[kind],
        native_id=native_id,
        score=score,
        score_min=low,
        score_max=high,
        score100=score100,
        author_name=author,
        product_name=product,
        order_id=order_id,
        snippet=snippet,
        language=language,
        created_at=created,
        updated_at=updated,
        provider_state=_PROVIDER_STATES[provider_state],
        work_state=_WORK_STATES[work_state],
        reply_mark=_MARKS[mark],
        unread=bool(unread),
        starred=bool(starred),
        edited=bool(edited),
        has_photo=photos > 0,
        has_draft=bool(has_draft),
        owner=owner,
        tags=tuple(tags.split("\n")) if tags else (),
        source=source,
        snooze_until=snooze_until,
        twin_of=twin_of,
    )


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
        " r.product_sku, r.product_id, r.thread_id, c.state, c.native_id FROM review AS r"
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
