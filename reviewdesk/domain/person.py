"""One person's values as they may be written anywhere: found in texts and bytes, and taken out of them.

*Strong* values are a person's own wherever they stand: addresses, names of several words, order numbers of some length.
*Weak* ones (a first name, a short number) say nothing by themselves: they are taken out only of what belongs to the
person. Forms looked for: as written, with other blanks, upper and lower case, surname first, JSON and HTML escapes,
percent, quoted-printable, hexadecimal, base64 at any offset, and UTF-16 in bytes. Pure and safe on any thread.
"""

from __future__ import annotations

import base64
import html
import json
import quopri
import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus

__all__ = ["ANONYMOUS", "EMAIL", "Needles", "Person", "name_words"]

ANONYMOUS = "Anonymous"
EMAIL = re.compile(r"[\w.!#$&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")

SHORTEST_ORDER = 5
SHORTEST_NAME = 4
_SHORTEST_ENCODED = 8
_LARGEST_UNPACKED = 64 * 1024 * 1024
# A letter before the value is none of it when it ends an escape: \n, \u00e9, %3D, =3D.
_MARKS = ("%", "=", "\\", "&")
_BEFORE = r"(?:(?<![\w])|(?<=\\[nrtbf])|(?<=\\u[0-9a-fA-F]{4})|(?<=%[0-9a-fA-F]{2})|(?<==[0-9A-F]{2}))"
_AFTER = r"(?!\w)"
_EMAIL_BEFORE = (
    r"(?:(?<![\w.+-])|(?<=\\[nrtbf])|(?<=\\u[0-9a-fA-F]{4})|(?<=%[0-9a-fA-F]{2})|(?<==[0-9A-F]{2}))"
)
_EMAIL_AFTER = r"(?![\w]|[.-]\w)"


def name_words(name: str) -> list[str]:
    """The words of a name, longest first; initials and single letters are none."""
    return sorted(
        {w for w in re.findall(r"\w[\w'’-]*", name) if len(w.strip("'’-")) > 1}, key=len, reverse=True
    )


@dataclass(slots=True)
class Person:
    """What is known of one person. Sets grow while places are looked at; empty values and ``ANONYMOUS`` are no use."""

    emails: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    usernames: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    """Ids under which providers know the person."""
    shared_names: set[str] = field(default_factory=set)
    """Names that others bear as well: taken out only of what belongs to this person."""

    def add(self, kind: str, value: Any) -> None:
        text = str(value or "").strip()
        if len(text) > 1 and text != ANONYMOUS:
            getattr(self, kind).add(text)

    def strong(self) -> set[str]:
        """Taken out wherever they stand."""
        own = {n for n in self.names if n not in self.shared_names and _is_telling(n)}
        numbers = {o for o in self.orders if len(o) >= SHORTEST_ORDER}
        users = {u for u in self.usernames if len(u) >= 6 and u not in self.shared_names}
        ids = {i for i in self.ids if len(i) >= 8}
        phones = {p for p in self.phones if sum(c.isdigit() for c in p) >= 7}
        return self.emails | own | numbers | users | ids | phones

    def weak(self) -> set[str]:
        """Taken out beside the strong ones of what belongs to the person."""
        parts = {w for n in self.names for w in name_words(n) if len(w) > 2}
        return (self.names | parts | self.orders | self.usernames | self.phones | self.ids) - self.strong()


def _is_telling(name: str) -> bool:
    return len(name_words(name)) > 1 or len(name) >= SHORTEST_NAME


