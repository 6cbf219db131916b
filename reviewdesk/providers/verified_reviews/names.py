"""The names of feed files: ``reviews_product_<website>_2026-01-31.csv`` and its kin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from reviewdesk.domain.models import ReviewKind
from reviewdesk.providers.files import Entry

__all__ = ["FeedName", "feed_name", "order_of"]

_NAME = re.compile(
    r"(?:all_)?reviews_(site|brand|product|type)_(.+?)_(\d{4}-?\d{2}-?\d{2})(?:[_-].*)?\.(?:csv|xml|txt)",
    re.IGNORECASE | re.ASCII,
)
_LOOSE = re.compile(r"(?:.*[^a-z])?(?:reviews?|avis)(?:[^a-z].*)?\.(?:csv|xml|txt)", re.IGNORECASE | re.ASCII)
_NOT_REVIEWS = re.compile(
    r"deliver|unsubscri|desabonn|orders?[_.-]|commandes?[_.-]", re.IGNORECASE | re.ASCII
)
_DATE = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)", re.ASCII)
# "type" is how the vendor's own page writes the name of the brand file, so it says nothing.
_KINDS = {"site": ReviewKind.BUSINESS, "brand": ReviewKind.BUSINESS, "product": ReviewKind.PRODUCT}
_FULL = "all_reviews"


@dataclass(frozen=True, slots=True)
class FeedName:
    """What a name tells. ``kind`` None: decided record by record; ``sure``: the name is one that is documented."""

    kind: ReviewKind | None
    website: str
    day: date
    full: bool
    sure: bool


def feed_name(entry: Entry) -> FeedName | None:
    """What is known of a file by its name, or None when it is no feed of reviews."""
    full = _FULL in entry.name.lower()
    match = _NAME.fullmatch(entry.name)
    day = _day(match[3]) if match else None
    if match and day is not None:
        website = re.sub(rf"(?:^|[_-]){_FULL}(?:$|[_-])", "", match[2], flags=re.IGNORECASE)
        return FeedName(_KINDS.get(match[1].lower()), website, day, full, True)
    if _NOT_REVIEWS.search(entry.name) or not (full or _LOOSE.fullmatch(entry.name)):
        return None
    if not entry.name.lower().endswith((".csv", ".xml", ".txt")):
        return None
    day = _day(entry.name)
    if day is None and entry.modified is not None and 0 <= entry.modified < 7_258_118_400:
        day = datetime.fromtimestamp(entry.modified, UTC).date()
    return FeedName(None, "", day or date(1970, 1, 1), full, False)


def order_of(found: FeedName, entry: Entry) -> tuple[str, int, bool, str]:
    """The order in which files are read: by the date in the name, then as they were written.

    Of one date a full export counts as the later one, since it is made by day and the nightly file at three.
    """
    return found.day.isoformat(), entry.modified or 0, found.full, entry.name


def _day(text: str) -> date | None:
    match = _DATE.search(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
