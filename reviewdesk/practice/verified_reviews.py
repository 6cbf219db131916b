"""Plays Verified Reviews: the nightly feed in a folder, and the published-reviews REST API beside it."""

from __future__ import annotations

import copy
import secrets
import shutil
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from reviewdesk.domain.clock import Clock
from reviewdesk.practice.calls import Answer, Call, Limits, Stop, route
from reviewdesk.practice.checks import (
    array,
    bad,
    checked_object,
    choice,
    integer,
    moment,
    parameters,
)
from reviewdesk.practice.feed import ANONYMOUS, csv_text, feed_date, feed_name, write_feed, xml_text
from reviewdesk.practice.journal import Journal
from reviewdesk.practice.keys import COLLEAGUES, VERIFIED_REVIEWS
from reviewdesk.practice.server import ProviderServer
from reviewdesk.practice.shop import PRODUCTS, Sample, SampleShop
from reviewdesk.practice.state import Shelf

__all__ = ["VerifiedReviewsServer"]

Record = dict[str, Any]
_TOKEN_S = 300
_DAYS = 14
"""So many of the last nights have files of their own; everything before is in one full export."""
_PUBLISHED = "/verified-reviews/v1/published"


class VerifiedReviewsServer(ProviderServer):
    """Feed and REST API of one website. Everything below "what a test may do" is thread-safe."""

    provider = "verified-reviews"

    def __init__(
        self, clock: Clock, journal: Journal, shelf: Shelf, shop: Callable[[], SampleShop], folder: Path
    ) -> None:
        super().__init__(clock, journal, shelf)
        self._shop = shop
        self.folder = folder
        self.website = VERIFIED_REVIEWS["website_id"]
        self.client_id = VERIFIED_REVIEWS["client_id"]
        self.client_secret = VERIFIED_REVIEWS["client_secret"]
        self.limits = Limits(clock, [(5, 1.0), (100, 60.0)])
        self._tokens: dict[str, tuple[str, float]] = {}
        self._last_day: date | None = None
        self._tonight: list[tuple[str, str, Record]] = []

    def fill(self) -> dict[str, dict[str, Record]]:
        shop = self._shop()
        night = last_night(shop.now)
        records = {}
        for sample in shop.at("verified-reviews"):
            record = self._record(sample, night)
            if sample.number in (3, 4):  # these two customers have asked for it
                record |= {"given": ANONYMOUS, "family": ANONYMOUS, "email": ANONYMOUS}
            records[record["id"]] = record
        return {"reviews": records, "events": {}}

    def _record(self, sample: Sample, night: float) -> Record:
        at = sample.created
        while at >= night:  # what was written since goes into the file of the last night all the same
            at -= 86_400
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, sample.id))
        return {
            "id": key,
            "review_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"order/{sample.order}"))
            if sample.product
            else key,
            "product": sample.product.sku if sample.product else "",
            "given": sample.person.given,
            "family": sample.person.family,
            "email": sample.person.email,
            "at": at,
            "text": sample.text,
            "stars": sample.stars,
            "order": f"VR-{sample.order}",
            "language": sample.language,
            "pictures": [f"{self.root_url}/pictures/{name}_{key[:6]}_1024.png" for name in sample.pictures],
            "helpful": sample.number % 4,
            "exchanges": [
                {
                    "at": min(turn.at, int(night) - 600),
                    "role": "consumer" if turn.who == "customer" else "business",
                    "text": turn.text,
                }
                for turn in sample.thread
            ],
        }

    # --- the feed --------------------------------------------------------------------------------

    def write_history(self) -> None:
        """The files of a folder that was set up long ago: one full export each, then a file for each night.

        The folder appears when it is complete.
        """
        with self.lock:
            unfinished = self.folder.with_name(self.folder.name + ".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            last = feed_date(last_night(self._shop().now))
            first = last - timedelta(days=_DAYS)
            for kind in ("product", "site"):
                rows = [r for r in self._kind(kind) if _night_of(r["at"]) <= first]
                old = [("NEW", r) for r in rows]
                name = feed_name(kind, self.website, first, "xml", compact=True, full=True)
                write_feed(unfinished, name, xml_text(old, product=kind == "product"))
            for number in range(1, _DAYS + 1):
                day = first + timedelta(days=number)
                for kind in ("product", "site"):
                    actions = self._history_of(kind, day, number)
                    if actions:
                        self._write_night(kind, day, actions, unfinished)
            unfinished.rename(self.folder)
            self._last_day = last

    def _history_of(self, kind: str, day: date, number: int) -> list[tuple[str, Record]]:
        actions: list[tuple[str, Record]] = []
        for record in self._kind(kind):
            if _night_of(record["at"]) != day:
                if any(_night_of(turn["at"]) == day for turn in record["exchanges"]):
                    actions.append(("UPDATE", record))
                continue
            actions.append(("NEW", record))
        if number == 11:  # answers that came late
            late = [r for r in self._kind(kind) if r["exchanges"] and _night_of(r["at"]) < day]
            actions += [("UPDATE", r) for r in late[-2:]]
        if number == 12:
            hidden = [r for r in self._kind(kind) if r["email"] == ANONYMOUS]
            actions += [("UPDATE", r) for r in hidden]
        if number == 9:  # a review that was refused for good after it had been published
            gone = {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"gone/{kind}")), "product": PRODUCTS[0].sku}
            gone["review_id"] = gone["id"]
            actions.append(("DELETE", gone))
        return actions

    def _write_night(self, kind: str, day: date, actions: list[tuple[str, Record]], folder: Path) -> Path:
        product = kind == "product"
        if kind == "site" or day.day % 5 == 0:
            name = feed_name(kind, self.website, day, "xml", compact=True)
            return write_feed(folder, name, xml_text(actions, product=product))
        name = feed_name(kind, self.website, day, "csv")
        return write_feed(folder, name, csv_text(actions, product=product, layout="16"))

    def _kind(self, kind: str) -> list[Record]:
        found = [r for r in self.data["reviews"].values() if bool(r["product"]) == (kind == "product")]
        return sorted(found, key=lambda r: (r["at"], r["id"]))

    def _delivered(self) -> date:
        """The day of the last delivery, also when that was in an earlier run."""
        if self._last_day is None:
            self._last_day = feed_date(last_night(self._shop().now))
        return self._last_day

    # --- what a test may do ----------------------------------------------------------------------

    def next_night(self) -> list[Path]:
        """The vendor delivers what happened since: the files of the next night."""
        with self.lock:
            day = max(self._delivered(), feed_date(last_night(self.clock.now()))) + timedelta(days=1)
            self._last_day = day
            tonight, self._tonight = self._tonight, []
            paths: list[Path] = []
            for kind in ("product", "site"):
                actions = [(action, record) for what, action, record in tonight if what == kind]
                if actions:
                    paths.append(self._write_night(kind, day, actions, self.folder))
            return paths

    def full_export(self) -> list[Path]:
        """The back office's "test the reviews feed: fully"."""
        with self.lock:
            day = self._delivered()
            return [
                write_feed(
                    self.folder,
                    feed_name(kind, self.website, day, "xml", compact=True, full=True),
                    xml_text([("NEW", r) for r in self._kind(kind)], product=kind == "product"),
                )
                for kind in ("product", "site")
            ]

    def review_ids(self, kind: str = "product") -> list[str]:
        """Ids, newest first; ``kind`` is ``product`` or ``site``."""
        with self.lock:
            return [r["id"] for r in reversed(self._kind(kind))]

    def review(self, review: str) -> Record:
        with self.lock:
            return copy.deepcopy(self.data["reviews"][review])

    def _note(self, action: str, record: Record) -> None:
        kind = "product" if record["product"] else "site"
        self._tonight.append((kind, action, copy.deepcopy(record)))
        self.keep("reviews", record["id"])

    def add_review(
        self, *, stars: int = 5, words: str = "Fraîchement écrit.", product: str = "", name: str = "Zoé"
    ) -> str:
        """A customer writes a review; the next night's files have it."""
        with self.lock:
            key = str(uuid.uuid4())
            self.data["reviews"][key] = {
                "id": key,
                "review_id": key,
                "product": product,
                "given": name,
                "family": "Morvan",
                "email": "zoe.morvan@example.org",
                "at": int(self.clock.now()),
                "text": words,
                "stars": stars,
                "order": f"VR-{key[:5]}",
                "language": "fr",
                "pictures": [],
                "helpful": 0,
                "exchanges": [],
            }
            self._note("NEW", self.data["reviews"][key])
            return key

    def edit_review(self, review: str, *, words: str | None = None, stars: int | None = None) -> None:
        with self.lock:
            record = self.data["reviews"][review]
            record["text"] = record["text"] if words is None else words
            record["stars"] = record["stars"] if stars is None else stars
            self._note("UPDATE", record)

    def colleague_replies(self, review: str, words: str, *, who: str = "anna") -> None:
        """Somebody of the shop answers in the back office; it comes back as an exchange of an UPDATE."""
        self._exchange(review, "business", f"{words} {COLLEAGUES[who].split()[0]}")

    def customer_comments(self, review: str, words: str) -> None:
        self._exchange(review, "consumer", words)

    def _exchange(self, review: str, role: str, words: str) -> None:
        with self.lock:
            record = self.data["reviews"][review]
            record["exchanges"].append({"at": int(self.clock.now()), "role": role, "text": words})
            self._note("UPDATE", record)

    def anonymise(self, review: str) -> None:
        """The customer asked for it: name and address become "Anonymous", as an UPDATE."""
        with self.lock:
            record = self.data["reviews"][review]
            record |= {"given": ANONYMOUS, "family": ANONYMOUS, "email": ANONYMOUS}
            self._note("UPDATE", record)

    def remove_review(self, review: str) -> None:
        """Refused for good: a DELETE in the next night's file."""
        with self.lock:
            record = self.data["reviews"][review]
            self._note("DELETE", record)
            del self.data["reviews"][review]
            self.keep("reviews", review)

    @property
    def events(self) -> list[Record]:
        """Purchase events received; each leads to an invitation by e-mail."""
        with self.lock:
            return copy.deepcopy(list(self.data["events"].values()))

    def expire_tokens(self) -> None:
        with self.lock:
            self._tokens = {token: (scope, 0.0) for token, (scope, _) in self._tokens.items()}

    # --- REST ------------------------------------------------------------------------------------

    @route("POST", "/realms/skeepers/protocol/openid-connect/token")
    def token(self, call: Call) -> Record:
        if call.content_type != "application/x-www-form-urlencoded":
            raise bad("Unsupported Media Type", 415, "wrong-content-type")
        form = call.form()
        if call.basic() != (self.client_id, self.client_secret):
            body = {
                "error": "unauthorized_client",
                "error_description": "Invalid client or Invalid client credentials",
            }
            raise Stop(Answer(body, 401), "unauthorized_client")
        if form.get("grant_type") != "client_credentials":
            raise Stop(Answer({"error": "unsupported_grant_type"}, 400), "unsupported_grant_type")
        scope = form.get("audience") or form.get("scope", "")
        if scope not in ("verified-reviews", "openid"):
            raise Stop(Answer({"error": "invalid_scope"}, 400), "invalid_scope")
        value = secrets.token_urlsafe(24)
        self._tokens[value] = (scope, self.clock.now() + _TOKEN_S)
        return {
            "access_token": value,
            "expires_in": _TOKEN_S,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": scope,
        }

    def _need(self, call: Call, scope: str) -> None:
        token = call.bearer()
        kind, ends = self._tokens.get(token or "", ("", 0.0))
        if kind != scope or ends <= self.clock.now():
            raise Stop(Answer({"message": "Unauthorized"}, 401), "unauthorized")
        call.who = self.client_id
        if self.limits.admit() is not None:
            raise Stop(Answer({"message": "Too Many Requests"}, 429), "rate-limit")

    def _published(self, call: Call, kind: str) -> Answer:
        self._need(call, "verified-reviews")
        asked = parameters(
            call,
            {
                "product_variation_id": array(),
                "review_rate": array(integer(1, 5)),
                "publish_date.gte": moment,
                "publish_date.lt": moment,
                "limit": integer(1, 200),
                "sort": choice("publish_date", "review_date", "review_rate"),
                "desc": choice("true", "false"),
                "cursor": integer(0, 10_000_000),
            },
        )
        found = [
            r
            for r in self._kind(kind)
            if r["product"] in asked.get("product_variation_id", (r["product"],))
            and r["stars"] in asked.get("review_rate", range(6))
            and asked.get("publish_date.gte", 0.0)
            <= r["at"] + 86_400
            < asked.get("publish_date.lt", float("inf"))
        ]
        if asked.get("sort") == "review_rate":
            found.sort(key=lambda r: (r["stars"], r["at"]))
        if asked.get("desc", "true") == "true":
            found.reverse()
        start, limit = asked.get("cursor", 0), asked.get("limit", 50)
        headers = {}
        if start + limit < len(found):
            rest = [(k, v) for k, v in call.query if k != "cursor"] + [("cursor", str(start + limit))]
            headers["Link"] = f'<{call.base_url}{call.path}?{urlencode(rest)}>; rel="next"'
        page = [self._published_wire(r) for r in found[start : start + limit]]
        return Answer(page, headers=headers)

    def _published_wire(self, record: Record) -> Record:
        item = next((i for i in PRODUCTS if i.sku == record["product"]), None)
        hidden = record["email"] == ANONYMOUS
        return {
            "review_id": record["id"],
            "order_id": record["review_id"],
            "order_reference": record["order"],
            "order_date": _iso(record["at"] - 10 * 86_400),
            "review_date": _iso(record["at"]),
            "publish_date": _iso(record["at"] + 86_400),
            "review_rate": record["stars"],
            "review_content": record["text"],
            "author_firstname": record["given"],
            "author_lastname": record["family"] if hidden else record["family"][:1],
            "product_variation_id": record["product"] or None,
            "product_sku": record["product"] or None,
            "product_name": item.name if item else None,
            "product_brand": "Harbour Goods" if item else None,
            "product_upc": None,
            "product_mpn": item.mpn if item else None,
            "product_ean": item.gtin if item else None,
            "product_jan": None,
            "product_image_url": f"{self.root_url}/pictures/{item.sku.lower()}_200.png" if item else None,
            "product_page_url": item.url if item else None,
            "locale": record["language"],
            "is_verified": True,
            "syndicated_review": False,
            "incentivization": None,
            "is_personal_data_disclosed": not hidden,
        }

    @route("GET", f"{_PUBLISHED}/products/reviews")
    def product_reviews(self, call: Call) -> Answer:
        return self._published(call, "product")

    @route("GET", f"{_PUBLISHED}/brands/reviews")
    def brand_reviews(self, call: Call) -> Answer:
        return self._published(call, "site")

    @route("GET", f"{_PUBLISHED}/products/ratings")
    def product_ratings(self, call: Call) -> list[Record]:
        self._need(call, "verified-reviews")
        answer = []
        for item in PRODUCTS:
            stars = [r["stars"] for r in self._kind("product") if r["product"] == item.sku]
            if stars:
                answer.append(
                    {
                        "product_variation_id": item.sku,
                        "average": round(sum(stars) / len(stars), 4),
                        "nb_total": len(stars),
                        **{f"nb_{i}": stars.count(i) for i in range(1, 6)},
                    }
                )
        return answer

    @route("GET", f"{_PUBLISHED}/products")
    def published_products(self, call: Call) -> list[Record]:
        self._need(call, "verified-reviews")
        return [
            {"product_variation_id": i.sku, "product_sku": i.sku, "product_name": i.name} for i in PRODUCTS
        ]

    @route("GET", f"{_PUBLISHED}/brands")
    def published_brands(self, call: Call) -> list[Record]:
        self._need(call, "verified-reviews")
        return [{"website_id": self.website, "name": "Harbour"}]

    # --- purchase events -------------------------------------------------------------------------

    @route("POST", "/purchase-event/websites/{website}/purchase_events/bulk_sync_insert")
    def bulk_sync_insert(self, call: Call, website: str) -> Answer:
        return self._insert(call, website)

    @route("POST", "/purchase-event/websites/{website}/purchase_events/bulk_insert")
    def bulk_insert(self, call: Call, website: str) -> Answer:
        return self._insert(call, website)

    def _insert(self, call: Call, website: str) -> Answer:
        self._need(call, "openid")
        if website != self.website:
            raise bad("Website not found", 404, "unknown-website")
        if call.content_type != "application/json":
            raise bad("Unsupported Media Type", 415, "wrong-content-type")
        try:
            body = call.json()
        except ValueError:
            raise bad("The body is not JSON", outcome="bad-json") from None
        events = body.get("purchase_events") if isinstance(body, dict) else body
        if not isinstance(events, list) or not 1 <= len(events) <= 50:
            raise bad("1 to 50 purchase events are expected", outcome="bad-field")
        for event in events:
            checked_object(
                event,
                {
                    "purchase_reference": str,
                    "purchase_date": str,
                    "price": (int, float),
                    "consumer": dict,
                    "products": list,
                    "sales_channel": dict,
                    "solicitation_parameters": dict,
                },
                required=["purchase_reference", "purchase_date", "consumer", "sales_channel"],
            )
            checked_object(
                event["consumer"],
                dict.fromkeys(("first_name", "last_name", "email", "language", "country"), str),
                required=["email"],
                at="consumer.",
            )
        for event in events:
            key = f"{event['purchase_reference']}-{len(self.data['events'])}"
            self.data["events"][key] = event
            self.keep("events", key)
        return Answer({"inserted": len(events)}, 201)


def last_night(now: float) -> float:
    """The moment of the last delivery: 03:00 of the vendor's clock, UTC seconds."""
    local = datetime.fromtimestamp(int(now), UTC).astimezone(ZoneInfo("Europe/Paris"))
    night = local.replace(hour=3, minute=0, second=0, microsecond=0)
    if night > local:
        night = (night - timedelta(days=1)).replace(hour=3)
    return night.timestamp()


def _night_of(at: float) -> date:
    """The day whose file brings what happened at ``at``."""
    local = datetime.fromtimestamp(int(at), UTC).astimezone(ZoneInfo("Europe/Paris"))
    return local.date() if local.hour < 3 else local.date() + timedelta(days=1)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
