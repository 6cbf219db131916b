"""The XML feed, in two readings: no DOCTYPE, no entities, bounded in depth and size.

The first reading goes through the whole file with expat and keeps nothing but where each record begins and ends: a
declaration is met before anything is expanded, and a file that is cut is known before any of it is used. The second
one takes the records out one by one, as received.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.etree import ElementTree
from xml.parsers import expat

from reviewdesk.providers.verified_reviews.items import (
    FIELD_CAP,
    FeedRefused,
    FeedUnfinished,
    Item,
    field_of,
    tidy,
)

__all__ = ["XmlShape", "is_xml", "read_xml", "scan_xml"]

_CHUNK = 128 * 1024
_MAX_DEPTH = 50
_MAX_ATTRIBUTES = 64
_MAX_RECORD = 4_000_000
_MAX_TAG = 1_000_000
"""Bytes between two events: expat looks at an unfinished tag again from its beginning with each piece."""
_TAIL = 64
_BATCH = 100
_RECORD = "review"
_PREFIX = re.compile(rb"[<\s/]([A-Za-z_][A-Za-z0-9_.-]{0,63}):[A-Za-z_]")
_ONE_TAG = re.compile(rb"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*/>")
_DOCTYPE = "It holds a DOCTYPE, which could make the program read other files or fill the memory."
_ENTITY = "It declares entities, which could make the program read other files or fill the memory."


def is_xml(start: bytes) -> bool:
    """Whether a file that begins so is XML rather than CSV."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


@dataclass(slots=True)
class XmlShape:
    """Where the records of a file are: first byte, first byte of the end tag (the byte after an empty one), line."""

    starts: array[int] = field(default_factory=lambda: array("Q"))
    ends: array[int] = field(default_factory=lambda: array("Q"))
    lines: array[int] = field(default_factory=lambda: array("Q"))


def _local(name: str) -> str:
    """Without its namespace, in small letters."""
    return name.rpartition(":")[2].rpartition("}")[2].lower()


# --- the first reading -----------------------------------------------------------------------------------------


def scan_xml(file: BinaryIO) -> XmlShape:
    """Read the file to its end. Raises ``FeedRefused`` when it must not or can't be read, ``FeedUnfinished`` when it
    does not close."""
    shape = XmlShape()
    # The vendor says UTF-8; whatever a header claims, nothing else is believed.
    parser = expat.ParserCreate("utf-8")
    depth = 0
    open_at = 0
    """Depth of the record that is open; 0 between two."""
    begun = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, open_at, begun
        depth += 1
        if depth > _MAX_DEPTH:
            raise FeedRefused(f"It is nested deeper than {_MAX_DEPTH} levels.")
        if len(attributes) > _MAX_ATTRIBUTES:
            raise FeedRefused(f"A tag has more than {_MAX_ATTRIBUTES} attributes.")
        # A record's own text is in an element of the same name, hence the look at what is open.
        if not open_at and depth > 1 and _local(name) == _RECORD:
            open_at = depth
            begun = parser.CurrentByteIndex
            shape.starts.append(begun)
            shape.lines.append(parser.CurrentLineNumber)

    def end(name: str) -> None:
        nonlocal depth, open_at
        if depth == open_at:
            open_at = 0
            shape.ends.append(parser.CurrentByteIndex)
            check_size(shape.ends[-1])
        depth -= 1

    def check_size(reached: int) -> None:
        if reached - begun > _MAX_RECORD:
            raise FeedRefused(f"Line {shape.lines[-1]}: one record is larger than {_MAX_RECORD:,} bytes.")

    def refuse_doctype(*_: object) -> None:
        raise FeedRefused(_DOCTYPE)

    def refuse_entity(*_: object) -> int:
        raise FeedRefused(_ENTITY)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.EntityDeclHandler = refuse_entity
    parser.ExternalEntityRefHandler = refuse_entity
    file.seek(0)
    fed = 0
    while piece := file.read(_CHUNK):
        _parse(parser, piece)
        fed += len(piece)
        if fed - parser.CurrentByteIndex > _MAX_TAG + _CHUNK:
            raise FeedRefused(f"Line {parser.CurrentLineNumber}: one tag is larger than {_MAX_TAG:,} bytes.")
        if open_at:
            check_size(parser.CurrentByteIndex)
    _parse(parser, b"", last=True)
    return shape


