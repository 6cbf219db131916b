"""Signing in, every call's two credentials, and the errors that come with status 200."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from reviewdesk.domain.errors import (
    BadAnswer,
    Delivery,
    NotFound,
    PermissionDenied,
    ProviderError,
    RateLimited,
    Refused,
    ServerError,
    SignInError,
)
from reviewdesk.domain.text import clean, safe_words
from reviewdesk.providers.answers import Answer
from reviewdesk.providers.base import Context
from reviewdesk.providers.decode import decode_record
from reviewdesk.providers.http import HttpClient
from reviewdesk.providers.sitejabber import calls, wire
from reviewdesk.providers.sitejabber.calls import Call
from reviewdesk.providers.sitejabber.records import SITE_ZONE
from reviewdesk.providers.sitejabber.spec import API_URL, SESSION, SPEC

__all__ = ["RENEWABLE", "Door", "error_of"]

RENEWABLE = frozenset({203, 204, 206, 207})
"""Codes after which signing in again, once, is right. Never after 101, 102, 201, 202 and 308."""
_TOKEN_LIFE_S = 180 * 24 * 3600
_LIMIT_WAIT_S = 10.0
_MAINTENANCE_WAIT_S = 600.0


class Session(msgspec.Struct, frozen=True):
    """The user token, kept because a new sign-in would end it for everybody else who uses it."""

    token: str
    expires: int
    username: str
    email: str
    made_with: str = ""
    """A digest of the password: a token made with another one says nothing about this one."""


class Door:
    """Every call goes through here: the API key in the query, the user token in the header, one renewal."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._email = context.settings.get("email", "").strip()
        self.base_url = context.settings.get("base_url") or API_URL
        self.business = _bare_domain(context.settings.get("business", ""))
        self.http = HttpClient(
            self.base_url,
            context,
            title=SPEC.title,
            secrets=SPEC.secrets,
            limits=SPEC.rate_limits,
            refine=_refine,
        )
        self._session: Session | None = None
        self._closed_until = 0.0

    @property
    def expires(self) -> int | None:
        return self._session.expires if self._session is not None else None

    @property
    def username(self) -> str:
        """Who we are in comments and messages; signs in where that is not known yet."""
        return self.session().username

    def sign_in(self) -> Session:
        """``POST /login``. Ends every earlier token of this user, so it is done only when there is no valid one."""
        self._pause_if_asked()
        password = self._password()
        answer = self.http.call(
            calls.LOGIN.method,
            calls.LOGIN.path(self.business),
            query={"client_token": self._client_token()},
            form={"email": self._email, "password": password},
        )
        found = self._checked(answer, outgoing=False)
        if not found.token:
            raise BadAnswer("Sitejabber's sign-in gave no token.", delivery=Delivery.NOT_SENT)
        username = found.user.get("username", "") if isinstance(found.user, dict) else ""
        expires = found.expire.at(SITE_ZONE) or int(self._context.clock.now()) + _TOKEN_LIFE_S
        session = Session(
            str(found.token), expires, clean(str(username)), self._email, self._digest(password)
        )
        # Kept before it is used: a token that only this process knew would lock the next one out.
        self._context.secrets.put(SESSION, msgspec.json.encode(session).decode())
        self.http.hide(session.token)
        self._session = session
        return session

    def call(
        self,
        what: Call,
        *,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str | None, bytes, str]] | None = None,
        outgoing: bool = False,
    ) -> wire.Envelope:
        """One call; signs in again once where Sitejabber says that the token is no longer valid.

        Such a refusal is certain not to have done anything, so this holds for outgoing calls as well.
        """
        return self._call(what, query, form, files, outgoing)[0]

    def tree(self, what: Call, query: Mapping[str, str]) -> Any:
        """``call`` for answers without a fixed shape: plain values."""
        return self._call(what, query, None, None, False)[1].json()

    def _call(
        self,
        what: Call,
        query: Mapping[str, str] | None,
        form: Mapping[str, str] | None,
        files: Mapping[str, tuple[str | None, bytes, str]] | None,
        outgoing: bool,
    ) -> tuple[wire.Envelope, Answer]:
        used = self.session()
        try:
            return self._once(used, what, query, form, files, outgoing)
        except SignInError as error:
            if error.status not in RENEWABLE:
                raise
        # Another process may have signed in meanwhile, which ended our token: theirs is in the secrets.
        kept = self._stored()
        if kept is not None and kept.token != used.token and kept.expires > self._context.clock.now():
            self._session = kept
            try:
                return self._once(kept, what, query, form, files, outgoing)
            except SignInError as error:
                if error.status not in RENEWABLE:
                    raise
        self._session = None
        return self._once(self.sign_in(), what, query, form, files, outgoing)

    def _once(
        self,
        session: Session,
        what: Call,
        query: Mapping[str, str] | None,
        form: Mapping[str, str] | None,
        files: Mapping[str, tuple[str | None, bytes, str]] | None,
        outgoing: bool,
    ) -> tuple[wire.Envelope, Answer]:
        self._pause_if_asked()
        answer = self.http.call(
            what.method,
            what.path(self.business),
            query={"client_token": self._client_token(), **(query or {})},
            headers={"user_token": session.token},
            form=form if form is not None or what.method == "GET" else {},
            files=files,
            outgoing=outgoing,
        )
        return self._checked(answer, outgoing=outgoing, lists=what is calls.REVIEWS), answer

    def _checked(self, answer: Answer, *, outgoing: bool, lists: bool = False) -> wire.Envelope:
        """The envelope, or the error it holds, which here has the delivery of a call that wanted to read."""
        try:
            return _envelope(answer, lists=lists)
        except ProviderError as error:
            self.http.censored(error)
            if isinstance(error, RateLimited) and error.retry_after_s:
                self._closed_until = self._context.clock.monotonic() + error.retry_after_s
            if not outgoing and error.delivery is Delivery.UNKNOWN:
                error.delivery = Delivery.NOT_SENT
            raise

    def _pause_if_asked(self) -> None:
        """No call before the time that the last refusal asked for: it would only be counted again."""
        left = self._closed_until - self._context.clock.monotonic()
        if left > 0:
            raise RateLimited(
                "Sitejabber asked for fewer calls.",
                remedy="It goes on by itself.",
                retry_after_s=max(1.0, left),
                status=429,
            )

    def session(self) -> Session:
        """The kept token as long as it lasts; signs in where there is none."""
        now = self._context.clock.now()
        session = self._session
        if session is None or session.expires <= now:
            session = self._session = self._stored()
        if session is None or session.expires <= now:
            session = self.sign_in()
        return session

    def _stored(self) -> Session | None:
        kept = self._context.secrets.get(SESSION)
        if not kept:
            return None
        try:
            session = decode_record(kept.encode("utf-8", "replace"), Session)
        except ValueError:
            return None
        if session.email != self._email or session.made_with != self._digest(self._password()):
            return None  # the account was changed to another user or password
        self.http.hide(session.token)
        return session

    def _password(self) -> str:
        return self._secret("password", "Enter the password of the business user.")

    def _digest(self, password: str) -> str:
        return hashlib.sha256(f"{self._email}\0{password}".encode("utf-8", "replace")).hexdigest()[:16]

    def _client_token(self) -> str:
        return self._secret("client_token", "Enter the API key of the business account.")

    def _secret(self, key: str, remedy: str) -> str:
        value = self._context.secrets.get(key)
        if not value:
            raise SignInError("The account's credentials are not complete.", remedy=remedy)
        self.http.hide(value)
        return value


