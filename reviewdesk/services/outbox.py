"""The outbox: what waits, what is on its way, what needs a person; and the work of bringing it to its end."""

from __future__ import annotations

import logging
import math
import random
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reviewdesk.domain import outbox as machine
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import AlreadyQueued, ErrorKind, InvalidInput, ReviewdeskError, StoreError
from reviewdesk.domain.invitations.refusals import refusal
from reviewdesk.domain.letters import is_letter, person_of
from reviewdesk.domain.models import Account, AccountState, OutboxItem, OutboxState
from reviewdesk.domain.text import clean
from reviewdesk.services import checks
from reviewdesk.services.accounts import AccountService, settle_seconds
from reviewdesk.services.approval import APPROVED_KINDS, WRITTEN_BY, author, cleaned_name, own
from reviewdesk.services.locks import FileLock
from reviewdesk.services.outages import Outages
from reviewdesk.services.outbox_meanwhile import Meanwhile, meanwhile
from reviewdesk.services.replies import TEXT_KINDS
from reviewdesk.services.sending import MAX_DEATHS, Sender, Timers, note_result, policy_for
from reviewdesk.services.workers import Door, Job, Urgency, Workers
from reviewdesk.store import accounts as stored_accounts
from reviewdesk.store import invitations, journal, outbox
from reviewdesk.store.database import Priority

if TYPE_CHECKING:
    from reviewdesk.services.sync import SyncService
    from reviewdesk.store.database import Store, Tx

__all__ = ["BEYOND_SETTLE_S", "OutboxService", "Process"]

_log = logging.getLogger(__name__)

BEYOND_SETTLE_S = 120.0
_LONGEST_WAIT_S = 3600.0
_SPREAD_S = 6.0
_POLL_S = 0.5
_ALL = 1 << 40
_MOVING = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.VERIFYING)


