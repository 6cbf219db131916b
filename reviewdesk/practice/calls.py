"""A request as a practice provider sees it, the answer it gives, and the limits it may enforce."""

from __future__ import annotations

import base64
import binascii
import io
import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from reviewdesk.domain.clock import Clock

__all__ = ["Answer", "Call", "Limits", "Stop", "multipart", "route"]

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Answer:
    """An HTTP answer. ``body`` is bytes as they are, text, or anything that JSON can hold; None is empty."""

    def __init__(
        self,
        body: Any = None,
        status: int = 200,
        *,
        mime: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.headers = dict(headers or {})
        if body is None:
            self.body = b""
        elif isinstance(body, bytes):
            self.body = body
            self.headers.setdefault("Content-Type", mime or "application/octet-stream")
        elif isinstance(body, str):
            self.body = body.encode()
            self.headers.setdefault("Content-Type", mime or "text/html; charset=utf-8")
        else:
            self.body = json.dumps(body, ensure_ascii=False).encode()
            self.headers.setdefault("Content-Type", mime or "application/json; charset=utf-8")


class Stop(Exception):
    """Raised inside a handler: answer with this and journal ``outcome``. Nothing was carried out."""

    def __init__(self, answer: Answer, outcome: str) -> None:
        super().__init__(outcome)
        self.answer = answer
        self.outcome = outcome


@dataclass
class Call:
    """One request as a handler sees it."""

    method: str
    path: str
    """Below the provider's base address, as it was sent (percent-encoded)."""
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    who: str = ""
    """Set by the provider's own authentication; goes into the journal."""
    fields: dict[str, Any] = field(default_factory=dict)
    """Set when the body is read; goes into the journal, masked."""

    @property
    def content_type(self) -> str:
        return (self.headers.get("Content-Type") or "").partition(";")[0].strip().lower()

    def one(self, name: str, default: str | None = None) -> str | None:
        """The last value of a query parameter."""
        return next((v for k, v in reversed(self.query) if k == name), default)

    def form(self) -> dict[str, str]:
        """The urlencoded body; later values win. Undecodable bytes become replacement characters."""
        self.fields = dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))
        return dict(self.fields)

    def json(self) -> Any:
        """The JSON body. Raises ValueError."""
        value = json.loads(self.body.decode("utf-8"))
        self.fields = dict(value) if isinstance(value, dict) else {"": value}
        return value

    def basic(self) -> tuple[str, str] | None:
        """Name and password of an HTTP Basic header as they are (RFC 7617), or None where it is missing or unreadable."""
        scheme, _, token = (self.headers.get("Authorization") or "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, colon, password = base64.b64decode(token, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return (name, password) if colon else None

    def bearer(self) -> str | None:
        scheme, _, token = (self.headers.get("Authorization") or "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None


class Limits:
    """Call limits as sliding windows over the practice clock. Off until ``enforced`` is set."""

    def __init__(self, clock: Clock, windows: Iterable[tuple[int, float]]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.windows = list(windows)
        self.enforced = False
        self.refused = 0
        self._calls: deque[float] = deque()

    def admit(self) -> float | None:
        """Count a call; seconds until the next one would be admitted when this one is over a limit."""
        now = self._clock.monotonic()
        with self._lock:
            longest = max((seconds for _, seconds in self.windows), default=0.0)
            while self._calls and self._calls[0] <= now - longest:
                self._calls.popleft()
            wait = 0.0
            for calls, seconds in self.windows:
                inside = [at for at in self._calls if at > now - seconds]
                if len(inside) >= calls:
                    wait = max(wait, inside[-calls] + seconds - now)
            if wait and self.enforced:
                self.refused += 1
                return wait
            self._calls.append(now)
        return None


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    """Marks a method of a ProviderServer as the handler of ``method pattern``; ``{name}`` is one path segment."""

    def mark(handler: Handler) -> Handler:
        routes: list[tuple[str, str]] = list(getattr(handler, "_routes", ()))
        routes.append((method, pattern))
        handler._routes = routes  # type: ignore[attr-defined]
        return handler

    return mark


def multipart(call: Call) -> tuple[dict[str, str], list[str]]:
    """The fields of a multipart body, and the names under which files came. Raises ValueError."""
    from werkzeug.formparser import MultiPartParser
    from werkzeug.http import parse_options_header

    _, options = parse_options_header(call.headers.get("Content-Type"))
    fields, files = MultiPartParser().parse(
        io.BytesIO(call.body), options.get("boundary", "").encode(), len(call.body)
    )
    form = {name: str(value) for name, value in fields.items()}
    for _, file in files.items(multi=True):
        file.close()
    call.fields = dict(form)
    return form, list(files)
