"""Plays Retargeting: one call that gives the feedback on orders, with the key in its query."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reviewdesk.domain.clock import Clock
from reviewdesk.practice.calls import Answer, Call, Stop, route
from reviewdesk.practice.journal import Journal
from reviewdesk.practice.keys import RETARGETING
from reviewdesk.practice.server import ProviderServer
from reviewdesk.practice.shop import Sample, SampleShop
from reviewdesk.practice.state import Shelf

__all__ = ["ACTIVE", "RetargetingServer"]

Record = dict[str, Any]
ACTIVE = ("PAID", "PAYMENT ERROR", "ACCOUNT SUSPENDED")
"""Account states in which the call works; Inactive and Closed refuse it."""


class RetargetingServer(ProviderServer):
    """One account. Everything below "what a test may do" is thread-safe."""

    provider = "retargeting"

    def __init__(self, clock: Clock, journal: Journal, shelf: Shelf, shop: Callable[[], SampleShop]) -> None:
        super().__init__(clock, journal, shelf)
        self._shop = shop
        self.rest_key = RETARGETING["rest_key"]
        self.customer_id = RETARGETING["customer_id"]
        self.account_state = "PAID"
        self.error_status = 200
        """HTTP status of the error answers, which is undocumented."""
        self.sibling_errors = False
        """While set, a wrong key is answered as sibling endpoints do: the sentence in ``status``."""
        self.something_wrong = False
        """While set, every call ends with "Something went wrong"."""
        self._broken: dict[str, Record] = {}

    def fill(self) -> dict[str, dict[str, Record]]:
        feedback: dict[str, Record] = {}
        shop = self._shop()
        for sample in shop.at("retargeting"):
            record = feedback.setdefault(str(sample.order), _order(sample))
            if sample.product is not None:
                record["products"].append(_product(sample, shop.now))
        return {"feedback": feedback}

    # --- what a test may do ----------------------------------------------------------------------

    def orders(self) -> list[str]:
        """Order numbers with feedback, newest first."""
        with self.lock:
            return [r["orderno"] for r in self._sorted()]

    def feedback(self, order: str) -> Record:
        """The server's own record. Raises KeyError."""
        with self.lock:
            return copy.deepcopy(self.data["feedback"][order])

    def add_feedback(
        self,
        order: str,
        *,
        score: int | None = 10,
        comment: str | None = "Totul bine.",
        at: float | None = None,
    ) -> None:
        """A customer rates an order."""
        with self.lock:
            when = int(self.clock.now() if at is None else at)
            self.data["feedback"][order] = {
                "orderno": order,
                "ordered": when - 10 * 86_400,
                "score": score,
                "comment": comment,
                "added": when,
                "products": [],
            }
            self.keep("feedback", order)

    def add_product_review(self, order: str, product: str, *, score: int | None, comment: str | None) -> None:
        """A product is rated, perhaps long after the order was. Score and comment are never both missing."""
        if score is None and comment is None:
            raise ValueError("the provider never sends a product review without score and comment")
        with self.lock:
            entry = {"realid": product, "added": int(self.clock.now()), "score": score, "comment": comment}
            self.data["feedback"][order]["products"].append(entry)
            self.keep("feedback", order)

    def edit_feedback(self, order: str, **fields: Any) -> None:
        """Change ``score`` or ``comment`` of an order's feedback."""
        with self.lock:
            self.data["feedback"][order].update(fields)
            self.keep("feedback", order)

    def remove_feedback(self, order: str) -> None:
        with self.lock:
            del self.data["feedback"][order]
            self.keep("feedback", order)

    def break_feedback(self, order: str, /, **fields: Any) -> None:
        """From now on the order's record is sent with these values instead."""
        with self.lock:
            self._broken.setdefault(order, {}).update(fields)

    def mend(self) -> None:
        with self.lock:
            self._broken.clear()

    # --- the call --------------------------------------------------------------------------------

    def _sorted(self) -> list[Record]:
        return sorted(self.data["feedback"].values(), key=lambda r: (r["added"], r["orderno"]), reverse=True)

    def _error(self, message: str) -> Stop:
        return Stop(Answer({"status": "error", "message": message}, self.error_status), message)

    def unknown_path(self, call: Call) -> Answer:
        return Answer({"status": "error", "message": "Something went wrong"}, 404)

    @route("GET", "/v1/email-campaigns/json-feedback")
    def json_feedback(self, call: Call) -> Record:
        asked = dict(call.query)
        if self.something_wrong:
            raise self._error("Something went wrong")
        if not asked.get("u"):
            raise self._error("No customer id provided!")
        if not asked.get("k"):
            raise self._error("No rest key provided!")
        if asked["k"] != self.rest_key:
            if self.sibling_errors:
                raise Stop(Answer({"status": "Incorrect key"}, self.error_status), "Incorrect key")
            raise self._error("Incorrect rest key!")
        if asked["u"] != self.customer_id:
            raise self._error("No customer found with the provided id!")
        call.who = self.customer_id
        if self.account_state not in ACTIVE:
            raise self._error("Your account is not active!")
        since = asked.get("t", "0")
        if not since.isdigit() or set(asked) - {"k", "u", "t"}:
            raise self._error("Something went wrong")
        found = [r for r in self._sorted() if r["added"] >= int(since)]
        return {"status": "success", "data": [_wire(r) | self._broken.get(r["orderno"], {}) for r in found]}


def _wire(record: Record) -> Record:
    return {
        "order": {"orderno": record["orderno"], "date": _text(record["ordered"])},
        "score": record["score"],
        "comment": record["comment"],
        "added_on": _text(record["added"]),
        "product_reviews": [
            {
                "realid": p["realid"],
                "added_on": _text(p["added"]),
                "score": p["score"],
                "comment": p["comment"],
            }
            for p in record["products"]
        ],
    }


def _text(at: float) -> str:
    return (
        datetime.fromtimestamp(int(at), UTC)
        .astimezone(ZoneInfo("Europe/Bucharest"))
        .strftime("%Y-%m-%d %H:%M:%S")
    )


def _order(sample: Sample) -> Record:
    """Feedback on an order; where the customer spoke about a product, the order itself has the score only."""
    about_product = sample.product is not None
    return {
        "orderno": str(sample.order),
        "ordered": sample.created - 9 * 86_400,
        "score": sample.stars,
        "comment": (sample.title or None) if about_product else sample.text,
        "added": sample.created,
        "products": [],
    }


def _product(sample: Sample, now: int) -> Record:
    """Some product reviews have no score, some no comment, none lacks both."""
    comment = sample.text or None
    return {
        "realid": str(sample.item.number),
        "added": min(now - 60, sample.created + 3_600),
        "score": None if comment and sample.number % 8 == 0 else sample.stars,
        "comment": None if sample.stars is not None and sample.number % 10 == 3 else comment,
    }
