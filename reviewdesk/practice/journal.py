"""What the practice servers were asked: one entry per request, without secrets."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Entry", "Journal", "masked"]

_SECRET_NAMES = frozenset(
    {
        "access_token", "api_key", "apikey", "client_secret", "client_token", "code", "k", "password", "refresh_token",
        "sign", "token", "user_token",
    }
)  # fmt: skip
_MASK = "(hidden)"


def masked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same fields with the values of the secret ones replaced."""
    return {name: _MASK if name.lower() in _SECRET_NAMES else value for name, value in fields.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request. ``outcome`` is ``ok``, an error code or the name of the fault that struck."""

    number: int
    at: float
    """Seconds since 1970 UTC, by the practice clock."""
    provider: str
    method: str
    path: str
    """Below the provider's base address."""
    query: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    """The body's fields (form or JSON), secrets masked; ``{"": ...}`` for a JSON body that is no object."""
    authenticated_as: str = ""
    status: int = 0
    """The HTTP status that was sent, 0 where the connection was cut first."""
    outcome: str = "ok"
    committed: bool = True
    """Whether the request was carried out, whatever the client got to see of it."""


class Journal:
    """Thread-safe, in the order in which the requests came in."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._entries: list[Entry] = []

    def add(self, make: Callable[[int], Entry]) -> Entry:
        """Append ``make(number)``."""
        with self._lock:
            entry = make(len(self._entries) + 1)
            self._entries.append(entry)
            self._lock.notify_all()
        return entry

    def entries(
        self, provider: str | None = None, *, method: str | None = None, path: str | None = None
    ) -> list[Entry]:
        """The entries so far; ``path`` is a regular expression that is searched in the path."""
        with self._lock:
            found = list(self._entries)
        return [e for e in found if _fits(e, provider, method, path)]

    def wait_for(
        self,
        provider: str | None = None,
        *,
        method: str | None = None,
        path: str | None = None,
        count: int = 1,
        timeout_s: float = 10.0,
    ) -> list[Entry]:
        """The fitting entries as soon as there are ``count``. Raises TimeoutError."""
        with self._lock:
            if self._lock.wait_for(
                lambda: sum(_fits(e, provider, method, path) for e in self._entries) >= count, timeout_s
            ):
                return [e for e in self._entries if _fits(e, provider, method, path)]
        raise TimeoutError(f"{count} x {method or 'any'} {path or 'request'} did not come in {timeout_s} s")

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)


def _fits(entry: Entry, provider: str | None, method: str | None, path: str | None) -> bool:
    return (
        (provider is None or entry.provider == provider)
        and (method is None or entry.method == method)
        and (path is None or re.search(path, entry.path) is not None)
    )
