"""Strict reading of what a client sends: parameters, JSON bodies, paging."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from reviewdesk.practice.calls import Answer, Call, Stop

__all__ = [
    "array",
    "bad",
    "checked_object",
    "choice",
    "flag",
    "integer",
    "json_object",
    "language",
    "locale",
    "moment",
    "paged",
    "parameters",
    "text",
    "zulu",
]

Parser = Callable[[str], Any]
T = TypeVar("T")


def bad(message: str, status: int = 400, outcome: str = "bad-request") -> Stop:
    """A refusal in the shape most JSON services use."""
    return Stop(Answer({"message": message}, status), outcome)


def integer(low: int, high: int) -> Parser:
    def parse(value: str) -> int:
        if not re.fullmatch(r"\d{1,10}", value) or not low <= int(value) <= high:
            raise ValueError(f"must be a number from {low} to {high}")
        return int(value)

    return parse


def choice(*allowed: str) -> Parser:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError("must be one of " + ", ".join(allowed))
        return value

    return parse


def array(item: Parser | None = None) -> Parser:
    """Comma separated values in one parameter."""

    def parse(value: str) -> list[Any]:
        parts = value.split(",")
        if not all(parts):
            raise ValueError("has an empty element")
        return [item(part) if item else part for part in parts]

    return parse


def text(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


def flag(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError("must be true or false")
    return value == "true"


def language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}", value):
        raise ValueError("must be a two-letter code")
    return value


def locale(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}-[A-Z]{2}", value):
        raise ValueError("must look like en-US")
    return value


def moment(value: str) -> float:
    """An ISO date and time, UTC when it names no zone; seconds since 1970."""
    try:
        when = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        raise ValueError("must be an ISO 8601 date and time") from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def parameters(call: Call, known: dict[str, Parser], *, required: Iterable[str] = ()) -> dict[str, Any]:
    """The query, parsed. An unknown or repeated name, an impossible value or a missing one raises Stop (400)."""
    values: dict[str, Any] = {}
    for name, value in call.query:
        parse = known.get(name)
        if parse is None:
            raise bad(f"Unknown parameter '{name}'", outcome="unknown-parameter")
        if name in values:
            raise bad(f"'{name}' is given twice; separate values by commas", outcome="repeated-parameter")
        try:
            values[name] = parse(value)
        except ValueError as problem:
            raise bad(f"'{name}' {problem}", outcome="bad-parameter") from None
    for name in required:
        if name not in values:
            raise bad(f"'{name}' is required", outcome="missing-parameter")
    return values


def json_object(
    call: Call, known: dict[str, type | tuple[type, ...]], *, required: Iterable[str] = ()
) -> dict[str, Any]:
    """The JSON body, an object with known fields of the right types only. Raises Stop (415 or 400)."""
    if call.content_type != "application/json":
        raise bad("Unsupported Media Type, application/json is expected", 415, "wrong-content-type")
    try:
        body = call.json()
    except ValueError:
        raise bad("The body is not JSON", outcome="bad-json") from None
    return checked_object(body, known, required=required)


def checked_object(
    body: Any, known: dict[str, type | tuple[type, ...]], *, required: Iterable[str] = (), at: str = ""
) -> dict[str, Any]:
    """An object within a body; ``at`` names it in the message."""
    if not isinstance(body, dict):
        raise bad(f"{at or 'The body'} must be an object", outcome="bad-field")
    for name, value in body.items():
        if name not in known:
            raise bad(f"Unknown field '{at}{name}'", outcome="unknown-field")
        if not isinstance(value, known[name]) or (isinstance(value, bool) and known[name] is int):
            raise bad(f"Field '{at}{name}' has the wrong type", outcome="bad-field")
    for name in required:
        if body.get(name) in (None, "", [], {}):
            raise bad(f"Field '{at}{name}' is required", outcome="missing-field")
    return body


def paged(items: Sequence[T], page: int, per_page: int) -> list[T]:
    """One page, 1-based; past the end it is empty."""
    return list(items[(page - 1) * per_page : page * per_page])


def zulu(seconds: float) -> str:
    """``2026-01-31T08:14:00Z``."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
