"""Cut secrets out of any text by value: names of fields are never enough (reliability.md B)."""

from __future__ import annotations

import base64
import json
import logging
import re
import threading
from urllib.parse import quote, quote_plus

__all__ = ["Redactor"]

_log = logging.getLogger(__name__)
SHORTEST = 4
_LINE = 16


class Redactor:
    """Knows every secret value in use and replaces it, in all its written forms, by its label. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._labels: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def register(self, value: str, label: str) -> None:
        """From now on ``value`` is replaced by ``<secret:label>``.

        A value shorter than four characters would black out half of any log: it is refused, with a warning. Of a
        value over several lines (a private key) each line of some length is kept out as well.
        """
        if len(value) < SHORTEST:
            _log.warning("%s is too short to be kept out of the log by its value", label)
            return
        with self._lock:
            lines = [line for line in value.splitlines() if len(line) >= _LINE and line != value]
            forms = {form for part in (value, *lines) for form in _forms(part)}
            new = {form: label for form in forms if form not in self._labels}
            if not new:
                return
            self._labels.update(new)
            # Longest first, or a short form would leave the rest of a long one standing.
            ordered = sorted(self._labels, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, ordered)))

    def redact(self, text: str) -> str:
        """``text`` without any registered value."""
        pattern = self._pattern
        if pattern is None:
            return text
        return pattern.sub(lambda found: f"<secret:{self._labels[found.group()]}>", text)


def _forms(value: str) -> set[str]:
    raw = value.encode("utf-8", "surrogatepass")
    forms = {
        value,
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        repr(raw)[2:-1],
        raw.hex(),
    }
    # Inside "user:password" a value stands at any of three offsets of base64; the edges mix with their neighbours.
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw).decode()
        start = (0, 2, 3)[offset]
        whole = encoded.rstrip("=")
        end = len(whole) if (offset + len(raw)) % 3 == 0 else len(whole) - 1
        forms.add(whole[start:end])
        forms.add(whole[start:end].replace("+", "-").replace("/", "_"))
    return {form for form in forms if len(form) >= SHORTEST}
