"""Sitejabber in the contract suite: errors come in the body, with status 200."""

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
from reviewdesk.domain.models import ReviewKind, ReviewRef
from reviewdesk.practice.sitejabber_base import ERRORS
from reviewdesk.practice.sitejabber_wire import review_wire
from tests.contract.harness import ErrorCase, Harness, Removal, SendCase

_LIST = r"/businesses/[^/]+/reviews$"
_ADD = r"/review/comments/add$"
_LOGIN = r"/login$"
_HTML = "<html><body><h1>Down <i>for now</i></h1></body></html>"
_AS_HTML = {"Content-Type": "text/html"}
_JSON = {"Content-Type": "application/json"}

MEANING: Mapping[int, type] = {
    101: SignInError, 102: SignInError, 201: SignInError, 202: SignInError, 203: SignInError, 204: SignInError,
    205: ServerError, 206: SignInError, 207: SignInError,
    301: NotFound, 302: Refused, 303: Refused, 304: Refused, 305: NotFound, 306: Refused, 307: Refused,
    308: PermissionDenied, 309: Refused, 310: Refused, 311: Refused, 399: ServerError,
    401: Refused, 402: Refused, 403: NotFound, 404: Refused, 429: RateLimited, 503: ServerError,
}  # fmt: skip
"""What each documented code must become."""
WAITS = {429: 10.0, 503: 600.0}


def body_error(code: int) -> str:
    return json.dumps(
        {"status": "ERROR", "success": False, "errorCode": code, "errorReason": ERRORS.get(code, "New")}
    )


def _code(code: int) -> ErrorCase:
    return ErrorCase(
        f"code-{code}",
        MEANING[code],
        lambda h: h.fault(_LIST, body=body_error(code), status=200, headers=_JSON, times=None),
        retry_after_s=WAITS.get(code),
        words=ERRORS[code],
    )


def _raw(name: str, expected: type, path: str = _LIST, **what: object) -> ErrorCase:
    return ErrorCase(name, expected, lambda h: h.fault(path, times=None, **what))


def _wrong_token(harness: Harness) -> None:
    harness.box.values["client_token"] = "another-token"


def _send_code(code: int, delivery: Delivery) -> SendCase:
    return SendCase(
        f"code-{code}",
        delivery,
        False,
        lambda h: h.fault(_ADD, body=body_error(code), status=200, headers=_JSON, times=None),
    )


