"""Reading what providers send: strict about the shape, lenient about how a number or a date is written.

The envelope is read first, with each record left as raw bytes; then each record by itself, so that a broken one
is set aside and the others are kept. The scalar types below are used as field types of the wire structs::

    class Review(Wire):
        id: Key
        stars: Number = Number()
        created_at: When = When()

Every text is cleaned here and nowhere else.
"""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Any, TypeVar

import msgspec

from reviewdesk.domain.errors import BadAnswer
from reviewdesk.domain.models import Rejected
from reviewdesk.domain.text import clean

__all__ = [
    "RAW_CAP",
    "Flag",
    "Key",
    "Number",
    "Text",
    "When",
    "Whole",
    "Wire",
    "convert",
    "decode_as",
    "decode_envelope",
    "decode_record",
    "decode_records",
    "parse_when",
    "raw_text",
]

RAW_CAP = 20_000
"""Characters of a broken record that are kept."""

_T = TypeVar("_T")
_R = TypeVar("_R")
_making = threading.Lock()


class Wire(msgspec.Struct, rename="camel"):
    """Base of the wire structs: unknown fields are ignored, ``created_at`` is ``createdAt`` on the wire."""


# --- scalars -------------------------------------------------------------------------------------


class Text(str):
    """A cleaned text; null and absent are the empty text; a number is taken as its digits."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, value: object) -> Text:
        if value is None:
            return cls()
        if isinstance(value, str):
            return cls(clean(value))
        if isinstance(value, int | float) and not isinstance(value, bool):
            return cls(value)
        raise ValueError(f"expected a text, got {_name(value)}")


class Key(str):
    """An id: a text (or a number) that must be there and not be blank."""

    __slots__ = ()

    @classmethod
    def from_wire(cls, value: object) -> Key:
        text = Text.from_wire(value).strip()
        if not text:
            raise ValueError("an id is missing")
        if len(text) > 500:
            raise ValueError("an id is longer than 500 characters")
        return cls(text)


class _Scalar:
    """A value as read; immutable by custom, equal by value. Not a dataclass: msgspec would read those as objects."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.value == self.value

    def __hash__(self) -> int:
        return hash((type(self), self.value))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


class Number(_Scalar):
    """A number, also when written as text ("4.5", "4,5"); ``value`` None for null, absent and empty."""

    __slots__ = ()
    value: float | None

    def __init__(self, value: float | None = None) -> None:
        super().__init__(value)

    @classmethod
    def from_wire(cls, value: object) -> Number:
        if value is None:
            return cls()
        if isinstance(value, str):
            text = value.strip()
            if not text:
                return cls()
            try:
                value = float(text.replace(",", ".", 1) if "." not in text else text)
            except ValueError:
                raise ValueError(f"expected a number, got the text {text[:40]!r}") from None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"expected a number, got {_name(value)}")
        if not math.isfinite(value):
            raise ValueError("expected a number, got an infinite one")
        return cls(float(value))


class Whole(_Scalar):
    """A whole number, also when written as text or with a zero fraction; ``value`` None as with Number."""

    __slots__ = ()
    value: int | None

    def __init__(self, value: int | None = None) -> None:
        super().__init__(value)

    @classmethod
    def from_wire(cls, value: object) -> Whole:
        if isinstance(value, int) and not isinstance(value, bool):
            return cls(_bounded(value))
        number = Number.from_wire(value).value
        if number is None:
            return cls()
        if number != int(number):
            raise ValueError(f"expected a whole number, got {number}")
        return cls(_bounded(int(number)))


def _bounded(value: int) -> int:
    if abs(value) >= 2**62:
        raise ValueError("a number is out of range")
    return value


_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": None}


class Flag(_Scalar):
    """Yes, no or unknown: true, 1, "yes", "1" ...; ``value`` None for null, absent and empty."""

    __slots__ = ()
    value: bool | None

    def __init__(self, value: bool | None = None) -> None:
        super().__init__(value)

    @classmethod
    def from_wire(cls, value: object) -> Flag:
        if value is None or isinstance(value, bool):
            return cls(value)
        text = str(value).strip().lower()
        if isinstance(value, str | int) and text in _FLAGS:
            return cls(_FLAGS[text])
        raise ValueError(f"expected yes or no, got {_name(value)}")


class When(_Scalar):
    """A moment as the provider wrote it. What can't be read is unknown, never a reason to lose the record."""

    __slots__ = ()
    value: str | int | float | None

    def __init__(self, value: str | int | float | None = None) -> None:
        super().__init__(value)

    @classmethod
    def from_wire(cls, value: object) -> When:
        if value is None or isinstance(value, bool):
            return cls()
        if isinstance(value, str | int | float):
            return cls(value)
        raise ValueError(f"expected a date, got {_name(value)}")

    def at(self, zone: tzinfo = UTC) -> int | None:
        """UTC seconds, taking ``zone`` where none is written; None when empty or unreadable."""
        return parse_when(self.value, zone)


_MOMENT = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})"
    r"(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.IGNORECASE | re.ASCII,
)
_YEARS = range(1970, 2200)


def parse_when(written: str | int | float | None, zone: tzinfo = UTC) -> int | None:
    """UTC seconds of a written moment, or None.

    Understood are ``2024-07-08T22:41:48`` with or without ``Z``, fraction or offset, with a blank for the T, with
    slashes or dots for the hyphens, dates alone (their midnight), and seconds or milliseconds since 1970. A time
    without an offset is in ``zone``. Years outside 1970 to 2199 are unknown.
    """
    if written is None or isinstance(written, bool):
        return None
    if isinstance(written, str):
        text = written.strip()
        if text.isascii() and text.isdigit() and 9 <= len(text) <= 14:
            written = int(text)
        else:
            return _parse_text(text, zone)
    if not math.isfinite(written):
        return None
    seconds = written / 1000 if abs(written) >= 1e11 else written
    return int(seconds) if 1 <= seconds < 7_258_118_400 else None


