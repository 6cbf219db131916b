"""Signing in to Trustpilot: four grants, tokens kept as one secret, each renewed once and stored before it is used."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import (
    Delivery,
    InvalidInput,
    PermissionDenied,
    ProviderError,
    Refused,
    SignInError,
)
from reviewdesk.providers.addresses import is_loopback, path
from reviewdesk.providers.base import Context, SecretBox
from reviewdesk.providers.decode import decode_as
from reviewdesk.providers.http import Expect, HttpClient
from reviewdesk.providers.trustpilot.spec import (
    API_KEY,
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    PASSWORD,
    SESSION,
)
from reviewdesk.providers.trustpilot.wire import Token

__all__ = ["Session", "SignIn"]

_OAUTH = ("oauth", "oauth-business-users-for-applications")
_AUTHENTICATE = "https://authenticate.trustpilot.com"
_ACCESS_LIFE_S = 100 * 3600
_REFRESH_LIFE_S = 30 * 24 * 3600
"""What the document says where the answer says nothing."""


class Session(msgspec.Struct, frozen=True):
    """The tokens in use, kept as one secret so that a rotation is stored whole or not at all."""

    access: str
    until: float
    """UTC seconds."""
    credentials: str
    """Digest of the settings and the key it belongs to: other credentials make it void."""
    refresh: str = ""
    refresh_until: float = 0.0


class SignIn:
    """Gives the access token to whoever calls Trustpilot. Safe on several threads: one renewal at a time."""

    def __init__(self, context: Context, http: HttpClient) -> None:
        self._settings: Mapping[str, str] = context.settings
        self._secrets: SecretBox = context.secrets
        self._clock: Clock = context.clock
        self._http = http
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._loaded = False
        self._unsaved: Session | None = None
        """A rotated pair that the keychain did not take: tried again before anything else, never lost in between."""
        self._refused: tuple[str, SignInError] | None = None
        """Credentials that were refused, as a digest: not tried again until they change."""
        self._api_key = ""
        self._digest = ""
        self.grant = self._settings.get("grant") or CLIENT_CREDENTIALS

    # -- for the calls --

    def api_key(self) -> str:
        """The API key. Raises ``SignInError`` when there is none."""
        if not self._api_key:
            self._api_key = self._secret("api_key")
        return self._api_key

    def token(self) -> str:
        """A valid access token, signing in where needed. Raises ``ProviderError`` or ``SecretError``."""
        with self._lock:
            session = self._current()
            if session is not None and self._clock.now() < session.until:
                return session.access
            return self._renew(session).access

    def renewed(self, refused: str) -> str:
        """The token after ``refused`` was answered with 401: renewed once, however many callers ask for it."""
        with self._lock:
            self._loaded = False  # another process may have renewed it meanwhile
            session = self._current()
            if session is not None and session.access != refused:
                return session.access
            return self._renew(session).access

    @property
    def ends_at(self) -> int | None:
        """When a person has to sign in again at the latest; None where the program renews by itself for ever."""
        session = self._session
        if self.grant != AUTHORIZATION_CODE or session is None:
            return None
        return int(session.refresh_until if session.refresh else session.until)

    def try_again(self) -> None:
        """A person asks: credentials that were refused before are tried once more."""
        self._refused = None
        self._api_key = self._digest = ""

    # -- in the browser --

    def address(self) -> str:
        """What to open in the browser for the authorization code. Raises ``InvalidInput``."""
        redirect = self._settings.get("redirect_uri", "").strip()
        if not redirect.startswith("https://"):
            raise InvalidInput(
                "The redirect address must begin with https:// and be registered at Trustpilot."
            )
        base = urlsplit(self._http.base_url)
        # Practice servers play the sign-in page too, beside their API.
        beside = f"{base.scheme}://{base.netloc}{base.path.rstrip('/').rpartition('/')[0]}/authenticate"
        door = beside if is_loopback(base.hostname) else _AUTHENTICATE
        query = {"client_id": self.api_key(), "redirect_uri": redirect, "response_type": "code"}
        return f"{door}?{urlencode(query)}"

    def finish(self, pasted: str) -> None:
        """Sign in with the address of the page on which the browser ended (or the code alone).

        Raises ``InvalidInput`` when it holds no code, ``SignInError`` when Trustpilot refuses it.
        """
        values = self._pasted_values(pasted.strip())
        with self._lock:
            if "access_token" in values:
                life = values.get("expires_in", "")
                until = self._clock.now() + (int(life) if life.isdecimal() else _ACCESS_LIFE_S)
                self._keep(Session(values["access_token"], until, self._credentials()))
                return
            form = {
                "grant_type": "authorization_code",
                "code": values["code"],
                "redirect_uri": self._settings.get("redirect_uri", "").strip(),
            }
            self._keep(self._ask("accesstoken", form))
            self._refused = None

    def _pasted_values(self, pasted: str) -> dict[str, str]:
        if "://" not in pasted and "=" not in pasted:
            if pasted and pasted.isprintable() and " " not in pasted:
                return {"code": pasted}
            raise InvalidInput(
                "There is no code in what was pasted.", remedy="Paste the whole address of the page."
            )
        try:
            parts = urlsplit(pasted)
        except ValueError:
            raise InvalidInput(
                "This is not an address.", remedy="Paste the whole address of the page."
            ) from None
        redirect = urlsplit(self._settings.get("redirect_uri", "").strip())
        if parts.netloc and parts.netloc.lower() != redirect.netloc.lower():
            raise InvalidInput(
                "This is the address of another page.",
                remedy=f"Paste the address that begins with {redirect.scheme}://{redirect.netloc}.",
            )
        found = parse_qs(parts.query or parts.path.partition("?")[2] or parts.path)
        found |= parse_qs(parts.fragment)
        values = {name: texts[0] for name, texts in found.items() if texts[0].strip()}
        if "error" in values:
            raise SignInError("Trustpilot did not let you in.", remedy="Open the sign-in page again.")
        if "code" not in values and "access_token" not in values:
            raise InvalidInput(
                "There is no code in the address.", remedy="Paste the whole address of the page."
            )
        return values

    def revoke(self) -> None:
        """Void the refresh token at Trustpilot and forget the session. Nothing happens without one."""
        with self._lock:
            session = self._current()
            if session is not None and session.refresh:
                self._post("revoke", {"token": session.refresh}, expect=Expect.ANY)
            self._forget()

    # -- inside the lock --

    def _current(self) -> Session | None:
        if self._unsaved is not None:
            self._keep(self._unsaved)
        if not self._loaded:
            kept = self._secrets.get(SESSION)
            self._session = None
            if kept:
                try:
                    self._session = decode_as(kept.encode(), Session)
                except msgspec.MsgspecError:
                    self._session = None  # written by something else: sign in anew
            self._loaded = True
            self._hide(self._session)
        if self._session is not None and self._session.credentials != self._credentials():
            self._session = None
        return self._session

    def _renew(self, session: Session | None) -> Session:
        digest = self._digest_of_secrets()
        if self._refused is not None and self._refused[0] == digest:
            old = self._refused[1]
            raise SignInError(old.message, remedy=old.remedy, provider_words=old.provider_words)
        if session is not None and session.refresh and self._clock.now() < session.refresh_until:
            renewed = self._refresh(session)
            if renewed is not None:
                return renewed
        refusal: SignInError
        try:
            made = self._sign_in()
        except SignInError as error:
            refusal = error
        else:
            self._keep(made)
            return made
        self._forget()
        self._refused = (digest, refusal)
        raise refusal

    def _refresh(self, session: Session) -> Session | None:
        """The next pair, stored; None when the refresh token is spent and another way may be left."""
        form = {"grant_type": "refresh_token", "refresh_token": session.refresh}
        try:
            renewed = self._ask("refresh", form)
        except SignInError:
            return None
        self._keep(renewed)
        return renewed

    def _sign_in(self) -> Session:
        if self.grant == CLIENT_CREDENTIALS:
            return self._ask("accesstoken", {"grant_type": "client_credentials"})
        if self.grant == PASSWORD:
            form = {
                "grant_type": "password",
                "username": self._settings.get("username", "").strip(),
                "password": self._secret("password"),
            }
            return self._ask("accesstoken", form)
        if self.grant == API_KEY:
            raise SignInError(
                "An API key alone can't do this.", remedy="Sign in with the API secret as well."
            )
        raise SignInError("The sign-in in the browser is missing or has ended.", remedy="Sign in again.")

    def _ask(self, call: str, form: Mapping[str, str]) -> Session:
        answer = self._post(call, form)
        token = answer.decode(Token)
        now = self._clock.now()
        session = Session(
            access=str(token.access_token),
            until=now + (token.expires_in.value or _ACCESS_LIFE_S),
            credentials=self._credentials(),
            refresh=str(token.refresh_token),
            refresh_until=now + (token.refresh_token_expires_in.value or _REFRESH_LIFE_S)
            if token.refresh_token
            else 0,
        )
        self._hide(session)
        return session

    def _post(self, call: str, form: Mapping[str, str], expect: Expect = Expect.JSON) -> Any:
        pair = f"{self._secret('api_key')}:{self._secret('api_secret')}"
        basic = base64.b64encode(pair.encode()).decode("ascii")
        for value in (basic, *form.values()):
            self._http.hide(
                value if value not in ("client_credentials", "password", "refresh_token") else None
            )
        problem: ProviderError
        try:
            return self._http.call(
                "POST",
                path(*_OAUTH, call),
                form=form,
                headers={"authorization": f"Basic {basic}"},
                expect=expect,
            )
        except (Refused, SignInError, PermissionDenied) as error:
            problem = self._refusal(error)
        except ProviderError as error:
            problem = error
        # Whatever it was, nothing of what the token was wanted for has been sent.
        problem.delivery = Delivery.NOT_SENT
        raise problem

    def _refusal(self, error: ProviderError) -> SignInError:
        words = f" It says: {error.provider_words}" if error.provider_words else ""
        remedy = "Check the API key and the API secret."
        if self.grant == PASSWORD:
            remedy = (
                "Check key, secret, user and password. A user with two-factor sign-in can't use a password here: "
                "use client credentials."
            )
        elif self.grant == AUTHORIZATION_CODE:
            remedy = "Sign in again in the browser."
        return SignInError(
            f"Trustpilot did not accept the credentials.{words}",
            remedy=remedy,
            status=error.status,
            provider_words=error.provider_words,
        )

    def _keep(self, session: Session) -> None:
        """Store, then use: a rotated pair that is not stored would be lost with the process."""
        self._unsaved = session
        self._secrets.put(SESSION, msgspec.json.encode(session).decode())
        self._unsaved = None
        self._session = session
        self._loaded = True

    def _forget(self) -> None:
        if self._session is not None or not self._loaded:
            self._secrets.put(SESSION, None)
        self._session = None
        self._loaded = True

    # -- small things --

    def _secret(self, key: str) -> str:
        value = (self._secrets.get(key) or "").strip()
        if not value:
            names = {"api_key": "API key", "api_secret": "API secret", "password": "password"}
            raise SignInError(f"The {names[key]} is missing.", remedy="Put it into the account's settings.")
        self._http.hide(value)
        return value

    def _hide(self, session: Session | None) -> None:
        if session is not None:
            self._http.hide(session.access)
            self._http.hide(session.refresh)

    def _credentials(self) -> str:
        if not self._digest:  # asked for at every call; keychains are slow
            key = self._secrets.get("api_key") or ""
            settings = self._settings
            parts = (self.grant, self._http.base_url, key, settings.get("username", ""))
            self._digest = _digest(*parts, settings.get("redirect_uri", ""))
        return self._digest

    def _digest_of_secrets(self) -> str:
        return _digest(
            self._credentials(), *(self._secrets.get(key) or "" for key in ("api_secret", "password"))
        )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
