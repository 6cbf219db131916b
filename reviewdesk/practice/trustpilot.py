"""Plays Trustpilot's product reviews, conversations and summaries, as strictly as its document has them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

from reviewdesk.domain.clock import Clock
from reviewdesk.practice.calls import Call, route
from reviewdesk.practice.checks import (
    array,
    bad,
    choice,
    integer,
    json_object,
    language,
    locale,
    paged,
    parameters,
    zulu,
)
from reviewdesk.practice.journal import Journal
from reviewdesk.practice.keys import COLLEAGUES, UNITS, USERS
from reviewdesk.practice.shop import PRODUCTS, Item, Sample, SampleShop, native_id
from reviewdesk.practice.state import Shelf
from reviewdesk.practice.trustpilot_conversations import TrustpilotConversations, conversation_record
from reviewdesk.practice.trustpilot_invitations import TrustpilotInvitations
from reviewdesk.practice.trustpilot_service import TrustpilotService

__all__ = ["GONE", "TrustpilotServer"]

Record = dict[str, Any]

STATES = ("published", "unpublished", "underModeration", "archived")
GONE = object()
"""As a value of ``break_review``: leave the field out."""
_STARS = ("oneStar", "twoStars", "threeStars", "fourStars", "fiveStars")
_WORDS = ("one", "two", "three", "four", "five")
_USER_OF = dict(zip(COLLEAGUES, USERS, strict=True))
_ATTRIBUTES = {
    "quality": "attributes.default.quality",
    "delivery": "attributes.harbour.delivery",
    "packaging": "attributes.harbour.packaging",
}
_ATTRIBUTE_NAMES = {
    "en": {"quality": "Quality", "delivery": "Delivery", "packaging": "Packaging"},
    "fr": {"quality": "Qualité", "delivery": "Livraison", "packaging": "Emballage"},
    "de": {"quality": "Qualität", "delivery": "Lieferung", "packaging": "Verpackung"},
    "da": {"quality": "Kvalitet", "delivery": "Levering", "packaging": "Emballage"},
}
_REVIEW = "/v1/private/product-reviews"
_PUBLIC = "/v1/product-reviews/business-units/{unit}"


class TrustpilotServer(TrustpilotConversations, TrustpilotInvitations, TrustpilotService):
    """Both hosts of Trustpilot. Everything below "what a test may do" is thread-safe."""

    def __init__(self, clock: Clock, journal: Journal, shelf: Shelf, shop: Callable[[], SampleShop]) -> None:
        super().__init__(clock, journal, shelf)
        self._shop = shop
        self._broken: dict[str, Record] = {}
        self.plain_dates = False
        """While set, dates come without the final Z, as the document's samples have them."""

    def fill(self) -> dict[str, dict[str, Record]]:
        shop = self._shop()
        data: dict[str, dict[str, Record]] = {"reviews": {}, "conversations": {}, "links": {}, "emails": {}}
        for key, (unit, _, _) in UNITS.items():
            for sample in shop.at(f"trustpilot-{key}"):
                self._add_sample(data, unit, sample)
        data["service"] = self.service_samples(shop)
        data["imported"] = {s.id: _imported(s) for s in shop.at("trustpilot-imported")}
        first = UNITS["dk"][0]
        data["products"] = {_product_id(item): _product(item, first) for item in PRODUCTS}
        return data

    def _add_sample(self, data: dict[str, dict[str, Record]], unit: str, sample: Sample) -> None:
        consumer = native_id(1_400_000_000, sample.person.email)
        reference = f"HB-{'DK' if unit == UNITS['dk'][0] else 'FR'}-{sample.order}"
        record = {
            "id": sample.id,
            "createdAt": zulu(sample.created),
            "updatedAt": zulu(sample.updated) if sample.updated is not None else None,
            "businessUnitId": unit,
            "stars": sample.stars,
            "content": sample.text,
            "product": _product(sample.item, unit),
            "consumer": {"id": consumer, "email": sample.person.email, "name": sample.person.shown},
            "referenceId": reference,
            "locale": _LOCALES.get(sample.language, "en-US"),
            "language": sample.language,
            "redirectUri": "https://harbour.example/thanks",
            "state": sample.state,
            "hasModerationHistory": sample.state != "published",
            "conversationId": None,
            "_ratings": dict(sample.ratings),
            "_pictures": list(sample.pictures),
        }
        if sample.thread:
            talk = native_id(sample.created + 60, f"talk/{sample.id}")
            record["conversationId"] = talk
            comments = [
                {
                    "commentId": native_id(turn.at, f"{talk}/{number}"),
                    "createdAt": zulu(turn.at),
                    "author": (
                        {"id": consumer, "type": "consumer"}
                        if turn.who == "customer"
                        else {"id": _USER_OF[turn.who], "type": "businessUser"}
                    ),
                    "content": turn.text,
                }
                for number, turn in enumerate(sample.thread)
            ]
            data["conversations"][talk] = conversation_record(talk, record, comments)
        data["reviews"][sample.id] = record

    # --- what a test may do ----------------------------------------------------------------------

    def review_ids(self, unit: str | None = None, *, state: str | None = "published") -> list[str]:
        """Ids of the product reviews, newest first; ``unit`` is ``dk`` or ``fr``, state None is any."""
        with self.lock:
            return [
                r["id"]
                for r in self._reviews(UNITS[unit][0] if unit else None)
                if state in (None, r["state"])
            ]

    def review(self, review: str) -> Record:
        """A product review as the private API gives it. Raises KeyError."""
        with self.lock:
            return self._wire(self.data["reviews"][review])

    def conversation(self, review: str) -> Record | None:
        """The review's conversation with all its comments, or None where none was created."""
        with self.lock:
            talk = self.data["reviews"][review]["conversationId"]
            return copy.deepcopy(self.data["conversations"][talk]) if talk else None

    def comments(self, review: str) -> list[Record]:
        """The comments of a review's conversation, oldest first; ``[]`` without a conversation."""
        talk = self.conversation(review)
        return list(talk["comments"]) if talk else []

    def find(self, words: str) -> str:
        """The newest review whose text holds ``words``. Raises LookupError."""
        with self.lock:
            for record in self._reviews(None):
                if words in record["content"]:
                    return str(record["id"])
        raise LookupError(words)

    def add_review(
        self,
        unit: str = "dk",
        *,
        stars: int = 5,
        content: str = "Fresh from the practice shop.",
        name: str = "Nia Carver",
        email: str = "nia.carver@example.org",
        product: int = 0,
        language: str = "en",
        state: str = "published",
        at: float | None = None,
    ) -> str:
        """A customer writes a review (now, or ``at``). Returns its id."""
        item = PRODUCTS[product]
        with self.lock:
            when = self.clock.now() if at is None else at
            key = f"{int(when):08x}" + self.new_id()[8:]
            self.data["reviews"][key] = {
                "id": key,
                "createdAt": zulu(when),
                "updatedAt": None,
                "businessUnitId": UNITS[unit][0],
                "stars": stars,
                "content": content,
                "product": _product(item, UNITS[unit][0]),
                "consumer": {"id": native_id(1_400_000_000, email), "email": email, "name": name},
                "referenceId": f"HB-{unit.upper()}-{key[-5:]}",
                "locale": _LOCALES.get(language, "en-US"),
                "language": language,
                "redirectUri": None,
                "state": state,
                "hasModerationHistory": False,
                "conversationId": None,
                "_ratings": {},
                "_pictures": [],
            }
            self.keep("reviews", key)
            return key

    def edit_review(self, review: str, *, content: str | None = None, stars: int | None = None) -> None:
        """The customer changes text or stars."""
        with self.lock:
            record = self.data["reviews"][review]
            record["content"] = record["content"] if content is None else content
            record["stars"] = record["stars"] if stars is None else stars
            record["updatedAt"] = self.now_text()
            self.keep("reviews", review)

    def set_state(self, review: str, state: str) -> None:
        """Trustpilot publishes, unpublishes, archives a review or takes it into moderation."""
        if state not in STATES:
            raise ValueError(state)
        with self.lock:
            record = self.data["reviews"][review]
            record["state"] = state
            record["hasModerationHistory"] = True
            self.keep("reviews", review)

    def remove_review(self, review: str) -> None:
        """The review and its conversation are gone: 404, absent from every list."""
        with self.lock:
            record = self.data["reviews"].pop(review)
            self.keep("reviews", review)
            if record["conversationId"]:
                self.data["conversations"].pop(record["conversationId"], None)
                self.keep("conversations", record["conversationId"])

    def customer_comments(self, review: str, content: str) -> str:
        """The customer writes into the conversation; its id."""
        with self.lock:
            record = self.data["reviews"][review]
            return self.say(self.talk_of(record), content, record["consumer"]["id"], "consumer")

    def colleague_replies(self, review: str, content: str, *, who: str = "jakob") -> str:
        """Somebody of the shop answers in the back office; the comment's id."""
        with self.lock:
            return self.say(
                self.talk_of(self.data["reviews"][review]), content, _USER_OF[who], "businessUser"
            )

    def break_review(self, review: str, **fields: Any) -> None:
        """From now on the review's record is sent with these values instead (``GONE`` leaves one out)."""
        with self.lock:
            self._broken.setdefault(review, {}).update(fields)

    def mend(self, review: str | None = None) -> None:
        """Send whole records again, of one review or of all."""
        with self.lock:
            if review is None:
                self._broken.clear()
            else:
                self._broken.pop(review, None)

    # --- shared ----------------------------------------------------------------------------------

    def _reviews(self, unit: str | None) -> list[Record]:
        found = [r for r in self.data["reviews"].values() if unit is None or r["businessUnitId"] == unit]
        found.sort(key=lambda r: (r["createdAt"], r["id"]), reverse=True)
        return found

    def _wire(self, record: Record, wanted: str = "en-US") -> Record:
        names = _ATTRIBUTE_NAMES.get(wanted[:2], _ATTRIBUTE_NAMES["en"])
        sent = {name: copy.deepcopy(value) for name, value in record.items() if not name.startswith("_")}
        sent["attributeRatings"] = [
            {"attributeId": _ATTRIBUTES[key], "attributeName": names[key], "rating": value}
            for key, value in record["_ratings"].items()
        ]
        sent["attachments"] = [
            {
                "id": native_id(1_600_000_000, f"{record['id']}/{name}"),
                "state": "Published",
                "processedFiles": [
                    {
                        "dimension": f"{size}pxWide",
                        "mimeType": "image/png",
                        "url": self.picture_url(record["id"], name, size),
                    }
                    for size in (1024, 200)
                ],
            }
            for name in record["_pictures"]
        ]
        if sent["product"]:
            sent["product"]["productImages"] = [
                {
                    "type": "100pxWide",
                    "url": f"{self.root_url}/pictures/{sent['product']['sku'].lower()}_100.png",
                }
            ]
        if self.plain_dates:
            for name in ("createdAt", "updatedAt"):
                sent[name] = sent[name].removesuffix("Z") if sent[name] else None
        for name, value in self._broken.get(record["id"], {}).items():
            if value is GONE:
                sent.pop(name, None)
            else:
                sent[name] = value
        return sent

    def picture_url(self, review: str, name: str, size: int) -> str:
        """Where a picture of a review lies."""
        return f"{self.root_url}/pictures/{name}_{review[-6:]}_{size}.png"

    def _links(self, call: Call) -> list[Record]:
        return [{"href": call.base_url + call.path, "method": call.method, "rel": "self"}]

    # --- private product reviews -----------------------------------------------------------------

    @route("GET", f"{_REVIEW}/business-units/{{unit}}/reviews")
    def private_reviews(self, call: Call, unit: str) -> Record:
        self.need_token(call)
        self.need_unit(unit)
        asked = parameters(
            call,
            {
                "page": integer(1, 2_147_483_647),
                "perPage": integer(1, 100),
                "sku": array(),
                "language": language,
                "state": array(choice(*STATES)),
                "locale": locale,
            },
        )
        states = asked.get("state", ["published"])
        found = [r for r in self._reviews(unit) if r["state"] in states and _fits(r, asked)]
        page = paged(found, asked.get("page", 1), asked.get("perPage", 20))
        return {
            "links": self._links(call),
            "productReviews": [self._wire(r, asked.get("locale", "en-US")) for r in page],
            "total": len(found),
        }

    @route("GET", f"{_REVIEW}/business-units/{{unit}}/summaries")
    def summaries(self, call: Call, unit: str) -> Record:
        self.need_token(call)
        self.need_unit(unit)
        asked = parameters(call, {"page": integer(1, 2_147_483_647), "perPage": integer(1, 1000)})
        skus = sorted({r["product"]["sku"] for r in self._published(unit)})
        page = paged(skus, asked.get("page", 1), asked.get("perPage", 1000))
        return {
            "links": self._links(call),
            "summaries": [{"sku": s, **self._summary(unit, [s])} for s in page],
        }

    @route("GET", f"{_REVIEW}/{{review}}")
    def private_review(self, call: Call, review: str) -> Record:
        self.need_token(call)
        asked = parameters(call, {"locale": locale})
        record = self.data["reviews"].get(review)
        if record is None:
            raise bad(f"Product review {review} was not found", 404, "unknown-review")
        return self._wire(record, asked.get("locale", "en-US"))

    # --- public product reviews and summaries ----------------------------------------------------

    @route("GET", f"{_PUBLIC}/reviews")
    def public_reviews(self, call: Call, unit: str) -> Record:
        self.need_key(call)
        self.need_unit(unit)
        asked = parameters(
            call,
            {
                "page": integer(1, 2_147_483_647),
                "perPage": integer(1, 100),
                "productUrl": array(),
                "sku": array(),
                "language": language,
                "stars": array(integer(1, 5)),
                "locale": locale,
                "attributeIds": array(),
            },
        )
        if "sku" not in asked and "productUrl" not in asked:
            raise bad("At least one of sku and productUrl must be specified", outcome="missing-parameter")
        found = [r for r in self._published(unit) if _fits(r, asked, any_product=True)]
        answer = []
        for record in paged(found, asked.get("page", 1), asked.get("perPage", 20)):
            whole = self._wire(record, asked.get("locale", "en-US"))
            wanted = asked.get("attributeIds")
            sent: Record = {
                name: whole[name]
                for name in ("id", "createdAt", "stars", "content", "language", "attachments")
                if name in whole
            }
            sent["consumer"] = {"id": record["consumer"]["id"], "displayName": record["consumer"]["name"]}
            sent["attributeRatings"] = [
                a for a in whole["attributeRatings"] if wanted is None or a["attributeId"] in wanted
            ]
            answer.append(sent)
        return {"productReviews": answer, "links": self._links(call)}

    @route("GET", _PUBLIC)
    def summary(self, call: Call, unit: str) -> Record:
        self.need_key(call)
        self.need_unit(unit)
        asked = parameters(call, {"sku": array()}, required=["sku"])
        return {"links": self._links(call)} | self._summary(unit, asked["sku"])

    @route("POST", f"{_PUBLIC}/batch-summaries")
    def batch_summaries(self, call: Call, unit: str) -> Record:
        self.need_key(call)
        self.need_unit(unit)
        body = json_object(call, {"skus": list}, required=["skus"])
        summaries = [{"sku": sku, **self._summary(unit, [sku])} for sku in _strings(body["skus"], "skus")]
        return {"summaries": [s for s in summaries if s["numberOfReviews"]["total"]]}

    @route("POST", f"{_PUBLIC}/attribute-summaries")
    def attribute_summaries(self, call: Call, unit: str) -> Record:
        self.need_key(call)
        self.need_unit(unit)
        body = json_object(call, {"skus": list, "locale": str}, required=["skus"])
        names = _ATTRIBUTE_NAMES.get(str(body.get("locale", "en-US"))[:2], _ATTRIBUTE_NAMES["en"])
        answer = []
        for sku in _strings(body["skus"], "skus"):
            rated = [
                r["_ratings"] for r in self._published(unit) if r["product"]["sku"] == sku and r["_ratings"]
            ]
            if not rated:
                continue
            attributes = []
            for key, attribute in _ATTRIBUTES.items():
                values = [ratings[key] for ratings in rated if key in ratings]
                attributes.append(
                    {
                        "id": attribute,
                        "name": names[key],
                        "type": "range_1to5",
                        "options": [None],
                        "totalOccurrences": len(values),
                        "occurrences": {word: values.count(i) for i, word in enumerate(_WORDS, 1)},
                        "average": round(sum(values) / len(values), 2) if values else 0.0,
                    }
                )
            answer.append({"sku": sku, "attributes": attributes})
        return {"summaries": answer}

    @route("GET", f"{_PUBLIC}/imported-reviews")
    def imported_reviews(self, call: Call, unit: str) -> Record:
        self.need_key(call)
        self.need_unit(unit)
        asked = parameters(
            call,
            {
                "page": integer(1, 2_147_483_647),
                "perPage": integer(1, 100),
                "sku": array(),
                "stars": array(integer(1, 5)),
                "language": language,
            },
            required=["sku"],
        )
        found = [
            r
            for r in sorted(self.data["imported"].values(), key=lambda r: str(r["createdAt"]), reverse=True)
            if r["_sku"] in asked["sku"]
            and r["stars"] in asked.get("stars", range(6))
            and asked.get("language", r["language"]) == r["language"]
        ]
        page = paged(found, asked.get("page", 1), asked.get("perPage", 20))
        return {
            "productReviews": [{k: v for k, v in r.items() if not k.startswith("_")} for r in page],
            "links": self._links(call),
        }

    @route("GET", f"{_PUBLIC}/imported-reviews-summaries")
    def imported_summary(self, call: Call, unit: str) -> Record:
        self.need_key(call)
        self.need_unit(unit)
        asked = parameters(call, {"sku": array()}, required=["sku"])
        stars = [r["stars"] for r in self.data["imported"].values() if r["_sku"] in asked["sku"]]
        return {"links": self._links(call)} | _distribution(stars)

    def _published(self, unit: str) -> list[Record]:
        return [r for r in self._reviews(unit) if r["state"] == "published"]

    def _summary(self, unit: str, skus: Iterable[str]) -> Record:
        wanted = set(skus)
        return _distribution([r["stars"] for r in self._published(unit) if r["product"]["sku"] in wanted])