class ProviderHarness(Harness):
    provider_id: ClassVar[str] = "sitejabber"
    errors: ClassVar[tuple[ErrorCase, ...]] = (
        *(_code(code) for code in MEANING),
        ErrorCase("wrong-api-key", SignInError, _wrong_token, words=ERRORS[101]),
        _raw("code-as-text", NotFound, body=body_error(301).replace("301", '"301"'), status=200),
        _raw("code-with-its-own-status", NotFound, body=body_error(301), status=404, headers=_JSON),
        _raw("limit-with-its-own-status", RateLimited, body=body_error(429), status=429, headers=_JSON),
        _raw("unknown-code", BadAnswer, body=body_error(777), status=200),
        _raw("failed-without-a-code", BadAnswer, body='{"success": false}', status=200),
        _raw("sign-in-is-down", ServerError, _LOGIN, status=500, body=_HTML, headers=_AS_HTML),
        _raw("sign-in-without-a-token", BadAnswer, _LOGIN, status=200, body='{"status":"OK","success":true}'),
        _raw("firewall", ServerError, status=403, body=_HTML, headers=_AS_HTML),
        _raw("no-such-page", NotFound, status=404, body=_HTML, headers=_AS_HTML),
        _raw("server", ServerError, status=500, body=_HTML, headers=_AS_HTML),
        _raw("gateway", ServerError, status=502, body=_HTML, headers=_AS_HTML),
        _raw("portal", BadAnswer, status=200, body=_HTML, headers=_AS_HTML),
        _raw("garbage", BadAnswer, status=200, body="[{1, 2"),
        _raw("no-list", BadAnswer, status=200, body='{"status": "OK", "success": true}'),
        _raw("wrong-shape", BadAnswer, status=200, body='{"reviews": {"1": {}}, "success": true}'),
        _raw("nothing", BadAnswer, status=200, body=""),
        _raw("moved", BadAnswer, status=302, body="", headers={"Location": "https://other.example/"}),
        _raw("cut", NetworkError, cut="mid"),
    )
    send_faults: ClassVar[tuple[SendCase, ...]] = (
        SendCase("answer-lost", Delivery.UNKNOWN, True, lambda h: h.fault(_ADD, cut="after")),
        SendCase("answer-cut", Delivery.UNKNOWN, True, lambda h: h.fault(_ADD, cut="mid")),
        SendCase("answer-garbage", Delivery.UNKNOWN, True, lambda h: h.fault(_ADD, body="[}")),
        SendCase("answer-empty", Delivery.UNKNOWN, True, lambda h: h.fault(_ADD, body="")),
        SendCase("cut-before", Delivery.UNKNOWN, False, lambda h: h.fault(_ADD, cut="before")),
        SendCase("server-error", Delivery.UNKNOWN, False, lambda h: h.fault(_ADD, status=500, body="{}")),
        SendCase(
            "error-but-done",
            Delivery.UNKNOWN,
            True,
            lambda h: h.fault(_ADD, status=502, body=_HTML, headers=_AS_HTML, commit=True),
        ),
        SendCase(
            "fault-of-its-own-but-done",
            Delivery.UNKNOWN,
            True,
            lambda h: h.fault(_ADD, status=200, body=body_error(399), commit=True),
        ),
        SendCase("moved", Delivery.REFUSED, False, lambda h: h.fault(_ADD, status=302, body="")),
        *(_send_code(code, Delivery.REFUSED) for code in (301, 302, 305, 306, 307, 308)),
        *(_send_code(code, Delivery.NOT_SENT) for code in (101, 102, 202, 203, 204, 206, 207, 429, 503)),
        _send_code(399, Delivery.UNKNOWN),
        SendCase("sign-in-cut", Delivery.NOT_SENT, False, lambda h: h.fault(_LOGIN, cut="after", times=None)),
        SendCase("sign-in-down", Delivery.NOT_SENT, False, lambda h: h.fault(_LOGIN, status=500, times=None)),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        # The sample shop has reviews that were taken down; here nothing is removed until a test removes it.
        server = self.shop.sitejabber
        with server.lock:
            for number in [n for n, r in server.data["reviews"].items() if r["removed"] is not None]:
                del server.data["reviews"][number]

    def settings(self) -> Mapping[str, str]:
        # The limits have tests of their own; here they would only cost time.
        return {**super().settings(), "rate_limit": "100000/10"}

    def wrong_secret(self) -> tuple[str, str]:
        return "password", "not-the-password-at-all"

    def edit(self) -> str:
        number = self.shop.sitejabber.review_numbers()[-3]
        self.shop.sitejabber.edit_review(number, content="I have thought about it again.", stars=2)
        return str(number)

    def add(self) -> str:
        return str(self.shop.sitejabber.add_review())

    def remove(self) -> Removal:
        number = self.shop.sitejabber.review_numbers()[-5]
        self.shop.sitejabber.remove_review(number)
        return Removal(str(number), deleted=True)

    def break_one(self) -> str:
        number = next(n for n in self.shop.sitejabber.review_numbers()[10:] if not self._edited(n))
        self.shop.sitejabber.break_review(number, rating={"type": "overall"})
        return str(number)

    def _edited(self, number: int) -> bool:
        return self.shop.sitejabber.review(number)["edited"] is not None

    def make_sloppy(self) -> str:
        shop = self.shop.sitejabber
        number = next(n for n in shop.review_numbers() if not self._edited(n))
        sent = review_wire(shop.review(number), shop.root_url, in_list=True)
        shop.break_review(
            number,
            reviewNo=number,
            rating=[
                {"type": r["type"], "rating": r["rating"] and float(r["rating"])} for r in sent["rating"]
            ],
            created=sent["created"].replace("-", "/"),
            createdRFC=sent["createdRFC"].replace("-", "/", 2),
            edited="",
            editedRFC="",
            positive_votes=str(sent["positive_votes"]),
            images=sent["images"] or None,
            labels=sent["labels"] or None,
            order_id=sent["order_id"] or "",
            tip="",
        )
        return str(number)

    def repeat_first_page(self) -> None:
        shop = self.shop.sitejabber
        records = [
            review_wire(shop.review(shop.review_numbers()[0]), shop.root_url, in_list=True) | {"reviewNo": n}
            for n in range(1, 101)
        ]
        self.fault(_LIST, body=json.dumps(records), times=None)

    def reply_to(self) -> ReviewRef:
        shop = self.shop.sitejabber
        number = next(n for n in shop.review_numbers() if not shop.comments(n))
        return ReviewRef(1, 1, ReviewKind.BUSINESS, str(number))

    def replies(self, native_id: str) -> list[str]:
        comments = self.shop.sitejabber.comments(int(native_id))
        return [c["content"] for c in comments if c["author"]["username"] == "harbourshop"]
