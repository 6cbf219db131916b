"""Words on their way from private to public: what was private, and whether some of it stands in a public text."""

from __future__ import annotations

import re

from reviewdesk.domain.models import ReviewDetail
from reviewdesk.domain.text import fold, one_line

__all__ = ["LEAST_WORDS", "private_texts", "shared_passage"]

LEAST_WORDS = 8
"""So many words one after the other are no chance; shorter ones are how everybody writes."""
_LONGEST = 50_000
_WORD = re.compile(r"\w+")


def private_texts(detail: ReviewDetail, draft: str = "") -> tuple[str, ...]:
    """Notes, private messages and the draft of one: what nobody outside may read."""
    found = [draft, *(text for _, _, text in detail.notes), *(m.body for m in detail.messages)]
    return tuple(text[:_LONGEST] for text in found if text.strip())


def shared_passage(text: str, private: tuple[str, ...]) -> str:
    """The first words of a passage of ``text`` that stands in one of ``private`` too; empty when there is none."""
    places = list(_WORD.finditer(text[:_LONGEST]))
    words = [fold(place[0]) for place in places]
    if len(words) < LEAST_WORDS:
        return ""
    known: set[tuple[str, ...]] = set()
    for other in private:
        theirs = [fold(word) for word in _WORD.findall(other)]
        known.update(tuple(theirs[i : i + LEAST_WORDS]) for i in range(len(theirs) - LEAST_WORDS + 1))
    for at in range(len(words) - LEAST_WORDS + 1):
        if tuple(words[at : at + LEAST_WORDS]) in known:
            return one_line(text[places[at].start() : places[at + LEAST_WORDS - 1].end()], 60)
    return ""
