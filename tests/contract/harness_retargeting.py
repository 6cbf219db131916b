"""Retargeting in the contract suite: one call without pages, errors known by their sentences."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from reviewdesk.domain.errors import (
    BadAnswer,
    NetworkError,
    PermissionDenied,
    RateLimited,
    ServerError,
    SignInError,
)
from reviewdesk.practice.keys import RETARGETING
from tests.contract.harness import ErrorCase, Harness, Removal

_CALL = r"/json-feedback$"
_HTML = "<html><body><h1>Not here</h1></body></html>"
_AS_HTML = {"Content-Type": "text/html"}
_JSON = {"Content-Type": "application/json"}

SENTENCES: dict[str, type] = {
    "No customer id provided!": SignInError,
    "No rest key provided!": SignInError,
    "Incorrect rest key!": SignInError,
    "No customer found with the provided id!": SignInError,
    "Your account is not active!": PermissionDenied,
    "Something went wrong": ServerError,
}
"""The documented messages and what each must become."""


def _said(name: str, expected: type, body: str, status: int = 200, words: str = "") -> ErrorCase:
    return ErrorCase(
        name,
        expected,
        lambda h: h.fault(_CALL, status=status, body=body, headers=_JSON, times=None),
        words=words,
    )


def _each() -> list[ErrorCase]:
    cases = []
    for number, (sentence, expected) in enumerate(SENTENCES.items(), 1):
        body = json.dumps({"status": "error", "message": sentence})
        for status in (200, 400, 401, 403, 404, 500):
            cases.append(_said(f"sentence-{number}-status-{status}", expected, body, status, sentence))
    return cases


def _server(name: str, expected: type, change: Callable[[Any], None]) -> ErrorCase:
    return ErrorCase(name, expected, lambda h: change(h.shop.retargeting))


def _wrong_key(harness: Harness) -> None:
    harness.box.values["rest_key"] = "ANOTHER0KEY"


def _sibling(harness: Harness) -> None:
    harness.shop.retargeting.sibling_errors = True
    _wrong_key(harness)


class ProviderHarness(Harness):
    provider_id: ClassVar[str] = "retargeting"
    replies_publicly: ClassVar[bool] = False
    # Nothing says what changed: an old entry is seen again by a whole reading only.
    edits_show_without_full: ClassVar[bool] = False
    has_pages: ClassVar[bool] = False
    errors: ClassVar[tuple[ErrorCase, ...]] = (
        *_each(),
        ErrorCase("wrong-key", SignInError, _wrong_key, words="Incorrect rest key!"),
        ErrorCase("wrong-key-sibling", SignInError, _sibling, words="Incorrect key"),
        _said(
            "validator",
            BadAnswer,
            '{"status": "fail", "data": {"validator": {"t": ["must be a number"]}}}',
            words="must be a number",
        ),
        _said("unknown-sentence", BadAnswer, '{"status": "error", "message": "New one"}', words="New one"),
        _said("unknown-sentence-500", ServerError, '{"status": "error", "message": "New one"}', 500),
        _said("no-list", BadAnswer, '{"status": "success", "data": {"a": 1}}'),
        _said("no-data", BadAnswer, '{"status": "success"}'),
        _said("printed-sample", BadAnswer, '{ status: "success", data: [{ "order": {} }, { ... }] }'),
        _said("nothing", BadAnswer, ""),
        _said("quota", RateLimited, '{"status": "error", "message": "Slow down"}', 429),
        ErrorCase(
            "firewall",
            ServerError,
            lambda h: h.fault(_CALL, status=403, body=_HTML, headers=_AS_HTML, times=None),
        ),
        ErrorCase(
            "portal",
            BadAnswer,
            lambda h: h.fault(_CALL, status=200, body=_HTML, headers=_AS_HTML, times=None),
        ),
        ErrorCase("cut", NetworkError, lambda h: h.fault(_CALL, cut="mid", times=None)),
    )

    def wrong_secret(self) -> tuple[str, str]:
        return "rest_key", "NOT0THE0KEY0AT0ALL"

    def native_id(self, order: str) -> str:
        """The id of the feedback on the order itself."""
        added = self.shop.retargeting.feedback(order)["added"]
        written = datetime.fromtimestamp(added, UTC).astimezone(ZoneInfo("Europe/Bucharest"))
        mark = f"{RETARGETING['customer_id']}|{order}|{written:%Y-%m-%d %H:%M:%S}"
        return hashlib.sha1(mark.encode()).hexdigest()

    def _plain(self) -> list[str]:
        """Orders whose feedback is one record: without products."""
        shop = self.shop.retargeting
        return [o for o in shop.orders() if not shop.feedback(o)["products"]]

    def edit(self) -> str:
        order = self._plain()[-2]
        self.shop.retargeting.edit_feedback(order, comment="M-am gândit din nou.", score=3)
        return self.native_id(order)

    def add(self) -> str:
        self.shop.retargeting.add_feedback("99100")
        return self.native_id("99100")

    def remove(self) -> Removal:
        """Retargeting tells of no removal."""
        order = self._plain()[-3]
        native_id = self.native_id(order)
        self.shop.retargeting.remove_feedback(order)
        return Removal(native_id)

    def break_one(self) -> str:
        order = self._plain()[4]
        self.shop.retargeting.break_feedback(order, score={"value": 9})
        return self.native_id(order)

    def make_sloppy(self) -> str:
        order = next(o for o in self._plain() if self.shop.retargeting.feedback(o)["score"] is not None)
        record = self.shop.retargeting.feedback(order)
        written = datetime.fromtimestamp(record["added"], UTC).astimezone(ZoneInfo("Europe/Bucharest"))
        ordered = datetime.fromtimestamp(record["ordered"], UTC).astimezone(ZoneInfo("Europe/Bucharest"))
        self.shop.retargeting.break_feedback(
            order,
            order={"orderno": int(order), "date": f"{ordered:%Y/%m/%d %H:%M}"},
            score=str(record["score"]),
            comment=record["comment"] or "",
            added_on=f"{written:%Y/%m/%d %H:%M:%S}",
            product_reviews=None,
        )
        return self.native_id(order)