def _parse_text(text: str, zone: tzinfo) -> int | None:
    if len(text) == 20 and text[4:20:3] == "--T::Z":
        # The most usual form by far, at a tenth of the cost; what is odd about it is left to the pattern.
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            found = int(moment.timestamp())
            return found if moment.year in _YEARS and found >= 1 else None
    match = _MOMENT.fullmatch(text[:64])
    if match is None:
        return None
    year, _, month, day, hour, minute, second, offset = match.groups()
    if int(year) not in _YEARS:
        return None
    try:
        # A leap second (:60) is the next minute's first.
        leap = second == "60"
        moment = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            59 if leap else int(second or 0),
            tzinfo=zone if offset is None else UTC,
        )
        seconds = moment.timestamp() + leap
    except (ValueError, OverflowError):
        return None
    if offset is not None and offset[0] in "+-":
        digits = offset[1:].replace(":", "").ljust(4, "0")
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:])).total_seconds()
        seconds += -shift if offset[0] == "+" else shift
    return int(seconds) if seconds >= 1 else None


def _name(value: object) -> str:
    names = {
        bool: "yes or no",
        dict: "an object",
        list: "a list",
        str: "a text",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "something else")


_SCALARS: dict[type, Callable[[object], object]] = {
    Text: Text.from_wire,
    Key: Key.from_wire,
    Number: Number.from_wire,
    Whole: Whole.from_wire,
    Flag: Flag.from_wire,
    When: When.from_wire,
}


def _hook(kind: type, value: object) -> object:
    # Some twenty of them stand in each record: the usual text takes no further step.
    if kind is Text and type(value) is str and value.isprintable():
        return Text(value)
    return _SCALARS[kind](value)


@cache
def _made_decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=_hook)


def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """The decoder of ``kind``, made by one thread at a time.

    msgspec (0.22) works a struct type out when it is first used; two threads that do so at once crash the process
    (7 of 30 runs of six threads). Once made, a decoder may be used by all threads.
    """
    with _making:
        return _made_decoder(kind)


def _read(body: bytes, kind: type[_T]) -> _T:
    decoder: msgspec.json.Decoder[_T] = _decoder(kind)
    return decoder.decode(body)


def decode_as(body: bytes, kind: type[_T]) -> _T:
    """A text of our own making (a session, a cursor) as ``kind``. Raises ``msgspec.ValidationError`` or ``DecodeError``."""
    return _read(body, kind)


def convert(value: object, kind: type[_T]) -> _T:
    """Plain values as ``kind``. Raises ``msgspec.ValidationError``."""
    _decoder(kind)
    return msgspec.convert(value, kind)


# --- envelope and records --------------------------------------------------------------------------

_BROKEN = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)


def decode_envelope(body: bytes, kind: type[_T]) -> _T:
    """``body`` as ``kind``, whose record lists should be ``list[msgspec.Raw]``. Raises ``BadAnswer``."""
    if body.startswith(b"\xef\xbb\xbf"):
        body = body[3:]
    try:
        return _read(body, kind)
    except msgspec.ValidationError as error:
        problem: BaseException = error
    except _BROKEN as error:
        problem = error
        # One record that is not JSON (NaN, a lone surrogate) must not cost the page: read it the long way,
        # which leaves the offence inside its record.
        again = _rewritten(body)
        if again is not None:
            try:
                return _read(again, kind)
            except _BROKEN as second:
                problem = second
    raise BadAnswer(f"The answer can't be read: {_reason(problem)}.") from None


def _rewritten(body: bytes) -> bytes | None:
    try:
        value = json.loads(
            body.decode("utf-8", "replace"), parse_constant=lambda name: {"not a number": name}
        )
        # A lone surrogate becomes a question mark: no text that can be stored holds one.
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError, OverflowError):
        return None


def decode_record(raw: msgspec.Raw | bytes, kind: type[_T]) -> _T:
    """One record. Raises ValueError with a reason that quotes at most a field's name and 40 characters."""
    try:
        return _read(bytes(raw), kind)
    except _BROKEN as error:
        reason = _reason(error)
    raise ValueError(reason)


def decode_records(
    raws: Sequence[msgspec.Raw] | Iterable[bytes],
    kind: type[_T],
    build: Callable[[_T, str], _R],
    *,
    where: Callable[[int], str],
) -> tuple[list[_R], list[Rejected]]:
    """Each record by itself through ``kind`` and ``build(struct, raw text)``; a broken one becomes a ``Rejected``.

    ``where(index)`` says where a record stood, e.g. "published, page 3, item 17". ``build`` may raise ValueError.
    """
    kept: list[_R] = []
    rejected: list[Rejected] = []
    for index, raw in enumerate(raws):
        text = raw_text(raw)
        try:
            kept.append(build(decode_record(raw, kind), text))
        except (ValueError, OverflowError) as error:
            rejected.append(Rejected(where(index), _reason(error), text[:RAW_CAP]))
    return kept, rejected


def raw_text(raw: msgspec.Raw | bytes) -> str:
    """The record as received, as text that can be stored."""
    return clean(bytes(raw).decode("utf-8", "replace"))


def _reason(error: BaseException) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not valid UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return clean(str(error))[:200].rstrip(".") or type(error).__name__
