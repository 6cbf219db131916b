"""What both file formats are read into, and the ways in which a file can be refused."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import BinaryIO

from reviewdesk.domain.text import clean

__all__ = ["ALIASES", "FIELD_CAP", "FeedRefused", "FeedUnfinished", "Item", "digest_of", "field_of", "tidy"]

FIELD_CAP = 1_000_000
"""Characters of one field."""


@dataclass(slots=True)
class Item:
    """One record as it stands in a file: ``values`` by our field names, ``exchanges`` None where not told of.

    ``problem`` says why it can't be used.
    """

    line: int
    values: dict[str, str] = field(default_factory=dict)
    exchanges: list[tuple[str, str, str]] | None = None
    """(date, author, comment)"""
    raw: str = ""
    problem: str = ""

    @property
    def where(self) -> str:
        """Its place in words."""
        return f"line {self.line}"


class FeedRefused(Exception):
    """The whole file can't be read; the text is the reason for people. Nothing of it was used.

    ``columns``: it could be read if somebody named its columns.
    """

    def __init__(self, reason: str, *, columns: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.columns = columns


class FeedUnfinished(Exception):
    """The file ends too early: it is probably still being written."""


ALIASES: dict[str, tuple[str, ...]] = {
    "action": ("operation",),
    "review_id": ("id_review", "reviewid", "id"),
    "product_review_id": ("id_review_product", "id_product_review", "review_product_id", "productreviewid"),
    "order_ref": ("order_reference", "orderref", "id_order", "order_id", "reference"),
    "product_ref": ("id_product", "product_id", "product_reference", "productref", "ref_product", "sku"),
    "product_name": ("name_product", "productname"),
    "review_date": ("date", "reviewdate", "date_review"),
    "publish_date": ("publishdate", "date_publish", "publication_date"),
    "order_date": ("orderdate", "date_order"),
    "review": ("review_content", "comment", "content", "text", "message", "avis"),
    "rate": ("review_rate", "rating", "score", "note", "stars"),
    "lastname": ("last_name", "author_lastname", "name", "nom"),
    "firstname": ("first_name", "author_firstname", "prenom"),
    "email": ("e_mail", "mail", "email_address"),
    "helpful_yes": ("count_helpful_yes",),
    "helpful_no": ("count_helpful_no",),
    "media": ("medias",),
    "exchanges": ("nb_exchanges", "exchange_count", "number_of_exchanges", "moderation_count"),
}
"""Our name of a field -> other names it goes by."""
_FIELDS = {alias: name for name, others in ALIASES.items() for alias in (name, *others)}


def field_of(written: str) -> str | None:
    """Our name of a column or node, or None when it is none that we know."""
    return _FIELDS.get(written.strip().strip('"').lower().replace("-", "_").replace(" ", "_"))


def tidy(text: str) -> str:
    """``clean``, quick for what has nothing but line ends and tabs to look at: half a million raw records pass here."""
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return clean(text)


def digest_of(file: BinaryIO) -> str:
    """The mark by which a file's content is remembered; the file is at its beginning afterwards."""
    file.seek(0)
    mark = hashlib.sha256()
    while piece := file.read(1 << 20):
        mark.update(piece)
    file.seek(0)
    return mark.hexdigest()[:24]
