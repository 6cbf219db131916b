"""Plays Sitejabber: everything its bases have, plus products and product reviews."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable
from typing import Any

from reviewdesk.domain.clock import Clock
from reviewdesk.practice.calls import Call, multipart, route
from reviewdesk.practice.journal import Journal
from reviewdesk.practice.shop import PRODUCTS, Item, Sample, SampleShop
from reviewdesk.practice.sitejabber_base import (
    BIZ,
    OK,
    PAGE,
    check_email,
    error,
    flag,
    moment,
)
from reviewdesk.practice.sitejabber_questions import SitejabberQuestions
from reviewdesk.practice.sitejabber_wire import BUSINESS_USER, dates, image_wire, user_wire
from reviewdesk.practice.state import Shelf

__all__ = ["SitejabberServer"]

Record = dict[str, Any]
_DAY = 86_400
_MESSAGES = (
    (3, "About my order", "Hello, the lid of the pot is chipped. Can you send only the lid?", 9),
    (
        7,
        "Re: About your review",
        "Thank you, the replacement arrived this morning. I have updated my review.",
        30,
    ),
    (12, "Invoice", "Could I have the invoice with our company's name on it, please?", 75),
)


class SitejabberServer(SitejabberQuestions):
    """All of Sitejabber's calls. Everything below "what a test may do" is thread-safe."""

    def __init__(self, clock: Clock, journal: Journal, shelf: Shelf, shop: Callable[[], SampleShop]) -> None:
        super().__init__(clock, journal, shelf, shop)
        self.old_stats = False
        """While set, statistics come in the shape of the original document: a text average, no distribution."""

    def fill(self) -> dict[str, dict[str, Record]]:
        shop = self._shop()
        reviews = self.review_samples(shop)
        people = [r["author"] for r in reviews.values() if not r["datasource"]]
        return {
            "reviews": reviews,
            "comments": self.comment_samples(shop, reviews),
            "messages": {
                f"sample-{number}": {
                    "subject": subject,
                    "body": body,
                    "review": None,
                    "created": shop.now - hours * 3_600,
                    "sender": people[number],
                    "recipient": BUSINESS_USER,
                }
                for number, subject, body, hours in _MESSAGES
            },
            "flags": {},
            "requests": {},
            "product_requests": {},
            "given_links": {},
            "votes": {},
            "products": {
                str(number): _product(number, item, shop.now) for number, item in enumerate(PRODUCTS, 26)
            },
            "product_reviews": {
                str(26_000 + s.number): _product_review(s) for s in shop.at("sitejabber-products")
            },
        }

    # --- what a test may do ----------------------------------------------------------------------

    @property
    def products(self) -> list[Record]:
        """The catalogue as it stands."""
        with self.lock:
            return copy.deepcopy(list(self.data["products"].values()))

    @property
    def flags(self) -> list[Record]:
        """Reviews that were flagged: review_no, reason, message."""
        with self.lock:
            return copy.deepcopy(list(self.data["flags"].values()))

    def product_review_ids(self) -> list[int]:
        """Ids of the product reviews, newest first."""
        with self.lock:
            return [r["id"] for r in self._product_reviews() if r["removed"] is None]

    def remove_product_review(self, review: int) -> None:
        with self.lock:
            self.data["product_reviews"][str(review)]["removed"] = int(self.clock.now())
            self.keep("product_reviews", str(review))

    # --- products --------------------------------------------------------------------------------

    @route("GET", f"{BIZ}/products")
    def list_products(self, call: Call, biz: str) -> Record:
        asked = self.asked(
            call,
            biz,
            (
                *PAGE, "q", "sku", "gtin", "mpn", "brand", "categories", "price_range", "reviews_range", "product_id",
            ),
        )  # fmt: skip
        price, reviews = _range(asked, "price_range"), _range(asked, "reviews_range")
        categories = set(filter(None, asked.get("categories", "").split(",")))
        words = asked.get("q", "").lower()
        found = [
            p
            for p in map(self.catalogue, self.data["products"].values())
            if all(asked.get(name, p[name]) == p[name] for name in ("sku", "gtin", "mpn", "brand"))
            and asked.get("product_id", str(p["id"])) == str(p["id"])
            and words in f"{p['title']} {p['description'] or ''}".lower()
            and (not categories or categories & {c["category_name"] for c in p["categories"]})
            and price[0] <= (p["price"] or 0) <= price[1]
            and reviews[0] <= p["num_reviews"] <= reviews[1]
        ]
        return self.envelope("products", asked, self.page(asked, found), query=asked.get("q"))

    @route("POST", f"{BIZ}/products/add")
    def add_product(self, call: Call, biz: str) -> Record:
        form = self.posted(
            call,
            biz,
            (
                "sku", "title", "item_group", "gtin", "mpn", "description", "brand", "categories", "currency", "price",
                "retail_price", "product_link", "image_url", "attributes",
            ),
            required=["sku", "title"],
        )  # fmt: skip
        known = next((p for p in self.data["products"].values() if p["sku"] == form["sku"]), None)
        number = known["id"] if known else max(p["id"] for p in self.data["products"].values()) + 1
        self.data["products"][str(number)] = {
            "id": number,
            **{
                name: form.get(name)
                for name in ("sku", "item_group", "gtin", "mpn", "brand", "title", "description")
            },
            "categories": [{"category_name": c} for c in filter(None, form.get("categories", "").split(","))],
            "price": _price(form, "price"),
            "retail_price": _price(form, "retail_price"),
            "currency": form.get("currency"),
            "product_link": form.get("product_link"),
            "images": [{"url": form["image_url"]}] if form.get("image_url") else [],
            "attributes": [],
            "created": known["created"] if known else int(self.clock.now()),
        }
        self.keep("products", str(number))
        return dict(OK)

    @route("POST", f"{BIZ}/products/remove")
    def remove_product(self, call: Call, biz: str) -> Record:
        form = self.posted(call, biz, ("product_id",), required=["product_id"])
        if form["product_id"] not in self.data["products"]:
            raise error(401)
        del self.data["products"][form["product_id"]]
        self.keep("products", form["product_id"])
        return dict(OK)

    @route("POST", f"{BIZ}/product/images/add")
    def add_product_image(self, call: Call, biz: str) -> Record:
        form = self.posted(call, biz, ("sku", "image"), required=["sku", "image"])
        product = self.by_sku(form["sku"])
        if not form["image"].startswith(("http://", "https://")):
            raise error(311)
        product["images"].append({"url": form["image"]})
        self.keep("products", str(product["id"]))
        return dict(OK)

    # --- product reviews -------------------------------------------------------------------------

    def _product_reviews(self) -> list[Record]:
        return sorted(
            self.data["product_reviews"].values(), key=lambda r: (r["created"], r["id"]), reverse=True
        )

    def _product_review_wire(self, record: Record) -> Record:
        product = next((p for p in self.data["products"].values() if p["sku"] == record["sku"]), None)
        pictures = f"{self.root_url}/pictures/{{name}}_{record['id']}_{{size}}.png"
        sent = {
            "id": record["id"],
            "title": record["title"],
            "content": record["content"],
            "rating": record["rating"],
            "order_id": record["order_id"],
            "user": user_wire(record["user"], self.root_url),
            "user_location": record["user_location"],
            "attributes": [],
            "images": [image_wire(name, pictures, record["created"]) for name in record["pictures"]],
            "solicited": "Yes" if record["solicited"] else "No",
            "votes": record["up"] - record["down"],
            "num_positive_votes": record["up"],
            "num_negative_votes": int(record["down"]),
            **dates("published", record["created"]),
            **dates("created", record["created"]),
            "product": self.catalogue(product) if product else None,
        }
        if record["removed"] is not None:
            sent["removedRFC"] = dates("removed", record["removed"])["removedRFC"]
        return sent

    @route("GET", f"{BIZ}/product/reviews")
    def list_product_reviews(self, call: Call, biz: str) -> Record:
        asked = self.asked(
            call,
            biz,
            (
                *PAGE, "sku", "item_group", "q", "brand", "categories", "only_photos", "price_range", "reviews_range",
                "ratings", "deleted", "date_from", "date_to", "order",
            ),
        )  # fmt: skip
        if asked.get("order", "created") not in ("created", "relevant"):
            raise error(306, "order")
        wanted = set(filter(None, asked.get("ratings", "").split(",")))
        if not wanted <= set("12345"):
            raise error(306, "ratings")
        since, until = moment(asked, "date_from"), moment(asked, "date_to")
        words = asked.get("q", "").lower()
        found = [
            r
            for r in self._product_reviews()
            if (r["removed"] is not None) == flag(asked, "deleted")
            and ("item_group" in asked or asked.get("sku", r["sku"]) == r["sku"])
            and asked.get("item_group", f"{r['sku']}_group") == f"{r['sku']}_group"
            and (r["pictures"] or not flag(asked, "only_photos"))
            and (not wanted or str(r["rating"]) in wanted)
            and (since is None or r["created"] >= since)
            and (until is None or r["created"] <= until)
            and words in f"{r['title']} {r['content']}".lower()
        ]
        page = [self._product_review_wire(r) for r in self.page(asked, found)]
        return self.envelope("product_reviews", asked, page, query=asked.get("q"))

    @route("POST", f"{BIZ}/product/reviews/add")
    def add_product_review(self, call: Call, biz: str) -> Record:
        self.need_business(biz)
        if call.content_type != "multipart/form-data":
            raise error(306, "Content-Type")
        try:
            form, files = multipart(call)
        except ValueError:
            raise error(306, "body") from None
        pictures = sum(name.startswith("image") for name in files)
        pictures += sum(name.startswith("image") and value.startswith("http") for name, value in form.items())
        for name in ("sku", "title", "content", "rating"):
            if not form.get(name):
                raise error(302, name)
        if form["rating"] not in set("12345"):
            raise error(306, "rating")
        check_email(form.get("email"))
        self.by_sku(form["sku"])
        number = max((r["id"] for r in self.data["product_reviews"].values()), default=26_000) + 1
        now = int(self.clock.now())
        self.data["product_reviews"][str(number)] = {
            "id": number,
            "title": form["title"],
            "content": form["content"],
            "rating": int(form["rating"]),
            "order_id": form.get("order_id"),
            "user": {
                "username": f"added{number}",
                "firstName": form.get("first_name", ""),
                "lastName": form.get("last_name", "")[:1],
            },
            "user_location": form.get("user_location"),
            "pictures": ["parcel"] * pictures,
            "solicited": True,
            "up": 0,
            "down": 0,
            "created": now,
            "removed": None,
            "sku": form["sku"],
        }
        self.keep("product_reviews", str(number))
        return {"product_review": self._product_review_wire(self.data["product_reviews"][str(number)]), **OK}

    @route("POST", f"{BIZ}/product/reviews/vote")
    def vote(self, call: Call, biz: str) -> Record:
        form = self.posted(call, biz, ("review_id", "vote"), required=["review_id", "vote"])
        record = self.data["product_reviews"].get(form["review_id"])
        if record is None or record["removed"] is not None:
            raise error(403)
        if form["vote"] not in ("positive", "negative"):
            raise error(306, "vote")
        last = self.data["votes"].get(form["review_id"], {}).get("at", 0)
        if self.clock.now() - last < _DAY:
            raise error(404)
        record["up" if form["vote"] == "positive" else "down"] += 1
        self.data["votes"][form["review_id"]] = {"at": int(self.clock.now())}
        self.keep("product_reviews", form["review_id"])
        self.keep("votes", form["review_id"])
        return dict(OK)

    @route("GET", f"{BIZ}/product/reviews/top-rated")
    def top_rated(self, call: Call, biz: str) -> Record:
        asked = self.asked(call, biz, ("category_name", "currency"))
        best: dict[str, Record] = {}
        for product in map(self.catalogue, self.data["products"].values()):
            for category in product["categories"]:
                name = category["category_name"]
                if (
                    asked.get("category_name", name) != name
                    or asked.get("currency", product["currency"]) != product["currency"]
                ):
                    continue
                if name not in best or product["average_rating"] > best[name]["average_rating"]:
                    best[name] = product | {"category_name": name}
        return {"products": list(best.values()), **OK}

    @route("GET", f"{BIZ}/product/reviews/stats")
    def stats(self, call: Call, biz: str) -> Record:
        asked = self.asked(call, biz, ("sku", "categories", "item_group", "brand"))
        ratings = [
            r["rating"]
            for r in self._product_reviews()
            if r["removed"] is None and asked.get("sku", r["sku"]) == r["sku"]
        ]
        mean = round(sum(ratings) / len(ratings), 2) if ratings else 0
        if self.old_stats:
            return {"product_reviews_stats": [{"total": len(ratings), "average_rating": f"{mean:.2f}"}], **OK}
        counts = {str(i): {"num_reviews": ratings.count(i), "rating": i} for i in range(1, 6)}
        return {
            "product_reviews_stats": [{"total": len(ratings), "average_rating": mean, "ratings": counts}],
            **OK,
        }

    # --- product review requests -----------------------------------------------------------------

    @route("POST", f"{BIZ}/product/review/request/add")
    def add_product_request(self, call: Call, biz: str) -> Record:
        form = self.posted(
            call,
            biz,
            (
                "email", "product_skus", "order_id", "order_date", "first_name", "last_name", "location", "language",
                "return_link",
            ),
            required=["email", "product_skus", "order_id", "order_date"],
        )  # fmt: skip
        check_email(form["email"])
        self.check_order_date(form)
        flag(form, "return_link")
        skus = form["product_skus"].split(",")
        for sku in skus:
            self.by_sku(sku)
        links = {
            sku: f"{self.root_url}/links/requested-product-review-{secrets.token_hex(8)}" for sku in skus
        }
        link = links[skus[0]]
        self.store_request("product_requests", form, link=link)
        return {**OK, "link": link, "links": links} if form.get("return_link") == "1" else dict(OK)

    @route("POST", f"{BIZ}/product/review/request/remove")
    def remove_product_request(self, call: Call, biz: str) -> Record:
        form = self.posted(call, biz, ("email", "product_sku", "order_id"), required=["email"])
        orders = self.drop_requests(
            "product_requests",
            lambda r: (
                r["email"].lower() == form["email"].lower()
                and form.get("order_id", r["order_id"]) == r["order_id"]
                and form.get("product_sku", r["product_skus"].split(",")[0]) in r["product_skus"].split(",")
            ),
            310,
        )
        return {"removed_order_ids": orders, **OK}


