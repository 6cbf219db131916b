"""How values become columns: compact JSON, checksums, enums by their text."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

__all__ = ["checksum", "from_json", "object_from", "to_json"]

to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
"""One line of JSON as it is stored."""


def from_json(text: str) -> Any:
    """What ``to_json`` wrote."""
    return json.loads(text)


def object_from(text: str | None) -> Mapping[str, Any]:
    """A stored JSON object; a text that is none (a damaged row) reads as an empty one."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def checksum(*values: object) -> int:
    """CRC-32 over the values' texts, each with its length: a flipped bit on the disk shows itself (reliability.md E5)."""
    crc = 0
    for value in values:
        data = b"" if value is None else str(value).encode("utf-8", "surrogatepass")
        crc = zlib.crc32(b"%d:" % (-1 if value is None else len(data)) + data, crc)
    return crc
