"""A provider's record as columns, with the hash by which an unchanged one is recognised."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from reviewdesk.domain.models import (
    Attachment,
    Author,
    Product,
    ReviewRecord,
    SubScore,
    Thread,
)
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.score import score100, stars_of
from reviewdesk.domain.text import cap, one_line
from reviewdesk.store import records
from reviewdesk.store.codec import object_from, to_json

__all__ = [
    "PROVIDER_COLUMNS",
    "SNIPPET_CHARS",
    "Details",
    "Packed",
    "check",
    "details_of",
    "fingerprint",
    "pack",
    "snippet_of",
    "thread_digest",
]

SNIPPET_CHARS = 240
_SNIPPET_LOOK = 1200
_HASH_BYTES = 16
_MAX_SECONDS = 1 << 42
_ANONYMOUS = "Anonymous"

PROVIDER_COLUMNS = (
    "score", "score_min", "score_max", "score100", "stars", "author_name", "author_username", "author_email",
    "author_id", "product_sku", "product_name", "product_id", "order_id", "reference", "language", "source",
    "updated_s", "provider_state", "length", "photos", "snippet", "content_hash",
)  # fmt: skip
"""The columns of ``review`` that a provider's record decides, in the order of ``Packed.columns``."""


@dataclass(slots=True)
class Packed:
    """``columns`` for ``PROVIDER_COLUMNS``; title, body, details and raw for ``review_text``."""

    columns: tuple[Any, ...]
    title: str
    body: str
    details: str
    raw: bytes
    thread_id: str | None


# --- recognising what is unchanged ---------------------------------------------------------------------

# Cleaned text holds none of these, so that two records can't be taken for each other by moving a border.
_FIELD, _GROUP, _NONE = "\x1f", "\x1d", "\x00"


def fingerprint(record: ReviewRecord) -> bytes:
    """Of everything decoded from the record except the conversation. Raises ValueError when the record can't be stored.

    This runs for every record of every sync: it joins texts, and derives nothing.
    """
    author, product = record.author, record.product
    parts: list[str | None] = [
        record.title, record.body, author.name, author.username, author.email, author.id, record.order_id,
        record.reference, record.language, record.source, record.source_id, record.url, record.thread_id,
        record.provider_state,
        f"{record.score!r} {record.score_min!r} {record.score_max!r} {record.created_at} {record.updated_at}"
        f" {record.anonymised}",
    ]  # fmt: skip
    if product is not None:
        parts += (_GROUP, product.sku, product.name, product.id, product.url, product.image_url)
        parts += (product.gtin, product.mpn, product.brand)
    if record.sub_scores:
        parts.append(_GROUP)
        for sub in record.sub_scores:
            parts += (sub.name, repr(sub.score))
    if record.attachments:
        parts.append(_GROUP)
        for picture in record.attachments:
            parts += (picture.url, picture.thumbnail_url, picture.mime, picture.caption)
    for facts in (record.facts, record.private_facts):
        if facts:
            parts.append(_GROUP)
            for fact in facts:
                parts += fact
        parts.append(_GROUP)
    for version in record.previous:
        parts += (f"{version.at} {version.score!r}", version.title, version.body)
    # Not the raw record: one review read through two calls (a list, itself alone) is written differently
    # by some providers, with numbers as texts here and keys left out there, and is the same review all the same.
    try:
        return _digest(parts)
    except UnicodeEncodeError:
        raise ValueError("it holds half a character") from None


def thread_digest(thread: Thread) -> bytes:
    """By this an unchanged conversation is recognised. Raises ValueError when it can't be stored."""
    parts: list[str | None] = [thread.id, thread.state]
    for c in thread.comments:
        parts += (c.id, c.author, c.author_id, c.role, c.text, c.state, f"{c.created_at} {c.updated_at}")
    try:
        return _digest(parts)
    except UnicodeEncodeError:
        raise ValueError("it holds half a character") from None


def _digest(parts: list[str | None]) -> bytes:
    whole = _FIELD.join([_NONE if part is None else part for part in parts])
    return hashlib.blake2b(whole.encode("utf-8"), digest_size=_HASH_BYTES).digest()


def check(record: ReviewRecord) -> None:
    """Raise ValueError (with a reason fit to show) for a record that no table takes."""
    try:
        # What the fingerprint does not look at and a table must hold nevertheless.
        record.native_id.encode("utf-8")
        record.raw.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("it holds half a character") from None
    _check_time(record.created_at)
    _check_time(record.updated_at)
    for version in record.previous:
        _check_time(version.at)
    if record.thread is not None:
        for comment in record.thread.comments:
            _check_time(comment.created_at)
            _check_time(comment.updated_at)


def _check_time(seconds: int | None) -> None:
    if seconds is not None and not -_MAX_SECONDS < seconds < _MAX_SECONDS:
        raise ValueError("its date lies outside of any calendar")


# --- as columns ------------------------------------------------------------------------------------------


def pack(record: ReviewRecord, content_hash: bytes) -> Packed:
    """The record as it is stored.

    An anonymised record keeps nothing that names a person, whatever else the provider left in it.
    """
    author, product = record.author, record.product
    score = _finite(record.score)
    low, high = record.score_min, record.score_max
    order_id, reference, private_facts = record.order_id, record.reference, record.private_facts
    if record.anonymised:
        author, order_id, reference, private_facts = Author(name=author.name or _ANONYMOUS), None, None, ()
    columns = (
        score,
        low,
        high,
        *_scales(score, low, high),
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
        len(record.body) if record.body and not record.body.isspace() else 0,
        len(record.attachments),
        snippet_of(record.title, record.body),
        content_hash,
    )
    thread_id = record.thread_id or (record.thread.id if record.thread is not None else None)
    raw = records.packed(record.raw, record.title, record.body)
    return Packed(
        columns, record.title, record.body, _details(record, product, private_facts), raw, thread_id
    )


def snippet_of(title: str, body: str) -> str:
    """Title and text in one line for the list, at most 240 characters."""
    text = f"{title} {body[:_SNIPPET_LOOK]}" if title else body[:_SNIPPET_LOOK]
    line = " ".join(text.split())
    if len(line) <= SNIPPET_CHARS:
        # Nearly all are short; only one that is mostly blanks needs a longer look.
        return line if len(body) <= _SNIPPET_LOOK else one_line(f"{title} {body}", SNIPPET_CHARS)
    return cap(line, SNIPPET_CHARS, "").rstrip()


@lru_cache(maxsize=4096)
def _scales(score: float | None, low: float, high: float) -> tuple[int | None, float | None]:
    # A provider has a handful of scores, and there are a million of them.
    return score100(score, low, high), stars_of(score, low, high)


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
