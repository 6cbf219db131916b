"""One step of one outgoing item: read again, commit, send once, judge the answer (architecture.md section 7).

All state logic is ``domain.outbox.step``; here it meets the provider and the database. Runs on the account's
worker. Every transition is one transaction that reads the row afresh, so a click of a person or another process
can never be overrun.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reviewdesk.domain import outbox as machine
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import (
    Delivery,
    ErrorInfo,
    NotAvailable,
    NotFound,
    PermissionDenied,
    ProviderError,
    ReviewdeskError,
    SecretError,
    SignInError,
    StoreError,
)
from reviewdesk.domain.letters import arrived, is_letter, is_private, seen_of_keys, was_read_before
from reviewdesk.domain.messages import MessageRecord
from reviewdesk.domain.models import (
    Account,
    ActionKind,
    Comment,
    OutboxItem,
    OutboxState,
    ProviderState,
    ReviewKind,
    ReviewRef,
    Role,
    Target,
    Thread,
)
from reviewdesk.providers.base import Action, Provider
from reviewdesk.services import letters
from reviewdesk.services.accounts import settle_seconds
from reviewdesk.services.sync import describe_failure
from reviewdesk.store import invitations, journal, outbox, reviews, threads, twins
from reviewdesk.store.database import Priority

if TYPE_CHECKING:
    from reviewdesk.services.sync import SyncService
    from reviewdesk.services.workers import Door
    from reviewdesk.store.database import Reader, Store, Tx

__all__ = ["Sender", "Timers", "of_others", "policy_for"]

_log = logging.getLogger(__name__)

# What the reading of a conversation can prove to have happened.
_READABLE = frozenset(
    {
        ActionKind.REPLY,
        ActionKind.EDIT_REPLY,
        ActionKind.DELETE_REPLY,
        ActionKind.CONVERSATION_STATE,
        ActionKind.PUBLISH,
    }
)
# What a newer comment makes worth a second look before it goes out.
_CONVERSING = frozenset({ActionKind.REPLY, ActionKind.EDIT_REPLY, ActionKind.MESSAGE, ActionKind.RESOLUTION})
# Failures that are the account's, not the item's.
_ACCOUNT_KINDS = frozenset({"network", "tls", "sign-in", "keychain", "host-key", "rate-limit"})
MAX_DEATHS = 3
_CONFLICT = 409
_COMMIT_TRIES = 3
_NO_READ_BACK = "It is not certain whether this went out, and it can't be read back. Look at the provider."


def policy_for(account: Account, item: OutboxItem, *, reads_back: bool) -> machine.Policy:
    """What the outbox machine must know of the account and of what is to be done."""
    return machine.Policy(
        settle_s=settle_seconds(account.settings),
        reads_back=reads_back and (item.kind in _READABLE or is_private(item)),
        repeats=item.kind is ActionKind.INVITE_LINK and bool(item.payload.get("offline")),
    )


class Timers:
    """Waits within one run of the program, by the monotonic clock: nobody who sets the machine's clock can cut
    an undo delay or a settle window short. A time that another process wrote is taken from the row."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[int, tuple[float, float]] = {}

    def note(self, item: OutboxItem) -> None:
        """Start (or forget) the item's wait as it stands in the row now."""
        with self._lock:
            if item.state in (OutboxState.WAITING, OutboxState.VERIFYING) and item.scheduled_for is None:
                wait = item.not_before - self._clock.now()
                self._known[item.id] = (item.not_before, self._clock.monotonic() + wait)
            else:
                self._known.pop(item.id, None)

    def seconds_left(self, item: OutboxItem) -> float:
        """How long until the item is due; 0 or less: now."""
        with self._lock:
            known = self._known.get(item.id)
        if known is not None and known[0] == item.not_before:
            return known[1] - self._clock.monotonic()
        return item.not_before - self._clock.now()


