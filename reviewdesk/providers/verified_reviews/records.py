"""From the records of either source to reviews and deletions."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import unquote

from reviewdesk.domain.models import (
    Attachment,
    Author,
    Comment,
    Deletion,
    Product,
    ReviewKind,
    ReviewRecord,
    Role,
    Thread,
)
from reviewdesk.domain.text import clean, fold
from reviewdesk.providers.addresses import split
from reviewdesk.providers.decode import Number, parse_when
from reviewdesk.providers.verified_reviews import wire
from reviewdesk.providers.verified_reviews.items import Item
from reviewdesk.providers.verified_reviews.spec import SPEC

__all__ = ["OrderDeletion", "Outcome", "api_review", "feed_record"]

_ID_CAP = 500
_MEDIA_CAP = 200_000
_MAX_PICTURES = 20
_ANONYMOUS = frozenset({"anonymous", "anonyme"})
_RATES = {"1": 1.0, "2": 2.0, "3": 3.0, "4": 4.0, "5": 5.0}
# Legacy words of the feed, the numbers of the vendor's other documents, and what other languages may use.
_BUSINESS = frozenset(
    {
        "ecommercant",
        "e-commercant",
        "marchand",
        "merchant",
        "website",
        "brand",
        "shop",
        "seller",
        "business",
        "2",
    }
)
_CONSUMER = frozenset({"internaute", "consommateur", "client", "customer", "consumer", "buyer", "3"})
_MODERATOR = frozenset({"moderateur", "moderator", "moderation", "1"})


_LOST_PLUS = re.compile(r" (\d{2}:\d{2})$")
_NO_THREAD = Thread(id=None, state=None)


@dataclass(frozen=True, slots=True)
class OrderDeletion:
    """A DELETE of the product feed that names only the order's review id: it means every product of that order."""

    review_id: str


Outcome = ReviewRecord | Deletion | OrderDeletion


def feed_record(item: Item, kind: ReviewKind | None, zone: tzinfo) -> Outcome:
    """A record of the feed. ``kind`` None: by what it holds. Raises ValueError with the reason."""
    if item.problem:
        raise ValueError(item.problem)
    values = item.values
    action = values.get("action", "").strip().upper() or "NEW"  # a full export need not say it
    get = values.get
    review_id = _id(get("review_id"))
    product_review_id = _id(get("product_review_id"))
    product_ref = _plain(get("product_ref"))
    if action == "DELETE":
        return _deletion(kind, review_id, product_review_id, product_ref)
    if action not in ("NEW", "UPDATE"):
        raise ValueError(f"its action is neither NEW, UPDATE nor DELETE but '{clean(action)[:20]}'")
    if kind is None:
        kind = ReviewKind.PRODUCT if product_ref or product_review_id else ReviewKind.BUSINESS
    native_id = (product_review_id if kind is ReviewKind.PRODUCT else "") or review_id or product_review_id
    if not native_id:
        raise ValueError("an id is missing")
    author, anonymised = _author(get("firstname"), get("lastname"), get("email"))
    order = _plain(get("order_ref"))
    return ReviewRecord(
        kind=kind,
        native_id=native_id,
        score=_rate(get("rate")),
        score_min=SPEC.score_min,
        score_max=SPEC.score_max,
        body=_plain(get("review")),
        author=author,
        created_at=_moment(get("review_date"), zone) or _moment(get("publish_date"), zone),
        product=_product(kind, product_ref, get("product_name")),
        # What stands in this column of a CSV without header is not certain: an address is not an order.
        order_id=None if "@" in order else order or None,
        attachments=_pictures_packed(get("media")),
        facts=_helpful(values),
        private_facts=_ordered(get("order_date")),
        thread=None if item.exchanges is None else _thread(item.exchanges, zone),
        anonymised=anonymised,
        raw=item.raw,
    )


def _deletion(kind: ReviewKind | None, review_id: str, product_review_id: str, product_ref: str) -> Outcome:
    if kind is None and (product_review_id or product_ref):
        kind = ReviewKind.PRODUCT
    if product_review_id and kind is ReviewKind.PRODUCT:
        return Deletion(native_id=product_review_id, kind=kind, reason="refused for good")
    native_id = review_id or product_review_id
    if not native_id:
        raise ValueError("an id is missing")
    if kind is ReviewKind.PRODUCT:
        return OrderDeletion(native_id)
    return Deletion(native_id=native_id, kind=kind, reason="refused for good")


def _plain(text: str | None) -> str:
    """Cleaned and stripped."""
    if not text:
        return ""
    return (text if text.isprintable() else clean(text)).strip()


def _moment(text: str | None, zone: tzinfo) -> int | None:
    """``parse_when``, quick for the form that all files have: half a million of them pass here."""
    if (
        text
        and len(text) == 19
        and text[:2] in ("20", "21")
        and text[4] == "-"
        and text[13] == text[16] == ":"
    ):
        try:
            return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())
        except (ValueError, OverflowError):
            pass
    return parse_when(text, zone)


def _rate(text: str | None) -> float | None:
    if text in _RATES:
        return _RATES[text]
    return _score(Number.from_wire(text).value)


def _id(text: str | None) -> str:
    text = _plain(text)
    if len(text) > _ID_CAP:
        raise ValueError(f"an id is longer than {_ID_CAP} characters")
    return text


def _author(first: str | None, last: str | None, email: str | None) -> tuple[Author, bool]:
    first, last, email = _plain(first), _plain(last), _plain(email)
    name = f"{first} {last}".strip()
    if "anonym" in name.lower() or "anonym" in email.lower():
        words = {word.casefold() for word in (first, last) if word}
        if (words and words <= _ANONYMOUS) or email.casefold() in _ANONYMOUS:
            return Author(name="Anonymous"), True
    return Author(name=name or None, email=email if "@" in email else None), False


