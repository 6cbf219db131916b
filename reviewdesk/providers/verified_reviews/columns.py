"""A CSV whose columns nobody knows: its first lines, a guess at what they hold, and what a mapping would make of them."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import tzinfo
from itertools import islice
from typing import BinaryIO

from reviewdesk.domain.models import Rejected, ReviewRecord
from reviewdesk.domain.text import cap
from reviewdesk.providers.base import Columns
from reviewdesk.providers.verified_reviews.csv_feed import CsvShape, Layout, mapping_of, read_csv
from reviewdesk.providers.verified_reviews.items import ALIASES, FeedRefused
from reviewdesk.providers.verified_reviews.records import feed_record

__all__ = ["FIELDS", "columns_of", "guess", "read_with", "setting_of"]

FIELDS = tuple(ALIASES)
"""What a column may hold, in the words of the setting ``columns``."""
NOT_NEEDED = "-"
_ROWS = 5
_CELL = 300
_WIDEST = 60
_ACTION = re.compile(r"(?:NEW|UPDATE|DELETE)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}[-/]\d{2}[-/]\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?)?")
_RATE = re.compile(r"[1-5](?:[.,]\d)?")
_EMAIL = re.compile(r"\S+@\S+\.\S+")
_ID = re.compile(r"[0-9a-fA-F-]{16,40}")
_WORDS = re.compile(r"\S+\s+\S+\s+\S+")


def columns_of(name: str, file: BinaryIO) -> Columns:
    """The first lines of a tab-separated file. Raises ``FeedRefused`` when it is none."""
    lines = islice(_lines(file), _ROWS)
    rows = tuple(tuple(cap(cell.strip(), _CELL) for cell in line.split("\t")[:_WIDEST]) for line in lines)
    width = max((len(row) for row in rows), default=0)
    if width < 3:
        raise FeedRefused("Its columns are not divided by tabs, so nobody can tell them apart.")
    return Columns(file=name, rows=rows, fields=FIELDS, guess=guess(rows))


def _lines(file: BinaryIO) -> list[str]:
    file.seek(0)
    text = file.read(200_000).decode("utf-8-sig", "replace")
    return [line for line in text.splitlines() if line.strip()]


def guess(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """What each column probably holds, by its values; ``-`` where nothing can be told. Each field once."""
    width = max((len(row) for row in rows), default=0)
    found = [NOT_NEEDED] * width

    def take(field: str, pattern: re.Pattern[str], *, whole: bool = True) -> None:
        for at in range(width):
            values = [row[at] for row in rows if at < len(row) and row[at]]
            test = pattern.fullmatch if whole else pattern.search
            if found[at] == NOT_NEEDED and values and all(test(value) for value in values):
                found[at] = field
                return

    take("action", _ACTION)
    take("email", _EMAIL)
    take("review_date", _DATE)
    take("rate", _RATE)
    take("review_id", _ID)
    take("product_review_id", _ID)
    longest = sorted(
        (at for at in range(width) if found[at] == NOT_NEEDED),
        key=lambda at: -sum(len(row[at]) for row in rows if at < len(row)),
    )
    if longest and any(_WORDS.search(row[longest[0]]) for row in rows if longest[0] < len(row)):
        found[longest[0]] = "review"
    return tuple(found)


def setting_of(chosen: Sequence[str]) -> str:
    """The setting ``columns`` for these fields in their order."""
    return ",".join(field or NOT_NEEDED for field in chosen)


def read_with(columns: Columns, setting: str, zone: tzinfo) -> tuple[ReviewRecord | Rejected, ...]:
    """What the first lines would become with this mapping. Raises ``FeedRefused`` for one that can't be right."""
    layout: Layout | None = mapping_of(setting)
    if layout is None:
        raise FeedRefused("No column is named yet.")
    found: list[ReviewRecord | Rejected] = []
    data = "\n".join("\t".join(row) for row in columns.rows).encode()
    for item in read_csv(io.BytesIO(data), CsvShape((layout,), False, 0, len(columns.rows))):
        try:
            outcome = feed_record(item, None, zone)
        except ValueError as error:
            found.append(Rejected(item.where, str(error), item.raw))
            continue
        if isinstance(outcome, ReviewRecord):
            found.append(outcome)
    return tuple(found)
