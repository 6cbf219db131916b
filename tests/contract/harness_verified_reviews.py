"""Verified Reviews in the contract suite: its API; and the same account read from the feed's files (``FeedHarness``)."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from reviewdesk.domain.errors import (
    BadAnswer,
    NetworkError,
    NotFound,
    PermissionDenied,
    RateLimited,
    Refused,
    ServerError,
    SignInError,
)
from reviewdesk.practice.keys import VERIFIED_REVIEWS
from tests.contract.harness import ErrorCase, Harness, Removal
from tests.support.practice import Wire

__all__ = ["FeedHarness", "ProviderHarness", "age"]

_PRODUCTS = r"/published/products/reviews$"
_BRANDS = r"/published/brands/reviews$"
_TOKEN = r"/openid-connect/token$"
_JSON = {"Content-Type": "application/json"}
_HTML = "<html><body><h1>Not now</h1></body></html>"
_AS_HTML = {"Content-Type": "text/html"}


def _answer(name: str, expected: type, status: int, body: str = "{}", **more: object) -> ErrorCase:
    path, headers = str(more.get("path", _PRODUCTS)), more.get("headers", _JSON)
    return ErrorCase(
        name,
        expected,
        lambda h: h.fault(path, status=status, body=body, headers=headers, times=None),
        retry_after_s=more.get("after"),  # type: ignore[arg-type]
        words=str(more.get("words", "")),
    )


def _wrong_secret(harness: Harness) -> None:
    harness.box.values["client_secret"] = "wrong-secret"


class ProviderHarness(Harness):
    """Everything over HTTP."""

    provider_id: ClassVar[str] = "verified-reviews"
    replies_publicly: ClassVar[bool] = False
    # Lists are asked for by the date of publication, which an edit does not change.
    edits_show_without_full: ClassVar[bool] = False
    errors: ClassVar[tuple[ErrorCase, ...]] = (
        _answer("bad-request", Refused, 400, '{"message": "limit is too large"}', words="limit is too large"),
        _answer("invalid-token", SignInError, 401, '{"message": "Unauthorized"}', words="Unauthorized"),
        ErrorCase("wrong-secret", SignInError, _wrong_secret, words="Invalid client"),
        _answer(
            "invalid-client",
            SignInError,
            400,
            '{"error": "invalid_client", "error_description": "No such client"}',
            path=_TOKEN,
            words="No such client",
        ),
        _answer("sign-in-is-down", ServerError, 503, path=_TOKEN),
        _answer("no-token", BadAnswer, 200, '{"token_type": "Bearer"}', path=_TOKEN),
        _answer("no-rights", PermissionDenied, 403, '{"message": "Forbidden"}', words="Forbidden"),
        _answer("firewall", ServerError, 403, _HTML, headers=_AS_HTML),
        _answer("unknown-list", NotFound, 404, '{"message": "Not Found"}', words="Not Found"),
        _answer(
            "quota",
            RateLimited,
            429,
            '{"message": "Too Many Requests"}',
            headers=_JSON | {"Retry-After": "33"},
            after=33,
            words="Too Many Requests",
        ),
        _answer("server", ServerError, 500, '{"message": "Oops"}', words="Oops"),
        _answer("second-list-fails", ServerError, 500, path=_BRANDS),
        _answer("gateway", ServerError, 502, _HTML, headers=_AS_HTML),
        _answer("portal", BadAnswer, 200, _HTML, headers=_AS_HTML),
        _answer("garbage", BadAnswer, 200, "[1, 2"),
        _answer("envelope", BadAnswer, 200, '{"reviews": []}'),
        _answer("nothing", BadAnswer, 200, ""),
        ErrorCase("cut", NetworkError, lambda h: h.fault(_PRODUCTS, cut="mid", times=None)),
    )

    def settings(self) -> Mapping[str, str]:
        url = self.shop.server.url("verified-reviews")
        return {"transport": "api", "base_url": url, "auth_url": url}

    def secrets(self) -> Mapping[str, str]:
        return {key: VERIFIED_REVIEWS[key] for key in ("client_id", "client_secret")}

    def wrong_secret(self) -> tuple[str, str]:
        return "client_secret", "not-the-secret-at-all"

    def wire(self) -> Wire:
        """Signed in by hand, to see what the server gives."""
        wire = Wire(self.shop.server.url("verified-reviews"))
        server = self.shop.verified_reviews
        packed = base64.b64encode(f"{server.client_id}:{server.client_secret}".encode()).decode()
        token = wire.call(
            "POST",
            "/realms/skeepers/protocol/openid-connect/token",
            form={"grant_type": "client_credentials", "audience": "verified-reviews"},
            headers={"Authorization": f"Basic {packed}"},
        ).json["access_token"]
        wire.headers["Authorization"] = f"Bearer {token}"
        return wire

    def _records(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            self.wire().get("/verified-reviews/v1/published/products/reviews", limit=200).json
        )
        return found

    def _instead(self, records: list[dict[str, Any]], **headers: str) -> None:
        self.fault(_PRODUCTS, body=json.dumps(records), headers=_JSON | headers, times=None)

    def edit(self) -> str:
        native_id = self.shop.verified_reviews.review_ids()[3]
        self.shop.verified_reviews.edit_review(native_id, words="J'y ai repensé.", stars=2)
        return native_id

    def add(self) -> str:
        return self.shop.verified_reviews.add_review()

    def remove(self) -> Removal:
        """What is refused for good is not published any more; nothing says so."""
        native_id = self.shop.verified_reviews.review_ids()[5]
        self.shop.verified_reviews.remove_review(native_id)
        return Removal(native_id)

    def break_one(self) -> str:
        records = self._records()
        records[4]["review_rate"] = {"value": 4}
        self._instead(records)
        return str(records[4]["review_id"])

    def make_sloppy(self) -> str:
        records = self._records()
        one = records[2]
        one |= {
            "review_rate": f"{one['review_rate']}.0",
            "review_date": one["review_date"].replace("-", "/").replace("T", " ").removesuffix("Z"),
            "publish_date": "",
            "product_upc": "",
            "product_jan": "",
            "is_verified": "true",
            "syndicated_review": 0,
            "incentivization": "",
        }
        self._instead(records)
        return str(one["review_id"])

    def repeat_first_page(self) -> None:
        link = '<https://api.example/x?limit=200&cursor=abc>; rel="next"'
        self._instead(self._records()[:20], Link=link)


def age(*paths: Path, seconds: int = 7200) -> None:
    """Files lie there for a while already: nothing has to wait whether they still grow."""
    for path in paths:
        found = path.stat()
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns - seconds * 1_000_000_000))


class FeedHarness(Harness):
    """The same shop through the feed's files in a folder; a change is in the files of the next night."""

    provider_id: ClassVar[str] = "verified-reviews"
    replies_publicly: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        age(*self.folder.iterdir())

    @property
    def folder(self) -> Path:
        assert self.shop.feed_folder is not None
        return self.shop.feed_folder

    def settings(self) -> Mapping[str, str]:
        return {"transport": "folder", "path": str(self.folder), "website_id": VERIFIED_REVIEWS["website_id"]}

    def secrets(self) -> Mapping[str, str]:
        return {}

    def night(self) -> list[Path]:
        paths = self.shop.verified_reviews.next_night()
        age(*paths, seconds=3600)
        return paths

    def edit(self) -> str:
        native_id = self.shop.verified_reviews.review_ids()[3]
        self.shop.verified_reviews.edit_review(native_id, words="J'y ai repensé.", stars=2)
        self.night()
        return native_id

    def add(self) -> str:
        native_id = self.shop.verified_reviews.add_review(product="HB-X2")
        self.night()
        return native_id

    def remove(self) -> Removal:
        native_id = self.shop.verified_reviews.review_ids()[5]
        self.shop.verified_reviews.remove_review(native_id)
        self.night()
        return Removal(native_id, deleted=True)

    def _xml(self) -> Path:
        return next(p for p in self.folder.iterdir() if p.name.startswith("all_reviews_product"))

    def break_one(self) -> str:
        """One record of the full export has a score that is none."""
        text = self._xml().read_text("utf-8")
        start = text.index("<review ", text.index("<review ") + 1)
        end = text.index("</review>\n", text.index("<rate>", start))
        record = text[start:end]
        self._xml().write_text(
            text[:start] + record.replace("<rate>", "<rate>about ") + text[end:], encoding="utf-8"
        )
        age(self._xml())
        return record.partition("<product_review_id><![CDATA[")[2].partition("]]>")[0]

    def make_sloppy(self) -> str:
        """The same record without CDATA, with a decimal score and slashes in its date."""
        text = self._xml().read_text("utf-8")
        start = text.index("<review ")
        end = text.index("</review>\n", text.index("<rate>", start))
        record = text[start:end]
        date = record.partition("<review_date><![CDATA[")[2].partition("]]>")[0]
        sloppy = record.replace(date, date.replace("-", "/")).replace("<![CDATA[", "").replace("]]>", "")
        sloppy = sloppy.replace("</rate>", ".0</rate>").replace('action="NEW"', 'action="new"')
        self._xml().write_text(text[:start] + sloppy + text[end:], encoding="utf-8")
        age(self._xml(), seconds=10)
        return record.partition("<product_review_id><![CDATA[")[2].partition("]]>")[0]
