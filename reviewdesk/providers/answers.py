"""What an HTTP answer means: status to typed error, the provider's own words, Retry-After. Nothing here does I/O."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any, TypeVar

from reviewdesk.domain.errors import (
    BadAnswer,
    Delivery,
    NetworkError,
    NotFound,
    PermissionDenied,
    ProviderError,
    RateLimited,
    Refused,
    ServerError,
    SignInError,
)
from reviewdesk.domain.text import safe_words
from reviewdesk.providers.decode import decode_envelope

__all__ = [
    "WORDS_CAP",
    "Answer",
    "Expect",
    "fault_in",
    "is_whole_json",
    "looks_like_html",
    "looks_like_json",
    "provider_words",
    "retry_after",
    "status_error",
]

WORDS_CAP = 300
"""Characters of a provider's own error message that are kept."""

_T = TypeVar("_T")


class Expect(Enum):
    """What a 2xx answer must be."""

    JSON = "json"
    """An object or a list."""
    ANY = "any"
    """Also nothing: calls whose answer no document describes. No web page, and no half of an answer."""
    BYTES = "bytes"
    """A picture."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer. ``headers`` have lower-case names; ``body`` is decompressed and within the cap."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    outgoing: bool = False
    """It answers an action on a person's behalf: when it can't be read, the outcome is unknown."""

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def decode(self, kind: type[_T]) -> _T:
        """The body as a wire struct (``decode.decode_envelope``). Raises ``BadAnswer``."""
        problem: BadAnswer
        try:
            return decode_envelope(self.body, kind)
        except BadAnswer as error:
            problem = error
        problem.delivery = Delivery.UNKNOWN if self.outgoing else Delivery.NOT_SENT
        raise problem

    def json(self) -> Any:
        """The body as plain values, for answers without a fixed shape. Raises ``BadAnswer``."""
        value: Any = self.decode(Any)
        return value


def looks_like_json(body: bytes) -> bool:
    """Whether the body begins as a JSON object or list: what a provider's answer always is."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def is_whole_json(body: bytes) -> bool:
    """Whether the body can be read to its end."""
    try:
        json.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return False
    return True


def looks_like_html(answer: Answer) -> bool:
    """A page for a browser: a captive portal, a firewall, a maintenance notice."""
    if looks_like_json(answer.body):
        return False
    return "html" in answer.content_type or answer.body.lstrip()[:1] == b"<"


# --- the provider's own words ------------------------------------------------------------------------

_PLACES = (
    ("fault", "faultstring"),
    ("message",),
    ("Message",),
    ("error_description",),
    ("errorMessage",),
    ("error", "message"),
    ("error",),
    ("Error",),
    ("errors",),
    ("details",),
    ("reason",),
)


def provider_words(body: bytes, hide: Callable[[str], str] = str) -> str:
    """The message inside an error body: plain text, one line, at most 300 characters, or empty.

    ``hide`` takes secrets out; it sees the words before they are cut, or half a secret could stand at the end.

    The places are tried in a fixed order, since no provider documents its error bodies in full; markup is stripped.
    """
    try:
        value = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return safe_words(hide(body[: 20 * WORDS_CAP].decode("utf-8", "replace")), WORDS_CAP)
    return safe_words(hide(_words(value)), WORDS_CAP)


def _words(value: Any, depth: int = 0) -> str:
    if isinstance(value, str):
        return value
    if depth > 4:
        return ""
    if isinstance(value, list):
        return "; ".join(filter(None, (_words(item, depth + 1) for item in value[:5])))
    if isinstance(value, dict):
        for place in _PLACES:
            inner: Any = value
            for key in place:
                inner = inner.get(key) if isinstance(inner, dict) else None
            if inner:
                words = _words(inner, depth + 1)
                if words:
                    return words
    return ""


# --- Retry-After -------------------------------------------------------------------------------------


def retry_after(header: str | None, now: float) -> float | None:
    """Seconds to wait by a ``Retry-After`` header (seconds or a date), within 1 s to 1 h; None when unreadable."""
    if not header or len(header) > 64:
        return None
    text = header.strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now
        except (ValueError, OverflowError, TypeError):
            return None
    if seconds != seconds:
        return None
    return max(1.0, min(3600.0, seconds))


