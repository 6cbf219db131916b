"""Sitejabber's ground: sign-in, limits, error codes in HTTP 200, and the strict reading of parameters."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from reviewdesk.domain.clock import Clock
from reviewdesk.practice.calls import Answer, Call, Limits, Stop, route
from reviewdesk.practice.journal import Journal
from reviewdesk.practice.keys import DOMAIN, SITEJABBER
from reviewdesk.practice.server import ProviderServer
from reviewdesk.practice.sitejabber_wire import BUSINESS_USER, dates, user_wire
from reviewdesk.practice.state import Shelf

__all__ = [
    "BIZ", "DATASOURCES", "ERRORS", "OK", "PAGE", "REASONS", "SitejabberBase", "check_email", "error", "flag", "moment",
    "number_of", "ordered", "sources_of",
]  # fmt: skip

Record = dict[str, Any]

ERRORS = {
    101: "Client token invalid",
    102: "Client token access revoked",
    201: "Email or password invalid",
    202: "User access has been disabled",
    203: "User token missing or invalid",
    204: "User session is invalid",
    205: "Fatal error creating user access",
    206: "User access is invalid",
    207: "User token is expired",
    301: "Business not available",
    302: "Missing parameter",
    303: "Limit exceeded",
    304: "Email already exists",
    305: "The review does not exist",
    306: "Malformed parameter",
    307: "User not found",
    308: "Insufficient permissions",
    309: "Review request removal error",
    310: "Product review request removal error",
    311: "Error uploading image",
    399: "Unexpected error",
    401: "Product does not exist",
    402: "Image does not exist",
    403: "Product review does not exist",
    404: "Can vote only once every 24 hours",
    429: "Rate limit, too many requests",
    503: "Site under scheduled maintenance",
}
OK: Record = {"status": "OK", "success": True}
REASONS = ("language", "personal_info", "personal_attack", "second_hand", "another_biz", "other")
DATASOURCES = (
    "bbb", "facebook", "lsa", "google", "productreview", "resellerratings", "reviewsio", "trustpilot", "yelp",
)  # fmt: skip
_LIFE_S = 182 * 86_400
BIZ = "/v1/businesses/{biz}"
PAGE = ("start", "count")


def error(code: int, detail: str = "") -> Stop:
    """One of the documented body errors."""
    reason = ERRORS[code] + (f": {detail}" if detail else "")
    return Stop(
        Answer({"status": "ERROR", "success": False, "errorCode": code, "errorReason": reason}),
        f"error-{code}",
    )


class SitejabberBase(ProviderServer):
    """Sign-in, limits, and the strict reading of parameters."""

    provider = "sitejabber"

    def __init__(self, clock: Clock, journal: Journal, shelf: Shelf) -> None:
        super().__init__(clock, journal, shelf)
        self.limits = Limits(clock, [(10, 10.0), (1000, 3600.0)])
        self.client_token = SITEJABBER["client_token"]
        self.email = SITEJABBER["email"]
        self.password = SITEJABBER["password"]
        self.maintenance = False
        self.client_revoked = False
        self.user_disabled = False
        self._token = ""
        self._token_ends = 0.0
        self._former: set[str] = set()
        self.logins = 0

    # --- what a test may do ----------------------------------------------------------------------

    def log_in_elsewhere(self) -> None:
        """The same user signs in on another machine: the token in use becomes invalid (204)."""
        with self.lock:
            self._new_token()

    def expire_token(self) -> None:
        """The token in use runs out (207)."""
        with self.lock:
            self._token_ends = 0.0

    # --- checks ----------------------------------------------------------------------------------

    def admit(self, call: Call) -> None:
        if self.maintenance:
            raise error(503)
        if self.limits.admit() is not None:
            raise error(429)
        if call.one("client_token") != self.client_token:
            raise error(101)
        if self.client_revoked:
            raise error(102)
        call.query = [(name, value) for name, value in call.query if name != "client_token"]
        if call.path == "/v1/login":
            return
        if self.user_disabled:
            raise error(202)
        token = call.headers.get("user_token", "")
        if token and token in self._former:
            raise error(204)
        if not token or token != self._token:
            raise error(203)
        if self._token_ends <= self.clock.now():
            raise error(207)
        call.who = BUSINESS_USER["username"]

    def unknown_path(self, call: Call) -> Answer:
        return Answer("<html><body><h1>404 Not Found</h1></body></html>", 404)

    def wrong_method(self, call: Call, allowed: list[str]) -> Answer:
        return Answer("<html><body><h1>405</h1></body></html>", 405, headers={"Allow": ", ".join(allowed)})

    def need_business(self, biz: str) -> None:
        if biz != DOMAIN:
            raise error(301)

    def asked(
        self, call: Call, biz: str, known: Iterable[str], *, required: Iterable[str] = ()
    ) -> dict[str, str]:
        """The query of a GET call. Unknown or repeated names are malformed, missing ones missing."""
        self.need_business(biz)
        values: dict[str, str] = {}
        for name, value in call.query:
            if name not in known or name in values:
                raise error(306, name)
            values[name] = value
        return self._complete(values, required)

    def posted(
        self, call: Call, biz: str, known: Iterable[str], *, required: Iterable[str] = ()
    ) -> dict[str, str]:
        """The form of a POST call."""
        self.need_business(biz)
        if call.query:
            raise error(306, call.query[0][0])
        if call.content_type != "application/x-www-form-urlencoded":
            raise error(306, "Content-Type")
        values = call.form()
        for name in values:
            if name not in known:
                raise error(306, name)
        return self._complete(values, required)

    @staticmethod
    def _complete(values: dict[str, str], required: Iterable[str]) -> dict[str, str]:
        for name in required:
            if not values.get(name):
                raise error(302, name)
        return values

    def page(self, asked: dict[str, str], items: list[Any]) -> list[Any]:
        """``start`` and ``count`` applied: 0 and 10 unless given, 100 at most."""
        start, count = number_of(asked, "start", 0), number_of(asked, "count", 10)
        if count > 100:
            raise error(303, "count")
        if count < 1:
            raise error(306, "count")
        return items[start : start + count]

    def envelope(self, name: str, asked: dict[str, str], items: list[Any], **more: Any) -> Record:
        """``count`` is the size that was asked for, not a total."""
        return {
            name: items,
            "count": number_of(asked, "count", 10),
            "start": number_of(asked, "start", 0),
            **more,
            **OK,
        }

    # --- sign-in ---------------------------------------------------------------------------------

    def _new_token(self) -> str:
        if self._token:
            self._former.add(self._token)
        self._token = secrets.token_hex(20)
        self._token_ends = self.clock.now() + _LIFE_S
        return self._token

    @route("POST", "/v1/login")
    def login(self, call: Call) -> Record:
        if call.content_type != "application/x-www-form-urlencoded":
            raise error(306, "Content-Type")
        form = call.form()
        if not form.get("email") or not form.get("password"):
            raise error(302, "email and password")
        if (form["email"], form["password"]) != (self.email, self.password):
            raise error(201)
        if self.user_disabled:
            raise error(202)
        self.logins += 1
        call.who = BUSINESS_USER["username"]
        return {
            "token": self._new_token(),
            "expire": dates("x", self._token_ends, slashes=False)["x"],
            "user": user_wire(BUSINESS_USER, self.root_url),
            **OK,
        }


def number_of(asked: dict[str, str], name: str, default: int) -> int:
    value = asked.get(name, str(default))
    if not value.isdigit():
        raise error(306, name)
    return int(value)


def flag(asked: dict[str, str], name: str) -> bool:
    """A parameter that is 0 or 1."""
    value = asked.get(name, "0")
    if value not in ("0", "1"):
        raise error(306, name)
    return value == "1"


def moment(asked: dict[str, str], name: str) -> float | None:
    """``yyyy-mm-dd[ hh:mm:ss]`` in the site's time, as UTC seconds."""
    value = asked.get(name)
    if value is None:
        return None
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        try:
            return datetime.strptime(value, form).replace(tzinfo=UTC).timestamp() + 7 * 3600
        except ValueError:
            continue
    raise error(306, name)


def check_email(value: str | None) -> None:
    """Raises Stop (306) for what is no address."""
    if value and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise error(306, "email")


def ordered(asked: dict[str, str]) -> str:
    value = asked.get("order", "DESC").upper()
    if value not in ("ASC", "DESC"):
        raise error(306, "order")
    return value


def sources_of(asked: dict[str, str]) -> set[str]:
    wanted = set(filter(None, asked.get("datasources", "").split(",")))
    if not wanted <= set(DATASOURCES):
        raise error(306, "datasources")
    return wanted