def _bare_domain(text: str) -> str:
    bare = text.strip().lower().removeprefix("https://").removeprefix("http://").removeprefix("www.")
    return bare.partition("/")[0]


def _envelope(answer: Answer, *, lists: bool = False) -> wire.Envelope:
    """The envelope, or the error it holds. ``lists``: a bare list stands for an envelope of reviews."""
    if lists and answer.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
        return wire.Envelope(reviews=answer.decode(list[msgspec.Raw]))
    found = answer.decode(wire.Envelope)
    failed = (
        found.errorCode.value is not None or found.success.value is False or found.status.upper() == "ERROR"
    )
    if failed:
        raise error_of(found.errorCode.value, str(found.errorReason))
    return found


def _refine(answer: Answer, error: ProviderError) -> ProviderError:
    """Errors normally come with status 200; where one comes with its own status, the body knows better."""
    try:
        _envelope(answer)
    except BadAnswer:
        return error
    except ProviderError as better:
        better.retry_after_s = error.retry_after_s or better.retry_after_s
        return better
    return error


# What each documented code means: class, what we say, what to do, what an outgoing call may conclude.
_CODES: Mapping[int, tuple[type[ProviderError], str, str, Delivery]] = {
    101: (SignInError, "did not accept the API key", "Copy the API key again.", Delivery.NOT_SENT),
    102: (
        SignInError,
        "has withdrawn the API key",
        "Make a new API key in the business account.",
        Delivery.NOT_SENT,
    ),
    201: (SignInError, "did not accept e-mail or password", "Enter them again.", Delivery.NOT_SENT),
    202: (SignInError, "has disabled this user", "Ask Sitejabber's support.", Delivery.NOT_SENT),
    203: (SignInError, "wants you to sign in again", "Sign in again.", Delivery.NOT_SENT),
    204: (SignInError, "wants you to sign in again", "Sign in again.", Delivery.NOT_SENT),
    205: (ServerError, "could not sign the user in", "It is tried again later.", Delivery.NOT_SENT),
    206: (SignInError, "wants you to sign in again", "Sign in again.", Delivery.NOT_SENT),
    207: (SignInError, "wants you to sign in again", "Sign in again.", Delivery.NOT_SENT),
    301: (NotFound, "does not know this business", "Check the account's domain.", Delivery.REFUSED),
    302: (Refused, "misses something in the request", "", Delivery.REFUSED),
    303: (Refused, "was asked for too much at once", "", Delivery.REFUSED),
    304: (Refused, "knows this e-mail address already", "", Delivery.REFUSED),
    305: (NotFound, "no longer has this review", "", Delivery.REFUSED),
    306: (Refused, "can't read a value of the request", "", Delivery.REFUSED),
    307: (Refused, "does not know this person", "", Delivery.REFUSED),
    308: (
        PermissionDenied,
        "does not let this user do that",
        "Ask the owner of the business account.",
        Delivery.REFUSED,
    ),
    309: (Refused, "could not take the review request back", "", Delivery.REFUSED),
    310: (Refused, "could not take the product review request back", "", Delivery.REFUSED),
    311: (Refused, "could not take the picture", "", Delivery.REFUSED),
    399: (ServerError, "has a fault of its own", "", Delivery.UNKNOWN),
    401: (Refused, "does not have this product", "", Delivery.REFUSED),
    402: (Refused, "does not have this picture", "", Delivery.REFUSED),
    403: (NotFound, "no longer has this product review", "", Delivery.REFUSED),
    404: (Refused, "counts one vote in 24 hours", "", Delivery.REFUSED),
    429: (RateLimited, "asked for fewer calls", "It goes on by itself.", Delivery.NOT_SENT),
    503: (ServerError, "is under maintenance", "It goes on by itself.", Delivery.NOT_SENT),
}


def error_of(code: int | None, reason: str) -> ProviderError:
    """The typed error of a body code (docs/providers/sitejabber.md, 7). ``status`` holds the code."""
    words = safe_words(reason)
    kind, message, remedy, delivery = _CODES.get(
        code or 0, (BadAnswer, "gave an error that is not documented", "", Delivery.UNKNOWN)
    )
    waits = {429: _LIMIT_WAIT_S, 503: _MAINTENANCE_WAIT_S}
    said = f" It says: {words}" if words else ""
    number = f" (error {code})" if code is not None else ""
    details: dict[str, Any] = {"status": code, "provider_words": words, "retry_after_s": waits.get(code or 0)}
    return kind(f"Sitejabber {message}{number}.{said}", remedy=remedy, delivery=delivery, **details)
