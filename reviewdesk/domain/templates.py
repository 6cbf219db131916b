"""Saved replies as text with places: ``{{customer.first_name|there}}``, ``{{cursor}}`` and gaps to fill.

A place is resolved from what is known of the review, else by its fallback, else it stays in the text as a gap that a
person has to fill. What a customer wrote is put in as plain text and is never read as a place again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reviewdesk.domain.text import clean, one_line

__all__ = ["CURSOR", "VARIABLES", "Gap", "Resolved", "Variable", "gaps", "offered", "resolve"]

CURSOR = "cursor"
_PLACE = re.compile(r"\{\{([^{}\n|]{0,80})(?:\|([^{}\n]{0,200}))?\}\}")


@dataclass(frozen=True, slots=True)
class Variable:
    """``private``: nobody but the shop and the customer may read it, so it never stands in a public reply."""

    name: str
    words: str
    private: bool = False


VARIABLES: Mapping[str, Variable] = {
    v.name: v
    for v in (
        Variable("customer.first_name", "First name"),
        Variable("customer.name", "Name as shown"),
        Variable("customer.email", "E-mail", private=True),
        Variable("order.number", "Order number", private=True),
        Variable("order.reference", "Reference", private=True),
        Variable("review.product", "Product"),
        Variable("review.title", "Title of the review"),
        Variable("review.score", "Score"),
        Variable("review.date", "Day of the review"),
        Variable("account.name", "Name of the account"),
        Variable("provider.name", "Name of the provider"),
    )
}


def offered(*, public: bool) -> tuple[Variable, ...]:
    """The variables that may be used in a text for this reader."""
    return tuple(v for v in VARIABLES.values() if not (public and v.private))


@dataclass(frozen=True, slots=True)
class Gap:
    """A place still to be filled: ``text[start:end]`` with what belongs there in words."""

    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """A saved reply as it will read. ``cursor``: where writing goes on; ``gaps`` in the order of the text;
    ``filled``: (start, end) of what was put in."""

    text: str
    cursor: int
    gaps: tuple[Gap, ...]
    filled: tuple[tuple[int, int], ...] = ()


def gaps(text: str) -> Iterator[Gap]:
    """Every place that is still in a text."""
    for match in _PLACE.finditer(text):
        yield Gap(match.start(), match.end(), _words(match[1]))


def _words(name: str) -> str:
    name = name.strip()
    variable = VARIABLES.get(name)
    return variable.words if variable is not None else name or "?"


def resolve(template: str, values: Mapping[str, str], *, public: bool) -> Resolved:
    """``template`` with its places filled. An unknown name, or one without value and fallback, stays as a gap.

    In a public text a private variable is never filled: its fallback stands there, or a gap.
    """
    template = clean(template)
    parts: list[str] = []
    filled: list[tuple[int, int]] = []
    length, at = 0, 0
    cursor: int | None = None
    for match in _PLACE.finditer(template):
        before = template[at : match.start()]
        parts.append(before)
        length += len(before)
        at = match.end()
        name = match[1].strip()
        if name == CURSOR:
            cursor = length if cursor is None else cursor
            continue
        put = _value(name, match[2], values, public=public)
        if put is None:
            put = match[0]
        else:
            filled.append((length, length + len(put)))
        parts.append(put)
        length += len(put)
    parts.append(template[at:])
    text = "".join(parts)
    return Resolved(text, len(text) if cursor is None else cursor, tuple(gaps(text)), tuple(filled))


def _value(name: str, fallback: str | None, values: Mapping[str, str], *, public: bool) -> str | None:
    variable = VARIABLES.get(name)
    if variable is not None and not (public and variable.private):
        value = one_line(clean(values.get(name, "")), 200)
        if value:
            # Braces that a customer wrote must not become a place.
            return value.replace("{", "(").replace("}", ")")
    return fallback
