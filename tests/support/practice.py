"""A plain HTTP client for the practice servers: what the tests say is exactly what goes over the wire."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from reviewdesk.practice import PracticeAccount, PracticeShop

__all__ = ["Got", "Wire", "sitejabber_wire", "trustpilot_token", "trustpilot_wire"]


@dataclass(frozen=True)
class Got:
    """An answer. ``json`` decodes the body."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Wire:
    """Requests below one base address, with the same headers and query parameters every time."""

    base: str
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    timeout_s: float = 10.0

    def call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        json_body: Any = None,
        form: dict[str, str] | None = None,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Got:
        """One request on its own connection. Raises OSError or http.client.HTTPException when it is cut."""
        parts = urlsplit(self.base)
        sent = dict(self.headers)
        if json_body is not None:
            body, sent["Content-Type"] = json.dumps(json_body).encode(), "application/json"
        if form is not None:
            body, sent["Content-Type"] = urlencode(form).encode(), "application/x-www-form-urlencoded"
        sent |= headers or {}
        asked = {name: str(value) for name, value in (self.query | (query or {})).items()}
        target = parts.path + path + (f"?{urlencode(asked)}" if asked else "")
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=self.timeout_s)
        try:
            connection.request(method, target, body=body, headers=sent)
            answer = connection.getresponse()
            return Got(answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()})
        finally:
            connection.close()

    def get(self, path: str, **query: Any) -> Got:
        return self.call("GET", path, query=query)

    def post(self, path: str, json_body: Any = None, **more: Any) -> Got:
        return self.call("POST", path, json_body=json_body, **more)


def account(shop: PracticeShop, name: str) -> PracticeAccount:
    """A practice account by its name."""
    return next(a for a in shop.accounts if a.name == name)


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


OAUTH = "/oauth/oauth-business-users-for-applications"


def trustpilot_token(shop: PracticeShop, grant: dict[str, str] | None = None) -> Got:
    """Ask the token endpoint; client credentials unless told otherwise."""
    server = shop.trustpilot
    wire = Wire(account(shop, "Harbour DK").settings["base_url"])
    return wire.post(
        f"{OAUTH}/accesstoken",
        form=grant or {"grant_type": "client_credentials"},
        headers={"Authorization": basic(server.api_key, server.api_secret)},
    )


def trustpilot_wire(shop: PracticeShop, *, invitations: bool = False, key: bool = False) -> Wire:
    """Signed in with a token, or with the API key only."""
    settings = account(shop, "Harbour DK").settings
    base = settings["invitations_url" if invitations else "base_url"]
    if key:
        return Wire(base, {"apikey": shop.trustpilot.api_key})
    return Wire(base, {"Authorization": "Bearer " + trustpilot_token(shop).json["access_token"]})


def sitejabber_wire(shop: PracticeShop) -> Wire:
    """Signed in with a fresh user token."""
    wanted = account(shop, "harbour.example")
    wire = Wire(wanted.settings["base_url"], query={"client_token": wanted.secrets["client_token"]})
    form = {"email": wanted.settings["email"], "password": wanted.secrets["password"]}
    wire.headers["user_token"] = wire.post("/login", form=form).json["token"]
    return wire