def _parse(parser: expat.XMLParserType, piece: bytes, *, last: bool = False) -> None:
    reason = ""
    try:
        parser.Parse(piece, last)
    except expat.ExpatError as error:
        reason = f"Line {error.lineno}: it is not well-formed XML ({expat.ErrorString(error.code)})."
    if reason:
        # With nothing left to parse, only the end of the file can be what is wrong.
        raise FeedUnfinished if last else FeedRefused(reason)


# --- the second reading ----------------------------------------------------------------------------------------


def read_xml(file: BinaryIO, shape: XmlShape, start: int = 0) -> Iterator[Item]:
    """The records after the first ``start``."""
    batch: list[tuple[bytes, int]] = []
    size = 0
    for number in range(start, len(shape.starts)):
        raw = _bytes_of(file, shape.starts[number], shape.ends[number])
        batch.append((raw, shape.lines[number]))
        size += len(raw)
        if len(batch) >= _BATCH or size >= _CHUNK:
            yield from _items(batch)
            batch, size = [], 0
    yield from _items(batch)


def _bytes_of(file: BinaryIO, first: int, last: int) -> bytes:
    file.seek(first)
    raw = file.read(last - first)
    if raw.count(b"<") == 1 and _ONE_TAG.fullmatch(raw):
        return raw  # an empty record: its end is that of its only tag
    tail = file.read(_TAIL)
    while b">" not in tail and (more := file.read(_TAIL)):
        tail += more
    return raw + tail[: tail.find(b">") + 1]


def _items(batch: list[tuple[bytes, int]]) -> Iterator[Item]:
    """Several records through one parser, which costs more to make than a record to read."""
    try:
        records = list(_tree(b"".join(raw for raw, _ in batch)))
    except ElementTree.ParseError:
        records = []
    for number, (raw, line) in enumerate(batch):
        yield _item(raw, line, records[number] if len(records) == len(batch) else None)


def _tree(raw: bytes, declared: bytes = b"") -> ElementTree.Element:
    """What could be dangerous is declared before the first record, and was refused there."""
    return ElementTree.fromstring(b"<a%s>%s</a>" % (declared, raw))  # noqa: S314


def _alone(raw: bytes) -> ElementTree.Element:
    """One record by itself, with the prefixes that were declared further up in the file."""
    prefixes = sorted({match[1] for match in _PREFIX.finditer(raw)} - {b"xml", b"xmlns"})[:_MAX_ATTRIBUTES]
    return _tree(raw, b"".join(b' xmlns:%s="urn:%s"' % (prefix, prefix) for prefix in prefixes))[0]


def _item(raw: bytes, line: int, record: ElementTree.Element | None) -> Item:
    text = tidy(raw.decode("utf-8", "replace"))
    if record is None:
        try:
            record = _alone(raw)
        except (ElementTree.ParseError, IndexError):
            return Item(line, {}, None, text, "it can't be taken apart")
    values: dict[str, str] = {}
    exchanges: list[tuple[str, str, str]] = []
    for key, value in record.attrib.items():
        known = _field(key)
        if known is not None:
            values[known] = value
    for child in record:
        words = child.text or ""
        if len(child):  # marks of whatever is nested in a field are dropped, their text stays
            words = "".join(child.itertext())
            exchanges += [_exchange(each) for each in child.iter() if _local(each.tag) == "exchange"]
        known = _field(child.tag)
        if known is not None:
            values.setdefault(known, words)
    problem = ""
    if len(raw) > FIELD_CAP and any(len(value) > FIELD_CAP for value in values.values()):
        problem = f"a field is longer than {FIELD_CAP:,} characters"
    return Item(line, values, exchanges, text, problem)


def _exchange(told: ElementTree.Element) -> tuple[str, str, str]:
    words = {_local(each.tag): "".join(each.itertext()) for each in told}
    return words.get("date", ""), words.get("author", ""), words.get("comment", "")


_FIELDS: dict[str, str | None] = {}


def _field(name: str) -> str | None:
    """``field_of`` a tag, remembered: there are a dozen of them, half a million times."""
    if name not in _FIELDS:
        if len(_FIELDS) > 1000:
            _FIELDS.clear()
        _FIELDS[name] = field_of(_local(name))
    return _FIELDS[name]
