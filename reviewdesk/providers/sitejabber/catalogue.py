"""Sitejabber's calls beyond reviews: business, messages, products, votes, statistics, questions, customers' data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from reviewdesk.domain.errors import BadAnswer, Delivery, Refused
from reviewdesk.domain.models import ReviewRecord
from reviewdesk.providers.decode import decode_record, decode_records, raw_text
from reviewdesk.providers.sitejabber import calls, wire
from reviewdesk.providers.sitejabber.calls import Call
from reviewdesk.providers.sitejabber.records import (
    CatalogueProduct,
    SitejabberMessage,
    SitejabberQuestion,
    catalogue_product,
    message_of,
    plain_tree,
    product_review,
    question_of,
)
from reviewdesk.providers.sitejabber.session import Door

__all__ = ["Catalogue", "Picture", "Stats"]

PAGE = 100
MAX_PAGES = 10_000
MAX_BULK = 20
_PRODUCT_FIELDS = (
    "sku",
    "title",
    "item_group",
    "gtin",
    "mpn",
    "description",
    "brand",
    "categories",
    "currency",
    "price",
    "retail_price",
    "product_link",
    "image_url",
    "attributes",
)
_REVIEW_FIELDS = (
    "sku",
    "title",
    "content",
    "rating",
    "order_id",
    "first_name",
    "last_name",
    "email",
    "user_location",
    "location",
    "attributes",
)


@dataclass(frozen=True, slots=True)
class Stats:
    """The provider's own figures; ``distribution`` is empty where it gives none."""

    total: int
    average: float | None
    distribution: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a product review: its bytes, or the address where Sitejabber finds it."""

    content: bytes = b""
    name: str = "picture.jpg"
    mime: str = "image/jpeg"
    url: str = ""
    caption: str = ""


class Catalogue:
    """Plain calls; each name says which. All go through the account's pacing."""

    def __init__(self, door: Door) -> None:
        self._door = door

    # --- business --------------------------------------------------------------------------------------------

    def business(self, *, datasources: str = "") -> Mapping[str, Any]:
        """``GET /businesses/{biz}``: the profile, as the provider shapes it."""
        query = {"datasources": datasources} if datasources else {}
        found = plain_tree(self._door.tree(calls.BUSINESS, query))
        if not isinstance(found, dict):
            raise BadAnswer("Sitejabber gave no business profile.", delivery=Delivery.NOT_SENT)
        return found

    def businesses(self, domains: list[str]) -> tuple[Mapping[str, Any], ...]:
        """``GET /businesses/bulk``: at most twenty at once. Raises ``Refused`` for more."""
        if len(domains) > MAX_BULK:
            raise Refused(f"Sitejabber answers for at most {MAX_BULK} businesses at once.")
        found = self._door.call(calls.BUSINESSES, query={"businesses": json.dumps(domains)})
        return tuple(plain_tree(url) for url in found.urls or () if isinstance(url, dict))

    # --- messages --------------------------------------------------------------------------------------------

    def messages(self, folder: str, *, username: str = "") -> Iterator[SitejabberMessage]:
        """Every private message of ``inbox`` or ``sent``, newest first."""
        query = {"folder": folder, "order": "DESC", **({"username": username} if username else {})}
        for raws in self._pages(calls.MESSAGES, query, "messages"):
            found, _ = decode_records(raws, wire.Message, lambda m, _: message_of(m), where=str)
            yield from found

    # --- products --------------------------------------------------------------------------------------------

    def products(self, **filters: str) -> Iterator[CatalogueProduct]:
        """The catalogue; ``filters`` are the documented ones (q, sku, gtin, mpn, brand, categories, ...)."""
        for raws in self._pages(calls.PRODUCTS, filters, "products"):
            found, _ = decode_records(raws, wire.Product, lambda p, _: catalogue_product(p), where=str)
            yield from found

    def add_product(self, product: Mapping[str, Any]) -> None:
        form = {k: str(product[k]).strip() for k in _PRODUCT_FIELDS if product.get(k)}
        if not form.get("sku") or not form.get("title"):
            raise Refused("A product needs its SKU and a title.")
        self._post(calls.PRODUCT_ADD, form)

    def remove_product(self, product_id: str) -> None:
        """By Sitejabber's own product id, not by SKU."""
        if not product_id:
            raise Refused("To remove a product, Sitejabber wants its own product id.")
        self._post(calls.PRODUCT_REMOVE, {"product_id": product_id})

    def add_product_image(self, sku: str, image_url: str) -> None:
        self._post(calls.PRODUCT_IMAGE_ADD, {"sku": sku, "image": image_url})

    def top_rated(self, category: str = "", currency: str = "") -> tuple[CatalogueProduct, ...]:
        query = {k: v for k, v in (("category_name", category), ("currency", currency)) if v}
        found = self._door.call(calls.TOP_RATED, query=query)
        products, _ = decode_records(
            found.products or [], wire.Product, lambda p, _: catalogue_product(p), where=str
        )
        return tuple(products)

    def stats(self, **filters: str) -> Stats:
        """Totals of product reviews by sku, categories, item_group or brand; both documented shapes are read."""
        found = self._door.call(calls.STATS, query=filters).product_reviews_stats
        first = found[0] if isinstance(found, list) and found else found
        if not isinstance(first, dict):
            return Stats(0, None, {})
        ratings = first.get("ratings")
        spread = {
            int(stars): int(_number(part.get("num_reviews")) or 0)
            for stars, part in (ratings.items() if isinstance(ratings, dict) else ())
            if str(stars).isdecimal() and isinstance(part, dict)
        }
        return Stats(int(_number(first.get("total")) or 0), _number(first.get("average_rating")), spread)

    # --- product reviews -------------------------------------------------------------------------------------

    def add_product_review(self, review: Mapping[str, Any], pictures: Sequence[Picture] = ()) -> ReviewRecord:
        """``POST product/reviews/add`` (multipart): a review collected elsewhere, with its pictures in their order."""
        form = {k: str(review[k]).strip() for k in _REVIEW_FIELDS if review.get(k)}
        missing = [k for k in ("sku", "title", "content", "rating") if not form.get(k)]
        if missing:
            raise Refused(f"A product review needs: {', '.join(missing)}.")
        files: dict[str, tuple[str | None, bytes, str]] = {}
        for number, picture in enumerate(pictures, 1):
            if picture.content:
                files[f"image{number}"] = (picture.name, picture.content, picture.mime)
            else:
                form[f"image{number}"] = picture.url
            if picture.caption:
                form[f"caption{number}"] = picture.caption
        if not files:
            # The call wants multipart even without a file: then one field travels as a part without a file name.
            files["sku"] = (None, form.pop("sku").encode(), "text/plain; charset=utf-8")
        found = self._door.call(calls.PRODUCT_REVIEW_ADD, form=form, files=files, outgoing=True)
        if bytes(found.product_review) == b"null":
            raise BadAnswer("Sitejabber did not give the new review back.")
        try:
            return product_review(
                decode_record(found.product_review, wire.ProductReview), raw_text(found.product_review)
            )
        except ValueError as error:
            raise BadAnswer(f"Sitejabber's new review can't be read: {error}.") from None

    def vote(self, review_id: str, *, positive: bool) -> None:
        self._post(
            calls.PRODUCT_REVIEW_VOTE,
            {"review_id": review_id, "vote": "positive" if positive else "negative"},
        )

    # --- questions -------------------------------------------------------------------------------------------

    def questions(self, *, order: str = "DESC") -> Iterator[SitejabberQuestion]:
        """``GET /questions``: about the business. Not in the provider's first document."""
        yield from self._questions(calls.QUESTIONS, {"order": order})

    def product_questions(self, **filters: str) -> Iterator[SitejabberQuestion]:
        """``GET /product/questions``; filters: sku, filter (PENDING, PUBLISHED, REMOVED), order."""
        yield from self._questions(calls.PRODUCT_QUESTIONS, filters)

    # --- customers' data -------------------------------------------------------------------------------------

    def customer_data(self, email: str) -> Any:
        """``GET privacy/access``: a loosely shaped tree, to be shown and not interpreted."""
        found = self._door.call(calls.PRIVACY_ACCESS, query={"email": email})
        return plain_tree(found.categories)

    def remove_customer(self, email: str) -> None:
        """``POST privacy/remove``: works only for customers whose address this business supplied."""
        if not email.strip():
            raise Refused("Sitejabber wants the e-mail address of the customer.")
        self._post(calls.PRIVACY_REMOVE, {"email": email.strip()})

    # --- parts -----------------------------------------------------------------------------------------------

    def _pages(self, what: Call, query: Mapping[str, str], name: str) -> Iterator[list[msgspec.Raw]]:
        start, last = 0, b""
        for _ in range(MAX_PAGES):
            found = self._door.call(what, query={"start": str(start), "count": str(PAGE), **query})
            raws: list[msgspec.Raw] = getattr(found, name) or []
            mark = b"".join(bytes(raw) for raw in raws[:3])
            if raws and mark == last:
                raise BadAnswer("Sitejabber gives the same page again and again.", delivery=Delivery.NOT_SENT)
            last = mark
            if raws:
                yield raws
            start += len(raws)
            if len(raws) < PAGE:
                return

    def _questions(self, what: Call, query: Mapping[str, str]) -> Iterator[SitejabberQuestion]:
        for raws in self._pages(what, query, "questions"):
            yield from decode_records(raws, wire.Question, lambda q, _: question_of(q), where=str)[0]

    def _post(self, what: Call, form: Mapping[str, str]) -> None:
        self._door.call(what, form=form, outgoing=True)


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except ValueError:
        return None
