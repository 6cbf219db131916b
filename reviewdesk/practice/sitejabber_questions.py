"""Sitejabber's question calls, which the original document does not have, and what they share with the products."""

from __future__ import annotations

from typing import Any

from reviewdesk.practice.calls import Call, route
from reviewdesk.practice.shop import PRODUCTS
from reviewdesk.practice.sitejabber_base import BIZ, PAGE, error, ordered
from reviewdesk.practice.sitejabber_requests import SitejabberRequests
from reviewdesk.practice.sitejabber_wire import BUSINESS_USER, dates, user_wire

__all__ = ["SitejabberQuestions"]

Record = dict[str, Any]
_DAY = 86_400
_QUESTIONS = (
    (
        "Do you deliver to parcel lockers in Poland?",
        "Yes, choose the locker on the second page of the checkout.",
    ),
    (
        "Is the oak of the side table oiled or varnished?",
        "It is oiled. A drop of linseed oil once a year keeps it fresh.",
    ),
    ("Can I change the address after ordering?", None),
)
_PRODUCT_QUESTIONS = (
    (
        "lamp",
        "Does the lamp fit a British plug?",
        "Yes, pick the country and the right plug comes with it.",
        "PUBLISHED",
    ),
    ("backpack", "Will a 16 inch laptop fit?", "It will, we have tried three of them.", "PUBLISHED"),
    ("grinder", "Can the burrs be replaced?", None, "PENDING"),
    ("jacket", "Is it cheaper somewhere else?", None, "REMOVED"),
)


class SitejabberQuestions(SitejabberRequests):
    """Questions about the business and about products."""

    def catalogue(self, product: Record) -> Record:
        """A product as it is sent, with its figures."""
        ratings = [
            r["rating"]
            for r in self.data["product_reviews"].values()
            if r["sku"] == product["sku"] and r["removed"] is None
        ]
        mean = round(sum(ratings) / len(ratings), 2) if ratings else 0
        return {
            **{name: value for name, value in product.items() if name != "created"},
            "num_reviews": len(ratings),
            "average_rating": mean,
            **dates("created", product["created"]),
        }

    def by_sku(self, sku: str) -> Record:
        """The product of that SKU. Raises Stop (401)."""
        for product in self.data["products"].values():
            if product["sku"] == sku:
                return product
        raise error(401)

    # --- questions -------------------------------------------------------------------------------

    @route("GET", f"{BIZ}/questions")
    def questions(self, call: Call, biz: str) -> Record:
        asked = self.asked(call, biz, (*PAGE, "order"))
        now = self._shop().now
        items = []
        for number, (text, answer) in enumerate(_QUESTIONS, 1):
            at = now - number * 9 * _DAY
            items.append(
                {
                    "id": 700 + number,
                    "business": biz,
                    "content": text,
                    **dates("created", at),
                    "num_answers": int(answer is not None),
                    "slug": "-".join(text.lower().rstrip("?").split()),
                    "sum_votes": 0,
                    "answers": _answers(answer, at, self.root_url),
                    "author": user_wire(
                        {"username": f"asker{number}", "firstName": "Iris", "lastName": "B"}, self.root_url
                    ),
                }
            )
        if ordered(asked) == "ASC":
            items.reverse()
        return {
            "url": self.business(),
            **self.envelope("questions", asked, self.page(asked, items), query=None),
        }

    @route("GET", f"{BIZ}/product/questions")
    def product_questions(self, call: Call, biz: str) -> Record:
        asked = self.asked(call, biz, (*PAGE, "sku", "filter", "order"))
        state = asked.get("filter", "PUBLISHED")
        if state not in ("PENDING", "PUBLISHED", "REMOVED"):
            raise error(306, "filter")
        by_key = {item.key: item for item in PRODUCTS}
        now = self._shop().now
        items = []
        for number, (key, text, answer, where) in enumerate(_PRODUCT_QUESTIONS, 1):
            item = by_key[key]
            if where != state or asked.get("sku", item.sku) != item.sku:
                continue
            at = now - number * 6 * _DAY
            items.append(
                {
                    "content": text,
                    **dates("created", at),
                    **dates("published", at + 3_600 if where == "PUBLISHED" else None),
                    "removed": where == "REMOVED",
                    "num_answers": int(answer is not None),
                    "sum_votes": 0,
                    "answers": _answers(answer, at, self.root_url),
                    "product": self.catalogue(self.by_sku(item.sku)),
                    "author": user_wire(
                        {"username": f"curious{number}", "firstName": "Olav", "lastName": "M"}, self.root_url
                    ),
                }
            )
        return {
            "url": self.business(),
            **self.envelope("questions", asked, self.page(asked, items), sku=asked.get("sku")),
        }


def _answers(answer: str | None, at: int, root: str) -> list[Record]:
    if answer is None:
        return []
    return [
        {
            "content": answer,
            **dates("created", at + 7_200),
            **dates("published", at + 7_300),
            "num_votes": 1,
            "num_positive_votes": 1,
            "num_negative_votes": 0,
            "author": user_wire(BUSINESS_USER, root),
        }
    ]