# --- status to error -----------------------------------------------------------------------------------


def status_error(answer: Answer, *, title: str, now: float, words: str = "") -> ProviderError | None:
    """The typed error of a status outside 2xx, or None for 2xx. ``words`` is what the provider said about it."""
    status = answer.status
    if 200 <= status < 300:
        return None
    html = looks_like_html(answer)
    after = retry_after(answer.headers.get("retry-after"), now)
    known = _known_status(status, html, title)
    if known is not None:
        kind, message, remedy, delivery = known
    elif status >= 500:
        kind, message, remedy = ServerError, f"{title} has a fault of its own (status {status}).", ""
        delivery = Delivery.UNKNOWN
    elif status >= 400:
        kind, message, remedy = Refused, f"{title} refused the request (status {status}).", ""
        delivery = Delivery.REFUSED
    else:
        kind, message, remedy = (
            BadAnswer,
            f"{title} gave an answer that makes no sense (status {status}).",
            "",
        )
        delivery = Delivery.UNKNOWN
    if words and not html:
        message = f"{message} It says: {words}"
    return kind(
        message,
        remedy=remedy,
        delivery=delivery,
        retry_after_s=after,
        status=status,
        provider_words=words,
    )


def _known_status(
    status: int, html: bool, title: str
) -> tuple[type[ProviderError], str, str, Delivery] | None:
    if status in (301, 302, 303, 307, 308):
        # After a 303 the request may have been acted on; the other four ask to send it again elsewhere.
        delivery = Delivery.UNKNOWN if status == 303 else Delivery.REFUSED
        return BadAnswer, f"{title} sends us to another address.", "Check the account's address.", delivery
    if html and status == 403:
        return (
            ServerError,
            f"A firewall in front of {title} blocked the request (status {status}).",
            "It usually ends by itself; if not, ask the network's administrator or the provider.",
            Delivery.NOT_SENT,
        )
    table: dict[int, tuple[type[ProviderError], str, str, Delivery]] = {
        400: (Refused, f"{title} did not accept the request.", "", Delivery.REFUSED),
        401: (SignInError, f"{title} did not accept the credentials.", "Sign in again.", Delivery.NOT_SENT),
        403: (
            PermissionDenied,
            f"{title} does not allow this for the account.",
            "Its plan or the rights of the business user may not cover it.",
            Delivery.NOT_SENT,
        ),
        404: (NotFound, f"{title} does not know what was asked for.", "", Delivery.REFUSED),
        407: (
            NetworkError,
            "The proxy asks for a name and a password.",
            "Put them into the system's proxy settings.",
            Delivery.NOT_SENT,
        ),
        408: (NetworkError, f"{title} waited too long for the request.", "", Delivery.UNKNOWN),
        410: (NotFound, f"What was asked for is gone at {title}.", "", Delivery.REFUSED),
        429: (RateLimited, f"{title} asks for fewer calls.", "It goes on by itself.", Delivery.NOT_SENT),
        501: (ServerError, f"{title} has not built this call.", "", Delivery.REFUSED),
        503: (ServerError, f"{title} is down for maintenance or overloaded.", "", Delivery.UNKNOWN),
    }
    return table.get(status)


def fault_in(answer: Answer, expect: Expect, *, title: str) -> BadAnswer | None:
    """What is wrong with the body of a 2xx answer of the provider ``title``, or None."""
    if expect is Expect.BYTES:
        good = answer.content_type.startswith("image/") and answer.body
        return None if good else BadAnswer("What came is not a picture.", status=answer.status)
    if looks_like_html(answer):
        return BadAnswer(
            f"A web page came where {title} should have answered with data.",
            remedy="Behind a hotel's or office's network, sign in there with a browser first.",
            status=answer.status,
        )
    if expect is Expect.ANY:
        whole = not looks_like_json(answer.body) or is_whole_json(answer.body)
        return None if whole else BadAnswer(f"{title}'s answer breaks off.", status=answer.status)
    if not answer.body.strip():
        return BadAnswer(f"{title} gave an empty answer.", status=answer.status)
    if not looks_like_json(answer.body):
        return BadAnswer(f"{title} gave an answer that can't be read.", status=answer.status)
    return None