def _distribution(stars: list[int]) -> Record:
    counts = {name: stars.count(i) for i, name in enumerate(_STARS, 1)}
    return {
        "numberOfReviews": {"total": len(stars)} | counts,
        "starsAverage": round(sum(stars) / len(stars), 1) if stars else 0.0,
    }


def _fits(record: Record, asked: Record, *, any_product: bool = False) -> bool:
    """``any_product``: SKU and product address widen the search instead of narrowing it."""
    product = record["product"]
    if any_product:
        if product["sku"] not in asked.get("sku", ()) and product["productUrl"] not in asked.get(
            "productUrl", ()
        ):
            return False
    elif "sku" in asked and product["sku"] not in asked["sku"]:
        return False
    return asked.get("language", record["language"]) == record["language"] and record["stars"] in asked.get(
        "stars", range(6)
    )


def _strings(values: list[Any], name: str) -> list[str]:
    if not all(isinstance(value, str) and value for value in values):
        raise bad(f"'{name}' must be a list of strings", outcome="bad-field")
    return values


def _product_id(item: Item) -> str:
    return native_id(1_480_000_000 + item.number, item.sku)


def _product(item: Item, unit: str) -> Record:
    host = next(domain for key, domain, _ in UNITS.values() if key == unit)
    return {
        "id": _product_id(item),
        "productUrl": f"https://{host}/products/{item.sku.lower()}",
        "productImages": [],
        "name": item.name,
        "sku": item.sku,
        "gtin": item.gtin,
        "mpn": item.mpn,
        "brand": "Harbour Goods",
    }


def _imported(sample: Sample) -> Record:
    return {
        "createdAt": zulu(sample.created),
        "stars": sample.stars,
        "content": sample.text,
        "consumer": {"name": sample.person.shown},
        "language": sample.language,
        "_sku": sample.item.sku,
    }


_LOCALES = {
    "en": "en-GB", "fr": "fr-FR", "de": "de-DE", "es": "es-ES", "pl": "pl-PL", "ro": "ro-RO", "ar": "ar-EG", "ja": "ja-JP",
}  # fmt: skip
