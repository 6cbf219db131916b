"""Private messages between a business and its customers: as a provider gives them, as they are kept, and as threads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Message", "MessageRecord", "MessageThread", "plain_subject", "threads_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """A message as read from the provider, text cleaned. ``key`` stays the same over every reading."""

    key: str
    subject: str
    body: str
    created_at: int | None
    ours: bool
    """Written by the business."""
    person: str | None
    """The customer's user name at the provider."""
    review_no: str | None = None
    """The provider's number of the review that it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it is kept. ``outbox_id``: which item of ours it is. Times are UTC seconds."""

    id: int
    account_id: int
    subject: str
    body: str
    created_at: int | None
    ours: bool
    person: str | None
    review_id: int | None = None
    order_id: str | None = None
    """Of the review that it is about."""
    outbox_id: int | None = None
    resolution: bool = False
    """It was sent as the offer of a resolution."""


@dataclass(frozen=True, slots=True)
class MessageThread:
    """What was written between the business and one person about one order, oldest first."""

    account_id: int
    person: str | None
    order_id: str | None
    review_id: int | None
    subject: str
    messages: tuple[Message, ...]

    @property
    def latest(self) -> Message:
        return self.messages[-1]


# "Re:", "AW:", "Odp.:", "Re[2]:" and their like, as often as programs pile them up.
_ANSWERED = re.compile(
    r"^\s*(?:(?:re|aw|antw|antwort|sv|vs|ref|rif|r|odp|res|rv|tr|wg|fw|fwd|doorst|betr|rép|rep)\.?\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*)+",
    re.IGNORECASE,
)


def plain_subject(subject: str) -> str:
    """The subject without what answering puts before it."""
    return " ".join(_ANSWERED.sub("", subject).split())


def threads_of(messages: Iterable[Message]) -> list[MessageThread]:
    """Inbox and sent as threads by person and order, the one with the latest word first.

    A message that names no review belongs to the thread of that person with the same subject, else to the latest
    that was begun before it; so an answer never splits a thread, whatever stands before its subject.
    """
    # Providers give whole seconds; within one, the answer to ours is theirs.
    ordered = sorted(messages, key=lambda m: (m.created_at or 0, not m.ours, m.id))
    found: dict[tuple[int, str, str], list[Message]] = {}
    anonymous = 0
    for message in ordered:
        person = message.person or ""
        if not person:
            # Nobody knows whose these are: each stays alone.
            anonymous += 1
            person = f"\0{anonymous}"
        about = message.order_id or (f"\0review {message.review_id}" if message.review_id is not None else "")
        if not about:
            about = _belongs(found, message, person)
        found.setdefault((message.account_id, person, about), []).append(message)
    threads = [_thread(parts) for parts in found.values()]
    threads.sort(key=lambda t: (t.latest.created_at or 0, t.latest.id), reverse=True)
    return threads


def _belongs(found: dict[tuple[int, str, str], list[Message]], message: Message, person: str) -> str:
    theirs = [(key, parts) for key, parts in found.items() if key[:2] == (message.account_id, person)]
    subject = plain_subject(message.subject).casefold()
    same = [
        key for key, parts in theirs if any(plain_subject(m.subject).casefold() == subject for m in parts)
    ]
    if same:
        return same[-1][2]
    latest = max(theirs, key=lambda pair: (pair[1][-1].created_at or 0, pair[1][-1].id), default=None)
    return latest[0][2] if latest is not None else ""


def _thread(parts: list[Message]) -> MessageThread:
    about = next((m for m in parts if m.review_id is not None), parts[0])
    first = next((m.subject for m in parts if m.subject.strip()), "")
    return MessageThread(
        parts[0].account_id,
        parts[0].person,
        about.order_id,
        about.review_id,
        plain_subject(first),
        tuple(parts),
    )
