"""When two reviews that came through two doors are one: the rule, and its reason in words.

A provider that repeats another's reviews (Sitejabber with its ``datasources``) gives them a number of its own and says
only whose they are. So they are known by what they say. The rule errs on the side of showing a review twice: two
customers who are taken for one would lose the second one's answer.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

__all__ = ["DAYS_APART", "Face", "Match", "match", "words_of"]

DAYS_APART = 2
"""Dates without a zone and a moderator's pause lie between the doors; more is another occasion."""
_DAY_S = 86_400
_LONG = 24
"""Letters and digits from which a text is nobody else's by chance."""
_NOBODY = frozenset({"anonymous", "anonyme", "anonym", "guest", "customer"})
_NAME = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What is compared of a review. ``created_at`` in UTC seconds, ``stars`` on the scale of five."""

    stars: float | None
    title: str
    body: str
    name: str | None
    created_at: int
    sku: str | None = None
    order_id: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Why two reviews are one."""

    hours_apart: int
    name: str | None
    """The customer's name where both doors give one."""

    def sentence(self) -> str:
        """The reason, fit to show."""
        who = f" by {self.name}" if self.name else ""
        if self.hours_apart < 1:
            when = "at the same time"
        elif self.hours_apart < 48:
            when = f"{self.hours_apart} {'hour' if self.hours_apart == 1 else 'hours'} apart"
        else:
            when = f"{self.hours_apart // 24} days apart"
        return f"The same words and the same stars{who}, written {when}."


def match(one: Face, other: Face) -> Match | None:
    """Why these two are the same review, or None where they are not or nobody can tell.

    The same stars and the same words, whatever their spaces, case and punctuation; within two days; nothing that
    speaks against it (another name, product or order). Words that anybody may write ("Great!") need the same name,
    the same title and the same day as well. A review without words is never taken for another.
    """
    if one.stars is None or one.stars != other.stars:
        return None
    words = words_of(one.body)
    if not words or words != words_of(other.body):
        return None
    apart = abs(one.created_at - other.created_at)
    if apart > DAYS_APART * _DAY_S:
        return None
    if _differ(one.sku, other.sku) or _differ(one.order_id, other.order_id):
        return None
    mine, theirs = _name(one.name), _name(other.name)
    if mine and theirs and not _may_be_one(mine, theirs):
        return None
    if len(words) < _LONG:
        same_title = not one.title or not other.title or words_of(one.title) == words_of(other.title)
        if not same_title or apart > _DAY_S or not _are_one(mine, theirs):
            return None
    longer = max(one.name or "", other.name or "", key=len)
    return Match(apart // 3600, " ".join(longer.split()) if mine and theirs else None)


def words_of(text: str) -> str:
    """What is compared of a text: its letters and digits. Spaces, punctuation and emoji change between the doors."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _differ(one: str | None, other: str | None) -> bool:
    return bool(one and other and one.strip().casefold() != other.strip().casefold())


def _name(name: str | None) -> list[str]:
    """The name's words without case and accents; none for a name that is nobody's."""
    plain = unicodedata.normalize("NFKD", name or "").casefold()
    parts = _NAME.findall("".join(c for c in plain if not unicodedata.combining(c)))
    return [] if " ".join(parts) in _NOBODY else parts


def _may_be_one(one: list[str], other: list[str]) -> bool:
    """``Anna Svensson``, ``Anna S.`` and ``Anna`` may be the same person; ``Anna S.`` and ``Anna L.`` are not."""
    if sorted(one) == sorted(other):
        return True  # the family's name first, as in Japan or Hungary
    return all(a == b or _short_for(a, b) for a, b in zip(one, other, strict=False)) and one[0] == other[0]


def _are_one(one: list[str], other: list[str]) -> bool:
    """Both there, in the same number of words, each the same or the other's initial."""
    return bool(one) and len(one) == len(other) and _may_be_one(one, other)


def _short_for(one: str, other: str) -> bool:
    return (len(one) == 1 and other.startswith(one)) or (len(other) == 1 and one.startswith(other))
