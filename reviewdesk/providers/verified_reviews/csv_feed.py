"""The tab-separated feed: with a header, in one of the two known layouts, or by a saved mapping of its columns.

The file is looked through once before any of it is used. A quote that is never closed would swallow every line after
it without an error, so such a file is refused as a whole.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from reviewdesk.providers.verified_reviews.items import FIELD_CAP, FeedRefused, Item, field_of, tidy

__all__ = ["CsvShape", "Layout", "mapping_of", "read_csv", "shape_of"]

_LINE_CAP = 4 * FIELD_CAP
_PLUG_IN = (
    "action", "review_id", "product_review_id", "order_ref", "product_ref", "review_date", "review", "rate",
    "lastname", "firstname", "email",
)  # fmt: skip
_ACTIONS = ("NEW", "UPDATE", "DELETE", "AVG")
_DELETE = "DELETE"
_LINE_START = re.compile(r"[\r\n](?:NEW|UPDATE|DELETE|AVG)(?:\t|\Z)", re.IGNORECASE)
_LINE_END = re.compile(r"[\r\n]")
_AVERAGE = "AVG"
"""Lines with a product's average, which are no reviews."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column holds what. ``turns``: the column with the number of exchanges, which follow in threes."""

    columns: tuple[tuple[int, str], ...]
    width: int
    turns: int | None = None
    action: int = 0
    """The column with NEW, UPDATE or DELETE; only a DELETE may be shorter than the others."""
    sure: bool = False
    """A header or a person says so: then a line that does not fit is broken, and not the layout wrong."""

    names: tuple[str, ...] | None = None
    """The columns' names where no column is left out: the quick way."""

    def fits(self, row: list[str]) -> bool:
        """Whether a line has the columns that it must have. A DELETE may consist of its ids."""
        width = self.width
        if self.turns is not None and len(row) > self.turns:
            count = row[self.turns].strip()
            if count == "0":
                pass
            elif count.isascii() and count.isdecimal() and len(count) < 6:
                width += 3 * int(count)
            elif count:
                return False
        if len(row) == width:
            return True
        return self.action < len(row) < self.width and row[self.action].strip().upper() == _DELETE


def _plug_in(*more: str) -> Layout:
    names = (*_PLUG_IN, *more)
    return Layout(tuple(enumerate(names)), len(names) + 1, len(names), names=names)


_TWELVE = _plug_in()
_SIXTEEN = _plug_in("order_date", "helpful_yes", "helpful_no", "media")


@dataclass(frozen=True, slots=True)
class CsvShape:
    """How a file is to be read. ``layouts``: the first that fits a line is taken; ``skip`` lines of header."""

    layouts: tuple[Layout, ...]
    quoted: bool
    skip: int
    records: int


def mapping_of(setting: str) -> Layout | None:
    """The ``columns`` setting: names with commas in their order, or ``name=number`` counted from 1; None when empty.

    Raises ``FeedRefused`` when it names what does not exist.
    """
    parts = [part.strip() for part in setting.split(",")] if setting.strip() else []
    if not parts:
        return None
    found: dict[int, str] = {}
    for at, part in enumerate(parts):
        written, equals, number = part.partition("=")
        if equals and not (
            number.strip().isascii() and number.strip().isdecimal() and 0 < int(number) < 1000
        ):
            raise FeedRefused(f"The setting columns can't be read at '{part[:40]}'.")
        if written.strip() in ("", "-"):
            continue
        known = field_of(written)
        if known is None:
            raise FeedRefused(f"The setting columns names '{written[:40]}', which is no field of a review.")
        found[int(number) - 1 if equals else at] = known
    return _layout(found, max([*found, -1 if "=" in setting else len(parts) - 1]) + 1, "The setting columns")


def _layout(found: dict[int, str], width: int, whose: str) -> Layout:
    names = set(found.values())
    if not names & {"review_id", "product_review_id"}:
        raise FeedRefused(f"{whose} has no column for the review's id.")
    turns = next((at for at, name in found.items() if name == "exchanges"), None)
    columns = tuple((at, name) for at, name in sorted(found.items()) if name != "exchanges")
    action = next((at for at, name in found.items() if name == "action"), 0)
    return Layout(columns, width, turns, action, True)


# --- looking through -----------------------------------------------------------------------------------------


def shape_of(file: BinaryIO, mapping: Layout | None = None) -> CsvShape:
    """Look the whole file through. Raises ``FeedRefused``."""
    file.seek(0)
    start = file.read(4)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FeedRefused("It is not written in UTF-8.")
    try:
        return _look_through(file, mapping, quoted=True)
    except _NotQuoted:
        pass
    # A field that begins with a quote and goes on after the closing one: the vendor does not quote at all. That is
    # believed only if it makes sense of every line.
    return _look_through(file, mapping, quoted=False)


class _NotQuoted(Exception):
    """Read with quotes, the file makes no sense."""


