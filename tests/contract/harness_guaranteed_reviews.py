"""Guaranteed Reviews in the contract suite: whole lists, read only, with and without the private key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from reviewdesk.domain.errors import (
    BadAnswer,
    NetworkError,
    NotFound,
    RateLimited,
    ServerError,
    SignInError,
)
from reviewdesk.practice.keys import GUARANTEED_REVIEWS
from tests.contract.harness import ErrorCase, Harness, Removal

_PUBLIC = r"/public/v3/reviews/"
_PRIVATE = r"/private/v3/reviews$"
_HTML = "<html><body><h1>Not here</h1></body></html>"
_AS_HTML = {"Content-Type": "text/html"}
_JSON = {"Content-Type": "application/json"}


def _answer(name: str, expected: type, body: str, status: int = 200, words: str = "") -> ErrorCase:
    return ErrorCase(
        name,
        expected,
        lambda h: h.fault(_PUBLIC, status=status, body=body, headers=_JSON, times=None),
        words=words,
    )


def _error(message: str, data: object, **more: object) -> str:
    return json.dumps({"message": message, "data": data, **more})


def _wrong_key(harness: Harness) -> None:
    harness.box.values["public_key"] = "another-key"


def _private(harness: Harness, **what: object) -> None:
    """With the private key, whose list meets a passing fault: that is no reason to fall back."""
    harness.box.values["private_key"] = GUARANTEED_REVIEWS["private_key"]
    harness.fault(_PRIVATE, times=None, **what)


class ProviderHarness(Harness):
    provider_id: ClassVar[str] = "guaranteed-reviews"
    replies_publicly: ClassVar[bool] = False
    errors: ClassVar[tuple[ErrorCase, ...]] = (
        ErrorCase("wrong-key", SignInError, _wrong_key, words="Invalid public key"),
        *(
            _answer(
                f"key-{status}", SignInError, _error("Bad key", 403, code="invalid_key"), status, "Bad key"
            )
            for status in (200, 400, 401, 403, 404, 500)
        ),
        _answer("key-in-an-object", SignInError, _error("Bad key", {"status": 401}), words="Bad key"),
        _answer("unknown-scope", NotFound, _error("No route was found", {"status": 404}), 404, "No route"),
        _answer("its-own-fault", ServerError, _error("Broken", 500), 200, "Broken"),
        _answer("error-without-a-status", BadAnswer, _error("Odd", None), 200, "Odd"),
        _answer("neither-reviews-nor-words", BadAnswer, '{"ratings": {}}'),
        _answer("limit", RateLimited, _error("Slow down", 429), 429, "Slow down"),
        _answer("garbage", BadAnswer, '{"reviews": [1, 2'),
        _answer("wrong-shape", BadAnswer, '{"reviews": {"1": {}}}'),
        _answer("nothing", BadAnswer, ""),
        _answer("bare-list", BadAnswer, "[1, 2]"),
        ErrorCase(
            "server",
            ServerError,
            lambda h: h.fault(_PUBLIC, status=502, body=_HTML, headers=_AS_HTML, times=None),
        ),
        ErrorCase(
            "portal",
            BadAnswer,
            lambda h: h.fault(_PUBLIC, status=200, body=_HTML, headers=_AS_HTML, times=None),
        ),
        ErrorCase("cut", NetworkError, lambda h: h.fault(_PUBLIC, cut="mid", times=None)),
        ErrorCase("private-cut", NetworkError, lambda h: _private(h, cut="mid")),
        ErrorCase("private-server", ServerError, lambda h: _private(h, status=503, body="{}")),
    )

    def secrets(self) -> Mapping[str, str]:
        return {"public_key": GUARANTEED_REVIEWS["public_key"]}

    def settings(self) -> Mapping[str, str]:
        return {**super().settings(), "rate_limit": "100000/10"}

    def wrong_secret(self) -> tuple[str, str]:
        return "public_key", "not-the-public-key"

    def _ids(self) -> list[str]:
        return self.shop.guaranteed_reviews.review_ids("site")

    def edit(self) -> str:
        native_id = self._ids()[-1]
        self.shop.guaranteed_reviews.edit_review(native_id, text="J'ai changé d'avis.", stars=2)
        return native_id

    def add(self) -> str:
        return self.shop.guaranteed_reviews.add_review()

    def remove(self) -> Removal:
        """It merely is no longer in the list, which says nothing."""
        native_id = self._ids()[-2]
        self.shop.guaranteed_reviews.remove_review(native_id)
        return Removal(native_id)

    def break_one(self) -> str:
        native_id = self._ids()[2]
        self.shop.guaranteed_reviews.break_review(native_id, r={"stars": 4})
        return native_id

    def make_sloppy(self) -> str:
        shop = self.shop.guaranteed_reviews
        native_id = next(i for i in self._ids() if not shop.review(i)["reply"] and int(i) % 5)
        record = shop.review(native_id)
        shop.break_review(
            native_id,
            id=int(native_id),
            r=float(record["stars"]),
            o=record["order"],
            reply=None,
            rdate=None,
        )
        return native_id

    def repeat_first_page(self) -> None:
        """Only private reading has pages."""
        records = [
            {"id": str(n), "product": "no", "review_rating": "5", "review_text": "x"} for n in range(1000)
        ]
        body = {"reviews": records, "pagination": {"total_results": 99_000, "total_pages": 99}}
        _private(self, body=json.dumps(body))
