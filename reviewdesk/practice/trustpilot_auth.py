"""Trustpilot's two ways to sign in, as its document and Apigee's error bodies have them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from reviewdesk.domain.clock import Clock
from reviewdesk.practice.calls import Answer, Call, Limits, Stop, route
from reviewdesk.practice.checks import bad
from reviewdesk.practice.journal import Journal
from reviewdesk.practice.keys import TRUSTPILOT_KEY, TRUSTPILOT_SECRET, UNITS, USERS
from reviewdesk.practice.server import ProviderServer
from reviewdesk.practice.state import Shelf

__all__ = ["APP_NAME", "TrustpilotAuth", "fault"]

APP_NAME = "Harbour review desk"
_OAUTH = "/oauth/oauth-business-users-for-applications"
_ACCESS_S = 359_999
_REFRESH_S = 7_779_999


def fault(status: int, text: str, code: str) -> Stop:
    """An answer of the gateway in front of the API."""
    return Stop(Answer({"fault": {"faultstring": text, "detail": {"errorcode": code}}}, status), code)


@dataclass(slots=True)
class _Grant:
    """One sign-in. ``user`` is "" for client credentials: then the token belongs to the application."""

    user: str
    access: str
    expires: float
    refresh: str = ""
    refresh_expires: float = 0.0
    refresh_count: int = 0


class TrustpilotAuth(ProviderServer):
    """Token endpoint, refresh, revoke, and the two checks that every other call makes."""

    provider = "trustpilot"
    api_key = TRUSTPILOT_KEY
    api_secret = TRUSTPILOT_SECRET
    username = "anna.nyborg@example.org"
    password = "practice-password-7f"  # noqa: S105
    redirect_uri = "https://harbour.example/trustpilot"
    two_factor = False
    """While set, the password grant is refused, as for users with two-factor sign-in."""
    access_lifetime_s = _ACCESS_S
    retry_after_s: int | None = None
    """When set, 429 answers carry this ``Retry-After``."""

    def __init__(self, clock: Clock, journal: Journal, shelf: Shelf) -> None:
        super().__init__(clock, journal, shelf)
        self.limits = Limits(self.clock, [(833, 300.0), (10_000, 3_600.0)])
        self._grants: list[_Grant] = []
        self._codes: dict[str, str] = {}

    def admit(self, call: Call) -> None:
        if self.limits.admit() is not None:
            stop = fault(
                429, "Rate limit quota violation. Quota limit exceeded.", "policies.ratelimit.QuotaViolation"
            )
            if self.retry_after_s is not None:
                stop.answer.headers["Retry-After"] = str(self.retry_after_s)
            raise stop

    # --- what a test may do ----------------------------------------------------------------------

    def expire_tokens(self) -> None:
        """Every access token ends now; refresh tokens stay good."""
        with self.lock:
            for grant in self._grants:
                grant.expires = 0.0

    def revoke_all(self) -> None:
        """Every token, refresh tokens too, is void."""
        with self.lock:
            self._grants.clear()

    def change_secret(self, secret: str) -> None:
        """The application gets a new API secret; what was issued before is void."""
        with self.lock:
            self.api_secret = secret
            self._grants.clear()

    def issue_code(self) -> str:
        """The code that the browser step of the authorization-code grant ends with."""
        with self.lock:
            code = secrets.token_urlsafe(12)
            self._codes[code] = next(iter(USERS))
            return code

    @property
    def live_refresh_tokens(self) -> list[str]:
        """Refresh tokens that would be accepted now."""
        with self.lock:
            return [g.refresh for g in self._grants if g.refresh]

    # --- the checks ------------------------------------------------------------------------------

    def need_key(self, call: Call) -> None:
        """Raises Stop without a valid API key (header, or the discouraged query parameter)."""
        key = call.headers.get("apikey") or call.one("apikey")
        call.query = [(name, value) for name, value in call.query if name != "apikey"]
        if not key:
            raise fault(401, "Failed to resolve API Key variable", "steps.oauth.v2.FailedToResolveAPIKey")
        if key != self.api_key:
            raise fault(401, "Invalid ApiKey", "oauth.v2.InvalidApiKey")
        call.who = "api-key"

    def need_token(self, call: Call) -> str:
        """The business user's id, "" for an application token. Raises Stop without a valid token."""
        token = call.bearer()
        grant = next((g for g in self._grants if token is not None and g.access == token), None)
        if grant is None:
            raise fault(401, "Invalid access token", "oauth.v2.InvalidAccessToken")
        if grant.expires <= self.clock.now():
            raise fault(401, "Access Token expired", "keymanagement.service.access_token_expired")
        call.who = f"user:{USERS[grant.user]}" if grant.user else "application"
        return grant.user

    def need_user(self, call: Call, given: str | None, where: str) -> str:
        """Who acts: the token's user, or for an application token the one who is named."""
        user = self.need_token(call)
        named = given or user
        if not named:
            raise Stop(
                Answer({"message": f"{where} is required with a client credentials token"}, 400), "no-user"
            )
        if named not in USERS:
            raise Stop(Answer({"message": f"Business user {named} has no access"}, 403), "unknown-user")
        call.who = f"user:{USERS[named]}"
        return named

    def need_unit(self, unit: str) -> str:
        """The business unit's id. Raises Stop (404) when it is unknown."""
        if unit not in (key for key, _, _ in UNITS.values()):
            raise bad(f"Business unit {unit} was not found", 404, "unknown-unit")
        return unit

    # --- the OAuth endpoints ---------------------------------------------------------------------

    def _client(self, call: Call) -> dict[str, str]:
        if call.content_type != "application/x-www-form-urlencoded":
            raise Stop(Answer({"message": "Unsupported Media Type"}, 415), "wrong-content-type")
        form = call.form()
        credentials = call.basic()
        if credentials is None and "client_id" in form:
            credentials = (form["client_id"], form.get("client_secret", ""))
        if credentials is None:
            raise fault(401, "Failed to resolve API Key variable", "steps.oauth.v2.FailedToResolveAPIKey")
        if credentials != (self.api_key, self.api_secret):
            raise _refused("invalid_client", "Client credentials are invalid")
        call.who = "client"
        return form

    @route("POST", f"/v1{_OAUTH}/accesstoken")
    def accesstoken(self, call: Call) -> dict[str, Any]:
        form = self._client(call)
        kind = form.get("grant_type", "")
        if kind == "client_credentials":
            return self._issue("", with_refresh=False)
        if kind == "password":
            if not form.get("username") or not form.get("password"):
                raise _refused("InvalidRequest", "Required param : username or password")
            if self.two_factor or (form["username"], form["password"]) != (self.username, self.password):
                raise _refused("InvalidCredentials", "The user name or password is wrong")
            return self._issue(next(iter(USERS)))
        if kind == "authorization_code":
            if form.get("redirect_uri") != self.redirect_uri:
                raise _refused("InvalidRequest", "The redirect_uri is not the registered one")
            user = self._codes.pop(form.get("code", ""), None)
            if user is None:
                raise _refused("InvalidRequest", "Invalid Authorization Code")
            return self._issue(user)
        if kind == "refresh_token":
            return self._refresh(form)
        raise _refused("InvalidRequest", "Unsupported grant type")

    @route("POST", f"/v1{_OAUTH}/refresh")
    def refresh(self, call: Call) -> dict[str, Any]:
        form = self._client(call)
        if form.get("grant_type") != "refresh_token":
            raise _refused("InvalidRequest", "grant_type must be refresh_token")
        return self._refresh(form)

    @route("POST", f"/v1{_OAUTH}/revoke")
    def revoke(self, call: Call) -> Answer:
        form = self._client(call)
        if not form.get("token"):
            raise _refused("InvalidRequest", "Required param : token")
        self._grants = [g for g in self._grants if form["token"] not in (g.refresh, g.access)]
        return Answer(None, 200)

    @route("GET", "/authenticate")
    def authenticate(self, call: Call) -> Answer:
        """The browser step; the person is taken to have signed in."""
        if call.one("client_id") != self.api_key or call.one("redirect_uri") != self.redirect_uri:
            return Answer("<h1>This application is not known</h1>", 400)
        if call.one("response_type") == "token":
            token = self._issue(next(iter(USERS)), with_refresh=False)
            tail = "#" + urlencode(
                {
                    "access_token": token["access_token"],
                    "token_type": "bearer",
                    "expires_in": token["expires_in"],
                }
            )
        elif call.one("response_type") == "code":
            tail = "?" + urlencode({"code": self.issue_code()})
        else:
            return Answer("<h1>response_type must be code or token</h1>", 400)
        return Answer("", 302, headers={"Location": self.redirect_uri + tail})

    def _refresh(self, form: dict[str, str]) -> dict[str, Any]:
        spent = form.get("refresh_token", "")
        grant = next((g for g in self._grants if spent and g.refresh == spent), None)
        if grant is None or grant.refresh_expires <= self.clock.now():
            raise _refused("InvalidRequest", "Invalid Refresh Token")
        self._grants.remove(grant)
        return self._issue(grant.user, count=grant.refresh_count + 1)

    def _issue(self, user: str, *, with_refresh: bool = True, count: int = 0) -> dict[str, Any]:
        now = self.clock.now()
        grant = _Grant(user, secrets.token_urlsafe(24), now + self.access_lifetime_s)
        answer: dict[str, Any] = {
            "api_product_list": "[trustpilot-business-api, public_data]",
            "api_product_list_json": ["trustpilot-business-api", "public_data"],
            "organization_name": "trustpilot",
            "token_type": "BearerToken",
            "issued_at": str(int(now * 1000)),
            "client_id": self.api_key,
            "access_token": grant.access,
            "application_name": APP_NAME,
            "scope": "",
            "expires_in": str(self.access_lifetime_s),
            "status": "approved",
        }
        if user:
            answer["app_enduser"] = user
        if with_refresh:
            grant.refresh = secrets.token_urlsafe(24)
            grant.refresh_expires = now + _REFRESH_S
            grant.refresh_count = count
            answer |= {
                "refresh_token": grant.refresh,
                "refresh_token_expires_in": str(_REFRESH_S),
                "refresh_token_status": "approved",
                "refresh_token_issued_at": str(int(now * 1000)),
                "refresh_count": str(count),
            }
        self._grants.append(grant)
        return answer


def _refused(code: str, text: str) -> Stop:
    return Stop(Answer({"ErrorCode": code, "Error": text}, 400), code)
