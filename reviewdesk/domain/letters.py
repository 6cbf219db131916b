"""Private messages to a person: what must be known before one goes out, and whether it arrived.

The pure half of ``services.letters``; the states are ``domain.outbox``'s. A letter belongs to no review; a message or
an offer about a review is looked for in the same lists, by its author's name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reviewdesk.domain.messages import MessageRecord, plain_subject
from reviewdesk.domain.models import ActionKind, OutboxItem
from reviewdesk.domain.outbox import Conflict, text_key
from reviewdesk.domain.plain import dataclass

__all__ = [
    "USERNAME",
    "LetterDraft",
    "answer_subject",
    "arrived",
    "in_the_way",
    "is_letter",
    "is_private",
    "person_of",
    "seen_of_keys",
    "was_read_before",
]

USERNAME = "username"
"""Where an outbox item's payload says to whom it goes: the person's name at the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterDraft:
    """What is being written to a person. ``updated_at``: UTC seconds; ``seen``: ``seen_of_keys`` when it began."""

    account_id: int
    person: str
    text: str
    subject: str
    updated_at: float
    seen: Mapping[str, Any]


def answer_subject(subject: str) -> str:
    """``Re:`` before the subject, once, whatever stands there already; empty where there is no subject."""
    plain = plain_subject(subject)
    return f"Re: {plain}" if plain else ""


def is_letter(item: OutboxItem) -> bool:
    """Whether this goes to a person by name and belongs to no review."""
    return item.kind is ActionKind.MESSAGE and item.review_id is None and bool(person_of(item))


def is_private(item: OutboxItem) -> bool:
    """Whether this goes to a person whose messages can be read by name: a letter, or one about a review of theirs."""
    return item.kind in (ActionKind.MESSAGE, ActionKind.RESOLUTION) and bool(person_of(item))


def person_of(item: OutboxItem) -> str:
    """To whom a private message goes, by the name that its provider reads messages by; empty where it has none."""
    return str(item.payload.get(USERNAME) or "")


def seen_of_keys(keys: Iterable[str]) -> dict[str, Any]:
    """What an author has before their eyes, or what stood there before the request: no text, only the keys."""
    return {"messages": sorted(keys)}


def _beyond(seen: Mapping[str, Any], records: Sequence[MessageRecord]) -> list[MessageRecord]:
    """Messages have no ids: equal ones of one second share a key, so keys are counted."""
    known, found = Counter(seen.get("messages", ())), []
    for record in records:
        if known[record.key] > 0:
            known[record.key] -= 1
        else:
            found.append(record)
    return found


def arrived(item: OutboxItem, records: Sequence[MessageRecord], about: str | None = None) -> bool:
    """Whether our text stands among the sent ones and did not before the request: proof that it arrived.

    ``about``: the provider's number of the item's review. The same words about another review are no proof; a message
    that names none counts, as a second one would be worse than one that is missed.
    """
    wanted = text_key(item.text)
    return any(
        r.ours and text_key(r.body) == wanted and (about is None or r.review_no in (None, about))
        for r in _beyond(item.baseline or {}, records)
    )


def was_read_before(item: OutboxItem) -> bool:
    """Whether the messages that stood there before the request are known; without them nothing can be proved."""
    return "messages" in (item.baseline or {})


def in_the_way(
    item: OutboxItem, records: Sequence[MessageRecord], own_texts: Iterable[str]
) -> Conflict | None:
    """Why a letter must stop before it goes out, or None. ``own_texts``: what this program sent to the person since."""
    if "messages" not in item.seen:
        return None
    new = _beyond(item.seen, records)
    if any(not r.ours for r in new):
        return Conflict("The customer wrote again meanwhile.")
    sent = {text_key(text) for text in own_texts}
    mine = [r for r in new if r.ours and text_key(r.body) not in sent]
    if any(text_key(r.body) == text_key(item.text) for r in mine):
        return Conflict("This very text has been sent already.")
    return Conflict("Somebody answered meanwhile.") if mine else None
