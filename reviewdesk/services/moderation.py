"""Reporting reviews to their provider, publishing those that wait, asking who wrote one; never by their score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from reviewdesk.domain.capabilities import Available, Capability, ProviderSpec
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import InvalidInput, NotAvailable, ReviewdeskError
from reviewdesk.domain.models import ActionKind, OutboxItem, OutboxState, ProviderState, ReviewKind, Target
from reviewdesk.domain.query import Query, Sort, chosen_by_score
from reviewdesk.domain.text import clean
from reviewdesk.services.accounts import AccountService
from reviewdesk.services.replies import ReplyService
from reviewdesk.store import accounts as stored_accounts
from reviewdesk.store import journal, outbox, reviews

if TYPE_CHECKING:
    from reviewdesk.store.database import Store, Tx

__all__ = ["BY_HAND", "BY_SCORE", "Flag", "ModerationService", "Outcome", "Published", "finds_reviewer"]

LONGEST_QUOTE = 2_000
BY_SCORE = (
    "Reviews are not published by their score: take the score out of the search, then publish all that wait."
)
QUOTE = "quote"
BY_HAND = "by_hand"
"""In an item's details: nothing went out from here, the text was taken to the back office."""


class Outcome(StrEnum):
    """What became of a report."""

    WAITING = "waiting"
    """It has not reached the provider yet."""
    NOT_ACCEPTED = "not-accepted"
    OPEN = "open"
    """The provider has it; the review is still there."""
    REMOVED = "removed"
    """The review is gone: the report is closed."""
    BACK_OFFICE = "back-office"
    """A person took it to the provider's back office; what became of it there is not known here."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One line of the log. ``at``: UTC seconds; ``reason``: the provider's code."""

    item: OutboxItem
    at: float
    author: str | None
    reason: str
    reason_words: str
    message: str
    quote: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a wish to publish several: queued items, and why each of the others was left out."""

    queued: tuple[OutboxItem, ...]
    left_out: tuple[tuple[int, str], ...]


class ModerationService:
    """Everything goes through the outbox. Reads block; acts return futures. Any thread."""

    def __init__(self, store: Store, clock: Clock, accounts: AccountService, replies: ReplyService) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._replies = replies

    # --- what can be done ----------------------------------------------------------------------------------

    def reasons(self, review_id: int) -> Mapping[str, str]:
        """The provider's own reasons, code to words; none where a review is reported in the back office."""
        with self._store.read() as reader:
            ref = reviews.ref(reader, review_id)
        account = self._accounts.get(ref.account_id) if ref is not None else None
        return {} if account is None else dict(self._accounts.spec(account.provider).flag_reasons)

    def can_find_reviewer(self, review_id: int) -> Available:
        """Whether the author of this review can be asked who they are, and if not, why."""
        with self._store.read() as reader:
            ref = reviews.ref(reader, review_id)
        account = self._accounts.get(ref.account_id) if ref is not None else None
        if ref is None or account is None:
            return Available(False, "The review or its account is no longer in this program.")
        spec = self._accounts.spec(account.provider)
        return finds_reviewer(spec, ref.kind, self._accounts.capabilities(account)[Capability.CUSTOMER_DATA])

    # --- acting --------------------------------------------------------------------------------------------

    def flag(
        self, review_id: int, reason: str, message: str, *, quote: str = "", delay_s: float = 0.0
    ) -> Future[OutboxItem]:
        """Report a review. ``quote``: the passage that it is about; it stands in the message and in the log.

        Fails with NotAvailable where the provider takes no reports, with InvalidInput for a reason it does not know.
        """
        known = self.reasons(review_id)
        words, passage = clean(message).strip(), clean(quote).strip()[:LONGEST_QUOTE]
        failed: Future[OutboxItem] = Future()
        if known and reason not in known:
            failed.set_exception(InvalidInput(f"The reasons are: {', '.join(known)}."))
            return failed
        if not words and not passage:
            failed.set_exception(InvalidInput("Say what is wrong with the review, or mark the passage."))
            return failed
        payload = {"reason": reason, "message": _told(passage, words), QUOTE: passage}
        return self._replies.publish(
            review_id, Target.PRIVATE, "", kind=ActionKind.FLAG, payload=payload, delay_s=delay_s
        )

    def flag_by_hand(self, review_id: int, message: str, *, quote: str = "") -> Future[OutboxItem]:
        """Write down that a person takes this report to the provider's back office; nothing is sent.

        The item's ``payload["message"]`` is the text to take there. Fails with NotAvailable where the back office
        takes no reports, with InvalidInput without words.
        """
        words, passage = clean(message).strip(), clean(quote).strip()[:LONGEST_QUOTE]

        def write(tx: Tx) -> OutboxItem:
            ref = reviews.ref(tx, review_id)
            account = stored_accounts.get(tx, ref.account_id) if ref is not None else None
            if ref is None or account is None:
                raise InvalidInput("The review or its account is no longer in this program.")
            spec = self._accounts.spec(account.provider)
            if not spec.reports_in_back_office:
                raise NotAvailable(f"{spec.title} takes no reports in its back office.")
            if not words and not passage:
                raise InvalidInput("Say what is wrong with the review, or mark the passage.")
            now = self._clock.now()
            item = OutboxItem(
                id=0,
                kind=ActionKind.FLAG,
                account_id=account.id,
                review_id=review_id,
                target=Target.PRIVATE,
                text="",
                payload={"reason": "", "message": _told(passage, words), QUOTE: passage, BY_HAND: True},
                state=OutboxState.SENT,
                created_at=now,
                not_before=now,
                finished_at=now,
            )
            stored = outbox.insert(tx, item)
            journal.add(
                tx,
                account_id=account.id,
                outbox_id=stored.id,
                review_id=review_id,
                action=ActionKind.FLAG.value,
                result="taken to the back office",
                answer="",
            )
            return stored

        return self._store.write(write)

    def publish(
        self, ids: Sequence[int], *, query: Query | None = None, sort: Sort = Sort.NEWEST
    ) -> Published:
        """Publish those of ``ids`` that wait for it. Blocking.

        ``query`` and ``sort``: how they were chosen. Raises InvalidInput when the score had a part in that and there
        are several: which reviews the world sees must not depend on how good they are.
        """
        if len(ids) > 1 and chosen_by_score(query, sort):
            raise InvalidInput(BY_SCORE)
        queued: list[OutboxItem] = []
        left_out: list[tuple[int, str]] = []
        with self._store.read() as reader:
            rows = reviews.rows(reader, ids)
        for review_id in ids:
            row = rows.get(review_id)
            if row is None or row.provider_state not in (ProviderState.PENDING, ProviderState.UNPUBLISHED):
                left_out.append((review_id, "It does not wait to be published."))
                continue
            try:
                item = self._replies.publish(review_id, Target.PUBLIC, "", kind=ActionKind.PUBLISH).result()
            except ReviewdeskError as error:
                left_out.append((review_id, error.message))
                continue
            queued.append(item)
        return Published(tuple(queued), tuple(left_out))

    def find_reviewer(self, review_id: int, message: str, *, delay_s: float = 0.0) -> Future[OutboxItem]:
        """Ask the author of a company review who they are; the provider passes it on. Fails with NotAvailable."""
        can = self.can_find_reviewer(review_id)
        if not can.available:
            failed: Future[OutboxItem] = Future()
            failed.set_exception(NotAvailable(can.reason or "This can't be done here."))
            return failed
        return self._replies.publish(
            review_id, Target.PRIVATE, message, kind=ActionKind.FIND_REVIEWER, delay_s=delay_s
        )

    # --- the log -------------------------------------------------------------------------------------------

    def flags(self, *, limit: int = 500) -> list[Flag]:
        """Every report with its outcome, the latest first. A removed review closes its report."""
        states = tuple(s for s in OutboxState if s is not OutboxState.DISCARDED)
        with self._store.read() as reader:
            items = [
                i
                for i in outbox.list_items(reader, states=states, limit=1 << 30)
                if i.kind is ActionKind.FLAG
            ][:limit]
            rows = reviews.rows(reader, [i.review_id for i in items if i.review_id is not None])
        answer = []
        for item in items:
            row = rows.get(item.review_id or 0)
            account = self._accounts.get(item.account_id)
            known = self._accounts.spec(account.provider).flag_reasons if account is not None else {}
            reason = str(item.payload.get("reason", ""))
            gone = row is None or row.provider_state is ProviderState.REMOVED
            quote = str(item.payload.get(QUOTE, ""))
            answer.append(
                Flag(
                    item,
                    item.created_at,
                    row.author_name if row is not None else None,
                    reason,
                    known.get(reason, reason),
                    str(item.payload.get("message", "")),
                    quote,
                    Outcome.REMOVED if gone else _outcome(item),
                )
            )
        return answer


def finds_reviewer(spec: ProviderSpec, kind: ReviewKind, data: Available) -> Available:
    """Whether the author of a review of this kind can be asked; ``data``: what the account may know of customers."""
    if not spec.finds_reviewers:
        return Available(False, f"{spec.title} has no way to ask who wrote a review.")
    if kind is not ReviewKind.BUSINESS:
        return Available(False, f"{spec.title} finds the reviewers of company reviews only.")
    return data


def _outcome(item: OutboxItem) -> Outcome:
    if item.payload.get(BY_HAND):
        return Outcome.BACK_OFFICE
    if item.state is OutboxState.SENT:
        return Outcome.OPEN
    return Outcome.NOT_ACCEPTED if item.state is OutboxState.FAILED else Outcome.WAITING


def _told(passage: str, words: str) -> str:
    """What the provider reads: the passage, then what is wrong with it."""
    return f"“{passage}”\n\n{words}".strip() if passage else words
