"""Sitejabber's review requests, invitation links, the business itself, and customer data."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from reviewdesk.practice.calls import Call, route
from reviewdesk.practice.keys import DOMAIN, SITEJABBER
from reviewdesk.practice.sitejabber_base import BIZ, OK, check_email, error, flag, sources_of
from reviewdesk.practice.sitejabber_reviews import SitejabberReviews, is_visible
from reviewdesk.practice.sitejabber_wire import RATINGS, slashed

__all__ = ["SitejabberRequests"]

Record = dict[str, Any]


class SitejabberRequests(SitejabberReviews):
    """Review requests, links, customer data and the business itself."""

    # --- what a test may do ----------------------------------------------------------------------

    @property
    def requests(self) -> list[Record]:
        """Review requests that stand, oldest first; ``emailed`` says whether the customer got an e-mail."""
        with self.lock:
            return copy.deepcopy([*self.data["requests"].values(), *self.data["product_requests"].values()])

    def read_offline_link(self, url: str) -> Record:
        """Open an offline invitation link as the site would. Raises ValueError when it is not one of ours."""
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        query = parse_qs(urlsplit(url).query, strict_parsing=True)
        if query.get("key") != [SITEJABBER["client_id"]]:
            raise ValueError("another client id")
        whole = base64.b64decode(query["payload"][0], validate=True)
        key = hashlib.sha256(SITEJABBER["client_encryption_key"].encode()).digest()
        start, seal, hidden = whole[:16], whole[16:48], whole[48:]
        if not hmac.compare_digest(hmac.new(key, hidden, hashlib.sha256).digest(), seal):
            raise ValueError("the seal does not fit")
        opened = Cipher(algorithms.AES(key), modes.CBC(start)).decryptor().update(hidden)
        record: Record = json.loads(opened[: -opened[-1]])
        if not re.fullmatch(r"\d\d-\d\d-\d{4}", record["order_date"]):
            raise ValueError("order_date is not MM-DD-YYYY")
        return record

    # --- requests and links ----------------------------------------------------------------------

    def store_request(self, kind: str, form: dict[str, str], *, link: str) -> None:
        """Keep a request (``requests`` or ``product_requests``)."""
        key = secrets.token_hex(8)
        emailed = form.get("return_link") != "1"
        self.data[kind][key] = {
            **form,
            "key": key,
            "link": link,
            "emailed": emailed,
            "at": int(self.clock.now()),
        }
        self.keep(kind, key)

    def drop_requests(self, kind: str, wanted: Callable[[Record], bool], missing: int) -> list[str]:
        """Remove the fitting requests; their order ids. Raises Stop with code ``missing`` when there is none."""
        gone = [key for key, record in self.data[kind].items() if wanted(record)]
        if not gone:
            raise error(missing)
        orders = []
        for key in gone:
            orders.append(str(self.data[kind].pop(key)["order_id"]))
            self.keep(kind, key)
        return orders

    @staticmethod
    def check_order_date(form: dict[str, str]) -> None:
        try:
            datetime.strptime(form["order_date"], "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            raise error(306, "order_date") from None

    @route("POST", f"{BIZ}/review/request/add")
    def add_request(self, call: Call, biz: str) -> Record:
        form = self.posted(
            call,
            biz,
            (
                "email", "phone", "order_id", "order_date", "first_name", "last_name", "labels", "location", "language",
                "product_skus", "return_link",
            ),
            required=["order_id", "order_date"],
        )  # fmt: skip
        if not form.get("email") and not form.get("phone"):
            raise error(302, "email or phone")
        check_email(form.get("email"))
        self.check_order_date(form)
        flag(form, "return_link")
        link = f"{self.root_url}/links/requested-review-{secrets.token_hex(8)}"
        self.store_request("requests", form, link=link)
        return {**OK, "link": link} if form.get("return_link") == "1" else dict(OK)

    @route("POST", f"{BIZ}/review/request/remove")
    def remove_request(self, call: Call, biz: str) -> Record:
        form = self.posted(call, biz, ("email", "order_id"), required=["email"])
        orders = self.drop_requests(
            "requests",
            lambda r: (
                r.get("email", "").lower() == form["email"].lower()
                and form.get("order_id", r["order_id"]) == r["order_id"]
            ),
            309,
        )
        return {"removed_order_ids": orders, **OK}

    @route("GET", "/v1/partners/{biz}/write-link/get")
    def write_link(self, call: Call, biz: str) -> Record:
        self.asked(call, biz, ())
        hashed = secrets.token_hex(5)
        url = f"{self.root_url}/links/requested-review?hash={hashed}"
        self._keep_link("write", url)
        return {
            "url": url,
            "hash": hashed,
            "expire": slashed(self.clock.now() + 30 * 86_400),
            **OK,
        }

    @route("GET", "/v1/partners/{biz}/edit-link/get")
    def edit_link(self, call: Call, biz: str) -> Record:
        asked = self.asked(call, biz, ("email",), required=["email"])
        for record in self._sorted():
            if (record["author"].get("email") or "").lower() == asked["email"].lower() and is_visible(record):
                link = f"{self.root_url}/links/edit-review-{DOMAIN}-{record['no']}"
                self._keep_link("edit", link, asked["email"])
                return {"link": link, **OK}
        raise error(307)

    def _keep_link(self, kind: str, link: str, email: str = "") -> None:
        """Note which link was given out, for whoever compares it with what the program shows."""
        self.data["given_links"][link] = {
            "kind": kind,
            "link": link,
            "email": email,
            "at": int(self.clock.now()),
        }
        self.keep("given_links", link)

    # --- the business ----------------------------------------------------------------------------

    def business(self) -> Record:
        """The Url object."""
        shown = [r for r in self._sorted() if is_visible(r) and not r["datasource"]]
        overall = [r["ratings"]["overall"] for r in shown]

        def mean(kind: str) -> float:
            values = [r["ratings"][kind] for r in shown if r["ratings"].get(kind)]
            return round(sum(values) / len(values), 2) if values else 0

        names = ("oneStar", "twoStars", "threeStars", "fourStars", "fiveStars")
        return {
            "name": "Harbour",
            "urlAddress": f"http://{DOMAIN}",
            "displayAddress": DOMAIN,
            "urlProfilePage": f"{self.root_url}/links/reviews-{DOMAIN}",
            "averageRating": [{"type": kind, "rating": mean(kind)} for kind in RATINGS],
            "numReviews": [{"type": "total", "rating": len(shown)}]
            + [{"type": names[i - 1], "rating": overall.count(i)} for i in (5, 4, 3, 2, 1)],
            "phone": "",
            "email": "hello@example.org",
            "address": {
                "streetAddress": "Quay 4",
                "streetAddress2": "",
                "city": "Harbour",
                "state": "",
                "postalCode": "",
                "country": "Denmark",
                "completeAddress": "Quay 4, Harbour, Denmark",
            },
        }

    @route("GET", "/v1/businesses/bulk")
    def bulk(self, call: Call) -> Record:
        asked = self.asked(call, DOMAIN, ("businesses",), required=["businesses"])
        try:
            wanted = json.loads(asked["businesses"])
        except ValueError:
            raise error(306, "businesses") from None
        if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
            raise error(306, "businesses")
        if len(wanted) > 20:
            raise error(303, "businesses")
        return {"urls": [self.business() for name in wanted if name == DOMAIN], **OK}

    @route("GET", BIZ)
    def business_info(self, call: Call, biz: str) -> Record:
        asked = self.asked(call, biz, ("datasources",))
        sources_of(asked)
        return {**self.business(), **OK}

    # --- customer data ---------------------------------------------------------------------------

    def _supplied(self, email: str) -> list[Record]:
        """What this business supplied about a customer. Raises Stop (307) when there is nothing."""
        check_email(email)
        found = [
            r
            for r in self._sorted()
            if r["solicited"] and (r["author"].get("email") or "").lower() == email.lower()
        ]
        if not found and not any(
            r.get("email", "").lower() == email.lower() for r in self.data["requests"].values()
        ):
            raise error(307)
        return found

    @route("GET", f"{BIZ}/privacy/access")
    def privacy_access(self, call: Call, biz: str) -> Record:
        asked = self.asked(call, biz, ("email",), required=["email"])
        found = self._supplied(asked["email"])
        return {
            "categories": {
                "Identifiers": {
                    "collected": True,
                    "data": [
                        *sorted(
                            {" ".join((r["author"]["firstName"], r["author"]["lastName"])) for r in found}
                        ),
                        asked["email"],
                    ],
                },
                "Commercial information": {"collected": True, "data": [r["order_id"] for r in found]},
                "Internet activity": {"collected": False, "data": []},
            },
            **OK,
        }

    @route("POST", f"{BIZ}/privacy/remove")
    def privacy_remove(self, call: Call, biz: str) -> Record:
        form = self.posted(call, biz, ("email",), required=["email"])
        for record in self._supplied(form["email"]):
            record["author"] = {
                "username": f"anonymous{record['no']}",
                "firstName": "Anonymous",
                "lastName": "",
            }
            record["order_id"] = None
            self.keep("reviews", str(record["no"]))
        for kind in ("requests", "product_requests"):
            for key in [
                k for k, r in self.data[kind].items() if r.get("email", "").lower() == form["email"].lower()
            ]:
                del self.data[kind][key]
                self.keep(kind, key)
        return dict(OK)