def _score(value: float | None) -> float | None:
    return value if value is not None and SPEC.score_min <= value <= SPEC.score_max else None


def _product(kind: ReviewKind, ref: str, name: str | None) -> Product | None:
    if kind is not ReviewKind.PRODUCT or not ref:
        return None
    return Product(id=ref, sku=ref, name=_plain(name) or None)


def _helpful(values: dict[str, str]) -> tuple[tuple[str, str], ...]:
    if "helpful_yes" not in values and "helpful_no" not in values:
        return ()
    yes, no = _plain(values.get("helpful_yes")), _plain(values.get("helpful_no"))
    if yes in ("", "0") and no in ("", "0"):
        return ()
    return (("Found helpful", f"{yes[:12] or '0'} yes, {no[:12] or '0'} no"),)


def _ordered(written: str | None) -> tuple[tuple[str, str], ...]:
    date = _plain(written)[:10]
    return (("Ordered on", date),) if date else ()


# --- exchanges -------------------------------------------------------------------------------------------------


def _thread(exchanges: list[tuple[str, str, str]], zone: tzinfo) -> Thread:
    """The answers on a review. An exchange is known by its date and author; equal ones are counted."""
    if not exchanges:
        return _NO_THREAD
    comments = []
    seen: Counter[str] = Counter()
    for date, author, text in exchanges:
        body = _plain(text)
        if not body:
            continue
        role, name = _role(author)
        # A "+" of an offset became a blank in some of the vendor's files.
        at = _moment(date, zone) or parse_when(_LOST_PLUS.sub(r"+\1", date.strip()), zone)
        mark = f"{_plain(date)[:40]}/{role.value}"
        seen[mark] += 1
        number = "" if seen[mark] == 1 else f"/{seen[mark]}"
        comments.append(Comment(id=mark + number, author=name, role=role, text=body, created_at=at))
    return Thread(id=None, state="public" if comments else None, comments=tuple(comments))


def _role(author: str) -> tuple[Role, str | None]:
    word = fold(clean(author)).strip()
    if word in _BUSINESS:
        return Role.BUSINESS, None
    if word in _CONSUMER:
        return Role.CONSUMER, None
    return Role.MODERATOR, None if word in _MODERATOR or not word else clean(author).strip()[:200]


# --- pictures --------------------------------------------------------------------------------------------------


def _pictures_packed(text: str | None) -> tuple[Attachment, ...]:
    """The media column: base64 of URL-encoded JSON. What can't be read has no pictures; the raw record keeps it."""
    text = text.strip() if text else ""
    if not text or len(text) > _MEDIA_CAP:
        return ()
    try:
        return pictures(json.loads(unquote(base64.b64decode(text, validate=True).decode("utf-8"))))
    except (ValueError, RecursionError):
        return ()


def pictures(value: Any) -> tuple[Attachment, ...]:
    """Pictures in a list of objects, each with the addresses of its sizes."""
    found: dict[str, Attachment] = {}
    for each in value if isinstance(value, list) else [value]:
        if len(found) >= _MAX_PICTURES:
            break
        sizes = {"large": each} if isinstance(each, str) else each if isinstance(each, dict) else {}
        url = _address(sizes, "large", "original", "url", "medium", "src")
        if url is not None:
            found.setdefault(
                url, Attachment(url=url, thumbnail_url=_address(sizes, "small", "thumbnail", "thumb"))
            )
    return tuple(found.values())


def _address(sizes: dict[str, Any], *names: str) -> str | None:
    for name in names:
        url = sizes.get(name)
        if isinstance(url, str) and url.startswith(("https://", "http://")) and split(url) is not None:
            return clean(url)
    return None


# --- the API ---------------------------------------------------------------------------------------------------


def api_review(review: wire.PublishedReview, raw: str, kind: ReviewKind, zone: tzinfo) -> ReviewRecord:
    """A record of the published-reviews API; it tells nothing of answers."""
    author, anonymised = _author(review.author_firstname, review.author_lastname, "")
    product = None
    number = review.product_variation_id.strip() or review.product_sku.strip()
    if kind is ReviewKind.PRODUCT and number:
        product = Product(
            id=number,
            sku=review.product_sku.strip() or number,
            name=review.product_name.strip() or None,
            url=_web(review.product_page_url),
            image_url=_web(review.product_image_url),
            gtin=review.product_ean.strip()
            or review.product_upc.strip()
            or review.product_jan.strip()
            or None,
            mpn=review.product_mpn.strip() or None,
            brand=review.product_brand.strip() or None,
        )
    facts = []
    if review.is_verified.value is not None:
        facts.append(("Verified", "yes" if review.is_verified.value else "no"))
    if review.syndicated_review.value:
        facts.append(("Syndicated", "yes"))
    if isinstance(review.incentivization, str) and review.incentivization.strip():
        facts.append(("Incentive", clean(review.incentivization).strip()[:200]))
    return ReviewRecord(
        kind=kind,
        native_id=str(review.review_id),
        score=_score(review.review_rate.value),
        score_min=SPEC.score_min,
        score_max=SPEC.score_max,
        body=review.review_content.strip(),
        language=review.locale.strip().lower()[:2] or None,
        author=author,
        created_at=review.review_date.at(zone) or review.publish_date.at(zone),
        product=product,
        order_id=review.order_reference.strip() or None,
        attachments=pictures(review.media) or pictures(review.medias),
        facts=tuple(facts),
        private_facts=_ordered(str(review.order_date.value or "")),
        anonymised=anonymised,
        raw=raw,
    )


def _web(url: str) -> str | None:
    return url if url.startswith(("https://", "http://")) and split(url) is not None else None