def _look_through(file: BinaryIO, mapping: Layout | None, *, quoted: bool) -> CsvShape:
    layouts: tuple[Layout, ...] = ()
    skip = good = bad = records = 0
    width = 0
    with _rows(file, quoted) as rows:
        before = 0
        try:
            for row in rows.reader:
                line, before = before + 1, rows.reader.line_num
                if not row or (len(row) == 1 and not row[0].strip()):
                    continue
                if not layouts:
                    layouts, skip, width = _begin(row, mapping)
                    if skip and before > line:
                        raise FeedRefused("A quote is opened in the header and not closed there.")
                    if skip:
                        continue
                if row[0].strip().upper() == _AVERAGE:
                    continue
                records += 1
                layout = _fitting(row, layouts)
                if layout is not None and not (before > line and _swallows(row, layout)):
                    good += 1
                    continue
                bad += 1
                if before > line:
                    raise FeedRefused(
                        f"Line {line}: a quote is opened there and the lines after it don't fit the columns any more."
                    )
                if not quoted:
                    raise FeedRefused(
                        f"Line {line}: with quotes it can't be read, and without them it does not fit."
                    )
        except csv.Error:
            if quoted and not rows.ended:
                raise _NotQuoted from None
            unread = before + 1
        else:
            unread = 0
    if unread:
        raise FeedRefused(f"Line {unread}: a quote is opened there and never closed.")
    if bad and not good and not any(layout.sure for layout in layouts):
        raise FeedRefused(
            f"Its columns are not known: {width} columns, no header. Say with the setting columns what they are.",
            columns=True,
        )
    return CsvShape(layouts, quoted, skip, records)


def _begin(row: list[str], mapping: Layout | None) -> tuple[tuple[Layout, ...], int, int]:
    """Layouts, lines of header and number of columns, by the first line."""
    found = {at: name for at, name in enumerate(map(field_of, row)) if name is not None}
    # One field of a review may read like the name of a column; a line of the feed begins with what to do.
    if len(found) >= 2 and row[0].strip().upper() not in _ACTIONS:
        first = {name: at for at, name in reversed(found.items())}
        return (_layout({at: name for name, at in first.items()}, len(row), "The header"),), 1, len(row)
    return ((mapping,) if mapping is not None else (_TWELVE, _SIXTEEN)), 0, len(row)


# --- reading -------------------------------------------------------------------------------------------------


def read_csv(file: BinaryIO, shape: CsvShape, start: int = 0) -> Iterator[Item]:
    """The records after the first ``start``, line by line; a line that does not fit comes with its problem."""
    number = 0
    skip = shape.skip
    layouts = shape.layouts
    with _rows(file, shape.quoted) as rows:
        before = 0
        for row in rows.reader:
            line, before = before + 1, rows.reader.line_num
            if not row or (len(row) == 1 and not row[0].strip()):
                continue
            if skip:
                skip -= 1
                continue
            if row[0].strip().upper() == _AVERAGE:
                continue
            number += 1
            if number > start:
                yield _item(row, line, layouts)


def _swallows(row: list[str], layout: Layout) -> bool:
    """Whether a field over several lines holds the beginning of a line of the feed: two quotes that are no pair.

    Such a row can have the right number of columns in spite of what it swallowed: where each line has equally many,
    the field holds as many tabs as a line has; where they differ in length, only the word at its start tells.
    """
    if any(_LINE_START.search(cell) for cell in row):
        return True
    tabs = 1 if layout.turns is not None and layout.action else layout.width - 1
    return any(cell.count("\t") >= tabs and _LINE_END.search(cell) for cell in row)


def _fitting(row: list[str], layouts: tuple[Layout, ...]) -> Layout | None:
    for layout in layouts:
        if layout.fits(row):
            return layout
    return None


def _item(row: list[str], line: int, layouts: tuple[Layout, ...]) -> Item:
    raw = "\t".join(row)
    problem = ""
    if not raw.replace("\t", "").isprintable():  # what is not UTF-8 came as half characters, which are not
        try:
            raw.encode("utf-8")
        except UnicodeEncodeError:
            raw = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            problem = "it is not valid UTF-8"
        raw = tidy(raw)
    layout = _fitting(row, layouts)
    if layout is None:
        wanted = " or ".join(
            f"{each.width}{' and three for each exchange' if each.turns is not None else ''}"
            for each in layouts
        )
        problem = problem or f"it has {len(row)} columns where {wanted} are expected"
    if len(raw) > FIELD_CAP and any(len(value) > FIELD_CAP for value in row):
        problem = problem or f"a field is longer than {FIELD_CAP:,} characters"
    if problem or layout is None:
        return Item(line, {}, None, raw, problem)
    if layout.names is not None and len(row) >= layout.width:
        values = dict(zip(layout.names, row, strict=False))
    else:
        values = {name: row[at] for at, name in layout.columns if at < len(row)}
    turns: list[tuple[str, str, str]] | None = None
    if layout.turns is not None:
        at = layout.width
        turns = [(row[i], row[i + 1], row[i + 2]) for i in range(at, len(row) - 2, 3)]
    return Item(line, values, turns, raw)


class _Rows:
    """The lines of a file as csv rows; ``ended`` once the last line was handed to the csv reader."""

    def __init__(self, text: io.TextIOWrapper, quoted: bool) -> None:
        self.ended = False
        self._text = text
        self.reader = csv.reader(
            self._lines(),
            delimiter="\t",
            quotechar='"',
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            strict=True,
        )

    def _lines(self) -> Iterator[str]:
        readline = self._text.readline
        while line := readline(_LINE_CAP):
            if len(line) >= _LINE_CAP:
                raise FeedRefused(f"Line {self.reader.line_num + 1} is longer than {_LINE_CAP:,} characters.")
            yield line
        self.ended = True


@contextmanager
def _rows(file: BinaryIO, quoted: bool) -> Iterator[_Rows]:
    file.seek(0)
    # Fields up to what one line may have; beyond FIELD_CAP the line is set aside.
    csv.field_size_limit(_LINE_CAP)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield _Rows(text, quoted)
    finally:
        text.detach()
