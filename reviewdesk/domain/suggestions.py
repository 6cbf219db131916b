"""What one wrote to another customer, made fit for this one: whatever was theirs becomes a place to fill."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from reviewdesk.domain.checks import Known, check
from reviewdesk.domain.models import Target
from reviewdesk.domain.signatures import contacts

__all__ = ["emptied", "words_of"]

_NOBODY = "\u2205"
"""A display name that no greeting has, so that whoever is greeted is found."""
_PLACES = {
    "private-email": "E-mail",
    "private-phone": "Phone number",
    "private-name": "customer.first_name",
    "private-order": "Order number",
    "private-address": "Address",
    "private-iban": "Account number",
    "wrong-name": "customer.first_name",
}
_NUMBER = re.compile(r"\b(?=[\w-]*\d[\w-]*\d[\w-]*\d[\w-]*\d)[A-Za-z]{0,6}[\w-]*\d[\w-]*")
"""Four digits or more in one word: an order, a parcel, a bill of somebody else."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
_SMALL = re.compile("[\u3040-\u309f]+")
"""Hiragana alone: endings and particles, which every Japanese text shares."""
_LONGEST = 5_000


def emptied(text: str, other: Known) -> str:
    """``text`` without what belongs to the customer it was written to (``other``), as a template.

    Names become ``{{customer.first_name}}``, the product ``{{review.product}}``; addresses, telephone and other numbers
    become gaps that a person fills. Braces that stood in the text are round ones afterwards.
    """
    text = text[:_LONGEST].replace("{{", "((").replace("}}", "))")
    found = sorted(_spans(text, other), key=lambda span: (span[0], -span[1]))
    parts: list[str] = []
    at = 0
    for start, end, place in found:
        if start < at:
            continue
        parts += [text[at:start], "{{", place, "}}"]
        at = end
    parts.append(text[at:])
    return "".join(parts)


def _spans(text: str, other: Known) -> Iterator[tuple[int, int, str]]:
    for known in (
        # What the customer told everybody themselves was no secret there; here it is somebody else's all the same.
        replace(other, target=Target.PUBLIC, public="", recent=(), off=frozenset()),
        Known(display_name=_NOBODY * 3),
    ):
        for finding in check(text, known):
            if finding.rule.id in _PLACES:
                yield finding.start, finding.end, _PLACES[finding.rule.id]
    for contact in contacts(text):
        place = "E-mail" if "@" in contact else "Phone number"
        yield from _each(text, contact, place)
    for match in _NUMBER.finditer(text):
        yield match.start(), match.end(), "Number"
    product = (other.product or "").strip()
    if len(product) > 2:
        yield from _each(text, product, "review.product")
    for name in (other.display_name, *other.full_names):
        name = (name or "").strip()
        if len(name) > 2:
            yield from _each(text, name, "customer.name")
        for word in _WORD.findall(name):
            yield from _each(text, word, "customer.first_name")


def _each(text: str, words: str, place: str) -> Iterator[tuple[int, int, str]]:
    # Where a script writes no blanks between words, a name ends without one.
    pattern = re.escape(words) if _UNSPACED.search(words) else rf"(?<!\w){re.escape(words)}(?!\w)"
    for match in re.finditer(pattern, text, re.IGNORECASE):
        yield match.start(), match.end(), place


def words_of(tokens: list[str], limit: int = 12) -> list[str]:
    """The words by which something similar is looked for: the longest ones, each once, in a steady order."""
    distinct = {
        word
        for word in tokens
        if len(word) > 3 or (word and not word.isascii() and not _SMALL.fullmatch(word))
    }
    return sorted(distinct, key=lambda word: (-len(word), word))[:limit]
