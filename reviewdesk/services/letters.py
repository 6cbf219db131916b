"""Private messages to a person by name, beside any review: the draft of each thread, and the way into the outbox.

A thread without a review is known by account and person: whatever is written between the two goes there. The outbox
carries such a message as ``ActionKind.MESSAGE`` without a review, its person in ``payload["username"]``; the provider
is read before and after (``PersonMessages``), so that an answer that got lost never sends it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from reviewdesk.domain import outbox as machine
from reviewdesk.domain.capabilities import Available, Capability, ProviderSpec
from reviewdesk.domain.checks import Finding
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import AlreadyQueued, ErrorInfo, InvalidInput, NotAvailable
from reviewdesk.domain.letters import USERNAME, LetterDraft, in_the_way, person_of, seen_of_keys
from reviewdesk.domain.messages import MessageRecord
from reviewdesk.domain.models import (
    APPROVAL_KEY,
    Account,
    ActionKind,
    Approval,
    OutboxItem,
    OutboxState,
    Target,
)
from reviewdesk.domain.person import ANONYMOUS
from reviewdesk.domain.templates import gaps
from reviewdesk.domain.text import clean, one_line
from reviewdesk.providers.base import PersonMessages, Provider
from reviewdesk.services import checks
from reviewdesk.services.accounts import AccountService
from reviewdesk.services.approval import WRITTEN_BY, asked_by_settings, author
from reviewdesk.services.replies import already_words, bounded_delay
from reviewdesk.store import accounts as stored_accounts
from reviewdesk.store import journal, message_drafts, messages, outbox
from reviewdesk.store.drafts import DraftVersion

if TYPE_CHECKING:
    from reviewdesk.store.database import Reader, Store, Tx

__all__ = ["LONGEST_SUBJECT", "LetterService", "conflict", "keep_read", "read_with"]

LONGEST_SUBJECT = 200
_NOBODY = "The provider does not say who wrote this, so nobody can be written to."
_GONE = "The account is no longer there."


class LetterService:
    """Reads block shortly; acts return futures that resolve after the commit. Any thread."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accounts: AccountService,
        *,
        on_published: Callable[[OutboxItem], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._on_published = on_published

    # --- what can be done ----------------------------------------------------------------------------------

    def can(self, account_id: int, person: str | None) -> Available:
        """Whether this account can write to this person, and if not, why."""
        account = self._accounts.get(account_id)
        if account is None:
            return Available(False, _GONE)
        reason = self._why_not(account, person)
        return Available(not reason, reason)

    def _why_not(self, account: Account, person: str | None) -> str:
        able = self._accounts.capabilities(account)[Capability.PRIVATE_MESSAGE]
        spec = self._accounts.spec(account.provider)
        if not able.available:
            return able.reason or f"{account.name} can't do this."
        if not spec.messages_by_name:
            return f"{spec.title} takes private messages about a review only."
        named = (person or "").strip()
        return "" if named and not named.startswith(ANONYMOUS) else _NOBODY

    # --- drafts ------------------------------------------------------------------------------------------

    def draft(self, account_id: int, person: str) -> LetterDraft | None:
        """What is being written to this person, by one indexed look-up."""
        with self._store.read() as reader:
            return message_drafts.get(reader, account_id, person)

    def drafts(self) -> list[LetterDraft]:
        """Every draft to a person, the latest first."""
        with self._store.read() as reader:
            return message_drafts.list_all(reader)

    def save_draft(self, account_id: int, person: str, text: str, subject: str = "") -> Future[None]:
        """Store what is written so far. The future resolves after the commit: only then it is saved.

        Which messages the author has seen is noted when a draft begins, not again at each save.
        """

        def write(tx: Tx) -> None:
            message_drafts.save(
                tx, account_id, person, text, subject=subject, seen=_seen(tx, account_id, person)
            )

        return self._store.write(write)

    def discard_draft(self, account_id: int, person: str) -> Future[None]:
        """Take the draft away; its last version stays in the history."""

        def write(tx: Tx) -> None:
            message_drafts.delete(tx, account_id, person)

        return self._store.write(write)

    def draft_versions(self, account_id: int, person: str) -> Sequence[DraftVersion]:
        """Earlier texts, the latest first; also after the draft was sent or discarded. Blocking."""
        with self._store.read() as reader:
            return message_drafts.versions(reader, account_id, person)

    # --- into the outbox -----------------------------------------------------------------------------------

    def check(self, text: str) -> tuple[Finding, ...]:
        """The findings of the pre-send check in a letter, those that must be settled first."""
        with self._store.read() as reader:
            return checks.letter_findings(reader, text)

    def items(self, account_id: int, person: str) -> list[OutboxItem]:
        """``pending`` of one person."""
        return self.pending().get((account_id, person), [])

    def pending(self) -> dict[tuple[int, str], list[OutboxItem]]:
        """By account and person: what this program has on its way to them, or has sent and not met in a reading yet.

        The oldest first; of very many the newest five hundred.
        """
        with self._store.read() as reader:
            items = outbox.letters(reader)
            shown = messages.known_items(reader, (item.id for item in items))
        found: dict[tuple[int, str], list[OutboxItem]] = {}
        for item in reversed(items):
            if item.id not in shown:
                found.setdefault((item.account_id, person_of(item)), []).append(item)
        return found

    def publish(
        self,
        account_id: int,
        person: str,
        text: str,
        subject: str,
        *,
        delay_s: float = 0.0,
        kept: Iterable[str] = (),
        override: bool = False,
        schedule_at: float | None = None,
        ask_approval: bool = False,
    ) -> Future[OutboxItem]:
        """Queue a message to a person and close its draft, in one transaction.

        The words are those of ``ReplyService.publish``. The future fails with ``NotAvailable`` (what the account
        can't do), ``AlreadyQueued`` (one is on its way to this person) or ``InvalidInput``; then nothing is queued
        and the draft is as it was.
        """
        content, head = clean(text).strip(), one_line(clean(subject), LONGEST_SUBJECT).strip()
        details: dict[str, Any] = {USERNAME: person, "subject": head}
        on_purpose = tuple(dict.fromkeys(kept))
        if on_purpose:
            details[checks.KEPT] = list(on_purpose)

        def write(tx: Tx) -> OutboxItem:
            account = next((a for a in stored_accounts.list_all(tx) if a.id == account_id), None)
            if account is None:
                raise InvalidInput(_GONE)
            reason = self._why_not(account, person)
            if reason:
                raise NotAvailable(reason)
            _check_words(self._accounts.spec(account.provider), content, head)
            live = outbox.live_letter(tx, account_id, person)
            if live is not None:
                raise AlreadyQueued(already_words(live))
            found = checks.unsettled_letter(tx, content, on_purpose)
            details[WRITTEN_BY] = author(tx)
            asked = ask_approval or asked_by_settings(tx, ActionKind.MESSAGE, account_id)
            if asked:
                details[APPROVAL_KEY] = Approval.ASKED.value
            stopped = bool(found) and not override
            held, now = stopped or asked, self._clock.now()
            draft = message_drafts.delete(tx, account_id, person)
            item = outbox.insert(
                tx,
                OutboxItem(
                    id=0,
                    kind=ActionKind.MESSAGE,
                    account_id=account_id,
                    review_id=None,
                    target=Target.PRIVATE,
                    text=content,
                    payload=details,
                    state=OutboxState.HELD if held else OutboxState.WAITING,
                    created_at=now,
                    error=ErrorInfo("conflict", checks.reason_of(found))
                    if stopped
                    else machine.APPROVAL
                    if asked
                    else None,
                    finished_at=now if held else None,
                    seen=draft.seen if draft is not None else _seen(tx, account_id, person),
                    not_before=schedule_at if schedule_at is not None else now + bounded_delay(delay_s),
                    scheduled_for=schedule_at,
                    override=override,
                ),
            )
            _journal(tx, item, "held" if held else "queued")
            if asked:
                _journal(tx, item, "approval asked")
            overridden = dict.fromkeys([*on_purpose, *(f.rule.id for f in found if override)])
            if overridden:
                _journal(tx, item, "check overridden", ", ".join(overridden))
            return item

        future = self._store.write(write)
        future.add_done_callback(lambda done: None if done.exception() else self._on_published(done.result()))
        return future


def _check_words(spec: ProviderSpec, text: str, subject: str) -> None:
    if not text:
        raise InvalidInput("There is nothing to send: the text is empty.")
    if (gap := next(iter(gaps(text)), None)) is not None:
        raise InvalidInput(f"There is a gap to fill: {gap.words}.")
    if spec.messages_need_subject and not subject:
        raise InvalidInput("A message to the customer needs a subject.")


def _seen(r: Reader, account_id: int, person: str) -> dict[str, Any]:
    return seen_of_keys(messages.keys_of_person(r, account_id, person))


def _journal(tx: Tx, item: OutboxItem, result: str, answer: str = "") -> None:
    journal.add(
        tx,
        account_id=item.account_id,
        outbox_id=item.id,
        review_id=None,
        action=item.kind.value,
        result=result,
        answer=answer,
    )


# --- for ``services.sending``: what the provider has, and what it means -------------------------------------


def read_with(provider: Provider, item: OutboxItem) -> tuple[MessageRecord, ...]:
    """The latest messages between the business and the item's person. Raises what the provider raises."""
    if not isinstance(provider, PersonMessages):
        raise NotAvailable(f"{provider.spec.title} has no list of the messages with a person.")
    return tuple(provider.messages_with(person_of(item)))


def keep_read(tx: Tx, item: OutboxItem, records: Sequence[MessageRecord]) -> None:
    """Store what was just read: the thread shows the provider's own record."""
    messages.store_messages(tx, item.account_id, records)


def conflict(r: Reader, item: OutboxItem, records: Sequence[MessageRecord]) -> machine.Conflict | None:
    """What came between the author's last look and now, or None. What this program sent is nobody's answer."""
    sent = outbox.letters_to(r, item.account_id, person_of(item), states=(OutboxState.SENT,))
    others = (other.text for other in sent if machine.text_key(other.text) != machine.text_key(item.text))
    return in_the_way(item, records, others)
