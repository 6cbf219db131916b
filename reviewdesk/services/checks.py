"""The pre-send check with what this program knows of the review and its author."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from reviewdesk.domain.checks import Finding, Known, check
from reviewdesk.domain.letters import is_letter
from reviewdesk.domain.models import ActionKind, OutboxItem, ReviewDetail, Role, Target
from reviewdesk.services.settings import (
    CHECK_CONDUCT,
    CHECK_LANGUAGE,
    CHECK_NAME,
    CHECK_PRIVATE,
    CHECK_SAMENESS,
    CHECK_SHOUTING,
    Preference,
)
from reviewdesk.store import own_replies, reviews
from reviewdesk.store import settings as stored

if TYPE_CHECKING:
    from reviewdesk.store.database import Reader, Store

__all__ = [
    "CHECKED_KINDS",
    "KEPT",
    "SWITCHES",
    "CheckService",
    "item_findings",
    "kept_by",
    "known_of",
    "letter_findings",
    "reason_of",
    "unsettled",
    "unsettled_letter",
]

CHECKED_KINDS = frozenset(
    {ActionKind.REPLY, ActionKind.EDIT_REPLY, ActionKind.MESSAGE, ActionKind.RESOLUTION}
)
KEPT = "kept_findings"
"""Where an outbox item remembers which rules its author kept on purpose."""

SWITCHES: tuple[tuple[Preference[bool], tuple[str, ...]], ...] = (
    (
        CHECK_PRIVATE,
        (
            *("private-email", "private-phone", "private-name"),
            *("private-order", "private-address", "private-iban"),
        ),
    ),
    (CHECK_CONDUCT, ("conditional", "incentive", "ask-change", "threat")),
    (CHECK_NAME, ("wrong-name",)),
    (CHECK_LANGUAGE, ("wrong-language",)),
    (CHECK_SHOUTING, ("shouting",)),
    (CHECK_SAMENESS, ("sameness",)),
)
"""The rules that each switch of the settings is about; together they are all there are."""

# By what a provider calls the field, in the languages of the five.
_PHONE = re.compile(r"phone|mobile|tel\.?$|telefon|téléphone", re.IGNORECASE)
_MAIL = re.compile(r"e-?mail|courriel", re.IGNORECASE)
_NAME = re.compile(r"\bname\b|\bnom\b", re.IGNORECASE)
_ADDRESS = re.compile(r"address|adresse|anschrift|dirección|indirizzo|adres\b", re.IGNORECASE)
_ORDER = re.compile(r"order|reference|invoice|customer (?:number|id)|tracking|booking", re.IGNORECASE)


class CheckService:
    """Any thread; blocking (one short read, then the rules)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def known(self, review_id: int, target: Target) -> Known | None:
        """What the rules are told of this review; None when it is not there."""
        with self._store.read() as reader:
            return known_of(reader, reviews.detail(reader, review_id), target)

    def check(self, review_id: int, target: Target, text: str) -> tuple[Finding, ...]:
        """The findings in ``text``, those that must be settled first; none for a review that is not there."""
        known = self.known(review_id, target)
        return () if known is None else check(text, known)


def known_of(reader: Reader, detail: ReviewDetail | None, target: Target) -> Known | None:
    """What the rules are told of a review. The author's name is what its provider shows beside it."""
    if detail is None:
        return None
    row, author = detail.row, detail.author
    facts = [(label, value) for label, value in detail.private_facts if value.strip()]
    said = [detail.title, detail.body, *(c.text for c in detail.comments if c.role is Role.CONSUMER)]
    return Known(
        target=target,
        language=row.language,
        display_name=author.name or row.author_name,
        full_names=tuple(v for label, v in facts if _NAME.search(label) and not _ORDER.search(label)),
        emails=_distinct((author.email, *(v for label, v in facts if _MAIL.search(label)))),
        phones=_distinct(v for label, v in facts if _PHONE.search(label)),
        orders=_distinct(
            (
                row.order_id,
                detail.reference,
                *(v for label, v in facts if _ORDER.search(label) and len(v) < 40),
            )
        ),
        addresses=_distinct(v for label, v in facts if _ADDRESS.search(label) and not _MAIL.search(label)),
        product=row.product_name,
        public="\n".join(said),
        recent=tuple(own_replies.recent(reader, row.account_id, but_not=row.id))
        if target is Target.PUBLIC
        else (),
        off=_switched_off(reader),
    )


def _switched_off(reader: Reader) -> frozenset[str]:
    return frozenset(
        rule
        for preference, rules in SWITCHES
        if stored.get(reader, preference.key) == "false"
        for rule in rules
    )


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v.strip() for v in values if v and v.strip()))


def unsettled(
    reader: Reader,
    detail: ReviewDetail,
    kind: ActionKind,
    target: Target,
    text: str,
    kept: Iterable[str] = (),
) -> tuple[Finding, ...]:
    """The findings for which an item has to be held: those of stopping rules that nobody kept on purpose."""
    if kind not in CHECKED_KINDS:
        return ()
    known = known_of(reader, detail, target)
    rules = frozenset(kept)
    found = check(text, known) if known is not None else ()
    return tuple(f for f in found if f.must and f.rule.id not in rules)


def letter_findings(reader: Reader, text: str) -> tuple[Finding, ...]:
    """The findings in a message to a person beside any review: only the two read it, and nothing else is known."""
    return check(text, Known(target=Target.PRIVATE, off=_switched_off(reader)))


def unsettled_letter(reader: Reader, text: str, kept: Iterable[str] = ()) -> tuple[Finding, ...]:
    """``unsettled`` for such a message."""
    rules = frozenset(kept)
    return tuple(f for f in letter_findings(reader, text) if f.must and f.rule.id not in rules)


def kept_by(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """The rules that the author of an item kept on purpose."""
    kept = payload.get(KEPT, ())
    return tuple(str(k) for k in kept) if isinstance(kept, list | tuple) else ()


def reason_of(findings: Iterable[Finding]) -> str:
    """Why an item is held, without repeating the data that must not be seen."""
    told = dict.fromkeys(f"{f.rule.title}: {f.rule.brief}." for f in findings)
    return " ".join(told)


def item_findings(reader: Reader, item: OutboxItem) -> tuple[Finding, ...]:
    """``unsettled`` for what lies in the outbox; nothing for an item that was overridden."""
    if item.override or item.kind not in CHECKED_KINDS:
        return ()
    if is_letter(item):
        return unsettled_letter(reader, item.text, kept_by(item.payload))
    if item.review_id is None:
        return ()
    detail = reviews.detail(reader, item.review_id)
    if detail is None:
        return ()
    return unsettled(reader, detail, item.kind, item.target, item.text, kept_by(item.payload))
