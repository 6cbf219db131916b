"""Plays Guaranteed Reviews: the public list, the private one, and the orders that lead to invitations."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reviewdesk.domain.clock import Clock
from reviewdesk.practice.calls import Answer, Call, Stop, multipart, route
from reviewdesk.practice.journal import Journal
from reviewdesk.practice.keys import GUARANTEED_REVIEWS
from reviewdesk.practice.server import ProviderServer
from reviewdesk.practice.shop import PRODUCTS, Sample, SampleShop
from reviewdesk.practice.state import Shelf

__all__ = ["GuaranteedReviewsServer"]

Record = dict[str, Any]
MOST = 1000
_ORDER_FIELDS = frozenset(
    {"id_order", "order_date", "firstname", "lastname", "email", "reference", "store_id", "products"}
)
_PRODUCT_FIELDS = frozenset(
    {
        "id", "name", "category_id", "category_name", "qty", "unit_price", "mpn", "ean13", "sku", "upc", "url", "image_url",
    }
)  # fmt: skip


class GuaranteedReviewsServer(ProviderServer):
    """One account, one language. Everything below "what a test may do" is thread-safe."""

    provider = "guaranteed-reviews"

    def __init__(self, clock: Clock, journal: Journal, shelf: Shelf, shop: Callable[[], SampleShop]) -> None:
        super().__init__(clock, journal, shelf)
        self._shop = shop
        self.public_key = GUARANTEED_REVIEWS["public_key"]
        self.private_key = GUARANTEED_REVIEWS["private_key"]
        self.private_reviews_offered = True
        """The private list is undocumented; without it the private key still sends orders."""
        self.error_status = 403
        """HTTP status that comes with an error body."""
        self._broken: dict[str, Record] = {}

    def fill(self) -> dict[str, dict[str, Record]]:
        records = {}
        for sample in self._shop().at("guaranteed-reviews"):
            record = _record(sample)
            records[record["id"]] = record
        return {"reviews": records, "orders": {}}

    def masked_path(self, path: str) -> str:
        parts = path.split("/")
        if path.startswith("/public/v3/reviews/") and len(parts) > 4:
            parts[4] = "(hidden)"
        return "/".join(parts)

    # --- what a test may do ----------------------------------------------------------------------

    def review_ids(self, scope: str = "site") -> list[str]:
        """Ids in a scope (``site`` or a product id), newest first."""
        with self.lock:
            return [r["id"] for r in self._scope(scope)]

    def review(self, review: str) -> Record:
        """The server's own record. Raises KeyError."""
        with self.lock:
            return copy.deepcopy(self.data["reviews"][review])

    def add_review(
        self,
        *,
        stars: int = 5,
        text: str = "Tout juste écrit.",
        product: str | None = None,
        name: str = "Lise",
    ) -> str:
        """A customer writes a review."""
        with self.lock:
            key = str(max(int(k) for k in self.data["reviews"]) + 1)
            self.data["reviews"][key] = {
                "id": key,
                "stars": stars,
                "text": text,
                "at": int(self.clock.now()),
                "given": name,
                "family": "Aubry",
                "email": "lise.aubry@example.org",
                "order": 28_900,
                "product": product,
                "reply": "",
                "replied": None,
                "language": "fr",
                "translated": False,
                "changed": int(self.clock.now()),
            }
            self.keep("reviews", key)
            return key

    def edit_review(self, review: str, *, text: str | None = None, stars: int | None = None) -> None:
        with self.lock:
            record = self.data["reviews"][review]
            record["text"] = record["text"] if text is None else text
            record["stars"] = record["stars"] if stars is None else stars
            record["changed"] = int(self.clock.now())
            self.keep("reviews", review)

    def remove_review(self, review: str) -> None:
        with self.lock:
            del self.data["reviews"][review]
            self.keep("reviews", review)

    def colleague_replies(self, review: str, text: str) -> None:
        """Somebody of the shop answers in the back office: the only place where that is possible."""
        with self.lock:
            record = self.data["reviews"][review]
            record["reply"], record["replied"] = text, int(self.clock.now())
            self.keep("reviews", review)

    def break_review(self, review: str, **fields: Any) -> None:
        """From now on the public record is sent with these values instead."""
        with self.lock:
            self._broken.setdefault(review, {}).update(fields)

    def mend(self) -> None:
        with self.lock:
            self._broken.clear()

    @property
    def orders(self) -> list[Record]:
        """Orders received; each leads to an e-mail ten days later."""
        with self.lock:
            return copy.deepcopy(list(self.data["orders"].values()))

    # --- reading ---------------------------------------------------------------------------------

    def _refuse(self, code: str, message: str) -> Stop:
        return Stop(Answer({"code": code, "message": message, "data": 403}, self.error_status), code)

    def unknown_path(self, call: Call) -> Answer:
        body = {"code": "rest_no_route", "message": "No route was found", "data": {"status": 404}}
        return Answer(body, 404)

    def _scope(self, scope: str) -> list[Record]:
        found = [
            r
            for r in self.data["reviews"].values()
            if (r["product"] is None if scope == "site" else r["product"] == scope)
        ]
        return sorted(found, key=lambda r: (r["at"], int(r["id"])), reverse=True)

    @route("GET", "/public/v3/reviews/{key}/{scope}")
    def public_reviews(self, call: Call, key: str, scope: str) -> Record:
        if key != self.public_key:
            raise self._refuse("invalid_key", "Invalid public key")
        call.who = "public-key"
        found = self._scope(scope)
        if scope != "site" and scope not in {str(item.number) for item in PRODUCTS}:
            found = []
        stars = [r["stars"] for r in found]
        return {
            "ratings": {
                "total": len(found),
                "average": f"{sum(stars) / len(stars):.2f}" if stars else "0",
                "distribution": {str(i): str(stars.count(i)) for i in range(1, 6)} if stars else [],
            },
            "reviews": [_public(r) | self._broken.get(r["id"], {}) for r in found[:MOST]],
        }

    @route("GET", "/private/v3/reviews")
    def private_reviews(self, call: Call) -> Record:
        asked = dict(call.query)
        if asked.get("api_key") != self.private_key:
            raise self._refuse("invalid_key", "Invalid private key")
        call.who = "private-key"
        if not self.private_reviews_offered:
            raise self._refuse("forbidden", "This API is not part of your plan")
        known = {"api_key", "review_type", "limit", "page", "product_id", "sort", "status", "update_from"}
        for name in asked:
            if name not in known:
                raise self._refuse("bad_parameter", f"Unknown parameter {name}")
        kind, sort = asked.get("review_type", "both"), asked.get("sort", "desc")
        if kind not in ("site", "product", "both") or sort not in ("asc", "desc"):
            raise self._refuse("bad_parameter", "Invalid review_type or sort")
        limit, page = asked.get("limit", "100"), asked.get("page", "1")
        if not limit.isdigit() or not 1 <= int(limit) <= MOST or not page.isdigit() or int(page) < 1:
            raise self._refuse("bad_parameter", "Invalid limit or page")
        since = 0.0
        if asked.get("update_from"):
            try:
                since = (
                    datetime.strptime(asked["update_from"], "%Y-%m-%d").replace(tzinfo=_zone()).timestamp()
                )
            except ValueError:
                raise self._refuse("bad_parameter", "Invalid update_from") from None
        found = [
            r
            for r in self.data["reviews"].values()
            if (kind == "both" or (r["product"] is None) == (kind == "site"))
            and asked.get("product_id", r["product"]) == r["product"]
            and r["changed"] >= since
        ]
        found.sort(key=lambda r: (r["at"], int(r["id"])), reverse=sort == "desc")
        start = (int(page) - 1) * int(limit)
        return {
            "reviews": [_private(r) for r in found[start : start + int(limit)]],
            "pagination": {
                "total_results": len(found),
                "total_pages": -(-len(found) // int(limit)),
            },
        }

    # --- orders ----------------------------------------------------------------------------------

    @route("POST", "/private/v3/orders")
    def add_orders(self, call: Call) -> Record:
        form = self._orders_form(call)
        if form.get("api_key") != self.private_key:
            raise self._refuse("invalid_key", "Invalid private key")
        call.who = "private-key"
        orders = form.get("orders")
        if isinstance(orders, str):
            try:
                orders = json.loads(orders)
            except ValueError:
                orders = None
        if not isinstance(orders, list) or not orders:
            return _refused("The orders are not a JSON array")
        products = 0
        for order in orders:
            problem = _order_problem(order)
            if problem:
                return _refused(problem)
            products += len(order.get("products") or [])
        for order in orders:
            key = f"{order['id_order']}-{len(self.data['orders'])}"
            self.data["orders"][key] = {**order, "received": int(self.clock.now())}
            self.keep("orders", key)
        return {"success": 1, "orders_count": len(orders), "products_imported": products, "message": "OK"}

    def _orders_form(self, call: Call) -> Record:
        try:
            if call.content_type == "application/json":
                body = call.json()
                return body if isinstance(body, dict) else {}
            if call.content_type == "multipart/form-data":
                return multipart(call)[0]
        except ValueError:
            return {}
        return dict(call.form())


def _zone() -> ZoneInfo:
    return ZoneInfo("Europe/Paris")


def _text(at: float, form: str) -> str:
    return datetime.fromtimestamp(int(at), UTC).astimezone(_zone()).strftime(form)


def _refused(message: str) -> Record:
    return {"success": 0, "orders_count": 0, "products_imported": 0, "message": message}


def _order_problem(order: Any) -> str:
    if not isinstance(order, dict):
        return "An order is not an object"
    missing = [n for n in ("id_order", "order_date", "firstname", "lastname", "email") if not order.get(n)]
    if missing:
        return f"Missing fields for array: {', '.join(missing)}"
    if set(order) - _ORDER_FIELDS:
        return f"Unknown fields: {', '.join(sorted(set(order) - _ORDER_FIELDS))}"
    try:
        datetime.strptime(str(order["order_date"]), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return "order_date must be YYYY-MM-DD HH:MM:SS"
    for product in order.get("products") or []:
        if not isinstance(product, dict) or "id" not in product or not product.get("name"):
            return "Missing fields for array: products"
        if set(product) - _PRODUCT_FIELDS:
            return "Unknown product fields"
    return ""


def _record(sample: Sample) -> Record:
    reply = next((turn for turn in sample.thread if turn.who != "customer"), None)
    return {
        "id": str(2_137_000 + sample.number),
        "stars": sample.stars,
        "text": sample.text,
        "at": sample.created,
        "given": sample.person.given,
        "family": sample.person.family,
        "email": sample.person.email,
        "order": sample.order,
        "product": str(sample.product.number) if sample.product else None,
        "reply": reply.text if reply else "",
        "replied": reply.at if reply else None,
        "language": sample.language,
        "translated": sample.language != "fr",
        "changed": sample.updated or sample.created,
    }


def _public(record: Record) -> Record:
    """Numbers as text for most, the optional fields for some: as the documented sample and its table disagree."""
    number = int(record["id"])
    sent: Record = {
        "id": record["id"],
        "r": str(record["stars"]) if number % 3 else record["stars"],
        "txt": record["text"].replace("&", "&amp;"),
        "date": _text(record["at"], "%Y-%m-%d %H:%M"),
        "odate": _text(record["at"] - 11 * 86_400, "%Y-%m-%d"),
        "reply": record["reply"],
        "rdate": _text(record["replied"], "%Y-%m-%d") if record["replied"] else "",
        "c": f"{record['given']} {record['family'][:1]}.",
    }
    if number % 5:
        sent["o"] = str(record["order"]) if number % 2 else record["order"]
    if number % 4 == 0 or record["translated"]:
        sent |= {"transl": int(record["translated"]), "lang": record["language"]}
    return sent


def _private(record: Record) -> Record:
    return {
        "id": record["id"],
        "order": str(record["order"]),
        "product": record["product"] or "no",
        "review_rating": str(record["stars"]),
        "review_text": record["text"],
        "date_time": _text(record["at"], "%Y-%m-%d %H:%M:%S"),
        "reviewer_name": record["given"],
        "reviewer_lastname": record["family"],
        "reviewer_email": record["email"],
        "review_status": "1",
    }
