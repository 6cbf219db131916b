"""The XML feed, read in pieces: no DOCTYPE, no entities, bounded in depth and size.

The standard library's expat is used directly: it tells a declaration before anything is expanded, and where each
record's bytes begin and end, so that the record is kept as received.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

from reviewdesk.providers.verified_reviews.items import (
    FIELD_CAP,
    FeedRefused,
    FeedUnfinished,
    Item,
    field_of,
    tidy,
)

__all__ = ["count_xml", "is_xml", "read_xml"]

_CHUNK = 128 * 1024
_MAX_DEPTH = 50
_MAX_ATTRIBUTES = 64
_MAX_RECORD = 4_000_000
_MAX_TAG = 1_000_000
"""Bytes between two events: expat looks at an unfinished tag again from its beginning with each piece."""
_RECORD = "review"
_DOCTYPE = "It holds a DOCTYPE, which could make the program read other files or fill the memory."


def is_xml(start: bytes) -> bool:
    """Whether a file that begins so is XML rather than CSV."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def count_xml(file: BinaryIO) -> int:
    """Read the file to its end without using any of it; how many records it has.

    Raises ``FeedRefused`` when it must not or can't be read, ``FeedUnfinished`` when it does not close.
    """
    reader = _Reader(collect=False)
    for _ in reader.read(file):
        pass
    return reader.number


def read_xml(file: BinaryIO, start: int = 0) -> Iterator[Item]:
    """The records after the first ``start``. Raises as ``count_xml``."""
    return _Reader(collect=True, skip=start).read(file)


class _Reader:
    """One reading. Handlers run inside ``Parse``; finished records wait in ``_done``."""

    def __init__(self, *, collect: bool, skip: int = 0) -> None:
        self.number = 0
        self._collect = collect
        self._skip = skip
        self._done: list[Item] = []
        self._depth = 0
        self._record_depth = 0
        """Depth of the record that is open; 0 between two."""
        self._started = 0
        self._line = 0
        self._item: Item | None = None
        self._exchange: dict[str, str] | None = None
        self._exchange_depth = 0
        self._text: list[str] = []
        self._length = 0
        self._names: dict[str, str] = {}
        self._fields: dict[str, str | None] = {}
        self._window = b""
        self._window_at = 0
        # The vendor says UTF-8; whatever a header claims, nothing else is believed.
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.buffer_size = 65536
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.EntityDeclHandler = self._refuse_entity
        parser.ExternalEntityRefHandler = self._refuse_entity
        if collect:
            parser.CharacterDataHandler = self._characters

    def read(self, file: BinaryIO) -> Iterator[Item]:
        file.seek(0)
        fed = 0
        while piece := file.read(_CHUNK):
            self._parse(piece, False)
            fed += len(piece)
            if fed - self._parser.CurrentByteIndex > _MAX_TAG + _CHUNK:
                raise FeedRefused(
                    f"Line {self._parser.CurrentLineNumber}: one tag is larger than {_MAX_TAG:,} bytes."
                )
            yield from self._done
            self._done.clear()
            self._trim()
        self._parse(b"", True)
        yield from self._done
        self._done.clear()

    def _parse(self, piece: bytes, last: bool) -> None:
        if self._collect:
            self._window += piece
        reason = ""
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            # Only the end of the file makes this call fail with nothing to parse.
            reason = (
                ""
                if last
                else f"Line {error.lineno}: it is not well-formed XML ({expat.ErrorString(error.code)})."
            )
            if last:
                raise FeedUnfinished from None
        if reason:
            raise FeedRefused(reason)

    def _trim(self) -> None:
        """Forget the bytes before the record that is open."""
        keep = self._started if self._record_depth else self._parser.CurrentByteIndex
        if self._parser.CurrentByteIndex - keep > _MAX_RECORD:
            raise FeedRefused(f"Line {self._line}: one record is larger than {_MAX_RECORD:,} bytes.")
        if self._collect:
            self._window = self._window[keep - self._window_at :]
            self._window_at = keep

    # --- handlers ------------------------------------------------------------------------------------------

    def _refuse_doctype(self, *_: object) -> None:
        raise FeedRefused(_DOCTYPE)

    def _refuse_entity(self, *_: object) -> int:
        raise FeedRefused(
            "It declares entities, which could make the program read other files or fill the memory."
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise FeedRefused(f"It is nested deeper than {_MAX_DEPTH} levels.")
        if len(attributes) > _MAX_ATTRIBUTES:
            raise FeedRefused(f"A tag has more than {_MAX_ATTRIBUTES} attributes.")
        if self._record_depth:
            if self._item is None:
                return
            name = self._local(name)
            if self._exchange is None and name == "exchange":
                self._exchange = {}
                self._exchange_depth = self._depth
            elif self._depth == 1 + (self._record_depth if self._exchange is None else self._exchange_depth):
                # Marks of whatever else is nested in a field are dropped, their text stays.
                self._text.clear()
                self._length = 0
        elif self._depth > 1 and self._local(name) == _RECORD:
            self._record_depth = self._depth
            self._started = self._parser.CurrentByteIndex
            self._line = self._parser.CurrentLineNumber
            self.number += 1
            if self._collect and self.number > self._skip:
                self._item = Item(self._line, exchanges=[])
                for key, value in attributes.items():
                    known = field_of(key.rpartition(":")[2])
                    if known is not None:
                        self._item.values[known] = value

    def _local(self, name: str) -> str:
        """Without its namespace, in small letters."""
        known = self._names.get(name)
        if known is None:
            known = name.rpartition(":")[2].lower()
            if len(self._names) < 1000:
                self._names[name] = known
        return known

    def _characters(self, text: str) -> None:
        if self._item is not None:
            self._length += len(text)
            if self._length <= FIELD_CAP:
                self._text.append(text)
            else:
                self._item.problem = f"a field is longer than {FIELD_CAP:,} characters"

    def _end(self, name: str) -> None:
        depth, self._depth = self._depth, self._depth - 1
        if not self._record_depth:
            return
        item = self._item
        if depth == self._record_depth:
            self._record_depth = 0
            if item is not None:
                self._finish(item)
            return
        if item is None:
            return
        name = self._local(name)
        if self._exchange is not None:
            if depth == self._exchange_depth:
                told, self._exchange = self._exchange, None
                if item.exchanges is not None:
                    item.exchanges.append(
                        (told.get("date", ""), told.get("author", ""), told.get("comment", ""))
                    )
            elif depth == self._exchange_depth + 1:
                self._exchange[name] = "".join(self._text)
        elif depth == self._record_depth + 1:
            known = self._fields.get(name, "")
            if known == "":
                known = self._fields[name] = field_of(name)
                if len(self._fields) > 1000:
                    self._fields.clear()
            if known is not None:
                item.values.setdefault(known, "".join(self._text))

    def _finish(self, item: Item) -> None:
        """The end tag begins here: the record's bytes go on to its ``>``."""
        at = self._parser.CurrentByteIndex - self._window_at
        end = self._window.find(b">", at) + 1
        raw = self._window[self._started - self._window_at : end]
        item.raw = tidy(raw.decode("utf-8", "replace"))
        self._item = None
        self._exchange = None
        self._text.clear()
        self._length = 0
        self._done.append(item)
