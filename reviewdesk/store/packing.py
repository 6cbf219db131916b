"""A provider's record as columns, with the hash by which an unchanged one is recognised."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reviewdesk.domain.models import (
    Attachment,
    Author,
    Comment,
    Product,
    ProviderState,
    ReviewRecord,
    SubScore,
    Thread,
)
from reviewdesk.domain.score import score100, stars_of
from reviewdesk.domain.text import one_line
from reviewdesk.store.codec import object_from, to_json

__all__ = ["PROVIDER_COLUMNS", "SNIPPET_CHARS", "Packed", "details_of", "pack", "snippet_of", "thread_digest"]

SNIPPET_CHARS = 300
_HASH_BYTES = 16
_MAX_SECONDS = 1 << 42
_ANONYMOUS = "Anonymous"

PROVIDER_COLUMNS = (
    "score", "score_min", "score_max", "score100", "stars", "author_name", "author_username", "author_email",
    "author_id", "product_sku", "product_name", "product_id", "order_id", "reference", "language", "source",
    "updated_s", "provider_state", "has_text", "photos", "snippet", "content_hash",
)  # fmt: skip
"""The columns of ``review`` that a provider's record decides, in the order of ``Packed.columns``."""


@dataclass(slots=True)
class Packed:
    """``columns`` for ``PROVIDER_COLUMNS``; title, body, details and raw for ``review_text``."""

    columns: tuple[Any, ...]
    title: str
    body: str
    details: str
    raw: str
    content_hash: bytes
    thread_id: str | None
    thread_hash: bytes | None
    """None: no conversation came with the record."""


def pack(record: ReviewRecord) -> Packed:
    """The record as it is stored. Raises ValueError (with a reason fit to show) when it can't be.

    An anonymised record keeps nothing that names a person, whatever else the provider left in it.
    """
    author, product = record.author, record.product
    score = record.score if record.score is not None and math.isfinite(record.score) else None
    low, high = record.score_min, record.score_max
    for seconds in (record.created_at, record.updated_at):
        if seconds is not None and not -_MAX_SECONDS < seconds < _MAX_SECONDS:
            raise ValueError("its date lies outside of any calendar")
    if record.anonymised:
        author, order_id, reference = Author(name=author.name or _ANONYMOUS), None, None
        private_facts: tuple[tuple[str, str], ...] = ()
    else:
        order_id, reference, private_facts = record.order_id, record.reference, record.private_facts
    thread_id = record.thread_id or (record.thread.id if record.thread is not None else None)
    details = _details(record, product, private_facts)
    given = (
        score,
        low,
        high,
        score100(score, low, high),
        stars_of(score, low, high),
        author.name,
        author.username,
        author.email,
        author.id,
        product.sku if product else None,
        product.name if product else None,
        product.id if product else None,
        order_id,
        reference,
        record.language,
        record.source,
        record.updated_at,
        record.provider_state.value,
        int(bool(record.body) and not record.body.isspace()),
        len(record.attachments),
        snippet_of(record.title, record.body),
    )
    previous = [(v.at, v.score, v.title, v.body) for v in record.previous]
    whole = to_json(
        (given, record.created_at, record.title, record.body, details, record.raw, previous, thread_id)
    )
    try:
        digest = hashlib.blake2b(whole.encode("utf-8"), digest_size=_HASH_BYTES).digest()
        thread_hash = None if record.thread is None else thread_digest(record.thread)
        record.native_id.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("it holds half a character") from None
    return Packed(
        (*given, digest), record.title, record.body, details, record.raw, digest, thread_id, thread_hash
    )


def snippet_of(title: str, body: str) -> str:
    """Title and text in one line for the list, at most 300 characters."""
    # Twice the length is plenty for 300 characters of one line, and nobody folds a text of a megabyte.
    text = f"{title[: 2 * SNIPPET_CHARS]} {body[: 2 * SNIPPET_CHARS]}" if title else body[: 2 * SNIPPET_CHARS]
    return one_line(text, SNIPPET_CHARS)


def thread_digest(thread: Thread) -> bytes:
    """By this an unchanged conversation is recognised. Raises UnicodeEncodeError for half a character."""
    whole = to_json((thread.id, thread.state, [_comment_tuple(c) for c in thread.comments]))
    return hashlib.blake2b(whole.encode("utf-8"), digest_size=_HASH_BYTES).digest()


def _comment_tuple(c: Comment) -> tuple[Any, ...]:
    return (c.id, c.author, c.author_id, c.role.value, c.text, c.created_at, c.updated_at, c.state)


def _details(
    record: ReviewRecord, product: Product | None, private_facts: tuple[tuple[str, str], ...]
) -> str:
    found: dict[str, Any] = {}
    if product is not None:
        more = {
            "url": product.url,
            "image_url": product.image_url,
            "gtin": product.gtin,
            "mpn": product.mpn,
            "brand": product.brand,
        }
        found["product"] = {k: v for k, v in more.items() if v is not None}
    if record.sub_scores:
        found["sub_scores"] = [(s.name, _finite(s.score)) for s in record.sub_scores]
    if record.attachments:
        found["attachments"] = [(a.url, a.thumbnail_url, a.mime, a.caption) for a in record.attachments]
    if record.facts:
        found["facts"] = record.facts
    if private_facts:
        found["private_facts"] = private_facts
    if record.url is not None:
        found["url"] = record.url
    if record.source_id is not None:
        found["source_id"] = record.source_id
    if record.anonymised:
        found["anonymised"] = True
    return to_json(found) if found else "{}"


def _finite(score: float | None) -> float | None:
    return score if score is not None and math.isfinite(score) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The JSON of ``review_text.details`` as values."""

    product: Mapping[str, Any] | None
    sub_scores: tuple[SubScore, ...]
    attachments: tuple[Attachment, ...]
    facts: tuple[tuple[str, str], ...]
    private_facts: tuple[tuple[str, str], ...]
    url: str | None
    source_id: str | None


def details_of(text: str) -> Details:
    """What ``pack`` wrote."""
    found = object_from(text)
    return Details(
        product=found.get("product"),
        sub_scores=tuple(SubScore(name, score) for name, score in found.get("sub_scores", ())),
        attachments=tuple(
            Attachment(url=url, thumbnail_url=thumbnail, mime=mime, caption=caption)
            for url, thumbnail, mime, caption in found.get("attachments", ())
        ),
        facts=tuple((label, value) for label, value in found.get("facts", ())),
        private_facts=tuple((label, value) for label, value in found.get("private_facts", ())),
        url=found.get("url"),
        source_id=found.get("source_id"),
    )


def is_removed(record: ReviewRecord) -> bool:
    return record.provider_state is ProviderState.REMOVED
