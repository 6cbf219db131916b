"""Products: their figures, and when two sources speak of the same one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urlsplit

from reviewdesk.domain.models import Product

__all__ = [
    "AttributeFigure",
    "Figures",
    "Identity",
    "Listing",
    "MatchReason",
    "Origin",
    "ProductRow",
    "ServerFigures",
    "Told",
    "contradict",
    "keys_of",
    "merged",
]

_MAX_KEY = 300
_TRACKING = ("utm_", "gclid", "fbclid", "msclkid", "srsltid")


class MatchReason(StrEnum):
    """Why a listing belongs to its product. ``ALONE``: nothing else is known to be the same."""

    ALONE = "alone"
    SAME = "same"
    """The same account calls it by the same number (reviews of another source it collects)."""
    GTIN = "gtin"
    SKU = "sku"
    MPN = "mpn"
    URL = "url"
    HAND = "hand"


class Origin(StrEnum):
    """Which of its own figures a source gave."""

    SUMMARY = "summary"
    IMPORTED = "imported"
    """Of reviews that the source took over from elsewhere."""
    CATALOGUE = "catalogue"
    STATS = "stats"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a source says to name a product."""

    sku: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    brand: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Computed here from the reviews that are stored. ``sum100``: stars in hundredths; ``spread``: one to five stars.

    ``n`` counts published reviews, ``scored`` those of them that have a score.
    """

    n: int = 0
    scored: int = 0
    sum100: int = 0
    spread: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)

    @property
    def mean(self) -> float | None:
        """Of five stars; None without a score."""
        return self.sum100 / 100 / self.scored if self.scored else None


@dataclass(frozen=True, slots=True)
class AttributeFigure:
    """A part that was rated by itself ("Fit"). ``mean`` of five."""

    name: str
    n: int
    mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFigures:
    """What a source itself says of a product, and when it was asked (UTC seconds). ``spread`` empty: not given."""

    origin: Origin
    n: int
    mean: float | None
    spread: tuple[int, ...] = ()
    attributes: tuple[AttributeFigure, ...] = ()
    read_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A product as one account's source names it. ``source``: reviews that this account collects from elsewhere."""

    id: int
    account_id: int
    source: str
    product_id: int | None
    name: str | None
    identity: Identity
    native_id: str | None = None
    image_url: str | None = None
    category: str | None = None
    figures: Figures = field(default_factory=Figures)
    reason: MatchReason = MatchReason.ALONE
    matched_value: str = ""
    """The SKU, GTIN, number or address by which it was matched."""
    by_hand: bool = False
    in_catalogue: bool = False
    server: tuple[ServerFigures, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow:
    """What the list shows of a product, over all its sources."""

    id: int
    name: str
    sku: str
    figures: Figures
    accounts: tuple[int, ...]
    by_hand: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a source says of one product: its names, and its own figures. ``catalogue``: from its list of products."""

    product: Product
    figures: tuple[ServerFigures, ...] = ()
    category: str | None = None
    catalogue: bool = False


def merged(figures: Sequence[Figures]) -> Figures:
    """All of them together."""
    spread = [sum(f.spread[i] for f in figures) for i in range(5)]
    return Figures(
        sum(f.n for f in figures),
        sum(f.scored for f in figures),
        sum(f.sum100 for f in figures),
        (spread[0], spread[1], spread[2], spread[3], spread[4]),
    )


def keys_of(identity: Identity) -> Mapping[MatchReason, str]:
    """By what it can be found elsewhere, the surest first; two are the same where one value is equal.

    A GTIN counts without leading zeros (an EAN-13 is a UPC with a zero before it), an SKU or MPN without regard to
    case, an address without scheme, ``www.``, tracking and the last slash.
    """
    found: dict[MatchReason, str] = {}
    gtin = _gtin(identity)
    if gtin:
        found[MatchReason.GTIN] = gtin
    for reason, value in ((MatchReason.SKU, identity.sku), (MatchReason.MPN, identity.mpn)):
        text = " ".join((value or "").split()).casefold()[:_MAX_KEY]
        if text:
            found[reason] = text
    url = _plain_address(identity.url or "")
    if url:
        found[MatchReason.URL] = url
    return found


def _gtin(identity: Identity) -> str:
    if not identity.gtin:
        return ""
    digits = re.sub(r"\D", "", identity.gtin).lstrip("0")
    return digits if 7 <= len(digits) <= 14 else ""


def contradict(one: Identity, other: Identity) -> bool:
    """Whether they can't be the same, whatever else is equal: two GTINs, or two brands with the same number."""
    a, b = _gtin(one), _gtin(other)
    if a and b:
        return a != b
    if not one.brand or not other.brand or one.brand == other.brand:
        return False
    brands = [" ".join(i.brand.split()).casefold() for i in (one, other) if i.brand]
    return bool(brands[0] and brands[1] and brands[0] != brands[1])


def _plain_address(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
        query = [
            (k, v)
            for k, v in parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50)
            if not k.lower().startswith(_TRACKING)
        ]
    except ValueError:
        return ""
    place = parts.path.rstrip("/")
    if parts.scheme not in ("http", "https") or not host or (not place and not query):
        # A bare domain is a shop, not a product.
        return ""
    return f"{host}{place}{'?' + urlencode(sorted(query)) if query else ''}"[:_MAX_KEY]