class Sender:
    """Brings items one step further. ``token`` names this process in the rows it has in hand."""

    def __init__(self, store: Store, clock: Clock, sync: SyncService, timers: Timers, token: str) -> None:
        self._store = store
        self._clock = clock
        self._sync = sync
        self._timers = timers
        self._token = token
        self._lock = threading.Lock()
        self._unwritten: dict[int, Callable[[Tx], OutboxItem | None]] = {}

    def write_what_is_left(self) -> None:
        """Commit results that could not be written when they came (a full disk, say). Raises ``StoreError``."""
        with self._lock:
            left = dict(self._unwritten)
        for item_id, write in left.items():
            following = self._store.write_now(write, priority=Priority.ACTION)
            with self._lock:
                self._unwritten.pop(item_id, None)
            if following is not None:
                self._timers.note(following)

    def work(self, item_id: int, door: Door) -> None:
        """One attempt or one read-back, if the item is still due and in nobody else's hand.

        Never raises for what a provider does; raises ``StoreError`` when the database can't be used.
        """
        item = self._store.write_now(
            lambda tx: outbox.claim(tx, item_id, self._token), priority=Priority.ACTION
        )
        if item is None:
            return
        try:
            if self._timers.seconds_left(item) > 0:
                return
            if item.state is OutboxState.WAITING:
                self._attempt(item, door)
            else:
                self._verify(item, door)
        finally:
            self._store.write_now(
                lambda tx: outbox.release(tx, item_id, self._token), priority=Priority.ACTION
            )

    # --- before the first byte ---------------------------------------------------------------------------

    def _attempt(self, item: OutboxItem, door: Door) -> None:
        if machine.too_old(item, self._clock.now()):
            self._step(item, machine.AskPerson("This is older than seven days. Send it all the same?"))
            return
        try:
            provider = door.provider()
        except ReviewdeskError as error:
            self._reading_failed(item, error)
            return
        policy = policy_for(door.account, item, reads_back=provider.spec.reads_back)
        ref = self._ref(item)
        thread: Thread | None = None
        talk: tuple[MessageRecord, ...] | None = None
        if is_private(item):
            try:
                talk = letters.read_with(provider, item)
            except ReviewdeskError as error:
                if is_letter(item) or not isinstance(error, PermissionDenied | NotAvailable):
                    self._reading_failed(item, error, policy)
                    return
                # One about a review may go out all the same; whether it arrived, only a person can tell then.
                policy = replace(policy, reads_back=False)
            self._sync.answered(item.account_id, provider.token_expires)
        if item.review_id is not None:
            if ref is None:
                self._step(item, machine.AskPerson("The review is no longer in this program."), policy)
                return
            try:
                thread = self._read(provider, ref)
            except NotFound:
                if not item.override:
                    self._step(item, machine.Conflict(machine.GONE), policy)
                    return
            except ReviewdeskError as error:
                self._reading_failed(item, error, policy)
                return
        begun = self._begin(item, thread, policy, talk)
        if begun is not None:
            self._send(begun, door, policy)

    def _read(self, provider: Provider, ref: ReviewRef) -> Thread | None:
        """The conversation as it is now, or None where the provider has no such call."""
        try:
            thread = provider.thread(ref)
        except NotAvailable:
            return None
        self._sync.answered(ref.account_id, provider.token_expires)
        return thread

    def _reading_failed(
        self, item: OutboxItem, error: ReviewdeskError, policy: machine.Policy | None = None
    ) -> None:
        if isinstance(error, StoreError):
            _log.warning("outbox %d waits for the database: %s", item.id, error.message)
            return
        info = describe_failure(error)
        retry_after = error.retry_after_s if isinstance(error, ProviderError) else None
        self._account_failed(item.account_id, error, info, retry_after)
        self._step(item, machine.ReadFailed(info, retry_after), policy)

    def _account_failed(
        self, account_id: int, error: ReviewdeskError, info: ErrorInfo, retry_after_s: float | None
    ) -> None:
        if info.kind in _ACCOUNT_KINDS:
            self._sync.failed(account_id, error, info, retry_after_s)

    def _begin(
        self,
        item: OutboxItem,
        thread: Thread | None,
        policy: machine.Policy,
        talk: Sequence[MessageRecord] | None = None,
    ) -> OutboxItem | None:
        """Store what was read and commit ``sending`` with the baseline, or hold the item; None: nothing to send."""
        now = self._clock.now()

        def begin(tx: Tx) -> OutboxItem | None:
            current = outbox.claim(tx, item.id, self._token)
            if current is None or current.state is not OutboxState.WAITING:
                return None  # somebody took it back meanwhile
            if thread is not None and current.review_id is not None:
                _keep_read(tx, current, thread)
                conflict = self._conflict(tx, current, thread)
                if conflict is not None and not current.override:
                    self._put(tx, current, machine.step(current, conflict, now, policy))
                    return None
            if talk is not None:
                letters.keep_read(tx, current, talk)
                conflict = letters.conflict(tx, current, talk)
                if conflict is not None and not current.override:
                    self._put(tx, current, machine.step(current, conflict, now, policy))
                    return None
            stop = self._twice(tx, current) or self._must_not_be_asked(tx, current)
            if stop is not None:
                self._put(tx, current, machine.step(current, stop, now, policy))
                return None
            baseline = machine.seen_of_record(thread) if thread is not None else {}
            if talk is not None:
                baseline = {**baseline, **seen_of_keys(record.key for record in talk)}
            following = machine.step(current, machine.BaselineStored(baseline), now, policy)
            outbox.update(tx, following)
            return following

        return self._store.write_now(begin, priority=Priority.ACTION)

    @staticmethod
    def _must_not_be_asked(tx: Reader, item: OutboxItem) -> machine.Conflict | None:
        """Whether the person was put on the do-not-contact list while this waited. Nobody overrides that."""
        if item.kind not in (ActionKind.INVITE_LINK, ActionKind.INVITE_EMAIL):
            return None
        if invitations.blocked(tx, str(item.payload.get("email", ""))) is None:
            return None
        return machine.Conflict("This person is on the do-not-contact list.")

    @staticmethod
    def _twice(tx: Reader, item: OutboxItem) -> machine.Conflict | None:
        """Whether the same review was, or is being, answered through another door. Nobody overrides what is unclear."""
        if item.kind is not ActionKind.REPLY or item.target is not Target.PUBLIC or item.review_id is None:
            return None
        rival = twins.rival(tx, item.review_id, begun=True)
        if rival is None or (item.override and not rival.live):
            return None
        return machine.Conflict(rival.sentence())

    @staticmethod
    def _conflict(tx: Reader, item: OutboxItem, thread: Thread) -> machine.Conflict | None:
        record = thread.review
        if record is not None and record.provider_state is ProviderState.REMOVED:
            return machine.Conflict(machine.GONE)
        if item.kind not in _CONVERSING or item.review_id is None:
            return None
        foreign = of_others(tx, item, thread.comments)
        return machine.conflict_between(item.seen, replace(thread, comments=foreign), own_text=item.text)

    # --- the request, and what it came to ----------------------------------------------------------------

    def _send(self, item: OutboxItem, door: Door, policy: machine.Policy) -> None:
        provider = door.provider()
        action = Action(
            kind=item.kind,
            review=self._ref(item),  # read again: the conversation's id may be known since the reading
            target=item.target,
            text=item.text,
            payload=item.payload,
            progress=item.progress,
        )
        event: machine.Event
        answer = ""
        said: Mapping[str, Any] = {}
        failure: ReviewdeskError | None = None
        try:
            result = provider.send(action, self._progress(item.id))
            event = machine.Accepted(result.remote_id)
            answer = result.remote_id or ""
            said = result.answer
        except SignInError as error:
            failure = error
            event = machine.SendFailed(describe_failure(error), error.delivery, error.retry_after_s)
        except ProviderError as error:
            failure = error
            info = describe_failure(error)
            if error.delivery is Delivery.UNKNOWN:
                event = machine.UnknownOutcome(ErrorInfo("unclear", error.message))
            else:
                event = machine.SendFailed(info, error.delivery, error.retry_after_s)
                if error.status == _CONFLICT and policy.reads_back:
                    event = self._stands_there(item, provider) or event
        except SecretError as error:
            failure = error
            event = machine.SendFailed(describe_failure(error), Delivery.NOT_SENT)
        except StoreError as error:
            # A side effect could not be written down: from here on nobody knows.
            event = machine.UnknownOutcome(ErrorInfo("unclear", error.message))
        except ReviewdeskError as error:
            event = machine.SendFailed(describe_failure(error), Delivery.REFUSED)
        except Exception:  # noqa: BLE001 - a mistake in a provider's code leaves the outcome open
            _log.exception("sending outbox %d failed", item.id)
            event = machine.UnknownOutcome(
                ErrorInfo("unclear", "Something went wrong inside while this was going out.")
            )
        settled = self._step(item, event, policy, answer=answer, said=said)
        if failure is not None:
            info = describe_failure(failure)
            retry_after = failure.retry_after_s if isinstance(failure, ProviderError) else None
            self._account_failed(item.account_id, failure, info, retry_after)
        if settled is not None and settled.state is OutboxState.SENT:
            self._look_at_result(settled, provider)

    def _stands_there(self, item: OutboxItem, provider: Provider) -> machine.Accepted | None:
        """After a 409: perhaps what the item wants is the case already, and only the answer to an earlier try was lost."""
        ref = self._ref(item)
        try:
            if is_private(item):
                talk = letters.read_with(provider, item)
                return machine.Accepted() if arrived(item, talk, _number(ref)) else None
            thread = self._read(provider, ref) if ref is not None else None
        except ReviewdeskError as error:
            _log.info("outbox %d met a conflict that could not be looked at: %s", item.id, error.message)
            return None
        found, remote_id = _find(item, thread) if thread is not None else (False, None)
        return machine.Accepted(remote_id) if found else None

    def _progress(self, item_id: int) -> Callable[[Mapping[str, Any]], None]:
        def keep(done: Mapping[str, Any]) -> None:
            def write(tx: Tx) -> None:
                current = outbox.get(tx, item_id)
                if current is not None:
                    outbox.update(tx, replace(current, progress={**current.progress, **done}))

            self._store.write_now(write, priority=Priority.ACTION)

        return keep

    def _look_at_result(self, item: OutboxItem, provider: Provider) -> None:
        """Read the conversation as it stands now, so that the window shows the provider's own record of it."""
        if is_private(item):
            self._look_at_messages(item, provider)
            return
        if item.review_id is None or not provider.spec.reads_back:
            return
        ref = self._ref(item)
        try:
            thread = self._read(provider, ref) if ref is not None else None
            if thread is not None:
                fresh = thread
                self._store.write_now(lambda tx: _keep_read(tx, item, fresh), priority=Priority.ACTION)
        except ReviewdeskError as error:
            _log.info("outbox %d is sent, but could not be looked at: %s", item.id, error.message)

    def _look_at_messages(self, item: OutboxItem, provider: Provider) -> None:
        try:
            talk = letters.read_with(provider, item)
            self._store.write_now(lambda tx: letters.keep_read(tx, item, talk), priority=Priority.ACTION)
        except ReviewdeskError as error:
            _log.info("outbox %d is sent, but could not be looked at: %s", item.id, error.message)

    # --- after an unclear answer -------------------------------------------------------------------------

    def _verify(self, item: OutboxItem, door: Door) -> None:
        try:
            provider = door.provider()
        except ReviewdeskError as error:
            self._reading_failed(item, error)
            return
        policy = policy_for(door.account, item, reads_back=provider.spec.reads_back)
        ref = self._ref(item)
        if is_private(item):
            self._verify_message(item, ref, provider, policy)
            return
        if ref is None:
            self._step(item, machine.AskPerson("The review is no longer in this program."), policy)
            return
        try:
            thread = provider.thread(ref)
        except NotAvailable:
            self._step(item, machine.AskPerson(_NO_READ_BACK), policy)
            return
        except NotFound:
            reason = "The review is no longer there, so nobody can see whether this went out."
            self._step(item, machine.AskPerson(reason), policy)
            return
        except ReviewdeskError as error:
            self._reading_failed(item, error, policy)
            return
        self._sync.answered(item.account_id, provider.token_expires)
        found, remote_id = _find(item, thread)
        self._step(item, machine.ReadBack(found, remote_id), policy, thread=thread)

    def _verify_message(
        self, item: OutboxItem, ref: ReviewRef | None, provider: Provider, policy: machine.Policy
    ) -> None:
        """Look among the sent ones for what went out with an unclear answer."""
        if not was_read_before(item):
            self._step(item, machine.AskPerson(_NO_READ_BACK), policy)
            return
        try:
            talk = letters.read_with(provider, item)
        except (PermissionDenied, NotAvailable):
            self._step(item, machine.AskPerson(_NO_READ_BACK), policy)
            return
        except ReviewdeskError as error:
            self._reading_failed(item, error, policy)
            return
        self._sync.answered(item.account_id, provider.token_expires)
        self._step(item, machine.ReadBack(arrived(item, talk, _number(ref))), policy, talk=talk)

    # --- transitions -------------------------------------------------------------------------------------

    def _step(
        self,
        item: OutboxItem,
        event: machine.Event,
        policy: machine.Policy | None = None,
        *,
        answer: str = "",
        thread: Thread | None = None,
        said: Mapping[str, Any] | None = None,
        talk: Sequence[MessageRecord] = (),
    ) -> OutboxItem | None:
        """Commit one transition of the row as it is now; None when the row no longer takes it."""
        chosen, now = policy or machine.Policy(), self._clock.now()

        def write(tx: Tx) -> OutboxItem | None:
            current = outbox.get(tx, item.id)
            if current is None:
                return None
            try:
                following = machine.step(current, event, now, chosen)
            except machine.TransitionError as error:
                _log.info("outbox %d: %s", item.id, error)
                return None
            if thread is not None:
                _keep_read(tx, current, thread)
            if said:
                invitations.keep_answer(tx, current, said)
                if current.kind is ActionKind.WITHDRAW_INVITE:
                    # Also of requests that were made elsewhere, which no invitation of ours stands for.
                    following = replace(following, progress={**following.progress, "answer": dict(said)})
            self._put(tx, current, following, answer)
            if talk:
                letters.keep_read(tx, following, talk)  # after it is sent: the message is tied to it
            return following

        for attempt in range(_COMMIT_TRIES):
            try:
                following = self._store.write_now(write, priority=Priority.ACTION)
                break
            except StoreError as error:
                # Tried again later; should this process die before, the row says `sending` and is read back.
                _log.warning("outbox %d could not be written (%d): %s", item.id, attempt + 1, error.message)
        else:
            with self._lock:
                self._unwritten[item.id] = write
            return None
        if following is not None:
            self._timers.note(following)
        return following

    @staticmethod
    def _put(tx: Tx, before: OutboxItem, after: OutboxItem, answer: str = "") -> None:
        outbox.update(tx, after)
        note_result(tx, before, after, answer)

    def _ref(self, item: OutboxItem) -> ReviewRef | None:
        if item.review_id is None:
            return None
        with self._store.read() as reader:
            return reviews.ref(reader, item.review_id)


