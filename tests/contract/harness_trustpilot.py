"""Trustpilot in the contract suite."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from reviewdesk.domain.errors import (
    BadAnswer,
    Delivery,
    NetworkError,
    NotFound,
    PermissionDenied,
    RateLimited,
    Refused,
    ServerError,
    SignInError,
)
from reviewdesk.domain.models import ProviderState, ReviewKind, ReviewRef
from tests.contract.harness import ErrorCase, Harness, Removal, SendCase

_LIST = r"/private/product-reviews/business-units/.*/reviews$"
_TOKEN = r"/accesstoken$"
_COMMENT = r"/comments$"
_CREATE = r"/create-conversation$"
_FAULT = '{"fault": {"faultstring": "%s", "detail": {"errorcode": "%s"}}}'
_HTML = "<html><body><h1>Request <i>blocked</i></h1></body></html>"
_JSON = {"Content-Type": "application/json"}
_AS_HTML = {"Content-Type": "text/html"}


def _answer(name: str, expected: type, status: int, body: str = "{}", **more: object) -> ErrorCase:
    headers = more.pop("headers", _JSON)
    words = str(more.pop("words", ""))
    after = more.pop("retry_after_s", None)
    path = str(more.pop("path", _LIST))
    return ErrorCase(
        name,
        expected,
        lambda h: h.fault(path, status=status, body=body, headers=headers, times=None),
        retry_after_s=after,  # type: ignore[arg-type]
        words=words,
    )


def _wrong_secret(harness: Harness) -> None:
    harness.box.values["api_secret"] = "wrong"


class ProviderHarness(Harness):
    provider_id: ClassVar[str] = "trustpilot"
    errors: ClassVar[tuple[ErrorCase, ...]] = (
        _answer("bad-request", Refused, 400, '{"message": "Invalid page"}', words="Invalid page"),
        _answer(
            "invalid-token",
            SignInError,
            401,
            _FAULT % ("Invalid access token", "oauth.v2.InvalidAccessToken"),
            words="Invalid access token",
        ),
        ErrorCase("wrong-secret", SignInError, _wrong_secret),
        _answer(
            "wrong-login",
            SignInError,
            400,
            '{"ErrorCode": "InvalidCredentials", "Error": "The user name or password is wrong"}',
            path=_TOKEN,
            words="The user name or password is wrong",
        ),
        _answer("sign-in-is-down", ServerError, 503, path=_TOKEN),
        _answer(
            "no-rights", PermissionDenied, 403, '{"Message": "Not in your plan"}', words="Not in your plan"
        ),
        _answer("firewall", ServerError, 403, _HTML, headers=_AS_HTML),
        _answer(
            "unknown-unit", NotFound, 404, '{"errors": [{"message": "No such unit"}]}', words="No such unit"
        ),
        _answer("wrong-type", Refused, 415),
        _answer(
            "quota",
            RateLimited,
            429,
            _FAULT % ("Quota limit exceeded", "policies.ratelimit.QuotaViolation"),
            headers=_JSON | {"Retry-After": "77"},
            retry_after_s=77,
            words="Quota",
        ),
        _answer("server", ServerError, 500, '{"details": "Oops"}', words="Oops"),
        _answer("not-built", ServerError, 501),
        _answer("gateway", ServerError, 502, _HTML, headers=_AS_HTML),
        _answer("portal", BadAnswer, 200, _HTML, headers=_AS_HTML),
        _answer("garbage", BadAnswer, 200, "[1, 2"),
        _answer("wrong-shape", BadAnswer, 200, '{"productReviews": {}}'),
        _answer("nothing", BadAnswer, 200, ""),
        ErrorCase("cut", NetworkError, lambda h: h.fault(_LIST, cut="mid", times=None)),
    )
    send_faults: ClassVar[tuple[SendCase, ...]] = (
        SendCase("answer-lost", Delivery.UNKNOWN, True, lambda h: h.fault(_COMMENT, cut="after")),
        SendCase("answer-cut", Delivery.UNKNOWN, True, lambda h: h.fault(_COMMENT, cut="mid")),
        SendCase("answer-garbage", Delivery.UNKNOWN, True, lambda h: h.fault(_COMMENT, body="[}")),
        SendCase("cut-before", Delivery.UNKNOWN, False, lambda h: h.fault(_COMMENT, cut="before")),
        SendCase("server-error", Delivery.UNKNOWN, False, lambda h: h.fault(_COMMENT, status=500, body="{}")),
        SendCase(
            "error-but-done",
            Delivery.UNKNOWN,
            True,
            lambda h: h.fault(_COMMENT, status=502, body="{}", commit=True),
        ),
        SendCase("refused", Delivery.REFUSED, False, lambda h: h.fault(_COMMENT, status=422, body="{}")),
        SendCase("conflict", Delivery.REFUSED, False, lambda h: h.fault(_COMMENT, status=409, body="{}")),
        SendCase("review-gone", Delivery.REFUSED, False, lambda h: h.fault(_COMMENT, status=404, body="{}")),
        SendCase("moved", Delivery.REFUSED, False, lambda h: h.fault(_COMMENT, status=302, body="")),
        SendCase("quota", Delivery.NOT_SENT, False, lambda h: h.fault(_COMMENT, status=429, body="{}")),
        SendCase("forbidden", Delivery.NOT_SENT, False, lambda h: h.fault(_COMMENT, status=403, body="{}")),
        SendCase(
            "signed-out",
            Delivery.NOT_SENT,
            False,
            lambda h: h.fault(_COMMENT, status=401, body="{}", times=None),
        ),
        SendCase("sign-in-cut", Delivery.NOT_SENT, False, lambda h: h.fault(_TOKEN, cut="after", times=None)),
        SendCase("created-but-cut", Delivery.UNKNOWN, False, lambda h: h.fault(_CREATE, cut="after")),
        SendCase("not-created", Delivery.UNKNOWN, False, lambda h: h.fault(_CREATE, cut="before")),
        SendCase(
            "review-unreadable",
            Delivery.NOT_SENT,
            False,
            lambda h: h.fault(r"/private/product-reviews/[0-9a-f]+$", cut="before", times=None),
        ),
    )

    def settings(self) -> Mapping[str, str]:
        return {**super().settings(), "kinds": "product,service"}

    def wrong_secret(self) -> tuple[str, str]:
        return "api_secret", "not-the-secret-at-all"

    def edit(self) -> str:
        native_id = self.shop.trustpilot.review_ids("dk")[3]
        self.shop.trustpilot.edit_review(native_id, content="I have thought about it again.", stars=2)
        return native_id

    def add(self) -> str:
        return self.shop.trustpilot.add_review("dk")

    def remove(self) -> Removal:
        """Trustpilot tells of no removal, but of a review's state."""
        native_id = self.shop.trustpilot.review_ids("dk")[5]
        self.shop.trustpilot.set_state(native_id, "archived")
        return Removal(native_id, state=ProviderState.ARCHIVED)

    def break_one(self) -> str:
        native_id = self.shop.trustpilot.review_ids("dk")[40]
        self.shop.trustpilot.break_review(native_id, stars={"value": 4})
        return native_id

    def make_sloppy(self) -> str:
        # One without an edit, so that the empty text for its date means the same as null.
        shop = self.shop.trustpilot
        native_id = next(i for i in shop.review_ids("dk") if shop.review(i)["updatedAt"] is None)
        record = shop.review(native_id)
        shop.break_review(
            native_id,
            stars=str(record["stars"]),
            createdAt=record["createdAt"].replace("-", "/").replace("T", " ").removesuffix("Z"),
            updatedAt="",
            hasModerationHistory=str(record["hasModerationHistory"]).lower(),
            conversationId=record["conversationId"] or "",
            attachments=record["attachments"] or None,
        )
        return native_id

    def repeat_first_page(self) -> None:
        shop = self.shop.trustpilot
        records = [shop.review(i) for i in shop.review_ids("dk")[:100]]
        self.fault(_LIST, body=json.dumps({"productReviews": records, "total": 0}), times=None)

    def reply_to(self) -> ReviewRef:
        shop = self.shop.trustpilot
        native_id = next(i for i in shop.review_ids("dk") if shop.conversation(i) is None)
        return ReviewRef(1, 1, ReviewKind.PRODUCT, native_id)

    def replies(self, native_id: str) -> list[str]:
        comments = self.shop.trustpilot.comments(native_id)
        return [c["content"] for c in comments if c["author"]["type"] == "businessUser"]