class Process:
    """This process as the rows name it. Its lock file tells others that it lives; a killed one lets go of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.token = secrets.token_hex(8)
        self._lock = FileLock(self._file(self.token))
        self._guard = threading.Lock()

    def _file(self, token: str) -> Path:
        return self._folder / f"sender-{token}.lock"

    def appear(self) -> None:
        """Take the lock; before the first item is claimed."""
        with self._guard:
            if not self._lock.held and not self._lock.take():
                raise StoreError("The lock of this process is taken by another one.")

    def alive(self, token: str | None) -> bool:
        """Whether the process of that token still runs (this one does)."""
        if not token or not token.isalnum():
            return False
        if token == self.token:
            return True
        path = self._file(token)
        if not path.exists():
            return False
        other = FileLock(path)
        if not other.take():
            return True
        other.drop()
        path.unlink(missing_ok=True)
        return False

    def leave(self) -> None:
        """Let go of the lock at the orderly end."""
        with self._guard:
            if self._lock.held:
                self._lock.drop()
                self._file(self.token).unlink(missing_ok=True)


class OutboxJob(Job):
    """Everything of one account that is due, in order. ``forced`` items are tried even in an outage."""

    urgency = Urgency.ACTION

    def __init__(self, service: OutboxService, account_id: int, forced: Iterable[int] = ()) -> None:
        super().__init__()
        self.forced = set(forced)
        self._asked_at = service.clock.monotonic()
        self._service = service
        self._account_id = account_id

    def steps(self, door: Door) -> Iterator[None]:
        for item in self._service.due_items(self._account_id, self.forced):
            if self.cancelled.is_set():
                return
            if not self._service.may_go(item, self.forced, self._asked_at):
                continue
            try:
                self._service.sender.work(item.id, door)
            except StoreError as error:
                _log.warning("outbox %d waits for the database: %s", item.id, error.message)
            yield


class OutboxService:
    """Reads and acts on any thread; acts return futures that resolve after the commit."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accounts: AccountService,
        workers: Workers,
        sync: SyncService,
        outages: Outages,
        process: Process,
    ) -> None:
        self._store = store
        self.clock = self._clock = clock
        self._accounts = accounts
        self._workers = workers
        self._outages = outages
        self._process = process
        self.automatic = False
        """Whether a person's action starts the work at once (a window), or somebody calls ``run`` for it."""
        self._timers = Timers(clock)
        self.sender = Sender(store, clock, sync, self._timers, process.token)

    # --- reading -----------------------------------------------------------------------------------------

    def items(self, *, states: Iterable[OutboxState] | None = None, limit: int = 500) -> list[OutboxItem]:
        """Items, newest first; without ``states`` all that were not discarded."""
        wanted = (
            tuple(states)
            if states is not None
            else tuple(s for s in OutboxState if s is not OutboxState.DISCARDED)
        )
        with self._store.read() as reader:
            return list(outbox.list_items(reader, states=wanted, limit=limit))

    def item(self, item_id: int) -> OutboxItem | None:
        with self._store.read() as reader:
            return outbox.get(reader, item_id)

    def scheduled(self) -> list[float]:
        """When what was put off to a later moment goes out (UTC seconds), the soonest first."""
        with self._store.read() as reader:
            waiting = outbox.list_items(reader, states=(OutboxState.WAITING,), limit=_ALL)
        now = self._clock.now()
        return sorted(i.scheduled_for for i in waiting if (i.scheduled_for or 0.0) > now and i.scheduled_for)

    def meanwhile(self, item_id: int) -> Meanwhile | None:
        """What stands in the way of a held item (somebody's answer, the edited review), to be shown beside its text."""
        with self._store.read() as reader:
            return meanwhile(reader, item_id)

    def _moving(self, account_id: int | None = None) -> list[OutboxItem]:
        with self._store.read() as reader:
            found = outbox.list_items(reader, states=_MOVING, account_id=account_id, limit=_ALL)
        return sorted(found, key=lambda item: item.id)

    # --- a person acts -----------------------------------------------------------------------------------

    def send_now(self, item_id: int) -> Future[OutboxItem]:
        """Skip the rest of the wait."""
        return self._act(item_id, machine.RetriedByPerson(), "send now", forced=True)

    def hold(self, item_id: int) -> Future[OutboxItem]:
        """Keep it back until a person sends it."""
        return self._act(item_id, machine.Held(), "held")

    def retry(self, item_id: int, override: bool = False) -> Future[OutboxItem]:
        """Try again now, without waiting for back-off. ``override``: despite a conflict."""
        return self._act(item_id, machine.RetriedByPerson(override), "retry", forced=True)

    def ask_approval(self, item_id: int) -> Future[OutboxItem]:
        """Keep a text back until somebody has approved it, as long as it has not gone out."""
        return self._act(item_id, machine.ApprovalAsked(), "approval asked")

    def approve(self, item_id: int, by: str) -> Future[OutboxItem]:
        """Let out what waits for a second pair of eyes; ``by`` and the moment are kept with it and in the journal.

        Where something else holds it as well, that is still to be decided. The future fails with ``InvalidInput``
        without a name, with ``ReviewdeskError`` where ``by`` wrote the text (unless the settings let people approve
        their own).
        """
        who = cleaned_name(by)
        if not who:
            failed: Future[OutboxItem] = Future()
            failed.set_exception(InvalidInput("Who approves it? A name is needed."))
            return failed
        return self._act(item_id, machine.Approved(who), "approved", forced=True, answer=who)

    def discard(self, item_id: int) -> Future[OutboxItem]:
        """Take it out of the outbox; nothing is sent."""
        return self._act(item_id, machine.Discarded(), "discarded")

    def bring_back(self, item_id: int) -> Future[OutboxItem]:
        """Undo ``discard``: the item is held, with its text, until a person sends it.

        The future fails with ``AlreadyQueued`` when another one for the same review is in the outbox by now.
        """
        return self._act(item_id, machine.BroughtBack(), "brought back")

    def edit(self, item_id: int, text: str) -> Future[OutboxItem]:
        """Change the text of an item that has not gone out."""
        content = clean(text).strip()
        if not content:
            failed: Future[OutboxItem] = Future()
            failed.set_exception(InvalidInput("There is nothing to send: the text is empty."))
            return failed
        return self._act(item_id, machine.Edited(content), "edited")

    def _act(
        self, item_id: int, event: machine.Event, word: str, *, forced: bool = False, answer: str = ""
    ) -> Future[OutboxItem]:
        def write(tx: Tx) -> OutboxItem:
            item = outbox.get(tx, item_id)
            if item is None:
                raise InvalidInput(f"There is no outbox item {item_id}.")
            if isinstance(event, machine.Edited) and item.kind not in TEXT_KINDS:
                raise InvalidInput("There is no text in this item.")
            if isinstance(event, machine.ApprovalAsked) and item.kind not in APPROVED_KINDS:
                raise InvalidInput("Only a text to the customer can wait for an approval.")
            try:
                following = machine.step(item, event, self._clock.now(), self._policy(tx, item))
            except machine.TransitionError:
                if machine.awaits_approval(item):
                    raise ReviewdeskError("Somebody has to approve it first.") from None
                raise ReviewdeskError(f"This can't be done: the item is {item.state.value}.") from None
            if isinstance(event, machine.Approved) and own(tx, item, event.by):
                raise ReviewdeskError(
                    f"{event.by} wrote this text: somebody else has to approve it.",
                    remedy="Whether one may approve one’s own texts is a setting.",
                )
            if isinstance(event, machine.Edited) and item.kind in APPROVED_KINDS:
                following = replace(following, payload={**following.payload, WRITTEN_BY: author(tx)})
            if following.state is OutboxState.WAITING and item.state is OutboxState.FAILED:
                self._make_room(tx, following)
            if isinstance(event, machine.RetriedByPerson | machine.Edited | machine.Approved):
                following = self._judged(tx, following)
            outbox.update(tx, following)
            journal.add(
                tx,
                account_id=item.account_id,
                outbox_id=item.id,
                review_id=item.review_id,
                action=item.kind.value,
                result=word,
                answer=answer,
            )
            return following

        future = self._store.write(write)

        def after(done: Future[OutboxItem]) -> None:
            if done.exception() is None:
                item = done.result()
                self._timers.note(item)
                if forced and self.automatic:
                    self.kick(item.account_id, forced=(item.id,))

        future.add_done_callback(after)
        return future

    def _judged(self, tx: Tx, item: OutboxItem) -> OutboxItem:
        """A text that the pre-send check stops is held, also after a change or another try."""
        if item.state is not OutboxState.WAITING:
            return item
        found = checks.item_findings(tx, item)
        if not found:
            return item
        held = machine.Conflict(checks.reason_of(found))
        return machine.step(item, held, self._clock.now(), self._policy(tx, item))

    @staticmethod
    def _make_room(tx: Tx, item: OutboxItem) -> None:
        if is_letter(item):
            live = outbox.live_letter(tx, item.account_id, person_of(item))
            if live is not None and live.id != item.id:
                raise AlreadyQueued(
                    f"Another one to this person is in the outbox already (number {live.id})."
                )
            return
        if item.review_id is None:
            again = invitations.made_since(tx, item.id)
            if again is not None:
                raise AlreadyQueued(refusal(again))
            return
        other = outbox.live_for(tx, item.review_id, item.target, kind=item.kind)
        if other is not None and other.id != item.id:
            raise AlreadyQueued(f"Another one for this review is in the outbox already (number {other.id}).")

    def _policy(self, tx: Tx, item: OutboxItem) -> machine.Policy:
        account = stored_accounts.get(tx, item.account_id)
        return self._policy_of(account, item)

    def _policy_of(self, account: Account | None, item: OutboxItem) -> machine.Policy:
        if account is None:
            return machine.Policy()
        reads_back = self._accounts.spec(account.provider).reads_back
        return policy_for(account, item, reads_back=reads_back)

    # --- what is due ---------------------------------------------------------------------------------------

    def published(self, item: OutboxItem) -> None:
        """A new item was committed: start its wait, and its way when there is none."""
        self._timers.note(item)
        if self.automatic and self._timers.seconds_left(item) <= 0:
            self.kick(item.account_id, forced=(item.id,))

    def kick(self, account_id: int, forced: Iterable[int] = ()) -> OutboxJob:
        """Let the account's worker look at the outbox; ``forced`` items are tried even in an outage."""
        self._process.appear()
        job = OutboxJob(self, account_id, forced)
        self._workers.of(account_id).submit(job)
        return job

    def due_items(self, account_id: int, forced: set[int]) -> list[OutboxItem]:
        """The account's items that may be worked on now, in the order in which they were written."""
        return [
            item
            for item in self._moving(account_id)
            if item.state is not OutboxState.SENDING and self._left(item, forced) <= 0
        ]

    def may_go(self, item: OutboxItem, forced: set[int], asked_at: float) -> bool:
        """Whether it is still the item's turn: the account is well, and nothing of its conversation is before it.

        A forced item is tried whatever was known of the account when it was asked for; a failure since then
        counts for all of them.
        """
        account = self._accounts.get(item.account_id)
        if account is None or account.state is AccountState.PAUSED:
            return False
        outage = self._outages.get(account.id)
        known_before = outage is None or outage.failed_at < asked_at
        if not (item.id in forced and known_before) and not self._account_is_well(account):
            return False
        if item.review_id is None:
            return True
        with self._store.read() as reader:
            together = outbox.list_items(reader, states=_MOVING, review_id=item.review_id)
        now = self._clock.now()
        # What a person put off to a later day is meant to come after what is done today.
        return all(
            other.id >= item.id
            or (
                other.state is OutboxState.WAITING
                and (other.scheduled_for or 0.0) > max(now, other.created_at)
            )
            for other in together
        )

    def _account_is_well(self, account: Account) -> bool:
        outage = self._outages.get(account.id)
        if outage is not None:
            return self._outages.may_try(account.id) and outage.error.kind != ErrorKind.TLS
        # After a restart the row tells what is in the way: a sign-in that a person must renew.
        return account.state is not AccountState.SIGN_IN_NEEDED

    def _left(self, item: OutboxItem, forced: set[int]) -> float:
        """Seconds until the item may be worked on; 0 or less: now. Infinite while only a person can help."""
        left = self._timers.seconds_left(item)
        outage = self._outages.get(item.account_id)
        if outage is None or item.id in forced:
            return left
        # Nothing is sent to a server that could not prove who it is, until a sync found it trusted or a person asks.
        if outage.blocked or outage.error.kind == ErrorKind.TLS:
            return math.inf
        return max(left, outage.next_try - self._clock.monotonic())

    def tend(self) -> float | None:
        """Recover, start what is due; seconds until the next item wants to be looked at, or None.

        Called by the scheduler. Raises ``StoreError`` when the database can't be used.
        """
        self.sender.write_what_is_left()
        self.recover()
        soonest: float | None = None
        due: set[int] = set()
        for item in self._moving():
            if item.state is OutboxState.SENDING:
                continue
            left = self._left(item, set())
            if left <= 0:
                due.add(item.account_id)
            elif left != math.inf:
                soonest = left if soonest is None else min(soonest, left)
        for account_id in due:
            worker = self._workers.existing(account_id)
            account = self._accounts.get(account_id)
            idle = worker is None or not worker.find(OutboxJob)
            if idle and account is not None and account.state is not AccountState.PAUSED:
                self.kick(account_id)
        return soonest

    def _clamp(self, item: OutboxItem) -> None:
        """Somebody set the clock back: no wait of ours is longer than an hour, so this one is not either."""

        def write(tx: Tx) -> OutboxItem | None:
            current = outbox.get(tx, item.id)
            if current is None or current != item:
                return None
            clamped = replace(current, not_before=self._clock.now() + _LONGEST_WAIT_S)
            outbox.update(tx, clamped)
            return clamped

        clamped = self._store.write_now(write, priority=Priority.ACTION)
        if clamped is not None:
            self._timers.note(clamped)

    def recover(self) -> list[OutboxItem]:
        """Take up what dead processes left in hand; the items whose outcome is open by that.

        Also shortens the waits that a clock which was set back made longer than any wait of ours is.
        """
        moving = self._moving()
        if not moving:
            return []
        for item in moving:
            waits = item.state is not OutboxState.SENDING and item.scheduled_for is None
            if waits and self._timers.seconds_left(item) > _LONGEST_WAIT_S:
                self._clamp(item)

        def write(tx: Tx) -> list[OutboxItem]:
            lost = outbox.recover(tx, self._process.alive, lambda item: self._policy(tx, item))
            return [self._take_up(tx, item) for item in lost]

        taken = self._store.write_now(write, priority=Priority.ACTION)
        for item in taken:
            self._timers.note(item)
            _log.info("outbox %d was left unfinished; now %s", item.id, item.state.value)
        return taken

    def _take_up(self, tx: Tx, item: OutboxItem) -> OutboxItem:
        now, policy = self._clock.now(), self._policy(tx, item)
        following = item
        if item.attempts >= MAX_DEATHS and item.state is OutboxState.VERIFYING:
            # Perhaps this very item ends the program each time: a person looks before it may do so again.
            reason = (
                f"The program ended {item.attempts} times while this was going out. Look at the provider."
            )
            following = machine.step(item, machine.AskPerson(reason), now, policy)
        elif item.state is OutboxState.VERIFYING:
            # A clock that was set back must not make the wait for the look longer than it is.
            following = replace(item, not_before=min(item.not_before, now + policy.settle_s))
        if following != item:
            outbox.update(tx, following)
        note_result(tx, None, following)
        return following

    def adopt(self) -> None:
        """Before a job of its own works on items: this process appears, and what dead ones left is taken up."""
        self._process.appear()
        self.recover()

    def account_recovered(self, account_id: int) -> None:
        """The account works again: what waited for it goes out, spread over some seconds."""

        def write(tx: Tx) -> list[OutboxItem]:
            waiting = outbox.list_items(tx, states=(OutboxState.WAITING,), account_id=account_id, limit=_ALL)
            moved = []
            now = self._clock.now()
            for place, item in enumerate(sorted(waiting, key=lambda i: i.id)):
                share = min(_SPREAD_S, 0.5 * place) + random.uniform(0.0, 1.0)  # noqa: S311 - no secret
                following = item
                for event in (machine.SignedIn(), machine.Reachable(now + share)):
                    following = machine.step(following, event, now, machine.Policy())
                if following != item:
                    outbox.update(tx, following)
                    moved.append(following)
            return moved

        try:
            moved = self._store.write_now(write, priority=Priority.ACTION)
        except StoreError as error:
            _log.warning("the outbox could not be woken: %s", error.message)
            return
        for item in moved:
            self._timers.note(item)

    # --- the command line ----------------------------------------------------------------------------------

    def run(
        self,
        ids: Sequence[int] | None = None,
        *,
        progress: Callable[[Sequence[OutboxItem]], None] | None = None,
        stop: threading.Event | None = None,
    ) -> list[OutboxItem]:
        """Work on these items (None: everything that is due or unfinished) until each has its final state.

        Waits through the settle window and at most two minutes beyond; what is not through by then stays for the
        next run. Also returns early for what cannot move without a person or before the end of that time.
        """
        end_event = stop or threading.Event()
        self.recover()
        watched = set(ids) if ids is not None else self._due_ids()
        forced = set(watched)
        deadline: dict[int, float] = {}
        before: list[OutboxItem] | None = None
        while watched:
            items = self._as_they_stand(watched)
            if progress is not None:
                progress(items)
            for item in items:
                deadline.setdefault(item.id, self._clock.monotonic() + self._patience(item))
            going = [i for i in items if self._worth_waiting(i, deadline[i.id], forced)]
            if not going:
                break
            due = [i for i in going if i.state is not OutboxState.SENDING and self._left(i, forced) <= 0]
            if (not due or items == before) and self._wait_for(going, forced, end_event):
                break
            before = items
            if not self._do(due, forced, end_event):
                break
            forced -= {i.id for i in due}
            self.recover()
        return self._as_they_stand(watched)

    def _do(self, due: Sequence[OutboxItem], forced: set[int], stop: threading.Event) -> bool:
        """Let the workers do what is due; false when ``stop`` was set meanwhile."""
        jobs = [
            self.kick(account_id, [i.id for i in due if i.account_id == account_id and i.id in forced])
            for account_id in sorted({i.account_id for i in due})
        ]
        for job in jobs:
            while not job.done.wait(_POLL_S):
                if stop.is_set():
                    return False
        return True

    def _as_they_stand(self, ids: Iterable[int]) -> list[OutboxItem]:
        return [item for i in sorted(ids) if (item := self.item(i)) is not None]

    def _wait_for(self, items: Sequence[OutboxItem], forced: set[int], stop: threading.Event) -> bool:
        """Until the next of them is due, or some moments: another process may bring one to its end meanwhile."""
        left = min(
            (self._left(i, forced) for i in items if i.state is not OutboxState.SENDING), default=_POLL_S
        )
        return self._clock.wait(stop, max(0.05, min(left, _POLL_S)))

    def _due_ids(self) -> set[int]:
        return {
            item.id
            for item in self._moving()
            if item.state is not OutboxState.WAITING or self._timers.seconds_left(item) <= 0
        }

    def _patience(self, item: OutboxItem) -> float:
        account = self._accounts.get(item.account_id)
        settle = settle_seconds(account.settings) if account is not None else 0.0
        return settle + BEYOND_SETTLE_S

    def _worth_waiting(self, item: OutboxItem, deadline: float, forced: set[int]) -> bool:
        now = self._clock.monotonic()
        if machine.is_final(item.state) or now >= deadline:
            return False
        if item.state is OutboxState.SENDING:
            return True
        account = self._accounts.get(item.account_id)
        if account is None or account.state is AccountState.PAUSED:
            return False
        if item.id not in forced and account.state is AccountState.SIGN_IN_NEEDED:
            return False
        return now + self._left(item, forced) <= deadline