def of_others(tx: Reader, item: OutboxItem, comments: tuple[Comment, ...]) -> tuple[Comment, ...]:
    """The comments without those that this program itself brought there: what it sent since is nobody's answer."""
    sent = [
        other
        for other in outbox.list_items(tx, states=(OutboxState.SENT,), review_id=item.review_id)
        if other.id != item.id
        and other.kind in (ActionKind.REPLY, ActionKind.EDIT_REPLY)
        and machine.text_key(other.text) != machine.text_key(item.text)
    ]
    ids = {other.remote_id for other in sent if other.remote_id}
    texts = {machine.text_key(other.text) for other in sent}
    return tuple(
        c
        for c in comments
        if c.role is not Role.BUSINESS or (c.id not in ids and machine.text_key(c.text) not in texts)
    )


def _keep_read(tx: Tx, item: OutboxItem, thread: Thread) -> None:
    """Store what was just read: the conversation, and the review itself where it came along."""
    if item.review_id is None:
        return
    if thread.review is not None:
        reviews.store_page(tx, item.account_id, reviews=(replace(thread.review, thread=None),))
    threads.store_thread(tx, item.review_id, thread)


def note_result(tx: Tx, before: OutboxItem | None, after: OutboxItem, answer: str = "") -> None:
    """One line of the journal for each result of an attempt: no text, no secret."""
    if before is not None and after.state == before.state and after.error == before.error:
        return
    if after.state is OutboxState.SENDING:
        return
    said = answer or (f"{after.error.kind}: {after.error.message}" if after.error else "")
    journal.add(
        tx,
        account_id=after.account_id,
        outbox_id=after.id,
        review_id=after.review_id,
        action=after.kind.value,
        result=after.state.value,
        answer=said,
    )


def _number(ref: ReviewRef | None) -> str | None:
    """Under which number messages name the review; those about a product review name none."""
    return ref.native_id if ref is not None and ref.kind is ReviewKind.BUSINESS else None


def _find(item: OutboxItem, thread: Thread) -> tuple[bool, str | None]:
    """Whether what the item wanted is the case in ``thread``."""
    if item.kind is ActionKind.CONVERSATION_STATE:
        return thread.state == item.payload.get("state"), None
    if item.kind is ActionKind.PUBLISH:
        record = thread.review
        return record is not None and record.provider_state is ProviderState.PUBLISHED, None
    if item.kind is ActionKind.DELETE_REPLY:
        wanted = item.payload.get("comment_id")
        return all(c.id != wanted for c in thread.comments), None
    comment = machine.beyond_baseline(item, thread)
    return comment is not None, comment.id if comment is not None else None