def _range(asked: dict[str, str], name: str) -> tuple[float, float]:
    if name not in asked:
        return 0.0, float("inf")
    low, comma, high = asked[name].partition(",")
    try:
        return float(low), float(high) if comma else float("inf")
    except ValueError:
        raise error(306, name) from None


def _price(form: dict[str, str], name: str) -> float | None:
    if not form.get(name):
        return None
    try:
        return float(form[name])
    except ValueError:
        raise error(306, name) from None


def _product(number: int, item: Item, now: int) -> Record:
    return {
        "id": number,
        "sku": item.sku,
        "item_group": f"{item.sku}_group",
        "gtin": item.gtin,
        "mpn": item.mpn,
        "brand": "Harbour Goods",
        "title": item.name,
        "description": None,
        "categories": [{"category_name": item.category}],
        "price": item.price,
        "retail_price": None,
        "currency": "EUR",
        "product_link": item.url,
        "images": [{"url": f"{item.url}.png"}],
        "attributes": [],
        "created": now - 600 * _DAY,
    }


def _product_review(sample: Sample) -> Record:
    person = sample.person
    return {
        "id": 26_000 + sample.number,
        "title": sample.title,
        "content": sample.text,
        "rating": sample.stars,
        "order_id": str(sample.order) if sample.number % 2 else None,
        "user": {"username": person.username, "firstName": person.given, "lastName": person.family[:1]},
        "user_location": "Aarhus, Denmark" if sample.number % 4 == 0 else None,
        "pictures": list(sample.pictures),
        "solicited": sample.number % 2 == 1,
        "up": sample.number % 4,
        "down": sample.number % 7 == 0,
        "created": sample.created,
        "removed": None,
        "sku": sample.item.sku,
    }