class Needles:
    """Looks for values and takes them out. Make it once and use it often."""

    def __init__(self, values: Iterable[str], *, encoded: bool = True) -> None:
        self.values = sorted({v for v in values if v.strip()}, key=len, reverse=True)
        self._encoded = encoded
        plain: list[str] = []
        coded: set[str] = set()
        quick: set[str] = set()
        for value in self.values:
            for spelling in _spellings(value):
                plain.append(_pattern(spelling))
                quick.add(max(spelling.split(), key=len).casefold())
            if encoded:
                coded |= _encoded_forms(value)
        # Each form is looked for only where what it is made of occurs at all: that is what makes a search of a
        # whole database quick.
        marked: dict[str, set[str]] = {mark: set() for mark in _MARKS}
        for form in coded:
            mark = next((m for m in _MARKS if m in form), None)
            if mark is not None:
                marked[mark].add(form.casefold())
            else:
                quick.add(form.casefold())
        self._marked = [(mark, _shortest(forms)) for mark, forms in marked.items() if forms]
        self._quick = _shortest(quick)
        self._plain = re.compile("|".join(plain), re.IGNORECASE) if plain else None
        longest = sorted(coded, key=len, reverse=True)
        self._coded = re.compile("|".join(re.escape(form) for form in longest)) if longest else None

    def __bool__(self) -> bool:
        return bool(self.values)

    def hit(self, text: str) -> bool:
        """Whether one of the values stands in ``text``, in any form."""
        if not self._perhaps(text):
            return False
        if self._plain is not None and self._plain.search(text):
            return True
        return self._coded is not None and self._coded.search(text) is not None

    def _perhaps(self, text: str) -> bool:
        folded = text.casefold()
        if any(q in folded for q in self._quick):
            return True
        return any(mark in folded and any(form in folded for form in forms) for mark, forms in self._marked)

    def clean(self, text: str) -> str:
        """``text`` with ANONYMOUS for each of them. A JSON document stays one, whatever its numbers were."""
        if not self.hit(text):
            return text
        if text[:1] in ("{", "["):
            try:
                tree = json.loads(text)
            except ValueError:
                return self._cleaned(text)
            text = json.dumps(self.tree(tree), ensure_ascii=False, separators=(",", ":"))
        return self._cleaned(text)

    def tree(self, value: Any) -> Any:
        """A decoded JSON value without them; numbers that are one become a text."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, dict):
            return {self.clean(key): self.tree(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.tree(each) for each in value]
        if isinstance(value, int | float) and not isinstance(value, bool) and self.hit(str(value)):
            return ANONYMOUS
        return value

    def _cleaned(self, text: str) -> str:
        if self._plain is not None:
            text = self._plain.sub(ANONYMOUS, text)
        return text if self._coded is None else self._coded.sub(ANONYMOUS, text)

    # --- bytes -------------------------------------------------------------------------------------------------

    @cached_property
    def _plain_raw(self) -> tuple[bytes, ...]:
        """As written, in the letter cases that are usual, in UTF-8, UTF-16 and Latin-1."""
        found: set[bytes] = set()
        for value in self._searched():
            for spelling in _spellings(value):
                for text in {spelling, spelling.lower(), spelling.upper(), spelling.title()}:
                    for coding in ("utf-8", "utf-16-le", "utf-16-be", "latin-1"):
                        try:
                            found.add(text.encode(coding))
                        except UnicodeEncodeError:
                            continue
        return _shortest_bytes(found)

    @cached_property
    def _raw(self) -> tuple[bytes, ...]:
        """Every form as bytes; what a search of files looks for."""
        coded = {form for value in self._searched() for form in _encoded_forms(value)}
        return _shortest_bytes(
            {*self._plain_raw, *(form.encode("ascii") for form in coded if form.isascii())}
        )

    def _searched(self) -> list[str]:
        return [
            value for value in self.values if len(value) >= SHORTEST_NAME
        ]  # three bytes stand in any file

    def in_bytes(self, data: bytes, *, plain: bool = False) -> bool:
        """Whether ``data`` holds one of them, in any form; also where it is packed with zlib.

        ``plain``: only as they are written, for files whose rows were looked at one by one already.
        """
        wanted = self._plain_raw if plain else self._raw
        if any(form in data for form in wanted):
            return True
        unpacked = unpack(data)
        return unpacked is not None and any(form in unpacked for form in wanted)

    def clean_bytes(self, data: bytes) -> bytes:
        """For files of text: every form replaced, word for word."""
        for form in sorted(self._raw, key=len, reverse=True):
            if form in data:
                wide = b"\x00" in form
                data = data.replace(form, ANONYMOUS.encode("utf-16-le" if wide else "ascii"))
        return data


def unpack(data: bytes) -> bytes | None:
    """What zlib packed into ``data``, or None when it did not."""
    if len(data) < 6 or data[0] != 0x78:
        return None
    try:
        return zlib.decompressobj().decompress(data, _LARGEST_UNPACKED)
    except zlib.error:
        return None


def _spellings(value: str) -> set[str]:
    found = {value, unicodedata.normalize("NFC", value), unicodedata.normalize("NFD", value)}
    words = value.split()
    if len(words) > 1 and "@" not in value:
        found |= {f"{words[-1]} {' '.join(words[:-1])}", f"{words[-1]}, {' '.join(words[:-1])}"}
    if "@" in value:
        local, _, domain = value.rpartition("@")
        try:
            found.add(f"{local}@{domain.encode('idna').decode('ascii')}")
        except UnicodeError:
            pass  # a domain that has no such form is written in one way only
    return found


def _pattern(spelling: str) -> str:
    # Blanks of any kind and number between the words of a name.
    inner = r"\s+".join(re.escape(word) for word in spelling.split())
    if "@" in spelling:
        return _EMAIL_BEFORE + inner + _EMAIL_AFTER
    start = _BEFORE if re.match(r"\w", spelling) else ""
    return start + inner + (_AFTER if re.search(r"\w$", spelling) else "")


def _encoded_forms(value: str) -> set[str]:
    """Written otherwise than as it is."""
    found: set[str] = set()
    for text in {value, value.lower(), unicodedata.normalize("NFD", value)}:
        raw = text.encode("utf-8", "replace")
        found |= {quote(text, safe=""), quote(text), quote_plus(text), quote(text, safe="").lower()}
        found |= {json.dumps(text)[1:-1], repr(raw)[2:-1], html.escape(text), _numeric(text)}
        found |= {
            quopri.encodestring(raw).decode("ascii"),
            quopri.encodestring(raw, header=True).decode("ascii"),
        }
        found |= {raw.hex(), raw.hex().upper()}
        for offset in range(3):
            coded = base64.b64encode(b"\0" * offset + raw).decode("ascii")
            whole = coded.rstrip("=")
            end = len(whole) if (offset + len(raw)) % 3 == 0 else len(whole) - 1
            middle = whole[(0, 2, 3)[offset] : end]
            found |= {middle, middle.replace("+", "-").replace("/", "_")}
    folded = {s.casefold() for s in _spellings(value)}
    return {f for f in found if len(f) >= _SHORTEST_ENCODED and f.casefold() not in folded}


def _shortest(forms: Iterable[str]) -> list[str]:
    """A form that holds a shorter one is found by that."""
    every = set(forms)
    return [f for f in every if not any(o != f and o in f for o in every)]


def _shortest_bytes(forms: set[bytes]) -> tuple[bytes, ...]:
    return tuple(f for f in forms if not any(o != f and o in f for o in forms))


def _numeric(text: str) -> str:
    return "".join(c if c.isascii() and c not in "&<>\"'" else f"&#{ord(c)};" for c in text)
